// A value that is made when somebody first asks for it.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace pep {

/// Any thread. Those who ask while it is being made wait; if making it throws, so does get(), and
/// the next one tries again.
template <class T>
class Lazy {
  public:
    explicit Lazy(std::function<T()> make) : make_(std::move(make)) {}

    /// The value, which stays as long as this object.
    [[nodiscard]] const T& get() const {
        const std::lock_guard lock(mutex_);
        if (!value_)
            value_.emplace(make_());
        return *value_;
    }

  private:
    std::function<T()> make_;
    mutable std::mutex mutex_;
    mutable std::optional<T> value_;
};

} // namespace pep
