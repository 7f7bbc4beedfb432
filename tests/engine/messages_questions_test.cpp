// Media keys, and what can be asked about a message: preview, rating again, trustwords of its
// sender, key ids.
#include "engine/messages_fixture.hpp"

namespace pep::engine::test {
namespace {

class Questions : public Friends {
  protected:
    /// A mail from Bob as Alice decrypted it.
    Received from_bob() {
        introduce();
        OwnedMessage src = bob.mail("alice@example.org", "subject", "body");
        wire = bob.send(*src).wire;
        return alice.read(wire);
    }

    PEP_STATUS again(message* msg, stringlist_t* keylist, PEP_rating before) {
        return re_evaluate_message_rating(alice.session(), msg, keylist, before, &rating);
    }

    PEP_STATUS words(message* msg, stringlist_t* keylist, const pEp_identity* receiver) {
        char* text = nullptr;
        const OwnedIdentity copy{identity_dup(receiver)};
        const PEP_STATUS status =
            get_message_trustwords(alice.session(), msg, keylist, copy.get(), "en", &text, false);
        const OwnedChars owner{text};
        trustwords = text != nullptr ? text : "";
        return status;
    }

    std::string wire;
    std::string trustwords;
    PEP_rating rating = PEP_rating_undefined;
};

/// Mail to example.net goes through a gateway whose key Alice has.
class MediaMail : public Friends {
  protected:
    void SetUp() override {
        OwnedIdentity own = gateway.own();
        char* key = nullptr;
        std::size_t size = 0;
        ASSERT_EQ(export_key(gateway.session(), gateway.fpr().c_str(), &key, &size), 0);
        const OwnedChars owner{key};
        ASSERT_EQ(import_key(alice.session(), key, size, nullptr), PEP_KEY_IMPORTED);
        configure(alice.session());
    }

    void configure(PEP_SESSION session) {
        const OwnedPairs map{
            new_stringpair_list(new_stringpair("*@example.net", gateway.fpr().c_str()))};
        ASSERT_EQ(config_media_keys(session, map.get()), 0);
    }

