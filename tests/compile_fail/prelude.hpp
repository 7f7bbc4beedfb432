// Functions for the programs that must not build.
#pragma once

#include "rpc/function_map.hpp"

struct unknown_struct;

inline int twice(int x) { return 2 * x; }
inline int plus(int a, int b) { return a + b; }
inline int measure(const char*, std::size_t n) { return static_cast<int>(n); }
inline int count(int, std::size_t n) { return static_cast<int>(n); }
inline int take(unknown_struct*) { return 0; }
inline int print_secret(char**) { return 0; }

using namespace pep::rpc;
using namespace pep::marshal;
