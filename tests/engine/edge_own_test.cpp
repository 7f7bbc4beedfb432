// The user's own identities, and what is stored of others: cases 14 and 21 to 33 of the engine
// reference, section 10.
#include "engine/edge_fixture.hpp"
#include "engine/identity_rules.hpp"
#include "engine/messages_fixture.hpp"

namespace pep::engine::testing {

TEST_F(EdgeCase, N014_AnExpiredOwnKeyIsShownAsNone) {
    pep::engine::GenerateParams params;
    params.address = "me@example.org";
    params.suite = PEP_CIPHER_SUITE_CV25519;
    params.lifetime_s = 1;
    const auto fpr = context().keys.generate(params);
    auto me = identity("me@example.org", "ME", "Me", fpr->c_str());
    me->me = true;
    me->comm_type = PEP_ct_pEp;
    ASSERT_EQ(set_identity(session.get(), me.get()), PEP_STATUS_OK);
    ::sleep(2);
    const auto shown = updated("me@example.org");
    EXPECT_EQ(shown->fpr, nullptr);
    EXPECT_LT(shown->comm_type, 0x10);
    EXPECT_EQ(trust("ME", *fpr), 0xff);
    EXPECT_EQ(text(own("me@example.org")->fpr), *fpr); // and this renews it
}

TEST_F(EdgeCase, N021_AUriWithoutNameIsItsOwnName) {
    const char* till = "payto://iban/DE75512108001245126199";
    EXPECT_EQ(text(own(till)->username), till);
}

TEST_F(EdgeCase, N022a_MyselfTwiceMakesOneKeyAndWritesOnce) {
    const auto first = own("me@example.org", "Me");
    const int before = changes();
    EXPECT_EQ(text(own("me@example.org", "Me")->fpr), text(first->fpr));
    EXPECT_EQ(changes(), before);
    EXPECT_EQ(found(session.get(), "me@example.org").size(), 1U);
}

TEST_F(EdgeCase, N022b_MyselfMakesAnIdentityWithAKeyOfOneYear) {
    const auto me = own("me@example.org", "Me");
    EXPECT_EQ(text(me->fpr).size(), 40U);
    EXPECT_EQ(text(me->user_id), "pEp_own_userId");
    EXPECT_EQ(me->comm_type, 0xff);
    EXPECT_TRUE(me->me);
    EXPECT_EQ(me->major_ver, 3U);
    EXPECT_EQ(me->minor_ver, 3U);
    bool expired = true;
    const std::time_t year = 365L * 24 * 3600;
    EXPECT_EQ(key_expired(session.get(), me->fpr, std::time(nullptr) + year - 3600, &expired), 0);
    EXPECT_FALSE(expired);
    EXPECT_EQ(key_expired(session.get(), me->fpr, std::time(nullptr) + year + 3600, &expired), 0);
    EXPECT_TRUE(expired);
    EXPECT_TRUE(is_own_key(me->fpr));
}

TEST_F(EdgeCase, N023_AnotherOwnUserIdBecomesAnAlias) {
    own("me@example.org", "Me", "FIRST");
    EXPECT_EQ(text(own("me@example.org", "Me", "SECOND")->user_id), "FIRST");
    EXPECT_EQ(alias_default("SECOND"), "FIRST");
    Handed none;
    EXPECT_EQ(get_userid_alias_default(session.get(), "THIRD", &none.text), 0x0391);
    EXPECT_EQ(none.text, nullptr);
}

TEST_F(EdgeCase, N024_SeveralAliasesLeadToTheSameId) {
    own("me@example.org", "Me", "FIRST");
    for (const char* alias : {"SECOND", "THIRD", "FOURTH"})
        EXPECT_EQ(text(own("new@example.org", "Me", alias)->user_id), "FIRST");
    for (const char* alias : {"SECOND", "THIRD", "FOURTH"})
        EXPECT_EQ(alias_default(alias), "FIRST");
}

TEST_F(EdgeCase, N025_MyselfReturnsTheGivenNameAndKeepsTheStoredOne) {
    own("me@example.org", "Me");
    EXPECT_EQ(text(own("ME@example.org", "Somebody")->username), "Somebody");
    EXPECT_EQ(text(own("me@example.org")->username), "Me");
}

TEST_F(EdgeCase, N026_TwoOwnIdentitiesKeepTheirNames) {
    const auto first = own("me@example.org", "Me");
    const auto other = own("work@example.org", "Me at work");
    EXPECT_EQ(text(own("me@example.org")->username), "Me");
    EXPECT_EQ(text(own("work@example.org")->username), "Me at work");
    EXPECT_EQ(text(stored("me@example.org", PEP_OWN_USERID)->username), "Me");
    EXPECT_NE(text(first->fpr), text(other->fpr));
}

TEST_F(EdgeCase, N027_OddNamesStillGetAKey) {
    const std::string names[] = {
        "B (\"the bee\") <b@c>",
        "line\nbreak\ttab \x01\x1f",
        "(((",
        "\"",
        "@",
        "a@example.org",
        "\xe2\x80\xae evil direction",
        std::string(300, 'n')};
    int number = 0;
    for (const auto& name : names) {
        const std::string address = "me" + std::to_string(number++) + "@example.org";
        const auto me = own(address.c_str(), name.c_str());
        ASSERT_NE(me->fpr, nullptr) << name;
        EXPECT_EQ(text(me->username), name);
        EXPECT_EQ(found(session.get(), address), std::vector<std::string>{me->fpr}) << name;
    }
}

TEST_F(EdgeCase, N028_ARevokedOwnKeyIsReplaced) {
    const auto old = own("me@example.org", "Me");
    ASSERT_EQ(revoke_key(session.get(), old->fpr, nullptr), PEP_STATUS_OK);
    EXPECT_TRUE(is_own_key(old->fpr)); // nobody has looked yet
    const auto fresh = own("me@example.org", "Me");
    EXPECT_NE(text(fresh->fpr), text(old->fpr));
    EXPECT_FALSE(is_own_key(old->fpr));
    EXPECT_EQ(trust("pEp_own_userId", old->fpr), 0x05);
    auto query = context().store.db().query("SELECT revoked_fpr, replacement_fpr FROM revoked_key");
    ASSERT_TRUE(*query.step());
    EXPECT_EQ(query.text(0), text(old->fpr));
    EXPECT_EQ(query.text(1), text(fresh->fpr));
}

TEST_F(EdgeCase, N029_AnOwnKeyWithoutSecretPartIsReplaced) {
    const auto first = own("me@example.org", "Me");
    ASSERT_EQ(delete_keypair(session.get(), first->fpr), PEP_STATUS_OK);
    auto second = own("me@example.org", "Me");
    EXPECT_NE(text(second->fpr), text(first->fpr));
    ASSERT_EQ(key_mistrusted(session.get(), second.get()), PEP_STATUS_OK);
    bool revoked = false;
    EXPECT_EQ(key_revoked(session.get(), second->fpr, &revoked), PEP_STATUS_OK);
    EXPECT_TRUE(revoked);
    EXPECT_FALSE(is_own_key(second->fpr));
    EXPECT_NE(text(own("me@example.org", "Me")->fpr), text(second->fpr));
    EXPECT_EQ(trust("pEp_own_userId", second->fpr), 0x0f);
}

TEST_F(EdgeCase, N029b_MyselfNeverAdoptsAKeyFromTheRing) {
    pep::engine::GenerateParams params;
    params.address = "me@example.org";
    params.suite = PEP_CIPHER_SUITE_CV25519;
    const auto planted = context().keys.generate(params);
    ASSERT_TRUE(planted.has_value());
    EXPECT_NE(text(own("me@example.org", "Me")->fpr), *planted);
}

TEST_F(EdgeCase, N030_AnIdentityComesBackAsItWasStored) {
    auto bob = identity("bob@example.org", "BOB", "Bob", absent_fpr);
    bob->comm_type = PEP_ct_OpenPGP;
    std::snprintf(bob->lang, sizeof bob->lang, "de");
    bob->flags = PEP_idf_list;
    bob->major_ver = 2;
    bob->minor_ver = 1;
    ASSERT_EQ(set_identity(session.get(), bob.get()), PEP_STATUS_OK);
    const int before = changes();
    ASSERT_EQ(set_identity(session.get(), bob.get()), PEP_STATUS_OK);
    EXPECT_EQ(changes(), before);

    const auto back = stored("BOB@example.org", "BOB");
    EXPECT_EQ(text(back->address), "BOB@example.org");
    EXPECT_EQ(text(back->fpr), absent_fpr);
    EXPECT_EQ(text(back->user_id), "BOB");
    EXPECT_EQ(text(back->username), "Bob");
    EXPECT_EQ(back->comm_type, 0xb8);
    EXPECT_EQ(std::string{back->lang}, "de");
    EXPECT_EQ(back->flags, 2U);
    EXPECT_EQ(back->major_ver, 2U);
    EXPECT_EQ(back->minor_ver, 1U);
    EXPECT_EQ(back->enc_format, PEP_enc_none);
    EXPECT_FALSE(back->me);
}

TEST_F(EdgeCase, N031_AStoredFormatIsUsedUnlessTheCallerNamesOne) {
    const auto me = own("me@example.org", "Me");
    partner("bob@example.org", "BOB", "Bob");
    auto bob = updated("bob@example.org", "BOB");
    for (const auto format : {PEP_enc_inline, PEP_enc_PGP_MIME, PEP_enc_PEP}) {
        ASSERT_EQ(set_ident_enc_format(session.get(), bob.get(), format), PEP_STATUS_OK);
        EXPECT_EQ(stored("bob@example.org", "BOB")->enc_format, format);
        const auto encrypted = encrypt(*mail(*me, *bob));
        ASSERT_EQ(encrypted.status, PEP_STATUS_OK);
        // A message in p≡p's own format is PGP/MIME outside.
        EXPECT_EQ(encrypted.msg->enc_format, format == PEP_enc_inline ? 1 : 3) << format;
    }
    EXPECT_EQ(encrypt(*mail(*me, *bob), PEP_enc_inline).msg->enc_format, PEP_enc_inline);
}

TEST_F(EdgeCase, N032_DecryptionNeverWritesAnOwnIdentity) {
    const test::User alice{"alice@example.org", "Alice"};
    const test::User bob{"bob@example.net", "Bob"};
    const auto own_row = [&] {
        pEp_identity* row = nullptr;
        EXPECT_EQ(get_identity(bob.session(), "bob@example.net", PEP_OWN_USERID, &row), 0);
        return IdentityPtr{row};
    };
    const auto before = own_row();
    ASSERT_EQ(imported(alice.session(), exported(bob.session(), bob.fpr())), PEP_KEY_IMPORTED);
    const OwnedIdentity known{new_identity("bob@example.net", nullptr, "EVIL", "Evil Bob")};
    ASSERT_EQ(set_comm_partner_key(alice.session(), known.get(), bob.fpr().c_str()), 0);
    for (const auto format : {PEP_enc_none, PEP_enc_auto}) {
        OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
        assign(msg->to->ident->username, "Evil Bob");
        assign(msg->to->ident->user_id, "EVIL");
        const auto sent = alice.send(*msg, format);
        ASSERT_FALSE(sent.wire.empty());
        OwnedMessage src = test::decode(bob.session(), sent.wire);
        ASSERT_NE(src->to, nullptr);
        assign(src->to->ident->user_id, "EVIL");
        assign(src->to->ident->username, "Evil Bob");
        EXPECT_EQ(
            test::receive(bob.session(), std::move(src)).status,
            format == PEP_enc_none ? PEP_UNENCRYPTED : PEP_STATUS_OK
        );
    }
    const auto after = own_row();
    EXPECT_EQ(text(after->username), text(before->username));
    EXPECT_EQ(text(after->fpr), text(before->fpr));
    pEp_identity* other = nullptr;
    EXPECT_EQ(get_identity(bob.session(), "bob@example.net", "EVIL", &other), 0x0301);
    free_identity(other);
}

TEST_F(EdgeCase, N033a_MergingUnitesTrustNamesKeysAndContacts) {
    const auto me = own("me@example.org", "Me");
    const std::string confirmed = partner_key("bob@example.org");
    const std::string plain = partner_key("bob@example.org");
    ASSERT_EQ(set_identity(session.get(), identity("bob@old.example", "OLD", "Bob").get()), 0);
    auto old = identity("bob@example.org", "OLD", "Bob", confirmed.c_str());
    old->comm_type = PEP_ct_OpenPGP;
    old->flags = PEP_idf_list;
    std::snprintf(old->lang, sizeof old->lang, "fr");
    ASSERT_EQ(set_identity(session.get(), old.get()), PEP_STATUS_OK);
    auto fresh = identity("bob@example.org", "NEW", "bob@example.org", plain.c_str());
    fresh->comm_type = PEP_ct_OpenPGP_unconfirmed;
    ASSERT_EQ(set_identity(session.get(), fresh.get()), PEP_STATUS_OK);
    ASSERT_EQ(set_as_pEp_user(session.get(), fresh.get()), PEP_STATUS_OK);
    ASSERT_TRUE(note_contact(*session, *me, "OLD").has_value());

    auto& db = context().store.db();
    const auto merged = in_transaction(db, [](IdentityStore& store) {
        return replace_user_id(store, "OLD", "NEW");
    });
    ASSERT_TRUE(merged.has_value());
    const auto bob = stored("bob@example.org", "NEW");
    EXPECT_EQ(text(bob->fpr), confirmed);
    EXPECT_EQ(bob->comm_type, 0xff);
    EXPECT_EQ(text(bob->username), "Bob");
    EXPECT_EQ(std::string{bob->lang}, "fr");
    EXPECT_EQ(bob->flags, 2U);
    EXPECT_EQ(text(stored("bob@old.example", "NEW")->username), "Bob");
    EXPECT_EQ(trust("OLD", confirmed), 0x00);
    EXPECT_EQ(trust("NEW", plain), 0x7f);
    auto contact = db.query("SELECT contact_user_id FROM social_graph");
    ASSERT_TRUE(*contact.step());
    EXPECT_EQ(contact.text(0), "NEW");
}

TEST_F(EdgeCase, N033b_MergingNeverForgetsBadNews) {
    for (const char* user : {"OLD", "NEW"}) {
        auto bob = identity("bob@example.org", user, "Bob", absent_fpr);
        bob->comm_type = std::string{user} == "OLD" ? PEP_ct_mistrusted : PEP_ct_pEp;
        ASSERT_EQ(set_identity(session.get(), bob.get()), PEP_STATUS_OK);
    }
    const auto merged = in_transaction(context().store.db(), [](IdentityStore& store) {
        return replace_user_id(store, "OLD", "NEW");
    });
    ASSERT_TRUE(merged.has_value());
    EXPECT_EQ(trust("NEW", absent_fpr), 0x0f);
}

} // namespace pep::engine::testing
