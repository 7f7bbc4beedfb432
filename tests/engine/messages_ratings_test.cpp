// Ratings: every rule of the tables, and that asking for one changes nothing.
#include "engine/ratings.hpp"
#include "messages_fixture.hpp"

namespace pep::engine::test {
namespace {

TEST(RatingFromStatus, FollowsTheTable) {
    EXPECT_EQ(rating_from_status(PEP_UNENCRYPTED), 3);
    EXPECT_EQ(rating_from_status(PEP_VERIFIED), 3);
    EXPECT_EQ(rating_from_status(PEP_VERIFY_NO_KEY), 3);
    EXPECT_EQ(rating_from_status(PEP_VERIFIED_AND_TRUSTED), 3);
    EXPECT_EQ(rating_from_status(PEP_DECRYPTED), 4);
    EXPECT_EQ(rating_from_status(PEP_VERIFY_SIGNER_KEY_REVOKED), 4);
    EXPECT_EQ(rating_from_status(PEP_DECRYPT_SIGNATURE_DOES_NOT_MATCH), 4);
    EXPECT_EQ(rating_from_status(PEP_DECRYPTED_AND_VERIFIED), 6);
    EXPECT_EQ(rating_from_status(PEP_DECRYPT_NO_KEY), 2);
    EXPECT_EQ(rating_from_status(PEP_DECRYPT_WRONG_FORMAT), 1);
    EXPECT_EQ(rating_from_status(PEP_CANNOT_DECRYPT_UNKNOWN), 1);
    EXPECT_EQ(rating_from_status(PEP_PASSPHRASE_REQUIRED), 0);
    EXPECT_EQ(rating_from_status(PEP_UNKNOWN_ERROR), 0);
}

TEST(Combine, TakesTheWeakestButCompromisedAndMistrustedWin) {
    EXPECT_EQ(combine(PEP_ct_pEp, PEP_ct_OpenPGP_unconfirmed), PEP_ct_OpenPGP_unconfirmed);
    EXPECT_EQ(combine(PEP_ct_key_not_found, PEP_ct_pEp), PEP_ct_key_not_found);
    EXPECT_EQ(combine(PEP_ct_unknown, PEP_ct_key_not_found), PEP_ct_unknown);
    EXPECT_EQ(combine(PEP_ct_unknown, PEP_ct_mistrusted), PEP_ct_mistrusted);
    EXPECT_EQ(combine(PEP_ct_mistrusted, PEP_ct_unknown), PEP_ct_mistrusted);
    EXPECT_EQ(combine(PEP_ct_mistrusted, PEP_ct_compromised), PEP_ct_mistrusted);
    EXPECT_EQ(combine(PEP_ct_compromised, PEP_ct_pEp), PEP_ct_compromised);
}

TEST(RateRecipients, IsNeverBelowUnencrypted) {
    EXPECT_EQ(rate_recipients(PEP_ct_mistrusted), 3);
    EXPECT_EQ(rate_recipients(PEP_ct_key_not_found), 3);
    EXPECT_EQ(rate_recipients(PEP_ct_unknown), 3);
    EXPECT_EQ(rate_recipients(PEP_ct_key_expired), 4);
    EXPECT_EQ(rate_recipients(PEP_ct_OpenPGP_unconfirmed), 6);
    EXPECT_EQ(rate_recipients(PEP_ct_OpenPGP), 7);
    EXPECT_EQ(rate_recipients(PEP_ct_pEp), 8);
}

class Ratings : public Friends {
  protected:
    [[nodiscard]] PEP_rating outgoing(message& msg) const {
        PEP_rating rating = PEP_rating_b0rken;
        EXPECT_EQ(outgoing_message_rating(alice.session(), &msg, &rating), 0);
        return rating;
    }

