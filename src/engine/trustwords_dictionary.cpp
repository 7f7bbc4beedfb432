// Reading dictionaries: `<lang>.txt`, a word a line, or p≡p's `<lang>.csv` with lines
// `lang,index,WORD,0`.
#include "base/text.hpp"
#include "engine/guard.hpp"
#include "engine/trustwords.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <system_error>

namespace pep::engine {

/// The words of one language, in one block of memory. Immutable.
class Dictionary {
  public:
    static constexpr std::size_t size = 65536;

    /// `text` is a whole file. Anything but 65 536 words with an index each is refused: two devices
    /// with slightly different lists would show different words for the same keys.
    [[nodiscard]] static Expected<Dictionary> parse(std::string text, bool csv);

    /// Lives as long as the dictionary. Every value has a word.
    [[nodiscard]] std::string_view word(std::uint16_t value) const {
        const auto& place = places_[value];
        return std::string_view{text_}.substr(place.begin, place.length);
    }

    /// Of the file as it was read, lower case hex.
    [[nodiscard]] const std::string& sha256() const { return sha256_; }

  private:
    /// Not a view: those would dangle when the dictionary, and its text with it, is moved.
    struct Place {
        std::uint32_t begin = 0;
        std::uint32_t length = 0;
    };

    /// `word` has to be a part of text_.
    [[nodiscard]] Expected<void> place(std::size_t index, std::string_view word);

    std::string text_;
    std::string sha256_;
    std::vector<Place> places_ = std::vector<Place>(size);
};

namespace {

// 65 536 of the longest words, and an index with each of them, fit.
constexpr std::size_t max_file_bytes = 16U << 20U;
constexpr std::size_t max_word_bytes = 80;

/// Lower case hex, as sha256sum prints it.
Expected<std::string> sha256_of(std::string_view data) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
        return fail(PEP_UNKNOWN_ERROR, "SHA-256 is not available");
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += digits[digest.at(i) >> 4U];
        hex += digits[digest.at(i) & 0xfU];
    }
    return hex;
}

/// Two ASCII letters, in lower case; "" for anything else, so that no other file can be named.
std::string language_code(std::string_view lang) {
    std::string code = to_lower(lang);
    const bool fits = code.size() == 2 && std::all_of(code.begin(), code.end(), [](char c) {
                          return c >= 'a' && c <= 'z';
                      });
    return fits ? code : std::string{};
}

/// What get_languagelist() says of a language; files hold only words.
struct Language {
    std::string_view code;
    std::string_view name;
    std::string_view phrase; ///< offers to show trustwords in that language
};

// In the order of the engine 3.3, which clients show in their menus.
constexpr std::array<Language, 7> known_languages{{
    {"en", "English", "I want to display the trustwords in English language"},
    {"de", "Deutsch", "Ich möchte die Trustwords auf Deutsch anzeigen"},
    {"fr", "Français", "Je voudrais afficher les trustwords en français"},
    {"es", "Español", "Quiero mostrar las trustwords en español"},
    {"ca", "Català", "Vull mostrar les trustwords en català"},
    {"tr", "Türkçe", "Trustword'leri Türkçe göstermek istiyorum"},
    {"nl", "Nederlands", "Ik wil de trustwords in het Nederlands weergeven"},
}};

/// Null for a language of which only a dictionary is known.
const Language* known_language(std::string_view code) {
    const auto* found =
        std::find_if(known_languages.begin(), known_languages.end(), [&](const Language& language) {
            return language.code == code;
        });
    return found != known_languages.end() ? found : nullptr;
}

/// The file of a language, empty when there is none. Plain text wins over CSV.
std::filesystem::path
dictionary_file(const std::filesystem::path& directory, const std::string& code) {
    for (const char* extension : {".txt", ".csv"}) {
        auto file = directory / (code + extension);
        std::error_code ignored;
        if (std::filesystem::is_regular_file(file, ignored))
            return file;
    }
    return {};
}

/// The whole file; a limit, since the folder may be any the user names.
Expected<std::string> read_file(const std::filesystem::path& file) {
    std::error_code unreadable;
    const auto size = std::filesystem::file_size(file, unreadable);
    if (unreadable || size > max_file_bytes)
        return fail(PEP_TRUSTWORD_NOT_FOUND, "a dictionary cannot be read or is too large");
    std::string text(size, '\0');
    std::ifstream in{file, std::ios::binary};
    // A file that was cut off meanwhile fails, too.
    if (!in.read(text.data(), static_cast<std::streamsize>(size)))
        return fail(PEP_TRUSTWORD_NOT_FOUND, "a dictionary cannot be read");
    return text;
}

struct Entry {
    std::size_t index = 0;
    std::string_view word;
};

/// `lang,index,WORD,0`, the fields perhaps in double quotes.
Expected<Entry> csv_entry(std::string_view line) {
    auto fields = split(line, ',');
    if (fields.size() < 3)
        return fail(PEP_TRUSTWORD_NOT_FOUND, "a dictionary line has too few fields");
    for (auto& field : fields) {
        field = trim(field);
        if (field.size() >= 2 && field.front() == '"' && field.back() == '"')
            field = field.substr(1, field.size() - 2);
    }
    Entry entry{0, fields[2]};
    const char* end = fields[1].data() + fields[1].size();
    const auto [stop, error] = std::from_chars(fields[1].data(), end, entry.index);
    if (error != std::errc{} || stop != end)
        return fail(PEP_TRUSTWORD_NOT_FOUND, "a dictionary line has no index");
    return entry;
}

} // namespace

