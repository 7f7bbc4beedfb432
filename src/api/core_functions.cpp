// Trustwords, languages, and what a client configures.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/examples/settings.hpp"
#include "api/types/identity.hpp"
#include "api/types/status.hpp"
#include "pEp/message_api.h"

namespace pep::api {

namespace {

using namespace rpc;

// The session takes its settings from the client's, so that all its connections agree.

// Those without Session need no engine: the next call that has one applies what was set.

void configure_passive_mode(Context* context, bool enable) {
    context->change_settings([&](ClientSettings& settings) { settings.passive_mode = enable; });
}

void configure_unencrypted_subject(Context* context, bool enable) {
    context->change_settings([&](ClientSettings& settings) {
        settings.unencrypted_subject = enable;
    });
}

void configure_autocrypt_header(Context* context, bool enable) {
    context->change_settings([&](ClientSettings& settings) { settings.autocrypt_header = enable; });
}

/// There is no such log; that is no reason to refuse the call.
void configure_service_log(bool /*enable*/) {}

/// The engine is asked first: what it refuses must not become the setting of later connections.
PEP_STATUS configure_cipher_suite(PEP_SESSION session, Context* context, PEP_CIPHER_SUITE suite) {
    const auto status = config_cipher_suite(session, suite);
    if (status == PEP_STATUS_OK)
        context->change_settings([&](ClientSettings& settings) { settings.cipher_suite = suite; });
    return status;
}

/// Kept for the client only: the session knows a passphrase just while a call is tried with it.
PEP_STATUS configure_passphrase(Context* context, const Secret& passphrase) {
    context->own_passphrases()->add(passphrase);
    return PEP_STATUS_OK;
}

/// Two things in one, as in the original: it protects keys made from now on, and is a candidate
/// for locked ones, which the new keys soon are.
PEP_STATUS
configure_new_keys_passphrase(Context* context, bool enable, const Secret& passphrase) {
    context->change_settings([&](ClientSettings& settings) {
        settings.new_keys_protected = enable;
        settings.new_keys_passphrase = passphrase;
    });
    context->own_passphrases()->set_for_new_keys(enable ? passphrase : Secret{});
    return PEP_STATUS_OK;
}

/// The original's clients get null where others get the status.
template <auto F>
struct Silent;

template <class... A, PEP_STATUS (*F)(A...)>
struct Silent<F> {
    static void call(A... arguments) { (void)F(arguments...); }
};

constexpr std::string_view cipher_suite_doc =
    "Algorithms of new keys. Status PEP_CANNOT_CONFIG if they are not supported: nothing changes. "
    "Holds for this client_id.";
constexpr std::string_view passphrase_doc =
    "Add a passphrase that is tried on locked keys. The server keeps the 20 last used ones of this "
    "client_id, each until it unlocked nothing for passphrase_time_ms.";
constexpr std::string_view new_keys_doc =
    "Protect new keys by a passphrase; it is tried on locked keys, too. Holds for this client_id.";
constexpr std::string_view enable_doc =
    "true: protect; without a passphrase new keys are refused with "
    "PEP_PASSPHRASE_FOR_NEW_KEYS_REQUIRED";

constexpr FunctionMap functions{
    "Engine",
    // Enigmail gives the language in upper case; marshal::Language takes either.
    function<&get_trustwords>(
        "get_trustwords",
        "Words two people compare to authenticate their keys: the same for both, in either order.",
        Session{},
        In{"id1", "one partner, with fingerprint"},
        In{"id2", "the other partner, with fingerprint"},
        In<marshal::Language>{"lang", "language of the words, see get_languagelist"},
        Out{"words", "the words, separated by blanks"},
        OutLength{},
        In{"full", "all words instead of the short form"}
    )
        .with(retry_passphrases)
        .example(examples::get_trustwords),
    // null with success if no dictionary is installed.
    function<&get_languagelist>(
        "get_languagelist",
        "The languages of trustwords as CSV: code, name, and a sentence that offers them.",
        Session{},
        Out{"languages", "one line a language, fields in double quotes"}
    )
        .with(retry_passphrases)
        .example(examples::get_languagelist),
    function<&is_pEp_user>(
        "is_pEp_user",
        "Does this partner use p≡p?",
        Session{},
        In{"identity", "partner, with user_id"},
        Out{"is_pEp", "true for a p≡p user"}
    )
        .alias("is_pep_user")
        .with(retry_passphrases)
        .example(examples::is_pEp_user),
    // These return void in the engine, too: null in both dialects.
    function<&configure_passive_mode>(
        "config_passive_mode",
        "Passive mode: do not attach the own key to mail in the clear unless a recipient uses p≡p. "
        "Holds for "
        "this client_id.",
        Self{},
        In{"enable", "true: passive"}
    )
        .example(examples::config_passive_mode),
    function<&configure_unencrypted_subject>(
        "config_unencrypted_subject",
        "Leave the subject readable in message format 1.0. Holds for this client_id.",
        Self{},
        In{"enable", "true: readable"}
    )
        .example(examples::config_unencrypted_subject),
    function<&configure_autocrypt_header>(
        "config_autocrypt_header",
        "Announce the own key in a header field Autocrypt (Level 1) of mail that goes out, for "
        "recipients whose programs are no p≡p ones. Off by default. Holds for this client_id. A "
        "function of this server only.",
        Self{},
        In{"enable", "true: announce"}
    )
        .example(examples::config_autocrypt_header),
    function<&configure_service_log>(
        "config_service_log",
        "Accepted without effect: this engine keeps no log of services.",
        In{"enable", "true: log"}
    )
        .cheap()
        .deprecated()
        .example(examples::config_service_log),
    // From here on each comes twice: new clients get the status, old ones null.
    function<&configure_cipher_suite>(
        "config_cipher_suite", cipher_suite_doc, Session{}, Self{}, In{"suite", "the algorithms"}
    )
        .modern_only()
        .example(examples::config_cipher_suite),
    function<&Silent<&configure_cipher_suite>::call>(
        "config_cipher_suite", cipher_suite_doc, Session{}, Self{}, In{"suite", "the algorithms"}
    )
        .legacy_only(),
    function<&configure_passphrase>(
        "config_passphrase",
        passphrase_doc,
        Self{},
        In<PassphraseText>{"passphrase", "at most 1000 bytes; an empty one adds nothing"}
    )
        .modern_only()
        .example(examples::config_passphrase),
    function<&Silent<&configure_passphrase>::call>(
        "config_passphrase",
        passphrase_doc,
        Self{},
        In<PassphraseText>{"passphrase", "at most 1000 bytes; an empty one adds nothing"}
    )
        .legacy_only(),
    function<&configure_new_keys_passphrase>(
        "config_passphrase_for_new_keys",
        new_keys_doc,
        Self{},
        In{"enable", enable_doc},
        In<PassphraseText>{"passphrase", "at most 1000 bytes"}
    )
        .modern_only()
        .example(examples::config_passphrase_for_new_keys),
    function<&Silent<&configure_new_keys_passphrase>::call>(
        "config_passphrase_for_new_keys",
        new_keys_doc,
        Self{},
        In{"enable", enable_doc},
        In<PassphraseText>{"passphrase", "at most 1000 bytes"}
    )
        .legacy_only(),
};

} // namespace

MapView core_functions() { return functions; }

} // namespace pep::api
