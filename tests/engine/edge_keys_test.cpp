// What a key says of itself, and what follows for whom it belongs to: cases 48 to 64 of the engine
// reference, section 10.
#include "engine/certificates.hpp"
#include "engine/edge_fixture.hpp"
#include "pEp/key_reset.h"

#include <fstream>
#include <sstream>

namespace pep::engine::testing {

namespace {

constexpr std::time_t day = day_s;

std::string test_key(const char* name) {
    std::ifstream file{std::string{PEP_KEY_DATA} + "/" + name, std::ios::binary};
    std::stringstream key;
    key << file.rdbuf();
    return key.str();
}

std::time_t now() { return std::time(nullptr); }

} // namespace

TEST_F(EdgeCase, N048_ACertificateThatOnlyEncryptsOrOnlySignsIsBroken) {
    const Certificate only_signs{"S <s@example.org>", signing(), {}};
    const std::pair<std::string, std::string> all[] = {
        {"CF0CB9095A62B5F94F12C06D4689C0767CF3C46A", test_key("only_encrypts.asc")},
        {only_signs.fpr(), only_signs.public_key()}};
    for (const auto& [fpr, key] : all) {
        ASSERT_EQ(imported(session.get(), key), PEP_KEY_IMPORTED);
        EXPECT_EQ(raw_rating(session.get(), fpr), 0x06);
        EXPECT_FALSE(is_expired(session.get(), fpr, now()));
        const auto bob = identity("bob@example.org", "BOB", "Bob", fpr.c_str());
        EXPECT_EQ(trust_personal_key(session.get(), bob.get()), 0x0206);
        set_partner_key("bob@example.org", "BOB", fpr);
        const auto known = updated("bob@example.org", "BOB");
        EXPECT_EQ(known->fpr, nullptr);
        EXPECT_EQ(known->comm_type, 0x03);
    }
}

TEST_F(EdgeCase, N049_AShortKeyIsReturnedButUnreliable) {
    const Certificate weak{"Weak <weak@example.org>", signing(), {rsa(1024, {"encrypt"})}};
    ASSERT_EQ(imported(session.get(), weak.public_key()), PEP_KEY_IMPORTED);
    ASSERT_EQ(imported(session.get(), test_key("rsa768.asc")), PEP_KEY_IMPORTED);
    const std::string shorter = "0CF7925C9EB248C8AD38696C1313BACF1D9236CE";
    const std::tuple<const char*, std::string, int> all[] = {
        {"weak@example.org", weak.fpr(), 0x11}, {"short@example.org", shorter, 0x0c}};
    for (const auto& [address, fpr, ct] : all) {
        EXPECT_EQ(raw_rating(session.get(), fpr), ct);
        set_partner_key(address, address, fpr);
        const auto known = updated(address, address);
        EXPECT_EQ(text(known->fpr), fpr);
        EXPECT_EQ(known->comm_type, ct);
        EXPECT_EQ(rating_of(address, address), 4);
    }
}

TEST_F(EdgeCase, N050a_ARevokedOnlySigningSubkeyRevokesTheKey) {
    ASSERT_EQ(imported(session.get(), test_key("revoked_signing_subkey.asc")), PEP_KEY_IMPORTED);
    const std::string fpr = "D792D4831EF4AF1AEF8DA7AC2FCF5224CC056A9B";
    EXPECT_TRUE(is_revoked(session.get(), fpr));
    EXPECT_EQ(raw_rating(session.get(), fpr), 0x05);
}

TEST_F(EdgeCase, N050b_ARevokedEncryptionSubkeyBesideALiveOneDoesNotMatter) {
    auto revoked = encrypting();
    revoked.revoked = true;
    const Certificate key{"Bob <bob@example.org>", signing(), {revoked, encrypting()}};
    ASSERT_EQ(imported(session.get(), key.public_key()), PEP_KEY_IMPORTED);
    EXPECT_FALSE(is_revoked(session.get(), key.fpr()));
    EXPECT_EQ(raw_rating(session.get(), key.fpr()), 0x38);
    const Certificate none{"Eve <eve@example.org>", signing(), {revoked}};
    ASSERT_EQ(imported(session.get(), none.public_key()), PEP_KEY_IMPORTED);
    EXPECT_TRUE(is_revoked(session.get(), none.fpr()));
}

TEST_F(EdgeCase, N051_AKeyExpiresWithTheLastOfItsEncryptionSubkeys) {
    auto brief = encrypting();
    brief.lifetime_s = 1;
    const Certificate lasting{"A <a@example.org>", signing(), {brief, encrypting()}};
    const Certificate ended{"B <b@example.org>", signing(), {brief, brief}};
    ASSERT_EQ(imported(session.get(), lasting.public_key()), PEP_KEY_IMPORTED);
    ASSERT_EQ(imported(session.get(), ended.public_key()), PEP_KEY_IMPORTED);
    const auto later = now() + 2;
    EXPECT_FALSE(is_expired(session.get(), lasting.fpr(), later));
    EXPECT_TRUE(is_expired(session.get(), ended.fpr(), later));
    while (now() < later)
        next_second();
    EXPECT_EQ(raw_rating(session.get(), lasting.fpr()), 0x38);
    EXPECT_EQ(raw_rating(session.get(), ended.fpr()), 0x04);
    EXPECT_EQ(imported(session.get(), ended.public_key()), PEP_KEY_IMPORTED);
}

TEST_F(EdgeCase, N052_AnExpiredDefaultIsNoKeyAndItsTrustIsRemembered) {
    const auto plain = partner_key("plain@example.org", 3);
    const auto confirmed = partner_key("confirmed@example.org", 3);
    set_partner_key("plain@example.org", "PLAIN", plain);
    set_partner_key("confirmed@example.org", "CONFIRMED", confirmed);
    ASSERT_EQ(text(updated("plain@example.org", "PLAIN")->fpr), plain);
    auto known = updated("confirmed@example.org", "CONFIRMED");
    ASSERT_EQ(trust_personal_key(session.get(), known.get()), PEP_STATUS_OK);
    while (!is_expired(session.get(), confirmed, now()) || !is_expired(session.get(), plain, now()))
        next_second();
    EXPECT_EQ(updated("plain@example.org", "PLAIN")->fpr, nullptr);
    EXPECT_EQ(updated("confirmed@example.org", "CONFIRMED")->fpr, nullptr);
    EXPECT_EQ(trust("PLAIN", plain), 0x04);
    EXPECT_EQ(trust("CONFIRMED", confirmed), 0x07);
}

TEST_F(EdgeCase, N053_AnExtendedDefaultRegainsItsFormerTrust) {
    struct Partner {
        const char* address;
        std::string fpr;
        bool pep;
        bool confirm;
        int ct;
    };

    Partner all[] = {
        {"pep@example.org", "", true, true, 0xff},
        {"pep_unconfirmed@example.org", "", true, false, 0x7f},
        {"confirmed@example.org", "", false, true, 0xb8},
        {"plain@example.org", "", false, false, 0x38}};
    for (auto& who : all) {
        who.fpr = partner_key(who.address, 4);
        set_partner_key(who.address, who.address, who.fpr);
        auto known = updated(who.address, who.address);
        ASSERT_EQ(text(known->fpr), who.fpr);
        if (who.pep) {
            ASSERT_EQ(set_as_pEp_user(session.get(), known.get()), PEP_STATUS_OK);
        }
        if (who.confirm) {
            ASSERT_EQ(trust_personal_key(session.get(), known.get()), PEP_STATUS_OK);
        }
        ASSERT_EQ(updated(who.address, who.address)->comm_type, who.ct);
    }
    while (!is_expired(session.get(), all[3].fpr, now()))
        next_second();
    for (const auto& who : all) {
        const auto known = updated(who.address, who.address);
        EXPECT_EQ(known->fpr, nullptr) << who.address;
        EXPECT_EQ(known->comm_type, 0x03) << who.address;
        auto& keys = (*elsewhere->context())->keys;
        ASSERT_TRUE(keys.renew(who.fpr, now() + 2 * day, nullptr).has_value());
        bring(who.fpr);
        // Who is no p≡p user lost the default with the key, but the user's default helps.
        const auto again = updated(who.address, who.address);
        EXPECT_EQ(text(again->fpr), who.fpr) << who.address;
        EXPECT_EQ(again->comm_type, who.ct) << who.address;
    }
}

TEST_F(EdgeCase, N054_AnImportedRevocationTakesTheDefaultAway) {
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    updated("bob@example.org", "BOB");
    ASSERT_EQ(revoke_key(elsewhere.get(), fpr.c_str(), nullptr), PEP_STATUS_OK);
    bring(fpr);
    EXPECT_EQ(updated("bob@example.org", "BOB")->fpr, nullptr);
    EXPECT_EQ(trust("BOB", fpr), 0x05);
    EXPECT_EQ(stored("bob@example.org", "BOB")->fpr, nullptr);
    partner_key("bob@example.org"); // another one in the ring changes nothing
    EXPECT_EQ(updated("bob@example.org", "BOB")->fpr, nullptr);
}

TEST_F(EdgeCase, N055_AnExpiredOwnKeyIsRenewedForAYear) {
    const auto fpr = own_with_key("me@example.org", 1);
    while (!is_expired(session.get(), fpr, now()))
        next_second();
    EXPECT_EQ(text(own("me@example.org", "Me")->fpr), fpr);
    EXPECT_FALSE(is_expired(session.get(), fpr, now() + 364 * day));
    EXPECT_TRUE(is_expired(session.get(), fpr, now() + 366 * day));
    EXPECT_TRUE(is_own_key(fpr));
}

TEST_F(EdgeCase, N055b_AnExpiringOwnKeyIsRenewedByMyselfButNotByLooking) {
    const auto fpr = own_with_key("me@example.org", 3 * day_s);
    EXPECT_EQ(text(updated("me@example.org")->fpr), fpr);
    EXPECT_TRUE(is_expired(session.get(), fpr, now() + 30 * day));
    EXPECT_EQ(text(own("me@example.org", "Me")->fpr), fpr);
    EXPECT_FALSE(is_expired(session.get(), fpr, now() + 30 * day));
}

TEST_F(EdgeCase, N056_RenewalMovesTheDayOfExpiry) {
    const auto fpr = make_key(session.get(), "me@example.org", 10 * day_s);
    timestamp* until = new_timestamp(now() + 100 * day);
    EXPECT_EQ(renew_key(session.get(), fpr.c_str(), until), PEP_STATUS_OK);
    free_timestamp(until);
    EXPECT_FALSE(is_expired(session.get(), fpr, now()));
    EXPECT_FALSE(is_expired(session.get(), fpr, now() + 99 * day));
    EXPECT_TRUE(is_expired(session.get(), fpr, now() + 101 * day));
}

TEST_F(EdgeCase, N057_RevokingTwiceIsFine) {
    const auto fpr = make_key(session.get(), "me@example.org");
    EXPECT_EQ(revoke_key(session.get(), fpr.c_str(), "lost"), PEP_STATUS_OK);
    EXPECT_TRUE(is_revoked(session.get(), fpr));
    const auto before = exported(session.get(), fpr);
    EXPECT_EQ(revoke_key(session.get(), fpr.c_str(), nullptr), PEP_STATUS_OK);
    EXPECT_EQ(exported(session.get(), fpr), before);
}

TEST_F(EdgeCase, N058_DeletingAKeyRemovesItAndNeedsOne) {
    EXPECT_EQ(delete_keypair(session.get(), absent_fpr), 0x0201);
    const auto fpr = make_key(session.get(), "me@example.org");
    EXPECT_EQ(delete_keypair(session.get(), fpr.c_str()), PEP_STATUS_OK);
    stringlist_t* list = nullptr;
    EXPECT_EQ(find_keys(session.get(), fpr.c_str(), &list), PEP_STATUS_OK);
    EXPECT_EQ(list, nullptr);
    EXPECT_EQ(delete_keypair(session.get(), fpr.c_str()), 0x0201);
}

TEST_F(EdgeCase, N059_ExportingWhatIsNotThereLeavesOutputsEmpty) {
    const auto fpr = partner_key("bob@example.org");
    Handed out;
    EXPECT_EQ(export_key(session.get(), absent_fpr, &out.text, &out.size), 0x0201);
    EXPECT_EQ(out.text, nullptr);
    EXPECT_EQ(export_secret_key(session.get(), fpr.c_str(), &out.text, &out.size), 0x0201);
    EXPECT_EQ(out.text, nullptr);
    EXPECT_EQ(out.size, 0U);
}

TEST_F(EdgeCase, N060_KeysAreFoundByFingerprintAndAddressInAnySpelling) {
    const auto plain = make_key(session.get(), "Bob.Smith@Example.ORG");
    const auto idn = make_key(session.get(), "b@b\u00fccher.example");
    using List = std::vector<std::string>;
    for (const char* pattern :
         {"bob.smith@example.org",
          "BOB.SMITH@EXAMPLE.ORG",
          "  bob.smith@example.org",
          "<bob.smith@example.org>",
          "Bob <bob.smith@example.org>"})
        EXPECT_EQ(found(session.get(), pattern), List{plain}) << pattern;
    EXPECT_EQ(found(session.get(), plain), List{plain});
    EXPECT_EQ(found(session.get(), plain.substr(24)), List{plain}); // key id
    EXPECT_EQ(found(session.get(), "b@b\u00fccher.example"), List{idn});
    EXPECT_EQ(found(session.get(), "b@xn--bcher-kva.example"), List{idn});
    EXPECT_EQ(found(session.get(), "b@B\u00dcCHER.example"), List{idn});
    for (const char* nothing : {"Bob", "Somebody", "bob.smith", "example.org", "12345678"})
        EXPECT_EQ(found(session.get(), nothing), List{}) << nothing;
}

TEST_F(EdgeCase, N061_AKeyIsFoundUnderEachOfItsUserIds) {
    Certificate key{"Bob <bob@example.org>", signing(), {encrypting()}};
    for (const char* user_id : {"Bob <bob@work.example>", "bob@bare.example", "payto://x/Bob"})
        key.add_user_id(user_id);
    ASSERT_EQ(imported(session.get(), key.public_key()), PEP_KEY_IMPORTED);
    for (const char* address :
         {"bob@example.org", "bob@work.example", "bob@bare.example", "payto://x/Bob"})
        EXPECT_EQ(found(session.get(), address), std::vector<std::string>{key.fpr()}) << address;
}

TEST_F(EdgeCase, N062a_AnOwnKeyStaysOneUntilSomebodyLooks) {
    auto me = own("me@example.org", "Me");
    EXPECT_TRUE(is_own_key(me->fpr));
    ASSERT_EQ(revoke_key(session.get(), me->fpr, nullptr), PEP_STATUS_OK);
    EXPECT_TRUE(is_own_key(me->fpr));
    own("me@example.org", "Me");
    EXPECT_FALSE(is_own_key(me->fpr));
}

TEST_F(EdgeCase, N062b_AMistrustedOrExpiredOwnKeyIsNoneAnyMore) {
    auto me = own("me@example.org", "Me");
    ASSERT_EQ(key_mistrusted(session.get(), me.get()), PEP_STATUS_OK);
    EXPECT_FALSE(is_own_key(me->fpr));
    for (const auto ct : {PEP_ct_key_expired, PEP_ct_key_revoked}) {
        auto other = own("other@example.org", "Me");
        ASSERT_TRUE(is_own_key(other->fpr));
        other->comm_type = ct;
        ASSERT_EQ(set_identity(session.get(), other.get()), PEP_STATUS_OK);
        EXPECT_FALSE(is_own_key(other->fpr)) << ct;
    }
}

TEST_F(EdgeCase, N062c_AForeignKeyIsNoOwnOneThoughItsSecretPartIsHere) {
    own("me@example.org", "Me");
    const auto fpr = make_key(session.get(), "bob@example.org");
    set_partner_key("bob@example.org", "BOB", fpr);
    updated("bob@example.org", "BOB");
    EXPECT_FALSE(is_own_key(fpr));
}

TEST_F(EdgeCase, N062d_AResetKeyIsNoOwnOneAnyMore) {
    auto me = own("me@example.org", "Me");
    ASSERT_EQ(key_reset_identity(session.get(), me.get(), nullptr), PEP_STATUS_OK);
    EXPECT_FALSE(is_own_key(me->fpr));
    EXPECT_TRUE(is_own_key(own("me@example.org", "Me")->fpr));
}

TEST_F(EdgeCase, N063_OnlyOwnKeysWithSecretPartAreRetrieved) {
    stringlist_t* list = nullptr;
    EXPECT_EQ(own_keys_retrieve(session.get(), &list), PEP_STATUS_OK);
    EXPECT_EQ(list, nullptr);
    const auto me = own("me@example.org", "Me");
    const auto other_device = partner_key("me@example.org");
    auto linked = identity("me@example.org", PEP_OWN_USERID, "Me", other_device.c_str());
    ASSERT_EQ(trust_own_key(session.get(), linked.get()), PEP_STATUS_OK);
    partner("bob@example.org", "BOB", "Bob");
    updated("bob@example.org", "BOB");
    EXPECT_EQ(own_keys_retrieve(session.get(), &list), PEP_STATUS_OK);
    EXPECT_EQ(taken(list), std::vector<std::string>{me->fpr});
    EXPECT_EQ(_own_keys_retrieve(session.get(), &list, 0, false), PEP_STATUS_OK);
    EXPECT_EQ(taken(list).size(), 2U);
}

TEST_F(EdgeCase, N064a_OwnIdentitiesAreListedWhateverTheirFlags) {
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

TEST_F(EdgeCase, N064b_OwnIdentitiesAreFilteredByFlags) {
    own("me@example.org", "Me");
    auto work = own("work@example.org", "Work");
    set_identity_flags(session.get(), work.get(), PEP_idf_not_for_sync);
    const auto addresses = [&](identity_flags_t excluded) {
        identity_list* list = nullptr;
        EXPECT_EQ(_own_identities_retrieve(session.get(), &list, excluded), PEP_STATUS_OK);
        std::vector<std::string> all;
        for (const auto* node = list; node != nullptr && node->ident != nullptr; node = node->next)
            all.emplace_back(node->ident->address);
        free_identity_list(list);
        return all;
    };
    EXPECT_EQ(addresses(0).size(), 2U);
    EXPECT_EQ(addresses(PEP_idf_list).size(), 2U);
    EXPECT_EQ(addresses(PEP_idf_not_for_sync), std::vector<std::string>{"me@example.org"});
}

TEST_F(EdgeCase, N065a_CleaningRenewsExpiredAndReplacesInvalidOwnDefaults) {
    EXPECT_EQ(clean_own_key_defaults(session.get()), PEP_STATUS_OK); // there is nothing
    const auto expired = own_with_key("expired@example.org", 1);
    const auto revoked = own_with_key("revoked@example.org", 100 * day_s);
    const auto fine = own_with_key("fine@example.org", 100 * day_s);
    ASSERT_EQ(revoke_key(session.get(), revoked.c_str(), nullptr), PEP_STATUS_OK);
    while (!is_expired(session.get(), expired, now()))
        next_second();
    EXPECT_EQ(clean_own_key_defaults(session.get()), PEP_STATUS_OK);
    EXPECT_EQ(text(stored("expired@example.org", "ME")->fpr), expired);
    EXPECT_FALSE(is_expired(session.get(), expired, now() + 300 * day));
    EXPECT_EQ(text(stored("fine@example.org", "ME")->fpr), fine);
    EXPECT_TRUE(is_expired(session.get(), fine, now() + 101 * day)); // left alone
    const auto replaced = stored("revoked@example.org", "ME");
    ASSERT_NE(replaced->fpr, nullptr);
    EXPECT_NE(text(replaced->fpr), revoked);
    EXPECT_TRUE(is_own_key(replaced->fpr));
}

TEST_F(EdgeCase, N065b_CleaningReportsAMissingPassphrase) {
    const auto locked = own_with_key("locked@example.org", day_s, "sesame");
    EXPECT_EQ(clean_own_key_defaults(session.get()), 0x0a00);
    config_passphrase(session.get(), "wrong");
    EXPECT_EQ(clean_own_key_defaults(session.get()), 0x0a01);
    EXPECT_EQ(text(stored("locked@example.org", "ME")->fpr), locked);
    config_passphrase(session.get(), "sesame");
    EXPECT_EQ(clean_own_key_defaults(session.get()), PEP_STATUS_OK);
    EXPECT_FALSE(is_expired(session.get(), locked, now() + 300 * day));
}

} // namespace pep::engine::testing
