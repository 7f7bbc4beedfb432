// Real keys of the p≡p test suite, read from the folder PEP_TESTDATA names: all must import, and
// most are old enough to need the lenient rules for reading.
#include "keys_fixture.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace pep::engine {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

class TestKeys : public testing::Test {
  protected:
    void SetUp() override {
        const char* root = std::getenv("PEP_TESTDATA");
        if (root == nullptr)
            GTEST_SKIP() << "PEP_TESTDATA is not set";
        folder = fs::path{root} / "test_keys";
    }

    fs::path folder;
    Ring ring;
};

TEST_F(TestKeys, AllImportWithAnAddress) {
    for (const auto& entry : fs::recursive_directory_iterator{folder}) {
        if (!entry.is_regular_file())
            continue;
        const auto result = ring.keys.import(read(entry.path()));
        ASSERT_TRUE(result) << entry.path();
        EXPECT_EQ(result->status, 0x220) << entry.path();
        for (const auto& key : result->keys) {
            EXPECT_FALSE(key.address.empty()) << entry.path();
            EXPECT_THAT(must(ring.keys.find(key.address, Which::all)), testing::Contains(key.fpr));
            EXPECT_NE(must(ring.keys.rating(key.fpr)), PEP_ct_key_b0rken) << entry.path();
        }
    }
}

TEST_F(TestKeys, OfAliceAndBobAreRatedFine) {
    const auto alice = ring.import(read(folder / "priv/pep-test-alice-0x6FF00E97_priv.asc"));
    ASSERT_FALSE(alice.keys.empty());
    EXPECT_EQ(alice.keys[0].fpr, "4ABE3AAF59AC32CFE4F86500A9411D176FF00E97");
    EXPECT_TRUE(alice.keys[0].secret);
    must(ring.keys.probe(alice.keys[0].fpr, nullptr));
    const auto bob = ring.import(read(folder / "pub/pep-test-bob-0xC9C2EE39_pub.asc"));
    ASSERT_FALSE(bob.keys.empty());
    EXPECT_EQ(must(ring.keys.rating(bob.keys[0].fpr)), 0x38);
}

// The open subkey of this key only encrypts; what signs and certifies is locked.
TEST_F(TestKeys, LockedPrimaryWithOpenSubkeyWantsThePassphraseToSign) {
    const auto bob = ring.import(read(folder / "bob-primary-with-password-bob-subkey-without.pgp"));
    ASSERT_FALSE(bob.keys.empty());
    const auto fpr = bob.keys[0].fpr;
    const Secret wrong{"wrong"};
    EXPECT_EQ(status_of_failure(ring.keys.sign_detached("text", fpr, nullptr)), 0xa00);
    EXPECT_EQ(status_of_failure(ring.keys.sign_detached("text", fpr, &wrong)), 0xa01);
    const auto later = std::time(nullptr) + 86400;
    EXPECT_EQ(status_of_failure(ring.keys.renew(fpr, later, nullptr)), 0xa00);
    EXPECT_EQ(status_of_failure(ring.keys.renew(fpr, later, &wrong)), 0xa01);
    // Reading needs the open subkey only.
    const auto ciphertext =
        must(ring.keys.encrypt({fpr}, "read me", Signing::no_signature, nullptr));
    EXPECT_EQ(must(ring.keys.decrypt(ciphertext, nullptr)).plaintext, "read me");
}

} // namespace
} // namespace pep::engine
