// Owners of libevent's objects. Loop thread only, all of them. Only files of this folder include
// it.
#pragma once

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <sys/time.h>

#include <chrono>
#include <memory>

namespace pep::http {

/// Deleter of a unique_ptr, which stays as small as a pointer.
template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using EventBase = std::unique_ptr<event_base, FreeWith<event_base_free>>;
using Event = std::unique_ptr<event, FreeWith<event_free>>;
using Bufferevent = std::unique_ptr<bufferevent, FreeWith<bufferevent_free>>;
using Listener = std::unique_ptr<evconnlistener, FreeWith<evconnlistener_free>>;

/// Of a time that is not negative.
[[nodiscard]] inline timeval to_timeval(std::chrono::microseconds time) noexcept {
    constexpr std::chrono::microseconds::rep us_per_s = 1'000'000;
    return {
        static_cast<time_t>(time.count() / us_per_s),
        static_cast<suseconds_t>(time.count() % us_per_s),
    };
}

} // namespace pep::http
