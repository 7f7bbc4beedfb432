// C API of the key ring: arguments, outputs, import masks. OpenPGP itself is tested with the key
// ring.
#include "engine/identities_fixture.hpp"
#include "pEp/identity_list.h"
#include "pEp/timestamp.h"

#include <fstream>
#include <sstream>

using pep::engine::testing::Handed;
using pep::engine::testing::identity;
using pep::engine::testing::text;

namespace {

class KeysApi : public pep::engine::testing::IdentitiesTest {
  protected:
    std::string exported(PEP_SESSION from, const std::string& fpr) {
        Handed key;
        EXPECT_EQ(export_key(from, fpr.c_str(), &key.text, &key.size), PEP_STATUS_OK);
        EXPECT_EQ(key.size, key.str().size());
        return key.str();
    }
};

constexpr const char* absent = "0123456789ABCDEF0123456789ABCDEF01234567";

} // namespace

TEST_F(KeysApi, GeneratesForAnIdentityWithoutKey) {
    auto me = identity("me@example.org", nullptr, "Me");
    ASSERT_EQ(generate_keypair(session.get(), me.get()), PEP_STATUS_OK);
    EXPECT_EQ(text(me->fpr).size(), 40U);
    EXPECT_EQ(generate_keypair(session.get(), me.get()), -4); // has one
    EXPECT_EQ(generate_keypair(session.get(), identity(nullptr).get()), -4);
    PEP_comm_type ct = PEP_ct_unknown;
    EXPECT_EQ(get_key_rating(session.get(), me->fpr, &ct), PEP_STATUS_OK);
    EXPECT_EQ(ct, 0x38);
    EXPECT_EQ(probe_encrypt(session.get(), me->fpr), PEP_STATUS_OK);
}

TEST_F(KeysApi, ExportsWhatThereIs) {
    const auto fpr = partner_key("bob@example.org");
    EXPECT_EQ(exported(session.get(), fpr).find("-----BEGIN PGP PUBLIC KEY BLOCK-----"), 0U);
    Handed secret;
    EXPECT_EQ(export_secret_key(session.get(), fpr.c_str(), &secret.text, &secret.size), 0x0201);
    EXPECT_EQ(secret.text, nullptr);
    EXPECT_EQ(export_secret_key(session.get(), "0123", &secret.text, &secret.size), -4);
    EXPECT_EQ(export_key(session.get(), absent, &secret.text, &secret.size), 0x0201);
    EXPECT_EQ(secret.text, nullptr);
    ASSERT_EQ(
        export_secret_key(elsewhere.get(), fpr.c_str(), &secret.text, &secret.size), PEP_STATUS_OK
    );
    EXPECT_EQ(secret.str().find("-----BEGIN PGP PRIVATE KEY BLOCK-----"), 0U);
}

TEST_F(KeysApi, TellsWhichImportedKeysAreNew) {
    const auto known = partner_key("known@example.org");
    std::string blob = exported(session.get(), known);
    for (const char* address : {"a@example.org", "b@example.org"}) {
        auto who = identity(address);
        ASSERT_EQ(generate_keypair(elsewhere.get(), who.get()), PEP_STATUS_OK);
        blob += exported(elsewhere.get(), who->fpr);
    }
    stringlist_t* imported = new_stringlist("before");
    uint64_t mask = 99;
    EXPECT_EQ(
        import_key_with_fpr_return(
            session.get(), blob.data(), blob.size(), nullptr, &imported, &mask
        ),
        PEP_KEY_IMPORTED
    );
    EXPECT_EQ(stringlist_length(imported), 4);
    EXPECT_EQ(text(imported->next->value), known);
    EXPECT_EQ(mask, 6U);
    EXPECT_EQ(
        import_key_with_fpr_return(
            session.get(), blob.data(), blob.size(), nullptr, &imported, &mask
        ),
        PEP_KEY_IMPORTED
    );
    EXPECT_EQ(mask, 0U);
    EXPECT_EQ(
        import_key_with_fpr_return(
            session.get(), blob.data(), blob.size(), nullptr, nullptr, &mask
        ),
        -4
    );
    free_stringlist(imported);
}

TEST_F(KeysApi, ListsImportedSecretKeys) {
    partner_key("bob@example.org"); // opens the other home
    auto who = identity("carol@example.org", nullptr, "Carol");
    ASSERT_EQ(generate_keypair(elsewhere.get(), who.get()), PEP_STATUS_OK);
    Handed secret;
    ASSERT_EQ(export_secret_key(elsewhere.get(), who->fpr, &secret.text, &secret.size), 0);
    identity_list* keys = nullptr;
    EXPECT_EQ(import_key(session.get(), secret.text, secret.size, &keys), PEP_KEY_IMPORTED);
    ASSERT_EQ(identity_list_length(keys), 1);
    EXPECT_EQ(text(keys->ident->address), "carol@example.org");
    EXPECT_EQ(text(keys->ident->username), "Carol");
    EXPECT_EQ(text(keys->ident->fpr), text(who->fpr));
    free_identity_list(keys);
}

