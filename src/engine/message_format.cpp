// Recognising and editing messages (see the header).
#include "engine/message_format.hpp"

#include "base/random.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "engine/mime_codec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>

namespace pep::engine {

namespace {

bool has_type(const bloblist_t& blob, std::string_view type) {
    return iequals(view(blob.mime_type), type);
}

/// Does the text begin, behind white space, with an armored message?
bool begins_armored(std::string_view text) {
    const std::size_t start = text.find_first_not_of(" \t\r\n\v\f");
    // The line alone decides; whether OpenPGP follows is seen when it is decrypted.
    return start != std::string_view::npos && text.substr(start).starts_with(pgp_message_line);
}

/// Upper case, as in the message ids of the engine 3.3.
std::string base36(std::uint64_t number) {
    // 64 bits have 13 digits at most.
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 36).ptr;
    return to_upper(std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
}

/// Random UUID (RFC 4122, version 4), upper case.
std::string uuid(std::string_view random16) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string text;
    for (std::size_t i = 0; i < random16.size(); ++i) {
        auto byte = static_cast<unsigned char>(random16[i]);
        if (i == 6)
            byte = static_cast<unsigned char>((byte & 0x0fU) | 0x40U);
        if (i == 8)
            byte = static_cast<unsigned char>((byte & 0x3fU) | 0x80U);
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += hex[byte >> 4U];
        text += hex[byte & 0x0fU];
    }
    return text;
}

/// A deep copy takes the place of `member`. Made first: without memory for it nothing changes.
template <class T>
void replace(T*& member, const T* from, T* (*dup)(const T*), void (*release)(T*)) {
    T* copy = duplicate(from, dup);
    release(member);
    member = copy;
}

/// The same for a string. Other than assign() it keeps the difference between null and "".
void replace_text(char*& member, const char* from) {
    OwnedChars copy{from != nullptr ? copy_chars(from).release() : nullptr};
    std::free(member);
    member = copy.release();
}

} // namespace

std::string Version::text() const { return std::to_string(major) + '.' + std::to_string(minor); }

Version parse_version(std::string_view text) {
    text = trim(text);
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos)
        return {};
    // All digits or no version at all: it decides how the rest of a message is read.
    const auto number = [](std::string_view digits, unsigned& out) {
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), out);
        return error == std::errc{} && end == digits.data() + digits.size() && out <= 0xffff;
    };
    Version version;
    if (!number(text.substr(0, dot), version.major) || !number(text.substr(dot + 1), version.minor))
        return {};
    return version;
}

PEP_enc_format detect_format(const message& msg) {
    // Inline and its elevated variant look the same: only who received the message can tell (6.2).
    if (begins_armored(view(msg.longmsg)))
        return msg.enc_format == PEP_enc_inline_EA ? PEP_enc_inline_EA : PEP_enc_inline;
    // The first two attachments only. Ciphertext further down may be one piece of a page that sends
    // its plaintext away when shown (EFAIL).
    const bloblist_t* first = msg.attachments;
    const bloblist_t* second = first != nullptr ? first->next : nullptr;
    if (second == nullptr)
        return PEP_enc_none;
    if (has_type(*first, "application/pgp-encrypted") && begins_armored(bytes_of(*second)))
        return PEP_enc_PGP_MIME;
    if (has_type(*second, "application/pgp-encrypted") && begins_armored(bytes_of(*first)))
        return PEP_enc_PGP_MIME_Outlook1;
    return PEP_enc_none;
}

std::string_view ciphertext_of(const message& msg, PEP_enc_format format) {
    if (format == PEP_enc_inline || format == PEP_enc_inline_EA)
        return view(msg.longmsg);
    // Both attachments are there: detect_format() saw them.
    return bytes_of(format == PEP_enc_PGP_MIME ? *msg.attachments->next : *msg.attachments);
}

bool is_placeholder_subject(std::string_view subject) {
    return subject.empty() || subject == placeholder_subject || subject == "pEp" ||
           subject == "p=p";
}

std::string_view bytes_of(const bloblist_t& blob) {
    if (blob.value == nullptr)
        return {};
    std::string_view bytes{blob.value, blob.size};
    // Neither armor nor text ends with a NUL of its own.
    if (!bytes.empty() && bytes.back() == '\0')
        bytes.remove_suffix(1);
    return bytes;
}

const char* field(const message& msg, const char* name) {
    const auto* found = stringpair_list_find_case_insensitive(msg.opt_fields, name);
    return found != nullptr && found->value != nullptr ? found->value->value : nullptr;
}

Version version_field(const message& msg, const char* name) {
    return parse_version(view(field(msg, name)));
}

void drop_field(stringpair_list_t*& fields, const char* name) {
    // Where the pointer to the node stands, so that the first one can go as well.
    stringpair_list_t** link = &fields;
    while (*link != nullptr) {
        stringpair_list_t* node = *link;
        if (node->value != nullptr && iequals(view(node->value->key), name)) {
            *link = node->next;
            node->next = nullptr;
            free_stringpair_list(node);
        } else {
            link = &node->next;
        }
    }
}

void set_field(message& msg, const char* name, const std::string& value) {
    drop_field(msg.opt_fields, name);
    // Behind all others: their order is that of the header.
    add_opt_field(&msg, name, value.c_str());
    if (field(msg, name) == nullptr) // add_opt_field has no other way to tell
        throw std::bad_alloc{};
}

