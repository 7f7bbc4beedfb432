// encrypt_message: who gets the message, which flags do what, and what is refused.
#include "messages_fixture.hpp"

namespace pep::engine::test {
namespace {

class Encrypt : public Friends {};

TEST_F(Encrypt, RefusesWhatItCannotWorkOn) {
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    message* dst = msg.get(); // must be cleared
    EXPECT_EQ(encrypt_message(nullptr, msg.get(), nullptr, &dst, PEP_enc_auto, 0), -4);
    EXPECT_EQ(dst, nullptr);
    EXPECT_EQ(encrypt_message(alice.session(), nullptr, nullptr, &dst, PEP_enc_auto, 0), -4);
    EXPECT_EQ(encrypt_message(alice.session(), msg.get(), nullptr, nullptr, PEP_enc_auto, 0), -4);
    for (const PEP_enc_format format : {PEP_enc_S_MIME, PEP_enc_PGP_MIME_Outlook1})
        EXPECT_EQ(alice.send(*msg, format).status, -4);
    msg->dir = PEP_dir_incoming;
    EXPECT_EQ(alice.send(*msg).status, -4);
    msg->dir = PEP_dir_outgoing;
    free_identity(msg->from);
    msg->from = nullptr;
    EXPECT_EQ(alice.send(*msg).status, -4);
}

TEST_F(Encrypt, RefusesWhatIsEncryptedAlready) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    const auto sent = alice.send(*msg);
    EXPECT_EQ(alice.send(*sent.dst).status, -4);
    OwnedMessage text = alice.mail("bob@example.net", "s", "-----BEGIN PGP MESSAGE-----\n");
    EXPECT_EQ(alice.send(*text).status, -4);
}

TEST_F(Encrypt, FormatNoneLeavesTheTextAlone) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "subject", "body");
    const auto sent = alice.send(*msg, PEP_enc_none);
    EXPECT_EQ(sent.status, PEP_UNENCRYPTED);
    EXPECT_STREQ(msg->shortmsg, "subject");
    EXPECT_STREQ(msg->longmsg, "body");
    EXPECT_EQ(msg->rating, PEP_rating_undefined);
    EXPECT_NE(find_blob_by_URI(msg->attachments, "file://sender_key.asc"), nullptr);
}

TEST_F(Encrypt, OneRecipientWithoutKeyMeansNoEncryption) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    msg->cc = new_identity_list(person("carol@example.com").release());
    EXPECT_EQ(alice.send(*msg).status, PEP_UNENCRYPTED);
    OwnedMessage blind = alice.mail("bob@example.net", "s", "b");
    blind->bcc = new_identity_list(person("carol@example.com").release());
    EXPECT_EQ(alice.send(*blind).status, PEP_UNENCRYPTED);
}

TEST_F(Encrypt, SendingTwiceAttachesTheKeyOnce) {
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    EXPECT_EQ(alice.send(*msg).status, PEP_UNENCRYPTED);
    EXPECT_EQ(alice.send(*msg).status, PEP_UNENCRYPTED);
    EXPECT_EQ(bloblist_length(msg->attachments), 1);
}

TEST_F(Encrypt, PassiveModeKeepsTheKeyFromStrangers) {
    config_passive_mode(alice.session(), true);
    OwnedMessage stranger = alice.mail("carol@example.com", "s", "b");
    EXPECT_EQ(alice.send(*stranger).status, PEP_UNENCRYPTED);
    EXPECT_EQ(stranger->attachments, nullptr);
    EXPECT_EQ(field_of(*stranger, "X-pEp-Version"), "3.3");
}

TEST_F(Encrypt, PassiveModeStillGivesTheKeyToPepUsers) {
    introduce();
    config_passive_mode(alice.session(), true);
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    EXPECT_EQ(alice.send(*msg, PEP_enc_none).status, PEP_UNENCRYPTED);
    EXPECT_NE(find_blob_by_URI(msg->attachments, "file://sender_key.asc"), nullptr);
    OwnedMessage encrypted = alice.mail("bob@example.net", "s", "b");
    EXPECT_EQ(alice.send(*encrypted, PEP_enc_PEP).status, PEP_STATUS_OK);
}

TEST_F(Encrypt, NoAttachedKeyWhereTheCallerForbidsIt) {
    const auto flag = PEP_encrypt_flag_force_no_attached_key;
    OwnedMessage open = alice.mail("bob@example.net", "s", "b");
    EXPECT_EQ(alice.send(*open, PEP_enc_auto, flag).status, PEP_UNENCRYPTED);
    EXPECT_EQ(open->attachments, nullptr);
    introduce_as_openpgp();
    OwnedMessage closed = alice.mail("bob@example.net", "s", "b");
    const Received in = bob.read(alice.send(*closed, PEP_enc_auto, flag).wire);
    EXPECT_EQ(in.status, PEP_DECRYPTED) << "Bob has no key to verify with";
    EXPECT_EQ(in.rating, PEP_rating_unreliable);
    EXPECT_EQ(in.dst->attachments, nullptr);
}

