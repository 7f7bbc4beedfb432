// Engine messages 2.2: which part of a mail becomes body, html, subject or attachment.
#include "base/text.hpp"
#include "engine/backend/gmime.hpp"
#include "engine/guard.hpp"
#include "engine/mime_codec.hpp"
#include "engine/mime_header_reader.hpp"
#include "engine/mime_transfer.hpp"
#include "engine/mime_tree.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

namespace pep::engine {

namespace {

using namespace mime;

/// Where a part stands on the way to the inner message: its parent's second child, and so on from
/// the root.
enum class Place { root, second, elsewhere };

/// "" when absent, which means the same.
std::string parameter_of(const gmime::Parameters& parameters, std::string_view name) {
    const std::string* value = gmime::find_parameter(parameters, name);
    return value != nullptr ? *value : std::string{};
}

gmime::Disposition disposition_of(const Part& part) {
    return gmime::parse_disposition(part.header("Content-Disposition"));
}

bool is_marked_attachment(const Part& part) { return disposition_of(part).kind == "attachment"; }

/// The parameter tells the message in a wrapper from one that a person forwarded (3.4).
bool is_marked_message(const Part& part) {
    return (part.type.is("message", "rfc822") || part.type.is("text", "rfc822")) &&
           iequals(parameter_of(part.type.parameters, "forwarded"), "no");
}

/// Without the brackets; RFC 2045, 7.
std::string content_id_of(const Part& part) {
    std::string id = gmime::decode_header(part.header("Content-ID"));
    std::erase_if(id, [](char c) { return c == '<' || c == '>'; });
    return std::string{trim(id)};
}

/// `file://NAME`, `cid://ID`, or "". OpenPGP files are known by name even where they have an id.
std::string uri_of(const Part& part) {
    const auto is_openpgp = [](const std::string& name) {
        constexpr std::array<std::string_view, 4> endings{".pgp", ".gpg", ".asc", ".pep"};
        return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
            return to_lower(name).ends_with(ending);
        });
    };
    const std::string filename = parameter_of(disposition_of(part).parameters, "filename");
    const std::string name = parameter_of(part.type.parameters, "name");
    for (const std::string& candidate : {filename, name})
        if (is_openpgp(candidate))
            return "file://" + candidate;
    if (const std::string id = content_id_of(part); !id.empty())
        return "cid://" + id;
    const std::string& any = filename.empty() ? name : filename;
    return any.empty() ? std::string{} : "file://" + any;
}

std::string charset_of(const Part& part) {
    return std::string{trim(parameter_of(part.type.parameters, "charset"))};
}

std::string text_of(const Part& part) {
    const gmime::Bytes bytes =
        gmime::decode_transfer(part.body, part.header("Content-Transfer-Encoding"));
    return body_text(bytes.view(), charset_of(part));
}

/// Bytes of an attachment. A text part without a name is no file, but a body that found no place:
/// it is converted as bodies are, since nothing else would keep its charset.
gmime::Bytes content_of(const Part& part, bool named) {
    gmime::Bytes bytes =
        gmime::decode_transfer(part.body, part.header("Content-Transfer-Encoding"));
    const std::string charset = charset_of(part);
    if (named || charset.empty() || !part.type.is_type("text") || is_utf8(bytes.view()))
        return bytes;
    const std::string text = gmime::to_utf8(bytes.view(), charset);
    return gmime::decode_transfer(text, "binary"); // a copy
}

/// Fills the message of a Decoded from a tree. A body that is empty ("") is there, one that is null
/// is not: what the next part becomes depends on it.
class Decoder {
  public:
    explicit Decoder(Decoded& result) : result_(result), msg_(*result.msg) {}

    void run(const Part& root) {
        read_headers(root.headers, msg_);
        visit(root, Place::root);
        // Only at the end is it sure that there is no other body.
        raise_armored_body();
    }

