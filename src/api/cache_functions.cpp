// The message cache: functions on messages whose bodies stay in the server. Their id travels as the
// first field in opt_fields; it is taken out before the engine sees the message, since it must not
// get into a mail.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/examples/message_cache.hpp"
#include "api/message_cache.hpp"
#include "api/message_calls.hpp"
#include "api/types/status.hpp"
#include "marshal/fault.hpp"
#include "pEp/mime.h"

#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace pep::api {

namespace {

using namespace rpc;
using EncryptFlags = marshal::Flags<PEP_encrypt_flags>;
using DecryptFlags = marshal::Flags<PEP_decrypt_flags>;
// A status is a result of the call; what is no value at all becomes a JSON-RPC error.
using Status = Expected<PEP_STATUS>;

constexpr const char* id_field = "X-pEp-Adapter-Cache-ID";

bool is_empty(const char* text) { return text == nullptr || *text == '\0'; }

/// From malloc, since the message it goes into is freed by the engine. NULL of NULL; throws when
/// there is no memory.
char* copy_of(const char* text) {
    char* copy = text != nullptr ? strdup(text) : nullptr;
    if (text != nullptr && copy == nullptr)
        throw std::bad_alloc{};
    return copy;
}

// Header names are compared without case (RFC 5322), and a client may have put the id twice.
/// Remove the id from a message and tell it; "" if it has none.
std::string take_id(message& msg) {
    std::string id;
    while (const auto* found = stringpair_list_find_case_insensitive(msg.opt_fields, id_field)) {
        if (id.empty())
            id = found->value->value;
        const marshal::Owned<char> key{copy_of(found->value->key)}; // in the client's spelling
        msg.opt_fields = stringpair_list_delete_by_key(msg.opt_fields, key.get());
    }
    return id;
}

/// In front of all others: that is where clients look for it.
void put_id(message& msg, const std::string& id) {
    marshal::Owned<stringpair_t> pair{new_stringpair(id_field, id.c_str())};
    stringpair_list_t* head = pair != nullptr ? new_stringpair_list(pair.get()) : nullptr;
    if (head == nullptr)
        throw std::bad_alloc{};
    (void)pair.release();
    head->next = std::exchange(msg.opt_fields, head);
}

/// Clients keep their own mistakes apart from the engine's statuses by this error.
tl::unexpected<Error> refuse_id(marshal::Fault fault, const char* parameter) {
    const marshal::Path root;
    const auto params = root.field("params");
    const auto src = params.field(parameter);
    return marshal::refuse(
        src.field("opt_fields"), fault, std::string{id_field} + " with the id of a cached message"
    );
}

/// A cached message during a call: the given message has the cached source as its bodies, and none
/// afterwards.
class SourceInPlace {
  public:
    SourceInPlace(MessageCache::Loan& loan, message& given) : loan_(&loan), given_(&given) {
        const Bodies placeholders = Bodies::out_of(given);
        loan.source().swap_with(given);
    }

    SourceInPlace(const SourceInPlace&) = delete;
    SourceInPlace(SourceInPlace&&) = delete;
    SourceInPlace& operator=(const SourceInPlace&) = delete;
    SourceInPlace& operator=(SourceInPlace&&) = delete;

    ~SourceInPlace() { loan_->source() = Bodies::out_of(*given_); }

