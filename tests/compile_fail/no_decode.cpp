// A secret cannot go out.
// expect: values of this type cannot go out: Type<> lacks encode
#include "compile_fail/prelude.hpp"

constexpr FunctionMap functions{
    "Functions",
    function<&print_secret>("print_secret", "No.", Out<SecretText>{"x", "it"}),
};
