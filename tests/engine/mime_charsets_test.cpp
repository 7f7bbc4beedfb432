// Charsets as mails use them: by standard and unregistered names, with characters their name does
// not promise, without a name, and with a wrong one.
#include "base/text.hpp"
#include "engine/mime_charsets.hpp"
#include "engine/mime_encoded_words.hpp"
#include "engine/mime_support.hpp"

#include <gtest/gtest.h>

namespace pep::engine::test {

namespace {

struct Row {
    std::string_view charset;
    std::string_view hex;
    std::string_view text;
};

// clang-format off
constexpr Row rows[] = {
    {"utf-7", "2b414f516772412d", "ä€"},
    {"unicode-1-1-utf-7", "2b414f512d", "ä"},
    {"utf-16", "fffee4006200", "äb"},
    {"utf-16le", "e400", "ä"},
    {"utf-16be", "00e4", "ä"},
    {"utf-32", "fffe0000e4000000", "ä"},
    {"iso-8859-1", "66fc7220937894", "für “x”"},
    {"latin1", "66fc72", "für"},
    {"iso8859-1", "66fc72", "für"},
    {"iso-8859-2", "f8", "ř"},
    {"iso-8859-3", "b1", "ħ"},
    {"iso-8859-4", "bb", "ģ"},
    {"iso-8859-5", "dfe0d8d2d5e2", "привет"},
    {"iso-8859-6", "d3e4c7e5", "سلام"},
    {"iso-8859-7", "e3e5e9e1", "γεια"},
    {"iso-8859-8", "f9ece5ed", "שלום"},
    {"iso-8859-8-i", "f9ece5ed", "שלום"},
    {"iso-8859-9", "f02085", "ğ …"},
    {"iso-8859-10", "b9", "đ"},
    {"iso-8859-11", "e4b7c2", "ไทย"},
    {"iso-8859-13", "fe", "ž"},
    {"iso-8859-14", "f0", "ŵ"},
    {"iso-8859-15", "a4", "€"},
    {"iso-8859-16", "ba", "ș"},
    {"windows-1250", "f8", "ř"},
    {"windows-1251", "eff0e8e2e5f2", "привет"},
    {"cp1251", "eff0e8e2e5f2", "привет"},
    {"cp-1251", "eff0e8e2e5f2", "привет"},
    {"windows-1252", "80", "€"},
    {"windows-1253", "e3e5e9e1", "γεια"},
    {"windows-1254", "f0", "ğ"},
    {"windows-1255", "f9ece5ed", "שלום"},
    {"windows-1256", "d3e1c7e3", "سلام"},
    {"windows-1257", "fe", "ž"},
    {"windows-1258", "f0", "đ"},
    {"windows-874", "e4b7c2", "ไทย"},
    {"tis-620", "e4b7c2", "ไทย"},
    {"koi8-r", "d0d2c9d7c5d4", "привет"},
    {"koi8-u", "a7", "ї"},
    {"ibm866", "afe0a8a2a5e2", "привет"},
    {"cp850", "84", "ä"},
    {"macintosh", "8a", "ä"},
    {"x-mac-roman", "8a", "ä"},
    {"gb2312", "c4e3bac3", "你好"},
    {"gb2312", "e667", "鎔"},
    {"gbk", "e667", "鎔"},
    {"x-gbk", "e667", "鎔"},
    {"gb18030", "95328236", "𠀀"},
    {"big5", "a741a66e", "你好"},
    {"big5", "9def", "嘅"},
    {"x-x-big5", "a741a66e", "你好"},
    {"shift_jis", "82b182f1", "こん"},
    {"shift_jis", "8740eee0", "①髙"},
    {"x-sjis", "8740", "①"},
    {"windows-31j", "8740", "①"},
    {"euc-jp", "c6fccbdc", "日本"},
    {"iso-2022-jp", "1b2442467c4b5c1b2842", "日本"},
    {"euc-kr", "bec8b3e7", "안녕"},
    {"euc-kr", "8c63", "똠"},
    {"ks_c_5601-1987", "8c63", "똠"},
    {"iso-2022-kr", "1b2429430e3e4833670f", "안녕"},
    {"'utf-8'", "c3a4", "ä"},
    {"utf8", "c3a4", "ä"},
    {"ansi_x3.4-1968", "c3a4", "ä"},
    {"x-unknown", "e4", "ä"},
    {"unknown-8bit", "e4", "ä"},
    {"default", "c3a4", "ä"},
    {"iso-2022-jp", "1b24422d211b284220784a", "① xJ"}, // a character of a vendor
    {"iso-2022-jp", "1b2849311b284a", "ｱ"},             // half-width kana
};

// clang-format on

std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16));
    return bytes;
}

std::string body_in(std::string_view charset, const std::string& bytes) {
    const std::string head = "Content-Type: text/plain; charset=" + std::string{charset};
    return show(decoded(head + "\r\n\r\n" + bytes).msg->longmsg);
}

TEST(MimeCharsets, OfBodiesAreConverted) {
    for (const auto& [charset, hex, text] : rows) {
        EXPECT_EQ(body_in(charset, bytes_of(hex)), text) << charset;
        EXPECT_EQ(body_in(to_upper(charset), bytes_of(hex)), text) << charset;
    }
}

