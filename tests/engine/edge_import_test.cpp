// Importing keys: cases 66 to 74 of the engine reference, section 10.
#include "engine/certificates.hpp"
#include "engine/edge_fixture.hpp"
#include "engine/messages_fixture.hpp"
#include "engine/openpgp_packets.hpp"

namespace pep::engine::testing {

namespace {

struct Imported {
    PEP_STATUS status = PEP_UNKNOWN_ERROR;
    std::vector<std::string> fprs;
    std::uint64_t changed = 0;
};

/// Import behind what `before` (consumed) lists already.
Imported import_all(PEP_SESSION session, const std::string& data, stringlist_t* before = nullptr) {
    Imported result;
    stringlist_t* list = before;
    result.status = import_key_with_fpr_return(
        session, data.data(), data.size(), nullptr, &list, &result.changed
    );
    result.fprs = taken(list);
    return result;
}

struct Crowd {
    std::vector<std::string> fprs;
    std::vector<std::string> keys;

    [[nodiscard]] std::string all() const {
        std::string joined;
        for (const auto& key : keys)
            joined += key;
        return joined;
    }
};

std::string without_armor(const std::string& key) { return rnp::dearmored(key); }

/// Public keys made in another home.
Crowd crowd(PEP_SESSION made_in, int size) {
    Crowd all;
    for (int i = 0; i < size; ++i) {
        auto who = identity(("partner" + std::to_string(i) + "@example.org").c_str());
        EXPECT_EQ(generate_keypair(made_in, who.get()), PEP_STATUS_OK);
        all.fprs.emplace_back(who->fpr);
        all.keys.push_back(exported(made_in, who->fpr));
    }
    return all;
}

} // namespace

TEST_F(EdgeCase, N066_TenKeysAreNewOnce) {
    elsewhere = open_session(other_home.path());
    const auto ten = crowd(elsewhere.get(), 10);
    const auto first = import_all(session.get(), ten.all());
    EXPECT_EQ(first.status, 0x0220);
    EXPECT_EQ(first.fprs, ten.fprs);
    EXPECT_EQ(first.changed, 0x3ffU);
    const auto again = import_all(session.get(), ten.all());
    EXPECT_EQ(again.status, 0x0220);
    EXPECT_EQ(again.fprs, ten.fprs);
    EXPECT_EQ(again.changed, 0U);
}

TEST_F(EdgeCase, N067a_TheMaskTellsNewAndExtendedKeys) {
    elsewhere = open_session(other_home.path());
    auto ten = crowd(elsewhere.get(), 10);
    for (const int known : {0, 2, 4, 6, 7, 8, 9})
        ASSERT_EQ(imported(session.get(), ten.keys[static_cast<std::size_t>(known)]), 0x0220);
    next_second();
    for (const std::size_t extended : {7U, 8U, 9U}) {
        timestamp* until = new_timestamp(std::time(nullptr) + std::time_t{900 * day_s});
        EXPECT_EQ(renew_key(elsewhere.get(), ten.fprs[extended].c_str(), until), PEP_STATUS_OK);
        free_timestamp(until);
        ten.keys[extended] = exported(elsewhere.get(), ten.fprs[extended]);
    }
    EXPECT_EQ(import_all(session.get(), ten.all()).changed, 938U);
    EXPECT_EQ(import_all(session.get(), ten.all()).changed, 0U);
}

TEST_F(EdgeCase, N067b_TheMaskTellsRevokedKeysAmongTwenty) {
    elsewhere = open_session(other_home.path());
    auto twenty = crowd(elsewhere.get(), 20);
    constexpr std::uint64_t expected = 0xEABFF;
    for (std::size_t i = 0; i < 20; ++i) {
        const bool changes = (expected >> i & 1) != 0;
        if (changes && i % 3 == 0) // one in three is new, the others are known and revoked since
            continue;
        ASSERT_EQ(imported(session.get(), twenty.keys[i]), 0x0220);
        if (!changes)
            continue;
        ASSERT_EQ(revoke_key(elsewhere.get(), twenty.fprs[i].c_str(), nullptr), PEP_STATUS_OK);
        twenty.keys[i] = exported(elsewhere.get(), twenty.fprs[i]);
    }
    EXPECT_EQ(import_all(session.get(), twenty.all()).changed, expected);
}

TEST_F(EdgeCase, N067c_OnlySixtyFourKeysHaveABit) {
    elsewhere = open_session(other_home.path());
    const auto many = crowd(elsewhere.get(), 70);
    const auto result = import_all(session.get(), many.all());
    EXPECT_EQ(result.fprs.size(), 70U);
    EXPECT_EQ(result.changed, ~std::uint64_t{0});
}

TEST_F(EdgeCase, N068_AMaskWithoutListIsRefused) {
    const auto key = exported(session.get(), make_key(session.get(), "me@example.org"));
    std::uint64_t mask = 7;
    EXPECT_EQ(
        import_key_with_fpr_return(session.get(), key.data(), key.size(), nullptr, nullptr, &mask),
        -4
    );
    EXPECT_EQ(mask, 0U);
}

TEST_F(EdgeCase, N069_AFilledListIsAppendedToAndTheMaskCountsNewEntriesOnly) {
    elsewhere = open_session(other_home.path());
    const auto three = crowd(elsewhere.get(), 3);
    ASSERT_EQ(imported(session.get(), three.keys[0]), 0x0220);
    stringlist_t* before = new_stringlist("one");
    stringlist_add(before, "two");
    const auto result = import_all(session.get(), three.all(), before);
    EXPECT_EQ(
        result.fprs,
        (std::vector<std::string>{"one", "two", three.fprs[0], three.fprs[1], three.fprs[2]})
    );
    EXPECT_EQ(result.changed, 0b110U);
}

TEST_F(EdgeCase, N070_SecretKeysAreReportedWithAddressAndName) {
    elsewhere = open_session(other_home.path());
    std::string blob;
    std::vector<std::string> fprs;
    for (const char* address : {"carol@example.org", "dave@example.org"}) {
        auto who = identity(address, nullptr, "Name");
        ASSERT_EQ(generate_keypair(elsewhere.get(), who.get()), PEP_STATUS_OK);
        fprs.emplace_back(who->fpr);
        blob += exported_secret(elsewhere.get(), who->fpr);
    }
    identity_list* keys = nullptr;
    EXPECT_EQ(import_key(session.get(), blob.data(), blob.size(), &keys), PEP_KEY_IMPORTED);
    ASSERT_EQ(identity_list_length(keys), 2);
    EXPECT_EQ(text(keys->ident->address), "dave@example.org"); // newest first
    EXPECT_EQ(text(keys->ident->fpr), fprs[1]);
    EXPECT_EQ(text(keys->ident->username), "Name");
    EXPECT_EQ(text(keys->next->ident->address), "carol@example.org");
    EXPECT_EQ(keys->ident->user_id, nullptr);
    free_identity_list(keys);
    EXPECT_EQ(exported_secret(session.get(), fprs[0]), exported_secret(elsewhere.get(), fprs[0]));
}

TEST_F(EdgeCase, N071_WhatIsNoOpenPgpLeavesTheListsUntouched) {
    for (const std::string data :
         {"", "no key", "\x30\x82\x01\x0a", "-----BEGIN CERTIFICATE-----"}) {
        const auto result = import_all(session.get(), data, new_stringlist("before"));
        EXPECT_EQ(result.status, -1) << data;
        EXPECT_EQ(result.fprs, std::vector<std::string>{"before"});
        EXPECT_EQ(result.changed, 0U);
    }
}

TEST_F(EdgeCase, N072_ABinaryKeyringIsImportedWhole) {
    elsewhere = open_session(other_home.path());
    const auto many = crowd(elsewhere.get(), 60);
    std::string ring;
    for (const auto& key : many.keys)
        ring += without_armor(key);
    const auto result = import_all(session.get(), ring);
    EXPECT_EQ(result.status, 0x0220);
    EXPECT_EQ(result.fprs, many.fprs);
    for (std::size_t i = 0; i < many.fprs.size(); ++i)
        EXPECT_EQ(
            found(session.get(), "partner" + std::to_string(i) + "@example.org"),
            std::vector<std::string>{many.fprs[i]}
        );
}

TEST_F(EdgeCase, N073_ALargeCertificateWithUnknownPacketsIsImported) {
    std::vector<PartPlan> subkeys(12, encrypting());
    subkeys.push_back(signing());
    Certificate large{"First <first@example.org>", signing(), subkeys};
    for (int i = 0; i < 60; ++i)
        large.add_user_id(("Name <name" + std::to_string(i) + "@example.org>").c_str());
    // A packet of the private range and a photograph, each behind the last user id.
    std::string unusual;
    bool done = false;
    const auto certificate = without_armor(large.public_key());
    for (const auto& packet : packets_of(certificate)) {
        if (!done && packet.tag == tag_public_subkey) {
            unusual += std::string{"\xfc\x05hello", 7};
            done = true;
        }
        unusual += packet.whole;
    }
    ASSERT_TRUE(done);
    const auto result = import_all(session.get(), unusual);
    EXPECT_EQ(result.status, 0x0220);
    EXPECT_EQ(result.fprs, std::vector<std::string>{large.fpr()});
    EXPECT_EQ(raw_rating(session.get(), large.fpr()), 0x38);
    EXPECT_EQ(found(session.get(), "name59@example.org"), result.fprs);
}

TEST_F(EdgeCase, N074_ASecretKeyInUnencryptedMailIsImportedButMeansNothing) {
    const test::User bob{"bob@example.net", "Bob"};
    elsewhere = open_session(other_home.path());
    const auto fpr = make_key(elsewhere.get(), "bob@example.net");
    const std::string mail = "From: Alice <alice@example.org>\r\nTo: bob@example.net\r\n"
                             "Subject: your new key\r\nMIME-Version: 1.0\r\n"
                             "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                             "--b\r\nContent-Type: text/plain\r\n\r\nuse this\r\n"
                             "--b\r\nContent-Type: application/pgp-keys\r\n"
                             "Content-Disposition: attachment; filename=\"secret.asc\"\r\n\r\n" +
                             exported_secret(elsewhere.get(), fpr) + "\r\n--b--\r\n";
    const auto in = bob.read(mail);
    EXPECT_EQ(in.status, PEP_UNENCRYPTED);
    EXPECT_EQ(text(in.shown().shortmsg), "your new key");
    EXPECT_EQ(text(in.shown().longmsg), "use this");
    EXPECT_EQ(bloblist_length(in.shown().attachments), 1);
    EXPECT_EQ(in.flags & PEP_decrypt_flag_own_private_key, 0U);
    EXPECT_EQ(found(bob.session(), fpr).size(), 1U);
    EXPECT_EQ(view(bob.own()->fpr), "");
    auto me = bob.own();
    EXPECT_EQ(myself(bob.session(), me.get()), PEP_STATUS_OK);
    EXPECT_EQ(text(me->fpr), bob.fpr());
}

} // namespace pep::engine::testing
