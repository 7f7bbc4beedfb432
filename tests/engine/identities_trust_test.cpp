// Decisions about keys: cases 34 to 47 of the engine reference.
#include "engine/identities.hpp"
#include "engine/identities_fixture.hpp"

using pep::engine::testing::identity;
using pep::engine::testing::IdentityPtr;
using pep::engine::testing::text;

namespace {

class Trust : public pep::engine::testing::IdentitiesTest {
  protected:
    static IdentityPtr bob(const std::string& fpr) {
        return identity("bob@example.org", "BOB", "Bob", fpr.c_str());
    }
};

} // namespace

TEST_F(Trust, ConfirmsTheDefaultKey) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    auto who = updated("bob@example.org", "BOB");
    ASSERT_EQ(trust_personal_key(session.get(), who.get()), PEP_STATUS_OK);
    EXPECT_EQ(who->comm_type, 0xb8);
    const auto again = updated("bob@example.org", "BOB");
    EXPECT_EQ(text(again->fpr), fpr);
    EXPECT_EQ(again->comm_type, 0xb8);
}

TEST_F(Trust, ConfirmingAnotherKeyReplacesAnUnconfirmedDefault) {
    partner("bob@example.org", "BOB", "Bob");
    updated("bob@example.org", "BOB");
    const auto second = partner_key("bob@example.org");
    ASSERT_EQ(trust_personal_key(session.get(), bob(second).get()), PEP_STATUS_OK);
    const auto who = updated("bob@example.org", "BOB");
    EXPECT_EQ(text(who->fpr), second);
    EXPECT_EQ(who->comm_type, 0xb8);
}

TEST_F(Trust, ConfirmingAnotherKeyKeepsAConfirmedDefault) {
    const auto first = partner("bob@example.org", "BOB", "Bob");
    ASSERT_EQ(trust_personal_key(session.get(), bob(first).get()), PEP_STATUS_OK);
    const auto second = partner_key("bob@example.org");
    ASSERT_EQ(trust_personal_key(session.get(), bob(second).get()), PEP_STATUS_OK);
    EXPECT_EQ(text(updated("bob@example.org", "BOB")->fpr), first);
    EXPECT_EQ(trust("BOB", second), 0xb8);
}

TEST_F(Trust, RefusesToConfirmOwnAndAbsentKeys) {
    const auto me = own("me@example.org", "Me");
    EXPECT_EQ(trust_personal_key(session.get(), me.get()), -4);
    const auto absent = bob("0123456789ABCDEF0123456789ABCDEF01234567");
    EXPECT_EQ(trust_personal_key(session.get(), absent.get()), 0x0206);
    EXPECT_EQ(trust_personal_key(session.get(), identity("bob@example.org", "BOB").get()), -4);
}

