// Decisions about keys: cases 34 to 47 of the engine reference, section 10.
#include "engine/edge_fixture.hpp"
#include "engine/messages_fixture.hpp"
#include "pEp/key_reset.h"

namespace pep::engine::testing {

namespace {

IdentityPtr bob(const std::string& fpr) {
    return identity("bob@example.org", "BOB", "Bob", fpr.c_str());
}

} // namespace

TEST_F(EdgeCase, N034_ConfirmingTheOnlyKeyKeepsItAsDefault) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    auto who = updated("bob@example.org", "BOB");
    ASSERT_EQ(trust_personal_key(session.get(), who.get()), PEP_STATUS_OK);
    EXPECT_EQ(who->comm_type, 0xb8);
    const auto again = updated("bob@example.org", "BOB");
    EXPECT_EQ(text(again->fpr), fpr);
    EXPECT_EQ(again->comm_type, 0xb8);
}

TEST_F(EdgeCase, N035_ConfirmingAnotherKeyReplacesAnUnconfirmedDefault) {
    partner("bob@example.org", "BOB", "Bob");
    updated("bob@example.org", "BOB");
    const auto second = partner_key("bob@example.org");
    ASSERT_EQ(trust_personal_key(session.get(), bob(second).get()), PEP_STATUS_OK);
    const auto who = updated("bob@example.org", "BOB");
    EXPECT_EQ(text(who->fpr), second);
    EXPECT_EQ(who->comm_type, 0xb8);
}

TEST_F(EdgeCase, N036_ConfirmingAnotherKeyKeepsAConfirmedDefault) {
    const auto first = partner("bob@example.org", "BOB", "Bob");
    ASSERT_EQ(trust_personal_key(session.get(), bob(first).get()), PEP_STATUS_OK);
    const auto second = partner_key("bob@example.org");
    ASSERT_EQ(trust_personal_key(session.get(), bob(second).get()), PEP_STATUS_OK);
    EXPECT_EQ(text(updated("bob@example.org", "BOB")->fpr), first);
    EXPECT_EQ(trust("BOB", second), 0xb8);
}

TEST_F(EdgeCase, N037_OwnAndAbsentKeysCannotBeConfirmed) {
    const auto me = own("me@example.org", "Me");
    EXPECT_EQ(trust_personal_key(session.get(), me.get()), -4);
    const auto absent = bob(absent_fpr);
    EXPECT_EQ(trust_personal_key(session.get(), absent.get()), 0x0206);
    EXPECT_EQ(trust_personal_key(session.get(), identity("bob@example.org", "BOB").get()), -4);
}

