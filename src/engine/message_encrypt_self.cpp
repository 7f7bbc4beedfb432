// See the header. Nothing here asks what partners can read: the newest layout is always right.
#include "engine/message_encrypt_self.hpp"

#include "base/text.hpp"
#include "engine/guard.hpp"
#include "engine/identities.hpp"
#include "engine/key_validity.hpp"
#include "engine/message_encrypt.hpp"
#include "engine/message_format.hpp"
#include "engine/message_seal.hpp"
#include "engine/message_wrap.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

/// The ending, and the type octet-stream, make receivers decrypt it and import what is inside
/// (6.3).
constexpr const char* own_key_uri = "file://pEpkey.asc.pgp";

/// The key of the one who is to read it.
Expected<std::string> reader_key(pEp_session_& session, pEp_identity& target) {
    if (!missing(target.address)) {
        auto completed = myself(session, target, Generate::yes, Renew::yes, Write::yes);
        if (!completed)
            return fail(completed);
    }
    // Without an address nothing was looked up: the caller chose the key.
    auto fpr = normalised_fpr(view(target.fpr));
    if (fpr.empty())
        return fail(PEP_ILLEGAL_VALUE, "neither address nor key says whom to encrypt to");
    return fpr;
}

/// The layout for PGP/MIME. `dst` has id and addresses already; subject and content are added.
Expected<void> wrap_for_self(
    pEp_session_& session,
    Context& context,
    const message& src,
    const Recipients& recipients,
    PEP_encrypt_flags_t flags,
    message& dst
) {
    Wrapping wrapping;
    wrapping.version = own_version;
    wrapping.id = dst.id;
    wrapping.bcc = Wrapping::Bcc::kept;
    // Behind the first, which is the reader's, stand those of the organisation.
    wrapping.extra_keys = joined({recipients.fprs.begin() + 1, recipients.fprs.end()});
    // Encrypted again, the message is signed by an own key; inside it still names the one that had
    // signed it, since its rating follows from that. An unsigned draft names nobody.
    if (!missing(src._sender_fpr))
        wrapping.sender_fpr = src._sender_fpr;
    else if (recipients.signing == Signing::sign)
        wrapping.sender_fpr = recipients.fprs.front();
    // 4.8: the setting is for received mail; the subject of a draft is never outside.
    const bool shown = session.unencrypted_subject && (flags & PEP_encrypt_reencrypt) != 0;
    assign(dst.shortmsg, shown ? view(src.shortmsg) : placeholder_subject);
    auto entity = wrapped_entity(src, nullptr, wrapping, dst);
    if (!entity)
        return fail(entity);
    return seal(context.keys, std::move(*entity), recipients, dst);
}

/// From and To are the same own address, and nobody else reads along.
Expected<void> check_is_to_self(pEp_session_& session, const message& src) {
    const auto refuse = [] {
        return fail(PEP_ILLEGAL_VALUE, "own keys go from the user to himself only");
    };
    if (src.from == nullptr || missing(src.from->address) || !is_sync_with_self(src))
        return refuse();
    auto mine = is_mine(session, *src.from);
    if (!mine)
        return fail(mine);
    // The address alone is enough: callers need not know the own user id.
    auto own_address = is_own_address(session, src.from->address);
    if (!own_address)
        return fail(own_address);
    return *mine || *own_address ? Expected<void>{} : refuse();
}

/// Has the user confirmed that this key is his, too?
Expected<void> check_is_confirmed(pEp_session_& session, const std::string& fpr) {
    // Any key in the store could be asked for otherwise, and its owner would get the secret one.
    auto own = own_user_id(session);
    if (!own)
        return fail(own);
    auto trust = trust_of(session, own->c_str(), fpr);
    if (!trust)
        return fail(trust);
    if ((*trust & PEP_ct_confirmed) == 0)
        return fail(PEP_ILLEGAL_VALUE, "the user has not confirmed the key of that device");
    return {};
}

/// The own secret key as an attachment, encrypted for [own, other device].
/// It stays closed also when the message around it is stored decrypted.
Expected<OwnedBlobs> encrypted_own_key(
    pEp_session_& session, Context& context, const std::string& own, const std::string& to_fpr
) {
    auto exported = context.keys.export_secret(own);
    if (!exported)
        return fail(exported);
    const Plaintext secret{std::move(*exported)};
    auto armored =
        context.keys.encrypt({own, to_fpr}, secret.text(), Signing::sign, passphrase_of(session));
    if (!armored)
        return fail(armored);
    return make_blob(*armored, "application/octet-stream", own_key_uri);
}

