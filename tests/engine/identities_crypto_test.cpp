// OpenPGP through the C API: encrypt and sign, decrypt and verify, detached signatures, lists of
// keys, imports that tell what they did.
#include "engine/identities_fixture.hpp"
#include "pEp/identity_list.h"
#include "pEp/openpgp_compat.h"
#include "pEp/signature.h"

#include <vector>

using pep::engine::testing::Handed;
using pep::engine::testing::identity;
using pep::engine::testing::text;

namespace {

constexpr const char* absent = "0123456789ABCDEF0123456789ABCDEF01234567";

struct FreeList {
    void operator()(stringlist_t* list) const { free_stringlist(list); }

    void operator()(identity_list* list) const { free_identity_list(list); }

    void operator()(stringpair_list_t* list) const { free_stringpair_list(list); }
};

using Strings = std::unique_ptr<stringlist_t, FreeList>;
using Identities = std::unique_ptr<identity_list, FreeList>;
using Pairs = std::unique_ptr<stringpair_list_t, FreeList>;

std::vector<std::string> values(const stringlist_t* list) {
    std::vector<std::string> all;
    for (; list != nullptr; list = list->next)
        all.emplace_back(text(list->value));
    return all;
}

class CryptoApi : public pep::engine::testing::IdentitiesTest {
  protected:
    std::string encrypted(const std::vector<std::string>& fprs, const std::string& plain) {
        Strings keys;
        for (const auto& fpr : fprs) {
            stringlist_t* node = stringlist_add(keys.get(), fpr.c_str());
            if (!keys)
                keys.reset(node);
        }
        Handed out;
        status = encrypt_and_sign(
            session.get(), keys.get(), plain.data(), plain.size(), &out.text, &out.size
        );
        EXPECT_EQ(out.text == nullptr, status != PEP_STATUS_OK);
        return out.text != nullptr ? std::string{out.text, out.size} : "";
    }

    /// Decrypt in one of the homes; leaves status and list of keys.
    std::string decrypted(PEP_SESSION where, const std::string& cipher) {
        Handed out;
        stringlist_t* list = nullptr;
        status = decrypt_and_verify(
            where, cipher.data(), cipher.size(), nullptr, 0, &out.text, &out.size, &list, nullptr
        );
        keylist = values(list);
        free_stringlist(list);
        return out.text != nullptr ? std::string{out.text, out.size} : "(null)";
    }

    PEP_STATUS verified(const std::string& data, const std::string& signature) {
        stringlist_t* list = nullptr;
        const PEP_STATUS result = verify_text(
            session.get(), data.data(), data.size(), signature.data(), signature.size(), &list
        );
        keylist = values(list);
        free_stringlist(list);
        return result;
    }

    std::string signed_here(const std::string& data) {
        Handed out;
        EXPECT_EQ(
            signature_for_text(session.get(), data.data(), data.size(), &out.text, &out.size),
            PEP_STATUS_OK
        );
        return out.str();
    }

    PEP_STATUS verified_here(const std::string& data, const std::string& signature) {
        return verify_signature(
            session.get(), data.data(), data.size(), signature.data(), signature.size()
        );
    }

    PEP_STATUS status = PEP_STATUS_OK;
    std::vector<std::string> keylist;
};

} // namespace

TEST_F(CryptoApi, EncryptsToAllKeysAndSignsByTheFirst) {
    const auto me = own("me@example.org", "Me");
    const auto bob = partner_key("bob@example.org");
    const std::string plain{"two\0parts", 9};
    const std::string cipher = encrypted({me->fpr, bob}, plain);
    EXPECT_EQ(status, PEP_STATUS_OK);
    EXPECT_EQ(cipher.find("-----BEGIN PGP MESSAGE-----"), 0U);

    EXPECT_EQ(decrypted(session.get(), cipher), plain);
    EXPECT_EQ(status, 0x0403);
    EXPECT_EQ(keylist, (std::vector<std::string>{me->fpr, me->fpr, bob}));

    EXPECT_EQ(decrypted(elsewhere.get(), cipher), plain); // bob does not know the signer
    EXPECT_EQ(status, 0x0402);
    EXPECT_EQ(keylist, (std::vector<std::string>{"", bob}));
}

