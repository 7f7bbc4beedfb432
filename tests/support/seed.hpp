// The seed of a test with random input: printed, and PEP_TEST_SEED repeats a run.
#pragma once

#include <cstdlib>
#include <iostream>
#include <random>

namespace pep::test {

inline unsigned seed_of_run() {
    const char* given = std::getenv("PEP_TEST_SEED"); // NOLINT(concurrency-mt-unsafe)
    const auto value = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                        : std::random_device{}();
    std::cout << "PEP_TEST_SEED=" << value << '\n';
    return value;
}

} // namespace pep::test
