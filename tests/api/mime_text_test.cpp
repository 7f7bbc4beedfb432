// Mails as text in the shapes old clients send and read, and the calls they make at their start.
#include "dialogue.hpp"

#include <gtest/gtest.h>

namespace pep::api {
namespace {

const json op = json::array({"OP"});

class MailText : public testing::Test {
  protected:
    static std::string mail(const std::string& to) {
        return "From: Ann <ann@x.test>\r\nTo: " + to +
               "\r\nSubject: Weather\r\nMIME-Version: 1.0\r\n"
               "Content-Type: text/plain; charset=utf-8\r\n\r\nEs stürmt.\r\n";
    }

    void SetUp() override { fpr = client.own_key("ann@x.test", "Ann"); }

    json encrypt(const std::string& text, const json& length, int format = 4) {
        return client.legacy("MIME_encrypt_message", {text, length, json::array(), op, format, 0});
    }

    std::string encrypted() {
        return encrypt(mail("ann@x.test"), 0)["outParams"][0].get<std::string>();
    }

    Dialogue client;
    std::string fpr;
};

TEST_F(MailText, IsEncryptedAndDecryptedInTheShapeOf2016) {
    const auto sent = encrypt(mail("ann@x.test"), 121);
    ASSERT_EQ(sent["outParams"].size(), 1U) << sent.dump();
    EXPECT_EQ(sent["return"]["status"], 0);
    const auto text = sent["outParams"][0].get<std::string>();
    EXPECT_NE(text.find("multipart/encrypted"), std::string::npos);
    EXPECT_NE(text.find("From: Ann <ann@x.test>"), std::string::npos);

    const auto read = client.legacy("MIME_decrypt_message", {text, text.size(), op, op, op, op});
    ASSERT_EQ(read["outParams"].size(), 4U) << read.dump(); // flags, rating, keys, text
    EXPECT_EQ(read["return"]["status"], 0);
    EXPECT_EQ(read["outParams"][0], 0);
    EXPECT_EQ(read["outParams"][1]["rating"], 8);
    EXPECT_EQ(read["outParams"][2][0], fpr);
    const auto shown = read["outParams"][3].get<std::string>();
    EXPECT_NE(shown.find("Subject: Weather"), std::string::npos);
    EXPECT_NE(shown.find("Es st=C3=BCrmt."), std::string::npos);
}

TEST_F(MailText, IsDecryptedInTheShapeSince0150) {
    for (const json& flags : {json(0), op, json(256)}) {
        const auto read =
            client.legacy("MIME_decrypt_message", {encrypted(), 1, op, op, op, flags, op});
        ASSERT_EQ(read["outParams"].size(), 5U) << read.dump(); // modified_src first
        EXPECT_TRUE(read["outParams"][0].is_null());
        EXPECT_NE(
            read["outParams"][4].get<std::string>().find("Subject: Weather"), std::string::npos
        );
    }
}

TEST_F(MailText, IsNotCutAtALengthInOtherUnits) {
    const auto text = mail("ann@x.test");
    for (const json& length : {json(1), json(-1), json("x"), json(), json(99999999)}) {
        const auto sent = encrypt(text, length);
        ASSERT_EQ(sent["return"]["status"], 0) << sent.dump();
        const auto read =
            client.legacy("MIME_decrypt_message", {sent["outParams"][0], length, op, op, op, op});
        EXPECT_NE(read["outParams"][3].get<std::string>().find("rmt."), std::string::npos);
    }
}

TEST_F(MailText, ComesBackInTheClearWithTheKeyIfNobodyCanReadIt) {
    const auto sent = encrypt(mail("ben@x.test"), 0);
    EXPECT_EQ(sent["return"]["status"], 0x400);
    const auto text = sent["outParams"][0].get<std::string>();
    EXPECT_NE(text.find("sender_key.asc"), std::string::npos);
    EXPECT_NE(text.find("Es st=C3=BCrmt."), std::string::npos);
    const auto read = client.legacy("MIME_decrypt_message", {text, 0, op, op, op, op});
    EXPECT_EQ(read["return"]["status"], 0x400);
    EXPECT_EQ(read["outParams"][1]["rating"], 3);
    EXPECT_NE(read["outParams"][3].get<std::string>().find("Weather"), std::string::npos);
}

TEST_F(MailText, IsEncryptedForOneselfInBothShapes) {
    const json me{{"address", "ann@x.test"}, {"user_id", "pEp_own_userId"}};
    const auto text = mail("ben@x.test");
    const auto old = client.legacy("MIME_encrypt_message_for_self", {me, text, 0, op, 4, 0});
    const auto later =
        client.legacy("MIME_encrypt_message_for_self", {me, text, 0, json::array(), op, 4, 0});
    for (const auto& sent : {old, later}) {
        ASSERT_EQ(sent["return"]["status"], 0) << sent.dump();
        const auto read =
            client.legacy("MIME_decrypt_message", {sent["outParams"][0], 0, op, op, op, op});
        EXPECT_NE(
            read["outParams"][3].get<std::string>().find("Subject: Weather"), std::string::npos
        );
    }
}

TEST_F(MailText, HasAPassiveModeOfItsOwnInTheExForms) {
    const auto stranger = mail("ben@x.test");
    const auto with_key = [](const json& sent) {
        return sent["outParams"][0].get<std::string>().find("sender_key.asc") != std::string::npos;
    };
    const auto sent =
        client.legacy("MIME_encrypt_message_ex", {stranger, 0, json::array(), true, op, 4, 0});
    EXPECT_EQ(sent["return"]["status"], 0x400);
    EXPECT_FALSE(with_key(sent));
    EXPECT_TRUE(with_key(encrypt(stranger, 0))); // as the client has it configured
    (void)client.legacy("config_passive_mode", {true});
    EXPECT_FALSE(with_key(encrypt(stranger, 0)));
    EXPECT_TRUE(with_key(
        client.legacy("MIME_encrypt_message_ex", {stranger, 0, json::array(), false, op, 4, 0})
    ));
    EXPECT_FALSE(with_key(encrypt(stranger, 0)));
    const auto read =
        client.legacy("MIME_decrypt_message_ex", {encrypted(), 0, true, op, op, op, op});
    ASSERT_EQ(read["outParams"].size(), 4U) << read.dump();
    EXPECT_EQ(read["return"]["status"], 0);
}

TEST_F(MailText, TellsWhatIsNoMailByStatus) {
    EXPECT_EQ(encrypt("", 0)["return"]["status"], -4);
    EXPECT_TRUE(encrypt("", 0)["outParams"][0].is_null());
    EXPECT_EQ(encrypt("Subject: nobody sends this\r\n\r\nx", 0)["return"]["status"], -4);
    EXPECT_EQ(
        client.legacy("MIME_decrypt_message", {"", 0, op, op, op, op})["return"]["status"], -4
    );
    // No format a mail can have.
    EXPECT_EQ(encrypt(mail("ann@x.test"), 0, 6)["return"]["status"], -4);
}

TEST_F(MailText, TellsWhatCannotBeDecrypted) {
    auto broken = encrypted();
    const auto armor = broken.find("-----BEGIN PGP MESSAGE-----");
    broken.replace(armor + 1000, 8, "AAAAAAAA");
    const auto read = client.legacy("MIME_decrypt_message", {broken, 0, op, op, op, op});
    EXPECT_GE(read["return"]["status"], 0x404);
    EXPECT_TRUE(read["outParams"][3].is_null());
    EXPECT_EQ(read["outParams"][1]["rating"], 1);
}

TEST_F(MailText, WantsAllPlaceholders) {
    EXPECT_EQ(client.legacy("MIME_decrypt_message", {"x", 0, op, op, op})["code"], -32603);
    EXPECT_EQ(client.legacy("MIME_encrypt_message", {"x", 0, op, 4, 0})["code"], -32603);
    EXPECT_EQ(client.call("MIME_encrypt_message", {{"mimetext", "x"}})["error"]["code"], -32601);
}

TEST_F(MailText, WhatEnigmailStartsIsAcceptedInVain) {
    constexpr auto nothing = R"({"outParams":[],"return":null})";
    for (const char* name :
         {"startKeyserverLookup", "stopKeyserverLookup", "startKeySync", "stopKeySync"})
        EXPECT_EQ(client.legacy(name, json::array()).dump(), nothing) << name;
    EXPECT_EQ(client.legacy("fullVersion", json::array())["return"]["major"], 3);
}

TEST_F(MailText, AnnouncesTheKeyIfTheClientWantsIt) {
    EXPECT_EQ(
        encrypt(mail("ben@x.test"), 0)["outParams"][0].get<std::string>().find("Autocrypt:"),
        std::string::npos
    );
    const auto reply = client.call("config_autocrypt_header", {{"enable", true}});
    EXPECT_TRUE(reply["result"]["return"].is_null()) << reply.dump();
    EXPECT_TRUE(client.context.settings.autocrypt_header);
    EXPECT_NE(
        encrypt(mail("ben@x.test"), 0)["outParams"][0].get<std::string>().find("\r\nAutocrypt: "
                                                                               "addr=ann@x.test;"),
        std::string::npos
    );
}

} // namespace
} // namespace pep::api
