// The key is the minimal one, made anew for each message: it must be the key in use, unexpired.
#include "engine/autocrypt.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"
#include "engine/key_minimal.hpp"
#include "engine/message_format.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

constexpr const char* field_name = "Autocrypt";
constexpr std::size_t max_value_bytes = std::size_t{10} << 10U; // Level 1, 2.1: else ignored
constexpr std::size_t piece = 72; // with the blank in front, a line of a folded header

/// The attribute ends at a semicolon; Level 1 knows no quoting.
bool may_be_attribute(std::string_view address) {
    return !address.empty() && std::all_of(address.begin(), address.end(), [](char c) {
        return c > ' ' && c < 127 && c != ';';
    });
}

} // namespace

std::string autocrypt_value(std::string_view address, std::string_view key) {
    if (!may_be_attribute(address) || key.empty() || key.size() > max_value_bytes)
        return {};
    // Without blanks the field could not be folded, and no line may exceed 998 octets (RFC 5322,
    // 2.1.1).
    const std::string base64 = base64_encode(key);
    std::string value = "addr=" + std::string{address} + "; prefer-encrypt=mutual; keydata=";
    for (std::size_t at = 0; at < base64.size(); at += piece)
        value.append(" ").append(base64, at, piece);
    return value.size() <= max_value_bytes ? value : std::string{};
}

void withdraw_key(const pEp_session_& session, message& src) {
    // A field the caller put there goes as well: announce_key() makes a new one for the outer
    // header.
    if (session.autocrypt_header)
        drop_field(src.opt_fields, field_name);
}

void announce_key(
    const pEp_session_& session,
    Context& context,
    const pEp_identity& sender,
    message& outgoing,
    PEP_encrypt_flags_t flags
) {
    if (!session.autocrypt_header || (flags & PEP_encrypt_flag_force_no_attached_key) != 0)
        return;
    // The field is an offer nobody waits for: without a key there just is none.
    const auto certificate = context.keys.export_public(view(sender.fpr));
    if (!certificate)
        return;
    const std::string_view address = view(sender.address);
    const auto value = autocrypt_value(address, minimal_key(*certificate, address));
    if (!value.empty())
        set_field(outgoing, field_name, value);
}

} // namespace pep::engine
