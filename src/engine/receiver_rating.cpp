// The original numbers ratings for the wire as its first releases did: `unreliable` is 5 there, and
// the ENUMERATED has no value for 0 and 4 (sync reference 2.1).
#include "engine/receiver_rating.hpp"

#include "base/text.hpp"
#include "engine/guard.hpp"
#include "engine/identities.hpp"
#include "engine/message_format.hpp"
#include "engine/payload_message.hpp"
#include "engine/uper.hpp"

#include <algorithm>
#include <array>

namespace pep::engine {

namespace {

/// Ratings by their index in the ENUMERATED.
constexpr std::array ratings{
    PEP_rating_under_attack,
    PEP_rating_b0rken,
    PEP_rating_mistrust,
    PEP_rating_cannot_decrypt,
    PEP_rating_have_no_key,
    PEP_rating_unencrypted,
    PEP_rating_unreliable,
    PEP_rating_reliable,
    PEP_rating_trusted,
    PEP_rating_trusted_and_anonymized,
    PEP_rating_fully_anonymous,
};

constexpr unsigned index_bits = 4;
constexpr unsigned message_bits = 8;
/// CHOICE Sync: keysync; CHOICE KeySync: number 20; SEQUENCE ReceiverRating; no extensions.
constexpr unsigned receiver_rating_message = 0b0'0'10100'0;

/// Not every sync payload: others of that type belong to the device group and are left alone.
bool is_rating_payload(const bloblist_t& blob) {
    return iequals(view(blob.mime_type), sync_type) && blob.value != nullptr &&
           decode_receiver_rating({blob.value, blob.size}).has_value();
}

} // namespace

std::optional<std::string> encode_receiver_rating(PEP_rating rating) {
    // The table has no media_key_protected and no undefined: these do not travel.
    const auto* at = std::find(ratings.begin(), ratings.end(), rating);
    if (at == ratings.end())
        return std::nullopt;
    uper::Writer out;
    out.bits(receiver_rating_message, message_bits);
    out.bits(static_cast<std::uint64_t>(at - ratings.begin()), index_bits);
    return std::move(out).finish();
}

std::optional<PEP_rating> decode_receiver_rating(std::string_view bytes) {
    uper::Reader in{bytes};
    // Read to the end first; a reader that ran out of bits gives zeros, and says so below.
    const bool ours = in.bits(message_bits) == receiver_rating_message;
    const auto index = in.bits(index_bits);
    if (!ours || index >= ratings.size() || !in.ok() || !in.at_end())
        return std::nullopt;
    return ratings.at(index);
}

void write_receiver_rating(pEp_session_& session, message& msg) {
    // The receiver's own key signs, so that other devices with that key can tell.
    if (msg.recv_by == nullptr || missing(msg.recv_by->fpr))
        return;
    // Two sync payloads in one message would be refused when it is read (see payload_of()).
    for (const bloblist_t* blob = msg.attachments; blob != nullptr; blob = blob->next)
        if (iequals(view(blob->mime_type), sync_type))
            return;
    const auto payload = encode_receiver_rating(msg.rating);
    auto context = session.context();
    if (!payload || !context)
        return;
    const Passphrase passphrase = session.passphrase ? &*session.passphrase : nullptr;
    auto signature = (*context)->keys.sign_detached(*payload, msg.recv_by->fpr, passphrase);
    // The message was decrypted all the same: a locked key only costs the note.
    if (!signature)
        return log_failure(signature.error());
    append(msg.attachments, make_blob(*payload, sync_type, sync_name));
    append(msg.attachments, make_blob(*signature, payload_signature_type, payload_signature_name));
}

Expected<std::optional<PEP_rating>>
read_receiver_rating(pEp_session_& session, const message& msg) {
    for (const bloblist_t* blob = msg.attachments;; blob = blob->next) {
        if (blob == nullptr)
            return std::optional<PEP_rating>{}; // the usual case costs no look-up
        if (is_rating_payload(*blob))
            break;
    }
    auto context = session.context();
    if (!context)
        return fail(context);
    auto payload = payload_of((*context)->keys, msg, PayloadFamily::sync);
    if (!payload || !*payload || (*payload)->signer.empty())
        return std::optional<PEP_rating>{};
    // Anybody can sign such two octets; only the user's own devices may say how a message was.
    auto own = is_own_key(session, (*payload)->signer);
    if (!own)
        return fail(own);
    return *own ? decode_receiver_rating((*payload)->bytes) : std::nullopt;
}

void drop_receiver_rating(message& msg) {
    bloblist_t** link = &msg.attachments;
    while (*link != nullptr) {
        if (!is_rating_payload(**link)) {
            link = &(*link)->next;
            continue;
        }
        // The link now shows what was behind: the signature, if this has one.
        drop_blob(*link);
        if (*link != nullptr && iequals(view((*link)->mime_type), payload_signature_type))
            drop_blob(*link); // stands directly behind its payload
    }
}

} // namespace pep::engine
