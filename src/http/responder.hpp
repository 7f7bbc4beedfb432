// The duty to answer one request exactly once. Whoever holds a Responder may answer from any
// thread, long after the connection or the server is gone; if it is dropped unanswered, the client
// gets a 500.
#pragma once

#include "base/task.hpp"

#include <functional>
#include <memory>
#include <string>

namespace pep::http {

class Connection;
struct Call;
struct Response;

/// A response whose body comes in pieces (Server-Sent Events). Any thread; copies share one stream.
/// The connection closes when the last copy goes, or end() is called.
class Stream {
  public:
    /// Sends a piece; false when the client left, or was cut off because it reads too slowly (see
    /// Limits::unsent_bytes).
    bool write(std::string piece) const;

    /// The client is gone: no piece will arrive any more.
    [[nodiscard]] bool client_gone() const noexcept;

    /// All that was written is on its way: who writes only then needs no memory for slow readers.
    /// Loop thread.
    [[nodiscard]] bool drained() const;

    /// Run `task` each time what was written has been sent, if it could not be at once. Loop
    /// thread.
    void when_drained(std::function<void()> task) const;

    void end() const;

  private:
    friend class Responder;
    struct State;

    explicit Stream(std::shared_ptr<State> state) : state_(std::move(state)) {}

    std::shared_ptr<State> state_;
};

class Responder {
  public:
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&& other) noexcept;
    Responder(const Responder&) = delete;
    Responder& operator=(const Responder&) = delete;
    ~Responder();

    /// Answers; the responder is spent thereafter. Further calls do nothing.
    void send(Response response);

    /// Answers by a stream: the head of `response` and its body as first piece, then what is
    /// written.
    Stream stream(Response response);

    /// Somebody answered already.
    [[nodiscard]] bool spent() const noexcept { return call_ == nullptr; }

    /// The client closed the connection: the answer will be dropped.
    [[nodiscard]] bool client_gone() const noexcept;

    /// Run `task` on the loop thread when the client goes before the answer, or before the end
    /// of a stream; once. A second task replaces the first. Any thread; if the client is gone
    /// already, the task runs as well.
    void when_gone(Task task);

  private:
    friend class Connection;

    explicit Responder(std::shared_ptr<Call> call) : call_(std::move(call)) {}

    void give_up();

    std::shared_ptr<Call> call_;
};

} // namespace pep::http
