// Session key packets stand first in a message (RFC 4880, 11.3), so reading stops at the first
// other packet.
#include "engine/key_ids.hpp"

#include "engine/backend/rnp.hpp"
#include "engine/openpgp_packets.hpp"

namespace pep::engine {

std::vector<std::string> recipient_key_ids(std::string_view message) {
    constexpr std::size_t id_at = 1; // behind the version (RFC 4880, 5.1)
    constexpr std::size_t id_size = 8;
    const bool binary =
        !message.empty() && (static_cast<unsigned char>(message.front()) & 0x80) != 0;
    const std::string unpacked = binary ? std::string{} : rnp::dearmored(message);
    std::string_view rest = binary ? message : std::string_view{unpacked};
    std::vector<std::string> ids;
    for (auto packet = first_packet(rest); packet && packet->tag == tag_pk_session_key;
         packet = first_packet(rest)) {
        if (packet->body.size() >= id_at + id_size && packet->body.front() == '\3')
            ids.push_back(hex(packet->body.substr(id_at, id_size)));
        rest.remove_prefix(packet->whole.size());
    }
    return ids;
}

} // namespace pep::engine
