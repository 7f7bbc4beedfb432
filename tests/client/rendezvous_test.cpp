// The token file as an attacker would like it to be, and the proof.
#include "client/fault.hpp"
#include "client/rendezvous.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace pep::client {
namespace {

constexpr const char* good = R"({"address": "127.0.0.1", "port": 41234, "path": "/ja/0.1/",
    "security_token": "TOKEN", "rpc_path": "/rpc", "pid": 1, "epoch": "E", "socket": "/run/s"})";

class TokenFile : public testing::Test {
  protected:
    void write(const std::string& content, unsigned mode = 0600) const {
        std::ofstream{file()} << content;
        ASSERT_EQ(::chmod(file().c_str(), mode), 0);
    }

    /// The message of the refusal, which must be one of trust.
    [[nodiscard]] std::string refusal() const {
        auto found = read_token_file(home_.path());
        if (found)
            return "accepted";
        EXPECT_EQ(found.error().code, 4) << found.error().message;
        return found.error().message;
    }

    [[nodiscard]] std::filesystem::path file() const { return home_ / "json-token"; }

    test::TemporaryFolder home_;
};

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

TEST_F(TokenFile, TellsWhereTheServerIs) {
    write(good);
    auto found = read_token_file(home_.path());
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->where.address, "127.0.0.1");
    EXPECT_EQ(found->where.port, 41234);
    EXPECT_EQ(found->where.epoch, "E");
    EXPECT_EQ(found->where.socket, "/run/s");
    EXPECT_TRUE(found->token.equals("TOKEN"));
}

TEST_F(TokenFile, IsMissedWithItsOwnCode) {
    EXPECT_EQ(read_token_file(home_.path()).error().code, 3);
    EXPECT_EQ(read_token_file(home_ / "no-such-home").error().code, 3);
}

TEST_F(TokenFile, MustBeClosedToOthers) {
    for (const unsigned mode : {0644U, 0640U, 0604U, 0620U, 0601U}) {
        write(good, mode);
        EXPECT_TRUE(contains(refusal(), "open to other users")) << std::oct << mode;
    }
}

TEST_F(TokenFile, MustBeNoSymlinkDirectoryOrFifo) {
    std::ofstream{home_ / "elsewhere"} << good;
    ASSERT_EQ(::chmod((home_ / "elsewhere").c_str(), 0600), 0);
    ASSERT_EQ(::symlink("elsewhere", file().c_str()), 0);
    EXPECT_TRUE(contains(refusal(), "symlink"));
    ASSERT_EQ(::unlink(file().c_str()), 0);
    ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
    EXPECT_TRUE(contains(refusal(), "no regular file")); // and returns
    ASSERT_EQ(::unlink(file().c_str()), 0);
    ASSERT_EQ(::mkdir(file().c_str(), 0700), 0);
    EXPECT_TRUE(contains(refusal(), "no regular file"));
}

TEST_F(TokenFile, MustHaveOneNameOnly) {
    write(good);
    ASSERT_EQ(::link(file().c_str(), (home_ / "second").c_str()), 0);
    EXPECT_TRUE(contains(refusal(), "second name"));
}

TEST_F(TokenFile, MustStandInAFolderOthersCannotWrite) {
    write(good);
    for (const unsigned mode : {0720U, 0702U, 0777U}) {
        ASSERT_EQ(::chmod(home_.path().c_str(), mode), 0);
        EXPECT_TRUE(contains(refusal(), "others can write")) << std::oct << mode;
    }
    ASSERT_EQ(::chmod(home_.path().c_str(), 0755), 0);
    EXPECT_TRUE(read_token_file(home_.path()));
}

TEST_F(TokenFile, MustStandInAFolderThatIsNoSymlink) {
    write(good);
    const test::TemporaryFolder other;
    ASSERT_EQ(::symlink(home_.path().c_str(), (other / "home").c_str()), 0);
    for (const char* name : {"home", "home/"}) {
        auto found = read_token_file(other / name);
        ASSERT_FALSE(found) << name;
        EXPECT_EQ(found.error().code, 4);
    }
}

TEST_F(TokenFile, OfAnotherUserIsRefused) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can give files away";
    write(good);
    constexpr uid_t nobody = 65534;
    ASSERT_EQ(::chown(file().c_str(), nobody, nobody), 0);
    EXPECT_TRUE(contains(refusal(), "another user"));
    ASSERT_EQ(::chown(file().c_str(), 0, 0), 0);
    ASSERT_EQ(::chown(home_.path().c_str(), nobody, nobody), 0);
    EXPECT_TRUE(contains(refusal(), "another user"));
    ASSERT_EQ(::chown(home_.path().c_str(), 0, 0), 0);
}

TEST_F(TokenFile, MustBeSmall) {
    write(std::string(20'000, ' ') + good);
    EXPECT_TRUE(contains(refusal(), "larger"));
}

TEST_F(TokenFile, MustBeAnObjectOfJson) {
    for (const char* content : {"", "{", "[]", "null", "{\"port\":", "\xff"}) {
        write(content);
        EXPECT_TRUE(contains(refusal(), "damaged")) << content;
    }
}

TEST_F(TokenFile, MustNameAPort) {
    for (const char* port : {"0", "-1", "65536", "99999999999999999999", "\"80\"", "1.5", "null"}) {
        write(std::string{R"({"address":"127.0.0.1","security_token":"T","port":)"} + port + "}");
        EXPECT_TRUE(contains(refusal(), "port")) << port;
    }
}

TEST_F(TokenFile, MustNameALoopbackAddress) {
    for (const char* address :
         {"192.0.2.1",
          "localhost",
          "0.0.0.0",
          "::",
          "128.0.0.1",
          "127.0.0.1.example.org",
          "127.0.0.1\\u0000.example.org",
          ""}) {
        write(std::string{R"({"port":1,"security_token":"T","address":")"} + address + "\"}");
        EXPECT_TRUE(contains(refusal(), "loopback")) << address;
    }
    for (const char* address : {"127.0.0.1", "127.255.255.254", "::1"})
        EXPECT_TRUE(is_loopback(address)) << address;
}

TEST_F(TokenFile, MustNameATokenThatFitsIntoAHeader) {
    for (const char* token : {"\"\"", "7", "null", R"("a\r\nX: b")", R"("a b")"}) {
        write(std::string{R"({"address":"127.0.0.1","port":1,"security_token":)"} + token + "}");
        EXPECT_TRUE(contains(refusal(), "token")) << token;
    }
}

TEST_F(TokenFile, MustNameASocketByItsFullPath) {
    write(R"({"address":"127.0.0.1","port":1,"security_token":"T","socket":"rpc.sock"})");
    EXPECT_TRUE(contains(refusal(), "socket"));
    write(R"({"address":"127.0.0.1","port":1,"security_token":"T","socket":"/run/s\u0000t"})");
    EXPECT_TRUE(contains(refusal(), "socket"));
}

TEST_F(TokenFile, MayNameAnEpochThatCanBeShown) {
    write(R"({"address":"127.0.0.1","port":1,"security_token":"T"})");
    EXPECT_TRUE(read_token_file(home_.path()));
    write(R"({"address":"127.0.0.1","port":1,"security_token":"T","epoch":"a\u001b[2J"})");
    EXPECT_TRUE(contains(refusal(), "epoch"));
}

TEST_F(TokenFile, IsNamedByItsRefusal) {
    write("{}");
    auto found = read_token_file(home_.path());
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().where, file().string());
}

} // namespace
} // namespace pep::client
