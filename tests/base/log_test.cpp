// The log: what a line looks like, what cannot be logged at all, and the file's mode and life.
#include "base/log.hpp"
#include "base/secret.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <string>

namespace pep::log {
namespace {

using namespace std::chrono_literals;

std::string content(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

enum class Colour { red = 7 };

static_assert(std::is_constructible_v<Value, int>);
static_assert(std::is_constructible_v<Value, Safe>);
static_assert(std::is_constructible_v<Value, Colour>);
// Neither secrets nor strings that may hold anything.
static_assert(!std::is_constructible_v<Value, Secret>);
static_assert(!std::is_constructible_v<Value, std::string>);
static_assert(!std::is_constructible_v<Value, std::string_view>);
static_assert(!std::is_constructible_v<Value, const char*>);
static_assert(!std::is_constructible_v<StaticText, std::string>);

TEST(Logger, WritesLevelTextAndFields) {
    const test::TemporaryFolder folder;
    const Logger log = Logger::to_file(folder / "log", Level::info).value();
    log.info("call answered", {{"method", Safe{"ping"}}, {"ms", 3}, {"ok", true}, {"took", 2ms}});
    const std::string line = content(folder / "log");
    EXPECT_EQ(
        line.substr(line.find('Z')), "Z info call answered method=ping ms=3 ok=true took=2000us\n"
    );
    EXPECT_EQ(line.find('Z'), std::string("2000-01-01T00:00:00.000").size());
}

TEST(Logger, WritesEnumsAndLiterals) {
    const test::TemporaryFolder folder;
    const Logger log = Logger::to_file(folder / "log", Level::info).value();
    log.error("odd", {{"colour", Colour::red}, {"why", "no reason"}});
    EXPECT_NE(
        content(folder / "log").find("error odd colour=7 why=no reason\n"), std::string::npos
    );
}

TEST(Logger, KeepsItsLastLinesInMemory) {
    Logger log = Logger::to_memory(Level::info);
    log.info("before");
    log.keep_recent(3);
    log.debug("not at this level");
    EXPECT_EQ(log.recent(0).lines.size(), 0U);
    const Logger copy = log;
    for (int i = 1; i <= 5; ++i)
        copy.info("line", {{"number", i}});
    const auto all = log.recent(0);
    ASSERT_EQ(all.lines.size(), 3U);
    EXPECT_EQ(all.lines[0].substr(all.lines[0].find('Z')), "Z info line number=3");
    EXPECT_EQ(all.next, 5U);
    EXPECT_EQ(all.lost, 2U);
    const auto last = log.recent(4);
    ASSERT_EQ(last.lines.size(), 1U);
    EXPECT_EQ(last.lines[0], all.lines[2]);
    EXPECT_EQ(last.lost, 0U);
    EXPECT_EQ(log.recent(5).lines.size(), 0U);
    EXPECT_EQ(log.recent(99).next, 5U) << "of a former server, perhaps";
}

TEST(Logger, EscapesControlCharactersSoThatNobodyForgesALine) {
    const test::TemporaryFolder folder;
    const Logger log = Logger::to_file(folder / "log", Level::info).value();
    log.info("path", {{"name", Safe{"a\nb\\"}}});
    EXPECT_NE(content(folder / "log").find("name=a\\x0ab\\x5c\n"), std::string::npos);
}

TEST(Logger, LeavesOutLowerLevels) {
    const test::TemporaryFolder folder;
    const Logger log = Logger::to_file(folder / "log", Level::warn).value();
    log.info("unseen");
    log.warn("seen");
    EXPECT_EQ(content(folder / "log").find("unseen"), std::string::npos);
    EXPECT_NE(content(folder / "log").find("warn seen"), std::string::npos);
    EXPECT_FALSE(log.enabled(Level::info));
}

TEST(Logger, MakesAFileForTheUserOnly) {
    const test::TemporaryFolder folder;
    const Logger log = Logger::to_file(folder / "log", Level::warn).value();

    struct stat status {};

    ASSERT_EQ(::stat((folder / "log").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(Logger, FollowsNoSymlink) {
    const test::TemporaryFolder folder;
    std::filesystem::create_symlink(folder / "elsewhere", folder / "log");
    EXPECT_FALSE(Logger::to_file(folder / "log", Level::warn));
    EXPECT_FALSE(std::filesystem::exists(folder / "elsewhere"));
}

TEST(Logger, WaitsForNoReaderOfAFifoAndTakesNoFolder) {
    const test::TemporaryFolder folder;
    ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
    for (const auto& wrong : {folder / "fifo", folder / "."}) {
        const auto refused = Logger::to_file(wrong, Level::warn);
        ASSERT_FALSE(refused) << wrong;
        EXPECT_NE(refused.error().message.find("no regular file"), std::string::npos) << wrong;
    }
    EXPECT_TRUE(Logger::to_file("/dev/null", Level::warn));
}

TEST(Logger, GoesOnInAFreshFileAfterRotation) {
    const test::TemporaryFolder folder;
    Logger log = Logger::to_file(folder / "log", Level::info).value();
    log.info("before");
    std::filesystem::rename(folder / "log", folder / "log.1");
    log.reopen();
    log.info("after");
    EXPECT_NE(content(folder / "log.1").find("before"), std::string::npos);
    EXPECT_NE(content(folder / "log").find("after"), std::string::npos);
}

TEST(Logger, IsSilentByDefault) {
    Logger log;
    log.error("nobody reads this");
    log.reopen();
    EXPECT_FALSE(log.enabled(Level::error));
}

TEST(Level, IsKnownByName) {
    EXPECT_EQ(level_by_name("debug").value(), Level::debug);
    EXPECT_FALSE(level_by_name("loud"));
}

} // namespace
} // namespace pep::log
