// Trustwords, languages, and what a client configures.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/types/identity.hpp"
#include "api/types/status.hpp"
#include "pEp/message_api.h"

namespace pep::api {

namespace {

using namespace rpc;

/// The session takes its settings from the client's, so that further connections agree.
void configure_passive_mode(Context* context, bool enable) {
    context->change_settings([](ClientSettings& s, bool value) { s.passive_mode = value; }, enable);
}

void configure_unencrypted_subject(Context* context, bool enable) {
    context->change_settings(
        [](ClientSettings& s, bool value) { s.unencrypted_subject = value; }, enable
    );
}

constexpr FunctionMap functions{
    "Engine",
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
    ),
    function<&get_languagelist>(
        "get_languagelist",
        "The languages of trustwords as CSV: code, name, and a sentence that offers them.",
        Session{},
        Out{"languages", "one line a language, fields in double quotes"}
    ),
    function<&is_pEp_user>(
        "is_pEp_user",
        "Does this partner use p≡p?",
        Session{},
        In{"identity", "partner, with user_id"},
        Out{"is_pEp", "true for a p≡p user"}
    )
        .alias("is_pep_user"),
    function<&configure_passive_mode>(
        "config_passive_mode",
        "Passive mode: do not attach the own key to mail in the clear unless a recipient uses p≡p. "
        "Holds for "
        "this client_id.",
        Self{},
        In{"enable", "true: passive"}
    ),
    function<&configure_unencrypted_subject>(
        "config_unencrypted_subject",
        "Leave the subject readable in message format 1.0. Holds for this client_id.",
        Self{},
        In{"enable", "true: readable"}
    ),
};

} // namespace

MapView core_functions() { return functions; }

} // namespace pep::api
