// Collects the JSON Schemas of named types while a description of functions is made, so that each
// type is described once and referred to everywhere else.
#pragma once

#include "marshal/json.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace pep::marshal {

class Schemas {
  public:
    /// `prefix` is where the definitions will stand in the finished document.
    explicit Schemas(std::string prefix = "#/components/schemas/") : prefix_(std::move(prefix)) {}

    /// A reference to the type `name`, which `make` describes when it is asked for the first time.
    json ref(std::string_view name, json (*make)(Schemas&));

    /// All definitions so far, by name.
    [[nodiscard]] const json& definitions() const noexcept { return definitions_; }

  private:
    std::string prefix_;
    json definitions_ = json::object();
};

/// `schema`, or null.
[[nodiscard]] json or_null(json schema);

} // namespace pep::marshal
