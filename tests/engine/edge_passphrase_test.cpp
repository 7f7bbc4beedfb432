// Locked keys: cases 75 to 81 of the engine reference, section 10.
#include "engine/certificates.hpp"
#include "engine/edge_fixture.hpp"

namespace pep::engine::testing {

namespace {

constexpr std::uint32_t year_s = 365 * day_s;

std::time_t in_a_month() { return std::time(nullptr) + std::time_t{30 * day_s}; }

} // namespace

TEST_F(EdgeCase, N075_ALockedKeyTellsMissingFromWrongPassphrase) {
    const auto fpr = make_key(session.get(), "me@example.org", year_s, "sesame");
    auto& keys = context().keys;
    const auto secret = keys.encrypt({fpr}, "a secret", Signing::no_signature, nullptr);
    ASSERT_TRUE(secret.has_value());
    const auto reads = [&](const char* passphrase) {
        const Secret given{passphrase != nullptr ? passphrase : ""};
        const auto read = keys.decrypt(*secret, passphrase != nullptr ? &given : nullptr);
        return read ? 0 : read.error().code;
    };
    const std::pair<const char*, int> all[] = {
        {nullptr, 0x0a00}, {"wrong", 0x0a01}, {"", 0x0a01}, {"sesame", 0}};
    for (const auto& [passphrase, status] : all) {
        EXPECT_EQ(usable_with(session.get(), fpr, passphrase), status);
        EXPECT_EQ(reads(passphrase), status);
    }
}

TEST_F(EdgeCase, N076_AWrongPassphraseDoesNotMatterToAnUnprotectedKey) {
    const auto fpr = make_key(session.get(), "me@example.org");
    EXPECT_EQ(usable_with(session.get(), fpr, "wrong"), PEP_STATUS_OK);
    EXPECT_EQ(usable_with(session.get(), fpr, ""), PEP_STATUS_OK);
}

TEST_F(EdgeCase, N077_AnOpenSigningSubkeyNeedsNoPassphrase) {
    auto primary = signing();
    primary.passphrase = "sesame";
    const Certificate key{"Me <me@example.org>", primary, {signing(), encrypting()}};
    ASSERT_EQ(imported(session.get(), key.secret_key()), PEP_KEY_IMPORTED);
    EXPECT_EQ(usable_with(session.get(), key.fpr(), nullptr), PEP_STATUS_OK);
    EXPECT_EQ(usable_with(session.get(), key.fpr(), "wrong"), PEP_STATUS_OK);
    // What only the primary key may do still asks.
    EXPECT_EQ(revoke_key(session.get(), key.fpr().c_str(), nullptr), 0x0a01);
}

TEST_F(EdgeCase, N078_RenewingALockedOwnKeyNeedsItsPassphrase) {
    for (const std::uint32_t lifetime : {1U, 3 * day_s}) {
        const std::string address = "me" + std::to_string(lifetime) + "@example.org";
        const auto fpr = own_with_key(address.c_str(), lifetime, "sesame");
        while (lifetime == 1 && !is_expired(session.get(), fpr, std::time(nullptr)))
            next_second();
        config_passphrase(session.get(), nullptr);
        auto me = identity(address.c_str(), "ME", "Me");
        const int before = changes();
        EXPECT_EQ(myself(session.get(), me.get()), 0x0a00);
        config_passphrase(session.get(), "wrong");
        EXPECT_EQ(myself(session.get(), me.get()), 0x0a01);
        EXPECT_EQ(changes(), before);
        EXPECT_TRUE(is_expired(session.get(), fpr, in_a_month()));
        config_passphrase(session.get(), "sesame");
        EXPECT_EQ(myself(session.get(), me.get()), PEP_STATUS_OK);
        EXPECT_EQ(text(me->fpr), fpr);
        EXPECT_FALSE(is_expired(session.get(), fpr, in_a_month()));
        config_passphrase(session.get(), nullptr);
        EXPECT_EQ(probe_encrypt(session.get(), fpr.c_str()), 0x0a00);
        EXPECT_EQ(myself(session.get(), me.get()), PEP_STATUS_OK); // nothing to unlock
    }
}

TEST_F(EdgeCase, N079a_SetOwnKeyNeedsThePassphraseOnlyToRenew) {
    const auto expiring = make_key(session.get(), "me@example.org", 3 * day_s, "sesame");
    auto me = identity("me@example.org", "ME", "Me");
    EXPECT_EQ(set_own_key(session.get(), me.get(), expiring.c_str()), 0x0a00);
    config_passphrase(session.get(), "wrong");
    EXPECT_EQ(set_own_key(session.get(), me.get(), expiring.c_str()), 0x0a01);
    EXPECT_FALSE(is_own_key(expiring));
    config_passphrase(session.get(), "sesame");
    EXPECT_EQ(set_own_key(session.get(), me.get(), expiring.c_str()), PEP_STATUS_OK);
    EXPECT_TRUE(is_own_key(expiring));
    EXPECT_FALSE(is_expired(session.get(), expiring, in_a_month()));
    config_passphrase(session.get(), nullptr);
    const auto valid = make_key(session.get(), "me@example.org", year_s, "another");
    EXPECT_EQ(set_own_key(session.get(), me.get(), valid.c_str()), PEP_STATUS_OK);
    EXPECT_EQ(text(own("me@example.org", "Me", "ME")->fpr), valid);
}

TEST_F(EdgeCase, N079b_SetOwnKeyTakesOnlyAGoodKeyWithSecretPart) {
    own("me@example.org", "Me");
    const auto fpr = make_key(session.get(), "me@example.org");
    auto me = identity("me@example.org", PEP_OWN_USERID, "Me");
    ASSERT_EQ(set_own_key(session.get(), me.get(), fpr.c_str()), PEP_STATUS_OK);
    EXPECT_EQ(text(me->fpr), fpr);
    EXPECT_TRUE(is_own_key(fpr));
    const auto revoked = make_key(session.get(), "me@example.org");
    ASSERT_EQ(revoke_key(session.get(), revoked.c_str(), nullptr), PEP_STATUS_OK);
    const auto public_only = partner_key("me@example.org");
    for (const auto& bad : {public_only, revoked, std::string{absent_fpr}, std::string{"no fpr"}})
        EXPECT_EQ(set_own_key(session.get(), me.get(), bad.c_str()), 0x0206) << bad;
    EXPECT_EQ(text(own("me@example.org")->fpr), fpr);
}

TEST_F(EdgeCase, N080_NewKeysAreProtectedOnDemand) {
    ASSERT_EQ(config_passphrase_for_new_keys(session.get(), true, nullptr), PEP_STATUS_OK);
    auto me = identity("me@example.org", nullptr, "Me");
    EXPECT_EQ(myself(session.get(), me.get()), 0x0a02);
    EXPECT_EQ(me->fpr, nullptr);
    EXPECT_EQ(generate_keypair(session.get(), identity("x@example.org").get()), 0x0a02);
    ASSERT_EQ(config_passphrase_for_new_keys(session.get(), true, ""), PEP_STATUS_OK);
    EXPECT_EQ(myself(session.get(), me.get()), 0x0a02);
    ASSERT_EQ(config_passphrase_for_new_keys(session.get(), true, "sesame"), PEP_STATUS_OK);
    ASSERT_EQ(myself(session.get(), me.get()), PEP_STATUS_OK);
    EXPECT_EQ(usable_with(session.get(), me->fpr, nullptr), 0x0a00);
    EXPECT_EQ(usable_with(session.get(), me->fpr, "sesame"), PEP_STATUS_OK);
    ASSERT_EQ(config_passphrase_for_new_keys(session.get(), false, nullptr), PEP_STATUS_OK);
    EXPECT_EQ(usable_with(session.get(), own("open@example.org")->fpr, "wrong"), PEP_STATUS_OK);
}

TEST_F(EdgeCase, N081_TakingThePassphraseBackLocksTheKeyAgain) {
    const auto fpr = make_key(session.get(), "me@example.org", year_s, "sesame");
    EXPECT_EQ(usable_with(session.get(), fpr, "sesame"), PEP_STATUS_OK);
    EXPECT_EQ(usable_with(session.get(), fpr, nullptr), 0x0a00);
    // A session's passphrase is its own.
    EXPECT_EQ(usable_with(session.get(), fpr, "sesame"), PEP_STATUS_OK);
    const auto other = open_session(home.path());
    EXPECT_EQ(probe_encrypt(other.get(), fpr.c_str()), 0x0a00);
    EXPECT_EQ(probe_encrypt(session.get(), fpr.c_str()), PEP_STATUS_OK);
}

TEST_F(EdgeCase, N079c_AnImportedOwnKeyMustBeUsableAtOnce) {
    own("me@example.org", "Me");
    const auto fpr = make_key(session.get(), "me@example.org", year_s, "sesame");
    auto me = identity("me@example.org", PEP_OWN_USERID, "Me");
    EXPECT_EQ(set_own_imported_key(session.get(), me.get(), fpr.c_str(), true), 0x0a00);
    config_passphrase(session.get(), "wrong");
    EXPECT_EQ(set_own_imported_key(session.get(), me.get(), fpr.c_str(), true), 0x0a01);
    EXPECT_FALSE(is_own_key(fpr));
    config_passphrase(session.get(), "sesame");
    EXPECT_EQ(set_own_imported_key(session.get(), me.get(), fpr.c_str(), true), PEP_STATUS_OK);
    EXPECT_EQ(text(own("me@example.org")->fpr), fpr);
}

} // namespace pep::engine::testing