TEST_F(Trust, ResettingTakesBackConfirmationAndDefault) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    ASSERT_EQ(trust_personal_key(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    ASSERT_EQ(key_reset_trust(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", fpr), 0x38);
    EXPECT_EQ(updated("bob@example.org", "BOB")->fpr, nullptr);
}

TEST_F(Trust, ResettingLeavesPepUsersAtTheirLevel) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    ASSERT_EQ(set_as_pEp_user(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    ASSERT_EQ(trust_personal_key(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", fpr), 0xff);
    ASSERT_EQ(key_reset_trust(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", fpr), 0x7f);
}

TEST_F(Trust, ResettingNeedsSomethingToReset) {
    const auto fpr = partner_key("bob@example.org");
    EXPECT_EQ(key_reset_trust(session.get(), bob(fpr).get()), 0x0301);
}

TEST_F(Trust, ResettingAnOwnKeyKeepsIt) {
    auto me = own("me@example.org", "Me");
    ASSERT_EQ(key_reset_trust(session.get(), me.get()), PEP_STATUS_OK);
    EXPECT_EQ(text(own("me@example.org")->fpr), text(me->fpr));
    EXPECT_EQ(trust("pEp_own_userId", me->fpr), 0xff);
}

TEST_F(Trust, AMistrustedKeyIsNotUsed) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    auto who = updated("bob@example.org", "BOB");
    ASSERT_EQ(key_mistrusted(session.get(), who.get()), PEP_STATUS_OK);
    EXPECT_EQ(who->comm_type, 0x0f);
    const auto again = updated("bob@example.org", "BOB");
    EXPECT_EQ(again->fpr, nullptr);
    EXPECT_EQ(again->comm_type, 0x03);
    EXPECT_EQ(trust("BOB", fpr), 0x0f);
    EXPECT_EQ(trust_personal_key(session.get(), bob(fpr).get()), 0x0206);
    // It does not come back by mail, only by the user's decision.
    ASSERT_TRUE(pep::engine::adopt_default_key(*session, *again, fpr).has_value());
    EXPECT_EQ(updated("bob@example.org", "BOB")->fpr, nullptr);
    ASSERT_EQ(key_reset_trust(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", fpr), 0x38);
    ASSERT_TRUE(pep::engine::adopt_default_key(*session, *again, fpr).has_value());
    EXPECT_EQ(text(updated("bob@example.org", "BOB")->fpr), fpr);
}

TEST_F(Trust, MistrustIsSharedByAllWhoHaveTheKey) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    updated("bob@example.org", "BOB");
    const auto carol = identity("carol@example.org", "CAROL", "Carol");
    ASSERT_EQ(set_comm_partner_key(session.get(), carol.get(), fpr.c_str()), PEP_STATUS_OK);
    updated("carol@example.org", "CAROL");
    ASSERT_EQ(key_mistrusted(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("CAROL", fpr), 0x0f);
    EXPECT_EQ(updated("carol@example.org", "CAROL")->fpr, nullptr);
}

TEST_F(Trust, AKeyCanBeMistrustedBeforeItWasEverUsed) {
    const auto fpr = partner_key("bob@example.org");
    ASSERT_EQ(key_mistrusted(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", fpr), 0x0f);
    ASSERT_EQ(key_reset_trust(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", fpr), 0x38);
}

TEST_F(Trust, MistrustOutlivesRevocation) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    updated("bob@example.org", "BOB");
    ASSERT_EQ(key_mistrusted(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    ASSERT_EQ(revoke_key(elsewhere.get(), fpr.c_str(), nullptr), PEP_STATUS_OK);
    bring(fpr);
    updated("bob@example.org", "BOB");
    EXPECT_EQ(trust("BOB", fpr), 0x0f);
}

TEST_F(Trust, LeastTrustIgnoresUnknown) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    PEP_comm_type least = PEP_ct_pEp;
    EXPECT_EQ(least_trust(session.get(), fpr.c_str(), &least), PEP_STATUS_OK);
    EXPECT_EQ(least, 0x00);
    ASSERT_EQ(trust_personal_key(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    const auto carol = identity("carol@example.org", "CAROL", "Carol", fpr.c_str());
    ASSERT_EQ(set_identity(session.get(), carol.get()), PEP_STATUS_OK); // trust 0
    EXPECT_EQ(least_trust(session.get(), fpr.c_str(), &least), PEP_STATUS_OK);
    EXPECT_EQ(least, 0xb8);
    ASSERT_EQ(mark_as_compromised(session.get(), fpr.c_str()), PEP_STATUS_OK);
    EXPECT_EQ(least_trust(session.get(), fpr.c_str(), &least), PEP_STATUS_OK);
    EXPECT_EQ(least, 0x0f);
}

TEST_F(Trust, ConfirmsAPublicKeyOfAnOwnAddress) {
    own("me@example.org", "Me");
    const auto fpr = partner_key("me@example.org");
    auto me = identity("me@example.org", "pEp_own_userId", "Me", fpr.c_str());
    EXPECT_EQ(trust_own_key(session.get(), me.get()), PEP_STATUS_OK);
    EXPECT_EQ(me->comm_type, 0xff);
    EXPECT_FALSE(*pep::engine::is_own_key(*session, fpr)); // no secret part
    EXPECT_EQ(trust_own_key(session.get(), bob(fpr).get()), -4);
}

TEST_F(Trust, RefusesAPartnerKeyForAnOwnIdentity) {
    const auto me = own("me@example.org", "Me");
    const auto by_id = identity("me@example.org", "pEp_own_userId", "Me");
    EXPECT_EQ(set_comm_partner_key(session.get(), by_id.get(), me->fpr), -4);
    const auto by_address = identity("me@example.org");
    EXPECT_EQ(set_comm_partner_key(session.get(), by_address.get(), me->fpr), -4);
}

TEST_F(Trust, AnExistingDefaultIsNotReplacedByMail) {
    const auto first = partner("bob@example.org", "BOB", "Bob");
    const auto second = partner_key("bob@example.org");
    const auto who = updated("bob@example.org", "BOB");
    ASSERT_TRUE(pep::engine::adopt_default_key(*session, *who, second).has_value());
    EXPECT_EQ(text(updated("bob@example.org", "BOB")->fpr), first);
}

TEST_F(Trust, TellsWhetherThereIsATrustRow) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    auto who = bob(fpr);
    who->comm_type = PEP_ct_pEp;
    EXPECT_EQ(get_trust(session.get(), who.get()), 0x0301);
    EXPECT_EQ(who->comm_type, 0x00);
    EXPECT_EQ(get_trust(session.get(), identity(nullptr, "BOB").get()), -4);
}
