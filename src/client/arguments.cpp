// Values are converted at the leaf of a path; on the way there, objects and lists are made as the
// schema says.
#include "client/arguments.hpp"

#include "base/base64.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "client/fault.hpp"

#include <algorithm>
#include <charconv>

namespace pep::client {

namespace {

constexpr std::size_t most_steps = 32; // JSON ends at 64 levels

/// A refusal that names the parameter as it was written, and no value.
tl::unexpected<Error> wrong(const std::string& name, const std::string& what) {
    return fail(fault::usage, name + ": " + what);
}

/// The names of an object's members, or those that the elements of a list bear.
std::vector<std::string> names_in(const Json& list_or_object) {
    std::vector<std::string> names;
    if (list_or_object.is_object())
        for (const auto& [name, ignored] : list_or_object.items())
            names.push_back(name);
    else
        for (const auto& each : list_or_object)
            names.push_back(text_of(each, "name"));
    return names;
}

/// For messages: `a, b, c`, or `none`.
std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& each : names)
        text.append(text.empty() ? "" : ", ").append(each);
    return text.empty() ? "none" : text;
}

/// Symbolic names and numbers of an enumeration go to the server as they are; it knows both.
Expected<Json> enum_value(const Json& schema, const std::string& text) {
    const auto* names = member(schema, "x-enum-varnames");
    // Names go as they are: the server knows the same ones.
    if (names != nullptr && std::ranges::find(*names, Json(text)) != names->end())
        return Json(text);
    // Numbers without a name are for the server to judge.
    auto number = parse_json(text);
    if (number && number->is_number_integer())
        return number;
    return fail(
        fault::usage,
        "wants a number or a name" +
            (names != nullptr ? ": " + listed(names->get<std::vector<std::string>>()) : "")
    );
}

/// Bits by name: `A|B`.
Expected<Json> bits_value(const Json& bits, const std::string& text) {
    std::uint64_t sum = 0;
    std::vector<std::string> known;
    for (const auto& each : bits)
        known.push_back(text_of(each, "name"));
    for (const auto name : split(text, '|')) {
        const auto found = std::ranges::find(known, trim(name));
        if (found == known.end())
            return fail(fault::usage, "wants a number, or names joined by |: " + listed(known));
        // Added by or: a name that is given twice counts once.
        const auto* value = member(bits[static_cast<std::size_t>(found - known.begin())], "value");
        if (value != nullptr && value->is_number_unsigned())
            sum |= value->get<std::uint64_t>();
    }
    return Json(sum);
}

Expected<Json> integer_value(const Json& schema, const std::string& text) {
    if (member(schema, "enum") != nullptr)
        return enum_value(schema, text);
    // By the parser of JSON: what name:=JSON takes as a number, and nothing else.
    auto number = parse_json(text);
    if (number && number->is_number_integer())
        return number;
    // Names after numbers: no name of a bit is a number.
    if (const auto* bits = member(schema, "x-bits"); bits != nullptr && bits->is_array())
        return bits_value(*bits, text);
    return fail(fault::usage, "wants a whole number");
}

/// Looked at here, because the library throws where it has to print other bytes.
Expected<Json> utf8_value(std::string text) {
    if (!is_utf8(text))
        return fail(fault::usage, "is not UTF-8, which JSON texts have to be");
    return Json(std::move(text));
}

/// Text that has to be JSON. The message says what the parameter wants, then what is wrong.
Expected<Json> structure_value(Shape shape, const std::string& text) {
    const char* wanted = shape == Shape::array ? "wants a list as JSON, like [\"a\",\"b\"]"
                         : shape == Shape::object
                             ? "wants an object as JSON, or its members one by "
                               "one, like name.member=text"
                             : "wants JSON";
    auto value = parse_json(text);
    if (!value)
        return fail(fault::usage, std::string{wanted} + " (" + value.error().message + ")");
    return value;
}

