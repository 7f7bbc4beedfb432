// Alice and Bob: what arrives is what was sent, in every layout.
#include "messages_fixture.hpp"

namespace pep::engine::test {
namespace {

class Exchange : public Friends {};

std::string ct_of(const User& user, const char* partner) {
    const OwnedIdentity known = user.partner(partner);
    return std::to_string(known->comm_type);
}

TEST_F(Exchange, UnencryptedMailBringsTheKey) {
    OwnedMessage hello = alice.mail("bob@example.net", "hello", "body");
    const auto sent = alice.send(*hello);
    EXPECT_EQ(sent.status, PEP_UNENCRYPTED);
    EXPECT_EQ(sent.dst, nullptr);
    EXPECT_EQ(field_of(*hello, "X-pEp-Version"), "3.3");
    const Received in = bob.read(sent.wire);
    EXPECT_EQ(in.status, PEP_UNENCRYPTED);
    EXPECT_EQ(in.rating, PEP_rating_unencrypted);
    EXPECT_EQ(in.dst, nullptr);
    EXPECT_EQ(in.keylist, nullptr);
    EXPECT_EQ(in.src->rating, PEP_rating_unencrypted);
    const OwnedIdentity known = bob.partner("alice@example.org");
    EXPECT_EQ(view(known->fpr), alice.fpr());
    EXPECT_EQ(known->comm_type, PEP_ct_pEp_unconfirmed);
    EXPECT_EQ(known->major_ver, 3U);
    EXPECT_EQ(known->minor_ver, 3U);
    EXPECT_STREQ(known->username, "Alice Müller");
}

TEST_F(Exchange, WrappedMailShowsNothingOutside) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "the plan — Überfall", "at noon: grüße");
    assign(msg->longmsg_formatted, "<p>at noon</p>");
    append(msg->attachments, make_blob(std::string(3000, '\xAB'), "image/png", "file://ü.png"));
    append(msg->attachments, make_blob("pic", "image/gif", "cid://pic@x"));
    add_opt_field(msg.get(), "X-Mine", "kept inside");
    const auto sent = alice.send(*msg);
    ASSERT_EQ(sent.status, PEP_STATUS_OK);
    EXPECT_EQ(sent.dst->rating, PEP_rating_reliable);
    EXPECT_EQ(sent.dst->enc_format, PEP_enc_PGP_MIME);
    EXPECT_STREQ(sent.dst->shortmsg, "p\xE2\x89\xA1p");
    EXPECT_EQ(field_of(*sent.dst, "X-pEp-Version"), "3.3");
    EXPECT_FALSE(contains(sent.wire, "X-Mine"));
    EXPECT_FALSE(contains(sent.wire, "References"));

    const Received in = bob.read(sent.wire);
    ASSERT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_EQ(in.rating, PEP_rating_reliable);
    EXPECT_EQ(in.dst->rating, PEP_rating_reliable);
    EXPECT_EQ(in.signer(), alice.fpr());
    EXPECT_EQ(stringlist_length(in.keylist.get()), 2);
    EXPECT_STREQ(in.dst->shortmsg, "the plan — Überfall");
    EXPECT_STREQ(in.dst->longmsg, "at noon: grüße");
    EXPECT_STREQ(in.dst->longmsg_formatted, "<p>at noon</p>");
    EXPECT_EQ(field_of(*in.dst, "X-Mine"), "kept inside");
    EXPECT_EQ(field_of(*in.dst, "X-EncStatus"), "reliable");
    EXPECT_EQ(field_of(*in.dst, "X-KeyList"), alice.fpr() + "," + bob.fpr());
    EXPECT_EQ(field_of(*in.dst, "X-pEp-Sender-FPR"), alice.fpr());
    EXPECT_EQ(field_of(*in.dst, "X-pEp-Wrapped-Message-Info"), "-");
    EXPECT_EQ(view(in.dst->_sender_fpr), alice.fpr());
    EXPECT_STREQ(in.dst->id, msg->id);
    const bloblist_t* png = find_blob_by_URI(in.dst->attachments, "file://ü.png");
    ASSERT_NE(png, nullptr);
    EXPECT_EQ(std::string(png->value, png->size), std::string(3000, '\xAB'));
    EXPECT_NE(find_blob_by_URI(in.dst->attachments, "cid://pic@x"), nullptr);
    EXPECT_EQ(find_blob_by_URI(in.dst->attachments, "file://sender_key.asc"), nullptr)
        << "the key travels in the wrapper";
}

TEST_F(Exchange, TrustOnBothSidesTurnsGreen) {
    introduce();
    OwnedIdentity known = bob.partner("alice@example.org");
    ASSERT_EQ(trust_personal_key(bob.session(), known.get()), 0);
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    const Received in = bob.read(alice.send(*msg).wire);
    EXPECT_EQ(in.rating, PEP_rating_trusted_and_anonymized);
    EXPECT_EQ(field_of(*in.dst, "X-EncStatus"), "trusted_and_anonymized");
}

