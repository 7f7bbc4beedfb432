// The modern dialect: golden replies, ids, parameters, tokens, batches. The specification's
// examples are beside it.
#include "base/base64.hpp"
#include "rpc/toy_functions.hpp"

#include <gtest/gtest.h>

namespace pep::rpc {
namespace {

using toy::modern;

std::string call(const std::string& method, const std::string& params) {
    return modern(
        R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}"
    );
}

/// The members of the error a call gives: "code reason path expected".
std::string refusal(const std::string& method, const std::string& params) {
    const json reply = json::parse(call(method, params));
    if (!reply.contains("error"))
        return "no error: " + reply.dump();
    const json& e = reply["error"];
    return e["code"].dump() + " " + e["data"].value("reason", "") + " " +
           e["data"].value("path", "") + " " + e["data"].value("expected", "");
}

int code_of(const std::string& reply) { return json::parse(reply)["error"]["code"].get<int>(); }

// ---- ids and envelope

TEST(Modern, SaysWhatIsWrongInTheEnvelopeOfTheSpecification) {
    EXPECT_EQ(
        modern("{"),
        R"x({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error",)x"
        R"x("data":{"reason":"syntax","hint":"send one complete JSON document (RFC 8259)"}}})x"
    );
    EXPECT_EQ(
        modern(R"({"jsonrpc": "2.0", "method": "foobar", "id": "1"})"),
        R"({"jsonrpc":"2.0","id":"1","error":{"code":-32601,"message":"Method not found",)"
        R"("data":{"reason":"method_not_found","hint":"rpc.discover lists the functions there are"}}})"
    );
}

TEST(Modern, EchoesEveryLegalIdExactly) {
    for (const char* id :
         {"7",
          "-1",
          "\"\"",
          "\"a/\\\"b\"",
          "null",
          "1.5",
          "1.0",
          "1e3",
          "18446744073709551615",
          "123456789012345678901234567890"})
        EXPECT_EQ(
            modern(
                std::string(R"({"jsonrpc":"2.0","method":"older","params":[1],"id":)") + id + "}"
            ),
            std::string(R"({"jsonrpc":"2.0","id":)") + id + R"(,"result":{"return":1,"out":{}}})"
        );
}

TEST(Modern, RefusesIllegalIdsAndParams) {
    for (const char* members : {R"("id":true)", R"("id":[1])", R"("id":{})"}) {
        const std::string reply =
            modern(std::string(R"({"jsonrpc":"2.0","method":"version",)") + members + "}");
        EXPECT_EQ(code_of(reply), -32600);
        EXPECT_TRUE(json::parse(reply)["id"].is_null());
    }
    for (const char* params : {"null", "7", "\"x\""})
        EXPECT_EQ(code_of(call("version", params)), -32600) << params;
    EXPECT_EQ(code_of(modern(R"({"jsonrpc":"1.0","method":"version","id":1})")), -32600);
    EXPECT_EQ(code_of(modern("\"text\"")), -32600);
}

TEST(Modern, TellsTheClientsNameToTheFunction) {
    EXPECT_EQ(
        modern(R"({"jsonrpc":"2.0","id":1,"method":"version","client_id":"me"})"),
        R"({"jsonrpc":"2.0","id":1,"result":{"return":"1.0 for me","out":{}}})"
    );
}

TEST(Modern, RefusesDuplicateMembersAndDeepNesting) {
    EXPECT_EQ(code_of(modern(R"({"jsonrpc":"2.0","id":1,"id":2,"method":"version"})")), -32700);
    EXPECT_EQ(code_of(modern(std::string(100000, '['))), -32700);
}

// ---- parameters

TEST(Modern, GivesOutputsByNameWithoutLengths) {
    EXPECT_EQ(
        call("greet", R"({"who":{"name":"Ann"},"lang":"EN","full":true})"),
        R"({"jsonrpc":"2.0","id":1,"result":{"return":{"status":0},"out":{"words":"hi Ann en full"}}})"
    );
}

TEST(Modern, LetsNullableParametersOut) {
    for (const char* params :
         {R"({"who":{"name":"B"},"lang":"de"})",
          R"([{"name":"B"},"de"])",
          R"([{"name":"B"},"de",null])"})
        EXPECT_EQ(json::parse(call("greet", params))["result"]["out"]["words"], "hi B de short")
            << params;
}

TEST(Modern, NamesTheUnknownParameter) {
    EXPECT_EQ(
        refusal("greet", R"({"who":{},"lnag":"de"})"),
        "-32602 unexpected /params/lnag no parameter of this name"
    );
    const json error = json::parse(call("greet", R"({"words":"x"})"))["error"];
    EXPECT_EQ(error["data"]["hint"], "the call is greet(who, lang, full?)");
    EXPECT_EQ(
        refusal("greet", R"({"un fit":1})"), "-32602 unexpected /params no parameter of this name"
    );
}

