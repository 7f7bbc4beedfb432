// Engine messages 2.1: a message as MIME text, written front to back into one string.
#include "base/random.hpp"
#include "base/text.hpp"
#include "engine/backend/gmime.hpp"
#include "engine/guard.hpp"
#include "engine/mime_codec.hpp"
#include "engine/mime_header_reader.hpp"
#include "engine/mime_header_writer.hpp"
#include "engine/mime_protected.hpp"
#include "engine/mime_transfer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace pep::engine {

namespace {

using namespace mime;

constexpr std::string_view pep_subject = "p\u2261p";

std::string_view view(const char* text) { return text != nullptr ? text : ""; }

std::string_view view(const bloblist_t& blob) { return {blob.value, blob.size}; }

enum class Around { nothing, alternative }; ///< what a text part stands in

/// Writes one message. For one use: what is written is moved out at the end.
class Encoder {
  public:
    Encoder(const message& msg, bool marks_message)
        : msg_(msg), marks_message_(marks_message), headers_(out_) {}

    Expected<std::string> run(bool omit_fields) {
        // A text that grows is copied, and leaves plaintext behind in memory.
        out_.reserve(expected_size());
        if (!omit_fields)
            if (auto written = fields(); !written)
                return fail(written);
        headers_.text("MIME-Version", "1.0");
        auto written = msg_.enc_format == PEP_enc_PGP_MIME || msg_.enc_format == PEP_enc_PEP
                           ? encrypted()
                           : plain();
        if (!written)
            return fail(written);
        return std::move(out_);
    }

    /// RFC 9788, 2.2: the same entity, but with the header of `inside`, and with what `outside`
    /// shows of it.
    Expected<std::string> run_protected(const message& inside, const message& outside) {
        // Both by the writer of all headers: a reader compares the copy with what it received.
        Expected<std::string> shown = Encoder{outside, false}.header();
        if (!shown)
            return shown;
        Expected<std::string> hidden = Encoder{inside, false}.header();
        if (!hidden)
            return hidden;
        out_ = std::move(*hidden);
        // One HP-Outer for each field, with the lines it is folded into.
        for (const std::string_view line : split(*shown, '\n')) {
            if (line.empty())
                continue;
            const bool folded = line.front() == ' ' || line.front() == '\t';
            out_.append(folded ? "" : "HP-Outer: ").append(line).append("\n");
        }
        root_is_protected_ = true;
        return run(/*omit_fields=*/true);
    }

  private:
    /// Enough for any attachments and for Latin text; of other scripts quoted-printable makes up to
    /// three times as many bytes.
    [[nodiscard]] std::size_t expected_size() const {
        std::size_t size =
            8192 + 2 * (view(msg_.longmsg).size() + view(msg_.longmsg_formatted).size());
        for (const bloblist_t* blob = msg_.attachments; blob != nullptr; blob = blob->next)
            size += 512 + blob->size / 57 * 78 + 78; // base64 with line ends
        return size;
    }

    // ---- header fields ----

    Expected<std::string> header() {
        if (auto written = fields(); !written)
            return fail(written);
        return std::move(out_);
    }

    Expected<void> fields() {
        // In the order in which the engine 3.3 writes them (2.1).
        const bool has_from = msg_.from != nullptr && !missing(msg_.from->address);
        if (!missing(msg_.id))
            headers_.id("Message-ID", msg_.id);
        if (msg_.sent != nullptr)
            headers_.date("Date", *msg_.sent);
        if (has_from)
            if (auto written = headers_.address("From", *msg_.from); !written)
                return written;
        if (auto written = headers_.addresses("To", msg_.to); !written)
            return written;
        // Peers take it for "no subject visible here", as with an encrypted one.
        headers_.text("Subject", missing(msg_.shortmsg) ? pep_subject : view(msg_.shortmsg));
        if (auto written = headers_.addresses("Cc", msg_.cc); !written)
            return written;
        if (auto written = headers_.addresses("Bcc", msg_.bcc); !written)
            return written;
        if (auto written = headers_.addresses("Reply-To", msg_.reply_to); !written)
            return written;
        headers_.ids("In-Reply-To", msg_.in_reply_to);
        headers_.ids("References", msg_.references);
        headers_.phrases("Keywords", msg_.keywords);
        if (!missing(msg_.comments))
            headers_.text("Comments", msg_.comments);
        return opt_fields();
    }