TEST_F(Exchange, MistrustTurnsRed) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    const std::string wire = alice.send(*msg).wire;
    OwnedIdentity known = bob.partner("alice@example.org");
    ASSERT_EQ(key_mistrusted(bob.session(), known.get()), 0);
    const Received in = bob.read(wire);
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_EQ(in.rating, PEP_rating_mistrust);
}

TEST_F(Exchange, PlainLayoutHidesTheSubjectInTheBody) {
    introduce_as_openpgp();
    OwnedMessage msg = alice.mail("bob@example.net", "top secret", "körper");
    const auto sent = alice.send(*msg);
    ASSERT_EQ(sent.status, PEP_STATUS_OK);
    EXPECT_STREQ(sent.dst->shortmsg, "p\xE2\x89\xA1p");
    const Received in = bob.read(sent.wire);
    ASSERT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_STREQ(in.dst->shortmsg, "top secret");
    EXPECT_STREQ(in.dst->longmsg, "körper");
    EXPECT_EQ(in.signer(), alice.fpr());
    EXPECT_NE(find_blob_by_URI(in.dst->attachments, "file://sender_key.asc"), nullptr);
    const OwnedIdentity known = bob.partner("alice@example.org");
    EXPECT_EQ(view(known->fpr), alice.fpr()) << "the key that signed becomes the default";
}

TEST_F(Exchange, UnencryptedSubjectStaysOutsideInThePlainLayout) {
    introduce_as_openpgp();
    config_unencrypted_subject(alice.session(), true);
    OwnedMessage msg = alice.mail("bob@example.net", "not secret", "body");
    const auto sent = alice.send(*msg);
    EXPECT_STREQ(sent.dst->shortmsg, "not secret");
    const Received in = bob.read(sent.wire);
    EXPECT_STREQ(in.dst->shortmsg, "not secret");
    EXPECT_STREQ(in.dst->longmsg, "body");
}

TEST_F(Exchange, WrappedMailNeverShowsTheSubject) {
    introduce();
    config_unencrypted_subject(alice.session(), true);
    OwnedMessage msg = alice.mail("bob@example.net", "secret", "body");
    EXPECT_STREQ(alice.send(*msg).dst->shortmsg, "p\xE2\x89\xA1p");
}

TEST_F(Exchange, HtmlWithoutTextKeepsItsSubject) {
    for (const bool wrapped : {false, true}) {
        if (wrapped)
            introduce();
        else
            introduce_as_openpgp();
        OwnedMessage msg = alice.mail("bob@example.net", "subject", nullptr);
        assign(msg->longmsg_formatted, "<b>only html</b>");
        const Received in = bob.read(alice.send(*msg).wire);
        ASSERT_NE(in.dst, nullptr);
        EXPECT_STREQ(in.dst->shortmsg, "subject");
        EXPECT_STREQ(in.dst->longmsg_formatted, "<b>only html</b>");
        EXPECT_EQ(view(in.dst->longmsg), "");
    }
}

TEST_F(Exchange, EmptySubjectBecomesThePlaceholder) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", nullptr, "body");
    const Received in = bob.read(alice.send(*msg).wire);
    EXPECT_STREQ(in.dst->shortmsg, "p\xE2\x89\xA1p");
    EXPECT_STREQ(in.dst->longmsg, "body");
}

TEST_F(Exchange, ABodyThatLooksLikeMarksIsKept) {
    introduce();
    const char* body = "pEp-Wrapped-Message-Info: OUTER\n\nSubject: no\n\nbody";
    OwnedMessage msg = alice.mail("bob@example.net", "s", body);
    const Received in = bob.read(alice.send(*msg).wire);
    EXPECT_STREQ(in.dst->longmsg, body);
    EXPECT_STREQ(in.dst->shortmsg, "s");
}

TEST_F(Exchange, VersionTwoGoesToOnePartnerOfThatVersion) {
    introduce();
    OwnedIdentity old = alice.partner("bob@example.net");
    old->major_ver = 2;
    old->minor_ver = 0;
    ASSERT_EQ(set_identity(alice.session(), old.get()), 0);
    OwnedMessage msg = alice.mail("bob@example.net", "old", "body 2.0");
    const auto sent = alice.send(*msg);
    ASSERT_EQ(sent.status, PEP_STATUS_OK);
    const Received in = bob.read(sent.wire);
    ASSERT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_STREQ(in.dst->shortmsg, "old");
    EXPECT_STREQ(in.dst->longmsg, "body 2.0");
    EXPECT_EQ(field_of(*in.dst, "X-pEp-Message-Version"), "2.0");
}

