// The reserve of memory: given once, kept again.
#include "base/memory_reserve.hpp"

#include <gtest/gtest.h>

#include <new>

namespace pep {
namespace {

TEST(MemoryReserve, IsGivenOnceAndThenMemoryIsOut) {
    keep_memory_reserve(1U << 20U);
    const auto handler = std::get_new_handler();
    ASSERT_NE(handler, nullptr);
    EXPECT_NO_THROW(handler());
    EXPECT_THROW(handler(), std::bad_alloc);
    refill_memory_reserve();
    refill_memory_reserve();
    EXPECT_NO_THROW(handler());
    EXPECT_THROW(handler(), std::bad_alloc);
    keep_memory_reserve(0);
    std::set_new_handler(nullptr);
}

} // namespace
} // namespace pep
