// Encrypting a message (see the header).
#include "engine/message_encrypt.hpp"

#include "base/text.hpp"
#include "engine/autocrypt.hpp"
#include "engine/guard.hpp"
#include "engine/identities.hpp"
#include "engine/key_validity.hpp"
#include "engine/message_format.hpp"
#include "engine/message_inline.hpp"
#include "engine/message_keys.hpp"
#include "engine/message_seal.hpp"
#include "engine/message_survey.hpp"
#include "engine/message_wrap.hpp"
#include "engine/payload_message.hpp"
#include "engine/ratings.hpp"
#include "engine/receiver_rating.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

/// Is the same file, by name and bytes, in the list already?
bool holds_blob(const bloblist_t* list, const bloblist_t& blob) {
    for (; list != nullptr; list = list->next)
        if (view(list->filename) == view(blob.filename) && bytes_of(*list) == bytes_of(blob))
            return true;
    return false;
}

/// The message goes out as it is (engine messages 4.5).
Expected<PEP_STATUS> leave_unencrypted(
    pEp_session_& session,
    Context& context,
    message& src,
    const Survey& survey,
    PEP_encrypt_flags_t flags
) {
    const bool attach = (survey.pep_user || !session.passive_mode) &&
                        (flags & PEP_encrypt_flag_force_no_attached_key) == 0;
    if (attach) {
        auto keys = own_key_attachments(context, src.from->fpr);
        if (!keys)
            return fail(keys);
        // Encrypting the same message again must not attach the key twice: receivers take neither.
        if (!holds_blob(src.attachments, **keys))
            append(src.attachments, std::move(*keys));
    }
    set_field(src, header::version, own_version.text());
    announce_key(session, context, *src.from, src, flags);
    return PEP_UNENCRYPTED;
}

/// One message being encrypted, once everything about its recipients is settled.
class Encryption {
  public:
    Encryption(
        pEp_session_& session,
        Context& context,
        const message& src,
        Survey survey,
        std::vector<std::string> extra,
        PEP_encrypt_flags_t flags
    )
        : session_(&session), context_(&context), src_(&src), survey_(std::move(survey)),
          extra_(std::move(extra)), flags_(flags) {}

    /// The message in `format`, which is neither none nor auto any more. The source is only read.
    /// Errors are those of keys (locked, missing, unfit) and of what cannot be written as MIME.
    Expected<OwnedMessage> run(PEP_enc_format format) {
        // Passive mode is about mail in the clear only: encrypted mail brings the key always (4.5).
        OwnedBlobs keys;
        if ((flags_ & PEP_encrypt_flag_force_no_attached_key) == 0) {
            auto attached = own_key_attachments(*context_, src_->from->fpr);
            if (!attached)
                return fail(attached);
            keys = std::move(*attached);
        }
        OwnedMessage dst{new_message(PEP_dir_outgoing)};
        if (!dst)
            throw std::bad_alloc{};
        const Recipients recipients = this->recipients();
        Expected<void> done;
        if (format == PEP_enc_inline || format == PEP_enc_inline_EA) {
            fill_header(*dst);
            assign(dst->shortmsg, view(src_->shortmsg)); // inline never protects the subject
            done = encrypt_pieces(*context_, *src_, keys.get(), recipients, format, *dst);
            dst->enc_format = format;
        } else {
            done =
                wraps() ? wrap(keys.get(), recipients, *dst) : plain(keys.get(), recipients, *dst);
        }
        if (!done)
            return fail(done);
        decorate(*dst);
        return dst;
    }

  private:
    /// 4.2: a message within a message is for p≡p programs only. One recipient of another kind,
    /// hidden or not, decides for all, since all get the same ciphertext.
    [[nodiscard]] bool wraps() const {
        return (flags_ & PEP_encrypt_flag_force_version_1) == 0 && survey_.version.major >= 2 &&
               (survey_.weakest | PEP_ct_confirmed) == PEP_ct_pEp;
    }

