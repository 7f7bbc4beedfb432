// Token file, proof and lock, without a process around them.
#include "base/private_file.hpp"
#include "daemon/instance_lock.hpp"
#include "daemon/token_file.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace pep::daemon {
namespace {

std::string content_of(const std::filesystem::path& file) {
    std::stringstream text;
    text << std::ifstream{file}.rdbuf();
    return text.str();
}

TEST(TokenFile, HasTheOriginalsMembersFirst) {
    const test::TemporaryFolder home;
    auto file = TokenFile::write(home.path(), {"127.0.0.1", 4223, "EPOCH", ""}, Secret{"TOKEN"});
    ASSERT_TRUE(file);
    const auto text = content_of(home.path() / "json-token");
    std::size_t last = 0;
    for (const char* member :
         {R"("address": "127.0.0.1")",
          R"("port": 4223)",
          R"("path": "/ja/0.1/")",
          R"("security_token": "TOKEN")",
          R"("rpc_path": "/rpc")",
          R"("pid": )",
          R"("epoch": "EPOCH")"}) {
        const auto at = text.find(member);
        ASSERT_NE(at, std::string::npos) << member;
        EXPECT_GT(at, last);
        last = at;
    }
    EXPECT_EQ(text.back(), '\n');
}

TEST(TokenFile, IsForTheUserOnlyAndGoesWithItsOwner) {
    const test::TemporaryFolder home;
    const auto name = home.path() / "json-token";
    {
        auto file = TokenFile::write(home.path(), {"127.0.0.1", 1, "E", ""}, Secret{"T"});
        ASSERT_TRUE(file);

        struct stat facts {};

        ASSERT_EQ(::stat(name.c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 07777U, 0600U);
    }
    EXPECT_FALSE(std::filesystem::exists(name));
}

TEST(TokenFile, IsNotRemovedOnceAnotherServerReplacedIt) {
    const test::TemporaryFolder home;
    auto first = TokenFile::write(home.path(), {"127.0.0.1", 1, "ONE", ""}, Secret{"T"});
    auto second = TokenFile::write(home.path(), {"127.0.0.1", 2, "TWO", ""}, Secret{"T"});
    ASSERT_TRUE(first && second);
    first->remove();
    auto found = TokenFile::read(home.path());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->epoch, "TWO");
    EXPECT_EQ(found->port, 2);
}

TEST(TokenFile, ReadsNothingFromADamagedFile) {
    const test::TemporaryFolder home;
    EXPECT_FALSE(TokenFile::read(home.path()));
    std::ofstream{home.path() / "json-token"} << "{\"port\":";
    EXPECT_FALSE(TokenFile::read(home.path()));
}

TEST(TokenKeeper, KnowsNoTokenOnceItForgot) {
    TokenKeeper keeper{Secret{"right"}};
    EXPECT_TRUE(keeper.is_token("right"));
    EXPECT_FALSE(keeper.is_token("wrong"));
    EXPECT_FALSE(keeper.is_token(""));
    keeper.forget();
    EXPECT_FALSE(keeper.is_token("right"));
}

// Computed with: printf 'pep-json-server/1\nAAAAAAAAAAAAAAAA\n127.0.0.1:4223\nEPOCH' | openssl dgst
// -sha256 -hmac TOKEN
TEST(Proof, IsTheHmacOfTheFourLines) {
    auto proof = proof_of(Secret{"TOKEN"}, "AAAAAAAAAAAAAAAA", "127.0.0.1:4223", "EPOCH");
    ASSERT_TRUE(proof);
    EXPECT_EQ(*proof, "sQpABWbrt-o-jETRgJM0hd27xb9WSAxwxylm-MSf10A");
}

TEST(Proof, WantsANonceOfTheRightForm) {
    EXPECT_TRUE(is_nonce("0123456789abcdef"));
    EXPECT_TRUE(is_nonce(std::string(128, '_')));
    EXPECT_FALSE(is_nonce("0123456789abcde"));
    EXPECT_FALSE(is_nonce(std::string(129, 'a')));
    EXPECT_FALSE(is_nonce("0123456789abcde/"));
    EXPECT_FALSE(is_nonce("0123456789abcde\n"));
}

TEST(InstanceLock, IsHeldByOneAtATime) {
    const test::TemporaryFolder home;
    auto first = InstanceLock::try_take(home.path());
    ASSERT_TRUE(first && *first);
    auto second = InstanceLock::try_take(home.path());
    ASSERT_TRUE(second);
    EXPECT_FALSE(*second);
    first->reset();
    auto third = InstanceLock::try_take(home.path());
    ASSERT_TRUE(third);
    EXPECT_TRUE(*third);
}

TEST(InstanceLock, NamesItsHolder) {
    const test::TemporaryFolder home;
    EXPECT_FALSE(InstanceLock::announcement(home.path()));
    auto lock = InstanceLock::try_take(home.path());
    ASSERT_TRUE(lock && *lock);
    EXPECT_FALSE(InstanceLock::announcement(home.path()));
    ASSERT_TRUE((*lock)->announce("some-epoch", "1.2.3"));
    const auto holder = InstanceLock::announcement(home.path());
    ASSERT_TRUE(holder);
    EXPECT_EQ(holder->pid, ::getpid());
    EXPECT_EQ(holder->epoch, "some-epoch");
    EXPECT_EQ(holder->version, "1.2.3");
    (*lock)->withdraw();
    EXPECT_FALSE(InstanceLock::announcement(home.path()));
}

TEST(InstanceLock, ReadsNoGarbage) {
    const test::TemporaryFolder home;
    for (const char* text :
         {"", "x", "-5 epoch 1.0\n", "1 epoch 1.0\n", "99999999999999999999 e v\n", "7"}) {
        ASSERT_TRUE(replace_private_file(home / "lock", text));
        EXPECT_FALSE(InstanceLock::announcement(home.path())) << text;
    }
    ASSERT_TRUE(replace_private_file(home / "lock", "77 of-an-old-server\n"));
    EXPECT_EQ(InstanceLock::announcement(home.path())->version, "");
}

TEST(InstanceLock, IsAnOrdinaryFile) {
    const test::TemporaryFolder home;
    const auto file = home / "lock";
    const auto refused = [&] {
        auto lock = InstanceLock::try_take(home.path());
        return !lock && lock.error().where == file.string();
    };
    std::filesystem::create_directory(file);
    EXPECT_TRUE(refused());
    std::filesystem::remove(file);
    std::filesystem::create_symlink("elsewhere", file);
    EXPECT_TRUE(refused());
    std::filesystem::remove(file);
    ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
    EXPECT_TRUE(refused());
}

} // namespace
} // namespace pep::daemon
