// One annotation is missing.
// expect: write one annotation per C parameter, in C order
#include "compile_fail/prelude.hpp"

constexpr FunctionMap functions{
    "Functions",
    function<&plus>("plus", "Adds.", In{"a", "one"}),
};
