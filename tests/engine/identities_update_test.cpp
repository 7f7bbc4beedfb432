// update_identity: cases 1 to 19 of the engine reference, and what else could go wrong.
#include "engine/identities_fixture.hpp"

using pep::engine::testing::IdentitiesTest;
using pep::engine::testing::identity;
using pep::engine::testing::text;

namespace {

class UpdateIdentity : public IdentitiesTest {};

std::string alias_of(PEP_SESSION session, const char* alias) {
    pep::engine::testing::Handed id;
    EXPECT_EQ(get_userid_alias_default(session, alias, &id.text), PEP_STATUS_OK);
    return id.str();
}

} // namespace

TEST_F(UpdateIdentity, StoresAnUnknownPartnerWithoutKey) {
    const auto bob = updated("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(bob->fpr, nullptr);
    EXPECT_EQ(bob->comm_type, 0x03);
    pEp_identity* stored = nullptr;
    ASSERT_EQ(get_identity(session.get(), "bob@example.org", "BOB", &stored), PEP_STATUS_OK);
    EXPECT_EQ(text(stored->username), "Bob");
    free_identity(stored);
}

TEST_F(UpdateIdentity, DoesNotElectAKeyJustBecauseItIsInTheRing) {
    partner_key("bob@example.org");
    const auto bob = updated("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(bob->fpr, nullptr);
    EXPECT_EQ(bob->comm_type, 0x03);
}

TEST_F(UpdateIdentity, ReturnsTheDefaultKeyUnconfirmed) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    const auto bob = updated("bob@example.org", "BOB");
    EXPECT_EQ(text(bob->fpr), fpr);
    EXPECT_EQ(bob->comm_type, 0x38);
    EXPECT_EQ(trust("BOB", fpr), 0x38);
}

TEST_F(UpdateIdentity, LiftsTheTrustOfPepUsers) {
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

TEST_F(UpdateIdentity, MakesUpAnIdForAnAddress) {
    const auto bob = updated("bob@example.org");
    EXPECT_EQ(text(bob->user_id), "TOFU_bob@example.org");
    EXPECT_EQ(text(bob->username), "bob@example.org");
}

TEST_F(UpdateIdentity, KnowsThePersonByAddress) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    for (const char* id : {static_cast<const char*>(nullptr), "TOFU_bob@example.org"}) {
        const auto bob = updated("bob@example.org", id);
        EXPECT_EQ(text(bob->user_id), "BOB");
        EXPECT_EQ(text(bob->username), "Bob");
        EXPECT_EQ(text(bob->fpr), fpr);
    }
}

TEST_F(UpdateIdentity, GivesTheRealIdToAPersonKnownByAddress) {
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

TEST_F(UpdateIdentity, MergesAMadeUpIdIntoAKnownPerson) {
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

TEST_F(UpdateIdentity, KeepsTwoRealIdsWithOneAddressApart) {
    const auto fpr = partner("desk@example.org", "BOB", "Bob");
    const auto carol = updated("desk@example.org", "CAROL", "Carol");
    EXPECT_EQ(carol->fpr, nullptr);
    EXPECT_EQ(text(updated("desk@example.org", "BOB")->fpr), fpr);
}

TEST_F(UpdateIdentity, ReturnsANewDisplayNameButKeepsTheStoredOne) {
    const auto fpr = partner("bob@example.org", nullptr, "Bob");
    const auto renamed = updated("bob@example.org", nullptr, "Bobby");
    EXPECT_EQ(text(renamed->username), "Bobby");
    EXPECT_EQ(text(renamed->fpr), fpr);
    EXPECT_EQ(text(updated("bob@example.org")->username), "Bob");
}

TEST_F(UpdateIdentity, PrefersTheStoredNameToTheAddress) {
    updated("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(text(updated("bob@example.org", "BOB", "BOB@example.org")->username), "Bob");
}

TEST_F(UpdateIdentity, RefusesTheUser) {
    own("me@example.org", "Me", "ME");
    auto flagged = identity("bob@example.org", "BOB", "Bob");
    flagged->me = true;
    EXPECT_EQ(update_identity(session.get(), flagged.get()), -4);
    const auto by_id = identity("bob@example.org", "ME", "Bob");
    EXPECT_EQ(update_identity(session.get(), by_id.get()), -4);
    own("me@example.org", "Me", "OTHER");
    EXPECT_EQ(alias_of(session.get(), "OTHER"), "ME");
    const auto by_alias = identity("bob@example.org", "OTHER", "Bob");
    EXPECT_EQ(update_identity(session.get(), by_alias.get()), -4);
}

TEST_F(UpdateIdentity, ShowsAnOwnIdentityByItsAddress) {
    const auto me = own("me@example.org", "Me");
    const int before = changes();
    const auto shown = updated("ME@example.org");
    EXPECT_TRUE(shown->me);
    EXPECT_EQ(text(shown->fpr), text(me->fpr));
    EXPECT_EQ(text(shown->user_id), "pEp_own_userId");
    EXPECT_EQ(changes(), before);
}

TEST_F(UpdateIdentity, IgnoresGivenFlagsVersionAndKey) {
    auto bob =
        identity("bob@example.org", "BOB", "Bob", "0123456789ABCDEF0123456789ABCDEF01234567");
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

TEST_F(UpdateIdentity, FallsBackToTheUsersKey) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    updated("bob@example.org", "BOB"); // the key becomes the user's, too
    const auto who = identity("bob@example.org", "BOB", "Bob");
    const char* absent = "0123456789ABCDEF0123456789ABCDEF01234567";
    ASSERT_EQ(set_comm_partner_key(session.get(), who.get(), absent), PEP_STATUS_OK);
    EXPECT_EQ(text(updated("bob@example.org", "BOB")->fpr), fpr);
}

TEST_F(UpdateIdentity, HasNoKeyWhenTheOnlyDefaultIsAbsent) {
    const auto who = identity("bob@example.org", "BOB", "Bob");
    const char* absent = "0123456789ABCDEF0123456789ABCDEF01234567";
    ASSERT_EQ(set_comm_partner_key(session.get(), who.get(), absent), PEP_STATUS_OK);
    const auto bob = updated("bob@example.org", "BOB");
    EXPECT_EQ(bob->fpr, nullptr);
    EXPECT_EQ(bob->comm_type, 0x03);
}

TEST_F(UpdateIdentity, ComparesAddressesWithoutCaseAndLocalDots) {
    const auto fpr = partner("bob.marley@example.org", "BOB", "Bob");
    EXPECT_EQ(text(updated("Bob.Marley@EXAMPLE.org")->fpr), fpr);
    EXPECT_EQ(text(updated("bobmarley@example.org", "BOB")->fpr), fpr);
    EXPECT_EQ(text(updated("b.o.b.marley@example.org")->fpr), fpr);
    EXPECT_EQ(updated("bobmarlex@example.org")->fpr, nullptr);
    // Somebody else may own the domain that only lacks a dot.
    EXPECT_EQ(updated("bob.marley@exampleo.rg")->fpr, nullptr);
    EXPECT_EQ(updated("bob.marley@exampleorg")->fpr, nullptr);
}

TEST_F(UpdateIdentity, KeepsOneRowAndItsSpelling) {
    updated("Bob.Marley@example.org", "BOB", "Bob");
    EXPECT_EQ(text(updated("bobmarley@example.org", "BOB")->address), "bobmarley@example.org");
    auto query = context().store.db().query("SELECT address, count(*) FROM identity");
    ASSERT_TRUE(*query.step());
    EXPECT_EQ(query.text(0), "Bob.Marley@example.org");
    EXPECT_EQ(query.integer(1), 1);
}

TEST_F(UpdateIdentity, MakesUpOneIdForAllSpellingsOfAnAddress) {
    updated("bob@example.org");
    EXPECT_EQ(text(updated("BOB@example.org", nullptr, "Bob")->user_id), "TOFU_bob@example.org");
}

TEST_F(UpdateIdentity, TakesAnyUriForAnAddress) {
    const auto shop = updated("payto://iban/DE75512108001245126199?amount=x.y");
    EXPECT_EQ(text(shop->user_id), "TOFU_payto://iban/DE75512108001245126199?amount=x.y");
    const auto other = updated("payto://iban/DE75512108001245126199?amount=xy");
    EXPECT_NE(text(other->user_id), text(shop->user_id)); // dots mean something in a URI
}

TEST_F(UpdateIdentity, WritesNothingWhenNothingIsNew) {
    partner("bob@example.org", "BOB", "Bob");
    partner("carol@example.org", nullptr, "Carol");
    for (int round = 0; round < 2; ++round) {
        updated("bob@example.org", "BOB", "Bob");
        updated("carol@example.org");
        updated("dave@example.org");
    }
    const int before = changes();
    for (int round = 0; round < 3; ++round) {
        updated("bob@example.org", "BOB", "Bob");
        updated("BOB@example.org");
        updated("carol@example.org");
        updated("dave@example.org");
    }
    EXPECT_EQ(changes(), before);
}

TEST_F(UpdateIdentity, NoticesThatAKeyWasRevoked) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    updated("bob@example.org", "BOB");
    ASSERT_EQ(revoke_key(elsewhere.get(), fpr.c_str(), nullptr), PEP_STATUS_OK);
    bring(fpr);
    EXPECT_EQ(updated("bob@example.org", "BOB")->fpr, nullptr);
    EXPECT_EQ(trust("BOB", fpr), 0x05);
    partner_key("bob@example.org"); // another one in the ring changes nothing
    EXPECT_EQ(updated("bob@example.org", "BOB")->fpr, nullptr);
}

TEST_F(UpdateIdentity, NoticesThatAKeyExpiredAndThatItCameBack) {
    // The confirmed key of a p≡p user, the confirmed one of another, and an unconfirmed one.
    const auto pep = partner_key("pep@example.org", 3);
    const auto confirmed = partner_key("confirmed@example.org", 3);
    const auto plain = partner_key("plain@example.org", 3);
    const std::pair<const char*, std::string> all[] = {
        {"pep@example.org", pep},
        {"confirmed@example.org", confirmed},
        {"plain@example.org", plain}};
    for (const auto& [address, fpr] : all) {
        const auto who = identity(address, address, "Name");
        ASSERT_EQ(set_comm_partner_key(session.get(), who.get(), fpr.c_str()), PEP_STATUS_OK);
        auto known = updated(address, address);
        ASSERT_EQ(text(known->fpr), fpr);
        if (fpr == pep) {
            ASSERT_EQ(set_as_pEp_user(session.get(), known.get()), PEP_STATUS_OK);
        }
        if (fpr != plain) {
            ASSERT_EQ(trust_personal_key(session.get(), known.get()), PEP_STATUS_OK);
        }
    }
    ::sleep(4);
    for (const auto& [address, fpr] : all) {
        const auto known = updated(address, address);
        EXPECT_EQ(known->fpr, nullptr) << address;
        EXPECT_EQ(known->comm_type, 0x03) << address;
        EXPECT_EQ(trust(address, fpr), fpr == plain ? 0x04 : 0x07) << address;
        const std::time_t later = std::time(nullptr) + 100000;
        ASSERT_TRUE((*elsewhere->context())->keys.renew(fpr, later, nullptr).has_value());
        bring(fpr);
    }
    EXPECT_EQ(updated("pep@example.org", "pep@example.org")->comm_type, 0xff);
    EXPECT_EQ(updated("confirmed@example.org", "confirmed@example.org")->comm_type, 0xb8);
    EXPECT_EQ(updated("plain@example.org", "plain@example.org")->comm_type, 0x38);
}