TEST_F(Exchange, InlineEncryptsPieceByPiece) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "open subject", "inline body");
    append(msg->attachments, make_blob("attached", "text/plain", "file://note.txt"));
    const auto sent = alice.send(*msg, PEP_enc_inline);
    ASSERT_EQ(sent.status, PEP_STATUS_OK);
    EXPECT_EQ(sent.dst->enc_format, PEP_enc_inline);
    EXPECT_STREQ(sent.dst->shortmsg, "open subject");
    EXPECT_FALSE(contains(sent.wire, "inline body"));
    const Received in = bob.read(sent.wire);
    ASSERT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_STREQ(in.dst->longmsg, "inline body");
    EXPECT_STREQ(in.dst->shortmsg, "open subject");
    const bloblist_t* note = find_blob_by_URI(in.dst->attachments, "file://note.txt");
    ASSERT_NE(note, nullptr);
    EXPECT_EQ(std::string(note->value, note->size), "attached");
}

TEST_F(Exchange, ElevatedAttachmentsKeepTheirType) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "s", "body");
    append(msg->attachments, make_blob("sync", "application/pEp.sync", "file://sync.pEp"));
    auto sent = alice.send(*msg, PEP_enc_inline_EA);
    ASSERT_EQ(sent.status, PEP_STATUS_OK);
    const Received in = receive(bob.session(), std::move(sent.dst));
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    ASSERT_NE(in.dst, nullptr);
    const bloblist_t* sync = find_blob_by_URI(in.dst->attachments, "file://sync.pEp");
    ASSERT_NE(sync, nullptr);
    EXPECT_STREQ(sync->mime_type, "application/pEp.sync");
    EXPECT_EQ(std::string(sync->value, sync->size), "sync");
}

TEST_F(Exchange, ALateAnswerDoesNotReplaceTheDefaultKey) {
    introduce();
    const User mallory{"alice@example.org", "Alice Müller"};
    OwnedMessage forged = mallory.mail("bob@example.net", "it is me", "new key");
    EXPECT_EQ(bob.read(mallory.send(*forged).wire).status, PEP_UNENCRYPTED);
    EXPECT_EQ(view(bob.partner("alice@example.org")->fpr), alice.fpr());
}

TEST_F(Exchange, TheSenderKeepsACopyHeCanRead) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "mine", "body");
    const Received in = alice.read(alice.send(*msg).wire);
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_STREQ(in.dst->longmsg, "body");
    EXPECT_TRUE(in.dst->from->me);
}

TEST_F(Exchange, NoteToSelfIsFullyTrusted) {
    OwnedMessage msg = alice.mail("alice@example.org", "draft", "body");
    const auto sent = alice.send(*msg);
    ASSERT_EQ(sent.status, PEP_STATUS_OK);
    EXPECT_EQ(sent.dst->rating, PEP_rating_trusted_and_anonymized);
    const Received in = alice.read(sent.wire);
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_EQ(in.rating, PEP_rating_trusted_and_anonymized);
}

TEST_F(Exchange, KeepsDateAndThreadInsideOnly) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    msg->sent = new_timestamp(1'600'000'000);
    msg->in_reply_to = new_stringlist("before@example.net");
    msg->references = new_stringlist("first@example.net");
    const auto sent = alice.send(*msg);
    EXPECT_FALSE(contains(sent.wire, "before@example.net"));
    EXPECT_FALSE(contains(sent.wire, "\nDate:"));
    const Received in = bob.read(sent.wire);
    ASSERT_NE(in.dst->sent, nullptr);
    EXPECT_EQ(timegm_with_gmtoff(in.dst->sent), 1'600'000'000);
    EXPECT_STREQ(in.dst->in_reply_to->value, "before@example.net");
    EXPECT_STREQ(in.dst->references->value, "first@example.net");
}

TEST_F(Exchange, WarmCallsDoNotWriteToTheDatabase) {
    introduce();
    OwnedMessage first = alice.mail("bob@example.net", "s", "b");
    const std::string wire = alice.send(*first).wire;
    ASSERT_EQ(bob.read(wire).status, PEP_STATUS_OK);
    ASSERT_EQ(bob.read(wire).status, PEP_STATUS_OK);
    const auto wal_of = [](const User& user) {
        return read_file(user.home().directory() / "engine.sqlite3-wal");
    };
    const std::string before_alice = wal_of(alice);
    const std::string before_bob = wal_of(bob);
    OwnedMessage second = alice.mail("bob@example.net", "s", "b");
    ASSERT_EQ(bob.read(alice.send(*second).wire).status, PEP_STATUS_OK);
    EXPECT_TRUE(wal_of(alice) == before_alice) << "encrypting wrote";
    EXPECT_TRUE(wal_of(bob) == before_bob) << "decrypting wrote";
    EXPECT_EQ(ct_of(bob, "alice@example.org"), "127");
}

} // namespace
} // namespace pep::engine::test
