// Ends a server nobody needs, without losing a call: first the token file goes, and only if nobody
// came until then, the server. Loop thread.
#pragma once

#include "base/task.hpp"

#include <chrono>
#include <cstdint>
#include <functional>

namespace pep::daemon {

class IdleWatch {
  public:
    /// All of it is called on the loop thread.
    struct Means {
        std::function<void(std::chrono::milliseconds, Task)> after;
        std::function<bool()> is_needed;         ///< somebody is connected, or would miss something
        std::function<std::uint64_t()> arrivals; ///< connections since the start
        std::function<void()> withdraw;          ///< nobody new shall find the server
        std::function<bool()> announce;          ///< they shall again; false if that failed
        std::function<void()> stop;
    };

    /// Stop when the server was not needed for `idle`; 0: never.
    IdleWatch(std::chrono::milliseconds idle, Means means);

    void start();

  private:
    void wait();
    void look();
    void decide();
    [[nodiscard]] bool is_quiet();

    const std::chrono::milliseconds step_;
    const Means means_;
    std::uint64_t arrivals_ = 0;
    int quiet_steps_ = 0;
};

} // namespace pep::daemon