  private:
    void visit(const Part& part, Place place) {
        if (!part.is_multipart())
            leaf(part, place);
        else if (part.type.is("multipart", "alternative"))
            alternative(part);
        else if (part.type.is("multipart", "encrypted"))
            encrypted(part);
        else
            // Whatever it is called: RFC 2046, 5.1.3 has unknown multiparts read as mixed.
            for (const Part& child : part.children)
                visit(
                    child,
                    place != Place::elsewhere && &child == part.children.data() + 1
                        ? Place::second
                        : Place::elsewhere
                );
    }

    void leaf(const Part& part, Place place) {
        // The tests stand in the order of the table in 2.2, and their order matters.
        const bool no_text = msg_.longmsg == nullptr;
        const bool no_body = no_text && msg_.longmsg_formatted == nullptr;
        const bool marked = is_marked_attachment(part);
        if (part.raw.empty()) {
            return; // two boundary lines in a row
        } else if (place == Place::second && is_marked_message(part)) {
            attach(part);
            result_.has_possible_pep_msg = true;
        } else if (part.type.is("text", "html") && !marked && no_body) {
            msg_.longmsg_formatted = c_copy(text_of(part));
        } else if (part.type.is("text", "plain") && !marked && no_body) {
            msg_.longmsg = c_copy(text_of(part));
        } else if (part.type.is("text", "rfc822-headers")) {
            protected_subject(part);
        } else if (part.type.is_type("text") && !part.type.is("text", "plain") && !marked && no_text) {
            msg_.longmsg = c_copy(text_of(part));
        } else {
            attach(part);
        }
    }

    /// The first text and the first html, in any order; here the disposition does not count.
    void alternative(const Part& part) {
        for (const Part& child : part.children) {
            if (child.raw.empty())
                continue;
            const bool no_html = msg_.longmsg_formatted == nullptr;
            if (child.type.is("text", "plain") && msg_.longmsg == nullptr)
                msg_.longmsg = c_copy(text_of(child));
            else if (child.type.is("text", "html") && no_html)
                msg_.longmsg_formatted = c_copy(text_of(child));
            else if (child.is_multipart() && child.type.is("multipart", "related") && no_html)
                related_html(child);
            else if (child.type.is("text", "rfc822-headers"))
                protected_subject(child);
            else
                attach_all(child);
        }
    }

    /// The html may stand anywhere in it; the `start` of RFC 2387 is not asked.
    void related_html(const Part& related) {
        for (const Part& child : related.children) {
            if (child.type.is("text", "html") && msg_.longmsg_formatted == nullptr)
                msg_.longmsg_formatted = c_copy(text_of(child));
            else
                attach_all(child);
        }
    }

    void encrypted(const Part& part) {
        // Present from now on: a text beside the ciphertext is not shown in place of what is
        // inside.
        if (msg_.longmsg == nullptr)
            msg_.longmsg = c_copy("");
        attach_all(part);
    }

    void attach_all(const Part& part) {
        if (part.is_multipart())
            for (const Part& child : part.children)
                attach_all(child);
        else if (!part.raw.empty())
            attach(part);
    }

    void attach(const Part& part) {
        const std::string uri = uri_of(part);
        gmime::Bytes bytes = content_of(part, !uri.empty());
        // Old p≡p engines wrote such a part for an empty list of attachments.
        if (bytes.size == 0 && uri.empty() && part.type.is("application", "octet-stream"))
            return;
        // Behind the last node: from the first one, each addition would walk the whole list.
        bloblist_t* added = bloblist_add(
            last_attachment_,
            bytes.value.get(),
            bytes.size,
            part.type.name().c_str(),
            uri.empty() ? nullptr : uri.c_str()
        );
        if (added == nullptr)
            throw std::bad_alloc{};
        // The node owns them now.
        (void)bytes.value.release();
        last_attachment_ = added;
        if (msg_.attachments == nullptr)
            msg_.attachments = added;
    }

