// A value made once, by whoever asks first.
#include "base/lazy.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace pep {
namespace {

TEST(Lazy, MakesNothingBeforeSomebodyAsks) {
    int made = 0;
    const Lazy<std::string> text([&] { return "made " + std::to_string(++made); });
    EXPECT_EQ(made, 0);
    EXPECT_EQ(text.get(), "made 1");
    EXPECT_EQ(&text.get(), &text.get());
    EXPECT_EQ(made, 1);
}

TEST(Lazy, IsTheSameForAllThreads) {
    std::atomic<int> made = 0;
    const Lazy<std::string> text([&] {
        ++made;
        std::this_thread::yield();
        return std::string(100, 'x');
    });
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] { right += text.get() == std::string(100, 'x') ? 1 : 0; });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(right, 8);
    EXPECT_EQ(made, 1);
}

TEST(Lazy, TriesAgainAfterAFailure) {
    int tries = 0;
    const Lazy<int> number([&] {
        if (++tries == 1)
            throw std::runtime_error("not yet");
        return 7;
    });
    EXPECT_THROW((void)number.get(), std::runtime_error);
    EXPECT_EQ(number.get(), 7);
}

} // namespace
} // namespace pep
