// Homes, engines, contexts, configuration.
#include "engine/identities_fixture.hpp"

#include <sys/stat.h>

#include <array>
#include <thread>
#include <vector>

using namespace pep::engine::testing;

namespace {

PEP_STATUS init_at(const std::filesystem::path& home) {
    const std::string name = home.string();
    pEp_engine_options options{};
    options.home = name.c_str();
    PEP_SESSION session = nullptr;
    const PEP_STATUS status = init_with_options(&session, &options, nullptr, nullptr, nullptr);
    EXPECT_EQ(session != nullptr, status == PEP_STATUS_OK);
    release(session);
    return status;
}

mode_t mode_of(const std::filesystem::path& file) {
    struct stat info {};

    EXPECT_EQ(::stat(file.c_str(), &info), 0);
    return info.st_mode & 0777;
}

} // namespace

TEST(Session, MakesAPrivateHome) {
    const TemporaryFolder folder;
    const auto home = folder.path() / "new";
    ASSERT_EQ(init_at(home), PEP_STATUS_OK);
    EXPECT_EQ(mode_of(home), 0700U);
    EXPECT_EQ(mode_of(home / "engine.sqlite3"), 0600U);
}

TEST(Session, NarrowsAHomeThatIsTooOpen) {
    const TemporaryFolder folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
    ASSERT_EQ(init_at(folder.path()), PEP_STATUS_OK);
    EXPECT_EQ(mode_of(folder.path()), 0700U);
}

TEST(Session, RefusesASymlinkAsHome) {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.path() / "real");
    std::filesystem::create_directory_symlink(folder.path() / "real", folder.path() / "link");
    EXPECT_EQ(init_at(folder.path() / "link"), -5);
}

TEST(Session, RefusesAFileAsHome) {
    const TemporaryFolder folder;
    std::fclose(std::fopen((folder.path() / "file").c_str(), "w"));
    EXPECT_EQ(init_at(folder.path() / "file"), -5);
}

TEST(Session, RefusesADatabaseOfANewerVersion) {
    const TemporaryFolder folder;
    ASSERT_EQ(init_at(folder.path()), PEP_STATUS_OK);
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((folder.path() / "engine.sqlite3").c_str(), &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA user_version = 99", nullptr, nullptr, nullptr);
    sqlite3_close(db);
    EXPECT_EQ(init_at(folder.path()), 0x0123);
}

TEST(Session, UsesPephomeItselfAndElseADotFolderOfHome) {
    const TemporaryFolder folder;
    const std::string pephome = (folder.path() / "a").string();
    ::setenv("PEPHOME", pephome.c_str(), 1);
    PEP_SESSION session = nullptr;
    ASSERT_EQ(init(&session, nullptr, nullptr, nullptr), PEP_STATUS_OK);
    EXPECT_EQ(session->engine->home, folder.path() / "a");
    release(session);

    ::unsetenv("PEPHOME");
    const std::string old_home = text(std::getenv("HOME"));
    ::setenv("HOME", folder.path().c_str(), 1);
    ASSERT_EQ(init(&session, nullptr, nullptr, nullptr), PEP_STATUS_OK);
    EXPECT_EQ(session->engine->home, folder.path() / ".pEp");
    release(session);

    ::unsetenv("HOME");
    EXPECT_EQ(init(&session, nullptr, nullptr, nullptr), -8);
    EXPECT_EQ(session, nullptr);
    ::setenv("HOME", old_home.c_str(), 1);
}

TEST(Session, ChecksItsArguments) {
    EXPECT_EQ(init(nullptr, nullptr, nullptr, nullptr), -4);
    release(nullptr);
    config_passive_mode(nullptr, true);
    EXPECT_EQ(config_passphrase(nullptr, "x"), -4);
    EXPECT_EQ(config_cipher_suite(nullptr, PEP_CIPHER_SUITE_CV25519), -4);
    EXPECT_EQ(update_identity(nullptr, nullptr), -4);
    EXPECT_EQ(myself(nullptr, nullptr), -4);
}

TEST(Session, SharesOneEnginePerHome) {
    const TemporaryFolder folder;
    const Session first = open_session(folder.path());
    const Session second = open_session(folder.path() / ".." / folder.path().filename());
    EXPECT_EQ(first->engine, second->engine);
    pEp_engine_options options{};
    options.xor_trustwords = true;
    const Session other = open_session(folder.path(), options);
    EXPECT_NE(first->engine, other->engine);
}

TEST(Session, DropsTheContextsOfAClosedEngine) {
    const TemporaryFolder folder;
    Session first = open_session(folder.path());
    const std::weak_ptr<pep::engine::Engine> engine = first->engine;
    first.reset();
    EXPECT_TRUE(engine.expired());
    std::filesystem::remove_all(folder.path());
    const Session again = open_session(folder.path()); // a new database, not the deleted one
    auto me = identity("me@example.org", nullptr, "Me");
    EXPECT_EQ(myself(again.get(), me.get()), PEP_STATUS_OK);
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "engine.sqlite3"));
}

