// Invariants over the whole table of functions, whoever wrote an entry.
#include "api/api.hpp"
#include "rpc/dispatcher.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace pep::api {
namespace {

rpc::Dispatcher::Options options() {
    rpc::Dispatcher::Options made;
    made.token_is_right = [](std::string_view token) { return token == "right"; };
    made.info = {{"title", "pep-json-server"}, {"version", "0"}};
    return made;
}

TEST(Table, HasNoNameTwice) { EXPECT_EQ(rpc::find_conflict(all_functions()), ""); }

TEST(Table, DescribesEverythingInASentence) {
    for (const auto& map : all_functions())
        for (const auto& f : map.functions) {
            EXPECT_GT(f.doc.size(), 10U) << f.name;
            for (const auto& p : f.parameters())
                if (p.is_input() || p.is_output()) {
                    EXPECT_GT(p.doc.size(), 5U) << f.name << " " << p.name;
                }
        }
}

TEST(Table, HasTheFunctionsOldClientsStartWith) {
    const rpc::Dispatcher dispatcher{all_functions(), options()};
    for (const char* name :
         {"serverVersion",
          "version",
          "myself",
          "update_identity",
          "own_identities_retrieve",
          "encrypt_message",
          "decrypt_message",
          "identity_rating",
          "outgoing_message_rating",
          "get_trustwords",
          "get_languagelist",
          "trust_personal_key",
          "key_reset_trust",
          "key_mistrusted",
          "config_passive_mode",
          "shutdown"})
        EXPECT_NE(dispatcher.find(name, rpc::Dialect::legacy, 0), nullptr) << name;
}

/// The interface is frozen in a file: a change of it is a visible diff. PEP_UPDATE_GOLDEN=1
/// rewrites it.
TEST(Table, GivesTheOpenRpcDocumentOfTheGoldenFile) {
    const rpc::Dispatcher dispatcher{all_functions(), options()};
    const auto document = json::parse(dispatcher.openrpc()).dump(1) + "\n";
    const std::string file = PEP_GOLDEN_DIR "/openrpc.json";
    if (std::getenv("PEP_UPDATE_GOLDEN") != nullptr)
        std::ofstream{file} << document;
    std::stringstream golden;
    golden << std::ifstream{file}.rdbuf();
    EXPECT_TRUE(golden.str() == document)
        << "the interface changed: review, then run this test with PEP_UPDATE_GOLDEN=1";
}

} // namespace
} // namespace pep::api
