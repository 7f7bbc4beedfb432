// Built on the public structures only.
#include "engine/mime_support.hpp"

#include "base/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace pep::engine::test {

namespace {

char* copy(std::string_view text) {
    auto* made = static_cast<char*>(std::malloc(text.size() + 1));
    std::memcpy(made, text.data(), text.size());
    made[text.size()] = '\0';
    return made;
}

} // namespace

OwnedMessage
make_message(const std::string& subject, const std::string& text, const std::string& html) {
    OwnedMessage msg{new_message(PEP_dir_outgoing)};
    msg->from = new_identity("a@example.org", nullptr, nullptr, nullptr);
    msg->to = new_identity_list(new_identity("b@example.org", nullptr, nullptr, nullptr));
    if (!subject.empty())
        msg->shortmsg = copy(subject);
    if (!text.empty())
        msg->longmsg = copy(text);
    if (!html.empty())
        msg->longmsg_formatted = copy(html);
    return msg;
}

void attach(message& msg, std::string_view bytes, const char* type, const char* uri) {
    bloblist_t* added = bloblist_add(msg.attachments, copy(bytes), bytes.size(), type, uri);
    if (msg.attachments == nullptr)
        msg.attachments = added;
}

std::string encoded(const message& msg, bool omit_fields, bool has_pep_msg) {
    auto text = encode_mime(msg, omit_fields, has_pep_msg);
    EXPECT_TRUE(text.has_value()) << (text ? "" : text.error().message);
    return text.value_or(std::string{});
}

Decoded decoded(std::string_view text) {
    auto result = decode_mime(text);
    if (!result) {
        ADD_FAILURE() << result.error().message;
        return Decoded{OwnedMessage{new_message(PEP_dir_incoming)}};
    }
    return std::move(*result);
}

std::string crlf(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += '\r';
        out += c;
    }
    return out;
}

std::vector<std::string> header_fields(std::string_view text) {
    std::vector<std::string> fields;
    for (const std::string_view line : split(text.substr(0, text.find("\r\n\r\n")), '\n')) {
        const std::string bare{line.ends_with('\r') ? line.substr(0, line.size() - 1) : line};
        if (!bare.empty() && (bare[0] == ' ' || bare[0] == '\t') && !fields.empty())
            fields.back() += bare;
        else
            fields.push_back(bare);
    }
    return fields;
}

std::string field(std::string_view text, std::string_view name) {
    for (const std::string& line : header_fields(text))
        if (istarts_with(line, std::string{name} + ":"))
            return std::string{trim(std::string_view{line}.substr(name.size() + 1))};
    return "<none>";
}

std::string attachments(const message& msg) {
    std::string all;
    for (const bloblist_t* blob = msg.attachments; blob != nullptr; blob = blob->next)
        all += (all.empty() ? "" : "; ") + show(blob->mime_type) + " " + show(blob->filename);
    return all;
}

std::string show(const char* text) { return text != nullptr ? text : "NULL"; }

bool is_clean(std::string_view text) {
    std::size_t line = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool cr = byte == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
        const bool lf = byte == '\n' && i > 0 && text[i - 1] == '\r';
        if (byte > 127 || byte == 0 || (byte == '\r' && !cr) || (byte == '\n' && !lf))
            return false;
        line = lf ? 0 : line + 1;
        if (line > 999)
            return false;
    }
    return true;
}

} // namespace pep::engine::test
