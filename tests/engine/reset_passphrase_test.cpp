// Key reset and passphrases: everything needed is asked for before anything changes.
#include "reset_fixture.hpp"

namespace pep::engine::test {
namespace {

/// Own keys protected with passphrases, made through the generation passphrase.
class EdgeCaseResetPassphrase : public Acquainted {
  protected:
    void SetUp() override { supplied().clear(); }

    static std::string locked(User& user, const char* address, const char* passphrase) {
        EXPECT_EQ(config_passphrase_for_new_keys(user.session(), true, passphrase), PEP_STATUS_OK);
        const std::string fpr = add_own(user, address);
        EXPECT_EQ(config_passphrase_for_new_keys(user.session(), false, nullptr), PEP_STATUS_OK);
        return fpr;
    }

    static PEP_STATUS reset_at(User& user, const char* address) {
        const OwnedIdentity me{new_identity(address, nullptr, PEP_OWN_USERID, nullptr)};
        return key_reset_identity(user.session(), me.get(), nullptr);
    }

    /// The passphrases a user interface would try, one after the other.
    static std::vector<const char*>& supplied() {
        static std::vector<const char*> all;
        return all;
    }

    static PEP_STATUS supply(PEP_SESSION session, const char* fpr) {
        for (const char* passphrase : supplied()) {
            static_cast<void>(config_passphrase(session, passphrase));
            if (probe_encrypt(session, fpr) == PEP_STATUS_OK)
                return PEP_STATUS_OK;
        }
        return PEP_WRONG_PASSPHRASE;
    }