TEST_F(Encrypt, UnsignedMailIsUnreliable) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    const auto sent = alice.send(*msg, PEP_enc_auto, PEP_encrypt_flag_force_unsigned);
    ASSERT_EQ(sent.status, PEP_STATUS_OK);
    const Received in = bob.read(sent.wire);
    EXPECT_EQ(in.status, PEP_DECRYPTED);
    EXPECT_EQ(in.rating, PEP_rating_unreliable);
    EXPECT_EQ(in.signer(), "");
    EXPECT_STREQ(in.dst->longmsg, "b");
}

TEST_F(Encrypt, VersionOneOnDemand) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    const auto sent = alice.send(*msg, PEP_enc_auto, PEP_encrypt_flag_force_version_1);
    const Received in = bob.read(sent.wire);
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_STREQ(in.dst->shortmsg, "s");
    EXPECT_EQ(field_of(*in.dst, "X-pEp-Message-Version"), "-") << "not wrapped";
}

TEST_F(Encrypt, KeyResetMailSaysSoInside) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "s", "payload");
    const auto sent = alice.send(*msg, PEP_enc_auto, PEP_encrypt_flag_key_reset_only);
    const Received in = bob.read(sent.wire);
    EXPECT_EQ(in.status, PEP_STATUS_OK) << "treated like INNER";
    EXPECT_STREQ(in.dst->longmsg, "payload");
    EXPECT_EQ(in.flags & PEP_decrypt_flag_consume, 0U);
}

TEST_F(Encrypt, BccCanReadButIsNamedNowhere) {
    introduce();
    const User carol{"carol@example.com", "Carol"};
    OwnedMessage hello = carol.mail("alice@example.org", "hello", "key");
    EXPECT_EQ(alice.read(carol.send(*hello).wire).status, PEP_UNENCRYPTED);
    for (const PEP_encrypt_flags_t flags : {0U, 0x10U}) {
        OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
        msg->bcc = new_identity_list(person("carol@example.com").release());
        const auto sent = alice.send(*msg, PEP_enc_auto, flags);
        ASSERT_EQ(sent.status, PEP_STATUS_OK);
        EXPECT_EQ(sent.dst->bcc, nullptr);
        EXPECT_FALSE(contains(sent.wire, "carol@"));
        EXPECT_EQ(identity_list_length(msg->bcc), 1) << "the caller still knows";
        const Received in = carol.read(sent.wire);
        EXPECT_NE(in.dst, nullptr);
        EXPECT_EQ(bob.read(sent.wire).dst->bcc, nullptr);
    }
}

TEST_F(Encrypt, OneOpenPgpRecipientMeansVersionOneForAll) {
    introduce();
    const User carol{"carol@example.com", "Carol"};
    char* key = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(export_key(carol.session(), carol.fpr().c_str(), &key, &size), 0);
    const OwnedChars owner{key};
    ASSERT_EQ(import_key(alice.session(), key, size, nullptr), PEP_KEY_IMPORTED);
    const OwnedIdentity known{new_identity("carol@example.com", carol.fpr().c_str(), "C", "Carol")};
    ASSERT_EQ(set_comm_partner_key(alice.session(), known.get(), carol.fpr().c_str()), 0);
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    msg->cc = new_identity_list(person("carol@example.com").release());
    const auto sent = alice.send(*msg);
    ASSERT_EQ(sent.status, PEP_STATUS_OK);
    const Received in = bob.read(sent.wire);
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_EQ(field_of(*in.dst, "X-pEp-Message-Version"), "-");
    EXPECT_EQ(stringlist_length(in.keylist.get()), 2) << "Carol's key is unknown to Bob";
}

