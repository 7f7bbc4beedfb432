// Examples are constants; a test reads and executes each of them, so nothing here complains.
#include "rpc/example.hpp"

namespace pep::rpc {
namespace {

/// Null if the example leaves the parameter out.
const json* find_input(const Param& p, const ReadExample& sample) {
    const auto found = sample.params.find(std::string(p.name));
    return found == sample.params.end() ? nullptr : &*found;
}

} // namespace

std::optional<ReadExample> read_example(const Function& f) {
    if (f.sample.title.empty())
        return std::nullopt;
    // Texts until now, because a json is nothing for constexpr data.
    ReadExample sample{
        json::parse(f.sample.params, nullptr, /*allow_exceptions=*/false),
        json::parse(f.sample.result, nullptr, /*allow_exceptions=*/false)};
    if (!sample.params.is_object() || !sample.result.is_object())
        return std::nullopt;
    return sample;
}

json example_pairing(const Function& f, const ReadExample& sample) {
    // OpenRPC lists name and value of each, whatever form the call itself has.
    json params = json::array();
    for (const auto& [name, value] : sample.params.items())
        params.push_back({{"name", name}, {"value", value}});
    return {
        {"name", f.sample.title},
        {"params", std::move(params)},
        {"result", {{"name", "result"}, {"value", sample.result}}}};
}

json legacy_example_params(const Function& f, const ReadExample& sample) {
    json params = json::array();
    for (const Param& p : f.parameters()) {
        if (p.direction == Direction::hidden)
            continue;
        const json* value = p.is_input() ? find_input(p, sample) : nullptr;
        // Every place is filled, that of an input which was left out too.
        if (value != nullptr)
            params.push_back(*value);
        else if (p.is_input())
            params.push_back(nullptr);
        else
            params.push_back("OP");
    }
    return params;
}

} // namespace pep::rpc
