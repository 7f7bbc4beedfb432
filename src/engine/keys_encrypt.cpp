// Encrypting and signing. What we write is what every OpenPGP program reads: AES-256, integrity
// protected (MDC), no AEAD packets, no compression (it leaks lengths of secrets and gains little on
// mail).
#include "engine/keys_impl.hpp"
#include "engine/openpgp_packets.hpp"

#include <algorithm>
#include <ctime>

namespace pep::engine {

namespace {

constexpr auto signature_hash = "SHA256";

/// Add each live encryption (sub)key of a certificate; their key ids (16 hex digits), none if there
/// is no such key.
std::vector<std::string> add_recipient(rnp_op_encrypt_t op, const KeyView& view, std::time_t now) {
    std::vector<std::string> ids;
    for (const auto& part : view.parts)
        if (part.encrypts && view.usable(part, now) &&
            rnp_op_encrypt_add_recipient(op, part.handle.get()) == RNP_SUCCESS)
            ids.push_back(part.fpr.substr(part.fpr.size() - 2 * session_key_id_size));
    return ids;
}

/// Overwrite the key ids (hex) in the session key packets of a binary message with zeros. librnp
/// cannot be told to write them so.
void hide(std::string& message, const std::vector<std::string>& ids) {
    std::size_t at = 0;
    // They stand in front of the encrypted data, each with its length (RFC 4880, 4.2.2.4 and 11.3).
    for (auto packet = first_packet(message); packet && packet->tag == tag_pk_session_key;
         packet = first_packet(std::string_view{message}.substr(at))) {
        const auto id = packet->body.substr(
            std::min(session_key_id_at, packet->body.size()), session_key_id_size
        );
        if (std::find(ids.begin(), ids.end(), hex(id)) != ids.end())
            message.replace(
                static_cast<std::size_t>(id.data() - message.data()), id.size(), id.size(), '\0'
            );
        at += packet->whole.size();
    }
}

/// The text gets neither name nor date: the message in it says what there is to say.
bool set_up(rnp_op_encrypt_t op, bool armor) {
    return rnp_op_encrypt_set_cipher(op, "AES256") == RNP_SUCCESS &&
           rnp_op_encrypt_set_hash(op, signature_hash) == RNP_SUCCESS &&
           rnp_op_encrypt_set_compression(op, "Uncompressed", 0) == RNP_SUCCESS &&
           rnp_op_encrypt_set_armor(op, armor) == RNP_SUCCESS &&
           rnp_op_encrypt_set_file_name(op, "") == RNP_SUCCESS &&
           rnp_op_encrypt_set_file_mtime(op, 0) == RNP_SUCCESS;
}

/// Armor and packet headers on top of base64.
std::size_t armored_size(std::size_t size) { return size / 2 * 3 + 4096; }

/// What is encrypted, and for whom.
struct Work {
    const std::vector<std::string>&
        fprs; // NOLINT(cppcoreguidelines-avoid-const-or-ref-data-members)
    std::string_view text;
    Signing signing;
    Passphrase passphrase;
    const std::vector<std::string>&
        hidden; // NOLINT(cppcoreguidelines-avoid-const-or-ref-data-members)
};

/// Armored, unless recipients are to be hidden afterwards; their key ids.
Expected<std::vector<std::string>>
encrypt_into(KeyRing::Impl& ring, rnp_output_t output, const Work& work) {
    if (work.fprs.empty())
        return fail(PEP_ILLEGAL_VALUE, "nobody to encrypt to");
    if (auto ready = ring.cache.begin(work.passphrase); !ready)
        return fail(ready);
    const auto input = rnp::input_from(work.text);
    const auto op = rnp::make<rnp::EncryptOp>([&](auto* out) {
        return rnp_op_encrypt_create(out, ring.cache.ffi(), input.get(), output);
    });
    // librnp would armor the message before the key ids in it can be overwritten.
    if (!op || !set_up(op.get(), /*armor=*/work.hidden.empty()))
        return fail(PEP_UNKNOWN_ERROR, "the encryption cannot be set up");
    const auto now = std::time(nullptr);
    std::vector<std::string> hidden_ids;
    for (const auto& fpr : work.fprs) {
        const auto view = ring.view(fpr, Part::public_only);
        if (!view)
            return tl::make_unexpected(view.error());
        // librnp would take expired and revoked keys here and fail only later.
        const auto ids = add_recipient(op.get(), *view, now);
        if (ids.empty())
            return fail(PEP_KEY_UNSUITABLE, "a recipient's key cannot be encrypted to");
        // All of its subkeys: one that is named tells whose it is.
        if (std::find(work.hidden.begin(), work.hidden.end(), fpr) != work.hidden.end())
            hidden_ids.insert(hidden_ids.end(), ids.begin(), ids.end());
    }
    // Behind the recipients: if one of their keys is missing, no passphrase helps.
    if (work.signing == Signing::sign) {
        const auto signer = ring.signing_key(work.fprs.front());
        if (!signer)
            return tl::make_unexpected(signer.error());
        if (rnp_op_encrypt_add_signature(op.get(), signer->get(), nullptr) != RNP_SUCCESS)
            return fail(PEP_UNKNOWN_ERROR, "the key cannot sign");
    }
    if (rnp_op_encrypt_execute(op.get()) != RNP_SUCCESS)
        return fail(PEP_UNKNOWN_ERROR, "the encryption failed");
    return hidden_ids;
}

} // namespace

Expected<rnp::Key> KeyRing::Impl::signing_key(std::string_view fpr) {
    auto view = this->view(fpr, Part::with_secret);
    if (!view)
        return fail(view);
    const auto now = std::time(nullptr);
    bool unfit = false;
    auto outcome = Unlocked::yes; // of the failures, a wrong passphrase outranks a missing one
    for (auto& part : view->parts) {
        // A part may be elsewhere, as a primary key that is kept offline.
        if (!part.signs || !has_secret_material(part.handle.get()))
            continue;
        if (!view->usable(part, now)) {
            unfit = true;
            continue;
        }
        const auto unlocked = cache.unlock(part.handle.get());
        if (unlocked == Unlocked::yes)
            return std::move(part.handle);
        outcome = std::max(outcome, unlocked);
    }
    // A locked key that would do outranks one that is void: the user can open it.
    if (auto locked = usable(outcome); !locked)
        return fail(locked);
    if (unfit)
        return fail(PEP_KEY_UNSUITABLE, "the signing key is expired or revoked");
    return fail(PEP_KEY_NOT_FOUND, "no secret key to sign with");
}

Expected<std::string> KeyRing::encrypt(
    const std::vector<std::string>& fprs,
    std::string_view text,
    Signing signing,
    Passphrase passphrase,
    const std::vector<std::string>& hidden
) {
    rnp::Sink sink{armored_size(text.size())};
    const Work work{fprs, text, signing, passphrase, hidden};
    auto hidden_ids = encrypt_into(*impl_, sink.output(), work);
    if (!hidden_ids)
        return fail(hidden_ids);
    std::string message = sink.take();
    if (hidden.empty())
        return message;
    // The integrity protection covers the encrypted data only, not these packets.
    hide(message, *hidden_ids);
    std::string armor = rnp::armored(message, "message");
    if (armor.empty())
        return fail(PEP_OUT_OF_MEMORY, "the encrypted message cannot be armored");
    return armor;
}

Expected<Chars> KeyRing::encrypt_to_chars(
    const std::vector<std::string>& fprs,
    std::string_view text,
    Signing signing,
    Passphrase passphrase,
    const std::vector<std::string>& hidden
) {
    if (!hidden.empty()) { // rewritten, hence copied anyway
        auto message = encrypt(fprs, text, signing, passphrase, hidden);
        if (!message)
            return fail(message);
        return Chars{copy_chars(*message), message->size()};
    }
    // In memory the C API can hand out: with attachments this may be many megabytes.
    rnp::CharSink sink{armored_size(text.size())};
    const Work work{fprs, text, signing, passphrase, hidden};
    if (auto done = encrypt_into(*impl_, sink.output(), work); !done)
        return fail(done);
    Chars chars;
    chars.bytes.reset(sink.take(chars.size));
    if (!chars.bytes)
        return fail(PEP_OUT_OF_MEMORY, "no memory for the encrypted message");
    return chars;
}

Expected<std::string>
KeyRing::sign_detached(std::string_view text, std::string_view fpr, Passphrase passphrase) {
    if (auto ready = impl_->cache.begin(passphrase); !ready)
        return fail(ready);
    const auto signer = impl_->signing_key(fpr);
    if (!signer)
        return tl::make_unexpected(signer.error());
    const auto input = rnp::input_from(text);
    rnp::Sink sink{4096};
    const auto op = rnp::make<rnp::SignOp>([&](auto* out) {
        return rnp_op_sign_detached_create(out, impl_->cache.ffi(), input.get(), sink.output());
    });
    if (!op || rnp_op_sign_set_hash(op.get(), signature_hash) != RNP_SUCCESS ||
        rnp_op_sign_set_armor(op.get(), true) != RNP_SUCCESS ||
        rnp_op_sign_add_signature(op.get(), signer->get(), nullptr) != RNP_SUCCESS ||
        rnp_op_sign_execute(op.get()) != RNP_SUCCESS)
        return fail(PEP_UNKNOWN_ERROR, "the text cannot be signed");
    return sink.take();
}

Expected<void> KeyRing::probe(std::string_view fpr, Passphrase passphrase) {
    // Signer and recipient: an own key must do for both.
    auto done = encrypt({std::string{fpr}}, "test", Signing::sign, passphrase);
    if (!done)
        return fail(done);
    return {};
}

} // namespace pep::engine
