// Recognising and editing messages, without keys.
#include "engine/message_format.hpp"
#include "engine/message_inline.hpp"
#include "engine/message_keys.hpp"
#include "engine/message_wrap.hpp"
#include "messages_fixture.hpp"

namespace pep::engine {
namespace {

using test::contains;

constexpr const char* armor = " \r\n-----BEGIN PGP MESSAGE-----\n\nxx\n-----END PGP MESSAGE-----\n";

OwnedMessage empty_message() { return OwnedMessage{new_message(PEP_dir_incoming)}; }

void attach(message& msg, std::string_view bytes, const char* type, const char* name = nullptr) {
    append(msg.attachments, make_blob(bytes, type, name));
}

TEST(Version, IsReadStrictly) {
    EXPECT_EQ(parse_version("2.1"), (Version{2, 1}));
    EXPECT_EQ(parse_version(" 3.3 "), (Version{3, 3}));
    for (const char* bad : {"", "2", "2.", ".1", "2.1.3", "-2.1", "a.b", "2.1x", "99999999999.1"})
        EXPECT_EQ(parse_version(bad), Version{}) << bad;
    EXPECT_LT((Version{2, 9}), (Version{3, 0}));
    EXPECT_EQ((Version{2, 10}).text(), "2.10");
}

TEST(Detection, KnowsPgpMimeByItsTwoParts) {
    const OwnedMessage msg = empty_message();
    attach(*msg, "Version: 1", "application/pgp-encrypted");
    EXPECT_EQ(detect_format(*msg), PEP_enc_none);
    attach(*msg, armor, "application/octet-stream", "file://msg.asc");
    EXPECT_EQ(detect_format(*msg), PEP_enc_PGP_MIME);
    EXPECT_EQ(ciphertext_of(*msg, PEP_enc_PGP_MIME), armor);
}

TEST(Detection, KnowsTheSwappedPartsOfOutlook) {
    const OwnedMessage msg = empty_message();
    attach(*msg, armor, "application/octet-stream");
    attach(*msg, "Version: 1", "Application/PGP-Encrypted");
    EXPECT_EQ(detect_format(*msg), PEP_enc_PGP_MIME_Outlook1);
    EXPECT_EQ(ciphertext_of(*msg, PEP_enc_PGP_MIME_Outlook1), armor);
}

TEST(Detection, WantsTheArmorLine) {
    const OwnedMessage msg = empty_message();
    attach(*msg, "Version: 1", "application/pgp-encrypted");
    attach(*msg, "\x85\x02 binary", "application/octet-stream");
    EXPECT_EQ(detect_format(*msg), PEP_enc_none);
}

TEST(Detection, KnowsInlineBodiesAndKeepsTheElevatedVariant) {
    const OwnedMessage msg = empty_message();
    assign(msg->longmsg, armor);
    EXPECT_EQ(detect_format(*msg), PEP_enc_inline);
    msg->enc_format = PEP_enc_inline_EA;
    EXPECT_EQ(detect_format(*msg), PEP_enc_inline_EA);
    assign(msg->longmsg, std::string{"quoted: "} + armor);
    EXPECT_EQ(detect_format(*msg), PEP_enc_none);
}

TEST(Attachment, LosesTheTrailingNulSomeDecodersCount) {
    const OwnedMessage msg = empty_message();
    attach(*msg, std::string_view{"abc\0", 4}, "text/plain");
    EXPECT_EQ(bytes_of(*msg->attachments), "abc");
}

TEST(Subject, KnowsThePlaceholdersOfAllReleases) {
    for (const char* subject : {"", "pEp", "p\xE2\x89\xA1p", "p=p"})
        EXPECT_TRUE(is_placeholder_subject(subject)) << subject;
    EXPECT_FALSE(is_placeholder_subject("pEp!"));
}

TEST(BodyLine, IsCutOffWithTheEmptyLinesBehindIt) {
    const OwnedMessage msg = empty_message();
    assign(msg->longmsg, "subject: Hi there \r\n\r\n\r\nbody\r\n");
    EXPECT_EQ(take_body_line(*msg, "Subject"), "Hi there");
    EXPECT_STREQ(msg->longmsg, "body\r\n");
}

TEST(BodyLine, MayBeAllThereIs) {
    const OwnedMessage msg = empty_message();
    assign(msg->longmsg, "Subject: only");
    EXPECT_EQ(take_body_line(*msg, "Subject"), "only");
    EXPECT_STREQ(msg->longmsg, "");
}

TEST(BodyLine, StaysWhenItIsAnotherOne) {
    const OwnedMessage msg = empty_message();
    EXPECT_EQ(take_body_line(*msg, "Subject"), std::nullopt);
    for (const char* body : {"Subjects: a\n", "\nSubject: a\n", "body\nSubject: a"}) {
        assign(msg->longmsg, body);
        EXPECT_EQ(take_body_line(*msg, "Subject"), std::nullopt);
        EXPECT_STREQ(msg->longmsg, body);
    }
}

TEST(PullUp, ShowsTextAttachmentsOfABodylessMessage) {
    const OwnedMessage msg = empty_message();
    attach(*msg, "plain", "text/plain");
    attach(*msg, "<p>html</p>", "text/html");
    pull_up_bodies(*msg);
    EXPECT_STREQ(msg->longmsg, "plain");
    EXPECT_STREQ(msg->longmsg_formatted, "<p>html</p>");
    EXPECT_EQ(bloblist_length(msg->attachments), 2);
}

TEST(PullUp, LeavesABodyAlone) {
    const OwnedMessage msg = empty_message();
    assign(msg->longmsg_formatted, "<p>there</p>");
    attach(*msg, "plain", "text/plain");
    pull_up_bodies(*msg);
    EXPECT_EQ(msg->longmsg, nullptr);
}

TEST(Fields, AreDroppedAndSetWhateverTheirCase) {
    const OwnedMessage msg = empty_message();
    add_opt_field(msg.get(), "x-keylist", "A");
    add_opt_field(msg.get(), "Received", "there");
    add_opt_field(msg.get(), "X-KeyList", "B");
    set_field(*msg, header::key_list, "C");
    EXPECT_EQ(stringpair_list_length(msg->opt_fields), 2);
    EXPECT_STREQ(field(*msg, "X-KEYLIST"), "C");
    drop_field(msg->opt_fields, "received");
    drop_field(msg->opt_fields, "X-KeyList");
    EXPECT_EQ(msg->opt_fields, nullptr);
    EXPECT_EQ(field(*msg, "Received"), nullptr);
}

TEST(MessageId, HasTheFormOfTheOriginal) {
    const OwnedIdentity sender = test::person("a@b@example.org");
    const std::string id = new_message_id(sender.get());
    EXPECT_TRUE(id.starts_with("pEp.")) << id;
    EXPECT_TRUE(id.ends_with("@example.org")) << id;
    EXPECT_EQ(std::count(id.begin(), id.end(), '-'), 4);
    EXPECT_NE(id, new_message_id(sender.get()));
    EXPECT_TRUE(new_message_id(nullptr).ends_with("@localhost"));
}

TEST(KeyAttachment, IsToldByTypeAndEnding) {
    const auto is_key = [](const char* type, const char* name) {
        return is_key_attachment(*make_blob("x", type, name));
    };
    EXPECT_TRUE(is_key("application/pgp-keys", nullptr));
    EXPECT_TRUE(is_key("application/octet-stream", "file://k.GPG"));
    EXPECT_TRUE(is_key(nullptr, "file://k.key"));
    EXPECT_TRUE(is_key("text/plain", "k.asc"));
    EXPECT_TRUE(is_key("application/x-apple-msg-attachment", "file://k.asc"));
    EXPECT_FALSE(is_key("application/x-apple-msg-attachment", "file://k.pgp"));
    EXPECT_FALSE(is_key("text/plain", "cid://k.asc"));
    EXPECT_FALSE(is_key("text/plain", "file://kasc"));
    EXPECT_FALSE(is_key("image/png", "file://k.asc"));
}

TEST(EncryptedAttachment, IsNeitherKeyNorSignature) {
    const auto encrypted = [](const char* bytes, const char* type, const char* name) {
        return is_encrypted_attachment(*make_blob(bytes, type, name));
    };
    EXPECT_TRUE(encrypted("x", "application/octet-stream", "file://a.txt.pgp"));
    EXPECT_TRUE(encrypted(armor, "text/plain", "file://a.asc"));
    EXPECT_FALSE(encrypted("x", "text/plain", "file://a.txt.pgp"));
    EXPECT_FALSE(
        encrypted("-----BEGIN PGP PUBLIC KEY BLOCK-----", "application/pgp-keys", "file://a.asc")
    );
    EXPECT_FALSE(encrypted("-----BEGIN PGP SIGNATURE-----", "text/plain", "file://a.asc"));
}

TEST(Elevation, MarksKnownTypesOnly) {
    const std::string marked = elevate("data", "application/pgp-keys");
    EXPECT_EQ(marked, std::string("\0K\2\0data", 8));
    const auto [type, bytes] = lower(marked);
    EXPECT_EQ(type, "application/pgp-keys");
    EXPECT_EQ(bytes, "data");
    EXPECT_EQ(elevate("data", "image/png"), "data");
    EXPECT_EQ(elevate("x", "application/pEp.keyreset").substr(0, 4), std::string("\0D\0\0", 4));
    EXPECT_EQ(lower(std::string_view{"\0K\2\0", 4}).first, "");
    EXPECT_EQ(lower(std::string_view{"\0Z\2\0data", 8}).second.size(), 8U);
}

TEST(Layout, WrapsTheWholeMessageButBcc) {
    const OwnedMessage msg = empty_message();
    msg->from = test::person("alice@example.org").release();
    msg->bcc = new_identity_list(test::person("secret@example.com").release());
    assign(msg->shortmsg, "real subject");
    assign(msg->longmsg, "body");
    add_opt_field(msg.get(), "X-pEp-Sender-FPR", "FORGED");
    Wrapping wrapping{.version = {3, 3}, .sender_fpr = "AB", .extra_keys = "", .id = "id@x"};
    const OwnedMessage outside = empty_message();
    outside->from = test::person("alice@example.org").release();
    assign(outside->shortmsg, "p\xE2\x89\xA1p");
    const auto entity = wrapped_entity(*msg, nullptr, wrapping, *outside);
    ASSERT_TRUE(entity);
    EXPECT_TRUE(contains(*entity, "message/rfc822; forwarded=\"no\"")) << *entity;
    EXPECT_TRUE(contains(*entity, "Subject: real subject"));
    EXPECT_TRUE(contains(*entity, "Message-ID: <id@x>"));
    EXPECT_TRUE(contains(*entity, "X-pEp-Message-Version: 3.3"));
    EXPECT_TRUE(contains(*entity, "X-pEp-Wrapped-Message-Info: INNER"));
    EXPECT_TRUE(contains(*entity, "X-pEp-Sender-FPR: AB"));
    EXPECT_FALSE(contains(*entity, "FORGED"));
    EXPECT_FALSE(contains(*entity, "secret@example.com"));
    EXPECT_FALSE(contains(*entity, "pEp-Wrapped-Message-Info: OUTER"));
    EXPECT_STREQ(msg->longmsg, "body") << "the source is only read";

    // RFC 9788: the same header above, and what of it is outside.
    const std::string top = entity->substr(0, entity->find("\r\n\r\n"));
    EXPECT_TRUE(contains(top, "Subject: real subject\r\n")) << top;
    EXPECT_TRUE(contains(top, "HP-Outer: Subject: =?utf-8?Q?p=E2=89=A1p?=\r\n")) << top;
    EXPECT_TRUE(contains(top, "HP-Outer: From: ")) << top;
    EXPECT_TRUE(contains(top, "hp=\"cipher\"") || contains(top, "hp=cipher")) << top;
}

TEST(Layout, MarksTheBodiesForVersionTwo) {
    const OwnedMessage msg = empty_message();
    assign(msg->longmsg, "body");
    const auto entity =
        wrapped_entity(*msg, nullptr, {.version = {2, 0}, .info = "KEY_RESET"}, *msg);
    ASSERT_TRUE(entity);
    EXPECT_TRUE(contains(*entity, "pEp-Wrapped-Message-Info: OUTER"));
    EXPECT_TRUE(contains(*entity, "pEp-Wrapped-Message-Info: INNER"));
    EXPECT_TRUE(contains(*entity, "X-pEp-Message-Version: 2.0"));
    EXPECT_FALSE(contains(*entity, "HP-Outer"));
}

TEST(Layout, PutsTheSubjectIntoThePlainBody) {
    const OwnedMessage msg = empty_message();
    assign(msg->shortmsg, "real subject");
    assign(msg->longmsg_formatted, "<p>html</p>");
    const auto entity = plain_entity(*msg, nullptr, true);
    ASSERT_TRUE(entity);
    EXPECT_TRUE(contains(*entity, "Subject: real subject")) << *entity;
    EXPECT_TRUE(contains(*entity, "multipart/alternative"));
    EXPECT_FALSE(contains(plain_entity(*msg, nullptr, false).value(), "real subject"));
    assign(msg->shortmsg, "pEp");
    EXPECT_FALSE(contains(plain_entity(*msg, nullptr, true).value(), "Subject"));
}

} // namespace
} // namespace pep::engine
