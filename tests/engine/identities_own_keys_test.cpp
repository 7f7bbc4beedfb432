// Own keys and identities through the C API: lists, imported keys, cleaning, replacements; and keys
// put aside.
#include "engine/identities_fixture.hpp"
#include "pEp/blacklist.h"
#include "pEp/identity_list.h"
#include "pEp/message_api.h"

#include <algorithm>
#include <vector>

using pep::engine::testing::Handed;
using pep::engine::testing::identity;
using pep::engine::testing::text;

namespace {

constexpr const char* absent = "0123456789ABCDEF0123456789ABCDEF01234567";

class OwnKeys : public pep::engine::testing::IdentitiesTest {
  protected:
    std::vector<std::string> own_keys(bool private_only = true) {
        stringlist_t* list = nullptr;
        EXPECT_EQ(_own_keys_retrieve(session.get(), &list, 0, private_only), PEP_STATUS_OK);
        return taken(list);
    }

    std::vector<std::string> addresses(identity_flags_t excluded) {
        identity_list* list = nullptr;
        EXPECT_EQ(_own_identities_retrieve(session.get(), &list, excluded), PEP_STATUS_OK);
        std::vector<std::string> all;
        for (auto* node = list; node != nullptr; node = node->next)
            if (node->ident != nullptr)
                all.emplace_back(text(node->ident->address));
        free_identity_list(list);
        return all;
    }

    static std::vector<std::string> taken(stringlist_t* list) {
        std::vector<std::string> all;
        for (auto* node = list; node != nullptr; node = node->next)
            if (node->value != nullptr)
                all.emplace_back(node->value);
        free_stringlist(list);
        return all;
    }

    /// A key pair made elsewhere, with its secret part here.
    std::string imported_pair(const char* address, std::uint32_t lifetime_s = 365U * 24 * 3600) {
        const auto fpr = partner_key(address, lifetime_s);
        Handed secret;
        EXPECT_EQ(
            export_secret_key(elsewhere.get(), fpr.c_str(), &secret.text, &secret.size),
            PEP_STATUS_OK
        );
        EXPECT_EQ(import_key(session.get(), secret.text, secret.size, nullptr), 0x0220);
        return fpr;
    }
};

} // namespace

TEST_F(OwnKeys, AreListedWithTheirSecretPart) {
    EXPECT_TRUE(own_keys().empty());
    const auto me = own("me@example.org", "Me");
    const auto other = own("other@example.org", "Me");
    auto expected = std::vector<std::string>{me->fpr, other->fpr};
    std::sort(expected.begin(), expected.end());
    auto listed = own_keys();
    std::sort(listed.begin(), listed.end());
    EXPECT_EQ(listed, expected);

    const auto pub = partner_key("old@example.org");
    auto old = identity("old@example.org", me->user_id, "Me", pub.c_str());
    old->me = true;
    ASSERT_EQ(set_identity(session.get(), old.get()), PEP_STATUS_OK);
    EXPECT_EQ(own_keys().size(), 2U);
    EXPECT_EQ(own_keys(false).size(), 3U);
    stringlist_t* list = nullptr;
    EXPECT_EQ(own_keys_retrieve(session.get(), nullptr), -4);
    EXPECT_EQ(own_keys_retrieve(nullptr, &list), -4);
}

TEST_F(OwnKeys, OfIdentitiesWithAFlagCanBeLeftOut) {
    const auto me = own("me@example.org", "Me");
    const auto other = own("other@example.org", "Me");
    ASSERT_EQ(set_identity_flags(session.get(), other.get(), PEP_idf_not_for_sync), PEP_STATUS_OK);
    EXPECT_EQ(addresses(0), (std::vector<std::string>{"me@example.org", "other@example.org"}));
    EXPECT_EQ(addresses(PEP_idf_not_for_sync), std::vector<std::string>{"me@example.org"});
    EXPECT_EQ(_own_identities_retrieve(session.get(), nullptr, 0), -4);
}

