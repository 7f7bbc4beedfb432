// Verifying what others signed: cases 118 to 121 of the engine reference, section 10.
#include "engine/edge_fixture.hpp"
#include "engine/messages_fixture.hpp"
#include "pEp/key_reset.h"
#include "pEp/signature.h"

namespace pep::engine::testing {

namespace {

using test::Received;
using test::User;

/// Give one user's public key to another and make it the default there.
void introduce(const User& to, const User& who) {
    ASSERT_EQ(imported(to.session(), exported(who.session(), who.fpr())), PEP_KEY_IMPORTED);
    const OwnedIdentity known{new_identity(who.address(), nullptr, "PARTNER", "Partner")};
    ASSERT_EQ(set_comm_partner_key(to.session(), known.get(), who.fpr().c_str()), 0);
}

std::string signed_mail(const User& from, const User& to) {
    OwnedMessage msg = from.mail(to.address(), "subject", "body");
    return from.send(*msg, PEP_enc_auto, PEP_encrypt_flag_force_no_attached_key).wire;
}

} // namespace

// Made while the key was alive: good for ever. What the channel is worth today is another question.
TEST_F(EdgeCase, N118_ASignatureMadeBeforeExpiryStaysGoodButTheMailIsUnreliable) {
    const User alice{"alice@example.org", "Alice"};
    const User bob{"bob@example.net", "Bob"};
    introduce(alice, bob);
    introduce(bob, alice);
    const auto wire = signed_mail(alice, bob);
    auto& keys = (*alice.session()->context())->keys;
    const auto signature = keys.sign_detached("a text", alice.fpr(), nullptr);
    ASSERT_TRUE(signature.has_value());
    next_second();
    const auto end = std::time(nullptr) + 2;
    ASSERT_TRUE(keys.renew(alice.fpr(), end, nullptr).has_value());
    ASSERT_EQ(imported(bob.session(), exported(alice.session(), alice.fpr())), PEP_KEY_IMPORTED);
    while (std::time(nullptr) <= end)
        next_second();
    ASSERT_EQ(raw_rating(bob.session(), alice.fpr()), 0x04);

    auto& bobs = (*bob.session()->context())->keys;
    const auto verified = bobs.verify_detached("a text", *signature);
    ASSERT_TRUE(verified.has_value());
    EXPECT_EQ(verified->status, 0x401);
    EXPECT_EQ(verified->keylist, std::vector<std::string>{alice.fpr()});
    const Received in = bob.read(wire);
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_EQ(in.signer(), alice.fpr());
    EXPECT_EQ(in.rating, PEP_rating_unreliable);
    EXPECT_EQ(text(in.shown().longmsg), "body");
}

TEST_F(EdgeCase, N119_ARevokedSignerIsToldAndThePlaintextDelivered) {
    const User alice{"alice@example.org", "Alice"};
    const User bob{"bob@example.net", "Bob"};
    introduce(alice, bob);
    introduce(bob, alice);
    const auto wire = signed_mail(alice, bob);
    ASSERT_EQ(revoke_key(alice.session(), alice.fpr().c_str(), nullptr), 0);
    ASSERT_EQ(imported(bob.session(), exported(alice.session(), alice.fpr())), PEP_KEY_IMPORTED);
    const Received in = bob.read(wire);
    EXPECT_EQ(in.status, 0x40a);
    EXPECT_EQ(in.rating, PEP_rating_unreliable);
    const auto keylist = [&] {
        std::vector<std::string> all;
        for (const auto* node = in.keylist.get(); node != nullptr; node = node->next)
            all.emplace_back(node->value);
        return all;
    }();
    ASSERT_EQ(keylist.size(), 3U); // "", then sender and recipient, in the order of encryption
    EXPECT_EQ(keylist[0], "");
    EXPECT_EQ(keylist[1] == alice.fpr() ? keylist[2] : keylist[1], bob.fpr());
    EXPECT_EQ(text(in.shown().longmsg), "body");
}

TEST_F(EdgeCase, N120_AnAlteredTextDoesNotMatchItsSignature) {
    const auto fpr = make_key(session.get(), "me@example.org");
    const std::string data{"text\0with\r\nevery\xff octet", 21};
    const auto signature = context().keys.sign_detached(data, fpr, nullptr);
    ASSERT_TRUE(signature.has_value());
    const auto verified = [&](const std::string& text) {
        stringlist_t* keylist = nullptr;
        const auto status = verify_text(
            session.get(), text.data(), text.size(), signature->data(), signature->size(), &keylist
        );
        return std::pair<int, std::vector<std::string>>{status, taken(keylist)};
    };
    using List = std::vector<std::string>;
    EXPECT_EQ(verified(data), (std::pair{0x401, List{fpr}}));
    EXPECT_EQ(verified(data + " "), (std::pair{0x406, List{""}}));
    EXPECT_EQ(verified(data.substr(1)), (std::pair{0x406, List{""}}));
}

TEST_F(EdgeCase, N121_APartnerWithRevokedDefaultGetsPlainMailUntilAKeyIsSet) {
    const auto me = own("me@example.org", "Me");
    const auto old = partner("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(encrypt(*mail(*me, *updated("bob@example.org", "BOB"))).status, PEP_STATUS_OK);
    ASSERT_EQ(revoke_key(elsewhere.get(), old.c_str(), nullptr), PEP_STATUS_OK);
    bring(old);
    const auto bob = identity("bob@example.org", "BOB", "Bob");
    const auto refused = encrypt(*mail(*me, *bob));
    EXPECT_EQ(refused.status, PEP_UNENCRYPTED);
    EXPECT_EQ(refused.msg, nullptr);
    const auto fresh = partner_key("bob@example.org");
    EXPECT_EQ(encrypt(*mail(*me, *bob)).status, PEP_UNENCRYPTED);
    set_partner_key("bob@example.org", "BOB", fresh);
    const auto src = mail(*me, *bob);
    EXPECT_EQ(encrypt(*src).status, PEP_STATUS_OK);
    EXPECT_EQ(src->to->ident->comm_type, 0x38);
    EXPECT_EQ(text(src->to->ident->fpr), fresh);
}

// Not in 3.3: the fork's signatures by the installation.
TEST_F(EdgeCase, N121a_WhatWasSignedHereVerifiesHereAndNothingElseDoes) {
    const auto verify = [&](PEP_SESSION in, const std::string& text, const Handed& signature) {
        return verify_signature(in, text.data(), text.size(), signature.text, signature.size);
    };
    std::string octets;
    for (int i = 0; i < 256; ++i)
        octets.push_back(static_cast<char>(i));
    for (const std::string& data : {std::string{"a text"}, octets}) {
        Handed signature;
        ASSERT_EQ(
            signature_for_text(
                session.get(), data.data(), data.size(), &signature.text, &signature.size
            ),
            PEP_STATUS_OK
        );
        EXPECT_EQ(verify(session.get(), data, signature), 0x401);
        EXPECT_EQ(verify(session.get(), data + "x", signature), 0x406);
        EXPECT_EQ(
            verify_signature(
                session.get(), signature.text, signature.size, data.data(), data.size()
            ),
            0x407
        );
        const auto other = open_session(other_home.path());
        EXPECT_EQ(verify(other.get(), data, signature), 0x407);
    }
    identity_list* list = nullptr;
    ASSERT_EQ(own_identities_retrieve(session.get(), &list), PEP_STATUS_OK);
    EXPECT_EQ(list->ident, nullptr);
    free_identity_list(list);
}

TEST_F(EdgeCase, N121b_SignaturesOfHereSurviveEveryReset) {
    own("me@example.org", "Me");
    const std::string data = "a text";
    Handed signature;
    ASSERT_EQ(
        signature_for_text(
            session.get(), data.data(), data.size(), &signature.text, &signature.size
        ),
        PEP_STATUS_OK
    );
    const auto verify = [&] {
        return verify_signature(
            session.get(), data.data(), data.size(), signature.text, signature.size
        );
    };
    ASSERT_EQ(key_reset_all_own_keys(session.get()), PEP_STATUS_OK);
    EXPECT_EQ(verify(), 0x401);
    auto signer = identity(PEP_SIGNING_IDENTITY_ADDRESS, PEP_OWN_USERID);
    EXPECT_EQ(key_reset_identity(session.get(), signer.get(), nullptr), PEP_STATUS_OK);
    EXPECT_EQ(verify(), 0x401);
}

} // namespace pep::engine::testing
