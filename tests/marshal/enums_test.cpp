// Enumerations as numbers, names and objects; bits.
#include "marshal/check.hpp"
#include "marshal/enums.hpp"
#include "support/toy.hpp"

namespace pep::marshal {
namespace {

TEST(Enum, TakesNumberOrName) {
    EXPECT_EQ(round_trip<toy::format>("3"), "3");
    EXPECT_EQ(round_trip<toy::format>("\"format_packed\""), "3");
}

TEST(Enum, RefusesWhatIsNotListed) {
    EXPECT_EQ(refusal<toy::format>("1"), "unknown_value at /x: expected a value of Format");
    EXPECT_EQ(
        refusal<toy::format>("\"packed\""), "unknown_value at /x: expected a value of Format"
    );
    EXPECT_EQ(
        refusal<toy::format>("18446744073709551615"),
        "unknown_value at /x: expected a value of Format"
    );
    EXPECT_EQ(
        refusal<toy::format>("3.0"),
        "wrong_type at /x: expected a value of Format, by number or name"
    );
    EXPECT_NE(refusal<toy::format>("{\"format\":3}"), "");
}

TEST(Enum, WithObjectKeyTakesBothSpellingsAndGivesTheObject) {
    EXPECT_EQ(round_trip<toy::mood>("{\"mood\":5}"), "{\"mood\":5}");
    EXPECT_EQ(round_trip<toy::mood>("5"), "{\"mood\":5}");
    EXPECT_EQ(round_trip<toy::mood>("\"glad\""), "{\"mood\":5}");
    EXPECT_EQ(round_trip<toy::mood>("{\"mood\":\"mood_grim\"}"), "{\"mood\":-1}");
    EXPECT_EQ(round_trip<toy::mood>("{}"), "{\"mood\":0}");
}

TEST(Enum, NamesThePlaceInsideTheObject) {
    EXPECT_EQ(
        refusal<toy::mood>("{\"mood\":77}"), "unknown_value at /x/mood: expected a value of Mood"
    );
}

TEST(Enum, SchemaShowsNumbersNamesAndSenses) {
    EXPECT_EQ(
        schema_of<toy::format>().dump(),
        R"({"title":"Format","type":"integer","enum":[0,3],)"
        R"("x-enum-varnames":["format_plain","format_packed"],)"
        R"("x-enum-descriptions":["not at all","well"],"description":"How a letter is packed."})"
    );
    EXPECT_EQ(schema_of<toy::mood>()["properties"]["mood"]["enum"].dump(), "[0,5,-1]");
}

TEST(Flags, AreAnyIntegerOfTheirCType) {
    EXPECT_EQ(round_trip<Flags<toy::mark>>("11"), "11");
    EXPECT_EQ(round_trip<Flags<toy::mark>>("256"), "256");
    EXPECT_EQ(
        refusal<Flags<toy::mark>>("-1"),
        "out_of_range at /x: expected an integer from 0 to 4294967295"
    );
}

TEST(Flags, OfTheEnumerationItselfAreItsDocumentedBits) {
    EXPECT_EQ(round_trip<toy::mark>("9"), "9");
    EXPECT_EQ(refusal<toy::mark>("4"), "unknown_value at /x: expected bits of Marks");
}

TEST(Flags, SchemaListsTheBits) {
    EXPECT_EQ(
        schema_of<Flags<toy::mark>>()["x-bits"][2].dump(),
        R"({"value":8,"name":"mark_kept","description":"kept"})"
    );
}

} // namespace
} // namespace pep::marshal
