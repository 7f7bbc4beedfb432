// Server-Sent Events from pieces of any size.
#include "client/event_reader.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pep::client {
namespace {

/// "id|data" of each event, fed in pieces of that size.
std::string read(std::string_view stream, std::size_t piece) {
    EventReader reader;
    EventReader::Event event;
    std::string all;
    for (; !stream.empty(); stream.remove_prefix(std::min(piece, stream.size()))) {
        reader.add(stream.substr(0, piece));
        while (reader.next(event))
            all += "[" + event.id + "|" + event.data + "]";
    }
    return all;
}

TEST(EventReader, PutsPiecesTogether) {
    constexpr std::string_view stream = ": hello\nretry: 1000\n\nid: E.1\ndata: {\"a\":1}\n\n"
                                        "id:E.2\r\ndata: one\r\ndata:  two\r\n\r\n: keep\n\n"
                                        "event: x\ndata\n\n";
    for (const std::size_t piece : {1U, 2U, 7U, 1000U})
        EXPECT_EQ(read(stream, piece), "[E.1|{\"a\":1}][E.2|one\n two][E.2|]") << piece;
}

TEST(EventReader, GivesNothingForAnEventThatIsNotComplete) {
    EXPECT_EQ(read("id: E.1\ndata: x\n", 3), "");
    EXPECT_EQ(read("id: E.1\n\n\n\n", 3), "");
}

TEST(EventReader, KnowsHowMuchItKeeps) {
    EventReader reader;
    reader.add("data: 12345");
    EventReader::Event event;
    EXPECT_FALSE(reader.next(event));
    EXPECT_EQ(reader.pending(), 11U);
}

} // namespace
} // namespace pep::client
