// Everything that can be wrong with the words is found before a server is started, and standard
// input is read before it is asked, so that a slow typist keeps no connection.
#include "client/program.hpp"

#include "base/descriptor.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "client/arguments.hpp"
#include "client/client.hpp"
#include "client/fault.hpp"
#include "client/help.hpp"
#include "client/home.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <system_error>

namespace pep::client {

namespace {

constexpr std::size_t most_input = std::size_t{64} << 20U;
constexpr std::size_t piece_bytes = std::size_t{64} << 10U;
constexpr int exit_other_status = 1;
constexpr int event_levels = 80; // a message has far fewer

/// One run. What came from files and standard input is wiped with it.
class Program {
  public:
    Program(const Options& options, const Surroundings& world) : options_(options), world_(world) {}

    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    ~Program() {
        for (auto& [name, content] : inputs_)
            wipe(content.data(), content.size());
        wipe_texts(params_);
    }

    int run() {
        if (auto checked = check_words(); !checked)
            return complain(checked.error());
        // May start a server: what is wrong with the words was told before.
        auto client = connect();
        if (!client)
            return complain(client.error());
        switch (options_.action) {
        case Action::list:
            return list(*client);
        case Action::help_method:
            return explain(*client);
        case Action::events:
            return events(*client);
        default:
            return call(*client);
        }
    }

  private:
    /// For the user; the codes of this layer are exit codes.
    int complain(const Error& error) const {
        auto line = error.message;
        if (!error.where.empty())
            line += " (" + error.where + ")";
        // A message may hold a path or words of the server.
        world_.complain(printed_safely(line));
        return error.code;
    }

    int print(std::string_view text, int exit_code) const {
        return world_.write(text) ? exit_code : fault::refused;
    }

    /// All parameters in one word. The word of a single one begins with its name.
    static bool is_document(const std::string& word) {
        return word == "-" || word.starts_with('{') || word.starts_with('[');
    }

    /// Syntax, files and standard input.
    Expected<void> check_words() {
        if (options_.words.size() == 1 && is_document(options_.words.front()))
            return take_document(options_.words.front());
        auto arguments = parse_arguments(options_.words);
        if (!arguments)
            return fail(arguments);
        arguments_ = std::move(*arguments);
        for (const auto& each : arguments_) {
            if (each.kind != Argument::Kind::file && each.kind != Argument::Kind::json_file)
                continue;
            // A file may be used for several parameters, and is read once.
            if (inputs_.contains(each.value)) {
                if (each.value == "-")
                    return fail(fault::usage, "standard input can be read for one parameter only");
                continue;
            }
            auto content = world_.read(each.value);
            if (!content)
                return fail(fault::usage, each.name + ": " + content.error().message);
            inputs_[each.value] = std::move(*content);
        }
        return {};
    }

    /// All parameters as JSON, from the command line or standard input.
    Expected<void> take_document(const std::string& word) {
        auto text = word == "-" ? world_.read("-") : Expected<std::string>{word};
        if (!text)
            return fail(fault::usage, "standard input: " + text.error().message);
        auto params = parse_json(*text);
        wipe(text->data(), text->size());
        if (!params)
            // The reader's message tells the place and no text.
            return fail(fault::usage, "the parameters are " + params.error().message);
        // JSON-RPC 2.0, section 4.2.
        if (!params->is_structured())
            return fail(fault::usage, "the parameters must be a JSON object or array");
        params_ = std::move(*params);
        return {};
    }

    Expected<Client> connect() const {
        auto home = home_directory(options_.home);
        if (!home)
            return fail(home);
        ClientOptions wanted;
        wanted.home = *home;
        wanted.by_socket = options_.by_socket;
        wanted.may_start = options_.may_start;
        wanted.timeout = options_.timeout;
        wanted.client_id = options_.client_id;
        return Client::connect(std::move(wanted));
    }

    /// The functions as text; the exit code, as below.
    int list(Client& client) const {
        auto openrpc = client.openrpc();
        if (!openrpc)
            return complain(openrpc.error());
        return print(list_of_methods(Document{*openrpc}), 0);
    }

    int explain(Client& client) const {
        auto openrpc = client.openrpc();
        if (!openrpc)
            return complain(openrpc.error());
        const Document document{*openrpc};
        const auto* method = document.method(options_.method);
        if (method == nullptr)
            return unknown_method(document);
        return print(help_for_method(document, *method), 0);
    }

    /// With near names, as most unknown functions are typing errors.
    int unknown_method(const Document& document) const {
        return complain(
            {fault::usage,
             "no function " + options_.method + "." +
                 suggestion(options_.method, document.method_names()) + " See pep-rpc --list",
             {}}
        );
    }

