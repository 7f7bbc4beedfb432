// A key ring on a database in memory, and shorthands that fail the test instead of returning
// errors.
#pragma once

#include "base/secret.hpp"
#include "engine/keys.hpp"
#include "engine/store.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace pep::engine {

/// The value, or a failed test and a default value.
template <class T>
T must(Expected<T> result) {
    if (result)
        return std::move(*result);
    ADD_FAILURE() << "status " << result.error().code << ": " << result.error().message;
    return T{};
}

inline void must(const Expected<void>& result) {
    EXPECT_TRUE(result) << "status " << result.error().code << ": " << result.error().message;
}

/// The status of a failure; PEP_STATUS_OK when there is none.
template <class T>
int status_of_failure(const Expected<T>& result) {
    return result ? 0 : result.error().code;
}

inline sqlite::Transaction must_begin(sqlite::Database& db) {
    auto transaction = sqlite::Transaction::begin(db);
    if (!transaction)
        throw std::runtime_error{transaction.error().message};
    return std::move(*transaction);
}

/// Wait until `when` is over.
inline void wait_past(std::time_t when) {
    while (std::time(nullptr) <= when)
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
}

inline void next_second() { wait_past(std::time(nullptr)); }

/// A store in memory with a ring on it.
struct Ring {
    Store store = must_open();
    KeyRing keys{store.db()};

    std::string make(
        std::string address,
        std::string name = "Somebody",
        Passphrase passphrase = nullptr,
        PEP_CIPHER_SUITE suite = PEP_CIPHER_SUITE_DEFAULT
    ) {
        GenerateParams params;
        params.address = std::move(address);
        params.username = std::move(name);
        params.passphrase = passphrase;
        params.suite = suite;
        return must(keys.generate(params));
    }

    std::string export_public(const std::string& fpr) { return must(keys.export_public(fpr)); }

    std::string export_secret(const std::string& fpr) { return must(keys.export_secret(fpr)); }

    ImportResult import(std::string_view data) { return must(keys.import(data)); }

    static Store must_open() {
        auto store = Store::open_in_memory();
        if (!store)
            throw std::runtime_error{store.error().message};
        return std::move(*store);
    }
};

} // namespace pep::engine
