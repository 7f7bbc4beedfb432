// Tasks hold callables that can only be moved, and destroy them unrun.
#include "base/task.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace pep {
namespace {

static_assert(!std::is_copy_constructible_v<Task>);

TEST(Task, RunsWhatCanOnlyBeMoved) {
    auto value = std::make_unique<int>(41);
    int seen = 0;
    Task task = [value = std::move(value), &seen] { seen = *value + 1; };
    Task moved = std::move(task);
    moved();
    EXPECT_EQ(seen, 42);
    EXPECT_FALSE(task); // NOLINT(bugprone-use-after-move)
}

TEST(Task, DestroysWhatItHoldsWithoutRunningIt) {
    auto held = std::make_shared<int>(1);
    {
        const Task task = [held] { FAIL(); };
    }
    EXPECT_EQ(held.use_count(), 1);
}

} // namespace
} // namespace pep
