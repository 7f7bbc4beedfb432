// A length needs something to measure.
// expect: InLength follows a text or binary parameter
#include "compile_fail/prelude.hpp"

constexpr FunctionMap functions{
    "Functions",
    function<&count>("count", "Counts.", In{"x", "it"}, InLength{}),
};