Expected<void> Dictionary::place(std::size_t index, std::string_view word) {
    if (index >= size)
        return fail(PEP_TRUSTWORD_NOT_FOUND, "a dictionary has more than 65536 words");
    // Words are joined by blanks; one with a blank would be counted as two.
    if (word.empty() || word.size() > max_word_bytes || word.find(' ') != std::string_view::npos)
        return fail(PEP_TRUSTWORD_NOT_FOUND, "a dictionary has a word that is empty, long or two");
    // Words are never empty, so that length tells which places are taken.
    if (places_[index].length != 0)
        return fail(PEP_TRUSTWORD_NOT_FOUND, "a dictionary has an index twice");
    places_[index] = {
        static_cast<std::uint32_t>(word.data() - text_.data()),
        static_cast<std::uint32_t>(word.size())};
    return {};
}

Expected<Dictionary> Dictionary::parse(std::string text, bool csv) {
    // All strings of the C API are UTF-8.
    if (!is_utf8(text))
        return fail(PEP_TRUSTWORD_NOT_FOUND, "a dictionary is not UTF-8");
    Dictionary dictionary;
    auto sha256 = sha256_of(text);
    if (!sha256)
        return fail(sha256);
    dictionary.sha256_ = std::move(*sha256);
    dictionary.text_ = std::move(text);
    std::size_t count = 0;
    for (std::string_view line : split(dictionary.text_, '\n')) {
        line = trim(line);
        if (line.empty())
            continue;
        Entry entry{count++, line};
        if (csv) {
            auto read = csv_entry(line);
            if (!read)
                return fail(read);
            entry = *read;
        }
        if (auto done = dictionary.place(entry.index, entry.word); !done)
            return fail(done);
    }
    // With the checks in place(), this many words leave no index out.
    if (count != size)
        return fail(PEP_TRUSTWORD_NOT_FOUND, "a dictionary has not exactly 65536 words");
    return dictionary;
}

Dictionaries::Dictionaries(std::filesystem::path directory) : directory_(std::move(directory)) {}

Dictionaries::~Dictionaries() = default;

Expected<std::shared_ptr<const Dictionary>> Dictionaries::load(const std::string& code) const {
    // Held while the file is read: others who want the same words would read it again.
    const std::scoped_lock lock{mutex_};
    if (const auto known = loaded_.find(code); known != loaded_.end())
        return known->second;
    // A failure is not remembered: the file may be put there later.
    const auto file = code.empty() ? std::filesystem::path{} : dictionary_file(directory_, code);
    if (file.empty())
        return fail(PEP_TRUSTWORD_NOT_FOUND, "there is no dictionary of this language");
    auto text = read_file(file);
    if (!text)
        return fail(text);
    auto dictionary = Dictionary::parse(std::move(*text), file.extension() == ".csv");
    if (!dictionary)
        return fail(dictionary);
    auto shared = std::make_shared<const Dictionary>(std::move(*dictionary));
    loaded_.emplace(code, shared);
    return shared;
}

Expected<std::string> Dictionaries::word(std::string_view lang, std::uint16_t value) const {
    auto dictionary = load(language_code(lang));
    if (!dictionary)
        return fail(dictionary);
    return std::string{(*dictionary)->word(value)};
}

std::vector<std::string> Dictionaries::languages() const {
    std::vector<std::string> codes;
    for (const auto& language : known_languages) {
        if (!dictionary_file(directory_, std::string{language.code}).empty())
            codes.emplace_back(language.code);
    }
    // Those the folder has beyond them follow by alphabet, whatever order the file system has.
    const auto known = static_cast<std::ptrdiff_t>(codes.size());
    std::error_code unreadable;
    for (const auto& entry : std::filesystem::directory_iterator{directory_, unreadable}) {
        std::string code = entry.path().stem().string();
        // Names in capitals, or longer ones, are not found by load() either.
        if (code != language_code(code) || dictionary_file(directory_, code).empty())
            continue;
        if (std::find(codes.begin(), codes.end(), code) == codes.end())
            codes.push_back(std::move(code));
    }
    std::sort(codes.begin() + known, codes.end());
    return codes;
}

// Of any language that has a file. What is in it is not looked at: a menu must not load them all.
std::string Dictionaries::phrase(std::string_view lang) const {
    const std::string code = language_code(lang);
    if (code.empty() || dictionary_file(directory_, code).empty())
        return {};
    const auto* known = known_language(code);
    return known != nullptr ? std::string{known->phrase} : "Trustwords: " + code;
}

std::string Dictionaries::language_list() const {
    std::string csv;
    for (const auto& code : languages()) {
        const auto* known = known_language(code);
        // Neither names nor phrases have quotes in them, so none have to be doubled.
        csv += '"' + code + "\",\"";
        csv += known != nullptr ? known->name : code;
        csv += "\",\"" + phrase(code) + "\"\n";
    }
    return csv;
}

Expected<std::vector<Dictionaries::Source>> Dictionaries::sources() const {
    std::vector<Source> all;
    for (const auto& code : languages()) {
        Source source{code, dictionary_file(directory_, code).string(), {}};
        {
            // A file replaced after loading is not what words come from.
            const std::scoped_lock lock{mutex_};
            if (const auto known = loaded_.find(code); known != loaded_.end())
                source.sha256 = known->second->sha256();
        }
        if (source.sha256.empty()) {
            auto text = read_file(source.file);
            if (!text)
                return fail(text);
            auto sha256 = sha256_of(*text);
            if (!sha256)
                return fail(sha256);
            source.sha256 = std::move(*sha256);
        }
        all.push_back(std::move(source));
    }
    return all;
}

} // namespace pep::engine
