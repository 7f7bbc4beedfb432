// The reserve of memory: given once, kept again.
#include "base/memory_reserve.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <new>

namespace pep {
namespace {

class Reserve : public testing::Test {
  public:
    Reserve() { keep_memory_reserve({.for_new = 1U << 20U, .for_c = 1U << 16U}); }

    ~Reserve() override {
        keep_memory_reserve({});
        std::set_new_handler(nullptr);
    }

    Reserve(const Reserve&) = delete;
    Reserve(Reserve&&) = delete;
    Reserve& operator=(const Reserve&) = delete;
    Reserve& operator=(Reserve&&) = delete;
};

TEST_F(Reserve, IsGivenOnceAndThenMemoryIsOut) {
    const auto handler = std::get_new_handler();
    ASSERT_NE(handler, nullptr);
    EXPECT_NO_THROW(handler());
    EXPECT_THROW(handler(), std::bad_alloc);
    EXPECT_TRUE(refill_memory_reserve());
    EXPECT_TRUE(refill_memory_reserve());
    EXPECT_NO_THROW(handler());
    EXPECT_THROW(handler(), std::bad_alloc);
}

TEST_F(Reserve, KeepsAPartForCApart) {
    EXPECT_NO_THROW(std::get_new_handler()());
    EXPECT_EQ(pep_is_last_memory_out(), 0) << "not touched by operator new";
    EXPECT_EQ(pep_give_last_memory(), 1);
    EXPECT_EQ(pep_give_last_memory(), 0);
    EXPECT_EQ(pep_is_last_memory_out(), 0) << "kept again";
    EXPECT_EQ(pep_give_last_memory(), 1);
}

TEST_F(Reserve, SaysWhenThePartForCCannotBeKeptAgain) {
    ASSERT_EQ(pep_give_last_memory(), 1);
    keep_memory_reserve({.for_new = 0, .for_c = SIZE_MAX / 4});
    EXPECT_FALSE(refill_memory_reserve());
    EXPECT_EQ(pep_is_last_memory_out(), 1);
}

} // namespace
} // namespace pep