TEST(Modern, NamesTheMissingParameter) {
    EXPECT_EQ(refusal("greet", R"({"lang":"de"})"), "-32602 missing /params/who a value");
    EXPECT_EQ(refusal("greet", R"([{"name":"x"}])"), "-32602 missing /params/1 a value");
    EXPECT_EQ(refusal("greet", R"([null,"de"])"), "-32602 missing /params/0 a value");
    EXPECT_EQ(refusal("complete", "{}"), "-32602 missing /params/person a value");
}

TEST(Modern, NamesTheExtraParameter) {
    EXPECT_EQ(
        refusal("subtract", "[1,2,3]"), "-32602 unexpected /params/2 no more than 2 elements"
    );
}

TEST(Modern, NamesThePlaceOfAWrongValue) {
    EXPECT_EQ(
        refusal("complete", R"({"person":{"boss":{"age":"old"}}})"),
        "-32602 wrong_type /params/person/boss/age an integer from -32768 to 32767"
    );
    EXPECT_EQ(
        refusal("subtract", "[3.9,1]"),
        "-32602 wrong_type /params/0 an integer from -2147483648 to 2147483647"
    );
    EXPECT_EQ(
        refusal("subtract", "[1.0,1]"),
        "-32602 wrong_type /params/0 an integer from -2147483648 to 2147483647"
    );
    EXPECT_EQ(
        refusal("subtract", R"({"minuend":3000000000,"subtrahend":1})"),
        "-32602 out_of_range /params/minuend an integer from -2147483648 to 2147483647"
    );
    EXPECT_EQ(
        refusal("choose", R"({"how":4,"feels":5,"marks":3})"),
        "-32602 unknown_value /params/how a value of Format"
    );
    EXPECT_EQ(
        refusal("complete", R"([{"name":"a\u0000b"}])"),
        "-32602 nul_character /params/0/name text without U+0000"
    );
}

TEST(Modern, TakesEnumerationsInEachSpelling) {
    for (const char* params :
         {R"([3,5,3])", R"(["format_packed","glad",3])", R"([3,{"mood":5},3])"})
        EXPECT_EQ(json::parse(call("choose", params))["result"]["return"]["status"], 0) << params;
}

TEST(Modern, NeverRepeatsAValueInAnError) {
    for (const char* params :
         {R"([7,"PLANTED"])",
          R"({"who":"PLANTED","lang":"de"})",
          R"({"who":{"name":"PLANTED\u0000"},"lang":"PLANTED"})"})
        EXPECT_EQ(call("greet", params).find("PLANTED"), std::string::npos);
    EXPECT_EQ(call("explode", "[]").find("PLANTED"), std::string::npos);
}

TEST(Modern, AnswersWhatFunctionsThrowOrRefuse) {
    EXPECT_EQ(code_of(call("explode", "[]")), -32603);
    toy::Context context;
    const Outcome busy = toy::make_dispatcher().handle_modern(
        R"({"jsonrpc":"2.0","id":1,"method":"refuse_all","params":[true]})", true, context
    );
    EXPECT_EQ(busy.http_status, 503);
    EXPECT_EQ(
        busy.body,
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32004,"message":"Busy: come back later",)"
        R"("data":{"reason":"busy","hint":"try again after the time given in Retry-After"}}})"
    );
}

TEST(Modern, CallsItAnInternalErrorWhenOutputIsNotUtf8) {
    EXPECT_EQ(refusal("broken_text", "[]"), "-32603 internal_error /return ");
}

TEST(Modern, AnswersASessionThatCannotBeMade) {
    toy::Context context;
    context.engine_starts = false;
    const Outcome outcome = toy::make_dispatcher().handle_modern(
        R"({"jsonrpc":"2.0","id":1,"method":"complete","params":[{"me":true}]})", true, context
    );
    EXPECT_EQ(code_of(outcome.body), -32603);
    EXPECT_NE(outcome.body.find("engine does not start"), std::string::npos);
}

TEST(Modern, HidesWhatIsForOldClientsOnly) {
    EXPECT_EQ(code_of(call("only_legacy", "[]")), -32601);
    EXPECT_EQ(code_of(call("complet", "[{}]")), -32601);
    EXPECT_EQ(json::parse(call("only_modern", "[]"))["result"]["return"], true);
}

// ---- token

