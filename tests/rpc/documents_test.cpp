// What is made from the map: OpenRPC, the legacy table, the reference; and the schema check.
#include "rpc/legacy_table.hpp"
#include "rpc/openrpc.hpp"
#include "rpc/reference.hpp"
#include "rpc/schema_check.hpp"
#include "rpc/toy_functions.hpp"

#include <gtest/gtest.h>

namespace pep::rpc {
namespace {

json document() { return json::parse(toy::make_dispatcher().openrpc()); }

const json& method(const json& doc, const std::string& name) {
    for (const auto& m : doc["methods"])
        if (m["name"] == name)
            return m;
    return doc["no such method"];
}

TEST(OpenRpc, IsWhatDiscoverReturnsBare) {
    const json reply =
        json::parse(toy::modern(R"({"jsonrpc":"2.0","id":1,"method":"rpc.discover"})"));
    EXPECT_EQ(reply["result"], document());
    const json wrong =
        json::parse(toy::modern(R"({"jsonrpc":"2.0","id":1,"method":"rpc.discover","params":[1]})")
        );
    EXPECT_EQ(wrong["error"]["code"], -32602);
}

TEST(OpenRpc, HasTheMembersOfItsSpecification) {
    const json doc = document();
    EXPECT_EQ(doc["openrpc"], "1.3.2");
    EXPECT_EQ(doc["info"]["title"], "Toys");
    EXPECT_EQ(doc["x-limits"]["batch"], 100);
    EXPECT_EQ(doc["components"]["errors"]["busy"]["code"], -32004);
}

TEST(OpenRpc, DescribesAMethod) {
    const json doc = document();
    const json& greet = method(doc, "greet");
    EXPECT_EQ(greet["summary"], "Say something nice.");
    EXPECT_EQ(greet["description"], "Twice, if need be.");
    EXPECT_EQ(greet["tags"].dump(), R"([{"name":"Calls"}])");
    EXPECT_FALSE(greet.contains("deprecated"));
    EXPECT_EQ(greet["paramStructure"], "either");
    EXPECT_EQ(
        greet["params"].dump(),
        R"([{"name":"who","description":"to whom","required":true,)"
        R"("schema":{"$ref":"#/components/schemas/Person"}},)"
        R"({"name":"lang","description":"in which language","required":true,)"
        R"("schema":{"$ref":"#/components/schemas/Language"}},)"
        R"({"name":"full","description":"all of it","required":false,)"
        R"("schema":{"title":"full","anyOf":[{"type":"boolean"},{"type":"null"}]}}])"
    );
    const json& result = greet["result"]["schema"];
    EXPECT_EQ(result["title"], "greet_result");
    EXPECT_EQ(result["properties"]["return"]["$ref"], "#/components/schemas/Outcome");
    EXPECT_EQ(result["properties"]["out"]["required"].dump(), R"(["words"])");
    EXPECT_TRUE(method(doc, "describe")["deprecated"].get<bool>());
}

/// The specification wants optional parameters last; in an array they have their place.
TEST(OpenRpc, OffersOnlyNamesWhereOptionalParametersAreNotTheLast) {
    const json doc = document();
    const json& open = method(doc, "open_letter");
    EXPECT_EQ(open["paramStructure"], "by-name");
    std::string order;
    for (const auto& param : open["params"])
        order += param["name"].get<std::string>() + (param["required"] ? "! " : "? ");
    EXPECT_EQ(order, "src! flags! keys? ");
}

TEST(OpenRpc, ListsTheErrorsAKnownMethodCanAnswerWith) {
    const json doc = document();
    std::string names;
    for (const auto& reference : method(doc, "greet")["errors"])
        names += reference["$ref"].get<std::string>().substr(20) + " ";
    EXPECT_EQ(
        names, "invalid_params internal_error unauthorized forbidden too_large busy shutting_down "
    );
    EXPECT_EQ(doc["components"]["errors"]["unauthorized"]["data"]["reason"], "unauthorized");
    EXPECT_EQ(doc["x-http-status"]["-32001"], 401);
}

TEST(OpenRpc, ShowsTheExampleOfAFunction) {
    EXPECT_EQ(
        method(document(), "greet")["examples"].dump(),
        R"([{"name":"Greet Ann","params":[{"name":"who","value":{"name":"Ann","age":7}},)"
        R"({"name":"lang","value":"en"}],"result":{"name":"result","value":)"
        R"({"return":{"status":0},"out":{"words":"Hello Ann…"}}}}])"
    );
}

TEST(OpenRpc, TellsWhereTheServerIsOnceThatIsKnown) {
    Dispatcher dispatcher = toy::make_dispatcher();
    EXPECT_FALSE(json::parse(dispatcher.openrpc()).contains("servers"));
    dispatcher.announce_url("http://127.0.0.1:4223/rpc");
    json announced = json::parse(dispatcher.openrpc());
    EXPECT_EQ(
        announced["servers"].dump(), R"([{"name":"this server","url":"http://127.0.0.1:4223/rpc"}])"
    );
    announced.erase("servers");
    EXPECT_EQ(announced, document());
}

TEST(OpenRpc, GivesEveryTypeATitle) {
    const json doc = document();
    for (const auto& [name, schema] : doc["components"]["schemas"].items()) {
        EXPECT_EQ(schema["title"], name);
        EXPECT_FALSE(schema["description"].get<std::string>().empty()) << name;
    }
}

TEST(OpenRpc, LeavesOutWhatIsForOldClients) {
    const std::string text = toy::make_dispatcher().openrpc();
    EXPECT_EQ(text.find("only_legacy"), std::string::npos);
    EXPECT_NE(text.find("only_modern"), std::string::npos);
    EXPECT_EQ(text.find("complet\""), std::string::npos);
}

TEST(OpenRpc, DefinesEveryTypeItRefersTo) {
    const json doc = document();
    const std::string text = doc.dump();
    const std::string mark = "#/components/";
    std::size_t found = 0;
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
        const auto end = text.find('"', at);
        EXPECT_TRUE(doc.contains(json::json_pointer(text.substr(at + 1, end - at - 1))))
            << text.substr(at, end - at);
        ++found;
    }
    EXPECT_GT(found, 20U);
}

TEST(LegacyTable, ListsFunctionsOfOldClientsUnderTheirHeadings) {
    const std::string text =
        make_legacy_table({toy::calls(), toy::service()}, "3.3.25", "(71) Toys");
    EXPECT_TRUE(text.starts_with(
        "var Direction = { In:1, Out:2, InOut:3 };\n"
        "var Type = { Blob:10, String:20, StringList:25, Message:30, PEP_color:50, "
        "PEP_enc_format:51, PEP_STATUS:59, Uint16:80, Session:90 };\n"
    ));
    for (const char* part :
         {"var server_version_name = \"(71) Toys\";\n",
          "var server_version = \"3.3.25\";\n",
          "var add_sharks = false;\n",
          R"(var pEp_functions = [{"name":"Calls","separator":true},)",
          R"({"name":"take_bytes","return":"Outcome","params":[{"direction":"In","type":"BinaryString"},)"
          R"({"direction":"In","type":"Integer"},{"direction":"Out","type":"StringList"}],"separator":false})",
          R"("name":"complet","return":"Outcome","params":[{"direction":"InOut","type":"Person"}])",
          R"("name":"update","return":"Void")"})
        EXPECT_NE(text.find(part), std::string::npos) << part;
    EXPECT_EQ(text.find("only_modern"), std::string::npos);
}

TEST(LegacyTable, KeepsTheOrderItIsGiven) {
    constexpr std::string_view names[] = {"version", "no such function", "complete"};
    const LegacyGroup group{"Known", names};
    const std::string text =
        make_legacy_table({toy::calls(), toy::service()}, "1.2.3", "Toys", {&group, 1});
    std::size_t last = 0;
    for (const char* part :
         {R"([{"name":"Known","separator":true},{"name":"version")",
          R"({"name":"complete")",
          R"({"name":"Calls","separator":true},{"name":"greet")",
          R"({"name":"complet")",
          R"({"name":"Service","separator":true})"}) {
        const auto at = text.find(part);
        ASSERT_NE(at, std::string::npos) << part;
        EXPECT_GE(at, last) << part;
        EXPECT_EQ(text.find(part, at + 1), std::string::npos) << part;
        last = at;
    }
}

TEST(LegacyTable, ShowsOfSeveralShapesTheFirst) {
    const std::string text = make_legacy_table({toy::service()}, "1.2.3", "Toys");
    const std::string first =
        R"({"name":"older","return":"Integer","params":[{"direction":"In","type":"Integer"}],)";
    const auto at = text.find(first);
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(text.find(R"("name":"older")", at + 2), std::string::npos);
}

std::string reference(PageWriter& page) {
    ReferenceFrame frame;
    frame.title = "Toys <&> Games";
    frame.introduction = {"All `toys` there are."};
    frame.limits = {{"batch", 100}};
    write_reference(page, {toy::calls(), toy::service()}, frame);
    return page.finish();
}

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++n;
    return n;
}

