// Any bytes as keys, as an encrypted message, and as a signature.
#include "engine/keys.hpp"
#include "engine/store.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pep::engine;
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    static auto store = Store::open_in_memory();
    if (!store)
        std::abort();
    // For ever: the library's own memory is gone when static objects are.
    static KeyRing& keys = *new KeyRing{store->db()};
    auto imported = keys.import(bytes);
    if (imported)
        for (const auto& key : imported->keys)
            (void)keys.remove(key.fpr);
    (void)keys.decrypt(bytes, nullptr);
    (void)keys.verify_detached("text", bytes);
    return 0;
}
