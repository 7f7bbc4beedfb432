// What an entry of the map makes of a C function: directions, lengths, policies, ownership.
#include "rpc/toy_functions.hpp"

#include <gtest/gtest.h>

namespace pep::rpc {
namespace {

const Function& entry(std::string_view name) {
    static const std::vector<MapView> maps{toy::calls(), toy::service()};
    for (const auto& map : maps)
        for (const auto& f : map.functions)
            if (f.name == name)
                return f;
    throw std::out_of_range("no such toy");
}

/// Call without any envelope; parameters by name.
Expected<Reply> call(std::string_view name, json params, toy::Context& context) {
    const Function& f = entry(name);
    Arguments in;
    for (auto& [key, value] : params.get_ref<json::object_t&>())
        for (std::size_t i = 0; i < f.count; ++i)
            if (f.params[i].name == key)
                in.slots[i] = &value;
    return f.call(context, f, in);
}

Expected<Reply> call(std::string_view name, const char* params) {
    toy::Context context;
    return call(name, json::parse(params), context);
}

TEST(FunctionMap, DeducesTypesFromTheSignature) {
    const Function& f = entry("greet");
    ASSERT_EQ(f.count, 6U);
    EXPECT_EQ(f.params[0].direction, Direction::hidden);
    EXPECT_EQ(f.params[1].type, "Person");
    EXPECT_EQ(f.params[2].type, "Language");
    EXPECT_EQ(f.params[3].type, "String");
    EXPECT_EQ(f.params[4].direction, Direction::out_length);
    EXPECT_EQ(f.params[5].type, "Bool");
    EXPECT_EQ(f.return_type, "Outcome");
    EXPECT_EQ(f.legacy_count(), 5U);
}

TEST(FunctionMap, PutsColumnsIntoTheEntry) {
    EXPECT_TRUE(entry("version").is_cheap);
    EXPECT_FALSE(entry("greet").is_cheap);
    EXPECT_EQ(entry("complete").aliases[0], "complet");
    EXPECT_EQ(entry("unlock").policies[0]->name, "retry");
    EXPECT_EQ(entry("only_legacy").dialects, Dialect::legacy);
    EXPECT_EQ(entry("update").return_type, "Void");
}

TEST(FunctionMap, InOutChangesAStructInPlace) {
    const auto reply = call("complete", R"({"person":{"name":"x"}})");
    ASSERT_TRUE(reply);
    EXPECT_EQ(
        reply->outputs[0].value.dump(),
        R"({"name":"x","feels":{"mood":0},"me":true,"marks":0,"age":30})"
    );
}

TEST(FunctionMap, InOutByAddressMayBeReplaced) {
    const auto reply = call("open_letter", R"({"src":{},"keys":["a","b"],"flags":1})");
    ASSERT_TRUE(reply);
    ASSERT_EQ(reply->outputs.size(), 5U);
    EXPECT_EQ(reply->outputs[2].value.dump(), R"(["K1"])");
    EXPECT_EQ(reply->outputs[4].value.dump(), "9");
}

TEST(FunctionMap, CountsBytesForTheirLength) {
    const auto reply = call("take_bytes", R"({"bytes":"QUJD"})");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->outputs[0].value.dump(), R"(["CCC"])");
    EXPECT_EQ(call("take_bytes", R"({"bytes":""})")->value.dump(), R"({"status":-4})");
}

TEST(FunctionMap, PolicyRepeatsTheCallAndFreesWhatEachTryMade) {
    toy::Context context;
    const auto reply = call("unlock", json{{"passphrase", "pw"}}, context);
    ASSERT_TRUE(reply);
    EXPECT_EQ(context.engine.calls, 3);
    EXPECT_EQ(context.sessions_asked, 1);
    EXPECT_EQ(reply->value.dump(), R"({"status":0})");
    EXPECT_EQ(reply->outputs[0].value, "pw");
}

constexpr auto spoilable =
    R"({"who":{"name":"Ann"},"boss":{"name":"Ben"},"words":["given"],"marks":1})";

TEST(FunctionMap, EachTryStartsFromTheArgumentsAsGiven) {
    toy::Context context;
    context.is_patient = true;
    const auto reply = call("spoil", json::parse(spoilable), context);
    ASSERT_TRUE(reply);
    EXPECT_EQ(context.engine.calls, 3);
    EXPECT_EQ(reply->value.dump(), R"({"status":0})");
    EXPECT_EQ(reply->outputs[0].value["me"], true); // of the last try
    EXPECT_FALSE(reply->outputs[0].value.contains("name"));
    EXPECT_EQ(reply->outputs[1].value.dump(), R"(["made"])");
    EXPECT_EQ(reply->outputs[2].value, 8);
}

TEST(FunctionMap, KeepsArgumentsOnlyForACallThatMayBeRepeated) {
    for (const bool is_patient : {false, true}) {
        toy::Context context;
        context.is_patient = is_patient;
        json params = json::parse(spoilable);
        const Function& f = entry("spoil");
        Arguments in;
        for (std::size_t i = 1; i < f.count; ++i)
            in.slots[i] = &params[std::string{f.params[i].name}];
        ASSERT_TRUE(f.call(context, f, in));
        EXPECT_EQ(params["who"].is_null(), !is_patient);
        EXPECT_EQ(params["boss"].is_null(), !is_patient);
    }
}

TEST(FunctionMap, TriesAgainForTheStatusOfAFunctionThatMayFail) {
    toy::Context context;
    const auto reply = call("unlock_or_fail", json::object(), context);
    ASSERT_TRUE(reply);
    EXPECT_EQ(context.engine.calls, 2);
    EXPECT_EQ(reply->value.dump(), R"({"status":0})");
}

TEST(FunctionMap, TakesValuesOutOfTheDocument) {
    toy::Context context;
    json params{{"passphrase", "secret"}};
    const Function& f = entry("unlock");
    Arguments in;
    in.slots[1] = &params["passphrase"];
    ASSERT_TRUE(f.call(context, f, in));
    EXPECT_TRUE(params["passphrase"].is_null());
}

TEST(FunctionMap, StopsAtTheFirstWrongParameter) {
    const auto reply = call("greet", R"({"who":7,"lang":7})");
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().where, "/params/who");
}

TEST(FunctionMap, CallsCppFunctionsAndLambdas) {
    EXPECT_EQ(call("echo", R"({"any":{"x":[1]}})")->value.dump(), R"({"x":[1]})");
    EXPECT_EQ(call("describe", "{}")->value.dump(), R"({"major":3,"name":"toy","package":null})");
    const auto refused = call("refuse_all", R"({"with_text":false})");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, -32004);
}

TEST(FunctionMap, FindsNamesClaimedTwiceAcrossMaps) {
    EXPECT_EQ(find_conflict({toy::calls(), toy::service()}), "");
    EXPECT_EQ(find_conflict({toy::service(), toy::service()}), "subtract");
}

} // namespace
} // namespace pep::rpc
