// Encryption for the user himself: drafts, messages encrypted again for servers that are not
// trusted, the own secret key on its way to another device, and the rating that is kept with a
// decrypted copy.
#include "engine/messages_fixture.hpp"
#include "engine/receiver_rating.hpp"

namespace pep::engine::test {
namespace {

class ToSelf : public Friends {
  protected:
    /// encrypt_message_for_self of what Alice wrote, as MIME text.
    std::string draft(
        const message& src,
        PEP_encrypt_flags_t flags = 0,
        stringlist_t* extra = nullptr,
        unsigned identity_flags = 0,
        PEP_enc_format format = PEP_enc_PGP_MIME
    ) {
        const OwnedIdentity target = alice.own();
        target->flags = identity_flags;
        const OwnedMessage copy{message_dup(&src)};
        message* dst = nullptr;
        status = encrypt_message_for_self(
            alice.session(), target.get(), copy.get(), extra, &dst, format, flags
        );
        encrypted.reset(dst);
        return dst != nullptr ? encode(alice.session(), *dst) : "";
    }

    PEP_STATUS status = PEP_UNKNOWN_ERROR;
    OwnedMessage encrypted;
};

/// Alice's server is not trusted, and her organisation has a key, too.
class Untrusted : public Friends {
  protected:
    void SetUp() override {
        introduce();
        char* key = nullptr;
        std::size_t size = 0;
        ASSERT_EQ(export_key(office.session(), office.fpr().c_str(), &key, &size), 0);
        const OwnedChars owner{key};
        ASSERT_EQ(import_key(alice.session(), key, size, nullptr), PEP_KEY_IMPORTED);
        OwnedIdentity me = alice.own();
        ASSERT_EQ(set_identity_flags(alice.session(), me.get(), PEP_idf_org_ident), 0);
    }

    /// Decrypt with these extra keys, as the identity that received it.
    Received
    read(OwnedMessage src, const std::vector<std::string>& extra, bool known_receiver = true) {
        if (known_receiver && src->recv_by == nullptr) {
            src->recv_by = alice.own().release();
        }
        Received in;
        in.src = std::move(src);
        OwnedStrings given;
        for (const std::string& fpr : extra) {
            stringlist_t* added = stringlist_add(given.get(), fpr.c_str());
            if (!given)
                given.reset(added);
        }
        message* dst = nullptr;
        stringlist_t* keylist = given.get();
        in.flags = PEP_decrypt_flag_untrusted_server;
        in.status =
            decrypt_message(alice.session(), in.src.get(), &dst, &keylist, &in.rating, &in.flags);
        in.dst.reset(dst);
        in.keylist.reset(keylist);
        return in;
    }

    Received read(std::string_view wire, const std::vector<std::string>& extra) {
        return read(decode(alice.session(), wire), extra);
    }

    std::string from_bob() {
        OwnedMessage src = bob.mail("alice@example.org", "a subject", "a body");
        return bob.send(*src).wire;
    }

    /// A mail of Bob's with this inner message, whatever stands in it.
    std::string signed_by_bob(const std::string& inner) {
        const std::string payload = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                                    "--b\r\nContent-Type: text/plain\r\n\r\n"
                                    "pEp-Wrapped-Message-Info: OUTER\r\n"
                                    "--b\r\nContent-Type: message/rfc822\r\n\r\n" +
                                    inner + "\r\n--b--\r\n";
        const OwnedStrings keys{new_stringlist(bob.fpr().c_str())};
        stringlist_add(keys.get(), alice.fpr().c_str());
        char* cipher = nullptr;
        std::size_t size = 0;
        EXPECT_EQ(
            encrypt_and_sign(
                bob.session(), keys.get(), payload.data(), payload.size(), &cipher, &size
            ),
            PEP_STATUS_OK
        );
        const OwnedChars owner{cipher};
        return "From: bob@example.net\r\nTo: alice@example.org\r\nSubject: p=p\r\n"
               "X-pEp-Version: 2.0\r\nMIME-Version: 1.0\r\n"
               "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";"
               " boundary=o\r\n\r\n"
               "--o\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
               "--o\r\nContent-Type: application/octet-stream\r\n\r\n" +
               std::string(cipher, size) + "\r\n--o--\r\n";
    }

