// Random messages for tests of properties, and their parts as text to compare. PEP_TEST_SEED
// repeats a run; the seed is printed.
#pragma once

#include "engine/mime_codec.hpp"
#include "engine/owned.hpp"
#include "support/seed.hpp"

#include <array>
#include <random>
#include <string>
#include <string_view>

namespace pep::engine::test {

using pep::test::seed_of_run;

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

    /// Text with line ends of both kinds.
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
            "\r\n",
            "\r\n\r\n",
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

    const char* type() {
        static constexpr std::array types{
            "image/png",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/pdf",
            "application/octet-stream",
            "application/ms-tnef",
            "message/rfc822",
            "video/x-unknown"};
        return types.at(below(types.size()));
    }

    char* copy(const std::string& text) { return copy_chars(text).release(); }

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
            append(
                msg->attachments,
                make_blob(
                    bytes(4000),
                    // An inline text would be taken for a body where there is none.
                    uri.starts_with("cid") ? "image/gif" : type(),
                    uri.starts_with("cid") ? uri.c_str() : (uri + phrase(20)).c_str()
                )
            );
        }
        return msg;
    }

  private:
    std::mt19937 random_;
};

inline std::string shown(const char* text) { return text != nullptr ? text : "NULL"; }

inline std::string shown(const identity_list* list) {
    std::string all;
    for (; list != nullptr && list->ident != nullptr; list = list->next)
        all += shown(list->ident->username) + " <" + shown(list->ident->address) + ">\n";
    return all;
}

inline std::string shown(const stringlist_t* list) {
    std::string all;
    for (; list != nullptr; list = list->next)
        all += shown(list->value) + "\n";
    return all;
}

inline std::string shown(const stringpair_list_t* list) {
    std::string all;
    for (; list != nullptr; list = list->next)
        all += shown(list->value->key) + ": " + shown(list->value->value) + "\n";
    return all;
}

/// Attachments in the order of a decoded mail: parts related to the html come first.
inline std::string shown(const bloblist_t* list, bool has_html) {
    std::string inline_parts;
    std::string others;
    for (; list != nullptr; list = list->next)
        (has_html && list->disposition == PEP_CONTENT_DISP_INLINE ? inline_parts : others) +=
            shown(list->mime_type) + " " + shown(list->filename) + " [" +
            std::string(list->value, list->size) + "]\n";
    return inline_parts + others;
}

/// NULL and "" are the same text; line ends become LF on the way.
inline std::string body(const char* text) {
    std::string lines{view(text)};
    for (std::size_t at = lines.find("\r\n"); at != std::string::npos; at = lines.find("\r\n", at))
        lines.erase(at, 1);
    return lines;
}

} // namespace pep::engine::test
