// See the header. Whatever is not understood at once ends the reading.
#include "engine/mime_plain_value.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace pep::engine::mime {

namespace {

/// RFC 2045 5.1, without the characters that RFC 2231 and encoded words give a meaning.
bool is_token_char(char c) {
    constexpr std::string_view special = "()<>@,;:\\\"/[]?=*'%";
    return c > ' ' && c < '\x7F' && special.find(c) == std::string_view::npos;
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// Takes a line apart from left to right and never goes back.
class Reader {
  public:
    explicit Reader(std::string_view line) : rest_(line) {}

    /// "" when there is none.
    std::string_view token() {
        const auto* const end = std::find_if_not(rest_.begin(), rest_.end(), is_token_char);
        return take(static_cast<std::size_t>(end - rest_.begin()));
    }

    /// Is that the next character? Then it is taken.
    bool mark(char c) {
        const bool there = rest_.starts_with(c);
        rest_.remove_prefix(there ? 1 : 0);
        return there;
    }

    void blanks() { take(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

    /// Behind the opening quote, up to the closing one; nothing when it is not that simple.
    std::optional<std::string_view> quoted() {
        const std::size_t end = rest_.find('"');
        if (end == std::string_view::npos)
            return std::nullopt;
        const std::string_view text = take(end);
        rest_.remove_prefix(1);
        const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
            return c >= ' ' && c < '\x7F' && c != '\\';
        });
        if (!plain || text.empty() || trim(text) != text || text.find("=?") != text.npos)
            return std::nullopt;
        return text;
    }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

  private:
    std::string_view take(std::size_t size) {
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    std::string_view rest_;
};

/// False for any that is not plain; the value is not to be used then.
bool read_parameter(Reader& reader, PlainValue& value) {
    std::string name = to_lower(reader.token());
    if (name.empty() || !reader.mark('='))
        return false;
    const std::optional<std::string_view> text =
        reader.mark('"') ? reader.quoted() : std::optional{reader.token()};
    // Which of two counts, programs do not agree on: GMime decides.
    const bool repeated = std::ranges::any_of(value.parameters, [&](const auto& known) {
        return known.first == name;
    });
    if (!text || text->empty() || repeated)
        return false;
    value.parameters.emplace_back(std::move(name), *text);
    return true;
}

} // namespace

std::optional<PlainValue> read_plain_value(std::string_view line) {
    Reader reader{line};
    PlainValue value;
    value.kind = reader.token();
    if (reader.mark('/')) {
        value.subkind = reader.token();
        if (value.subkind.empty())
            return std::nullopt;
    }
    // Content types are handed on as written, dispositions in lower case: here that is the same.
    if (value.kind.empty() || std::ranges::any_of(value.kind, is_upper) ||
        std::ranges::any_of(value.subkind, is_upper))
        return std::nullopt;
    reader.blanks();
    while (!reader.at_end()) {
        // Behind a value comes a parameter or nothing; one that is missing makes the line not
        // plain.
        if (!reader.mark(';'))
            return std::nullopt;
        reader.blanks();
        if (!read_parameter(reader, value))
            return std::nullopt;
        reader.blanks();
    }
    return value;
}

} // namespace pep::engine::mime
