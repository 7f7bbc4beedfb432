// One eventfd write per burst of tasks: only who finds the queue empty wakes the loop.
#include "http/mailbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <exception>
#include <utility>

namespace pep::http {

Expected<std::shared_ptr<Mailbox>> Mailbox::make() {
    const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0) {
        return fail(errno, "cannot make an eventfd");
    }
    return std::shared_ptr<Mailbox>(new Mailbox(descriptor)); // NOLINT: private constructor
}

Mailbox::~Mailbox() { ::close(descriptor_); }

bool Mailbox::post(Task task) {
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            return false; // the task is destroyed behind the lock: it may own something that posts
        }
        // Whoever found it empty has woken the loop, or is about to.
        first = waiting_.empty();
        waiting_.push_back(std::move(task));
    }
    if (first) {
        wake();
    }
    return true;
}

bool Mailbox::post(std::shared_ptr<Errand> errand) noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            return false;
        }
        // The chain goes through the errands: nothing is allocated, so nothing can fail.
        Errand* const added = errand.get();
        (last_errand_ != nullptr ? last_errand_->next_ : first_errand_) = std::move(errand);
        last_errand_ = added;
    }
    wake();
    return true;
}

void Mailbox::wake() const noexcept {
    const std::uint64_t one = 1;
    // Cannot fail but for a full counter, and then the loop is awake anyhow.
    [[maybe_unused]] const ssize_t written = ::write(descriptor_, &one, sizeof one);
}

void Mailbox::run_errands() noexcept {
    std::shared_ptr<Errand> errand;
    {
        const std::lock_guard lock(mutex_);
        // All at once: what they post waits for the next turn of the loop.
        errand.swap(first_errand_);
        last_errand_ = nullptr;
    }
    while (errand) {
        // Off the chain, or an errand that is kept would keep those behind it.
        const auto next = std::exchange(errand->next_, nullptr);
        errand->run();
        errand = next;
    }
}

bool Mailbox::on_loop_thread() const noexcept {
    // Relaxed is enough: a thread that looks for its own id has written it itself, or never.
    return loop_thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

void Mailbox::set_loop_thread() { loop_thread_.store(std::this_thread::get_id()); }

void Mailbox::run_pending() {
    // Before the tasks are taken: behind it, the wake-up of one that came in between would be lost.
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(descriptor_, &count, sizeof count);
    std::vector<Task> tasks;
    {
        const std::lock_guard lock(mutex_);
        tasks.swap(waiting_);
    }
    for (Task& task : tasks) {
        try { // one that fails for lack of memory must not take those behind it along
            task();
            // What it owns is destroyed now, and within the try.
            task = {};
        } catch (const std::exception&) {
            continue;
        }
    }
    run_errands();
}

void Mailbox::close() {
    std::vector<Task> dropped; // destroyed without the lock
    std::shared_ptr<Errand> errand;
    {
        const std::lock_guard lock(mutex_);
        // From here on posting destroys what is posted, on the thread that posts.
        closed_ = true;
        dropped.swap(waiting_);
        errand.swap(first_errand_);
        last_errand_ = nullptr;
    }
    while (errand) { // one by one: a long chain of destructors would be deep
        errand = std::exchange(errand->next_, nullptr);
    }
}

} // namespace pep::http
