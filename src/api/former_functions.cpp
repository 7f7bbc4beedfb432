// What only clients of former servers call: kept where it can still be answered honestly.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/types/status.hpp"
#include "api/types/strings.hpp"
#include "base/base64.hpp"
#include "base/random.hpp"
#include "marshal/cpp_types.hpp"
#include "marshal/fields.hpp"
#include "pEp/blacklist.h"
#include "pEp/keymanagement.h"
#include "pEp/openpgp_compat.h"
#include "rpc/error.hpp"

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

/// Enigmail asks for it when it starts.
GpgEnvironment gpg_environment() {
    return {std::nullopt, environment("GNUPGHOME"), environment("GPG_AGENT_INFO")};
}

/// Success with null: there is an OpenPGP system, but no program.
PEP_STATUS gpg_path(const char** path) { return get_binary_path(PEP_crypt_OpenPGP, path); }

/// An error, as in the original when its engine has no program: the result is a text, not a status.
Expected<std::string> binary_path() {
    const char* path = nullptr;
    (void)get_binary_path(PEP_crypt_OpenPGP, &path);
    if (path == nullptr)
        return fail(0, "OpenPGP is done by a library, there is no program for it");
    return std::string{path};
}

std::string engine_version() { return get_engine_version(); }

/// The last number it had before serverVersion took its place.
int api_version() { return 3; }

/// A new engine session takes the place of the connection's. The handle is of use to releaseSession
/// only: no function takes one any more.
Expected<std::string> register_session(Context* context) {
    constexpr std::size_t handle_size = 11; // as there
    context->end_session();
    if (auto session = context->session(); !session)
        return fail(session);
    auto random = random_bytes(handle_size);
    if (!random)
        return fail(code::internal_error, "no random numbers");
    return context->notes.session_handle = base64url_encode(*random).substr(0, handle_size);
}

/// Refuses a handle of another connection. The next call that needs a session gets a new one.
Expected<void> release_session(Context* context, const std::string& handle) {
    auto& known = context->notes.session_handle;
    if (known.empty() || handle != known)
        return fail(code::invalid_params, "no session of that handle on this connection");
    known.clear();
    context->end_session();
    return {};
}

/// What would be kept are texts of users; the original kept them in its database.
PEP_STATUS log_event(
    const char* title, const char* entity, const char* /*description*/, const char* /*comment*/
) {
    return *title == '\0' || *entity == '\0' ? PEP_ILLEGAL_VALUE : PEP_STATUS_OK;
}

/// For the address in the key's primary user id, as keys belong to own identities. The engine does
/// not list the other user ids.
PEP_STATUS own_key_add(PEP_SESSION session, const char* fpr) {
    stringpair_list_t* found = nullptr;
    auto status = OpenPGP_list_keyinfo(session, fpr, &found);
    const marshal::Owned<stringpair_list_t> user_ids{found};
    if (status != PEP_STATUS_OK)
        return status;
    status = PEP_KEY_NOT_FOUND;
    for (const auto* each = user_ids.get(); each != nullptr; each = each->next) {
        if (each->value == nullptr || each->value->value == nullptr)
            continue;
        const std::string text = each->value->value;
        // "NAME <ADDRESS>", or the address alone
        const auto open = text.rfind('<');
        const bool has_name = open != std::string::npos && text.ends_with('>');
        const auto address = has_name ? text.substr(open + 1, text.size() - open - 2) : text;
        auto name = has_name ? text.substr(0, open) : std::string{};
        name.erase(name.find_last_not_of(' ') + 1);
        if (name.empty()) // an own identity has a name
            name = address;
        const marshal::Owned<pEp_identity> me{
            new_identity(address.c_str(), fpr, PEP_OWN_USERID, name.c_str())};
        if (me == nullptr)
            return PEP_OUT_OF_MEMORY;
        status = set_own_key(session, me.get(), fpr);
        if (status != PEP_STATUS_OK)
            return status;
    }
    return status;
}

Expected<void> register_listener(
    Context* context, const std::string& address, unsigned port, const std::string& secret
) {
    return context->service().listeners().add(address, port, secret);
}

Expected<void> unregister_listener(
    Context* context, const std::string& address, unsigned port, const std::string& secret
) {
    return context->service().listeners().remove(address, port, secret);
}

// No key server is asked, and devices are not synchronised: clients that want these go on without,
// but an error at their start would end them.

void switch_key_server_lookup() {}

void switch_key_sync() {}

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
    // Fingerprints only; own_identities_retrieve tells whose they are.
    function<&own_keys_retrieve>(
        "own_key_retrieve",
        "Own keys whose secret part is here.",
        Session{},
        Out{"keylist", "fingerprints"}
    )
        .legacy_only(),
    function<&own_key_add>(
        "own_key_add",
        "Use a key whose secret part is here for the addresses it names; set_own_key does one.",
        Session{},
        In{"fpr", "fingerprint"}
    )
        .with(retry_passphrases)
        .legacy_only(),
    function<&register_session>(
        "registerSession",
        "A fresh engine session for this connection, which has one anyway; its handle.",
        Self{}
    )
        .legacy_only(),
    function<&release_session>(
        "releaseSession", "Give up what registerSession made.", Self{}, In{"session", "its handle"}
    )
        .legacy_only(),
    function<&log_event>(
        "log_event",
        "Accepted, but not kept: the log holds no texts of users.",
        In{"title", "what happened"},
        In{"entity", "to what"},
        In{"description", "more about it", nullable},
        In{"comment", "more about it", nullable}
    )
        .cheap()
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
        "Have events sent to a program of the same user: POST / with a JSON-RPC request for each. "
        "New clients poll.",
        Self{},
        In{"address", "where the client listens: a loopback address"},
        In{"port", "its port"},
        In{"security_context", "what the requests shall bring as security_token"}
    )
        .cheap()
        .legacy_only(),
    function<&unregister_listener>(
        "unregisterEventListener",
        "The end of registerEventListener.",
        Self{},
        In{"address", "where the client listened"},
        In{"port", "its port"},
        In{"security_context", "its secret"}
    )
        .cheap()
        .legacy_only(),
    // The same for start and stop: there is nothing to switch.
    function<&switch_key_server_lookup>("startKeyserverLookup", lookup_doc).cheap().legacy_only(),
    function<&switch_key_server_lookup>("stopKeyserverLookup", lookup_doc).cheap().legacy_only(),
    function<&switch_key_sync>("startKeySync", sync_doc).cheap().legacy_only(),
    function<&switch_key_sync>("stopKeySync", sync_doc).cheap().legacy_only(),
    // Stored and obeyed for partners; own keys on the list are used all the same.
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
