// Functions of the first years, as far as they still mean something: each does what it says.
#include "base/base64.hpp"
#include "dialogue.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace pep::api {
namespace {

struct Former : testing::Test {
    Dialogue client;

    static constexpr auto nothing = R"({"outParams":[],"return":null})";

    json partner(const std::string& fpr) const {
        return {{"address", "ben@x.test"}, {"user_id", "ben"}, {"username", "Ben"}, {"fpr", fpr}};
    }

    /// Ben's key without its secret part, known as his.
    std::string bens_key() {
        const auto fpr = [&] {
            Dialogue ben;
            const auto made = ben.own_key("ben@x.test", "Ben");
            const auto reply = ben.call("export_key", {{"fpr", made}});
            client.call(
                "import_key",
                {{"key_data", base64_encode(reply["result"]["out"]["key_data"].get<std::string>())}}
            );
            return made;
        }();
        client.call("set_identity", {{"identity", partner(fpr)}});
        return fpr;
    }

    void change_database(const char* sql) {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open((client.home.path() / "engine.sqlite3").c_str(), &db), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(db);
        sqlite3_close(db);
    }

    int trust_in(const std::string& fpr) {
        const auto reply = client.call("get_trust", {{"identity", partner(fpr)}});
        return reply["result"]["out"]["identity"]["comm_type"].get<int>();
    }
};

TEST_F(Former, RegistersAndForgetsListeners) {
    const json listener{"127.0.0.1", 15900, "secret"};
    EXPECT_EQ(client.legacy("registerEventListener", listener).dump(), nothing);
    EXPECT_EQ(client.service.registered.place, "127.0.0.1 15900 secret");
    EXPECT_EQ(
        client.legacy("unregisterEventListener", {"127.0.0.1", 15900, "another"})["code"], -32603
    );
    EXPECT_EQ(client.legacy("unregisterEventListener", listener).dump(), nothing);
    EXPECT_EQ(client.service.registered.place, "");
}

TEST_F(Former, TakesBackTheLastMistrust) {
    const auto fpr = bens_key();
    EXPECT_EQ(client.legacy("undo_last_mistrust", json::array())["return"]["status"], 0x301);
    client.call("key_mistrusted", {{"ident", partner(fpr)}});
    EXPECT_EQ(trust_in(fpr), PEP_ct_mistrusted);
    EXPECT_EQ(client.legacy("undo_last_mistrust", json::array())["return"]["status"], 0);
    EXPECT_EQ(trust_in(fpr), PEP_ct_OpenPGP_unconfirmed);
    EXPECT_EQ(client.legacy("undo_last_mitrust", json::array())["return"]["status"], 0x301)
        << "there was one only";
}

TEST_F(Former, ABackTakenMistrustOfAConfirmedKeyLeavesItConfirmed) {
    const auto fpr = bens_key();
    client.call("trust_personal_key", {{"ident", partner(fpr)}});
    const int confirmed = trust_in(fpr);
    ASSERT_NE(confirmed & PEP_ct_confirmed, 0);
    client.call("key_mistrusted", {{"ident", partner(fpr)}});
    EXPECT_EQ(client.legacy("undo_last_mistrust", json::array())["return"]["status"], 0);
    EXPECT_EQ(trust_in(fpr), confirmed);
}

TEST_F(Former, WhatCouldNotBeTakenBackCanBeTriedAgain) {
    const auto fpr = bens_key();
    client.call("key_mistrusted", {{"ident", partner(fpr)}});
    change_database("CREATE TRIGGER fault BEFORE DELETE ON mistrusted_key BEGIN "
                    "SELECT RAISE(ABORT, 'planted'); END");
    EXPECT_NE(client.legacy("undo_last_mistrust", json::array())["return"]["status"], 0);
    change_database("DROP TRIGGER fault");
    EXPECT_EQ(client.legacy("undo_last_mistrust", json::array())["return"]["status"], 0);
    EXPECT_EQ(trust_in(fpr), PEP_ct_OpenPGP_unconfirmed);
}

TEST_F(Former, MakesAKeyTheUsersOwn) {
    std::string fpr;
    {
        Dialogue elsewhere;
        fpr = elsewhere.own_key("ann@x.test", "Ann B.");
        const auto reply = elsewhere.call("export_secret_key", {{"fpr", fpr}});
        client.call(
            "import_key",
            {{"key_data", base64_encode(reply["result"]["out"]["key_data"].get<std::string>())}}
        );
    }
    EXPECT_EQ(client.legacy("own_key_add", {fpr})["return"]["status"], 0);
    const auto reply = client.call("own_identities_retrieve", json::object());
    const auto& own = reply["result"]["out"]["own_identities"];
    ASSERT_EQ(own.size(), 1U) << reply;
    EXPECT_EQ(own[0]["address"], "ann@x.test");
    EXPECT_EQ(own[0]["username"], "Ann B.");
    EXPECT_EQ(own[0]["fpr"], fpr);
    EXPECT_NE(client.legacy("own_key_add", {std::string(40, 'A')})["return"]["status"], 0);
    EXPECT_NE(client.legacy("own_key_add", {bens_key()})["return"]["status"], 0)
        << "its secret part is not here";
}

TEST_F(Former, NamesANamelessKeyByItsAddress) {
    const auto made = client.call(
        "generate_keypair",
        {{"identity", {{"address", "bea@x.test"}, {"user_id", "pEp_own_userId"}}}}
    );
    const std::string fpr = made["result"]["out"]["identity"]["fpr"];
    EXPECT_EQ(client.legacy("own_key_add", {fpr})["return"]["status"], 0);
    const auto own = client.call("own_identities_retrieve", json::object());
    EXPECT_EQ(own["result"]["out"]["own_identities"][0]["username"], "bea@x.test") << own;
}

TEST_F(Former, GivesAndReleasesSessions) {
    const auto handle = client.legacy("registerSession", json::array())["return"];
    ASSERT_TRUE(handle.is_string());
    EXPECT_EQ(handle.get<std::string>().size(), 11U);
    EXPECT_EQ(client.legacy("releaseSession", {"another"})["code"], -32603);
    EXPECT_EQ(client.legacy("releaseSession", {handle}).dump(), nothing);
    EXPECT_EQ(client.legacy("releaseSession", {handle})["code"], -32603) << "once";
    EXPECT_EQ(client.own_key("ann@x.test", "Ann").size(), 40U) << "calls go on without";
}

TEST_F(Former, AcceptsLogEntriesAndKeepsNone) {
    EXPECT_EQ(
        client.legacy("log_event", {"title", "entity", "text", nullptr})["return"]["status"], 0
    );
    EXPECT_EQ(client.legacy("log_event", {"", "entity", "", ""})["return"]["status"], -4);
    EXPECT_EQ(client.legacy("log_event", {"title", "", "", ""})["return"]["status"], -4);
}

TEST_F(Former, RatesWithPartnersUnderTheFormerName) {
    client.own_key("ann@x.test", "Ann");
    const json mail{
        {"dir", 1},
        {"from", {{"address", "ann@x.test"}, {"user_id", "pEp_own_userId"}}},
        {"to", {{{"address", "nobody@x.test"}}}}};
    const auto now = client.legacy("outgoing_message_rating_with_partner_info", {mail, "O", "O"});
    EXPECT_EQ(now["outParams"].dump(), R"([false,{"rating":3}])");
    EXPECT_EQ(client.legacy("outgoing_message_rating_with_subject_info", {mail, "O", "O"}), now);
}

} // namespace
} // namespace pep::api
