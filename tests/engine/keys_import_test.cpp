// Import and merging.
#include "engine/backend/rnp.hpp"
#include "engine/openpgp_packets.hpp"
#include "keys_fixture.hpp"

#include <gmock/gmock.h>

namespace pep::engine {
namespace {

using testing::ElementsAre;

/// Ten public keys: their fingerprints and armored blocks.
struct Partners {
    std::vector<std::string> fprs;
    std::vector<std::string> blocks;
};

Partners ten_partners() {
    Ring ring;
    Partners partners;
    for (int i = 0; i < 10; ++i) {
        const auto fpr = ring.make("partner" + std::to_string(i) + "@example.org");
        partners.fprs.push_back(fpr);
        partners.blocks.push_back(ring.export_public(fpr));
    }
    return partners;
}

std::string joined(const std::vector<std::string>& blocks) {
    std::string all;
    for (const auto& block : blocks)
        all += block;
    return all;
}

std::vector<std::string> fprs_of(const ImportResult& result) {
    std::vector<std::string> fprs;
    for (const auto& key : result.keys)
        fprs.push_back(key.fpr);
    return fprs;
}

std::size_t mask_of(const ImportResult& result) {
    std::size_t mask = 0;
    for (std::size_t i = 0; i < result.keys.size(); ++i)
        mask |= std::size_t{result.keys[i].changed} << i;
    return mask;
}

TEST(KeyImport, TakesConcatenatedBlocksAndReportsChanges) {
    const auto partners = ten_partners();
    Ring ring;
    auto first = ring.import(joined(partners.blocks));
    EXPECT_EQ(first.status, 0x220);
    EXPECT_EQ(fprs_of(first), partners.fprs);
    EXPECT_EQ(mask_of(first), 0x3ffU);
    auto again = ring.import(joined(partners.blocks));
    EXPECT_EQ(again.status, 0x220);
    EXPECT_EQ(fprs_of(again), partners.fprs);
    EXPECT_EQ(mask_of(again), 0U);
}

TEST(KeyImport, TakesABinaryKeyring) {
    const auto partners = ten_partners();
    std::string binary;
    for (const auto& block : partners.blocks)
        binary += rnp::dearmored(block);
    Ring ring;
    EXPECT_EQ(fprs_of(ring.import(binary)), partners.fprs);
    for (int i = 0; i < 10; ++i)
        EXPECT_THAT(
            must(ring.keys.find("partner" + std::to_string(i) + "@example.org", Which::all)),
            ElementsAre(partners.fprs[static_cast<std::size_t>(i)])
        );
}

TEST(KeyImport, MarksNewAndExtendedKeysOnly) {
    Ring own;
    Ring ring;
    std::vector<std::string> fprs;
    for (int i = 0; i < 4; ++i)
        fprs.push_back(own.make("mixed" + std::to_string(i) + "@example.org"));
    ring.import(own.export_public(fprs[0]) + own.export_public(fprs[1]));
    must(own.keys.renew(fprs[1], std::time(nullptr) + 900 * 86400, nullptr));
    std::string all;
    for (const auto& fpr : fprs)
        all += own.export_public(fpr);
    EXPECT_EQ(mask_of(ring.import(all)), 0b1110U);
}

TEST(KeyImport, ReportsSecretKeysWithNameAndAddress) {
    Ring own;
    Ring ring;
    const auto fpr = own.make("Alice.Dot@Example.ORG", "Alice Dot");
    const auto result = ring.import(own.export_secret(fpr));
    ASSERT_EQ(result.keys.size(), 1U);
    EXPECT_EQ(result.keys[0].fpr, fpr);
    EXPECT_TRUE(result.keys[0].secret);
    EXPECT_TRUE(result.keys[0].changed);
    EXPECT_EQ(result.keys[0].address, "alice.dot@example.org");
    EXPECT_EQ(result.keys[0].username, "Alice Dot");
    must(ring.keys.probe(fpr, nullptr));
}

TEST(KeyImport, AddsASecretPartWithoutChangingThePublicOne) {
    Ring own;
    Ring ring;
    const auto fpr = own.make("later@example.org");
    ring.import(own.export_public(fpr));
    EXPECT_FALSE(must(ring.keys.has_secret(fpr)));
    EXPECT_EQ(status_of_failure(ring.keys.export_secret(fpr)), PEP_KEY_NOT_FOUND);
    const auto result = ring.import(own.export_secret(fpr));
    EXPECT_FALSE(result.keys.at(0).changed);
    EXPECT_TRUE(result.keys.at(0).secret);
    must(ring.keys.probe(fpr, nullptr));
}

TEST(KeyImport, NeverLosesOrReplacesASecretPart) {
    Ring own;
    const auto fpr = own.make("mine@example.org");
    const auto before = own.export_secret(fpr);
    own.import(own.export_public(fpr));
    EXPECT_EQ(own.export_secret(fpr), before);

    // Somebody mails the same certificate with a broken secret part: the last octets are its
    // checksum.
    auto forged = rnp::dearmored(before);
    std::string damaged;
    for (const auto& packet : packets_of(forged)) {
        std::string copy{packet.whole};
        if (packet.tag == tag_secret_key || packet.tag == tag_secret_subkey)
            copy[copy.size() - 5] = static_cast<char>(copy[copy.size() - 5] ^ 0x55);
        damaged += copy;
    }
    (void)own.keys.import(damaged);
    EXPECT_EQ(own.export_secret(fpr), before);
    must(own.keys.probe(fpr, nullptr));
}

TEST(KeyImport, RefusesWhatIsNoOpenPgp) {
    Ring ring;
    for (const char* data : {"", "no key at all", "\x01\x02\x03", "-----BEGIN CERTIFICATE-----"})
        EXPECT_EQ(status_of_failure(ring.keys.import(data)), -1) << data;
}

TEST(KeyImport, ReportsOpenPgpDataWithoutKeys) {
    Ring ring;
    const auto fpr = ring.make("writer@example.org");
    const auto message = must(ring.keys.encrypt({fpr}, "text", Signing::sign, nullptr));
    EXPECT_EQ(ring.import(message).status, 0x221);
    const auto signature = must(ring.keys.sign_detached("text", fpr, nullptr));
    EXPECT_EQ(ring.import(signature).status, 0x221);
}

TEST(KeyImport, ReportsAPartlyBrokenBlob) {
    Ring own;
    Ring ring;
    const auto fpr = own.make("whole@example.org");
    const auto result = ring.import(
        own.export_public(fpr) +
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n"
    );
    EXPECT_EQ(result.status, 0x223);
    EXPECT_THAT(fprs_of(result), ElementsAre(fpr));
}

TEST(KeyImport, SurvivesTruncationAndBitFlips) {
    Ring own;
    const auto binary = rnp::dearmored(own.export_secret(own.make("fuzzed@example.org")));
    Ring ring;
    for (std::size_t size = 0; size < binary.size(); size += 7)
        (void)ring.keys.import(std::string_view{binary}.substr(0, size));
    for (std::size_t at = 0; at < binary.size(); at += 5) {
        auto flipped = binary;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
        (void)ring.keys.import(flipped);
    }
    for (const auto& fpr : must(ring.keys.find("", Which::all)))
        (void)must(ring.keys.rating(fpr));
}

/// The key revocation signature inside a revoked certificate.
std::string revocation_in(const std::string& certificate) {
    for (const auto& packet : packets_of(certificate)) {
        const auto info = signature_info(packet);
        if (info && info->type == signature_type_key_revocation)
            return std::string{packet.whole};
    }
    ADD_FAILURE() << "no revocation";
    return {};
}

TEST(KeyImport, MergesAStandAloneRevocation) {
    Ring own;
    Ring partner;
    const auto fpr = own.make("revoked@example.org");
    partner.import(own.export_public(fpr));
    must(own.keys.revoke(fpr, "gone", nullptr));
    const auto revocation = revocation_in(rnp::dearmored(own.export_public(fpr)));
    const auto result = partner.import(rnp::armored(revocation, "public key"));
    EXPECT_EQ(result.status, 0x220);
    EXPECT_THAT(fprs_of(result), ElementsAre(fpr));
    EXPECT_TRUE(result.keys.at(0).changed);
    EXPECT_TRUE(must(partner.keys.revoked(fpr)));
    EXPECT_FALSE(partner.import(revocation).keys.at(0).changed);

    Ring stranger;
    EXPECT_EQ(stranger.import(revocation).status, 0x221);
}

TEST(KeyImport, IgnoresAForgedRevocation) {
    Ring own;
    Ring partner;
    const auto fpr = own.make("safe@example.org");
    partner.import(own.export_public(fpr));
    must(own.keys.revoke(fpr, "gone", nullptr));
    auto revocation = revocation_in(rnp::dearmored(own.export_public(fpr)));
    revocation.back() = static_cast<char>(revocation.back() ^ 1);
    (void)partner.keys.import(revocation);
    EXPECT_FALSE(must(partner.keys.revoked(fpr)));
    must(partner.keys.encrypt({fpr}, "still works", Signing::no_signature, nullptr));
}

TEST(KeyImport, IsUndoneWithItsTransaction) {
    Ring own;
    Ring ring;
    const auto fpr = own.make("undone@example.org");
    {
        auto transaction = must_begin(ring.store.db());
        ring.import(own.export_public(fpr));
        EXPECT_EQ(must(ring.keys.rating(fpr)), 0x38);
    }
    EXPECT_FALSE(must(ring.keys.contains(fpr)));
    EXPECT_EQ(status_of_failure(ring.keys.rating(fpr)), PEP_KEY_NOT_FOUND);
}

} // namespace
} // namespace pep::engine
