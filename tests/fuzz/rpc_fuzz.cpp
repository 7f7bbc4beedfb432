// Any bytes as the body of a request, in both dialects and with toy functions behind them. The
// first byte chooses dialect and context. Each answer is a reply as its dialect has them; without
// the token nothing is called; and no refusal shows anything of the request but its id: a secret
// planted somewhere in it does not come back.
#include "fuzz/check.hpp"
#include "rpc/json_reader.hpp"
#include "rpc/json_writer.hpp"
#include "rpc/toy_functions.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace {

using namespace pep::rpc;
using pep::json;
using pep::fuzz::check;
using pep::fuzz::contains;

constexpr JsonLimits any_depth{.depth = 1000}; // replies nest deeper than requests

/// What the first byte says.
struct Choice {
    explicit Choice(unsigned bits) : bits_(bits) {}

    [[nodiscard]] bool is_legacy() const { return (bits_ & 1U) != 0; }

    /// The token came with the HTTP header.
    [[nodiscard]] bool is_authorized() const { return (bits_ & 2U) != 0 && !is_legacy(); }

    [[nodiscard]] bool engine_starts() const { return (bits_ & 4U) == 0; }

    /// Functions that are locked are tried again.
    [[nodiscard]] bool is_patient() const { return (bits_ & 8U) != 0; }

  private:
    unsigned bits_;
};

const Dispatcher& dispatcher() {
    static const Dispatcher& made = *new Dispatcher{toy::make_dispatcher()};
    return made;
}

bool has_right_token(const json& item) {
    return item.is_object() && item.contains("security_token") &&
           item["security_token"] == toy::token;
}

/// Whether anything of the request may be called at all.
bool is_allowed(const std::optional<json>& request, const Choice& how) {
    if (how.is_authorized() || !request)
        return true; // what cannot be read is refused before the token is looked for
    if (request->is_array())
        return std::ranges::any_of(*request, has_right_token);
    return has_right_token(*request);
}

Outcome answer(const std::string& body, const Choice& how, bool may_call) {
    toy::Context context;
    context.engine_starts = how.engine_starts();
    context.is_patient = how.is_patient();
    auto outcome = how.is_legacy() ? dispatcher().handle_legacy(body, context)
                                   : dispatcher().handle_modern(body, how.is_authorized(), context);
    check(may_call || (outcome.method.empty() && !outcome.later && context.sessions_asked == 0));
    if (outcome.later) {
        int times = 0;
        const auto later = std::move(outcome.later);
        later([&](Outcome late) {
            ++times;
            outcome = std::move(late);
        });
        check(times == 1);
    }
    while (!outcome.rest.empty())
        outcome.body += outcome.rest.take(1U << 16U);
    return outcome;
}

void check_error(const json& error, Dialect dialect) {
    check(error.is_object() && error.size() == 3);
    check(error["message"].is_string() && !error["message"].empty());
    const json& code = error["code"];
    check(std::ranges::any_of(error_kinds(), [&](const ErrorKind& kind) {
        return code == visible_code(kind.code, dialect);
    }));
    const json& data = error["data"];
    check(data.is_object() && data.contains("reason") && data.contains("hint"));
    constexpr std::array known{"reason", "path", "expected", "hint"};
    for (const auto& [name, value] : data.items())
        check(std::ranges::count(known, name) == 1 && value.is_string());
}

void check_modern(const json& reply) {
    check(reply.is_object() && reply.size() == 3 && reply["jsonrpc"] == "2.0");
    const json& id = reply.at("id");
    check(id.is_string() || id.is_number() || id.is_binary() || id.is_null());
    if (reply.contains("error")) {
        check_error(reply["error"], Dialect::modern);
    } else if (reply.at("result").is_object() && !reply["result"].contains("openrpc")) {
        check(reply["result"].size() == 2 && reply["result"].contains("return"));
        check(reply["result"].at("out").is_object());
    }
}

void check_legacy(const json& reply) {
    check(reply.is_object() && reply.size() == 4 && reply["jsonrpc"] == "2.0");
    check(reply.at("id").is_number_integer() && reply.at("thread_id") == " \u00B6A1B ");
    if (reply.contains("error"))
        return check_error(reply["error"], Dialect::legacy);
    const json& result = reply.at("result");
    check(result.size() == 2 && result.at("outParams").is_array() && result.contains("return"));
}

/// The ids answered are those asked for.
void check_ids(const json& replies, const json& requests) {
    for (const auto& reply : replies) {
        const json& id = reply.at("id");
        const bool is_asked = std::ranges::any_of(requests, [&](const json& request) {
            return request.is_object() && request.contains("id") && request["id"] == id;
        });
        check(id.is_null() || is_asked);
    }
}

json as_list(const json& document) {
    return document.is_array() ? document : json::array({document});
}

/// The answer as a list of replies.
json replies_in(const Outcome& outcome, const std::optional<json>& request, const Choice& how) {
    check((outcome.http_status == 204) == outcome.body.empty());
    if (outcome.body.empty()) {
        check(!how.is_legacy());
        return json::array();
    }
    const auto reply = read_json(outcome.body, any_depth);
    check(reply.has_value());
    if (how.is_legacy()) {
        check(outcome.http_status == 200);
        check_legacy(*reply);
        return as_list(*reply);
    }
    const auto replies = as_list(*reply);
    check(!reply->is_array() || (request && request->is_array()));
    check(
        !replies.empty() && (!request || !request->is_array() || !reply->is_array() ||
                             replies.size() <= request->size())
    );
    for (const auto& one : replies)
        check_modern(one);
    check_ids(replies, request ? as_list(*request) : json::array());
    return replies;
}

/// Replace the value number `number` by the secret, or give the object there a member named so.
/// The id may come back, so it stays as it is.
bool plant(json& value, std::size_t& number, bool as_name) {
    if (number-- == 0) {
        if (as_name && value.is_object())
            value[std::string{pep::fuzz::secret}] = 1;
        else
            value = pep::fuzz::secret;
        return true;
    }
    if (value.is_object()) {
        for (auto& [name, member] : value.get_ref<json::object_t&>())
            if (name != "id" && plant(member, number, as_name))
                return true;
    } else if (value.is_array()) {
        for (auto& item : value)
            if (plant(item, number, as_name))
                return true;
    }
    return false;
}

/// No refusal shows what was planted; results may, as what functions give back is theirs.
void check_discretion(const json& request, std::size_t number, const Choice& how) {
    json spoilt = request;
    if (!plant(spoilt, number, how.is_patient()))
        return;
    const auto outcome = answer(to_text(spoilt), how, is_allowed(spoilt, how));
    for (const auto& reply : replies_in(outcome, spoilt, how))
        if (reply.contains("error"))
            check(!contains(to_text(reply["error"]), pep::fuzz::secret));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return -1;
    const Choice how{data[0]};
    const std::string body{pep::fuzz::text_of(data + 1, size - 1)};
    std::optional<json> request;
    if (auto document = read_json(body))
        request = std::move(*document);
    const auto outcome = answer(body, how, is_allowed(request, how));
    const auto replies = replies_in(outcome, request, how);
    if (!request) {
        check(replies.size() == 1 && replies[0].contains("error"));
        return 0;
    }
    check_discretion(*request, size % 16, how);
    return 0;
}
