/* Checks for tests in plain C: a failed one prints its place and fails the case, which goes on. */
#pragma once

#include <stdio.h>
#include <string.h>

extern int failed_checks;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            ++failed_checks;                                                                       \
        }                                                                                          \
    } while (0)

/** Equal strings; NULL equals only NULL. */
static inline int same(const char* a, const char* b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}
