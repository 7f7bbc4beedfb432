// Key resets others send: accepted with proof, refused without, applied once.
#include "engine/payload_message.hpp"
#include "reset_fixture.hpp"

namespace pep::engine::test {
namespace {

class EdgeCaseReceivedReset : public Acquainted {
  protected:
    /// The one message Alice's reset produced, as text.
    std::string reset_mail() {
        EXPECT_EQ(reset(alice), PEP_STATUS_OK);
        EXPECT_EQ(alice.outbox().size(), 1U);
        return alice.outbox().empty() ? "" : encode(alice.session(), *alice.outbox().front());
    }

    /// A reset message `from` makes up.
    static std::string forged(
        User& from, const char* address, const std::string& old_fpr, const std::string& new_fpr
    ) {
        const WireIdentity ident{address, old_fpr, "whoever", "Alice", 255, "en"};
        const auto payload = encode_key_reset({{ident, new_fpr}});
        EXPECT_TRUE(payload);
        OwnedMessage msg = distribution_message(*from.own(), *person("bob@example.net"), *payload);
        return from.send(*msg, PEP_enc_auto, PEP_encrypt_flag_key_reset_only).wire;
    }

    std::string alice_at_bob() { return std::string{view(bob.partner("alice@example.org")->fpr)}; }
};

TEST_F(EdgeCaseReceivedReset, N097_AResetOfAPartnerGivesHimTheNewKeyUnconfirmed) {
    const OwnedIdentity known = bob.partner("alice@example.org");
    ASSERT_EQ(trust_personal_key(bob.session(), known.get()), PEP_STATUS_OK);
    ASSERT_EQ(bob.partner("alice@example.org")->comm_type, PEP_ct_pEp);
    const auto read = bob.read(reset_mail());
    EXPECT_EQ(read.status, PEP_STATUS_OK);
    EXPECT_EQ(alice_at_bob(), own_fpr(alice));
    EXPECT_EQ(bob.partner("alice@example.org")->comm_type, PEP_ct_pEp_unconfirmed);
    EXPECT_EQ(trust(bob, known->user_id, alice.fpr()), PEP_ct_unknown);
    EXPECT_FALSE(has_key(bob, alice.fpr()));
    EXPECT_EQ(user_default(bob, known->user_id), own_fpr(alice));
    // And the two can write to each other.
    exchange(bob, alice);
    exchange(alice, bob);
}

TEST_F(EdgeCaseReceivedReset, N097b_AResetThatComesTwiceChangesNothingMore) {
    const std::string mail = reset_mail();
    ASSERT_EQ(bob.read(mail).status, PEP_STATUS_OK);
    const OwnedIdentity known = bob.partner("alice@example.org");
    ASSERT_EQ(trust_personal_key(bob.session(), known.get()), PEP_STATUS_OK);
    ASSERT_EQ(bob.read(mail).status, PEP_STATUS_OK);
    EXPECT_EQ(bob.partner("alice@example.org")->comm_type, PEP_ct_pEp);
    EXPECT_EQ(alice_at_bob(), own_fpr(alice));
}

TEST_F(EdgeCaseReceivedReset, N098a_AResetOfAKeyThatHoldsNeedsItsSignature) {
    // Mallory has an address and a key in the name of Alice, and Bob knows both.
    User mallory{"alice@example.org", "Alice Müller"};
    OwnedMessage hello = bob.mail("alice@example.org", "hello", "my key");
    static_cast<void>(mallory.read(bob.send(*hello, PEP_enc_none).wire));
    const std::string wire = forged(mallory, "alice@example.org", alice.fpr(), mallory.fpr());
    static_cast<void>(bob.read(wire));
    EXPECT_EQ(alice_at_bob(), alice.fpr());
    EXPECT_EQ(bob.partner("alice@example.org")->comm_type, PEP_ct_pEp_unconfirmed);
}

TEST_F(EdgeCaseReceivedReset, N098b_AResetSignedByTheOldKeyIsAccepted) {
    // As later forks send it: the old key is not revoked yet, and vouches for the new one.
    const OwnedIdentity fresh{new_identity("alice@example.org", nullptr, "x", "Alice")};
    ASSERT_EQ(generate_keypair(alice.session(), fresh.get()), PEP_STATUS_OK);
    char* key = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(export_key(alice.session(), fresh->fpr, &key, &size), PEP_STATUS_OK);
    const OwnedChars owner{key};
    ASSERT_EQ(import_key(bob.session(), key, size, nullptr), PEP_KEY_IMPORTED);
    ASSERT_EQ(
        bob.read(forged(alice, "alice@example.org", alice.fpr(), fresh->fpr)).status, PEP_STATUS_OK
    );
    EXPECT_EQ(alice_at_bob(), view(fresh->fpr));
    EXPECT_EQ(bob.partner("alice@example.org")->comm_type, PEP_ct_pEp_unconfirmed);
}

TEST_F(EdgeCaseReceivedReset, N098c_AMistrustedSenderResetsNothing) {
    const std::string mail = reset_mail();
    const std::string fresh = own_fpr(alice);
    char* key = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(export_key(alice.session(), fresh.c_str(), &key, &size), PEP_STATUS_OK);
    const OwnedChars owner{key};
    ASSERT_EQ(import_key(bob.session(), key, size, nullptr), PEP_KEY_IMPORTED);
    const OwnedIdentity wrong{new_identity(
        "alice@example.org", fresh.c_str(), bob.partner("alice@example.org")->user_id, "Alice"
    )};
    ASSERT_EQ(key_mistrusted(bob.session(), wrong.get()), PEP_STATUS_OK);
    static_cast<void>(bob.read(mail));
    EXPECT_NE(alice_at_bob(), fresh);
    EXPECT_EQ(trust(bob, wrong->user_id, fresh), PEP_ct_mistrusted);
}

TEST_F(EdgeCaseReceivedReset, N098d_NobodyResetsTheKeyOfAnother) {
    User carol{"carol@example.com", "Carol"};
    static_cast<void>(
        carol.read(bob.send(*bob.mail("carol@example.com", "h", "k"), PEP_enc_none).wire)
    );
    const std::string wire = forged(carol, "alice@example.org", alice.fpr(), carol.fpr());
    EXPECT_EQ(bob.read(wire).status, PEP_STATUS_OK); // a mail like any other
    EXPECT_EQ(alice_at_bob(), alice.fpr());
}

TEST_F(EdgeCaseReceivedReset, N098e_APartnerDoesNotResetOwnKeys) {
    const std::string wire = forged(alice, "bob@example.net", bob.fpr(), alice.fpr());
    EXPECT_EQ(bob.read(wire).status, PEP_STATUS_OK);
    EXPECT_EQ(own_fpr(bob), bob.fpr());
    EXPECT_FALSE(revoked(bob, bob.fpr()));
}

TEST_F(EdgeCaseReceivedReset, N098f_AnUnknownNewKeyIsRefused) {
    const std::string wire =
        forged(alice, "alice@example.org", alice.fpr(), "00112233445566778899AABBCCDDEEFF00112233");
    EXPECT_EQ(bob.read(wire).status, PEP_STATUS_OK);
    EXPECT_EQ(alice_at_bob(), alice.fpr());
}

TEST(DistributionMessage, HasOnePayload) {
    const User me{"me@example.org", "Me"};
    const OwnedMessage msg = distribution_message(*me.own(), *person("you@example.net"), "a");
    auto db = sqlite::Database::open(me.home().directory() / "engine.sqlite3");
    ASSERT_TRUE(db);
    KeyRing keys{*db};
    const auto payload = payload_of(keys, *msg, PayloadFamily::distribution);
    ASSERT_TRUE(payload && *payload);
    EXPECT_EQ((*payload)->bytes, "a");
    append(msg->attachments, make_blob("b", "APPLICATION/PEP.DISTRIBUTION", nullptr));
    const auto refused = payload_of(keys, *msg, PayloadFamily::distribution);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, PEP_DECRYPT_WRONG_FORMAT);
}

TEST(DistributionMessage, WithASignatureThatDoesNotVerifyHasNoPayload) {
    const User me{"me@example.org", "Me"};
    const OwnedMessage msg = distribution_message(*me.own(), *person("you@example.net"), "a");
    append(msg->attachments, make_blob("no signature", "application/pEp.sign", nullptr));
    auto db = sqlite::Database::open(me.home().directory() / "engine.sqlite3");
    ASSERT_TRUE(db);
    KeyRing keys{*db};
    const auto payload = payload_of(keys, *msg, PayloadFamily::distribution);
    ASSERT_TRUE(payload);
    EXPECT_FALSE(*payload);
}

TEST(DistributionMessage, MayEndWithAZeroOctet) {
    const User me{"me@example.org", "Me"};
    const std::string bytes{"a\0", 2};
    const OwnedMessage msg = distribution_message(*me.own(), *person("you@example.net"), bytes);
    auto db = sqlite::Database::open(me.home().directory() / "engine.sqlite3");
    ASSERT_TRUE(db);
    KeyRing keys{*db};
    const OwnedMessage crossed = decode(me.session(), encode(me.session(), *msg));
    const auto payload = payload_of(keys, *crossed, PayloadFamily::distribution);
    ASSERT_TRUE(payload && *payload);
    EXPECT_EQ((*payload)->bytes, bytes);
}

} // namespace
} // namespace pep::engine::test
