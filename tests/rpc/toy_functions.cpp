// The toy functions: each shows one kind of parameter.
#include "rpc/toy_functions.hpp"

#include "support/toy.hpp"

#include <cstring>
#include <stdexcept>

namespace toy {

using session_handle = session*;

enum outcome { outcome_ok = 0, outcome_bad = -4, outcome_locked = 0xa00 };

} // namespace toy

namespace pep::rpc {

template <>
struct FromContext<toy::session_handle> {
    static Expected<toy::session_handle> get(CallContext& context) {
        auto& own = static_cast<toy::Context&>(context);
        ++own.sessions_asked;
        if (!own.engine_starts)
            return fail(code::internal_error, "engine does not start");
        return &own.engine;
    }
};

} // namespace pep::rpc

namespace pep::marshal {

template <>
struct Values<toy::outcome> {
    static constexpr std::string_view name = "Outcome", doc = "How it went.";
    static constexpr std::string_view object_key = "status";
    static constexpr std::array list{
        value(toy::outcome_ok, "outcome_ok", "well"),
        value(toy::outcome_bad, "outcome_bad", "badly"),
        value(toy::outcome_locked, "outcome_locked", "a passphrase is wanted"),
    };
};

} // namespace pep::marshal

namespace toy {
namespace {

using namespace pep::rpc;
using namespace pep::marshal;
using pep::Expected;
using pep::json;

using Session = FromContext<session_handle>;

outcome greet(
    session_handle, const person* who, const char* lang, char** words, std::size_t* size, bool full
) {
    const std::string text = std::string("hi ") + (who && who->name ? who->name : "nobody") + " " +
                             lang + (full ? " full" : " short");
    *words = strdup(text.c_str());
    *size = text.size();
    return outcome_ok;
}

outcome
take_bytes(session_handle, const char* bytes, std::size_t size, strings** out, bool* unused) {
    if (unused || size == 0)
        return outcome_bad;
    *out = make<strings>();
    (*out)->value = strdup(std::string(size, bytes[size - 1]).c_str());
    return outcome_ok;
}

outcome complete(session_handle, person* who) {
    if (!who)
        return outcome_bad;
    who->me = true;
    who->age = 30;
    return outcome_ok;
}

outcome open_letter(
    session_handle, letter* src, letter** dst, strings** keys, mood* feels, unsigned* flags
) {
    *dst = make<letter>();
    (*dst)->subject = strdup(src && src->subject ? src->subject : "none");
    if (*keys && (*keys)->value)
        (*dst)->dir = 1; // shows that keys came in
    free_strings(*keys);
    *keys = make<strings>();
    (*keys)->value = strdup("K1");
    *feels = mood_glad;
    *flags |= 8U;
    return outcome_ok;
}

outcome unlock(session_handle s, const char* passphrase, char** out) {
    *out = strdup(passphrase); // made in every try, so that a forgotten one leaks
    return ++s->calls < 3 ? outcome_locked : outcome_ok;
}

/// Spoils all it gets and only then finds that it is locked.
outcome spoil(session_handle s, person* who, person* boss, strings** words, unsigned* marks) {
    if (who == nullptr || boss == nullptr) // null of an old client
        return outcome_bad;
    const bool fresh = who->name && !who->me && boss->name && !boss->me && *words &&
                       (*words)->value && std::strcmp((*words)->value, "given") == 0 && *marks == 1;
    who->me = boss->me = true;
    std::free(std::exchange(who->name, nullptr));
    std::free(std::exchange(boss->name, nullptr));
    free_strings(*words);
    *words = make<strings>();
    (*words)->value = strdup("made");
    *marks = 8;
    if (!fresh)
        return outcome_bad;
    return ++s->calls < 3 ? outcome_locked : outcome_ok;
}

Expected<outcome> unlock_or_fail(session_handle s) {
    return ++s->calls < 2 ? outcome_locked : outcome_ok;
}

outcome choose(session_handle, format how, mood feels, unsigned marks) {
    return how == format_packed && feels == mood_glad && marks == 3 ? outcome_ok : outcome_bad;
}

const char* broken_text() { return "\xC3("; }

int subtract(int minuend, int subtrahend) { return minuend - subtrahend; }

void update(int, int, int, int, int) {}

std::string version(CallContext& context) { return "1.0 for " + context.client_id(); }

about describe() { return {3, "toy", {}}; }

Expected<int> refuse_all(bool with_text) {
    return pep::fail(code::busy, with_text ? "come back later" : "");
}

int explode() { throw std::runtime_error("PLANTED-SECRET"); }

Later<json> wait_for(int seconds) {
    Later<json> later;
    later.start = [seconds](const Deferred::Done& done) { done(json{{"waited", seconds}}); };
    later.now = [] { return Expected<json>(json::array()); };
    return later;
}

constexpr Policy retry{
    "retry",
    "Tries again while locked.",
    +[](CallContext&, const Function&, Attempt& attempt) -> Expected<void> {
        while (attempt() == outcome_locked) {
        }
        return {};
    }};

/// As `retry`, but the context knows beforehand whether there will be a second try.
constexpr Policy retry_if_patient{
    "retry_if_patient",
    "Tries again while locked, if the client has patience.",
    +[](CallContext& context, const Function&, Attempt& attempt) -> Expected<void> {
        while (attempt() == outcome_locked && static_cast<Context&>(context).is_patient) {
        }
        return {};
    },
    +[](CallContext& context) { return static_cast<Context&>(context).is_patient; }};

constexpr Example greet_ann{
    "Greet Ann",
    R"({"who": {"name": "Ann", "age": 7}, "lang": "en"})",
    R"({"return": {"status": 0}, "out": {"words": "Hello Ann…"}})"};

constexpr FunctionMap call_map{
    "Calls",
    function<&greet>(
        "greet",
        "Say something nice. Twice, if need be.",
        Session{},
        In{"who", "to whom"},
        In<Language>{"lang", "in which language"},
        Out{"words", "what was said"},
        OutLength{},
        In{"full", "all of it", nullable}
    )
        .example(greet_ann),
    function<&take_bytes>(
        "take_bytes",
        "Count bytes.",
        Session{},
        In<Base64>{"bytes", "some"},
        InLength{},
        Out{"strings", "the last byte as often"},
        Hidden{}
    ),
    function<&complete>("complete", "Complete a person.", Session{}, InOut{"person", "somebody"})
        .alias("complet"),
    function<&open_letter>(
        "open_letter",
        "Open a letter.",
        Session{},
        InOut{"src", "closed"},
        Out{"dst", "open"},
        InOut{"keys", "used", nullable | lenient_in_legacy},
        Out{"feels", "mood of the letter"},
        InOut<Flags<mark>>{"flags", "what happened", lenient_in_legacy}
    ),
    function<&unlock>(
        "unlock",
        "Needs three tries.",
        Session{},
        In<SecretText>{"passphrase", "secret"},
        Out{"text", "the same"}
    )
        .with(retry),
    function<&spoil>(
        "spoil",
        "Change all arguments, needing several tries.",
        Session{},
        InOut{"who", "changed in place"},
        In{"boss", "only given, but C may change it"},
        InOut{"words", "replaced"},
        InOut<Flags<mark>>{"marks", "overwritten"}
    )
        .with(retry_if_patient),
    function<&unlock_or_fail>("unlock_or_fail", "A status or an error, in two tries.", Session{})
        .with(retry),
    function<&choose>(
        "choose",
        "Takes enumerations.",
        Session{},
        In{"how", "form"},
        In{"feels", "mood"},
        In<Flags<mark>>{"marks", "bits"}
    ),
    function<&broken_text>("broken_text", "Breaks its promise."),
};

constexpr FunctionMap service_map{
    "Service",
    function<&subtract>(
        "subtract", "The difference.", In{"minuend", "from this"}, In{"subtrahend", "that"}
    ),
    function<&update>(
        "update", "Nothing.", In{"a", "1"}, In{"b", "2"}, In{"c", "3"}, In{"d", "4"}, In{"e", "5"}
    ),
    function<&version>("version", "Which one.", pep::rpc::Context{}).cheap(),
    function<&describe>("describe", "What this is.").deprecated(),
    function<&refuse_all>("refuse_all", "Is busy.", In{"with_text", "say why"}),
    function<&explode>("explode", "Throws.").slow(),
    function<&wait_for>("wait_for", "Answers later.", In{"seconds", "how long"}),
    function<[](const json& any) { return any; }>("echo", "The same.", In{"any", "whatever"}),
    function<[](int a) { return a; }>("older", "One number.", In{"a", "it"}),
    function<[](int a, int b) { return a * b; }>(
        "older", "Two numbers.", In{"a", "x"}, In{"b", "y"}
    )
        .overload(),
    function<[] { return true; }>("only_modern", "New.").modern_only(),
    function<[] { return true; }>("only_legacy", "Old.").legacy_only(),
};

} // namespace

MapView calls() { return call_map; }

MapView service() { return service_map; }

Dispatcher::Options options() {
    Dispatcher::Options options;
    options.token_is_right = [](std::string_view offered) { return offered == token; };
    options.thread_label = [] { return std::string("A1B"); };
    options.info = {{"title", "Toys"}, {"version", "1.2.3"}};
    options.limits = {{"batch", 100}};
    options.check_replies = true;
    return options;
}

Dispatcher make_dispatcher() { return Dispatcher{{calls(), service()}, options()}; }

std::string modern(const std::string& body) {
    Context context;
    return make_dispatcher().handle_modern(body, /*header_authorized=*/true, context).body;
}

std::string legacy(const std::string& members) {
    Context context;
    return make_dispatcher()
        .handle_legacy(
            R"({"id":7,"jsonrpc":"2.0","security_token":"right-token",)" + members + "}", context
        )
        .body;
}

} // namespace toy
