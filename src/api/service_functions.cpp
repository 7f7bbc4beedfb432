// The server itself: versions, liveness, status, the end.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/examples/server.hpp"
#include "api/types/server_status.hpp"
#include "marshal/cpp_types.hpp"
#include "marshal/fields.hpp"
#include "pEp/pEpEngine.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pep::api {

/// What recent_log tells.
struct RecentLog {
    std::uint64_t next = 0;
    std::vector<std::string> lines;
    std::uint64_t lost = 0;
};

/// What serverVersion tells.
struct ServerVersion {
    // `major` and `minor` are macros of some C libraries.
    int major_number = api_major;
    int minor_number = api_minor;
    int patch = api_patch;
    std::string api_version = api_version_text();
    std::string name{api_nickname};
    std::string package{package_version};
    std::string engine_version = get_engine_version();
    std::string protocol_version = get_protocol_version();
};

} // namespace pep::api

namespace pep::marshal {

template <>
struct Fields<api::ServerVersion> {
    using V = api::ServerVersion;
    static constexpr std::string_view name = "ServerVersion",
                                      doc = "Versions of the interface and what is behind it.";
    static constexpr std::tuple list{
        field(&V::major_number, "major", "version of the JSON interface, first part"),
        field(&V::minor_number, "minor", "second part"),
        field(&V::patch, "patch", "third part"),
        field(&V::api_version, "api_version", "the three parts as text"),
        field(&V::name, "name", "nickname of the server"),
        field(&V::package, "package_version", "version of the package"),
        field(&V::engine_version, "engine_version", "version of the engine"),
        field(
            &V::protocol_version, "pep_protocol_version", "p≡p protocol version written into mails"
        ),
    };
};

template <>
struct Fields<api::RecentLog> {
    using V = api::RecentLog;
    static constexpr std::string_view name = "RecentLog", doc = "Lines of the log.";
    static constexpr std::tuple list{
        field(&V::next, "next", "number of the last line: give it to see what comes after"),
        field(&V::lines, "lines", "time, level, text and fields of each"),
        field(&V::lost, "lost", "lines that were asked for and are kept no more"),
    };
};

} // namespace pep::marshal

namespace pep::api {

namespace {

using namespace rpc;

ServerVersion server_version() { return {}; }

/// In the form of the original: number, nickname in quotes, package_version.
std::string version() {
    const ServerVersion v;
    return v.api_version + " \"" + v.name + "\" package_version=\"" + v.package + "\"";
}

/// Needs no engine: it answers even if that cannot start.
std::string ping() { return "pong"; }

ServerStatus status(Context* context) { return {context->service().status()}; }

Expected<std::string> create_page_file(Context* context) {
    return context->service().create_page_file();
}

RecentLog recent_log(Context* context, std::optional<std::uint64_t> after) {
    auto recent = context->service().recent_log(after.value_or(0));
    return {recent.next, std::move(recent.lines), recent.lost};
}

void shut_down(Context* context) { context->service().shutdown(); }

constexpr FunctionMap functions{
    "Server",
    // Enigmail calls it first.
    function<&server_version>(
        "serverVersion", "Versions of interface, package, engine and protocol."
    )
        .alias("fullVersion")
        .cheap()
        .example(examples::serverVersion),
    function<&version>("version", "Version and nickname of the server as text.")
        .cheap()
        .example(examples::version),
    function<&ping>("ping", "Answers \"pong\": is the server alive, is the token right?")
        .cheap()
        .example(examples::ping),
    // Not cheap: for the dictionaries it may have to start the engine.
    function<&status>("status", "Counters, limits and dictionaries of the server.", Self{})
        .example(examples::status),
    function<&create_page_file>(
        "create_page_file",
        "A file only the user can read, which leads a browser to the test page with the right to "
        "call. It is good once and for a minute. `pep-json-server --open` uses it.",
        Self{}
    )
        .modern_only()
        .example(examples::create_page_file),
    function<&recent_log>(
        "recent_log",
        "The last lines of the log, up to 1 000, at the level of --log-level.",
        Self{},
        In{"after", "only lines behind this number; null or 0: all that are kept", nullable}
    )
        .cheap()
        .modern_only()
        .example(examples::recent_log),
    function<&shut_down>(
        "shutdown", "End the server. This call is answered; later ones are refused.", Self{}
    )
        .example(examples::shutdown),
};

} // namespace

MapView service_functions() { return functions; }

} // namespace pep::api