    static bool modified(const Received& in) {
        return (in.flags & PEP_decrypt_flag_src_modified) != 0;
    }

    User office{"archive@example.org", "Archive"};
};

OwnedMessage copy_of(const Received& in) { return OwnedMessage{message_dup(in.src.get())}; }

bool lists(const Received& in, const std::string& fpr) {
    return stringlist_search(in.keylist.get(), fpr.c_str()) != nullptr;
}

} // namespace

TEST_F(ToSelf, DraftKeepsAllOfTheMessage) {
    OwnedMessage src = alice.mail("bob@example.net", "Entwurf", "half a body");
    src->bcc = new_identity_list(person("secret@example.com").release());
    append(src->attachments, make_blob("some bytes", "text/csv", "file://a.csv"));
    const std::string wire = draft(*src);
    ASSERT_EQ(status, PEP_STATUS_OK);
    for (const char* hidden : {"Entwurf", "half a body", "secret@example.com", "a.csv"})
        EXPECT_FALSE(contains(wire, hidden)) << hidden;
    EXPECT_STREQ(encrypted->shortmsg, "p\xE2\x89\xA1p");
    EXPECT_EQ(field_of(*encrypted, "X-pEp-Version"), "3.3");

    const Received in = alice.read(wire);
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_EQ(in.rating, PEP_rating_trusted_and_anonymized);
    EXPECT_EQ(in.signer(), alice.fpr());
    ASSERT_TRUE(in.dst);
    EXPECT_STREQ(in.dst->shortmsg, "Entwurf");
    EXPECT_STREQ(in.dst->longmsg, "half a body");
    ASSERT_NE(in.dst->bcc, nullptr);
    EXPECT_STREQ(in.dst->bcc->ident->address, "secret@example.com");
    ASSERT_NE(in.dst->attachments, nullptr); // and no key
    EXPECT_STREQ(in.dst->attachments->filename, "file://a.csv");
    EXPECT_EQ(in.dst->attachments->next, nullptr);
}

TEST_F(ToSelf, NobodyElseCanReadADraft) {
    introduce();
    OwnedMessage src = alice.mail("bob@example.net", "s", "b");
    const std::string wire = draft(*src);
    EXPECT_EQ(bob.read(wire).status, PEP_DECRYPT_NO_KEY);
}

TEST_F(ToSelf, UnsignedDraftIsUnreliable) {
    OwnedMessage src = alice.mail("bob@example.net", "s", "b");
    const Received in = alice.read(draft(*src, PEP_encrypt_flag_force_unsigned));
    EXPECT_EQ(in.status, PEP_DECRYPTED);
    EXPECT_EQ(in.rating, PEP_rating_unreliable);
    ASSERT_EQ(stringlist_length(in.keylist.get()), 2);
    EXPECT_STREQ(in.keylist->value, "");
    EXPECT_EQ(in.keylist->next->value, alice.fpr());
}

TEST_F(ToSelf, ADraftWithoutRecipientsAndTextIsFine) {
    OwnedMessage src{new_message(PEP_dir_outgoing)};
    src->from = alice.own().release();
    const Received in = alice.read(draft(*src));
    EXPECT_EQ(in.status, PEP_STATUS_OK);
}

TEST_F(ToSelf, ExtraKeysCountForOrganisationsOnly) {
    introduce();
    const OwnedStrings extra{new_stringlist(bob.fpr().c_str())};
    OwnedMessage src = alice.mail("bob@example.net", "s", "b");
    EXPECT_EQ(bob.read(draft(*src, 0, extra.get())).status, PEP_DECRYPT_NO_KEY);
    OwnedIdentity me = alice.own();
    ASSERT_EQ(set_identity_flags(alice.session(), me.get(), PEP_idf_org_ident), 0);
    EXPECT_EQ(bob.read(draft(*src, 0, extra.get(), PEP_idf_org_ident)).status, PEP_STATUS_OK);
}

TEST_F(ToSelf, ATargetWithoutAddressIsItsKey) {
    OwnedMessage src = alice.mail("bob@example.net", "s", "b");
    const OwnedIdentity target{new_identity(nullptr, alice.fpr().c_str(), nullptr, nullptr)};
    message* dst = nullptr;
    ASSERT_EQ(
        encrypt_message_for_self(
            alice.session(), target.get(), src.get(), nullptr, &dst, PEP_enc_PEP, 0
        ),
        0
    );
    encrypted.reset(dst);
    EXPECT_EQ(alice.read(encode(alice.session(), *dst)).status, PEP_STATUS_OK);
}

TEST_F(ToSelf, InlineDraftsAreReadBack) {
    OwnedMessage src = alice.mail("bob@example.net", "open subject", "b");
    draft(*src, 0, nullptr, 0, PEP_enc_inline);
    const Received in = receive(alice.session(), std::move(encrypted));
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    ASSERT_TRUE(in.dst);
    EXPECT_STREQ(in.dst->longmsg, "b");
    EXPECT_STREQ(in.dst->shortmsg, "open subject");
}

TEST_F(ToSelf, RefusesWhatCannotBeADraft) {
    OwnedMessage src = alice.mail("bob@example.net", "s", "b");
    draft(*src, 0, nullptr, 0, PEP_enc_none);
    EXPECT_EQ(status, PEP_ILLEGAL_VALUE);
    draft(*src, 0, nullptr, 0, PEP_enc_S_MIME);
    EXPECT_EQ(status, PEP_ILLEGAL_VALUE);
    assign(src->longmsg, "-----BEGIN PGP MESSAGE-----\n");
    draft(*src);
    EXPECT_EQ(status, PEP_ILLEGAL_VALUE);
    message* dst = encrypted.get();
    EXPECT_EQ(
        encrypt_message_for_self(
            alice.session(), nullptr, src.get(), nullptr, &dst, PEP_enc_PEP, 0
        ),
        PEP_ILLEGAL_VALUE
    );
    EXPECT_EQ(dst, nullptr);
    const OwnedIdentity nobody{new_identity(nullptr, nullptr, nullptr, nullptr)};
    assign(src->longmsg, "b");
    EXPECT_EQ(
        encrypt_message_for_self(
            alice.session(), nobody.get(), src.get(), nullptr, &dst, PEP_enc_PEP, 0
        ),
        PEP_ILLEGAL_VALUE
    );
}

TEST_F(Untrusted, MessagesAreEncryptedAgainForTheExtraKeys) {
    const Received first = read(from_bob(), {office.fpr()});
    ASSERT_EQ(first.status, PEP_STATUS_OK);
    ASSERT_TRUE(modified(first));
    EXPECT_EQ(first.rating, PEP_rating_reliable);
    EXPECT_EQ(first.signer(), bob.fpr());
    EXPECT_STREQ(first.src->shortmsg, "p\xE2\x89\xA1p");
    EXPECT_STREQ(first.src->from->address, "bob@example.net");
    EXPECT_EQ(first.src->enc_format, PEP_enc_PGP_MIME);
    EXPECT_STREQ(first.dst->longmsg, "a body");

    const Received second = read(copy_of(first), {office.fpr()}, false);
    EXPECT_EQ(second.status, PEP_STATUS_OK);
    EXPECT_FALSE(modified(second));
    EXPECT_EQ(second.rating, PEP_rating_reliable);
    EXPECT_EQ(second.signer(), alice.fpr());
    EXPECT_TRUE(lists(second, office.fpr()));
    EXPECT_EQ(field_of(*second.dst, "X-pEp-Sender-FPR"), bob.fpr());
    EXPECT_STREQ(second.dst->shortmsg, "a subject");
    EXPECT_STREQ(second.dst->id, first.dst->id);

    // The organisation reads it, on a store that knows nobody.
    EXPECT_EQ(office.read(encode(alice.session(), *first.src)).status, PEP_DECRYPTED);
}

TEST_F(Untrusted, ALaterExtraKeyEncryptsOnceMore) {
    const Received first = read(from_bob(), {office.fpr()});
    const Received second = read(copy_of(first), {office.fpr(), bob.fpr()});
    EXPECT_EQ(second.status, PEP_STATUS_OK);
    EXPECT_TRUE(modified(second));
    const Received third = read(copy_of(second), {});
    EXPECT_TRUE(lists(third, bob.fpr()));
    EXPECT_TRUE(lists(third, office.fpr()));
    EXPECT_EQ(field_of(*third.dst, "X-pEp-Sender-FPR"), bob.fpr());
}

TEST_F(Untrusted, WithoutExtraKeysNothingChanges) {
    const std::string wire = from_bob();
    const Received in = read(wire, {});
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_FALSE(modified(in));
    EXPECT_STREQ(in.src->shortmsg, "p\xE2\x89\xA1p");
}

TEST_F(Untrusted, AnOpenSubjectIsShownOnTheServer) {
    config_unencrypted_subject(alice.session(), true);
    const Received in = read(from_bob(), {});
    EXPECT_TRUE(modified(in));
    EXPECT_STREQ(in.src->shortmsg, "a subject");
    const Received again = read(copy_of(in), {});
    EXPECT_FALSE(modified(again));
    const Received all = read(copy_of(in), {office.fpr()});
    EXPECT_TRUE(modified(all));
    EXPECT_STREQ(all.src->shortmsg, "a subject");
}

TEST_F(Untrusted, WithoutReceiverTheMessageIsStillRead) {
    const Received in = read(decode(alice.session(), from_bob()), {office.fpr()}, false);
    EXPECT_EQ(in.status, PEP_CANNOT_REENCRYPT);
    EXPECT_FALSE(modified(in));
    ASSERT_TRUE(in.dst);
    EXPECT_STREQ(in.dst->longmsg, "a body");
    EXPECT_EQ(in.rating, PEP_rating_reliable);
    EXPECT_EQ(read(copy_of(in), {}).status, PEP_STATUS_OK); // src is as it was
}

TEST_F(Untrusted, UnsignedMessagesGetNoOwnSignature) {
    OwnedMessage src = bob.mail("alice@example.org", "s", "b");
    const auto sent = bob.send(*src, PEP_enc_auto, PEP_encrypt_flag_force_unsigned);
    const Received in = read(sent.wire, {office.fpr()});
    EXPECT_EQ(in.status, PEP_DECRYPTED);
    EXPECT_FALSE(modified(in));
}

TEST_F(Untrusted, DistrustOfTheFirstSignerStays) {
    const Received first = read(from_bob(), {office.fpr()});
    OwnedIdentity partner = alice.partner("bob@example.net");
    ASSERT_EQ(key_mistrusted(alice.session(), partner.get()), 0);
    const Received second = read(copy_of(first), {office.fpr()}, false);
    EXPECT_EQ(second.rating, PEP_rating_mistrust);
}

TEST_F(Untrusted, TheFirstSignerIsNotWhoTheMailSays) {
    // In the layout of 2.0 nothing checks the field; what is kept must be the key that signed.
    const Received first = read(
        signed_by_bob("From: bob@example.net\r\nTo: alice@example.org\r\nSubject: s\r\n"
                      "X-pEp-Version: 3.3\r\nX-pEp-Message-Version: 2.0\r\n"
                      "X-pEp-Sender-FPR: 0123456789ABCDEF0123456789ABCDEF01234567\r\n"
                      "Content-Type: text/plain\r\n\r\n"
                      "pEp-Wrapped-Message-Info: INNER\r\n\r\nthe body\r\n"),
        {office.fpr()}
    );
    ASSERT_EQ(first.status, PEP_STATUS_OK);
    ASSERT_TRUE(modified(first));
    EXPECT_EQ(first.signer(), bob.fpr());
    OwnedIdentity partner = alice.partner("bob@example.net");
    ASSERT_EQ(key_mistrusted(alice.session(), partner.get()), 0);
    const Received second = read(copy_of(first), {office.fpr()}, false);
    EXPECT_EQ(field_of(*second.dst, "X-pEp-Sender-FPR"), bob.fpr());
    EXPECT_EQ(second.rating, PEP_rating_mistrust);
}

TEST_F(Untrusted, ARelayedOwnSignatureIsNobodyElses) {
    // What Alice wrote herself, in the plain layout, comes back with another sender outside.
    OwnedMessage src = alice.mail("bob@example.net", "s", "b");
    const auto sent = alice.send(*src, PEP_enc_PGP_MIME, PEP_encrypt_flag_force_version_1);
    OwnedMessage forged = decode(alice.session(), sent.wire);
    assign(forged->from->address, "bob@example.net");
    const Received in = receive(alice.session(), std::move(forged));
    EXPECT_EQ(in.rating, PEP_rating_unreliable);
}

TEST(ReceiverRating, HasTheOctetsOfTheOriginal) {
    const auto octets = [](PEP_rating rating) {
        return encode_receiver_rating(rating).value_or("-");
    };
    EXPECT_EQ(octets(PEP_rating_cannot_decrypt), "\x28\x30");
    EXPECT_EQ(octets(PEP_rating_have_no_key), "\x28\x40");
    EXPECT_EQ(octets(PEP_rating_unencrypted), "\x28\x50");
    EXPECT_EQ(octets(PEP_rating_unreliable), "\x28\x60");
    EXPECT_EQ(octets(PEP_rating_reliable), "\x28\x70");
    EXPECT_EQ(octets(PEP_rating_trusted), "\x28\x80");
    EXPECT_EQ(octets(PEP_rating_trusted_and_anonymized), "\x28\x90");
    EXPECT_EQ(octets(PEP_rating_fully_anonymous), "\x28\xa0");
    EXPECT_EQ(octets(PEP_rating_undefined), "-");
    EXPECT_EQ(octets(PEP_rating_media_key_protected), "-");
    EXPECT_EQ(decode_receiver_rating("\x28\x90"), PEP_rating_trusted_and_anonymized);
    EXPECT_EQ(decode_receiver_rating(std::string_view{"\x28\x00", 2}), PEP_rating_under_attack);
    for (const char* broken :
         {"", "\x28", "\x28\xb0", "\x28\xf0", "\x28\x61", "\x28\x60 ", "\x2a\x60"})
        EXPECT_EQ(decode_receiver_rating(broken), std::nullopt) << broken;
}

TEST_F(Untrusted, ADecryptedCopyKeepsItsColour) {
    OwnedMessage src = decode(alice.session(), from_bob());
    OwnedIdentity partner = alice.partner("bob@example.net");
    ASSERT_EQ(trust_personal_key(alice.session(), partner.get()), 0);
    src->recv_by = alice.own().release();
    Received first = receive(alice.session(), std::move(src));
    ASSERT_EQ(first.rating, PEP_rating_trusted_and_anonymized);
    const bloblist_t* attached = first.dst->attachments;
    ASSERT_NE(attached, nullptr);
    EXPECT_STREQ(attached->mime_type, "application/pEp.sync");
    EXPECT_STREQ(attached->filename, "file://sync.pEp");
    EXPECT_EQ(std::string(attached->value, attached->size), "\x28\x90");
    ASSERT_NE(attached->next, nullptr);
    EXPECT_STREQ(attached->next->mime_type, "application/pEp.sign");
    EXPECT_STREQ(attached->next->filename, "file://electronic_signature.asc");
    EXPECT_EQ(attached->next->next, nullptr);

    Received stored = receive(alice.session(), OwnedMessage{message_dup(first.dst.get())});
    EXPECT_EQ(stored.status, PEP_UNENCRYPTED);
    EXPECT_EQ(stored.rating, PEP_rating_trusted_and_anonymized);
    EXPECT_EQ(field_of(*stored.src, "X-EncStatus"), "trusted_and_anonymized");

    // The same from a stranger's key says nothing.
    Received elsewhere = receive(bob.session(), OwnedMessage{message_dup(first.dst.get())});
    EXPECT_EQ(elsewhere.rating, PEP_rating_unencrypted);

    // Rated again after a change of mind, the copy says so.
    ASSERT_EQ(key_mistrusted(alice.session(), partner.get()), 0);
    PEP_rating rating = PEP_rating_undefined;
    ASSERT_EQ(
        re_evaluate_message_rating(
            alice.session(), first.dst.get(), nullptr, PEP_rating_undefined, &rating
        ),
        0
    );
    EXPECT_EQ(rating, PEP_rating_mistrust);
    ASSERT_NE(first.dst->attachments, nullptr);
    EXPECT_EQ(std::string(first.dst->attachments->value, 2), "\x28\x20");
}

TEST_F(Untrusted, ARatingDoesNotTravelToOthers) {
    OwnedMessage src = decode(alice.session(), from_bob());
    src->recv_by = alice.own().release();
    const Received in = receive(alice.session(), std::move(src));
    ASSERT_NE(in.dst->attachments, nullptr);
    OwnedMessage forward = alice.mail("bob@example.net", "fwd", "look");
    forward->attachments = bloblist_dup(in.dst->attachments);
    append(forward->attachments, make_blob("kept", "text/csv", "file://kept.csv"));
    const Received at_bob = bob.read(alice.send(*forward).wire);
    ASSERT_TRUE(at_bob.dst);
    ASSERT_NE(at_bob.dst->attachments, nullptr);
    EXPECT_STREQ(at_bob.dst->attachments->filename, "file://kept.csv");
    EXPECT_EQ(at_bob.dst->attachments->next, nullptr);
}

TEST_F(Friends, OwnKeysGoToAConfirmedDeviceOnly) {
    // The other device of Alice has made a key of its own.
    User other{"alice@example.org", "Alice Müller"};
    char* key = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(export_key(other.session(), other.fpr().c_str(), &key, &size), 0);
    const OwnedChars owner{key};
    ASSERT_EQ(import_key(alice.session(), key, size, nullptr), PEP_KEY_IMPORTED);
    const auto transfer = [&](message& src, message** dst) {
        return encrypt_message_and_add_priv_key(
            alice.session(), &src, dst, other.fpr().c_str(), PEP_enc_PGP_MIME, 0
        );
    };
    message* dst = nullptr;
    OwnedMessage src = alice.mail("alice@example.org", "my key", "here it is");
    EXPECT_EQ(transfer(*src, &dst), PEP_ILLEGAL_VALUE); // not confirmed

    OwnedIdentity device{
        new_identity("alice@example.org", other.fpr().c_str(), PEP_OWN_USERID, nullptr)};
    ASSERT_EQ(trust_own_key(alice.session(), device.get()), 0);
    ASSERT_EQ(transfer(*src, &dst), PEP_STATUS_OK);
    EXPECT_EQ(src->attachments, nullptr);
    const OwnedMessage encrypted{dst};
    const std::string wire = encode(alice.session(), *encrypted);

    const Received in = other.read(wire);
    ASSERT_TRUE(in.dst);
    char* secret = nullptr;
    EXPECT_EQ(export_secret_key(other.session(), alice.fpr().c_str(), &secret, &size), 0);
    const OwnedChars secret_owner{secret};
    EXPECT_TRUE(contains(view(secret), "PRIVATE KEY"));

    OwnedMessage wrong = alice.mail("bob@example.net", "s", "b");
    EXPECT_EQ(transfer(*wrong, &dst), PEP_ILLEGAL_VALUE);
    OwnedMessage copied = alice.mail("alice@example.org", "s", "b");
    copied->cc = new_identity_list(person("bob@example.net").release());
    EXPECT_EQ(transfer(*copied, &dst), PEP_ILLEGAL_VALUE);
    EXPECT_EQ(dst, nullptr);
}

} // namespace pep::engine::test
