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
        first = waiting_.empty();
        waiting_.push_back(std::move(task));
    }
    if (first) {
        const std::uint64_t one = 1;
        // Cannot fail but for a full counter, and then the loop is awake anyhow.
        [[maybe_unused]] const ssize_t written = ::write(descriptor_, &one, sizeof one);
    }
    return true;
}

bool Mailbox::on_loop_thread() const noexcept {
    return loop_thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

void Mailbox::set_loop_thread() { loop_thread_.store(std::this_thread::get_id()); }

void Mailbox::run_pending() {
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
            task = {};
        } catch (const std::exception&) {
            continue;
        }
    }
}

void Mailbox::close() {
    std::vector<Task> dropped; // destroyed without the lock
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        dropped.swap(waiting_);
    }
}

} // namespace pep::http
