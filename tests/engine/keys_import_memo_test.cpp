// Importing what is known already: the same answer as ever, without touching the database.
#include "engine/import_memo.hpp"
#include "keys_fixture.hpp"

#include <sqlite3.h>

namespace pep::engine {
namespace {

/// A ring, and a partner's key elsewhere.
struct Known : ::testing::Test {
    Ring other;
    Ring ring;
    std::string fpr = other.make("partner@example.org");
    std::string key = other.export_public(fpr);

    [[nodiscard]] int writes() { return sqlite3_total_changes(ring.store.db().handle()); }
};

TEST_F(Known, ASecondImportTellsTheSameAndWritesNothing) {
    EXPECT_TRUE(ring.import(key).keys.at(0).changed);
    const int before = writes();
    const auto again = ring.import(key);
    EXPECT_EQ(again.status, PEP_KEY_IMPORTED);
    ASSERT_EQ(again.keys.size(), 1U);
    EXPECT_EQ(again.keys[0].fpr, fpr);
    EXPECT_EQ(again.keys[0].address, "partner@example.org");
    EXPECT_FALSE(again.keys[0].changed);
    EXPECT_FALSE(again.keys[0].secret);
    EXPECT_EQ(writes(), before);
}

TEST_F(Known, ADeletedKeyIsImportedAgain) {
    ring.import(key);
    must(ring.keys.remove(fpr));
    EXPECT_TRUE(ring.import(key).keys.at(0).changed);
    EXPECT_TRUE(must(ring.keys.contains(fpr)));
}

TEST_F(Known, ARevokedKeyStaysRevoked) {
    ring.import(key);
    must(other.keys.revoke(fpr, "", nullptr));
    EXPECT_TRUE(ring.import(other.export_public(fpr)).keys.at(0).changed);
    EXPECT_FALSE(ring.import(key).keys.at(0).changed);
    EXPECT_TRUE(must(ring.keys.revoked(fpr)));
}

TEST_F(Known, AnImportThatIsRolledBackIsForgotten) {
    {
        const auto transaction = must_begin(ring.store.db());
        ring.import(key);
    }
    EXPECT_FALSE(must(ring.keys.contains(fpr)));
    EXPECT_TRUE(ring.import(key).keys.at(0).changed);
}

TEST_F(Known, SecretKeysAreNotKeptInMemory) {
    ImportMemo memo;
    const auto secret = other.export_secret(fpr);
    const auto result = ring.import(secret);
    ASSERT_TRUE(result.keys.at(0).secret);
    memo.remember(ring.store.db(), secret, result);
    EXPECT_FALSE(memo.recall(ring.store.db(), secret));
}

TEST_F(Known, OnlyAFewAreRemembered) {
    ImportMemo memo;
    const auto result = ring.import(key);
    for (int i = 0; i < 40; ++i)
        memo.remember(
            ring.store.db(), key + std::string(static_cast<std::size_t>(i), '\n'), result
        );
    EXPECT_FALSE(memo.recall(ring.store.db(), key));
    EXPECT_TRUE(memo.recall(ring.store.db(), key + std::string(39, '\n')));
}

} // namespace
} // namespace pep::engine
