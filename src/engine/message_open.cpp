// Taking off the encryption of a received message: PGP/MIME and inline (engine messages 6.5).
// Plaintext exists only where the key ring vouched for its integrity.
#include "base/text.hpp"
#include "engine/guard.hpp"
#include "engine/identities.hpp"
#include "engine/message_incoming.hpp"
#include "engine/message_inline.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

/// The first detached signature among the attachments, "" without one.
std::string_view signature_part(const message& msg) {
    for (const bloblist_t* blob = msg.attachments; blob != nullptr; blob = blob->next)
        if (iequals(view(blob->mime_type), "application/pgp-signature"))
            return bytes_of(*blob);
    return {};
}

/// The signers' keys that bear the sender's address, to the front; with none of them the list
/// stays, and with it the message unreliable.
void move_to_front(Incoming& in, const std::vector<std::string>& signers) {
    const auto of_sender = in.context.keys.find(view(in.src.from->address), Which::all);
    if (!of_sender)
        return;
    std::vector<std::string> front;
    for (const std::string& fpr : signers)
        if (std::find(of_sender->begin(), of_sender->end(), fpr) != of_sender->end())
            front.push_back(fpr);
    if (front.empty())
        return;
    for (const std::string& fpr : in.keylist)
        if (!fpr.empty() && std::find(front.begin(), front.end(), fpr) == front.end())
            front.push_back(fpr);
    in.keylist = std::move(front);
}

/// A signature around the MIME entity, or one by a key that came with the message: only now can it
/// be verified. A failed second try keeps what the first one said.
void verify_again(Incoming& in, std::string_view ciphertext, const std::string& plaintext) {
    if (in.status != PEP_DECRYPTED || in.from_own || in.src.from == nullptr)
        return;
    if (const std::string_view signature = signature_part(*in.msg); !signature.empty()) {
        const std::string text = signed_part(plaintext);
        // Signed in part only: that says nothing about what is shown.
        if (text.empty())
            return;
        const auto verified = in.context.keys.verify_detached(text, signature);
        if (verified && verified->status == PEP_VERIFIED) {
            in.status = PEP_DECRYPTED_AND_VERIFIED;
            move_to_front(in, verified->keylist);
        }
    } else if (in.keys.any()) {
        // The key of the signer may be among those imported since the first try.
        auto again = in.context.keys.decrypt(ciphertext, in.passphrase);
        if (again && again->status == PEP_DECRYPTED_AND_VERIFIED) {
            const Plaintext wiped{std::move(again->plaintext)};
            in.status = again->status;
            in.keylist = std::move(again->keylist);
        }
    }
}

Expected<void> open_pgp_mime(Incoming& in, PEP_enc_format format) {
    const std::string_view ciphertext = ciphertext_of(in.src, format);
    auto decrypted = in.context.keys.decrypt(ciphertext, in.passphrase);
    if (!decrypted)
        return fail(decrypted);
    const Plaintext plaintext{std::move(decrypted->plaintext)};
    in.status = decrypted->status;
    in.keylist = std::move(decrypted->keylist);

    auto decoded = decode_mime(plaintext.text());
    if (!decoded) // beyond the limits of the parser
        return fail(PEP_DECRYPT_WRONG_FORMAT, "the decrypted text cannot be parsed");
    in.msg = std::move(decoded->msg);
    in.has_inner = decoded->has_possible_pep_msg;
    pull_up_bodies(*in.msg);
    // Before the second verification, which can then be by one of these keys.
    in.sender_key = in.keys.from_attachments(*in.msg);
    verify_again(in, ciphertext, plaintext.text());
    return {};
}

Expected<void> open_inline(Incoming& in, PEP_enc_format format) {
    auto decrypted = in.context.keys.decrypt(ciphertext_of(in.src, format), in.passphrase);
    if (!decrypted)
        return fail(decrypted);
    const Plaintext plaintext{std::move(decrypted->plaintext)};
    in.keylist = std::move(decrypted->keylist);
    in.msg = OwnedMessage{new_message(PEP_dir_incoming)};
    if (!in.msg)
        throw std::bad_alloc{};

    // Each attachment for itself; who signed the body must have signed them, too.
    auto pieces = open_pieces(in.context, in.src, format, in.passphrase, in.signer());
    if (!pieces)
        return fail(pieces);
    in.bare_files = pieces->bare;
    in.msg->attachments = pieces->attachments.release();
    if (!pieces->html.empty())
        assign(in.msg->longmsg_formatted, pieces->html);
    // 6.5: where only a file was sent, the body holds it behind its mark.
    if (const auto [type, bytes] = lower(plaintext.text());
        format == PEP_enc_inline_EA && !type.empty())
        append(in.msg->attachments, make_blob(bytes, type.c_str(), nullptr));
    else
        assign(in.msg->longmsg, plaintext.text());

    // Of two outcomes with plaintext the less verified counts; else that of the attachments, which
    // may be an error, replaces that of the body.
    const bool plain_outcome = decrypted->status <= PEP_DECRYPTED_AND_VERIFIED &&
                               pieces->status <= PEP_DECRYPTED_AND_VERIFIED;
    in.status = decrypted->status;
    if (plain_outcome)
        in.status = std::min(decrypted->status, pieces->status);
    else if (pieces->status > PEP_DECRYPTED_AND_VERIFIED)
        in.status = pieces->status;
    const std::string sender_key = in.keys.from_attachments(*in.msg);
    // Without one inside, that of the outer attachments stays.
    if (!sender_key.empty())
        in.sender_key = sender_key;
    return {};
}

} // namespace

Expected<void> open_message(Incoming& in, PEP_enc_format format) {
    auto opened = format == PEP_enc_inline || format == PEP_enc_inline_EA
                      ? open_inline(in, format)
                      : open_pgp_mime(in, format);
    if (opened && in.keylist.empty())
        in.keylist.emplace_back();
    return opened;
}

} // namespace pep::engine
