// What is stored and how: set_identity and its relatives, indexes, merging.
#include "engine/identities.hpp"
#include "engine/identities_fixture.hpp"
#include "engine/identity_rules.hpp"

using namespace pep::engine;
using pep::engine::testing::identity;
using pep::engine::testing::IdentityPtr;
using pep::engine::testing::text;

namespace {

constexpr const char* some_fpr = "0123456789ABCDEF0123456789ABCDEF01234567";

class StoredIdentity : public pep::engine::testing::IdentitiesTest {
  protected:
    IdentityPtr stored(const char* address, const char* user_id) {
        pep_identity_ = nullptr;
        EXPECT_EQ(get_identity(session.get(), address, user_id, &pep_identity_), PEP_STATUS_OK);
        return IdentityPtr{pep_identity_};
    }

    std::string plan(const std::string& sql) {
        std::string all;
        const std::string explain = "EXPLAIN QUERY PLAN " + sql;
        auto query = context().store.db().query(explain);
        while (query.step().value_or(false))
            all += query.text(3) + "; ";
        return all;
    }

  private:
    pEp_identity* pep_identity_ = nullptr;
};

} // namespace

TEST_F(StoredIdentity, KeepsTrustAndDefaultThatAreNotGiven) {
    auto bob = identity("bob@example.org", "BOB", "Bob", some_fpr);
    bob->comm_type = PEP_ct_OpenPGP;
    ASSERT_EQ(set_identity(session.get(), bob.get()), PEP_STATUS_OK);
    bob->comm_type = PEP_ct_unknown;
    ASSERT_EQ(set_identity(session.get(), bob.get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", some_fpr), 0xb8);
    ASSERT_EQ(set_identity(session.get(), identity("bob@example.org", "BOB", "Bob").get()), 0);
    EXPECT_EQ(text(stored("bob@example.org", "BOB")->fpr), some_fpr);
}

TEST_F(StoredIdentity, NeedsAddressUserIdNameAndAProperLanguage) {
    EXPECT_EQ(set_identity(session.get(), identity("b@example.org", "B").get()), -4);
    EXPECT_EQ(set_identity(session.get(), identity("b@example.org", "", "B").get()), -4);
    EXPECT_EQ(set_identity(session.get(), identity(nullptr, "B", "B").get()), -4);
    auto bad = identity("b@example.org", "B", "B");
    std::snprintf(bad->lang, sizeof bad->lang, "DE");
    EXPECT_EQ(set_identity(session.get(), bad.get()), -4);
    std::snprintf(bad->lang, sizeof bad->lang, "d");
    EXPECT_EQ(set_identity(session.get(), bad.get()), -4);
    const auto garbage = identity("b@example.org", "B", "B", "not hex");
    EXPECT_EQ(set_identity(session.get(), garbage.get()), 0x0382);
    pEp_identity* none = nullptr;
    EXPECT_EQ(get_identity(session.get(), "b@example.org", "B", &none), 0x0301);
    EXPECT_EQ(get_identity(session.get(), "b@example.org", nullptr, &none), 0x0301);
    EXPECT_EQ(get_identity(session.get(), nullptr, "B", &none), -4);
}

TEST_F(StoredIdentity, FlagsAreSetAndTakenBack) {
    auto bob = updated("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(set_identity_flags(session.get(), bob.get(), 0x10003), PEP_STATUS_OK);
    EXPECT_EQ(bob->flags, 3U); // 16 bits are kept
    EXPECT_EQ(stored("bob@example.org", "BOB")->flags, 3U);
    EXPECT_EQ(unset_identity_flags(session.get(), bob.get(), PEP_idf_not_for_sync), 0);
    EXPECT_EQ(bob->flags, 2U);
    EXPECT_EQ(stored("bob@example.org", "BOB")->flags, 2U);
    const auto nobody = identity("nobody@example.org", "NOBODY");
    EXPECT_EQ(set_identity_flags(session.get(), nobody.get(), PEP_idf_list), PEP_STATUS_OK);
}

TEST_F(StoredIdentity, RemembersItsFormat) {
    auto bob = updated("bob@example.org", "BOB", "Bob");
    ASSERT_EQ(set_ident_enc_format(session.get(), bob.get(), PEP_enc_PGP_MIME), PEP_STATUS_OK);
    EXPECT_EQ(bob->enc_format, PEP_enc_PGP_MIME);
    ASSERT_EQ(set_identity(session.get(), identity("bob@example.org", "BOB", "Bob").get()), 0);
    EXPECT_EQ(stored("bob@example.org", "BOB")->enc_format, PEP_enc_PGP_MIME);
}

TEST_F(StoredIdentity, PepUsersAreUsersAndNotIdentities) {
    bool is_pep = true;
    const auto bob = identity("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(is_pEp_user(session.get(), bob.get(), &is_pep), 0x0386);
    EXPECT_FALSE(is_pep);
    updated("bob@example.org", "BOB", "Bob");
    updated("bob@work.example", "BOB", "Bob");
    EXPECT_EQ(is_pEp_user(session.get(), bob.get(), &is_pep), PEP_STATUS_OK);
    EXPECT_FALSE(is_pep);
    ASSERT_EQ(set_as_pEp_user(session.get(), bob.get()), PEP_STATUS_OK);
    EXPECT_EQ(is_pEp_user(session.get(), bob.get(), &is_pep), PEP_STATUS_OK);
    EXPECT_TRUE(is_pep);
    EXPECT_EQ(stored("bob@work.example", "BOB")->minor_ver, 1U);
    EXPECT_EQ(set_as_pEp_user(session.get(), identity(nullptr, "NEW").get()), -4);
    EXPECT_EQ(set_as_pEp_user(session.get(), identity(nullptr, "NEW", "New").get()), 0);
}

TEST_F(StoredIdentity, VersionsOnlyRise) {
    auto bob = updated("bob@example.org", "BOB", "Bob");
    ASSERT_TRUE(raise_protocol_version(*session, *bob, 3, 2).has_value());
    ASSERT_TRUE(raise_protocol_version(*session, *bob, 2, 9).has_value());
    EXPECT_EQ(stored("bob@example.org", "BOB")->major_ver, 3U);
    EXPECT_EQ(stored("bob@example.org", "BOB")->minor_ver, 2U);
}

TEST_F(StoredIdentity, AForcedNameReplacesTheStoredOne) {
    auto bob = updated("bob@example.org", "BOB", "Bob");
    ASSERT_TRUE(force_username(*session, *bob, "Robert").has_value());
    EXPECT_EQ(text(updated("bob@example.org")->username), "Robert");
}

TEST_F(StoredIdentity, ContactsAreNotedOnce) {
    const auto me = own("me@example.org", "Me");
    updated("bob@example.org", "BOB", "Bob");
    ASSERT_TRUE(note_contact(*session, *me, "BOB").has_value());
    const int before = changes();
    ASSERT_TRUE(note_contact(*session, *me, "BOB").has_value());
    ASSERT_TRUE(note_contact(*session, *me, "UNKNOWN").has_value());
    EXPECT_EQ(changes(), before);
}

TEST_F(StoredIdentity, AFailingChangeLeavesNothingBehind) {
    const int before = changes();
    const auto failed =
        in_transaction(context().store.db(), [](IdentityStore& store) -> pep::Expected<void> {
            auto done = store.put_person({"BOB", "Bob", {}, {}});
            if (!done)
                return done;
            return store.put_identity({"bob@example.org", "NOBODY"}); // no such person
        });
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().code, 0x0383);
    EXPECT_GE(changes(), before);
    bool is_pep = false;
    EXPECT_EQ(is_pEp_user(session.get(), identity(nullptr, "BOB").get(), &is_pep), 0x0386);
}

/// A rule that takes a failed read for "nothing there", and so for "nothing to do".
TEST_F(StoredIdentity, NothingToDoIsNotBelievedAfterAFailedRead) {
    auto& db = context().store.db();
    int runs = 0;
    const auto careless = [&](IdentityStore& store) -> pep::Expected<void> {
        const bool is_there =
            db.query(runs++ == 0 ? "SELECT 1 FROM nowhere" : "SELECT 1").step().value_or(false);
        return is_there ? store.put_person({"BOB", "Bob", {}, {}}) : pep::Expected<void>{};
    };
    EXPECT_TRUE(in_transaction(db, careless).has_value());
    EXPECT_EQ(runs, 2);
    IdentityStore store{db, pep::engine::Access::read_only};
    EXPECT_TRUE(store.person("BOB").value_or(std::nullopt).has_value());

    runs = 0; // the second read fails as well: an error, not a success that changed nothing
    const auto blind = [&](IdentityStore&) -> pep::Expected<void> {
        ++runs;
        (void)db.query("SELECT 1 FROM nowhere").step().has_value();
        return {};
    };
    EXPECT_FALSE(in_transaction(db, blind).has_value());
    EXPECT_EQ(runs, 2);
}

TEST_F(StoredIdentity, OwnOnesComeFirstThenExactAddressesThenTheNewest) {
    auto& db = context().store.db();
    ASSERT_TRUE(db.script("INSERT INTO person (id, username) VALUES ('A', 'A'), ('B', 'B');"
                          "INSERT INTO identity (address, user_id, address_key, is_own) VALUES"
                          " ('a.b@example.org', 'A', 'ab@example.org', 0),"
                          " ('A.B@example.org', 'B', 'ab@example.org', 1),"
                          " ('ab@example.org', 'A', 'ab@example.org', 0),"
                          " ('other@example.org', 'A', 'other@example.org', 1)"));
    IdentityStore store{db, pep::engine::Access::read_only};
    const auto addresses = [](const auto& rows) {
        std::string all;
        for (const auto& row : *rows)
            all += row.address + " ";
        return all;
    };
    EXPECT_EQ((*store.identity("a.b@example.org", "A"))->address, "a.b@example.org");
    EXPECT_EQ((*store.identity("AB@example.org", "A"))->address, "ab@example.org");
    EXPECT_EQ(
        addresses(store.by_address("a.b@example.org")),
        "A.B@example.org a.b@example.org ab@example.org "
    );
    EXPECT_EQ(addresses(store.by_user("A")), "other@example.org ab@example.org a.b@example.org ");
}

TEST_F(StoredIdentity, ManyIdentitiesAreFoundByIndex) {
    for (const char* sql : {
             "SELECT * FROM identity AS i JOIN person AS p ON p.id = i.user_id"
             " WHERE i.address_key = ?1 AND i.user_id = ?2 ORDER BY i.rowid DESC",
             "SELECT * FROM identity AS i JOIN person AS p ON p.id = i.user_id"
             " WHERE i.address_key = ?1 ORDER BY i.is_own DESC, i.rowid DESC",
             "SELECT * FROM identity AS i JOIN person AS p ON p.id = i.user_id"
             " WHERE i.user_id = ?1 ORDER BY i.rowid DESC",
             "SELECT 1 FROM identity WHERE address_key = ?1 AND is_own = 1 LIMIT 1",
             "SELECT user_id FROM identity WHERE is_own = 1 ORDER BY rowid LIMIT 1",
             "SELECT 1 FROM identity WHERE main_key_id = ?1 UNION ALL"
             " SELECT 1 FROM person WHERE main_key_id = ?1",
             "SELECT user_id, fpr, comm_type FROM trust WHERE fpr = ?1",
             "SELECT user_id, fpr, comm_type FROM trust WHERE user_id = ?1",
             "SELECT 1 FROM social_graph WHERE own_user_id = ?1 AND own_address = ?2"
             " AND contact_user_id = ?3",
             "SELECT default_id FROM alternate_user_id WHERE alternate_id = ?1",
         }) {
        const std::string steps = plan(sql);
        EXPECT_NE(steps.find("USING"), std::string::npos) << sql << ": " << steps;
        // Asked for in every call that names an own identity: not worth a sorter.
        const bool is_frequent =
            std::string_view{sql}.find("user_id = ?") != std::string_view::npos;
        EXPECT_FALSE(is_frequent && steps.find("TEMP B-TREE") != std::string::npos)
            << sql << ": " << steps;
        // A scan is fine over the partial index of own identities only.
        const auto scan = steps.find("SCAN ");
        EXPECT_TRUE(scan == std::string::npos || steps.find("identity_own") != std::string::npos)
            << sql << ": " << steps;
    }
}

TEST_F(StoredIdentity, TenThousandIdentitiesCostNoMoreSteps) {
    auto& db = context().store.db();
    ASSERT_TRUE(db.script("BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                          " WHERE i < 10000)"
                          " INSERT INTO person (id, username) SELECT 'U' || i, 'Name' FROM n;"
                          " INSERT INTO identity (address, user_id, address_key, username)"
                          " SELECT id || '@example.org', id, lower(id) || '@example.org', 'Name'"
                          " FROM person; COMMIT;")
                    .has_value());
    updated("u7@example.org");
    long steps = 0;
    sqlite3_progress_handler(
        db.handle(),
        1,
        [](void* count) {
            ++*static_cast<long*>(count);
            return 0;
        },
        &steps
    );
    EXPECT_EQ(text(updated("u4711@example.org")->user_id), "U4711");
    EXPECT_EQ(text(updated("u4711@example.org", "U4711")->user_id), "U4711");
    sqlite3_progress_handler(db.handle(), 0, nullptr, nullptr);
    EXPECT_GT(steps, 0);
    EXPECT_LT(steps, 3000);
}

TEST_F(StoredIdentity, IsNotWrittenWhenAnUpdateBringsNothingNew) {
    partner("bob@example.org", "BOB", "Bob");
    partner("carol@example.org", nullptr, "Carol");
    for (int round = 0; round < 2; ++round) {
        updated("bob@example.org", "BOB", "Bob");
        updated("carol@example.org");
        updated("dave@example.org");
    }
    const int before = changes();
    for (int round = 0; round < 3; ++round) {
        updated("bob@example.org", "BOB", "Bob");
        updated("BOB@example.org");
        updated("carol@example.org");
        updated("dave@example.org");
    }
    EXPECT_EQ(changes(), before);
}

TEST(AddressKey, FoldsCaseAndLocalDotsOnly) {
    EXPECT_EQ(address_key("A.B@X.Y"), "ab@x.y");
    EXPECT_EQ(address_key("...@x..y"), "@x..y");
    EXPECT_EQ(address_key("no.address"), "no.address");
    EXPECT_EQ(address_key("payto://a.b/C@d"), "payto://a.b/c@d");
    EXPECT_EQ(
        address_key("\xc3\x84.b@x"),
        "\xc3\x84"
        "b@x"
    ); // ASCII only
}