TEST_F(OwnKeys, ThatAreImportedBecomeDefaultAndSticky) {
    auto me = own("me@example.org", "Me");
    const auto fpr = imported_pair("me@example.org");
    ASSERT_EQ(set_own_imported_key(session.get(), me.get(), fpr.c_str(), true), PEP_STATUS_OK);
    EXPECT_EQ(me->fpr, fpr);
    pep::engine::IdentityStore store{context().store.db(), pep::engine::Access::read_only};
    EXPECT_EQ(store.sticky(me->user_id, fpr)->value(), true);
    EXPECT_EQ(own("me@example.org")->fpr, fpr);
    ASSERT_EQ(set_own_imported_key(session.get(), me.get(), fpr.c_str(), false), PEP_STATUS_OK);
    EXPECT_EQ(store.sticky(me->user_id, fpr)->value(), false);
    EXPECT_FALSE(store.sticky("nobody", fpr)->has_value());
}

TEST_F(OwnKeys, ThatCannotBeUsedNowAreNotTaken) {
    auto me = own("me@example.org", "Me");
    const std::string before = me->fpr;
    const auto pub = partner_key("pub@example.org");
    EXPECT_EQ(set_own_imported_key(session.get(), me.get(), pub.c_str(), false), 0x0201);
    EXPECT_EQ(set_own_imported_key(session.get(), me.get(), absent, false), 0x0201);
    EXPECT_EQ(set_own_imported_key(session.get(), me.get(), "", false), -4);
    const auto nameless = identity("me@example.org", "pEp_own_userId");
    EXPECT_EQ(set_own_imported_key(session.get(), nameless.get(), pub.c_str(), false), -4);
    EXPECT_EQ(own("me@example.org")->fpr, before);
}

TEST_F(OwnKeys, AreCleanedAtStart) {
    EXPECT_EQ(clean_own_key_defaults(session.get()), PEP_STATUS_OK); // nothing to do
    const auto good = own("good@example.org", "Me");
    const auto lost = own("lost@example.org", "Me");
    auto ending = own("ending@example.org", "Me");
    const auto short_lived = imported_pair("ending@example.org", 3 * 24 * 3600);
    ASSERT_EQ(set_own_key(session.get(), ending.get(), short_lived.c_str()), PEP_STATUS_OK);
    ASSERT_EQ(revoke_key(session.get(), lost->fpr, nullptr), PEP_STATUS_OK);

    ASSERT_EQ(clean_own_key_defaults(session.get()), PEP_STATUS_OK);
    EXPECT_STREQ(own("good@example.org")->fpr, good->fpr);
    const auto replaced = own("lost@example.org");
    EXPECT_STRNE(replaced->fpr, lost->fpr);
    EXPECT_EQ(text(replaced->fpr).size(), 40U);
    EXPECT_EQ(own("ending@example.org")->fpr, short_lived); // renewed, not replaced
    bool expired = true;
    constexpr time_t half_a_year = 180L * 24 * 3600;
    EXPECT_EQ(
        key_expired(session.get(), short_lived.c_str(), std::time(nullptr) + half_a_year, &expired),
        PEP_STATUS_OK
    );
    EXPECT_FALSE(expired);
    EXPECT_EQ(clean_own_key_defaults(nullptr), -4);
}

TEST_F(OwnKeys, ThatCannotBeReplacedNowAreReported) {
    const auto lost = own("lost@example.org", "Me");
    ASSERT_EQ(revoke_key(session.get(), lost->fpr, nullptr), PEP_STATUS_OK);
    config_passphrase_for_new_keys(session.get(), true, nullptr);
    EXPECT_EQ(clean_own_key_defaults(session.get()), 0x0a02);
}

TEST_F(OwnKeys, RememberWhatReplacedThem) {
    const auto lost = own("me@example.org", "Me");
    const std::string old_fpr = lost->fpr;
    constexpr uint64_t when = 1700000000;
    Handed found;
    uint64_t date = 7;
    EXPECT_EQ(get_replacement_fpr(session.get(), old_fpr.c_str(), &found.text, &date), 0x0301);
    EXPECT_EQ(found.text, nullptr);
    EXPECT_EQ(date, 0U);
    ASSERT_EQ(set_revoked(session.get(), old_fpr.c_str(), absent, when), PEP_STATUS_OK);
    ASSERT_EQ(
        get_replacement_fpr(session.get(), old_fpr.c_str(), &found.text, &date), PEP_STATUS_OK
    );
    EXPECT_EQ(found.str(), absent);
    EXPECT_EQ(date, when);
    Handed revoked;
    ASSERT_EQ(get_revoked(session.get(), absent, &revoked.text, &date), PEP_STATUS_OK);
    EXPECT_EQ(revoked.str(), old_fpr);
    char* none = revoked.text;
    EXPECT_EQ(get_revoked(session.get(), old_fpr.c_str(), &none, &date), 0x0301);
    EXPECT_EQ(none, nullptr);
    EXPECT_EQ(set_revoked(session.get(), "no hex", absent, when), -4);
    EXPECT_EQ(set_revoked(session.get(), absent, "", when), -4);
    EXPECT_EQ(get_revoked(session.get(), absent, nullptr, &date), -4);
    EXPECT_EQ(get_revoked(session.get(), absent, &none, nullptr), -4);
}

