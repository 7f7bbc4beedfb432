// Trustwords: dictionaries of 65 536 words a language, and how two fingerprints become words.
#pragma once

#include "base/expected.hpp"
#include "pEp/pEpEngine.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace pep::engine {

/// One language, see trustwords_dictionary.cpp.
class Dictionary;

/// The languages found in a directory (`<lang>.txt`, or p≡p's `<lang>.csv`), loaded on first use.
/// Any thread: a lock guards the loading, loaded dictionaries never change.
class Dictionaries {
  public:
    explicit Dictionaries(std::filesystem::path directory);
    ~Dictionaries();

    /// Word of a value; TRUSTWORD_NOT_FOUND when the language is absent. `lang` in either case.
    [[nodiscard]] Expected<std::string> word(std::string_view lang, std::uint16_t value) const;

    /// Languages present, in the reference's order (en de fr es ca tr nl, then others).
    [[nodiscard]] std::vector<std::string> languages() const;

    /// The sentence that offers trustwords in a language; "" when the language is absent.
    [[nodiscard]] std::string phrase(std::string_view lang) const;

    /// CSV of get_languagelist.
    [[nodiscard]] std::string language_list() const;

    /// Where the words come from, for `status`: directory, and SHA-256 of each file loaded or
    /// listed.
    struct Source {
        std::string lang;
        std::string file;
        std::string sha256;
    };

    [[nodiscard]] Expected<std::vector<Source>> sources() const;

  private:
    [[nodiscard]] Expected<std::shared_ptr<const Dictionary>> load(const std::string& code) const;

    std::filesystem::path directory_;
    mutable std::mutex mutex_; // guards loaded_
    mutable std::map<std::string, std::shared_ptr<const Dictionary>, std::less<>> loaded_;
};

/// Words of a hex string (engine reference 6.2); `max_words` 0 = all.
[[nodiscard]] Expected<std::string> words_of(
    const Dictionaries& dictionaries, std::string_view hex, std::string_view lang, int max_words
);

/// Words of the short form of two combined fingerprints.
inline constexpr int short_words = 5;

enum class Combination { ripemd160, exclusive_or };

/// The hex string two fingerprints combine to (engine reference 6.3), the same in either order.
/// ILLEGAL_VALUE for other characters than hex digits and separators, TRUSTWORDS_DUPLICATE_FPR for
/// all zero.
[[nodiscard]] Expected<std::string>
combine_fingerprints(std::string_view first, std::string_view second, Combination how);

} // namespace pep::engine
