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
    EXPECT_EQ(greet["tags"].dump(), R"([{"name":"Calls"}])");
    EXPECT_EQ(
        greet["params"].dump(),
        R"([{"name":"who","description":"to whom","required":true,)"
        R"("schema":{"$ref":"#/components/schemas/Person"}},)"
        R"({"name":"lang","description":"in which language","required":true,)"
        R"("schema":{"$ref":"#/components/schemas/Language"}},)"
        R"({"name":"full","description":"all of it","required":false,)"
        R"("schema":{"anyOf":[{"type":"boolean"},{"type":"null"}]}}])"
    );
    const json& result = greet["result"]["schema"];
    EXPECT_EQ(result["properties"]["return"]["$ref"], "#/components/schemas/Outcome");
    EXPECT_EQ(result["properties"]["out"]["required"].dump(), R"(["words"])");
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

TEST(Reference, DescribesFunctionsTypesAndErrors) {
    const std::string text = make_reference({toy::calls()}, "Toys");
    for (const char* part :
         {"# Toys\n",
          "## Calls\n",
          "### greet\n\nSay something nice.\n\n`greet(who, lang, full?)` → Outcome",
          "| full | in | Bool or null | all of it |",
          "Old name: `complet`.",
          "Tries again while locked.",
          "### Person\n\nSomebody.",
          "| boss | Person | somebody above |",
          "| 3 | format_packed | well |",
          "| 8 | mark_kept | kept |",
          "| -32001 | 401 | unauthorized |"})
        EXPECT_NE(text.find(part), std::string::npos) << part;
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
}

} // namespace
} // namespace pep::rpc
