// The home in which the examples of the functions take place, and the rule by which a reply agrees
// with its example.
#pragma once

#include "dialogue.hpp"
#include "rpc/function_map.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pep::api {

/// Ann's: her own key is there, and the one of Ben, which nobody has confirmed.
class ExampleHome : public Dialogue {
  public:
    /// With what the example of this function needs besides: cached letters, an event, a
    /// dictionary, another device. Preparing is done by calls; one that fails is a failure of the
    /// test.
    explicit ExampleHome(std::string_view function);

    /// Random names are others in each home: how the examples call them, and what they are here.
    [[nodiscard]] json with_real_names(const json& from_example) const;
    [[nodiscard]] json with_example_names(const json& from_server) const;

  private:
    void make_dictionary() const;
    void confirm_other_device();
    void cache_outgoing_letter();
    void cache_received_letter();
    json must(const std::string& method, const json& params, int status = 0);

    std::map<std::string, std::string> names_;
};

/// The first place where a reply differs from an example, or nothing. All members must be there and
/// be equal, except: a string of the example that ends in "…" stands for all that begin like it,
/// and the size of contents that are so cut is not compared.
[[nodiscard]] std::optional<std::string>
find_disagreement(const json& example, const json& reply, const std::string& at = "");

/// All functions of the modern dialect.
[[nodiscard]] std::vector<const rpc::Function*> modern_functions();

} // namespace pep::api