TEST_F(OwnKeys, AreRatedForTheirUser) {
    const auto bob = partner("bob@example.org", "BOB", "Bob");
    PEP_rating rating = PEP_rating_reliable;
    EXPECT_EQ(get_key_rating_for_user(session.get(), "EVE", bob.c_str(), &rating), 0x0301);
    EXPECT_EQ(rating, 0);
    (void)updated("bob@example.org", "BOB");
    ASSERT_EQ(get_key_rating_for_user(session.get(), "BOB", bob.c_str(), &rating), PEP_STATUS_OK);
    EXPECT_EQ(rating, 6);
    auto eve = identity("eve@example.org", "EVE", "Eve", absent); // trust was never filled in
    ASSERT_EQ(set_identity(session.get(), eve.get()), PEP_STATUS_OK);
    EXPECT_EQ(get_key_rating_for_user(session.get(), "EVE", absent, &rating), -6);
    EXPECT_EQ(get_key_rating_for_user(session.get(), "", absent, &rating), -4);
    EXPECT_EQ(get_key_rating_for_user(session.get(), "BOB", absent, nullptr), -4);
}

TEST_F(OwnKeys, ReportAnOldMisspelling) {
    const auto bob = partner("bob@example.org", "BOB", "Bob");
    (void)updated("bob@example.org", "BOB");
    EXPECT_EQ(mark_as_compromized(session.get(), bob.c_str()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", bob), 0x0f);
    Handed key;
    EXPECT_EQ(export_secrect_key(session.get(), bob.c_str(), &key.text, &key.size), 0x0201);
}

TEST_F(OwnKeys, OfPartnersCanBePutAside) {
    const auto bob = partner("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(text(updated("bob@example.org", "BOB")->fpr), bob);
    std::string spaced = bob;
    spaced.insert(4, " ");
    ASSERT_EQ(blacklist_add(session.get(), spaced.c_str()), PEP_STATUS_OK);
    ASSERT_EQ(blacklist_add(session.get(), bob.c_str()), PEP_STATUS_OK);
    for (int round = 0; round < 2; ++round) {
        const auto without = updated("bob@example.org", "BOB");
        EXPECT_EQ(without->fpr, nullptr);
        EXPECT_EQ(without->comm_type, 0x03);
    }
    bool listed = false;
    EXPECT_EQ(blacklist_is_listed(session.get(), bob.c_str(), &listed), PEP_STATUS_OK);
    EXPECT_TRUE(listed);
    stringlist_t* list = nullptr;
    ASSERT_EQ(blacklist_retrieve(session.get(), &list), PEP_STATUS_OK);
    EXPECT_EQ(taken(list), std::vector<std::string>{bob});

    ASSERT_EQ(blacklist_delete(session.get(), bob.c_str()), PEP_STATUS_OK);
    ASSERT_EQ(blacklist_delete(session.get(), bob.c_str()), PEP_STATUS_OK);
    EXPECT_EQ(text(updated("bob@example.org", "BOB")->fpr), bob); // still his default
    ASSERT_EQ(blacklist_retrieve(session.get(), &list), PEP_STATUS_OK);
    ASSERT_NE(list, nullptr); // one empty node
    EXPECT_EQ(list->value, nullptr);
    free_stringlist(list);
    EXPECT_EQ(blacklist_add(session.get(), "no hex"), -4);
    EXPECT_EQ(blacklist_is_listed(session.get(), bob.c_str(), nullptr), -4);
    EXPECT_EQ(blacklist_retrieve(session.get(), nullptr), -4);
}