    User gateway{"gate@gateway.example", "Gateway"};
};

} // namespace

TEST_F(Questions, PreviewUsesStoredTrustOnly) {
    const auto preview = [&](message& msg) {
        EXPECT_EQ(outgoing_message_rating_preview(alice.session(), &msg, &rating), 0);
        return static_cast<int>(rating);
    };
    OwnedMessage to_bob = alice.mail("bob@example.net", "s", "b");
    EXPECT_EQ(preview(*to_bob), 3);
    introduce();
    EXPECT_EQ(preview(*to_bob), 6);
    OwnedIdentity known = alice.partner("bob@example.net");
    ASSERT_EQ(trust_personal_key(alice.session(), known.get()), 0);
    EXPECT_EQ(preview(*to_bob), 8);
    identity_list_add(to_bob->to, person("nobody@example.net").release());
    EXPECT_EQ(preview(*to_bob), 3);
    free_identity_list(to_bob->to);
    to_bob->to = nullptr;
    EXPECT_EQ(preview(*to_bob), 8); // to nobody
    EXPECT_EQ(sent_message_rating(alice.session(), to_bob.get(), &rating), 0);
    EXPECT_EQ(rating, 0);
    to_bob->dir = PEP_dir_incoming;
    EXPECT_EQ(outgoing_message_rating_preview(alice.session(), to_bob.get(), &rating), -4);
    EXPECT_EQ(outgoing_message_rating_preview(alice.session(), nullptr, &rating), -4);
}

TEST_F(Questions, ARejectedSenderTurnsAReadMessageRed) {
    Received got = from_bob();
    ASSERT_EQ(got.rating, 6);
    ASSERT_EQ(again(got.dst.get(), got.keylist.get(), got.rating), 0);
    EXPECT_EQ(rating, 6);
    OwnedIdentity sender = alice.partner("bob@example.net");
    ASSERT_EQ(trust_personal_key(alice.session(), sender.get()), 0);
    ASSERT_EQ(again(got.dst.get(), got.keylist.get(), got.rating), 0);
    EXPECT_GE(rating, 7);
    sender = alice.partner("bob@example.net");
    ASSERT_EQ(key_mistrusted(alice.session(), sender.get()), 0);
    ASSERT_EQ(again(got.dst.get(), nullptr, PEP_rating_undefined), 0); // by its fields
    EXPECT_EQ(rating, -1);
    EXPECT_EQ(got.dst->rating, -1);
}

TEST_F(Questions, AreNotAnsweredOutOfNothing) {
    OwnedMessage plain = bob.mail("alice@example.org", "s", "b");
    EXPECT_EQ(again(plain.get(), nullptr, PEP_rating_undefined), -4);
    EXPECT_EQ(again(plain.get(), nullptr, PEP_rating_reliable), -4);
    EXPECT_EQ(again(plain.get(), nullptr, PEP_rating_unencrypted), 0);
    EXPECT_EQ(rating, 3);
    EXPECT_EQ(again(plain.get(), nullptr, static_cast<PEP_rating>(77)), -4);
    EXPECT_EQ(again(nullptr, nullptr, PEP_rating_reliable), -4);
}

TEST_F(Questions, TrustwordsOfASenderAreThoseOfBothKeys) {
    Received got = from_bob();
    const OwnedIdentity me = alice.own();
    ASSERT_EQ(words(got.dst.get(), got.keylist.get(), me.get()), 0);
    const std::string by_list = trustwords;
    char* text = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(
        get_ripemd160_trustwords_for_fprs(
            alice.session(), alice.fpr().c_str(), bob.fpr().c_str(), "en", &text, &size, false
        ),
        0
    );
    const OwnedChars owner{text};
    EXPECT_EQ(by_list, text);
    EXPECT_EQ(size, by_list.size());

    const OwnedMessage encrypted = decode(alice.session(), wire);
    EXPECT_EQ(words(encrypted.get(), nullptr, me.get()), 0); // who signed is found out
    EXPECT_EQ(trustwords, by_list);
}

TEST_F(Questions, TrustwordsNeedASigner) {
    const OwnedIdentity me = alice.own();
    OwnedMessage plain = bob.mail("alice@example.org", "s", "b");
    plain->dir = PEP_dir_incoming;
    EXPECT_EQ(words(plain.get(), nullptr, me.get()), PEP_UNENCRYPTED);
    const OwnedStrings nobody{new_stringlist(nullptr)};
    EXPECT_EQ(words(plain.get(), nobody.get(), me.get()), -4);
    const OwnedStrings unsigned_list{new_stringlist("")};
    EXPECT_EQ(words(plain.get(), unsigned_list.get(), me.get()), -4);
    EXPECT_EQ(trustwords, "");
    const OwnedIdentity no_address{new_identity(nullptr, nullptr, nullptr, nullptr)};
    EXPECT_EQ(words(plain.get(), unsigned_list.get(), no_address.get()), -4);
}

TEST_F(Questions, KeyIdsTellWhomAMessageIsEncryptedTo) {
    (void)from_bob();
    const OwnedMessage encrypted = decode(alice.session(), wire);
    stringlist_t* list = nullptr;
    ASSERT_EQ(get_key_ids(alice.session(), encrypted.get(), &list), 0);
    const OwnedStrings ids{list};
    ASSERT_EQ(stringlist_length(list), 2);
    for (const auto* node = list; node != nullptr; node = node->next) {
        EXPECT_EQ(std::string{node->value}.size(), 16U);
        stringlist_t* keys = nullptr; // an encryption subkey of one of them
        ASSERT_EQ(find_keys(alice.session(), node->value, &keys), 0);
        const OwnedStrings owner{keys};
        ASSERT_NE(keys, nullptr);
        EXPECT_TRUE(keys->value == alice.fpr() || keys->value == bob.fpr());
    }
    OwnedMessage plain = bob.mail("alice@example.org", "s", "b");
    EXPECT_EQ(get_key_ids(alice.session(), plain.get(), &list), PEP_UNENCRYPTED);
    EXPECT_EQ(list, nullptr);
    EXPECT_EQ(get_key_ids(alice.session(), nullptr, &list), -4);
}

TEST_F(MediaMail, IsEncryptedToTheGatewayWhenNothingElseIsKnown) {
    OwnedMessage src = alice.mail("bob@example.net", "secret subject", "body");
    const User::Sent sent = alice.send(*src);
    ASSERT_EQ(sent.status, 0);
    EXPECT_EQ(sent.dst->rating, 5);
    EXPECT_EQ(field_of(*sent.dst, "X-EncStatus"), "media_key_protected");
    EXPECT_FALSE(contains(sent.wire, "secret subject"));
    configure(gateway.session());
    const Received got = gateway.read(sent.wire);
    EXPECT_EQ(view(got.shown().longmsg), "body");
    EXPECT_EQ(view(got.shown().shortmsg), "secret subject");
    EXPECT_EQ(got.rating, 5);
}

TEST_F(MediaMail, NeedsTheSameGatewayForAllAndNoHiddenRecipient) {
    OwnedMessage mixed = alice.mail("bob@example.net", "s", "b");
    identity_list_add(mixed->to, person("eve@elsewhere.example").release());
    EXPECT_EQ(alice.send(*mixed).status, PEP_UNENCRYPTED);
    OwnedMessage hidden = alice.mail("bob@example.net", "s", "b");
    hidden->bcc = new_identity_list(person("ann@example.net").release());
    EXPECT_EQ(alice.send(*hidden).status, PEP_UNENCRYPTED);
    OwnedMessage plain = alice.mail("bob@example.net", "s", "b");
    EXPECT_EQ(alice.send(*plain, PEP_enc_none).status, PEP_UNENCRYPTED);
}

TEST_F(MediaMail, IsNotNeededForARecipientWithAKey) {
    introduce();
    OwnedMessage src = alice.mail("bob@example.net", "s", "b");
    const User::Sent sent = alice.send(*src);
    ASSERT_EQ(sent.status, 0);
    EXPECT_EQ(sent.dst->rating, 6);
    const Received got = gateway.read(sent.wire);
    EXPECT_EQ(got.status, PEP_DECRYPT_NO_KEY);
}

TEST_F(MediaMail, IsNotTriedWithAKeyThatIsNotHere) {
    ASSERT_EQ(delete_keypair(alice.session(), gateway.fpr().c_str()), 0);
    OwnedMessage src = alice.mail("bob@example.net", "s", "b");
    EXPECT_EQ(alice.send(*src).status, PEP_UNENCRYPTED);
}

TEST_F(MediaMail, GivesIdentitiesARatingOfTheirOwn) {
    const auto rated = [&](const char* address) {
        OwnedIdentity who = person(address);
        PEP_rating rating = PEP_rating_undefined;
        EXPECT_EQ(identity_rating(alice.session(), who.get(), &rating), 0);
        return static_cast<int>(rating);
    };
    EXPECT_EQ(rated("none@example.net"), 5);
    EXPECT_EQ(rated("none@example.com"), 2);
    introduce();
    EXPECT_EQ(rated("bob@example.net"), 6);
    OwnedIdentity known = alice.partner("bob@example.net");
    ASSERT_EQ(key_mistrusted(alice.session(), known.get()), 0);
    EXPECT_EQ(rated("bob@example.net"), -1); // a rejected key is not glossed over
}

} // namespace pep::engine::test
