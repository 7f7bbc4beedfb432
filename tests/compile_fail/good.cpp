// The control: the same prelude builds when nothing is wrong.
#include "compile_fail/prelude.hpp"

constexpr FunctionMap functions{
    "Functions",
    function<&plus>("plus", "Adds.", In{"a", "one"}, In{"b", "other"}),
};
