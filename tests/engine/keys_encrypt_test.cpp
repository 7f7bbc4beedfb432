// Encryption and signing: who can read what we write, and what is refused.
#include "engine/backend/rnp.hpp"
#include "engine/openpgp_packets.hpp"
#include "keys_fixture.hpp"

#include <gmock/gmock.h>

namespace pep::engine {
namespace {

using testing::ElementsAre;

const Secret right{"correct horse"};
const Secret wrong{"battery staple"};
const std::string nobody(40, 'A');

TEST(Encryption, RoundTripsWithSignature) {
    Ring alice;
    Ring bob;
    const auto alice_fpr = alice.make("alice@example.org");
    const auto bob_fpr = bob.make("bob@example.org");
    alice.import(bob.export_public(bob_fpr));
    bob.import(alice.export_public(alice_fpr));
    const std::string text = "line\r\nNUL \0 and \xff"
                             "s";
    const auto message =
        must(alice.keys.encrypt({alice_fpr, bob_fpr}, text, Signing::sign, nullptr));
    EXPECT_THAT(message, testing::StartsWith("-----BEGIN PGP MESSAGE-----"));
    for (auto* ring : {&alice, &bob}) {
        const auto read = must(ring->keys.decrypt(message, nullptr));
        EXPECT_EQ(read.status, 0x403);
        EXPECT_EQ(read.plaintext, text);
        EXPECT_THAT(read.keylist, ElementsAre(alice_fpr, alice_fpr, bob_fpr));
        EXPECT_EQ(read.filename, "");
    }
}

TEST(Encryption, WithoutSignatureIsOnlyDecrypted) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org");
    const auto message = must(ring.keys.encrypt({fpr}, "text", Signing::no_signature, nullptr));
    const auto read = must(ring.keys.decrypt(message, nullptr));
    EXPECT_EQ(read.status, 0x402);
    EXPECT_THAT(read.keylist, ElementsAre("", fpr));
}

TEST(Encryption, TakesLargeTexts) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org");
    std::string text(3'000'000, 'x');
    for (std::size_t i = 0; i < text.size(); i += 977)
        text[i] = static_cast<char>(i);
    const auto message = must(ring.keys.encrypt({fpr}, text, Signing::sign, nullptr));
    EXPECT_TRUE(must(ring.keys.decrypt(message, nullptr)).plaintext == text);
}

TEST(Encryption, TakesAnEmptyText) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org");
    const auto message = must(ring.keys.encrypt({fpr}, "", Signing::sign, nullptr));
    EXPECT_EQ(must(ring.keys.decrypt(message, nullptr)).plaintext, "");
}

TEST(Encryption, WritesIntegrityProtectedDataOnly) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org");
    const auto binary =
        rnp::dearmored(must(ring.keys.encrypt({fpr}, "text", Signing::sign, nullptr)));
    const auto first = first_packet(binary);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->tag, 1);
    const auto data = binary.substr(first->whole.size());
    EXPECT_EQ(static_cast<unsigned char>(data.at(0)), 0xd2); // new format, tag 18
}

TEST(Encryption, RefusesWhomItCannotReach) {
    Ring ring;
    Ring partner;
    const auto fpr = ring.make("alice@example.org");
    const auto revoked = ring.make("revoked@example.org");
    const auto foreign = partner.make("bob@example.org");
    ring.import(partner.export_public(foreign));
    must(ring.keys.revoke(revoked, "", nullptr));
    const auto status = [&](const std::vector<std::string>& fprs, Signing signing) {
        return status_of_failure(ring.keys.encrypt(fprs, "text", signing, nullptr));
    };
    EXPECT_EQ(status({fpr, nobody}, Signing::sign), 0x201);
    EXPECT_EQ(status({"rubbish"}, Signing::no_signature), 0x201);
    EXPECT_EQ(status({fpr, revoked}, Signing::sign), 0x206);
    EXPECT_EQ(status({foreign, fpr}, Signing::sign), 0x201); // no secret key to sign with
    EXPECT_EQ(status({foreign}, Signing::no_signature), 0);
    EXPECT_EQ(status({}, Signing::sign), -4);
}

TEST(Encryption, ReportsPassphrases) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org", "Alice", &right);
    const auto status = [&](Signing signing, Passphrase passphrase) {
        return status_of_failure(ring.keys.encrypt({fpr}, "text", signing, passphrase));
    };
    EXPECT_EQ(status(Signing::no_signature, nullptr), 0);
    EXPECT_EQ(status(Signing::sign, nullptr), 0xa00);
    EXPECT_EQ(status(Signing::sign, &wrong), 0xa01);
    EXPECT_EQ(status(Signing::sign, &right), 0);
}

TEST(DetachedSignature, RoundTrips) {
    Ring alice;
    Ring bob;
    const auto fpr = alice.make("alice@example.org");
    const auto signature = must(alice.keys.sign_detached("text", fpr, nullptr));
    EXPECT_THAT(signature, testing::StartsWith("-----BEGIN PGP SIGNATURE-----"));

    auto unknown = must(bob.keys.verify_detached("text", signature));
    EXPECT_EQ(unknown.status, 0x400);
    EXPECT_THAT(unknown.keylist, ElementsAre(""));

    bob.import(alice.export_public(fpr));
    auto good = must(bob.keys.verify_detached("text", signature));
    EXPECT_EQ(good.status, 0x401);
    EXPECT_THAT(good.keylist, ElementsAre(fpr));

    auto altered = must(bob.keys.verify_detached("test", signature));
    EXPECT_EQ(altered.status, 0x406);
    EXPECT_THAT(altered.keylist, ElementsAre(""));
}

TEST(DetachedSignature, OfARevokedKeyIsToldApart) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org");
    const auto signature = must(ring.keys.sign_detached("text", fpr, nullptr));
    must(ring.keys.revoke(fpr, "", nullptr));
    const auto verified = must(ring.keys.verify_detached("text", signature));
    EXPECT_EQ(verified.status, 0x40a);
    EXPECT_THAT(verified.keylist, ElementsAre(""));
}

TEST(DetachedSignature, MustBeOne) {
    Ring ring;
    EXPECT_EQ(must(ring.keys.verify_detached("text", "")).status, 0x404);
    EXPECT_EQ(must(ring.keys.verify_detached("", "x")).status, 0x404);
    EXPECT_EQ(must(ring.keys.verify_detached("text", "rubbish")).status, 0x407);
}

TEST(DetachedSignature, NeedsAKeyThatSigns) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org", "Alice", &right);
    EXPECT_EQ(status_of_failure(ring.keys.sign_detached("text", nobody, nullptr)), 0x201);
    EXPECT_EQ(status_of_failure(ring.keys.sign_detached("text", fpr, nullptr)), 0xa00);
    EXPECT_EQ(status_of_failure(ring.keys.sign_detached("text", fpr, &wrong)), 0xa01);
    EXPECT_EQ(status_of_failure(ring.keys.sign_detached("text", fpr, &right)), 0);
}

} // namespace
} // namespace pep::engine
