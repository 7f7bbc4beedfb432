// The rendezvous: a 0600 file in the home that tells the user's programs where the server is and
// what token it wants. Written once per start, after the port is bound; removed at the end if it is
// still ours.
#pragma once

#include "base/expected.hpp"
#include "base/private_file.hpp"
#include "base/secret.hpp"
#include "client/rendezvous.hpp"

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>

namespace pep::daemon {

using client::is_nonce;
using client::proof_of;
using client::Rendezvous;

/// The file while it is ours. Move-only; removes the file when it goes.
class TokenFile {
  public:
    /// Write `<home>/json-token` in one step.
    [[nodiscard]] static Expected<TokenFile>
    write(const std::filesystem::path& home, const Rendezvous& where, const Secret& token);

    /// What the present file says; nothing when there is none, or none that a client would trust.
    [[nodiscard]] static std::optional<Rendezvous> read(const std::filesystem::path& home);

    TokenFile(TokenFile&& other) noexcept;
    TokenFile& operator=(TokenFile&& other) noexcept;
    TokenFile(const TokenFile&) = delete;
    TokenFile& operator=(const TokenFile&) = delete;
    ~TokenFile();

    /// Remove it now, unless somebody replaced it.
    void remove() noexcept;

  private:
    TokenFile(std::filesystem::path file, FileStamp stamp)
        : file_(std::move(file)), stamp_(stamp) {}

    std::filesystem::path file_;
    std::optional<FileStamp> stamp_;
};

/// The token while the server lives; forgotten at the stop. Any thread.
class TokenKeeper {
  public:
    explicit TokenKeeper(Secret token) : token_(std::move(token)) {}

    /// Is that the token? Time depends on the lengths only. After forget() nothing is.
    [[nodiscard]] bool is_token(std::string_view offered) const noexcept {
        return !forgotten_.load(std::memory_order_acquire) && token_.equals(offered);
    }

    void forget() noexcept { forgotten_.store(true, std::memory_order_release); }

    [[nodiscard]] const Secret& token() const noexcept { return token_; }

  private:
    Secret token_;
    std::atomic<bool> forgotten_ = false;
};

/// Path of the original's endpoint, as the token file names it.
inline constexpr std::string_view legacy_path = "/ja/0.1/";
inline constexpr std::string_view rpc_path = "/rpc";

} // namespace pep::daemon
