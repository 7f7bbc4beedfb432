// What marshalling refused, as clients are told.
#include "marshal/fault.hpp"
#include "rpc/error.hpp"

#include <gtest/gtest.h>

namespace pep::rpc {
namespace {

RpcError told(marshal::Fault fault, std::string expected) {
    return to_rpc_error({static_cast<int>(fault), std::move(expected), "/params/src"});
}

TEST(RefusedValue, IsABadParameter) {
    const auto error = told(marshal::Fault::too_long, "at most 3 characters");
    EXPECT_EQ(error.code, code::invalid_params);
    EXPECT_EQ(error.reason, "too_long");
    EXPECT_EQ(error.path, "/params/src");
    EXPECT_EQ(error.expected, "at most 3 characters");
}

TEST(RefusedValue, ThatFoundNoMemoryIsNoBadParameter) {
    const auto error = told(marshal::Fault::out_of_memory, "less data");
    EXPECT_EQ(error.code, code::internal_error);
    EXPECT_EQ(error.reason, "out_of_memory");
    EXPECT_EQ(error.path, "/params/src");
}

} // namespace
} // namespace pep::rpc
