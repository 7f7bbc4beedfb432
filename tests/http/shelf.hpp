// Calls kept for the test's own thread to answer, as a worker would.
#pragma once

#include "http/sockets.hpp"

#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace pep::http::test {

/// Keeps what is asked at /later. Any thread.
class Shelf {
  public:
    RunningServer::Later put() {
        return [this](Request request, Responder responder) {
            const std::lock_guard lock(mutex_);
            calls_.emplace_back(std::move(request), std::move(responder));
            ++count_;
        };
    }

    std::pair<Request, Responder> take() {
        eventually([this] { return size() > 0; });
        const std::lock_guard lock(mutex_);
        auto call = std::move(calls_.at(0));
        calls_.erase(calls_.begin());
        return call;
    }

    std::size_t size() {
        const std::lock_guard lock(mutex_);
        return calls_.size();
    }

    int count() {
        const std::lock_guard lock(mutex_);
        return count_;
    }

  private:
    std::mutex mutex_;
    std::vector<std::pair<Request, Responder>> calls_;
    int count_ = 0;
};

inline Response text(std::string body) {
    return {.content_type = "text/plain", .body = std::move(body)};
}

} // namespace pep::http::test