/// A value as the schema takes it.
Expected<Json> value_of(const Document& document, const Json& schema, std::string text) {
    switch (const auto shape = document.shape(schema)) {
    case Shape::text:
    case Shape::base64:
        // Base64 is text here: only files are encoded.
        return utf8_value(std::move(text));
    // The constants stand behind the reference.
    case Shape::integer:
        return integer_value(document.resolved(schema), text);
    case Shape::boolean:
        if (text == "true" || text == "false")
            return Json(text == "true");
        return fail(fault::usage, "wants true or false");
    default:
        return structure_value(shape, text);
    }
}

/// What `echo` and editors put behind a passphrase is no part of it.
void drop_last_line_break(std::string& text) {
    if (text.ends_with('\n'))
        text.pop_back();
    if (text.ends_with('\r'))
        text.pop_back();
}

Expected<Json> file_value(const Document& document, const Json& schema, std::string content) {
    if (document.shape(schema) == Shape::base64) {
        auto value = Json(base64_encode(content));
        // It may be a secret key.
        wipe(content.data(), content.size());
        return value;
    }
    // In any other text a line break may be meant.
    if (document.is_secret(schema))
        drop_last_line_break(content);
    return value_of(document, schema, std::move(content));
}

/// The schema of a member or an item.
Expected<const Json*>
step_into(const Document& document, const Json& schema, const std::string& step) {
    const auto& outer = document.resolved(schema);
    if (document.shape(outer) == Shape::array) {
        std::size_t index = 0;
        const auto [end, problem] = std::from_chars(step.data(), step.data() + step.size(), index);
        const auto* items = member(outer, "items");
        if (problem != std::errc{} || end != step.data() + step.size() || items == nullptr)
            return fail(fault::usage, "\"" + step + "\": items of a list are numbered from 0");
        return items;
    }
    const auto* members = member(outer, "properties");
    if (members == nullptr)
        return fail(fault::usage, "has no member " + step);
    if (const auto* found = member(*members, step))
        return found;
    // A name that is wrong most often is a typing error of one of these.
    const auto names = names_in(*members);
    return fail(
        fault::usage,
        "has no member " + step + "." + suggestion(step, names) + " There are: " + listed(names)
    );
}

/// Make room for a path in the parameters.
/// What is null yet becomes what the schema says. The pointer is good until the outer value grows.
Expected<Json*> place_for(Json& place, const std::string& step, bool in_list) {
    if (place.is_null())
        place = in_list ? Json::array() : Json::object();
    if (in_list && place.is_array()) {
        std::size_t index = 0;
        std::from_chars(step.data(), step.data() + step.size(), index);
        // What would stand in the hole? Null is no item of most lists.
        if (index > place.size())
            return fail(fault::usage, "items of a list have to be given in order");
        if (index == place.size())
            place.push_back(nullptr);
        return &place[index];
    }
    // A value stands there already: `a:=JSON` and `a.b=text` cannot be mixed.
    if (in_list || !place.is_object())
        return fail(fault::usage, "is given as a whole and by its members");
    return &place[step];
}

/// Makes the parameters of one call, argument by argument.
class Maker {
  public:
    Maker(
        const Json& method,
        const Document& document,
        const ReadFile& read,
        std::vector<std::string>& warnings
    )
        : method_(method), document_(document), read_(read), warnings_(warnings) {}

    Expected<void> add(const Argument& argument) {
        const auto* parameter = Document::parameter(method_, argument.path.front());
        const auto* schema = parameter == nullptr ? nullptr : member(*parameter, "schema");
        if (schema == nullptr) {
            const auto* list = member(method_, "params");
            const auto names = list == nullptr ? std::vector<std::string>{} : names_in(*list);
            return wrong(
                argument.name,
                text_of(method_, "name") + " has no such parameter." +
                    suggestion(argument.path.front(), names) + " There are: " + listed(names)
            );
        }
        // Schema and place go down the path side by side.
        auto* place = &params_[argument.path.front()];
        for (std::size_t i = 1; i < argument.path.size(); ++i) {
            const bool in_list = document_.shape(*schema) == Shape::array;
            // The schema first: what it does not know makes no place.
            auto inner = step_into(document_, *schema, argument.path[i]);
            if (!inner)
                return wrong(argument.name, inner.error().message);
            auto next = place_for(*place, argument.path[i], in_list);
            if (!next)
                return wrong(argument.name, next.error().message);
            schema = *inner;
            place = *next;
        }
        // Perhaps by a longer path: `a.b=text` before `a:=JSON`.
        if (!place->is_null())
            return wrong(argument.name, "is given twice");
        auto value = convert(argument, *schema);
        if (!value)
            return wrong(argument.name, value.error().message);
        *place = std::move(*value);
        return {};
    }

