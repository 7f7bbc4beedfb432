// Layouts of encrypted messages (see the header).
#include "engine/message_wrap.hpp"

#include "engine/mime_codec.hpp"
#include "engine/mime_protected.hpp"

namespace pep::engine {

namespace {

/// The body of the envelope. Programs without p≡p may show nothing else of the message.
constexpr std::string_view explanation =
    "This message was encrypted with p\xE2\x89\xA1p (https://pep.software). If you are seeing this "
    "message,\n"
    "your client does not support raising message attachments. Please click on the message "
    "attachment\n"
    "to view it, or better yet, consider using p\xE2\x89\xA1p!\n";

/// The first line of a body in format 2.0.
std::string info_line(std::string_view info) {
    return std::string{info_line_key} + ": " + std::string{info} + "\n\n";
}

/// `src` with the engine's fields, as MIME text with header.
Expected<std::string> inner_text(const message& src, const Wrapping& wrapping) {
    OwnedMessage fields{new_message(PEP_dir_outgoing)};
    if (!fields)
        throw std::bad_alloc{};
    // Copied, because they change; all else of the source is lent.
    fields->opt_fields = duplicate(src.opt_fields, stringpair_list_dup);
    // The source may be a received message, with what its sender said of himself.
    drop_engine_fields(fields->opt_fields);
    set_field(*fields, header::version, own_version.text());
    if (!wrapping.extra_keys.empty())
        set_field(*fields, header::extra_keys, wrapping.extra_keys);
    set_field(*fields, header::message_version, wrapping.version.text());
    set_field(*fields, header::wrapped_info, wrapping.info);
    if (!wrapping.sender_fpr.empty())
        set_field(*fields, header::sender_fpr, wrapping.sender_fpr);

    // A shallow copy: what is changed belongs to this function, all else stays the caller's.
    message inner = src;
    inner.enc_format = PEP_enc_none;
    if (wrapping.bcc == Wrapping::Bcc::left_out)
        inner.bcc = nullptr;
    inner.opt_fields = fields->opt_fields;
    std::string id = wrapping.id;
    if (view(src.id).empty())
        inner.id = id.data();
    // Wiped at the end: format 2.0 needs a copy of the whole text.
    Plaintext body{std::string{}};
    if (wrapping.version < Version{2, 1}) {
        body.text() = info_line("INNER");
        body.text() += view(src.longmsg);
        inner.longmsg = body.text().data();
    }
    LentAttachments attachments;
    attachments.add_all(src.attachments);
    inner.attachments = attachments.head();
    return encode_mime(inner, /*omit_fields=*/false, /*has_pep_msg=*/false);
}

/// Of header protection only what people read: fields of programs are in the inner message.
message shown_header(const message& msg, std::string& id) {
    message shown = msg; // shallow
    shown.opt_fields = nullptr;
    shown.bcc = nullptr;
    if (view(shown.id).empty())
        shown.id = id.data();
    return shown;
}

} // namespace

void drop_engine_fields(stringpair_list_t*& fields) {
    for (const char* name :
         {header::version,
          header::message_version,
          header::wrapped_info,
          header::sender_fpr,
          header::extra_keys,
          header::enc_status,
          header::key_list})
        drop_field(fields, name);
}

Expected<std::string>
plain_entity(const message& src, const bloblist_t* keys, bool subject_inside) {
    message entity = src; // shallow, as above
    entity.enc_format = PEP_enc_none;
    std::string text;
    if (subject_inside && !is_placeholder_subject(view(src.shortmsg)))
        text = std::string{subject_line_key} + ": " + src.shortmsg + "\n\n";
    Plaintext body{std::move(text)};
    // The text is copied only for the line in front of it.
    if (!body.text().empty()) {
        body.text() += view(src.longmsg);
        entity.longmsg = body.text().data();
    }
    LentAttachments attachments;
    attachments.add_all(src.attachments);
    attachments.add_all(keys);
    entity.attachments = attachments.head();
    return encode_mime(entity, /*omit_fields=*/true, /*has_pep_msg=*/false);
}

Expected<std::string> wrapped_entity(
    const message& src, const bloblist_t* keys, const Wrapping& wrapping, const message& outside
) {
    auto text = inner_text(src, wrapping);
    if (!text)
        return text;
    Plaintext inner{std::move(*text)};
    std::string type = "message/rfc822";
    std::string body{
        wrapping.version < Version{2, 1} ? info_line("OUTER") : std::string{explanation}};
    LentAttachments attachments;
    // Behind the body: receivers take the second part for it (2.2).
    attachments.add(inner.text(), type);
    attachments.add_all(keys);
    // Made of views into the strings above, which outlive it; never freed.
    message envelope{};
    envelope.dir = PEP_dir_outgoing;
    envelope.longmsg = body.data();
    envelope.attachments = attachments.head();
    if (wrapping.version < Version{2, 1})
        // Header protection begins with 2.1.
        return encode_mime(envelope, /*omit_fields=*/true, /*has_pep_msg=*/true);
    std::string id = wrapping.id;
    return encode_protected(envelope, shown_header(src, id), shown_header(outside, id));
}

} // namespace pep::engine
