// Every toy function, called with random JSON shaped by its own schema, in both dialects: each call
// is answered, nothing crashes or leaks, and right replies fit their schema (make_dispatcher
// checks).
#include "rpc/json_writer.hpp"
#include "rpc/toy_functions.hpp"
#include "support/random_json.hpp"

#include <gtest/gtest.h>

namespace pep::rpc {
namespace {

constexpr int rounds = 150;

TEST(RandomCalls, ByNameAreAllAnswered) {
    const auto dispatcher = toy::make_dispatcher();
    const json document = json::parse(dispatcher.openrpc());
    test::RandomJson random{document["components"]["schemas"], 1};
    toy::Context context;
    int good = 0;
    for (const auto& method : document["methods"])
        for (int i = 0; i < rounds; ++i) {
            json params = json::object();
            for (const auto& param : method["params"])
                if (random.below(20) > 0)
                    params[param["name"].get<std::string>()] =
                        random.make(param["schema"], i % 2 == 0 ? 0 : 5);
            const json request{
                {"jsonrpc", "2.0"}, {"id", i}, {"method", method["name"]}, {"params", params}};
            const Outcome outcome = dispatcher.handle_modern(to_text(request), true, context);
            if (outcome.later)
                continue;
            const json reply = json::parse(outcome.body);
            EXPECT_EQ(reply["id"], i);
            good += reply.contains("result");
            if (reply.contains("error")) {
                EXPECT_NE(reply["error"]["data"]["reason"], "reply_differs_from_schema")
                    << reply.dump();
            }
        }
    EXPECT_GT(good, rounds); // the schema is what functions take
}

TEST(RandomCalls, ByPositionOfOldClientsAreAllAnswered) {
    const auto dispatcher = toy::make_dispatcher();
    marshal::Schemas schemas;
    for (const auto& map : dispatcher.maps())
        for (const auto& f : map.functions)
            for (const auto& param : f.parameters())
                if (param.schema)
                    param.schema(schemas);
    test::RandomJson random{schemas.definitions(), 2};
    toy::Context context;
    for (const auto& map : dispatcher.maps())
        for (const auto& f : map.functions)
            for (int i = 0; i < rounds; ++i) {
                json params = json::array();
                for (const auto& param : f.parameters())
                    if (param.direction != Direction::hidden)
                        params.push_back(
                            param.schema ? random.make(param.schema(schemas), 5) : json("OP")
                        );
                const json request{
                    {"jsonrpc", "2.0"},
                    {"id", i},
                    {"security_token", toy::token},
                    {"method", f.name},
                    {"params", params}};
                const Outcome outcome = dispatcher.handle_legacy(to_text(request), context);
                if (!outcome.later) {
                    EXPECT_EQ(json::parse(outcome.body)["jsonrpc"], "2.0");
                }
            }
}

} // namespace
} // namespace pep::rpc
