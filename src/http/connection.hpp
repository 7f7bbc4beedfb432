// One client's connection: bytes in, requests through the gate to the handler, one at a time and in
// order, answers out; deadlines for every state. Loop thread only.
#pragma once

#include "base/descriptor.hpp"
#include "http/body_parser.hpp"
#include "http/call.hpp"
#include "http/context.hpp"
#include "http/response_writer.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pep::http {

/// What becomes of a connection when there is no room for another. Who goes first comes first.
enum class Standing {
    idle,    ///< nobody proved anything here, and no request is under way
    reading, ///< … or one without a right token is
    stays,
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    using Clock = std::chrono::steady_clock;

    /// Takes over an accepted, non-blocking socket. The context outlives the connection. Null if
    /// memory is short.
    static std::shared_ptr<Connection>
    open(Context* context, std::shared_ptr<const Door> door, Descriptor socket, std::uint64_t id);

    Connection(const Connection&) = delete;
    Connection(Connection&&) = delete;
    Connection& operator=(const Connection&) = delete;
    Connection& operator=(Connection&&) = delete;
    ~Connection() = default;

    /// Answer with a refusal before anything is read, and close.
    void turn_away(const Refusal& refusal);

    /// End it now. What the handler still answers is dropped. Idempotent.
    void close();

    [[nodiscard]] Standing standing() const;

    [[nodiscard]] Clock::time_point idle_since() const noexcept { return idle_since_; }

    /// Bytes of answers are on their way to the client.
    [[nodiscard]] bool busy_sending() const;

    /// Refuses what is being read, and closes in all other states.
    void run_out_of_memory() noexcept;

    // For Responder and Stream. Ignored unless the call is the one at work here.
    void answer(const Call* call, Response response);
    void fail_call(const Call* call);
    void begin_stream(const Call* call, Response response);
    void write_stream(const Call* call, std::string piece);
    void end_stream(const Call* call);

  private:
    enum class State {
        head,      // waiting for a request, or within its header block
        body,      // reading its body
        waiting,   // the handler is at it
        streaming, // the handler sends pieces
        flushing,  // the last answer is on its way; then close
        lingering, // all is sent; reading on so that no RST overtakes it
        closed,
    };

    Connection(Context* context, std::shared_ptr<const Door> door, std::uint64_t id);

    // Events. libevent is C: nothing may fly through it.
    template <auto Member, class... Args>
    void guarded(Args... args) noexcept;
    void on_readable();
    bool read_piece();
    void on_written();
    void on_event(short what);
    void on_deadline();

    // Reading; the bool says whether to go on at once.
    void process();
    bool step();
    bool read_head();
    bool skip_empty_line();
    bool begin_request(std::string_view block);
    void begin_refused_request();
    std::optional<Refusal> pass_gate(Head& head, Route& route);
    std::optional<Refusal> prepare_body(const Head& head);
    bool read_body();
    bool dispatch();

    // Writing.
    void refuse(const Refusal& refusal);
    void add_fault_headers(Response& response, const Refusal& refusal) const;
    void write_response(Response response);
    void send(std::string head, std::string body);
    void queue(std::string text, std::size_t from);
    void send_rest();
    void close_when_sent();
    void finish_sending();

    // Deadlines.
    void update_deadline();
    [[nodiscard]] Clock::time_point deadline_of_state() const;
    [[nodiscard]] std::chrono::milliseconds time_for(std::uint64_t bytes) const;
    void arm(Clock::time_point when);
    [[nodiscard]] bool client_is_there() const;

    void lose_call();
    [[nodiscard]] bool authenticated() const;
    [[nodiscard]] bool reading_suspended() const;
    [[nodiscard]] bool waits_for_reader() const;

    [[nodiscard]] evbuffer* input() const { return bufferevent_get_input(stream_.get()); }

    [[nodiscard]] evbuffer* output() const { return bufferevent_get_output(stream_.get()); }

    [[nodiscard]] std::size_t unsent() const {
        return evbuffer_get_length(output()) + (rest_ ? rest_->size() : 0);
    }

    /// The first bytes of the input in one piece; they must be there. Throws bad_alloc.
    [[nodiscard]] std::string_view front_of_input(std::size_t size) const;
    void drain(std::size_t bytes);
    void set_read_ahead(std::size_t bytes);

    Context* context_;
    std::shared_ptr<const Door> door_;
    std::uint64_t id_;
    Bufferevent stream_;
    Event timer_;
    State state_ = State::head;
    bool processing_ = false;   // process() is on the stack
    bool skipped_line_ = false; // one empty line before a request is forgiven
    bool input_ended_ = false;  // the client sends no more, but reads on
    bool keep_alive_ = true;    // of the request at work, like the next three
    bool http_1_0_ = false;
    bool head_only_ = false;
    bool body_unread_ = false;  // of a refused request: linger
    std::uint32_t scanned_ = 0; // of the header block
    Clock::time_point idle_since_;
    Clock::time_point started_; // of the request or body being read
    Clock::time_point send_deadline_;
    Clock::time_point armed_for_ = Clock::time_point::max();
    std::optional<std::uint64_t> announced_; // length of the body being read
    std::string allow_;                      // methods, for a 405

    // While a request is read or at work; null in between, to keep idle connections small.
    std::unique_ptr<Request> request_;
    std::unique_ptr<BodyParser> parser_;
    std::shared_ptr<BodyBudget> budget_;
    std::shared_ptr<Call> call_;
    std::unique_ptr<LongText> rest_;       // of the answer that is being sent; null if none
    std::shared_ptr<ConnectionSlot> slot_; // from the first request on
};

} // namespace pep::http
