// The quick way through header values gives what GMime's gives, or leaves the value to it.
#include "engine/backend/gmime.hpp"
#include "engine/mime_plain_value.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pep::engine::test {

namespace {

using mime::read_plain_value;

/// With one more parameter, which is beyond the quick way.
std::string for_gmime(const std::string& line) { return line + "; more*=utf-8''x"; }

gmime::Parameters with_more(gmime::Parameters parameters) {
    parameters.emplace_back("more", "x");
    return parameters;
}

class PlainType : public testing::TestWithParam<const char*> {};

TEST_P(PlainType, IsWhatGmimeReads) {
    const std::string line = GetParam();
    ASSERT_TRUE(read_plain_value(line));
    ASSERT_FALSE(read_plain_value(for_gmime(line)));
    const auto quick = gmime::parse_content_type(line);
    const auto careful = gmime::parse_content_type(for_gmime(line));
    EXPECT_EQ(quick.type, careful.type);
    EXPECT_EQ(quick.subtype, careful.subtype);
    EXPECT_EQ(with_more(quick.parameters), careful.parameters);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    PlainType,
    testing::Values(
        "text/plain",
        "text/plain; charset=utf-8",
        "text/plain;charset=\"utf-8\"",
        "text/plain ; Charset=ISO-8859-1 ; FORMAT=flowed",
        "message/rfc822; forwarded=\"no\"",
        "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"=_b 1; c:d\"",
        "multipart/mixed;\tboundary=\"'()+_,-./:?=\"",
        "application/pgp-keys; name=\"sender_key.asc\"",
        "application/vnd.x+json; name=a.json",
        "image/png; name=\"a file (1), b\""
    ),
    [](const auto& tested) { return "line" + std::to_string(tested.index); }
);

class PlainDisposition : public testing::TestWithParam<const char*> {};

TEST_P(PlainDisposition, IsWhatGmimeReads) {
    const std::string line = GetParam();
    ASSERT_TRUE(read_plain_value(line));
    const auto quick = gmime::parse_disposition(line);
    const auto careful = gmime::parse_disposition(for_gmime(line));
    EXPECT_EQ(quick.kind, careful.kind);
    EXPECT_EQ(with_more(quick.parameters), careful.parameters);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    PlainDisposition,
    testing::Values(
        "inline",
        "attachment",
        "attachment; filename=a.txt",
        "attachment; filename=\"two words.pdf\"; size=12",
        "attachment; FileName=\"a/b;c=d.txt\""
    ),
    [](const auto& tested) { return "line" + std::to_string(tested.index); }
);

TEST(PlainValue, IsNotWhatLeavesAChoice) {
    for (const char* line :
         {"",
          "/plain",
          "text/",
          "text/plain;",
          "text/plain; charset",
          "text/plain; charset=",
          "text/plain; charset=\"\"",
          "text/plain; charset=\"utf-8",
          "text/plain; charset=a; charset=b",
          "text/plain; charset = utf-8",
          "text/plain charset=utf-8",
          "text/plain; name=\"a\\\"b\"",
          "text/plain; name=\" a\"",
          "text/plain; name=\"=?utf-8?Q?a?=\"",
          "text/plain; name=a=b",
          "text/plain; name*=utf-8''a",
          "text/plain; name*0=a",
          "text/plain; name=\xC3\xA4",
          "text/plain; name=\"\xC3\xA4\"",
          "text/plain (comment)",
          "Text/Plain",
          "text/plain/more",
          "text /plain"})
        EXPECT_FALSE(read_plain_value(line)) << line;
}

TEST(PlainValue, OfAMissingDispositionIsNone) {
    EXPECT_EQ(gmime::parse_disposition("").kind, "");
    EXPECT_EQ(gmime::parse_disposition(" \r\n ").kind, "");
}

TEST(PlainHeader, IsWhatGmimeDecodes) {
    for (const std::string text :
         {"",
          "a",
          "two words",
          "two  blanks and a\ttab",
          "= ? =x ?= (no) \"encoded\" word",
          "1.2.3; <a@b>, c:d"}) {
        EXPECT_EQ(gmime::decode_header(text), text);
        EXPECT_EQ(gmime::decode_header("x " + text + " y =?utf-8?Q?z?="), "x " + text + " y z");
    }
    EXPECT_EQ(gmime::decode_header(" folded\r\n  here\r\n"), "folded  here");
}

} // namespace

} // namespace pep::engine::test
