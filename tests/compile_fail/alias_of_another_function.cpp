// An old name must not hide another function.
// expect: two_functions_share_a_name
#include "compile_fail/prelude.hpp"

constexpr FunctionMap functions{
    "Functions",
    function<&plus>("plus", "Adds.", In{"a", "one"}, In{"b", "other"}).alias("twice"),
    function<&twice>("twice", "Doubles.", In{"x", "it"}),
};