TEST(MimeCharsets, OfSubjectsAndNamesAreConverted) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const auto& [charset, hex, text] : rows) {
        // No registered name, and stateful charsets with what only bodies are repaired for.
        if (charset.starts_with('\'') || charset == "iso-2022-jp")
            continue;
        std::string word = "=?" + std::string{charset} + "?q?";
        for (const char byte : bytes_of(hex)) {
            const auto value = static_cast<unsigned char>(byte);
            word += {'=', digits[value >> 4U], digits[value & 15U]};
        }
        word += "?=";
        const auto result = decoded("Subject: " + word + "\r\nFrom: " + word + " <a@x>\r\n\r\n");
        EXPECT_EQ(show(result.msg->shortmsg), text) << charset;
        ASSERT_NE(result.msg->from, nullptr);
        EXPECT_EQ(show(result.msg->from->username), text) << charset;
    }
}

TEST(MimeCharsets, ThatAreWrongLoseNoReadableByte) {
    EXPECT_EQ(body_in("utf-8", "plain f\xFCr"), "plain f\uFFFDr");
    EXPECT_EQ(body_in("gb2312", "plain \xFF text"), "plain \uFFFD text");
    EXPECT_EQ(body_in("shift_jis", "plain \xFC text").substr(0, 6), "plain ");
    EXPECT_EQ(body_in("iso-2022-jp", "f\xFCr").front(), 'f');
    EXPECT_EQ(body_in("utf-16", "A").find('A'), std::string::npos); // half a character
    for (const auto& [charset, hex, text] : rows) {
        std::string all;
        for (int byte = 255; byte > 0; --byte)
            all += static_cast<char>(byte);
        EXPECT_TRUE(is_utf8(body_in(charset, all))) << charset;
        EXPECT_TRUE(is_utf8(body_in(charset, bytes_of(hex).substr(1)))) << charset;
    }
}

TEST(MimeCharsets, WithoutAKnownNameAreGuessed) {
    for (const char* charset :
         {"", "\"\"", "no-such-charset", "x-no-such", "x-", "cp-", "../../etc", "a b", "''"}) {
        EXPECT_EQ(body_in(charset, "f\xFCr"), "für") << charset;
        EXPECT_EQ(body_in(charset, "für"), "für") << charset;
    }
    EXPECT_EQ(body_in(std::string(50'000, 'x'), "für"), "für");
}

TEST(MimeCharsets, AreKnownByOneNameEach) {
    using mime::meant_charset;
    EXPECT_EQ(meant_charset("US-ASCII"), "");
    EXPECT_EQ(meant_charset(" \"GB2312\" "), "gb18030");
    EXPECT_EQ(meant_charset("x-gb2312"), "gb18030");
    EXPECT_EQ(meant_charset("koi8-r"), "koi8-r");
    EXPECT_EQ(meant_charset("x-koi8-r"), "koi8-r");
    EXPECT_EQ(meant_charset("'"), "");
}

TEST(EncodedWords, NameTheCharsetThatIsMeant) {
    using mime::readable_words;
    EXPECT_EQ(readable_words("a =?x-sjis?q?y?= b"), "a =?cp932?Q?y?= b");
    EXPECT_EQ(readable_words("=?gb2312*zh?Q?xx?="), "=?gb18030*zh?Q?xx?=");
    EXPECT_EQ(readable_words("=?us-ascii?q?x?="), "=?unknown-8bit?Q?x?=");
    for (const char* same :
         {"",
          "=?",
          "=?gbk",
          "=?gbk?",
          "=?gbk?B",
          "=?gbk?BB?x?=",
          "=?gbk?B?x",
          "=?gbk?Z?x?=",
          "=? b?q?x?=",
          "a =? b ?= c"})
        EXPECT_EQ(readable_words(same), same);
}

TEST(EncodedWords, BehindManyFalseBeginningsAreFound) {
    std::string false_ones;
    for (int i = 0; i < 1000; ++i)
        false_ones += "=? ?q?x ";
    EXPECT_EQ(mime::readable_words(false_ones), false_ones);
    EXPECT_EQ(
        mime::readable_words(false_ones + "=?gbk?q?x?= =?gbk?q?y?= =?"),
        false_ones + "=?gb18030?Q?x?= =?gb18030?Q?y?= =?"
    );
}

TEST(EncodedWords, OfBase64BecomeQ) {
    using mime::readable_words;
    EXPECT_EQ(readable_words("=?utf-8?b?w6Q=?="), "=?utf-8?Q?=C3=A4?=");
    EXPECT_EQ(
        readable_words("=?utf-8?B?w6Q=?= =?utf-8?B?w7Y=?="), "=?utf-8?Q?=C3=A4?= =?utf-8?Q?=C3=B6?="
    );
    EXPECT_EQ(readable_words("=?utf-8?B?w6?="), "=?utf-8?Q?=C3?=");
    EXPECT_EQ(readable_words("=?utf-8?B? w6Q ?="), "=?utf-8?Q?=C3=A4?=");
    EXPECT_EQ(readable_words("=?utf-8?B?w?="), "=?utf-8?Q?\?=");
    EXPECT_EQ(readable_words("=?utf-8?B?\?="), "=?utf-8?Q?\?=");
}

} // namespace

} // namespace pep::engine::test
