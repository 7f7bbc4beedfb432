// Base64 against the vectors of RFC 4648 section 10, and the leniency that clients' data needs.
#include "base/base64.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pep {
namespace {

struct Row {
    std::string bytes, text;
};

class Base64Vectors : public testing::TestWithParam<Row> {};

TEST_P(Base64Vectors, EncodesAndDecodes) {
    EXPECT_EQ(base64_encode(GetParam().bytes), GetParam().text);
    EXPECT_EQ(base64_decode(GetParam().text).value(), GetParam().bytes);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc4648,
    Base64Vectors,
    testing::Values(
        Row{"", ""},
        Row{"f", "Zg=="},
        Row{"fo", "Zm8="},
        Row{"foo", "Zm9v"},
        Row{"foob", "Zm9vYg=="},
        Row{"fooba", "Zm9vYmE="},
        Row{"foobar", "Zm9vYmFy"},
        Row{std::string("\0\xff\xfe", 3), "AP/+"}
    )
);

TEST(Base64, SkipsWhiteSpaceAnywhere) {
    EXPECT_EQ(base64_decode(" Z\tm\n9\fv\r Ym Fy\n").value(), "foobar");
}

TEST(Base64, NeedsNoPadding) {
    EXPECT_EQ(base64_decode("Zg").value(), "f");
    EXPECT_EQ(base64_decode("Zm8").value(), "fo");
}

TEST(Base64, GoesOnBehindAPaddedQuantum) { EXPECT_EQ(base64_decode("QQ==QQ==").value(), "AA"); }

TEST(Base64, SkipsWhiteSpaceWithinPadding) { EXPECT_EQ(base64_decode("QQ=\r\n=").value(), "A"); }

TEST(Base64, RefusesTheUrlAlphabetAndOtherBytes) {
    for (const char* text :
         {"AP_-", "A-AA", "QQ%=", "QQ==\v", "Q\x80QQ", "=", "Q===", "QQ=Q", "Q"}) {
        EXPECT_FALSE(base64_decode(text)) << text;
    }
    EXPECT_FALSE(base64_decode(std::string("QQ\0Q", 4)));
}

TEST(Base64, RefusesHalfAPadding) { EXPECT_FALSE(base64_decode("QQ=")); }

TEST(Base64, NamesTheOffsetButNotTheText) {
    EXPECT_EQ(base64_decode("Zm9v!secret").error().message, "not base64 at offset 4");
}

TEST(Base64, SurvivesARoundTripOfEveryLengthAndByte) {
    std::string bytes;
    for (int i = 0; i < 700; ++i) {
        EXPECT_EQ(base64_decode(base64_encode(bytes)).value(), bytes);
        bytes += static_cast<char>(i * 37);
    }
}

// Long enough for blocks that are looked at in one go.
TEST(Base64, KnowsEveryByteAtEveryPlaceOfABlock) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr std::string_view blanks = "\t\n\f\r ";
    for (std::size_t at = 0; at < 64; ++at) {
        for (int c = 0; c < 256; ++c) {
            std::string text(64, 'A');
            text[at] = static_cast<char>(c);
            const auto bytes = base64_decode(text);
            const auto value = alphabet.find(text[at]);
            const bool skipped = blanks.find(text[at]) != std::string_view::npos;
            const bool padded = c == '=' && at % 4 == 3;
            ASSERT_EQ(bytes.has_value(), value != alphabet.npos || skipped || padded)
                << at << ": " << c;
            if (value != alphabet.npos) {
                std::string expected(48, '\0');
                const std::size_t bit = at * 6;
                for (std::size_t i = 0; i < 6; ++i) {
                    if ((value >> (5 - i) & 1U) != 0) {
                        expected[(bit + i) / 8] |= static_cast<char>(0x80U >> (bit + i) % 8);
                    }
                }
                ASSERT_EQ(*bytes, expected) << at << ": " << c;
                ASSERT_EQ(base64_encode(expected), text);
            }
        }
    }
}

TEST(Base64, WritesExactlyItsSize) {
    for (std::size_t size = 0; size < 50; ++size) {
        const std::string bytes(size, '\xA5');
        std::string room(base64_encoded_size(size) + 1, '#');
        EXPECT_EQ(base64_encode_to(bytes, room.data()), room.data() + room.size() - 1);
        EXPECT_EQ(room.back(), '#');
        EXPECT_EQ(room.substr(0, room.size() - 1), base64_encode(bytes));
    }
}

TEST(Base64Url, HasItsOwnAlphabetAndNoPadding) {
    EXPECT_EQ(base64url_encode(std::string("\0\xff\xfe\xfb", 4)), "AP_--w");
    EXPECT_EQ(base64url_encode(""), "");
}

} // namespace
} // namespace pep