TEST(Reference, DescribesFunctionsTypesErrorsAndLimits) {
    const std::string text = reference(*markdown_writer());
    for (const char* part :
         {"# Toys \\<&> Games\n\nAll `toys` there are.\n",
          "- [Calls](#topic-Calls): [greet](#greet) ",
          "## Calls\n",
          "### greet\n\nSay something nice. Twice, if need be.\n\n"
          "`greet(who, lang, full?)` → [Outcome](#type-Outcome)",
          "| full | in | Bool or null | all of it |",
          "| length of words | length (old dialect only) | Integer |  |",
          "Old dialect: params `[who, lang, words, length of words, full]`, a placeholder for each "
          "that is not in; outParams `[length of words, words]`.",
          "Old name: `complet`.",
          "Tries again while locked.",
          "Deprecated: of no use to new clients.",
          "### Person\n\nSomebody.",
          "| boss | [Person](#type-Person) | somebody above |",
          "| 3 | format_packed | well |",
          "| 8 | mark_kept | kept |",
          "| -32001 | 401 | unauthorized |",
          "| batch | 100 |"})
        EXPECT_NE(text.find(part), std::string::npos) << part;
}

TEST(Reference, ShowsExamplesInBothDialects) {
    const std::string text = reference(*markdown_writer());
    const auto at = text.find("**Example.** Greet Ann.");
    ASSERT_NE(at, std::string::npos);
    const std::string example = text.substr(at, 1000);
    for (const char* part :
         {R"({"jsonrpc": "2.0", "id": 1, "method": "greet", "params": {"who")",
          R"({"jsonrpc": "2.0", "id": 1, "result": {"return")",
          "\"params\": [\n  {\"name\":\"Ann\",\"age\":7},\n  \"en\",\n  \"OP\",\n"
          "  \"OP\",\n  null]}"})
        EXPECT_NE(example.find(part), std::string::npos) << part << "\n" << example;
}

