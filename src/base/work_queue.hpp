// A bounded queue and the threads that serve it. It refuses work instead of growing, and is fair to
// those on whose behalf it works; it knows nothing of what the work is. All members may be called
// by any thread, except that workers must not call stop().
#pragma once

#include "base/expected.hpp"
#include "base/task.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace pep {

/// What is known of a task before it runs.
struct Ticket {
    std::string client{}; ///< clients take turns: whose tasks took the least time comes first
    bool is_slow = false; ///< may take long: such tasks leave one worker to the others
};

class WorkQueue {
  public:
    struct Options {
        std::size_t threads = 2;
        std::size_t max_queued = 256; ///< waiting tasks, without those that run
        std::size_t stack_bytes = std::size_t{8} << 20U;
        /// How long one worker stays awake for the next task; it lets go whoever wants to run.
        std::chrono::microseconds linger{150};
        std::function<void()> on_thread_start; ///< runs on each worker before its first task
        std::function<void()> on_thread_end;   ///< runs on each worker after its last task
        std::function<void()> on_task_threw;   ///< a task ended by an exception; it must not throw
    };

    enum class Waiting { run, drop };

    /// Starts the threads; fails when the system gives none.
    static Expected<std::unique_ptr<WorkQueue>> start(Options options);

    WorkQueue(const WorkQueue&) = delete;
    WorkQueue(WorkQueue&&) = delete;
    WorkQueue& operator=(const WorkQueue&) = delete;
    WorkQueue& operator=(WorkQueue&&) = delete;
    ~WorkQueue(); ///< stop(Waiting::drop)

    /// Hands a task over; false, with the task untouched, when the queue is full or stopping. Tasks
    /// of one client and kind run in order.
    [[nodiscard]] bool try_push(Task&& task, Ticket ticket = {});

    /// Tasks waiting, and tasks running.
    [[nodiscard]] std::size_t queued() const;
    [[nodiscard]] std::size_t running() const;

    /// True once nothing waits and nothing runs; false if that took longer.
    [[nodiscard]] bool wait_idle(std::chrono::milliseconds at_most) const;

    /// Takes no more tasks, runs or destroys those that wait, and joins the threads. Idempotent.
    void stop(Waiting waiting = Waiting::run);

  private:
    struct State;
    explicit WorkQueue(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace pep
