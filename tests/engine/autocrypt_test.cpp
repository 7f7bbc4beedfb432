// Autocrypt header fields of mail that goes out: when there is one, and that others can use it.
#include "base/base64.hpp"
#include "engine/autocrypt.hpp"
#include "engine/key_minimal.hpp"
#include "keys_workbench.hpp"
#include "messages_fixture.hpp"
#include "pEp/autocrypt.h"

#include <algorithm>

namespace pep::engine::test {
namespace {

class Autocrypt : public Friends {
  protected:
    Autocrypt() { config_autocrypt_header(alice.session(), true); }

    static std::string armored_key(const User& user) {
        char* key = nullptr;
        std::size_t size = 0;
        EXPECT_EQ(export_key(user.session(), user.fpr().c_str(), &key, &size), 0);
        const OwnedChars owner{key};
        return {key, size};
    }

    /// The field as a receiver gets it, unfolded; "-" if there is none.
    std::string field_in(std::string_view wire) {
        return field_of(*decode(bob.session(), wire), "Autocrypt");
    }

    static std::string keydata_in(const std::string& value) {
        const auto at = value.find("keydata=");
        const auto key = base64_decode(value.substr(std::min(value.size(), at + 8)));
        return key ? *key : "";
    }

    static std::size_t fields_in(const message& msg) {
        std::size_t count = 0;
        for (const auto* field = msg.opt_fields; field != nullptr; field = field->next)
            count += field->value != nullptr && view(field->value->key) == "Autocrypt";
        return count;
    }
};

TEST_F(Autocrypt, IsOffUnlessAskedFor) {
    OwnedMessage msg = bob.mail("alice@example.org", "s", "b");
    EXPECT_EQ(field_in(bob.send(*msg).wire), "-");
    config_autocrypt_header(alice.session(), false);
    msg = alice.mail("bob@example.net", "s", "b");
    EXPECT_EQ(field_in(alice.send(*msg).wire), "-");
    config_autocrypt_header(nullptr, true);
}

TEST_F(Autocrypt, NamesAddressPreferenceAndKeyInThisOrder) {
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    const auto sent = alice.send(*msg);
    EXPECT_EQ(sent.status, PEP_UNENCRYPTED);
    const std::string value = field_in(sent.wire);
    EXPECT_TRUE(value.starts_with("addr=alice@example.org; prefer-encrypt=mutual; keydata= "))
        << value;
    EXPECT_EQ(std::count(value.begin(), value.end(), ';'), 2); // keydata is the last attribute
    for (std::size_t at = 0; at < sent.wire.size();) {         // folded, RFC 5322 2.1.1
        const auto end = std::min(sent.wire.find("\r\n", at), sent.wire.size());
        EXPECT_LE(end - at, 998U);
        at = end + 2;
    }
    const auto start = sent.wire.find("\r\nAutocrypt: addr=");
    ASSERT_NE(start, std::string::npos);
    EXPECT_FALSE(contains(sent.wire.substr(start), "=?")); // not as an encoded word
}

TEST_F(Autocrypt, CarriesTheMinimalKey) {
    const auto key = minimal_key(armored_key(alice), "Alice@Example.org");
    ASSERT_FALSE(key.empty());
    // Primary key, user id, signature, subkey, signature: packet tags of RFC 4880, 4.2.
    std::vector<int> tags;
    for (std::size_t at = 0; at + 1 < key.size();) {
        const auto head = static_cast<unsigned char>(key[at]);
        const bool is_new = (head & 0x40U) != 0;
        tags.push_back(is_new ? head & 0x3F : (head & 0x3C) >> 2);
        const auto first = static_cast<unsigned char>(key[at + 1]);
        const auto second = static_cast<unsigned char>(key[at + 2]);
        if (is_new)
            at += first < 192 ? 2 + first : 3 + ((first - 192) << 8) + second + 192;
        else
            at += (head & 3) == 0 ? 2 + first : 3 + (first << 8) + second;
    }
    EXPECT_EQ(tags, (std::vector{6, 13, 2, 14, 2}));
    EXPECT_EQ(minimal_key(armored_key(alice), "other@example.org"), "");
    EXPECT_EQ(minimal_key("no key", "alice@example.org"), "");
    EXPECT_EQ(minimal_key("", ""), "");
}

/// Without the other ways a key can come, and from a sender who says nothing of p≡p.
TEST_F(Autocrypt, AloneGivesTheReceiverTheKey) {
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    config_passive_mode(alice.session(), true);
    const auto sent = alice.send(*msg);
    OwnedMessage arrived = decode(bob.session(), sent.wire);
    EXPECT_EQ(arrived->attachments, nullptr); // passive mode
    arrived->opt_fields = stringpair_list_delete_by_key(arrived->opt_fields, "X-pEp-Version");
    EXPECT_EQ(receive(bob.session(), std::move(arrived)).status, PEP_UNENCRYPTED);
    EXPECT_EQ(view(bob.partner("alice@example.org")->fpr), alice.fpr());

    OwnedMessage answer = bob.mail("alice@example.org", "re", "secret");
    PEP_rating rating = PEP_rating_undefined;
    EXPECT_EQ(outgoing_message_rating(bob.session(), answer.get(), &rating), 0);
    EXPECT_EQ(rating, PEP_rating_reliable);
    const Received in = alice.read(bob.send(*answer).wire);
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_STREQ(in.shown().longmsg, "secret");
}

TEST_F(Autocrypt, IsImportedByGnupg) {
    if (!there("gpg"))
        GTEST_SKIP() << "gpg is not installed";
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    Workbench bench;
    bench.write("key.pgp", keydata_in(field_in(alice.send(*msg).wire)));
    const auto imported = bench.run("gpg --batch --status-fd 1 --import key.pgp");
    EXPECT_TRUE(contains(imported, "IMPORT_OK 1 " + alice.fpr())) << imported;
    bench.write("text", "for Alice");
    (void)bench.run(
        "gpg --batch --trust-model always --armor -r alice@example.org --output text.asc -e text"
    );
    EXPECT_TRUE(bench.ok);
    const std::string text = bench.read("text.asc");
    OwnedMessage in{new_message(PEP_dir_incoming)};
    assign(in->longmsg, text);
    EXPECT_STREQ(receive(alice.session(), std::move(in)).shown().longmsg, "for Alice");
}

TEST_F(Autocrypt, StandsOutsideOfAnEncryptedMessageOnly) {
    introduce();
    for (const auto flags : {0U, static_cast<unsigned>(PEP_encrypt_flag_force_version_1)}) {
        OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
        add_opt_field(msg.get(), "Autocrypt", "addr=alice@example.org; keydata=AAAA");
        add_opt_field(msg.get(), "X-Mine", "kept");
        const auto sent = alice.send(*msg, PEP_enc_PEP, flags);
        ASSERT_EQ(sent.status, PEP_STATUS_OK);
        EXPECT_EQ(fields_in(*sent.dst), 1U);
        EXPECT_EQ(
            keydata_in(field_in(sent.wire)), minimal_key(armored_key(alice), "alice@example.org")
        );
        const Received in = bob.read(sent.wire);
        EXPECT_EQ(in.status, PEP_STATUS_OK);
        EXPECT_EQ(in.rating, PEP_rating_reliable);
        EXPECT_EQ(field_of(*in.dst, "X-Mine"), "kept");
        if (flags == 0) { // wrapped: the inner message has its own header
            EXPECT_EQ(field_of(*in.dst, "Autocrypt"), "-");
        }
    }
}

TEST_F(Autocrypt, IsReplacedNotRepeated) {
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    add_opt_field(msg.get(), "Autocrypt", "addr=alice@example.org; keydata=AAAA");
    (void)alice.send(*msg);
    (void)alice.send(*msg);
    EXPECT_EQ(fields_in(*msg), 1U);
    EXPECT_FALSE(contains(field_of(*msg, "Autocrypt"), "keydata=AAAA"));
}

TEST_F(Autocrypt, StaysAwayWithTheFlagForNoAttachedKey) {
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    const auto sent = alice.send(*msg, PEP_enc_auto, PEP_encrypt_flag_force_no_attached_key);
    EXPECT_EQ(sent.status, PEP_UNENCRYPTED);
    EXPECT_EQ(field_in(sent.wire), "-");
    introduce();
    msg = alice.mail("bob@example.net", "s", "b");
    const auto sealed = alice.send(*msg, PEP_enc_auto, PEP_encrypt_flag_force_no_attached_key);
    EXPECT_EQ(sealed.status, PEP_STATUS_OK);
    EXPECT_EQ(field_in(sealed.wire), "-");
}

TEST_F(Autocrypt, IsForTheAddressOfTheSender) {
    // A second own address with the key of the first, which bears no user id for it.
    OwnedIdentity second{
        new_identity("alias@example.org", alice.fpr().c_str(), PEP_OWN_USERID, "Alice")};
    second->me = true;
    ASSERT_EQ(set_own_key(alice.session(), second.get(), alice.fpr().c_str()), 0);
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    free_identity(msg->from);
    msg->from = second.release();
    EXPECT_EQ(field_in(alice.send(*msg).wire), "-");
}

TEST(AutocryptValue, RefusesWhatTheHeaderCannotHold) {
    EXPECT_EQ(
        autocrypt_value("a@x.test", "key"), "addr=a@x.test; prefer-encrypt=mutual; keydata= a2V5"
    );
    EXPECT_EQ(autocrypt_value("", "key"), "");
    EXPECT_EQ(autocrypt_value("a@x.test", ""), "");
    EXPECT_EQ(autocrypt_value("a;b@x.test", "key"), "");
    EXPECT_EQ(autocrypt_value("a b@x.test", "key"), "");
    EXPECT_EQ(autocrypt_value("\xC3\xA4@x.test", "key"), "");
    EXPECT_EQ(autocrypt_value("a@x.test", std::string(7600, 'k')), ""); // over 10 KiB as base64
    EXPECT_LE(autocrypt_value("a@x.test", std::string(7400, 'k')).size(), 10240U);
    EXPECT_NE(autocrypt_value("a@x.test", std::string(7400, 'k')), "");
}

} // namespace
} // namespace pep::engine::test
