// The option table: what is understood, and what is said about the rest.
#include "daemon/limits_table.hpp"
#include "daemon/options.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pep::daemon {
namespace {

std::string refusal(const std::vector<std::string>& arguments) {
    auto options = parse_options(arguments);
    return options ? "accepted" : options.error().message;
}

TEST(Options, ServeInTheBackgroundByDefault) {
    auto options = parse_options({});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->action, Action::serve);
    EXPECT_FALSE(options->foreground);
    EXPECT_EQ(options->address, "127.0.0.1");
    EXPECT_EQ(options->start_port, 0);
    EXPECT_EQ(options->log_file, "");
}

TEST(Options, TakeTheDebugFlagInAllFormsOldToolsUse) {
    for (const std::vector<std::string>& form :
         {std::vector<std::string>{"-d"},
          {"-d1"},
          {"-d", "1"},
          {"-d", "true"},
          {"--debug"},
          {"--debug=1"},
          {"--debug", "on"},
          {"-D"},
          {"--foreground"}}) {
        auto options = parse_options(form);
        ASSERT_TRUE(options) << form.front();
        EXPECT_TRUE(options->foreground) << form.front();
        EXPECT_EQ(options->log_file, "stderr");
    }
    for (const std::vector<std::string>& form :
         {std::vector<std::string>{"-d0"}, {"-d", "false"}}) {
        auto options = parse_options(form);
        ASSERT_TRUE(options);
        EXPECT_FALSE(options->foreground);
    }
}

TEST(Options, OpenThePageOnlyWhereOneIsAndTheCommandReturns) {
    auto options = parse_options({"--open"});
    ASSERT_TRUE(options);
    EXPECT_TRUE(options->open_page);
    EXPECT_EQ(options->action, Action::serve);
    for (const char* other : {"-d", "--no-html"})
        EXPECT_NE(refusal({"--open", other}).find("--open"), std::string::npos) << other;
}

TEST(Options, TakeTheCallOfTheMacPortsPackage) {
    auto options = parse_options({"-l", "stderr", "-d1"});
    ASSERT_TRUE(options);
    EXPECT_TRUE(options->foreground);
}

TEST(Options, AcceptWhatHasNoEffectAnyMore) {
    EXPECT_TRUE(parse_options({"--sync", "false", "--add-sharks", "--ignore-missing-session"}));
}

TEST(Options, SayWhichOptionIsWrong) {
    EXPECT_NE(refusal({"--nonsense"}).find("nonsense"), std::string::npos);
    EXPECT_NE(refusal({"--start-port", "70000"}).find("--start-port"), std::string::npos);
    EXPECT_NE(refusal({"--start-port", "-1"}).find("start-port"), std::string::npos);
    EXPECT_NE(refusal({"--log-level", "loud"}).find("log-level"), std::string::npos);
    EXPECT_NE(refusal({"-d2"}).find("--debug"), std::string::npos);
    EXPECT_NE(refusal({"--home", ""}), "accepted");
    EXPECT_NE(refusal({"stray"}), "accepted");
    EXPECT_NE(refusal({"--dumpable"}).find("-d"), std::string::npos);
    EXPECT_NE(refusal({"-s", "10", "-e", "9"}).find("--end-port"), std::string::npos);
}

TEST(Options, TakeOriginsAsBrowsersSendThem) {
    for (const char* origin :
         {"moz-extension://2c1f5b3e-0d3e-4b6b-9f44-6f1d1c0e7a55",
          "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
          "https://mail.example.org",
          "http://127.0.0.1:8080",
          "https://[::1]",
          "https://[::1]:65535"})
        EXPECT_TRUE(parse_options({"--allow-origin", origin})) << origin;
    for (const char* other :
         {"",
          "null",
          "*",
          "example.org",
          "://example.org",
          "https://",
          "https://a.b/",
          "https://a.b/path",
          "https://a b",
          "https://a.b\n",
          "https://user@a.b",
          "https://a.b:99999",
          "https://a.b:",
          "https://*.a.b",
          "ht tps://a.b"})
        EXPECT_NE(
            refusal({"--allow-origin", other}).find("--allow-origin wants"), std::string::npos
        ) << other;
}

TEST(Options, TakeFoldersThatAreThere) {
    for (const char* option : {"--trustwords", "--html-directory"}) {
        EXPECT_TRUE(parse_options({option, "/"})) << option;
        for (const char* wrong : {"", "/nonexistent", "/etc/passwd"})
            EXPECT_NE(refusal({option, wrong}).find(option), std::string::npos) << wrong;
    }
}

TEST(Options, TakeLoopbackAddresses) {
    for (const char* address : {"127.0.0.1", "127.1.2.3", "::1", "localhost"})
        EXPECT_TRUE(parse_options({"-a", address})) << address;
    for (const char* other : {"", "0.0.0.0", "::", "10.0.0.1", "127.1", "127.0.0.1:80", "name"})
        EXPECT_NE(refusal({"-a", other}).find("loopback"), std::string::npos) << other;
}

TEST(Options, NeverRepeatAValue) {
    EXPECT_EQ(refusal({"--start-port", "hunter2"}).find("hunter2"), std::string::npos);
    EXPECT_EQ(refusal({"--limit", "hunter2=1"}).find("hunter2"), std::string::npos);
    for (const char* word : {"--\n\x1b[31m", "--no\nname=hunter2", "-\n"})
        EXPECT_NE(refusal({word}).find("option (not shown) is unknown"), std::string::npos) << word;
}

TEST(Options, ListThemselvesInHelpAndMarkdown) {
    for (const char* flag : {"-d, --debug [BOOL]", "--home DIRECTORY", "--allow-origin ORIGIN"}) {
        EXPECT_NE(help_text().find(flag), std::string::npos) << flag;
        EXPECT_NE(help_markdown().find(flag), std::string::npos) << flag;
    }
    EXPECT_EQ(help_text().find("dumpable"), std::string::npos);
}

TEST(Limits, AreSetByName) {
    Limits limits;
    ASSERT_TRUE(set_limit(limits, "connections=20000"));
    EXPECT_EQ(limits.connections, 20000U);
    ASSERT_TRUE(set_limit(limits, "header_time_ms=250"));
    EXPECT_EQ(limits.header_time, std::chrono::milliseconds{250});
    const auto list = list_limits(limits);
    EXPECT_NE(
        std::ranges::find(list, std::pair<std::string, std::uint64_t>{"connections", 20000}),
        list.end()
    );
}

TEST(Limits, RefuseUnknownNamesAndBadNumbers) {
    Limits limits;
    for (const char* bad :
         {"",
          "connections",
          "connections=",
          "connections=0",
          "connections=1x",
          "connections=-1",
          "header_bytes=99999999999999999999",
          "speed=1"})
        EXPECT_FALSE(set_limit(limits, bad)) << bad;
    EXPECT_EQ(limits.connections, 1024U);
}

} // namespace
} // namespace pep::daemon
