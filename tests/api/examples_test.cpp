// Every function of rpc.discover has an example; each is executed in a home of its own, in both
// dialects where it has both, and gives what it shows.
#include "example_home.hpp"
#include "rpc/example.hpp"
#include "rpc/openrpc.hpp"
#include "rpc/schema_check.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pep::api {
namespace {

using rpc::Function;

std::string name_of(const testing::TestParamInfo<const Function*>& info) {
    return std::string(info.param->name);
}

class Examples : public testing::TestWithParam<const Function*> {
  protected:
    void SetUp() override {
        const auto read = rpc::read_example(function());
        ASSERT_TRUE(read) << function().name << " has none, or one that is not JSON";
        sample = *read;
    }

    [[nodiscard]] const Function& function() const { return *GetParam(); }

    rpc::ReadExample sample;
};

TEST_P(Examples, GiveWhatTheyShow) {
    ExampleHome home{function().name};
    const json reply = home.call(std::string(function().name), home.with_real_names(sample.params));
    ASSERT_TRUE(reply.contains("result")) << reply.dump();
    const json result = home.with_example_names(reply["result"]);
    EXPECT_EQ(find_disagreement(sample.result, result).value_or("agrees"), "agrees")
        << result.dump(2);
}

TEST_P(Examples, GiveTheSameInTheOldDialect) {
    if (!includes(function().dialects, rpc::Dialect::legacy))
        GTEST_SKIP() << "not in the old dialect in this shape";
    ExampleHome home{function().name};
    const json params = home.with_real_names(rpc::legacy_example_params(function(), sample));
    const json result = home.with_example_names(home.legacy(std::string(function().name), params));
    ASSERT_TRUE(result.contains("outParams")) << result.dump();
    EXPECT_EQ(
        find_disagreement(sample.result["return"], result["return"]).value_or("agrees"), "agrees"
    );
    // last output first; a length follows what it counts, so it comes before it here
    auto at = result["outParams"].rbegin();
    for (const rpc::Param& p : function().parameters()) {
        if (!p.is_output() && p.direction != rpc::Direction::out_length)
            continue;
        ASSERT_NE(at, result["outParams"].rend()) << p.name;
        if (p.is_output()) {
            EXPECT_EQ(
                find_disagreement(sample.result["out"][std::string(p.name)], *at)
                    .value_or("agrees"),
                "agrees"
            ) << p.name;
        } else {
            EXPECT_TRUE(at->is_number_unsigned()) << at->dump();
        }
        ++at;
    }
    EXPECT_EQ(at, result["outParams"].rend());
}

TEST_P(Examples, FitTheSchemas) {
    marshal::Schemas schemas;
    const json result = rpc::result_schema(function(), schemas);
    for (const rpc::Param& p : function().parameters()) {
        if (!p.is_input())
            continue;
        json schema = p.schema(schemas);
        const auto given = sample.params.find(std::string(p.name));
        const bool may_be_absent = has(p.options, rpc::nullable);
        EXPECT_TRUE(may_be_absent || given != sample.params.end()) << p.name << " is missing";
        if (given == sample.params.end() || (may_be_absent && given->is_null()))
            continue;
        EXPECT_EQ(
            rpc::find_difference(*given, schema, schemas.definitions()).value_or("fits"), "fits"
        ) << p.name;
    }
    for (const auto& [name, value] : sample.params.items())
        EXPECT_TRUE(std::ranges::any_of(
            function().parameters(),
            [&name = name](const rpc::Param& p) { return p.is_input() && p.name == name; }
        )) << name;
    EXPECT_EQ(
        rpc::find_difference(sample.result, result, schemas.definitions()).value_or("fits"), "fits"
    );
}

INSTANTIATE_TEST_SUITE_P(All, Examples, testing::ValuesIn(modern_functions()), name_of);

TEST(ExampleRule, WantsEverythingToBeThereAndEqual) {
    const auto compare = [](const char* example, const char* reply) {
        return find_disagreement(json::parse(example), json::parse(reply)).value_or("agrees");
    };
    EXPECT_EQ(compare(R"({"a":[1,"x",null,true]})", R"({"a":[1,"x",null,true]})"), "agrees");
    EXPECT_EQ(compare(R"({"a":1})", R"({"a":2})"), "/a: is 2");
    EXPECT_EQ(compare(R"({"a":1})", R"({"a":1,"b":2})"), "/b: is not in the example");
    EXPECT_EQ(compare(R"({"a":1,"b":2})", R"({"a":1})"), "/b: is missing");
    EXPECT_EQ(compare(R"([1,2])", R"([1])"), ": another number of elements");
    EXPECT_EQ(compare(R"([[1,2]])", R"([[2,1]])"), "/0/0: is 2");
    EXPECT_EQ(compare(R"({"a":{}})", R"({"a":[]})"), "/a: is []");
    EXPECT_EQ(compare(R"("x")", R"(null)"), ": is null");
}

TEST(ExampleRule, TakesCutTextForAllThatBeginsLikeIt) {
    const auto compare = [](const char* example, const char* reply) {
        return find_disagreement(json::parse(example), json::parse(reply)).value_or("agrees");
    };
    EXPECT_EQ(compare(R"("abc…")", R"("abcdef")"), "agrees");
    EXPECT_EQ(compare(R"("…")", R"("anything")"), "agrees");
    EXPECT_EQ(compare(R"("abc…")", R"("abd")"), R"(: is "abd")");
    EXPECT_EQ(compare(R"("a…c")", R"("abc")"), R"(: is "abc")");
    EXPECT_EQ(compare(R"("…")", R"(7)"), ": is 7");
    EXPECT_EQ(compare(R"({"value":"a…","size":1})", R"({"value":"abc","size":3})"), "agrees");
    EXPECT_EQ(
        compare(R"({"value":"a…","size":1})", R"({"value":"abc","size":-3})"), "/size: is -3"
    );
    EXPECT_EQ(compare(R"({"value":"abc","size":1})", R"({"value":"abc","size":3})"), "/size: is 3");
}

} // namespace
} // namespace pep::api
