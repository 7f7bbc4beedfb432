// Private files and folders: modes, symlinks, atomic replacement, and whose file is removed.
#include "base/private_file.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace pep {
namespace {

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status {};

    return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0U;
}

TEST(PrivateFolder, IsMadeWithItsParents) {
    const test::TemporaryFolder folder;
    const auto made = make_private_folder(folder / "a/b/c").value();
    EXPECT_TRUE(made.created);
    EXPECT_FALSE(made.narrowed);
    EXPECT_EQ(mode_of(folder / "a"), 0700U);
    EXPECT_EQ(mode_of(folder / "a/b/c"), 0700U);
}

TEST(PrivateFolder, IsNarrowedWhenOthersMayLookIn) {
    const test::TemporaryFolder folder;
    ASSERT_EQ(::mkdir((folder / "open").c_str(), 0755), 0);
    const auto found = make_private_folder(folder / "open/").value();
    EXPECT_FALSE(found.created);
    EXPECT_TRUE(found.narrowed);
    EXPECT_EQ(mode_of(folder / "open"), 0700U);
    EXPECT_FALSE(make_private_folder(folder / "open").value().narrowed);
}

TEST(PrivateFolder, IsNoSymlinkAndNoFile) {
    const test::TemporaryFolder folder;
    ASSERT_EQ(::mkdir((folder / "real").c_str(), 0755), 0);
    std::filesystem::create_symlink(folder / "real", folder / "link");
    (void)replace_private_file(folder / "file", "x");
    EXPECT_FALSE(make_private_folder(folder / "link"));
    EXPECT_FALSE(make_private_folder(folder / "link/")); // a slash must not make it follow
    EXPECT_FALSE(make_private_folder(folder / "file"));
    EXPECT_EQ(mode_of(folder / "real"), 0755U);
}

TEST(PrivateFolder, IsNoneThatOthersShare) {
    const test::TemporaryFolder folder;
    ASSERT_EQ(::mkdir((folder / "shared").c_str(), 0700), 0);
    ASSERT_EQ(::chmod((folder / "shared").c_str(), 01777), 0);
    EXPECT_FALSE(make_private_folder(folder / "shared"));
    EXPECT_EQ(mode_of(folder / "shared"), 0777U);
    EXPECT_FALSE(make_private_folder("/"));
}

TEST(PrivateFolder, OfAnotherUserIsRefused) {
    const char* const roots = "/usr";
    if (::geteuid() == 0) {
        const test::TemporaryFolder folder;
        ASSERT_EQ(::mkdir((folder / "theirs").c_str(), 0700), 0);
        ASSERT_EQ(::chown((folder / "theirs").c_str(), 12345, 12345), 0);
        const auto refused = make_private_folder(folder / "theirs");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().message, "belongs to another user; choose a folder of your own");
        return;
    }
    EXPECT_FALSE(make_private_folder(roots));
}

TEST(PrivateFile, IsForTheUserOnlyWhateverTheUmask) {
    const test::TemporaryFolder folder;
    const mode_t before = ::umask(0);
    const auto written = replace_private_file(folder / "token", "{}");
    ::umask(before);
    ASSERT_TRUE(written);
    EXPECT_EQ(mode_of(folder / "token"), 0600U);
    EXPECT_EQ(read_private_file(folder / "token").value(), "{}");
}

TEST(PrivateFile, ReplacesASymlinkInsteadOfWritingThroughIt) {
    const test::TemporaryFolder folder;
    ASSERT_TRUE(replace_private_file(folder / "victim", "precious"));
    std::filesystem::create_symlink(folder / "victim", folder / "token");
    ASSERT_TRUE(replace_private_file(folder / "token", "new"));
    EXPECT_EQ(read_private_file(folder / "victim").value(), "precious");
    EXPECT_FALSE(std::filesystem::is_symlink(folder / "token"));
}

TEST(PrivateFile, LeavesNoTemporaryFileBehind) {
    const test::TemporaryFolder folder;
    ASSERT_TRUE(replace_private_file(folder / "token", "1"));
    ASSERT_TRUE(replace_private_file(folder / "token", "2"));
    ASSERT_EQ(::mkdir((folder / "taken").c_str(), 0700), 0);
    EXPECT_FALSE(replace_private_file(folder / "taken", "3")); // a folder cannot be replaced
    const std::filesystem::directory_iterator all(folder.path());
    EXPECT_EQ(std::distance(begin(all), end(all)), 2);
}

TEST(PrivateFile, NamesThePlaceWhenItCannotBeWritten) {
    const auto failed = replace_private_file("/nonexistent/token", "x");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().where, "/nonexistent");
}

TEST(PrivateFile, IsRemovedOnlyWhileItIsOurs) {
    const test::TemporaryFolder folder;
    const FileStamp first = replace_private_file(folder / "token", "1").value();
    const FileStamp second = replace_private_file(folder / "token", "2").value();
    EXPECT_FALSE(remove_if_ours(folder / "token", first).value());
    EXPECT_EQ(read_private_file(folder / "token").value(), "2");
    EXPECT_TRUE(remove_if_ours(folder / "token", second).value());
    EXPECT_FALSE(remove_if_ours(folder / "token", second).value());
}

TEST(PrivateFile, IsNotReadThroughASymlinkNorFromAFifoNorBeyondItsLimit) {
    const test::TemporaryFolder folder;
    ASSERT_TRUE(replace_private_file(folder / "real", "12345"));
    std::filesystem::create_symlink(folder / "real", folder / "link");
    ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
    EXPECT_FALSE(read_private_file(folder / "link"));
    EXPECT_FALSE(read_private_file(folder / "fifo"));
    EXPECT_FALSE(read_private_file(folder / "missing"));
    EXPECT_FALSE(read_private_file(folder / "real", 4));
    EXPECT_EQ(read_private_file(folder / "real", 5).value(), "12345");
}

} // namespace
} // namespace pep
