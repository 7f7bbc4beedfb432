// Lengths are checked against what is left before anything is read.
#include "engine/openpgp_packets.hpp"

#include <algorithm>
#include <cstddef>

namespace pep::engine {

namespace {

std::uint8_t octet(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint8_t>(bytes[at]);
}

/// Big endian number of `size` octets; they must be there.
std::size_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value = value << 8 | octet(bytes, at + i);
    return value;
}

struct Length {
    std::size_t size;   // octets the length itself takes
    std::size_t length; // of what follows
};

/// New format lengths (4.2.2), also those of signature subpackets; no partial ones.
std::optional<Length> new_length(std::string_view data, bool subpacket) {
    if (data.empty())
        return std::nullopt;
    const std::size_t first = octet(data, 0);
    if (first < 192)
        return Length{1, first};
    // A length of four octets follows; the caller asks whether as much is there.
    if (first == 255)
        return data.size() < 5 ? std::nullopt : std::optional{Length{5, number(data, 1, 4)}};
    // Partial lengths (4.2.2.4) are for data packets. Subpackets have none: there these values
    // begin a length of two octets (5.2.3.1).
    if (!subpacket && first >= 224)
        return std::nullopt;
    if (data.size() < 2)
        return std::nullopt;
    return Length{2, ((first - 192) << 8) + octet(data, 1) + 192};
}

/// Old format lengths (4.2.1); the indeterminate one does not occur in keys.
std::optional<Length> old_length(std::string_view data, std::uint8_t type) {
    if (type == 3)
        return std::nullopt;
    const std::size_t size = std::size_t{1} << type;
    if (data.size() < size)
        return std::nullopt;
    return Length{size, number(data, 0, size)};
}

bool is_public_key(const Packet& packet) {
    return packet.tag == tag_public_key || packet.tag == tag_public_subkey;
}

/// Stand-ins count, see is_stand_in().
bool is_secret_key(const Packet& packet) {
    return packet.tag == tag_secret_key || packet.tag == tag_secret_subkey;
}

/// Does the secret packet belong to this public one? Primary keys and subkeys are not exchanged.
/// A secret key packet starts with its public half.
bool completes(const Packet& secret, const Packet& public_packet) {
    return (secret.tag == tag_secret_key) == (public_packet.tag == tag_public_key) &&
           secret.body.size() > public_packet.body.size() &&
           secret.body.starts_with(public_packet.body);
}

/// GnuPG's stand-in for material kept elsewhere: S2K type 101 behind usage octet and cipher.
bool is_stand_in(const Packet& secret, const Packet& public_packet) {
    // The secret half begins with the usage octet (RFC 4880, 5.5.3): 254 and 255 announce cipher
    // and S2K.
    const auto rest = secret.body.substr(public_packet.body.size());
    return rest.size() >= 3 && octet(rest, 0) >= 254 && octet(rest, 2) == 101;
}

/// The secret packet for a public one; stand-ins only if there is nothing better.
const Packet* secret_for(const Packet& known, const std::vector<Packet>& secrets) {
    const Packet* stand_in = nullptr;
    for (const auto& secret : secrets) {
        if (!is_secret_key(secret) || !completes(secret, known))
            continue;
        if (!is_stand_in(secret, known))
            return &secret;
        stand_in = &secret;
    }
    return stand_in;
}

/// The issuer in a signature's subpackets: key id (16) or fingerprint (33) whose last octets are
/// the key id.
std::string issuer_in(std::string_view area) {
    std::string issuer;
    while (!area.empty()) {
        const auto length = new_length(area, /*subpacket=*/true);
        if (!length || length->length == 0 || length->length > area.size() - length->size)
            break;
        const auto content = area.substr(length->size, length->length);
        // The highest bit says that the subpacket is critical (5.2.3.1).
        const auto type = octet(content, 0) & 0x7f;
        if (type == 16 && content.size() == 9)
            return hex(content.substr(1));
        // Of version 4 keys: one octet of version, twenty of fingerprint. A key id that follows
        // wins.
        if (type == 33 && content.size() == 22)
            issuer = hex(content.substr(content.size() - 8));
        area.remove_prefix(length->size + length->length);
    }
    return issuer;
}

} // namespace

std::optional<Packet> first_packet(std::string_view data) {
    // The highest bit of a packet's first octet is always set: text and armor end here.
    if (data.empty() || (octet(data, 0) & 0x80) == 0)
        return std::nullopt;
    const auto header = octet(data, 0);
    const bool new_format = (header & 0x40) != 0;
    const auto rest = data.substr(1);
    const auto length =
        new_format ? new_length(rest, /*subpacket=*/false) : old_length(rest, header & 3);
    // A Length is only returned when its own octets are there, so this does not underflow.
    if (!length || length->length > rest.size() - length->size)
        return std::nullopt;
    Packet packet;
    packet.tag = static_cast<std::uint8_t>(new_format ? header & 0x3f : header >> 2 & 0x0f);
    packet.whole = data.substr(0, 1 + length->size + length->length);
    packet.body = rest.substr(length->size, length->length);
    // Tag 0 is reserved and must not occur (4.3).
    return packet.tag == 0 ? std::nullopt : std::optional{packet};
}

