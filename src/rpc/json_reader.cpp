// simdjson finds the structure and checks UTF-8; this file walks it once, from front to back.
#include "rpc/json_reader.hpp"

#include "base/secret.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace pep::rpc {
namespace {

namespace sj = simdjson;
namespace od = simdjson::ondemand;

/// Takes a value apart from the inside. Its own destructor would allocate memory, and end the
/// process if there is none, which may be the very reason why it goes.
void dismantle(json& value) noexcept {
    if (auto* array = value.get_ptr<json::array_t*>())
        for (; !array->empty(); array->pop_back())
            dismantle(array->back());
    else if (auto* object = value.get_ptr<json::object_t*>())
        for (; !object->empty(); object->pop_back())
            dismantle(object->back().second);
}

/// A document while it is built; what was moved out is not its any more.
struct Unfinished {
    json value;

    Unfinished() = default;
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;

    ~Unfinished() { dismantle(value); }
};

/// The members of an object until it is complete.
struct Members : std::vector<std::pair<std::string, json>> {
    Members() = default;
    Members(const Members&) = delete;
    Members& operator=(const Members&) = delete;

    ~Members() {
        for (auto& member : *this)
            dismantle(member.second);
    }
};

/// Wipes a text at the end, however the reading went.
struct Wiper {
    std::string& text;

    ~Wiper() { wipe(text.data(), text.size()); }
};

/// Room behind the text for simdjson, without leaving an unwiped copy on the heap.
void make_room(std::string& text) {
    const std::size_t wanted =
        text.size() + sj::SIMDJSON_PADDING + 2; // 2: brackets of a bare scalar
    if (text.capacity() >= wanted)
        return;
    std::string roomy;
    roomy.reserve(wanted);
    roomy.append(text);
    wipe(text.data(), text.size());
    text.swap(roomy);
}

/// A parse error with its cause and advice; simdjson tells no place.
RpcError unreadable(std::string_view reason, std::string_view hint) {
    return RpcError::of(code::parse_error).because(reason, hint);
}

RpcError syntax() { return unreadable("syntax", "send one complete JSON document (RFC 8259)"); }

/// Of simdjson's many codes three are worth telling: the others all mean wrong syntax.
RpcError from(sj::error_code error) {
    if (error == sj::UTF8_ERROR)
        return unreadable("invalid_utf8", "encode the document as UTF-8");
    if (error == sj::MEMALLOC)
        return RpcError::of(code::internal_error)
            .because("out_of_memory", "send less at once, or try again later");
    return syntax();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_digits(std::string_view text) {
    const auto other = std::find_if_not(text.begin(), text.end(), is_digit);
    return text.substr(static_cast<std::size_t>(other - text.begin()));
}

/// RFC 8259 knows four blanks; simdjson leaves more than them behind a bare value.
std::string_view without_blanks(std::string_view token) {
    const auto last = token.find_last_not_of(" \t\r\n");
    return token.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// RFC 8259 section 6.
bool is_number(std::string_view text) {
    if (text.starts_with('-'))
        text.remove_prefix(1);
    if (text.empty() || !is_digit(text[0]))
        return false;
    text = text[0] == '0' ? text.substr(1) : without_digits(text);
    if (text.starts_with('.')) {
        const auto rest = without_digits(text.substr(1));
        if (rest.size() + 1 == text.size())
            return false;
        text = rest;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('+') || text.starts_with('-'))
            text.remove_prefix(1);
        return !text.empty() && without_digits(text).empty();
    }
    return text.empty();
}

/// The token as an integer of type T, if it is one as a whole.
template <class T>
bool fits(std::string_view text, json& out) {
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        return false;
    out = number;
    return true;
}

/// Numbers, true, false and null; false if it is none of them.
bool read_bare(std::string_view token, json& out) {
    if (token == "true" || token == "false") {
        out = token == "true";
        return true;
    }
    if (token == "null") {
        out = nullptr;
        return true;
    }
    if (!is_number(token))
        return false;
    // To an integer -0 is 0, but an id is echoed as it came.
    if (token != "-0" && (fits<std::int64_t>(token, out) || fits<std::uint64_t>(token, out)))
        return true;
    out = json::binary(std::vector<std::uint8_t>(token.begin(), token.end()));
    return true;
}

/// By sorting: to compare each name with all others would be a cheap way to keep us busy.
bool has_duplicates(const Members& members) {
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const auto& member : members)
        names.emplace_back(member.first);
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end()) != names.end();
}

