// Every number that bounds what clients can make the daemon do: those of its HTTP layer, and those
// of calls, events, passphrases and cached messages.
#pragma once

#include "http/limits.hpp"
#include "rpc/json_reader.hpp"
#include "rpc/request.hpp"

#include <chrono>
#include <cstddef>

namespace pep::daemon {

struct Limits : http::Limits {
    std::size_t json_depth = rpc::default_json_depth;
    std::size_t json_values = rpc::default_json_values;
    std::size_t batch_items = rpc::default_batch_items;
    std::size_t queued_calls = 256;                             ///< waiting for a worker
    std::size_t events = 1024;                                  ///< kept for readers
    std::size_t event_bytes = std::size_t{16} << 20U;           ///< all kept events together
    std::size_t event_streams = 64;                             ///< readers of GET /events
    std::size_t event_listeners = 16;                           ///< registered by old clients
    std::size_t event_sessions = 256;                           ///< queues for polling
    std::chrono::milliseconds event_session_idle{1'800'000};    ///< until a queue nobody polls goes
    std::chrono::milliseconds poll_time{3'600'000};             ///< the longest wait of a poll
    std::chrono::milliseconds passphrase_time{10'800'000};      ///< until an unused passphrase goes
    std::size_t cached_messages = 256;                          ///< kept for clients between calls
    std::size_t cached_message_bytes = std::size_t{256} << 20U; ///< all of them together
    std::chrono::milliseconds cached_message_idle{3'600'000};   ///< until an unused one goes
};

} // namespace pep::daemon
