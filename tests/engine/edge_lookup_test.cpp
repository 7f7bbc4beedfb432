// Whom an address means, and with which key: cases 1 to 20 of the engine reference, section 10.
#include "engine/edge_fixture.hpp"

namespace pep::engine::testing {

TEST_F(EdgeCase, N001_UpdateStoresAnUnknownPartnerWithoutKey) {
    const auto bob = updated("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(bob->fpr, nullptr);
    EXPECT_EQ(bob->comm_type, 0x03);
    pEp_identity* stored = nullptr;
    ASSERT_EQ(get_identity(session.get(), "bob@example.org", "BOB", &stored), PEP_STATUS_OK);
    EXPECT_EQ(text(stored->username), "Bob");
    free_identity(stored);
}

TEST_F(EdgeCase, N002_AKeyIsNotElectedJustBecauseItIsInTheRing) {
    partner_key("bob@example.org");
    const auto bob = updated("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(bob->fpr, nullptr);
    EXPECT_EQ(bob->comm_type, 0x03);
}

TEST_F(EdgeCase, N003_TheDefaultKeyIsReturnedUnconfirmed) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    const auto bob = updated("bob@example.org", "BOB");
    EXPECT_EQ(text(bob->fpr), fpr);
    EXPECT_EQ(bob->comm_type, 0x38);
    EXPECT_EQ(trust("BOB", fpr), 0x38);
}

TEST_F(EdgeCase, N004_TheTrustOfPepUsersIsLifted) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    const auto who = identity("bob@example.org", "BOB", "Bob", fpr.c_str());
    ASSERT_EQ(set_as_pEp_user(session.get(), who.get()), PEP_STATUS_OK);
    auto bob = updated("bob@example.org", "BOB");
    EXPECT_EQ(bob->comm_type, 0x7f);
    EXPECT_EQ(bob->major_ver, 2U);
    EXPECT_EQ(bob->minor_ver, 1U);
    ASSERT_EQ(trust_personal_key(session.get(), bob.get()), PEP_STATUS_OK);
    EXPECT_EQ(updated("bob@example.org", "BOB")->comm_type, 0xff);
}

TEST_F(EdgeCase, N005_AnUnknownAddressGetsAMadeUpUserId) {
    const auto bob = updated("bob@example.org");
    EXPECT_EQ(text(bob->user_id), "TOFU_bob@example.org");
    EXPECT_EQ(text(bob->username), "bob@example.org");
}

TEST_F(EdgeCase, N006_AKnownAddressGivesRealIdNameAndKey) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    const auto bob = updated("bob@example.org");
    EXPECT_EQ(text(bob->user_id), "BOB");
    EXPECT_EQ(text(bob->username), "Bob");
    EXPECT_EQ(text(bob->fpr), fpr);
}

TEST_F(EdgeCase, N007_AMadeUpIdGivesWayToAStoredRealOne) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    const auto bob = updated("bob@example.org", "TOFU_bob@example.org");
    EXPECT_EQ(text(bob->user_id), "BOB");
    EXPECT_EQ(text(bob->username), "Bob");
    EXPECT_EQ(text(bob->fpr), fpr);
}

