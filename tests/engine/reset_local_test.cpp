// Key reset asked for by the user: partners' keys, and own keys of identities that stand alone. The
// numbers are those of the engine reference's edge cases.
#include "reset_fixture.hpp"

namespace pep::engine::test {
namespace {

using EdgeCaseReset = Acquainted;

TEST_F(EdgeCaseReset, N086_ResetNeedsAnIdentityWithAddressAndUserId) {
    EXPECT_EQ(key_reset_identity(alice.session(), nullptr, nullptr), PEP_ILLEGAL_VALUE);
    const OwnedIdentity no_address{new_identity(nullptr, nullptr, "B", nullptr)};
    EXPECT_EQ(key_reset_identity(alice.session(), no_address.get(), nullptr), PEP_ILLEGAL_VALUE);
    const OwnedIdentity no_user{new_identity("bob@example.net", nullptr, nullptr, nullptr)};
    EXPECT_EQ(key_reset_identity(alice.session(), no_user.get(), nullptr), PEP_ILLEGAL_VALUE);
    EXPECT_EQ(key_reset_identity(nullptr, no_user.get(), nullptr), PEP_ILLEGAL_VALUE);
    EXPECT_EQ(reset(alice, "no fingerprint"), PEP_ILLEGAL_VALUE);
}

TEST_F(EdgeCaseReset, N087a_ResettingTheOwnUserNeedsAKey) {
    EXPECT_EQ(key_reset_user(alice.session(), PEP_OWN_USERID, nullptr), PEP_ILLEGAL_VALUE);
    EXPECT_EQ(own_fpr(alice), alice.fpr());
}

TEST_F(EdgeCaseReset, N087b_ResettingAllOwnKeysNeedsAnOwnUser) {
    const Home empty;
    const OwnedIdentity bob_there{
        new_identity("bob@example.net", bob.fpr().c_str(), "BobId", "Bob")};
    ASSERT_EQ(set_identity(empty.session(), bob_there.get()), PEP_STATUS_OK);
    EXPECT_EQ(key_reset_all_own_keys(empty.session()), PEP_CANNOT_FIND_IDENTITY);
    pEp_identity* kept = nullptr;
    ASSERT_EQ(get_identity(empty.session(), "bob@example.net", "BobId", &kept), PEP_STATUS_OK);
    const OwnedIdentity owner{kept};
    EXPECT_EQ(view(kept->fpr), bob.fpr());
}

TEST_F(EdgeCaseReset, N088_ResettingAPartnerForgetsTheKeysWithTrust) {
    const OwnedIdentity known = alice.partner("bob@example.net");
    const std::string second = add_contact(alice, "bob2@example.net", known->user_id);
    const User stranger{"bob@example.net", "B"};
    char* key = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(export_key(stranger.session(), stranger.fpr().c_str(), &key, &size), 0);
    const OwnedChars owner{key};
    ASSERT_EQ(import_key(alice.session(), key, size, nullptr), PEP_KEY_IMPORTED);
    ASSERT_EQ(alice.partner("bob2@example.net")->comm_type, PEP_ct_pEp_unconfirmed);

    EXPECT_EQ(key_reset_user(alice.session(), known->user_id, nullptr), PEP_STATUS_OK);
    EXPECT_FALSE(has_key(alice, bob.fpr()));
    EXPECT_FALSE(has_key(alice, second));
    EXPECT_TRUE(has_key(alice, stranger.fpr()));
    EXPECT_EQ(trust(alice, known->user_id, bob.fpr()), PEP_ct_unknown);
    EXPECT_EQ(alice.partner("bob@example.net")->comm_type, PEP_ct_key_not_found);
    EXPECT_EQ(key_reset_user(alice.session(), known->user_id, nullptr), PEP_KEY_NOT_FOUND);
}

TEST_F(EdgeCaseReset, N089_ResettingOneKeyOfAPartnerKeepsTheOthers) {
    const OwnedIdentity known = alice.partner("bob@example.net");
    const std::string second = add_contact(alice, "bob2@example.net", known->user_id);
    ASSERT_EQ(alice.partner("bob2@example.net")->comm_type, PEP_ct_pEp_unconfirmed);
    EXPECT_EQ(key_reset_user(alice.session(), known->user_id, second.c_str()), PEP_STATUS_OK);
    EXPECT_FALSE(has_key(alice, second));
    EXPECT_EQ(trust(alice, known->user_id, bob.fpr()), PEP_ct_pEp_unconfirmed);
    EXPECT_EQ(view(alice.partner("bob@example.net")->fpr), bob.fpr());
}

TEST_F(EdgeCaseReset, N090a_ResettingAPartnersIdentityForgetsItsKey) {
    const OwnedIdentity known = alice.partner("bob@example.net");
    EXPECT_EQ(key_reset_identity(alice.session(), known.get(), nullptr), PEP_STATUS_OK);
    EXPECT_EQ(alice.partner("bob@example.net")->comm_type, PEP_ct_key_not_found);
    EXPECT_EQ(user_default(alice, known->user_id), "");
    EXPECT_FALSE(has_key(alice, bob.fpr()));
    EXPECT_TRUE(alice.outbox().empty()); // no mail about others' keys
}

TEST_F(EdgeCaseReset, N090b_APartnersSecretKeyStaysInTheKeyRing) {
    char* key = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(export_secret_key(bob.session(), bob.fpr().c_str(), &key, &size), 0);
    const OwnedChars owner{key};
    ASSERT_EQ(import_key(alice.session(), key, size, nullptr), PEP_KEY_IMPORTED);
    const OwnedIdentity known = alice.partner("bob@example.net");
    EXPECT_EQ(key_reset_identity(alice.session(), known.get(), bob.fpr().c_str()), PEP_STATUS_OK);
    EXPECT_EQ(alice.partner("bob@example.net")->comm_type, PEP_ct_key_not_found);
    EXPECT_TRUE(has_key(alice, bob.fpr()));
}

TEST_F(EdgeCaseReset, N090c_AKeyThatIsNotInTheKeyRingIsForgottenAllTheSame) {
    const OwnedIdentity known = alice.partner("bob@example.net");
    ASSERT_EQ(delete_keypair(alice.session(), bob.fpr().c_str()), PEP_STATUS_OK);
    EXPECT_EQ(
        key_reset_identity(alice.session(), known.get(), bob.fpr().c_str()), PEP_KEY_NOT_FOUND
    );
    EXPECT_EQ(user_default(alice, known->user_id), "");
    EXPECT_EQ(trust(alice, known->user_id, bob.fpr()), PEP_ct_unknown);
}

TEST_F(EdgeCaseReset, N091_AnOwnResetRevokesAndReplaces) {
    ASSERT_EQ(reset(alice), PEP_STATUS_OK);
    const std::string fpr = own_fpr(alice);
    EXPECT_NE(fpr, alice.fpr());
    EXPECT_EQ(trust(alice, PEP_OWN_USERID, fpr), PEP_ct_pEp);
    EXPECT_TRUE(revoked(alice, alice.fpr()));
    EXPECT_FALSE(revoked(alice, fpr));
    EXPECT_EQ(trust(alice, PEP_OWN_USERID, alice.fpr()), PEP_ct_mistrusted);
    EXPECT_EQ(user_default(alice, PEP_OWN_USERID), fpr);
    const OwnedIdentity me = alice.own();
    ASSERT_EQ(myself(alice.session(), me.get()), PEP_STATUS_OK);
    EXPECT_EQ(view(me->fpr), fpr);
    // What was encrypted to the old key stays readable.
    EXPECT_EQ(
        alice.read(bob.send(*bob.mail("alice@example.org", "s", "b")).wire).status, PEP_STATUS_OK
    );
}

TEST_F(EdgeCaseReset, N092_AnOwnResetWithKeyChangesItsUsersOnly) {
    const std::string other = add_own(alice, "alice2@example.org");
    use_key(alice, "alice3@example.org", alice.fpr());
    EXPECT_EQ(key_reset_user(alice.session(), PEP_OWN_USERID, alice.fpr().c_str()), PEP_STATUS_OK);
    EXPECT_EQ(own_fpr(alice, "alice2@example.org"), other);
    EXPECT_EQ(trust(alice, PEP_OWN_USERID, other), PEP_ct_pEp);
    const std::string first = own_fpr(alice);
    const std::string third = own_fpr(alice, "alice3@example.org");
    EXPECT_NE(first, alice.fpr());
    EXPECT_NE(third, alice.fpr());
    EXPECT_NE(first, third); // each identity has a key of its own now
}

TEST_F(EdgeCaseReset, N093a_ResettingAnOwnKeyTwiceWorks) {
    ASSERT_EQ(reset(alice), PEP_STATUS_OK);
    const std::string second = own_fpr(alice);
    ASSERT_EQ(reset(alice), PEP_STATUS_OK);
    EXPECT_NE(own_fpr(alice), second);
    EXPECT_EQ(reset(alice, alice.fpr().c_str()), PEP_STATUS_OK); // done long ago
}

TEST_F(EdgeCaseReset, N093b_ResettingAPartnerTwiceWorks) {
    const OwnedIdentity known = alice.partner("bob@example.net");
    EXPECT_EQ(key_reset_identity(alice.session(), known.get(), nullptr), PEP_STATUS_OK);
    EXPECT_EQ(key_reset_identity(alice.session(), known.get(), nullptr), PEP_STATUS_OK);
    EXPECT_EQ(alice.partner("bob@example.net")->comm_type, PEP_ct_key_not_found);
    EXPECT_EQ(key_reset_identity(alice.session(), known.get(), nullptr), PEP_STATUS_OK);
}

TEST_F(EdgeCaseReset, N093c_AnotherUsersOwnKeyIsNobodysToReset) {
    const User carol{"carol@example.com", "Carol"};
    char* key = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(export_secret_key(carol.session(), carol.fpr().c_str(), &key, &size), 0);
    const OwnedChars owner{key};
    ASSERT_EQ(import_key(alice.session(), key, size, nullptr), PEP_KEY_IMPORTED);
    EXPECT_EQ(
        key_reset_user(alice.session(), PEP_OWN_USERID, carol.fpr().c_str()), PEP_ILLEGAL_VALUE
    );
    EXPECT_FALSE(revoked(alice, carol.fpr()));
}

TEST_F(EdgeCaseReset, N094_RecentContactsOfTheIdentityAreTold) {
    for (const char* address : {"c1@example.com", "c2@example.com", "old@example.com"}) {
        add_contact(alice, address, address);
        const OwnedIdentity who{new_identity(address, nullptr, address, address)};
        ASSERT_EQ(set_as_pEp_user(alice.session(), who.get()), PEP_STATUS_OK);
        write_to(alice, address);
    }
    add_contact(alice, "openpgp@example.com", "gnu");
    write_to(alice, "openpgp@example.com");
    add_contact(alice, "never@example.com", "never");
    sql(alice,
        "UPDATE identity SET created = created - 15 * 86400 WHERE user_id = 'old@example.com';"
        "UPDATE social_graph SET last_contact = last_contact - 15 * 86400"
        " WHERE contact_user_id = 'old@example.com'");
    ASSERT_EQ(reset(alice), PEP_STATUS_OK);
    EXPECT_EQ(
        recipients(alice),
        (std::multiset<std::string>{"bob@example.net", "c1@example.com", "c2@example.com"})
    );
    // Nobody is told twice about the same key.
    alice.outbox().clear();
    ASSERT_EQ(reset(alice, alice.fpr().c_str()), PEP_STATUS_OK);
    EXPECT_TRUE(alice.outbox().empty());
}

TEST_F(EdgeCaseReset, N094b_AnOldContactWrittenToTheOtherDayIsRecent) {
    sql(alice, "UPDATE identity SET created = created - 100 * 86400 WHERE is_own = 0");
    ASSERT_EQ(reset(alice), PEP_STATUS_OK);
    EXPECT_EQ(recipients(alice), (std::multiset<std::string>{"bob@example.net"}));
}

TEST_F(EdgeCaseReset, N094c_ContactsOfAnotherOwnIdentityAreNotTold) {
    add_own(alice, "alice2@example.org");
    const OwnedIdentity second{
        new_identity("alice2@example.org", nullptr, PEP_OWN_USERID, nullptr)};
    ASSERT_EQ(key_reset_identity(alice.session(), second.get(), nullptr), PEP_STATUS_OK);
    EXPECT_TRUE(alice.outbox().empty());
}

TEST_F(EdgeCaseReset, N094d_TheMessageLooksAsOthersExpectIt) {
    ASSERT_EQ(reset(alice), PEP_STATUS_OK);
    ASSERT_EQ(alice.outbox().size(), 1U);
    const message& msg = *alice.outbox().front();
    EXPECT_EQ(msg.dir, PEP_dir_outgoing);
    EXPECT_EQ(msg.enc_format, PEP_enc_PGP_MIME);
    EXPECT_EQ(view(msg.shortmsg), "p\xE2\x89\xA1p");
    EXPECT_EQ(field_of(msg, "pEp-auto-consume"), "yes");
    ASSERT_NE(msg.in_reply_to, nullptr);
    EXPECT_EQ(view(msg.in_reply_to->value), "pEp-auto-consume@pEp.foundation");
    EXPECT_EQ(view(msg.from->fpr), own_fpr(alice));

    const auto read = bob.read(encode(alice.session(), msg));
    ASSERT_EQ(read.status, PEP_STATUS_OK);
    ASSERT_TRUE(read.dst);
    EXPECT_EQ(
        view(read.dst->shortmsg),
        "p\xE2\x89\xA1p key management message (Distribution) - please ignore"
    );
    EXPECT_EQ(field_of(*read.dst, "pEp-auto-consume"), "yes");
    EXPECT_EQ(read.signer(), own_fpr(alice));
    const bloblist_t* payload = read.dst->attachments;
    ASSERT_NE(payload, nullptr);
    EXPECT_EQ(view(payload->mime_type), "application/pEp.distribution");
    EXPECT_EQ(view(payload->filename), "file://distribution.pEp");
    const auto decoded = decode_distribution({payload->value, payload->size});
    ASSERT_TRUE(decoded);
    ASSERT_EQ(decoded->commands.size(), 1U);
    EXPECT_EQ(decoded->commands[0].ident.address, "alice@example.org");
    EXPECT_EQ(decoded->commands[0].ident.fpr, alice.fpr());
    EXPECT_EQ(decoded->commands[0].new_fpr, own_fpr(alice));
}

TEST_F(EdgeCaseReset, N095_ALateContactIsToldOnce) {
    // Written before the reset, and read after it.
    const auto late = bob.send(*bob.mail("alice@example.org", "s", "b"));
    const auto later = bob.send(*bob.mail("alice@example.org", "s", "b"));
    sql(alice,
        "UPDATE identity SET created = 1 WHERE is_own = 0; UPDATE social_graph SET last_contact = 1"
    );
    ASSERT_EQ(reset(alice), PEP_STATUS_OK);
    ASSERT_TRUE(alice.outbox().empty());
    ASSERT_EQ(alice.read(late.wire).status, PEP_STATUS_OK);
    ASSERT_EQ(alice.outbox().size(), 1U);
    EXPECT_EQ(view(alice.outbox()[0]->to->ident->address), "bob@example.net");
    EXPECT_EQ(view(alice.outbox()[0]->from->fpr), own_fpr(alice));
    ASSERT_EQ(alice.read(later.wire).status, PEP_STATUS_OK);
    EXPECT_EQ(alice.outbox().size(), 1U);
}

TEST_F(EdgeCaseReset, N095b_AStrangerIsNotAnswered) {
    User carol{"carol@example.com", "Carol"};
    OwnedMessage hello = alice.mail("carol@example.com", "hello", "my key");
    EXPECT_EQ(carol.read(alice.send(*hello, PEP_enc_none).wire).status, PEP_UNENCRYPTED);
    sql(alice, "DELETE FROM social_graph");
    const auto late = carol.send(*carol.mail("alice@example.org", "s", "b"));
    ASSERT_EQ(late.status, PEP_STATUS_OK);
    ASSERT_EQ(reset(alice), PEP_STATUS_OK);
    alice.outbox().clear();
    ASSERT_EQ(alice.read(late.wire).status, PEP_STATUS_OK);
    EXPECT_TRUE(alice.outbox().empty());
}

TEST_F(EdgeCaseReset, N096_OwnMailOfBeforeIsReadAndNotAnswered) {
    const auto draft = alice.send(*alice.mail("alice@example.org", "draft", "text"));
    ASSERT_EQ(draft.status, PEP_STATUS_OK);
    ASSERT_EQ(reset(alice), PEP_STATUS_OK);
    alice.outbox().clear();
    const auto read = alice.read(draft.wire);
    EXPECT_EQ(read.status, PEP_VERIFY_SIGNER_KEY_REVOKED);
    EXPECT_EQ(view(read.shown().longmsg), "text");
    EXPECT_TRUE(alice.outbox().empty());
}

TEST_F(EdgeCaseReset, N096b_AFailingTransportDoesNotUndoAReset) {
    alice.delivers_with(PEP_TRANSPORT_DOWN);
    EXPECT_EQ(reset(alice), PEP_STATUS_OK);
    EXPECT_NE(own_fpr(alice), alice.fpr());
    // Bob was not told, so he is when he writes.
    alice.delivers_with(PEP_STATUS_OK);
    ASSERT_EQ(
        alice.read(bob.send(*bob.mail("alice@example.org", "s", "b")).wire).status, PEP_STATUS_OK
    );
    EXPECT_EQ(recipients(alice), (std::multiset<std::string>{"bob@example.net"}));
}

} // namespace
} // namespace pep::engine::test
