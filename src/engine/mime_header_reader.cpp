// Out of memory is an exception here; what was made so far belongs to the message already.
#include "engine/mime_header_reader.hpp"

#include "base/text.hpp"
#include "engine/backend/gmime.hpp"
#include "engine/structs/alloc.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <string>

namespace pep::engine::mime {

namespace {

/// The functions of the C API report a lack of memory by null.
template <class T>
T* or_throw(T* made) {
    if (made == nullptr)
        throw std::bad_alloc{};
    return made;
}

/// The address of an identity for that of a mailbox: `"uri"@URI` stands for uri.
std::string address_of(const std::string& spec) {
    constexpr std::string_view suffix = "\"@URI";
    if (!spec.starts_with('"') || !spec.ends_with(suffix) || spec.size() <= suffix.size())
        return spec;
    std::string uri;
    // Escapes of the quoted local part (RFC 5322, 3.2.4) are not part of the URI.
    for (std::size_t i = 1; i < spec.size() - suffix.size(); ++i) {
        if (spec[i] == '\\' && i + 1 < spec.size() - suffix.size())
            ++i;
        uri += spec[i];
    }
    return uri;
}

/// For the caller to own. Fingerprint and user id stay null: no header knows them.
pEp_identity* identity_of(const gmime::Mailbox& mailbox) {
    const char* name = mailbox.name.empty() ? nullptr : mailbox.name.c_str();
    return or_throw(new_identity(address_of(mailbox.address).c_str(), nullptr, nullptr, name));
}

void add_identities(identity_list*& list, std::string_view value) {
    // A field may come more than once: the first addition finds the end of the list.
    identity_list* tail = list;
    for (const gmime::Mailbox& mailbox : gmime::parse_addresses(value)) {
        structs::Owner<pEp_identity, free_identity> identity{identity_of(mailbox)};
        tail = or_throw(identity_list_add(tail, identity.get()));
        // Taken over only now: a failed call takes nothing.
        (void)identity.release();
        if (list == nullptr)
            list = tail;
    }
}

/// Message ids in angle brackets; a value without brackets is one id per word.
std::vector<std::string> ids_of(std::string_view value) {
    std::vector<std::string> ids;
    std::string line{value};
    // Folded lines: what separates them separates ids.
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c >= 0 && c < 32; }, ' '
    );
    const bool bracketed = line.find('<') != std::string::npos;
    std::string_view rest = line;
    while (!rest.empty()) {
        const std::size_t begin = bracketed ? rest.find('<') : rest.find_first_not_of(' ');
        if (begin == std::string_view::npos)
            break;
        rest.remove_prefix(begin + (bracketed ? 1 : 0));
        // A bracket that is not closed ends with the value.
        const std::size_t end = std::min(rest.find(bracketed ? '>' : ' '), rest.size());
        std::string id = gmime::repair_utf8(trim(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (!id.empty())
            ids.push_back(std::move(id));
    }
    return ids;
}

/// Appends, as above; null is the empty list.
void add_strings(stringlist_t*& list, const std::vector<std::string>& values) {
    stringlist_t* tail = list;
    for (const std::string& value : values) {
        tail = or_throw(stringlist_add(tail, value.c_str()));
        if (list == nullptr)
            list = tail;
    }
}

/// Comma separated phrases; commas in quotes do not count.
/// Decoded only behind the split, as an encoded word may hold a comma.
std::vector<std::string> phrases_of(std::string_view value) {
    std::vector<std::string> phrases;
    std::string phrase;
    bool quoted = false;
    const auto finish = [&] {
        if (std::string text{trim(gmime::decode_header(phrase))}; !text.empty())
            phrases.push_back(std::move(text));
        phrase.clear();
    };
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        // RFC 5322, 3.2.4: behind a backslash a quote or comma is text.
        if (quoted && c == '\\' && i + 1 < value.size())
            phrase += value[++i];
        else if (c == '"')
            quoted = !quoted;
        else if (c == ',' && !quoted)
            finish();
        else
            phrase += c;
    }
    finish();
    return phrases;
}

/// Sets a member from the raw value of a field; it is called for each field of its name.
using Reader = void (*)(message& msg, std::string_view value);

/// Unstructured text; of several fields the first counts.
void read_text(char*& member, std::string_view value) {
    if (member == nullptr)
        member = c_copy(gmime::decode_header(value));
}

struct Field {
    std::string_view name;
    Reader read;
};

/// The fields with a member of their own (RFC 5322, 3.6). All others but those of the structure
/// become opt_fields.
constexpr std::array fields{
    Field{
        "Message-ID",
        [](message& msg, std::string_view value) {
            const auto ids = ids_of(value);
            if (msg.id == nullptr && !ids.empty())
                msg.id = c_copy(ids.front());
        }},
    Field{
        "Date",
        [](message& msg, std::string_view value) {
            // A date nobody can read is none.
            const auto seconds = gmime::parse_date(value);
            if (msg.sent == nullptr && seconds)
                msg.sent = or_throw(new_timestamp(static_cast<time_t>(*seconds)));
        }},
    Field{
        "From",
        [](message& msg, std::string_view value) {
            // The first mailbox: a message has one sender here.
            const auto mailboxes = gmime::parse_addresses(value);
            if (msg.from == nullptr && !mailboxes.empty())
                msg.from = identity_of(mailboxes.front());
        }},
    Field{"Subject", [](message& msg, std::string_view value) { read_text(msg.shortmsg, value); }},
    Field{"To", [](message& msg, std::string_view value) { add_identities(msg.to, value); }},
    Field{"Cc", [](message& msg, std::string_view value) { add_identities(msg.cc, value); }},
    Field{"Bcc", [](message& msg, std::string_view value) { add_identities(msg.bcc, value); }},
    Field{
        "Reply-To",
        [](message& msg, std::string_view value) { add_identities(msg.reply_to, value); }},
    Field{
        "In-Reply-To",
        [](message& msg, std::string_view value) { add_strings(msg.in_reply_to, ids_of(value)); }},
    Field{
        "References",
        [](message& msg, std::string_view value) { add_strings(msg.references, ids_of(value)); }},
    Field{
        "Keywords",
        [](message& msg, std::string_view value) { add_strings(msg.keywords, phrases_of(value)); }},
    Field{"Comments", [](message& msg, std::string_view value) { read_text(msg.comments, value); }},
};

/// `tail` is the last node: a header of a thousand fields is not walked for each of them.
void add_opt(stringpair_list_t*& list, stringpair_list_t*& tail, const Header& header) {
    structs::Owner<stringpair_t, free_stringpair> pair{or_throw(
        new_stringpair(std::string{header.name}.c_str(), gmime::decode_header(header.value).c_str())
    )};
    tail = or_throw(stringpair_list_add(tail, pair.get()));
    (void)pair.release();
    if (list == nullptr)
        list = tail;
}

} // namespace

bool is_structure_field(std::string_view name) {
    static constexpr std::array<std::string_view, 6> names{
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Disposition",
        "Content-ID",
        // Not of MIME, but about a text that is written anew.
        "Content-Length",
    };
    return std::any_of(names.begin(), names.end(), [name](std::string_view structure) {
        return iequals(structure, name);
    });
}

void read_headers(std::span<const Header> headers, message& msg) {
    stringpair_list_t* tail = nullptr;
    for (const Header& header : headers) {
        // Names have no case; the text of an opt_field keeps the one it came with.
        const auto* field = std::find_if(fields.begin(), fields.end(), [&](const Field& known) {
            return iequals(known.name, header.name);
        });
        if (field != fields.end())
            field->read(msg, header.value);
        else if (!is_structure_field(header.name))
            add_opt(msg.opt_fields, tail, header);
    }
}

char* c_copy(std::string_view text) {
    // What is behind a NUL could not be seen by readers of a C string.
    return or_throw(structs::copy_bytes(text.data(), std::min(text.find('\0'), text.size())));
}

} // namespace pep::engine::mime
