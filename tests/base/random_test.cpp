// Randomness: length, alphabet, and that it is not the same twice.
#include "base/random.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace pep {
namespace {

TEST(Random, GivesAsManyBytesAsAsked) {
    EXPECT_EQ(random_bytes(0).value().size(), 0U);
    EXPECT_EQ(
        random_bytes(100'000).value().size(), 100'000U
    ); // more than one getrandom(2) may give
}

TEST(Random, TokenHas256BitsInTheUrlAlphabet) {
    const Secret token = random_token().value();
    EXPECT_EQ(token.size(), 43U);
    EXPECT_EQ(
        token.reveal().find_first_not_of(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        ),
        std::string_view::npos
    );
}

TEST(Random, DoesNotRepeat) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(seen.insert(random_bytes(16).value()).second);
    }
}

} // namespace
} // namespace pep
