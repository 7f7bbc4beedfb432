// User ids are free text by RFC 4880; the forms met in practice are `Name <address>`, `<address>`,
// a bare address and a URI.
#include "engine/key_address.hpp"

#include "base/text.hpp"
#include "engine/backend/glib_text.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

constexpr std::size_t max_user_id_bytes = 128;

bool has_blank(std::string_view text) {
    return text.find_first_of(" \t\r\n") != std::string_view::npos;
}

/// Loose on purpose: addresses of other transports, such as `payto://…`, are addresses, too.
bool is_address_or_uri(std::string_view text) {
    return !text.empty() && !has_blank(text) && text.find_first_of("@:") != std::string_view::npos;
}

std::string_view unquoted(std::string_view name) {
    name = trim(name);
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
        name = name.substr(1, name.size() - 2);
    return name;
}

/// Characters with which a name could pretend to be another address.
bool forges(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '<' || c == '>' || byte < 0x20 || byte == 0x7f;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

} // namespace

UserId parse_user_id(std::string_view user_id) {
    const auto text = trim(user_id);
    // The last one: a name may hold angle brackets, an address cannot.
    const auto open = text.rfind('<');
    if (open != std::string_view::npos && text.ends_with('>')) {
        const auto inner = trim(text.substr(open + 1, text.size() - open - 2));
        if (is_address_or_uri(inner))
            return {normalised_address(inner), std::string{unquoted(text.substr(0, open))}};
    }
    // A bare address, or a text without any, which is indexed as it is.
    return {normalised_address(text), {}};
}

std::string normalised_address(std::string_view address) {
    const auto text = trim(address);
    // The last one: a quoted local part may hold others (RFC 5322, 3.4.1).
    const auto at = text.rfind('@');
    if (at == std::string_view::npos)
        return glib::folded(text);
    return glib::folded(text.substr(0, at)) + '@' + glib::ascii_domain(text.substr(at + 1));
}

std::string without_local_dots(std::string_view address) {
    const auto at = address.rfind('@');
    if (at == std::string_view::npos)
        return std::string{address};
    std::string local{address.substr(0, at)};
    std::erase(local, '.');
    return local.append(address.substr(at));
}

std::string user_id_text(std::string_view name, std::string_view address) {
    const std::string tail = "<" + std::string{trim(address)} + ">";
    const auto inner = trim(address);
    if (tail.size() > max_user_id_bytes || inner.empty() ||
        std::any_of(inner.begin(), inner.end(), forges))
        return {};
    std::string shown{trim(name)};
    std::replace_if(shown.begin(), shown.end(), forges, '_');
    if (shown.empty() || shown == trim(address))
        return tail;
    // Bare, it could be taken for the address.
    const bool quoted = shown.find('@') != std::string::npos;
    if (quoted)
        std::replace(shown.begin(), shown.end(), '"', '\'');
    const std::size_t room = max_user_id_bytes - tail.size();
    const std::size_t extra = quoted ? 3 : 1; // quotes and the blank
    if (shown.size() + extra > room) {
        // Never inside a character: the rest would be no UTF-8.
        std::size_t cut = room > extra ? room - extra : 0;
        while (cut > 0 && is_continuation(shown[cut]))
            --cut;
        shown.resize(cut);
    }
    if (shown.empty())
        return tail;
    return quoted ? '"' + shown + "\" " + tail : shown + ' ' + tail;
}

} // namespace pep::engine
