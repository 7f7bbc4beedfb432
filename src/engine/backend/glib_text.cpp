// Both functions return something usable for any bytes: user ids of old keys are not always UTF-8.
#include "engine/backend/glib_text.hpp"

#include "base/text.hpp"

#include <glib.h>

#include <memory>

namespace pep::engine::glib {

namespace {

struct Free {
    void operator()(gchar* text) const { g_free(text); }
};

using Text = std::unique_ptr<gchar, Free>;

} // namespace

std::string ascii_domain(std::string_view domain) {
    const std::string terminated{domain};
    if (is_utf8(domain) && domain.find('\0') == std::string_view::npos) {
        // GLib takes C strings: what stands behind a NUL would be left out.
        if (const Text ascii{g_hostname_to_ascii(terminated.c_str())})
            return to_lower(ascii.get());
    }
    return to_lower(domain);
}

std::string folded(std::string_view text) {
    if (!is_utf8(text))
        return to_lower(text);
    const auto size = static_cast<gssize>(text.size());
    const Text lower{g_utf8_casefold(text.data() ? text.data() : "", size)};
    // Case folding may leave letters and accents apart that are one character elsewhere.
    const Text composed{lower ? g_utf8_normalize(lower.get(), -1, G_NORMALIZE_NFC) : nullptr};
    return composed ? std::string{composed.get()} : to_lower(text);
}

} // namespace pep::engine::glib
