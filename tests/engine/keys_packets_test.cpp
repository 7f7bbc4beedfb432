// Packet framing: lengths of all forms, and what is cut off or nonsense.
#include "engine/openpgp_packets.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <string>

namespace pep::engine {
namespace {

using namespace std::string_literals;

/// A new format packet with a one-octet length.
std::string packet(int tag, const std::string& body) {
    return std::string(1, static_cast<char>(0xc0 | tag)) +
           std::string(1, static_cast<char>(body.size())) + body;
}

std::optional<SignatureInfo> info_of(const std::string& body) {
    const auto bytes = packet(2, body);
    return signature_info(*first_packet(bytes));
}

TEST(Packets, OfOldAndNewFormatAreRead) {
    struct Case {
        std::string bytes;
        int tag;
        std::size_t size;
    };

    for (const auto& [bytes, tag, size] : {
             Case{"\xc6\x02"s + "ab", 6, 2},                        // new, one octet
             Case{"\xc6\xc0\x00"s + std::string(192, 'x'), 6, 192}, // new, two octets
             Case{"\xc6\xff\x00\x00\x00\x01z"s, 6, 1},              // new, five octets
             Case{"\x98\x02"s + "ab", 6, 2},                        // old, one octet
             Case{"\x99\x00\x03"s + "abc", 6, 3},                   // old, two octets
             Case{"\x9a\x00\x00\x00\x01z"s, 6, 1},                  // old, four octets
         }) {
        const auto followed = bytes + "rest";
        const auto read = first_packet(followed);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->tag, tag);
        EXPECT_EQ(read->body.size(), size);
        EXPECT_EQ(read->whole.size(), bytes.size());
    }
}

TEST(Packets, CutOffOrOfUnknownLengthAreRefused) {
    for (const auto& bytes : {
             ""s,
             "\xc6"s,
             "\xc6\x05"s + "ab",
             "\xc6\xc0"s,
             "\xc6\xff\x00\x00"s,
             "\x99\x00"s,
             "\xc6\xe1zz"s,
             "\x9bzz"s,
             "text"s,
             "\xc6\xff\xff\xff\xff\xff"s,
             "\xc0\x00"s,
         })
        EXPECT_FALSE(first_packet(bytes));
}

TEST(Packets, AreGroupedByPrimaryKey) {
    const auto data = packet(2, "stray") + packet(6, "key1") + packet(13, "uid") +
                      packet(2, "sig") + packet(5, "key2") + packet(7, "sub");
    const auto groups = packet_groups(data);
    ASSERT_EQ(groups.size(), 3U);
    EXPECT_FALSE(groups[0].is_key);
    EXPECT_EQ(groups[1].bytes, packet(6, "key1") + packet(13, "uid") + packet(2, "sig"));
    EXPECT_EQ(groups[2].bytes, packet(5, "key2") + packet(7, "sub"));
}

TEST(Packets, CompareAsSets) {
    const auto a = packet(6, "key") + packet(13, "uid") + packet(2, "sig");
    const auto b = packet(6, "key") + packet(2, "sig") + packet(12, "trust") + "\xff\x00"s;
    EXPECT_TRUE(same_packets(a, packet(6, "key") + packet(2, "sig") + packet(13, "uid")));
    EXPECT_TRUE(same_packets(a, a + packet(2, "sig")));
    EXPECT_FALSE(same_packets(a, b));
    EXPECT_FALSE(same_packets(a, a + packet(2, "other")));
}

const auto public_key = packet(6, "PRIMARY") + packet(13, "uid") + packet(2, "s1") +
                        packet(14, "SUB") + packet(2, "s2");

TEST(SecretPackets, ReplaceTheirPublicHalves) {
    EXPECT_EQ(
        with_secrets(public_key, packet(5, "PRIMARY....") + packet(7, "SUB....")),
        packet(5, "PRIMARY....") + packet(13, "uid") + packet(2, "s1") + packet(7, "SUB....") +
            packet(2, "s2")
    );
    EXPECT_EQ(
        with_secrets(public_key, packet(5, "PRIMARY....")),
        packet(5, "PRIMARY....") + packet(13, "uid") + packet(2, "s1")
    );
}

TEST(SecretPackets, AreKeptWhenOthersArrive) {
    const auto stored = packet(5, "PRIMARY-old");
    const auto added = packet(5, "PRIMARY-new") + packet(7, "SUB-new") + packet(7, "FOREIGN");
    EXPECT_EQ(merged_secrets(public_key, stored, added), stored + packet(7, "SUB-new"));
    EXPECT_EQ(merged_secrets(public_key, stored, ""), stored);
    EXPECT_EQ(merged_secrets(public_key, "", public_key), "");
}

TEST(SecretPackets, StandInsGiveWay) {
    const auto stand_in = packet(5, "PRIMARY\xfe\x09\x65\x02"s);
    EXPECT_EQ(merged_secrets(public_key, "", stand_in), "");
    EXPECT_EQ(
        merged_secrets(public_key, stand_in, packet(5, "PRIMARY-real")), packet(5, "PRIMARY-real")
    );
    EXPECT_EQ(
        merged_secrets(public_key, stand_in, packet(7, "SUB-real")),
        stand_in + packet(7, "SUB-real")
    );
}

TEST(Signatures, TellTypeAndIssuer) {
    const std::string id = "\x01\x23\x45\x67\x89\xab\xcd\xef";
    const auto v4 = "\x04\x20\x01\x08\x00\x00\x00\x0a\x09\x10"s + id;
    const auto info = info_of(v4);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->type, 0x20);
    EXPECT_EQ(info->issuer, "0123456789ABCDEF");

    const auto v3 = "\x03\x05\x20tttt"s + id + "\x01\x08xx";
    const auto old = info_of(v3);
    ASSERT_TRUE(old);
    EXPECT_EQ(old->issuer, "0123456789ABCDEF");
}

TEST(Signatures, CutOffInsideAreRefusedOrAnonymous) {
    const auto whole = "\x04\x20\x01\x08\x00\x00\x00\x0a\x09\x10"
                       "12345678"s;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(info_of(whole.substr(0, size)));
    }
    const auto lying = "\x04\x20\x01\x08\x00\x02\xff\xff\x00\x00"s;
    const auto info = info_of(lying);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->issuer, "");
}

} // namespace
} // namespace pep::engine
