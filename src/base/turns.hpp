// Whose task comes next: start-time fair queueing (Goyal, Vin, Cheng 1996) over the clients of a
// queue, with the time their tasks took as the service. Not thread-safe: its queue has the lock.
#pragma once

#include "base/task.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace pep {

class Turns {
  public:
    using Duration = std::chrono::nanoseconds;

    /// A task whose turn it is. `client` names it to finish().
    struct Turn {
        Task task;
        std::string client;
        bool is_slow = false;
    };

    void push(Task&& task, std::string client, bool is_slow);

    /// Takes the next task; slow ones only if `slow_allowed`. Each turn ends with finish().
    [[nodiscard]] std::optional<Turn> take(bool slow_allowed);

    /// The task of that client took so long.
    void finish(const std::string& client, Duration took);

    /// True if take() would give something.
    [[nodiscard]] bool has_turn(bool slow_allowed) const noexcept {
        return size_ > (slow_allowed ? 0 : slow_);
    }

    /// Tasks waiting.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Takes out all that waits.
    [[nodiscard]] std::deque<Task> drop_all();

    /// Clients that are remembered: those with tasks, and those that had more than their share.
    [[nodiscard]] std::size_t clients() const noexcept { return clients_.size(); }

  private:
    struct Waiting {
        Task task;
        std::uint64_t number = 0; ///< of arrival: among equals, who came first
        std::string client;       ///< for the turn
    };

    struct Client {
        Duration due{0};                            ///< its next task starts at this virtual time
        std::array<std::deque<Waiting>, 2> waiting; ///< ordinary, slow
        std::size_t running = 0;

        [[nodiscard]] bool is_active() const {
            return running > 0 || !waiting[0].empty() || !waiting[1].empty();
        }
    };

    using Clients = std::map<std::string, Client>;

    void forget_settled();

    Clients clients_;
    Duration now_{0}; ///< virtual time: what each active client should have had
    std::size_t active_ = 0;
    std::size_t size_ = 0;
    std::size_t slow_ = 0; ///< of them
    std::uint64_t arrivals_ = 0;
};

} // namespace pep
