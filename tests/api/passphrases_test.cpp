// Passphrases of a client: kept, forgotten, and tried in the order existing clients know.
#include "api/passphrases.hpp"
#include "fakes.hpp"
#include "pEp/keymanagement.h"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace pep::api {
namespace {

using namespace std::chrono_literals;

std::string texts(const Passphrases::Candidates& candidates) {
    std::string all;
    for (const auto& passphrase : candidates.list)
        all.append(passphrase->reveal()).append(" ");
    return all;
}

struct Kept : testing::Test {
    Passphrases::Clock::time_point now{};
    Passphrases passphrases{180min, [this] { return now; }};

    Passphrases::Shared find(std::string_view text) {
        for (const auto& passphrase : passphrases.candidates().list)
            if (passphrase->equals(text))
                return passphrase;
        return nullptr;
    }
};

TEST_F(Kept, TheOneForNewKeysComesFirstThenTheOldest) {
    passphrases.add(Secret{"one"});
    passphrases.add(Secret{"two"});
    passphrases.set_for_new_keys(Secret{"new"});
    EXPECT_EQ(texts(passphrases.candidates()), "new one two ");
    passphrases.set_for_new_keys(Secret{});
    EXPECT_EQ(texts(passphrases.candidates()), "one two ");
}

TEST_F(Kept, AnEmptyOneAddsNothing) {
    passphrases.add(Secret{});
    passphrases.add(Secret{""});
    EXPECT_TRUE(passphrases.candidates().list.empty());
}

TEST_F(Kept, OneThatWorkedBecomesTheLatestAndTheFavourite) {
    passphrases.add(Secret{"one"});
    passphrases.add(Secret{"two"});
    EXPECT_EQ(passphrases.candidates().favourite, nullptr);
    passphrases.worked(find("one"));
    EXPECT_EQ(texts(passphrases.candidates()), "two one ");
    EXPECT_EQ(passphrases.candidates().favourite, find("one"));
}

TEST_F(Kept, OneGivenAgainIsTheLatestButThereOnce) {
    passphrases.add(Secret{"one"});
    passphrases.add(Secret{"two"});
    passphrases.add(Secret{"one"});
    EXPECT_EQ(texts(passphrases.candidates()), "two one ");
}

TEST_F(Kept, NoMoreThanTwenty) {
    for (int i = 1; i <= 21; ++i)
        passphrases.add(Secret{std::to_string(i)});
    const auto candidates = passphrases.candidates();
    EXPECT_EQ(candidates.list.size(), 20U);
    EXPECT_EQ(candidates.list.front()->reveal(), "2");
    EXPECT_EQ(candidates.list.back()->reveal(), "21");
}

TEST_F(Kept, ForThreeHoursAfterTheLastUse) {
    passphrases.add(Secret{"unused"});
    passphrases.add(Secret{"used"});
    now += 100min;
    passphrases.worked(find("used"));
    now += 80min;
    EXPECT_EQ(texts(passphrases.candidates()), "unused used ");
    now += 1min;
    EXPECT_EQ(texts(passphrases.candidates()), "used ");
    now += 100min;
    const auto none = passphrases.candidates();
    EXPECT_TRUE(none.list.empty());
    EXPECT_EQ(none.favourite, nullptr);
}

TEST_F(Kept, AForgottenOneThatWorksAfterAllIsNotKept) {
    passphrases.add(Secret{"slow"});
    const auto slow = find("slow");
    now += 181min;
    EXPECT_TRUE(passphrases.candidates().list.empty());
    passphrases.worked(slow);
    EXPECT_TRUE(passphrases.candidates().list.empty());
}

/// A call that answers with given statuses and notes nothing else.
struct Script final : rpc::Attempt {
    explicit Script(std::deque<long long> statuses) : left(std::move(statuses)) {}

    long long operator()() override {
        ++tries;
        last = left.front();
        if (left.size() > 1)
            left.pop_front();
        return last;
    }

    std::deque<long long> left;
    long long last = -1;
    int tries = 0;
};

struct Retry : testing::Test {
    test::TemporaryFolder home;
    FakeService service;
    TestContext context{home.path(), service};

    void run(rpc::Attempt& attempt) {
        EXPECT_TRUE(retry_passphrases.run(context, rpc::Function{}, attempt));
    }

