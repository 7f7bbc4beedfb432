// The functions of a server as a list, and one of them explained, both from its OpenRPC document.
#pragma once

#include "client/document.hpp"

#include <string>

namespace pep::client {

/// All functions by topic, each with one line.
[[nodiscard]] std::string list_of_methods(const Document& document);

/// Parameters, results, types and errors of one function, and how to call it from a shell.
[[nodiscard]] std::string help_for_method(const Document& document, const Json& method);

} // namespace pep::client
