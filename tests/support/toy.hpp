// A C library of toys for the tests of marshalling and RPC: a struct with everything a struct can
// hold, three kinds of lists, two enumerations. Header-only; what it allocates, its free functions
// free, and the address sanitizer counts.
#pragma once

#include "marshal/lists.hpp"

#include <cstdlib>

namespace toy {

struct strings {
    char* value;
    strings* next;
};

enum mood { mood_grim = -1, mood_none = 0, mood_glad = 5 };

enum format { format_plain = 0, format_packed = 3 };

enum mark { mark_seen = 1, mark_sent = 2, mark_kept = 8 };

struct person {
    char* address;
    char* name;
    mood feels;
    char lang[3];
    bool me;
    unsigned marks;
    short age;
    person* boss;
};

struct people {
    person* ident;
    people* next;
};

struct file {
    char* value;
    std::size_t size;
    char* name;
    file* next;
};

struct letter {
    int dir;
    char* subject;
    file* files;
    std::tm* sent;
    person* from;
    people* to;
    strings* words;
    char code[4];
    format how;
};

template <class T>
T* make() {
    return static_cast<T*>(std::calloc(1, sizeof(T)));
}

template <class T, class F>
void free_list(T* node, F free_item) {
    while (node) {
        T* next = node->next;
        free_item(node);
        std::free(node);
        node = next;
    }
}

inline void free_strings(strings* s) {
    free_list(s, [](strings* node) { std::free(node->value); });
}

inline void free_person(person* p) {
    if (!p)
        return;
    std::free(p->address);
    std::free(p->name);
    free_person(p->boss);
    std::free(p);
}

inline void free_people(people* p) {
    free_list(p, [](people* node) { free_person(node->ident); });
}

inline void free_files(file* f) {
    free_list(f, [](file* node) {
        std::free(node->value);
        std::free(node->name);
    });
}

inline void free_letter(letter* l) {
    if (!l)
        return;
    std::free(l->subject);
    free_files(l->files);
    std::free(l->sent);
    free_person(l->from);
    free_people(l->to);
    free_strings(l->words);
    std::free(l);
}

/// A C++ struct by value, as service functions return it.
struct about {
    int major = 0;
    std::string name;
    std::optional<std::string> package;
};

} // namespace toy

namespace pep::marshal {

template <>
struct Release<toy::strings> {
    void operator()(toy::strings* s) const { toy::free_strings(s); }
};

template <>
struct Release<toy::person> {
    void operator()(toy::person* p) const { toy::free_person(p); }
};

template <>
struct Release<toy::people> {
    void operator()(toy::people* p) const { toy::free_people(p); }
};

template <>
struct Release<toy::file> {
    void operator()(toy::file* f) const { toy::free_files(f); }
};

template <>
struct Release<toy::letter> {
    void operator()(toy::letter* l) const { toy::free_letter(l); }
};

template <>
struct Values<toy::mood> {
    static constexpr std::string_view name = "Mood", doc = "How somebody feels.";
    static constexpr std::string_view object_key = "mood", prefix = "mood_";
    static constexpr std::array list{
        value(toy::mood_none, "mood_none", "not known"),
        value(toy::mood_glad, "mood_glad", "glad"),
        value(toy::mood_grim, "mood_grim", "grim"),
    };
};

template <>
struct Values<toy::format> {
    static constexpr std::string_view name = "Format", doc = "How a letter is packed.";
    static constexpr std::array list{
        value(toy::format_plain, "format_plain", "not at all"),
        value(toy::format_packed, "format_packed", "well"),
    };
};

template <>
struct Values<toy::mark> {
    static constexpr std::string_view name = "Marks", doc = "Bits that say what happened.";
    static constexpr bool flags = true;
    static constexpr std::array list{
        value(toy::mark_seen, "mark_seen", "seen"),
        value(toy::mark_sent, "mark_sent", "sent"),
        value(toy::mark_kept, "mark_kept", "kept"),
    };
};

template <>
struct List<toy::strings> {
    static constexpr std::string_view name = "StringList", doc = "Strings in order.";
    static constexpr auto item = &toy::strings::value;
    static constexpr auto next = &toy::strings::next;
    static constexpr auto make = &toy::make<toy::strings>;
    static constexpr auto empty_array = EmptyArray::empty_node;
};

template <>
struct Fields<toy::person> {
    static constexpr std::string_view name = "Person", doc = "Somebody.";
    static constexpr auto make = &toy::make<toy::person>;
    static constexpr bool empty_object_is_null = true;
    static constexpr std::tuple list{
        field(&toy::person::address, "address", "where"),
        field(&toy::person::name, "name", "who"),
        field(&toy::person::feels, "feels", "mood of the day"),
        field_as<Language>(&toy::person::lang, "lang", "language"),
        field(&toy::person::me, "me", "is it me"),
        field_as<Flags<toy::mark>>(&toy::person::marks, "marks", "what happened"),
        field(&toy::person::age, "age", "in years", omit_zero),
        field(&toy::person::boss, "boss", "somebody above"),
    };
};

template <>
struct List<toy::people> {
    static constexpr std::string_view name = "PersonList", doc = "Persons in order.";
    static constexpr auto item = &toy::people::ident;
    static constexpr auto next = &toy::people::next;
    static constexpr auto make = &toy::make<toy::people>;
    static constexpr auto empty_array = EmptyArray::empty_node;
    static constexpr auto empty_node = EmptyNode::stop;
};

template <>
struct Fields<toy::file> {
    static constexpr std::string_view name = "File", doc = "Bytes with a name.";
    static constexpr std::tuple list{
        bytes(&toy::file::value, &toy::file::size, "value", "the bytes"),
        field(&toy::file::size, "size", "how many", output_only),
        field(&toy::file::name, "name", "file name"),
    };
};

template <>
struct List<toy::file> {
    static constexpr std::string_view name = "FileList", doc = "Files in order.";
    static constexpr auto next = &toy::file::next;
    static constexpr auto make = &toy::make<toy::file>;
};

template <>
struct Fields<toy::letter> {
    static constexpr std::string_view name = "Letter", doc = "A letter.";
    static constexpr auto make = &toy::make<toy::letter>;
    static constexpr std::tuple list{
        field(&toy::letter::dir, "dir", "0 came, 1 goes", omit_zero),
        field(&toy::letter::subject, "subject", "what about"),
        field(&toy::letter::files, "files", "enclosed"),
        field(&toy::letter::sent, "sent", "when"),
        field(&toy::letter::from, "from", "by whom"),
        field(&toy::letter::to, "to", "to whom"),
        field(&toy::letter::words, "words", "keywords"),
        field(&toy::letter::code, "code", "three letters at most"),
        field(&toy::letter::how, "how", "form", omit_zero),
    };
};

template <>
struct Fields<toy::about> {
    static constexpr std::string_view name = "About", doc = "What this is.";
    static constexpr std::tuple list{
        field(&toy::about::major, "major", "number"),
        field(&toy::about::name, "name", "nickname"),
        field(&toy::about::package, "package", "or null", always),
    };
};

} // namespace pep::marshal
