// Every function on a real engine, with calls made from its published schema: right ones, and such
// with one mistake. A right call gets a reply that fits the schema; a wrong one is refused by a
// path to the mistake, or the mistake did not matter. Nothing crashes, hangs or leaks.
//
// PEP_RANDOM_CALLS says how many (2 000), PEP_TEST_SEED repeats a run.
#include "dialogue.hpp"
#include "support/random_json.hpp"
#include "support/seed.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

namespace pep::api {
namespace {

unsigned calls_wanted() {
    const char* given = std::getenv("PEP_RANDOM_CALLS"); // NOLINT(concurrency-mt-unsafe)
    return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : 2000;
}

/// A home does not serve longer, as own identities and keys become many.
constexpr unsigned calls_per_home = 400;

struct Mistake {
    json params;
    std::string path; ///< where it is, from the root of the request
};

class Calls {
  public:
    explicit Calls(unsigned seed) : seed_(seed), random_(json::object(), seed) { renew(); }

    /// A fresh home with two people in it.
    void renew() {
        dialogue_ = std::make_unique<Dialogue>();
        document_ = json::parse(dialogue_->dispatcher.openrpc());
        random_ = test::RandomJson{document_["components"]["schemas"], seed_++};
        const auto fpr = dialogue_->own_key("ann@example.org", "Ann");
        for (const char* text : {"ann@example.org", "ben@example.org", "pEp_own_userId", "ben"})
            random_.add_text(text);
        random_.add_text(fpr);
        random_.add_text(fpr.substr(0, 16));
    }

    [[nodiscard]] const json& methods() const { return document_["methods"]; }

    json right(const json& method) {
        json params = json::object();
        for (const auto& param : method["params"])
            if (param["required"] == true || random_.below(3) > 0)
                params[param["name"].get<std::string>()] = random_.make(param["schema"], 0);
        if (method["name"].get<std::string>().starts_with("cache_"))
            for (const char* message : {"src", "msg"})
                if (params.contains(message))
                    params[message]["opt_fields"] = cached_field();
        return params;
    }

    /// One value, anywhere in right parameters, becomes something else; or a parameter that there
    /// is none of comes to them.
    Mistake wrong(const json& method) {
        Mistake made{right(method), "/params"};
        if (made.params.empty() || random_.below(10) == 0) {
            made.params["no_such_parameter"] = 1;
            made.path += "/no_such_parameter";
            return made;
        }
        json* place = &made.params;
        do {
            auto member = place->begin();
            const auto index = random_.below(place->size());
            std::advance(member, index);
            made.path += "/" + (place->is_object() ? member.key() : std::to_string(index));
            place = &*member;
        } while (place->is_structured() && !place->empty() && random_.below(3) > 0);
        *place = random_.make({}, 100);
        return made;
    }

    json call(const json& method, const json& params) {
        return dialogue_->call(method["name"].get<std::string>(), params);
    }

    /// The same by position. Absent parameters are null, outputs and lengths are placeholders.
    json call_legacy(const rpc::Function& f, const json& params) {
        json list = json::array();
        for (const auto& p : f.parameters())
            if (p.direction != rpc::Direction::hidden)
                list.push_back(
                    p.is_input() ? params.value(std::string{p.name}, json()) : json("OP")
                );
        return dialogue_->legacy(std::string{f.name}, std::move(list));
    }

    const rpc::Function& function(const json& method) const {
        return *dialogue_->dispatcher.find(
            method["name"].get<std::string>(), rpc::Dialect::modern, 0
        );
    }

    void use_fast_keys() { (void)dialogue_->call("config_cipher_suite", {{"suite", 0}}); }

  private:
    /// What names a message in the cache: a fresh one, as the one before may have been used up.
    json cached_field() {
        const json reply = dialogue_->call(
            "cache_mime_decode_message",
            {{"mimetext", "From: ben@example.org\r\nTo: ann@example.org\r\n\r\nHello\r\n"}}
        );
        return reply["result"]["out"]["msg"]["opt_fields"];
    }

    unsigned seed_;
    test::RandomJson random_;
    std::unique_ptr<Dialogue> dialogue_;
    json document_;
};

std::string reason_of(const json& error) { return error["data"].value("reason", ""); }

std::string path_of(const json& error) { return error["data"].value("path", ""); }

/// The refusal is about the mistake: its place, what holds it, or something in it.
bool is_about(const std::string& path, const std::string& mistake) {
    return !path.empty() && (mistake.starts_with(path) || path.starts_with(mistake));
}

TEST(RandomApiCalls, AreAnsweredByTheSchemaOrRefusedByThePath) {
    Calls calls{test::seed_of_run()};
    const auto wanted = calls_wanted();
    std::map<std::string, unsigned> good;
    unsigned refused = 0;
    for (unsigned i = 0; i < wanted; ++i) {
        if (i % calls_per_home == calls_per_home - 1)
            calls.renew();
        const json method = calls.methods()[i % calls.methods().size()];
        const auto name = method["name"].get<std::string>();
        // In three rounds of the table: a right call, one by position, and one with a mistake.
        const auto round = i / calls.methods().size() % 3;
        const bool is_old = includes(calls.function(method).dialects, rpc::Dialect::legacy);
        const auto kind = round == 1 && !is_old ? 0 : round;
        const auto mistake = kind == 2 ? calls.wrong(method) : Mistake{calls.right(method), ""};
        const json reply = kind == 1 ? calls.call_legacy(calls.function(method), mistake.params)
                                     : calls.call(method, mistake.params);
        if (name == "config_cipher_suite")
            calls.use_fast_keys(); // RSA keys take longer to make than all these calls
        if (reply.contains("result") || reply.contains("return")) {
            ++good[name];
            continue;
        }
        const json& error = reply.contains("error") ? reply["error"] : reply;
        ++refused;
        EXPECT_NE(reason_of(error), "reply_differs_from_schema") << name << " " << reply;
        EXPECT_EQ(error["code"], kind == 1 ? -32603 : -32602)
            << name << " " << mistake.params << " " << reply;
        EXPECT_NE(path_of(error), "") << name << " " << mistake.params << " " << reply;
        if (kind == 2) {
            EXPECT_TRUE(is_about(path_of(error), mistake.path))
                << name << " " << mistake.path << " " << mistake.params << " " << reply;
        }
    }
    EXPECT_GT(refused, wanted / 20) << "mistakes are found";
    if (wanted < 6 * calls.methods().size())
        return;
    for (const auto& method : calls.methods()) {
        EXPECT_GT(good[method["name"].get<std::string>()], 0U)
            << method["name"] << ": no call made from its schema was right";
    }
}

} // namespace
} // namespace pep::api
