// Secrets: copies, moves, comparison; and that nobody can print them by accident.
#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <utility>

namespace pep {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
    out << value;
};

static_assert(!Printable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>);

TEST(Secret, KeepsItsBytesAndEndsThemWithNul) {
    const Secret secret("open sesame");
    EXPECT_EQ(secret.reveal(), "open sesame");
    EXPECT_STREQ(secret.c_str(), "open sesame");
}

TEST(Secret, MayBeEmpty) {
    const Secret empty;
    EXPECT_TRUE(empty.empty());
    EXPECT_STREQ(empty.c_str(), "");
    EXPECT_TRUE(empty.equals(""));
    EXPECT_FALSE(empty.equals("x"));
    EXPECT_TRUE(Secret("").empty());
}

TEST(Secret, ComparesBytes) {
    const Secret secret(std::string_view("a\0b", 3));
    EXPECT_TRUE(secret.equals(std::string_view("a\0b", 3)));
    EXPECT_FALSE(secret.equals("a"));
    EXPECT_FALSE(secret.equals("axb"));
}

TEST(Secret, IsCopiedAndMoved) {
    Secret first("one");
    Secret copy(first);
    EXPECT_EQ(copy.reveal(), "one");
    Secret moved(std::move(first));
    EXPECT_EQ(moved.reveal(), "one");
    EXPECT_TRUE(first.empty()); // NOLINT(bugprone-use-after-move): that is the promise
    copy = Secret("two");
    EXPECT_EQ(copy.reveal(), "two");
    moved = copy;
    EXPECT_EQ(moved.reveal(), "two");
    Secret& self = moved;
    moved = self;
    EXPECT_EQ(moved.reveal(), "two");
    copy = std::move(moved);
    EXPECT_EQ(copy.reveal(), "two");
    EXPECT_TRUE(moved.empty()); // NOLINT(bugprone-use-after-move)
}

TEST(Secret, WorksWithAndWithoutLockedMemoryEvenWhenThatIsFull) {
    const Secret before("made early");
    (void)lock_secret_memory(); // false where memory may not be locked: still set up
    const Secret small("small");
    const Secret large(std::string(1'000'000, 's')); // larger than the locked heap
    EXPECT_TRUE(before.equals("made early"));
    EXPECT_TRUE(small.equals("small"));
    EXPECT_EQ(large.size(), 1'000'000U);
    EXPECT_TRUE(lock_secret_memory());
}

TEST(Wipe, OverwritesMemory) {
    std::string text = "secret";
    wipe(text.data(), text.size());
    EXPECT_EQ(text, std::string(6, '\0'));
}

} // namespace
} // namespace pep
