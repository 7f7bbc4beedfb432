// Real mails, read through $PEP_TESTDATA: none crashes the decoder, and those with known facts show
// them (engine messages, section 9).
#include "base/text.hpp"
#include "engine/mime_support.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace pep::engine::test {

namespace {

namespace fs = std::filesystem;

class MimeMails : public ::testing::Test {
  protected:
    void SetUp() override {
        const char* folder = std::getenv("PEP_TESTDATA");
        if (folder == nullptr || *folder == '\0')
            GTEST_SKIP() << "PEP_TESTDATA is not set";
        folder_ = folder;
    }

    static std::string read(const fs::path& file) {
        std::ifstream in{file, std::ios::binary};
        EXPECT_TRUE(in) << file;
        return {std::istreambuf_iterator<char>{in}, {}};
    }

    [[nodiscard]] std::string mail(const std::string& name) const {
        return read(folder_ / "test_mails" / name);
    }

    fs::path folder_;
};

std::string value_of(const bloblist_t& blob) { return {blob.value, blob.size}; }

TEST_F(MimeMails, AreAllDecoded) {
    int count = 0;
    for (const char* part : {"test_mails", "test_files"}) {
        for (const auto& entry : fs::directory_iterator{folder_ / part}) {
            const std::string ending = entry.path().extension();
            if (ending != ".eml" && ending != ".asc" && ending != ".msg")
                continue;
            SCOPED_TRACE(entry.path().filename());
            const std::string text = read(entry.path());
            for (const std::string& form : {text, crlf(text)}) {
                const auto result = decode_mime(form);
                ASSERT_TRUE(result) << result.error().message;
                EXPECT_TRUE(result->msg->longmsg == nullptr || is_utf8(result->msg->longmsg));
                if (ending == ".eml") {
                    EXPECT_TRUE(result->msg->from != nullptr || result->msg->to != nullptr);
                    EXPECT_TRUE(
                        result->msg->longmsg != nullptr ||
                        result->msg->longmsg_formatted != nullptr ||
                        result->msg->attachments != nullptr
                    );
                }
                const auto again = encode_mime(*result->msg, false, false);
                ASSERT_TRUE(again) << again.error().message;
                EXPECT_TRUE(is_clean(*again));
            }
            ++count;
        }
    }
    EXPECT_GT(count, 50);
}

TEST_F(MimeMails, OfEncryptedKindShowTheirCipherTextAsSecondAttachment) {
    int count = 0;
    for (const auto& entry : fs::directory_iterator{folder_ / "test_mails"}) {
        const std::string text = read(entry.path());
        if (!istarts_with(field(text, "Content-Type"), "multipart/encrypted"))
            continue;
        SCOPED_TRACE(entry.path().filename());
        const auto result = decoded(text);
        const bloblist_t* first = result.msg->attachments;
        ASSERT_NE(first, nullptr);
        EXPECT_STREQ(first->mime_type, "application/pgp-encrypted");
        ASSERT_NE(first->next, nullptr);
        EXPECT_TRUE(trim(value_of(*first->next)).starts_with("-----BEGIN PGP MESSAGE-----"));
        EXPECT_STREQ(result.msg->longmsg, "");
        ++count;
    }
    EXPECT_GT(count, 10);
}

TEST_F(MimeMails, WithHtmlOnlyHaveNoText) {
    const auto result = decoded(mail("htmlonly_simple.eml"));
    EXPECT_EQ(result.msg->longmsg, nullptr);
    EXPECT_NE(result.msg->longmsg_formatted, nullptr);
    EXPECT_EQ(result.msg->attachments, nullptr);
}

TEST_F(MimeMails, WithHtmlAndTextFileKeepTheFile) {
    const auto result = decoded(mail("html_with_text_attachment.eml"));
    EXPECT_EQ(result.msg->longmsg, nullptr);
    EXPECT_NE(result.msg->longmsg_formatted, nullptr);
    ASSERT_EQ(bloblist_length(result.msg->attachments), 1);
    EXPECT_STREQ(result.msg->attachments->mime_type, "text/plain");
    EXPECT_TRUE(value_of(*result.msg->attachments)
                    .starts_with("Your mother was a hamster\nAnd your father smelt of elterberries")
    );
}

TEST_F(MimeMails, WithHtmlAndTwoFilesKeepTheirOrder) {
    const std::string page =
        "<html>\n<body>\n<h1>HTML Mail is For Losers</h1>\n<p>But people use it.</p>\n"
        "</body>\n</html>\n";
    for (const bool html_first : {false, true}) {
        const auto result = decoded(
            mail(html_first ? "htmlonly_simple_html_text.eml" : "htmlonly_simple_text_html.eml")
        );
        EXPECT_EQ(result.msg->longmsg, nullptr);
        EXPECT_NE(result.msg->longmsg_formatted, nullptr);
        ASSERT_EQ(bloblist_length(result.msg->attachments), 2);
        const bloblist_t& first = *result.msg->attachments;
        const bloblist_t& html = html_first ? first : *first.next;
        const bloblist_t& text = html_first ? *first.next : first;
        EXPECT_STREQ(html.mime_type, "text/html");
        EXPECT_TRUE(value_of(html).starts_with(page));
        EXPECT_STREQ(text.mime_type, "text/plain");
        EXPECT_TRUE(value_of(text).starts_with("\nBAH.\n"));
    }
}

TEST_F(MimeMails, WithInlineImagesNameThemById) {
    const auto text = decoded(mail("htmlonlycatwtextatt.eml"));
    EXPECT_EQ(text.msg->longmsg, nullptr);
    EXPECT_EQ(bloblist_length(text.msg->attachments), 2);
    const bloblist_t* file = find_blob_by_URI(text.msg->attachments, "file://blargh.txt");
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(file->disposition, PEP_CONTENT_DISP_ATTACHMENT);
    const bloblist_t* cat =
        find_blob_by_URI(text.msg->attachments, "cid://part1.21156198.7E41C8BF@darthmama.org");
    ASSERT_NE(cat, nullptr);
    EXPECT_EQ(cat->disposition, PEP_CONTENT_DISP_INLINE);
    EXPECT_STREQ(cat->mime_type, "image/jpeg");

    const auto two = decoded(mail("htmlonlycatwithMOARCAT.eml"));
    EXPECT_EQ(bloblist_length(two.msg->attachments), 2);
    EXPECT_NE(find_blob_by_URI(two.msg->attachments, "file://meow.jpeg"), nullptr);
    EXPECT_NE(
        find_blob_by_URI(two.msg->attachments, "cid://part1.AC060ED3.AD29176B@darthmama.org"),
        nullptr
    );
}

TEST_F(MimeMails, WithSimpleHtmlBodyKeepTheTextFile) {
    const auto result = decoded(mail("HTML-only body w text attachment.eml"));
    EXPECT_EQ(result.msg->longmsg, nullptr);
    EXPECT_NE(result.msg->longmsg_formatted, nullptr);
    ASSERT_EQ(bloblist_length(result.msg->attachments), 1);
    EXPECT_STREQ(result.msg->attachments->filename, "file://cheese.txt");
    EXPECT_STREQ(result.msg->attachments->mime_type, "text/plain");
}

} // namespace

} // namespace pep::engine::test