TEST_F(KeysApi, LeavesOutputsAloneWhenThereIsNoKeyData) {
    identity_list* keys = nullptr;
    stringlist_t* imported = nullptr;
    uint64_t mask = 0;
    EXPECT_EQ(import_key_with_fpr_return(session.get(), "no key", 6, &keys, &imported, &mask), -1);
    EXPECT_EQ(keys, nullptr);
    EXPECT_EQ(imported, nullptr);
    EXPECT_EQ(import_key(session.get(), nullptr, 0, nullptr), -4);
}

TEST_F(KeysApi, FindsAndDeletes) {
    const auto fpr = partner_key("bob@example.org");
    stringlist_t* found = nullptr;
    ASSERT_EQ(find_keys(session.get(), "BOB@example.org", &found), PEP_STATUS_OK);
    ASSERT_EQ(stringlist_length(found), 1);
    EXPECT_EQ(text(found->value), fpr);
    free_stringlist(found);
    EXPECT_EQ(find_keys(session.get(), "bob", &found), PEP_STATUS_OK);
    EXPECT_EQ(found, nullptr);
    EXPECT_EQ(delete_keypair(session.get(), fpr.c_str()), PEP_STATUS_OK);
    EXPECT_EQ(delete_keypair(session.get(), fpr.c_str()), 0x0201);
    EXPECT_EQ(find_keys(session.get(), fpr.c_str(), &found), PEP_STATUS_OK);
    EXPECT_EQ(found, nullptr);
    EXPECT_EQ(find_keys(session.get(), "", &found), -4);
}

TEST_F(KeysApi, RenewsAndRevokes) {
    auto me = identity("me@example.org");
    ASSERT_EQ(generate_keypair(session.get(), me.get()), PEP_STATUS_OK);
    const std::time_t later = std::time(nullptr) + 1000L * 24 * 3600;
    timestamp* until = new_timestamp(later);
    EXPECT_EQ(renew_key(session.get(), me->fpr, until), PEP_STATUS_OK);
    free_timestamp(until);
    EXPECT_EQ(renew_key(session.get(), me->fpr, nullptr), -4);
    bool flag = true;
    EXPECT_EQ(key_expired(session.get(), me->fpr, later - 3600, &flag), PEP_STATUS_OK);
    EXPECT_FALSE(flag);
    EXPECT_EQ(key_expired(session.get(), me->fpr, later + 3600, &flag), PEP_STATUS_OK);
    EXPECT_TRUE(flag);
    EXPECT_EQ(key_revoked(session.get(), me->fpr, &flag), PEP_STATUS_OK);
    EXPECT_FALSE(flag);
    EXPECT_EQ(revoke_key(session.get(), me->fpr, "lost"), PEP_STATUS_OK);
    EXPECT_EQ(revoke_key(session.get(), me->fpr, nullptr), PEP_STATUS_OK);
    EXPECT_EQ(key_revoked(session.get(), me->fpr, &flag), PEP_STATUS_OK);
    EXPECT_TRUE(flag);
    EXPECT_EQ(revoke_key(session.get(), absent, nullptr), 0x0201);
    PEP_comm_type ct = PEP_ct_pEp;
    EXPECT_EQ(get_key_rating(session.get(), absent, &ct), 0x0201);
    EXPECT_EQ(ct, 0x00);
}

TEST_F(KeysApi, TakesAMailUsersRealKey) {
    const char* testdata = std::getenv("PEP_TESTDATA");
    if (testdata == nullptr)
        GTEST_SKIP() << "PEP_TESTDATA is not set";
    std::ifstream file{
        std::string{testdata} + "/test_keys/priv/pep-test-alice-0x6FF00E97_priv.asc"};
    std::stringstream key;
    key << file.rdbuf();
    const std::string data = key.str();
    ASSERT_EQ(import_key(session.get(), data.data(), data.size(), nullptr), PEP_KEY_IMPORTED);
    auto alice = identity("pep.test.alice@pep-project.org", "ALICE", "Alice");
    const char* fpr = "4ABE3AAF59AC32CFE4F86500A9411D176FF00E97";
    ASSERT_EQ(set_own_key(session.get(), alice.get(), fpr), PEP_STATUS_OK);
    EXPECT_EQ(text(alice->fpr), fpr);
    EXPECT_EQ(text(own("pep.test.alice@pep-project.org")->fpr), fpr);
}
