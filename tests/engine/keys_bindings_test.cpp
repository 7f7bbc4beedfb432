// Which parts of a certificate count: those its primary key has signed, whatever the clock of their
// maker said.
#include "engine/backend/rnp.hpp"
#include "engine/keys_fixture.hpp"
#include "engine/openpgp_packets.hpp"

#include <utility>

namespace pep::engine {
namespace {

/// The public part of a new key.
struct Made {
    std::string certificate, fpr, subkey;
};

/// As if it were that much later than now.
Made made_later(std::int64_t seconds, const char* user_id) {
    const auto ffi = rnp::make_ffi();
    const auto when = static_cast<std::uint64_t>(std::time(nullptr) + seconds);
    EXPECT_EQ(rnp_set_timestamp(ffi.get(), when), RNP_SUCCESS);
    const auto key = rnp::make<rnp::Key>([&](auto* out) {
        return rnp_generate_key_25519(ffi.get(), user_id, nullptr, out);
    });
    const auto subkey =
        rnp::make<rnp::Key>([&](auto* out) { return rnp_key_get_subkey_at(key.get(), 0, out); });
    return {
        rnp::export_certificate(key.get(), RNP_KEY_EXPORT_PUBLIC),
        rnp::fingerprint(key.get()),
        rnp::fingerprint(subkey.get())};
}

/// The packets of one kind and what is signed about them.
std::string parts_of(std::string_view certificate, std::uint8_t tag) {
    std::string parts;
    bool is_wanted = false;
    for (const auto& packet : packets_of(certificate)) {
        if (packet.tag != tag_signature)
            is_wanted = packet.tag == tag;
        if (is_wanted)
            parts += packet.whole;
    }
    return parts;
}

std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16));
    return bytes;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

/// As if `to` had signed what `from` did, by fingerprint and by key id.
std::string with_issuer(std::string parts, const std::string& from, const std::string& to) {
    const auto [former, forged] = std::pair{bytes_of(from), bytes_of(to)};
    replace_all(parts, former, forged);
    replace_all(parts, former.substr(former.size() - 8), forged.substr(forged.size() - 8));
    return parts;
}

bool finds(Ring& ring, std::string_view pattern) {
    return !must(ring.keys.find(pattern, Which::all)).empty();
}

TEST(Bindings, OfAKeyMadeOnAClockThatIsAheadCount) {
    const auto made = made_later(600, "Ahead <ahead@example.org>");
    Ring ring;
    EXPECT_EQ(ring.import(made.certificate).status, PEP_KEY_IMPORTED);
    EXPECT_TRUE(finds(ring, "ahead@example.org"));
    EXPECT_TRUE(finds(ring, made.subkey));
    EXPECT_EQ(must(ring.keys.rating(made.fpr)), PEP_ct_OpenPGP_unconfirmed);
}

TEST(Bindings, ForgedWithATimeThatIsWrongDoNotCount) {
    for (const std::int64_t later : {-3600, 600, 86'400}) {
        SCOPED_TRACE(later);
        Ring victims;
        const auto victim = victims.make("victim@example.org");
        const auto certificate = rnp::dearmored(victims.export_public(victim));
        const auto evil = made_later(later, "Evil <evil@example.org>");
        const auto forged = [&](std::uint8_t tag) {
            return with_issuer(parts_of(evil.certificate, tag), evil.fpr, victim);
        };
        Ring ring;
        const auto result = ring.import(
            parts_of(certificate, tag_public_key) + parts_of(certificate, tag_user_id) +
            forged(tag_user_id) + parts_of(certificate, tag_public_subkey) +
            forged(tag_public_subkey)
        );
        EXPECT_EQ(result.status, PEP_KEY_IMPORTED);
        EXPECT_TRUE(finds(ring, victim));
        EXPECT_TRUE(finds(ring, "victim@example.org"));
        EXPECT_FALSE(finds(ring, "evil@example.org"));
        EXPECT_FALSE(finds(ring, evil.subkey));
    }
}

} // namespace
} // namespace pep::engine