/// Whether it is well formed, and whether links lead anywhere, tests/daemon/reference_test.py
/// checks by a parser.
TEST(Reference, EscapesTextInHtml) {
    const std::string text = reference(*html_writer());
    EXPECT_NE(text.find("<title>Toys &lt;&amp;&gt; Games</title>"), std::string::npos);
    EXPECT_NE(text.find("<p>All <code>toys</code> there are.</p>"), std::string::npos);
    EXPECT_EQ(text.find("<&>"), std::string::npos);
    EXPECT_NE(text.find("&quot;method&quot;: &quot;greet&quot;"), std::string::npos);
}

TEST(Reference, GivesEveryShapeOfAFunctionAnAnchorOfItsOwn) {
    const std::string text = reference(*html_writer());
    EXPECT_EQ(count(text, "<h3 id=\"older\">"), 1U);
    EXPECT_EQ(count(text, "<h3 id=\"older-2-legacy\">"), 1U);
    EXPECT_EQ(count(text, "<a href=\"#older\">older</a>"), 2U); // contents and heading
}

TEST(Rich, TakesWhatIsBetweenBackticksForCode) {
    const Rich prose{"see `a|b` or `c`"};
    ASSERT_EQ(prose.pieces().size(), 4U);
    EXPECT_EQ(prose.pieces()[1].text, "a|b");
    EXPECT_EQ(prose.pieces()[1].kind, Rich::Kind::code);
    EXPECT_EQ(prose.pieces()[2].text, " or ");
    EXPECT_EQ(prose.pieces()[2].kind, Rich::Kind::text);
    EXPECT_EQ(prose.pieces()[3].kind, Rich::Kind::code);
    EXPECT_TRUE(Rich{""}.pieces().empty());
}

TEST(SchemaCheck, FindsTheFirstDifference) {
    const json schema = json::parse(
        R"({"type":"object","properties":{"n":{"type":"integer","minimum":0,"maximum":9},)"
        R"("l":{"type":"array","items":{"$ref":"#/x/S"}},"e":{"type":"integer","enum":[1,2]}},)"
        R"("required":["n"],"additionalProperties":false})"
    );
    const json definitions = json::parse(R"({"S":{"anyOf":[{"type":"string"},{"type":"null"}]}})");
    const auto check = [&](const char* text) {
        return find_difference(json::parse(text), schema, definitions).value_or("fits");
    };
    EXPECT_EQ(check(R"({"n":1,"l":["a",null],"e":2})"), "fits");
    EXPECT_EQ(check(R"({})"), "/n: required");
    EXPECT_EQ(check(R"({"n":10})"), "/n: range");
    EXPECT_EQ(check(R"({"n":"1"})"), "/n: type");
    EXPECT_EQ(check(R"({"n":1,"l":["a",2]})"), "/l/1: anyOf");
    EXPECT_EQ(check(R"({"n":1,"e":3})"), "/e: enum");
    EXPECT_EQ(check(R"({"n":1,"z":3})"), "/z: additionalProperties");
    const json counters = json::parse(R"({"additionalProperties":{"type":"integer"}})");
    EXPECT_EQ(find_difference(json::parse(R"({"a":1})"), counters, {}), std::nullopt);
    EXPECT_EQ(find_difference(json::parse(R"({"a":"1"})"), counters, {}), "/a: type");
}

} // namespace
} // namespace pep::rpc
