// A trusted connection to the user's server, and calls on it: find the token file, start a server
// if none answers, have it prove itself, and only then send token and parameters. Blocking; one
// thread at a time.
#pragma once

#include "base/expected.hpp"
#include "client/connection.hpp"
#include "client/json.hpp"
#include "client/rendezvous.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pep::client {

struct ClientOptions {
    std::filesystem::path home;
    bool by_socket = false;                      ///< the Unix socket instead of TCP
    bool may_start = true;                       ///< start a server where none answers
    std::optional<std::chrono::seconds> timeout; ///< of a call; nothing: wait for ever
    std::string client_id;                       ///< "": none
};

class Client {
  public:
    /// A connection whose server proved that it wrote the token file. A server that does not
    /// answer, or fails the proof, is taken for a stranger on the port of one that ended: then a
    /// start is tried, once.
    [[nodiscard]] static Expected<Client> connect(ClientOptions options);

    /// Call a function; `params` is an object or an array, and wiped. -> the answer, an object with
    /// `result` or `error`. HTTP 401 makes it read the token file again and repeat the call, once.
    [[nodiscard]] Expected<Json> call(std::string_view method, Json params);

    /// What the server says about its functions.
    [[nodiscard]] Expected<Json> openrpc();

    /// One event at a time, until `take` returns false or the server ends the stream. `after`
    /// (EPOCH.N) resumes; "" begins now.
    using TakeEvent = std::function<bool(std::string_view id, std::string_view data)>;
    [[nodiscard]] Expected<void> events(const std::string& after, const TakeEvent& take);

  private:
    Client(ClientOptions options, Connection connection, Secret token)
        : options_(std::move(options)), connection_(std::move(connection)),
          token_(std::move(token)) {}

    [[nodiscard]] Deadline call_deadline() const;
    [[nodiscard]] Expected<HttpReply> post(std::string_view body);

    ClientOptions options_;
    Connection connection_;
    Secret token_;
};

} // namespace pep::client
