// myself and own keys: cases 20 to 29, 55, 62, 63, 65 and 78 to 81 of the engine reference.
#include "engine/identities.hpp"
#include "engine/identities_fixture.hpp"
#include "pEp/identity_list.h"

using pep::engine::testing::identity;
using pep::engine::testing::text;

namespace {

constexpr std::uint32_t three_days_s = 3U * 24 * 3600;

class Myself : public pep::engine::testing::IdentitiesTest {
  protected:
    /// An own identity whose key has a passphrase and expires soon.
    std::string own_with_expiring_key(const char* passphrase) {
        const pep::Secret secret{passphrase != nullptr ? passphrase : ""};
        pep::engine::GenerateParams params;
        params.address = "me@example.org";
        params.suite = PEP_CIPHER_SUITE_CV25519;
        params.lifetime_s = three_days_s;
        params.passphrase = passphrase != nullptr ? &secret : nullptr;
        const auto fpr = context().keys.generate(params);
        EXPECT_TRUE(fpr.has_value());
        auto me = identity("me@example.org", "ME", "Me", fpr->c_str());
        me->me = true;
        me->comm_type = PEP_ct_pEp;
        EXPECT_EQ(set_identity(session.get(), me.get()), PEP_STATUS_OK);
        return *fpr;
    }

    bool expires_within_a_month(const std::string& fpr) {
        bool expired = false;
        const std::time_t when = std::time(nullptr) + 30L * 24 * 3600;
        EXPECT_EQ(key_expired(session.get(), fpr.c_str(), when, &expired), PEP_STATUS_OK);
        return expired;
    }

    bool is_own_key(const std::string& fpr) { return *pep::engine::is_own_key(*session, fpr); }
};

} // namespace

TEST_F(Myself, MakesAnIdentityWithAKeyOfOneYear) {
    const auto me = own("me@example.org", "Me");
    EXPECT_EQ(text(me->fpr).size(), 40U);
    EXPECT_EQ(text(me->user_id), "pEp_own_userId");
    EXPECT_EQ(me->comm_type, 0xff);
    EXPECT_TRUE(me->me);
    EXPECT_EQ(me->major_ver, 3U);
    EXPECT_EQ(me->minor_ver, 3U);
    bool expired = true;
    const std::time_t year = 365L * 24 * 3600;
    EXPECT_EQ(key_expired(session.get(), me->fpr, std::time(nullptr) + year - 3600, &expired), 0);
    EXPECT_FALSE(expired);
    EXPECT_EQ(key_expired(session.get(), me->fpr, std::time(nullptr) + year + 3600, &expired), 0);
    EXPECT_TRUE(expired);
    EXPECT_TRUE(is_own_key(me->fpr));
}

TEST_F(Myself, IsReadOnlyTheSecondTime) {
    const auto first = own("me@example.org", "Me");
    const auto other = own("work@example.org", "Me at work");
    const int before = changes();
    EXPECT_EQ(text(own("me@example.org", "Me")->fpr), text(first->fpr));
    EXPECT_EQ(text(own("me@example.org")->username), "Me");
    EXPECT_EQ(text(own("work@example.org")->username), "Me at work");
    EXPECT_EQ(text(own("ME@example.org", "Somebody")->username), "Somebody");
    EXPECT_EQ(text(own("me@example.org")->username), "Me");
    EXPECT_EQ(changes(), before);
    EXPECT_NE(text(first->fpr), text(other->fpr));
}

TEST_F(Myself, TurnsAnotherUserIdIntoAnAlias) {
    own("me@example.org", "Me", "FIRST");
    EXPECT_EQ(text(own("me@example.org", "Me", "SECOND")->user_id), "FIRST");
    EXPECT_EQ(text(own("new@example.org", "Me", "THIRD")->user_id), "FIRST");
    for (const char* alias : {"SECOND", "THIRD"}) {
        pep::engine::testing::Handed id;
        EXPECT_EQ(get_userid_alias_default(session.get(), alias, &id.text), PEP_STATUS_OK);
        EXPECT_EQ(id.str(), "FIRST");
    }
    pep::engine::testing::Handed none;
    EXPECT_EQ(get_userid_alias_default(session.get(), "FOURTH", &none.text), 0x0391);
    EXPECT_EQ(none.text, nullptr);
}

TEST_F(Myself, TakesAUriAndOddNames) {
    EXPECT_EQ(
        text(own("payto://iban/DE75512108001245126199")->username),
        "payto://iban/DE75512108001245126199"
    );
    EXPECT_EQ(text(own("a@example.org", "a@example.org")->username), "a@example.org");
    EXPECT_NE(own("b@example.org", "B (\"the bee\") <b@c>")->fpr, nullptr);
    EXPECT_NE(own("c@example.org", "line\nbreak\ttab")->fpr, nullptr);
}

