// The envelope checks of both dialects.
#include "rpc/request.hpp"

#include "base/secret.hpp"

#include <utility>

namespace pep::rpc {
namespace {

/// For a document that is ours: what the search finds in it may be changed.
json* member(json& request, std::string_view name) {
    return const_cast<json*>(rpc::member(std::as_const(request), name));
}

/// A number outside 64-bit integers arrives as binary, see json_reader.hpp.
bool is_id(const json& id) {
    return id.is_string() || id.is_number() || id.is_binary() || id.is_null();
}

/// Moved out: the request object is not read again.
std::string text_or_empty(json* value) {
    return value && value->is_string() ? std::move(value->get_ref<std::string&>()) : std::string();
}

} // namespace

const json* member(const json& request, std::string_view name) {
    if (request.is_object())
        for (const auto& [key, value] : request.get_ref<const json::object_t&>())
            if (key == name)
                return &value;
    return nullptr;
}

std::string_view text_member(const json& request, std::string_view name) {
    const json* value = member(request, name);
    return value && value->is_string() ? value->get_ref<const std::string&>() : std::string_view{};
}

json id_of(const json& request) {
    const json* id = member(request, "id");
    // Null where the id cannot be told, or is none: JSON-RPC 2.0 section 5.
    return id && is_id(*id) ? *id : json(nullptr);
}

RpcError invalid_request(std::string_view reason, std::string path, std::string expected) {
    RpcError error = RpcError::of(code::invalid_request);
    error.reason = reason;
    error.path = std::move(path);
    error.expected = std::move(expected);
    return error;
}

std::string take_token(json& document) {
    // What is no text counts as no token, which is never right.
    json* token = member(document, "security_token");
    if (!token || !token->is_string())
        return {};
    auto& text = token->get_ref<std::string&>();
    // A copy, for moving a short text would leave its characters in the document.
    std::string taken = text;
    wipe(text.data(), text.size());
    return taken;
}

tl::expected<Request, Refused> parse_request(json document) {
    const auto refuse = [](json id, RpcError error) {
        return tl::make_unexpected(Refused{std::move(id), std::move(error)});
    };
    if (!document.is_object())
        return refuse(nullptr, invalid_request("not_an_object", "", "an object"));

    // The id before all other members: whatever is refused from here on answers to it.
    Request request;
    json* id = member(document, "id");
    request.is_notification = !id;
    // Not echoed: what has another type is no id, and null says that none is known.
    if (id && !is_id(*id))
        return refuse(nullptr, invalid_request("invalid_id", "/id", "a string, a number or null"));
    if (id)
        request.id = std::move(*id);

    // 1.0 has other replies and knows no named params, so a request of it is not guessed at.
    const json* version = member(document, "jsonrpc");
    if (!version || !version->is_string() || version->get_ref<const std::string&>() != "2.0")
        return refuse(
            std::move(request.id), invalid_request("invalid_version", "/jsonrpc", "\"2.0\"")
        );
    json* method = member(document, "method");
    if (!method || !method->is_string())
        return refuse(
            std::move(request.id), invalid_request("invalid_method", "/method", "a string")
        );
    json* params = member(document, "params");
    // They may be left out, but null is neither array nor object: JSON-RPC 2.0 section 4.2.
    if (params && !params->is_structured())
        return refuse(
            std::move(request.id),
            invalid_request("invalid_params_type", "/params", "an object or an array")
        );

    request.method = text_or_empty(method);
    request.params = params ? std::move(*params) : json::array();
    request.client_id = text_or_empty(member(document, "client_id"));
    return request;
}

tl::expected<LegacyRequest, LegacyRefused> parse_legacy_request(json& document) {
    LegacyRequest request;
    if (const json* id = member(document, "id"); id && !id->is_null()) {
        // 7.0 is refused as well: the original takes integers only, and this one comes as binary.
        if (!id->is_number_integer())
            return tl::make_unexpected(LegacyRefused{
                legacy_no_id, invalid_request("invalid_id", "/id", "an integer or null")});
        // Cut to 32 bits, as clients of the original see it.
        const auto bits = id->is_number_unsigned()
                              ? id->get<std::uint64_t>()
                              : static_cast<std::uint64_t>(id->get<std::int64_t>());
        request.id = static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
    }
    // null stands for none; an object is refused, as by the original.
    if (json* params = member(document, "params"); params && !params->is_null()) {
        if (!params->is_array())
            return tl::make_unexpected(LegacyRefused{
                request.id, invalid_request("invalid_params_type", "/params", "an array")});
        request.params = std::move(*params);
    }
    return request;
}

} // namespace pep::rpc