    /// A session on the same home whose callback is supply().
    static PEP_SESSION asking(const User& user) {
        const std::string home = user.home().directory().string();
        pEp_engine_options options{};
        options.home = home.c_str();
        PEP_SESSION session = nullptr;
        EXPECT_EQ(init_with_options(&session, &options, nullptr, nullptr, &supply), PEP_STATUS_OK);
        return session;
    }
};

TEST_F(EdgeCaseResetPassphrase, N082_AResetWithoutThePassphraseChangesNothing) {
    const std::string fpr = locked(alice, "locked@example.org", "open");
    EXPECT_EQ(reset_at(alice, "locked@example.org"), PEP_PASSPHRASE_REQUIRED);
    EXPECT_EQ(key_reset_all_own_keys(alice.session()), PEP_PASSPHRASE_REQUIRED);
    ASSERT_EQ(config_passphrase(alice.session(), "shut"), PEP_STATUS_OK);
    EXPECT_EQ(reset_at(alice, "locked@example.org"), PEP_WRONG_PASSPHRASE);
    EXPECT_EQ(key_reset_all_own_keys(alice.session()), PEP_WRONG_PASSPHRASE);
    EXPECT_EQ(own_fpr(alice, "locked@example.org"), fpr);
    EXPECT_EQ(own_fpr(alice), alice.fpr()); // not even the key that is not locked
    EXPECT_FALSE(revoked(alice, fpr));

    ASSERT_EQ(config_passphrase(alice.session(), "open"), PEP_STATUS_OK);
    EXPECT_EQ(key_reset_all_own_keys(alice.session()), PEP_STATUS_OK);
    EXPECT_NE(own_fpr(alice, "locked@example.org"), fpr);
    EXPECT_NE(own_fpr(alice), alice.fpr());
    EXPECT_TRUE(revoked(alice, fpr));
}

TEST_F(EdgeCaseResetPassphrase, N083_TwoPassphrasesNeedTheCallback) {
    const std::string one = locked(alice, "one@example.org", "first");
    const std::string two = locked(alice, "two@example.org", "second");
    ASSERT_EQ(config_passphrase(alice.session(), "first"), PEP_STATUS_OK);
    EXPECT_EQ(key_reset_all_own_keys(alice.session()), PEP_WRONG_PASSPHRASE);
    EXPECT_EQ(own_fpr(alice, "one@example.org"), one);
    EXPECT_EQ(own_fpr(alice, "two@example.org"), two);
}

TEST_F(EdgeCaseResetPassphrase, N084_TheCallbackSuppliesEachPassphrase) {
    for (const char* configured : {"first", "second"}) {
        User user{"user@example.org", "User"};
        const std::string one = locked(user, "one@example.org", "first");
        const std::string two = locked(user, "two@example.org", "second");
        supplied() = {"second", "third", "first"};
        PEP_SESSION session = asking(user);
        ASSERT_EQ(config_passphrase(session, configured), PEP_STATUS_OK);
        EXPECT_EQ(key_reset_all_own_keys(session), PEP_STATUS_OK);
        EXPECT_NE(own_fpr(user, "one@example.org"), one);
        EXPECT_NE(own_fpr(user, "two@example.org"), two);
        // The session's passphrase is the one it was.
        const std::string again = locked(user, "again@example.org", configured);
        EXPECT_EQ(probe_encrypt(session, again.c_str()), PEP_STATUS_OK);
        release(session);
    }
}

TEST_F(EdgeCaseResetPassphrase, N085a_TheCallbacksFailureIsReturned) {
    const std::string one = locked(alice, "one@example.org", "first");
    const std::string two = locked(alice, "two@example.org", "second");
    supplied() = {"first", "third"};
    PEP_SESSION session = asking(alice);
    EXPECT_EQ(key_reset_all_own_keys(session), PEP_WRONG_PASSPHRASE);
    release(session);
    EXPECT_EQ(own_fpr(alice, "one@example.org"), one);
    EXPECT_EQ(own_fpr(alice, "two@example.org"), two);
}

TEST_F(EdgeCaseResetPassphrase, N085b_TheGenerationPassphraseOpensNoOldKey) {
    locked(alice, "locked@example.org", "open");
    ASSERT_EQ(config_passphrase_for_new_keys(alice.session(), true, "open"), PEP_STATUS_OK);
    EXPECT_EQ(reset_at(alice, "locked@example.org"), PEP_PASSPHRASE_REQUIRED);
    supplied() = {"open"};
    PEP_SESSION session = asking(alice);
    ASSERT_EQ(config_passphrase_for_new_keys(session, true, "open"), PEP_STATUS_OK);
    const OwnedIdentity me{new_identity("locked@example.org", nullptr, PEP_OWN_USERID, nullptr)};
    EXPECT_EQ(key_reset_identity(session, me.get(), nullptr), PEP_STATUS_OK);
    release(session);
}

TEST_F(EdgeCaseResetPassphrase, N085c_OldAndNewKeyMayHaveDifferentPassphrases) {
    introduce();
    exchange(alice, bob);
    exchange(bob, alice);
    ASSERT_EQ(config_passphrase_for_new_keys(alice.session(), true, "one"), PEP_STATUS_OK);
    ASSERT_EQ(reset(alice), PEP_STATUS_OK); // the old key has none
    const std::string first = own_fpr(alice);
    EXPECT_EQ(probe_encrypt(alice.session(), first.c_str()), PEP_PASSPHRASE_REQUIRED);
    EXPECT_EQ(alice.outbox().size(), 1U); // signed with the new key all the same

    ASSERT_EQ(config_passphrase(alice.session(), "one"), PEP_STATUS_OK);
    ASSERT_EQ(config_passphrase_for_new_keys(alice.session(), true, "two"), PEP_STATUS_OK);
    ASSERT_EQ(reset(alice), PEP_STATUS_OK);
    const std::string second = own_fpr(alice);
    EXPECT_EQ(probe_encrypt(alice.session(), first.c_str()), PEP_KEY_UNSUITABLE); // revoked
    EXPECT_EQ(probe_encrypt(alice.session(), second.c_str()), PEP_WRONG_PASSPHRASE);
    ASSERT_EQ(config_passphrase(alice.session(), "two"), PEP_STATUS_OK);
    EXPECT_EQ(probe_encrypt(alice.session(), second.c_str()), PEP_STATUS_OK);
}

TEST_F(EdgeCaseResetPassphrase, N085d_ProtectionWithoutPassphraseIsRefusedFirst) {
    ASSERT_EQ(config_passphrase_for_new_keys(alice.session(), true, nullptr), PEP_STATUS_OK);
    EXPECT_EQ(reset(alice), PEP_PASSPHRASE_FOR_NEW_KEYS_REQUIRED);
    EXPECT_EQ(own_fpr(alice), alice.fpr());
    EXPECT_FALSE(revoked(alice, alice.fpr()));
}

} // namespace
} // namespace pep::engine::test
