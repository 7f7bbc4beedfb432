// Key reset of identities shared by several devices of the user.
#include "reset_fixture.hpp"

namespace pep::engine::test {
namespace {

/// Alice has three identities; what else is shared is up to the test.
class EdgeCaseGroupReset : public Acquainted {
  protected:
    static constexpr const char* one = "alice@example.org";
    static constexpr const char* two = "alice2@example.org";
    static constexpr const char* three = "alice3@example.org";

    /// Another device of the same user, with the same keys and identities.
    static void
    copy_keys(const User& from, User& to, std::initializer_list<const char*> addresses) {
        for (const char* address : addresses) {
            const std::string fpr = own_fpr(from, address);
            char* key = nullptr;
            std::size_t size = 0;
            ASSERT_EQ(export_secret_key(from.session(), fpr.c_str(), &key, &size), PEP_STATUS_OK);
            const OwnedChars owner{key};
            ASSERT_EQ(import_key(to.session(), key, size, nullptr), PEP_KEY_IMPORTED);
            use_key(to, address, fpr);
        }
    }

    static std::vector<ResetCommand> commands(const message& decrypted) {
        for (const bloblist_t* blob = decrypted.attachments; blob != nullptr; blob = blob->next)
            if (view(blob->mime_type) == "application/pEp.distribution")
                if (const auto decoded = decode_distribution({blob->value, blob->size}))
                    return decoded->commands;
        return {};
    }
};

TEST_F(EdgeCaseGroupReset, N099_OneKeyOfThreeGroupedIdentitiesGivesOneMessageAndThreeKeys) {
    use_key(alice, two, alice.fpr());
    use_key(alice, three, alice.fpr());
    group(alice, {one, two, three});
    sql(alice, "DELETE FROM social_graph");
    ASSERT_EQ(reset(alice), PEP_STATUS_OK);
    const std::set<std::string> fresh{
        own_fpr(alice, one), own_fpr(alice, two), own_fpr(alice, three)};
    EXPECT_EQ(fresh.size(), 3U);
    EXPECT_FALSE(fresh.contains(alice.fpr()));
    EXPECT_TRUE(revoked(alice, alice.fpr()));
    EXPECT_EQ(trust(alice, PEP_OWN_USERID, alice.fpr()), PEP_ct_mistrusted);
    EXPECT_TRUE(fresh.contains(user_default(alice, PEP_OWN_USERID)));

    ASSERT_EQ(alice.outbox().size(), 1U);
    const message& sent = *alice.outbox().front();
    EXPECT_EQ(view(sent.from->address), view(sent.to->ident->address));
    const auto read = receive(alice.session(), OwnedMessage{message_dup(&sent)});
    ASSERT_TRUE(read.dst);
    const auto payload = commands(*read.dst);
    ASSERT_EQ(payload.size(), 3U);
    for (const ResetCommand& command : payload) {
        EXPECT_EQ(command.ident.fpr, alice.fpr());
        EXPECT_EQ(command.new_fpr, own_fpr(alice, command.ident.address.c_str()));
    }
}

TEST_F(EdgeCaseGroupReset, N099b_AnIdentityThatSharesTheKeyOnlyHereGetsAnotherToo) {
    use_key(alice, two, alice.fpr());
    use_key(alice, three, alice.fpr());
    group(alice, {one, two});
    sql(alice, "DELETE FROM social_graph");
    ASSERT_EQ(reset(alice), PEP_STATUS_OK);
    const std::set<std::string> fresh{
        own_fpr(alice, one), own_fpr(alice, two), own_fpr(alice, three)};
    EXPECT_EQ(fresh.size(), 3U);
    EXPECT_FALSE(fresh.contains(""));
    EXPECT_FALSE(fresh.contains(alice.fpr()));
    ASSERT_EQ(alice.outbox().size(), 1U);
    const auto read =
        receive(alice.session(), OwnedMessage{message_dup(alice.outbox().front().get())});
    ASSERT_TRUE(read.dst);
    EXPECT_EQ(commands(*read.dst).size(), 2U);
}

TEST_F(EdgeCaseGroupReset, N100_EachGroupedKeyGivesAMessageAndOthersStay) {
    add_own(alice, two);
    const std::string apart = add_own(alice, three);
    group(alice, {one, two});
    const OwnedIdentity third{new_identity(three, nullptr, PEP_OWN_USERID, nullptr)};
    ASSERT_EQ(
        set_identity_flags(alice.session(), third.get(), PEP_idf_not_for_sync), PEP_STATUS_OK
    );
    sql(alice, "DELETE FROM social_graph");
    ASSERT_EQ(key_reset_own_grouped_keys(alice.session()), PEP_STATUS_OK);
    EXPECT_EQ(alice.outbox().size(), 2U);
    EXPECT_EQ(own_fpr(alice, three), apart);
    EXPECT_EQ(trust(alice, PEP_OWN_USERID, apart), PEP_ct_pEp);
    EXPECT_FALSE(revoked(alice, apart));
    EXPECT_NE(own_fpr(alice), alice.fpr());
}

TEST_F(EdgeCaseGroupReset, N101a_AStickyKeyStays) {
    const std::string sticky = add_own(alice, two);
    group(alice, {one, two});
    sql(alice,
        "UPDATE trust SET sticky = 1 WHERE fpr = '" + sticky + "'; DELETE FROM social_graph");
    ASSERT_EQ(key_reset_own_grouped_keys(alice.session()), PEP_STATUS_OK);
    EXPECT_EQ(alice.outbox().size(), 1U);
    EXPECT_EQ(own_fpr(alice, two), sticky);
    EXPECT_EQ(trust(alice, PEP_OWN_USERID, sticky), PEP_ct_pEp);
    EXPECT_FALSE(revoked(alice, sticky));
}

TEST_F(EdgeCaseGroupReset, N101b_ResettingOneOfThreeChangesOne) {
    const std::string second = add_own(alice, two);
    const std::string third = add_own(alice, three);
    group(alice, {one, two, three});
    sql(alice, "DELETE FROM social_graph");
    ASSERT_EQ(reset(alice), PEP_STATUS_OK);
    EXPECT_EQ(alice.outbox().size(), 1U);
    EXPECT_EQ(own_fpr(alice, two), second);
    EXPECT_EQ(own_fpr(alice, three), third);
}

TEST_F(EdgeCaseGroupReset, N102_AnotherDeviceTakesOverTheNewKeys) {
    add_own(alice, two);
    User phone{one, "Alice Müller"};
    copy_keys(alice, phone, {one, two});
    group(alice, {one, two});
    group(phone, {one, two});
    const std::string former = own_fpr(alice, two);
    ASSERT_EQ(key_reset_own_grouped_keys(alice.session()), PEP_STATUS_OK);
    for (const auto& msg : alice.outbox())
        if (view(msg->to->ident->address) != view(bob.address())) {
            EXPECT_EQ(phone.read(encode(alice.session(), *msg)).status, PEP_STATUS_OK);
        }
    for (const char* address : {one, two}) {
        EXPECT_EQ(own_fpr(phone, address), own_fpr(alice, address));
        const OwnedIdentity me{new_identity(address, nullptr, PEP_OWN_USERID, nullptr)};
        ASSERT_EQ(myself(phone.session(), me.get()), PEP_STATUS_OK);
        EXPECT_EQ(view(me->fpr), own_fpr(alice, address));
    }
    EXPECT_TRUE(revoked(phone, former));
    EXPECT_EQ(trust(phone, PEP_OWN_USERID, former), PEP_ct_mistrusted);
}

TEST_F(EdgeCaseGroupReset, N102b_WithoutTransportAGroupedKeyStays) {
    group(alice, {one});
    alice.delivers_with(PEP_TRANSPORT_DOWN);
    EXPECT_EQ(reset(alice), PEP_TRANSPORT_DOWN);
    EXPECT_EQ(own_fpr(alice), alice.fpr());
    EXPECT_FALSE(revoked(alice, alice.fpr()));
    stringlist_t* raw = nullptr;
    ASSERT_EQ(find_keys(alice.session(), one, &raw), PEP_STATUS_OK);
    const OwnedStrings keys{raw};
    EXPECT_EQ(stringlist_length(raw), 1); // the new one is gone again
}

TEST_F(EdgeCaseGroupReset, N102c_NothingGroupedIsNothingToReset) {
    EXPECT_EQ(key_reset_own_grouped_keys(alice.session()), PEP_STATUS_OK);
    EXPECT_EQ(own_fpr(alice), alice.fpr());
}

} // namespace
} // namespace pep::engine::test
