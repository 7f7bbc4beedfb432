// The reader's strictness and the writer's form.
#include "rpc/json_reader.hpp"
#include "rpc/json_writer.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace pep::rpc {
namespace {

std::string reread(const std::string& text) {
    const auto document = read_json(text);
    return document ? to_text(*document) : "refused: " + document.error().reason;
}

TEST(JsonReader, ReadsEveryKindOfValue) {
    EXPECT_EQ(
        reread(R"( {"a":[1,-2,true,false,null,"x"],"b":{},"c":[],"":{"d":[[]]}} )"),
        R"({"a":[1,-2,true,false,null,"x"],"b":{},"c":[],"":{"d":[[]]}})"
    );
    EXPECT_EQ(reread("7"), "7");
    EXPECT_EQ(reread(" \"x\" "), "\"x\"");
    EXPECT_EQ(reread("null"), "null");
}

TEST(JsonReader, UnescapesStringsAndNames) {
    EXPECT_EQ(reread(R"({"\u0061\n":"\u00e9\ud83d\ude00\/"})"), "{\"a\\n\":\"é😀/\"}");
    EXPECT_EQ(reread(R"("a\u0000b")"), R"("a\u0000b")");
    const std::string big = std::string(100000, 'x') + "\\n";
    EXPECT_EQ(reread("[\"" + big + "\"]"), "[\"" + big + "\"]");
}

TEST(JsonReader, KeepsIntegersOf64BitsAndTheTextOfOtherNumbers) {
    EXPECT_EQ(
        reread("[9223372036854775807,-9223372036854775808,18446744073709551615]"),
        "[9223372036854775807,-9223372036854775808,18446744073709551615]"
    );
    for (const char* number :
         {"1.0", "3.9", "1e3", "1E+400", "-0", "-0.0", "123456789012345678901234567890"})
        EXPECT_EQ(reread(number), number);
    EXPECT_TRUE(read_json("1.0")->is_binary());
    EXPECT_TRUE(read_json("10")->is_number_integer());
}

TEST(JsonReader, RefusesBrokenDocuments) {
    for (const char* text :
         {"{",
          "[",
          "[1",
          "{\"a\":1",
          "{\"a\"}",
          "{\"a\":}",
          "{a:1}",
          "[1,]",
          "{\"a\":1,}",
          "[,1]",
          "[1 2]",
          "{\"a\":1 \"b\":2}",
          "[1}",
          "{\"a\":[1,2}",
          "01",
          "[01]",
          "[1.]",
          "[.5]",
          "[+1]",
          "[-]",
          "[1e]",
          "[nul]",
          "[truex]",
          "[NaN]",
          "['a']",
          "[\"a]",
          "[\"\\x41\"]",
          "[\"\\ud800\"]",
          "[\"a\nb\"]",
          "[1]//c",
          "/**/[1]",
          "tru",
          "{\"a\" 1}",
          "1]",
          "3\v",
          "[1\f]",
          "{\"a\":true\v}"})
        EXPECT_TRUE(reread(text).starts_with("refused: ")) << text << " gave " << reread(text);
}

TEST(JsonReader, RefusesTextBehindTheDocument) {
    EXPECT_EQ(reread("{} {}").substr(0, 8), "refused:");
    EXPECT_EQ(reread("{}]").substr(0, 8), "refused:");
    EXPECT_EQ(reread("[1]1").substr(0, 8), "refused:");
    EXPECT_EQ(reread("[1],[2]"), "refused: trailing_text");
    EXPECT_EQ(reread("1,2").substr(0, 8), "refused:");
}

TEST(JsonReader, RefusesByteOrderMarkAndInvalidUtf8) {
    EXPECT_EQ(reread("\xEF\xBB\xBF{}"), "refused: byte_order_mark");
    EXPECT_EQ(reread("[\"\xFF\"]"), "refused: invalid_utf8");
    EXPECT_EQ(reread("[\"\xED\xA0\x80\"]"), "refused: invalid_utf8");
    EXPECT_EQ(reread("[\"\xC0\xAF\"]"), "refused: invalid_utf8");
}

TEST(JsonReader, RefusesEmptyBodies) {
    EXPECT_EQ(reread(""), "refused: empty");
    EXPECT_EQ(reread(" \r\n"), "refused: empty");
}

TEST(JsonReader, RefusesDuplicateMembersAtAnyDepth) {
    EXPECT_EQ(reread(R"({"a":1,"a":1})"), "refused: duplicate_member");
    EXPECT_EQ(reread(R"([{"x":{"a":1,"b":2,"\u0061":3}}])"), "refused: duplicate_member");
    EXPECT_EQ(reread(R"({"a":{"a":1},"b":{"a":1}})"), R"({"a":{"a":1},"b":{"a":1}})");
}

TEST(JsonReader, NestsUpTo64LevelsAndNoFurther) {
    const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
    EXPECT_EQ(reread(nested(64)), nested(64));
    EXPECT_EQ(reread(nested(65)), "refused: too_deep");
    EXPECT_EQ(reread(nested(100000)), "refused: too_deep");
    EXPECT_TRUE(reread(std::string(100000, '[')).starts_with("refused:"));
    std::string objects;
    for (int i = 0; i < 1000; ++i)
        objects += R"({"a":)";
    EXPECT_TRUE(reread(objects).starts_with("refused:"));
}

/// Whatever the reader accepts, a second, independent parser accepts as well.
TEST(JsonReader, AcceptsNothingAnotherParserRefuses) {
    const std::string good =
        R"({"jsonrpc":"2.0","id":1.5e3,"params":[{"a":"\u00e9\n"},[true,null,-7]],"x":{}})";
    static constexpr std::string_view spice = "{}[],:\"\\ntf0-9.eEu \x01\xC3";
    std::mt19937 random{20}; // NOLINT(cert-msc51-cpp): reproducible on purpose
    for (int round = 0; round < 20000; ++round) {
        std::string text = good;
        for (int edits = 1 + static_cast<int>(random() % 3); edits > 0; --edits)
            text[random() % text.size()] = spice[random() % spice.size()];
        if (read_json(text)) {
            EXPECT_TRUE(json::accept(text)) << text;
        }
    }
}

TEST(JsonWriter, EscapesAsExistingClientsKnowIt) {
    std::string controls = "\b\f\n\r\t\"\\/";
    controls += '\x01';
    controls += '\x1F';
    controls += '\x7F';
    std::string out;
    write_string(out, controls);
    EXPECT_EQ(out, R"("\b\f\n\r\t\"\\/\u0001\u001F\u007F")");
}

// Eight bytes are looked at in one go; whatever needs an escape is followed by the byte that
// differs from it by one, which needs none.
TEST(JsonWriter, EscapesAtEveryPlaceOfABlock) {
    const std::map<std::string, std::string> escaped{
        {"\"#", "\\\"#"},
        {"\\]", "\\\\]"},
        {"\x1F ", "\\u001F "},
        {"\x7F\u0080", "\\u007F\u0080"},
        {"\n\"\"", "\\n\\\"\\\""}};
    for (const auto& [text, expected] : escaped)
        for (std::size_t at = 0; at < 24; ++at) {
            const std::string before(at, 'a'), behind(24 - at, 'b');
            std::string out;
            write_string(out, before + text + behind);
            EXPECT_EQ(out, '"' + before + expected + behind + '"');
        }
}

TEST(JsonWriter, LeavesUtf8Raw) {
    std::string out;
    write_string(out, "é😀\u2028");
    EXPECT_EQ(out, "\"é😀\u2028\"");
}

TEST(JsonWriter, IsCompactAndKeepsTheOrder) {
    json j = json::object();
    j["b"] = json::array({1, nullptr, true});
    j["a"] = json::object();
    EXPECT_EQ(to_text(j), R"({"b":[1,null,true],"a":{}})");
    EXPECT_EQ(to_text(json::array()), "[]");
    EXPECT_EQ(to_text(json(18446744073709551615U)), "18446744073709551615");
}

TEST(JsonReader, TakesAnotherDepth) {
    EXPECT_TRUE(read_json("[[1]]", {.depth = 2}));
    EXPECT_FALSE(read_json("[[[1]]]", {.depth = 2}));
    EXPECT_TRUE(read_json("7", {.depth = 0}));
}

TEST(JsonReader, CountsValuesOfAllKinds) {
    EXPECT_TRUE(read_json(R"({"a":[1,{}],"b":"c"})", {.values = 4}));
    const auto refused = read_json(R"({"a":[1,{}],"b":"c"})", {.values = 3});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "too_many_values");
    EXPECT_EQ(refused.error().code, -32700);
}

} // namespace
} // namespace pep::rpc
