// The option table of pep-rpc: what is understood, and what is said about the rest.
#include "client/options.hpp"

#include <gtest/gtest.h>

namespace pep::client {
namespace {

std::string refusal(const std::vector<std::string>& arguments) {
    auto options = parse_options(arguments);
    if (options)
        return "accepted";
    EXPECT_EQ(options.error().code, 2);
    return options.error().message;
}

TEST(Options, TakeAMethodAndItsWords) {
    auto options = parse_options({"myself", "--raw", "identity.address=a@b", "flags=-1"});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->action, Action::call);
    EXPECT_EQ(options->method, "myself");
    EXPECT_EQ(options->words, (std::vector<std::string>{"identity.address=a@b", "flags=-1"}));
    EXPECT_EQ(options->style, Style::compact);
    EXPECT_EQ(options->timeout, std::chrono::seconds{300});
    EXPECT_TRUE(options->may_start);
}

TEST(Options, TakeADashAsStandardInput) {
    auto options = parse_options({"import_key", "-"});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->words, std::vector<std::string>{"-"});
}

TEST(Options, TellHelpAlikeBeforeAndBehindTheMethod) {
    for (const auto& words :
         {std::vector<std::string>{"--help", "myself"}, {"myself", "--help"}, {"-h", "myself"}}) {
        auto options = parse_options(words);
        ASSERT_TRUE(options);
        EXPECT_EQ(options->action, Action::help_method);
        EXPECT_EQ(options->method, "myself");
    }
    EXPECT_EQ(parse_options({"--help"})->action, Action::help);
    EXPECT_EQ(parse_options({"--list"})->action, Action::list);
    EXPECT_EQ(parse_options({"--version"})->action, Action::version);
}

TEST(Options, KnowEvents) {
    auto options = parse_options({"events", "--since", "aB-_9.17"});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->action, Action::events);
    EXPECT_EQ(options->since, "aB-_9.17");
    for (const char* since : {"17", ".17", "E.", "E.x", "E\r\nX.1", "E.1\n", ""})
        EXPECT_NE(refusal({"events", "--since", since}), "accepted") << since;
}

TEST(Options, TakeATimeoutOfZeroAsForEver) {
    EXPECT_FALSE(parse_options({"ping", "--timeout", "0"})->timeout);
    EXPECT_EQ(parse_options({"ping", "--timeout", "5"})->timeout, std::chrono::seconds{5});
    for (const char* time : {"", "-1", "1s", "99999999999"})
        EXPECT_NE(refusal({"ping", "--timeout", time}), "accepted") << time;
}

TEST(Options, RefuseWhatMakesNoSense) {
    EXPECT_NE(refusal({}), "accepted");
    EXPECT_NE(refusal({""}), "accepted");
    EXPECT_NE(refusal({"--raw"}), "accepted");
    EXPECT_NE(refusal({"--list", "myself", "more"}), "accepted");
    EXPECT_NE(refusal({"events", "a=b"}), "accepted");
    EXPECT_NE(refusal({"ping", "--since", "E.1"}), "accepted");
    EXPECT_NE(refusal({"ping", "--return", "--out", "x"}), "accepted");
    EXPECT_NE(refusal({"ping", "--no-such-option"}), "accepted");
    EXPECT_NE(refusal({"ping", "--home"}), "accepted");
    EXPECT_NE(refusal({"ping", "--home", ""}), "accepted");
    EXPECT_NE(refusal({"ping", "--client-id", "\xff"}), "accepted");
}

TEST(Options, ShowNoValueOfWhatTheyDoNotKnow) {
    EXPECT_EQ(without_value("--passphrase=secret"), "--passphrase");
    EXPECT_EQ(without_value("-xsecret"), "-x");
    for (const char* word : {"--passphrase=secret", "-xsecret", "--raw=secret", "--ti=secret"}) {
        const auto message = refusal({"ping", word});
        EXPECT_NE(message, "accepted") << word;
        EXPECT_EQ(message.find("secret"), std::string::npos) << message;
    }
}

TEST(Help, ExplainsEveryExitCode) {
    const auto text = help_text();
    for (const char* code : {"\n  0  ", "\n  1  ", "\n  2  ", "\n  3  ", "\n  4  ", "\n  5  "})
        EXPECT_NE(text.find(code), std::string::npos) << code;
    EXPECT_EQ(text.find("help-markdown"), std::string::npos);
    EXPECT_NE(help_markdown().find("| `--home DIRECTORY` |"), std::string::npos);
}

} // namespace
} // namespace pep::client
