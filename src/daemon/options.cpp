// Boost.ProgramOptions does the parsing; the table below is all there is to say about an option.
#include "daemon/options.hpp"

#include "client/home.hpp"
#include "client/options.hpp"
#include "daemon/limits_table.hpp"
#include "http/socket_address.hpp"

#include <boost/program_options.hpp>

#include <array>
#include <charconv>
#include <filesystem>
#include <functional>
#include <span>

namespace pep::daemon {

namespace po = boost::program_options;

namespace {

enum class Argument { none, optional_bool, one, many };

/// Sets what the option means; a non-empty string is what is wrong with the value.
using Apply = std::string (*)(Options&, const std::string&);

struct Row {
    std::string_view group;
    std::string_view name; ///< "long,s" as Boost.ProgramOptions wants it
    Argument argument;
    std::string_view placeholder;
    std::string_view doc;
    Apply apply; ///< null: accepted for old start scripts, without effect
};

/// The range of ports is that of the type; nothing may stand behind the digits.
std::string set_port(std::uint16_t& port, const std::string& text) {
    const auto* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, port);
    return problem == std::errc{} && stop == end ? "" : "wants a port number from 0 to 65535";
}

/// RFC 6454 6.2, as far as it can be a web page or an extension: `null` would be every sandbox.
bool is_origin(std::string_view text) {
    static const std::string alphanumeric =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::string_view separator = "://";
    const auto end_of_scheme = text.find(separator);
    if (end_of_scheme == std::string_view::npos || end_of_scheme == 0 ||
        text.find_first_not_of(alphanumeric + "+-.") != end_of_scheme)
        return false;
    auto host = text.substr(end_of_scheme + separator.size());
    const auto colon = host.rfind(':');
    if (colon != std::string_view::npos && host.back() != ']') {
        std::uint16_t port = 0;
        if (!set_port(port, std::string{host.substr(colon + 1)}).empty())
            return false;
        host = host.substr(0, colon);
    }
    return !host.empty() &&
           host.find_first_not_of(alphanumeric + "-._[]:") == std::string_view::npos;
}

/// Looked at now, so that a typing error is told to the user and not met by a client.
std::string set_folder(std::string& folder, const std::string& text) {
    folder = text;
    std::error_code problem;
    return std::filesystem::is_directory(text, problem) ? "" : "wants a folder that is there";
}

/// The words that Boost.ProgramOptions takes for a bool.
std::string set_bool(bool& flag, const std::string& text) {
    constexpr std::array yes{"1", "true", "yes", "on"};
    constexpr std::array no{"0", "false", "no", "off"};
    const bool is_yes = std::ranges::find(yes, text) != yes.end();
    if (!is_yes && std::ranges::find(no, text) == no.end())
        return "wants a boolean: 1, true, yes, on, 0, false, no or off";
    flag = is_yes;
    return "";
}

std::string set_seconds(unsigned& seconds, const std::string& text) {
    const auto* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, seconds);
    return problem == std::errc{} && stop == end ? "" : "wants a number of seconds";
}

constexpr std::string_view general = "General", network = "Network", data = "Data and files",
                           logging = "Logging", compatibility = "Accepted without effect",
                           hidden = "";

