// What the edge cases of the engine reference (section 10) share: a home with a session, another
// home where partners' keys are made, and shorthands of the C API. A test is named by the number of
// its case; a case of several parts has several tests (N015a, N015b).
#pragma once

#include "engine/identities.hpp"
#include "engine/identities_fixture.hpp"
#include "engine/mime_codec.hpp"
#include "engine/owned.hpp"
#include "pEp/identity_list.h"
#include "pEp/message_api.h"

#include <ctime>
#include <string>
#include <thread>
#include <vector>

namespace pep::engine::testing {

/// The fingerprint of no key.
inline constexpr const char* absent_fpr = "0123456789ABCDEF0123456789ABCDEF01234567";

inline constexpr std::uint32_t day_s = 24U * 3600;

/// A second has passed: of signatures made in the same second either may win.
inline void next_second() {
    const std::time_t now = std::time(nullptr);
    while (std::time(nullptr) == now)
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
}

/// Texts of a list handed out by the C API, which is freed.
inline std::vector<std::string> taken(stringlist_t* list) {
    std::vector<std::string> all;
    for (const auto* node = list; node != nullptr && node->value != nullptr; node = node->next)
        all.emplace_back(node->value);
    free_stringlist(list);
    return all;
}

inline std::vector<std::string> found(PEP_SESSION session, const std::string& pattern) {
    stringlist_t* list = nullptr;
    EXPECT_EQ(find_keys(session, pattern.c_str(), &list), PEP_STATUS_OK) << pattern;
    return taken(list);
}

inline std::string exported(PEP_SESSION session, const std::string& fpr) {
    Handed key;
    EXPECT_EQ(export_key(session, fpr.c_str(), &key.text, &key.size), PEP_STATUS_OK) << fpr;
    return key.str();
}

inline std::string exported_secret(PEP_SESSION session, const std::string& fpr) {
    Handed key;
    EXPECT_EQ(export_secret_key(session, fpr.c_str(), &key.text, &key.size), PEP_STATUS_OK) << fpr;
    return key.str();
}

inline PEP_STATUS imported(PEP_SESSION session, const std::string& data) {
    return import_key(session, data.data(), data.size(), nullptr);
}

/// What the key says of itself; unknown when it is absent.
inline int raw_rating(PEP_SESSION session, const std::string& fpr) {
    PEP_comm_type ct = PEP_ct_unknown;
    (void)get_key_rating(session, fpr.c_str(), &ct);
    return ct;
}

inline bool is_revoked(PEP_SESSION session, const std::string& fpr) {
    bool revoked = false;
    EXPECT_EQ(key_revoked(session, fpr.c_str(), &revoked), PEP_STATUS_OK);
    return revoked;
}

inline bool is_expired(PEP_SESSION session, const std::string& fpr, std::time_t when) {
    bool expired = false;
    EXPECT_EQ(key_expired(session, fpr.c_str(), when, &expired), PEP_STATUS_OK);
    return expired;
}

/// Encrypt and sign a little with the key, in a session of that passphrase.
inline PEP_STATUS usable_with(PEP_SESSION session, const std::string& fpr, const char* passphrase) {
    EXPECT_EQ(config_passphrase(session, passphrase), PEP_STATUS_OK);
    return probe_encrypt(session, fpr.c_str());
}

class EdgeCase : public IdentitiesTest {
  protected:
    /// A key pair in a session's ring, tied to nobody.
    static std::string make_key(
        PEP_SESSION in,
        const char* address,
        std::uint32_t lifetime_s = 365U * day_s,
        const char* passphrase = nullptr
    ) {
        const Secret secret{passphrase != nullptr ? passphrase : ""};
        GenerateParams params;
        params.address = address;
        params.suite = PEP_CIPHER_SUITE_CV25519;
        params.lifetime_s = lifetime_s;
        params.passphrase = passphrase != nullptr ? &secret : nullptr;
        const auto fpr = (*in->context())->keys.generate(params);
        EXPECT_TRUE(fpr.has_value());
        return fpr.value_or("");
    }

    /// An own identity "ME" with a key of that lifetime, as it was stored long ago.
    std::string
    own_with_key(const char* address, std::uint32_t lifetime_s, const char* passphrase = nullptr) {
        const std::string fpr = make_key(session.get(), address, lifetime_s, passphrase);
        auto me = identity(address, "ME", "Me", fpr.c_str());
        me->me = true;
        me->comm_type = PEP_ct_pEp;
        EXPECT_EQ(set_identity(session.get(), me.get()), PEP_STATUS_OK);
        return fpr;
    }

    IdentityPtr stored(const char* address, const char* user_id) {
        pEp_identity* found = nullptr;
        EXPECT_EQ(get_identity(session.get(), address, user_id, &found), PEP_STATUS_OK) << address;
        return found != nullptr ? IdentityPtr{found} : identity("-");
    }

    bool is_own_key(const std::string& fpr) { return *pep::engine::is_own_key(*session, fpr); }

    void set_partner_key(const char* address, const char* user_id, const std::string& fpr) {
        const auto who = identity(address, user_id, address);
        EXPECT_EQ(set_comm_partner_key(session.get(), who.get(), fpr.c_str()), PEP_STATUS_OK);
    }

    PEP_rating rating_of(const char* address, const char* user_id = nullptr) {
        const auto who = identity(address, user_id);
        PEP_rating rating = PEP_rating_undefined;
        EXPECT_EQ(identity_rating(session.get(), who.get(), &rating), PEP_STATUS_OK);
        return rating;
    }

    /// A text from one identity to another.
    static OwnedMessage mail(const pEp_identity& from, const pEp_identity& to) {
        OwnedMessage msg{new_message(PEP_dir_outgoing)};
        msg->from = identity_dup(&from);
        msg->to = new_identity_list(identity_dup(&to));
        assign(msg->shortmsg, "subject");
        assign(msg->longmsg, "body");
        return msg;
    }

    struct Encrypted {
        PEP_STATUS status = PEP_UNKNOWN_ERROR;
        OwnedMessage msg;
    };

    Encrypted
    encrypt(message& src, PEP_enc_format format = PEP_enc_auto, PEP_encrypt_flags_t flags = 0) {
        message* made = nullptr;
        const auto status = encrypt_message(session.get(), &src, nullptr, &made, format, flags);
        return {status, OwnedMessage{made}};
    }

    std::string alias_default(const char* alias) {
        Handed id;
        EXPECT_EQ(get_userid_alias_default(session.get(), alias, &id.text), PEP_STATUS_OK);
        return id.str();
    }
};

} // namespace pep::engine::testing
