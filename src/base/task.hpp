// A piece of work to run once, elsewhere: std::function<void()> for callables that can only be
// moved, as replies and owners of C structures can. (std::move_only_function comes with C++23.)
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace pep {

class Task {
  public:
    Task() noexcept = default;

    /// Takes any callable `void()`. Intended to be implicit, as with std::function.
    template <class F>

    requires(!std::same_as<std::remove_cvref_t<F>, Task> && std::invocable<std::decay_t<F>&>)
        Task(F&& callable) // NOLINT(google-explicit-constructor): lambdas are passed as tasks
        : body_(std::make_unique<Body<std::decay_t<F>>>(std::forward<F>(callable))) {}

    /// Runs it; the task must not be empty.
    void operator()() { body_->run(); }

    explicit operator bool() const noexcept { return body_ != nullptr; }

  private:
    struct Base {
        Base() = default;
        Base(const Base&) = delete;
        Base(Base&&) = delete;
        Base& operator=(const Base&) = delete;
        Base& operator=(Base&&) = delete;
        virtual ~Base() = default;
        virtual void run() = 0;
    };

    template <class F>
    struct Body final : Base {
        template <class G>
        explicit Body(G&& callable) : callable_(std::forward<G>(callable)) {}

        void run() override { callable_(); }

        F callable_;
    };

    std::unique_ptr<Base> body_;
};

} // namespace pep
