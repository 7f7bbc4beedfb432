// User ids taken apart and put together.
#include "engine/key_address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pep::engine {
namespace {

TEST(UserIds, AreTakenApart) {
    const auto expect = [](const char* text, const char* address, const char* name) {
        const auto user_id = parse_user_id(text);
        EXPECT_EQ(user_id.address, address) << text;
        EXPECT_EQ(user_id.name, name) << text;
    };
    expect("Alice <alice@example.org>", "alice@example.org", "Alice");
    expect("<alice@example.org>", "alice@example.org", "");
    expect("alice@example.org", "alice@example.org", "");
    expect("\"Alice @ Work\" <Alice@Example.org>", "alice@example.org", "Alice @ Work");
    expect("Alice (note) <alice@example.org>", "alice@example.org", "Alice (note)");
    expect("Till <payto://iban/DE75>", "payto://iban/de75", "Till");
    expect("Just a Name", "just a name", "");
    expect("Odd <no address>", "odd <no address>", "");
    expect("", "", "");
}

TEST(Addresses, CompareWithoutCaseAndInPunycode) {
    EXPECT_EQ(normalised_address("Alice@EXAMPLE.org"), "alice@example.org");
    EXPECT_EQ(normalised_address("a@B\u00dccher.example"), "a@xn--bcher-kva.example");
    EXPECT_EQ(normalised_address("a@xn--bcher-kva.example"), "a@xn--bcher-kva.example");
    EXPECT_EQ(normalised_address("\u00c4@example.org"), "\u00e4@example.org");
    EXPECT_EQ(normalised_address("  a@example.org "), "a@example.org");
    EXPECT_EQ(normalised_address("\xff\xfe@Example.org"), "\xff\xfe@example.org");
}

TEST(Addresses, LoseDotsOfTheLocalPartOnly) {
    EXPECT_EQ(without_local_dots("a.b.c@example.org"), "abc@example.org");
    EXPECT_EQ(without_local_dots("no.address"), "no.address");
}

TEST(UserIdText, StatesNameAndAddress) {
    EXPECT_EQ(user_id_text("Alice", "alice@example.org"), "Alice <alice@example.org>");
    EXPECT_EQ(user_id_text("", "alice@example.org"), "<alice@example.org>");
    EXPECT_EQ(user_id_text("a@b.c", "a@b.c"), "<a@b.c>");
    EXPECT_EQ(user_id_text("al@work", "a@b.c"), "\"al@work\" <a@b.c>");
}

TEST(UserIdText, CannotBeForgedThroughTheName) {
    EXPECT_EQ(
        user_id_text("Eve <bank@example.org>", "eve@example.org"),
        "\"Eve _bank@example.org_\" <eve@example.org>"
    );
    EXPECT_EQ(user_id_text("a\nb", "a@b.c"), "a_b <a@b.c>");
}

TEST(UserIdText, RefusesImpossibleAddresses) {
    EXPECT_EQ(user_id_text("Alice", ""), "");
    EXPECT_EQ(user_id_text("Alice", "a@b> <c@d"), "");
    EXPECT_EQ(user_id_text("Alice", std::string(200, 'a') + "@example.org"), "");
}

TEST(UserIdText, CutsLongNamesBetweenCharacters) {
    std::string name;
    for (int i = 0; i < 100; ++i)
        name += "\u00e4";
    const auto text = user_id_text(name, "a@example.org");
    EXPECT_LE(text.size(), 128U);
    EXPECT_GE(text.size(), 126U);
    EXPECT_TRUE(text.ends_with("\u00e4 <a@example.org>"));
}

} // namespace
} // namespace pep::engine
