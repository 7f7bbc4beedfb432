// The SQLite wrapper and the migrations of the store.
#include "engine/backend/sqlite.hpp"
#include "engine/schema_sql.hpp"
#include "engine/store.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace pep::engine::sqlite {
namespace {

Database memory() {
    auto db = Database::open_in_memory();
    EXPECT_TRUE(db);
    EXPECT_TRUE(db->script("CREATE TABLE t (k TEXT PRIMARY KEY, v) "));
    return std::move(*db);
}

std::int64_t count(Database& db) {
    auto query = db.query("SELECT count(*) FROM t");
    EXPECT_TRUE(query.step().value_or(false));
    return query.integer(0);
}

bool insert(Database& db, std::string_view key) {
    auto query = db.query("INSERT INTO t (k) VALUES (?)");
    query.bind(key);
    return query.run().has_value();
}

TEST(Sqlite, StoresEachKindOfValue) {
    auto db = memory();
    const std::string with_nul{"a\0b", 3};
    {
        auto query = db.query("INSERT INTO t (k, v) VALUES (?, ?)");
        query.bind(with_nul).bind_blob(std::as_bytes(std::span{with_nul}));
        EXPECT_EQ(query.run().value_or(-1), 1);
    }
    auto query = db.query("SELECT k, v, NULL, 7 FROM t");
    ASSERT_TRUE(query.step().value_or(false));
    EXPECT_EQ(query.text(0), with_nul);
    EXPECT_EQ(query.blob(1).size(), 3U);
    EXPECT_TRUE(query.is_null(2));
    EXPECT_EQ(query.maybe_text(2), std::nullopt);
    EXPECT_EQ(query.text(2), "");
    EXPECT_EQ(query.integer(3), 7);
    EXPECT_FALSE(query.step().value_or(true));
}

TEST(Sqlite, ReportsErrorsWithoutValues) {
    auto db = memory();
    EXPECT_TRUE(insert(db, "secret"));
    auto again = db.query("INSERT INTO t (k) VALUES (?)");
    again.bind("secret");
    const auto failed = again.run();
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message, testing::Not(testing::HasSubstr("secret")));
    EXPECT_FALSE(db.query("SELECT nonsense FROM nowhere").step());
    EXPECT_FALSE(db.script("nonsense"));
}

TEST(Sqlite, SurvivesUseOfABrokenStatement) {
    auto db = memory();
    auto query = db.query("SELECT nonsense FROM nowhere WHERE x = ?");
    query.bind(1).bind("two").bind(Null{});
    EXPECT_FALSE(query.run());
}

TEST(Sqlite, RunsOneStatementInsideItself) {
    auto db = memory();
    for (const char* key : {"a", "b", "c"})
        EXPECT_TRUE(insert(db, key));
    int pairs = 0;
    auto outer = db.query("SELECT k FROM t");
    while (outer.step().value_or(false)) {
        auto inner = db.query("SELECT k FROM t");
        while (inner.step().value_or(false))
            ++pairs;
    }
    EXPECT_EQ(pairs, 9);
}

TEST(Transaction, RollsBackUnlessCommitted) {
    auto db = memory();
    {
        auto transaction = Transaction::begin(db);
        ASSERT_TRUE(transaction);
        EXPECT_TRUE(insert(db, "a"));
    }
    EXPECT_EQ(count(db), 0);
    {
        auto transaction = Transaction::begin(db);
        ASSERT_TRUE(transaction);
        EXPECT_TRUE(insert(db, "a"));
        EXPECT_TRUE(transaction->commit());
    }
    EXPECT_EQ(count(db), 1);
}

TEST(Transaction, InsideAnotherBelongsToIt) {
    auto db = memory();
    {
        auto outer = Transaction::begin(db);
        ASSERT_TRUE(outer);
        auto inner = Transaction::begin(db);
        ASSERT_TRUE(inner);
        EXPECT_TRUE(insert(db, "a"));
        EXPECT_TRUE(inner->commit());
        EXPECT_TRUE(db.in_transaction());
    }
    EXPECT_EQ(count(db), 0);
}

/// Two connections to one file with a table.
struct Pair {
    test::TemporaryFolder folder;
    Database one = Database::open(folder.path() / "t").value();
    Database two = Database::open(folder.path() / "t").value();

    Pair() { EXPECT_TRUE(one.script("CREATE TABLE t (k TEXT PRIMARY KEY, v)")); }
};