    [[nodiscard]] PEP_rating amended(PEP_rating rating, std::vector<std::string> keylist) const {
        const OwnedIdentity sender = bob.partner("alice@example.org");
        const auto result = amend_rating(*bob.session(), rating, sender.get(), keylist);
        EXPECT_TRUE(result);
        return result.value_or(PEP_rating_b0rken);
    }
};

TEST_F(Ratings, OutgoingFollowsTheWeakestRecipient) {
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    EXPECT_EQ(outgoing(*msg), PEP_rating_unencrypted);
    introduce();
    EXPECT_EQ(outgoing(*msg), PEP_rating_reliable);
    OwnedIdentity known = alice.partner("bob@example.net");
    ASSERT_EQ(trust_personal_key(alice.session(), known.get()), 0);
    EXPECT_EQ(outgoing(*msg), PEP_rating_trusted_and_anonymized);
    msg->cc = new_identity_list(person("carol@example.com").release());
    EXPECT_EQ(outgoing(*msg), PEP_rating_unencrypted);
}

TEST_F(Ratings, OutgoingToAMistrustedPartnerIsUnencrypted) {
    introduce();
    OwnedIdentity known = alice.partner("bob@example.net");
    ASSERT_EQ(key_mistrusted(alice.session(), known.get()), 0);
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    EXPECT_EQ(outgoing(*msg), PEP_rating_unencrypted);
}

TEST_F(Ratings, OutgoingWithoutRecipientsIsUndefined) {
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    free_identity_list(msg->to);
    msg->to = nullptr;
    EXPECT_EQ(outgoing(*msg), PEP_rating_undefined);
}

TEST_F(Ratings, OutgoingMakesNoKeysAndLeavesTheMessageAlone) {
    const Home fresh;
    OwnedMessage msg{new_message(PEP_dir_outgoing)};
    msg->from = person("new@example.org").release();
    OwnedIdentity me{new_identity("new@example.org", nullptr, PEP_OWN_USERID, "New")};
    me->me = true;
    msg->to = new_identity_list(me.release());
    PEP_rating rating = PEP_rating_b0rken;
    EXPECT_EQ(outgoing_message_rating(fresh.session(), msg.get(), &rating), 0);
    EXPECT_EQ(rating, PEP_rating_unencrypted);
    EXPECT_EQ(msg->from->fpr, nullptr);
    EXPECT_EQ(msg->from->user_id, nullptr);
    stringlist_t* keys = nullptr;
    EXPECT_EQ(find_keys(fresh.session(), "new@example.org", &keys), 0);
    EXPECT_EQ(keys, nullptr);
}

TEST_F(Ratings, OutgoingWantsAnOutgoingMessage) {
    OwnedMessage msg{new_message(PEP_dir_incoming)};
    PEP_rating rating = PEP_rating_trusted;
    EXPECT_EQ(outgoing_message_rating(alice.session(), msg.get(), &rating), -4);
    EXPECT_EQ(rating, PEP_rating_undefined);
    EXPECT_EQ(outgoing_message_rating(nullptr, msg.get(), &rating), -4);
    EXPECT_EQ(outgoing_message_rating(alice.session(), nullptr, &rating), -4);
    EXPECT_EQ(outgoing_message_rating(alice.session(), msg.get(), nullptr), -4);
}

TEST_F(Ratings, IdentityIsRatedByItsKey) {
    PEP_rating rating = PEP_rating_b0rken;
    OwnedIdentity partner = person("bob@example.net");
    EXPECT_EQ(identity_rating(alice.session(), partner.get(), &rating), 0);
    EXPECT_EQ(rating, PEP_rating_have_no_key);
    introduce();
    EXPECT_EQ(identity_rating(alice.session(), partner.get(), &rating), 0);
    EXPECT_EQ(rating, PEP_rating_reliable);
    OwnedIdentity me = alice.own();
    EXPECT_EQ(identity_rating(alice.session(), me.get(), &rating), 0);
    EXPECT_EQ(rating, PEP_rating_trusted_and_anonymized);
    OwnedIdentity nobody = person("");
    EXPECT_EQ(identity_rating(alice.session(), nobody.get(), &rating), -4);
    EXPECT_EQ(rating, PEP_rating_undefined);
}

TEST_F(Ratings, AmendNeedsSignerAndSender) {
    introduce();
    EXPECT_EQ(amended(PEP_rating_reliable, {}), PEP_rating_undefined);
    EXPECT_EQ(amended(PEP_rating_reliable, {"", bob.fpr()}), PEP_rating_unreliable);
    const auto nobody = amend_rating(*bob.session(), PEP_rating_reliable, nullptr, {alice.fpr()});
    EXPECT_EQ(nobody.value(), PEP_rating_unreliable);
    EXPECT_EQ(amended(PEP_rating_mistrust, {}), PEP_rating_mistrust);
    EXPECT_EQ(amended(PEP_rating_b0rken, {alice.fpr()}), PEP_rating_b0rken);
}

TEST_F(Ratings, AmendTakesTheWeakestOfSignerAndRecipients) {
    introduce();
    EXPECT_EQ(amended(PEP_rating_reliable, {alice.fpr(), bob.fpr()}), PEP_rating_reliable);
    OwnedIdentity known = bob.partner("alice@example.org");
    ASSERT_EQ(trust_personal_key(bob.session(), known.get()), 0);
    EXPECT_EQ(
        amended(PEP_rating_reliable, {alice.fpr(), bob.fpr()}), PEP_rating_trusted_and_anonymized
    );
    EXPECT_EQ(amended(PEP_rating_unreliable, {alice.fpr()}), PEP_rating_unreliable)
        << "a trusted signer does not mend a bad message";
    const std::string unknown(40, 'A');
    EXPECT_EQ(amended(PEP_rating_reliable, {alice.fpr(), unknown}), PEP_rating_undefined);
}

TEST_F(Ratings, AmendTurnsRedForAMistrustedRecipient) {
    introduce();
    const User carol{"carol@example.com", "Carol"};
    OwnedMessage hello = carol.mail("bob@example.net", "hello", "key");
    ASSERT_EQ(bob.read(carol.send(*hello).wire).status, PEP_UNENCRYPTED);
    OwnedIdentity third = bob.partner("carol@example.com");
    ASSERT_EQ(key_mistrusted(bob.session(), third.get()), 0);
    EXPECT_EQ(
        amended(PEP_rating_reliable, {alice.fpr(), bob.fpr(), carol.fpr()}), PEP_rating_mistrust
    );
}

} // namespace
} // namespace pep::engine::test
