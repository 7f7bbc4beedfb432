// Generation, renewal and revocation.
#include "keys_fixture.hpp"

#include <gmock/gmock.h>

namespace pep::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Secret right{"correct horse"};
const Secret wrong{"battery staple"};

TEST(KeyMaking, DefaultKeyIsUsableAndLastsAYear) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org", "Alice");
    EXPECT_THAT(fpr, testing::MatchesRegex("[0-9A-F]{40}"));
    EXPECT_TRUE(must(ring.keys.has_secret(fpr)));
    EXPECT_EQ(must(ring.keys.rating(fpr)), 0x38);
    const auto now = std::time(nullptr);
    EXPECT_FALSE(must(ring.keys.expired(fpr, now)));
    EXPECT_FALSE(must(ring.keys.expired(fpr, now + 364 * 86400)));
    EXPECT_TRUE(must(ring.keys.expired(fpr, now + 366 * 86400)));
    EXPECT_TRUE(must(ring.keys.expired(fpr, -1)));
    must(ring.keys.probe(fpr, nullptr));
}

TEST(KeyMaking, UserIdStatesNameAndAddress) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org", "Alice");
    EXPECT_THAT(
        must(ring.keys.list("alice@example.org")),
        ElementsAre(std::pair<std::string, std::string>{fpr, "Alice <alice@example.org>"})
    );
}

class KeySuites : public testing::TestWithParam<PEP_CIPHER_SUITE> {};

TEST_P(KeySuites, MakeKeysThatEncryptAndSign) {
    Ring ring;
    ASSERT_TRUE(KeyRing::supports(GetParam()));
    const auto fpr = ring.make("suite@example.org", "Suite", nullptr, GetParam());
    EXPECT_EQ(must(ring.keys.rating(fpr)), 0x38);
    const auto message = must(ring.keys.encrypt({fpr}, "text", Signing::sign, nullptr));
    const auto read = must(ring.keys.decrypt(message, nullptr));
    EXPECT_EQ(read.status, 0x403);
    EXPECT_EQ(read.plaintext, "text");
}

INSTANTIATE_TEST_SUITE_P(
    All,
    KeySuites,
    testing::Values(
        PEP_CIPHER_SUITE_CV25519,
        PEP_CIPHER_SUITE_P256,
        PEP_CIPHER_SUITE_P384,
        PEP_CIPHER_SUITE_P521,
        PEP_CIPHER_SUITE_RSA2K
    )
);

TEST(KeyMaking, DoesNotSupportRsa8k) {
    EXPECT_FALSE(KeyRing::supports(PEP_CIPHER_SUITE_RSA8K));
    EXPECT_TRUE(KeyRing::supports(PEP_CIPHER_SUITE_RSA3K));
    EXPECT_TRUE(KeyRing::supports(PEP_CIPHER_SUITE_RSA4K));
    Ring ring;
    GenerateParams params;
    params.address = "big@example.org";
    params.suite = PEP_CIPHER_SUITE_RSA8K;
    EXPECT_EQ(status_of_failure(ring.keys.generate(params)), PEP_CANNOT_CREATE_KEY);
}

TEST(KeyMaking, RefusesAnAddressThatForgesAUserId) {
    Ring ring;
    for (const char* address : {"", "a@b> <c@d", "a@b\n"}) {
        GenerateParams params;
        params.address = address;
        if (params.address == "a@b\n") // blanks around are taken off
            continue;
        EXPECT_EQ(status_of_failure(ring.keys.generate(params)), PEP_CANNOT_CREATE_KEY) << address;
    }
    EXPECT_THAT(must(ring.keys.find("", Which::all)), IsEmpty());
}

TEST(KeyMaking, UriAddressesWork) {
    Ring ring;
    const auto fpr = ring.make("payto://iban/DE75512108001245126199", "Till");
    EXPECT_THAT(
        must(ring.keys.find("payto://iban/DE75512108001245126199", Which::secret_only)),
        ElementsAre(fpr)
    );
}

TEST(ProtectedKey, NeedsItsPassphrase) {
    Ring ring;
    const auto fpr = ring.make("locked@example.org", "Locked", &right);
    EXPECT_EQ(status_of_failure(ring.keys.probe(fpr, nullptr)), 0xa00);
    EXPECT_EQ(status_of_failure(ring.keys.probe(fpr, &wrong)), 0xa01);
    EXPECT_EQ(status_of_failure(ring.keys.probe(fpr, &right)), 0);
    EXPECT_EQ(status_of_failure(ring.keys.probe(fpr, &wrong)), 0xa01);
    EXPECT_EQ(status_of_failure(ring.keys.probe(fpr, nullptr)), 0xa00);
}

TEST(ProtectedKey, IsNotNeededForAnUnprotectedOne) {
    Ring ring;
    const auto fpr = ring.make("open@example.org", "Open");
    EXPECT_EQ(status_of_failure(ring.keys.probe(fpr, &wrong)), 0);
}

