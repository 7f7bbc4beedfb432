// Prose is broken at 80 columns. Types are explained once, below, however often they occur.
#include "client/help.hpp"

#include "base/text.hpp"
#include "client/output.hpp"

#include <algorithm>
#include <set>

namespace pep::client {

namespace {

/// Few terminals are narrower.
constexpr std::size_t width = 80;

/// Columns, one per character.
std::size_t columns(std::string_view text) {
    // In UTF-8 every character has one byte that is not of the form 10xxxxxx.
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
        return (c & '\xC0') != '\x80';
    }));
}

/// `left`, then prose from column `indent` on.
std::string row(std::string left, std::string_view prose, std::size_t indent) {
    std::string line = std::move(left);
    std::string done;
    const auto pad = [&] {
        const auto used = columns(line);
        line.append(used < indent ? indent - used : 0, ' ');
    };
    // What is too long for its column gets a line of its own.
    if (!line.empty() && columns(line) >= indent && !prose.empty()) {
        done += line + "\n";
        line.clear();
    }
    pad();
    bool is_first = true;
    for (const auto word : split(prose, ' ')) {
        // The first word of a line stays, however long it is.
        if (!is_first && columns(line) + 1 + columns(word) > width) {
            done += line + "\n";
            line.clear();
            pad();
            is_first = true;
        }
        line.append(is_first ? "" : " ").append(word);
        is_first = false;
    }
    // Where there is no prose, the padding would be left.
    line.erase(line.find_last_not_of(' ') + 1);
    return done + line + "\n";
}

/// Lists have one line for a function.
std::string first_sentence(const std::string& text) {
    const auto end = text.find(". ");
    return end == std::string::npos ? text : text.substr(0, end + 1);
}

/// The group is the first tag.
std::string topic_of(const Json& method) {
    const auto* tags = member(method, "tags");
    return tags != nullptr && tags->is_array() && !tags->empty() ? text_of(tags->front(), "name")
                                                                 : std::string{};
}

/// A member that is true; one that is missing counts as false.
bool flag(const Json& object, const char* name) {
    const auto* found = member(object, name);
    return found != nullptr && found->is_boolean() && found->get<bool>();
}

/// Collects the named types that help texts mention, in the order of their appearance.
class Types {
  public:
    explicit Types(const Document& document) : document_(document) {}

    /// The word for a schema; its named types are explained later.
    std::string name(const Json& schema) {
        note(schema);
        return document_.type_name(schema);
    }

    std::string explained() {
        std::string text;
        // Explaining one type may bring others to the end of the list.
        for (std::size_t i = 0; i < names_.size(); ++i) // NOLINT(modernize-loop-convert)
            text += explain(names_[i]);
        return text;
    }

  private:
    /// Only the names: what is behind them is looked up once, in explain().
    void note(const Json& schema) {
        if (const auto reference = text_of(schema, "$ref"); !reference.empty()) {
            if (known_.insert(reference).second)
                names_.push_back(reference);
        } else if (const auto* choices = member(schema, "anyOf")) {
            for (const auto& each : *choices)
                note(each);
        } else if (const auto* items = member(schema, "items")) {
            note(*items);
        }
    }

    /// A row for the type, and one for each member or value. May note further types.
    std::string explain(const std::string& reference) { // a copy: names_ may grow
        const auto* schema = document_.behind(reference);
        if (schema == nullptr)
            return {};
        auto text = row(
            "  " + reference.substr(reference.rfind('/') + 1), text_of(*schema, "description"), 28
        );
        if (const auto* members = member(*schema, "properties"); members && members->is_object())
            // name() notes the types of members, so that they are explained further below.
            for (const auto& [member_name, inner] : members->items())
                text +=
                    row("    " + member_name + ": " + name(inner),
                        text_of(inner, "description") +
                            (flag(inner, "readOnly") ? "; set by the server" : ""),
                        40);
        if (const auto* items = member(*schema, "items"))
            text += "    a list of " + name(*items) + "\n";
        return text + values(*schema);
    }

    /// The constants of an enumeration, and the single bits of a set of flags.
    static std::string values(const Json& schema) {
        std::string text;
        const auto* names = member(schema, "x-enum-varnames");
        const auto* numbers = member(schema, "enum");
        const auto* senses = member(schema, "x-enum-descriptions");
        // Two lists side by side, of no use if they do not match.
        if (names != nullptr && numbers != nullptr && names->size() == numbers->size())
            for (std::size_t i = 0; i < names->size(); ++i)
                text +=
                    row("    " + (*numbers)[i].dump() + " " + (*names)[i].get<std::string>(),
                        senses != nullptr && i < senses->size() ? (*senses)[i].get<std::string>()
                                                                : std::string{},
                        40);
        // Flags: the schema itself is a number, whose bits have names of their own.
        if (const auto* bits = member(schema, "x-bits"))
            for (const auto& bit : *bits)
                text +=
                    row("    " + (member(bit, "value") ? member(bit, "value")->dump() : "") + " " +
                            text_of(bit, "name"),
                        text_of(bit, "description"),
                        40);
        return text;
    }

    const Document& document_;
    std::set<std::string> known_;
    std::vector<std::string> names_;
};