    /// Engines declare an inline encrypted body application/octet-stream. It is one nevertheless,
    /// but where a control part tells that it is PGP/MIME torn apart.
    void raise_armored_body() {
        const bloblist_t* first = msg_.attachments;
        if (msg_.longmsg != nullptr || msg_.longmsg_formatted != nullptr || first == nullptr ||
            first->filename != nullptr || !iequals(first->mime_type, "application/octet-stream") ||
            !trim({first->value, first->size}).starts_with("-----BEGIN PGP MESSAGE-----"))
            return;
        for (const bloblist_t* blob = first; blob != nullptr; blob = blob->next)
            if (iequals(blob->mime_type, "application/pgp-encrypted"))
                return;
        // First the copy, then the node it was made from goes.
        msg_.longmsg = c_copy(body_text({first->value, first->size}));
        bloblist_t* rest = msg_.attachments->next;
        msg_.attachments->next = nullptr;
        free_bloblist(std::exchange(msg_.attachments, rest));
    }

    /// The "memory hole" form: a part whose text repeats its own header, then the hidden fields.
    void protected_subject(const Part& part) {
        // The form was made with LF; on the way mails get CRLF.
        const std::string text = with_lf(std::string{part.raw});
        constexpr std::string_view mark =
            "Content-Type: text/rfc822-headers; protected-headers=\"v1\"\nContent-Disposition: "
            "inline\n\n";
        const std::size_t begin = text.find(mark);
        if (begin == std::string::npos)
            return;
        constexpr std::string_view key = "Subject: ";
        std::size_t at = begin + mark.size();
        // Only at the start of a line; a last line without line break ends the search.
        while (at < text.size() && !std::string_view{text}.substr(at).starts_with(key))
            at = std::min(text.find('\n', at), text.size() - 1) + 1;
        if (at >= text.size())
            return;
        at += key.size();
        const std::string value = text.substr(at, std::min(text.find('\n', at), text.size()) - at);
        // Made before the old one goes, since it may throw.
        char* subject = c_copy(gmime::decode_header(value));
        pEp_free(msg_.shortmsg);
        msg_.shortmsg = subject;
    }

    Decoded& result_;
    message& msg_;
    bloblist_t* last_attachment_ = nullptr;
};

} // namespace

Expected<Decoded> decode_mime(std::string_view text) {
    std::string converted; // lines that end with CR alone are none to the parser
    if (text.find('\n') == std::string_view::npos && text.find('\r') != std::string_view::npos) {
        converted = text;
        std::replace(converted.begin(), converted.end(), '\r', '\n');
        text = converted;
    }
    const auto tree = parse_tree(text);
    if (!tree)
        return tl::make_unexpected(tree.error());
    Decoded result;
    result.msg.reset(new_message(PEP_dir_incoming));
    if (!result.msg)
        return fail(PEP_OUT_OF_MEMORY, "out of memory");
    // If memory runs out the result frees what was made so far.
    Decoder{result}.run(*tree);
    return result;
}

std::string body_text(std::string_view bytes, std::string_view charset) {
    std::string text = gmime::to_utf8(bytes, charset);
    // Behind a text it is no content: some programs count the end of their C string.
    while (text.ends_with('\0'))
        text.pop_back();
    // In a C string a NUL would hide what follows.
    for (std::size_t at = text.find('\0'); at != std::string::npos; at = text.find('\0', at))
        text.replace(at, 1, "\xEF\xBF\xBD");
    return with_lf(std::move(text));
}

std::string signed_part(std::string_view text) {
    const auto tree = parse_tree(text);
    // RFC 3156, 5: exactly two parts, and the second is the signature.
    const bool is_signed = tree && tree->type.is("multipart", "signed") &&
                           tree->children.size() == 2 &&
                           tree->children.back().type.is("application", "pgp-signature");
    return is_signed ? with_crlf(tree->children.front().raw) : std::string{};
}

} // namespace pep::engine
