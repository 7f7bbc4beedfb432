// Engine messages 2.1: the tree, the encodings and the formats that encode_mime() writes.
#include "engine/mime_support.hpp"
#include "pEp/mime.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

namespace pep::engine::test {

namespace {

/// Content types in the order they occur in a text.
std::string structure(const std::string& text) {
    std::string types;
    constexpr std::string_view key = "Content-Type: ";
    for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
        const std::size_t begin = at + key.size();
        types += (types.empty() ? "" : " ") +
                 text.substr(begin, text.find_first_of(";\r", begin) - begin);
    }
    return types;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(MimeEncode, WritesPlainTextAsOnePartWithoutCharset) {
    const std::string text = encoded(*make_message("Hi", "Hello\nWorld\n"));
    EXPECT_EQ(field(text, "MIME-Version"), "1.0");
    EXPECT_EQ(field(text, "Content-Type"), "text/plain");
    EXPECT_EQ(field(text, "Content-Transfer-Encoding"), "7bit");
    EXPECT_TRUE(text.ends_with("\r\n\r\nHello\r\nWorld\r\n"));
}

TEST(MimeEncode, WritesHtmlAndTextAsAlternative) {
    const std::string text = encoded(*make_message("Hi", "text", "<p>html</p>"));
    EXPECT_EQ(structure(text), "multipart/alternative text/plain text/html");
    EXPECT_FALSE(has(text, "Content-Transfer-Encoding"));
}

TEST(MimeEncode, WritesHtmlAloneWithoutAlternative) {
    EXPECT_EQ(structure(encoded(*make_message("Hi", "", "<p>html</p>"))), "text/html");
    auto empty_text = make_message("Hi", "", "<p>html</p>");
    empty_text->longmsg = static_cast<char*>(calloc(1, 1));
    EXPECT_EQ(structure(encoded(*empty_text)), "text/html");
}

TEST(MimeEncode, RelatesInlinePartsToTheHtml) {
    auto msg = make_message("Hi", "text", "<img src='cid:42'>");
    attach(*msg, "PNG", "image/png", "cid://42@example.org");
    const std::string text = encoded(*msg);
    EXPECT_EQ(
        structure(text), "multipart/alternative text/plain multipart/related text/html image/png"
    );
    EXPECT_TRUE(has(text, "\r\nContent-ID: <42@example.org>\r\n"));
    EXPECT_TRUE(has(text, "\r\nContent-Disposition: inline\r\n"));
    EXPECT_FALSE(has(text, "filename"));
}

TEST(MimeEncode, RelatesInlinePartsToHtmlWithoutText) {
    auto msg = make_message("Hi", "", "<img src='cid:42'>");
    attach(*msg, "PNG", "image/png", "cid://42");
    const std::string text = encoded(*msg);
    EXPECT_EQ(structure(text), "multipart/related text/html image/png");
    EXPECT_FALSE(has(text, "Content-Disposition: attachment"));
}

TEST(MimeEncode, MixesAttachmentsBehindTheBody) {
    auto msg = make_message("Hi", "", "<b>html</b>");
    attach(*msg, "text", "text/plain", "file://note.txt");
    attach(*msg, "<i>", "text/html", "bare.html");
    attach(*msg, "PNG", "image/png", "cid://42");
    attach(*msg, "what", nullptr, nullptr);
    const std::string text = encoded(*msg);
    EXPECT_EQ(
        structure(text),
        "multipart/mixed multipart/related text/html image/png text/plain text/html "
        "application/octet-stream"
    );
    EXPECT_TRUE(has(text, "Content-Disposition: attachment; filename=\"note.txt\"\r\n"));
    EXPECT_TRUE(has(text, "Content-Disposition: attachment; filename=\"bare.html\"\r\n"));
    EXPECT_TRUE(has(text, "Content-Type: application/octet-stream\r\n\r\nwhat\r\n--"));
}

TEST(MimeEncode, KeepsInlinePartsOfPlainTextAsAttachments) {
    auto msg = make_message("Hi", "text");
    attach(*msg, "PNG", "image/png", "cid://42");
    EXPECT_EQ(structure(encoded(*msg)), "multipart/mixed text/plain image/png");
}

TEST(MimeEncode, IgnoresTheEmptyListOfAttachments) {
    auto msg = make_message("Hi", "text");
    msg->attachments = new_bloblist(nullptr, 0, nullptr, nullptr);
    EXPECT_EQ(structure(encoded(*msg)), "text/plain");
}

TEST(MimeEncode, DeclaresArmoredTextAsOctetStream) {
    const std::string text =
        encoded(*make_message("Hi", " \n-----BEGIN PGP MESSAGE-----\n\nabc\n"));
    EXPECT_EQ(field(text, "Content-Type"), "application/octet-stream");
    EXPECT_EQ(field(text, "Content-Transfer-Encoding"), "7bit");
}

TEST(MimeEncode, UsesQuotedPrintableForUtf8Text) {
    const std::string text = encoded(*make_message("Hi", "p≡p = gut \nnext\t\n"));
    EXPECT_EQ(field(text, "Content-Type"), "text/plain; charset=\"utf-8\"");
    EXPECT_EQ(field(text, "Content-Transfer-Encoding"), "quoted-printable");
    EXPECT_TRUE(text.ends_with("\r\n\r\np=E2=89=A1p =3D gut=20\r\nnext=09\r\n"));
}

TEST(MimeEncode, CountsNoBareLineFeedAsLineEnd) {
    std::string lines;
    while (lines.size() <= 998)
        lines += "short line\n";
    EXPECT_EQ(
        field(encoded(*make_message("Hi", lines)), "Content-Transfer-Encoding"), "quoted-printable"
    );
    EXPECT_EQ(
        field(encoded(*make_message("Hi", crlf(lines))), "Content-Transfer-Encoding"), "7bit"
    );
    EXPECT_EQ(
        field(encoded(*make_message("Hi", std::string(998, 'x'))), "Content-Transfer-Encoding"),
        "7bit"
    );
    EXPECT_EQ(
        field(encoded(*make_message("Hi", std::string(999, 'x'))), "Content-Transfer-Encoding"),
        "quoted-printable"
    );
}

TEST(MimeEncode, UsesBase64ForAttachmentsThatNeedIt) {
    auto msg = make_message("Hi", "text");
    attach(*msg, std::string_view{"\x00\xff\x01", 3}, "application/x", "file://bin");
    attach(*msg, "ascii", "text/plain", "file://a");
    attach(*msg, "two\nlines\n", "text/plain", "file://lf"); // would arrive with CRLF otherwise
    attach(
        *msg, "-----BEGIN PGP SIGNATURE-----\nabc\n", "application/pgp-signature", "file://s.asc"
    );
    const std::string text = encoded(*msg);
    EXPECT_TRUE(
        has(text,
            "Content-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n"
            "Content-Disposition: attachment; filename=\"bin\"\r\n\r\nAP8B\r\n--")
    );
    EXPECT_TRUE(
        has(text,
            "Content-Type: text/plain\r\nContent-Disposition: attachment; "
            "filename=\"a\"\r\n\r\nascii\r\n--")
    );
    EXPECT_TRUE(has(text, "dHdvCmxpbmVzCg=="));
    EXPECT_TRUE(has(text, "-----BEGIN PGP SIGNATURE-----\r\nabc\r\n"));
}

TEST(MimeEncode, CutsBase64IntoLinesOf76) {
    auto msg = make_message("Hi", "text");
    attach(*msg, std::string(200'000, '\xAA'), "application/x", nullptr);
    const std::string text = encoded(*msg);
    EXPECT_TRUE(is_clean(text));
    const std::string line = "\r\n" + std::string(76, 'q') + "\r\n";
    EXPECT_TRUE(has(text, line));
    EXPECT_EQ(decoded(text).msg->attachments->size, 200'000U);
}

TEST(MimeEncode, MarksTheFirstAttachmentThatIsNotInlineAsMessage) {
    const std::string inner = "Subject: x\r\n\r\n" + std::string(1200, 'y') + "\r\n";
    auto msg = make_message("", "wrapper", "<p>");
    attach(*msg, "PNG", "image/png", "cid://1");
    attach(*msg, inner, "message/rfc822", nullptr);
    attach(*msg, "KEY", "application/pgp-keys", "file://sender_key.asc");
    const std::string text = encoded(*msg, /*omit_fields=*/true, /*has_pep_msg=*/true);
    EXPECT_TRUE(
        has(text, "Content-Type: message/rfc822; forwarded=\"no\"\r\n\r\n" + inner + "\r\n--")
    );
    EXPECT_EQ(text.find("forwarded"), text.rfind("forwarded"));

    msg->enc_format = PEP_enc_inline; // ignores the request
    EXPECT_FALSE(has(encoded(*msg, true, true), "forwarded"));
}

TEST(MimeEncode, RefusesBinaryDataAsMarkedMessage) {
    auto msg = make_message("", "wrapper");
    attach(*msg, std::string_view{"a\0b", 3}, "message/rfc822", nullptr);
    auto text = encode_mime(*msg, true, true);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, 0x0803); // PEP_CANNOT_ENCODE
}

TEST(MimeEncode, LeavesOnlyMimeFieldsWhenAsked) {
    auto msg = make_message("Secret", "text");
    add_opt_field(msg.get(), "X-Secret", "1");
    const auto fields = header_fields(encoded(*msg, /*omit_fields=*/true));
    ASSERT_EQ(fields.size(), 3U);
    EXPECT_EQ(fields[0], "MIME-Version: 1.0");
    EXPECT_EQ(fields[1], "Content-Type: text/plain");
    EXPECT_EQ(fields[2], "Content-Transfer-Encoding: 7bit");
}

TEST(MimeEncode, WritesEncryptedMessagesByRfc3156) {
    for (const PEP_enc_format format : {PEP_enc_PGP_MIME, PEP_enc_PEP}) {
        auto msg = make_message("p≡p", "this message was encrypted");
        attach(*msg, "Version: 1", "application/pgp-encrypted", nullptr);
        const std::string armor = "-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n";
        attach(
            *msg,
            std::string_view{armor.c_str(), armor.size() + 1},
            "application/octet-stream",
            "file://msg.asc"
        );
        msg->enc_format = format;
        const std::string text = encoded(*msg);
        EXPECT_TRUE(is_clean(text));
        EXPECT_TRUE(
            has(text, "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"")
        );
        EXPECT_TRUE(has(text, "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--"));
        EXPECT_TRUE(
            has(text,
                "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: 7bit\r\n"
                "Content-Disposition: inline; filename=\"msg.asc\"\r\n\r\n" +
                    crlf(armor))
        );
        EXPECT_FALSE(has(text, "this message was encrypted"));
    }
}

TEST(MimeEncode, RefusesEncryptedMessagesWithoutArmor) {
    auto msg = make_message("p≡p", "");
    msg->enc_format = PEP_enc_PGP_MIME;
    EXPECT_EQ(encode_mime(*msg, false, false).error().code, -4);
    attach(*msg, "Version: 1", "application/pgp-encrypted", nullptr);
    attach(*msg, "\xC1\xFF", "application/octet-stream", nullptr);
    EXPECT_EQ(encode_mime(*msg, false, false).error().code, 0x0803);
}

TEST(MimeEncode, RefusesFormatsThatAreNoMime) {
    auto msg = make_message("Hi", "text");
    for (const auto format :
         {PEP_enc_S_MIME, PEP_enc_PGP_MIME_Outlook1, PEP_enc_inline_EA, PEP_enc_auto}) {
        msg->enc_format = format;
        EXPECT_EQ(encode_mime(*msg, false, false).error().code, -4);
    }
}

TEST(MimeEncode, ReplacesContentTypesThatAreNone) {
    auto msg = make_message("Hi", "text");
    for (const char* type :
         {"a/b\r\nX-Evil: 1", "nonsense", "multipart/mixed", "a b/c", "x/\xC3\xA4"})
        attach(*msg, "1", type, nullptr);
    const std::string text = encoded(*msg);
    EXPECT_FALSE(has(text, "Evil"));
    EXPECT_EQ(decoded(text).msg->longmsg, std::string{"text"});
    EXPECT_EQ(bloblist_length(decoded(text).msg->attachments), 5);
    EXPECT_TRUE(is_clean(text));
}

TEST(MimeEncode, KeepsParametersOfAContentType) {
    auto msg = make_message("Hi", "text");
    attach(*msg, "a;b", "text/csv; charset=iso-8859-1; header=present", "file://a.csv");
    EXPECT_TRUE(
        has(encoded(*msg), "Content-Type: text/csv; charset=\"iso-8859-1\"; header=\"present\"\r\n")
    );
}

TEST(MimeApi, ChecksItsArguments) {
    char place = 0;
    auto* session = reinterpret_cast<PEP_SESSION>(&place); // only compared with NULL
    auto msg = make_message("Hi", "text");
    char* text = nullptr;
    message* back = nullptr;
    bool has_inner = true;
    EXPECT_EQ(mime_encode_message(nullptr, msg.get(), false, &text, false), -4);
    EXPECT_EQ(mime_encode_message(session, nullptr, false, &text, false), -4);
    EXPECT_EQ(mime_encode_message(session, msg.get(), false, nullptr, false), -4);
    EXPECT_EQ(mime_decode_message(session, nullptr, 1, &back, &has_inner), -4);
    EXPECT_FALSE(has_inner);
    EXPECT_EQ(mime_decode_message(session, "x", 0, &back, nullptr), -4);
    EXPECT_EQ(mime_decode_message(session, "x", 1, nullptr, nullptr), -4);

    ASSERT_EQ(mime_encode_message(session, msg.get(), false, &text, false), 0);
    ASSERT_EQ(mime_decode_message(session, text, strlen(text), &back, nullptr), 0);
    EXPECT_EQ(show(back->shortmsg), "Hi");
    pEp_free(text);
    free_message(back);
}

} // namespace

} // namespace pep::engine::test
