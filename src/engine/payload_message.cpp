// The type of an attachment decides, never its name: names changed between releases.
#include "engine/payload_message.hpp"

#include "base/text.hpp"
#include "engine/guard.hpp"
#include "engine/message_format.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

constexpr const char* payload_type = "application/pEp.distribution";
constexpr const char* former_payload_type = "application/pEp.keyreset"; // of release 2.0
constexpr const char* payload_name = "file://distribution.pEp";
constexpr const char* auto_consume_id = "pEp-auto-consume@pEp.foundation";

constexpr const char* subject =
    "p\xE2\x89\xA1p key management message (Distribution) - please ignore";
constexpr const char* body = "This message is part of p\xE2\x89\xA1p's concept to manage keys.\n\n"
                             "You can safely ignore it. It will be deleted automatically.\n";

/// Types are compared without regard to case (RFC 2045, 5.1).
bool is_payload_type(std::string_view type, PayloadFamily family) {
    if (family == PayloadFamily::sync)
        return iequals(type, sync_type);
    return iequals(type, payload_type) || iequals(type, former_payload_type);
}

} // namespace

OwnedMessage distribution_message(
    const pEp_identity& me, const pEp_identity& partner, std::string_view payload
) {
    OwnedMessage msg{new_message(PEP_dir_outgoing)};
    if (!msg)
        throw std::bad_alloc{};
    msg->from = duplicate(&me, identity_dup);
    OwnedIdentity to{duplicate(&partner, identity_dup)};
    // The list owns the identity only when it could be made.
    msg->to = new_identity_list(to.get());
    if (msg->to == nullptr)
        throw std::bad_alloc{};
    static_cast<void>(to.release());
    // For people whose mail program shows it all the same; no engine reads these.
    assign(msg->shortmsg, subject);
    assign(msg->longmsg, body);
    append(msg->attachments, make_blob(std::string{payload}, payload_type, payload_name));
    mark_auto_consumed(*msg);
    return msg;
}

bool is_auto_consumed(const message& msg) { return field(msg, header::auto_consume) != nullptr; }

void mark_auto_consumed(message& msg) {
    // Both marks of the engine 3.3: an optional field, and an id in In-Reply-To.
    set_field(msg, header::auto_consume, "yes");
    if (stringlist_search(msg.in_reply_to, auto_consume_id) != nullptr)
        return;
    stringlist_t* added = stringlist_add(msg.in_reply_to, auto_consume_id);
    if (added == nullptr)
        throw std::bad_alloc{};
    // A list that was there has been continued in place.
    if (msg.in_reply_to == nullptr)
        msg.in_reply_to = added;
}

Expected<std::optional<Payload>>
payload_of(KeyRing& keys, const message& msg, PayloadFamily family) {
    const bloblist_t* payload = nullptr;
    const bloblist_t* signature = nullptr;
    for (const bloblist_t* blob = msg.attachments; blob != nullptr; blob = blob->next) {
        const std::string_view type = view(blob->mime_type);
        const bloblist_t** kind = nullptr;
        if (is_payload_type(type, family))
            kind = &payload;
        else if (iequals(type, payload_signature_type))
            kind = &signature;
        if (kind == nullptr)
            continue;
        // Which of two payloads a signature is meant for, nothing says.
        if (*kind != nullptr)
            return fail(PEP_DECRYPT_WRONG_FORMAT, "a message has one payload and one signature");
        *kind = blob;
    }
    if (payload == nullptr)
        return std::optional<Payload>{};
    // Not bytes_of(): a payload may well end with a zero octet.
    Payload found;
    if (payload->value != nullptr)
        found.bytes.assign(payload->value, payload->size);
    // Payloads of key resets have no signature of their own: the message around them has one.
    if (signature != nullptr) {
        auto verified = keys.verify_detached(found.bytes, bytes_of(*signature));
        // As the engine 3.3 does: as if there were no payload, so that the mail can still be read.
        if (!verified || verified->status != PEP_VERIFIED)
            return std::optional<Payload>{};
        found.signer = std::move(verified->keylist.front());
    }
    return std::optional{std::move(found)};
}

} // namespace pep::engine
