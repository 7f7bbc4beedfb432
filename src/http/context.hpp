// What the connections of one server share. Made by the server; loop thread, but for the counters
// and the budget.
#pragma once

#include "base/log.hpp"
#include "http/event.hpp"
#include "http/gate.hpp"
#include "http/limits.hpp"
#include "http/mailbox.hpp"
#include "http/server.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

namespace pep::http {

class Connection;

/// Written on the loop thread; any thread may read them.
struct Counters {
    std::atomic<std::uint64_t> accepted{0}, open{0}, requests{0}, refused{0}, bytes_in{0},
        bytes_out{0};
};

/// Bytes of bodies nobody vouched for yet, all connections together. Any thread.
struct UnauthorizedBytes {
    std::atomic<std::uint64_t> used{0};
};

/// One body's share of them; gives it back when it goes.
class BodyBudget {
  public:
    BodyBudget(std::shared_ptr<UnauthorizedBytes> pool, std::uint64_t most)
        : pool_(std::move(pool)), most_(most) {}

    BodyBudget(const BodyBudget&) = delete;
    BodyBudget(BodyBudget&&) = delete;
    BodyBudget& operator=(const BodyBudget&) = delete;
    BodyBudget& operator=(BodyBudget&&) = delete;

    ~BodyBudget() { pool_->used -= held_; }

    /// Hold that many bytes in all; false if the pool has no more.
    [[nodiscard]] bool grow_to(std::uint64_t bytes) {
        if (bytes <= held_) {
            return true;
        }
        const std::uint64_t more = bytes - held_;
        if (pool_->used.fetch_add(more) + more > most_) {
            pool_->used -= more;
            return false;
        }
        held_ = bytes;
        return true;
    }

  private:
    std::shared_ptr<UnauthorizedBytes> pool_;
    std::uint64_t most_;
    std::uint64_t held_ = 0;
};

/// Which door a connection came through.
struct Door {
    Origins origins;
    std::string endpoint; ///< see ConnectionSlot
};

/// Connections borrow it; the server sees to it that it outlives them.
struct Context {
    event_base* base = nullptr;
    std::shared_ptr<Mailbox> mailbox;
    Handler* handler = nullptr; // borrowed for the server's life
    Limits limits;
    TokenCheck token_check;
    log::Logger log;
    Counters counters;
    std::shared_ptr<UnauthorizedBytes> unauthorized = std::make_shared<UnauthorizedBytes>();

    std::unordered_map<std::uint64_t, std::shared_ptr<Connection>> connections;
    std::size_t calls = 0; ///< requests the handler has not answered
    std::atomic<bool> stopping{false};
    std::function<void()> on_progress; ///< a call ended or a connection closed while stopping
};

} // namespace pep::http
