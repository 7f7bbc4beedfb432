// Any words as the command lines of the server and of pep-rpc. The first byte chooses the program,
// NUL ends a word. Accepted options keep their ranges; an error names options, but shows no value:
// a secret put in the place of one word's value is not in the message.
#include "base/text.hpp"
#include "client/fault.hpp"
#include "client/options.hpp"
#include "daemon/limits_table.hpp"
#include "daemon/options.hpp"
#include "fuzz/check.hpp"

#include <string>
#include <vector>

namespace {

using pep::fuzz::check;
using pep::fuzz::contains;
using Words = std::vector<std::string>;

constexpr std::size_t most_words = 64;

Words words_in(std::string_view text) {
    Words words;
    while (!text.empty() && words.size() < most_words) {
        const auto end = text.find('\0');
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return words;
}

/// The word with a secret for its value: behind "=", behind the letter of a short option, or all.
std::string with_secret(const std::string& word) {
    const std::string secret{pep::fuzz::secret};
    if (word.starts_with("--"))
        return word.substr(0, word.find('=')) + "=" + secret;
    return word.starts_with("-") && word.size() > 1 ? word.substr(0, 2) + secret : secret;
}

void check_server(const pep::daemon::Options& options) {
    using pep::daemon::Action;
    check(options.start_port <= options.end_port);
    check(!options.dumpable || options.foreground);
    check(!options.open_page || (!options.foreground && !options.no_html));
    check(!options.foreground || !options.log_file.empty());
    check(
        options.log_level >= pep::log::Level::error && options.log_level <= pep::log::Level::trace
    );
    // Each limit is one that could be set, so it is in the range the table has for it.
    pep::daemon::Limits limits;
    for (const auto& [name, value] : list_limits(options.limits))
        check(set_limit(limits, name + "=" + std::to_string(value)).has_value());
    check(list_limits(limits) == list_limits(options.limits));
}

bool is_event(std::string_view id) {
    const auto dot = id.rfind('.');
    return dot != std::string_view::npos && dot > 0 && dot + 1 < id.size() &&
           id.find_first_not_of("0123456789", dot + 1) == std::string_view::npos &&
           id.find_first_of(" \t\r\n:") == std::string_view::npos;
}

void check_client(const pep::client::Options& options) {
    using pep::client::Action;
    check(!options.timeout || options.timeout->count() > 0);
    check(pep::is_utf8(options.client_id));
    check(options.since.empty() || (options.action == Action::events && is_event(options.since)));
    check(!options.only_return || options.only_out.empty());
    check(options.action != Action::call || !options.method.empty());
    check(options.action == Action::call || options.words.empty());
}

/// Accepted options are checked; of refused ones the message.
template <class Parse, class Check>
void try_words(const Words& words, std::size_t number, Parse parse, Check check_accepted) {
    if (const auto options = parse(words))
        check_accepted(*options);
    else
        check(!options.error().message.empty() && !contains(options.error().message, "\n"));
    if (words.empty())
        return;
    Words spoilt = words;
    auto& word = spoilt[number % spoilt.size()];
    word = with_secret(word);
    if (const auto options = parse(spoilt); !options)
        check(!contains(options.error().message, pep::fuzz::secret));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return -1;
    const auto words = words_in(pep::fuzz::text_of(data + 1, size - 1));
    if ((data[0] & 1U) == 0)
        try_words(words, size, &pep::daemon::parse_options, check_server);
    else
        try_words(words, size, &pep::client::parse_options, check_client);
    return 0;
}
