// What encode_mime() writes, decode_mime() gives back: for random messages, for big attachments,
// and byte for byte for messages inside messages.
#include "engine/mime_support.hpp"
#include "engine/random_messages.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace pep::engine::test {

namespace {

TEST(MimeRoundTrip, GivesBackRandomMessages) {
    Source source{seed_of_run()};
    for (int round = 0; round < 400; ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        const OwnedMessage msg = source.make();
        const std::string text = encoded(*msg);
        ASSERT_TRUE(is_clean(text));
        const Decoded result = decoded(text);
        const message& back = *result.msg;
        EXPECT_STREQ(back.id, msg->id);
        EXPECT_STREQ(back.shortmsg, msg->shortmsg);
        EXPECT_EQ(body(back.longmsg), body(msg->longmsg));
        EXPECT_EQ(body(back.longmsg_formatted), body(msg->longmsg_formatted));
        EXPECT_EQ(timegm_with_gmtoff(back.sent), timegm_with_gmtoff(msg->sent));
        identity_list from{msg->from, nullptr};
        identity_list from_back{back.from, nullptr};
        EXPECT_EQ(shown(&from_back), shown(&from));
        EXPECT_EQ(shown(back.to), shown(msg->to));
        EXPECT_EQ(shown(back.cc), shown(msg->cc));
        EXPECT_EQ(shown(back.bcc), shown(msg->bcc));
        EXPECT_EQ(shown(back.reply_to), shown(msg->reply_to));
        EXPECT_EQ(shown(back.in_reply_to), shown(msg->in_reply_to));
        EXPECT_EQ(shown(back.references), shown(msg->references));
        EXPECT_EQ(shown(back.keywords), shown(msg->keywords));
        EXPECT_STREQ(back.comments, msg->comments);
        EXPECT_EQ(shown(back.opt_fields), shown(msg->opt_fields));
        const bool has_html = msg->longmsg_formatted != nullptr;
        EXPECT_EQ(shown(back.attachments, has_html), shown(msg->attachments, has_html));
        if (HasFailure())
            return;
    }
}

TEST(MimeRoundTrip, RunsOnSeveralThreads) {
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < 4; ++thread)
        threads.emplace_back([thread] {
            for (unsigned round = 0; round < 10; ++round) {
                const OwnedMessage msg = Source{1000 * thread + round}.make();
                const auto text = encode_mime(*msg, false, false);
                const auto result = decode_mime(*text);
                EXPECT_STREQ(result->msg->shortmsg, msg->shortmsg);
            }
        });
    for (std::thread& thread : threads)
        thread.join();
}

TEST(MimeRoundTrip, KeepsMessagesInMessagesByteForByte) {
    auto inner_message = make_message("inner p≡p", "text\n--x\n ", "<p>ä");
    attach(*inner_message, "\x01\xFF", "a/b", "file://a");
    const std::string inner = encoded(*inner_message);
    auto wrapper = make_message("", "wrapper");
    attach(*wrapper, inner, "message/rfc822", nullptr);
    attach(
        *wrapper,
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n",
        "application/pgp-keys",
        "file://sender_key.asc"
    );
    const auto result = decoded(encoded(*wrapper, /*omit_fields=*/true, /*has_pep_msg=*/true));
    EXPECT_TRUE(result.has_possible_pep_msg);
    const bloblist_t& blob = *result.msg->attachments;
    EXPECT_EQ(std::string(blob.value, blob.size), inner);
    EXPECT_EQ(
        attachments(*result.msg), "message/rfc822 NULL; application/pgp-keys file://sender_key.asc"
    );
    EXPECT_EQ(show(decoded(std::string(blob.value, blob.size)).msg->shortmsg), "inner p≡p");
}

TEST(MimeRoundTrip, CarriesBigAttachments) {
    std::string data(std::size_t{25} << 20U, '\0');
    std::mt19937 random{7}; // NOLINT(bugprone-random-generator-seed)
    for (std::size_t i = 0; i + 4 <= data.size(); i += 4) {
        const auto word = static_cast<std::uint32_t>(random());
        std::memcpy(&data[i], &word, 4);
    }
    auto msg = make_message("big", "text");
    attach(*msg, data, "application/zip", "file://big.zip");
    const std::string text = encoded(*msg);
    EXPECT_LE(text.capacity(), data.size() * 14 / 10); // reserved once, not grown by doubling
    const auto result = decoded(text);
    ASSERT_EQ(result.msg->attachments->size, data.size());
    EXPECT_EQ(std::memcmp(result.msg->attachments->value, data.data(), data.size()), 0);
}

} // namespace

} // namespace pep::engine::test