    /// Fields that the members of the message gave already, or that describe its structure, are
    /// left out: two of them would let sender and reader see different mails.
    Expected<void> opt_fields() {
        const std::size_t end_of_members = out_.size();
        for (const auto* node = msg_.opt_fields; node != nullptr; node = node->next) {
            if (node->value == nullptr)
                continue;
            const std::string_view name = view(node->value->key);
            if (!is_field_name(name))
                return fail(PEP_ILLEGAL_VALUE, "an opt_fields entry has no valid header name");
            if (!is_structure_field(name) && !is_written(name, end_of_members))
                headers_.text(name, view(node->value->value));
        }
        return {};
    }

    /// Does the text up to `end` have a field of that name? Folded lines begin with a blank, and so
    /// with no name.
    [[nodiscard]] bool is_written(std::string_view name, std::size_t end) const {
        const std::string_view written{out_.data(), end};
        for (std::size_t line = 0; line < end; line = written.find('\n', line) + 1) {
            const std::string_view at = written.substr(line);
            if (at.size() > name.size() && at[name.size()] == ':' && istarts_with(at, name))
                return true;
        }
        return false;
    }

    // ---- the tree: each function writes the header fields of an entity, a blank line, its body
    // ----

    Expected<void> plain() {
        std::vector<const bloblist_t*> inline_parts;
        std::vector<const bloblist_t*> attached;
        const bool has_html = !missing(msg_.longmsg_formatted);
        for (const bloblist_t* blob = msg_.attachments; blob != nullptr; blob = blob->next) {
            if (blob->value == nullptr)
                continue; // the empty list
            const bool is_inline = blob->disposition == PEP_CONTENT_DISP_INLINE;
            // Without html there is nothing an inline part could be related to.
            (is_inline && has_html ? inline_parts : attached).push_back(blob);
        }
        if (attached.empty()) {
            body(inline_parts);
            return {};
        }
        // The wrapped message is no part of a page, whatever comes before it.
        const auto marked =
            std::find_if(attached.begin(), attached.end(), [](const bloblist_t* blob) {
                return blob->disposition != PEP_CONTENT_DISP_INLINE;
            });
        const std::string boundary = open_multipart("mixed");
        part(boundary);
        body(inline_parts);
        for (auto blob = attached.begin(); blob != attached.end(); ++blob) {
            part(boundary);
            if (marks_message_ && blob == marked) {
                if (auto written = marked_message(**blob); !written)
                    return written;
            } else {
                attachment(**blob);
            }
        }
        close_multipart(boundary);
        return {};
    }

    void body(const std::vector<const bloblist_t*>& inline_parts) {
        if (missing(msg_.longmsg_formatted)) {
            text("text/plain", view(msg_.longmsg), Around::nothing);
        } else if (missing(msg_.longmsg)) {
            html(inline_parts, Around::nothing);
        } else {
            const std::string boundary = open_multipart("alternative");
            part(boundary);
            text("text/plain", view(msg_.longmsg), Around::alternative);
            part(boundary);
            html(inline_parts, Around::alternative);
            close_multipart(boundary);
        }
    }

    void html(const std::vector<const bloblist_t*>& inline_parts, Around around) {
        if (inline_parts.empty()) {
            text("text/html", view(msg_.longmsg_formatted), around);
            return;
        }
        // RFC 2387: the root comes first, then what it refers to.
        const std::string boundary = open_multipart("related");
        part(boundary);
        text("text/html", view(msg_.longmsg_formatted), Around::nothing);
        for (const bloblist_t* blob : inline_parts) {
            part(boundary);
            attachment(*blob);
        }
        close_multipart(boundary);
    }

