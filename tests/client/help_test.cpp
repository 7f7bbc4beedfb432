// What --list and --help METHOD make of a document, here a small one.
#include "client/help.hpp"

#include <gtest/gtest.h>

namespace pep::client {
namespace {

const Json& openrpc() {
    static const Json document = Json::parse(R"({
    "methods": [
        {"name": "paint", "summary": "Paint a box. Dries by itself.", "tags": [{"name": "Boxes"}],
         "params": [
            {"name": "box", "description": "what to paint", "required": true,
             "schema": {"$ref": "#/components/schemas/Box"}},
            {"name": "key", "description": "opens it", "required": false,
             "schema": {"anyOf": [{"type": "string", "format": "password"}, {"type": "null"}]}}],
         "result": {"schema": {"properties": {
            "return": {"type": "boolean"},
            "out": {"properties": {"area": {"type": "integer", "description": "in square metres"}}}}}},
         "errors": [{"$ref": "#/components/errors/busy"}],
         "examples": [{"name": "one", "params": [{"name": "box", "value": {"label": "Ann's"}}],
                       "result": {"name": "result", "value": {"return": true, "out": {"area": 2}}}}]},
        {"name": "ping", "summary": "Answers.", "tags": [{"name": "Server"}], "params": []}],
    "components": {
        "schemas": {
            "Box": {"type": "object", "description": "A box.", "properties": {
                "label": {"type": "string", "description": "on the lid"},
                "colour": {"$ref": "#/components/schemas/Colour"},
                "inner": {"$ref": "#/components/schemas/Box"}}},
            "Colour": {"type": "integer", "description": "Paints.", "enum": [0, 7],
                       "x-enum-varnames": ["RED", "BLUE"], "x-enum-descriptions": ["warm", "cold"]}},
        "errors": {"busy": {"code": -32004, "message": "Busy"}}}})");
    return document;
}

std::string help(std::string_view name) {
    const Document document{openrpc()};
    return help_for_method(document, *document.method(name));
}

TEST(ListOfMethods, GroupsByTopicWithOneSentenceEach) {
    EXPECT_EQ(
        list_of_methods(Document{openrpc()}),
        "Boxes:\n  paint                       Paint a box.\n"
        "\nServer:\n  ping                        Answers.\n"
    );
}

TEST(HelpForMethod, ShowsHowToCallIt) {
    EXPECT_TRUE(help("paint").starts_with(
        "usage: pep-rpc paint box.MEMBER=… [key=@-]\n\nPaint a box. Dries by itself.\n"
    ));
    EXPECT_TRUE(help("ping").starts_with("usage: pep-rpc ping\n\nAnswers.\n\nno parameters\n"));
}

TEST(HelpForMethod, ExplainsParametersResultsTypesAndErrors) {
    const auto text = help("paint");
    for (const char* part :
         {"\n  box: Box                  what to paint\n",
          "\n  key: text                 opens it (may be left out)\n",
          "\n  return: true or false\n",
          "\n  out area: number          in square metres\n",
          "\n  Box                       A box.\n",
          "\n    label: text                         on the lid\n",
          "\n    colour: Colour\n",
          "\n    7 BLUE                              cold\n",
          "\n  -32004 Busy\n"})
        EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
}

TEST(HelpForMethod, ExplainsATypeOnceThoughItContainsItself) {
    const auto text = help("paint");
    EXPECT_EQ(text.find("A box."), text.rfind("A box."));
}

TEST(HelpForMethod, QuotesExamplesForTheShell) {
    EXPECT_NE(
        help("paint").find("pep-rpc paint '{\"box\":{\"label\":\"Ann'\\''s\"}}'\n  → "
                           "{\"return\":true,\"out\":{\"area\":2}}\n"),
        std::string::npos
    ) << help("paint");
}

TEST(HelpForMethod, SurvivesADocumentThatLacksEverything) {
    const auto document = Json::parse(R"({"methods":[{"name":"x"},{},{"params":[{}]}]})");
    const Document view{document};
    EXPECT_TRUE(help_for_method(view, *view.method("x")).starts_with("usage: pep-rpc x\n"));
    EXPECT_FALSE(list_of_methods(view).empty());
    EXPECT_EQ(view.method("y"), nullptr);
    EXPECT_TRUE(Document{Json::array()}.method_names().empty());
}

} // namespace
} // namespace pep::client