    /// Keys without repetition; the sender's stays first, since the first one signs.
    [[nodiscard]] Recipients recipients() const {
        Recipients recipients;
        const auto add = [&](const std::string& fpr) {
            auto& fprs = recipients.fprs;
            if (std::find(fprs.begin(), fprs.end(), fpr) == fprs.end())
                fprs.push_back(fpr);
        };
        add(survey_.fprs.front());
        std::for_each(extra_.begin(), extra_.end(), add);
        std::for_each(survey_.fprs.begin(), survey_.fprs.end(), add);
        // Who is in To or Cc as well is named there anyway.
        const std::size_t shown = recipients.fprs.size();
        std::for_each(survey_.hidden.begin(), survey_.hidden.end(), add);
        // A single one has nobody to hide from.
        if (survey_.hidden.size() > 1 || survey_.fprs.size() > 1)
            recipients.hidden.assign(recipients.fprs.begin() + shown, recipients.fprs.end());
        // Never hidden: where a media key is used there is no Bcc (8.1).
        if (!survey_.media_key.empty())
            add(survey_.media_key);
        if ((flags_ & PEP_encrypt_flag_force_unsigned) != 0)
            recipients.signing = Signing::no_signature;
        recipients.passphrase = passphrase_of(*session_);
        return recipients;
    }

    /// Everything of the source's header but Bcc and what only the engine may say.
    void fill_header(message& dst) const {
        copy_envelope(dst, *src_);
        free_identity_list(dst.bcc);
        dst.bcc = nullptr;
        drop_engine_fields(dst.opt_fields);
    }

    Expected<void> wrap(const bloblist_t* keys, const Recipients& recipients, message& dst) const {
        // The envelope has an id of its own; one that the source has stays inside.
        assign(dst.id, new_message_id(src_->from));
        Wrapping wrapping;
        wrapping.version = survey_.version;
        // Release 2.1 takes that mark for its own, former kind of key reset.
        if ((flags_ & PEP_encrypt_flag_key_reset_only) != 0 && survey_.version > Version{2, 1})
            wrapping.info = "KEY_RESET";
        wrapping.sender_fpr = src_->from->fpr;
        wrapping.extra_keys = joined(extra_);
        wrapping.id = dst.id;
        // Outside only what transport needs: no date, no references.
        dst.from = duplicate(src_->from, identity_dup);
        dst.to = duplicate(src_->to, identity_list_dup);
        dst.cc = duplicate(src_->cc, identity_list_dup);
        assign(dst.shortmsg, placeholder_subject);
        if (is_auto_consumed(*src_)) // to be hidden without being decrypted
            mark_auto_consumed(dst);
        auto entity = wrapped_entity(*src_, keys, wrapping, dst);
        if (!entity)
            return fail(entity);
        return seal(context_->keys, std::move(*entity), recipients, dst);
    }

    /// 3.2: the header stays outside, but for the subject, which only a setting of the session
    /// shows there.
    Expected<void> plain(const bloblist_t* keys, const Recipients& recipients, message& dst) const {
        const bool outside = session_->unencrypted_subject;
        auto entity = plain_entity(*src_, keys, /*subject_inside=*/!outside);
        if (!entity)
            return fail(entity);
        fill_header(dst);
        assign(dst.shortmsg, outside ? view(src_->shortmsg) : placeholder_subject);
        return seal(context_->keys, std::move(*entity), recipients, dst);
    }

    /// 4.6: the rating is that of the recipients when they were looked up for this message, so it
    /// and the choice of layout cannot disagree.
    void decorate(message& dst) const {
        dst.rating = survey_.any ? rate_recipients(survey_.weakest) : PEP_rating_undefined;
        if (!survey_.media_key.empty())
            dst.rating = PEP_rating_media_key_protected;
        set_field(dst, header::version, own_version.text());
        if (dst.rating != PEP_rating_undefined)
            set_field(dst, header::enc_status, rating_to_string(dst.rating));
    }

    pEp_session_* session_; // borrowed for the call
    Context* context_;
    const message* src_;
    Survey survey_;
    std::vector<std::string> extra_;
    PEP_encrypt_flags_t flags_;
};

/// Extra keys belong to organisations, and to the devices of one user.
std::vector<std::string> allowed_extra(const message& src, const stringlist_t* extra) {
    // Others are not refused; their extra keys just do not count (4.1, step 3).
    const bool allowed = (src.from->flags & PEP_idf_org_ident) != 0 || is_sync_with_self(src);
    return allowed ? fprs_of(extra) : std::vector<std::string>{};
}

/// The sender's key is made or renewed if need be, other than those of the recipients. A locked
/// key, or one that cannot be made, is an error.
Expected<void> complete_sender(pEp_session_& session, pEp_identity& from) {
    if (missing(from.user_id)) {
        const auto id = own_user_id(session);
        assign(from.user_id, id && !id->empty() ? *id : PEP_OWN_USERID);
    }
    auto completed = myself(session, from, Generate::yes, Renew::yes, Write::yes);
    if (completed && missing(from.fpr))
        return fail(PEP_GET_KEY_FAILED, "the sender has no key");
    return completed;
}

} // namespace

