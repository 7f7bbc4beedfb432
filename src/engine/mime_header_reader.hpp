// Header fields of an entity as members of a message (engine messages, section 1).
#pragma once

#include "engine/mime_tree.hpp"
#include "pEp/message.h"

#include <span>

namespace pep::engine::mime {

/// Fields that describe the entity rather than the message: written by the encoder, never
/// opt_fields.
[[nodiscard]] bool is_structure_field(std::string_view name);

/// Set the members of `msg` (new, empty) from `headers`. Of a field that may occur once the first
/// counts; address lists are joined. Throws bad_alloc.
void read_headers(std::span<const Header> headers, message& msg);

/// malloc'ed copy of `text` up to its first NUL. Throws bad_alloc.
[[nodiscard]] char* c_copy(std::string_view text);

} // namespace pep::engine::mime
