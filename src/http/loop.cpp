// libevent's base and what wakes it.
#include "http/loop.hpp"

#include <pthread.h>
#include <signal.h>

#include <exception>
#include <utility>

namespace pep::http {

namespace {

// libevent is C: nothing may fly through it. What does is a lack of memory.
template <class F>
void run_guarded(F& callback) noexcept {
    try {
        callback();
    } catch (const std::exception&) {
        return;
    }
}

} // namespace

Expected<std::unique_ptr<Loop>> Loop::make() {
    std::unique_ptr<Loop> loop(new Loop()); // NOLINT: private constructor
    auto mailbox = Mailbox::make();
    if (!mailbox) {
        return fail(mailbox);
    }
    loop->mailbox_ = std::move(*mailbox);
    loop->base_.reset(event_base_new());
    if (!loop->base_) {
        return fail(0, "cannot make an event loop");
    }
    // libevent's locks are not switched on: other threads write to the eventfd, no more.
    loop->mailbox_event_.reset(event_new(
        loop->base(),
        loop->mailbox_->descriptor(),
        EV_READ | EV_PERSIST,
        [](evutil_socket_t, short, void* self) {
            static_cast<Loop*>(self)->mailbox_->run_pending();
        },
        loop.get()
    ));
    if (!loop->mailbox_event_ || event_add(loop->mailbox_event_.get(), nullptr) != 0) {
        return fail(0, "cannot watch the event loop's mailbox");
    }
    return loop;
}

Loop::~Loop() { close(); }

void Loop::run() {
    // libevent writes without MSG_NOSIGNAL; a client that left is no reason to die.
    // Of this thread only: the process belongs to whoever embeds the server.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    mailbox_->set_loop_thread();
    event_base_dispatch(base());
}

// Not loopbreak: libevent closes the sockets of freed bufferevents in deferred callbacks, which are
// still to run.
void Loop::quit() { event_base_loopexit(base(), nullptr); }

void Loop::run_deferred() { event_base_loop(base(), EVLOOP_NONBLOCK); }

void Loop::close() {
    // First: whatever tasks own, nothing of it can be posted any more.
    mailbox_->close();
    timers_.clear();
    signals_.clear();
}

void Loop::after(std::chrono::milliseconds delay, Task task) {
    // Only the loop thread may touch libevent, so it sets the timer.
    mailbox_->post([this, delay, task = std::move(task)]() mutable {
        add_timer(delay, std::move(task));
    });
}

void Loop::add_timer(std::chrono::milliseconds delay, Task task) {
    // In the list first: the event keeps the address of its node.
    timers_.push_front({this, {}, nullptr, std::move(task)});
    const auto timer = timers_.begin();
    timer->self = timer;
    timer->event.reset(evtimer_new(
        base(),
        [](evutil_socket_t, short, void* argument) {
            auto* fired = static_cast<Timer*>(argument);
            // The timer goes before its task runs, which may end the loop or add timers.
            Task due = std::move(fired->task);
            fired->loop->timers_.erase(fired->self);
            run_guarded(due);
        },
        &*timer
    ));
    const timeval time = to_timeval(delay);
    if (timer->event) {
        evtimer_add(timer->event.get(), &time);
    }
}

Expected<void> Loop::add_signal(int signal, std::function<void()> callback) {
    auto added = std::make_unique<Signal>();
    added->callback = std::move(callback);
    // libevent catches the signal and calls back in a turn of the loop, where all is allowed.
    added->event.reset(evsignal_new(
        base(),
        signal,
        [](evutil_socket_t, short, void* self) {
            run_guarded(static_cast<Signal*>(self)->callback);
        },
        added.get()
    ));
    if (!added->event || event_add(added->event.get(), nullptr) != 0) {
        return fail(0, "cannot catch a signal");
    }
    signals_.push_back(std::move(added));
    return {};
}

} // namespace pep::http
