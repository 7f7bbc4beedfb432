// Header fields in both directions, and that no value can leave its field.
#include "engine/mime_support.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace pep::engine::test {

namespace {

char* copy(const char* text) { return strdup(text); }

std::string subject_field(const char* subject) {
    return field(encoded(*make_message(subject, "x")), "Subject");
}

TEST(MimeHeaders, AreWrittenInTheFixedOrder) {
    auto msg = make_message("subject", "x");
    msg->id = copy("id@example.org");
    msg->sent = new_timestamp(1700000000);
    msg->cc = new_identity_list(new_identity("c@example.org", nullptr, nullptr, nullptr));
    msg->bcc = new_identity_list(new_identity("d@example.org", nullptr, nullptr, nullptr));
    msg->reply_to = new_identity_list(new_identity("e@example.org", nullptr, nullptr, "E"));
    msg->in_reply_to = string_to_stringlist("1@x,2@x");
    msg->references = string_to_stringlist("0@x,1@x");
    msg->keywords = string_to_stringlist("red,light blue");
    msg->comments = copy("no comment");
    add_opt_field(msg.get(), "X-Second", "2");
    add_opt_field(msg.get(), "A-First", "1");
    const std::vector<std::string> expected{
        "Message-ID: <id@example.org>",
        "Date: Tue, 14 Nov 2023 22:13:20 +0000",
        "From: a@example.org",
        "To: b@example.org",
        "Subject: subject",
        "Cc: c@example.org",
        "Bcc: d@example.org",
        "Reply-To: E <e@example.org>",
        "In-Reply-To: <1@x> <2@x>",
        "References: <0@x> <1@x>",
        "Keywords: red, light blue",
        "Comments: no comment",
        "X-Second: 2",
        "A-First: 1",
        "MIME-Version: 1.0",
        "Content-Type: text/plain",
        "Content-Transfer-Encoding: 7bit",
    };
    EXPECT_EQ(header_fields(encoded(*msg)), expected);
}

TEST(MimeHeaders, WithoutContentAreLeftOut) {
    OwnedMessage msg{new_message(PEP_dir_outgoing)};
    msg->to = new_identity_list(nullptr);
    msg->references = new_stringlist(nullptr);
    const auto fields = header_fields(encoded(*msg));
    ASSERT_EQ(fields.size(), 4U);
    EXPECT_EQ(fields[0], "Subject: =?utf-8?Q?p=E2=89=A1p?=");
    EXPECT_EQ(fields[1], "MIME-Version: 1.0");
}

TEST(MimeHeaders, EncodeOnlyTheWordsThatNeedIt) {
    EXPECT_EQ(subject_field("p≡p"), "=?utf-8?Q?p=E2=89=A1p?=");
    EXPECT_EQ(subject_field("plain words"), "plain words");
    EXPECT_EQ(subject_field("one zwei für four"), "one zwei =?utf-8?Q?f=C3=BCr?= four");
    EXPECT_EQ(subject_field("a ä ö b"), "a =?utf-8?Q?=C3=A4_=C3=B6?= b");
    EXPECT_EQ(subject_field("=?utf-8?Q?no?="), "=?utf-8?Q?=3D=3Futf-8=3FQ=3Fno=3F=3D?=");
    EXPECT_EQ(subject_field(" blanks "), "=?utf-8?Q?_blanks_?=");
}

TEST(MimeHeaders, FoldLongValuesAtBlanks) {
    std::string subject;
    for (int i = 0; i < 60; ++i)
        subject += "word" + std::to_string(i) + (i % 7 == 0 ? " ≡≡≡≡≡≡≡≡≡≡≡≡≡≡ " : " ");
    subject += std::string(2000, 'x');
    const std::string text = encoded(*make_message(subject, "x"));
    EXPECT_TRUE(is_clean(text));
    for (std::size_t at = 0, end = 0; (end = text.find("\r\n", at)) != std::string::npos;
         at = end + 2)
        EXPECT_LE(end - at, 78U) << text.substr(at, end - at);
    EXPECT_EQ(show(decoded(text).msg->shortmsg), subject);
}

TEST(MimeHeaders, KeepALongWordThatFitsALine) {
    const std::string keys(800, 'F');
    auto msg = make_message("s", "x");
    add_opt_field(msg.get(), "X-KeyList", keys.c_str());
    EXPECT_EQ(field(encoded(*msg), "X-KeyList"), keys);
}

TEST(MimeHeaders, WriteTheOffsetOfADate) {
    auto msg = make_message("s", "x");
    msg->sent = new_timestamp(1700000000);
    msg->sent->tm_hour = 20; // 20:13:20 -0200 is 22:13:20 UTC
    msg->sent->tm_gmtoff = -7200;
    const std::string text = encoded(*msg);
    EXPECT_EQ(field(text, "Date"), "Tue, 14 Nov 2023 20:13:20 -0200");
    EXPECT_EQ(timegm_with_gmtoff(decoded(text).msg->sent), 1700000000);
    EXPECT_EQ(decoded(text).msg->sent->tm_hour, 22);
}

TEST(MimeHeaders, CarryAddressesThatAreUris) {
    auto msg = make_message("s", "x");
    free_identity(msg->from);
    msg->from = new_identity("payto://iban/DE 75\"x\"\\", nullptr, nullptr, nullptr);
    identity_list_add(msg->to, new_identity("sip:carol@example.org", nullptr, nullptr, "Carol"));
    const std::string text = encoded(*msg);
    EXPECT_EQ(field(text, "From"), "\"payto://iban/DE 75\\\"x\\\"\\\\\"@URI");
    const auto back = decoded(text);
    EXPECT_EQ(show(back.msg->from->address), "payto://iban/DE 75\"x\"\\");
    EXPECT_EQ(show(back.msg->to->next->ident->address), "sip:carol@example.org");
    EXPECT_EQ(show(back.msg->to->next->ident->username), "Carol");
}

TEST(MimeHeaders, QuoteOrEncodeNames) {
    auto msg = make_message("s", "x");
    const char* names[]{"Plain Name", "Doe, John", "J. \"Q\" D\\", "Jürgen", "a@b.c", "=?x?Q?y?="};
    for (const char* name : names)
        identity_list_add(msg->to, new_identity("x@example.org", nullptr, nullptr, name));
    const std::string text = encoded(*msg);
    EXPECT_EQ(
        field(text, "To"),
        "b@example.org, Plain Name <x@example.org>, \"Doe, John\" <x@example.org>, "
        "\"J. \\\"Q\\\" D\\\\\" <x@example.org>, =?utf-8?Q?J=C3=BCrgen?= <x@example.org>, "
        "\"a@b.c\" <x@example.org>, =?utf-8?Q?=3D=3Fx=3FQ=3Fy=3F=3D?= <x@example.org>"
    );
    const auto back = decoded(text);
    const identity_list* node = back.msg->to->next;
    for (const char* name : names) {
        ASSERT_NE(node, nullptr);
        EXPECT_EQ(show(node->ident->username), name);
        node = node->next;
    }
}

TEST(MimeHeaders, WriteInternationalDomainsInAscii) {
    auto msg = make_message("s", "x");
    free_identity(msg->from);
    msg->from = new_identity("me@münchen.example", nullptr, nullptr, nullptr);
    EXPECT_EQ(field(encoded(*msg), "From"), "me@xn--mnchen-3ya.example");
    free_identity(msg->from);
    msg->from = new_identity("jürgen@example.org", nullptr, nullptr, nullptr);
    EXPECT_EQ(encode_mime(*msg, false, false).error().code, 0x0803); // PEP_CANNOT_ENCODE
}

TEST(MimeHeaders, NeverGrowNewLinesFromValues) {
    const char* evil = "a\r\nX-Evil: 1\n\nX-Evil: 2\r\r\n\tX-Evil: 3";
    auto msg = make_message(evil, "x");
    msg->id = copy(evil);
    msg->comments = copy(evil);
    msg->keywords = new_stringlist(evil);
    msg->in_reply_to = new_stringlist(evil);
    msg->references = new_stringlist(evil);
    free_identity(msg->from);
    msg->from = new_identity("a@example.org", nullptr, nullptr, evil);
    add_opt_field(msg.get(), "X-Field", evil);
    attach(*msg, "1", evil, (std::string{"file://"} + evil).c_str());
    attach(
        *msg,
        "1",
        (std::string{"a/b; x=\""} + evil + "\"").c_str(),
        (std::string{"cid://"} + evil).c_str()
    );
    const std::string text = encoded(*msg);
    EXPECT_TRUE(is_clean(text));
    EXPECT_EQ(text.find("\nX-Evil"), std::string::npos);
    EXPECT_EQ(text.find("\n\tX-Evil"), std::string::npos);
    EXPECT_EQ(show(decoded(text).msg->shortmsg), "a X-Evil: 1 X-Evil: 2 X-Evil: 3");
}

TEST(MimeHeaders, RefuseControlCharactersInAddresses) {
    for (const char* address : {"a@b\r\nX-Evil: 1", "a\n@b", "a@b\x01", "\x7F@b"}) {
        auto msg = make_message("s", "x");
        identity_list_add(msg->to, new_identity(address, nullptr, nullptr, nullptr));
        EXPECT_EQ(encode_mime(*msg, false, false).error().code, -4);
    }
}

TEST(MimeHeaders, RefuseNamesThatAreNone) {
    for (const char* name : {"", "X Y", "X:", "X\r\nY", "X-\xC3\xA4"}) {
        auto msg = make_message("s", "x");
        add_opt_field(msg.get(), name, "1");
        EXPECT_EQ(encode_mime(*msg, false, false).error().code, -4) << name;
    }
}

TEST(MimeHeaders, AreNotDoubledByOptFields) {
    auto msg = make_message("real", "x");
    for (const char* name :
         {"subject", "FROM", "Content-Type", "mime-version", "Content-Transfer-Encoding"})
        add_opt_field(msg.get(), name, "forged");
    add_opt_field(msg.get(), "Date", "Tue, 14 Nov 2023 22:13:20 +0000"); // no member gives one
    const std::string text = encoded(*msg);
    EXPECT_EQ(text.find("forged"), std::string::npos);
    EXPECT_EQ(field(text, "Date"), "Tue, 14 Nov 2023 22:13:20 +0000");
}

TEST(MimeHeaders, NameFilesInAnyScript) {
    const std::string long_name =
        "file://" + std::string(100, 'n') + "-\xF0\x9F\x98\x80-" + std::string(120, 'm') + ".txt";
    for (const std::string& name :
         {std::string{"file://übung \"1\".txt"}, long_name, std::string{"file://a;b=c%20.txt"}}) {
        auto msg = make_message("s", "x");
        attach(*msg, "1", "text/plain", name.c_str());
        const std::string text = encoded(*msg);
        EXPECT_TRUE(is_clean(text));
        EXPECT_EQ(show(decoded(text).msg->attachments->filename), name);
    }
}

TEST(MimeHeaders, AreDecodedToMembers) {
    const auto back = decoded(crlf("Message-ID: <id@x>\n"
                                   "Date: Tue, 14 Nov 2023 23:13:20 +0100\n"
                                   "From: =?iso-8859-1?Q?J=FCrgen?= <j@x>, second@x\n"
                                   "To: team: a@x, \"B, C\" <b@x>;, d@x\n"
                                   "Cc: undisclosed-recipients:;\n"
                                   "Subject: =?utf-8?B?cOKJoXA=?= and\n more\n"
                                   "In-Reply-To: <1@x>\n"
                                   "References: <0@x>\n <1@x>\n"
                                   "Keywords: red, \"a, b\", =?utf-8?Q?gr=C3=BCn?=\n"
                                   "Comments: well\n"
                                   "Received: by x\n"
                                   "X-pEp-Version: 3.3\n"
                                   "MIME-Version: 1.0\n"
                                   "Received: by y\n\nbody\n"));
    const message& msg = *back.msg;
    EXPECT_EQ(msg.dir, 0);
    EXPECT_EQ(msg.enc_format, 0);
    EXPECT_EQ(show(msg.id), "id@x");
    EXPECT_EQ(timegm_with_gmtoff(msg.sent), 1700000000);
    EXPECT_EQ(msg.recv, nullptr);
    EXPECT_EQ(show(msg.from->address) + show(msg.from->username), "j@xJürgen");
    EXPECT_EQ(identity_list_length(msg.to), 3);
    EXPECT_EQ(show(msg.to->next->ident->username), "B, C");
    EXPECT_EQ(show(msg.to->next->next->ident->username), "NULL");
    EXPECT_EQ(identity_list_length(msg.cc), 0);
    EXPECT_EQ(show(msg.shortmsg), "p≡p and more");
    EXPECT_EQ(show(msg.in_reply_to->value), "1@x");
    EXPECT_EQ(stringlist_length(msg.references), 2);
    EXPECT_EQ(show(msg.keywords->next->value), "a, b");
    EXPECT_EQ(show(msg.keywords->next->next->value), "grün");
    EXPECT_EQ(show(msg.comments), "well");
    ASSERT_EQ(stringpair_list_length(msg.opt_fields), 3);
    EXPECT_EQ(show(msg.opt_fields->value->value), "by x");
    EXPECT_EQ(show(msg.opt_fields->next->value->key), "X-pEp-Version");
    EXPECT_EQ(show(msg.opt_fields->next->next->value->value), "by y");
    EXPECT_EQ(show(msg.longmsg), "body\n");
}

TEST(MimeHeaders, CountOnlyOnce) {
    const auto back =
        decoded("Subject: 1\r\nSubject: 2\r\nFrom: a@x\r\nFrom: b@x\r\nTo: c@x\r\nTo: d@x\r\n\r\n");
    EXPECT_EQ(show(back.msg->shortmsg), "1");
    EXPECT_EQ(show(back.msg->from->address), "a@x");
    EXPECT_EQ(identity_list_length(back.msg->to), 2); // several lists of recipients are all meant
}

TEST(MimeHeaders, NeverHoldLineBreaksWhenDecoded) {
    const auto back =
        decoded("Subject: =?utf-8?Q?a=0D=0AX-Evil:=00_1?=\r\n"
                "From: =?utf-8?Q?n=0Am?= <a@x>\r\nX-A: =?utf-8?B?DQoNCg==?=b\r\n\r\n");
    EXPECT_EQ(std::string{back.msg->shortmsg}.find_first_of("\r\n"), std::string::npos);
    EXPECT_EQ(std::string{back.msg->from->username}.find_first_of("\r\n"), std::string::npos);
    EXPECT_EQ(
        std::string{back.msg->opt_fields->value->value}.find_first_of("\r\n"), std::string::npos
    );
}

} // namespace

} // namespace pep::engine::test
