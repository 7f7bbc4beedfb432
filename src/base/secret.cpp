// Secrets in OpenSSL's secure heap: locked against swapping, guarded, left out of core dumps. When
// that heap is full or was never set up, the plain heap serves; wiping happens in both cases.
#include "base/secret.hpp"

#include <openssl/crypto.h>

#include <cstring>
#include <new>
#include <utility>

namespace pep {

namespace {

// Tokens and passphrases are small; half a mebibyte would exceed the usual RLIMIT_MEMLOCK of old
// systems.
constexpr std::size_t locked_heap_bytes = std::size_t{64} << 10U;
constexpr std::size_t smallest_piece_bytes = 32;

char* keep(std::string_view bytes) {
    if (bytes.empty()) {
        return nullptr;
    }
    void* memory = OPENSSL_secure_malloc(bytes.size() + 1);
    if (memory == nullptr) { // the secure heap is full
        memory = OPENSSL_malloc(bytes.size() + 1);
    }
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    auto* copy = static_cast<char*>(memory);
    std::memcpy(copy, bytes.data(), bytes.size());
    copy[bytes.size()] = '\0';
    return copy;
}

} // namespace

Secret::Secret(std::string_view bytes) : bytes_(keep(bytes)), size_(bytes.size()) {}

Secret::Secret(const Secret& other) : Secret(other.reveal()) {}

Secret::Secret(Secret&& other) noexcept
    : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(const Secret& other) {
    if (this != &other) {
        *this = Secret(other);
    }
    return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    if (this != &other) { // the old value must not live on in the moved-from object
        Secret gone(std::move(other));
    }
    return *this;
}

Secret::~Secret() {
    // Knows from which heap the memory came, and wipes it in both.
    OPENSSL_secure_clear_free(bytes_, bytes_ != nullptr ? size_ + 1 : 0);
}

bool Secret::equals(std::string_view other) const noexcept {
    return size_ == other.size() && (size_ == 0 || CRYPTO_memcmp(bytes_, other.data(), size_) == 0);
}

bool lock_secret_memory() {
    if (CRYPTO_secure_malloc_initialized() != 0) {
        return true;
    }
    // 2 means: set up, but the system refused to lock it or to guard it.
    return CRYPTO_secure_malloc_init(locked_heap_bytes, smallest_piece_bytes) == 1;
}

[[gnu::noinline]] void wipe_stack_below() noexcept {
    constexpr std::size_t room_bytes = std::size_t{192} << 10U;
    char room[room_bytes]; // NOLINT(modernize-avoid-c-arrays): uninitialised on purpose
    wipe(&room, room_bytes);
}

void wipe(void* memory, std::size_t size) noexcept { explicit_bzero(memory, size); }

} // namespace pep
