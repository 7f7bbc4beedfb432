// One request at work: what its connection and its responder share, whichever goes first.
#pragma once

#include "base/task.hpp"
#include "http/mailbox.hpp"
#include "http/request.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace pep::http {

class Connection;

struct Call final : Errand {
    Call(std::shared_ptr<Mailbox> box, std::weak_ptr<Connection> owner, std::string target)
        : mailbox(std::move(box)), connection(std::move(owner)), path(std::move(target)) {}

    /// Delivers `outcome`, or a 500 without one.
    void run() noexcept override;

    const std::shared_ptr<Mailbox> mailbox;
    const std::weak_ptr<Connection> connection; ///< locked on the loop thread only
    const std::string path;                     ///< for the 500 of a dropped request
    std::atomic<bool> gone{false};              ///< the client left
    std::optional<Response> outcome{};          ///< of whoever answers, then the loop thread's
    Task when_gone{};                           ///< loop thread
    std::function<void()> when_drained{};       ///< of a stream; loop thread
};

} // namespace pep::http
