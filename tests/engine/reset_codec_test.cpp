// UPER and the distribution payload, byte for byte.
#include "engine/distribution_codec.hpp"
#include "engine/uper.hpp"
#include "pEp/pEpEngine.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace pep::engine {
namespace {

std::string from_hex(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes.push_back(static_cast<char>(std::stoi(std::string{text.substr(i, 2)}, nullptr, 16)));
    return bytes;
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        text.push_back(digits[static_cast<unsigned char>(byte) >> 4U]);
        text.push_back(digits[static_cast<unsigned char>(byte) & 15U]);
    }
    return text;
}

const WireIdentity alice{
    .address = "alice@example.org",
    .fpr = "4ABE3AAF59AC32CFE4F86500A9411D176FF00E97",
    .user_id = "pEp_own_userId",
    .username = "Alice",
    .comm_type = 255,
    .lang = "en",
};

const ResetCommand reset{alice, "000102030405060708090A0B0C0D0E0F10111213"};

/// Of the original, for `reset`.
constexpr std::string_view recorded =
    "04000411616c696365406578616d706c652e6f726730957c755eb358659fc9f0ca0152823a2edfe01d2e1ce08ae0be"
    "deeedcbeeae6cae492c80a82d8d2c6cbfe4698000102030405060708090a0b0c0d0e0f10111213";

/// A GroupInvite of the original.
constexpr std::string_view recorded_invite =
    "807d008b0b634b1b2a032bc30b6b836329737b933984abe3aaf59ac32cfe4f86500a9411d176ff00e970e7045705f6"
    "f776e5f75736572496405416c696365ff23422c2d8d2c6ca80caf0c2dae0d8ca5cdee4ce612af8eabd66b0cb3f93e1"
    "9402a504745dbfc03a5c39c115c17dbdddb97dd5cd95c925901505b1a58d97fc8d";

TEST(KeyResetCodec, WritesWhatTheOriginalWrites) {
    const auto bytes = encode_key_reset({reset});
    ASSERT_TRUE(bytes);
    EXPECT_EQ(to_hex(*bytes), recorded);
}

TEST(KeyResetCodec, ReadsWhatTheOriginalWrites) {
    const auto read = decode_distribution(from_hex(recorded));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->kind, Distribution::Kind::key_reset);
    ASSERT_EQ(read->commands.size(), 1U);
    EXPECT_EQ(read->commands.front(), reset);
}

TEST(KeyResetCodec, KeepsSeveralCommandsInOrder) {
    std::vector<ResetCommand> commands(200, reset);
    for (std::size_t i = 0; i < commands.size(); ++i)
        commands[i].ident.address = "a" + std::to_string(i) + "@example.org";
    const auto bytes = encode_key_reset(commands);
    ASSERT_TRUE(bytes);
    const auto read = decode_distribution(*bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->commands, commands);
}

TEST(KeyResetCodec, TakesLongNamesAndNone) {
    ResetCommand command = reset;
    command.ident.username = std::string(300, 'x');
    command.ident.user_id.clear();
    const auto bytes = encode_key_reset({command});
    ASSERT_TRUE(bytes);
    const auto read = decode_distribution(*bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->commands.front(), command);
}

TEST(KeyResetCodec, RefusesWhatHasNoWireForm) {
    const auto refused = [](auto change) {
        ResetCommand command = reset;
        change(command);
        const auto bytes = encode_key_reset({command});
        return !bytes && bytes.error().code == PEP_CANNOT_ENCODE;
    };
    EXPECT_TRUE(refused([](ResetCommand& c) { c.new_fpr = "abcdef0123456789"; }));
    EXPECT_TRUE(refused([](ResetCommand& c) { c.new_fpr = "0123"; }));
    EXPECT_TRUE(refused([](ResetCommand& c) { c.ident.fpr.clear(); }));
    EXPECT_TRUE(refused([](ResetCommand& c) { c.ident.username = std::string(1025, 'x'); }));
    EXPECT_TRUE(refused([](ResetCommand& c) { c.ident.lang = "EN"; }));
    EXPECT_TRUE(refused([](ResetCommand& c) { c.ident.comm_type = 256; }));
}

