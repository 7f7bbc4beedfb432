// Unaligned basic PER (ITU-T X.691) as far as p≡p's payloads need it: bits, length determinants,
// and the skipping of extensions a newer sender adds. Pure; no values of the protocol are known
// here.
#pragma once

#include "base/expected.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pep::engine::uper {

/// Writes a message bit by bit, most significant first.
class Writer {
  public:
    void bit(bool value) { bits(value ? 1 : 0, 1); }

    void bits(std::uint64_t value, unsigned count); ///< the lowest `count` (at most 64) of `value`
    void octets(std::string_view bytes);

    /// General length determinant (X.691, 11.9), below 16 384; larger ones need fragments, which
    /// nothing here has.
    void length(std::size_t count);

    /// The message, padded with 0 bits to whole octets; at least one.
    [[nodiscard]] std::string finish() &&;

  private:
    std::string bytes_;
    unsigned free_ = 0; // unused low bits of the last octet
};

/// Reads one. After the first failure everything reads as 0 and ok() is false, so that callers need
/// to check once per loop and at the end.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {} ///< borrowed

    [[nodiscard]] bool bit() { return bits(1) != 0; }

    [[nodiscard]] std::uint64_t bits(unsigned count); ///< at most 64
    [[nodiscard]] std::string octets(std::size_t count);
    [[nodiscard]] std::size_t length();

    /// Skip the extension additions of a SEQUENCE whose extension bit was set (X.691, 19.7-19.9).
    void skip_additions();

    void fail() { failed_ = true; }

    [[nodiscard]] bool ok() const { return !failed_; }

    /// Everything read, and nothing but padding left?
    [[nodiscard]] bool at_end();

  private:
    std::string_view bytes_;
    std::size_t position_ = 0; // in bits
    bool failed_ = false;
};

} // namespace pep::engine::uper
