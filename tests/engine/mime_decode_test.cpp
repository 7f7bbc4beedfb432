// Engine messages 2.2: every row of the table of parts, names of attachments, charsets, the inner
// message.
#include "engine/mime_support.hpp"

#include <gtest/gtest.h>

namespace pep::engine::test {

namespace {

/// A multipart of these parts (headers, blank line, body; LF).
std::string multipart(const std::string& type, std::initializer_list<std::string> parts) {
    static int count = 0; // nested ones need different boundaries
    const std::string boundary = "b" + std::to_string(++count);
    std::string text = "Content-Type: " + type + "; boundary=\"" + boundary + "\"\n\npreamble\n";
    for (const std::string& part : parts)
        text += "--" + boundary + "\n" + part + "\n";
    return text + "--" + boundary + "--\nepilogue\n";
}

const std::string plain = "Content-Type: text/plain\n\nplain";
const std::string html = "Content-Type: text/html\n\n<p>";
const std::string image = "Content-Type: image/png\nContent-ID: <42@x>\n\nPNG";
const std::string marked_plain =
    "Content-Type: text/plain; name=n.txt\nContent-Disposition: attachment\n\nfile";
const std::string marked_html =
    "Content-Type: text/html\nContent-Disposition: attachment; filename=h.html\n\n<i>";

/// longmsg | longmsg_formatted | attachments
std::string summary(const std::string& text) {
    const auto result = decoded(crlf(text));
    return show(result.msg->longmsg) + " | " + show(result.msg->longmsg_formatted) + " | " +
           attachments(*result.msg);
}

TEST(MimeDecode, TakesTextWithoutHeadersAsBody) {
    EXPECT_EQ(summary("just text\nmore\n"), "just text\nmore\n | NULL | ");
    EXPECT_EQ(summary("\njust text"), "just text | NULL | ");
    EXPECT_EQ(summary(plain), "plain | NULL | ");
    EXPECT_EQ(summary("MIME-Version: 1.0\n" + html), "NULL | <p> | ");
}

TEST(MimeDecode, TakesTextAndHtmlOfAnAlternative) {
    EXPECT_EQ(summary(multipart("multipart/alternative", {plain, html})), "plain | <p> | ");
    EXPECT_EQ(summary(multipart("multipart/alternative", {html, plain})), "plain | <p> | ");
    EXPECT_EQ(
        summary(multipart(
            "multipart/alternative", {plain, html, "Content-Type: text/calendar\n\nCAL", plain}
        )),
        "plain | <p> | text/calendar NULL; text/plain NULL"
    );
}

TEST(MimeDecode, TakesTheHtmlOfARelatedInAnAlternative) {
    const std::string related = multipart("multipart/related", {html, image, html});
    EXPECT_EQ(
        summary(multipart("multipart/alternative", {plain, related})),
        "plain | <p> | image/png cid://42@x; text/html NULL"
    );
    EXPECT_EQ(
        summary(multipart("multipart/alternative", {plain, html, related})),
        "plain | <p> | text/html NULL; image/png cid://42@x; text/html NULL"
    );
}

TEST(MimeDecode, AttachesOtherMultipartsOfAnAlternative) {
    const std::string mixed = multipart("multipart/mixed", {html, image});
    EXPECT_EQ(
        summary(multipart("multipart/alternative", {plain, mixed})),
        "plain | NULL | text/html NULL; image/png cid://42@x"
    );
}

TEST(MimeDecode, AttachesEverythingOfAnEncryptedMultipart) {
    const std::string mail = multipart(
        "multipart/encrypted; protocol=\"application/pgp-encrypted\"",
        {"Content-Type: application/pgp-encrypted\n\nVersion: 1",
         "Content-Type: application/octet-stream; name=\"encrypted.asc\"\n\n-----BEGIN PGP "
         "MESSAGE-----"}
    );
    EXPECT_EQ(
        summary(mail),
        " | NULL | application/pgp-encrypted NULL; application/octet-stream file://encrypted.asc"
    );
    EXPECT_EQ(
        summary(multipart("multipart/encrypted", {plain, html})),
        " | NULL | text/plain NULL; text/html NULL"
    );
}

TEST(MimeDecode, TreatsTextBehindAnEncryptedMultipartAsAttachment) {
    const std::string inner = multipart("multipart/encrypted", {image, image});
    EXPECT_EQ(
        summary(multipart("multipart/mixed", {inner, plain, html})),
        " | NULL | image/png cid://42@x; image/png cid://42@x; text/plain NULL; text/html NULL"
    );
}

TEST(MimeDecode, FlattensOldMailsToTheSameTwoAttachments) {
    EXPECT_EQ(
        summary(multipart(
            "multipart/mixed",
            {"Content-Type: text/plain\n\nthis message was encrypted",
             "Content-Type: application/pgp-encrypted\n\nVersion: 1",
             "Content-Type: application/octet-stream\nContent-Disposition: inline; "
             "filename=\"msg.asc\"\n\n-----BEGIN PGP MESSAGE-----"}
        )),
        "this message was encrypted | NULL | application/pgp-encrypted NULL; "
        "application/octet-stream file://msg.asc"
    );
}

TEST(MimeDecode, TakesTheFirstBodyOfAMixed) {
    EXPECT_EQ(
        summary(multipart("multipart/mixed", {plain, plain, html})),
        "plain | NULL | text/plain NULL; text/html NULL"
    );
    EXPECT_EQ(
        summary(multipart("multipart/mixed", {html, plain, marked_html})),
        "NULL | <p> | text/plain NULL; text/html file://h.html"
    );
    EXPECT_EQ(
        summary(multipart(
            "multipart/related", {multipart("multipart/alternative", {plain, html}), image}
        )),
        "plain | <p> | image/png cid://42@x"
    );
    EXPECT_EQ(
        summary(multipart(
            "multipart/signed", {plain, "Content-Type: application/pgp-signature\n\n-----"}
        )),
        "plain | NULL | application/pgp-signature NULL"
    );
}

TEST(MimeDecode, LeavesMarkedAttachmentsAlone) {
    EXPECT_EQ(
        summary(multipart("multipart/mixed", {marked_plain, marked_html, plain})),
        "plain | NULL | text/plain file://n.txt; text/html file://h.html"
    );
    EXPECT_EQ(summary(marked_plain), "NULL | NULL | text/plain file://n.txt");
}

TEST(MimeDecode, TakesOtherTextAsBodyWhileThereIsNone) {
    EXPECT_EQ(
        summary(multipart("multipart/mixed", {html, "Content-Type: text/html\n\nsecond"})),
        "second | <p> | "
    );
    EXPECT_EQ(summary("Content-Type: text/enriched\n\nrich"), "rich | NULL | ");
    EXPECT_EQ(
        summary(multipart("multipart/mixed", {plain, "Content-Type: text/csv\n\na,b"})),
        "plain | NULL | text/csv NULL"
    );
}

TEST(MimeDecode, ReadsAProtectedSubject) {
    const std::string hidden = "Content-Type: text/rfc822-headers; protected-headers=\"v1\"\n"
                               "Content-Disposition: inline\n\nFrom: x\nSubject: the real one\n";
    for (const char* type : {"multipart/mixed", "multipart/alternative"}) {
        const std::string mail = "Subject: ...\n" + multipart(type, {hidden, plain});
        for (const std::string& text : {mail, crlf(mail)}) {
            const auto result = decoded(text);
            EXPECT_EQ(show(result.msg->shortmsg), "the real one");
            EXPECT_EQ(show(result.msg->longmsg), "plain");
            EXPECT_EQ(result.msg->attachments, nullptr);
        }
    }
    const auto other = decoded(
        "Subject: ...\n" +
        multipart("multipart/mixed", {"Content-Type: text/rfc822-headers\n\nSubject: no", plain})
    );
    EXPECT_EQ(show(other.msg->shortmsg), "...");
    EXPECT_EQ(other.msg->attachments, nullptr);
}

const std::string inner_bytes =
    "Subject:  folded\n and\todd \n\n--not a boundary\n\n trailing \n\n";

std::string message_part(const std::string& parameters) {
    return "Content-Type: message/rfc822" + parameters + "\n\n" + inner_bytes;
}

TEST(MimeDecode, FindsTheInnerMessageAsSecondPart) {
    const auto result = decoded(
        crlf(multipart("multipart/mixed", {plain, message_part("; forwarded=\"No\""), image}))
    );
    EXPECT_TRUE(result.has_possible_pep_msg);
    EXPECT_EQ(attachments(*result.msg), "message/rfc822 NULL; image/png cid://42@x");
    const bloblist_t& blob = *result.msg->attachments;
    EXPECT_EQ(std::string(blob.value, blob.size), crlf(inner_bytes)); // byte for byte
    EXPECT_EQ(blob.value[blob.size], '\0');
}

TEST(MimeDecode, FindsTheInnerMessageDeeper) {
    const std::string inner = message_part("; forwarded=no");
    EXPECT_TRUE(
        decoded(multipart("multipart/mixed", {plain, multipart("multipart/signed", {plain, inner})})
        )
            .has_possible_pep_msg
    );
    EXPECT_TRUE(
        decoded(
            multipart("multipart/mixed", {plain, "Content-Type: text/rfc822; forwarded=no\n\nX: y"})
        )
            .has_possible_pep_msg
    );
}

TEST(MimeDecode, FindsNoInnerMessageElsewhere) {
    const std::string inner = message_part("; forwarded=no");
    const std::string nested = multipart("multipart/mixed", {plain, inner});
    for (const std::string& mail : {
             inner,
             multipart("multipart/mixed", {inner, plain}),
             multipart("multipart/mixed", {plain, plain, inner}),
             multipart("multipart/mixed", {nested, plain}),
             multipart("multipart/mixed", {plain, multipart("multipart/mixed", {inner, plain})}),
             multipart("multipart/alternative", {plain, inner}),
             multipart("multipart/encrypted", {plain, inner}),
             multipart(
                 "multipart/mixed", {plain, multipart("multipart/alternative", {plain, inner})}
             ),
             multipart("multipart/mixed", {plain, message_part("")}),
             multipart("multipart/mixed", {plain, message_part("; forwarded=yes")}),
         }) {
        const auto result = decoded(mail);
        EXPECT_FALSE(result.has_possible_pep_msg) << mail;
        const bloblist_t* blob = result.msg->attachments;
        while (blob != nullptr && show(blob->mime_type) != "message/rfc822")
            blob = blob->next;
        ASSERT_NE(blob, nullptr);
        EXPECT_EQ(std::string(blob->value, blob->size), inner_bytes);
    }
}

std::string name_of(const std::string& headers) {
    return attachments(*decoded(headers + "\n\nx").msg);
}

TEST(MimeDecode, NamesAttachmentsByTheRule) {
    const std::string type = "Content-Type: application/x";
    EXPECT_EQ(name_of(type), "application/x NULL");
    EXPECT_EQ(name_of(type + "; name=a"), "application/x file://a");
    EXPECT_EQ(
        name_of(type + "\nContent-Disposition: inline; filename=b"), "application/x file://b"
    );
    EXPECT_EQ(
        name_of(type + "; name=a\nContent-Disposition: attachment; filename=b"),
        "application/x file://b"
    );
    EXPECT_EQ(name_of(type + "\nContent-ID: <c@x>"), "application/x cid://c@x");
    EXPECT_EQ(name_of(type + "; name=a\nContent-ID: <c@x>"), "application/x cid://c@x");
    EXPECT_EQ(name_of(type + "; name=a.asc\nContent-ID: <c@x>"), "application/x file://a.asc");
    EXPECT_EQ(
        name_of(
            type + "; name=k.pEp\nContent-Disposition: attachment; filename=b\nContent-ID: <c>"
        ),
        "application/x file://k.pEp"
    );
    EXPECT_EQ(
        name_of(type + "\nContent-Disposition: attachment; filename*=utf-8''%C3%A4%0D%0Ab"),
        "application/x file://ä  b"
    );
}

TEST(MimeDecode, SetsTheDispositionByTheNameOnly) {
    const auto by_id =
        decoded("Content-Type: a/b\nContent-Disposition: attachment\nContent-ID: <c>\n\nx");
    EXPECT_EQ(by_id.msg->attachments->disposition, 1);
    const auto by_name = decoded("Content-Type: a/b; name=n\nContent-Disposition: inline\n\nx");
    EXPECT_EQ(by_name.msg->attachments->disposition, 0);
}

TEST(MimeDecode, ConvertsTextToUtf8) {
    const auto text = [](const std::string& charset, const std::string& body) {
        return show(decoded("Content-Type: text/plain" + charset + "\n\n" + body).msg->longmsg);
    };
    EXPECT_EQ(text("; charset=iso-8859-1", "f\xFCr"), "für");
    EXPECT_EQ(text("; charset=\"WINDOWS-1252\"", "\x80 5"), "€ 5");
    EXPECT_EQ(text("; charset=koi8-r", "\xD0\xD2"), "пр");
    EXPECT_EQ(text("; charset=iso-2022-jp", "\x1B$B$\"\x1B(B"), "あ");
    EXPECT_EQ(text("; charset=gb18030", "\xC4\xE3"), "你");
    EXPECT_EQ(text("; charset=utf-16le", std::string("A\0B\0", 4)), "AB");
    EXPECT_EQ(text("; charset=utf8", "p≡p"), "p≡p");
    EXPECT_EQ(text("; charset=utf-8", "a\xFF\xC3z"), "a\uFFFD\uFFFDz"); // stated, but wrong
    EXPECT_EQ(text("; charset=us-ascii", "für"), "für");
    EXPECT_EQ(text("", "f\xFCr"), "für");
    EXPECT_EQ(text("; charset=no-such-charset", "f\xFCr"), "für");
    EXPECT_EQ(text("; charset=\"//IGNORE\"", "f\xFCr"), "für");
}

TEST(MimeDecode, ConvertsTextPartsThatAreNoFiles) {
    const std::string latin = "Content-Type: text/plain; charset=iso-8859-1";
    const auto result = decoded(multipart(
        "multipart/mixed", {plain, latin + "\n\nf\xFCr", latin + "; name=n.txt\n\nf\xFCr"}
    ));
    const bloblist_t& unnamed = *result.msg->attachments;
    EXPECT_EQ(std::string(unnamed.value, unnamed.size), "für");
    EXPECT_EQ(
        std::string(unnamed.next->value, unnamed.next->size), "f\xFCr"
    ); // a file stays as it is
    EXPECT_EQ(body_text({"f\xFCr\r\n\0x\0", 8}), "für\n\uFFFDx");
    EXPECT_EQ(body_text("\r\na\r\n\r\nb\r\r\n\rc\nd\r"), "\na\n\nb\r\n\rc\nd\r");
    EXPECT_EQ(body_text("a\r\n"), "a\n");
}

TEST(MimeDecode, UndoesTransferEncodings) {
    EXPECT_EQ(
        summary("Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; "
                "charset=utf-8\n\n"
                "p=E2=89=A1p=\n soft =3D\n"),
        "p≡p soft =\n | NULL | "
    );
    EXPECT_EQ(summary("Content-Transfer-Encoding: BASE64\n\nSGVsbG8\n"), "Hello | NULL | ");
    EXPECT_EQ(summary("Content-Transfer-Encoding: base64\n\nSGVs*bG8=\n"), "Hello | NULL | ");
    EXPECT_EQ(summary("Content-Transfer-Encoding: base64\n\nSGVsbA=\n"), "Hell | NULL | ");
    EXPECT_EQ(summary("Content-Transfer-Encoding: x-unknown\n\nHello"), "Hello | NULL | ");
    EXPECT_EQ(summary("Content-Transfer-Encoding: 8bit\n\nf\xC3\xBCr"), "für | NULL | ");
}

TEST(MimeDecode, KeepsBytesOfAttachments) {
    const std::string bytes("\r\na\nb\r\n\0c\xFF\0", 11);
    const auto result = decoded("Content-Type: a/b\r\n\r\n" + bytes);
    ASSERT_NE(result.msg->attachments, nullptr);
    EXPECT_EQ(std::string(result.msg->attachments->value, result.msg->attachments->size), bytes);
}

TEST(MimeDecode, IgnoresTheEmptyPartOfOldEngines) {
    EXPECT_EQ(
        summary(multipart("multipart/mixed", {plain, "Content-Type: application/octet-stream\n\n"})
        ),
        "plain | NULL | "
    );
    EXPECT_EQ(
        summary(multipart(
            "multipart/mixed", {plain, "Content-Type: application/octet-stream; name=e\n\n"}
        )),
        "plain | NULL | application/octet-stream file://e"
    );
}

TEST(MimeDecode, TakesAnArmoredBodyOfEnginesAsBody) {
    const std::string armored =
        "Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n\nabc\n";
    const std::string control = "Content-Type: application/pgp-encrypted\n\nVersion: 1";
    const std::string body = "-----BEGIN PGP MESSAGE-----\n\nabc\n | NULL | ";
    EXPECT_EQ(summary(armored), body);
    EXPECT_EQ(
        summary(multipart("multipart/mixed", {armored, image})),
        "-----BEGIN PGP MESSAGE-----\n\nabc\n | NULL | image/png cid://42@x"
    );
    // Not where it is a file, or PGP/MIME in any order, or where there is a body.
    const std::string attached = "application/octet-stream NULL";
    EXPECT_EQ(
        summary(multipart("multipart/mixed", {control, armored})),
        "NULL | NULL | application/pgp-encrypted NULL; " + attached
    );
    EXPECT_EQ(
        summary(multipart("multipart/mixed", {armored, control})),
        "NULL | NULL | " + attached + "; application/pgp-encrypted NULL"
    );
    EXPECT_EQ(
        summary(multipart("multipart/mixed", {plain, armored})), "plain | NULL | " + attached
    );
    EXPECT_EQ(
        summary("Content-Disposition: attachment; filename=a.asc\n" + armored),
        "NULL | NULL | application/octet-stream file://a.asc"
    );
}

TEST(MimeDecode, GivesTheSignedBytes) {
    const std::string signed_bytes = "Content-Type: text/plain\n\n- dashed \n\ntext\n\n";
    const std::string type = "multipart/signed; protocol=\"application/pgp-signature\"";
    const std::string signature = "Content-Type: application/pgp-signature\n\nSIG";
    const std::string mail = multipart(type, {signed_bytes, signature});
    EXPECT_EQ(signed_part(mail), crlf(signed_bytes));
    EXPECT_EQ(signed_part(crlf(mail)), crlf(signed_bytes));
    EXPECT_EQ(signed_part(plain), "");
    // What stands beside the signed part is not signed.
    EXPECT_EQ(signed_part(multipart("multipart/mixed", {mail, plain})), "");
    EXPECT_EQ(signed_part(multipart("multipart/mixed", {plain, mail})), "");
    EXPECT_EQ(signed_part(multipart(type, {signed_bytes, signature, plain})), "");
    EXPECT_EQ(signed_part(multipart(type, {signed_bytes})), "");
    EXPECT_EQ(signed_part(multipart(type, {signed_bytes, plain})), "");
    const std::string more = multipart("multipart/mixed", {signature, plain});
    EXPECT_EQ(signed_part(multipart(type, {signed_bytes, more})), "");
}

} // namespace

} // namespace pep::engine::test
