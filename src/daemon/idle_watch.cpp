// It looks a few times per idle time instead of being told of every call: calls cost nothing, and
// an idle server wakes up seldom.
#include "daemon/idle_watch.hpp"

#include <utility>

namespace pep::daemon {

namespace {

using namespace std::chrono_literals;

constexpr int steps = 4;

/// Who read the token file just before it went has so long to connect.
constexpr auto grace = 300ms;

} // namespace

IdleWatch::IdleWatch(std::chrono::milliseconds idle, Means means)
    : step_(idle / steps), means_(std::move(means)) {}

void IdleWatch::start() {
    if (step_ > 0ms)
        wait();
}

void IdleWatch::wait() {
    means_.after(step_, Task{[this] { look(); }});
}

bool IdleWatch::is_quiet() {
    // Who came and went between two looks counts as well.
    const auto before = std::exchange(arrivals_, means_.arrivals());
    return before == arrivals_ && !means_.is_needed();
}

void IdleWatch::look() {
    quiet_steps_ = is_quiet() ? quiet_steps_ + 1 : 0;
    if (quiet_steps_ < steps)
        return wait();
    means_.withdraw();
    means_.after(grace, Task{[this] { decide(); }});
}

void IdleWatch::decide() {
    // If it goes on, the whole time has to pass again.
    quiet_steps_ = 0;
    if (is_quiet() || !means_.announce())
        return means_.stop();
    wait();
}

} // namespace pep::daemon
