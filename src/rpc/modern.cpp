// JSON-RPC 2.0: single requests, notifications, batches.
#include "base/secret.hpp"
#include "rpc/binding.hpp"
#include "rpc/dispatcher.hpp"
#include "rpc/index.hpp"
#include "rpc/reply.hpp"
#include "rpc/schema_check.hpp"

#include <utility>

namespace pep::rpc {
namespace {

/// An answer that is nothing but an error: it has the HTTP status of that error.
Outcome refused(const json& id, const RpcError& error) {
    return {error_kind(error.code).http_status, modern_error(id, error), {}};
}

/// For the whole batch: none of its items was executed.
RpcError too_many_items(std::size_t most) {
    RpcError error = RpcError::of(code::invalid_request);
    error.because("too_many_items", "split the batch; x-limits has the number");
    error.expected = "at most " + std::to_string(most) + " requests";
    return error;
}

} // namespace

/// One request body on its way through the modern dialect.
class Dispatcher::Modern {
  public:
    Modern(const Dispatcher& dispatcher, CallContext& context, bool authorized)
        : dispatcher_(&dispatcher), context_(&context), authorized_(authorized) {}

    /// The token comes first: who has none learns nothing about his request but its id.
    Outcome single(json document) const {
        if (!is_authorized(document))
            return refused(id_of(document), RpcError::of(code::unauthorized));
        return execute(std::move(document), /*in_batch=*/false);
    }

    Outcome batch(json items) const {
        // All tokens first: what it costs to guess must not depend on what an item would do.
        std::vector<bool> allowed;
        bool any = authorized_;
        for (auto& item : items) {
            allowed.push_back(is_authorized(item));
            any = any || allowed.back();
        }
        if (!any)
            return refused(nullptr, RpcError::of(code::unauthorized));
        if (items.empty())
            // One error object, not an array of them: JSON-RPC 2.0 section 6.
            return refused(nullptr, empty_batch());
        if (const auto most = dispatcher_->options_.batch_items; items.size() > most)
            return refused(nullptr, too_many_items(most));
        std::string body;
        // One after the other, so that an item finds done what stands before it.
        for (std::size_t i = 0; i < items.size(); ++i) {
            const std::string answer =
                allowed[i] ? execute(std::move(items[i]), /*in_batch=*/true).body
                           : modern_error(id_of(items[i]), RpcError::of(code::unauthorized));
            // Notifications leave no trace, and a batch of nothing else is not answered at all.
            if (answer.empty())
                continue;
            body += body.empty() ? '[' : ',';
            body += answer;
        }
        if (body.empty())
            return {204, {}, {}};
        return {200, body += ']', {}};
    }

  private:
    static RpcError empty_batch() {
        RpcError error = RpcError::of(code::invalid_request);
        error.because("empty_batch", "send at least one request");
        return error;
    }

    bool is_authorized(json& item) const {
        // Taken out even if the header has proved enough: it must not stay in the document.
        std::string token = take_token(item);
        const bool right = authorized_ || dispatcher_->options_.token_is_right(token);
        wipe(token.data(), token.size());
        if (right)
            context_->authorized();
        return right;
    }

    Outcome execute(json document, bool in_batch) const {
        auto parsed = parse_request(std::move(document));
        if (!parsed)
            return refused(parsed.error().id, parsed.error().error);
        Request& request = *parsed;
        Outcome outcome = answer(request, in_batch);
        // Not answered even if it went wrong: JSON-RPC 2.0 section 4.1.
        if (request.is_notification)
            return {204, {}, {}, outcome.method};
        // Taking a big request apart takes its time, which the client need not wait for.
        outcome.spent.push_back(std::make_shared<Request>(std::move(request)));
        return outcome;
    }

    Outcome answer(Request& request, bool in_batch) const {
        if (request.method == discover_method)
            return discover(request);
        const Function* f = dispatcher_->find(request.method, Dialect::modern, 0);
        if (!f)
            return refused(request.id, RpcError::of(code::method_not_found));
        Outcome outcome = call(*f, request, in_batch);
        // As the map spells it: the client's text stays out of logs.
        outcome.method = f->name;
        return outcome;
    }

