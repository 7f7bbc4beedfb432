// The functions on cached messages: a whole mail goes through them, and misuse is told.
#include "dialogue.hpp"

#include <gtest/gtest.h>

namespace pep::api {
namespace {

constexpr const char* id_field = "X-pEp-Adapter-Cache-ID";

const std::string plain_mail = "Message-ID: <1@x.test>\r\n"
                               "From: Ann <ann@x.test>\r\n"
                               "To: Ann <ann@x.test>\r\n"
                               "Subject: Weather\r\n"
                               "X-Mine: kept\r\n"
                               "MIME-Version: 1.0\r\n"
                               "Content-Type: multipart/mixed; boundary=b\r\n"
                               "\r\n"
                               "--b\r\n"
                               "Content-Type: text/plain\r\n"
                               "\r\n"
                               "It rains.\r\n"
                               "--b\r\n"
                               "Content-Type: application/x-rain; name=rain.bin\r\n"
                               "Content-Disposition: attachment; filename=rain.bin\r\n"
                               "Content-Transfer-Encoding: base64\r\n"
                               "\r\n"
                               "ZHJvcHM=\r\n"
                               "--b--\r\n";

class CacheCalls : public testing::Test {
  protected:
    json decode(const std::string& text) {
        const auto reply = client.call("cache_mime_decode_message", {{"mimetext", text}});
        EXPECT_EQ(reply["result"]["return"]["status"], 0) << reply.dump();
        return reply["result"]["out"]["msg"];
    }

    json encrypt(const json& src) {
        return client.call(
            "cache_encrypt_message", {{"src", src}, {"enc_format", "PEP_enc_PEP"}, {"flags", 0}}
        );
    }

    json encode(int which, const json& msg) {
        return client.call(
            "cache_mime_encode_message", {{"which", which}, {"msg", msg}, {"omit_fields", false}}
        );
    }

    /// An own mail, ready to be encrypted.
    json outgoing() {
        client.own_key("ann@x.test", "Ann");
        auto msg = decode(plain_mail);
        msg["dir"] = 1;
        msg["from"]["user_id"] = "pEp_own_userId";
        return msg;
    }

    std::string encrypted_text() {
        const auto dst = encrypt(outgoing())["result"]["out"]["dst"];
        return encode(1, dst)["result"]["out"]["mimetext"].get<std::string>();
    }

    static std::string id_of(const json& msg) {
        EXPECT_EQ(msg["opt_fields"][0]["key"], id_field) << msg.dump();
        return msg["opt_fields"][0]["value"].get<std::string>();
    }

    static void expect_no_bodies(const json& msg) {
        for (const char* name : {"longmsg", "longmsg_formatted", "attachments"})
            EXPECT_FALSE(msg.contains(name)) << name;
    }

