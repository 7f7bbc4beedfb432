// Any JSON as a value of each marshalled type and as parameters of each function, without calling
// it. The first byte chooses the type or the function, the rest is the document. What decodes,
// encodes to something that fits the published schema and decodes to the same; what does not, is
// refused with a path that leads into the document.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/types/message.hpp"
#include "api/types/passphrase.hpp"
#include "fuzz/check.hpp"
#include "rpc/binding.hpp"
#include "rpc/json_reader.hpp"
#include "rpc/schema_check.hpp"
#include "support/toy.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

namespace {

using namespace pep::marshal;
using pep::json;
using pep::fuzz::check;

/// The refusal is one of marshalling, and its path leads from `root` to a value that is there, or
/// to a parameter that is missing.
void check_refusal(const pep::Error& error, const json& root) {
    check(error.code > 0 && !error.message.empty());
    const auto& path = error.where;
    if (is(error, Fault::missing))
        check(root.contains(json::json_pointer{path.substr(0, path.rfind('/'))}));
    else
        check(root.contains(json::json_pointer{path}));
}

/// Without what says nothing: an empty list is as good as none, and so is an attachment with
/// neither name nor contents.
json tidied(const json& value) {
    const json no_attachment{{"size", 0}};
    if (value.is_array()) {
        json list = json::array();
        for (const auto& item : value)
            if (item != no_attachment)
                list.push_back(tidied(item));
        return list;
    }
    if (!value.is_object())
        return value;
    json object = json::object();
    for (const auto& [name, member] : value.items())
        if (auto made = tidied(member); !made.is_array() || !made.empty())
            object.emplace(name, std::move(made));
    return object;
}

template <class T>
json encoded(typename Type<T>::Holder& holder) {
    auto made = Type<T>::encode(Type<T>::get(holder), Path{});
    check(made.has_value());
    return std::move(*made);
}

template <class T>
void check_schema(const json& value) {
    struct Published {
        Schemas all;
        json schema = Type<T>::schema(all);
    };

    static const Published& published = *new Published; // for the life of the process
    // A pointer that may be NULL is published as such where it goes out.
    if (!value.is_null())
        check(!pep::rpc::find_difference(value, published.schema, published.all.definitions()));
}

template <class T>
void check_plundering(const json& document, const Path& at, bool is_good) {
    json source = document;
    const auto taken = pep::marshal::take<T>(source, at);
    check(taken.has_value() == is_good);
    const bool is_secret = std::same_as<T, SecretText> || std::same_as<T, pep::api::PassphraseText>;
    if (is_secret && source.is_string())
        check(std::ranges::all_of(source.get_ref<const std::string&>(), [](char c) {
            return c == '\0';
        }));
}

template <class T>
void try_type(const json& document) {
    const Path root;
    const Path at = root.field("value");
    auto value = Type<T>::decode(document, at);
    check_plundering<T>(document, at, value.has_value());
    if (!value)
        return check_refusal(value.error(), {{"value", document}});
    if constexpr (Writable<T>) {
        const json first = encoded<T>(*value);
        check_schema<T>(first);
        auto again = Type<T>::decode(first, at);
        check(again.has_value());
        const json second = encoded<T>(*again);
        check(tidied(second) == tidied(first));
    }
}

struct Probe {
    std::string_view name;
    void (*run)(const json&);
};

template <class... T>
constexpr std::array<Probe, sizeof...(T)> probes_of() {
    return {Probe{Type<T>::name, &try_type<T>}...};
}

// clang-format off
constexpr std::array probes = probes_of<
    bool, signed char, unsigned char, short, unsigned short, int, unsigned, long, unsigned long, std::tm*,
    const char*, char*, std::string, Base64, Language, SecretText, json, Placeholder,
    std::optional<std::string>, std::vector<std::string>, std::vector<int>,
    PEP_rating, PEP_comm_type, PEP_color, PEP_enc_format, PEP_msg_direction, PEP_CIPHER_SUITE,
    sync_handshake_signal, sync_handshake_result, PEP_decrypt_flags, Flags<PEP_encrypt_flags>,
    pep::api::PassphraseText, pEp_identity*, identity_list*, stringlist_t*, stringpair_t*, stringpair_list_t*,
    bloblist_t*, message*,
    toy::mood, toy::format, Flags<toy::mark>, toy::strings*, toy::person*, toy::people*, toy::file*, toy::letter*,
    toy::about>();

// clang-format on

/// No engine: nothing is called.
class Nobody final : public pep::api::Context {
  public:
    pep::Expected<PEP_SESSION> session() override { return nullptr; }

