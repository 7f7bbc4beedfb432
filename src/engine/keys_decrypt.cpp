// Decrypting and verifying. Plaintext leaves this file only after librnp has seen the whole
// message, its integrity protection held and the cipher is not a weak one; otherwise it is wiped
// unseen.
#include "base/text.hpp"
#include "engine/key_verdict.hpp"
#include "engine/keys_impl.hpp"
#include "engine/openpgp_packets.hpp"

#include <algorithm>
#include <cctype>

namespace pep::engine {

namespace {

/// Twice what a request can hold; what unpacks to more is an attack.
constexpr std::size_t max_plaintext_bytes = std::size_t{128} << 20;

/// Hidden recipients times own keys that are tried: each costs an operation with a secret key, and
/// anybody can send thousands of them.
constexpr int max_hidden_attempts = 1'000;

/// Packets begin with a bit that ASCII does not have (RFC 4880, 4.2); armor may have text before
/// it.
bool looks_like_openpgp(std::string_view data) {
    return !data.empty() && ((static_cast<unsigned char>(data.front()) & 0x80) != 0 ||
                             data.find("-----BEGIN PGP MESSAGE") != std::string_view::npos);
}

/// 64-bit block ciphers are out (RFC 9580, 9.3), and so is everything without integrity protection.
bool trustworthy(rnp_op_verify_t op) {
    bool valid = false;
    char* raw_mode = nullptr;
    char* raw_cipher = nullptr;
    if (rnp_op_verify_get_protection_info(op, &raw_mode, &raw_cipher, &valid) != RNP_SUCCESS)
        return false;
    const auto own = [](char* text) {
        return std::unique_ptr<char, rnp::Destroy<rnp_buffer_destroy>>{text};
    };
    const auto mode_owner = own(raw_mode);
    const auto cipher_owner = own(raw_cipher);
    const std::string_view mode = raw_mode ? raw_mode : "";
    const std::string_view cipher = raw_cipher ? raw_cipher : "";
    const bool weak =
        cipher == "IDEA" || cipher == "TRIPLEDES" || cipher == "CAST5" || cipher == "BLOWFISH";
    return valid && !weak && (mode == "cfb-mdc" || mode.starts_with("aead-"));
}

/// librnp takes off signatures and compression, too, from messages that are no secret at all.
bool was_encrypted(rnp_op_verify_t op) {
    const auto mode = rnp::text([&](char** out) {
        return rnp_op_verify_get_protection_info(op, out, nullptr, nullptr);
    });
    return !mode.empty() && mode != "none";
}

/// The literal packet's name without what could be a path or mean something to a shell.
std::string file_name(rnp_op_verify_t op) {
    auto name =
        rnp::text([&](char** out) { return rnp_op_verify_get_file_info(op, out, nullptr); });
    if (!is_utf8(name))
        return {};
    std::replace_if(
        name.begin(),
        name.end(),
        [](char c) { return std::string_view{"/:\\%$`|"}.find(c) != std::string_view::npos; },
        '-'
    );
    return name;
}

/// Primary fingerprints of the recipients whose certificate is stored.
Expected<std::vector<std::string>> recipients(rnp_op_verify_t op, sqlite::Database& db) {
    std::vector<std::string> known;
    const auto count = rnp::value<std::size_t>([&](auto* out) {
        return rnp_op_verify_get_recipient_count(op, out);
    });
    for (std::size_t i = 0; i < count; ++i) {
        rnp_recipient_handle_t recipient = nullptr; // owned by the operation
        if (rnp_op_verify_get_recipient_at(op, i, &recipient) != RNP_SUCCESS)
            continue;
        const auto id =
            rnp::text([&](char** out) { return rnp_recipient_get_keyid(recipient, out); });
        auto certificates = certificates_with_id(db, id);
        if (!certificates)
            return fail(certificates);
        // Of several certificates with that id the first is taken, which is the user's if one is
        // his.
        if (!certificates->empty() &&
            std::find(known.begin(), known.end(), certificates->front()) == known.end())
            known.push_back(std::move(certificates->front()));
    }
    return known;
}

/// The best signature decides. Without a good one a revoked signer comes before an unfit one, and
/// that before a forgery.
PEP_STATUS decrypted_status(const Verdict& verdict) {
    if (!verdict.good.empty())
        return PEP_DECRYPTED_AND_VERIFIED;
    if (verdict.revoked > 0)
        return PEP_VERIFY_SIGNER_KEY_REVOKED;
    if (verdict.unfit > 0)
        return PEP_DECRYPTED;
    return verdict.wrong > 0 ? PEP_DECRYPT_SIGNATURE_DOES_NOT_MATCH : PEP_DECRYPTED;
}

/// The same order, for a signature beside its text.
PEP_STATUS verified_status(const Verdict& verdict) {
    if (verdict.total == 0)
        return PEP_VERIFY_NO_KEY;
    if (!verdict.good.empty())
        return PEP_VERIFIED;
    if (verdict.revoked > 0)
        return PEP_VERIFY_SIGNER_KEY_REVOKED;
    if (verdict.unfit > 0)
        return PEP_DECRYPTED;
    return verdict.wrong > 0 ? PEP_DECRYPT_SIGNATURE_DOES_NOT_MATCH : PEP_UNENCRYPTED;
}

/// Signers, or a single "" where nobody signed well.
std::vector<std::string> signers(Verdict& verdict) {
    return verdict.good.empty() ? std::vector<std::string>{""} : std::move(verdict.good);
}

/// Why librnp gave up, when it was not for a passphrase.
tl::unexpected<Error> refused(rnp_result_t result) {
    switch (result) {
    case RNP_ERROR_NO_SUITABLE_KEY:
    case RNP_ERROR_KEY_NOT_FOUND:
    case RNP_ERROR_BAD_PASSWORD: // encrypted with a password of its own
        return fail(PEP_DECRYPT_NO_KEY, "no key for this message");
    case RNP_ERROR_BAD_FORMAT:
        return fail(PEP_DECRYPT_WRONG_FORMAT, "not an OpenPGP message");
    case RNP_ERROR_OUT_OF_MEMORY:
        return fail(PEP_OUT_OF_MEMORY, "out of memory while decrypting");
    default:
        return fail(PEP_CANNOT_DECRYPT_UNKNOWN, "the message is damaged");
    }
}

/// Try to unlock what librnp asked for. After a success this saves the key derivation next time;
/// after a failure it tells a wrong passphrase from other faults.
Unlocked unlock_asked(KeyCache& cache) {
    auto outcome = Unlocked::yes;
    const auto asked = cache.asked();
    for (const auto& fpr : asked) {
        const auto key = rnp::locate(cache.ffi(), fpr);
        const auto unlocked = key ? cache.unlock(key.get()) : Unlocked::yes;
        if (unlocked == Unlocked::yes)
            return Unlocked::yes;
        outcome = std::max(outcome, unlocked);
    }
    return outcome;
}

/// One decryption with the keys at hand. The plaintext comes out only when all checks have passed.
Expected<Decrypted> attempt(KeyCache& cache, sqlite::Database& db, std::string_view message) {
    const auto input = rnp::input_from(message);
    rnp::Sink sink{std::min(message.size(), max_plaintext_bytes), max_plaintext_bytes};
    const auto op = rnp::make<rnp::VerifyOp>([&](auto* out) {
        return rnp_op_verify_create(out, cache.ffi(), input.get(), sink.output());
    });
    // Without the flag a message whose only signature is not good would fail altogether.
    if (!op || rnp_op_verify_set_flags(op.get(), RNP_VERIFY_IGNORE_SIGS_ON_DECRYPT) != RNP_SUCCESS)
        return fail(PEP_UNKNOWN_ERROR, "the decryption cannot be set up");
    const auto result = rnp_op_verify_execute(op.get());
    const auto unlocked = unlock_asked(cache);
    // That a key is locked says more than librnp's code.
    if (result != RNP_SUCCESS) {
        if (auto locked = usable(unlocked); !locked)
            return fail(locked);
        return refused(result);
    }
    if (!was_encrypted(op.get()))
        return fail(PEP_DECRYPT_WRONG_FORMAT, "the message is not encrypted");
    if (!trustworthy(op.get()))
        return fail(PEP_CANNOT_DECRYPT_UNKNOWN, "the message is not protected against changes");
    auto known = recipients(op.get(), db);
    if (!known)
        return fail(known);
    rnp_recipient_handle_t opener = nullptr; // owned by the operation
    if (rnp_op_verify_get_used_recipient(op.get(), &opener) == RNP_SUCCESS && opener != nullptr)
        cache.note_decryption(rnp::text([&](char** out) {
            return rnp_recipient_get_keyid(opener, out);
        }));
    auto verdict = judge(op.get(), cache.ffi());
    Decrypted decrypted;
    decrypted.status = decrypted_status(verdict);
    decrypted.keylist = signers(verdict);
    decrypted.keylist.insert(decrypted.keylist.end(), known->begin(), known->end());
    decrypted.filename = file_name(op.get());
    decrypted.plaintext = sink.take();
    return decrypted;
}

/// Offsets of the key ids of hidden recipients (all zero) in a binary message.
std::vector<std::size_t> hidden_recipients(std::string_view message) {
    std::vector<std::size_t> found;
    const auto* start = message.data();
    for (auto packet = first_packet(message); packet && packet->tag == tag_pk_session_key;
         packet = first_packet(message)) {
        const auto id = packet->body.substr(
            std::min(session_key_id_at, packet->body.size()), session_key_id_size
        );
        if (id == std::string(session_key_id_size, '\0'))
            found.push_back(static_cast<std::size_t>(id.data() - start));
        message.remove_prefix(packet->whole.size());
    }
    return found;
}

/// Key ids, binary, of all secret (sub)keys that decrypt.
Expected<std::vector<std::string>>
decryption_key_ids(KeyRing::Impl& ring, const std::vector<std::string>& own) {
    std::vector<std::string> ids;
    for (const auto& fpr : own) {
        auto view = ring.view(fpr, Part::with_secret);
        if (!view)
            return fail(view);
        for (const auto& part : view->parts) {
            // Revoked and expired ones as well: old mail stays readable.
            if (!part.encrypts || !has_secret_material(part.handle.get()))
                continue;
            std::string id; // the last octets of the fingerprint
            for (auto at = part.fpr.size() - 2 * session_key_id_size; at < part.fpr.size(); at += 2)
                id.push_back(static_cast<char>(std::stoi(part.fpr.substr(at, 2), nullptr, 16)));
            ids.push_back(std::move(id));
        }
    }
    return ids;
}

/// librnp does not try keys for recipients that are not named, so we name each of ours in turn.
Expected<Decrypted>
attempt_hidden(KeyRing::Impl& ring, std::string message, const std::vector<std::string>& own) {
    auto ids = decryption_key_ids(ring, own);
    if (!ids)
        return fail(ids);
    // What the user can mend is told first: a wrong passphrase, then a missing one.
    Expected<Decrypted> worst = fail(PEP_DECRYPT_NO_KEY, "no key for this message");
    int attempts = 0;
    for (const auto at : hidden_recipients(message)) {
        for (const auto& id : *ids) {
            if (++attempts > max_hidden_attempts)
                return worst;
            message.replace(at, id.size(), id);
            auto decrypted = attempt(ring.cache, *ring.db, message);
            if (decrypted)
                return decrypted;
            const auto status = status_of(decrypted.error());
            if (status == PEP_WRONG_PASSPHRASE ||
                (status == PEP_PASSPHRASE_REQUIRED &&
                 status_of(worst.error()) != PEP_WRONG_PASSPHRASE))
                worst = std::move(decrypted);
        }
        // As it came, before the next packet gets names.
        message.replace(at, session_key_id_size, session_key_id_size, '\0');
    }
    return worst;
}

} // namespace

Expected<Decrypted> KeyRing::decrypt(std::string_view ciphertext, Passphrase passphrase) {
    if (!looks_like_openpgp(ciphertext))
        return fail(PEP_DECRYPT_WRONG_FORMAT, "not an OpenPGP message");
    if (auto ready = impl_->cache.begin(passphrase); !ready)
        return fail(ready);
    // By the names in the message first, which costs a single operation.
    auto decrypted = attempt(impl_->cache, *impl_->db, ciphertext);
    if (decrypted || status_of(decrypted.error()) != PEP_DECRYPT_NO_KEY)
        return decrypted;
    auto binary = (static_cast<unsigned char>(ciphertext.front()) & 0x80) != 0
                      ? std::string{ciphertext}
                      : rnp::dearmored(ciphertext);
    if (hidden_recipients(binary).empty())
        return decrypted;
    auto own = find("", Which::secret_only);
    if (!own)
        return fail(own);
    return attempt_hidden(*impl_, std::move(binary), *own);
}

Expected<Verified> KeyRing::verify_detached(std::string_view text, std::string_view signature) {
    if (text.empty() || signature.empty())
        return Verified{PEP_DECRYPT_WRONG_FORMAT, {}};
    // No secret key is needed here.
    if (auto ready = impl_->cache.refresh(); !ready)
        return fail(ready);
    const auto data = rnp::input_from(text);
    const auto detached = rnp::input_from(signature);
    const auto op = rnp::make<rnp::VerifyOp>([&](auto* out) {
        return rnp_op_verify_detached_create(out, impl_->cache.ffi(), data.get(), detached.get());
    });
    if (!op)
        return fail(PEP_UNKNOWN_ERROR, "the verification cannot be set up");
    // The result says only whether all was well; the signatures say what was not.
    (void)rnp_op_verify_execute(op.get());
    auto verdict = judge(op.get(), impl_->cache.ffi());
    Verified verified;
    verified.status = verified_status(verdict);
    if (verdict.total > 0)
        verified.keylist = signers(verdict);
    return verified;
}

} // namespace pep::engine
