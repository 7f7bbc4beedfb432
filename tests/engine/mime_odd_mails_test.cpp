// Mails that real programs send although no standard lets them, and the rarer things standards do
// allow: nothing in them gets lost, and what can be understood is.
#include "engine/mime_support.hpp"

#include <gtest/gtest.h>

namespace pep::engine::test {

namespace {

/// longmsg | longmsg_formatted | attachments
std::string summary(std::string_view text) {
    const auto result = decoded(text);
    return show(result.msg->longmsg) + " | " + show(result.msg->longmsg_formatted) + " | " +
           attachments(*result.msg);
}

std::string subject_of(const std::string& value) {
    return show(decoded("Subject: " + value + "\r\n\r\n").msg->shortmsg);
}

std::string filename_of(const std::string& parameters) {
    const auto result = decoded(
        "Content-Type: application/pdf\r\nContent-Disposition: attachment" + parameters +
        "\r\n\r\nx"
    );
    return show(result.msg->attachments->filename);
}

std::string content_of(const bloblist_t& blob) { return {blob.value, blob.size}; }

std::string mixed(const std::string& parts) {
    return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + "--b--\r\n";
}

TEST(OddMails, WithSubjectsSplitInsideCharacters) {
    EXPECT_EQ(subject_of("=?utf-8?B?w6TD?= =?utf-8?B?pA==?="), "ää");
    EXPECT_EQ(subject_of("=?utf-8?Q?=E2=89?=\r\n =?utf-8?Q?=A1?="), "≡");
    EXPECT_EQ(subject_of("=?UTF-8?b?8J+Y?=\r\n\t=?utf-8?B?gA==?= end"), "😀 end");
    EXPECT_EQ(subject_of("=?gb2312?B?xA==?= =?gb2312?B?4w==?="), "你");
    EXPECT_EQ(subject_of("=?utf-8?B?ww==?=\r\n =?utf-8?Q?=A4?="), "ä");
}

TEST(OddMails, WithSubjectsOfSeveralPaddedWordsKeepThemAll) {
    EXPECT_EQ(subject_of("=?utf-8?B?w6Q=?= =?utf-8?B?w7Y=?= =?UTF-8?B?w7w=?="), "äöü");
    const auto result = decoded("From: =?utf-8?B?w6Q=?= =?utf-8?B?w7Y=?= <a@x>\r\n"
                                "X-Y: =?utf-8?B?YQ==?=\r\n =?utf-8?B?Yg==?=\r\n\r\n");
    EXPECT_EQ(show(result.msg->from->username), "äö");
    EXPECT_EQ(show(result.msg->opt_fields->value->value), "ab");
}

TEST(OddMails, WithEncodedWordsOutOfOrder) {
    EXPECT_EQ(subject_of("=?utf-8?Q?a?= b =?utf-8?Q?c?="), "a b c");
    EXPECT_EQ(subject_of("=?utf-8?Q?a?= =?iso-8859-1?Q?=FC?="), "aü");
    EXPECT_EQ(subject_of("=?utf-8?Q?a b?="), "a b"); // blanks are not allowed in there
    EXPECT_EQ(subject_of("\"=?utf-8?Q?=C3=A4?=\""), "\"ä\"");
    EXPECT_EQ(subject_of("=?utf-8?Q?no end"), "=?utf-8?Q?no end");
    EXPECT_EQ(subject_of("=?utf-8?X?what?="), "=?utf-8?X?what?=");
    EXPECT_EQ(subject_of("ünencoded"), "ünencoded");
    EXPECT_EQ(subject_of("=?utf-8*de?Q?=C3=A4?="), "ä"); // with a language, RFC 2231 5
}

TEST(OddMails, NameFilesInContinuations) {
    EXPECT_EQ(
        filename_of(";\r\n filename*0*=utf-8''%C3%A4;\r\n filename*1=b.pdf"), "file://äb.pdf"
    );
    EXPECT_EQ(filename_of("; filename*0=\"a b\"; filename*1=\" c.pdf\""), "file://a b c.pdf");
    EXPECT_EQ(filename_of("; filename*=iso-8859-1'de'%FC.pdf"), "file://ü.pdf");
    EXPECT_EQ(filename_of("; filename*=''x.pdf"), "file://x.pdf");
    EXPECT_EQ(filename_of("; filename=\"=?utf-8?Q?=C3=A4=2Epdf?=\""), "file://ä.pdf");
    EXPECT_EQ(filename_of("; filename=\"=?utf-8?B?w6Q=?= =?utf-8?B?LnBkZg==?=\""), "file://ä.pdf");
    EXPECT_EQ(filename_of("; filename=ä b.pdf").substr(0, 9), "file://ä");
    EXPECT_EQ(filename_of("; filename=\"a\\\"b.pdf\""), "file://a\"b.pdf");
    EXPECT_EQ(filename_of("; FileName = \"x.pdf\" ; size=1"), "file://x.pdf");
    EXPECT_EQ(filename_of("; filename=x.pdf;"), "file://x.pdf");
}

TEST(OddMails, FromOutlookKeepTheirTnef) {
    const std::string tnef("\x78\x9F\x3E\x22\0\0\r\n\n", 9);
    const auto result = decoded(mixed(
        "--b\r\nContent-Type: text/plain\r\n\r\ntext\r\n--b\r\nContent-Type: application/ms-tnef; "
        "name=\"winmail.dat\"\r\nContent-Transfer-Encoding: binary\r\n\r\n" +
        tnef + "\r\n"
    ));
    EXPECT_EQ(attachments(*result.msg), "application/ms-tnef file://winmail.dat");
    EXPECT_EQ(content_of(*result.msg->attachments), tnef);
}

TEST(OddMails, InvitingToMeetingsKeepTheCalendar) {
    const std::string calendar = "--b\r\nContent-Type: text/calendar; method=REQUEST; "
                                 "charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\n";
    const std::string bodies = "--b\r\nContent-Type: text/plain\r\n\r\ntext\r\n"
                               "--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n";
    EXPECT_EQ(
        summary(
            "Content-Type: multipart/alternative; boundary=b\r\n\r\n" + bodies + calendar + "--b--"
        ),
        "text | <p> | text/calendar NULL"
    );
    EXPECT_EQ(
        summary(mixed(
            bodies + "--b\r\nContent-Type: application/ics; name=invite.ics\r\n\r\nBEGIN:\r\n"
        )),
        "text | NULL | text/html NULL; application/ics file://invite.ics"
    );
    // Alone it is the text, which is better than nothing to read.
    EXPECT_EQ(
        summary("Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:"), "BEGIN: | NULL | "
    );
}

TEST(OddMails, OfHtmlOnlyAreHtml) {
    for (const char* type :
         {"text/html", "TEXT/HTML; charset=us-ascii", "text/html;charset=\"utf-8\"", "text/html;"})
        EXPECT_EQ(summary("Content-Type: " + std::string{type} + "\n\n<p>ä"), "NULL | <p>ä | ");
}

TEST(OddMails, WithBlurredTransferEncodingsAreDecoded) {
    const auto body = [](const std::string& encoding, const std::string& text) {
        return show(
            decoded("Content-Transfer-Encoding: " + encoding + "\r\n\r\n" + text).msg->longmsg
        );
    };
    EXPECT_EQ(body("Quoted-Printable", "=C3=A4=\r\nb"), "äb");
    EXPECT_EQ(body("\"quoted-printable\"", "=C3=A4"), "ä");
    EXPECT_EQ(body("quoted-printable;", "=C3=A4"), "ä");
    EXPECT_EQ(body("quoted-printable (soft)", "=C3=A4"), "ä");
    EXPECT_EQ(body("quoted-printable", "a=3Db =zz =\t\r\n c=c3=a4 ="), "a=b =zz  cä ");
    EXPECT_EQ(body("base64", "w6Q=\r\n\r\n"), "ä");
    EXPECT_EQ(body("base64", " w6 Q=\r\n"), "ä");
    EXPECT_EQ(body("base64;", "w6Q="), "ä");
    EXPECT_EQ(body("7bit", "ä"), "ä");
    EXPECT_EQ(body("8 bit", "ä"), "ä");
    EXPECT_EQ(body("binary", "ä"), "ä");
    EXPECT_EQ(body("x-uuencode", "begin 644 t\r\n#86)C\r\n`\r\nend\r\n"), "abc");
}

TEST(OddMails, WithAnEncodingOnTheMultipartAreSplit) {
    for (const char* encoding : {"8bit", "quoted-printable", "base64"})
        EXPECT_EQ(
            summary(
                "Content-Transfer-Encoding: " + std::string{encoding} + "\r\n" +
                mixed("--b\r\n\r\ntext\r\n--b\r\nContent-Type: a/b; name=n\r\n\r\nx\r\n")
            ),
            "text | NULL | a/b file://n"
        );
}

TEST(OddMails, WithAnyLineEndsAreRead) {
    const std::string mail = "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n"
                             "--b\n\none\ntwo\n--b\nContent-Type: a/b; name=n\n\nx\n--b--\n";
    for (const std::string end : {"\n", "\r\n", "\r"}) {
        std::string text;
        for (const char c : mail)
            text += c == '\n' ? end : std::string{c};
        EXPECT_EQ(summary(text), "one\ntwo | NULL | a/b file://n") << end.size();
        EXPECT_EQ(show(decoded(text).msg->shortmsg), "s");
    }
    // Both kinds in one mail, as relays make them.
    EXPECT_EQ(
        summary("Subject: s\r\nContent-Type: multipart/mixed; boundary=b\n\r\n--b\r\n\none\r\ntwo\n"
                "--b\nContent-Type: a/b; name=n\r\n\r\nx\n--b--\r\n"),
        "one\ntwo | NULL | a/b file://n"
    );
}

TEST(OddMails, WithDoubtfulBoundariesKeepTheirText) {
    // Dashes in it, blanks behind it, one that begins like another, a text line that looks like
    // one.
    EXPECT_EQ(
        summary("Content-Type: multipart/mixed; boundary=\"--x--\"\n\n----x--\n\none\n----x----\n"),
        "one | NULL | "
    );
    EXPECT_EQ(
        summary(mixed("--b \t\r\n\r\none\r\n--bb\r\ntwo\r\n--b\r\n\r\nx\r\n")),
        "one\n--bb\ntwo | NULL | text/plain NULL"
    );
    EXPECT_EQ(
        summary("Content-Type: multipart/mixed;\n boundary = \"b c\"\n\n--b c\n\none\n--b c--"),
        "one | NULL | "
    );
    // Given twice: the first counts.
    EXPECT_EQ(
        summary("Content-Type: multipart/mixed; boundary=b; boundary=c\n\n--b\n\none\n--b--\n"),
        "one | NULL | "
    );
    // The same inside and outside: the inner parts count as the outer one's.
    EXPECT_EQ(
        summary(
            mixed("--b\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\none\r\n"
                  "--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n")
        ),
        " | NULL | text/plain NULL; text/html NULL"
    );
    // Two multiparts of one boundary behind each other: what follows the end is epilogue.
    EXPECT_EQ(
        summary(mixed("--b\r\n\r\none\r\n") + "--b\r\n\r\ntwo\r\n--b--\r\n"), "one | NULL | "
    );
}

TEST(OddMails, WithBrokenHeadersKeepTheRest) {
    // Quoted by a mailbox, a name without value, blanks before the colon, two subjects.
    const auto result = decoded(">From me Thu Jan 1 1970\nX-Empty:\nSubject : s\nSubject: second\n"
                                "From: <a@x>\n\nbody\n");
    EXPECT_EQ(show(result.msg->shortmsg), "s");
    EXPECT_EQ(show(result.msg->from->address), "a@x");
    EXPECT_EQ(show(result.msg->longmsg), "body\n");
    EXPECT_EQ(show(decoded("Content-Type: text\nSubject: s\n\nbody").msg->longmsg), "body");
    EXPECT_EQ(show(decoded("Content-Type:\nSubject: s\n\nbody").msg->longmsg), "body");
    EXPECT_EQ(summary("Content-Type: text/html\nContent-Type: text/plain\n\n<p>"), "NULL | <p> | ");
    EXPECT_EQ(decoded("Date: yesterday\n\nx").msg->sent, nullptr);
    EXPECT_EQ(decoded("From: \n\nx").msg->from, nullptr);
    const auto names = decoded("From: a@x (Ann)\nTo: undisclosed-recipients:;\nCc: b@x; c@x\n\nx");
    EXPECT_EQ(show(names.msg->from->username), "Ann");
    EXPECT_EQ(names.msg->to, nullptr);
    EXPECT_EQ(identity_list_length(names.msg->cc), 2);
}

TEST(OddMails, SeparateAddressesAsTheyLike) {
    const auto addresses = [](const std::string& value) {
        const auto result = decoded("To: " + value + "\r\n\r\n");
        std::string all;
        for (const identity_list* list = result.msg->to; list != nullptr; list = list->next)
            all += show(list->ident->address) + " ";
        return all;
    };
    EXPECT_EQ(addresses("a@x; b@x;c@x"), "a@x b@x c@x ");
    EXPECT_EQ(addresses("\"A; B\" <a@x>; b@x (x; y), <c@x>;"), "a@x b@x c@x ");
    EXPECT_EQ(addresses("team: a@x, b@x; c@x"), "a@x b@x c@x ");
    EXPECT_EQ(addresses("team: a@x;, b@x; c@x"), "a@x b@x c@x ");
    EXPECT_EQ(addresses("a@x, , b@x,"), "a@x b@x ");
    EXPECT_EQ(addresses("<a@x>, b@[IPv6:::1]; c@x"), "a@x b@[IPv6:::1] c@x ");
    EXPECT_EQ(addresses("=?utf-8?Q?A=3B_B?= <a@x>; b@x"), "a@x b@x ");
    EXPECT_EQ(addresses("'a@x'; <<b@x>>").substr(0, 2), "'a");
}

TEST(OddMails, InMailsKeepTheirBytes) {
    const std::string inner = "subject:x\n\n\n--b-no\r\n mixed ends \n.\nFrom y\n";
    for (const char* more : {"", "; forwarded=no", "; charset=utf-16"}) {
        const auto result = decoded(mixed(
            "--b\r\n\r\ntext\r\n--b\r\nContent-Type: message/rfc822" + std::string{more} +
            "\r\n\r\n" + inner + "\r\n"
        ));
        EXPECT_EQ(content_of(*result.msg->attachments), inner) << more;
    }
    // Encoded, which RFC 2046 forbids and some programs do.
    const auto result = decoded(
        mixed("--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
              "U3ViamVjdDogeAoKYm9keQ==\r\n")
    );
    EXPECT_EQ(content_of(*result.msg->attachments), "Subject: x\n\nbody");
}

TEST(OddMails, ReportingAndDigestingKeepEveryPart) {
    EXPECT_EQ(
        summary("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
                "--b\n\nnot delivered\n--b\nContent-Type: message/delivery-status\n\nStatus: 5\n"
                "--b\nContent-Type: message/rfc822\n\nSubject: x\n\n\n--b--"),
        "not delivered | NULL | message/delivery-status NULL; message/rfc822 NULL"
    );
    EXPECT_EQ(
        summary("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\none\n"
                "--b\n\nSubject: y\n\ntwo\n--b--"),
        "NULL | NULL | message/rfc822 NULL; message/rfc822 NULL"
    );
}

} // namespace

} // namespace pep::engine::test