/// Builds the document while simdjson goes through the text, once and forward. Who meets a fault
/// returns false and leaves the rest unread.
class Walker {
  public:
    Walker(od::parser& parser, const JsonLimits& limits) : parser_(&parser), limits_(limits) {}

    /// What the fault was.
    RpcError error;

    bool object(sj::simdjson_result<od::object> object, json& out, std::size_t depth) {
        if (!enter(object.error(), depth))
            return false;
        Members members;
        for (auto field : object.value_unsafe()) {
            std::string_view name;
            if (auto code = field.unescaped_key().get(name))
                return fails(from(code));
            if (!has_room())
                return false;
            members.emplace_back(std::string(name), json());
            if (!value(field.value(), members.back().second, depth))
                return false;
        }
        // With escapes resolved: "a" and "\u0061" are one name. RFC 8259 section 4 leaves open what
        // two of them mean.
        if (has_duplicates(members))
            return fails(unreadable("duplicate_member", "give each member of an object once"));
        out = json::object();
        auto& target = out.get_ref<json::object_t&>();
        target.reserve(members.size()); // growing would copy, as the keys are const
        for (auto& [name, member] : members)
            target.emplace_back(std::move(name), std::move(member));
        return true;
    }

    bool array(sj::simdjson_result<od::array> array, json& out, std::size_t depth) {
        if (!enter(array.error(), depth))
            return false;
        out = json::array();
        auto& target = out.get_ref<json::array_t&>();
        for (auto element : array.value_unsafe())
            if (!has_room() || !value(std::move(element), target.emplace_back(), depth))
                return false;
        return true;
    }

  private:
    bool fails(RpcError cause) {
        error = std::move(cause);
        return false;
    }

    bool enter(sj::error_code code, std::size_t depth) {
        if (code)
            return fails(from(code));
        if (depth > limits_.depth)
            return fails(unreadable("too_deep", "nest less deep; x-limits has the number"));
        return true;
    }

    /// For one more value: it takes far more memory than its text.
    bool has_room() {
        return ++values_ <= limits_.values ||
               fails(unreadable("too_many_values", "send less at once; see x-limits"));
    }

    bool value(sj::simdjson_result<od::value> found, json& out, std::size_t depth) {
        // On demand, simdjson checks only what is asked for; so every value is read, wanted or not.
        od::value v;
        od::json_type type{};
        if (auto code = std::move(found).get(v))
            return fails(from(code));
        if (auto code = v.type().get(type))
            return fails(from(code));
        switch (type) {
        case od::json_type::object:
            return object(v.get_object(), out, depth + 1);
        case od::json_type::array:
            return array(v.get_array(), out, depth + 1);
        case od::json_type::string:
            return string(v, out);
        case od::json_type::number:
        case od::json_type::boolean:
        case od::json_type::null:
            // As it stands, for numbers that are no integers of 64 bits must keep their text.
            return read_bare(without_blanks(v.raw_json_token()), out) || fails(syntax());
        }
        return fails(syntax());
    }

    bool string(od::value& v, json& out) {
        const std::string_view token = without_blanks(v.raw_json_token());
        if (token.size() < 2 || token.back() != '"')
            return fails(syntax());
        // Consumed in any case: simdjson would skip an unread string as the name of a member.
        od::raw_json_string raw;
        if (auto code = v.get_raw_json_string().get(raw))
            return fails(from(code));
        const std::string_view body = token.substr(1, token.size() - 2);
        if (body.find('\\') == std::string_view::npos) {
            // In place: a short text would stay behind in a temporary's part of the stack.
            out = json::value_t::string;
            out.get_ref<std::string&>().assign(body);
            return true;
        }
        // Straight into the string that stays, so that big texts exist once more, not twice.
        std::string text(body.size() + sj::SIMDJSON_PADDING, '\0');
        // simdjson may write a few bytes behind the text, hence its padding here, too.
        auto* end = reinterpret_cast<std::uint8_t*>(text.data());
        std::string_view unescaped;
        if (auto code = parser_->unescape(raw, end).get(unescaped))
            return fails(from(code));
        // Escapes are longer than what they stand for, so the text only becomes shorter.
        text.resize(unescaped.size());
        out = std::move(text);
        return true;
    }

