// Text helpers: the borders of UTF-8, normalisation, splitting.
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pep {
namespace {

TEST(Utf8, TakesTheFirstAndLastOfEachLength) {
    for (const char* text : {
             "",
             "plain ascii, longer than eight bytes",
             "\x7f",
             "\xC2\x80",
             "\xDF\xBF",
             "\xE0\xA0\x80",
             "\xED\x9F\xBF",
             "\xEE\x80\x80",
             "\xEF\xBF\xBF",
             "\xF0\x90\x80\x80",
             "\xF4\x8F\xBF\xBF",
         }) {
        EXPECT_TRUE(is_utf8(text)) << text;
    }
    EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, RefusesEverythingElse) {
    for (const char* text : {
             "\x80",             // continuation alone
             "\xC0\x80",         // overlong
             "\xC1\xBF",         //
             "\xE0\x9F\xBF",     //
             "\xF0\x8F\xBF\xBF", //
             "\xED\xA0\x80",     // surrogate
             "\xF4\x90\x80\x80", // above U+10FFFF
             "\xF5\x80\x80\x80", //
             "\xFF",             //
             "\xC2",             // cut short
             "\xE2\x82",         //
             "\xF0\x9F\x98",     //
             "\xE2\x82x",        //
             "12345678\xE2",     // behind the fast path
         }) {
        EXPECT_FALSE(is_utf8(text)) << text;
    }
}

TEST(Nfc, ComposesLetters) {
    EXPECT_EQ(to_nfc("a\xCC\x88").value(), "\xC3\xA4");
    EXPECT_EQ(to_nfc("plain").value(), "plain");
    EXPECT_FALSE(is_nfc("a\xCC\x88"));
    EXPECT_TRUE(is_nfc("\xC3\xA4"));
    EXPECT_TRUE(is_nfc(""));
}

TEST(Nfc, RefusesWhatIsNotUtf8) {
    EXPECT_FALSE(to_nfc("\xff"));
    EXPECT_FALSE(is_nfc("\xff"));
}

TEST(Nfc, KeepsNulBytes) {
    const std::string text("\xC3\xA4\0x", 4);
    EXPECT_EQ(to_nfc(text).value(), text);
}

TEST(Ascii, ChangesLettersOnly) {
    EXPECT_EQ(to_lower("AZ[az\xC3\x84"), "az[az\xC3\x84");
    EXPECT_EQ(to_upper("az{AZ\xC3\xA4"), "AZ{AZ\xC3\xA4");
}

TEST(Ascii, ComparesRegardlessOfCase) {
    EXPECT_TRUE(iequals("Content-Length", "content-LENGTH"));
    EXPECT_FALSE(iequals("a", "ab"));
    EXPECT_FALSE(iequals("[", "{"));
    EXPECT_TRUE(istarts_with("Bearer x", "bearer "));
    EXPECT_FALSE(istarts_with("Bear", "bearer"));
}

TEST(Trim, RemovesBlanksAtBothEnds) {
    EXPECT_EQ(trim(" \t a b\r\n"), "a b");
    EXPECT_EQ(trim(" \t "), "");
    EXPECT_EQ(trim(""), "");
}

TEST(Split, KeepsEmptyParts) {
    EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
    EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
    EXPECT_EQ(split(",", ','), (std::vector<std::string_view>{"", ""}));
}

} // namespace
} // namespace pep
