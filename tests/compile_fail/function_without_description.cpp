// Prose is not optional.
// expect: every_function_needs_a_name_and_a_description
#include "compile_fail/prelude.hpp"

constexpr FunctionMap functions{
    "Functions",
    function<&twice>("twice", "", In{"x", "it"}),
};
