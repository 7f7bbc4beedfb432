// Long texts: read from the front in pieces, bytes encoded on the way.
#include "base/base64.hpp"
#include "base/long_text.hpp"

#include <gtest/gtest.h>

namespace pep {
namespace {

std::string all_of(LongText& text, std::size_t wanted) {
    std::string all;
    while (!text.empty()) {
        const std::string piece = text.take(wanted);
        EXPECT_FALSE(piece.empty());
        all += piece;
    }
    return all;
}

TEST(LongText, GivesItsPartsInOrder) {
    LongText text;
    text.append("{\"value\":\"");
    text.append_base64("Zm9v");
    text.append("\"}");
    EXPECT_EQ(text.size(), 20U);
    EXPECT_EQ(all_of(text, 1000), "{\"value\":\"Wm05dg==\"}");
    EXPECT_EQ(text.take(10), "");
}

TEST(LongText, IsTheSameInPiecesOfAnySize) {
    std::string bytes;
    for (int i = 0; i < 200; ++i) {
        for (const std::size_t wanted : {0, 1, 4, 7, 64}) {
            LongText text;
            text.append_base64(bytes);
            EXPECT_EQ(text.size(), base64_encoded_size(bytes.size()));
            EXPECT_EQ(all_of(text, wanted), base64_encode(bytes));
        }
        bytes += static_cast<char>(i * 37);
    }
}

TEST(LongText, PassesOnNoMoreBytesThanWanted) {
    const std::string bytes(1000, 'x');
    LongText text;
    text.append_base64(bytes);
    EXPECT_EQ(text.take(103).size(), 100U); // whole quanta
    EXPECT_EQ(text.size(), 1336U - 100U);
}

TEST(LongText, KeepsOwnersUntilAllIsRead) {
    auto owner = std::make_shared<std::string>("abc");
    const std::weak_ptr<std::string> seen = owner;
    LongText text;
    text.append_base64(*owner);
    text.keep(std::move(owner));
    LongText moved = std::move(text);
    EXPECT_FALSE(seen.expired());
    EXPECT_EQ(moved.take(4), "YWJj");
    EXPECT_TRUE(seen.expired());
}

} // namespace
} // namespace pep
