// Shapes of replies of functions that changed theirs over the years, in both dialects, on a real
// engine.
#include "api/types/enums.hpp"
#include "base/base64.hpp"
#include "dialogue.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace pep::api {
namespace {

class Shapes : public testing::Test, protected Dialogue {
  protected:
    /// The own key, armored and in base64.
    std::string exported(const std::string& fpr, const char* function) {
        const auto reply = call(function, {{"fpr", fpr}});
        return base64_encode(reply["result"]["out"]["key_data"].get<std::string>());
    }

    static json out_slots(int n) {
        json slots = json::array();
        for (; n > 0; --n)
            slots.push_back(json::array({"OP"}));
        return slots;
    }

    static json with(json first, const json& more) {
        for (const auto& slot : more)
            first.push_back(slot);
        return first;
    }
};

TEST_F(Shapes, OfImportTellFprsAndChanges) {
    const auto fpr = own_key("ann@x.test", "Ann");
    const auto data = exported(fpr, "export_secret_key");
    const auto reply = call("import_key_with_fpr_return", {{"key_data", data}});
    const auto& result = reply["result"];
    EXPECT_EQ(result["return"]["status"], 0x220) << reply.dump();
    EXPECT_EQ(result["out"]["imported_keys"], json::array({fpr}));
    EXPECT_EQ(result["out"]["changed_public_keys"], 0);
    EXPECT_EQ(result["out"]["identities"][0]["address"], "ann@x.test");
    EXPECT_EQ(result["out"]["private_keys"][0]["fpr"], fpr);

    // 2023: bits, fprs, private, identities
    const auto six = legacy("import_key_with_fpr_return", with({data, 0}, out_slots(4)));
    ASSERT_EQ(six["outParams"].size(), 4U) << six.dump();
    EXPECT_EQ(six["outParams"][0], 0);
    EXPECT_EQ(six["outParams"][1], json::array({fpr}));
    EXPECT_EQ(six["outParams"][2][0]["fpr"], fpr);
    EXPECT_EQ(six["outParams"][3][0]["fpr"], fpr);
    // 2021: bits, fprs, private
    const auto five = legacy("import_key_with_fpr_return", with({data, 0}, out_slots(3)));
    ASSERT_EQ(five["outParams"].size(), 3U) << five.dump();
    EXPECT_EQ(five["outParams"][1], json::array({fpr}));
    EXPECT_EQ(five["return"]["status"], 0x220);
    EXPECT_EQ(legacy("import_key_with_fpr_return", with({data, 0}, out_slots(2)))["code"], -32603);
}

TEST_F(Shapes, OfExtraKeysTellThemToo) {
    const auto data = exported(own_key("ann@x.test", "Ann"), "export_key");
    const auto reply = call("import_extrakey_with_fpr_return", {{"key_data", data}})["result"];
    EXPECT_EQ(reply["return"]["status"], 0x220);
    EXPECT_TRUE(reply["out"]["private_keys"].empty());
    const auto old = legacy("import_extrakey_with_fpr_return", with({data, 0}, out_slots(3)));
    ASSERT_EQ(old["outParams"].size(), 3U) << old.dump();
    EXPECT_EQ(old["outParams"][1].size(), 1U);
}

TEST_F(Shapes, OfKeyListsAreStringPairs) {
    const auto fpr = own_key("ann@x.test", "Ann");
    const json expected = json::array({{{"key", fpr}, {"value", "Ann <ann@x.test>"}}});
    EXPECT_EQ(
        call("OpenPGP_list_keyinfo", {{"search_pattern", ""}})["result"]["out"]["keyinfo_list"],
        expected
    );
    EXPECT_EQ(
        legacy("OpenPGP_list_keyinfo", {"ann@x.test", json::array({"OP"})})["outParams"][0],
        expected
    );
}

TEST_F(Shapes, OfSignaturesTakeBase64) {
    const auto text = base64_encode("text");
    const auto made = call("signature_for_text", {{"ptext", text}})["result"];
    EXPECT_EQ(made["return"]["status"], 0);
    const auto armored = made["out"]["stext"].get<std::string>();
    const auto check = [&](std::string_view what) {
        return call(
            "verify_signature", {{"ptext", base64_encode(what)}, {"stext", base64_encode(armored)}}
        )["result"]["return"]["status"];
    };
    EXPECT_EQ(check("text"), 0x401);
    EXPECT_EQ(check("other"), 0x406);

    const auto old = legacy("signature_for_text", with({text, 0}, out_slots(2)));
    ASSERT_EQ(old["outParams"].size(), 2U) << old.dump();
    const auto signature = old["outParams"][1].get<std::string>();
    EXPECT_EQ(old["outParams"][0], signature.size());
    EXPECT_EQ(
        legacy("verify_signature", {text, 4, base64_encode(signature), 0})["return"]["status"],
        0x401
    );
}

TEST_F(Shapes, OfRatingsAreObjects) {
    const auto fpr = own_key("ann@x.test", "Ann");
    const auto rated =
        call("get_key_rating_for_user", {{"user_id", "pEp_own_userId"}, {"fpr", fpr}})["result"];
    EXPECT_EQ(rated["out"]["rating"], json({{"rating", 8}}));
    EXPECT_EQ(
        legacy("get_key_rating_for_user", {"nobody", fpr, "O"})["outParams"][0],
        json({{"rating", 0}})
    );
    const json msg{
        {"dir", 1},
        {"from", {{"address", "ann@x.test"}, {"user_id", "pEp_own_userId"}}},
        {"to", json::array({{{"address", "bob@y.test"}}})}};
    EXPECT_EQ(
        call("outgoing_message_rating_preview", {{"msg", msg}})["result"]["out"]["rating"],
        json({{"rating", 3}})
    );
    EXPECT_EQ(legacy("outgoing_message_color", {msg, "O"})["outParams"][0], json({{"rating", 3}}));
    const auto partners = legacy("outgoing_message_rating_with_partner_info", {msg, "O", "O"});
    EXPECT_EQ(partners["outParams"], json::array({false, {{"rating", 3}}}));
    json to_self{
        {"dir", 1},
        {"from", msg["from"]},
        {"to", json::array({{{"address", "ann@x.test"}, {"user_id", "pEp_own_userId"}}})}};
    const auto self =
        call("outgoing_message_rating_with_partner_info", {{"msg", to_self}})["result"]["out"];
    EXPECT_EQ(self["rating"], json({{"rating", 8}}));
    EXPECT_EQ(self["only_pEp_partners"], true);
    to_self["to"][0]["user_id"] = "";
    EXPECT_EQ(
        call("outgoing_message_rating_with_partner_info", {{"msg", to_self}})["result"]["out"], self
    ) << "an empty user_id is none";
}

TEST_F(Shapes, OfReEvaluationHaveTheMessageLast) {
    const json msg{
        {"from", {{"address", "ann@x.test"}, {"user_id", "pEp_own_userId"}}}, {"shortmsg", "s"}};
    (void)own_key("ann@x.test", "Ann");
    const auto old =
        legacy("re_evaluate_message_rating", {msg, nullptr, {{"rating", 3}}, json::array({"OP"})});
    ASSERT_EQ(old["outParams"].size(), 2U) << old.dump();
    EXPECT_EQ(old["outParams"][0], json({{"rating", 3}})); // in the clear it stays
    EXPECT_EQ(old["outParams"][1]["shortmsg"], "s");
    const auto unknown = call("re_evaluate_message_rating", {{"msg", msg}})["result"];
    EXPECT_EQ(unknown["return"]["status"], -4);
}

TEST_F(Shapes, OfFormerFunctionsAreKept) {
    EXPECT_EQ(legacy("apiVersion", json::array())["return"], 3);
    EXPECT_EQ(legacy("apiVversion", json::array())["return"], 3);
    EXPECT_TRUE(legacy("get_engine_version", json::array())["return"].is_string());
    const auto words =
        legacy("trustwords", {"0001 0002", "en", json::array({"OP"}), json::array({"OP"}), 1});
    ASSERT_EQ(words["outParams"].size(), 2U) << words.dump();
    EXPECT_EQ(words["outParams"][0], words["outParams"][1].get<std::string>().size());
    const auto phrase = legacy("get_phrase", {"de", 1000, "O"});
    EXPECT_EQ(phrase["outParams"][0], "Ich möchte die Trustwords auf Deutsch anzeigen");
    EXPECT_EQ(legacy("get_phrase", {"de", 7, "O"})["return"]["status"], 0x701);

    const auto fpr = own_key("ann@x.test", "Ann");
    EXPECT_EQ(legacy("own_key_retrieve", {"O"})["outParams"][0], json::array({fpr}));
    const auto cipher =
        legacy("encrypt_and_sign", with({json::array({fpr}), "text", 4}, out_slots(2)));
    ASSERT_EQ(cipher["outParams"].size(), 2U) << cipher.dump();
    EXPECT_EQ(cipher["outParams"][1].get<std::string>().find("-----BEGIN PGP MESSAGE"), 0U);
    EXPECT_EQ(call("apiVersion", json::object())["error"]["code"], -32601);
    EXPECT_EQ(call("encrypt_and_sign", json::object())["error"]["code"], -32601);
}

TEST_F(Shapes, OfGnuPgSayThatThereIsNone) {
    ::setenv("GNUPGHOME", "/somewhere/.gnupg", 1);
    ::unsetenv("GPG_AGENT_INFO");
    EXPECT_EQ(
        legacy("getGpgEnvironment", json::array())["return"].dump(),
        R"({"gnupg_path":null,"gnupg_home":"/somewhere/.gnupg","gpg_agent_info":null})"
    );
    ::unsetenv("GNUPGHOME");
    const auto path = legacy("get_gpg_path", {"O"});
    EXPECT_EQ(path["return"]["status"], 0);
    EXPECT_TRUE(path["outParams"][0].is_null());
    EXPECT_EQ(legacy("getBinaryPath", json::array())["code"], -32603);
}

TEST_F(Shapes, OfTheBlacklistAreKept) {
    const std::string fpr = "0123456789ABCDEF0123456789ABCDEF01234567";
    EXPECT_EQ(legacy("blacklist_retrieve", {"O"})["outParams"][0], json::array());
    EXPECT_EQ(legacy("blacklist_add", {fpr})["return"]["status"], 0);
    EXPECT_EQ(legacy("blacklist_is_listed", {fpr, "O"})["outParams"][0], true);
    EXPECT_EQ(legacy("blacklist_retrieve", {"O"})["outParams"][0], json::array({fpr}));
    EXPECT_EQ(legacy("blacklist_delete", {fpr})["return"]["status"], 0);
    EXPECT_EQ(legacy("blacklist_is_listed", {fpr, "O"})["outParams"][0], false);
    EXPECT_EQ(call("blacklist_retrieve", json::object())["error"]["code"], -32601);
}

TEST(EnumTypes, KnowTheNumbersAndNamesOfClients) {
    const auto written = [](auto value) {
        return marshal::Type<decltype(value)>::encode(value, marshal::Path{})->dump();
    };
    EXPECT_EQ(written(PEP_color_red), R"({"color":-1})");
    EXPECT_EQ(written(SYNC_NOTIFY_IN_GROUP), R"({"sync_handshake_signal":255})");
    EXPECT_EQ(written(SYNC_HANDSHAKE_CANCEL), "-1");
    const auto accepted = marshal::Type<sync_handshake_result>::decode("REJECTED", marshal::Path{});
    ASSERT_TRUE(accepted);
    EXPECT_EQ(*accepted, SYNC_HANDSHAKE_REJECTED);
    EXPECT_FALSE(marshal::Type<sync_handshake_signal>::decode(77, marshal::Path{}));
}

} // namespace
} // namespace pep::api
