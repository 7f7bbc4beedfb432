// Decryption: passphrases, judging signatures, and that nothing damaged yields plaintext.
#include "engine/backend/rnp.hpp"
#include "engine/openpgp_packets.hpp"
#include "keys_fixture.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace pep::engine {
namespace {

using testing::ElementsAre;

const Secret right{"correct horse"};
const Secret wrong{"battery staple"};

TEST(Decryption, TellsPassphraseFaultsApart) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org", "Alice", &right);
    const auto message = must(ring.keys.encrypt({fpr}, "text", Signing::no_signature, nullptr));
    EXPECT_EQ(status_of_failure(ring.keys.decrypt(message, nullptr)), 0xa00);
    EXPECT_EQ(status_of_failure(ring.keys.decrypt(message, &wrong)), 0xa01);
    EXPECT_EQ(must(ring.keys.decrypt(message, &right)).plaintext, "text");
    EXPECT_EQ(must(ring.keys.decrypt(message, &right)).plaintext, "text"); // unlocked by now
    EXPECT_EQ(status_of_failure(ring.keys.decrypt(message, &wrong)), 0xa01);
    EXPECT_EQ(must(ring.keys.decrypt(message, &right)).plaintext, "text");
    ring.keys.lock();
    EXPECT_EQ(status_of_failure(ring.keys.decrypt(message, nullptr)), 0xa00);
}

TEST(Decryption, DerivesEachKeyOncePerPassphraseHoweverTheyAlternate) {
    Ring ring;
    const Secret other{"other staple"};
    const auto first = ring.make("first@example.org", "First", &right);
    const auto second = ring.make("second@example.org", "Second", &other);
    const auto to_first = must(ring.keys.encrypt({first}, "text", Signing::no_signature, nullptr));
    const auto try_all = [&] {
        for (const auto* passphrase :
             {static_cast<const Secret*>(nullptr), &wrong, &right, &other}) {
            const bool fits = passphrase == &right;
            EXPECT_EQ(ring.keys.decrypt(to_first, passphrase).has_value(), fits);
            EXPECT_EQ(ring.keys.sign_detached("text", first, passphrase).has_value(), fits);
            EXPECT_EQ(
                ring.keys.sign_detached("text", second, passphrase).has_value(),
                passphrase == &other
            );
        }
    };
    try_all();
    const auto derivations = ring.keys.derivations();
    EXPECT_GT(derivations, 0U);
    for (int i = 0; i < 3; ++i)
        try_all();
    EXPECT_EQ(ring.keys.derivations(), derivations);
}

TEST(Decryption, TellsWhetherThePassphraseWasUsed) {
    Ring ring;
    const auto locked = ring.make("locked@example.org", "Locked", &right);
    const auto open = ring.make("open@example.org");
    const auto to_locked =
        must(ring.keys.encrypt({locked}, "text", Signing::no_signature, nullptr));
    const auto to_open = must(ring.keys.encrypt({open}, "text", Signing::no_signature, nullptr));
    for (int i = 0; i < 2; ++i) { // to be unlocked, and unlocked
        ring.keys.forget_passphrase_use();
        must(ring.keys.decrypt(to_open, &right));
        must(ring.keys.sign_detached("text", open, &right));
        EXPECT_FALSE(ring.keys.passphrase_was_used());
        must(ring.keys.decrypt(to_locked, &right));
        EXPECT_TRUE(ring.keys.passphrase_was_used());
        ring.keys.forget_passphrase_use();
        must(ring.keys.sign_detached("text", locked, &right));
        EXPECT_TRUE(ring.keys.passphrase_was_used());
    }
}

TEST(Decryption, UsesWhicheverKeyIsOpen) {
    Ring ring;
    const auto locked = ring.make("locked@example.org", "Locked", &right);
    const auto open = ring.make("open@example.org", "Open");
    const auto message =
        must(ring.keys.encrypt({locked, open}, "text", Signing::no_signature, nullptr));
    EXPECT_EQ(must(ring.keys.decrypt(message, nullptr)).plaintext, "text");
    EXPECT_EQ(must(ring.keys.decrypt(message, &wrong)).plaintext, "text");
}