TEST(KeyResetCodec, ReadsTheLayoutWithFlags) {
    uper::Writer out;
    out.bits(0b000001, 6);
    out.bits(0, 8);
    out.length(1);
    out.bits(0, 2);
    const auto text = [&](std::string_view value) {
        out.length(value.size());
        out.octets(value);
    };
    const auto hash = [&](std::string_view value) {
        out.bits(value.size() - 16, 7);
        for (const char digit : value)
            out.bits(std::string_view{"0123456789ABCDEF"}.find(digit), 4);
    };
    text(alice.address);
    hash(alice.fpr);
    text(alice.user_id);
    text(alice.username);
    out.bits(255, 8);
    out.bits('e' - 'a', 5);
    out.bits('n' - 'a', 5);
    out.bits(0x0100, 16); // the flags
    hash(reset.new_fpr);
    const auto read = decode_distribution(std::move(out).finish());
    ASSERT_TRUE(read);
    ASSERT_EQ(read->commands.size(), 1U);
    EXPECT_EQ(read->commands.front(), reset);
}

TEST(KeyResetCodec, SkipsAdditionsOfLaterVersions) {
    uper::Writer out;
    out.bits(0, 2);
    out.bit(true); // Commands are extended
    out.bits(0b001, 3);
    out.bits(7, 8);
    out.length(0);
    out.bit(false); // one addition is possible,
    out.bits(0, 6);
    out.bit(true); // and there
    out.length(3);
    out.octets("new");
    const auto read = decode_distribution(std::move(out).finish());
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->commands.empty());
}

TEST(Distribution, RecognisesWhatItDoesNotDecode) {
    const auto group = decode_distribution(from_hex(recorded_invite));
    ASSERT_TRUE(group);
    EXPECT_EQ(group->kind, Distribution::Kind::managed_group);
    const auto echo = decode_distribution(from_hex("82110222222222222822302222222222222220"));
    ASSERT_TRUE(echo);
    EXPECT_EQ(echo->kind, Distribution::Kind::echo);
}

TEST(Distribution, RefusesEveryTruncation) {
    const std::string whole = from_hex(recorded);
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(decode_distribution(std::string_view{whole}.substr(0, size))) << size;
    EXPECT_FALSE(decode_distribution(whole + std::string(1, '\0')));
}

TEST(Distribution, SurvivesDamage) {
    const std::string whole = from_hex(recorded);
    std::mt19937 random{20260101}; // NOLINT: the same cases each time
    for (int round = 0; round < 20000; ++round) {
        std::string damaged = whole;
        for (int i = 0; i < 3; ++i)
            damaged[random() % damaged.size()] = static_cast<char>(random());
        const auto read = decode_distribution(damaged);
        if (!read) {
            EXPECT_EQ(read.error().code, PEP_DISTRIBUTION_ILLEGAL_MESSAGE);
            continue;
        }
        for (const ResetCommand& command : read->commands)
            EXPECT_LE(command.ident.address.size(), 1024U);
    }
}

TEST(Uper, WritesLengthsAsTheStandardSays) {
    const auto written = [](std::size_t count) {
        uper::Writer out;
        out.length(count);
        return to_hex(std::move(out).finish());
    };
    EXPECT_EQ(written(0), "00");
    EXPECT_EQ(written(127), "7f");
    EXPECT_EQ(written(128), "8080");
    EXPECT_EQ(written(16383), "bfff");
}

TEST(Uper, AnEmptyMessageIsOneOctet) { EXPECT_EQ(to_hex(uper::Writer{}.finish()), "00"); }

TEST(Uper, ReadingBehindTheEndFailsForGood) {
    uper::Reader in{"\xff"};
    EXPECT_EQ(in.bits(8), 255U);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.bits(1), 0U);
    EXPECT_FALSE(in.ok());
    EXPECT_FALSE(in.at_end());
}

} // namespace
} // namespace pep::engine
