// Words of a command line become parameters as a schema says.
#include "client/arguments.hpp"

#include <gtest/gtest.h>

namespace pep::client {
namespace {

/// A function with a parameter of each shape.
const Json& openrpc() {
    static const Json document = Json::parse(R"({
    "methods": [{"name": "toy", "params": [
        {"name": "text", "schema": {"type": "string"}},
        {"name": "bytes", "schema": {"type": "string", "contentEncoding": "base64"}},
        {"name": "count", "schema": {"type": "integer"}},
        {"name": "ratio", "schema": {"type": "number"}},
        {"name": "flag", "schema": {"type": "boolean"}},
        {"name": "colour", "schema": {"$ref": "#/components/schemas/Colour"}},
        {"name": "bits", "schema": {"anyOf": [{"$ref": "#/components/schemas/Bits"}, {"type": "null"}]}},
        {"name": "box", "schema": {"$ref": "#/components/schemas/Box"}},
        {"name": "list", "schema": {"type": "array", "items": {"type": "string"}}},
        {"name": "secret", "schema": {"type": "string", "format": "password"}},
        {"name": "loop", "schema": {"$ref": "#/components/schemas/Loop"}}
    ]}],
    "components": {"schemas": {
        "Colour": {"type": "integer", "enum": [0, 7], "x-enum-varnames": ["RED", "BLUE"]},
        "Bits": {"type": "integer", "x-bits": [{"value": 1, "name": "B_ONE"}, {"value": 4, "name": "B_FOUR"}]},
        "Box": {"type": "object", "properties": {
            "label": {"type": "string"}, "size": {"type": "integer"},
            "inner": {"$ref": "#/components/schemas/Box"},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Box"}}}},
        "Loop": {"$ref": "#/components/schemas/Loop"}
    }}})");
    return document;
}

struct Made {
    Expected<Json> params;
    std::vector<std::string> warnings;
};

Made make(const std::vector<std::string>& words) {
    const Document document{openrpc()};
    Made made;
    auto arguments = parse_arguments(words);
    if (!arguments) {
        made.params = fail(arguments);
        return made;
    }
    const auto read = [](const std::string& name) -> Expected<std::string> {
        if (name == "bytes.bin")
            return std::string{"\x00\xff", 2};
        if (name == "value.json")
            return std::string{R"({"label":"from file"})"};
        if (name == "-")
            return std::string{"open sesame\r\n"};
        return fail(2, "cannot be read");
    };
    made.params = make_params(*arguments, *document.method("toy"), document, read, made.warnings);
    return made;
}

std::string params(const std::vector<std::string>& words) {
    auto made = make(words);
    return made.params ? made.params->dump() : made.params.error().message;
}

std::string refusal(const std::vector<std::string>& words) {
    auto made = make(words);
    if (made.params)
        return "accepted: " + made.params->dump();
    EXPECT_EQ(made.params.error().code, 2);
    return made.params.error().message;
}

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

TEST(Arguments, TakeTextsAsTheyAre) {
    EXPECT_EQ(params({"text=7"}), R"({"text":"7"})");
    EXPECT_EQ(params({"text={\"a\":1}"}), R"({"text":"{\"a\":1}"})");
    EXPECT_EQ(params({"text=null"}), R"({"text":"null"})");
    EXPECT_EQ(params({"text="}), R"({"text":""})");
    EXPECT_EQ(params({"text=a=b:=c"}), R"({"text":"a=b:=c"})");
    EXPECT_EQ(params({"text=p\u2261p"}), "{\"text\":\"p\u2261p\"}");
}

TEST(Arguments, TakeNumbersAndBooleansWhereTheSchemaWantsThem) {
    EXPECT_EQ(params({"count=-7"}), R"({"count":-7})");
    EXPECT_EQ(params({"count=18446744073709551615"}), R"({"count":18446744073709551615})");
    EXPECT_EQ(params({"flag=true"}), R"({"flag":true})");
    EXPECT_EQ(params({"ratio=0.5"}), R"({"ratio":0.5})");
    EXPECT_TRUE(contains(refusal({"count=seven"}), "count: wants a whole number"));
    EXPECT_TRUE(contains(refusal({"count=1.5"}), "whole number"));
    EXPECT_TRUE(contains(refusal({"flag=yes"}), "flag: wants true or false"));
}

TEST(Arguments, TakeConstantsByNumberAndName) {
    EXPECT_EQ(params({"colour=7"}), R"({"colour":7})");
    EXPECT_EQ(params({"colour=BLUE"}), R"({"colour":"BLUE"})");
    EXPECT_TRUE(contains(refusal({"colour=GREEN"}), "RED, BLUE"));
    EXPECT_EQ(params({"bits=B_ONE|B_FOUR"}), R"({"bits":5})");
    EXPECT_EQ(params({"bits=2"}), R"({"bits":2})");
    EXPECT_TRUE(contains(refusal({"bits=B_TWO"}), "B_ONE, B_FOUR"));
}

TEST(Arguments, TakeJsonByForceOrWhereAStructureIsWanted) {
    EXPECT_EQ(params({"text:=null"}), R"({"text":null})");
    EXPECT_EQ(params({"list=[\"a\"]"}), R"({"list":["a"]})");
    EXPECT_EQ(params({"box={\"size\":1}"}), R"({"box":{"size":1}})");
    EXPECT_TRUE(contains(refusal({"list=a"}), "list: wants a list as JSON"));
    EXPECT_TRUE(contains(refusal({"text:={"}), "no valid JSON"));
    EXPECT_TRUE(make({"text:=" + std::string(64, '[') + std::string(64, ']')}).params);
    EXPECT_TRUE(
        contains(refusal({"text:=" + std::string(65, '[') + std::string(65, ']')}), "64 levels")
    );
}

TEST(Arguments, BuildObjectsAndListsFromPaths) {
    EXPECT_EQ(
        params({"box.label=a", "box.inner.size=3", "box.parts.0.label=x", "box.parts.1.size=1"}),
        R"({"box":{"label":"a","inner":{"size":3},"parts":[{"label":"x"},{"size":1}]}})"
    );
    EXPECT_EQ(params({"list.0=a", "list.1=b"}), R"({"list":["a","b"]})");
    EXPECT_EQ(params({"box:={\"size\":1}", "box.label=a"}), R"({"box":{"size":1,"label":"a"}})");
}

TEST(Arguments, RefusePathsTheSchemaDoesNotKnow) {
    EXPECT_TRUE(contains(refusal({"tetx=a"}), "Did you mean text?"));
    EXPECT_TRUE(contains(refusal({"box.lable=a"}), "Did you mean label?"));
    EXPECT_TRUE(contains(refusal({"text.a=b"}), "text.a: has no member a"));
    EXPECT_TRUE(contains(refusal({"list.first=b"}), "numbered from 0"));
    EXPECT_TRUE(contains(refusal({"list.1=b"}), "in order"));
    EXPECT_TRUE(contains(refusal({"list.99999999999999999999=b"}), "numbered from 0"));
    EXPECT_TRUE(contains(refusal({"loop.a=b"}), "no member"));
}

TEST(Arguments, RefuseWhatIsGivenTwice) {
    EXPECT_TRUE(contains(refusal({"text=a", "text=b"}), "text: is given twice"));
    EXPECT_TRUE(contains(refusal({"box.size=1", "box={}"}), "box: is given twice"));
    EXPECT_TRUE(contains(refusal({"box={\"size\":1}", "box.size=2"}), "box.size: is given twice"));
    EXPECT_TRUE(contains(refusal({"box:=7", "box.size=2"}), "as a whole and by its members"));
}

TEST(Arguments, RefuseWhatIsNoAssignment) {
    for (const char* word : {"word", "=a", ":=1", "a..b=1", ".a=1", "a.=1", "text=@", "text:=@"})
        EXPECT_FALSE(contains(refusal({word}), "accepted")) << word;
    std::string deep = "box";
    for (int i = 0; i < 40; ++i)
        deep += ".inner";
    EXPECT_TRUE(contains(refusal({deep + ".size=1"}), "too many dots"));
}

TEST(Arguments, ReadFilesAsTheSchemaWantsThem) {
    EXPECT_EQ(params({"bytes=@bytes.bin"}), R"({"bytes":"AP8="})");
    EXPECT_EQ(params({"text=@value.json"}), R"({"text":"{\"label\":\"from file\"}"})");
    EXPECT_EQ(params({"box=@value.json"}), R"({"box":{"label":"from file"}})");
    EXPECT_EQ(params({"text:=@value.json"}), R"({"text":{"label":"from file"}})");
    EXPECT_TRUE(contains(refusal({"text=@bytes.bin"}), "not UTF-8"));
    EXPECT_TRUE(contains(refusal({"text=@missing"}), "cannot be read"));
}

TEST(Arguments, DropTheLineBreakBehindASecretOnly) {
    EXPECT_EQ(params({"secret=@-"}), R"({"secret":"open sesame"})");
    EXPECT_EQ(params({"text=@-"}), R"({"text":"open sesame\r\n"})");
}

TEST(Arguments, WarnOfSecretsInArguments) {
    EXPECT_EQ(make({"secret=@-", "text=a"}).warnings.size(), 0U);
    EXPECT_EQ(make({"secret="}).warnings.size(), 0U);
    for (const char* word : {"secret=hunter2", "secret:=\"hunter2\""}) {
        const auto warnings = make({word}).warnings;
        ASSERT_EQ(warnings.size(), 1U);
        EXPECT_TRUE(contains(warnings.front(), "secret=@-"));
        EXPECT_FALSE(contains(warnings.front(), "hunter2"));
    }
}

TEST(Arguments, NeverRepeatValuesInRefusals) {
    for (const char* word :
         {"count=MARKER",
          "flag=MARKER",
          "colour=MARKER",
          "bits=MARKER",
          "list=MARKER",
          "text:=MARKER"})
        EXPECT_FALSE(contains(refusal({word}), "MARKER")) << word;
}

TEST(NearNames, AreFewAndBestFirst) {
    const std::vector<std::string> names{"encrypt_message", "decrypt_message", "myself", "version"};
    EXPECT_EQ(near_names("myslf", names), std::vector<std::string>{"myself"});
    EXPECT_EQ(near_names("Version", names), std::vector<std::string>{"version"});
    EXPECT_EQ(
        near_names("message", names),
        (std::vector<std::string>{"encrypt_message", "decrypt_message"})
    );
    EXPECT_TRUE(near_names("zzzzzzzz", names).empty());
    EXPECT_EQ(suggestion("encrypt_mesage", names).substr(0, 30), " Did you mean encrypt_message ");
}

} // namespace
} // namespace pep::client