std::string with_token(const char* token_member, bool header, int& status) {
    toy::Context context;
    const Outcome outcome = toy::make_dispatcher().handle_modern(
        std::string(R"({"jsonrpc":"2.0","id":5,"method":"older","params":[1])") + token_member +
            "}",
        header,
        context
    );
    status = outcome.http_status;
    return outcome.body;
}

TEST(ModernToken, ComesByHeaderOrMember) {
    int status = 0;
    with_token("", true, status);
    EXPECT_EQ(status, 200);
    with_token(R"(,"security_token":"right-token")", false, status);
    EXPECT_EQ(status, 200);
}

TEST(ModernToken, MissingOrWrongIs401) {
    for (const char* member : {"", R"(,"security_token":"wrong")", R"(,"security_token":7)"}) {
        int status = 0;
        EXPECT_EQ(
            with_token(member, false, status),
            R"({"jsonrpc":"2.0","id":5,"error":{"code":-32001,"message":"Unauthorized",)"
            R"("data":{"reason":"unauthorized","hint":"read the token file again and send its token"}}})"
        );
        EXPECT_EQ(status, 401);
    }
}

TEST(ModernToken, IsPerItemInABatch) {
    toy::Context context;
    const auto dispatcher = toy::make_dispatcher();
    const Outcome mixed = dispatcher.handle_modern(
        R"([{"jsonrpc":"2.0","id":1,"method":"older","params":[1]},
            {"jsonrpc":"2.0","id":2,"method":"older","params":[2],"security_token":"right-token"}])",
        false,
        context
    );
    EXPECT_EQ(mixed.http_status, 200);
    const json replies = json::parse(mixed.body);
    EXPECT_EQ(replies[0]["error"]["code"], -32001);
    EXPECT_EQ(replies[0]["id"], 1);
    EXPECT_EQ(replies[1]["result"]["return"], 2);
    const Outcome none = dispatcher.handle_modern("[1,{}]", false, context);
    EXPECT_EQ(none.http_status, 401);
    EXPECT_EQ(code_of(none.body), -32001);
}

TEST(ModernBatch, HoldsAtMostAHundred) {
    const auto batch = [](int n) {
        std::string body = "[";
        for (int i = 0; i < n; ++i)
            body += std::string(i ? "," : "") + R"({"jsonrpc":"2.0","id":1,"method":"version"})";
        return modern(body + "]");
    };
    EXPECT_EQ(json::parse(batch(100)).size(), 100U);
    EXPECT_EQ(code_of(batch(101)), -32600);
}

// ---- later answers, cheap functions

TEST(Modern, AnswersLaterWithoutAThreadWaiting) {
    toy::Context context;
    const auto dispatcher = toy::make_dispatcher(); // outlives its outcomes
    const Outcome outcome = dispatcher.handle_modern(
        R"({"jsonrpc":"2.0","id":"p","method":"wait_for","params":[9]})", true, context
    );
    ASSERT_TRUE(outcome.later);
    std::string body;
    outcome.later([&](const Outcome& late) { body = late.body; });
    EXPECT_EQ(body, R"({"jsonrpc":"2.0","id":"p","result":{"return":{"waited":9},"out":{}}})");
}

TEST(Modern, DoesNotWaitInsideABatch) {
    EXPECT_EQ(
        modern(R"([{"jsonrpc":"2.0","id":1,"method":"wait_for","params":[9]}])"),
        R"([{"jsonrpc":"2.0","id":1,"result":{"return":[],"out":{}}}])"
    );
}

struct Asked {
    const char* body;
    bool header_authorized;
    Effort modern, legacy;
};

TEST(Assess, TellsWhatABodyWillTake) {
    constexpr auto cheap = Effort::cheap, ordinary = Effort::ordinary, slow = Effort::slow;
    const Asked table[] = {
        {R"({"method":"version"})", true, cheap, cheap},
        {R"({"method":"nonsense"})", true, cheap, cheap},
        {"{", true, cheap, cheap},
        {"", true, cheap, cheap},
        {"7", true, cheap, cheap},
        {R"({"method":["subtract"]})", true, cheap, cheap},
        {R"({"params":{"method":"subtract","security_token":"right-token"}})", true, cheap, cheap},
        {R"({"method":"subtract"})", true, ordinary, cheap}, // no header in the old dialect
        {R"({"method":"subtract","security_token":"right-token"})", false, ordinary, ordinary},
        {R"({"method":"subtract","security_token":"wrong"})", false, cheap, cheap},
        {R"({"method":"subtract","security_token":7})", false, cheap, cheap},
        {R"({"security_token":"r\u0069ght-token","method":"subtract"})", false, ordinary, ordinary},
        {R"({"method":"subtract"})", false, cheap, cheap},
        {R"({"method":"explode"})", true, slow, cheap},
        {R"([{"method":"version"}])", true, slow, cheap},
        {R"([{"method":"version"},{"method":"version","security_token":"right-token"}])",
         false,
         slow,
         cheap},
        {R"([{"method":"subtract","security_token":"wrong"}])", false, cheap, cheap},
        {R"([7,{"method":"version","security_token":"right-token"}])", false, slow, cheap},
        {"[]", true, slow, cheap},
    };
    const auto dispatcher = toy::make_dispatcher();
    for (const Asked& asked : table) {
        const auto document = dispatcher.read(asked.body);
        EXPECT_EQ(
            dispatcher.assess(document, Dialect::modern, asked.header_authorized).effort,
            asked.modern
        ) << asked.body;
        EXPECT_EQ(
            dispatcher.assess(document, Dialect::legacy, asked.header_authorized).effort,
            asked.legacy
        ) << asked.body;
    }
}

