// A name cannot mean two functions.
// expect: two_functions_share_a_name
#include "compile_fail/prelude.hpp"

constexpr FunctionMap functions{
    "Functions",
    function<&plus>("f", "Adds.", In{"a", "one"}, In{"b", "other"}),
    function<&twice>("f", "Doubles.", In{"x", "it"}),
};
