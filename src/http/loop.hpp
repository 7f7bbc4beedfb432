// The event loop: base, mailbox, signals, one-shot timers. Made and run by the loop thread; post()
// and after() are for any thread.
#pragma once

#include "base/expected.hpp"
#include "base/task.hpp"
#include "http/event.hpp"
#include "http/mailbox.hpp"

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <vector>

namespace pep::http {

class Loop {
  public:
    static Expected<std::unique_ptr<Loop>> make();

    Loop(const Loop&) = delete;
    Loop(Loop&&) = delete;
    Loop& operator=(const Loop&) = delete;
    Loop& operator=(Loop&&) = delete;
    ~Loop();

    void run();  ///< until quit()
    void quit(); ///< loop thread; what is due is still done

    /// Do what libevent put off, when the loop does not run (any more) and the mailbox is closed.
    void run_deferred();

    /// Run the task after that time; any thread. Destroyed unrun by close().
    void after(std::chrono::milliseconds delay, Task task);
    Expected<void> add_signal(int signal, std::function<void()> callback);

    /// No further tasks of other threads; those waiting are destroyed. Loop thread.
    void close();

    [[nodiscard]] event_base* base() const noexcept { return base_.get(); }

    [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }

  private:
    struct Timer {
        Loop* loop = nullptr;
        std::list<Timer>::iterator self;
        Event event;
        Task task;
    };

    struct Signal {
        Event event;
        std::function<void()> callback;
    };

    Loop() = default;
    void add_timer(std::chrono::milliseconds delay, Task task);

    EventBase base_; // freed last
    std::shared_ptr<Mailbox> mailbox_;
    Event mailbox_event_;
    std::list<Timer> timers_;
    std::vector<std::unique_ptr<Signal>> signals_;
};

} // namespace pep::http
