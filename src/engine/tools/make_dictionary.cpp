// Build tool: 65 536 trustwords out of a word list, one a line. The choice depends on the list
// alone: all words of 3 to 10 letters in NFC, told apart in upper case, sorted by code points,
// evenly spaced. Usage: make_dictionary LANG LIST OUTPUT
#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t dictionary_size = 65536;
constexpr std::size_t min_letters = 3;
constexpr std::size_t max_letters = 10;
/// Latin letters only; any font shows them.
constexpr utf8proc_int32_t end_of_latin = 0x250;

struct Free {
    void operator()(utf8proc_uint8_t* text) const { std::free(text); }
};

/// The code points of a word in NFC; nothing when one of them is no Latin letter.
std::optional<std::u32string> letters_of(const std::string& word) {
    const std::unique_ptr<utf8proc_uint8_t, Free> nfc{
        utf8proc_NFC(reinterpret_cast<const utf8proc_uint8_t*>(word.c_str()))};
    if (!nfc)
        return std::nullopt;
    std::u32string letters;
    const utf8proc_uint8_t* at = nfc.get();
    while (*at != 0) {
        utf8proc_int32_t code = 0;
        const auto used = utf8proc_iterate(at, -1, &code);
        if (used <= 0)
            return std::nullopt;
        at += used;
        const auto category = utf8proc_category(code);
        // No marks either: in NFC they are left only where no letter has them built in.
        const bool letter = category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL;
        if (!letter || code >= end_of_latin)
            return std::nullopt;
        letters.push_back(static_cast<char32_t>(code));
    }
    return letters;
}

/// Turkish has a dotted and a dotless i, each with its own capital.
char32_t upper(char32_t letter, bool turkish) {
    if (turkish && letter == U'i')
        return U'\u0130';
    // One letter to one; those without such a capital stay and are refused by the caller.
    return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(letter)));
}

/// The word in capitals, or nothing when it does not fit: wrong length, or a letter without a
/// capital that is read aloud like it (the German sharp s).
std::optional<std::u32string> trustword(const std::string& word, bool turkish) {
    auto letters = letters_of(word);
    if (!letters || letters->size() < min_letters || letters->size() > max_letters)
        return std::nullopt;
    for (char32_t& letter : *letters) {
        if (letter == U'\u00df' || letter == U'\u017f')
            return std::nullopt;
        letter = upper(letter, turkish);
        const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(letter));
        if (category != UTF8PROC_CATEGORY_LU)
            return std::nullopt;
    }
    return letters;
}

std::string utf8(const std::u32string& letters) {
    std::string text;
    for (const char32_t letter : letters) {
        utf8proc_uint8_t bytes[4];
        const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(letter), bytes);
        text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
    return text;
}

/// Each word once, sorted: neither order nor repetitions of the list matter.
std::vector<std::u32string> read_words(std::istream& list, bool turkish) {
    std::set<std::u32string> words;
    for (std::string line; std::getline(list, line);) {
        line.erase(std::min(line.find_first_of("/\t\r"), line.size())); // hunspell: stem/flags
        if (auto word = trustword(line, turkish))
            words.insert(std::move(*word));
    }
    return {words.begin(), words.end()};
}

int make(std::string_view lang, const char* list, const char* output) {
    std::ifstream in{list};
    const auto words = read_words(in, lang == "tr");
    if (words.size() < dictionary_size) {
        std::cerr << list << ": only " << words.size() << " words fit, " << dictionary_size
                  << " are needed\n";
        return 1;
    }
    std::ofstream out{output, std::ios::trunc};
    for (std::size_t i = 0; i < dictionary_size; ++i)
        // Never the same word twice, as there are at least as many as are wanted.
        out << utf8(words[i * words.size() / dictionary_size]) << '\n';
    out.close();
    // After closing: buffered words may fail to be written only then.
    if (!out) {
        std::cerr << output << ": cannot be written\n";
        return 1;
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: make_dictionary LANG LIST OUTPUT\n";
        return 2;
    }
    return make(argv[1], argv[2], argv[3]);
}
