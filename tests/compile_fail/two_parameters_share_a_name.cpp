// A name cannot mean two parameters.
// expect: two_parameters_share_a_name
#include "compile_fail/prelude.hpp"

constexpr FunctionMap functions{
    "Functions",
    function<&plus>("plus", "Adds.", In{"a", "one"}, In{"a", "other"}),
};
