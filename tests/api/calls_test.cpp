// Every function, called with values shaped by its own schema and with garbage, on a real engine:
// always an answer, always one that fits the schema.
#include "api/api.hpp"
#include "fakes.hpp"
#include "rpc/dispatcher.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <random>

namespace pep::api {
namespace {

class Calls : public testing::Test {
  protected:
    static rpc::Dispatcher::Options options() {
        rpc::Dispatcher::Options made;
        made.token_is_right = [](std::string_view token) { return token == "right"; };
        made.check_replies = true;
        return made;
    }

    json call(const std::string& method, json params) {
        const json request{
            {"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", std::move(params)}};
        return body_of(dispatcher.handle_modern(request.dump(), true, context));
    }

    json legacy(const std::string& method, json params) {
        const json request{
            {"jsonrpc", "2.0"},
            {"id", 7},
            {"security_token", "right"},
            {"method", method},
            {"params", std::move(params)}};
        return body_of(dispatcher.handle_legacy(request.dump(), context));
    }

    static json body_of(rpc::Outcome outcome) {
        if (outcome.later)
            outcome.later([&](rpc::Outcome late) { outcome.body = std::move(late.body); });
        return json::parse(outcome.body);
    }

    test::TemporaryFolder home;
    FakeService service;
    TestContext context{home.path(), service};
    rpc::Dispatcher dispatcher{all_functions(), options()};
};

/// A value a schema allows, or, now and then, one it does not.
class Generator {
  public:
    Generator(const json& document, unsigned seed)
        : schemas_(document["components"]["schemas"]), random_(seed) {}

    json value(const json& schema, int depth = 0) {
        if (pick(40) == 0)
            return garbage();
        if (schema.contains("$ref")) {
            const auto ref = schema["$ref"].get<std::string>();
            return value(schemas_.at(ref.substr(ref.rfind('/') + 1)), depth + 1);
        }
        for (const char* choice : {"oneOf", "anyOf"})
            if (schema.contains(choice))
                return value(schema[choice][pick(schema[choice].size())], depth + 1);
        if (schema.contains("const"))
            return schema["const"];
        if (schema.contains("enum"))
            return schema["enum"][pick(schema["enum"].size())];
        const auto type = schema.value("type", json{"null"});
        const auto name = type.is_array() ? type[pick(type.size())].get<std::string>()
                                          : (type.is_string() ? type.get<std::string>() : "null");
        return of_type(name, schema, depth);
    }

    std::size_t pick(std::size_t n) { return n == 0 ? 0 : random_() % n; }

  private:
    json of_type(const std::string& name, const json& schema, int depth) {
        if (name == "object") {
            json object = json::object();
            if (schema.contains("properties") && depth < 8)
                for (const auto& [key, property] : schema["properties"].items())
                    if (pick(2) == 0)
                        object[key] = value(property, depth + 1);
            return object;
        }
        if (name == "array") {
            json array = json::array();
            for (std::size_t n = depth < 8 ? pick(3) : 0; n > 0; --n)
                array.push_back(value(schema.value("items", json::object()), depth + 1));
            return array;
        }
        if (name == "integer")
            return numbers[pick(numbers.size())];
        if (name == "boolean")
            return pick(2) == 0;
        return name == "string" ? json(texts[pick(texts.size())]) : json();
    }

    json garbage() {
        static const json all =
            json::parse(R"([null,true,-1,3.9,18446744073709551615,"",[],{},[[]],{"a":{}},"\u0000"])"
            );
        return all[pick(all.size())];
    }

    static inline const std::vector<std::int64_t> numbers{
        0, 1, 2, 3, 4, 255, -1, 65535, 2147483647, 4294967295};
    static inline const std::vector<std::string> texts{
        "",
        "a@x.test",
        "Ünï cödé",
        "en",
        "DE",
        "SGFsbG8=",
        "0123456789ABCDEF0123456789ABCDEF01234567",
        "-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----\n",
        "cid://x",
        "file://x.asc",
        "pEp_own_userId",
        "Subject: x\r\nFrom: a@x.test\r\n\r\nbody",
        "application/pgp-keys",
        std::string(3000, 'x')};

