// What encode_mime() writes, decode_mime() gives back: for random messages, for big attachments,
// and byte for byte for messages inside messages.
#include "engine/mime_support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace pep::engine::test {

namespace {

/// Random values; the same for the same seed on every platform.
class Source {
  public:
    explicit Source(unsigned seed) : random_(seed) {}

    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

    bool flip() { return below(2) == 0; }

    /// One line without blanks at its ends: those of display names carry no meaning.
    std::string phrase(unsigned most) {
        static constexpr std::array pieces{"a",  "B", "9", " ",  ",", "\"", "\\", "<",  ">",
                                           "@",  ":", ";", "(",  ")", "=",  "?",  "_",  "=?",
                                           "?=", "ä", "≡", "你", "😀", ".",  "--", "#$", "utf-8?Q?"};
        std::string text = "n";
        for (unsigned i = below(most); i > 0; --i)
            text += pieces.at(below(pieces.size()));
        return text + (flip() ? "é" : "z");
    }

    /// Text with LF line ends.
    std::string text(unsigned most) {
        static constexpr std::array pieces{
            "word ",
            "\n",
            "  ",
            "\t",
            "=",
            "=\n",
            ".\n",
            "From ",
            "ü",
            "--",
            "-- \n",
            "long",
            "\n\n",
            "≡",
            "<p>",
            "\x1B",
            "😀"};
        const bool ascii = flip();
        std::string text;
        for (unsigned i = below(most); i > 0; --i) {
            const std::string piece = pieces.at(below(pieces.size()));
            if (!ascii || piece[0] > 0)
                text += piece;
        }
        if (below(5) == 0)
            text += std::string(below(3000), 'x');
        return text;
    }

    std::string bytes(unsigned most) {
        std::string data(below(most), '\0');
        const unsigned kind = below(3);
        for (char& c : data)
            c = kind == 0 ? static_cast<char>(below(256)) : "ab\r\n-"[below(kind == 1 ? 2 : 5)];
        return data;
    }

    char* copy(const std::string& text) { return strdup(text.c_str()); }

    pEp_identity* identity() {
        static constexpr std::array addresses{
            "a@example.org",
            "x.y+z@sub.example",
            "\"q w\"@example.org",
            "payto://iban/1",
            "tel:+1 2",
            "i@[127.0.0.1]"};
        const std::string name = phrase(20);
        return new_identity(
            addresses.at(below(addresses.size())), nullptr, nullptr, flip() ? name.c_str() : nullptr
        );
    }

    identity_list* identities() {
        identity_list* list = nullptr;
        for (unsigned i = below(4); i > 0; --i) {
            identity_list* added = identity_list_add(list, identity());
            list = list == nullptr ? added : list;
        }
        return list;
    }

    stringlist_t* strings(bool ids) {
        stringlist_t* list = nullptr;
        for (unsigned i = below(5); i > 0; --i) {
            const std::string value =
                ids ? std::to_string(below(1000)) + ".x$y@example.org" : phrase(30);
            stringlist_t* added = stringlist_add(list, value.c_str());
            list = list == nullptr ? added : list;
        }
        return list;
    }

    OwnedMessage make() {
        OwnedMessage msg{new_message(PEP_dir_outgoing)};
        msg->id = copy(std::to_string(below(1000)) + "@example.org");
        msg->shortmsg = copy((flip() ? " " : "") + phrase(200) + (flip() ? "  " : ""));
        msg->longmsg = copy(text(300));
        if (flip())
            msg->longmsg_formatted = copy("<p>" + text(300));
        msg->sent = new_timestamp(1 + static_cast<time_t>(below(2'000'000'000)));
        msg->from = identity();
        msg->to = identities();
        msg->cc = identities();
        msg->bcc = identities();
        msg->reply_to = identities();
        msg->in_reply_to = strings(true);
        msg->references = strings(true);
        msg->keywords = strings(false);
        msg->comments = copy(phrase(50));
        for (unsigned i = below(4); i > 0; --i)
            add_opt_field(
                msg.get(), ("X-" + std::to_string(below(50))).c_str(), phrase(100).c_str()
            );
        for (unsigned i = below(5); i > 0; --i) {
            const std::string uri = (flip() ? "file://" : "cid://") + std::to_string(i);
            attach(
                *msg,
                bytes(4000),
                flip() ? "image/png" : "text/plain",
                uri.starts_with("cid") ? uri.c_str() : (uri + phrase(20)).c_str()
            );
        }
        return msg;
    }

  private:
    std::mt19937 random_;
};

std::string show(const identity_list* list) {
    std::string all;
    for (; list != nullptr && list->ident != nullptr; list = list->next)
        all += test::show(list->ident->username) + " <" + test::show(list->ident->address) + ">\n";
    return all;
}

std::string show(const stringlist_t* list) {
    std::string all;
    for (; list != nullptr; list = list->next)
        all += test::show(list->value) + "\n";
    return all;
}

std::string show(const stringpair_list_t* list) {
    std::string all;
    for (; list != nullptr; list = list->next)
        all += test::show(list->value->key) + ": " + test::show(list->value->value) + "\n";
    return all;
}

/// Attachments in the order of a decoded mail: parts related to the html come first.
std::string show(const bloblist_t* list, bool has_html) {
    std::string inline_parts;
    std::string others;
    for (; list != nullptr; list = list->next)
        (has_html && list->disposition == PEP_CONTENT_DISP_INLINE ? inline_parts : others) +=
            test::show(list->mime_type) + " " + test::show(list->filename) + " [" +
            std::string(list->value, list->size) + "]\n";
    return inline_parts + others;
}

/// NULL and "" are the same text.
std::string body(const char* text) { return text != nullptr ? text : ""; }

TEST(MimeRoundTrip, GivesBackRandomMessages) {
    for (unsigned seed = 1; seed <= 400; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const OwnedMessage msg = Source{seed}.make();
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
        EXPECT_EQ(show(&from_back), show(&from));
        EXPECT_EQ(show(back.to), show(msg->to));
        EXPECT_EQ(show(back.cc), show(msg->cc));
        EXPECT_EQ(show(back.bcc), show(msg->bcc));
        EXPECT_EQ(show(back.reply_to), show(msg->reply_to));
        EXPECT_EQ(show(back.in_reply_to), show(msg->in_reply_to));
        EXPECT_EQ(show(back.references), show(msg->references));
        EXPECT_EQ(show(back.keywords), show(msg->keywords));
        EXPECT_STREQ(back.comments, msg->comments);
        EXPECT_EQ(show(back.opt_fields), show(msg->opt_fields));
        const bool has_html = msg->longmsg_formatted != nullptr;
        EXPECT_EQ(show(back.attachments, has_html), show(msg->attachments, has_html));
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
    EXPECT_EQ(test::show(decoded(std::string(blob.value, blob.size)).msg->shortmsg), "inner p≡p");
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
