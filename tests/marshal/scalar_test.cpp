// Booleans, integers, times and paths.
#include "marshal/check.hpp"
#include "marshal/cpp_types.hpp"
#include "marshal/scalar.hpp"

namespace pep::marshal {
namespace {

TEST(Path, IsAJsonPointer) {
    const Path root;
    EXPECT_EQ(root.pointer(), "");
    const Path params = root.field("params");
    const Path src = params.field("src");
    const Path to = src.field("to");
    EXPECT_EQ(to.item(2).pointer(), "/params/src/to/2");
}

TEST(Path, EscapesSlashAndTilde) {
    const Path root;
    EXPECT_EQ(root.field("a/b~c").pointer(), "/a~1b~0c");
}

TEST(Bool, TakesTrueAndFalseOnly) {
    EXPECT_EQ(round_trip<bool>("true"), "true");
    EXPECT_EQ(round_trip<bool>("false"), "false");
    EXPECT_EQ(refusal<bool>("1"), "wrong_type at /x: expected true or false");
    EXPECT_EQ(refusal<bool>("\"true\""), "wrong_type at /x: expected true or false");
    EXPECT_EQ(refusal<bool>("null"), "wrong_type at /x: expected true or false");
}

TEST(Integer, FitsTheExactCType) {
    EXPECT_EQ(round_trip<unsigned char>("255"), "255");
    EXPECT_EQ(
        refusal<unsigned char>("256"), "out_of_range at /x: expected an integer from 0 to 255"
    );
    EXPECT_EQ(
        refusal<unsigned>("-1"), "out_of_range at /x: expected an integer from 0 to 4294967295"
    );
    EXPECT_EQ(round_trip<int>("-2147483648"), "-2147483648");
    EXPECT_EQ(
        refusal<int>("3000000000"),
        "out_of_range at /x: expected an integer from -2147483648 to 2147483647"
    );
    EXPECT_EQ(round_trip<std::uint64_t>("18446744073709551615"), "18446744073709551615");
    EXPECT_EQ(
        refusal<std::int64_t>("9223372036854775808"),
        "out_of_range at /x: expected an integer from -9223372036854775808 to 9223372036854775807"
    );
}

TEST(Integer, RefusesFractionsBooleansAndText) {
    for (const char* text : {"3.9", "1.0", "1e3", "true", "\"1\"", "null", "[]", "{}"})
        EXPECT_EQ(
            refusal<short>(text), "wrong_type at /x: expected an integer from -32768 to 32767"
        ) << text;
}

TEST(Integer, SchemaShowsTheRange) {
    EXPECT_EQ(
        schema_of<signed char>().dump(), R"({"type":"integer","minimum":-128,"maximum":127})"
    );
}

TEST(Timestamp, IsSecondsSince1970InUtc) {
    EXPECT_EQ(round_trip<std::tm*>("1700000000"), "1700000000");
    EXPECT_EQ(round_trip<std::tm*>("0"), "0");
    EXPECT_EQ(round_trip<std::tm*>("-86400"), "-86400");
    const Path root;
    const auto time = Type<std::tm*>::decode(json(1700000000), root);
    ASSERT_TRUE(time);
    EXPECT_EQ((*time)->tm_year, 123);
    EXPECT_EQ((*time)->tm_hour, 22);
    EXPECT_EQ((*time)->tm_min, 13);
    const std::tm zeroed{};
    EXPECT_EQ(Type<std::tm*>::encode(&zeroed, root), json(0));
}

TEST(Timestamp, RefusesWhatNoCalendarHas) {
    EXPECT_EQ(
        refusal<std::tm*>("9223372036854775807"),
        "out_of_range at /x: expected seconds since 1970, of a year the calendar has"
    );
    EXPECT_NE(refusal<std::tm*>("1.5"), "");
    EXPECT_NE(refusal<std::tm*>("null"), "");
}

TEST(Optional, IsAValueOrNull) {
    EXPECT_EQ(round_trip<std::optional<int>>("null"), "null");
    EXPECT_EQ(round_trip<std::optional<int>>("7"), "7");
    EXPECT_NE(refusal<std::optional<int>>("\"7\""), "");
}

TEST(Vector, NamesTheWrongElement) {
    EXPECT_EQ(round_trip<std::vector<int>>("[1,2]"), "[1,2]");
    EXPECT_EQ(
        refusal<std::vector<int>>("[1,\"2\"]"),
        "wrong_type at /x/1: expected an integer from -2147483648 to 2147483647"
    );
    EXPECT_EQ(refusal<std::vector<int>>("{}"), "wrong_type at /x: expected an array");
}

} // namespace
} // namespace pep::marshal