TEST_F(Myself, ReplacesARevokedKey) {
    const auto old = own("me@example.org", "Me");
    ASSERT_EQ(revoke_key(session.get(), old->fpr, nullptr), PEP_STATUS_OK);
    EXPECT_TRUE(is_own_key(old->fpr)); // nobody has looked yet
    const auto fresh = own("me@example.org", "Me");
    EXPECT_NE(text(fresh->fpr), text(old->fpr));
    EXPECT_FALSE(is_own_key(old->fpr));
    EXPECT_EQ(trust("pEp_own_userId", old->fpr), 0x05);
    auto query = context().store.db().query("SELECT revoked_fpr, replacement_fpr FROM revoked_key");
    ASSERT_TRUE(*query.step());
    EXPECT_EQ(query.text(0), text(old->fpr));
    EXPECT_EQ(query.text(1), text(fresh->fpr));
}

TEST_F(Myself, ReplacesAKeyWithoutSecretPartAndOneThatIsMistrusted) {
    const auto first = own("me@example.org", "Me");
    ASSERT_EQ(delete_keypair(session.get(), first->fpr), PEP_STATUS_OK);
    auto second = own("me@example.org", "Me");
    EXPECT_NE(text(second->fpr), text(first->fpr));
    ASSERT_EQ(key_mistrusted(session.get(), second.get()), PEP_STATUS_OK);
    bool revoked = false;
    EXPECT_EQ(key_revoked(session.get(), second->fpr, &revoked), PEP_STATUS_OK);
    EXPECT_TRUE(revoked);
    EXPECT_FALSE(is_own_key(second->fpr));
    EXPECT_NE(text(own("me@example.org", "Me")->fpr), text(second->fpr));
    EXPECT_EQ(trust("pEp_own_userId", second->fpr), 0x0f);
}

TEST_F(Myself, NeverAdoptsAKeyFromTheRing) {
    pep::engine::GenerateParams params;
    params.address = "me@example.org";
    params.suite = PEP_CIPHER_SUITE_CV25519;
    const auto planted = context().keys.generate(params);
    ASSERT_TRUE(planted.has_value());
    EXPECT_NE(text(own("me@example.org", "Me")->fpr), *planted);
}

TEST_F(Myself, RenewsAKeyBeforeItExpires) {
    const auto fpr = own_with_expiring_key(nullptr);
    EXPECT_TRUE(expires_within_a_month(fpr));
    EXPECT_EQ(text(updated("me@example.org")->fpr), fpr); // looking does not renew
    EXPECT_TRUE(expires_within_a_month(fpr));
    EXPECT_EQ(text(own("me@example.org", "Me")->fpr), fpr);
    EXPECT_FALSE(expires_within_a_month(fpr));
    EXPECT_TRUE(is_own_key(fpr));
}

TEST_F(Myself, NeedsThePassphraseToRenew) {
    const auto fpr = own_with_expiring_key("sesame");
    auto me = identity("me@example.org", "ME", "Me");
    const int before = changes();
    EXPECT_EQ(myself(session.get(), me.get()), 0x0a00);
    config_passphrase(session.get(), "wrong");
    EXPECT_EQ(myself(session.get(), me.get()), 0x0a01);
    EXPECT_EQ(changes(), before);
    EXPECT_TRUE(expires_within_a_month(fpr));
    config_passphrase(session.get(), "sesame");
    EXPECT_EQ(myself(session.get(), me.get()), PEP_STATUS_OK);
    EXPECT_EQ(text(me->fpr), fpr);
    EXPECT_FALSE(expires_within_a_month(fpr));
    config_passphrase(session.get(), nullptr);
    EXPECT_EQ(probe_encrypt(session.get(), fpr.c_str()), 0x0a00);
    EXPECT_EQ(myself(session.get(), me.get()), PEP_STATUS_OK); // nothing to unlock
}

TEST_F(Myself, ShowsAnExpiredKeyAsNone) {
    pep::engine::GenerateParams params;
    params.address = "me@example.org";
    params.suite = PEP_CIPHER_SUITE_CV25519;
    params.lifetime_s = 1;
    const auto fpr = context().keys.generate(params);
    auto me = identity("me@example.org", "ME", "Me", fpr->c_str());
    me->me = true;
    me->comm_type = PEP_ct_pEp;
    ASSERT_EQ(set_identity(session.get(), me.get()), PEP_STATUS_OK);
    ::sleep(2);
    const auto shown = updated("me@example.org");
    EXPECT_EQ(shown->fpr, nullptr);
    EXPECT_LT(shown->comm_type, 0x10);
    EXPECT_EQ(trust("ME", *fpr), 0xff);
    EXPECT_EQ(text(own("me@example.org")->fpr), *fpr); // and this renews it
}

