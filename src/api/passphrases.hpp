// The passphrases of one client, and the policy that tries them on locked keys. A client asks its
// user only when a call says PEP_PASSPHRASE_REQUIRED or PEP_WRONG_PASSPHRASE, then gives the answer
// once (config_passphrase) and repeats the call.
#pragma once

#include "api/types/passphrase.hpp"
#include "base/secret.hpp"
#include "rpc/function_map.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace pep::api {

/// What one client gave, in locked memory and wiped when it goes. Any thread.
class Passphrases {
  public:
    using Clock = std::chrono::steady_clock;
    using Shared = std::shared_ptr<const Secret>;

    static constexpr std::size_t most = 20;

    /// A passphrase that unlocked nothing for `lifetime` is forgotten. `now` is for tests.
    explicit Passphrases(
        std::chrono::milliseconds lifetime, std::function<Clock::time_point()> now = &Clock::now
    )
        : lifetime_(lifetime), now_(std::move(now)) {}

    /// Keep one more, as the most recently used; the oldest goes if there are too many. "" is
    /// nothing.
    void add(const Secret& passphrase);

    /// The one that protects new keys is tried on locked keys as well; "" is none.
    void set_for_new_keys(const Secret& passphrase);

    /// What to try, in the order existing clients know: for new keys, then from the oldest use to
    /// the latest.
    struct Candidates {
        std::vector<Shared> list;
        Shared favourite; ///< the member of `list` that unlocked a key last; null if none did yet
    };

    [[nodiscard]] Candidates candidates();

    /// It unlocked a key: now it is the most recently used one.
    void worked(const Shared& passphrase);

  private:
    struct Entry {
        Shared passphrase;
        Clock::time_point last_use;
    };

    // With mutex_ held:
    void forget_old();
    void use(std::vector<Entry>::iterator entry); // now it is the latest

    const std::chrono::milliseconds lifetime_;
    const std::function<Clock::time_point()> now_;
    std::mutex mutex_;           // guards the members below
    std::vector<Entry> entries_; // oldest use first
    Shared for_new_keys_;
    Shared favourite_;
};

namespace detail {
Expected<void> try_passphrases(rpc::CallContext&, const rpc::Function&, rpc::Attempt&);
bool has_passphrases(rpc::CallContext&);
} // namespace detail

/// Repeats a call that needs another passphrase: first without, then with each candidate, until the
/// status is neither PEP_PASSPHRASE_REQUIRED nor PEP_WRONG_PASSPHRASE; the last status counts. The
/// one that worked before is tried first, which changes no status but saves tries and key
/// derivations. For functions with a Session that return a PEP_STATUS.
inline constexpr rpc::Policy retry_passphrases{
    "retry_passphrases",
    "Locked keys are tried with the passphrases of this client_id. If none fits, the status is "
    "PEP_PASSPHRASE_REQUIRED or PEP_WRONG_PASSPHRASE: give one by config_passphrase and repeat the "
    "call.",
    &detail::try_passphrases,
    &detail::has_passphrases};

} // namespace pep::api