    od::parser* parser_;
    JsonLimits limits_;
    std::size_t values_ = 0;
};

/// A parser with room for `size` bytes and `depth` levels; by default simdjson makes room for a
/// thousand, which costs more than the rest of a small request. Small texts share the one of their
/// thread, for making one costs more than reading them. Only the names of members stay in it:
/// values are unescaped elsewhere.
class Parser {
  public:
    Parser(std::size_t size, std::size_t depth) {
        constexpr std::size_t small_bytes = 4096, small_depth = 128;
        if (size > small_bytes || depth > small_depth) {
            parser_ = &own_.emplace();
            error_ = parser_->allocate(size, depth);
            return;
        }
        static thread_local od::parser shared;
        parser_ = &shared;
        if (shared.capacity() == 0)
            error_ = shared.allocate(small_bytes, small_depth);
    }

    /// Begin to read the first `size` bytes of a text with room behind them.
    sj::error_code begin(od::document& document, std::string& text, std::size_t size) {
        if (error_)
            return error_;
        const sj::padded_string_view view(text.data(), size, text.capacity());
        return parser_->iterate(view).get(document);
    }

    od::parser& operator*() { return *parser_; }

  private:
    std::optional<od::parser> own_;
    od::parser* parser_ = nullptr;
    sj::error_code error_ = sj::SUCCESS;
};

/// A document that is an array or object.
tl::expected<json, RpcError> read_container(std::string& text, const JsonLimits& limits) {
    const std::size_t size = text.size();
    text.append(sj::SIMDJSON_PADDING, ' ');
    // More depth than is allowed, so that the walker's refusal comes first: it tells the cause.
    Parser parser{size, limits.depth + 2};
    od::document document;
    if (auto code = parser.begin(document, text, size))
        return tl::make_unexpected(from(code));
    Walker walker{*parser, limits};
    Unfinished out;
    od::json_type type{};
    if (auto code = document.type().get(type))
        return tl::make_unexpected(from(code));
    const bool ok = type == od::json_type::object
                        ? walker.object(document.get_object(), out.value, 1)
                        : walker.array(document.get_array(), out.value, 1);
    if (!ok)
        return tl::make_unexpected(std::move(walker.error));
    // simdjson says "out of bounds" when every token has been read
    if (document.current_location().error() != sj::OUT_OF_BOUNDS)
        return tl::make_unexpected(unreadable("trailing_text", "send nothing behind the document"));
    return std::move(out.value);
}

} // namespace

tl::expected<json, RpcError> read_json(std::string text, const JsonLimits& limits) {
    const Wiper wiper{text};
    make_room(text);
    // RFC 8259 section 8.1 forbids it to who writes, and lets who reads refuse it.
    if (text.starts_with("\xEF\xBB\xBF"))
        return tl::make_unexpected(
            unreadable("byte_order_mark", "send UTF-8 without a byte order mark")
        );
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos)
        return tl::make_unexpected(unreadable("empty", "send a JSON document"));
    if (text[first] == '{' || text[first] == '[')
        return read_container(text, limits);
    // A bare scalar is a document, too, though never a request. As the only element of an array it
    // needs no reader of its own.
    text.insert(text.begin(), '[');
    text.push_back(']');
    auto wrapped = read_container(text, {limits.depth + 1, limits.values});
    if (!wrapped)
        return wrapped;
    // "1,2" was no document before the brackets made it one.
    if (wrapped->size() != 1)
        return tl::make_unexpected(syntax());
    return std::move(wrapped->front());
}

} // namespace pep::rpc