    void text(std::string_view type, std::string_view raw, Around around) {
        // The charset is stated, so it must be true, whatever the caller handed over.
        const std::string valid = is_utf8(raw) ? std::string{} : gmime::repair_utf8(raw);
        const std::string_view body = valid.empty() ? raw : std::string_view{valid};
        const bool encode = needs_encoding(body);
        // 2.1: the decoder takes such a part back as the body.
        const bool armored =
            type == "text/plain" && trim(body).starts_with("-----BEGIN PGP MESSAGE-----");
        headers_.open("Content-Type", armored ? "application/octet-stream" : type);
        // A lone 7 bit text is US-ASCII, as RFC 2045, 5.2 has it without a charset.
        const bool only_plain = type == "text/plain" && around == Around::nothing;
        if (!armored && (encode || !only_plain))
            headers_.parameter("charset", "utf-8");
        headers_.close();
        if (encode)
            headers_.text("Content-Transfer-Encoding", "quoted-printable");
        else if (around == Around::nothing)
            headers_.text("Content-Transfer-Encoding", "7bit");
        out_ += "\r\n";
        if (encode)
            append_quoted_printable(out_, body);
        else
            append_lines(out_, body);
    }

    /// The message inside a wrapper: its bytes must arrive as they are.
    Expected<void> marked_message(const bloblist_t& blob) {
        // Without a transfer encoding there is no way to send one.
        if (view(blob).find('\0') != std::string_view::npos)
            return fail(PEP_CANNOT_ENCODE, "the attached message is binary");
        content_type(blob, /*marked=*/true);
        disposition(blob);
        out_ += "\r\n";
        out_ += view(blob);
        return {};
    }

    void attachment(const bloblist_t& blob) {
        const std::string_view bytes = view(blob);
        const std::string_view type = view(blob.mime_type);
        // Lone LFs would arrive as CRLF: fine for the line oriented parts of RFC 3156, not for
        // files.
        const bool lines = iequals(type, "application/pgp-signature") ||
                           iequals(type, "application/pgp-encrypted");
        const bool encode = needs_encoding(bytes) || (!lines && has_bare_lf(bytes));
        content_type(blob, /*marked=*/false);
        if (encode)
            headers_.text("Content-Transfer-Encoding", "base64");
        disposition(blob);
        out_ += "\r\n";
        if (encode)
            append_base64(out_, bytes);
        else
            append_lines(out_, bytes);
    }

    void content_type(const bloblist_t& blob, bool marked) {
        // The caller's text goes into a header: it is read and written anew, never copied.
        const std::string_view wanted = view(blob.mime_type);
        const gmime::ContentType type = gmime::parse_content_type(wanted);
        const auto is_token = [](std::string_view text) {
            return !text.empty() && text.size() < 128 &&
                   std::all_of(text.begin(), text.end(), [](char c) {
                       return c > 32 && c < 127 &&
                              std::string_view{"()<>@,;:\\\"/[]?="}.find(c) ==
                                  std::string_view::npos;
                   });
        };
        // A multipart or what is no type at all could not be read back as one attachment.
        const bool one_line =
            std::none_of(wanted.begin(), wanted.end(), [](char c) { return c >= 0 && c < 32; });
        const bool usable = one_line && wanted.find('/') != std::string_view::npos &&
                            is_token(type.type) && is_token(type.subtype) &&
                            !type.is_type("multipart");
        headers_.open("Content-Type", usable ? type.name() : "application/octet-stream");
        for (const auto& [name, value] : type.parameters)
            // `forwarded` is for wrapped messages alone, and `name` would compete with the file
            // name.
            if (usable && is_token(name) && name.size() < 64 && name != "forwarded" &&
                name != "name")
                headers_.parameter(name, value);
        if (marked)
            headers_.parameter("forwarded", "no");
        headers_.close();
    }

