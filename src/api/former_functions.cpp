// What only clients of former servers call: kept where it can still be answered honestly.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/types/status.hpp"
#include "api/types/strings.hpp"
#include "marshal/cpp_types.hpp"
#include "marshal/fields.hpp"
#include "pEp/blacklist.h"
#include "pEp/keymanagement.h"

#include <cstdlib>
#include <optional>
#include <string>

namespace pep::api {

/// What getGpgEnvironment tells.
struct GpgEnvironment {
    std::optional<std::string> gnupg_path; ///< no GnuPG is used
    std::optional<std::string> gnupg_home;
    std::optional<std::string> gpg_agent_info;
};

} // namespace pep::api

namespace pep::marshal {

template <>
struct Fields<api::GpgEnvironment> {
    using V = api::GpgEnvironment;
    static constexpr std::string_view name = "GpgEnvironment", doc = "What is known of GnuPG.";
    static constexpr std::tuple list{
        field(&V::gnupg_path, "gnupg_path", "null: this server does not use GnuPG", always),
        field(&V::gnupg_home, "gnupg_home", "the environment variable GNUPGHOME", always),
        field(
            &V::gpg_agent_info, "gpg_agent_info", "the environment variable GPG_AGENT_INFO", always
        ),
    };
};

} // namespace pep::marshal

namespace pep::api {

namespace {

using namespace rpc;

std::optional<std::string> environment(const char* name) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nobody sets it here
    return value != nullptr ? std::optional<std::string>{value} : std::nullopt;
}

GpgEnvironment gpg_environment() {
    return {std::nullopt, environment("GNUPGHOME"), environment("GPG_AGENT_INFO")};
}

PEP_STATUS gpg_path(const char** path) { return get_binary_path(PEP_crypt_OpenPGP, path); }

Expected<std::string> binary_path() {
    const char* path = nullptr;
    (void)get_binary_path(PEP_crypt_OpenPGP, &path);
    if (path == nullptr)
        return fail(0, "OpenPGP is done by a library, there is no program for it");
    return std::string{path};
}

std::string engine_version() { return get_engine_version(); }

int api_version() { return 3; }

// Events are polled for, no key server is asked, and devices are not synchronised: clients that
// want these go on without, but an error at their start would end them.

void register_listener(
    const std::string& /*address*/, unsigned /*port*/, const std::string& /*security_context*/
) {}

void switch_key_server_lookup() {}

void switch_key_sync() {}

constexpr std::string_view listener_doc =
    "Accepted without effect: events are polled for, pollForEvents.";
constexpr std::string_view lookup_doc = "Accepted without effect: no key server is asked.";
constexpr std::string_view sync_doc = "Accepted without effect: devices are not synchronised.";

constexpr FunctionMap functions{
    "Former functions",
    function<&trustwords>(
        "trustwords",
        "Words of one fingerprint. Two people compare those of get_trustwords.",
        Session{},
        In{"fingerprint", "hex digits"},
        In<marshal::Language>{"lang", "language of the words"},
        Out{"words", "the words, separated by blanks"},
        OutLength{},
        In{"max_words", "how many at most; 0: all"}
    )
        .legacy_only(),
    function<&get_phrase>(
        "get_phrase",
        "A sentence in a language; 1000 offers trustwords in it.",
        Session{},
        In<marshal::Language>{"lang", "language of the sentence"},
        In{"phrase_id", "number of the sentence"},
        Out{"phrase", "the sentence; null if there is none"}
    )
        .legacy_only(),
    function<&engine_version>("get_engine_version", "Version of the engine.").cheap().legacy_only(),
    function<&api_version>("apiVersion", "Number of the interface before serverVersion.")
        .alias("apiVversion")
        .cheap()
        .legacy_only(),
    function<&own_keys_retrieve>(
        "own_key_retrieve",
        "Own keys whose secret part is here.",
        Session{},
        Out{"keylist", "fingerprints"}
    )
        .legacy_only(),
    function<&gpg_environment>("getGpgEnvironment", "What is known of GnuPG, which is not used.")
        .cheap()
        .legacy_only(),
    function<&gpg_path>(
        "get_gpg_path", "Path of GnuPG, which is not used.", Out{"path", "always null"}
    )
        .cheap()
        .legacy_only(),
    function<&binary_path>("getBinaryPath", "Path of the OpenPGP program; an error, there is none.")
        .cheap()
        .legacy_only(),
    function<&register_listener>(
        "registerEventListener",
        listener_doc,
        In{"address", "where the client listens"},
        In{"port", "its port"},
        In{"security_context", "its secret"}
    )
        .cheap()
        .legacy_only(),
    function<&register_listener>(
        "unregisterEventListener",
        listener_doc,
        In{"address", "where the client listened"},
        In{"port", "its port"},
        In{"security_context", "its secret"}
    )
        .cheap()
        .legacy_only(),
    function<&switch_key_server_lookup>("startKeyserverLookup", lookup_doc).cheap().legacy_only(),
    function<&switch_key_server_lookup>("stopKeyserverLookup", lookup_doc).cheap().legacy_only(),
    function<&switch_key_sync>("startKeySync", sync_doc).cheap().legacy_only(),
    function<&switch_key_sync>("stopKeySync", sync_doc).cheap().legacy_only(),
    function<&blacklist_add>(
        "blacklist_add",
        "Put a key aside: it is not used for partners.",
        Session{},
        In{"fpr", "fingerprint"}
    )
        .legacy_only(),
    function<&blacklist_delete>(
        "blacklist_delete", "Take a key back into use.", Session{}, In{"fpr", "fingerprint"}
    )
        .legacy_only(),
    function<&blacklist_is_listed>(
        "blacklist_is_listed",
        "Is a key put aside?",
        Session{},
        In{"fpr", "fingerprint"},
        Out{"listed", "true if it is"}
    )
        .legacy_only(),
    function<&blacklist_retrieve>(
        "blacklist_retrieve", "All keys put aside.", Session{}, Out{"blacklist", "fingerprints"}
    )
        .legacy_only(),
};

} // namespace

MapView former_functions() { return functions; }

} // namespace pep::api
