// The examples of the JSON-RPC 2.0 specification (section 7), literally: its requests, its answers.
//
// Our result is an object with the function's value inside, and our errors carry `data`; both are
// brought into the specification's form before they are compared.
#include "rpc/toy_functions.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace pep::rpc {
namespace {

int told = 0; // what notify_hello was told last

int subtract(int minuend, int subtrahend) { return minuend - subtrahend; }

int sum(int a, int b, int c) { return a + b + c; }

void update(int, int, int, int, int) {}

void notify_hello(int number) { told = number; }

json get_data() { return json::array({"hello", 5}); }

constexpr FunctionMap map{
    "Examples",
    function<&subtract>("subtract", "2", In{"minuend", "a"}, In{"subtrahend", "b"}),
    function<&sum>("sum", "The sum.", In{"a", "1"}, In{"b", "2"}, In{"c", "3"}),
    function<&update>(
        "update", "Nothing.", In{"a", "1"}, In{"b", "2"}, In{"c", "3"}, In{"d", "4"}, In{"e", "5"}
    ),
    function<&notify_hello>("notify_hello", "Hello.", In{"number", "any"}),
    function<&get_data>("get_data", "Some."),
};

json in_their_form(json answer) {
    if (answer.is_array()) {
        for (auto& one : answer)
            one = in_their_form(std::move(one));
        return answer;
    }
    if (answer.contains("result")) {
        EXPECT_EQ(answer["result"]["out"], json::object());
        answer["result"] = json(answer["result"]["return"]);
    }
    if (answer.contains("error")) {
        EXPECT_TRUE(answer["error"]["data"].contains("hint"));
        answer["error"].erase("data");
    }
    return answer;
}

struct Example {
    const char* name;
    const char* request;
    const char* answer; ///< "" for none
};

/// The words of our messages differ in capitals only where the specification has some.
constexpr Example examples[] = {
    {"positional parameters",
     R"({"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1})",
     R"({"jsonrpc": "2.0", "result": 19, "id": 1})"},
    {"positional parameters, the other way round",
     R"({"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2})",
     R"({"jsonrpc": "2.0", "result": -19, "id": 2})"},
    {"named parameters",
     R"({"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3})",
     R"({"jsonrpc": "2.0", "result": 19, "id": 3})"},
    {"named parameters in another order",
     R"({"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4})",
     R"({"jsonrpc": "2.0", "result": 19, "id": 4})"},
    {"a notification", R"({"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]})", ""},
    {"a notification of a non-existent method", R"({"jsonrpc": "2.0", "method": "foobar"})", ""},
    {"non-existent method",
     R"({"jsonrpc": "2.0", "method": "foobar", "id": "1"})",
     R"({"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "1"})"},
    {"invalid JSON",
     R"({"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz])",
     R"({"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null})"},
    {"invalid request object",
     R"({"jsonrpc": "2.0", "method": 1, "params": "bar"})",
     R"({"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null})"},
    {"batch, invalid JSON",
     R"([
        {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
        {"jsonrpc": "2.0", "method"
     ])",
     R"({"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null})"},
    {"an empty array",
     "[]",
     R"({"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null})"},
    {"an invalid batch that is not empty",
     "[1]",
     R"([{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}])"},
    {"an invalid batch",
     "[1,2,3]",
     R"([
        {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
        {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
        {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}
     ])"},
    {"a batch",
     R"([
        {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
        {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
        {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
     ])",
     R"([
        {"jsonrpc": "2.0", "result": 7, "id": "1"},
        {"jsonrpc": "2.0", "result": 19, "id": "2"},
        {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
        {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "5"},
        {"jsonrpc": "2.0", "result": ["hello", 5], "id": "9"}
     ])"},
    {"a batch of notifications",
     R"([
        {"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}
     ])",
     ""},
};

Outcome outcome_of(std::string_view request) {
    Dispatcher::Options options;
    options.info = {{"title", "Examples"}, {"version", "1"}};
    const MapView functions = map;
    const Dispatcher dispatcher{{functions}, std::move(options)};
    toy::Context context;
    return dispatcher.handle_modern(std::string{request}, /*header_authorized=*/true, context);
}

class JsonRpcSpecification : public testing::TestWithParam<Example> {};

TEST_P(JsonRpcSpecification, ExampleIsAnswered) {
    const auto outcome = outcome_of(GetParam().request);
    if (std::string_view{GetParam().answer}.empty()) {
        EXPECT_EQ(outcome.http_status, 204);
        EXPECT_EQ(outcome.body, "");
        return;
    }
    EXPECT_EQ(outcome.http_status, 200);
    // As values: the order of members is free.
    EXPECT_EQ(
        nlohmann::json::parse(in_their_form(json::parse(outcome.body)).dump()),
        nlohmann::json::parse(GetParam().answer)
    );
}

INSTANTIATE_TEST_SUITE_P(
    Section7,
    JsonRpcSpecification,
    testing::ValuesIn(examples),
    [](const testing::TestParamInfo<Example>& tested) {
        std::string name = tested.param.name;
        for (char& c : name)
            if (std::isalnum(static_cast<unsigned char>(c)) == 0)
                c = '_';
        return name;
    }
);

TEST(JsonRpcNotifications, AreExecuted) {
    told = 0;
    (void)outcome_of(R"({"jsonrpc": "2.0", "method": "notify_hello", "params": [7]})");
    EXPECT_EQ(told, 7);
    (void)outcome_of(R"([{"jsonrpc": "2.0", "method": "notify_hello", "params": [8]}])");
    EXPECT_EQ(told, 8);
}

} // namespace
} // namespace pep::rpc