    Dialogue client;
};

TEST_F(CacheCalls, KeepBodiesInTheServer) {
    const auto msg = decode(plain_mail);
    expect_no_bodies(msg);
    EXPECT_EQ(msg["shortmsg"], "Weather");
    EXPECT_EQ(msg["opt_fields"].size(), 2U) << msg.dump();
    EXPECT_EQ(id_of(msg).size(), 22U);
    EXPECT_EQ(client.service.cache.counts().messages, 1U);
}

TEST_F(CacheCalls, GiveAMessageWithoutSubjectAShortBody) {
    EXPECT_EQ(decode("From: a@x.test\r\n\r\nText")["longmsg"], "pEp");
    EXPECT_EQ(
        decode("From: a@x.test\r\nContent-Type: text/html\r\n\r\n<b>x</b>")["longmsg_formatted"],
        "<pEp/>"
    );
}

TEST_F(CacheCalls, CarryAMailThereAndBack) {
    const auto reply = encrypt(outgoing());
    const auto& encrypted = reply["result"];
    ASSERT_EQ(encrypted["return"]["status"], 0) << reply.dump();
    const auto& dst = encrypted["out"]["dst"];
    expect_no_bodies(dst);
    expect_no_bodies(encrypted["out"]["src"]);
    EXPECT_EQ(id_of(dst), id_of(encrypted["out"]["src"]));
    EXPECT_EQ(dst["shortmsg"], "p≡p");

    const auto encoded = encode(1, dst);
    ASSERT_EQ(encoded["result"]["return"]["status"], 0) << encoded.dump();
    const auto text = encoded["result"]["out"]["mimetext"].get<std::string>();
    EXPECT_NE(text.find("-----BEGIN PGP MESSAGE-----"), std::string::npos);
    EXPECT_EQ(text.find(id_field), std::string::npos);
    EXPECT_EQ(client.service.cache.counts().messages, 0U); // it was dropped

    const auto received = decode(text);
    const auto opened = client.call("cache_decrypt_message", {{"src", received}, {"flags", 0}});
    ASSERT_EQ(opened["result"]["return"]["status"], 0) << opened.dump();
    const auto& plain = opened["result"]["out"]["dst"];
    EXPECT_EQ(plain["shortmsg"], "Weather");
    EXPECT_EQ(plain["longmsg"].get<std::string>().substr(0, 9), "It rains.");
    EXPECT_FALSE(plain.contains("attachments"));
    EXPECT_EQ(id_of(plain), id_of(received));
    expect_no_bodies(opened["result"]["out"]["src"]);

    const auto shown = encode(1, plain)["result"]["out"]["mimetext"].get<std::string>();
    EXPECT_NE(shown.find("Subject: Weather"), std::string::npos);
    EXPECT_NE(shown.find("X-Mine: kept"), std::string::npos);
    EXPECT_NE(shown.find("rain.bin"), std::string::npos);
    EXPECT_EQ(shown.find(id_field), std::string::npos) << "the id went out with the mail";
}

TEST_F(CacheCalls, AnswerOldClientsInTheirShape) {
    client.own_key("ann@x.test", "Ann");
    const json op = json::array({"OP"});
    const auto decoded =
        client.legacy("cache_mime_decode_message", {plain_mail, plain_mail.size(), op});
    auto msg = decoded["outParams"][0];
    msg["dir"] = 1;
    msg["from"]["user_id"] = "pEp_own_userId";
    const auto encrypted = client.legacy("cache_encrypt_message", {msg, json::array(), op, 4, 0});
    ASSERT_EQ(encrypted["return"]["status"], 0) << encrypted.dump();
    ASSERT_EQ(encrypted["outParams"].size(), 2U);
    EXPECT_EQ(encrypted["outParams"][0]["shortmsg"], "p≡p"); // dst, then src
    const auto encoded =
        client.legacy("cache_mime_encode_message", {1, encrypted["outParams"][0], false, op});
    const auto text = encoded["outParams"][0].get<std::string>();
    const auto received = client.legacy("cache_mime_decode_message", {text, 0, op});
    const auto opened = client.legacy(
        "cache_decrypt_message", {received["outParams"][0], op, json::array(), op, 0}
    );
    ASSERT_EQ(opened["outParams"].size(), 5U) << opened.dump();
    EXPECT_EQ(opened["outParams"][1]["rating"], 8);
    EXPECT_EQ(opened["outParams"][3]["shortmsg"], "Weather");
    EXPECT_EQ(opened["return"]["status"], 0);
}

TEST_F(CacheCalls, SendWhatStaysInTheClearWithTheKey) {
    auto msg = outgoing();
    msg["to"] = json::array({{{"address", "ben@x.test"}}});
    const auto reply = encrypt(msg)["result"];
    EXPECT_EQ(reply["return"]["status"], 0x400);
    EXPECT_TRUE(reply["out"]["dst"].is_null());
    expect_no_bodies(reply["out"]["src"]);
    EXPECT_EQ(encode(1, reply["out"]["src"])["result"]["return"]["status"], -4); // no such thing
    const auto text =
        encode(0, reply["out"]["src"])["result"]["out"]["mimetext"].get<std::string>();
    EXPECT_NE(text.find("It rains."), std::string::npos);
    EXPECT_NE(text.find("sender_key.asc"), std::string::npos);
    EXPECT_NE(text.find("rain.bin"), std::string::npos);
    EXPECT_EQ(text.find(id_field), std::string::npos);
}

TEST_F(CacheCalls, MakeNothingOfBodiesTheClientSends) {
    auto msg = outgoing();
    msg["longmsg"] = "It is dry.";
    msg["shortmsg"] = "Changed";
    const auto text = encode(0, msg)["result"]["out"]["mimetext"].get<std::string>();
    EXPECT_EQ(text.find("dry"), std::string::npos);
    EXPECT_NE(text.find("It rains."), std::string::npos);
    EXPECT_NE(text.find("Subject: Changed"), std::string::npos);
}

TEST_F(CacheCalls, ReadMailWhosePartsCameInTheWrongOrder) {
    const auto text = encrypted_text();
    const auto armored = text.substr(text.find("-----BEGIN PGP"));
    const auto end = armored.find("-----END PGP MESSAGE-----") + 25;
    const std::string swapped = "From: ann@x.test\r\nTo: ann@x.test\r\nSubject: p=p\r\n"
                                "Content-Type: multipart/mixed; boundary=o\r\n\r\n"
                                "--o\r\nContent-Type: application/octet-stream\r\n\r\n" +
                                armored.substr(0, end) +
                                "\r\n--o\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
                                "Version: 1\r\n--o--\r\n";
    const auto opened =
        client.call("cache_decrypt_message", {{"src", decode(swapped)}, {"flags", 0}});
    EXPECT_EQ(opened["result"]["out"]["dst"]["shortmsg"], "Weather") << opened.dump();
}

TEST_F(CacheCalls, TellAMissingIdAsOldClientsKnowIt) {
    const json msg{{"dir", 1}, {"from", {{"address", "ann@x.test"}}}};
    const json op = json::array({"OP"});
    EXPECT_EQ(
        client.legacy("cache_decrypt_message", {msg, op, nullptr, op, 0})["return"]["status"], -4
    );
    EXPECT_EQ(
        client.legacy("cache_mime_encode_message", {0, msg, false, op})["return"]["status"], -4
    );
    EXPECT_EQ(client.legacy("cache_encrypt_message", {msg, nullptr, op, 4, 0})["code"], -32603);
    EXPECT_EQ(client.legacy("cache_encrypt_message", {nullptr, nullptr, op, 4, 0})["code"], -32603);
    EXPECT_EQ(
        client.legacy("cache_decrypt_message", {nullptr, op, nullptr, op, 0})["return"]["status"],
        -4
    );
    EXPECT_EQ(encrypt(msg)["error"]["data"]["path"], "/params/src/opt_fields");
}

TEST_F(CacheCalls, RefuseAnUnknownId) {
    json msg = decode(plain_mail);
    const json op = json::array({"OP"});
    const auto id = id_of(msg);
    EXPECT_EQ(client.legacy("cache_release", {id})["return"]["status"], 0);
    EXPECT_EQ(client.legacy("cache_release", {id})["return"]["status"], 0); // unknown is fine
    const auto refused = encode(0, msg)["error"];
    EXPECT_EQ(refused["code"], -32602);
    EXPECT_EQ(refused["data"]["reason"], "unknown_value");
    EXPECT_EQ(refused.dump().find(id), std::string::npos);
    EXPECT_EQ(client.legacy("cache_mime_encode_message", {0, msg, false, op})["code"], -32603);
    EXPECT_EQ(client.legacy("cache_decrypt_message", {msg, op, nullptr, op, 0})["code"], -32603);
    EXPECT_EQ(client.legacy("cache_encrypt_message", {msg, nullptr, op, 4, 0})["code"], -32603);
}

TEST_F(CacheCalls, KeepWhatCouldNotBeEncoded) {
    auto msg = decode(plain_mail);
    EXPECT_EQ(encode(2, msg)["result"]["return"]["status"], -4);
    EXPECT_EQ(encode(-1, msg)["result"]["return"]["status"], -4);
    msg["enc_format"] = 2; // S/MIME, which cannot be encoded
    EXPECT_NE(encode(0, msg)["result"]["return"]["status"], 0);
    msg["enc_format"] = 0;
    EXPECT_EQ(encode(0, msg)["result"]["return"]["status"], 0);
    EXPECT_EQ(client.service.cache.counts().messages, 0U);
}

TEST_F(CacheCalls, CacheNothingThatCannotBeDecoded) {
    EXPECT_EQ(
        client.call("cache_mime_decode_message", {{"mimetext", ""}})["result"]["return"]["status"],
        -4
    );
    EXPECT_EQ(client.service.cache.counts().messages, 0U);
}

TEST_F(CacheCalls, RefuseWhatIsTooBigForTheCache) {
    const std::string big = "Subject: x\r\n\r\n" + std::string(std::size_t{2} << 20U, 'x');
    const auto refused = client.call("cache_mime_decode_message", {{"mimetext", big}})["error"];
    EXPECT_EQ(refused["code"], -32003);
    EXPECT_EQ(refused["data"]["reason"], "too_large");
}

} // namespace
} // namespace pep::api
