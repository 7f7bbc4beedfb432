// Conversion between pEp_identity, Identity and rows.
#include "engine/identity_value.hpp"

#include "engine/guard.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace pep::engine {

namespace {

constexpr std::string_view tofu_prefix = "TOFU_";

/// To the engine NULL and "" are the same.
std::string text_of(const char* text) { return text != nullptr ? text : std::string{}; }

/// For texts of the C structs, which come from malloc.
struct Free {
    void operator()(char* text) const { std::free(text); }
};

} // namespace

Identity value_of(const pEp_identity& identity) {
    Identity value;
    value.address = text_of(identity.address);
    value.fpr = text_of(identity.fpr);
    value.user_id = text_of(identity.user_id);
    value.username = text_of(identity.username);
    // Two letters at most: a C caller may have forgotten the NUL behind them.
    value.lang.assign(identity.lang, strnlen(identity.lang, sizeof identity.lang - 1));
    value.ct = identity.comm_type;
    value.me = identity.me;
    value.major = identity.major_ver;
    value.minor = identity.minor_ver;
    value.enc_format = identity.enc_format;
    value.flags = identity.flags;
    return value;
}

Expected<void> assign(pEp_identity& to, const Identity& from) {
    const std::array<std::pair<char**, const std::string*>, 4> texts{{
        {&to.address, &from.address},
        {&to.fpr, &from.fpr},
        {&to.user_id, &from.user_id},
        {&to.username, &from.username},
    }};
    // All copies are made before anything is overwritten: a failure leaves the identity as it was.
    std::array<std::unique_ptr<char, Free>, 4> copies;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        // What is unknown is NULL in the C API, not "".
        if (texts[i].second->empty())
            continue;
        copies[i].reset(::strdup(texts[i].second->c_str()));
        if (!copies[i])
            return fail(PEP_OUT_OF_MEMORY, "no memory for an identity");
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        // `from` has texts of its own, so none of those is freed before it was copied.
        std::free(*texts[i].first);
        *texts[i].first = copies[i].release();
    }
    // Nothing of a former language stays behind, and there always is a NUL.
    std::memset(to.lang, 0, sizeof to.lang);
    from.lang.copy(to.lang, sizeof to.lang - 1);
    to.comm_type = from.ct;
    to.me = from.me;
    to.major_ver = from.major;
    to.minor_ver = from.minor;
    to.enc_format = static_cast<PEP_enc_format>(from.enc_format);
    to.flags = from.flags;
    return {};
}

bool is_tofu_id(std::string_view user_id) { return user_id.starts_with(tofu_prefix); }

std::string tofu_id(std::string_view address) {
    return std::string{tofu_prefix} + std::string{address};
}

Identity identity_of(const IdentityRow& row, PEP_comm_type ct) {
    Identity identity;
    identity.address = row.address;
    identity.fpr = row.fpr;
    identity.user_id = row.user_id;
    // For groups, whose own name alone counts, get_identity() amends this.
    identity.username = row.name();
    identity.lang = row.lang;
    identity.ct = ct;
    identity.me = row.own;
    identity.major = row.major;
    identity.minor = row.minor;
    identity.enc_format = row.enc_format;
    identity.flags = row.flags;
    return identity;
}

} // namespace pep::engine