TEST_F(EdgeCase, N038a_ResettingTakesBackConfirmationAndDefault) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    ASSERT_EQ(trust_personal_key(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    ASSERT_EQ(key_reset_trust(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", fpr), 0x38);
    EXPECT_EQ(updated("bob@example.org", "BOB")->fpr, nullptr);
}

TEST_F(EdgeCase, N038b_ResettingLeavesPepUsersAtTheirLevel) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    ASSERT_EQ(set_as_pEp_user(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    ASSERT_EQ(trust_personal_key(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", fpr), 0xff);
    ASSERT_EQ(key_reset_trust(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", fpr), 0x7f);
}

TEST_F(EdgeCase, N038c_ResettingAnOwnKeyKeepsIt) {
    auto me = own("me@example.org", "Me");
    ASSERT_EQ(key_reset_trust(session.get(), me.get()), PEP_STATUS_OK);
    EXPECT_EQ(text(own("me@example.org")->fpr), text(me->fpr));
    EXPECT_EQ(trust("pEp_own_userId", me->fpr), 0xff);
}

TEST_F(EdgeCase, N039_ResettingNeedsATrustRow) {
    const auto fpr = partner_key("bob@example.org");
    EXPECT_EQ(key_reset_trust(session.get(), bob(fpr).get()), 0x0301);
}

TEST_F(EdgeCase, N040a_AMistrustedKeyIsNotUsedAndSaysSo) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    auto who = updated("bob@example.org", "BOB");
    ASSERT_EQ(key_mistrusted(session.get(), who.get()), PEP_STATUS_OK);
    EXPECT_EQ(who->comm_type, 0x0f);
    const auto again = updated("bob@example.org", "BOB");
    EXPECT_EQ(again->fpr, nullptr);
    EXPECT_EQ(again->comm_type, 0x0f);
    const int before = changes();
    EXPECT_EQ(rating_of("bob@example.org", "BOB"), -1);
    EXPECT_EQ(changes(), before);
    EXPECT_EQ(trust("BOB", fpr), 0x0f);
    EXPECT_EQ(trust_personal_key(session.get(), bob(fpr).get()), 0x0206);
    // It does not come back by mail, only by the user's decision.
    ASSERT_TRUE(adopt_default_key(*session, *again, fpr).has_value());
    EXPECT_EQ(updated("bob@example.org", "BOB")->fpr, nullptr);
    ASSERT_EQ(key_reset_trust(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", fpr), 0x38);
    ASSERT_TRUE(adopt_default_key(*session, *again, fpr).has_value());
    EXPECT_EQ(text(updated("bob@example.org", "BOB")->fpr), fpr);
}

TEST_F(EdgeCase, N040b_AKeyCanBeMistrustedBeforeItWasEverUsed) {
    const auto fpr = partner_key("bob@example.org");
    ASSERT_EQ(key_mistrusted(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", fpr), 0x0f);
    ASSERT_EQ(key_reset_trust(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("BOB", fpr), 0x38);
}

TEST_F(EdgeCase, N040c_MistrustOutlivesRevocation) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    updated("bob@example.org", "BOB");
    ASSERT_EQ(key_mistrusted(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    ASSERT_EQ(revoke_key(elsewhere.get(), fpr.c_str(), nullptr), PEP_STATUS_OK);
    bring(fpr);
    updated("bob@example.org", "BOB");
    EXPECT_EQ(trust("BOB", fpr), 0x0f);
}

TEST_F(EdgeCase, N041_AResetLetsAMistrustedKeyComeAgain) {
    const test::User alice{"alice@example.org", "Alice"};
    const test::User bob{"bob@example.net", "Bob"};
    ASSERT_EQ(imported(alice.session(), exported(bob.session(), bob.fpr())), 0x0220);
    const OwnedIdentity known{new_identity("bob@example.net", nullptr, "BOB", "Bob")};
    ASSERT_EQ(set_comm_partner_key(alice.session(), known.get(), bob.fpr().c_str()), 0);
    const auto rating_of_next_mail = [&] {
        OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
        return bob.read(alice.send(*msg).wire).rating;
    };
    EXPECT_EQ(rating_of_next_mail(), PEP_rating_reliable);
    const OwnedIdentity rejected = bob.partner("alice@example.org");
    ASSERT_EQ(key_mistrusted(bob.session(), rejected.get()), PEP_STATUS_OK);
    EXPECT_EQ(rating_of_next_mail(), PEP_rating_mistrust);
    EXPECT_EQ(view(bob.partner("alice@example.org")->fpr), "");
    ASSERT_EQ(key_reset_identity(bob.session(), rejected.get(), nullptr), PEP_STATUS_OK);
    EXPECT_EQ(rating_of_next_mail(), PEP_rating_reliable);
    EXPECT_EQ(view(bob.partner("alice@example.org")->fpr), alice.fpr());
}

TEST_F(EdgeCase, N042_MistrustIsSharedByAllWhoHaveTheKey) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    updated("bob@example.org", "BOB");
    const auto carol = identity("carol@example.org", "CAROL", "Carol");
    ASSERT_EQ(set_comm_partner_key(session.get(), carol.get(), fpr.c_str()), PEP_STATUS_OK);
    updated("carol@example.org", "CAROL");
    ASSERT_EQ(key_mistrusted(session.get(), bob(fpr).get()), PEP_STATUS_OK);
    EXPECT_EQ(trust("CAROL", fpr), 0x0f);
    EXPECT_EQ(updated("carol@example.org", "CAROL")->fpr, nullptr);
}

TEST_F(EdgeCase, N044a_LeastTrustIgnoresUnknown) {
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

TEST_F(EdgeCase, N044b_GetTrustTellsWhetherThereIsARow) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    auto who = bob(fpr);
    who->comm_type = PEP_ct_pEp;
    EXPECT_EQ(get_trust(session.get(), who.get()), 0x0301);
    EXPECT_EQ(who->comm_type, 0x00);
    EXPECT_EQ(get_trust(session.get(), identity(nullptr, "BOB").get()), -4);
}

TEST_F(EdgeCase, N043_MistrustingAParticipantTurnsAnOldMessageRed) {
    const test::User alice{"alice@example.org", "Alice"};
    const test::User bob{"bob@example.net", "Bob"};
    for (const auto& [to, from] : {std::pair{&alice, &bob}, std::pair{&bob, &alice}}) {
        ASSERT_EQ(imported(to->session(), exported(from->session(), from->fpr())), 0x0220);
        const OwnedIdentity known{new_identity(from->address(), nullptr, "PARTNER", "Partner")};
        ASSERT_EQ(set_comm_partner_key(to->session(), known.get(), from->fpr().c_str()), 0);
    }
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    test::Received in = bob.read(alice.send(*msg).wire);
    ASSERT_EQ(in.rating, PEP_rating_reliable);
    ASSERT_NE(in.dst, nullptr);
    const auto again = [&] {
        PEP_rating rating = PEP_rating_undefined;
        EXPECT_EQ(
            re_evaluate_message_rating(
                bob.session(), in.dst.get(), in.keylist.get(), in.rating, &rating
            ),
            PEP_STATUS_OK
        );
        return rating;
    };
    EXPECT_EQ(again(), PEP_rating_reliable);
    const OwnedIdentity partner = bob.partner("alice@example.org");
    ASSERT_EQ(trust_personal_key(bob.session(), partner.get()), PEP_STATUS_OK);
    EXPECT_GE(again(), PEP_rating_trusted);
    ASSERT_EQ(key_mistrusted(bob.session(), partner.get()), PEP_STATUS_OK);
    EXPECT_EQ(again(), PEP_rating_mistrust);
}

TEST_F(EdgeCase, N045_AKeyIsRatedForAUserByStoredTrustAlone) {
    const auto rated = [&](const char* user_id, const char* fpr) {
        PEP_rating rating = PEP_rating_trusted;
        const auto status = get_key_rating_for_user(session.get(), user_id, fpr, &rating);
        return std::pair<int, int>{status, rating};
    };
    const auto store = [&](int ct) {
        auto who = identity("bob@example.org", "BOB", "Bob", absent_fpr);
        who->comm_type = static_cast<PEP_comm_type>(ct);
        EXPECT_EQ(set_identity(session.get(), who.get()), PEP_STATUS_OK);
    };
    EXPECT_EQ(rated("BOB", absent_fpr), (std::pair{0x0301, 0}));
    store(0);
    EXPECT_EQ(rated("BOB", absent_fpr), (std::pair{-6, 0}));
    EXPECT_EQ(rated("CAROL", absent_fpr), (std::pair{0x0301, 0}));
    const std::pair<int, int> all[] = {
        {0x7f, 6}, {0x38, 6}, {0xb8, 7}, {0xff, 8}, {0x04, 4}, {0x07, 4}, {0x0f, -1}};
    for (const auto& [ct, rating] : all) {
        store(ct);
        EXPECT_EQ(rated("BOB", absent_fpr), (std::pair{0, rating})) << ct;
    }
}

TEST_F(EdgeCase, N046_APublicKeyOfAnOwnAddressCanBeConfirmed) {
    own("me@example.org", "Me");
    const auto fpr = partner_key("me@example.org");
    auto me = identity("me@example.org", "pEp_own_userId", "Me", fpr.c_str());
    EXPECT_EQ(trust_own_key(session.get(), me.get()), PEP_STATUS_OK);
    EXPECT_EQ(me->comm_type, 0xff);
    EXPECT_FALSE(is_own_key(fpr)); // no secret part
    EXPECT_EQ(trust_own_key(session.get(), bob(fpr).get()), -4);
}

TEST_F(EdgeCase, N047_APartnerKeyIsRefusedForAnOwnIdentity) {
    const auto me = own("me@example.org", "Me");
    const auto by_id = identity("me@example.org", "pEp_own_userId", "Me");
    EXPECT_EQ(set_comm_partner_key(session.get(), by_id.get(), me->fpr), -4);
    const auto by_address = identity("me@example.org");
    EXPECT_EQ(set_comm_partner_key(session.get(), by_address.get(), me->fpr), -4);
}

} // namespace pep::engine::testing
