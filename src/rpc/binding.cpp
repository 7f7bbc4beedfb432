// Parameters by name, by position, and by position with placeholders.
#include "rpc/binding.hpp"

#include <algorithm>
#include <string>

namespace pep::rpc {
namespace {

/// A name the client chose may stand in a path only if it looks like a name.
bool is_plain_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

/// One parameter too many, or one of an unknown name. The hint shows how the call is spelt.
RpcError unexpected(const Function& f, std::string path, std::string expected) {
    RpcError error = RpcError::of(code::invalid_params);
    error.because("unexpected", "the call is " + signature_text(f));
    error.message += ": " + path + ": expected " + expected;
    error.path = std::move(path);
    error.expected = std::move(expected);
    return error;
}

/// Every member must be an input of the function, spelt as the map has it.
std::optional<RpcError> bind_by_name(const Function& f, json& params, Arguments& in) {
    for (auto& [name, value] : params.get_ref<json::object_t&>()) {
        // Outputs and lengths cannot be named: in this dialect they are not sent.
        const auto all = f.parameters();
        const auto found = std::find_if(all.begin(), all.end(), [&name = name](const Param& p) {
            return p.is_input() && p.name == name;
        });
        if (found == all.end())
            return unexpected(
                f, is_plain_name(name) ? "/params/" + name : "/params", "no parameter of this name"
            );
        // No name comes twice: the reader has seen to that. admit() judges slots that stay empty.
        in.slots[static_cast<std::size_t>(found - all.begin())] = &value;
    }
    return {};
}

} // namespace

std::string signature_text(const Function& f) {
    std::string text{f.name};
    const char* separator = "(";
    for (const Param& p : f.parameters()) {
        if (!p.is_input())
            continue;
        text += separator;
        text += p.name;
        if (has(p.options, Option::nullable))
            text += '?';
        separator = ", ";
    }
    return text += *separator == '(' ? "()" : ")";
}

std::optional<RpcError> bind_modern(const Function& f, json& params, Arguments& in) {
    in.dialect = Dialect::modern;
    if (params.is_object())
        return bind_by_name(f, params, in);
    in.by_position = true;
    std::size_t next = 0;
    for (std::size_t i = 0; i < f.count; ++i) {
        if (!f.params[i].is_input())
            continue;
        in.position[i] = static_cast<std::uint8_t>(next);
        // Fewer elements are no fault by themselves: the last parameters may be optional.
        if (next < params.size())
            in.slots[i] = &params[next];
        ++next;
    }
    if (params.size() > next)
        return unexpected(
            f,
            "/params/" + std::to_string(next),
            "no more than " + std::to_string(next) + " elements"
        );
    return {};
}

std::optional<RpcError> bind_legacy(const Function& f, json& params, Arguments& in) {
    in.dialect = Dialect::legacy;
    in.by_position = true;
    // Exactly that many, as the original wants it: old clients fill every place, and the number
    // tells shapes of one name apart.
    const std::size_t expected = f.legacy_count();
    if (params.size() != expected) {
        RpcError error = RpcError::of(code::invalid_params);
        error.because("wrong_count", "outputs and lengths have a placeholder each");
        error.expected = std::to_string(expected) + " elements";
        // Both numbers are told: nothing else shows that a placeholder was forgotten.
        error.message += ": expected " + error.expected + ", got " + std::to_string(params.size());
        error.path = "/params";
        return error;
    }
    // What is hidden is filled by the server, so no element goes with it.
    std::size_t next = 0;
    for (std::size_t i = 0; i < f.count; ++i) {
        if (f.params[i].direction == Direction::hidden)
            continue;
        in.position[i] = static_cast<std::uint8_t>(next);
        // Whatever stands in the place of an output or a length is not looked at.
        if (f.params[i].is_input())
            in.slots[i] = &params[next];
        ++next;
    }
    return {};
}

} // namespace pep::rpc
