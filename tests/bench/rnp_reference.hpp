// librnp as a caller who knows it well would use it: keys loaded once, one context per thread, no
// engine around it.
#pragma once

#include <rnp/rnp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reference {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* handle) const {
        Free(handle);
    }
};

/// One context. Throws std::runtime_error for whatever goes wrong: a reference that fails measures
/// nothing.
class OpenPgp {
  public:
    /// `key_files`: armored keys, secret ones without passphrase.
    explicit OpenPgp(const std::vector<std::string>& key_files);

    /// Signs with and encrypts to keys given by fingerprint; armored.
    std::string encrypt(
        std::string_view text, const std::string& signer, const std::vector<std::string>& recipients
    );

    /// Decrypts and checks that one signature is good.
    std::string decrypt(std::string_view armored);

  private:
    using Key = std::unique_ptr<rnp_key_handle_st, Freed<rnp_key_handle_destroy>>;
    Key key(const std::string& fingerprint);

    std::unique_ptr<rnp_ffi_st, Freed<rnp_ffi_destroy>> ffi_;
};

/// A new Ed25519/Cv25519 key, its public part only, binary.
std::string new_public_key(const std::string& user_id);

} // namespace reference
