// getrandom(2), which is all the randomness that is needed here.
#include "base/random.hpp"

#include "base/base64.hpp"

#include <sys/random.h>

#include <cerrno>

namespace pep {

Expected<void> fill_random(void* memory, std::size_t size) {
    auto* at = static_cast<char*>(memory);
    while (size > 0) {
        // Without flags it waits until the kernel has been seeded, soon after boot, and never
        // again. A signal can cut long requests short.
        const ssize_t got = ::getrandom(at, size, 0);
        if (got < 0) {
            if (errno == EINTR) {
                continue;
            }
            return fail(errno, "the operating system gives no random bytes");
        }
        at += got;
        size -= static_cast<std::size_t>(got);
    }
    return {};
}

Expected<std::string> random_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    if (auto filled = fill_random(bytes.data(), bytes.size()); !filled) {
        return fail(filled);
    }
    return bytes;
}

Expected<Secret> random_token(std::size_t entropy_bytes) {
    Expected<std::string> bytes = random_bytes(entropy_bytes);
    if (!bytes) {
        return fail(bytes);
    }
    // Text from the start: it travels in HTTP fields and JSON, where these letters are plain.
    std::string text = base64url_encode(*bytes);
    Secret token(text);
    // Both steps on the way to the token are as secret as the token.
    wipe(bytes->data(), bytes->size());
    wipe(text.data(), text.size());
    return token;
}

} // namespace pep