/// A word of the command line for a parameter.
std::string usage_word(const Document& document, const Json& parameter) {
    const auto name = text_of(parameter, "name");
    const auto* schema = member(parameter, "schema");
    // Nothing is known of it: JSON says anything.
    if (schema == nullptr)
        return name + ":=JSON";
    // By standard input: other users can see arguments.
    if (document.is_secret(*schema))
        return name + "=@-";
    switch (document.shape(*schema)) {
    case Shape::text:
        return name + "=TEXT";
    case Shape::base64:
        return name + "=@FILE";
    case Shape::integer:
    case Shape::number:
        return name + "=NUMBER";
    case Shape::boolean:
        return name + "=true|false";
    case Shape::object:
        return name + ".MEMBER=…";
    default:
        return name + ":=JSON";
    }
}

/// What may be left out stands in brackets, as in manuals.
std::string usage_line(const Document& document, const Json& method) {
    std::string line = "usage: pep-rpc " + text_of(method, "name");
    if (const auto* list = member(method, "params"))
        for (const auto& each : *list) {
            const auto word = usage_word(document, each);
            line += flag(each, "required") ? " " + word : " [" + word + "]";
        }
    return line + "\n";
}

std::string parameters(const Json& method, const Document& document, Types& types) {
    const auto* list = member(method, "params");
    if (list == nullptr || list->empty())
        return "\nno parameters\n";
    std::string text = "\nparameters:\n";
    for (const auto& each : *list) {
        const auto* schema = member(each, "schema");
        auto left = "  " + text_of(each, "name");
        if (schema != nullptr)
            left += ": " + types.name(*schema);
        auto prose = text_of(each, "description");
        if (!flag(each, "required"))
            prose += " (may be left out)";
        else if (schema != nullptr && document.is_nullable(*schema))
            prose += " (may be null)";
        text += row(left, prose, 28);
    }
    return text;
}

std::string results(const Json& method, Types& types) {
    const auto* result = member(method, "result");
    const auto* schema = result == nullptr ? nullptr : member(*result, "schema");
    // Every function has this shape: `return`, and `out` with the outputs by name.
    const auto* members = schema == nullptr ? nullptr : member(*schema, "properties");
    if (members == nullptr)
        return {};
    std::string text = "\nresult:\n";
    if (const auto* returned = member(*members, "return"))
        text += row("  return: " + types.name(*returned), text_of(*returned, "description"), 28);
    const auto* out = member(*members, "out");
    const auto* outputs = out == nullptr ? nullptr : member(*out, "properties");
    if (outputs != nullptr && outputs->is_object())
        for (const auto& [name, inner] : outputs->items())
            text +=
                row("  out " + name + ": " + types.name(inner), text_of(inner, "description"), 28);
    return text;
}

std::string errors(const Json& method, const Document& document) {
    const auto* list = member(method, "errors");
    if (list == nullptr || list->empty())
        return {};
    std::string text = "\nerrors:\n";
    for (const auto& each : *list) {
        const auto reference = text_of(each, "$ref");
        // Most errors are shared, and stand among the components.
        const auto* error = reference.empty() ? &each : document.behind(reference);
        const auto* code = error == nullptr ? nullptr : member(*error, "code");
        if (code != nullptr)
            text += "  " + code->dump() + " " + text_of(*error, "message") + "\n";
    }
    return text;
}

std::string examples(const Json& method) {
    const auto* list = member(method, "examples");
    if (list == nullptr || !list->is_array() || list->empty())
        return {};
    std::string text = "\nexample:\n";
    for (const auto& each : *list) {
        // Pairs of name and value in OpenRPC; one object on the command line.
        Json params = Json::object();
        if (const auto* given = member(each, "params"); given != nullptr && given->is_array())
            for (const auto& pair : *given)
                if (const auto* value = member(pair, "value"))
                    params[text_of(pair, "name")] = *value;
        // In single quotes for the shell: a quote inside ends them and begins anew.
        std::string quoted;
        for (const char c : printed(params, Style::compact))
            quoted += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
        text += "  pep-rpc " + text_of(method, "name") + " '" + quoted + "'\n";
        const auto* result = member(each, "result");
        if (const auto* value = result == nullptr ? nullptr : member(*result, "value"))
            text += "  → " + printed(*value, Style::compact) + "\n";
    }
    return text;
}

} // namespace

std::string list_of_methods(const Document& document) {
    // In the order of the document.
    std::vector<std::string> topics;
    for (const auto& each : document.methods())
        if (std::ranges::find(topics, topic_of(each)) == topics.end())
            topics.push_back(topic_of(each));
    std::string text;
    for (const auto& topic : topics) {
        text.append(text.empty() ? "" : "\n").append(topic).append(":\n");
        for (const auto& each : document.methods())
            if (topic_of(each) == topic)
                text +=
                    row("  " + text_of(each, "name"), first_sentence(text_of(each, "summary")), 30);
    }
    return text;
}

std::string help_for_method(const Document& document, const Json& method) {
    Types types{document};
    auto text = usage_line(document, method) + "\n" + row("", text_of(method, "summary"), 0);
    text += parameters(method, document, types) + results(method, types);
    // Last: parameters and results have named their types by now.
    if (const auto explained = types.explained(); !explained.empty())
        text += "\ntypes:\n" + explained;
    return text + errors(method, document) + examples(method);
}

} // namespace pep::client