TEST(Renewal, ExtendsTheLifetime) {
    Ring ring;
    const auto fpr = ring.make("renew@example.org");
    const auto now = std::time(nullptr);
    must(ring.keys.renew(fpr, now + 1000, nullptr));
    EXPECT_FALSE(must(ring.keys.expired(fpr, now)));
    EXPECT_FALSE(must(ring.keys.expired(fpr, now + 900)));
    EXPECT_TRUE(must(ring.keys.expired(fpr, now + 1100)));
    must(ring.keys.renew(fpr, now + 800 * 86400, nullptr));
    EXPECT_FALSE(must(ring.keys.expired(fpr, now + 799 * 86400)));
    must(ring.keys.probe(fpr, nullptr));
}

TEST(Renewal, RevivesAnExpiredKey) {
    Ring ring;
    const auto fpr = ring.make("late@example.org");
    const auto now = std::time(nullptr);
    must(ring.keys.renew(fpr, now + 1, nullptr));
    wait_past(now + 1);
    EXPECT_EQ(must(ring.keys.rating(fpr)), 0x04);
    EXPECT_EQ(
        status_of_failure(ring.keys.encrypt({fpr}, "x", Signing::no_signature, nullptr)), 0x206
    );
    must(ring.keys.renew(fpr, now + 86400, nullptr));
    EXPECT_EQ(must(ring.keys.rating(fpr)), 0x38);
    must(ring.keys.probe(fpr, nullptr));
}

TEST(Renewal, ReachesPartnersByImport) {
    Ring own;
    Ring partner;
    const auto fpr = own.make("shared@example.org");
    partner.import(own.export_public(fpr));
    const auto later = std::time(nullptr) + 700 * 86400;
    next_second(); // of signatures made in the same second either may win
    must(own.keys.renew(fpr, later, nullptr));
    const auto imported = partner.import(own.export_public(fpr));
    ASSERT_EQ(imported.keys.size(), 1U);
    EXPECT_TRUE(imported.keys[0].changed);
    EXPECT_FALSE(must(partner.keys.expired(fpr, later - 86400)));
}

TEST(Renewal, ReportsWhatIsMissing) {
    Ring ring;
    Ring partner;
    const auto later = std::time(nullptr) + 86400;
    const auto fpr = ring.make("locked@example.org", "Locked", &right);
    partner.import(ring.export_public(fpr));
    EXPECT_EQ(status_of_failure(ring.keys.renew(fpr, later, nullptr)), 0xa00);
    EXPECT_EQ(status_of_failure(ring.keys.renew(fpr, later, &wrong)), 0xa01);
    EXPECT_EQ(status_of_failure(ring.keys.renew(fpr, later, &right)), 0);
    EXPECT_EQ(status_of_failure(ring.keys.renew(fpr, 1, &right)), -1);
    EXPECT_EQ(status_of_failure(partner.keys.renew(fpr, later, nullptr)), PEP_KEY_NOT_FOUND);
    EXPECT_EQ(
        status_of_failure(ring.keys.renew(std::string(40, 'A'), later, nullptr)), PEP_KEY_NOT_FOUND
    );
}

TEST(Revocation, SticksAndMayBeRepeated) {
    Ring ring;
    const auto fpr = ring.make("revoked@example.org");
    EXPECT_FALSE(must(ring.keys.revoked(fpr)));
    must(ring.keys.revoke(fpr, "lost", nullptr));
    EXPECT_TRUE(must(ring.keys.revoked(fpr)));
    must(ring.keys.revoke(fpr, "lost again", nullptr));
    EXPECT_EQ(must(ring.keys.rating(fpr)), 0x05);
    EXPECT_THAT(must(ring.keys.list("")), IsEmpty());
    EXPECT_THAT(must(ring.keys.find("revoked@example.org", Which::all)), ElementsAre(fpr));
}

TEST(Revocation, ReachesPartnersByImportAndIsNeverLost) {
    Ring own;
    Ring partner;
    const auto fpr = own.make("revoked@example.org");
    const auto before = own.export_secret(fpr);
    partner.import(own.export_public(fpr));
    must(own.keys.revoke(fpr, "", nullptr));
    partner.import(own.export_public(fpr));
    EXPECT_TRUE(must(partner.keys.revoked(fpr)));
    const auto again = partner.import(before);
    EXPECT_FALSE(again.keys.at(0).changed);
    EXPECT_TRUE(must(partner.keys.revoked(fpr)));
    // What is exported as secret key carries the revocation, too.
    Ring third;
    third.import(own.export_secret(fpr));
    EXPECT_TRUE(must(third.keys.revoked(fpr)));
    EXPECT_TRUE(must(third.keys.has_secret(fpr)));
}

TEST(Revocation, ReportsWhatIsMissing) {
    Ring ring;
    const auto fpr = ring.make("locked@example.org", "Locked", &right);
    EXPECT_EQ(status_of_failure(ring.keys.revoke(fpr, "", nullptr)), 0xa00);
    EXPECT_EQ(status_of_failure(ring.keys.revoke(fpr, "", &wrong)), 0xa01);
    EXPECT_FALSE(must(ring.keys.revoked(fpr)));
    EXPECT_EQ(
        status_of_failure(ring.keys.revoke(std::string(40, 'A'), "", nullptr)), PEP_KEY_NOT_FOUND
    );
}

} // namespace
} // namespace pep::engine