/// An attachment that a message has for the time of a scope.
class LentKey {
  public:
    LentKey(message& msg, OwnedBlobs blob) : msg_(msg), blob_(blob.get()) {
        append(msg.attachments, std::move(blob));
    }

    LentKey(const LentKey&) = delete;
    LentKey& operator=(const LentKey&) = delete;

    /// Finds its node, not one of that name: a file of the caller's may be called the same.
    ~LentKey() {
        for (bloblist_t** link = &msg_.attachments; *link != nullptr; link = &(*link)->next) {
            if (*link == blob_) {
                drop_blob(*link);
                return;
            }
        }
    }

  private:
    message& msg_; // NOLINT(cppcoreguidelines-avoid-const-or-ref-data-members)
    const bloblist_t* blob_;
};

} // namespace

Expected<OwnedMessage> encrypt_for_self(
    pEp_session_& session,
    pEp_identity& target,
    const message& src,
    const stringlist_t* extra,
    PEP_enc_format format,
    PEP_encrypt_flags_t flags
) {
    if (format == PEP_enc_none || !is_known(format))
        return fail(PEP_ILLEGAL_VALUE, "no such format to encrypt to");
    if (detect_format(src) != PEP_enc_none)
        return fail(PEP_ILLEGAL_VALUE, "the message is encrypted already");
    auto context = session.context();
    if (!context)
        return fail(context);
    auto reader = reader_key(session, target);
    if (!reader)
        return fail(reader);
    Recipients recipients;
    recipients.fprs.push_back(std::move(*reader));
    // As in encrypt(): extra keys of others are left out, without an error.
    if ((target.flags & PEP_idf_org_ident) != 0)
        for (const std::string& fpr : fprs_of(extra))
            if (std::find(recipients.fprs.begin(), recipients.fprs.end(), fpr) ==
                recipients.fprs.end())
                recipients.fprs.push_back(fpr);
    recipients.passphrase = passphrase_of(session);
    // Encrypting alone needs no secret part, so nothing else would ask for the passphrase.
    if ((flags & PEP_encrypt_flag_force_unsigned) != 0) {
        recipients.signing = Signing::no_signature;
        if (auto open = check_key_is_open(session, **context, recipients.fprs.front()); !open)
            return fail(open);
    }

    OwnedMessage dst{new_message(PEP_dir_outgoing)};
    if (!dst)
        throw std::bad_alloc{};
    assign(dst->id, missing(src.id) ? new_message_id(src.from) : src.id);
    // No Bcc: it is inside, where only the user sees it.
    dst->from = duplicate(src.from, identity_dup);
    dst->to = duplicate(src.to, identity_list_dup);
    dst->cc = duplicate(src.cc, identity_list_dup);
    dst->sent = duplicate(src.sent, timestamp_dup);
    Expected<void> done;
    if (format == PEP_enc_inline || format == PEP_enc_inline_EA) {
        assign(dst->shortmsg, view(src.shortmsg)); // inline never protects the subject
        done = encrypt_pieces(**context, src, nullptr, recipients, format, *dst);
        dst->enc_format = format;
    } else {
        done = wrap_for_self(session, **context, src, recipients, flags, *dst);
    }
    if (!done)
        return fail(done);
    set_field(*dst, header::version, own_version.text());
    return dst;
}

Expected<PEP_STATUS> encrypt_with_own_key(
    pEp_session_& session,
    message& src,
    const std::string& to_fpr,
    OwnedMessage& dst,
    PEP_enc_format format,
    PEP_encrypt_flags_t flags
) {
    auto context = session.context();
    if (!context)
        return fail(context);
    if (format == PEP_enc_none)
        return fail(PEP_ILLEGAL_VALUE, "a key is never sent unencrypted");
    // Whoever fails one of the checks has not made us touch the secret key yet.
    if (auto good = check_is_to_self(session, src); !good)
        return fail(good);
    if (auto good = check_is_confirmed(session, to_fpr); !good)
        return fail(good);
    if (auto completed = myself(session, *src.from, Generate::no, Renew::yes, Write::yes);
        !completed)
        return fail(completed);
    const std::string own{view(src.from->fpr)};
    auto key = encrypted_own_key(session, **context, own, to_fpr);
    if (!key)
        return fail(key);

    // Lent only: what the caller goes on working with should hold no secret, encrypted or not.
    const LentKey lent{src, std::move(*key)};
    // Both keys: the identity in To stands for one of them only, its default.
    const OwnedStrings extra{new_stringlist(own.c_str())};
    if (!extra || stringlist_add(extra.get(), to_fpr.c_str()) == nullptr)
        throw std::bad_alloc{};
    return encrypt(session, src, extra.get(), dst, format, flags);
}

} // namespace pep::engine