/// Nothing that was written within `db` is there, and it can be changed as before.
void expect_taken_back(Database& db) {
    EXPECT_FALSE(db.in_transaction());
    EXPECT_EQ(count(db), 0);
    auto next = Transaction::begin(db);
    ASSERT_TRUE(next);
    EXPECT_TRUE(insert(db, "next"));
    EXPECT_TRUE(next->commit());
    EXPECT_EQ(count(db), 1);
}

TEST(Transaction, CannotBeCommittedAfterAFailureNobodyMinded) {
    // An integer that overflows, and a statement that cannot be prepared.
    for (const char* failing : {"SELECT abs(-9223372036854775807 - 1)", "SELECT k FROM nowhere"}) {
        auto db = memory();
        {
            auto transaction = Transaction::begin(db);
            ASSERT_TRUE(transaction);
            EXPECT_TRUE(insert(db, "a"));
            EXPECT_FALSE(db.query(failing).step()) << failing;
            EXPECT_FALSE(insert(db, "b")) << failing;
            EXPECT_FALSE(db.script("INSERT INTO t (k) VALUES ('c')")) << failing;
            EXPECT_FALSE(transaction->commit()) << failing;
        }
        EXPECT_EQ(db.rollbacks(), 1U);
        expect_taken_back(db);
    }
}

TEST(Transaction, ThatSqliteTookBackByItselfIsOver) {
    Pair db;
    const Snapshot reads{db.one}; // would begin a transaction of its own for what is read now
    {
        auto transaction = Transaction::begin(db.one);
        ASSERT_TRUE(transaction);
        EXPECT_TRUE(insert(db.one, "a"));
        EXPECT_FALSE(db.one.script("INSERT OR ROLLBACK INTO t (k) VALUES ('a')"));
        EXPECT_FALSE(db.one.query("SELECT k FROM t").step());
        EXPECT_FALSE(insert(db.one, "b")); // it would count for itself
        EXPECT_TRUE(db.one.in_transaction());
        EXPECT_FALSE(transaction->commit());
    }
    EXPECT_EQ(count(db.two), 0);
    expect_taken_back(db.one);
}

TEST(Transaction, InsideAnotherFailsForBoth) {
    auto db = memory();
    {
        auto outer = Transaction::begin(db);
        ASSERT_TRUE(outer);
        EXPECT_TRUE(insert(db, "a"));
        {
            auto inner = Transaction::begin(db);
            ASSERT_TRUE(inner);
            EXPECT_FALSE(db.query("SELECT k FROM nowhere").step());
        }
        auto later = Transaction::begin(db);
        ASSERT_TRUE(later);
        EXPECT_FALSE(insert(db, "b"));
        EXPECT_FALSE(outer->commit());
    }
    expect_taken_back(db);
}

TEST(Transaction, GoesOnAfterAConstraint) {
    auto db = memory();
    auto transaction = Transaction::begin(db);
    ASSERT_TRUE(transaction);
    EXPECT_TRUE(insert(db, "a"));
    EXPECT_FALSE(insert(db, "a"));
    EXPECT_TRUE(insert(db, "b"));
    EXPECT_TRUE(transaction->commit());
    EXPECT_EQ(count(db), 2);
}

TEST(Snapshot, ReadsShowOneState) {
    Pair db;
    {
        const Snapshot reads{db.one};
        EXPECT_EQ(count(db.one), 0);
        ASSERT_TRUE(insert(db.two, "a"));
        EXPECT_EQ(count(db.one), 0);
        EXPECT_FALSE(db.one.in_transaction());
    }
    EXPECT_EQ(count(db.one), 1);
}

TEST(Snapshot, EndsBeforeATransactionAndBeginsAnewBehindIt) {
    Pair db;
    const Snapshot reads{db.one};
    EXPECT_EQ(count(db.one), 0);
    ASSERT_TRUE(insert(db.two, "a")); // the state that was read is outdated now
    {
        auto transaction = Transaction::begin(db.one);
        ASSERT_TRUE(transaction);
        EXPECT_TRUE(db.one.in_transaction());
        EXPECT_EQ(count(db.one), 1);
        ASSERT_TRUE(insert(db.one, "b"));
        ASSERT_TRUE(transaction->commit());
    }
    EXPECT_EQ(count(db.one), 2);
    EXPECT_EQ(count(db.two), 2);
}

