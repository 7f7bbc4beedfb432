// Boost.ProgramOptions does the parsing; the table below is all there is to say about an option.
#include "client/options.hpp"

#include "base/text.hpp"
#include "client/fault.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace pep::client {

namespace po = boost::program_options;

namespace {

/// Sets what the option means; a non-empty string is what is wrong with the value.
using Apply = std::string (*)(Options&, const std::string&);

struct Row {
    std::string_view group;
    std::string_view name;        ///< "long,s" as Boost.ProgramOptions wants it
    std::string_view placeholder; ///< "": takes no value
    std::string_view doc;
    Apply apply;
};

/// For options that stand for an action. If several are given, the last one in the table counts.
template <Action action>
std::string set_action(Options& options, const std::string&) {
    options.action = action;
    return "";
}

/// Whole seconds; 0 is no limit.
std::string set_timeout(Options& options, const std::string& text) {
    // Longer than anybody waits, and added to a point in time it still does not overflow.
    constexpr unsigned most = 1'000'000'000;
    unsigned seconds = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, seconds);
    if (problem != std::errc{} || stop != end || seconds > most)
        return "wants a number of seconds";
    options.timeout.reset();
    if (seconds > 0)
        options.timeout = std::chrono::seconds{seconds};
    return "";
}

/// EPOCH.N goes into a header line.
std::string set_since(Options& options, const std::string& text) {
    const auto dot = text.rfind('.');
    const auto is_epoch_character = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '-' || c == '_';
    };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (dot == std::string::npos || dot == 0 || dot + 1 == text.size() ||
        !std::all_of(
            text.begin(), text.begin() + static_cast<std::ptrdiff_t>(dot), is_epoch_character
        ) ||
        !std::all_of(text.begin() + static_cast<std::ptrdiff_t>(dot) + 1, text.end(), is_digit))
        return "wants the member id of an event, EPOCH.NUMBER";
    options.since = text;
    return "";
}

constexpr std::string_view general = "General", finding = "The server", output = "Output",
                           hidden = "";

constexpr std::array rows{
    Row{general,
        "help,h",
        "",
        "print this text, or with METHOD explain that function",
        set_action<Action::help>},
    Row{general, "version,v", "", "print the version and exit", set_action<Action::version>},
    Row{general, "list,l", "", "list the functions of the server", set_action<Action::list>},
    Row{finding,
        "home",
        "DIRECTORY",
        "whose server (default $PEPHOME, else $HOME/.pEp)",
        [](Options& o, const std::string& v) {
            o.home = v;
            return std::string{v.empty() ? "wants a directory" : ""};
        }},
    Row{finding,
        "socket",
        "",
        "use the server's Unix socket instead of its TCP port",
        [](Options& o, const std::string&) {
            o.by_socket = true;
            return std::string{};
        }},
    Row{finding,
        "no-start",
        "",
        "do not start a server where none answers",
        [](Options& o, const std::string&) {
            o.may_start = false;
            return std::string{};
        }},
    Row{finding,
        "timeout",
        "SECONDS",
        "how long to wait for a reply (default 300; 0 waits for ever)",
        set_timeout},
    Row{finding,
        "client-id",
        "ID",
        "configuration of the client of that name (`config_…`)",
        [](Options& o, const std::string& v) {
            o.client_id = v;
            return std::string{v.empty() || !is_utf8(v) ? "wants a name" : ""};
        }},
    Row{output,
        "raw,r",
        "",
        "JSON on one line",
        [](Options& o, const std::string&) {
            o.style = Style::compact;
            return std::string{};
        }},
    Row{output,
        "return",
        "",
        "print what the function returns, without outputs; a text as it is",
        [](Options& o, const std::string&) {
            o.only_return = true;
            return std::string{};
        }},
    Row{output,
        "out",
        "NAME",
        "print this output only, or a member of it (NAME.MEMBER)",
        [](Options& o, const std::string& v) {
            o.only_out = v;
            return std::string{v.empty() ? "wants the name of an output" : ""};
        }},
    Row{output, "since", "ID", "with `events`: begin behind that one, as its `id` says", set_since},
    Row{hidden,
        "help-markdown",
        "",
        "the options as a Markdown table",
        set_action<Action::help_markdown>},
};

constexpr std::string_view usage = R"(pep-rpc: call functions of pep-json-server
usage: pep-rpc [OPTION…] METHOD [PARAMETER…]
       pep-rpc [OPTION…] events
       pep-rpc --list
       pep-rpc --help METHOD

A server is started if none answers. It has to prove that it wrote the user's token file before it
gets the token and the parameters.

Parameters:
  name=TEXT           a text, number, boolean or name of a constant, as the function wants it
  name.member=TEXT    a member of an object; name.0=TEXT an item of a list
  name=@FILE          contents of a file, in base64 where the function wants that; @- standard input
  name:=JSON          a value as JSON; name:=@FILE reads it
  {…} or […]          all parameters as one JSON object, or the inputs in order as a list
  -                   the same from standard input

Other users can see the arguments of commands: give passphrases and keys from standard input or
files, as in `pep-rpc config_passphrase passphrase=@-`. One line break at the end of a passphrase is
dropped.
)";

