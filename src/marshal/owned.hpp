// Ownership of C objects during a call: one Release<T> per C type, and nothing else frees anything.
#pragma once

#include <cstdlib>
#include <ctime>
#include <memory>

namespace pep::marshal {

/// How an object of a C library is freed. Specialise once per type:
/// `template <> struct Release<thing> { void operator()(thing* t) const { free_thing(t); } };`
template <class T>
struct Release;

/// The owner of a C object from the moment it exists; empty stands for NULL.
template <class T>
using Owned = std::unique_ptr<T, Release<T>>;

/// Strings that cross the C boundary come from malloc.
template <>
struct Release<char> {
    void operator()(char* text) const noexcept { std::free(text); }
};

/// Broken-down times are plain memory, too.
template <>
struct Release<std::tm> {
    void operator()(std::tm* time) const noexcept { std::free(time); }
};

template <class T>
concept Releasable = requires(T* object) {
    Release<T>{}(object);
};

} // namespace pep::marshal
