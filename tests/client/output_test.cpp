// What reaches a terminal, and which exit code a script sees.
#include "client/output.hpp"

#include <gtest/gtest.h>

namespace pep::client {
namespace {

TEST(Output, EscapesWhatSteersATerminal) {
    const Json value{{"text", "a\x1b[31mb\x7f\u009b2J\u202eexe"}};
    EXPECT_EQ(printed(value, Style::compact), R"({"text":"a\u001b[31mb\u007f\u009b2J\u202eexe"})");
    EXPECT_EQ(Json::parse(printed(value, Style::pretty)), value); // the same document
}

TEST(Output, KeepsWhatPeopleWrite) {
    const Json value{{"text", "p\u2261p Grüße \u65e5\u672c \U0001F600"}};
    EXPECT_EQ(
        printed(value, Style::compact), "{\"text\":\"p\u2261p Grüße \u65e5\u672c \U0001F600\"}"
    );
}

TEST(Output, SurvivesTextThatIsNoUtf8) {
    EXPECT_EQ(printed(Json("\xff"), Style::compact), "\"\uFFFD\"");
    EXPECT_EQ(printed_safely("\xe2\x80"), "\xe2\uFFFD");
}

TEST(Output, IsPrettyWithTwoBlanks) {
    EXPECT_EQ(printed(Json{{"a", {1, 2}}}, Style::pretty), "{\n  \"a\": [\n    1,\n    2\n  ]\n}");
}

TEST(PlainOutput, IsExactForFilesAndHarmlessForTerminals) {
    const Json text = "line\n\ttab \x1b]0;title\x07 \u009b";
    EXPECT_EQ(printed_plain(text, Style::pretty, false), text.get<std::string>() + "\n");
    EXPECT_EQ(
        printed_plain(text, Style::pretty, true), "line\n\ttab \uFFFD]0;title\uFFFD \uFFFD\n"
    );
}

TEST(PlainOutput, AddsALineBreakOnlyWhereNoneIs) {
    EXPECT_EQ(printed_plain("a\n", Style::pretty, false), "a\n");
    EXPECT_EQ(printed_plain("", Style::pretty, false), "\n");
    EXPECT_EQ(printed_plain(Json{{"a", 1}}, Style::compact, false), "{\"a\":1}\n");
    EXPECT_EQ(printed_plain(nullptr, Style::compact, false), "null\n");
}

int code_of_status(int status) {
    return exit_code_of_result(Json{{"return", {{"status", status}, {"hex", ""}}}, {"out", {}}});
}

TEST(ExitCode, IsZeroWhenItWasDone) {
    for (const int status : {0, 0x220, 0x401, 0x402, 0x403, 0x408})
        EXPECT_EQ(code_of_status(status), 0) << std::hex << status;
}

TEST(ExitCode, IsOneWhenItWasNot) {
    for (const int status : {0x400, 0x405, 0x406, 0x200, 0x201, 0x221, 0xa00, 0xfffe, -1, -4})
        EXPECT_EQ(code_of_status(status), 1) << std::hex << status;
}

TEST(ExitCode, IsZeroForFunctionsWithoutStatus) {
    EXPECT_EQ(exit_code_of_result(Json::parse(R"({"return":"3.3","out":{}})")), 0);
    EXPECT_EQ(exit_code_of_result(Json::parse(R"({"return":null,"out":{}})")), 0);
    EXPECT_EQ(exit_code_of_result(Json::parse(R"({"return":{"rating":-1},"out":{}})")), 0);
    EXPECT_EQ(exit_code_of_result(Json::parse(R"({"openrpc":"1.3.2"})")), 0);
}

TEST(ExitCode, TellsFaultsOfTheCallerFromThoseOfTheServer) {
    for (const int code : {-32700, -32600, -32601, -32602})
        EXPECT_EQ(exit_code_of_error(Json{{"code", code}}), 2) << code;
    for (const int code : {-32603, -32001, -32002, -32003, -32004, -32005})
        EXPECT_EQ(exit_code_of_error(Json{{"code", code}}), 5) << code;
    EXPECT_EQ(exit_code_of_error(Json::object()), 5);
}

TEST(ErrorInWords, NamesPlaceExpectationAndHint) {
    EXPECT_EQ(
        error_in_words(Json::parse(R"({"code":-32602,"message":"Invalid params","data":
            {"reason":"r","path":"/params/a","expected":"a number","hint":"send one"}})")),
        "Invalid params; at /params/a; expected: a number; send one"
    );
}

TEST(ErrorInWords, SaysNothingTwiceAndNothingRaw) {
    EXPECT_EQ(
        error_in_words(Json::parse(R"({"message":"/params/a: wants\u001b[2J a number","data":
            {"path":"/params/a"}})")),
        "/params/a: wants\uFFFD[2J a number"
    );
    EXPECT_EQ(error_in_words(Json::object()), "an error without words");
}

} // namespace
} // namespace pep::client