TEST(Session, MayBeReleasedWhenTheProgramEnds) {
    const TemporaryFolder folder;
    const auto end_with_a_session = [&] {
        static Session late; // goes after everything that belongs to the main thread
        late = open_session(folder.path());
        std::exit(0);
    };
    EXPECT_EXIT(end_with_a_session(), testing::ExitedWithCode(0), "");
}

TEST(Session, KeepsTwoHomesApart) {
    const TemporaryFolder a;
    const TemporaryFolder b;
    const Session first = open_session(a.path());
    const Session second = open_session(b.path());
    auto me = identity("me@example.org", nullptr, "Me");
    ASSERT_EQ(myself(first.get(), me.get()), PEP_STATUS_OK);
    Handed id;
    EXPECT_EQ(get_default_own_userid(first.get(), &id.text), PEP_STATUS_OK);
    EXPECT_EQ(id.str(), "pEp_own_userId");
    Handed none;
    EXPECT_EQ(get_default_own_userid(second.get(), &none.text), 0x0301);
    stringlist_t* keys = nullptr;
    EXPECT_EQ(find_keys(second.get(), "me@example.org", &keys), PEP_STATUS_OK);
    EXPECT_EQ(keys, nullptr);
}

TEST(Session, MakesOneOwnKeyForManyThreads) {
    const TemporaryFolder folder;
    std::array<std::string, 4> fprs;
    std::vector<std::thread> threads;
    threads.reserve(fprs.size());
    for (auto& fpr : fprs) {
        threads.emplace_back([&] {
            const Session session = open_session(folder.path());
            auto me = identity("me@example.org", nullptr, "Me");
            EXPECT_EQ(myself(session.get(), me.get()), PEP_STATUS_OK);
            fpr = text(me->fpr);
            for (int i = 0; i < 10; ++i) {
                const std::string address = "partner" + std::to_string(i) + "@example.org";
                auto who = identity(address.c_str());
                EXPECT_EQ(update_identity(session.get(), who.get()), PEP_STATUS_OK);
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(fprs[0].size(), 40U);
    for (const auto& fpr : fprs)
        EXPECT_EQ(fpr, fprs[0]);
}

TEST(Session, SeesWhatAnotherThreadStored) {
    const TemporaryFolder folder;
    const Session session = open_session(folder.path());
    auto me = identity("me@example.org", nullptr, "Me");
    ASSERT_EQ(myself(session.get(), me.get()), PEP_STATUS_OK);
    std::thread([&] { // one session at a time in one thread, but not always the same
        auto other = identity("bob@example.org", "BOB", "Bob");
        EXPECT_EQ(update_identity(session.get(), other.get()), PEP_STATUS_OK);
    })
        .join();
    pEp_identity* found = nullptr;
    EXPECT_EQ(get_identity(session.get(), "bob@example.org", "BOB", &found), PEP_STATUS_OK);
    free_identity(found);
}

TEST(Session, KeepsItsSuiteWhenAnotherIsUnsupported) {
    const TemporaryFolder folder;
    const Session session = open_session(folder.path());
    EXPECT_EQ(config_cipher_suite(session.get(), PEP_CIPHER_SUITE_RSA8K), 0xff04);
    EXPECT_EQ(config_cipher_suite(session.get(), static_cast<PEP_CIPHER_SUITE>(15)), 0xff04);
    EXPECT_EQ(session->cipher_suite, PEP_CIPHER_SUITE_CV25519);
}

TEST(Session, NamesItsVersions) {
    EXPECT_STREQ(get_protocol_version(), "3.3");
    EXPECT_NE(std::string{get_engine_version()}, "");
}
