// POSIX threads rather than std::thread, for the stack size: parsing of OpenPGP and MIME is
// recursive.
#include "base/work_queue.hpp"

#include "base/turns.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace pep {

namespace {

/// A worker without work. Guarded by the queue's mutex.
struct Sleeper {
    std::condition_variable wake;
    bool called = false;
};

} // namespace

struct WorkQueue::State {
    Options options;
    mutable std::mutex mutex;             // guards all but options
    mutable std::condition_variable idle; // for wait_idle(), which must not steal their wake-ups
    Turns waiting;
    std::vector<Sleeper*> sleepers; // the latest is woken first: what it needs is still in caches
    std::size_t running = 0;
    std::size_t slow_running = 0;
    bool stopping = false;
    bool lingering = false;            // one worker waits awake
    std::atomic<bool> offered = false; // to that one: changed with the mutex, read without
    std::vector<pthread_t> threads;
    std::mutex join_mutex; // one thread joins, a second waits for it

    void serve();
    /// Without the mutex. What the task throws ends here.
    void run(Task task);

    // With the mutex held.
    /// Whether a worker that is free may take a slow task.
    [[nodiscard]] bool slow_allowed() const;
    /// Waits awake, for one worker at a time; gives the mutex back meanwhile.
    void linger(std::unique_lock<std::mutex>& lock);
    void sleep(Sleeper& self, std::unique_lock<std::mutex>& lock);
    /// Calls the worker that waits awake, else one that sleeps; nobody if all are at work.
    void wake_one();
};

// One worker stays for what is quick, unless there is only one.
bool WorkQueue::State::slow_allowed() const {
    return stopping || slow_running < std::max<std::size_t>(options.threads, 2) - 1;
}

// A client's next call often follows at once. To be put to sleep and woken for it costs both
// threads more than to look for it a little longer, as long as nobody else wants the processor.
void WorkQueue::State::linger(std::unique_lock<std::mutex>& lock) {
    if (lingering) {
        return;
    }
    lingering = true;
    offered = false;
    lock.unlock();
    const auto end = std::chrono::steady_clock::now() + options.linger;
    while (!offered && std::chrono::steady_clock::now() < end) {
        std::this_thread::yield();
    }
    lock.lock();
    lingering = false;
}

void WorkQueue::State::sleep(Sleeper& self, std::unique_lock<std::mutex>& lock) {
    self.called = false;
    sleepers.push_back(&self);
    self.wake.wait(lock, [&self] { return self.called; });
}

void WorkQueue::State::wake_one() {
    if (lingering && !offered) {
        offered = true;
        return;
    }
    if (sleepers.empty()) {
        return;
    }
    Sleeper* const latest = sleepers.back();
    sleepers.pop_back();
    latest->called = true;
    latest->wake.notify_one(); // under the lock, for then it cannot be gone
}

void WorkQueue::State::run(Task task) {
    try {
        task();
        task = {};  // what it owns is destroyed inside the try, too
    } catch (...) { // a worker outlives whatever one task does
        if (options.on_task_threw) {
            options.on_task_threw();
        }
    }
}

void WorkQueue::State::serve() {
    if (options.on_thread_start) {
        options.on_thread_start();
    }
    Sleeper self;
    std::unique_lock lock(mutex);
    // A worker that has done nothing yet goes to sleep at once: no call is to be expected.
    for (bool worked = false;;) {
        if (worked && !stopping && !waiting.has_turn(slow_allowed())) {
            linger(lock);
        }
        // A loop, for what it was woken for may be gone: one that just became free took it.
        while (!stopping && !waiting.has_turn(slow_allowed())) {
            sleep(self, lock);
        }
        auto turn = waiting.take(slow_allowed());
        // Only when stopping: else there was a turn, and the mutex was held since.
        if (!turn) {
            break;
        }
        const std::size_t slow = turn->is_slow ? 1 : 0;
        ++running;
        slow_running += slow;
        lock.unlock();
        const auto begin = std::chrono::steady_clock::now();
        run(std::move(turn->task));
        const auto took = std::chrono::steady_clock::now() - begin;
        lock.lock();
        --running;
        slow_running -= slow;
        // Before the next take(), whose choice depends on what this one took.
        waiting.finish(turn->client, took);
        worked = true;
        if (waiting.size() == 0 && running == 0) {
            idle.notify_all();
        }
    }
    lock.unlock();
    if (options.on_thread_end) {
        options.on_thread_end();
    }
}

