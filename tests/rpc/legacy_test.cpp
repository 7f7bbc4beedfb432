// The legacy dialect: golden replies, ids, order of checks, placeholders, dummies of old clients.
#include "rpc/toy_functions.hpp"

#include <gtest/gtest.h>

namespace pep::rpc {
namespace {

using toy::legacy;

constexpr const char* head = R"({"jsonrpc":"2.0","id":7,"thread_id":" ¶A1B ",)";

std::string raw(const std::string& body) {
    toy::Context context;
    const Outcome outcome = toy::make_dispatcher().handle_legacy(body, context);
    EXPECT_EQ(outcome.http_status, 200);
    return outcome.body;
}

std::string call(const std::string& method, const std::string& params) {
    return legacy(R"("method":")" + method + R"(","params":)" + params);
}

/// "code id" of an error, without the rest.
std::string refusal(const std::string& reply) {
    const json j = json::parse(reply);
    if (!j.contains("error"))
        return "no error: " + reply;
    return j["error"]["code"].dump() + " " + j["id"].dump();
}

TEST(Legacy, OutputsComeInReverseOrderBeforeTheReturnValue) {
    EXPECT_EQ(
        call("greet", R"([{"name":"Ann"},"EN","OP","OP",false])"),
        std::string(head) +
            R"("result":{"outParams":[15,"hi Ann en short"],"return":{"status":0}}})"
    );
}

TEST(Legacy, EveryOutputOfAFunctionIsThere) {
    EXPECT_EQ(
        call("open_letter", R"([{"subject":"S"},["OP"],["A"],["OP"],1])"),
        std::string(head) +
            R"("result":{"outParams":[9,{"mood":5},["K1"],{"dir":1,"subject":"S"},{"subject":"S"}],)"
            R"("return":{"status":0}}})"
    );
}

TEST(Legacy, VoidIsNullAndNoOutputsAreAnEmptyArray) {
    EXPECT_EQ(
        call("update", "[1,2,3,4,5]"),
        std::string(head) + R"("result":{"outParams":[],"return":null}})"
    );
}

TEST(Legacy, IgnoresWhatStandsInPlaceholders) {
    for (const char* placeholder : {"\"OP\"", "[\"OP\"]", "\"O\"", "[\"\"]", "null", "7", "{}"}) {
        const std::string reply =
            call("take_bytes", std::string(R"(["QUJD",)") + placeholder + "," + placeholder + "]");
        EXPECT_EQ(
            reply, std::string(head) + R"("result":{"outParams":[["CCC"]],"return":{"status":0}}})"
        );
    }
}

TEST(Legacy, DummiesOfOldShapesCountAsNothingWhereDeclared) {
    for (const char* flags : {"[\"OP\"]", "\"O\"", "\"\"", "null", "{}", "true", "0"})
        for (const char* keys : {"[\"OP\"]", "\"O\"", "null", "[\"\"]", "{}", "7"}) {
            const json reply = json::parse(call(
                "open_letter",
                std::string(R"([{"subject":"S"},["OP"],)") + keys + R"(,["OP"],)" + flags + "]"
            ));
            EXPECT_EQ(reply["result"]["outParams"][0], 8) << flags;
            EXPECT_EQ(reply["result"]["outParams"][3].dump(), R"({"subject":"S"})") << keys;
        }
}

TEST(Legacy, LenienceEndsWhereAValueWasMeant) {
    EXPECT_EQ(refusal(call("open_letter", R"([null,0,["A",7],0,0])")), "-32603 7");
    EXPECT_EQ(refusal(call("open_letter", R"([null,0,null,0,-1])")), "-32603 7");
}

TEST(Legacy, NullReachesTheLibraryWhereItsTypeHasOne) {
    EXPECT_EQ(
        call("complete", "[null]"),
        std::string(head) + R"("result":{"outParams":[null],"return":{"status":-4}}})"
    );
    EXPECT_EQ(refusal(call("greet", R"([null,null,0,0,true])")), "-32603 7");
}

TEST(Legacy, AnswersToOldNames) {
    EXPECT_EQ(
        json::parse(call("complet", R"([{"name":"x"}])"))["result"]["outParams"][0]["me"], true
    );
    EXPECT_EQ(json::parse(call("only_legacy", "[]"))["result"]["return"], true);
    EXPECT_EQ(refusal(call("only_modern", "[]")), "-32601 -1");
}

TEST(Legacy, ChoosesAmongOldShapesByTheNumberOfParameters) {
    EXPECT_EQ(json::parse(call("older", "[6]"))["result"]["return"], 6);
    EXPECT_EQ(json::parse(call("older", "[6,7]"))["result"]["return"], 42);
    EXPECT_EQ(refusal(call("older", "[6,7,8]")), "-32603 7");
}

TEST(Legacy, WrongParametersAreInternalErrorsWithoutAnEcho) {
    const std::string reply = call("complete", R"([{"address":["PLANTED"]}])");
    EXPECT_EQ(
        reply,
        std::string(head) +
            R"("error":{"code":-32603,"message":"Invalid params: /params/0/address: expected a string",)"
            R"("data":{"reason":"wrong_type","path":"/params/0/address","expected":"a string",)"
            R"("hint":"send a value of the expected JSON type"}}})"
    );
    EXPECT_EQ(
        call("subtract", "[1]"),
        std::string(head) +
            R"("error":{"code":-32603,"message":"Invalid params: expected 2 elements, got 1",)"
            R"("data":{"reason":"wrong_count","path":"/params","expected":"2 elements",)"
            R"("hint":"outputs and lengths have a placeholder each"}}})"
    );
    EXPECT_EQ(refusal(call("complete", R"([{"name":"a\u0000"}])")), "-32603 7");
    EXPECT_EQ(refusal(call("subtract", "[1,2147483648]")), "-32603 7");
}

TEST(Legacy, CountsParametersExactlyAndMissingOnesAsNone) {
    EXPECT_EQ(json::parse(legacy(R"("method":"version")"))["result"]["return"], "1.0 for ");
    EXPECT_EQ(
        json::parse(legacy(R"("method":"version","params":null)"))["result"]["return"], "1.0 for "
    );
    EXPECT_EQ(refusal(call("version", "[1]")), "-32603 7");
    EXPECT_EQ(refusal(call("greet", R"([{},"de",0,0])")), "-32603 7");
}

TEST(LegacyEnvelope, AnswersAWrongTokenWithInvalidRequest) {
    EXPECT_EQ(
        raw(R"({"jsonrpc":"2.0","id":7,"method":"version","security_token":"PLANTED"})"),
        R"({"jsonrpc":"2.0","id":-1,"thread_id":" ¶A1B ","error":{"code":-32600,)"
        R"("message":"Unauthorized","data":{"reason":"unauthorized",)"
        R"("hint":"read the token file again and send its token"}}})"
    );
    EXPECT_EQ(refusal(raw(R"({"jsonrpc":"2.0","id":7,"method":"version"})")), "-32600 -1");
    EXPECT_EQ(
        refusal(raw(R"({"jsonrpc":"2.0","id":7,"method":"nonsense","security_token":1})")),
        "-32600 -1"
    );
}

TEST(LegacyEnvelope, UsesTheIdsOfTheOriginal) {
    EXPECT_EQ(refusal(raw("")), "-32603 -42");
    EXPECT_EQ(refusal(raw("[]")), "-32700 42");
    EXPECT_EQ(refusal(raw("7")), "-32700 42");
    EXPECT_EQ(refusal(raw("{")), "-32700 42");
    EXPECT_EQ(refusal(raw(R"({"a":1,"a":1})")), "-32700 42");
    EXPECT_EQ(refusal(raw(R"({"id":7})")), "-32600 -1");
    EXPECT_EQ(refusal(legacy(R"("x":1)")), "-32600 -1");
    EXPECT_EQ(refusal(legacy(R"("method":7)")), "-32600 -1");
    EXPECT_EQ(refusal(legacy(R"("method":"nonsense")")), "-32601 -1");
    EXPECT_EQ(refusal(legacy(R"("method":"version","params":{})")), "-32600 7");
}

std::string with_id(const std::string& id_member) {
    const json j = json::parse(raw(
        R"({"jsonrpc":"2.0","security_token":"right-token","method":"version")" + id_member + "}"
    ));
    return (j.contains("error") ? j["error"]["code"].dump() + " " : "") + j["id"].dump();
}

TEST(LegacyEnvelope, TakesIntegerIdsOnlyAndCutsThemTo32Bits) {
    EXPECT_EQ(with_id(""), "-1");
    EXPECT_EQ(with_id(R"(,"id":null)"), "-1");
    EXPECT_EQ(with_id(R"(,"id":-5)"), "-5");
    EXPECT_EQ(with_id(R"(,"id":3000000000)"), "-1294967296");
    EXPECT_EQ(with_id(R"(,"id":18446744073709551615)"), "-1");
    EXPECT_EQ(with_id(R"(,"id":"7")"), "-32600 -1");
    EXPECT_EQ(with_id(R"(,"id":7.0)"), "-32600 -1");
    EXPECT_EQ(with_id(R"(,"id":true)"), "-32600 -1");
}

TEST(LegacyEnvelope, KnowsTheClientByName) {
    EXPECT_EQ(
        json::parse(legacy(R"("method":"version","client_id":"c1")"))["result"]["return"],
        "1.0 for c1"
    );
    EXPECT_EQ(
        json::parse(legacy(R"("method":"version","client_id":7)"))["result"]["return"], "1.0 for "
    );
}

TEST(Legacy, AnswersLaterInItsOwnEnvelope) {
    toy::Context context;
    const Outcome outcome = toy::make_dispatcher().handle_legacy(
        R"({"jsonrpc":"2.0","id":3,"security_token":"right-token","method":"wait_for","params":[2]})",
        context
    );
    ASSERT_TRUE(outcome.later);
    std::string body;
    outcome.later([&](const Outcome& late) { body = late.body; });
    EXPECT_EQ(
        body,
        R"({"jsonrpc":"2.0","id":3,"thread_id":" ¶A1B ","result":{"outParams":[],"return":{"waited":2}}})"
    );
}

TEST(Legacy, MakesTheSessionBeforeOtherParametersAreRead) {
    toy::Context context;
    context.engine_starts = false;
    const Outcome outcome = toy::make_dispatcher().handle_legacy(
        R"({"jsonrpc":"2.0","id":3,"security_token":"right-token","method":"complete","params":[7]})",
        context
    );
    EXPECT_NE(outcome.body.find("engine does not start"), std::string::npos);
}

} // namespace
} // namespace pep::rpc