constexpr std::array rows{
    Row{general,
        "help,h",
        Argument::none,
        "",
        "print this text and exit",
        [](Options& o, const std::string&) {
            o.action = Action::help;
            return std::string{};
        }},
    Row{general,
        "version,v",
        Argument::none,
        "",
        "print the versions and exit",
        [](Options& o, const std::string&) {
            o.action = Action::version;
            return std::string{};
        }},
    Row{general,
        "debug,d",
        Argument::optional_bool,
        "[BOOL]",
        "stay in the foreground and log to standard error; Ctrl-C ends the server",
        [](Options& o, const std::string& v) { return set_bool(o.foreground, v); }},
    Row{general,
        "foreground,D",
        Argument::none,
        "",
        "the same as -d",
        [](Options& o, const std::string&) {
            o.foreground = true;
            return std::string{};
        }},
    Row{general,
        "open",
        Argument::none,
        "",
        "open the test page in the browser, after a start where none is running",
        [](Options& o, const std::string&) {
            o.open_page = true;
            return std::string{};
        }},
    Row{general,
        "replace",
        Argument::none,
        "",
        "where a server is running, end it and take over, e.g. after an upgrade",
        [](Options& o, const std::string&) {
            o.replace = true;
            return std::string{};
        }},
    Row{general,
        "idle-exit",
        Argument::one,
        "SECONDS",
        "end when nobody needed the server for so long (default 0: never)",
        [](Options& o, const std::string& v) { return set_seconds(o.idle_exit_s, v); }},
    Row{general,
        "check-replies",
        Argument::none,
        "",
        "check every reply against its published schema (slow; for developers)",
        [](Options& o, const std::string&) {
            o.check_replies = true;
            return std::string{};
        }},
    Row{network,
        "address,a",
        Argument::one,
        "ADDRESS",
        "loopback address to listen on: numeric, or localhost (default 127.0.0.1)",
        [](Options& o, const std::string& v) {
            o.address = v;
            const auto place = http::loopback_address(v, 0);
            return place
                       ? std::string{}
                       : "wants a loopback address: 127.0.0.1, another one of 127.0.0.0/8, or ::1";
        }},
    Row{network,
        "start-port,s",
        Argument::one,
        "PORT",
        "first port to try (default 0: the system chooses a free one)",
        [](Options& o, const std::string& v) { return set_port(o.start_port, v); }},
    Row{network,
        "end-port,e",
        Argument::one,
        "PORT",
        "last port to try, with --start-port (default: that one)",
        [](Options& o, const std::string& v) { return set_port(o.end_port, v); }},
    Row{network,
        "allow-origin",
        Argument::many,
        "ORIGIN",
        "let in browser requests of this origin, e.g. of an extension; may be repeated",
        [](Options& o, const std::string& v) {
            o.allow_origins.push_back(v);
            return is_origin(v) ? std::string{}
                                : "wants SCHEME://HOST or SCHEME://HOST:PORT as browsers send it, "
                                  "nothing behind";
        }},
    Row{network,
        "limit",
        Argument::many,
        "NAME=NUMBER",
        "change a limit (`status` lists names and values); may be repeated",
        [](Options& o, const std::string& v) {
            auto set = set_limit(o.limits, v);
            return set ? std::string{} : set.error().message;
        }},
    Row{network,
        "client-timeout",
        Argument::one,
        "SECONDS",
        "forget the configuration of a client_id that made no call for so long (default 420)",
        [](Options& o, const std::string& v) { return set_seconds(o.client_timeout_s, v); }},
    Row{data,
        "home",
        Argument::one,
        "DIRECTORY",
        "where keys, identities and token file live (default $PEPHOME, else $HOME/.pEp)",
        [](Options& o, const std::string& v) {
            o.home = v;
            return std::string{v.empty() ? "wants a directory" : ""};
        }},
    Row{data,
        "html-directory,H",
        Argument::one,
        "DIRECTORY",
        "files of the test page",
        [](Options& o, const std::string& v) { return set_folder(o.html_directory, v); }},
    Row{data,
        "no-html",
        Argument::none,
        "",
        "no test page, API only",
        [](Options& o, const std::string&) {
            o.no_html = true;
            return std::string{};
        }},
    Row{data,
        "trustwords",
        Argument::one,
        "DIRECTORY",
        "trustword dictionaries, `<lang>.txt` or `<lang>.csv` (default HOME/trustwords, else ours)",
        [](Options& o, const std::string& v) { return set_folder(o.trustwords, v); }},
    Row{data,
        "xor-trustwords",
        Argument::none,
        "",
        "give XOR trustwords for partners older than p≡p 3.3 instead of refusing",
        [](Options& o, const std::string&) {
            o.xor_trustwords = true;
            return std::string{};
        }},
    Row{logging,
        "logfile,l",
        Argument::one,
        "FILE",
        "append the log to this file; `stderr` is the console (default: none, with -d `stderr`)",
        [](Options& o, const std::string& v) {
            o.log_file = v;
            return std::string{};
        }},
    Row{logging,
        "log-level",
        Argument::one,
        "LEVEL",
        "error, warn, info, debug or trace (default info)",
        [](Options& o, const std::string& v) {
            auto level = log::level_by_name(v);
            if (level)
                o.log_level = *level;
            return level ? std::string{} : level.error().message;
        }},
    Row{compatibility, "sync", Argument::one, "BOOL", "for old start scripts", nullptr},
    Row{compatibility,
        "ignore-missing-session",
        Argument::none,
        "",
        "for old start scripts",
        nullptr},
    Row{compatibility, "add-sharks", Argument::none, "", "for old start scripts", nullptr},
    Row{hidden,
        "dumpable",
        Argument::none,
        "",
        "allow debuggers and core dumps; only with -d",
        [](Options& o, const std::string&) {
            o.dumpable = true;
            return std::string{};
        }},
    Row{hidden,
        "help-markdown",
        Argument::none,
        "",
        "the options as a Markdown table",
        [](Options& o, const std::string&) {
            o.action = Action::help_markdown;
            return std::string{};
        }},
    Row{hidden,
        "limits-markdown",
        Argument::none,
        "",
        "the limits as a Markdown table",
        [](Options& o, const std::string&) {
            o.action = Action::limits_markdown;
            return std::string{};
        }},
};

