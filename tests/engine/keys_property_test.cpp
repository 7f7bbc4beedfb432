// Importing is a union: whatever the order in which the versions of a certificate arrive, the same
// is known in the end; and what was exported comes back as it was. Orders are random, the seed is
// printed; PEP_TEST_SEED repeats a run.
#include "certificates.hpp"
#include "engine/openpgp_packets.hpp"
#include "keys_fixture.hpp"
#include "support/seed.hpp"

#include <algorithm>
#include <random>
#include <set>

namespace pep::engine {
namespace {

/// One certificate as it was at different times and places.
struct Versions {
    std::string fpr;
    std::vector<std::string> addresses;
    std::vector<std::string> data;
};

Versions versions_of(int number) {
    const std::string host = std::to_string(number) + ".example";
    auto second = encrypting();
    second.lifetime_s = 40 * 86400;
    Certificate key{("Bob <bob@" + host + ">").c_str(), signing(), {encrypting(), second}};
    Versions all;
    all.fpr = key.fpr();
    all.data.push_back(key.public_key());
    all.data.push_back(key.secret_key());
    next_second(); // of signatures made in the same second either may win
    key.set_lifetime(50 * 86400);
    all.data.push_back(key.public_key()); // shortened
    next_second();
    key.add_user_id(("Bob <work@" + host + ">").c_str());
    all.data.push_back(key.public_key());
    next_second();
    key.set_lifetime(400 * 86400);
    all.data.push_back(key.public_key()); // renewed
    all.data.push_back(key.secret_key());
    key.revoke_subkey(0);
    all.data.push_back(rnp::dearmored(key.public_key())); // binary
    key.revoke();
    all.data.push_back(key.public_key());
    all.addresses = {"bob@" + host, "work@" + host};
    return all;
}

/// Everything that can be asked about a key.
struct State {
    std::multiset<std::string> packets; ///< of the export, whose order has no meaning
    std::multiset<std::string> secret_packets;
    bool secret = false;
    bool revoked = false;
    PEP_comm_type rating = PEP_ct_unknown;
    std::vector<bool> expired;
    std::vector<std::vector<std::string>> found;

    bool operator==(const State&) const = default;
};

std::multiset<std::string> packets_in(const std::string& armored) {
    std::multiset<std::string> packets;
    const auto binary = rnp::dearmored(armored);
    for (const auto& packet : packets_of(binary))
        packets.emplace(packet.whole);
    return packets;
}

State state_of(Ring& ring, const Versions& key, std::time_t now) {
    State state;
    state.packets = packets_in(ring.export_public(key.fpr));
    state.secret = must(ring.keys.has_secret(key.fpr));
    if (state.secret)
        state.secret_packets = packets_in(ring.export_secret(key.fpr));
    state.revoked = must(ring.keys.revoked(key.fpr));
    state.rating = must(ring.keys.rating(key.fpr));
    for (const int days : {0, 39, 41, 49, 51, 399, 401})
        state.expired.push_back(must(ring.keys.expired(key.fpr, now + std::time_t{days} * 86400)));
    for (const auto& address : key.addresses)
        state.found.push_back(must(ring.keys.find(address, Which::all)));
    state.found.push_back(must(ring.keys.find(key.fpr, Which::secret_only)));
    return state;
}

TEST(KeyProperties, OrderOfImportsDoesNotMatter) {
    std::mt19937 random{pep::test::seed_of_run()};
    const auto key = versions_of(1);
    const auto now = std::time(nullptr);
    for (int round = 0; round < 16; ++round) {
        std::vector<std::string> some;
        std::sample(
            key.data.begin(),
            key.data.end(),
            std::back_inserter(some),
            1 + static_cast<long>(random() % key.data.size()),
            random
        );
        Ring one;
        for (const auto& data : some)
            EXPECT_EQ(one.import(data).status, PEP_KEY_IMPORTED);
        std::shuffle(some.begin(), some.end(), random);
        Ring two;
        for (const auto& data : some)
            EXPECT_EQ(two.import(data).status, PEP_KEY_IMPORTED);
        // Once more changes nothing.
        for (const auto& data : some)
            EXPECT_FALSE(two.import(data).keys.at(0).changed);
        EXPECT_TRUE(state_of(one, key, now) == state_of(two, key, now)) << "round " << round;
        if (HasFailure())
            return;
    }
}

TEST(KeyProperties, TheWholeOfAllVersionsIsRevokedAndSecret) {
    std::mt19937 random{pep::test::seed_of_run()};
    auto key = versions_of(1);
    for (int round = 0; round < 8; ++round) {
        std::shuffle(key.data.begin(), key.data.end(), random);
        Ring ring;
        for (const auto& data : key.data)
            ring.import(data);
        EXPECT_TRUE(must(ring.keys.has_secret(key.fpr)));
        EXPECT_EQ(must(ring.keys.rating(key.fpr)), 0x05);
        for (const auto& address : key.addresses)
            EXPECT_EQ(must(ring.keys.find(address, Which::all)), std::vector<std::string>{key.fpr});
    }
}

TEST(KeyProperties, MixedKeysInOneBlobAreTheSameAsOneByOne) {
    std::mt19937 random{pep::test::seed_of_run()};
    const Versions keys[] = {versions_of(1), versions_of(2), versions_of(3)};
    const auto now = std::time(nullptr);
    std::vector<std::string> all;
    for (const auto& key : keys)
        for (const auto& data : key.data)
            all.push_back(data.starts_with("-----") ? data : rnp::armored(data, "public key"));
    for (int round = 0; round < 2; ++round) {
        std::shuffle(all.begin(), all.end(), random);
        std::string blob;
        Ring one;
        for (const auto& data : all) {
            blob += data;
            one.import(data);
        }
        Ring two;
        EXPECT_EQ(two.import(blob).status, PEP_KEY_IMPORTED);
        for (const auto& key : keys)
            EXPECT_TRUE(state_of(one, key, now) == state_of(two, key, now)) << "round " << round;
    }
}

TEST(KeyProperties, ExportAndImportIsTheIdentity) {
    const auto key = versions_of(1);
    const auto now = std::time(nullptr);
    Ring ring;
    for (const auto& data : key.data) {
        ring.import(data);
        const bool secret = must(ring.keys.has_secret(key.fpr));
        Ring copy;
        copy.import(secret ? ring.export_secret(key.fpr) : ring.export_public(key.fpr));
        EXPECT_TRUE(state_of(copy, key, now) == state_of(ring, key, now));
        EXPECT_EQ(copy.export_public(key.fpr), ring.export_public(key.fpr));
        if (secret) {
            EXPECT_EQ(copy.export_secret(key.fpr), ring.export_secret(key.fpr));
        }
    }
}

} // namespace
} // namespace pep::engine
