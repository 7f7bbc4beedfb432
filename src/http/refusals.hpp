// What each refusal of the gate means for its client, in one table: the slug goes into the error
// body as the reason, the hint says how to mend it. Pure; any thread.
#pragma once

#include <span>
#include <string_view>

namespace pep::http {

struct RefusalHint {
    std::string_view slug;
    std::string_view hint;
};

/// All of them, in the order in which a request is checked.
[[nodiscard]] std::span<const RefusalHint> refusal_hints() noexcept;

/// How to mend a refusal; "" for a slug that is not in the table.
[[nodiscard]] std::string_view hint_of(std::string_view slug) noexcept;

} // namespace pep::http
