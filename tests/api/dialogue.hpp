// One client on a real engine in a home of its own, speaking both dialects.
#pragma once

#include "api/api.hpp"
#include "fakes.hpp"
#include "rpc/dispatcher.hpp"
#include "support/temporary_folder.hpp"

#include <string>

namespace pep::api {

class Dialogue {
  public:
    /// The reply of a modern call, with `result` or `error`.
    json call(const std::string& method, json params) {
        const json request{
            {"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", std::move(params)}};
        return body_of(dispatcher.handle_modern(request.dump(), true, context));
    }

    /// `outParams` and `return` of an old client's call; the error object when it fails.
    json legacy(const std::string& method, json params) {
        const json request{
            {"jsonrpc", "2.0"},
            {"id", 7},
            {"security_token", "right"},
            {"method", method},
            {"params", std::move(params)}};
        auto reply = body_of(dispatcher.handle_legacy(request.dump(), context));
        return reply.contains("result") ? reply["result"] : reply["error"];
    }

    /// An own identity with a key; its fingerprint.
    std::string own_key(const std::string& address, const std::string& name) {
        const auto reply = call(
            "myself",
            {{"identity",
              {{"address", address}, {"user_id", "pEp_own_userId"}, {"username", name}}}}
        );
        return reply["result"]["out"]["identity"]["fpr"].get<std::string>();
    }

    test::TemporaryFolder home;
    FakeService service;
    TestContext context{home.path(), service};
    rpc::Dispatcher dispatcher{all_functions(), options()};

  private:
    /// Polls answer later, but no fake event lets them wait.
    static json body_of(rpc::Outcome outcome) {
        if (outcome.later)
            outcome.later([&](rpc::Outcome late) { outcome.body = std::move(late.body); });
        return json::parse(outcome.body);
    }

    static rpc::Dispatcher::Options options() {
        rpc::Dispatcher::Options made;
        made.token_is_right = [](std::string_view token) { return token == "right"; };
        made.check_replies = true;
        return made;
    }
};

} // namespace pep::api
