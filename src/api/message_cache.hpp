// Messages whose bodies stay in the server while clients pass the rest of them to and fro, so that
// big texts and attachments need not cross JSON. Knows no engine call and no wire form; what the
// functions do with it is in cache_functions.cpp.
#pragma once

#include "api/types/message.hpp"
#include "base/expected.hpp"
#include "base/task.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace pep::api {

/// Text, HTML and attachments of one message. Wiped when they go. One thread.
class Bodies {
  public:
    Bodies() = default;
    Bodies(const Bodies&) = delete;
    Bodies(Bodies&& other) noexcept;
    Bodies& operator=(const Bodies&) = delete;
    Bodies& operator=(Bodies&& other) noexcept;
    ~Bodies();

    /// Take them out of a message, which has none afterwards.
    [[nodiscard]] static Bodies out_of(message& msg) noexcept;

    /// Exchange them with those of a message.
    void swap_with(message& msg) noexcept;

    [[nodiscard]] const char* text() const noexcept { return bodies_.longmsg; }

    [[nodiscard]] const char* html() const noexcept { return bodies_.longmsg_formatted; }

    /// Memory they take.
    [[nodiscard]] std::size_t bytes() const noexcept;

  private:
    message bodies_{}; // nothing else of it is set
};

/// Bounded in number, bytes and time: who was not used for longest goes first, and everybody after
/// a while without use. A message in use by a call stays. Ids are random, so that only who was told
/// one can use it. Any thread.
class MessageCache {
  public:
    using Clock = std::chrono::steady_clock;

    struct Bounds {
        std::size_t messages = 0;
        std::size_t bytes = 0;            ///< of all bodies together
        std::chrono::milliseconds idle{}; ///< until an unused message goes
    };

    /// Runs a task after a while; any thread.
    using Schedule = std::function<void(std::chrono::milliseconds, Task)>;

    class Loan;

    /// The cache outlives its loans and what `schedule` runs. `now` is for tests.
    MessageCache(
        Bounds bounds, Schedule schedule, std::function<Clock::time_point()> now = &Clock::now
    )
        : bounds_(bounds), schedule_(std::move(schedule)), now_(std::move(now)) {}

    MessageCache(const MessageCache&) = delete;
    MessageCache(MessageCache&&) = delete;
    MessageCache& operator=(const MessageCache&) = delete;
    MessageCache& operator=(MessageCache&&) = delete;
    ~MessageCache() = default;

    /// Keep the bodies of a message under a new id. JSON-RPC errors: too_large if they alone are
    /// more than the cache may hold, busy if what is in it is in use.
    [[nodiscard]] Expected<std::string> keep(Bodies source);

    /// A message for one call; none if there is none of this id. Waits for another call that has
    /// it.
    [[nodiscard]] std::optional<Loan> borrow(const std::string& id);

    /// Drop a message; one in use goes when that ends.
    void release(const std::string& id);

    struct Counts {
        std::size_t messages = 0, bytes = 0;
    };

    [[nodiscard]] Counts counts() const;

  private:
    struct Entry {
        std::string id;
        std::mutex in_use;            // held by the loan; guards the bodies
        Bodies source;                // as decoded
        std::optional<Bodies> result; // what became of it, encrypted or decrypted
        // With the cache's mutex_ held:
        std::size_t bytes = 0;
        std::size_t borrowers = 0; // who has it, and who waits for it
        bool dropped = false;
        Clock::time_point last_use;
    };

    using Shared = std::shared_ptr<Entry>;

    void give_back(const Shared& entry);
    [[nodiscard]] Expected<void> exchange_result(Entry& entry, std::optional<Bodies>& result);
    void expire();

    // With mutex_ held; what goes is moved to `gone`, to be wiped once the lock is free:
    [[nodiscard]] Expected<void>
    make_room(std::size_t messages, std::size_t bytes, std::vector<Shared>& gone);
    void drop(const Shared& entry, std::vector<Shared>& gone);
    void drop_expired(std::vector<Shared>& gone);
    void count(Entry& entry, std::size_t bytes);
    void arm();

    const Bounds bounds_;
    const Schedule schedule_;
    const std::function<Clock::time_point()> now_;
    mutable std::mutex mutex_; // guards the members below
    std::map<std::string, Shared> entries_;
    std::size_t bytes_ = 0;
    bool armed_ = false; // a timer will fire
};

/// One message, for one call alone. Used and ended by one thread.
class MessageCache::Loan {
  public:
    Loan(const Loan&) = delete;
    Loan(Loan&&) noexcept = default;
    Loan& operator=(const Loan&) = delete;
    Loan& operator=(Loan&&) = delete;
    ~Loan();

    [[nodiscard]] const std::string& id() const noexcept { return entry_->id; }

    [[nodiscard]] Bodies& source() noexcept { return entry_->source; }

    /// What encryption or decryption made of it; null if there is nothing.
    [[nodiscard]] Bodies* result() noexcept { return entry_->result ? &*entry_->result : nullptr; }

    /// Keep this as result, or none, instead of the one before. Errors as with keep(); the result
    /// before stays then.
    [[nodiscard]] Expected<void> set_result(std::optional<Bodies> result);

  private:
    friend class MessageCache;

    Loan(MessageCache& cache, Shared entry)
        : cache_(&cache), entry_(std::move(entry)), lock_(entry_->in_use) {}

    MessageCache* cache_;
    Shared entry_;                      // null once moved from
    std::unique_lock<std::mutex> lock_; // ends before the entry that holds the mutex
};

} // namespace pep::api
