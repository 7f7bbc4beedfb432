// Envelopes as text: the parts are appended in the order clients see them.
#include "rpc/reply.hpp"

#include "rpc/json_writer.hpp"

#include <functional>
#include <thread>
#include <utility>

namespace pep::rpc {
namespace {

constexpr std::size_t envelope_bytes =
    96; // generous, so that big replies are written in one buffer

/// Up to the id. What follows is `result` or `error`, never both (JSON-RPC 2.0 section 5).
std::string modern_head(const json& id, std::size_t body_size) {
    std::string out;
    out.reserve(body_size + envelope_bytes);
    out += R"({"jsonrpc":"2.0","id":)";
    write_json(out, id);
    return out;
}

/// Up to the label of the thread, which stands between id and result in this dialect.
std::string legacy_head(std::int32_t id, std::string_view thread_label, std::size_t body_size) {
    std::string out;
    out.reserve(body_size + envelope_bytes);
    out += R"({"jsonrpc":"2.0","id":)";
    out += std::to_string(id);
    out += R"(,"thread_id":)";
    // Blanks and pilcrow belong to the text that clients of the original see.
    write_string(out, " \u00B6" + std::string(thread_label) + " ");
    return out;
}

} // namespace

json modern_result(Reply reply) {
    json out = json::object();
    auto& members = out.get_ref<json::object_t&>();
    members.reserve(reply.outputs.size()); // growing would copy, as the keys are const
    for (auto& output : reply.outputs)
        // A length is an output of the old dialect only: here the value tells it.
        if (!output.legacy_only)
            // Moved, like all values here: a reply may hold attachments.
            members.emplace_back(std::string(output.name), std::move(output.value));
    json result = json::object();
    result.get_ref<json::object_t&>().reserve(2);
    result.emplace("return", std::move(reply.value));
    result.emplace("out", std::move(out));
    return result;
}

json legacy_result(Reply reply) {
    json out = json::array();
    // The last output is element 0: existing clients find theirs by that order.
    for (auto output = reply.outputs.rbegin(); output != reply.outputs.rend(); ++output)
        out.push_back(std::move(output->value));
    json result = json::object();
    result.get_ref<json::object_t&>().reserve(2);
    result.emplace("outParams", std::move(out));
    result.emplace("return", std::move(reply.value));
    return result;
}

std::string modern_reply(const json& id, std::string_view result) {
    std::string out = modern_head(id, result.size());
    out += R"(,"result":)";
    out += result;
    out += '}';
    return out;
}

std::string modern_reply(const json& id, const json& result, LongText* rest) {
    // Room for all that stays in this text, so that it does not grow by copying.
    std::string out = modern_head(id, estimate_size(result, /*late=*/!rest));
    out += R"(,"result":)";
    write_json(out, result, rest);
    out += '}';
    // The end joins the pieces before it, so that the whole text is in one place.
    if (rest && !rest->empty())
        rest->append(std::exchange(out, {}));
    return out;
}

// The table of errors decides code and members, this function only the envelope around them.
std::string modern_error(const json& id, const RpcError& error) {
    const json object = error_object(error, Dialect::modern);
    std::string out = modern_head(id, estimate_size(object));
    out += R"(,"error":)";
    write_json(out, object);
    out += '}';
    return out;
}

std::string legacy_reply(std::int32_t id, std::string_view thread_label, const json& result) {
    std::string out = legacy_head(id, thread_label, estimate_size(result));
    out += R"(,"result":)";
    write_json(out, result);
    out += '}';
    return out;
}

std::string legacy_error(std::int32_t id, std::string_view thread_label, const RpcError& error) {
    const json object = error_object(error, Dialect::legacy);
    std::string out = legacy_head(id, thread_label, estimate_size(object));
    out += R"(,"error":)";
    write_json(out, object);
    out += '}';
    return out;
}

std::string own_thread_label() {
    static constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_"; // base 37
    // For information only: two threads with one label do no harm.
    auto number = std::hash<std::thread::id>{}(std::this_thread::get_id());
    std::string label;
    for (int i = 0; i < 3; ++i) {
        label += digits[number % digits.size()];
        number /= digits.size();
    }
    return label;
}

} // namespace pep::rpc
