// A struct nobody described.
// expect: this C type has no Type<>: describe it in src/api/types
#include "compile_fail/prelude.hpp"

constexpr FunctionMap functions{
    "Functions",
    function<&::take>("take", "Takes.", In{"x", "it"}),
};