TEST_F(EdgeCase, N008a_ARealIdRenamesAMadeUpOneAndKeepsKeyAndTrust) {
    const auto fpr = partner("bob@example.org", nullptr, "Bob");
    auto tofu = updated("bob@example.org");
    ASSERT_EQ(text(tofu->user_id), "TOFU_bob@example.org");
    ASSERT_EQ(trust_personal_key(session.get(), tofu.get()), PEP_STATUS_OK);

    const auto bob = updated("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(text(bob->fpr), fpr);
    EXPECT_EQ(bob->comm_type, 0xb8);
    EXPECT_EQ(trust("TOFU_bob@example.org", fpr), 0x00);
    pEp_identity* gone = nullptr;
    EXPECT_EQ(
        get_identity(session.get(), "bob@example.org", "TOFU_bob@example.org", &gone), 0x0301
    );
}

TEST_F(EdgeCase, N008b_AMadeUpIdIsMergedIntoAKnownPerson) {
    partner("bob@home.example", "BOB", "Bob");
    const auto fpr = partner("bob@work.example", nullptr, "Robert");
    auto tofu = updated("bob@work.example");
    ASSERT_EQ(trust_personal_key(session.get(), tofu.get()), PEP_STATUS_OK);

    const auto bob = updated("bob@work.example", "BOB");
    EXPECT_EQ(text(bob->fpr), fpr);
    EXPECT_EQ(bob->comm_type, 0xb8);
    EXPECT_EQ(updated("bob@home.example", "BOB")->comm_type, 0x38);
    EXPECT_FALSE(context().store.db().in_transaction());
}

TEST_F(EdgeCase, N009_TwoRealIdsWithOneAddressShareNoKey) {
    const auto fpr = partner("desk@example.org", "BOB", "Bob");
    const auto carol = updated("desk@example.org", "CAROL", "Carol");
    EXPECT_EQ(carol->fpr, nullptr);
    EXPECT_EQ(text(updated("desk@example.org", "BOB")->fpr), fpr);
}

TEST_F(EdgeCase, N010_ANewDisplayNameIsReturnedButNotStored) {
    const auto fpr = partner("bob@example.org", nullptr, "Bob");
    const auto renamed = updated("bob@example.org", nullptr, "Bobby");
    EXPECT_EQ(text(renamed->username), "Bobby");
    EXPECT_EQ(text(renamed->fpr), fpr);
    EXPECT_EQ(text(updated("bob@example.org")->username), "Bob");
}

TEST_F(EdgeCase, N011_TheStoredNameWinsOverTheAddressAsName) {
    updated("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(text(updated("bob@example.org", "BOB", "BOB@example.org")->username), "Bob");
}

TEST_F(EdgeCase, N012_UpdateRefusesTheUserByFlagIdAndAlias) {
    own("me@example.org", "Me", "ME");
    auto flagged = identity("bob@example.org", "BOB", "Bob");
    flagged->me = true;
    EXPECT_EQ(update_identity(session.get(), flagged.get()), -4);
    const auto by_id = identity("bob@example.org", "ME", "Bob");
    EXPECT_EQ(update_identity(session.get(), by_id.get()), -4);
    own("me@example.org", "Me", "OTHER");
    EXPECT_EQ(alias_default("OTHER"), "ME");
    const auto by_alias = identity("bob@example.org", "OTHER", "Bob");
    EXPECT_EQ(update_identity(session.get(), by_alias.get()), -4);
}

TEST_F(EdgeCase, N013_AnOwnAddressWithoutUserIdShowsTheOwnIdentity) {
    const auto me = own("me@example.org", "Me");
    const int before = changes();
    const auto shown = updated("ME@example.org");
    EXPECT_TRUE(shown->me);
    EXPECT_EQ(text(shown->fpr), text(me->fpr));
    EXPECT_EQ(text(shown->user_id), "pEp_own_userId");
    EXPECT_EQ(changes(), before);
}

TEST_F(EdgeCase, N015_GivenFlagsVersionAndKeyAreIgnored) {
    auto bob = identity("bob@example.org", "BOB", "Bob", absent_fpr);
    bob->flags = PEP_idf_list;
    bob->major_ver = 3;
    bob->minor_ver = 3;
    ASSERT_EQ(update_identity(session.get(), bob.get()), PEP_STATUS_OK);
    EXPECT_EQ(bob->flags, 0U);
    EXPECT_EQ(bob->major_ver, 0U);
    EXPECT_EQ(bob->fpr, nullptr);
    ASSERT_EQ(set_identity_flags(session.get(), bob.get(), PEP_idf_not_for_sync), PEP_STATUS_OK);
    EXPECT_EQ(updated("bob@example.org", "BOB")->flags, 1U);
}

TEST_F(EdgeCase, N016_AnAbsentDefaultFallsBackToTheUsersKey) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    updated("bob@example.org", "BOB"); // the key becomes the user's, too
    const auto who = identity("bob@example.org", "BOB", "Bob");
    ASSERT_EQ(set_comm_partner_key(session.get(), who.get(), absent_fpr), PEP_STATUS_OK);
    EXPECT_EQ(text(updated("bob@example.org", "BOB")->fpr), fpr);
}

TEST_F(EdgeCase, N017_AnAbsentOnlyDefaultIsNoKey) {
    const auto who = identity("bob@example.org", "BOB", "Bob");
    ASSERT_EQ(set_comm_partner_key(session.get(), who.get(), absent_fpr), PEP_STATUS_OK);
    const auto bob = updated("bob@example.org", "BOB");
    EXPECT_EQ(bob->fpr, nullptr);
    EXPECT_EQ(bob->comm_type, 0x03);
}

TEST_F(EdgeCase, N018_AddressesAreComparedWithoutCaseAndLocalDots) {
    const auto fpr = partner("bob.marley@example.org", "BOB", "Bob");
    EXPECT_EQ(text(updated("Bob.Marley@EXAMPLE.org")->fpr), fpr);
    EXPECT_EQ(text(updated("bobmarley@example.org", "BOB")->fpr), fpr);
    EXPECT_EQ(text(updated("b.o.b.marley@example.org")->fpr), fpr);
    EXPECT_EQ(updated("bobmarlex@example.org")->fpr, nullptr);
    // Somebody else may own the domain that only lacks a dot.
    EXPECT_EQ(updated("bob.marley@exampleo.rg")->fpr, nullptr);
    EXPECT_EQ(updated("bob.marley@exampleorg")->fpr, nullptr);
}

TEST_F(EdgeCase, N019a_AVariantSpellingMakesNoSecondRow) {
    updated("Bob.Marley@example.org", "BOB", "Bob");
    EXPECT_EQ(text(updated("bobmarley@example.org", "BOB")->address), "bobmarley@example.org");
    auto query = context().store.db().query("SELECT address, count(*) FROM identity");
    ASSERT_TRUE(*query.step());
    EXPECT_EQ(query.text(0), "Bob.Marley@example.org");
    EXPECT_EQ(query.integer(1), 1);
}

TEST_F(EdgeCase, N019b_AllSpellingsOfAnAddressGetOneMadeUpId) {
    updated("bob@example.org");
    EXPECT_EQ(text(updated("BOB@example.org", nullptr, "Bob")->user_id), "TOFU_bob@example.org");
}

TEST_F(EdgeCase, N020a_UpdateTakesAnyUriForAnAddress) {
    const auto shop = updated("payto://iban/DE75512108001245126199?amount=x.y");
    EXPECT_EQ(text(shop->user_id), "TOFU_payto://iban/DE75512108001245126199?amount=x.y");
    const auto other = updated("payto://iban/DE75512108001245126199?amount=xy");
    EXPECT_NE(text(other->user_id), text(shop->user_id)); // dots mean something in a URI
}

// Odd characters of a URI survive key, search, look-up and encryption alike.
TEST_F(EdgeCase, N020b_AnyUriCanHaveAKeyAndBeEncryptedTo) {
    const auto me = own("payto://iban/DE75512108001245126199", "Till");
    EXPECT_EQ(found(session.get(), "payto://iban/DE75512108001245126199").size(), 1U);
    for (const char* address :
         {"shark://grrr/39874293847092837443987492834", "shark://#&*$://2343?x=%20;y=(z)"}) {
        const auto fpr = partner(address, "SHARK", "Shark");
        const auto shark = updated(address, "SHARK");
        EXPECT_EQ(text(shark->fpr), fpr) << address;
        EXPECT_EQ(found(session.get(), address), std::vector<std::string>{fpr}) << address;

        const auto src = mail(*me, *shark);
        EXPECT_EQ(encrypt(*src).status, PEP_STATUS_OK) << address;
    }
}

} // namespace pep::engine::testing