    void change_settings(const std::function<void(pep::api::ClientSettings&)>&) override {}

    pep::api::ClientSettings current_settings() override { return {}; }

    std::shared_ptr<pep::api::Passphrases> find_passphrases() override { return nullptr; }

    std::shared_ptr<pep::api::Passphrases> own_passphrases() override { return nullptr; }

    const std::string& own_queue() override { return client_id(); }

    void end_session() override {}

    pep::api::Service& service() override { std::abort(); }
};

constexpr int decoded = -1; // no code of marshalling

/// Stands between the arguments and the call, which does not take place.
template <bool keeps_arguments>
constexpr pep::rpc::Policy stop{
    "stop",
    "Ends the call once its arguments are decoded.",
    +[](pep::rpc::CallContext&,
        const pep::rpc::Function&,
        pep::rpc::Attempt&) -> pep::Expected<void> { return pep::fail(decoded, "not called"); },
    +[](pep::rpc::CallContext&) { return keeps_arguments; }};

/// All of the API but what is of old clients only in another shape.
const std::vector<const pep::rpc::Function*>& functions() {
    static const auto& all = *new auto([] {
        std::vector<const pep::rpc::Function*> list;
        for (const auto& map : pep::api::all_functions())
            for (const auto& f : map.functions)
                list.push_back(&f);
        return list;
    }());
    return all;
}

void call(pep::rpc::Function f, json params, pep::rpc::Dialect dialect) {
    const json root{{"params", params}};
    pep::rpc::Arguments in;
    const bool is_old = dialect == pep::rpc::Dialect::legacy;
    const auto wrong = is_old ? bind_legacy(f, params, in) : bind_modern(f, params, in);
    if (wrong) {
        check(wrong->code == pep::rpc::code::invalid_params && !wrong->path.empty());
        return;
    }
    f.policies = {is_old ? &stop<true> : &stop<false>};
    Nobody nobody;
    const auto reply = f.call(nobody, f, in);
    check(!reply);
    if (reply.error().code != decoded)
        check_refusal(reply.error(), root);
}

/// An object gives a function those of its members that are parameters of it; a list is what a
/// client of either dialect sends.
void try_function(const pep::rpc::Function& f, const json& document) {
    json params = json::object();
    if (document.is_object()) {
        for (const auto& p : f.parameters())
            if (p.is_input() && document.contains(p.name))
                params[std::string{p.name}] = document[std::string{p.name}];
        call(f, params, pep::rpc::Dialect::modern);
        json list = json::array();
        for (const auto& p : f.parameters())
            if (p.direction != pep::rpc::Direction::hidden)
                list.push_back(p.is_input() ? params.value(std::string{p.name}, json{}) : "OP");
        call(f, std::move(list), pep::rpc::Dialect::legacy);
    } else if (document.is_array()) {
        call(f, document, pep::rpc::Dialect::modern);
        call(f, document, pep::rpc::Dialect::legacy);
    }
}

/// A type that comes with a function has to be among those above, or its encoding is not tested.
bool all_types_are_known() {
    for (const auto* f : functions())
        for (const auto& p : f->parameters())
            if (p.is_input() && !std::ranges::count(probes, p.type, &Probe::name)) {
                std::fprintf(stderr, "add the type %s to probes\n", std::string{p.type}.c_str());
                return false;
            }
    return probes.size() + functions().size() < std::numeric_limits<std::uint8_t>::max();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool is_complete = all_types_are_known();
    check(is_complete);
    if (size < 2)
        return -1;
    const auto document = pep::rpc::read_json(std::string{pep::fuzz::text_of(data + 1, size - 1)});
    if (!document)
        return -1; // another target's business
    const std::size_t choice = data[0];
    const bool is_for_all = choice >= probes.size() + functions().size();
    for (std::size_t i = 0; i < probes.size(); ++i)
        if (is_for_all || i == choice)
            probes[i].run(*document);
    for (std::size_t i = 0; i < functions().size(); ++i)
        if (is_for_all || i + probes.size() == choice)
            try_function(*functions()[i], *document);
    return 0;
}