  private:
    MessageCache::Loan* loan_; // of the caller, whose scope this is in
    message* given_;
};

/// What clients see of a decrypted message: its text, else its HTML.
void show_preview(message& dst, const Bodies& bodies) {
    if (bodies.text() != nullptr)
        dst.longmsg = copy_of(bodies.text());
    else
        dst.longmsg_formatted = copy_of(bodies.html());
}

enum class Preview { none, text };

// The source must be back in its place by then: what the entry may grow by depends on its size.
/// Move the bodies of `dst`, if there is one, into the cache as result.
Expected<void> keep_result(MessageCache::Loan& loan, message* dst, Preview preview) {
    if (dst == nullptr)
        return loan.set_result(std::nullopt);
    Bodies bodies = Bodies::out_of(*dst);
    if (preview == Preview::text)
        show_preview(*dst, bodies);
    put_id(*dst, loan.id());
    return loan.set_result(std::move(bodies));
}

Status decode_and_cache(
    PEP_SESSION session, Context* context, const char* mimetext, std::size_t size, message** msg
) {
    const auto status = mime_decode_message(session, mimetext, size, msg, nullptr);
    if (status != PEP_STATUS_OK)
        return status;
    message& light = **msg;
    Bodies bodies = Bodies::out_of(light);
    // Existing clients take a message with neither subject nor body for a broken one.
    if (is_empty(light.shortmsg)) {
        if (bodies.text() == nullptr && bodies.html() != nullptr)
            light.longmsg_formatted = copy_of("<pEp/>");
        else
            light.longmsg = copy_of("pEp");
    }
    auto id = context->service().cached_messages().keep(std::move(bodies));
    if (!id)
        return fail(id);
    put_id(light, *id);
    return status;
}

/// Encrypt the cached message `src` stands for by `call(dst)`.
template <class Call>
Status encrypt_cached(Context* context, message* src, message** dst, Call call) {
    if (src == nullptr)
        return refuse_id(marshal::Fault::missing, "src");
    const auto id = take_id(*src);
    if (id.empty())
        return refuse_id(marshal::Fault::missing, "src");
    auto loan = context->service().cached_messages().borrow(id);
    if (!loan)
        return refuse_id(marshal::Fault::unknown_value, "src");
    PEP_STATUS status = PEP_UNKNOWN_ERROR;
    {
        const SourceInPlace in_place{*loan, *src};
        status = call(dst);
    }
    put_id(*src, id); // after a failure, too: the client may repeat the call with what it gets
    if (auto kept = keep_result(*loan, *dst, Preview::none); !kept)
        return fail(kept);
    return status;
}

Status encrypt_cached_message(
    PEP_SESSION session,
    Context* context,
    message* src,
    stringlist_t* extra,
    message** dst,
    PEP_enc_format enc_format,
    PEP_encrypt_flags_t flags
) {
    return encrypt_cached(context, src, dst, [&](message** result) {
        return encrypt_message(session, src, extra, result, enc_format, flags);
    });
}

Status encrypt_cached_message_for_self(
    PEP_SESSION session,
    Context* context,
    pEp_identity* target_id,
    message* src,
    stringlist_t* extra,
    message** dst,
    PEP_enc_format enc_format,
    PEP_encrypt_flags_t flags
) {
    return encrypt_cached(context, src, dst, [&](message** result) {
        return encrypt_message_for_self(session, target_id, src, extra, result, enc_format, flags);
    });
}

/// Outlook sends the two parts of an encrypted mail the wrong way round; RFC 3156 4 has the control
/// part first. They stay in order in the cache.
void put_parts_in_order(bloblist_t* first) {
    bloblist_t* second = first != nullptr ? first->next : nullptr;
    const auto is = [](const bloblist_t* blob, std::string_view type) {
        return blob->mime_type != nullptr && blob->mime_type == type;
    };
    if (second == nullptr || second->next != nullptr || !is(first, "application/octet-stream") ||
        !is(second, "application/pgp-encrypted"))
        return;
    std::swap(*first, *second);
    std::swap(first->next, second->next);
}

Status decrypt_cached_message(
    PEP_SESSION session,
    Context* context,
    message* src,
    message** dst,
    stringlist_t** keylist,
    PEP_rating* rating,
    PEP_decrypt_flags_t* flags
) {
    const auto id = src != nullptr ? take_id(*src) : std::string{};
    if (id.empty()) // a status here, an error where messages are encrypted: so clients know it
        return PEP_ILLEGAL_VALUE;
    auto loan = context->service().cached_messages().borrow(id);
    if (!loan)
        return refuse_id(marshal::Fault::unknown_value, "src");
    PEP_STATUS status = PEP_UNKNOWN_ERROR;
    {
        const SourceInPlace in_place{*loan, *src};
        put_parts_in_order(src->attachments);
        status = decrypt(session, src, dst, keylist, rating, flags);
    }
    put_id(*src, id);
    if (auto kept = keep_result(*loan, *dst, Preview::text); !kept)
        return fail(kept);
    return status;
}

/// `which` of a cached message.
enum { cached_source = 0, cached_result = 1 };

Status encode_cached_message(
    PEP_SESSION session, Context* context, int which, message* msg, bool omit_fields, char** text
) {
    const auto id = msg != nullptr ? take_id(*msg) : std::string{};
    if (id.empty() || (which != cached_source && which != cached_result))
        return PEP_ILLEGAL_VALUE;
    auto& cache = context->service().cached_messages();
    auto loan = cache.borrow(id);
    if (!loan)
        return refuse_id(marshal::Fault::unknown_value, "msg");
    Bodies* bodies = which == cached_source ? &loan->source() : loan->result();
    if (bodies == nullptr) // neither encrypted nor decrypted
        return PEP_ILLEGAL_VALUE;
    // Bodies the client sent along are ignored: those in the cache count.
    const Bodies placeholders = Bodies::out_of(*msg);
    bodies->swap_with(*msg);
    const auto status = mime_encode_message(session, msg, omit_fields, text, false);
    bodies->swap_with(*msg);
    if (status == PEP_STATUS_OK) // else the client may try again
        cache.release(id);
    return status;
}

/// An unknown id is fine: the message may have gone by itself.
PEP_STATUS release_cached_message(Context* context, const char* id) {
    context->service().cached_messages().release(id);
    return PEP_STATUS_OK;
}

constexpr std::string_view id_doc =
    "the message as a cache function gave it, with X-pEp-Adapter-Cache-ID in opt_fields; its "
    "bodies and attachments are those in the cache";

constexpr FunctionMap functions{
    "Message cache",
    // MIME needs no key, so neither this one nor its opposite tries passphrases.
    function<&decode_and_cache>(
        "cache_mime_decode_message",
        "As mime_decode_message, but bodies and attachments stay in the server's message cache: "
        "the message comes back without them, with X-pEp-Adapter-Cache-ID as first of its "
        "opt_fields. The cache holds cached_messages, at most cached_message_bytes; one that is "
        "not used for cached_message_idle_ms goes.",
        Session{},
        Self{},
        In{"mimetext", "RFC 5322 text"},
        InLength{},
        Out{"msg", "the message without bodies; only if there is no subject, with a short one"}
    )
        .example(examples::cache_mime_decode_message),
    function<&encrypt_cached_message>(
        "cache_encrypt_message",
        "As encrypt_message, on a cached message. The result stays in the cache as well.",
        Session{},
        Self{},
        InOut{"src", id_doc},
        In{"extra", "fingerprints of keys to encrypt to as well", nullable},
        Out{"dst", "the encrypted message without bodies; null if it stays in the clear"},
        In{"enc_format", "how the encrypted message is packed"},
        In<EncryptFlags>{"flags", "bits of PEP_encrypt_flags", nullable}
    )
        .with(retry_passphrases)
        .example(examples::cache_encrypt_message),
    function<&encrypt_cached_message_for_self>(
        "cache_encrypt_message_for_self",
        "As encrypt_message_for_self, on a cached message. The result stays in the cache as well.",
        Session{},
        Self{},
        In{"target_id", "own identity that can read it"},
        In{"src", id_doc},
        In{"extra", "keys of the organisation, for identities of one", nullable},
        Out{"dst", "the encrypted message without bodies"},
        In{"enc_format", "how the encrypted message is packed"},
        In<EncryptFlags>{"flags", "bits of PEP_encrypt_flags", nullable}
    )
        .with(retry_passphrases)
        .example(examples::cache_encrypt_message_for_self),
    function<&decrypt_cached_message>(
        "cache_decrypt_message",
        "As decrypt_message, on a cached message. The result stays in the cache as well.",
        Session{},
        Self{},
        InOut{"src", id_doc},
        Out{"dst", "the decrypted message with its text, else its HTML, and without attachments"},
        InOut{
            "keylist",
            "in: null, or extra keys; out: signer's fingerprint (\"\" if none), then recipients'",
            nullable | lenient_in_legacy},
        Out{"rating", "how the message was protected"},
        InOut<DecryptFlags>{"flags", "bits of PEP_decrypt_flags", nullable | lenient_in_legacy}
    )
        .with(retry_passphrases)
        .example(examples::cache_decrypt_message),
    function<&encode_cached_message>(
        "cache_mime_encode_message",
        "MIME text of a cached message, which is dropped from the cache then.",
        Session{},
        Self{},
        In{"which", "0: as it came into the cache; 1: as it was encrypted or decrypted"},
        In{"msg", id_doc},
        In{"omit_fields", "true: MIME headers only"},
        Out{"mimetext", "RFC 5322 text, 7 bit, CRLF"}
    )
        .example(examples::cache_mime_encode_message),
    function<&release_cached_message>(
        "cache_release",
        "Drop a cached message.",
        Self{},
        In{"cache_id", "value of X-pEp-Adapter-Cache-ID; an unknown one is fine"}
    )
        .example(examples::cache_release),
};

} // namespace

MapView cache_functions() { return functions; }

} // namespace pep::api
