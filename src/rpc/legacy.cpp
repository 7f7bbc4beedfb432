// The envelope of existing clients: its ids, its order of checks, its HTTP 200 for everything.
#include "base/secret.hpp"
#include "rpc/binding.hpp"
#include "rpc/dispatcher.hpp"
#include "rpc/index.hpp"
#include "rpc/reply.hpp"

#include <utility>

namespace pep::rpc {
namespace {

/// Arrays included, as this dialect knows no batches: it calls such a body no JSON.
RpcError not_an_object() {
    RpcError error = RpcError::of(code::parse_error);
    error.because("not_an_object", "send one request object; /rpc takes batches");
    return error;
}

} // namespace

/// One request body on its way through the legacy dialect.
class Dispatcher::Legacy {
  public:
    Legacy(const Dispatcher& dispatcher, CallContext& context)
        : dispatcher_(&dispatcher), context_(&context), label_(dispatcher.options_.thread_label()) {
    }

    /// HTTP 200 whatever is wrong: for the original's clients the body has it all.
    Outcome refused(std::int32_t id, const RpcError& error) const {
        return {200, legacy_error(id, label_, error), {}};
    }

    /// The order of the checks is what clients of the original can observe.
    Outcome handle(json document) const {
        if (!document.is_object())
            return refused(legacy_not_an_object_id, not_an_object());
        if (text_member(document, "jsonrpc") != "2.0")
            return refused(legacy_no_id, invalid_request("invalid_version", "/jsonrpc", "\"2.0\""));
        // Before the method is looked at: no function may be found out without it.
        std::string token = take_token(document);
        const bool right = dispatcher_->options_.token_is_right(token);
        wipe(token.data(), token.size());
        if (!right)
            return refused(legacy_no_id, RpcError::of(code::unauthorized));
        context_->authorized();
        context_->set_client_id(text_member(document, "client_id"));
        const json* named = member(document, "method");
        if (!named || !named->is_string())
            return refused(legacy_no_id, invalid_request("invalid_method", "/method", "a string"));
        const std::string method{text_member(document, "method")};
        // Any shape of that name will do: params, which tell them apart, are read after the id.
        if (!dispatcher_->find(method, Dialect::legacy, 0))
            return refused(legacy_no_id, RpcError::of(code::method_not_found));
        auto request = parse_legacy_request(document);
        if (!request)
            return refused(request.error().id, request.error().error);
        // Never null, as the name is known: a wrong number gives the shape that is no overload.
        const Function& f = *dispatcher_->find(method, Dialect::legacy, request->params.size());
        Outcome outcome = call(f, request->id, request->params);
        outcome.method = f.name;
        return outcome;
    }

  private:
    Outcome call(const Function& f, std::int32_t id, json& params) const {
        Arguments in;
        if (auto wrong = bind_legacy(f, params, in))
            return refused(id, *wrong);
        auto reply = call_guarded(f, *context_, in);
        if (!reply)
            return refused(id, to_rpc_error(std::move(reply.error())));
        if (reply->deferred)
            return deferred(std::move(*reply), id);
        const auto owners = std::move(reply->owners); // of what the document only points to
        return {200, legacy_reply(id, label_, legacy_result(std::move(*reply))), {}};
    }

    /// With the label of the thread that took the call: the result may come from another one.
    Outcome deferred(Reply reply, std::int32_t id) const {
        Outcome outcome;
        outcome.abandon = std::move(reply.deferred.abandon);
        outcome.later = [id,
                         label = label_,
                         start = std::move(reply.deferred.start)](Outcome::Finish finish) {
            start([id, label, finish = std::move(finish)](Expected<json> value) {
                if (!value)
                    return finish(
                        {200, legacy_error(id, label, to_rpc_error(std::move(value.error()))), {}}
                    );
                // Results that come later have no outputs, so outParams is empty.
                Reply late;
                late.value = std::move(*value);
                finish({200, legacy_reply(id, label, legacy_result(std::move(late))), {}});
            });
        };
        return outcome;
    }

    const Dispatcher* dispatcher_;
    CallContext* context_;
    std::string label_;
};

Outcome Dispatcher::handle_legacy(Document document, CallContext& context) const {
    const Legacy call{*this, context};
    // The original answers an empty body with an id and a code of its own.
    if (document.was_empty) {
        RpcError error = RpcError::of(code::internal_error);
        error.because("empty", "send a request in the body");
        return call.refused(legacy_no_body_id, error);
    }
    if (!document.value)
        return call.refused(legacy_not_an_object_id, document.value.error());
    return call.handle(std::move(*document.value));
}

} // namespace pep::rpc
