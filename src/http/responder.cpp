// Answers find their way to the loop thread. There they go straight to the connection, from
// elsewhere by the mailbox.
#include "http/responder.hpp"

#include "http/call.hpp"
#include "http/connection.hpp"
#include "http/request.hpp"

#include <exception>
#include <utility>

namespace pep::http {

namespace {

// Runs `act(connection)` on the loop thread, if the connection still is there. The weak pointer is
// locked there only: no other thread may become a connection's last owner.
template <class Act>
void with_connection(const std::shared_ptr<Call>& call, Act act) {
    // A short cut. Who just misses it finds no connection, or one that is at another call.
    if (call->gone) {
        return;
    }
    auto deliver = [call, act = std::move(act)]() mutable {
        const auto connection = call->connection.lock();
        try {
            if (connection) {
                act(*connection);
            }
        } catch (const std::exception&) {
            connection->run_out_of_memory();
        }
    };
    if (call->mailbox->on_loop_thread()) {
        deliver();
    } else {
        // Dropped when the server is gone, and the connection with it.
        call->mailbox->post(std::move(deliver));
    }
}

// On the loop thread.
void watch(Call& call, Task task) {
    if (call.gone) {
        task();
    } else {
        // Kept by the call, so that the responder may be moved or spent meanwhile.
        call.when_gone = std::move(task);
    }
}

} // namespace

/// What the copies of a Stream share: the last one that goes ends it.
struct Stream::State {
    explicit State(std::shared_ptr<Call> started) : call(std::move(started)) {}

    State(const State&) = delete;
    State(State&&) = delete;
    State& operator=(const State&) = delete;
    State& operator=(State&&) = delete;

    ~State() { end(); }

    void end() const {
        with_connection(call, [call = call](Connection& connection) {
            connection.end_stream(call.get());
        });
    }

    const std::shared_ptr<Call> call;
};

bool Stream::write(std::string piece) const {
    if (client_gone()) {
        return false;
    }
    const std::shared_ptr<Call>& call = state_->call;
    with_connection(call, [call, piece = std::move(piece)](Connection& connection) mutable {
        connection.write_stream(call.get(), std::move(piece));
    });
    // Asked again: on the loop thread, that piece may have been too much for a slow reader.
    return !client_gone();
}

bool Stream::client_gone() const noexcept { return state_->call->gone; }

bool Stream::drained() const {
    const auto connection = state_->call->connection.lock();
    return !client_gone() && connection && !connection->busy_sending();
}

void Stream::when_drained(std::function<void()> task) const {
    state_->call->when_drained = std::move(task);
}

void Stream::end() const { state_->end(); }

Responder& Responder::operator=(Responder&& other) noexcept {
    if (this != &other) {
        give_up();
        call_ = std::move(other.call_);
    }
    return *this;
}

Responder::~Responder() { give_up(); }

void Call::run() noexcept {
    // On the loop thread, see with_connection(). Too late if the client left meanwhile.
    const auto owner = connection.lock();
    if (!owner) {
        return;
    }
    try {
        if (outcome) {
            owner->answer(this, std::move(*outcome));
        } else {
            owner->fail_call(this);
        }
    } catch (const std::exception&) {
        owner->run_out_of_memory();
    }
}

void Responder::give_up() {
    // Spent before anything is sent: the answer may end what owns this responder.
    const auto call = std::exchange(call_, nullptr);
    if (!call || call->gone) {
        return;
    }
    if (call->mailbox->on_loop_thread()) {
        call->run();
    } else {
        // The call is its own errand: no memory is needed to tell that there was none.
        call->mailbox->post(std::shared_ptr<Errand>(call));
    }
}

void Responder::send(Response response) {
    if (call_) {
        // The mailbox hands it over: nobody reads it before the call runs on the loop thread.
        call_->outcome = std::move(response);
        give_up();
    }
}

Stream Responder::stream(Response response) {
    const auto call = std::exchange(call_, nullptr);
    with_connection(call, [call, response = std::move(response)](Connection& connection) mutable {
        connection.begin_stream(call.get(), std::move(response));
    });
    // The duty is the stream's from here on.
    return Stream(std::make_shared<Stream::State>(call));
}

bool Responder::client_gone() const noexcept { return call_ && call_->gone; }

void Responder::when_gone(Task task) {
    if (!call_) {
        return;
    }
    if (!call_->mailbox->on_loop_thread()) {
        // `gone` and the task belong together, and change on the loop thread only.
        call_->mailbox->post([call = call_, task = std::move(task)]() mutable {
            watch(*call, std::move(task));
        });
        return;
    }
    watch(*call_, std::move(task));
}

} // namespace pep::http
