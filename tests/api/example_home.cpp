// Prepares by calls of the same API, with the keys of tests/data/examples.
#include "example_home.hpp"

#include "base/base64.hpp"
#include "rpc/example.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace pep::api {

namespace {

constexpr const char* ann_fpr = "2E587ADAA693687D99A9337B9959BE6670E186DA";
constexpr const char* ben_fpr = "2DEA4445BF2F871F283B54EE75534265400826E0";
constexpr const char* carol_fpr = "F6563C7EAE2BBCBC5D23238A10F7AFAA679536B4";
constexpr const char* outgoing = "outgoing-cached-letter";
constexpr const char* received = "received-cached-letter";
constexpr const char* queue = "kx7bq2mzt4wfd";

std::string key(const char* file) {
    std::stringstream text;
    text << std::ifstream{std::string{PEP_GOLDEN_DIR "/examples/"} + file}.rdbuf();
    return base64_encode(text.str());
}

json ann() {
    return {{"address", "ann@example.org"}, {"user_id", "pEp_own_userId"}, {"username", "Ann"}};
}

json ben() {
    return {
        {"address", "ben@example.org"},
        {"fpr", ben_fpr},
        {"user_id", "ben"},
        {"username", "Ben"},
        {"comm_type", 56}};
}

/// The letter of Ben that decrypt_message shows.
std::string encrypted_letter() {
    for (const rpc::Function* f : modern_functions())
        if (f->name == "decrypt_message")
            return json::parse(f->sample.params)["src"]["longmsg"].get<std::string>();
    return {};
}

json renamed(const json& value, const std::map<std::string, std::string>& names) {
    if (value.is_string()) {
        const auto found = names.find(value.get<std::string>());
        return found == names.end() ? value : json(found->second);
    }
    json made = value;
    if (made.is_structured())
        for (auto& member : made)
            member = renamed(member, names);
    return made;
}

bool is_cut(const std::string& text) { return text.ends_with("…"); }

std::optional<std::string>
compare_objects(const json& example, const json& reply, const std::string& at) {
    for (const auto& [name, value] : reply.items())
        if (!example.contains(name))
            return at + "/" + name + ": is not in the example";
    const bool contents_cut =
        example.contains("value") && example["value"].is_string() && is_cut(example["value"]);
    for (const auto& [name, value] : example.items()) {
        if (!reply.contains(name))
            return at + "/" + name + ": is missing";
        if (contents_cut && name == "size" && reply[name].is_number_unsigned())
            continue;
        if (auto found = find_disagreement(value, reply[name], at + "/" + name))
            return found;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string>
find_disagreement(const json& example, const json& reply, const std::string& at) {
    if (example.is_object() && reply.is_object())
        return compare_objects(example, reply, at);
    if (example.is_array() && reply.is_array()) {
        if (example.size() != reply.size())
            return at + ": another number of elements";
        for (std::size_t i = 0; i < example.size(); ++i)
            if (auto found = find_disagreement(example[i], reply[i], at + "/" + std::to_string(i)))
                return found;
        return std::nullopt;
    }
    if (example.is_string() && reply.is_string() && is_cut(example)) {
        const auto text = example.get<std::string>();
        const auto beginning = text.substr(0, text.size() - std::string_view{"…"}.size());
        if (reply.get<std::string>().starts_with(beginning))
            return std::nullopt;
    }
    return example == reply ? std::nullopt : std::optional{at + ": is " + reply.dump()};
}

std::vector<const rpc::Function*> modern_functions() {
    std::vector<const rpc::Function*> found;
    for (const auto& map : all_functions())
        for (const auto& f : map.functions)
            if (rpc::includes(f.dialects, rpc::Dialect::modern))
                found.push_back(&f);
    return found;
}

ExampleHome::ExampleHome(std::string_view function) {
    if (function == "get_trustwords" || function == "get_languagelist")
        make_dictionary(); // before there is a session
    must("import_key", {{"key_data", key("ann_secret.asc")}}, PEP_KEY_IMPORTED);
    must("set_own_key", {{"me", ann()}, {"fpr", ann_fpr}});
    must("import_key", {{"key_data", key("ben.asc")}}, PEP_KEY_IMPORTED);
    must("set_identity", {{"identity", ben()}});
    must("set_comm_partner_key", {{"identity", ben()}, {"fpr", ben_fpr}});
    if (function == "encrypt_message_and_add_priv_key")
        confirm_other_device();
    if (function.starts_with("cache_")) {
        cache_outgoing_letter();
        cache_received_letter();
    }
    service.queue.name = queue;
    if (function == "pollForEvents")
        must(
            "testMessageToSend",
            {{"msg",
              {{"dir", 1},
               {"id", "test@example.org"},
               {"from", ann()},
               {"to", json::array({ann()})},
               {"shortmsg", "Test"}}}}
        );
    for (const rpc::Function* f : modern_functions())
        if (f->name == "status")
            service.told = json::parse(f->sample.result)["return"];
}

json ExampleHome::must(const std::string& method, const json& params, int status) {
    json reply = call(method, params);
    if (!reply.contains("result") || reply["result"]["return"]["status"] != status)
        throw std::runtime_error{method + " cannot prepare the home: " + reply.dump()};
    return reply["result"]["out"];
}

/// Words of five letters for all 16-bit numbers: consonants stand for four bits, vowels for two.
void ExampleHome::make_dictionary() const {
    constexpr std::string_view consonants = "BDFGHJKLMNPRSTVZ";
    constexpr std::string_view vowels = "AIOU";
    const auto folder = std::filesystem::path{home.path()} / "trustwords";
    std::filesystem::create_directory(folder);
    std::ofstream file{folder / "en.txt"};
    for (unsigned i = 0; i < 65536; ++i)
        file << consonants[i >> 12U] << vowels[i >> 10U & 3U] << consonants[i >> 6U & 15U]
             << vowels[i >> 4U & 3U] << consonants[i & 15U] << '\n';
}

void ExampleHome::confirm_other_device() {
    must("import_key", {{"key_data", key("carol.asc")}}, PEP_KEY_IMPORTED);
    json device = ann();
    device["fpr"] = carol_fpr;
    must("trust_own_key", {{"ident", device}});
}

void ExampleHome::cache_outgoing_letter() {
    const json out = must(
        "cache_mime_decode_message",
        {{"mimetext",
          "From: ann@example.org\r\nTo: ben@example.org\r\nSubject: Lunch\r\n\r\nAt noon?\r\n"}}
    );
    names_[outgoing] = out["msg"]["opt_fields"][0]["value"].get<std::string>();
}

/// Decrypted already, for the function that fetches the result.
void ExampleHome::cache_received_letter() {
    const json out = must(
        "cache_mime_decode_message",
        {{"mimetext",
          "From: ben@example.org\r\nTo: ann@example.org\r\nSubject: Lunch\r\n\r\n" +
              encrypted_letter()}}
    );
    names_[received] = out["msg"]["opt_fields"][0]["value"].get<std::string>();
    must("cache_decrypt_message", {{"src", out["msg"]}});
}

json ExampleHome::with_real_names(const json& from_example) const {
    return renamed(from_example, names_);
}

json ExampleHome::with_example_names(const json& from_server) const {
    std::map<std::string, std::string> backwards;
    for (const auto& [shown, real] : names_)
        backwards.emplace(real, shown);
    return renamed(from_server, backwards);
}

} // namespace pep::api