    const json& schemas_;
    std::mt19937 random_;
};

TEST_F(Calls, AnswerRandomParametersWithinTheirSchema) {
    const auto document = json::parse(dispatcher.openrpc());
    Generator make{document, 20};
    int answered = 0;
    for (const auto& method : document["methods"]) {
        const auto name = method["name"].get<std::string>();
        for (int round = 0; round < 12; ++round) {
            json params = json::object();
            for (const auto& param : method["params"])
                if (make.pick(20) != 0)
                    params[param["name"].get<std::string>()] = make.value(param["schema"]);
            const auto reply = call(name, params);
            ASSERT_TRUE(reply.contains("result") || reply.contains("error")) << name;
            if (reply.contains("error")) {
                // A reply outside its schema would be an internal error.
                EXPECT_NE(reply["error"]["code"], -32603) << name << " " << reply["error"].dump();
            }
            answered += reply.contains("result") ? 1 : 0;
        }
    }
    EXPECT_GT(answered, 50);
}

TEST_F(Calls, MakeAnOwnIdentityWithAKey) {
    const auto reply = call(
        "myself", {{"identity", {{"address", "ann@x.test"}, {"user_id", "u"}, {"username", "Ann"}}}}
    );
    const auto& result = reply["result"];
    EXPECT_EQ(result["return"]["status"], 0) << reply.dump();
    EXPECT_EQ(result["out"]["identity"]["fpr"].get<std::string>().size(), 40U);
    EXPECT_EQ(result["out"]["identity"]["comm_type"], 255);
}

TEST_F(Calls, AnswerOldClientsWithReversedOutputs) {
    const auto reply = legacy(
        "get_trustwords",
        {{{"address", "a@x.test"},
          {"fpr", "1111222233334444555566667777888899990000"},
          {"major_ver", 3},
          {"minor_ver", 3}},
         {{"address", "b@x.test"},
          {"fpr", "AAAABBBBCCCCDDDDEEEEFFFF0000111122223333"},
          {"major_ver", 3},
          {"minor_ver", 3}},
         "EN",
         json::array({"OP"}),
         json::array({"OP"}),
         false}
    );
    const auto& result = reply["result"];
    EXPECT_EQ(result["return"]["status"], 0) << reply.dump();
    const auto words = result["outParams"][1].get<std::string>();
    EXPECT_EQ(result["outParams"][0], words.size());
    EXPECT_EQ(std::ranges::count(words, ' '), 4);
}

TEST_F(Calls, TellStatusesFromErrors) {
    EXPECT_EQ(
        call(
            "get_key_rating", {{"fpr", "0123456789ABCDEF0123456789ABCDEF01234567"}}
        )["result"]["return"]["status"],
        0x201
    );
    EXPECT_EQ(call("get_key_rating", {{"fpr", 7}})["error"]["code"], -32602);
    EXPECT_EQ(call("get_key_rating", {{"fingerprint", "x"}})["error"]["code"], -32602);
    EXPECT_EQ(call("get_key_ratings", {{"fpr", "x"}})["error"]["code"], -32601);
}

TEST_F(Calls, ConfigureTheClient) {
    EXPECT_TRUE(call("config_passive_mode", {{"enable", true}})["result"]["return"].is_null());
    EXPECT_TRUE(context.settings.passive_mode);
    EXPECT_EQ(
        legacy("config_unencrypted_subject", {true})["result"].dump(),
        R"({"outParams":[],"return":null})"
    );
    EXPECT_TRUE(context.settings.unencrypted_subject);
    EXPECT_TRUE(call("config_service_log", {{"enable", true}})["result"]["return"].is_null());
}

TEST_F(Calls, TellTheStatusOfConfigurationToNewClientsOnly) {
    constexpr auto ok = R"({"status":0,"hex":"0 \"PEP_STATUS_OK\""})";
    constexpr auto nothing = R"({"outParams":[],"return":null})";
    EXPECT_EQ(call("config_cipher_suite", {{"suite", 5}})["result"]["return"].dump(), ok);
    EXPECT_EQ(context.settings.cipher_suite, PEP_CIPHER_SUITE_RSA2K);
    EXPECT_EQ(call("config_cipher_suite", {{"suite", 8}})["result"]["return"]["status"], 0xff04);
    EXPECT_EQ(context.settings.cipher_suite, PEP_CIPHER_SUITE_RSA2K);
    EXPECT_EQ(call("config_passphrase", {{"passphrase", "x"}})["result"]["return"].dump(), ok);
    EXPECT_EQ(legacy("config_cipher_suite", {8})["result"].dump(), nothing);
    EXPECT_EQ(legacy("config_passphrase", {"x"})["result"].dump(), nothing);
    EXPECT_EQ(legacy("config_passphrase_for_new_keys", {true, "n"})["result"].dump(), nothing);
    EXPECT_TRUE(context.settings.new_keys_protected);
    EXPECT_EQ(context.settings.new_keys_passphrase.reveal(), "n");
    EXPECT_EQ(context.passphrases->candidates().list.size(), 2U);
}

