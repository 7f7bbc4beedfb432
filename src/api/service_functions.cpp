// The server itself: versions, liveness, status, the end.
#include "api/api.hpp"
#include "api/context.hpp"
#include "marshal/cpp_types.hpp"
#include "marshal/fields.hpp"
#include "pEp/pEpEngine.h"

#include <string>

namespace pep::api {

/// What serverVersion tells.
struct ServerVersion {
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

} // namespace pep::marshal

namespace pep::api {

namespace {

using namespace rpc;

ServerVersion server_version() { return {}; }

std::string version() {
    const ServerVersion v;
    return v.api_version + " \"" + v.name + "\" package_version=\"" + v.package + "\"";
}

std::string ping() { return "pong"; }

json status(Context* context) { return context->service().status(); }

void shut_down(Context* context) { context->service().shutdown(); }

constexpr FunctionMap functions{
    "Server",
    function<&server_version>(
        "serverVersion", "Versions of interface, package, engine and protocol."
    )
        .alias("fullVersion")
        .cheap(),
    function<&version>("version", "Version and nickname of the server as text.").cheap(),
    function<&ping>("ping", "Answers \"pong\": is the server alive, is the token right?").cheap(),
    function<&status>("status", "Counters, limits and dictionaries of the server.", Self{}),
    function<&shut_down>(
        "shutdown", "End the server. This call is answered; later ones are refused.", Self{}
    ),
};

} // namespace

MapView service_functions() { return functions; }

} // namespace pep::api
