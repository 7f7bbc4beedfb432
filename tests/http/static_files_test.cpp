// The test page's files: a fixed list, literal names, a strict policy.
#include "http/static_files.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace pep::http {
namespace {

void put(const std::filesystem::path& file, std::string_view content) {
    std::ofstream(file, std::ios::binary) << content;
}

class StaticFilesTest : public testing::Test {
  protected:
    StaticFilesTest() {
        put(folder_ / "index.html", "<!doctype html>");
        put(folder_ / "page.js", "'use strict';");
        std::filesystem::create_directory(folder_ / "views");
        put(folder_ / "views" / "mail.js", "export {};");
        put(folder_ / "views.css", "p {}");
        put(folder_ / "secret.txt", "not on the list");
        files_ = StaticFiles::read(folder_.path()).value();
    }

    test::TemporaryFolder folder_;
    StaticFiles files_;
};

TEST_F(StaticFilesTest, ServesThePageAtTheRoot) {
    const Response page = files_.respond("/");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    EXPECT_EQ(page.body, "<!doctype html>");
}

TEST_F(StaticFilesTest, GivesEachFileItsType) {
    EXPECT_EQ(files_.respond("/page.js").content_type, "text/javascript; charset=utf-8");
    EXPECT_EQ(files_.respond("/page.js").body, "'use strict';");
    EXPECT_EQ(files_.respond("/views/mail.js").content_type, "text/javascript; charset=utf-8");
    EXPECT_EQ(files_.respond("/views.css").content_type, "text/css; charset=utf-8");
}

TEST_F(StaticFilesTest, ForbidsScriptsOfOthersAndFrames) {
    const std::pair<std::string, std::string> policy{
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src "
        "'self' "
        "data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    };
    const auto headers = files_.respond("/").headers;
    EXPECT_EQ(headers.at(0), policy);
    EXPECT_EQ(
        headers.at(1), (std::pair<std::string, std::string>{"Referrer-Policy", "no-referrer"})
    );
}

TEST_F(StaticFilesTest, KnowsNothingOutsideItsList) {
    for (const char* path :
         {"/secret.txt",
          "/index.html",
          "/page.css",
          "//",
          "/../secret.txt",
          "/%2e%2e/secret.txt",
          "/page.js/",
          "/PAGE.JS",
          "",
          "/page.j%73"}) {
        EXPECT_FALSE(files_.route(path).found) << path;
        EXPECT_EQ(files_.respond(path).status, 404) << path;
    }
}

TEST_F(StaticFilesTest, LetsBrowsersNavigateToThePageButNotToScripts) {
    EXPECT_TRUE(files_.route("/").navigable);
    EXPECT_FALSE(files_.route("/page.js").navigable);
    EXPECT_EQ(files_.route("/").methods, (std::vector<std::string_view>{"GET", "HEAD"}));
}

TEST_F(StaticFilesTest, AreReadOnceAtStart) {
    put(folder_ / "index.html", "changed");
    EXPECT_EQ(files_.respond("/").body, "<!doctype html>");
}

TEST(StaticFiles, DoWithoutWhatCannotBeRead) {
    const test::TemporaryFolder folder;
    std::ofstream(folder / "index.html") << "<!doctype html>";
    std::ofstream(folder / "dom.js").flush();
    std::filesystem::create_directory(folder / "page.js");
    const auto files = StaticFiles::read(folder.path()).value();
    EXPECT_TRUE(files.route("/").found);
    EXPECT_TRUE(files.route("/dom.js").found) << "empty, but there";
    EXPECT_FALSE(files.route("/page.js").found);
}

TEST(StaticFiles, NeedThePageItself) {
    const test::TemporaryFolder folder;
    const auto files = StaticFiles::read(folder.path());
    ASSERT_FALSE(files);
    EXPECT_EQ(files.error().message, "cannot read a file of the test page");
}

TEST(StaticFiles, MayBeNone) { EXPECT_FALSE(StaticFiles().route("/").found); }

} // namespace
} // namespace pep::http