TEST_F(Calls, RefuseAPassphraseThatIsTooLongAndTellNothingOfIt) {
    const std::string longest(1000, 'p');
    EXPECT_TRUE(call("config_passphrase", {{"passphrase", longest}}).contains("result"));
    const auto refused = call("config_passphrase", {{"passphrase", longest + "p"}});
    EXPECT_EQ(refused["error"]["code"], -32602);
    EXPECT_EQ(refused["error"]["data"]["reason"], "too_long");
    EXPECT_EQ(refused["error"]["data"]["path"], "/params/passphrase");
    EXPECT_EQ(refused.dump().find("ppp"), std::string::npos);
    EXPECT_EQ(legacy("config_passphrase", {longest + "p"})["error"]["code"], -32603);
    EXPECT_EQ(context.passphrases->candidates().list.size(), 1U);
}

TEST_F(Calls, AnnounceAMessageAsAnEvent) {
    const json msg{{"dir", 1}, {"shortmsg", "Hi"}};
    EXPECT_EQ(call("testMessageToSend", {{"msg", msg}})["result"]["return"]["status"], 0);
    EXPECT_EQ(
        legacy("pollForEvents", {"any", 7})["result"].dump(),
        R"({"outParams":[],"return":[{"method":"messageToSend","request_nr":1,)"
        R"("thread_id":" ¶EVT ","params":[{"dir":1,"shortmsg":"Hi"}]}]})"
    );
    EXPECT_EQ(service.queue.polled, "any");
    EXPECT_EQ(service.queue.waited.count(), 7);
    EXPECT_EQ(legacy("testMessageToSend", {nullptr})["result"]["return"]["status"], -4);
    service.queue.is_full = true;
    EXPECT_EQ(call("testMessageToSend", {{"msg", msg}})["result"]["return"]["status"], 0x20ff);
}

TEST_F(Calls, CheckPolledEventsAgainstTheirSchema) {
    service.queue.events = json::array({queue_close(), event_object("gap", 3, {1, 3})});
    const auto good = call("pollForEvents", {{"session_id", "q"}, {"timeout_s", 0}});
    EXPECT_EQ(
        good["result"].dump(),
        R"({"return":[{"queue_close":true},{"method":"gap","request_nr":3,)"
        R"("thread_id":" ¶EVT ","params":[1,3]}],"out":{}})"
    );
    service.queue.events = json::array({{{"method", "gap"}}});
    const auto bad = call("pollForEvents", {{"session_id", "q"}, {"timeout_s", 0}});
    EXPECT_EQ(bad["error"]["data"]["reason"], "reply_differs_from_schema");
}

TEST_F(Calls, PollForTheFirstClientsOfEvents) {
    service.queue.events = json::array({event_object("gap", 1, {1, 1})});
    EXPECT_EQ(
        legacy("pollForEvents", {0})["result"]["return"][0],
        R"({"method":"gap","request_nr":1,"thread_id":" ¶EVT ","params":[1,1]})"
    );
    EXPECT_EQ(service.queue.polled, "of the connection");
}

TEST_F(Calls, OpenAndCloseEventSessions) {
    EXPECT_EQ(legacy("create_session", json::array())["result"]["return"], "queue");
    EXPECT_TRUE(call("close_session", {{"session_id", "x"}})["result"]["return"].is_null());
    EXPECT_EQ(service.queue.closed, "x");
    const std::string long_name(257, 'q');
    EXPECT_EQ(call("close_session", {{"session_id", long_name}})["error"]["code"], -32602);
    EXPECT_EQ(legacy("pollForEvents", {7, "x"})["error"]["code"], -32603);
    EXPECT_EQ(legacy("pollForEvents", {"x", -1})["error"]["code"], -32603);
}

TEST_F(Calls, EndTheServer) {
    (void)call("shutdown", json::object());
    EXPECT_EQ(service.shutdowns, 1);
}

TEST_F(Calls, TellTheVersionsTheOriginalsClientsParse) {
    const auto version = legacy("serverVersion", json::array())["result"]["return"];
    EXPECT_EQ(version["major"], 3);
    EXPECT_EQ(version["minor"], 3);
    EXPECT_EQ(version["patch"], 25);
    EXPECT_EQ(version["pep_protocol_version"], "3.3");
}

} // namespace
} // namespace pep::api
