// From the words of a command line to the parameters of a call. The schema says how a word is
// meant, so that texts need no quotes of JSON. Error::code is fault::usage; messages name
// parameters, never values.
#pragma once

#include "client/document.hpp"
#include "client/json.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pep::client {

/// `name.member.0=text`, taken apart.
struct Argument {
    enum class Kind {
        text,     ///< name=text: as the schema wants it
        json,     ///< name:=JSON
        file,     ///< name=@FILE, as text or base64, or JSON where the schema wants a structure
        json_file ///< name:=@FILE
    };

    std::string name; ///< as written, for messages
    std::vector<std::string> path;
    Kind kind = Kind::text;
    std::string value; ///< text, JSON or file name; "-" is standard input
};

/// How files are read; the message of an error says what is wrong with the file.
using ReadFile = std::function<Expected<std::string>(const std::string& name)>;

[[nodiscard]] Expected<Argument> parse_argument(std::string_view word);

/// All of them, which must name different places.
[[nodiscard]] Expected<std::vector<Argument>> parse_arguments(const std::vector<std::string>& words
);

/// The parameters object they make. `warnings` gets a line for each secret in a literal value.
[[nodiscard]] Expected<Json> make_params(
    const std::vector<Argument>& arguments,
    const Json& method,
    const Document& document,
    const ReadFile& read,
    std::vector<std::string>& warnings
);

} // namespace pep::client