TEST(Assess, NamesTheClient) {
    const auto dispatcher = toy::make_dispatcher();
    const auto client_of = [&](const char* body) {
        return dispatcher.assess(dispatcher.read(body), Dialect::modern, true).client_id;
    };
    EXPECT_EQ(client_of(R"({"method":"subtract","client_id":"mail program"})"), "mail program");
    EXPECT_EQ(client_of(R"([{"method":"version","client_id":"a"}, 7])"), "a");
    EXPECT_EQ(client_of(R"({"method":"subtract","client_id":null})"), "");
}

TEST(Modern, TakesAsManyItemsAsItIsTold) {
    auto options = toy::options();
    options.batch_items = 1;
    toy::Context context;
    const Dispatcher dispatcher{{toy::service()}, options};
    const auto answer = dispatcher.handle_modern("[1,2]", true, context).body;
    EXPECT_NE(answer.find("too_many_items"), std::string::npos) << answer;
    EXPECT_NE(answer.find("at most 1 requests"), std::string::npos) << answer;
}

TEST(Dispatcher, WithoutATokenCheckServesNobody) {
    toy::Context context;
    const Dispatcher dispatcher{{toy::service()}, {}};
    EXPECT_EQ(
        dispatcher
            .handle_modern(
                R"({"jsonrpc":"2.0","id":1,"method":"version","security_token":""})", false, context
            )
            .http_status,
        401
    );
}

// ---- answers with big bytes

std::string open_big_letter(std::size_t bytes) {
    return R"({"jsonrpc":"2.0","id":1,"method":"open_letter","params":{"src":{"files":[{"value":")" +
           base64_encode(std::string(bytes, 'b')) + R"(","name":"n"}]},"flags":0}})";
}

Outcome outcome_of(const std::string& body) {
    toy::Context context;
    return toy::make_dispatcher().handle_modern(body, /*header_authorized=*/true, context);
}

TEST(BigAnswers, FollowInPiecesAndAreTheSameText) {
    auto big = outcome_of(open_big_letter(100'000));
    EXPECT_EQ(big.body, "");
    std::string text;
    while (!big.rest.empty())
        text += big.rest.take(1000);
    const json reply = json::parse(text);
    EXPECT_EQ(reply["id"], 1);
    EXPECT_EQ(
        reply["result"]["return"].dump(),
        json::parse(outcome_of(open_big_letter(10)).body)["result"]["return"].dump()
    );
    const json& file = reply["result"]["out"]["src"]["files"][0];
    EXPECT_EQ(file["value"], base64_encode(std::string(100'000, 'b')));
    EXPECT_EQ(file["name"], "n");
    EXPECT_EQ(reply["result"]["out"]["dst"]["subject"], "none");
}

TEST(BigAnswers, BeginAt64KilobytesOfFile) {
    for (const std::size_t bytes : {511, 512, 65'535}) {
        const auto small = outcome_of(open_big_letter(bytes));
        EXPECT_TRUE(small.rest.empty());
        const json file = json::parse(small.body)["result"]["out"]["src"]["files"][0];
        EXPECT_EQ(file["value"], base64_encode(std::string(bytes, 'b')));
    }
    EXPECT_FALSE(outcome_of(open_big_letter(65'536)).rest.empty());
}

TEST(BigAnswers, AreOneTextWithinABatch) {
    const auto batch = outcome_of("[" + open_big_letter(100'000) + "]");
    EXPECT_TRUE(batch.rest.empty());
    const json reply = json::parse(batch.body);
    EXPECT_EQ(
        reply[0]["result"]["out"]["src"]["files"][0]["value"],
        base64_encode(std::string(100'000, 'b'))
    );
}

} // namespace
} // namespace pep::rpc
