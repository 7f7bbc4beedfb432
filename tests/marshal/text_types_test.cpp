// C strings, base64, languages, secrets.
#include "marshal/check.hpp"
#include "marshal/scalar.hpp"
#include "marshal/text_types.hpp"

namespace pep::marshal {
namespace {

json broken_utf8() {
    json j;
    j = std::string("a\xC3(");
    return j;
}

TEST(CString, PassesUtf8) {
    EXPECT_EQ(round_trip<const char*>("\"Zoë ✉\""), "\"Zoë ✉\"");
    EXPECT_EQ(round_trip<char*>("\"\""), "\"\"");
}

TEST(CString, RefusesOtherTypes) {
    EXPECT_EQ(refusal<const char*>("7"), "wrong_type at /x: expected a string");
    EXPECT_EQ(refusal<const char*>("null"), "wrong_type at /x: expected a string");
    EXPECT_EQ(refusal<char*>("[\"a\"]"), "wrong_type at /x: expected a string");
}

TEST(CString, RefusesNulThatWouldCutIt) {
    EXPECT_EQ(
        refusal<const char*>(R"("secret\u0000tail")"),
        "nul_character at /x: expected text without U+0000"
    );
    EXPECT_NE(refusal<char*>(R"("\u0000")"), "");
    EXPECT_EQ(refusal<std::string>(R"("a\u0000b")"), "");
}

TEST(CString, RefusesInvalidUtf8InBothDirections) {
    const Path root;
    const auto in = Type<const char*>::decode(broken_utf8(), root);
    ASSERT_FALSE(in);
    EXPECT_TRUE(is(in.error(), Fault::invalid_utf8));
    const auto out = Type<char*>::encode("a\xC3(", root);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().message, "UTF-8");
    EXPECT_FALSE(Type<std::string>::encode("\xFF", root));
}

TEST(CString, NullBecomesNull) {
    const Path root;
    EXPECT_EQ(Type<const char*>::encode(nullptr, root)->dump(), "null");
}

TEST(CString, TakingMovesTheTextOut) {
    const Path root;
    json j = std::string(100, 'a');
    const char* before = j.get_ref<std::string&>().data();
    const auto taken = take<const char*>(j, root);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->data(), before);
}

TEST(Base64, DecodesAsLenientlyAsOldClientsNeed) {
    const Path root;
    EXPECT_EQ(*Type<Base64>::decode(json("SGFsbG8="), root), "Hallo");
    EXPECT_EQ(*Type<Base64>::decode(json("SGFs\nbG8"), root), "Hallo");
    EXPECT_EQ(Type<Base64>::decode(json("AAEA"), root)->size(), 3U);
    EXPECT_EQ(refusal<Base64>("\"a-_b\""), "invalid_base64 at /x: expected base64");
    EXPECT_EQ(refusal<Base64>("7"), "wrong_type at /x: expected a base64 string");
}

TEST(Base64, CountsBytesAndKeepsNul) {
    const Path root;
    auto holder = Type<Base64>::decode(json("AAEA"), root);
    EXPECT_EQ(Type<Base64>::bytes(*holder), 3U);
    EXPECT_EQ(Type<Base64>::encode(Type<Base64>::get(*holder), root)->dump(), "\"AAEA\"");
}

TEST(Language, IsTwoLettersOfEitherCase) {
    EXPECT_EQ(round_trip<Language>("\"EN\""), "\"en\"");
    EXPECT_EQ(round_trip<Language>("\"de\""), "\"de\"");
    for (const char* text : {"\"\"", "\"e\"", "\"eng\"", "\"1a\"", "\"ä\""})
        EXPECT_EQ(
            refusal<Language>(text), "malformed at /x: expected a language code of two letters"
        ) << text;
    EXPECT_EQ(refusal<Language>("7"), "wrong_type at /x: expected a string");
}

TEST(SecretText, ComesInWipesItsSourceAndNeverGoesOut) {
    static_assert(Readable<SecretText> && !Writable<SecretText>);
    const Path root;
    json j = "correct horse";
    const auto secret = take<SecretText>(j, root);
    ASSERT_TRUE(secret);
    EXPECT_EQ(secret->reveal(), "correct horse");
    EXPECT_EQ(j.get<std::string>().find("horse"), std::string::npos);
    EXPECT_EQ(
        schema_of<SecretText>().dump(), R"({"type":"string","format":"password","writeOnly":true})"
    );
}

TEST(Errors, NeverContainTheOffendingValue) {
    for (const char* text : {R"("MARKER\u0000")", R"(["MARKER"])", R"({"MARKER":1})"}) {
        EXPECT_EQ(refusal<const char*>(text).find("MARKER"), std::string::npos);
        EXPECT_EQ(refusal<Base64>(text).find("MARKER"), std::string::npos);
        EXPECT_EQ(refusal<Language>(text).find("MARKER"), std::string::npos);
        EXPECT_EQ(refusal<int>(text).find("MARKER"), std::string::npos);
    }
}

} // namespace
} // namespace pep::marshal