TEST(Snapshot, EndsBeforeASingleWrite) {
    Pair db;
    const Snapshot reads{db.one};
    EXPECT_EQ(count(db.one), 0);
    ASSERT_TRUE(insert(db.two, "a"));
    ASSERT_TRUE(insert(db.one, "b"));
    EXPECT_EQ(count(db.two), 2); // committed, though the snapshot lives
    EXPECT_EQ(count(db.one), 2);
}

TEST(Snapshot, ChangesNothingInsideATransaction) {
    Pair db;
    {
        auto transaction = Transaction::begin(db.one);
        ASSERT_TRUE(transaction);
        {
            const Snapshot reads{db.one};
            ASSERT_TRUE(insert(db.one, "a"));
            EXPECT_EQ(count(db.one), 1);
            EXPECT_TRUE(db.one.in_transaction());
        }
        EXPECT_TRUE(db.one.in_transaction());
    } // rolled back
    EXPECT_EQ(count(db.one), 0);
}

TEST(Snapshot, MayBeNested) {
    Pair db;
    const Snapshot outer{db.one};
    {
        const Snapshot inner{db.one};
        EXPECT_EQ(count(db.one), 0);
    }
    ASSERT_TRUE(insert(db.two, "a"));
    EXPECT_EQ(count(db.one), 0);
}

TEST(StoreFile, IsForItsOwnerOnly) {
    const test::TemporaryFolder folder;
    ASSERT_TRUE(Store::open(folder.path()));

    struct stat info {};

    ASSERT_EQ(::stat((folder.path() / "engine.sqlite3").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST(StoreFile, IsNotOpenedThroughASymlink) {
    const test::TemporaryFolder folder;
    std::filesystem::create_symlink(folder.path() / "elsewhere", folder.path() / "engine.sqlite3");
    EXPECT_FALSE(Store::open(folder.path()));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "elsewhere"));
}

TEST(StoreFile, OfANewerVersionIsLeftAlone) {
    const test::TemporaryFolder folder;
    {
        auto store = Store::open(folder.path());
        ASSERT_TRUE(store);
        ASSERT_TRUE(store->db().script("PRAGMA user_version = 999"));
    }
    const auto refused = Store::open(folder.path());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, 0x123); // PEP_INIT_DB_DOWNGRADE_VIOLATION
}

TEST(StoreFile, OfAnOlderVersionIsMigratedWithItsData) {
    const test::TemporaryFolder folder;
    {
        auto old = Database::open(folder.path() / "engine.sqlite3");
        ASSERT_TRUE(old);
        ASSERT_TRUE(old->script(std::string{schema_versions[0]} + R"sql(
            PRAGMA user_version = 1;
            INSERT INTO person (id, username) VALUES ('bob', 'Bob');
            INSERT INTO pgp_keypair VALUES ('NEW');
            INSERT INTO revoked_key VALUES ('OLD', 'NEW', 17);
            INSERT INTO social_graph VALUES ('me', 'me@example.org', 'bob'))sql"));
    }
    auto store = Store::open(folder.path());
    ASSERT_TRUE(store);
    auto query = store->db().query("SELECT p.username, s.own_address, r.revocation_date"
                                   " FROM person p JOIN social_graph s ON s.contact_user_id = p.id"
                                   " JOIN revoked_key r ON r.replacement_fpr = 'NEW'");
    const auto row = query.step();
    ASSERT_TRUE(row && *row);
    EXPECT_EQ(query.text(0), "Bob");
    EXPECT_EQ(query.text(1), "me@example.org");
    EXPECT_EQ(query.integer(2), 17);
}

TEST(StoreFile, ThatIsNoDatabaseIsRefused) {
    const test::TemporaryFolder folder;
    std::filesystem::create_directory(folder.path() / "engine.sqlite3");
    EXPECT_FALSE(Store::open(folder.path()));
}

TEST(DataVersion, ChangesWithCommitsOfOthersOnly) {
    const test::TemporaryFolder folder;
    auto one = Store::open(folder.path());
    auto two = Store::open(folder.path());
    ASSERT_TRUE(one && two);
    const auto before = one->db().data_version();
    ASSERT_TRUE(one->db().script("INSERT INTO pgp_keypair VALUES ('A')"));
    EXPECT_EQ(one->db().data_version(), before);
    ASSERT_TRUE(two->db().script("INSERT INTO pgp_keypair VALUES ('B')"));
    EXPECT_NE(one->db().data_version(), before);
}

} // namespace
} // namespace pep::engine::sqlite