    void add(const char* text) { context.own_passphrases()->add(Secret{text}); }
};

constexpr long long required = 0xa00, wrong = 0xa01, for_new_keys = 0xa02;

TEST_F(Retry, WithoutPassphrasesThereIsOneTry) {
    Script locked{{required, 0}};
    EXPECT_FALSE(retry_passphrases.may_repeat(context));
    run(locked);
    EXPECT_EQ(locked.tries, 1);
    EXPECT_EQ(locked.last, required);
}

TEST_F(Retry, EndsAtTheFirstOtherStatus) {
    add("one");
    add("two");
    EXPECT_TRUE(retry_passphrases.may_repeat(context));
    Script open{{0}};
    run(open);
    EXPECT_EQ(open.tries, 1);
    Script second{{required, wrong, 0x201}};
    run(second);
    EXPECT_EQ(second.tries, 3);
    EXPECT_EQ(second.last, 0x201);
    Script new_keys{{for_new_keys}};
    run(new_keys);
    EXPECT_EQ(new_keys.tries, 1);
}

TEST_F(Retry, GivesTheStatusOfTheLastTryWhenAllFail) {
    add("one");
    add("two");
    Script never{{required, wrong, wrong, 0}};
    run(never);
    EXPECT_EQ(never.tries, 3);
    EXPECT_EQ(never.last, wrong);
}

TEST_F(Retry, AFavouriteComesFirstAndChangesNoStatus) {
    add("other");
    add("favourite");
    auto known = context.own_passphrases();
    known->worked(known->candidates().list.back());
    Script good{{0}};
    run(good);
    EXPECT_EQ(good.tries, 1);
    Script by_other{{wrong, 0}};
    run(by_other);
    EXPECT_EQ(by_other.tries, 2); // without any it cannot work when the favourite did not
    Script same{{wrong, wrong}};
    run(same);
    EXPECT_EQ(same.tries, 2);
    EXPECT_EQ(same.last, wrong);
    Script differs{{required, wrong, required}}; // the favourite is last in the documented order
    run(differs);
    EXPECT_EQ(differs.tries, 3);
    EXPECT_EQ(differs.last, required);
}

/// Real keys, locked by two passphrases.
struct LockedKeys : Retry {
    PEP_SESSION session = *context.session();
    std::string first = make("first@x.test", "first passphrase");
    std::string second = make("second@x.test", "second passphrase");

    std::string make(const char* address, const char* passphrase) {
        config_passphrase_for_new_keys(session, true, passphrase);
        const std::unique_ptr<pEp_identity, decltype(&free_identity)> me{
            new_identity(address, nullptr, "u", "Me"), &free_identity};
        EXPECT_EQ(generate_keypair(session, me.get()), 0);
        config_passphrase_for_new_keys(session, false, nullptr);
        return me->fpr;
    }

    struct Probe final : rpc::Attempt {
        Probe(PEP_SESSION s, const std::string& f) : session(s), fpr(f) {}

        long long operator()() override {
            ++tries;
            return last = probe_encrypt(session, fpr.c_str());
        }

        PEP_SESSION session;
        std::string fpr;
        long long last = -1;
        int tries = 0;
    };

    long long probe(const std::string& fpr, int tries) {
        Probe attempt{session, fpr};
        run(attempt);
        EXPECT_EQ(attempt.tries, tries);
        return attempt.last;
    }
};

TEST_F(LockedKeys, AreOpenedByThePassphraseThatFits) {
    EXPECT_EQ(probe(first, 1), required);
    add("neither");
    EXPECT_EQ(probe(first, 2), wrong);
    add("first passphrase");
    add("second passphrase");
    EXPECT_EQ(probe(first, 3), 0);
    EXPECT_EQ(probe(first, 1), 0); // begins with what worked
    EXPECT_EQ(
        texts(context.passphrases->candidates()), "neither second passphrase first passphrase "
    );
    EXPECT_EQ(probe(second, 3), 0);
    EXPECT_EQ(probe(second, 1), 0);
}

TEST_F(LockedKeys, StayLockedForASessionWithoutPassphrase) {
    add("first passphrase");
    EXPECT_EQ(probe(first, 2), 0);
    EXPECT_EQ(probe_encrypt(session, first.c_str()), required);
    config_passphrase(session, "second passphrase");
    EXPECT_EQ(probe_encrypt(session, first.c_str()), wrong);
    config_passphrase(session, "first passphrase");
    EXPECT_EQ(probe_encrypt(session, first.c_str()), 0);
}

TEST_F(LockedKeys, AUseThatNeedsNoPassphraseProlongsNone) {
    add("first passphrase");
    add("second passphrase");
    EXPECT_EQ(probe(first, 2), 0);
    context.passphrases->add(Secret{"second passphrase"}); // the latest now
    config_passphrase_for_new_keys(session, false, nullptr);
    const std::unique_ptr<pEp_identity, decltype(&free_identity)> me{
        new_identity("open@x.test", nullptr, "u", "Me"), &free_identity};
    EXPECT_EQ(generate_keypair(session, me.get()), 0);
    EXPECT_EQ(probe(me->fpr, 1), 0);
    EXPECT_EQ(texts(context.passphrases->candidates()), "first passphrase second passphrase ");
}

} // namespace
} // namespace pep::api
