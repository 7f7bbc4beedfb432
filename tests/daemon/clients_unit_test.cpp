// What is kept for a client_id, and when it goes.
#include "daemon/sessions.hpp"

#include <gtest/gtest.h>

namespace pep::daemon {
namespace {

using namespace std::chrono_literals;

struct Clients : testing::Test {
    ClientRegistry::Clock::time_point now{1h};
    ClientRegistry clients{420s, 180min, [this] { return now; }};

    static void passive(api::ClientSettings& settings) { settings.passive_mode = true; }

    static void readable(api::ClientSettings& settings) { settings.unencrypted_subject = true; }
};

TEST_F(Clients, HaveSettingsOfTheirOwn) {
    (void)clients.change("a", {}, passive);
    (void)clients.change("b", {}, readable);
    const auto a = clients.settings_unless("a", 0);
    ASSERT_TRUE(a);
    EXPECT_TRUE(a->settings.passive_mode);
    EXPECT_FALSE(a->settings.unencrypted_subject);
    EXPECT_FALSE(clients.settings_unless("c", 0));
}

TEST_F(Clients, ChangesAreSeenByVersion) {
    const auto first = clients.change("a", {}, passive);
    EXPECT_FALSE(clients.settings_unless("a", first.version));
    const auto second = clients.change("a", {}, readable);
    const auto seen = clients.settings_unless("a", first.version);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->version, second.version);
    EXPECT_TRUE(seen->settings.passive_mode && seen->settings.unencrypted_subject);
}

TEST_F(Clients, AreForgottenWhenTheyAreSilent) {
    (void)clients.change("silent", {}, passive);
    (void)clients.change("alive", {}, passive);
    clients.own_passphrases("silent")->add(Secret{"x"});
    now += 420s;
    EXPECT_TRUE(clients.settings_unless("alive", 0));
    now += 1s;
    EXPECT_TRUE(clients.settings_unless("alive", 0));
    EXPECT_FALSE(clients.settings_unless("silent", 0));
    EXPECT_EQ(clients.find_passphrases("silent"), nullptr);
    EXPECT_EQ(clients.size(), 1U);
}

TEST_F(Clients, AForgottenOneGoesOnFromWhatItsConnectionHas) {
    auto first = clients.change("a", {}, passive);
    now += 421s;
    const auto second = clients.change("a", first.settings, readable);
    EXPECT_TRUE(second.settings.passive_mode && second.settings.unencrypted_subject);
    EXPECT_NE(second.version, first.version);
}

TEST_F(Clients, DoNotShareTheirPassphrases) {
    clients.own_passphrases("a")->add(Secret{"x"});
    EXPECT_EQ(clients.find_passphrases("b"), nullptr);
    EXPECT_EQ(clients.find_passphrases("a"), clients.own_passphrases("a"));
    EXPECT_EQ(clients.find_passphrases("a")->candidates().list.size(), 1U);
}

TEST_F(Clients, PassphrasesAloneAreNoSettings) {
    (void)clients.own_passphrases("a");
    const auto settings = clients.settings_unless("a", 0);
    EXPECT_FALSE(settings); // version 0: nothing to apply
}

TEST_F(Clients, PassphrasesOfAForgottenOneLeaveItsConnectionAsItIs) {
    const auto first = clients.change("a", {}, passive);
    now += 421s;
    (void)clients.own_passphrases("a");
    EXPECT_FALSE(clients.settings_unless("a", first.version));
}

TEST_F(Clients, AreBoundedInNumber) {
    for (int i = 0; i < 1100; ++i) {
        (void)clients.change(std::to_string(i), {}, passive);
        now += 1ms;
    }
    EXPECT_EQ(clients.size(), 1024U);
    EXPECT_FALSE(clients.settings_unless("0", 0));
    EXPECT_TRUE(clients.settings_unless("1099", 0));
}

} // namespace
} // namespace pep::daemon
