// One home used by several sessions, threads and processes at once, and two users beside each
// other: everybody sees the same identities and trust, nothing is lost, nothing is made twice, and
// nothing crosses from one user to the other.
#include "engine/edge_fixture.hpp"

#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

namespace pep::engine::testing {

namespace {

constexpr const char* home_variable = "PEP_SHARING_HOME";
constexpr int partners = 6;
constexpr int rounds = 8;

class Sharing : public EdgeCase {};

std::string address_of(int i) { return "partner" + std::to_string(i) + "@example.org"; }

std::string user_of(int i) { return "PARTNER" + std::to_string(i); }

/// Start this program again, to do one test in the home of another.
pid_t start_again(const std::filesystem::path& home, const char* test) {
    const std::string filter = std::string{"--gtest_filter="} + test;
    std::string program = "/proc/self/exe";
    std::string brief = "--gtest_brief=1";
    std::string only = filter;
    std::string where = std::string{home_variable} + "=" + home.string();
    char* arguments[] = {program.data(), only.data(), brief.data(), nullptr};
    std::vector<char*> environment;
    for (char** each = environ; *each != nullptr; ++each)
        environment.push_back(*each);
    environment.push_back(where.data());
    environment.push_back(nullptr);
    pid_t child = -1;
    EXPECT_EQ(
        ::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environment.data()), 0
    );
    return child;
}

int exit_status(pid_t child) {
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// What everybody does at once: meet, confirm, take back, and count.
void work_on(PEP_SESSION session) {
    auto me = identity("me@example.org", nullptr, "Me");
    ASSERT_EQ(myself(session, me.get()), PEP_STATUS_OK);
    for (int round = 0; round < rounds; ++round) {
        for (int i = 0; i < partners; ++i) {
            const auto address = address_of(i);
            auto who = identity(address.c_str(), user_of(i).c_str(), "Name");
            ASSERT_EQ(update_identity(session, who.get()), PEP_STATUS_OK);
            ASSERT_NE(who->fpr, nullptr);
            ASSERT_EQ(trust_personal_key(session, who.get()), PEP_STATUS_OK);
            auto stranger = identity(("new" + address).c_str());
            ASSERT_EQ(update_identity(session, stranger.get()), PEP_STATUS_OK);
        }
        std::int32_t value = 0;
        ASSERT_EQ(sequence_value(session, "work", &value), PEP_STATUS_OK);
    }
}

} // namespace

TEST_F(Sharing, ASecondSessionSeesWhatTheFirstDecided) {
    const auto other = open_session(home.path());
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    const auto seen = [&] {
        auto who = identity("bob@example.org", "BOB");
        EXPECT_EQ(update_identity(other.get(), who.get()), PEP_STATUS_OK);
        return who;
    };
    EXPECT_EQ(text(seen()->fpr), fpr);
    EXPECT_EQ(seen()->comm_type, 0x38);
    auto who = updated("bob@example.org", "BOB");
    ASSERT_EQ(trust_personal_key(session.get(), who.get()), PEP_STATUS_OK);
    EXPECT_EQ(seen()->comm_type, 0xb8);
    ASSERT_EQ(key_mistrusted(other.get(), seen().get()), PEP_STATUS_OK);
    EXPECT_EQ(updated("bob@example.org", "BOB")->comm_type, 0x0f);
    auto rejected = identity("bob@example.org", "BOB", "Bob", fpr.c_str());
    ASSERT_EQ(key_reset_trust(session.get(), rejected.get()), PEP_STATUS_OK);
    EXPECT_EQ(seen()->fpr, nullptr);
    EXPECT_EQ(trust("BOB", fpr), 0x38);
}

TEST_F(Sharing, WorksInTheHomeOfAnother) {
    const char* shared = std::getenv(home_variable);
    if (shared == nullptr)
        GTEST_SKIP() << "this is what ProcessesAndThreadsOnOneHomeAgree starts";
    const auto here = open_session(shared);
    work_on(here.get());
}

TEST_F(Sharing, ProcessesAndThreadsOnOneHomeAgree) {
    std::vector<std::string> fprs;
    for (int i = 0; i < partners; ++i)
        fprs.push_back(partner(address_of(i).c_str(), user_of(i).c_str(), "Name"));
    std::vector<pid_t> children;
    for (int i = 0; i < 2; ++i)
        children.push_back(start_again(home.path(), "Sharing.WorksInTheHomeOfAnother"));
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i)
        threads.emplace_back([this] {
            const auto mine = open_session(home.path());
            work_on(mine.get());
        });
    for (auto& thread : threads)
        thread.join();
    for (const auto child : children)
        EXPECT_EQ(exit_status(child), 0);

    EXPECT_EQ(found(session.get(), "me@example.org").size(), 1U); // one own key for all
    std::int32_t value = 0;
    ASSERT_EQ(sequence_value(session.get(), "work", &value), PEP_STATUS_OK);
    EXPECT_EQ(value, 4 * rounds + 1);
    for (int i = 0; i < partners; ++i) {
        const auto address = address_of(i);
        const auto& fpr = fprs.at(static_cast<std::size_t>(i));
        EXPECT_EQ(trust(user_of(i).c_str(), fpr), 0xb8);
        EXPECT_EQ(text(updated(address.c_str(), user_of(i).c_str())->fpr), fpr);
    }
    auto rows =
        context().store.db().query("SELECT count(*), count(DISTINCT address) FROM identity");
    ASSERT_TRUE(*rows.step());
    EXPECT_EQ(rows.integer(0), 1 + 2 * partners);
    EXPECT_EQ(rows.integer(1), rows.integer(0));
}

TEST_F(Sharing, TwoUsersShareNothing) {
    elsewhere = open_session(other_home.path());
    const auto fpr = make_key(elsewhere.get(), "bob@example.org");
    const auto key = exported(elsewhere.get(), fpr);
    ASSERT_EQ(imported(session.get(), key), PEP_KEY_IMPORTED);
    set_partner_key("bob@example.org", "BOB", fpr);
    auto who = updated("bob@example.org", "BOB");
    ASSERT_EQ(trust_personal_key(session.get(), who.get()), PEP_STATUS_OK);
    own("me@example.org", "Me");
    ASSERT_EQ(config_passphrase(session.get(), "sesame"), PEP_STATUS_OK);

    auto there = identity("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(update_identity(elsewhere.get(), there.get()), PEP_STATUS_OK);
    EXPECT_EQ(there->fpr, nullptr);
    PEP_comm_type least = PEP_ct_pEp;
    EXPECT_EQ(least_trust(elsewhere.get(), fpr.c_str(), &least), PEP_STATUS_OK);
    EXPECT_EQ(least, 0);
    EXPECT_TRUE(found(elsewhere.get(), "me@example.org").empty());
    Handed own_id;
    EXPECT_EQ(get_default_own_userid(elsewhere.get(), &own_id.text), 0x0301);
    const auto locked = make_key(elsewhere.get(), "x@example.org", 365U * day_s, "sesame");
    EXPECT_EQ(probe_encrypt(elsewhere.get(), locked.c_str()), 0x0a00);
}

} // namespace pep::engine::testing