bool is_known(PEP_enc_format format) {
    return format == PEP_enc_none || format == PEP_enc_inline || format == PEP_enc_inline_EA ||
           format == PEP_enc_PGP_MIME || format == PEP_enc_PEP || format == PEP_enc_auto;
}

bool is_sync_with_self(const message& src) {
    const auto empty = [](const identity_list* list) { return identity_list_length(list) == 0; };
    return identity_list_length(src.to) == 1 && empty(src.cc) && empty(src.bcc) &&
           src.to->ident != nullptr &&
           iequals(view(src.to->ident->address), view(src.from->address));
}

std::vector<std::string> fprs_of(const stringlist_t* list) {
    std::vector<std::string> fprs;
    for (; list != nullptr; list = list->next)
        if (!missing(list->value))
            fprs.push_back(normalised_fpr(list->value));
    return fprs;
}

Expected<void> check_key_is_open(pEp_session_& session, Context& context, const std::string& fpr) {
    auto probed = context.keys.probe(fpr, passphrase_of(session));
    if (probed)
        return {};
    // A key that is missing or void fails once more where it is used, if it is used at all.
    const PEP_STATUS status = status_of(probed.error());
    const bool locked = status == PEP_PASSPHRASE_REQUIRED || status == PEP_WRONG_PASSPHRASE ||
                        status == PEP_PASSPHRASE_FOR_NEW_KEYS_REQUIRED;
    return locked || status == PEP_OUT_OF_MEMORY ? probed : Expected<void>{};
}

Expected<PEP_STATUS> encrypt(
    pEp_session_& session,
    message& src,
    const stringlist_t* extra,
    OwnedMessage& dst,
    PEP_enc_format format,
    PEP_encrypt_flags_t flags
) {
    src.rating = PEP_rating_undefined;
    if (src.from == nullptr || missing(src.from->address) || src.dir != PEP_dir_outgoing)
        return fail(PEP_ILLEGAL_VALUE, "an outgoing message with a sender is needed");
    if (!is_known(format))
        return fail(PEP_ILLEGAL_VALUE, "no such format to encrypt to");
    if (detect_format(src) != PEP_enc_none)
        return fail(PEP_ILLEGAL_VALUE, "the message is encrypted already");
    // Signed by an own key, but bound to no message: a partner could put it on another.
    drop_receiver_rating(src);

    auto context = session.context();
    if (!context)
        return fail(context);
    // Until something is written, all look-ups see one state of the database.
    const sqlite::Snapshot reads{(*context)->store.db()};
    if (auto completed = complete_sender(session, *src.from); !completed)
        return fail(completed);
    auto survey = survey_recipients(session, src);
    if (!survey)
        return fail(survey);
    // Behind the survey: it completes the identities, and with them their preferences.
    const PEP_enc_format settled = settle_format(session, src, format);
    const bool encryptable = settled != PEP_enc_none && survey->encryptable();

    // Signing tells when the sender's key is locked; where nothing gets signed it must be asked.
    if (!encryptable || (flags & PEP_encrypt_flag_force_unsigned) != 0) {
        if (auto open = check_key_is_open(session, **context, src.from->fpr); !open)
            return fail(open);
    }
    if (!encryptable) {
        // The second try of 8.1: a gateway protects what no key of the recipients does.
        if (settled != PEP_enc_none && !survey->unreachable)
            survey->media_key = common_media_key(session, **context, src);
        if (survey->media_key.empty())
            return leave_unencrypted(session, **context, src, *survey, flags);
    }

    // The Autocrypt field belongs to the outer header, where other programs look for it.
    withdraw_key(session, src);
    Encryption encryption{
        session, **context, src, std::move(*survey), allowed_extra(src, extra), flags};
    // With a media key the format is always PEP, whatever was asked for (8.1).
    auto encrypted = encryption.run(encryptable ? settled : PEP_enc_PEP);
    if (!encrypted)
        return fail(encrypted);
    dst = std::move(*encrypted);
    announce_key(session, **context, *src.from, *dst, flags);
    assign(src._sender_fpr, src.from->fpr);
    if (missing(src.id) && dst->id != nullptr)
        assign(src.id, dst->id); // what its receivers will know it by
    return PEP_STATUS_OK;
}

} // namespace pep::engine