constexpr std::string_view exit_codes = R"(
Exit codes:
  0  done: status 0, or one that says how it was done (PEP_KEY_IMPORTED, PEP_DECRYPTED,
     PEP_VERIFIED, PEP_DECRYPTED_AND_VERIFIED, PEP_VERIFIED_AND_TRUSTED), or a function without one
  1  the function's status is another one, e.g. PEP_UNENCRYPTED; the result is printed nevertheless
  2  wrong usage: options, unknown function, wrong parameters
  3  no server, none can be started, it did not answer in time, or it went away
  4  not trusted: the token file breaks a rule, or the server could not prove itself
  5  the server refused or failed: busy, too large, an internal fault
)";

std::string long_name(const Row& row) {
    return std::string{row.name.substr(0, row.name.find(','))};
}

/// The table as the library wants it. Values stay texts, as the table has better words for faults.
po::options_description description() {
    po::options_description all;
    for (const Row& row : rows) {
        const std::string name{row.name};
        if (row.placeholder.empty())
            all.add_options()(name.c_str(), "");
        else
            all.add_options()(name.c_str(), po::value<std::string>(), "");
    }
    // What is no option: the method and its parameters.
    all.add_options()("words", po::value<std::vector<std::string>>(), "");
    return all;
}

/// Flags in the form "-h, --help".
std::string flags(const Row& row) {
    const auto comma = row.name.find(',');
    std::string text = comma == std::string_view::npos
                           ? std::string{}
                           : "-" + std::string{row.name.substr(comma + 1)} + ", ";
    text += "--" + long_name(row);
    if (!row.placeholder.empty())
        text.append(" ").append(row.placeholder);
    return text;
}

/// What the words mean, given the options.
Expected<void> settle(Options& options, std::vector<std::string> words) {
    const bool has_method = !words.empty();
    if (has_method) {
        options.method = words.front();
        options.words.assign(words.begin() + 1, words.end());
    }
    // Before or behind the method: both ask about that function.
    if (options.action == Action::help && has_method)
        options.action = Action::help_method;
    // No function of the server, but the stream GET /events.
    if (options.action == Action::call && options.method == "events")
        options.action = Action::events;
    const bool is_call = options.action == Action::call;
    if (is_call && options.method.empty())
        return fail(fault::usage, "which function? See --list and --help");
    if (!is_utf8(options.method))
        return fail(fault::usage, "no function has a name that is not UTF-8; see --list");
    // They would be left out silently.
    if (!is_call && !options.words.empty())
        return fail(fault::usage, "more words than that takes; see --help");
    if (!options.since.empty() && options.action != Action::events)
        return fail(fault::usage, "--since goes with events only");
    if (options.only_return && !options.only_out.empty())
        return fail(fault::usage, "--return and --out exclude each other");
    return {};
}

} // namespace

Expected<Options> parse_options(const std::vector<std::string>& arguments) {
    Options options;
    po::variables_map given;
    try {
        const auto known = description();
        po::positional_options_description words;
        words.add("words", -1);
        po::store(po::command_line_parser(arguments).options(known).positional(words).run(), given);
    } catch (const po::error_with_option_name& e) {
        return fail(
            fault::usage,
            "option " + without_value(e.get_option_name()) +
                " is unknown, ambiguous, repeated or lacks its value; see --help"
        );
    } catch (const po::error&) {
        // What the library says repeats the words of the command line, which may be secrets.
        return fail(fault::usage, "the options cannot be understood; see --help");
    }
    for (const Row& row : rows) {
        // In the table's order, whatever the order on the command line.
        const auto& value = given[long_name(row)];
        if (value.empty())
            continue;
        // Options without a value get an empty text.
        const auto problem =
            row.apply(options, row.placeholder.empty() ? std::string{} : value.as<std::string>());
        if (!problem.empty())
            return fail(fault::usage, "--" + long_name(row) + " " + problem);
    }
    std::vector<std::string> words;
    if (const auto& value = given["words"]; !value.empty())
        words = value.as<std::vector<std::string>>();
    if (auto settled = settle(options, std::move(words)); !settled)
        return fail(settled);
    return options;
}

std::string without_value(const std::string& word) {
    const auto name = word.substr(0, word.starts_with("--") ? word.find('=') : 2);
    // What is no name may be anything, and this goes to a terminal.
    constexpr std::string_view in_names =
        "-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    return name.find_first_not_of(in_names) == std::string::npos ? name : "(not shown)";
}

std::string help_text() {
    std::string text{usage};
    std::string_view group;
    for (const Row& row : rows) {
        if (row.group.empty())
            continue;
        if (row.group != group)
            text.append("\n").append(group = row.group).append(":\n");
        auto left = "  " + flags(row);
        // The text begins in one column, unless the flags are too long for that.
        left.resize(std::max<std::size_t>(left.size() + 2, 22), ' ');
        text.append(left).append(row.doc).append("\n");
    }
    return text.append(exit_codes);
}

std::string help_markdown() {
    std::string text = "| option | effect |\n| --- | --- |\n";
    for (const Row& row : rows)
        if (!row.group.empty())
            text.append("| `" + flags(row) + "` | ").append(row.doc).append(" |\n");
    return text;
}

} // namespace pep::client