TEST(Decryption, WithoutKeyIsRefused) {
    Ring writer;
    Ring reader;
    const auto fpr = writer.make("alice@example.org");
    reader.import(writer.export_public(fpr));
    reader.make("reader@example.org");
    const auto message = must(writer.keys.encrypt({fpr}, "text", Signing::sign, nullptr));
    EXPECT_EQ(status_of_failure(reader.keys.decrypt(message, nullptr)), 0x405);
}

TEST(Decryption, OfWhatIsNoMessageIsRefused) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org");
    EXPECT_EQ(status_of_failure(ring.keys.decrypt("", nullptr)), 0x404);
    EXPECT_EQ(status_of_failure(ring.keys.decrypt("plain text", nullptr)), 0x404);
    const auto key = rnp::dearmored(ring.export_public(fpr));
    EXPECT_NE(status_of_failure(ring.keys.decrypt(key, nullptr)), 0);
}

TEST(Decryption, OfAnUnknownSignerIsOnlyDecrypted) {
    Ring writer;
    Ring reader;
    const auto signer = writer.make("alice@example.org");
    const auto recipient = reader.make("bob@example.org");
    writer.import(reader.export_public(recipient));
    const auto message =
        must(writer.keys.encrypt({signer, recipient}, "text", Signing::sign, nullptr));
    const auto read = must(reader.keys.decrypt(message, nullptr));
    EXPECT_EQ(read.status, 0x402);
    EXPECT_THAT(
        read.keylist, ElementsAre("", recipient)
    ); // the writer's certificate is unknown, too
}

TEST(Decryption, OfARevokedSignerIsTold) {
    Ring ring;
    const auto signer = ring.make("alice@example.org");
    const auto recipient = ring.make("bob@example.org");
    const auto message =
        must(ring.keys.encrypt({signer, recipient}, "text", Signing::sign, nullptr));
    must(ring.keys.revoke(signer, "", nullptr));
    const auto read = must(ring.keys.decrypt(message, nullptr));
    EXPECT_EQ(read.status, 0x40a);
    EXPECT_EQ(read.plaintext, "text");
    EXPECT_THAT(read.keylist, ElementsAre("", signer, recipient));
}

TEST(Decryption, JudgesSignaturesWhenTheyWereMade) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org");
    const auto message = must(ring.keys.encrypt({fpr}, "text", Signing::sign, nullptr));
    const auto signature = must(ring.keys.sign_detached("text", fpr, nullptr));
    const auto expiry = std::time(nullptr) + 1;
    must(ring.keys.renew(fpr, expiry, nullptr));
    wait_past(expiry);
    ASSERT_EQ(must(ring.keys.rating(fpr)), 0x04);
    const auto read = must(ring.keys.decrypt(message, nullptr));
    EXPECT_EQ(read.status, 0x403);
    EXPECT_THAT(read.keylist, ElementsAre(fpr, fpr));
    EXPECT_EQ(must(ring.keys.verify_detached("text", signature)).status, 0x401);
}