std::optional<std::string> take_body_line(message& msg, std::string_view key) {
    const std::string_view body = view(msg.longmsg);
    // At the very start: further down the same words are text.
    if (!istarts_with(body, key) || body.substr(key.size(), 1) != ":")
        return std::nullopt;
    const std::size_t end = std::min(body.find_first_of("\r\n"), body.size());
    const std::string value{trim(body.substr(key.size() + 1, end - key.size() - 1))};
    // All line breaks behind the line: how many there are differs between programs (6.6).
    const std::size_t rest = std::min(body.find_first_not_of("\r\n", end), body.size());
    // In place, with the NUL: a long body is not copied for the sake of its first line.
    std::memmove(msg.longmsg, msg.longmsg + rest, body.size() - rest + 1);
    return value;
}

void pull_up_bodies(message& msg) {
    const bloblist_t* first = msg.attachments;
    if (first == nullptr || !view(msg.longmsg).empty() || !view(msg.longmsg_formatted).empty())
        return;
    // 6.4: only what comes first can be a body; a text further down is a file.
    if (has_type(*first, "text/html")) {
        assign(msg.longmsg_formatted, body_text(bytes_of(*first)));
    } else if (has_type(*first, "text/plain")) {
        assign(msg.longmsg, body_text(bytes_of(*first)));
        if (first->next != nullptr && has_type(*first->next, "text/html"))
            assign(msg.longmsg_formatted, body_text(bytes_of(*first->next)));
    }
}

std::string new_message_id(const pEp_identity* sender) {
    // pEp.TIME.NUMBER.UUID@DOMAIN, with 8 random octets for the number and 16 for the UUID.
    std::array<unsigned char, 24> random{};
    if (!fill_random(random.data(), random.size()))
        throw std::bad_alloc{}; // no random source: the only failure left, and as hopeless
    std::uint64_t number = 0;
    std::memcpy(&number, random.data(), sizeof number);
    std::string bytes16{random.begin() + 8, random.end()};
    // Everything behind the last @, as a quoted local part may hold one, too.
    const std::string_view address = sender != nullptr ? view(sender->address) : "";
    const std::size_t at = address.rfind('@');
    std::string domain{at == std::string_view::npos ? "" : address.substr(at + 1)};
    if (domain.empty())
        domain = "localhost";
    return "pEp." + base36(static_cast<std::uint64_t>(std::time(nullptr))) + '.' + base36(number) +
           '.' + uuid(bytes16) + '@' + domain;
}

void copy_envelope(message& to, const message& from) {
    // Not the subject, whose place differs between the layouts, and not `_sender_fpr`: who signed a
    // message is never taken from another one.
    replace_text(to.id, from.id);
    replace_text(to.comments, from.comments);
    replace(to.sent, from.sent, timestamp_dup, free_timestamp);
    replace(to.recv, from.recv, timestamp_dup, free_timestamp);
    replace(to.from, from.from, identity_dup, free_identity);
    replace(to.recv_by, from.recv_by, identity_dup, free_identity);
    replace(to.to, from.to, identity_list_dup, free_identity_list);
    replace(to.cc, from.cc, identity_list_dup, free_identity_list);
    replace(to.bcc, from.bcc, identity_list_dup, free_identity_list);
    replace(to.reply_to, from.reply_to, identity_list_dup, free_identity_list);
    replace(to.in_reply_to, from.in_reply_to, stringlist_dup, free_stringlist);
    replace(to.references, from.references, stringlist_dup, free_stringlist);
    replace(to.keywords, from.keywords, stringlist_dup, free_stringlist);
    replace(to.opt_fields, from.opt_fields, stringpair_list_dup, free_stringpair_list);
}

void drop_blob(bloblist_t*& link) {
    // free_bloblist() frees all that follow, so the node is cut off first.
    bloblist_t* node = link;
    link = node->next;
    node->next = nullptr;
    free_bloblist(node);
}

std::string joined(const std::vector<std::string>& fprs) {
    std::string all;
    for (const std::string& fpr : fprs)
        all += (&fpr != fprs.data() ? "," : "") + fpr;
    return all;
}

void LentAttachments::add(const bloblist_t& blob) { nodes_.push_back(blob); }

void LentAttachments::add_all(const bloblist_t* list) {
    for (; list != nullptr; list = list->next)
        if (list->value != nullptr) // an empty node would become an empty part
            nodes_.push_back(*list);
}

void LentAttachments::add(std::string& bytes, std::string& mime_type) {
    bloblist_t blob{};
    // The C structure knows no const; encoding only reads.
    blob.value = bytes.data();
    blob.size = bytes.size();
    blob.mime_type = mime_type.data();
    nodes_.push_back(blob);
}

bloblist_t* LentAttachments::head() {
    // Linked only now, since the vector moves its nodes when it grows.
    for (std::size_t i = 0; i < nodes_.size(); ++i)
        nodes_[i].next = i + 1 < nodes_.size() ? &nodes_[i + 1] : nullptr;
    return nodes_.empty() ? nullptr : nodes_.data();
}

Plaintext::~Plaintext() { wipe(text_.data(), text_.size()); }

} // namespace pep::engine
