// Requests the server makes itself, to programs of the same user on this machine. Loop thread only.
#pragma once

#include "http/event.hpp"
#include "http/server.hpp"

#include <functional>
#include <list>
#include <memory>

namespace pep::http {

class Outgoing {
  public:
    Outgoing(event_base* base, PeerLookup peer_lookup);

    Outgoing(const Outgoing&) = delete;
    Outgoing(Outgoing&&) = delete;
    Outgoing& operator=(const Outgoing&) = delete;
    Outgoing& operator=(Outgoing&&) = delete;
    ~Outgoing();

    /// Send it, and tell once how that went; never before this returns. Nothing is sent to a
    /// program of another user.
    void post(Post post, std::function<void(const Delivery&)> done);

    /// Give up all that are under way; nobody is told.
    void close();

  private:
    class Exchange;

    event_base* base_;
    PeerLookup peer_lookup_;
    std::list<std::unique_ptr<Exchange>> exchanges_;
};

} // namespace pep::http
