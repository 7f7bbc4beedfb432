// Header protection (RFC 9788): what gets encrypted carries the header of the message at its top,
// so that mail programs which know that standard, but not p≡p, show subject and addresses.
#pragma once

#include "base/expected.hpp"
#include "pEp/message.h"

#include <string>

namespace pep::engine {

/// encode_mime() of the multipart `entity`, whose second part is marked as the message proper.
/// Above it stand the fields of `inside` and, each behind `HP-Outer:`, those of `outside`, which is
/// what everybody sees.
[[nodiscard]] Expected<std::string>
encode_protected(const message& entity, const message& inside, const message& outside);

} // namespace pep::engine
