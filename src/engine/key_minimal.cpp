// librnp does the cutting, in an ffi of its own: the certificate is not that of the key cache.
#include "engine/key_minimal.hpp"

#include "engine/backend/rnp.hpp"
#include "engine/key_address.hpp"
#include "engine/key_view.hpp"

#include <ctime>

namespace pep::engine {

namespace {

/// The primary key of the first certificate in there.
rnp::Key first_primary(rnp_ffi_t ffi) {
    const auto keys = rnp::make<rnp::Identifiers>([&](auto* out) {
        return rnp_identifier_iterator_create(ffi, out, "fingerprint");
    });
    const char* fpr = nullptr;
    while (keys && rnp_identifier_iterator_next(keys.get(), &fpr) == RNP_SUCCESS && fpr != nullptr
    ) {
        auto key = rnp::locate(ffi, fpr);
        if (key && rnp::value<bool>([&](bool* out) { return rnp_key_is_primary(key.get(), out); }))
            return key;
    }
    return nullptr;
}

/// The exact text of the user id with that address, as librnp wants it.
std::string user_id_with(rnp_key_handle_t key, std::string_view address) {
    const std::string wanted = normalised_address(address);
    // Compared in the form in which keys are indexed: both may be spelt differently.
    const auto count =
        rnp::value<std::size_t>([&](auto* out) { return rnp_key_get_uid_count(key, out); });
    for (std::size_t i = 0; i < count; ++i) {
        auto id = rnp::text([&](char** out) { return rnp_key_get_uid_at(key, i, out); });
        if (parse_user_id(id).address == wanted)
            return id;
    }
    return {};
}

} // namespace

std::string minimal_key(std::string_view certificate, std::string_view address) {
    const auto ffi = rnp::make_ffi();
    const auto input = rnp::input_from(certificate);
    // Alone in its ffi the certificate cannot get mixed up with another version of it.
    if (!ffi || !input ||
        rnp_import_keys(
            ffi.get(), input.get(), RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_PERMISSIVE, nullptr
        ) != RNP_SUCCESS)
        return {};
    auto primary = first_primary(ffi.get());
    if (!primary)
        return {};
    const KeyView view = view_key(std::move(primary));
    const auto& key = view.primary().handle;
    const auto user_id = user_id_with(key.get(), address);
    if (user_id.empty())
        return {};
    // The export takes one subkey: the first that can be used.
    const auto now = std::time(nullptr);
    for (const KeyPart& part : view.parts) {
        if (part.primary || !part.encrypts || !view.usable(part, now))
            continue;
        // One for each attempt: a failed export may have written something.
        rnp::Sink sink{1024};
        const auto done = rnp_key_export_autocrypt(
            key.get(), part.handle.get(), user_id.c_str(), sink.output(), 0
        );
        // This export, unlike others, leaves it to the caller to flush.
        if (done == RNP_SUCCESS && rnp_output_finish(sink.output()) == RNP_SUCCESS)
            return sink.take();
    }
    return {};
}

} // namespace pep::engine
