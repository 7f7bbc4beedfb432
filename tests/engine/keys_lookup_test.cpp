// Finding, exporting and removing keys, and noticing changes made by other connections.
#include "keys_fixture.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

namespace pep::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::vector<std::string> find(Ring& ring, std::string_view pattern, Which which = Which::all) {
    return must(ring.keys.find(pattern, which));
}

TEST(KeySearch, FindsByFingerprintInAnySpelling) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org");
    EXPECT_THAT(find(ring, fpr), ElementsAre(fpr));
    EXPECT_THAT(find(ring, "  " + fpr), ElementsAre(fpr));
    std::string spaced;
    for (std::size_t i = 0; i < fpr.size(); i += 4)
        spaced += fpr.substr(i, 4) + ' ';
    EXPECT_THAT(find(ring, spaced), ElementsAre(fpr));
    std::string lower = fpr;
    for (auto& c : lower)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_THAT(find(ring, lower), ElementsAre(fpr));
    EXPECT_TRUE(must(ring.keys.contains(lower)));
}

TEST(KeySearch, FindsByKeyId) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org");
    EXPECT_THAT(find(ring, fpr.substr(24)), ElementsAre(fpr));
    EXPECT_THAT(find(ring, fpr.substr(32)), IsEmpty()); // short ids collide
}

TEST(KeySearch, FindsByAddressWhateverItsCase) {
    Ring ring;
    const auto fpr = ring.make("Alice.Smith@Example.org");
    EXPECT_THAT(find(ring, "alice.smith@example.ORG"), ElementsAre(fpr));
    EXPECT_THAT(find(ring, "Alice Smith"), IsEmpty());
    EXPECT_THAT(find(ring, "alice.smith"), IsEmpty());
    EXPECT_THAT(find(ring, "smith@example.org"), IsEmpty());
}

TEST(KeySearch, FindsInternationalDomainsInBothForms) {
    Ring ring;
    const auto unicode = ring.make("a@b\u00fccher.example");
    EXPECT_THAT(find(ring, "a@xn--bcher-kva.example"), ElementsAre(unicode));
    EXPECT_THAT(find(ring, "A@B\u00dcCHER.example"), ElementsAre(unicode));
    const auto punycode = ring.make("b@xn--bcher-kva.example");
    EXPECT_THAT(find(ring, "b@b\u00fccher.example"), ElementsAre(punycode));
}

TEST(KeySearch, IgnoresDotsOfThePatternWhenNothingElseMatches) {
    Ring ring;
    const auto plain = ring.make("alicesmith@example.org");
    EXPECT_THAT(find(ring, "alice.smith@example.org"), ElementsAre(plain));
    const auto dotted = ring.make("alice.smith@example.org");
    EXPECT_THAT(find(ring, "alice.smith@example.org"), ElementsAre(dotted));
}

TEST(KeySearch, NothingGivesAllAndSecretOnlyFilters) {
    Ring other;
    Ring ring;
    EXPECT_THAT(find(ring, ""), IsEmpty());
    const auto own = ring.make("own@example.org");
    const auto foreign = other.make("own@example.org");
    ring.import(other.export_public(foreign));
    EXPECT_THAT(find(ring, ""), UnorderedElementsAre(own, foreign));
    EXPECT_THAT(find(ring, "own@example.org"), UnorderedElementsAre(own, foreign));
    EXPECT_THAT(find(ring, "own@example.org", Which::secret_only), ElementsAre(own));
    EXPECT_THAT(find(ring, foreign, Which::secret_only), IsEmpty());
}

TEST(KeySearch, InjectionIsJustText) {
    Ring ring;
    ring.make("alice@example.org");
    EXPECT_THAT(find(ring, "' OR 1=1 --@x"), IsEmpty());
    EXPECT_THAT(find(ring, "%@example.org"), IsEmpty());
}

TEST(KeyExport, GivesArmorOrKeyNotFound) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org");
    EXPECT_THAT(
        ring.export_public(fpr), testing::StartsWith("-----BEGIN PGP PUBLIC KEY BLOCK-----")
    );
    EXPECT_THAT(
        ring.export_secret(fpr), testing::StartsWith("-----BEGIN PGP PRIVATE KEY BLOCK-----")
    );
    EXPECT_EQ(status_of_failure(ring.keys.export_public(std::string(40, 'A'))), 0x201);
    EXPECT_EQ(status_of_failure(ring.keys.export_secret(std::string(40, 'A'))), 0x201);
    EXPECT_EQ(status_of_failure(ring.keys.export_public("rubbish")), 0x201);
}

TEST(KeyRemoval, TakesBothParts) {
    Ring ring;
    const auto fpr = ring.make("alice@example.org");
    must(ring.keys.probe(fpr, nullptr));
    must(ring.keys.remove(fpr));
    EXPECT_FALSE(must(ring.keys.contains(fpr)));
    EXPECT_FALSE(must(ring.keys.has_secret(fpr)));
    EXPECT_THAT(find(ring, "alice@example.org"), IsEmpty());
    EXPECT_EQ(status_of_failure(ring.keys.rating(fpr)), 0x201);
    EXPECT_EQ(status_of_failure(ring.keys.probe(fpr, nullptr)), 0x201);
    EXPECT_EQ(status_of_failure(ring.keys.remove(fpr)), 0x201);
}

Store open_store(const test::TemporaryFolder& folder) {
    auto store = Store::open(folder.path());
    if (!store)
        throw std::runtime_error{store.error().message};
    return std::move(*store);
}

TEST(KeyRings, OnOneDatabaseSeeEachOthersChanges) {
    const test::TemporaryFolder folder;
    auto one = open_store(folder);
    auto two = open_store(folder);
    KeyRing first{one.db()};
    KeyRing second{two.db()};
    GenerateParams params;
    params.address = "shared@example.org";
    const auto fpr = must(first.generate(params));
    EXPECT_FALSE(must(second.revoked(fpr)));
    must(second.probe(fpr, nullptr));
    must(first.revoke(fpr, "", nullptr));
    EXPECT_TRUE(must(second.revoked(fpr)));
    EXPECT_EQ(status_of_failure(second.probe(fpr, nullptr)), PEP_KEY_UNSUITABLE);
    must(second.remove(fpr));
    EXPECT_EQ(status_of_failure(first.rating(fpr)), PEP_KEY_NOT_FOUND);
}

TEST(KeyRings, StayRightWithMoreKeysThanTheyKeepLoaded) {
    Ring ring;
    std::vector<std::string> fprs;
    for (int i = 0; i < 80; ++i)
        fprs.push_back(ring.make("many" + std::to_string(i) + "@example.org"));
    for (int round = 0; round < 2; ++round)
        for (const auto& fpr : fprs)
            EXPECT_EQ(must(ring.keys.rating(fpr)), 0x38);
    const auto message = must(ring.keys.encrypt(fprs, "to many", Signing::sign, nullptr));
    EXPECT_EQ(must(ring.keys.decrypt(message, nullptr)).keylist.size(), 81U);
    must(ring.keys.probe(fprs.front(), nullptr));
    must(ring.keys.probe(fprs.back(), nullptr));
}

} // namespace
} // namespace pep::engine