WorkQueue::WorkQueue(std::unique_ptr<State> state) : state_(std::move(state)) {}

WorkQueue::~WorkQueue() { stop(Waiting::drop); }

Expected<std::unique_ptr<WorkQueue>> WorkQueue::start(Options options) {
    auto state = std::make_unique<State>();
    state->options = std::move(options);
    // Owned from here on: when a thread cannot be started, the destructor ends those before it.
    State* const shared = state.get();
    // Neither a worker that goes to sleep nor this one asks for memory afterwards.
    shared->sleepers.reserve(shared->options.threads);
    shared->threads.reserve(shared->options.threads);
    std::unique_ptr<WorkQueue> queue(new WorkQueue(std::move(state))
    ); // NOLINT: private constructor

    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error == 0) {
        // Fails for a size below PTHREAD_STACK_MIN.
        error = pthread_attr_setstacksize(&attributes, shared->options.stack_bytes);
        for (std::size_t i = 0; error == 0 && i < shared->options.threads; ++i) {
            pthread_t thread{};
            error = pthread_create(
                &thread,
                &attributes,
                [](void* argument) -> void* {
                    static_cast<State*>(argument)->serve();
                    return nullptr;
                },
                shared
            );
            if (error == 0) {
                shared->threads.push_back(thread);
            }
        }
        pthread_attr_destroy(&attributes);
    }
    if (error != 0) {
        return fail(error, "cannot start a worker: " + std::generic_category().message(error));
    }
    return queue;
}

bool WorkQueue::try_push(Task&& task, Ticket ticket) {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping || state_->waiting.size() >= state_->options.max_queued) {
        return false;
    }
    state_->waiting.push(std::move(task), std::move(ticket.client), ticket.is_slow);
    // A slow task that must wait wakes nobody: the worker that ends another one takes it.
    if (state_->waiting.has_turn(state_->slow_allowed())) {
        state_->wake_one();
    }
    return true;
}

std::size_t WorkQueue::queued() const {
    const std::lock_guard lock(state_->mutex);
    return state_->waiting.size();
}

std::size_t WorkQueue::running() const {
    const std::lock_guard lock(state_->mutex);
    return state_->running;
}

bool WorkQueue::wait_idle(std::chrono::milliseconds at_most) const {
    std::unique_lock lock(state_->mutex);
    // With the mutex released: workers end their tasks meanwhile.
    return state_->idle.wait_for(lock, at_most, [&] {
        return state_->waiting.size() == 0 && state_->running == 0;
    });
}

void WorkQueue::stop(Waiting waiting) {
    std::deque<Task> dropped; // destroyed without the lock: a task's owner may call back
    {
        const std::lock_guard lock(state_->mutex);
        // What waits may now take all workers, see slow_allowed().
        state_->stopping = true;
        state_->offered = true; // whoever lingers need not wait for more
        if (waiting == Waiting::drop) {
            dropped = state_->waiting.drop_all();
        }
        while (!state_->sleepers.empty()) {
            state_->wake_one();
        }
    }
    // Dropped tasks leave nothing to wait for.
    state_->idle.notify_all();
    dropped.clear();
    const std::lock_guard joining(state_->join_mutex);
    // Empty for whoever comes second: the lock was the wait for the first one.
    for (const pthread_t thread : state_->threads) {
        pthread_join(thread, nullptr);
    }
    state_->threads.clear();
}

} // namespace pep