TEST_F(Myself, ProtectsNewKeys) {
    ASSERT_EQ(config_passphrase_for_new_keys(session.get(), true, nullptr), PEP_STATUS_OK);
    auto me = identity("me@example.org", nullptr, "Me");
    EXPECT_EQ(myself(session.get(), me.get()), 0x0a02);
    EXPECT_EQ(me->fpr, nullptr);
    ASSERT_EQ(config_passphrase_for_new_keys(session.get(), true, "sesame"), PEP_STATUS_OK);
    ASSERT_EQ(myself(session.get(), me.get()), PEP_STATUS_OK);
    EXPECT_EQ(probe_encrypt(session.get(), me->fpr), 0x0a00);
    config_passphrase(session.get(), "sesame");
    EXPECT_EQ(probe_encrypt(session.get(), me->fpr), PEP_STATUS_OK);
    ASSERT_EQ(config_passphrase_for_new_keys(session.get(), false, nullptr), PEP_STATUS_OK);
    config_passphrase(session.get(), "wrong");
    EXPECT_EQ(probe_encrypt(session.get(), own("open@example.org")->fpr), PEP_STATUS_OK);
}

TEST_F(Myself, UsesAnImportedKeyWhenTold) {
    own("me@example.org", "Me");
    pep::engine::GenerateParams params;
    params.address = "me@example.org";
    params.suite = PEP_CIPHER_SUITE_CV25519;
    const auto fpr = context().keys.generate(params);
    auto me = identity("me@example.org", "pEp_own_userId", "Me");
    ASSERT_EQ(set_own_key(session.get(), me.get(), fpr->c_str()), PEP_STATUS_OK);
    EXPECT_EQ(text(me->fpr), *fpr);
    EXPECT_TRUE(is_own_key(*fpr));
    EXPECT_EQ(text(own("me@example.org")->fpr), *fpr);
    EXPECT_EQ(set_own_key(session.get(), me.get(), partner_key("me@example.org").c_str()), 0x0206);
    EXPECT_EQ(
        set_own_key(session.get(), me.get(), "0123456789ABCDEF0123456789ABCDEF01234567"), 0x0206
    );
    EXPECT_EQ(set_own_key(session.get(), me.get(), "no fingerprint"), 0x0206);
    EXPECT_EQ(text(own("me@example.org")->fpr), *fpr);
}

TEST_F(Myself, TakesALockedKeyAsOwnWithoutPassphrase) {
    const pep::Secret secret{"sesame"};
    pep::engine::GenerateParams params;
    params.address = "me@example.org";
    params.suite = PEP_CIPHER_SUITE_CV25519;
    params.passphrase = &secret;
    const auto fpr = context().keys.generate(params);
    auto me = identity("me@example.org", "ME", "Me");
    EXPECT_EQ(set_own_key(session.get(), me.get(), fpr->c_str()), PEP_STATUS_OK);
}

TEST_F(Myself, ListsOwnIdentitiesAndKeys) {
    identity_list* list = nullptr;
    ASSERT_EQ(own_identities_retrieve(session.get(), &list), PEP_STATUS_OK);
    ASSERT_NE(list, nullptr);
    EXPECT_EQ(list->ident, nullptr);
    free_identity_list(list);

    const auto me = own("me@example.org", "Me");
    auto work = own("work@example.org", "Work");
    set_identity_flags(session.get(), work.get(), PEP_idf_not_for_sync);
    const auto bob = partner("bob@example.org", "BOB", "Bob");
    ASSERT_EQ(own_identities_retrieve(session.get(), &list), PEP_STATUS_OK);
    ASSERT_EQ(identity_list_length(list), 2);
    EXPECT_EQ(text(list->ident->fpr), text(me->fpr));
    EXPECT_EQ(list->ident->comm_type, 0xff);
    EXPECT_TRUE(list->next->ident->me);
    EXPECT_EQ(list->next->ident->flags, 1U);
    free_identity_list(list);

    bool listed = false;
    EXPECT_EQ(own_key_is_listed(session.get(), me->fpr, &listed), PEP_STATUS_OK);
    EXPECT_TRUE(listed);
    EXPECT_EQ(own_key_is_listed(session.get(), bob.c_str(), &listed), PEP_STATUS_OK);
    EXPECT_FALSE(listed);
}