TEST_F(CryptoApi, TellsARevokedSignerAndADamagedMessage) {
    const auto me = own("me@example.org", "Me");
    const std::string cipher = encrypted({me->fpr}, "text");
    ASSERT_EQ(revoke_key(session.get(), me->fpr, "lost"), PEP_STATUS_OK);
    EXPECT_EQ(decrypted(session.get(), cipher), "text");
    EXPECT_EQ(status, 0x040a);
    EXPECT_EQ(keylist, (std::vector<std::string>{"", me->fpr}));

    std::string damaged = cipher;
    damaged[cipher.size() / 2] = damaged[cipher.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_EQ(decrypted(session.get(), damaged), "(null)");
    EXPECT_NE(status, PEP_STATUS_OK);
    EXPECT_TRUE(PEP_STATUS_is_error(status));
    EXPECT_TRUE(keylist.empty());
}

TEST_F(CryptoApi, RefusesToLeaveARecipientOut) {
    const auto me = own("me@example.org", "Me");
    EXPECT_EQ(encrypted({me->fpr, absent}, "text"), "");
    EXPECT_EQ(status, 0x0201);
    EXPECT_EQ(encrypted({partner_key("bob@example.org"), me->fpr}, "text"), "");
    EXPECT_EQ(status, 0x0201); // bob's secret key is not here
    const auto other = own("other@example.org", "Me");
    ASSERT_EQ(revoke_key(session.get(), other->fpr, nullptr), PEP_STATUS_OK);
    EXPECT_EQ(encrypted({me->fpr, other->fpr}, "text"), "");
    EXPECT_EQ(status, 0x0206);
}

TEST_F(CryptoApi, DecryptsOnlyWhatIsForAnOwnKey) {
    const auto me = own("me@example.org", "Me");
    const auto bob = partner_key("bob@example.org");
    Handed cipher;
    const Strings to_bob{new_stringlist(bob.c_str())};
    ASSERT_EQ(
        encrypt_and_sign(elsewhere.get(), to_bob.get(), "text", 4, &cipher.text, &cipher.size),
        PEP_STATUS_OK
    );
    EXPECT_EQ(decrypted(session.get(), cipher.str()), "(null)");
    EXPECT_EQ(status, 0x0405);
    EXPECT_EQ(decrypted(session.get(), "hello"), "(null)");
    EXPECT_EQ(status, -1);
}

TEST_F(CryptoApi, NeedsThePassphraseOfALockedKey) {
    ASSERT_EQ(config_passphrase_for_new_keys(session.get(), true, "secret"), PEP_STATUS_OK);
    const auto me = own("me@example.org", "Me");
    EXPECT_EQ(encrypted({me->fpr}, "text"), "");
    EXPECT_EQ(status, 0x0a00);
    config_passphrase(session.get(), "wrong");
    EXPECT_EQ(encrypted({me->fpr}, "text"), "");
    EXPECT_EQ(status, 0x0a01);
    config_passphrase(session.get(), "secret");
    const std::string cipher = encrypted({me->fpr}, "text");
    EXPECT_EQ(status, PEP_STATUS_OK);
    config_passphrase(session.get(), nullptr);
    EXPECT_EQ(decrypted(session.get(), cipher), "(null)");
    EXPECT_EQ(status, 0x0a00);
    config_passphrase(session.get(), "secret");
    EXPECT_EQ(decrypted(session.get(), cipher), "text");
}

TEST_F(CryptoApi, ChecksItsArguments) {
    const auto me = own("me@example.org", "Me");
    const Strings keys{new_stringlist(me->fpr)};
    const Strings empty{new_stringlist(nullptr)};
    Handed out;
    stringlist_t* list = nullptr;
    PEP_SESSION s = session.get();
    EXPECT_EQ(encrypt_and_sign(nullptr, keys.get(), "x", 1, &out.text, &out.size), -4);
    EXPECT_EQ(encrypt_and_sign(s, nullptr, "x", 1, &out.text, &out.size), -4);
    EXPECT_EQ(encrypt_and_sign(s, empty.get(), "x", 1, &out.text, &out.size), -4);
    EXPECT_EQ(encrypt_and_sign(s, keys.get(), nullptr, 1, &out.text, &out.size), -4);
    EXPECT_EQ(encrypt_and_sign(s, keys.get(), "x", 0, &out.text, &out.size), -4);
    EXPECT_EQ(encrypt_and_sign(s, keys.get(), "x", 1, nullptr, &out.size), -4);
    EXPECT_EQ(encrypt_and_sign(s, keys.get(), "x", 1, &out.text, nullptr), -4);
    // A detached signature over ciphertext is nothing OpenPGP has.
    EXPECT_EQ(decrypt_and_verify(s, "x", 1, "sig", 3, &out.text, &out.size, &list, nullptr), -4);
    EXPECT_EQ(decrypt_and_verify(s, "x", 0, nullptr, 0, &out.text, &out.size, &list, nullptr), -4);
    EXPECT_EQ(
        decrypt_and_verify(s, "x", 1, nullptr, 0, &out.text, &out.size, nullptr, nullptr), -4
    );
    EXPECT_EQ(verify_text(s, "x", 0, "sig", 3, &list), -4);
    EXPECT_EQ(verify_text(s, "x", 1, "sig", 0, &list), -4);
    EXPECT_EQ(verify_text(s, "x", 1, "sig", 3, nullptr), -4);
    EXPECT_EQ(OpenPGP_list_keyinfo(s, "", nullptr), -4);
    EXPECT_EQ(signature_for_text(s, "x", 0, &out.text, &out.size), -4);
    EXPECT_EQ(signature_for_text(s, nullptr, 1, &out.text, &out.size), -4);
    EXPECT_EQ(verify_signature(s, "x", 1, nullptr, 0), -4);
}

TEST_F(CryptoApi, ListsKeysThatAreNotRevoked) {
    const auto me = own("me@example.org", "Me");
    const auto bob = partner_key("bob@example.org");
    stringpair_list_t* raw = nullptr;
    ASSERT_EQ(OpenPGP_list_keyinfo(session.get(), nullptr, &raw), PEP_STATUS_OK);
    const Pairs all{raw};
    ASSERT_EQ(stringpair_list_length(all.get()), 2);
    const auto* mine = stringpair_list_find(all.get(), me->fpr);
    ASSERT_NE(mine, nullptr);
    EXPECT_STREQ(mine->value->value, "Me <me@example.org>");

    ASSERT_EQ(revoke_key(session.get(), me->fpr, nullptr), PEP_STATUS_OK);
    ASSERT_EQ(OpenPGP_list_keyinfo(session.get(), "", &raw), PEP_STATUS_OK);
    const Pairs rest{raw};
    ASSERT_EQ(stringpair_list_length(rest.get()), 1);
    EXPECT_EQ(rest->value->key, bob);
    ASSERT_EQ(OpenPGP_list_keyinfo(session.get(), "nobody@example.org", &raw), PEP_STATUS_OK);
    EXPECT_EQ(raw, nullptr);
}

TEST_F(CryptoApi, ImportsWithAnIdentityForEachKey) {
    const auto bob = partner_key("bob@example.org");
    const auto me = own("me@example.org", "Me");
    Handed armored_bob;
    Handed armored_me;
    ASSERT_EQ(
        export_key(session.get(), bob.c_str(), &armored_bob.text, &armored_bob.size), PEP_STATUS_OK
    );
    ASSERT_EQ(
        export_secret_key(session.get(), me->fpr, &armored_me.text, &armored_me.size), PEP_STATUS_OK
    );
    const std::string blob = armored_bob.str() + armored_me.str();
    const auto fresh_home = pep::test::TemporaryFolder{};
    const auto fresh = pep::engine::testing::open_session(fresh_home.path());
    identity_list* all = nullptr;
    identity_list* secret = nullptr;
    stringlist_t* fprs = nullptr;
    uint64_t changed = 7;
    ASSERT_EQ(
        import_key_with_identities_return(
            fresh.get(), blob.data(), blob.size(), &all, &secret, &fprs, &changed
        ),
        0x0220
    );
    const Identities owner_all{all};
    const Identities owner_secret{secret};
    const Strings owner_fprs{fprs};
    EXPECT_EQ(changed, 3U);
    EXPECT_EQ(values(fprs), (std::vector<std::string>{bob, me->fpr}));
    ASSERT_EQ(identity_list_length(all), 2);
    EXPECT_STREQ(all->ident->address, "me@example.org"); // newest first
    EXPECT_STREQ(all->next->ident->address, "bob@example.org");
    EXPECT_EQ(all->next->ident->fpr, bob);
    ASSERT_EQ(identity_list_length(secret), 1);
    EXPECT_STREQ(secret->ident->fpr, me->fpr);
    EXPECT_EQ(
        import_key_with_identities_return(
            fresh.get(), blob.data(), blob.size(), nullptr, nullptr, nullptr, &changed
        ),
        -4
    );
}

TEST_F(CryptoApi, StoresExtraKeysWithIdentitiesOfTheirOwn) {
    const auto bob = partner_key("bob@example.org");
    Handed armored;
    ASSERT_EQ(export_key(session.get(), bob.c_str(), &armored.text, &armored.size), PEP_STATUS_OK);
    const auto fresh_home = pep::test::TemporaryFolder{};
    const auto fresh = pep::engine::testing::open_session(fresh_home.path());
    stringlist_t* fprs = nullptr;
    uint64_t changed = 0;
    ASSERT_EQ(
        import_extrakey_with_fpr_return(
            fresh.get(), armored.text, armored.size, nullptr, &fprs, &changed
        ),
        0x0220
    );
    const Strings owner{fprs};
    EXPECT_EQ(values(fprs), std::vector<std::string>{bob});
    EXPECT_EQ(changed, 1U);
    const std::string name = "extrakey_" + bob;
    pEp_identity* found = nullptr;
    ASSERT_EQ(get_identity(fresh.get(), name.c_str(), name.c_str(), &found), PEP_STATUS_OK);
    const pep::engine::testing::IdentityPtr extra{found};
    EXPECT_EQ(extra->fpr, bob);
    EXPECT_EQ(extra->username, name);
    EXPECT_EQ(extra->comm_type, 0xb8);
    EXPECT_EQ(extra->flags, 1U);
    EXPECT_EQ(extra->major_ver, 3U);
    EXPECT_FALSE(extra->me);
    EXPECT_EQ(
        import_extrakey_with_fpr_return(fresh.get(), "no key", 6, nullptr, nullptr, nullptr), -1
    );
}

TEST_F(CryptoApi, VerifiesDetachedSignatures) {
    const std::string signature = signed_here("text");
    EXPECT_EQ(verified("text", signature), 0x0401);
    ASSERT_EQ(keylist.size(), 1U);
    EXPECT_EQ(keylist.front().size(), 40U);
    EXPECT_EQ(verified("Text", signature), 0x0406);
    EXPECT_EQ(keylist, std::vector<std::string>{""});
    EXPECT_EQ(verified(signature, "text"), 0x0407);
}

TEST_F(CryptoApi, SignsForItself) {
    std::string binary;
    for (int i = 0; i < 256; ++i)
        binary.push_back(static_cast<char>(i));
    for (const std::string& data : {std::string{"text"}, binary}) {
        const std::string signature = signed_here(data);
        EXPECT_EQ(signature.find("-----BEGIN PGP SIGNATURE-----"), 0U);
        EXPECT_EQ(verified_here(data, signature), 0x0401);
        EXPECT_EQ(verified_here(data + "x", signature), 0x0406);
        EXPECT_EQ(verified_here(signature, data), 0x0407);
    }
}

TEST_F(CryptoApi, HidesTheIdentityThatSigns) {
    (void)signed_here("text");
    identity_list* list = nullptr;
    ASSERT_EQ(own_identities_retrieve(session.get(), &list), PEP_STATUS_OK);
    const Identities identities{list};
    EXPECT_EQ(identity_list_length(list), 0);
    pEp_identity* found = nullptr;
    ASSERT_EQ(
        get_identity(session.get(), "signing_identity@planck.security", "pEp_own_userId", &found),
        PEP_STATUS_OK
    );
    const pep::engine::testing::IdentityPtr signer{found};
    EXPECT_TRUE(signer->me);
    EXPECT_EQ(signer->flags & 0x1000U, 0x1000U);
    bool expired = true;
    constexpr time_t in_fifty_years = 50L * 365 * 24 * 3600;
    ASSERT_EQ(
        key_expired(session.get(), signer->fpr, std::time(nullptr) + in_fifty_years, &expired),
        PEP_STATUS_OK
    );
    EXPECT_FALSE(expired);
    EXPECT_EQ(signed_here("text").empty(), false);
    pEp_identity* again = nullptr;
    ASSERT_EQ(get_identity(session.get(), signer->address, signer->user_id, &again), PEP_STATUS_OK);
    EXPECT_STREQ(again->fpr, signer->fpr); // one key for ever
    free_identity(again);
}

TEST_F(CryptoApi, DoesNotTakeAnotherKeysSignatureForItsOwn) {
    const auto me = own("me@example.org", "Me");
    auto& keys = (*session->context())->keys;
    const auto by_me = keys.sign_detached("text", me->fpr, nullptr);
    ASSERT_TRUE(by_me.has_value());
    EXPECT_EQ(verified_here("text", *by_me), 0x0407); // nothing was signed here yet
    const std::string ours = signed_here("text");
    EXPECT_EQ(verified_here("text", *by_me), 0x0407);
    EXPECT_EQ(verified_here("text", ours), 0x0401);

    // Signed by the signing identity of another home, whose key is not here.
    const auto other_home_2 = pep::test::TemporaryFolder{};
    const auto other = pep::engine::testing::open_session(other_home_2.path());
    Handed foreign;
    ASSERT_EQ(
        signature_for_text(other.get(), "text", 4, &foreign.text, &foreign.size), PEP_STATUS_OK
    );
    EXPECT_EQ(verified_here("text", foreign.str()), 0x0407);
}

TEST_F(CryptoApi, SignsWithoutAPassphraseWhateverNewKeysNeed) {
    config_passphrase_for_new_keys(session.get(), true, nullptr);
    const std::string signature = signed_here("text");
    EXPECT_EQ(verified_here("text", signature), 0x0401);
}

TEST_F(CryptoApi, AsksNoKeyServer) {
    EXPECT_EQ(send_key(session.get(), "bob@example.org"), -1);
    EXPECT_EQ(recv_key(session.get(), "bob@example.org"), -1);
    EXPECT_EQ(recv_key(session.get(), ""), -4);
    EXPECT_EQ(send_key(nullptr, "bob@example.org"), -4);
}
