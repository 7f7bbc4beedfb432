// Dangerous are C0 and C1 control characters, DEL, and Unicode's bidirectional controls, with which
// a text can show itself as another one.
#include "client/output.hpp"

#include "client/document.hpp"
#include "client/fault.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace pep::client {

namespace {

/// Statuses that tell how something was done rather than that it was not.
constexpr std::array<int, 6> good_statuses{
    0x000, // PEP_STATUS_OK
    0x220, // PEP_KEY_IMPORTED
    0x401, // PEP_VERIFIED
    0x402, // PEP_DECRYPTED
    0x403, // PEP_DECRYPTED_AND_VERIFIED
    0x408, // PEP_VERIFIED_AND_TRUSTED
};

struct Character {
    std::uint32_t code = 0;
    std::size_t size = 1;
};

/// The next character of well-formed UTF-8; a stray byte counts as itself.
Character next_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    const std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    // A character that is cut off counts byte by byte: nothing is read behind the end.
    if (size == 1 || text.size() < size)
        return {lead, 1};
    std::uint32_t code = lead & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i)
        code = code << 6U | (byte(i) & 0x3FU);
    return {code, size};
}

bool is_dangerous(std::uint32_t code) {
    const auto within = [code](std::uint32_t first, std::uint32_t last) {
        return code >= first && code <= last;
    };
    return code < 0x20 || within(0x7F, 0x9F) || code == 0x61C || within(0x200E, 0x200F) ||
           within(0x2028, 0x202E) || within(0x2066, 0x2069) || code == 0xFEFF;
}

/// Replaces what is dangerous, except what `keep` names.
template <class Replace>
std::string replaced(std::string_view text, std::string_view keep, Replace replace) {
    std::string safe;
    safe.reserve(text.size());
    while (!text.empty()) {
        const auto [code, size] = next_character(text);
        if (is_dangerous(code) && keep.find(text.front()) == std::string_view::npos)
            safe += replace(code);
        else
            safe.append(text.substr(0, size));
        text.remove_prefix(size);
    }
    return safe;
}

} // namespace

std::string printed(const Json& value, Style style) {
    constexpr int indent = 2, no_indent = -1;
    const auto text = value.dump(
        style == Style::pretty ? indent : no_indent,
        ' ',
        /*ensure_ascii=*/false,
        Json::error_handler_t::replace
    );
    // Only line feeds stand outside of strings; inside, the library has escaped them.
    return replaced(text, "\n", [](std::uint32_t code) {
        std::array<char, 8> escaped{};
        std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(code));
        return std::string{escaped.data()};
    });
}

std::string printed_plain(const Json& value, Style style, bool for_terminal) {
    if (!value.is_string())
        return printed(value, style) + "\n";
    const auto& given = value.get_ref<const std::string&>();
    // In a file or a pipe every byte counts: a key must arrive as it is.
    auto text = for_terminal
                    ? replaced(given, "\n\t", [](std::uint32_t) { return std::string{"\uFFFD"}; })
                    : given;
    if (!text.ends_with('\n'))
        text += '\n';
    return text;
}

std::string printed_safely(std::string_view text) {
    return replaced(text, "", [](std::uint32_t code) {
        return std::string{code == '\n' || code == '\t' ? " " : "\uFFFD"};
    });
}

int exit_code_of_result(const Json& result) {
    const auto* returned = member(result, "return");
    const auto* status = returned == nullptr ? nullptr : member(*returned, "status");
    // Whether a function has a status is seen by its answer: no list of them is needed here.
    if (status == nullptr || !status->is_number_integer())
        return 0; // the function has no status
    return std::ranges::find(good_statuses, status->get<int>()) != good_statuses.end() ? 0 : 1;
}

int exit_code_of_error(const Json& error) {
    // The codes of JSON-RPC 2.0, section 5.1, without the one for internal errors.
    constexpr std::array<int, 4> faults_of_the_caller{-32700, -32600, -32601, -32602};
    const auto* code = member(error, "code");
    const bool is_ours =
        code != nullptr && code->is_number_integer() &&
        std::ranges::find(faults_of_the_caller, code->get<int>()) != faults_of_the_caller.end();
    return is_ours ? fault::usage : fault::refused;
}

std::string error_in_words(const Json& error) {
    std::string words = text_of(error, "message");
    if (const auto* data = member(error, "data")) {
        const auto add = [&](const char* before, const char* name) {
            const auto text = text_of(*data, name);
            if (!text.empty() && words.find(text) == std::string::npos) // said already?
                words.append(before).append(text);
        };
        add("; at ", "path");
        add("; expected: ", "expected");
        add("; ", "hint");
    }
    return printed_safely(words.empty() ? "an error without words" : words);
}

} // namespace pep::client
