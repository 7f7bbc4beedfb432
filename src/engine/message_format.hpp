// What a message looks like on the wire, without any cryptography: names and texts of the formats,
// how an encrypted message is recognised, and small edits of the C structure. Pure functions.
#pragma once

#include "engine/owned.hpp"
#include "pEp/message.h"

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pep::engine {

/// A p≡p protocol or message version; 0.0 is unknown and the smallest.
struct Version {
    unsigned major = 0;
    unsigned minor = 0;

    friend auto operator<=>(const Version&, const Version&) = default;
    [[nodiscard]] std::string text() const;
};

inline constexpr Version own_version{3, 3};

/// "2.1" and the like; anything else is 0.0.
[[nodiscard]] Version parse_version(std::string_view text);

/// Header fields the engine writes.
namespace header {
inline constexpr const char* version = "X-pEp-Version";
inline constexpr const char* message_version = "X-pEp-Message-Version";
inline constexpr const char* wrapped_info = "X-pEp-Wrapped-Message-Info";
inline constexpr const char* sender_fpr = "X-pEp-Sender-FPR";
inline constexpr const char* extra_keys = "X-pEp-extra-keys";
inline constexpr const char* enc_status = "X-EncStatus";
inline constexpr const char* key_list = "X-KeyList";
inline constexpr const char* auto_consume = "pEp-auto-consume";
} // namespace header

/// Subject shown outside of an encrypted mail.
inline constexpr const char* placeholder_subject = "p\xE2\x89\xA1p";
inline constexpr const char* encrypted_body =
    "this message was encrypted with p\xE2\x89\xA1p https://pEp-project.org";
inline constexpr const char* sender_key_uri = "file://sender_key.asc";
inline constexpr const char* revoked_key_uri = "file://revoked_key.asc";
inline constexpr std::string_view pgp_message_line = "-----BEGIN PGP MESSAGE-----";
inline constexpr std::string_view info_line_key = "pEp-Wrapped-Message-Info";
inline constexpr std::string_view subject_line_key = "Subject";

/// Which encrypted form a message has, or none (engine messages 6.2).
[[nodiscard]] PEP_enc_format detect_format(const message& msg);

/// The ciphertext of a message of that form, without a trailing NUL; a view into it.
[[nodiscard]] std::string_view ciphertext_of(const message& msg, PEP_enc_format format);

/// NULL, empty or one of the placeholders of former and present releases.
[[nodiscard]] bool is_placeholder_subject(std::string_view subject);

/// Bytes of an attachment; a NUL that some decoders count is not part of them.
[[nodiscard]] std::string_view bytes_of(const bloblist_t& blob);

/// The first field of that name (any case), or NULL.
[[nodiscard]] const char* field(const message& msg, const char* name);
[[nodiscard]] Version version_field(const message& msg, const char* name);

/// Remove all fields of that name (any case).
void drop_field(stringpair_list_t*& fields, const char* name);

/// One field of that name and this value, whatever was there.
void set_field(message& msg, const char* name, const std::string& value);

/// Take a node out of a list of attachments: its successor takes its place at `link`.
void drop_blob(bloblist_t*& link);

/// Fingerprints as header fields list them, with commas between.
[[nodiscard]] std::string joined(const std::vector<std::string>& fprs);

/// When the body begins with the line `key: value`, cut it off with the empty lines behind it.
[[nodiscard]] std::optional<std::string> take_body_line(message& msg, std::string_view key);

/// A message without bodies shows its first text attachments as such; the attachments stay.
void pull_up_bodies(message& msg);

/// A new Message-ID without angle brackets, in the domain of `sender`.
[[nodiscard]] std::string new_message_id(const pEp_identity* sender);

/// Fields that say where a message comes from and goes to, copied from `from`; `to` keeps its
/// bodies, attachments and subject.
void copy_envelope(message& to, const message& from);

/// Attachments lent to a message for one call: nodes of our own, values that stay with their
/// owners.
class LentAttachments {
  public:
    void add(const bloblist_t& blob);
    void add_all(const bloblist_t* list); ///< nodes without a value are left out
    /// `bytes` and the names must outlive the use of head().
    void add(std::string& bytes, std::string& mime_type);

    /// The list, valid until the next add.
    [[nodiscard]] bloblist_t* head();

  private:
    std::vector<bloblist_t> nodes_;
};

/// Text that is overwritten when it goes, however the scope ends.
class Plaintext {
  public:
    explicit Plaintext(std::string text) : text_(std::move(text)) {}

    Plaintext(const Plaintext&) = delete;
    Plaintext& operator=(const Plaintext&) = delete;
    ~Plaintext();

    [[nodiscard]] const std::string& text() const { return text_; }

    [[nodiscard]] std::string& text() { return text_; }

  private:
    std::string text_;
};

} // namespace pep::engine
