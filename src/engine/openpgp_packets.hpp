// OpenPGP packet framing (RFC 4880, 4.2), as far as key handling needs it: splitting key material
// into certificates, comparing certificates as sets of packets, and finding whom a packet refers
// to. Contents are librnp's business. Pure functions on borrowed bytes; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pep::engine {

enum PacketTag : std::uint8_t {
    tag_pk_session_key = 1,
    tag_signature = 2,
    tag_secret_key = 5,
    tag_public_key = 6,
    tag_secret_subkey = 7,
    tag_trust = 12,
    tag_user_id = 13,
    tag_public_subkey = 14,
    tag_user_attribute = 17,
};

/// Where a session key packet of version 3 names its recipient (RFC 4880, 5.1).
inline constexpr std::size_t session_key_id_at = 1;
inline constexpr std::size_t session_key_id_size = 8;

/// One packet; views into the parsed bytes.
struct Packet {
    std::uint8_t tag = 0;
    std::string_view whole; ///< header and body
    std::string_view body;
};

/// The first packet of `data`; nothing if there is no complete packet of definite length.
[[nodiscard]] std::optional<Packet> first_packet(std::string_view data);

/// All packets up to the end or to the first one that is broken.
[[nodiscard]] std::vector<Packet> packets_of(std::string_view data);

/// One certificate, or one signature that stands alone, in a sequence of packets.
struct PacketGroup {
    std::string_view bytes;
    bool is_key = false;
};

/// Split packets before each primary key; signatures before the first one stand alone. Others are
/// left out.
[[nodiscard]] std::vector<PacketGroup> packet_groups(std::string_view data);

/// Is a packet of this type part of a certificate? Others, of the future or private, are to be
/// skipped (RFC 9580, 4.3 and 10.1).
[[nodiscard]] constexpr bool is_certificate_packet(std::uint8_t tag) {
    return tag == tag_signature || tag == tag_secret_key || tag == tag_public_key ||
           tag == tag_secret_subkey || tag == tag_trust || tag == tag_user_id ||
           tag == tag_public_subkey || tag == tag_user_attribute;
}

/// Do both hold the same packets, whatever their order and header form? Trust packets are local,
/// hence ignored.
[[nodiscard]] bool same_packets(std::string_view a, std::string_view b);

/// The secret (sub)key packets in `stored` and `added` whose public half is in `public_key`, one
/// after the other. What is stored wins, so that nobody can replace a secret key by mailing a
/// broken one; only GnuPG's stand-ins for missing material give way. "" when there is no real
/// secret material at all.
[[nodiscard]] std::string
merged_secrets(std::string_view public_key, std::string_view stored, std::string_view added);

/// Does the data hold a secret key packet (even a stand-in)?
[[nodiscard]] bool has_secret_packet(std::string_view data);

/// A transferable secret key: the public one with its key packets exchanged for `secrets`. A
/// primary key without secret packet stays public; subkeys without one are left out.
[[nodiscard]] std::string with_secrets(std::string_view public_key, std::string_view secrets);

/// Type and issuer of a signature packet (versions 3 and 4).
struct SignatureInfo {
    std::uint8_t type = 0;
    std::string issuer; ///< 16 hex digits; "" when the signature does not tell
};

constexpr std::uint8_t signature_type_key_revocation = 0x20;

[[nodiscard]] std::optional<SignatureInfo> signature_info(const Packet& packet);

/// Upper case hex digits of bytes.
[[nodiscard]] std::string hex(std::string_view bytes);

} // namespace pep::engine