/// A signed and encrypted binary message long enough for several of librnp's chunks.
struct Message {
    Ring ring;
    std::string fpr = ring.make("alice@example.org");
    std::string text = std::string(200'000, 'p');
    std::string binary =
        rnp::dearmored(must(ring.keys.encrypt({fpr}, text, Signing::sign, nullptr)));
};

TEST(Tampering, NeverYieldsPlaintext) {
    Message message;
    const auto size = message.binary.size();
    std::vector<std::size_t> places;
    for (std::size_t at = 0; at < 200; at += 3)
        places.push_back(at);
    for (std::size_t at = 200; at < size; at += size / 40)
        places.push_back(at);
    for (std::size_t back = 1; back < 40; back += 2)
        places.push_back(size - back);
    for (const auto at : places) {
        auto changed = message.binary;
        changed[at] = static_cast<char>(changed[at] ^ 0x40);
        const auto read = message.ring.keys.decrypt(changed, nullptr);
        // A recipient's key id may differ without harm only if the session key is found anyway.
        EXPECT_FALSE(read) << "octet " << at;
    }
}

TEST(Truncation, NeverYieldsPlaintext) {
    Message message;
    const auto size = message.binary.size();
    std::vector<std::size_t> lengths;
    for (std::size_t length = 0; length < 300; length += 7)
        lengths.push_back(length);
    for (std::size_t length = 300; length < size; length += size / 30)
        lengths.push_back(length);
    for (std::size_t back = 1; back < 60; back += 3)
        lengths.push_back(size - back);
    for (const auto length : lengths) {
        const auto read =
            message.ring.keys.decrypt(std::string_view{message.binary}.substr(0, length), nullptr);
        EXPECT_FALSE(read) << "length " << length;
    }
}

std::string data_file(const std::string& name) {
    std::ifstream file{std::string{PEP_KEY_DATA "/"} + name};
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(Decryption, RefusesMessagesWithoutIntegrityProtectionAndWeakCiphers) {
    Ring ring;
    ring.import(data_file("recipient_secret.asc"));
    EXPECT_EQ(
        must(ring.keys.decrypt(data_file("aes256.asc"), nullptr)).plaintext,
        "this text has no integrity protection\n"
    );
    const auto status = [&](const char* name) {
        return status_of_failure(ring.keys.decrypt(data_file(name), nullptr));
    };
    EXPECT_EQ(status("no_integrity_protection.asc"), 0x4ff);
    EXPECT_EQ(status("cast5.asc"), 0x4ff);
}

TEST(Decryption, TriesOwnKeysForHiddenRecipients) {
    Ring ring;
    ring.make("other@example.org");
    const auto fpr = ring.make("alice@example.org");
    auto binary = rnp::dearmored(must(ring.keys.encrypt({fpr}, "text", Signing::sign, nullptr)));
    const auto packet = first_packet(binary);
    ASSERT_TRUE(packet);
    const auto at = static_cast<std::size_t>(packet->body.data() - binary.data()) + 1;
    binary.replace(at, 8, 8, '\0');
    const auto read = must(ring.keys.decrypt(binary, nullptr));
    EXPECT_EQ(read.status, 0x403);
    EXPECT_EQ(read.plaintext, "text");
    EXPECT_THAT(read.keylist, ElementsAre(fpr, fpr));
    EXPECT_EQ(must(ring.keys.decrypt(rnp::armored(binary, "message"), nullptr)).plaintext, "text");
}

TEST(Decryption, GivesUpOnMoreHiddenRecipientsThanAnyMailHas) {
    Ring stranger;
    const auto foreign = stranger.make("eve@example.com");
    auto decoy = rnp::dearmored(
        must(stranger.keys.encrypt({foreign}, "x", Signing::no_signature, nullptr, {foreign}))
    );
    decoy.resize(first_packet(decoy)->whole.size());

    Ring ring;
    const auto fpr = ring.make("alice@example.org");
    ring.make("other@example.org");
    const auto message =
        rnp::dearmored(must(ring.keys.encrypt({fpr}, "text", Signing::no_signature, nullptr, {fpr}))
        );
    const auto behind = [&](int decoys) {
        std::string crowd;
        for (int i = 0; i < decoys; ++i)
            crowd += decoy;
        return ring.keys.decrypt(crowd + message, nullptr);
    };
    EXPECT_EQ(must(behind(50)).plaintext, "text");
    EXPECT_EQ(status_of_failure(behind(501)), 0x405); // with two own keys 1 002 trials
}

} // namespace
} // namespace pep::engine