    [[nodiscard]] Json take() { return std::move(params_); }

  private:
    Expected<Json> convert(const Argument& argument, const Json& schema) {
        using Kind = Argument::Kind;
        if (argument.kind == Kind::text || argument.kind == Kind::json) {
            // ps(1) shows them, and shells keep them in their history.
            if (document_.is_secret(schema) && !argument.value.empty())
                warnings_.push_back(
                    argument.name + ": other users can see the arguments of commands; " +
                    argument.name + "=@- reads it from standard input"
                );
            return argument.kind == Kind::text ? value_of(document_, schema, argument.value)
                                               : parse_json(argument.value);
        }
        // It says what is wrong with the file; add() says with which parameter.
        auto content = read_(argument.value);
        if (!content)
            return fail(content);
        if (argument.kind == Kind::json_file) {
            auto value = parse_json(*content);
            wipe(content->data(), content->size());
            return value;
        }
        return file_value(document_, schema, std::move(*content));
    }

    const Json& method_;
    const Document& document_;
    const ReadFile& read_;
    std::vector<std::string>& warnings_;
    Json params_ = Json::object();
};

} // namespace

Expected<Argument> parse_argument(std::string_view word) {
    const auto equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0 || word.starts_with(":="))
        return fail(
            fault::usage,
            "parameters are written name=text, name:=JSON or name=@FILE, or all as one JSON object"
        );
    // The first sign of equality counts: a value may hold more of them.
    const bool is_json = word[equals - 1] == ':';
    Argument argument;
    argument.name = word.substr(0, is_json ? equals - 1 : equals);
    for (const auto step : split(argument.name, '.')) {
        if (step.empty())
            return wrong(argument.name, "an empty name between dots");
        argument.path.emplace_back(step);
    }
    if (argument.path.size() > most_steps)
        return wrong(argument.name, "too many dots");
    argument.value = word.substr(equals + 1);
    // A text that begins with @ can be given as JSON: name:="@…".
    const bool is_file = argument.value.starts_with('@');
    if (is_file)
        argument.value.erase(0, 1);
    if (is_file && argument.value.empty())
        return wrong(argument.name, "a file name must follow @, or - for standard input");
    using Kind = Argument::Kind;
    argument.kind =
        is_file ? (is_json ? Kind::json_file : Kind::file) : (is_json ? Kind::json : Kind::text);
    return argument;
}

Expected<std::vector<Argument>> parse_arguments(const std::vector<std::string>& words) {
    std::vector<Argument> arguments;
    for (const auto& word : words) {
        auto argument = parse_argument(word);
        if (!argument)
            return fail(argument);
        // Two values for one place: which is meant, nobody can say.
        const auto same = [&](const Argument& other) { return other.path == argument->path; };
        if (std::ranges::any_of(arguments, same))
            return wrong(argument->name, "is given twice");
        arguments.push_back(std::move(*argument));
    }
    return arguments;
}

Expected<Json> make_params(
    const std::vector<Argument>& arguments,
    const Json& method,
    const Document& document,
    const ReadFile& read,
    std::vector<std::string>& warnings
) {
    Maker maker{method, document, read, warnings};
    for (const auto& each : arguments)
        if (auto added = maker.add(each); !added)
            return fail(added);
    return maker.take();
}

} // namespace pep::client
