// Which path means what: JSON-RPC in both dialects, the proof of identity, schema, function table
// and test page. Requests arrive on the loop thread; calls run on workers, cheap ones at once.
#pragma once

#include "base/lazy.hpp"
#include "base/log.hpp"
#include "base/work_queue.hpp"
#include "daemon/event_streams.hpp"
#include "daemon/page_codes.hpp"
#include "daemon/sessions.hpp"
#include "daemon/token_file.hpp"
#include "http/request.hpp"
#include "http/static_files.hpp"
#include "rpc/dispatcher.hpp"

#include <functional>
#include <string>

namespace pep::daemon {

/// What the routes work with; all of it outlives them.
struct RouteParts {
    const rpc::Dispatcher& dispatcher;
    WorkQueue& queue;
    const TokenKeeper& token;
    const Lazy<http::StaticFiles>& files;
    EventStreams& streams;
    PageCodes& page_codes;
    std::string epoch;
    std::function<std::shared_ptr<ConnectionContext>()> make_context;
    log::Logger log;
};

class Routes final : public http::Handler {
  public:
    explicit Routes(RouteParts parts);

    http::Route route(std::string_view path) const override;
    void handle(http::Request request, http::Responder responder) override;
    http::Response
    fault(int status, std::string_view slug, const http::Request& request) const override;

  private:
    enum class Door { modern, legacy };

    /// A JSON-RPC request: cheap ones are answered at once, others by a worker, or refused (503)
    /// when too many wait. Loop thread.
    void call(Door door, http::Request request, http::Responder responder);
    /// On the loop thread or on a worker; one at a time per connection.
    void answer(
        Door door,
        http::Request& request,
        std::size_t size, ///< of the body, which is gone
        rpc::Document document,
        http::Responder responder
    ) const;
    [[nodiscard]] http::Response redeem(http::Request& request) const;
    /// Shows that this server knows the token, without telling it.
    [[nodiscard]] http::Response prove(const http::Request& request) const;
    /// The context of the connection, made by its first call.
    ConnectionContext& context_of(const http::Request& request) const;

    RouteParts parts_;
    Lazy<std::string> function_table_;
};

} // namespace pep::daemon