    void disposition(const bloblist_t& blob) {
        if (missing(blob.filename))
            return;
        std::string_view name = view(blob.filename);
        if (name.starts_with("cid://")) {
            // Known by its id, it needs no name (2.1).
            headers_.id("Content-ID", name.substr(6));
            headers_.text("Content-Disposition", "inline");
            return;
        }
        if (const std::size_t scheme = name.find("://"); scheme != std::string_view::npos)
            name.remove_prefix(scheme + 3);
        headers_.open("Content-Disposition", "attachment");
        headers_.parameter("filename", name);
        headers_.close();
    }

    /// RFC 3156 4; the second attachment is the OpenPGP message.
    Expected<void> encrypted() {
        const bloblist_t* blob = msg_.attachments != nullptr ? msg_.attachments->next : nullptr;
        if (blob == nullptr || blob->value == nullptr)
            return fail(PEP_ILLEGAL_VALUE, "an encrypted message needs two attachments");
        std::string_view armor = view(*blob);
        // Some programs count the end of their C string.
        while (armor.ends_with('\0'))
            armor.remove_suffix(1);
        // It goes out as it is, and 7bit is what the header below says.
        if (!is_ascii(armor) || armor.find('\0') != std::string_view::npos)
            return fail(PEP_CANNOT_ENCODE, "the OpenPGP message is not armored");
        const std::string boundary = open_multipart("encrypted", "application/pgp-encrypted");
        part(boundary);
        out_ += "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1";
        part(boundary);
        out_ += "Content-Type: application/octet-stream\r\n"
                "Content-Transfer-Encoding: 7bit\r\n"
                "Content-Disposition: inline; filename=\"msg.asc\"\r\n\r\n";
        append_lines(out_, armor);
        close_multipart(boundary);
        return {};
    }

    // ---- multiparts ----

    std::string open_multipart(std::string_view subtype, std::string_view protocol = {}) {
        const std::string boundary = new_boundary();
        headers_.open("Content-Type", "multipart/" + std::string{subtype});
        if (!protocol.empty())
            headers_.parameter("protocol", protocol);
        headers_.parameter("boundary", boundary);
        // RFC 9788: the mark is on the root, the first one to be opened.
        if (std::exchange(root_is_protected_, false))
            headers_.parameter("hp", "cipher");
        headers_.close();
        return boundary;
    }

    static std::string new_boundary() {
        constexpr std::string_view digits = "0123456789abcdef";
        // 128 bits: no body can hold the boundary, not even one that was made to.
        const auto bytes = random_bytes(16);
        if (!bytes)
            throw std::bad_alloc{}; // a system without random numbers cannot go on
        std::string boundary;
        for (const char c : *bytes) {
            const auto byte = static_cast<unsigned char>(c);
            boundary += {digits[byte >> 4U], digits[byte & 15U]};
        }
        return boundary;
    }

    /// The line break belongs to the boundary line, or, before the first, ends the header.
    void part(const std::string& boundary) { out_ += "\r\n--" + boundary + "\r\n"; }

    void close_multipart(const std::string& boundary) { out_ += "\r\n--" + boundary + "--\r\n"; }

    const message& msg_;
    bool marks_message_;
    bool root_is_protected_ = false; // until it is written
    std::string out_;
    HeaderWriter headers_;
};

} // namespace

Expected<std::string> encode_mime(const message& msg, bool omit_fields, bool has_pep_msg) {
    switch (msg.enc_format) {
    case PEP_enc_none:
    case PEP_enc_inline:
    case PEP_enc_PGP_MIME:
    case PEP_enc_PEP:
        return Encoder{msg, has_pep_msg && msg.enc_format != PEP_enc_inline}.run(omit_fields);
    // No default: a new format must be decided upon here.
    case PEP_enc_S_MIME:
    case PEP_enc_PGP_MIME_Outlook1:
    case PEP_enc_inline_EA:
    case PEP_enc_auto:
        break;
    }
    return fail(PEP_ILLEGAL_VALUE, "messages of this format are not written as MIME");
}

Expected<std::string>
encode_protected(const message& entity, const message& inside, const message& outside) {
    return Encoder{entity, /*marks_message=*/true}.run_protected(inside, outside);
}

} // namespace pep::engine
