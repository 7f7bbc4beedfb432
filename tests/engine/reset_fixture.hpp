// People who know each other, reset their keys, and look at what that does.
#pragma once

#include "engine/backend/sqlite.hpp"
#include "engine/distribution_codec.hpp"
#include "messages_fixture.hpp"
#include "pEp/key_reset.h"

#include <set>

namespace pep::engine::test {

/// Alice and Bob have exchanged encrypted mail, so each is the other's p≡p contact.
class Acquainted : public Friends {
  protected:
    void SetUp() override {
        introduce();
        exchange(alice, bob);
        exchange(bob, alice);
        alice.outbox().clear();
        bob.outbox().clear();
    }

    static void exchange(User& from, User& to) {
        OwnedMessage msg = from.mail(to.address(), "s", "b");
        const auto sent = from.send(*msg);
        ASSERT_EQ(sent.status, PEP_STATUS_OK);
        ASSERT_EQ(to.read(sent.wire).status, PEP_STATUS_OK);
    }

    static PEP_STATUS reset(User& user, const char* fpr = nullptr) {
        return key_reset_identity(user.session(), user.own().get(), fpr);
    }

    /// The key an own identity uses now.
    static std::string own_fpr(const User& user, const char* address = nullptr) {
        identity_list* raw = nullptr;
        EXPECT_EQ(own_identities_retrieve(user.session(), &raw), PEP_STATUS_OK);
        const OwnedIdentities all{raw};
        for (const identity_list* node = raw; node != nullptr; node = node->next)
            if (node->ident != nullptr &&
                view(node->ident->address) == (address != nullptr ? address : user.address()))
                return std::string{view(node->ident->fpr)};
        return {};
    }

    static PEP_comm_type trust(const User& user, const char* user_id, const std::string& fpr) {
        const OwnedIdentity who{new_identity(nullptr, fpr.c_str(), user_id, nullptr)};
        static_cast<void>(get_trust(user.session(), who.get()));
        return who->comm_type;
    }

    static bool revoked(const User& user, const std::string& fpr) {
        bool is = false;
        EXPECT_EQ(key_revoked(user.session(), fpr.c_str(), &is), PEP_STATUS_OK);
        return is;
    }

    static bool has_key(const User& user, const std::string& fpr) {
        stringlist_t* raw = nullptr;
        EXPECT_EQ(find_keys(user.session(), fpr.c_str(), &raw), PEP_STATUS_OK);
        const OwnedStrings found{raw};
        return raw != nullptr;
    }

    static sqlite::Database database(const User& user) {
        auto db = sqlite::Database::open(user.home().directory() / "engine.sqlite3");
        EXPECT_TRUE(db);
        return std::move(*db);
    }

    static void sql(const User& user, const std::string& statements) {
        auto db = database(user);
        const auto done = db.script(statements);
        EXPECT_TRUE(done) << done.error().message;
    }

    static std::string user_default(const User& user, const std::string& user_id) {
        auto db = database(user);
        auto query = db.query("SELECT main_key_id FROM person WHERE id = ?1");
        query.bind(user_id);
        const auto row = query.step();
        return row && *row ? query.text(0) : "-";
    }

    /// Somebody else's key pair, made elsewhere, with everything needed to write to them.
    static std::string add_contact(User& user, const char* address, const char* user_id) {
        const User other{address, user_id};
        char* key = nullptr;
        std::size_t size = 0;
        EXPECT_EQ(export_key(other.session(), other.fpr().c_str(), &key, &size), PEP_STATUS_OK);
        const OwnedChars owner{key};
        EXPECT_EQ(import_key(user.session(), key, size, nullptr), PEP_KEY_IMPORTED);
        const OwnedIdentity who{new_identity(address, nullptr, user_id, user_id)};
        EXPECT_EQ(
            set_comm_partner_key(user.session(), who.get(), other.fpr().c_str()), PEP_STATUS_OK
        );
        return other.fpr();
    }

    static void write_to(User& user, const char* address, PEP_STATUS expected = PEP_STATUS_OK) {
        OwnedMessage msg = user.mail(address, "s", "b");
        EXPECT_EQ(user.send(*msg).status, expected) << address;
    }

    static std::multiset<std::string> recipients(User& user) {
        std::multiset<std::string> all;
        for (const auto& msg : user.outbox())
            all.insert(std::string{view(msg->to->ident->address)});
        return all;
    }

    /// A second own identity.
    static std::string add_own(User& user, const char* address) {
        const OwnedIdentity me{new_identity(address, nullptr, PEP_OWN_USERID, "Other")};
        EXPECT_EQ(myself(user.session(), me.get()), PEP_STATUS_OK);
        return std::string{view(me->fpr)};
    }

    /// Share own identities in a device group.
    static void group(User& user, std::initializer_list<const char*> addresses) {
        for (const char* address : addresses) {
            const OwnedIdentity me{new_identity(address, nullptr, PEP_OWN_USERID, nullptr)};
            EXPECT_EQ(
                set_identity_flags(user.session(), me.get(), PEP_idf_devicegroup), PEP_STATUS_OK
            );
        }
    }

    static void use_key(User& user, const char* address, const std::string& fpr) {
        const OwnedIdentity me{new_identity(address, fpr.c_str(), PEP_OWN_USERID, "Name")};
        EXPECT_EQ(set_own_key(user.session(), me.get(), fpr.c_str()), PEP_STATUS_OK);
    }
};

} // namespace pep::engine::test
