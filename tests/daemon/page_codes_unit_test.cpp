// Codes for the test page: good once, for a minute, in a file nobody else can read.
#include "daemon/page_codes.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <set>

namespace pep::daemon {
namespace {

using namespace std::chrono_literals;

struct Codes : testing::Test {
    PageCodes::Clock::time_point now{1h};
    const test::TemporaryFolder folder;
    PageCodes codes{folder.path(), [this] { return now; }};

    static std::string content(const std::string& file) {
        std::ifstream in(file);
        return {std::istreambuf_iterator<char>{in}, {}};
    }

    static std::string code_in(const std::string& file) {
        const auto page = content(file);
        const auto at = page.find("url=http://127.0.0.1:4711/#");
        const auto begin = page.find('#', at) + 1;
        return page.substr(begin, page.find('"', begin) - begin);
    }

    std::string create() { return codes.create_file("http://127.0.0.1:4711/").value(); }

    std::size_t files() const {
        return static_cast<std::size_t>(std::distance(
            std::filesystem::directory_iterator{folder.path()},
            std::filesystem::directory_iterator{}
        ));
    }
};

TEST_F(Codes, LeadTheBrowserToThePage) {
    const auto file = create();

    struct stat about {};

    ASSERT_EQ(::stat(file.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    EXPECT_EQ(code_in(file).size(), 43U);
    EXPECT_EQ(
        code_in(file).find_first_not_of(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        ),
        std::string::npos
    );
    EXPECT_NE(content(file).find("<meta http-equiv=\"refresh\""), std::string::npos);
}

TEST_F(Codes, AreGoodOnce) {
    const auto code = code_in(create());
    EXPECT_FALSE(codes.redeem(""));
    EXPECT_FALSE(codes.redeem(code.substr(1)));
    EXPECT_FALSE(codes.redeem(code + "A"));
    EXPECT_TRUE(codes.redeem(code));
    EXPECT_EQ(files(), 0U) << "its file went with it";
    EXPECT_FALSE(codes.redeem(code));
}

TEST_F(Codes, AreGoodForAMinute) {
    const auto early = code_in(create());
    now += 59s;
    const auto late = code_in(create());
    EXPECT_TRUE(codes.redeem(early));
    now += 60s;
    EXPECT_FALSE(codes.redeem(late));
    EXPECT_EQ(files(), 0U);
}

TEST_F(Codes, AreAFewAtATimeAndAllDifferent) {
    std::set<std::string> seen;
    const auto first = code_in(create());
    for (int i = 0; i < 16; ++i)
        seen.insert(code_in(create()));
    EXPECT_EQ(seen.size(), 16U);
    EXPECT_EQ(files(), 16U);
    EXPECT_FALSE(codes.redeem(first));
    EXPECT_TRUE(codes.redeem(*seen.begin()));
}

TEST_F(Codes, FilesGoWithTheServer) {
    {
        PageCodes short_lived{folder.path()};
        (void)short_lived.create_file("http://127.0.0.1:1/").value();
        EXPECT_EQ(files(), 1U);
    }
    EXPECT_EQ(files(), 0U);
}

TEST_F(Codes, SayWhenThereIsNoRoomForTheFile) {
    PageCodes nowhere{folder.path() / "missing"};
    EXPECT_FALSE(nowhere.create_file("http://127.0.0.1:1/"));
}

} // namespace
} // namespace pep::daemon