std::string long_name(const Row& row) {
    return std::string{row.name.substr(0, row.name.find(','))};
}

po::options_description description() {
    po::options_description all;
    for (const Row& row : rows) {
        const std::string name{row.name};
        const std::string doc{row.doc};
        if (row.argument == Argument::none)
            all.add_options()(name.c_str(), doc.c_str());
        else if (row.argument == Argument::optional_bool)
            all.add_options(
            )(name.c_str(), po::value<std::string>()->implicit_value("true"), doc.c_str());
        else if (row.argument == Argument::one)
            all.add_options()(name.c_str(), po::value<std::string>(), doc.c_str());
        else
            all.add_options(
            )(name.c_str(), po::value<std::vector<std::string>>()->composing(), doc.c_str());
    }
    return all;
}

/// Old tools write `-d 1`; Boost.ProgramOptions takes an optional argument only when it is joined.
std::vector<std::string> join_debug_argument(const std::vector<std::string>& arguments) {
    std::vector<std::string> joined;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        bool ignored = false;
        const bool is_debug = arguments[i] == "-d" || arguments[i] == "--debug";
        if (is_debug && i + 1 < arguments.size() && set_bool(ignored, arguments[i + 1]).empty()) {
            joined.push_back("--debug=" + arguments[i + 1]);
            ++i;
        } else {
            joined.push_back(arguments[i]);
        }
    }
    return joined;
}

Expected<void> apply(const Row& row, Options& options, const std::string& value) {
    if (row.apply == nullptr)
        return {};
    if (auto problem = row.apply(options, value); !problem.empty())
        return fail(0, problem.starts_with("--") ? problem : "--" + long_name(row) + " " + problem);
    return {};
}

/// Flags in the form "-d, --debug [BOOL]".
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

} // namespace

Expected<Options> parse_options(const std::vector<std::string>& arguments) {
    Options options;
    po::variables_map given;
    try {
        const auto known = description();
        auto parsed = po::command_line_parser(join_debug_argument(arguments))
                          .options(known)
                          .positional(po::positional_options_description{})
                          .run();
        po::store(parsed, given);
    } catch (const po::too_many_positional_options_error&) {
        return fail(0, "arguments without an option are not understood; see --help");
    } catch (const po::error_with_option_name& e) {
        return fail(
            0,
            "option " + client::without_value(e.get_option_name()) +
                " is unknown, ambiguous, repeated or lacks its value; see --help"
        );
    } catch (const po::error&) {
        // What the library says repeats the words of the command line, which may be secrets.
        return fail(0, "the options cannot be understood; see --help");
    }
    for (const Row& row : rows) {
        const auto& value = given[long_name(row)];
        if (value.empty())
            continue;
        std::vector<std::string> values{std::string{}};
        if (row.argument == Argument::many)
            values = value.as<std::vector<std::string>>();
        else if (row.argument != Argument::none)
            values = {value.as<std::string>()};
        for (const auto& each : values)
            if (auto done = apply(row, options, each); !done)
                return fail(0, done.error().message);
    }
    // Without --end-port there is one port to try.
    if (options.end_port < options.start_port) {
        if (given.count("end-port") != 0)
            return fail(0, "--end-port is below --start-port");
        options.end_port = options.start_port;
    }
    if (options.dumpable && !options.foreground)
        return fail(0, "--dumpable works only with -d");
    if (options.open_page && (options.foreground || options.no_html))
        return fail(
            0, "--open works neither with -d (give it to a second command) nor with --no-html"
        );
    if (options.foreground && options.log_file.empty())
        options.log_file = "stderr";
    return options;
}

std::string help_text() {
    std::string text = "pep-json-server: one door to e-mail encryption for a user's programs\n"
                       "usage: pep-json-server [OPTION…]\n";
    std::string_view group;
    for (const Row& row : rows) {
        if (row.group.empty())
            continue;
        if (row.group != group)
            text.append("\n").append(group = row.group).append(":\n");
        auto left = "  " + flags(row);
        left.resize(std::max<std::size_t>(left.size() + 2, 34), ' ');
        text.append(left).append(row.doc).append("\n");
    }
    return text;
}

std::string help_markdown() {
    std::string text = "| option | effect |\n| --- | --- |\n";
    for (const Row& row : rows)
        if (!row.group.empty())
            text.append("| `" + flags(row) + "` | ").append(row.doc).append(" |\n");
    return text;
}

Expected<std::filesystem::path> home_directory(const Options& options) {
    return client::home_directory(options.home);
}

} // namespace pep::daemon