TEST_F(Encrypt, ExtraKeysAreForOrganisationsOnly) {
    introduce();
    const User company{"company@example.com", "Company"};
    char* key = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(export_key(company.session(), company.fpr().c_str(), &key, &size), 0);
    const OwnedChars owner{key};
    ASSERT_EQ(import_key(alice.session(), key, size, nullptr), PEP_KEY_IMPORTED);
    const OwnedStrings extra{new_stringlist(company.fpr().c_str())};

    OwnedMessage refused = alice.mail("bob@example.net", "s", "b");
    const auto without = alice.send(*refused, PEP_enc_PEP, 0, extra.get());
    EXPECT_EQ(company.read(without.wire).status, PEP_DECRYPT_NO_KEY);

    OwnedIdentity me = alice.own();
    ASSERT_EQ(myself(alice.session(), me.get()), 0);
    ASSERT_EQ(set_identity_flags(alice.session(), me.get(), PEP_idf_org_ident), 0);
    OwnedMessage allowed = alice.mail("bob@example.net", "s", "b");
    const auto with = alice.send(*allowed, PEP_enc_PEP, 0, extra.get());
    ASSERT_EQ(with.status, PEP_STATUS_OK);
    EXPECT_NE(company.read(with.wire).dst, nullptr);
    EXPECT_EQ(field_of(*bob.read(with.wire).dst, "X-pEp-extra-keys"), company.fpr());
}

TEST_F(Encrypt, RemembersTheFormatAskedFor) {
    introduce();
    OwnedMessage first = alice.mail("bob@example.net", "s", "b");
    ASSERT_EQ(alice.send(*first, PEP_enc_inline).status, PEP_STATUS_OK);
    EXPECT_EQ(alice.partner("bob@example.net")->enc_format, PEP_enc_inline);
    OwnedMessage second = alice.mail("bob@example.net", "s", "b");
    EXPECT_EQ(alice.send(*second, PEP_enc_auto).dst->enc_format, PEP_enc_inline);
}

TEST_F(Encrypt, CompletesTheIdentitiesOfTheSource) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    ASSERT_EQ(alice.send(*msg).status, PEP_STATUS_OK);
    EXPECT_EQ(view(msg->from->fpr), alice.fpr());
    EXPECT_EQ(view(msg->to->ident->fpr), bob.fpr());
    EXPECT_EQ(view(msg->_sender_fpr), alice.fpr());
    EXPECT_EQ(msg->attachments, nullptr);
    EXPECT_STREQ(msg->longmsg, "b");
}

TEST_F(Encrypt, SurvivesALargeAttachment) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "big", "body");
    const std::string big(std::size_t{3} << 20U, '\x5A');
    append(msg->attachments, make_blob(big, "application/zip", "file://big.zip"));
    const Received in = bob.read(alice.send(*msg).wire);
    ASSERT_EQ(in.status, PEP_STATUS_OK);
    const bloblist_t* zip = find_blob_by_URI(in.dst->attachments, "file://big.zip");
    ASSERT_NE(zip, nullptr);
    EXPECT_TRUE(std::string_view(zip->value, zip->size) == big);
}

TEST_F(Encrypt, ALockedKeyAsksForItsPassphrase) {
    introduce();
    const Home locked;
    ASSERT_EQ(config_passphrase_for_new_keys(locked.session(), true, "open sesame"), 0);
    OwnedIdentity me{new_identity("lock@example.org", nullptr, PEP_OWN_USERID, "Lock")};
    me->me = true;
    ASSERT_EQ(myself(locked.session(), me.get()), 0);
    OwnedMessage msg{new_message(PEP_dir_outgoing)};
    msg->from = duplicate(me.get(), identity_dup);
    msg->to = new_identity_list(person("lock@example.org").release());
    assign(msg->longmsg, "b");
    message* dst = nullptr;
    const auto encrypt = [&](PEP_enc_format format) {
        return encrypt_message(locked.session(), msg.get(), nullptr, &dst, format, 0);
    };
    EXPECT_EQ(encrypt(PEP_enc_PEP), PEP_PASSPHRASE_REQUIRED);
    EXPECT_EQ(encrypt(PEP_enc_none), PEP_PASSPHRASE_REQUIRED);
    EXPECT_EQ(msg->attachments, nullptr);
    ASSERT_EQ(config_passphrase(locked.session(), "close sesame"), 0);
    EXPECT_EQ(encrypt(PEP_enc_PEP), PEP_WRONG_PASSPHRASE);
    ASSERT_EQ(config_passphrase(locked.session(), "open sesame"), 0);
    EXPECT_EQ(encrypt(PEP_enc_PEP), PEP_STATUS_OK);
    OwnedMessage encrypted{dst};
    const std::string wire = encode(locked.session(), *encrypted);
    ASSERT_EQ(config_passphrase(locked.session(), nullptr), 0);
    const Received in = receive(locked.session(), wire);
    EXPECT_EQ(in.status, PEP_PASSPHRASE_REQUIRED);
    EXPECT_EQ(in.dst, nullptr);
    EXPECT_EQ(in.rating, PEP_rating_undefined);
}

} // namespace
} // namespace pep::engine::test
