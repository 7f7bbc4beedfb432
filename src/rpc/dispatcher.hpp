// From the body of a request to the body of its answer, in both dialects: find the function, bind
// the parameters by name or position, call, reply. Knows no HTTP beyond a status code and no
// function beyond those in the maps it is given.
#pragma once

#include "base/long_text.hpp"
#include "rpc/context.hpp"
#include "rpc/function_map.hpp"
#include "rpc/json_reader.hpp"
#include "rpc/request.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pep::rpc {

/// The answer to a body.
struct Outcome {
    using Finish = std::function<void(Outcome)>;

    int http_status = 200;
    std::string body; ///< empty with 204: nothing is to be answered
    /// Set when the answer comes later (a long poll): call it once, it calls Finish once, from any
    /// thread and while the dispatcher lives. `http_status` and `body` mean nothing then.
    std::function<void(Finish)> later;
    std::string_view method = {}; ///< what was called, as the map names it; "" if nothing
    /// If set: tells a later answer that nobody waits for it any more. Any thread, at any time.
    std::function<void()> abandon = {};
    LongText rest = {}; ///< what follows `body`, if the answer is too long for one text
    /// Nobody needs it any more: let it go when the answer is on its way, for that takes a while.
    std::vector<std::shared_ptr<void>> spent = {};
};

/// A body that was read.
struct Document {
    tl::expected<json, RpcError> value;
    bool was_empty = false; ///< the body had no byte; the old dialect answers that in its own way
};

/// What answering a body will take, as far as that can be seen without doing it.
enum class Effort {
    cheap,    ///< microseconds: a function marked so, or a refusal
    ordinary, ///< a function, or nobody knows
    slow,     ///< a function marked so, or a batch
};

struct Prospect {
    Effort effort = Effort::ordinary;
    std::string client_id; ///< "" if none is given
};

/// Any number of threads may use one dispatcher; each call brings its own context.
class Dispatcher {
  public:
    struct Options {
        std::function<bool(std::string_view)> token_is_right; ///< compares in constant time
        std::function<std::string()> thread_label; ///< legacy `thread_id`; default: made up
        json info = json::object();                ///< OpenRPC `info`: title, version, …
        json limits = json::object();              ///< published as `x-limits`
        JsonLimits documents;
        std::size_t batch_items = default_batch_items;
        bool check_replies = false; ///< compare each reply with its schema; for tests
    };

    Dispatcher(std::vector<MapView> maps, Options options);
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    /// Reads a body, which is wiped then.
    [[nodiscard]] Document read(std::string body) const;

    /// JSON-RPC 2.0. `header_authorized`: the HTTP header carried the right token, so the body need
    /// not.
    Outcome handle_modern(Document document, bool header_authorized, CallContext& context) const;

    Outcome handle_modern(std::string body, bool header_authorized, CallContext& context) const {
        return handle_modern(read(std::move(body)), header_authorized, context);
    }

    /// The envelope of existing clients.
    Outcome handle_legacy(Document document, CallContext& context) const;

    Outcome handle_legacy(std::string body, CallContext& context) const {
        return handle_legacy(read(std::move(body)), context);
    }

    /// What a document will take. A request without the right token is cheap, whatever it wants.
    [[nodiscard]] Prospect
    assess(const Document& document, Dialect dialect, bool header_authorized) const;

    /// The function a request means, or nullptr. `count`: elements of params, for overloads.
    [[nodiscard]] const Function*
    find(std::string_view name, Dialect dialect, std::size_t count) const;

    /// The OpenRPC document, as text; made when it is first asked for.
    [[nodiscard]] const std::string& openrpc() const;

    /// Tell in the document where the methods are called, once that is known. Before the first
    /// call; a document that was given out is gone then.
    void announce_url(std::string_view url);

    [[nodiscard]] const std::vector<MapView>& maps() const noexcept { return maps_; }

  private:
    struct Index;
    class Modern;
    class Legacy;

    std::vector<MapView> maps_;
    Options options_;
    std::unique_ptr<Index> index_;
};

/// The name of a function that two maps both claim, or "". Within one map the compiler checks.
[[nodiscard]] std::string find_conflict(const std::vector<MapView>& maps);

} // namespace pep::rpc
