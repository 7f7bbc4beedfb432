// How other threads reach the loop thread: a queue of tasks and an eventfd that wakes the loop. It
// may outlive the loop; then tasks are destroyed unrun.
#pragma once

#include "base/expected.hpp"
#include "base/task.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace pep::http {

/// Work for which all memory is there before it is posted: what must happen also when none is left.
class Errand {
  public:
    Errand() = default;
    Errand(const Errand&) = delete;
    Errand(Errand&&) = delete;
    Errand& operator=(const Errand&) = delete;
    Errand& operator=(Errand&&) = delete;
    virtual ~Errand() = default;

    virtual void run() noexcept = 0; ///< on the loop thread

  private:
    friend class Mailbox;
    std::shared_ptr<Errand> next_;
};

class Mailbox {
  public:
    static Expected<std::shared_ptr<Mailbox>> make();

    Mailbox(const Mailbox&) = delete;
    Mailbox(Mailbox&&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;
    Mailbox& operator=(Mailbox&&) = delete;
    ~Mailbox();

    /// Have the task run on the loop thread; any thread. False (and the task destroyed) once
    /// closed.
    bool post(Task task);

    /// The same for an errand, which may wait in one mailbox once. Never fails for lack of memory.
    bool post(std::shared_ptr<Errand> errand) noexcept;

    /// This is the thread that runs the loop; any thread.
    [[nodiscard]] bool on_loop_thread() const noexcept;

    // For the loop only:
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

    void run_pending();     ///< runs what was posted up to now
    void set_loop_thread(); ///< the calling thread runs the loop
    void close();           ///< no more tasks; those waiting are destroyed

  private:
    explicit Mailbox(int descriptor) : descriptor_(descriptor) {}

    void wake() const noexcept;
    void run_errands() noexcept;

    const int descriptor_;
    mutable std::mutex mutex_; // guards the members below
    std::vector<Task> waiting_;
    std::shared_ptr<Errand> first_errand_;
    Errand* last_errand_ = nullptr;
    bool closed_ = false;
    std::atomic<std::thread::id> loop_thread_;
};

} // namespace pep::http