    /// Until the server ends or nobody reads; so it succeeds only if the reader left.
    int events(Client& client) const {
        const auto take = [&](std::string_view id, std::string_view data) {
            auto event = parse_json(data, event_levels);
            // The id first: --since takes it, to go on behind this event.
            Json line{{"id", id}};
            if (event && event->is_object())
                line.update(*event);
            // One event on a line, for programs that read so; false ends the stream.
            return world_.write(printed(line, Style::compact) + "\n");
        };
        auto ended = client.events(options_.since, take);
        return ended ? 0 : complain(ended.error());
    }

    /// Words to parameters, by what the server says about the function.
    int params_from_words(Client& client) {
        auto openrpc = client.openrpc();
        if (!openrpc)
            return complain(openrpc.error());
        const Document document{*openrpc};
        const auto* method = document.method(options_.method);
        if (method == nullptr)
            return unknown_method(document);
        std::vector<std::string> warnings;
        // check_words() has read all of them, so a file cannot be missing here.
        const auto read = [&](const std::string& name) -> Expected<std::string> {
            return inputs_.at(name);
        };
        auto params = make_params(arguments_, *method, document, read, warnings);
        if (!params)
            return complain(params.error());
        // Told, not refused: whoever looks has seen it by now.
        for (const auto& each : warnings)
            world_.complain(each);
        params_ = std::move(*params);
        return 0;
    }

    /// The parameters are gone afterwards: what is sent is wiped.
    int call(Client& client) {
        // The schema is for words only: a document goes to the server as it is, and that judges it.
        if (!arguments_.empty())
            if (const int problem = params_from_words(client); problem != 0)
                return problem;
        auto answer = client.call(options_.method, std::move(params_));
        if (!answer)
            return complain(answer.error());
        if (const auto* error = member(*answer, "error"); error != nullptr && error->is_object())
            return show_error(client, *error);
        const auto* result = member(*answer, "result");
        return result == nullptr ? complain({fault::refused, "an answer without a result", {}})
                                 : show(*result);
    }

    /// An error of JSON-RPC: the call was not made, or failed in the server. The exit code says
    /// whose fault it is.
    int show_error(Client& client, const Json& error) const {
        constexpr int method_not_found = -32601;
        const auto* code = member(error, "code");
        // Only now the list of names is worth a request.
        if (code != nullptr && *code == method_not_found)
            if (auto openrpc = client.openrpc())
                return unknown_method(Document{*openrpc});
        return complain(
            {exit_code_of_error(error), options_.method + ": " + error_in_words(error), {}}
        );
    }

    /// The result, or the part that was asked for. A status that is not fine is in the exit code.
    int show(const Json& result) const {
        const int code = exit_code_of_result(result);
        if (!options_.only_return && options_.only_out.empty())
            return print(printed(result, options_.style) + "\n", code);
        const auto* returned = member(result, "return");
        const auto* shown = returned;
        if (!options_.only_out.empty()) {
            // The status would not be seen otherwise.
            if (code == exit_other_status)
                world_.complain(printed_safely(options_.method + ": " + text_of(*returned, "hex")));
            shown = member(result, "out");
            for (const auto step : split(options_.only_out, '.'))
                shown = shown == nullptr ? nullptr : member(*shown, step);
        }
        // Wrong usage, but the call was made: that has to be said.
        if (shown == nullptr)
            return complain(
                {fault::usage, options_.method + " was called, but its result has no such part", {}}
            );
        return print(printed_plain(*shown, options_.style, world_.is_terminal), code);
    }

    const Options& options_;
    const Surroundings& world_;
    std::vector<Argument> arguments_;
    std::map<std::string, std::string> inputs_; ///< contents of files, by name
    Json params_ = Json::object();
};

} // namespace

int run_program(const Options& options, const Surroundings& world) {
    return Program{options, world}.run();
}

Expected<std::string> read_input(const std::string& name) {
    const auto problem = [](int error) {
        return fail(fault::usage, "cannot be read: " + std::generic_category().message(error));
    };
    // None for standard input, which is not ours to close.
    Descriptor opened{name == "-" ? -1 : ::open(name.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!opened && name != "-")
        return problem(errno);
    const int source = opened ? opened.get() : STDIN_FILENO;
    std::string content;
    for (;;) {
        const auto size = content.size();
        // While reading: standard input does not tell its size before.
        if (size > most_input)
            return fail(fault::usage, "is larger than the 64 MiB a request may have");
        content.resize(size + piece_bytes);
        const auto got = ::read(source, content.data() + size, piece_bytes);
        // Before resize(), which may change it.
        const int error = errno;
        content.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0 && error != EINTR)
            return problem(error);
        if (got == 0)
            return content;
    }
}

} // namespace pep::client
