// Keys that come with messages: which are taken, and whose they become.
#include "base/base64.hpp"
#include "messages_fixture.hpp"

namespace pep::engine::test {
namespace {

class MessageKeys : public Friends {
  protected:
    std::string key_of(const User& user) {
        char* key = nullptr;
        std::size_t size = 0;
        EXPECT_EQ(export_key(user.session(), user.fpr().c_str(), &key, &size), 0);
        const OwnedChars owner{key};
        return {key, size};
    }

    /// Base64 of an armored key's bytes, as Autocrypt has it: armor without its frame and checksum.
    std::string keydata_of(const User& user) {
        const std::string armored = key_of(user);
        const std::size_t start = armored.find("\n\n") != std::string::npos
                                      ? armored.find("\n\n") + 2
                                      : armored.find("\r\n\r\n") + 4;
        std::string data = armored.substr(start, armored.rfind("\n=") - start);
        for (std::size_t at = 0; (at = data.find('\n', at)) != std::string::npos; at += 2)
            data.replace(at, 1, "\n ");
        return data;
    }

    static std::string mail(const std::string& header, const std::string& rest) {
        return "From: Alice <alice@example.org>\r\nTo: bob@example.net\r\nSubject: s\r\n" + header +
               "MIME-Version: 1.0\r\n" + rest;
    }

    static std::string part(const std::string& name, const std::string& key) {
        return "--b\r\nContent-Type: application/pgp-keys\r\n"
               "Content-Disposition: attachment; filename=\"" +
               name + "\"\r\n\r\n" + key + "\r\n";
    }

    static std::string parts(const std::string& all) {
        return "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
               "text/plain\r\n\r\nbody\r\n" +
               all + "--b--\r\n";
    }

    std::string default_of_alice() {
        return std::string{view(bob.partner("alice@example.org")->fpr)};
    }
};

TEST_F(MessageKeys, AutocryptKeyBecomesTheDefaultOfOpenPgpSenders) {
    const std::string header =
        "Autocrypt: addr=alice@example.org; prefer-encrypt=mutual; keydata=\r\n " +
        keydata_of(alice) + "\r\n";
    EXPECT_EQ(bob.read(mail(header, "\r\nbody")).status, PEP_UNENCRYPTED);
    EXPECT_EQ(default_of_alice(), alice.fpr());
    EXPECT_EQ(bob.partner("alice@example.org")->comm_type, PEP_ct_OpenPGP_unconfirmed);
}

TEST_F(MessageKeys, AutocryptForAnotherAddressIsNotTheSenders) {
    const std::string header =
        "Autocrypt: addr=eve@example.com; keydata=" + keydata_of(alice) + "\r\n";
    EXPECT_EQ(bob.read(mail(header, "\r\nbody")).status, PEP_UNENCRYPTED);
    EXPECT_EQ(default_of_alice(), "");
}

TEST_F(MessageKeys, BrokenAutocryptIsNoReasonToFail) {
    for (const char* header :
         {"Autocrypt: keydata=!!!\r\n",
          "Autocrypt: addr=x\r\n",
          "Autocrypt: addr=alice@example.org; keydata=QUJD\r\n"})
        EXPECT_EQ(bob.read(mail(header, "\r\nbody")).status, PEP_UNENCRYPTED);
    EXPECT_EQ(default_of_alice(), "");
}

TEST_F(MessageKeys, TheOnlyKeyOfAnOpenPgpMailIsTheSenders) {
    EXPECT_EQ(bob.read(mail("", parts(part("any.asc", key_of(alice))))).status, PEP_UNENCRYPTED);
    EXPECT_EQ(default_of_alice(), alice.fpr());
}

TEST_F(MessageKeys, OfTwoKeysNoneIsTheSenders) {
    const std::string two = part("a.asc", key_of(alice)) + part("b.asc", key_of(bob));
    EXPECT_EQ(bob.read(mail("", parts(two))).status, PEP_UNENCRYPTED);
    EXPECT_EQ(default_of_alice(), "");
}

TEST_F(MessageKeys, SenderKeyCountsForPepMailOnly) {
    const User carol{"carol@example.com", "Carol"};
    const std::string two = part("a.asc", key_of(carol)) + part("sender_key.asc", key_of(alice));
    EXPECT_EQ(bob.read(mail("X-pEp-Version: 2.2\r\n", parts(two))).status, PEP_UNENCRYPTED);
    EXPECT_EQ(default_of_alice(), alice.fpr());
    const OwnedIdentity known = bob.partner("alice@example.org");
    EXPECT_EQ(known->comm_type, PEP_ct_pEp_unconfirmed);
    EXPECT_EQ(known->major_ver, 2U);
    EXPECT_EQ(known->minor_ver, 2U);
}

TEST_F(MessageKeys, TwoSenderKeysAreNone) {
    const User carol{"carol@example.com", "Carol"};
    const std::string two =
        part("sender_key.asc", key_of(carol)) + part("sender_key.asc", key_of(alice));
    EXPECT_EQ(bob.read(mail("X-pEp-Version: 2.2\r\n", parts(two))).status, PEP_UNENCRYPTED);
    EXPECT_EQ(default_of_alice(), "");
}

TEST_F(MessageKeys, NoMoreThanTwentyAttachmentsAreInspected) {
    std::string many;
    for (int i = 0; i < 20; ++i)
        many += part("k" + std::to_string(i) + ".asc", "no key");
    EXPECT_EQ(
        bob.read(mail("", parts(many + part("late.asc", key_of(alice))))).status, PEP_UNENCRYPTED
    );
    EXPECT_EQ(default_of_alice(), "");
    stringlist_t* found = nullptr;
    EXPECT_EQ(find_keys(bob.session(), alice.fpr().c_str(), &found), 0);
    EXPECT_EQ(found, nullptr);
}

TEST_F(MessageKeys, TheVersionOfAPartnerOnlyRises) {
    const std::string key = parts(part("sender_key.asc", key_of(alice)));
    for (const char* version : {"2.2", "3.1", "2.1", "0.1", "garbage"})
        EXPECT_EQ(
            bob.read(mail(std::string{"X-pEp-Version: "} + version + "\r\n", key)).status,
            PEP_UNENCRYPTED
        );
    const OwnedIdentity known = bob.partner("alice@example.org");
    EXPECT_EQ(known->major_ver, 3U);
    EXPECT_EQ(known->minor_ver, 1U);
}

TEST_F(MessageKeys, KeysStayAttached) {
    const Received in = bob.read(mail("", parts(part("any.asc", key_of(alice)))));
    EXPECT_NE(find_blob_by_URI(in.src->attachments, "file://any.asc"), nullptr);
}

TEST_F(MessageKeys, AKeyThatDidNotSignBecomesNobodysDefault) {
    introduce_as_openpgp();
    const User carol{"carol@example.com", "Carol"};
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    append(msg->attachments, make_blob(key_of(carol), "application/pgp-keys", "file://carol.asc"));
    const Received in =
        bob.read(alice.send(*msg, PEP_enc_auto, PEP_encrypt_flag_force_no_attached_key).wire);
    EXPECT_EQ(in.status, PEP_DECRYPTED);
    EXPECT_EQ(in.rating, PEP_rating_unreliable);
    EXPECT_EQ(default_of_alice(), "");
}

} // namespace
} // namespace pep::engine::test
