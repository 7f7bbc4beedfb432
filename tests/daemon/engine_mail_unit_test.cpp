// What the engine wants to be sent becomes an event, and is freed.
#include "daemon/event_queues.hpp"
#include "daemon/sessions.hpp"
#include "pEp/message.h"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace pep::daemon {
namespace {

struct EngineMail : testing::Test {
    test::TemporaryFolder home;
    EventRing ring{{10, 100'000}};
    EventQueues queues{
        ring, {10, std::chrono::minutes{1}, std::chrono::minutes{1}}, [](auto, Task) {}};
    EngineKeeper engine{home.path(), "", false, queues};
    PEP_SESSION session = *engine.open_session();

    void TearDown() override { release(session); }

    /// The engine's way to send; the message is given away.
    PEP_STATUS send(message* msg) const { return session->message_to_send(msg); }

    static message* with_text(const std::string& text) {
        message* msg = new_message(PEP_dir_outgoing);
        msg->longmsg = strdup(text.c_str());
        return msg;
    }
};

TEST_F(EngineMail, BecomesAnEvent) {
    EXPECT_EQ(send(with_text("Hello")), 0);
    EventRing::Cursor cursor = 1;
    const auto read = ring.read(cursor);
    ASSERT_EQ(read.events.size(), 1U);
    EXPECT_EQ(read.events[0]->method, "messageToSend");
    EXPECT_EQ(read.events[0]->params.dump(), R"([{"dir":1,"longmsg":"Hello"}])");
}

TEST_F(EngineMail, ThatWaitsForAPassphraseDoesNotWait) {
    EXPECT_EQ(send(nullptr), 0xa00);
    EXPECT_EQ(ring.counts().pushed, 0U);
}

TEST_F(EngineMail, ThatCannotBeToldIsRefused) {
    EXPECT_EQ(send(with_text("\xC3(")), 0x803);
    EXPECT_EQ(send(with_text(std::string(100'000, 'x'))), 0x20ff);
    EXPECT_EQ(ring.counts().pushed, 0U);
}

} // namespace
} // namespace pep::daemon