std::vector<Packet> packets_of(std::string_view data) {
    std::vector<Packet> packets;
    while (auto packet = first_packet(data)) {
        data.remove_prefix(packet->whole.size());
        packets.push_back(*packet);
    }
    return packets;
}

std::vector<PacketGroup> packet_groups(std::string_view data) {
    std::vector<PacketGroup> groups;
    for (const auto& packet : packets_of(data)) {
        if (packet.tag == tag_public_key || packet.tag == tag_secret_key)
            groups.push_back({packet.whole, true});
        else if (!groups.empty() && groups.back().is_key) // packets of a key are contiguous
            groups.back().bytes = {
                groups.back().bytes.data(), groups.back().bytes.size() + packet.whole.size()};
        else if (packet.tag == tag_signature)
            groups.push_back({packet.whole, false});
    }
    return groups;
}

bool same_packets(std::string_view a, std::string_view b) {
    const auto sorted = [](std::string_view data) {
        std::vector<std::pair<std::uint8_t, std::string_view>> contents;
        for (const auto& packet : packets_of(data))
            if (packet.tag != tag_trust)
                contents.emplace_back(packet.tag, packet.body);
        // Bodies only: the same packet may have an old header here and a new one there. Copies of
        // one packet count once, as certificates collect them on their way.
        std::sort(contents.begin(), contents.end());
        contents.erase(std::unique(contents.begin(), contents.end()), contents.end());
        return contents;
    };
    return sorted(a) == sorted(b);
}

std::string
merged_secrets(std::string_view public_key, std::string_view stored, std::string_view added) {
    // In this order: secret_for() takes the first that fits.
    auto secrets = packets_of(stored);
    for (const auto& packet : packets_of(added))
        secrets.push_back(packet);
    std::string merged;
    merged.reserve(stored.size() + added.size()); // no copies left behind by growing
    bool real = false;
    for (const auto& known : packets_of(public_key)) {
        const auto* secret = is_public_key(known) ? secret_for(known, secrets) : nullptr;
        if (secret == nullptr)
            continue;
        // A certificate of nothing but stand-ins could neither sign nor decrypt here.
        real = real || !is_stand_in(*secret, known);
        merged.append(secret->whole);
    }
    if (!real)
        merged.clear();
    return merged; // as it is: a copy would leave the secrets behind
}

bool has_secret_packet(std::string_view data) {
    const auto packets = packets_of(data);
    return std::any_of(packets.begin(), packets.end(), is_secret_key);
}

std::string with_secrets(std::string_view public_key, std::string_view secrets) {
    const auto secret = packets_of(secrets);
    std::string merged;
    merged.reserve(public_key.size() + secrets.size()); // no copies left behind by growing
    bool keep = true; // a left out subkey takes its signatures along
    for (const auto& packet : packets_of(public_key)) {
        if (!is_public_key(packet)) {
            merged.append(keep ? packet.whole : std::string_view{});
            continue;
        }
        const auto* found = secret_for(packet, secret);
        keep = found != nullptr || packet.tag == tag_public_key;
        if (keep)
            merged.append(found != nullptr ? found->whole : packet.whole);
    }
    return merged;
}

std::optional<SignatureInfo> signature_info(const Packet& packet) {
    const auto body = packet.body;
    if (packet.tag != tag_signature || body.size() < 10)
        return std::nullopt;
    // Version 3: type, time and key id stand at fixed places (5.2.2).
    if (octet(body, 0) == 3)
        return body.size() < 19
                   ? std::nullopt
                   : std::optional{SignatureInfo{octet(body, 2), hex(body.substr(7, 8))}};
    if (octet(body, 0) != 4)
        return std::nullopt;
    // Version 4: two areas of subpackets behind type and algorithms (5.2.3).
    const auto hashed = number(body, 4, 2);
    if (body.size() < 6 + hashed + 2)
        return std::nullopt;
    const auto unhashed = number(body, 6 + hashed, 2);
    if (body.size() < 8 + hashed + unhashed)
        return std::nullopt;
    // The hashed area first: only that one is covered by the signature.
    SignatureInfo info{octet(body, 1), issuer_in(body.substr(6, hashed))};
    if (info.issuer.empty())
        info.issuer = issuer_in(body.substr(8 + hashed, unhashed));
    return info;
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        text += digits[static_cast<unsigned char>(byte) >> 4];
        text += digits[static_cast<unsigned char>(byte) & 0x0f];
    }
    return text;
}

} // namespace pep::engine
