// A fresh home with a session, and partners whose keys were made elsewhere.
#pragma once

#include "engine/identity_store.hpp"
#include "engine/session.hpp"
#include "pEp/keymanagement.h"
#include "pEp/pEpEngine.h"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace pep::engine::testing {

using pep::test::TemporaryFolder;

struct ReleaseSession {
    void operator()(pEp_session_* session) const { release(session); }
};

using Session = std::unique_ptr<pEp_session_, ReleaseSession>;

/// A session on a home, null when init fails.
inline Session open_session(const std::filesystem::path& home, pEp_engine_options options = {}) {
    const std::string name = home.string();
    options.home = name.c_str();
    PEP_SESSION session = nullptr;
    EXPECT_EQ(init_with_options(&session, &options, nullptr, nullptr, nullptr), PEP_STATUS_OK);
    if (session != nullptr)
        config_cipher_suite(session, PEP_CIPHER_SUITE_CV25519);
    return Session{session};
}

struct FreeIdentity {
    void operator()(pEp_identity* identity) const { free_identity(identity); }
};

using IdentityPtr = std::unique_ptr<pEp_identity, FreeIdentity>;

inline IdentityPtr identity(
    const char* address,
    const char* user_id = nullptr,
    const char* username = nullptr,
    const char* fpr = nullptr
) {
    return IdentityPtr{new_identity(address, fpr, user_id, username)};
}

/// Text of a member that may be NULL.
inline std::string text(const char* member) { return member != nullptr ? member : "(null)"; }

/// A string handed out by the C API.
struct Handed {
    char* text = nullptr;
    size_t size = 0;

    Handed() = default;
    Handed(const Handed&) = delete;
    Handed& operator=(const Handed&) = delete;

    ~Handed() { pEp_free(text); }

    [[nodiscard]] std::string str() const { return text != nullptr ? text : "(null)"; }
};

class IdentitiesTest : public ::testing::Test {
  protected:
    [[nodiscard]] Context& context() { return **session->context(); }

    /// Make a key for somebody in another home and bring its public part here; its fingerprint.
    std::string partner_key(const char* address, std::uint32_t lifetime_s = 365U * 24 * 3600) {
        if (!elsewhere)
            elsewhere = open_session(other_home.path());
        auto& keys = (*elsewhere->context())->keys;
        GenerateParams params;
        params.address = address;
        params.suite = PEP_CIPHER_SUITE_CV25519;
        params.lifetime_s = lifetime_s;
        const auto fpr = keys.generate(params);
        EXPECT_TRUE(fpr.has_value());
        if (!fpr)
            return {};
        bring(*fpr);
        return *fpr;
    }

    /// Bring the public part of a key as it is elsewhere now.
    void bring(const std::string& fpr) {
        const auto armored = (*elsewhere->context())->keys.export_public(fpr);
        ASSERT_TRUE(armored.has_value());
        EXPECT_EQ(
            import_key(session.get(), armored->data(), armored->size(), nullptr), PEP_KEY_IMPORTED
        );
    }

    /// A partner with a stored default key.
    std::string partner(const char* address, const char* user_id, const char* name) {
        const std::string fpr = partner_key(address);
        const auto who = identity(address, user_id, name);
        EXPECT_EQ(set_comm_partner_key(session.get(), who.get(), fpr.c_str()), PEP_STATUS_OK);
        return fpr;
    }

    IdentityPtr
    updated(const char* address, const char* user_id = nullptr, const char* name = nullptr) {
        auto who = identity(address, user_id, name);
        EXPECT_EQ(update_identity(session.get(), who.get()), PEP_STATUS_OK);
        return who;
    }

    IdentityPtr
    own(const char* address, const char* name = nullptr, const char* user_id = nullptr) {
        auto me = identity(address, user_id, name);
        EXPECT_EQ(myself(session.get(), me.get()), PEP_STATUS_OK);
        return me;
    }

    PEP_comm_type trust(const char* user_id, const std::string& fpr) {
        const auto who = identity(nullptr, user_id, nullptr, fpr.c_str());
        get_trust(session.get(), who.get());
        return who->comm_type;
    }

    /// Rows changed on this thread's connection so far.
    int changes() { return sqlite3_total_changes(context().store.db().handle()); }

    TemporaryFolder home;
    TemporaryFolder other_home;
    Session session = open_session(home.path());
    Session elsewhere; ///< opened by partner_key()
};

} // namespace pep::engine::testing
