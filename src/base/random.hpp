// Random bytes from the operating system. Any thread.
#pragma once

#include "base/expected.hpp"
#include "base/secret.hpp"

#include <cstddef>
#include <string>

namespace pep {

/// Fills the memory; fails only where the system has no random source.
Expected<void> fill_random(void* memory, std::size_t size);

/// That many random bytes, for what is not secret (identifiers, epochs).
Expected<std::string> random_bytes(std::size_t size);

/// A secret of `entropy_bytes` random bytes, as base64url text without padding.
Expected<Secret> random_token(std::size_t entropy_bytes = 32);

} // namespace pep
