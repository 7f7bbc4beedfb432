// Looking things up in an OpenRPC document: methods, the schemas behind references, near names.
// It knows no function by name. Views into the document; any thread.
#pragma once

#include "client/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pep::client {

/// What a schema wants, as far as the command line needs to know.
enum class Shape { text, base64, integer, number, boolean, object, array, anything };

class Document {
  public:
    /// Borrows: the document must outlive this object.
    explicit Document(const Json& openrpc) : root_(openrpc) {}

    /// Null: there is none of that name.
    [[nodiscard]] const Json* method(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> method_names() const;
    [[nodiscard]] const Json& methods() const;

    /// The parameter's entry in a method; null: none of that name.
    [[nodiscard]] static const Json* parameter(const Json& method, std::string_view name);

    /// The schema itself: behind `$ref`, and the first that is not "null" of `anyOf`.
    [[nodiscard]] const Json& resolved(const Json& schema) const;

    [[nodiscard]] Shape shape(const Json& schema) const;

    /// Whether null is allowed.
    [[nodiscard]] bool is_nullable(const Json& schema) const;

    /// What the value is for, in a word: the component's name, else the shape ("text", "number").
    [[nodiscard]] std::string type_name(const Json& schema) const;

    /// Marked as a secret (format "password").
    [[nodiscard]] bool is_secret(const Json& schema) const;

    /// The `#/…` reference behind it; null: none.
    [[nodiscard]] const Json* behind(std::string_view reference) const;

  private:
    const Json& root_;
};

/// At most three of the candidates that a typing error, or half a name, may have meant; best first.
[[nodiscard]] std::vector<std::string>
near_names(std::string_view name, const std::vector<std::string>& candidates);

/// " Did you mean a, b or c?", or nothing.
[[nodiscard]] std::string
suggestion(std::string_view name, const std::vector<std::string>& candidates);

/// A member that is a string, else "".
[[nodiscard]] std::string text_of(const Json& object, const char* name);

/// A member, else null.
[[nodiscard]] const Json* member(const Json& object, std::string_view name);

} // namespace pep::client
