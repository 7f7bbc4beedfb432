// librnp, RAII: owners for its handles, small wrappers for its output conventions, and the one way
// an ffi is set up (security rules). The only include of rnp. Nothing here throws on librnp errors:
// a null owner or an empty text means the call failed. Every object belongs to the thread of its
// ffi.
#pragma once

#include "base/secret.hpp"

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace pep::engine::rnp {

template <auto destroy>
struct Destroy {
    template <class T>
    void operator()(T* handle) const {
        destroy(handle);
    }
};

template <class Handle, auto destroy>
using Owner = std::unique_ptr<std::remove_pointer_t<Handle>, Destroy<destroy>>;

using Ffi = Owner<rnp_ffi_t, rnp_ffi_destroy>;
using Key = Owner<rnp_key_handle_t, rnp_key_handle_destroy>;
using Input = Owner<rnp_input_t, rnp_input_destroy>;
using Output = Owner<rnp_output_t, rnp_output_destroy>;
using Uid = Owner<rnp_uid_handle_t, rnp_uid_handle_destroy>;
using Signature = Owner<rnp_signature_handle_t, rnp_signature_handle_destroy>;
using Identifiers = Owner<rnp_identifier_iterator_t, rnp_identifier_iterator_destroy>;
using GenerateOp = Owner<rnp_op_generate_t, rnp_op_generate_destroy>;
using EncryptOp = Owner<rnp_op_encrypt_t, rnp_op_encrypt_destroy>;
using SignOp = Owner<rnp_op_sign_t, rnp_op_sign_destroy>;
using VerifyOp = Owner<rnp_op_verify_t, rnp_op_verify_destroy>;

/// The handle a call like `[&](auto* out) { return rnp_…(…, out); }` makes; null when it fails.
template <class Handle, class Call>
[[nodiscard]] Handle make(Call&& call) {
    typename Handle::pointer raw = nullptr;
    if (call(&raw) != RNP_SUCCESS)
        return nullptr;
    return Handle{raw};
}

/// The text a call hands out; "" when it fails.
template <class Call>
[[nodiscard]] std::string text(Call&& call) {
    char* raw = nullptr;
    if (call(&raw) != RNP_SUCCESS || raw == nullptr)
        return {};
    const std::unique_ptr<char, Destroy<rnp_buffer_destroy>> owner{raw};
    return std::string{raw};
}

/// The number or flag a call hands out; a value-initialised one when it fails.
template <class T, class Call>
[[nodiscard]] T value(Call&& call) {
    T out{};
    return call(&out) == RNP_SUCCESS ? out : T{};
}

/// A fresh ffi. Reading is lenient where old certificates need it, and refuses MD5 always:
/// key signatures may use SHA-1; SHA-1 and RIPEMD-160 data signatures count until 2024-01-19.
[[nodiscard]] Ffi make_ffi();

/// An input that reads `bytes` in place; they must outlive it.
[[nodiscard]] Input input_from(std::string_view bytes);

/// Collects what librnp writes, up to `limit` bytes (more makes the operation fail, which stops
/// decompression bombs). Wipes what it still holds when it goes. Not movable: librnp points to it.
class Sink {
  public:
    explicit Sink(
        std::size_t expected = 0, std::size_t limit = std::numeric_limits<std::size_t>::max()
    );
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    ~Sink();

    [[nodiscard]] rnp_output_t output() const { return output_.get(); }

    /// The collected bytes; call once, after the operation succeeded. An operation that failed
    /// leaves them here, to be wiped unseen.
    [[nodiscard]] std::string take();

  private:
    static bool write(void* context, const void* bytes, std::size_t size);

    std::string bytes_;
    std::size_t limit_;
    Output output_;
};

/// Collects in memory as the C API hands it out: from malloc. Big results need no second copy then.
/// Not movable, not wiped: for ciphertext.
class CharSink {
  public:
    explicit CharSink(std::size_t expected);
    CharSink(const CharSink&) = delete;
    CharSink& operator=(const CharSink&) = delete;
    ~CharSink();

    [[nodiscard]] rnp_output_t output() const { return output_.get(); }

    /// The collected bytes, to be freed by the caller; a NUL behind them is not counted. Null when
    /// nothing was written. Call once, after the operation succeeded.
    [[nodiscard]] char* take(std::size_t& size);

  private:
    static bool write(void* context, const void* bytes, std::size_t size);

    char* bytes_ = nullptr;
    std::size_t size_ = 0;
    std::size_t room_; // without the NUL
    Output output_;
};

/// A key by fingerprint in `ffi`; null if absent.
[[nodiscard]] Key locate(rnp_ffi_t ffi, const std::string& fpr);

[[nodiscard]] std::string fingerprint(rnp_key_handle_t key);

/// Fingerprint of the certificate a primary key or subkey belongs to.
[[nodiscard]] std::string primary_fingerprint(rnp_key_handle_t key);

/// Certificate with all subkeys in binary form; "" on failure. `part` is RNP_KEY_EXPORT_PUBLIC or
/// _SECRET.
[[nodiscard]] std::string export_certificate(rnp_key_handle_t primary, std::uint32_t part);

/// ASCII armor around binary data; `type` as in rnp_enarmor ("message", "public key", …). "" on
/// failure.
[[nodiscard]] std::string armored(std::string_view binary, const char* type);

/// Binary form of one armored block; "" when it is none.
[[nodiscard]] std::string dearmored(std::string_view armor);

/// Overwrites a string's bytes at the end of a scope.
class WipeAtExit {
  public:
    explicit WipeAtExit(std::string& bytes) : bytes_(&bytes) {}

    WipeAtExit(const WipeAtExit&) = delete;
    WipeAtExit& operator=(const WipeAtExit&) = delete;

    ~WipeAtExit() { wipe(bytes_->data(), bytes_->size()); }

  private:
    std::string* bytes_;
};

} // namespace pep::engine::rnp
