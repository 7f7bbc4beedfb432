// The rules of a call that do not depend on its signature.
#include "rpc/call.hpp"

#include "rpc/error.hpp"
#include "rpc/function_map.hpp"

#include <algorithm>

namespace pep::rpc {
namespace {

/// What old clients put where they do not care.
/// Those only that could be taken for a value. Others are of the wrong type: see is_tolerated().
bool is_dummy(const json& value) {
    if (!value.is_array() || value.size() != 1 || !value.front().is_string())
        return false;
    const auto& text = value.front().get_ref<const std::string&>();
    return text.empty() || text == "OP" || text == "O" || text == "out";
}

/// Only the old dialect is lenient; what a new client sends is meant.
bool lenient(const Arguments& in, const Param& param) {
    return in.dialect == Dialect::legacy && has(param.options, Option::lenient_in_legacy);
}

/// The policies from number `depth` on, then the attempt.
class Wrapped final : public Attempt {
  public:
    Wrapped(const Function& f, CallContext& context, Attempt& inner, std::size_t depth)
        : function_(&f), context_(&context), inner_(&inner), depth_(depth) {}

    long long operator()() override {
        error = {};
        if (depth_ >= max_policies || !function_->policies[depth_])
            return last = (*inner_)();
        Wrapped next{*function_, *context_, *inner_, depth_ + 1};
        error = function_->policies[depth_]->run(*context_, *function_, next);
        // A policy that ignores the failure of the one inside does not make it a success.
        if (error && !next.error)
            error = next.error;
        return last = next.last;
    }

    Expected<void> error;
    long long last = 0;

  private:
    const Function* function_;
    CallContext* context_;
    Attempt* inner_;
    std::size_t depth_;
};

/// Elements by number, members by name: the path leads through what the client sent.
marshal::Path
place(const marshal::Path& params, const Arguments& in, const Param& param, std::size_t i) {
    return in.by_position ? params.item(in.position[i]) : params.field(param.name);
}

} // namespace

const Param& param_of(const Function& f, std::size_t index) { return f.params[index]; }

Admission admit(const Arguments& in, const Param& param, std::size_t index) {
    const json* value = in.slots[index];
    const bool legacy = in.dialect == Dialect::legacy;
    if (!value || value->is_null()) {
        if (has(param.options, Option::nullable) || lenient(in, param))
            return Admission::use_nothing;
        // In the legacy dialect null stands for NULL wherever the type has one: the engine decides.
        return value && legacy ? Admission::decode : Admission::refuse;
    }
    return lenient(in, param) && is_dummy(*value) ? Admission::use_nothing : Admission::decode;
}

ParamPath::ParamPath(const Arguments& in, const Param& param, std::size_t index)
    : params_(root_.field("params")), at_(place(params_, in, param, index)) {}

bool is_tolerated(
    const Error& error, const Arguments& in, const Param& param, const ParamPath& path
) {
    // The value itself, not something inside: who sends a list with a number in it means a list.
    return lenient(in, param) && marshal::is(error, marshal::Fault::wrong_type) &&
           error.where == path.at().pointer();
}

Error internal_error(Error cause) {
    cause.code = code::internal_error;
    return cause;
}

bool may_repeat(const Function& f, CallContext& context) {
    return std::ranges::any_of(f.policies, [&](const Policy* policy) {
        return policy && (!policy->may_repeat || policy->may_repeat(context));
    });
}

Expected<void> run(const Function& f, CallContext& context, Attempt& attempt) {
    Wrapped all{f, context, attempt, 0};
    all();
    return std::move(all.error);
}

} // namespace pep::rpc
