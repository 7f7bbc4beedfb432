// Lists of strings and of string pairs on the wire.
#pragma once

#include "marshal/lists.hpp"
#include "pEp/stringlist.h"
#include "pEp/stringpair.h"

namespace pep::marshal {

template <>
struct Release<stringlist_t> {
    void operator()(stringlist_t* list) const noexcept { free_stringlist(list); }
};

template <>
struct List<stringlist_t> {
    static constexpr std::string_view name = "StringList", doc = "Strings.";
    static constexpr auto next = &stringlist_t::next;
    static constexpr auto item = &stringlist_t::value;

    static stringlist_t* make() { return new_stringlist(nullptr); }

    // `[]` is a list without members, null is none.
    static constexpr EmptyArray empty_array = EmptyArray::empty_node;
};

template <>
struct Release<stringpair_t> {
    void operator()(stringpair_t* pair) const noexcept { free_stringpair(pair); }
};

template <>
struct Release<stringpair_list_t> {
    void operator()(stringpair_list_t* list) const noexcept { free_stringpair_list(list); }
};

template <>
struct Fields<stringpair_t> {
    static constexpr std::string_view name = "StringPair", doc = "A name and what it stands for.";

    /// Both are "": neither may be NULL.
    static stringpair_t* make() { return new_stringpair(nullptr, nullptr); }

    static constexpr std::tuple list{
        field(&stringpair_t::key, "key", "the name"),
        field(&stringpair_t::value, "value", "what it stands for"),
    };
};

template <>
struct List<stringpair_list_t> {
    static constexpr std::string_view name = "StringPairList", doc = "Pairs of strings, in order.";
    static constexpr auto next = &stringpair_list_t::next;
    static constexpr auto item = &stringpair_list_t::value;

    static stringpair_list_t* make() { return new_stringpair_list(nullptr); }
};

} // namespace pep::marshal