    Outcome call(const Function& f, Request& request, bool in_batch) const {
        Arguments in;
        if (auto wrong = bind_modern(f, request.params, in))
            return refused(request.id, *wrong);
        context_->set_client_id(request.client_id);
        // Nothing that is thrown inside comes out of it.
        auto reply = call_guarded(f, *context_, in);
        if (!reply)
            return refused(request.id, to_rpc_error(std::move(reply.error())));
        if (reply->deferred)
            return deferred(f, std::move(*reply), request, in_batch);
        return checked(*dispatcher_, f, std::move(*reply), request.id, in_batch);
    }

    /// The bare document as the result, as OpenRPC wants it: without `return` and `out`.
    Outcome discover(const Request& request) const {
        if (!request.params.empty()) {
            RpcError error = RpcError::of(code::invalid_params);
            error.because("unexpected", "the call is rpc.discover()");
            error.path = "/params";
            return refused(request.id, error);
        }
        const std::string_view document = dispatcher_->openrpc();
        return {200, modern_reply(request.id, document), {}};
    }

    /// The reply of a call, compared with its schema if that is asked for. `in_one_text`: nothing
    /// is left to be encoded later, because the text becomes a part of another one.
    static Outcome checked(
        const Dispatcher& dispatcher,
        const Function& f,
        Reply reply,
        const json& id,
        bool in_one_text
    ) {
        auto owners = std::move(reply.owners);
        const auto value = std::make_shared<json>(modern_result(std::move(reply)));
        // Empty but for tests, and for servers that were told to compare.
        const auto& schemas = dispatcher.index_->results;
        if (const auto schema = schemas.find(&f); schema != schemas.end())
            if (auto at = find_difference(*value, schema->second, dispatcher.index_->definitions)) {
                RpcError error = RpcError::of(code::internal_error);
                error.because("reply_differs_from_schema", "correct the function's types");
                error.path = *at;
                return refused(id, error);
            }
        Outcome outcome;
        outcome.body = modern_reply(id, *value, in_one_text ? nullptr : &outcome.rest);
        outcome.spent.push_back(value);
        // Bytes not encoded yet need their owners until they are; else these only wait to be freed.
        for (auto& owner : owners)
            if (outcome.rest.empty())
                outcome.spent.push_back(std::move(owner));
            else
                outcome.rest.keep(std::move(owner));
        return outcome;
    }

    /// The answer of a call whose result came by another way. Such calls have no outputs.
    static Outcome finished(
        const Dispatcher& dispatcher, const Function& f, const json& id, Expected<json> value
    ) {
        if (!value)
            return refused(id, to_rpc_error(std::move(value.error())));
        Reply reply;
        reply.value = std::move(*value);
        return checked(dispatcher, f, std::move(reply), id, /*in_one_text=*/true);
    }

    Outcome deferred(const Function& f, Reply reply, const Request& request, bool in_batch) const {
        // A batch answers in order and at once; a notification has nobody to wait for.
        if (in_batch || request.is_notification)
            return finished(*dispatcher_, f, request.id, reply.deferred.now());
        Outcome outcome;
        outcome.abandon = std::move(reply.deferred.abandon);
        // The dispatcher and its maps outlive every call; this object does not.
        outcome.later = [dispatcher = dispatcher_,
                         f = &f,
                         id = request.id,
                         start = std::move(reply.deferred.start)](Outcome::Finish finish) {
            start([dispatcher, f, id, finish = std::move(finish)](Expected<json> value) {
                finish(finished(*dispatcher, *f, id, std::move(value)));
            });
        };
        return outcome;
    }

    const Dispatcher* dispatcher_;
    CallContext* context_;
    bool authorized_;
};

Outcome
Dispatcher::handle_modern(Document document, bool header_authorized, CallContext& context) const {
    auto& value = document.value;
    if (!value)
        // Nothing was read, so no id is known: null, says JSON-RPC 2.0 section 5.
        return refused(nullptr, value.error());
    const Modern call{*this, context, header_authorized};
    if (value->is_array())
        return call.batch(std::move(*value));
    return call.single(std::move(*value));
}

} // namespace pep::rpc
