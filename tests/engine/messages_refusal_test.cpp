// What must not come through: damaged mail, somebody else's signature, ratings by strangers.
#include "messages_fixture.hpp"

namespace pep::engine::test {
namespace {

constexpr const char* marker = "MARKERTEXT";

class Refusal : public Friends {
  protected:
    /// A mail to Bob whose body is the marker.
    std::string secret() {
        introduce();
        std::string body;
        for (int i = 0; i < 200; ++i)
            body += std::string{marker} + " line " + std::to_string(i * 7919) + "\n";
        OwnedMessage msg = alice.mail("bob@example.net", marker, body.c_str());
        return alice.send(*msg).wire;
    }

    static void expect_nothing(const Received& in) {
        EXPECT_EQ(in.dst, nullptr);
        EXPECT_EQ(in.keylist, nullptr);
        EXPECT_LT(in.rating, PEP_rating_unreliable);
        EXPECT_EQ(in.src->rating, in.rating);
        EXPECT_FALSE(contains(view(in.src->longmsg), marker));
        EXPECT_FALSE(contains(view(in.src->shortmsg), marker));
        for (const bloblist_t* blob = in.src->attachments; blob != nullptr; blob = blob->next)
            EXPECT_FALSE(contains({blob->value, blob->size}, marker));
    }
};

TEST_F(Refusal, DamagedCiphertextGivesNoPlaintext) {
    const std::string wire = secret();
    const std::size_t start = wire.find("-----BEGIN PGP MESSAGE-----") + 40;
    const std::size_t end = wire.find("-----END PGP MESSAGE-----");
    ASSERT_LT(start, end);
    int refused = 0;
    for (std::size_t at = start + 200; at + 60 < end; at += (end - start) / 12) {
        std::string damaged = wire;
        if (damaged[at] == '\r' || damaged[at] == '\n')
            ++at;
        damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
        const Received in = bob.read(damaged);
        EXPECT_TRUE(
            in.status == PEP_DECRYPT_WRONG_FORMAT || in.status == PEP_CANNOT_DECRYPT_UNKNOWN ||
            in.status == PEP_DECRYPT_NO_KEY
        ) << in.status
          << " at " << at;
        expect_nothing(in);
        ++refused;
    }
    EXPECT_GE(refused, 8);
}

TEST_F(Refusal, TruncatedCiphertextGivesNoPlaintext) {
    const std::string wire = secret();
    const std::size_t start = wire.find("-----BEGIN PGP MESSAGE-----");
    const std::size_t end = wire.find("-----END PGP MESSAGE-----");
    for (int part = 1; part < 6; ++part) {
        const std::size_t cut = start + (end - start) * static_cast<std::size_t>(part) / 6;
        const Received in = bob.read(wire.substr(0, cut) + "\r\n" + wire.substr(end));
        EXPECT_NE(in.status, PEP_STATUS_OK);
        expect_nothing(in);
    }
}

TEST_F(Refusal, GarbageBehindTheArmorLineCannotBeDecrypted) {
    const Received in =
        bob.read("From: a@example.com\r\nMIME-Version: 1.0\r\n"
                 "Content-Type: multipart/encrypted; boundary=b; "
                 "protocol=\"application/pgp-encrypted\"\r\n\r\n"
                 "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
                 "--b\r\nContent-Type: application/octet-stream\r\n\r\n"
                 "-----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n=AAAA\r\n"
                 "-----END PGP MESSAGE-----\r\n--b--\r\n");
    EXPECT_TRUE(in.status == PEP_DECRYPT_WRONG_FORMAT || in.status == PEP_CANNOT_DECRYPT_UNKNOWN)
        << in.status;
    EXPECT_EQ(in.rating, PEP_rating_cannot_decrypt);
    expect_nothing(in);
}

TEST_F(Refusal, MailForSomebodyElseHasNoKey) {
    const std::string wire = secret();
    const User eve{"eve@example.com", "Eve"};
    const Received in = eve.read(wire);
    EXPECT_EQ(in.status, PEP_DECRYPT_NO_KEY);
    EXPECT_EQ(in.rating, PEP_rating_have_no_key);
    expect_nothing(in);
}

TEST_F(Refusal, AStrangersSignatureDoesNotCountForTheSender) {
    introduce();
    const User mallory{"mallory@example.com", "Mallory"};
    OwnedMessage hello = bob.mail("mallory@example.com", "hello", "key");
    ASSERT_EQ(mallory.read(bob.send(*hello).wire).status, PEP_UNENCRYPTED);
    for (const PEP_encrypt_flags_t flags : {0U, 0x10U}) {
        OwnedMessage msg = mallory.mail("bob@example.net", "s", "b");
        std::string wire = mallory.send(*msg, PEP_enc_auto, flags).wire;
        // Version 1.0 takes the sender from outside; there he is easily exchanged.
        const std::size_t from = wire.find("mallory@example.com>");
        ASSERT_NE(from, std::string::npos);
        wire.replace(from, std::string{"mallory@example.com>"}.size(), "alice@example.org>");
        const Received in = bob.read(wire);
        ASSERT_NE(in.dst, nullptr);
        if (flags == 0U) {
            EXPECT_STREQ(in.dst->from->address, "mallory@example.com") << "as signed";
        } else {
            EXPECT_STREQ(in.dst->from->address, "alice@example.org");
            EXPECT_LE(in.rating, PEP_rating_unreliable);
            EXPECT_EQ(in.signer(), "");
        }
        EXPECT_EQ(view(bob.partner("alice@example.org")->fpr), alice.fpr());
    }
}

TEST_F(Refusal, AForeignSignatureGivesAStrangerNoDefaultKey) {
    introduce();
    const User mallory{"mallory@example.com", "Mallory"};
    OwnedMessage hello = bob.mail("mallory@example.com", "hello", "key");
    ASSERT_EQ(mallory.read(bob.send(*hello).wire).status, PEP_UNENCRYPTED);
    OwnedMessage msg = mallory.mail("bob@example.net", "s", "b");
    std::string wire = mallory.send(*msg, PEP_enc_auto, PEP_encrypt_flag_force_version_1).wire;
    const std::size_t from = wire.find("mallory@example.com>");
    wire.replace(from, std::string{"mallory@example.com>"}.size(), "victim@example.org>");
    EXPECT_LE(bob.read(wire).rating, PEP_rating_unreliable);
    EXPECT_EQ(bob.partner("victim@example.org")->fpr, nullptr);
}

TEST_F(Refusal, RatingsOfStrangersAreDropped) {
    const Received in = bob.read("From: a@example.com\r\nX-EncStatus: trusted\r\n"
                                 "X-KeyList: AABB\r\nSubject: s\r\n\r\nbody\r\n");
    EXPECT_EQ(in.status, PEP_UNENCRYPTED);
    EXPECT_EQ(field_of(*in.src, "X-EncStatus"), "-");
    EXPECT_EQ(field_of(*in.src, "X-KeyList"), "-");
}

TEST_F(Refusal, RatingsInsideAnEncryptedMailAreReplaced) {
    introduce();
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    add_opt_field(msg.get(), "x-encstatus", "fully_anonymous");
    add_opt_field(msg.get(), "X-KeyList", "FORGED");
    const Received in = bob.read(alice.send(*msg).wire);
    EXPECT_EQ(field_of(*in.dst, "X-EncStatus"), "reliable");
    EXPECT_FALSE(contains(field_of(*in.dst, "X-KeyList"), "FORGED"));
}

TEST_F(Refusal, NoSenderMeansUnreliableAtBest) {
    introduce_as_openpgp();
    OwnedMessage msg = alice.mail("bob@example.net", "s", "b");
    std::string wire = alice.send(*msg).wire;
    const std::size_t from = wire.find("From:");
    wire.erase(from, wire.find("\r\n", from) + 2 - from);
    const Received in = bob.read(wire);
    ASSERT_NE(in.dst, nullptr);
    EXPECT_LE(in.rating, PEP_rating_unreliable);
    EXPECT_STREQ(in.dst->longmsg, "b");
}

TEST_F(Refusal, DecryptChecksItsArguments) {
    OwnedMessage msg{new_message(PEP_dir_incoming)};
    message* dst = msg.get();
    stringlist_t* keylist = nullptr;
    PEP_rating rating = PEP_rating_trusted;
    PEP_decrypt_flags_t flags = 0xff;
    EXPECT_EQ(decrypt_message(nullptr, msg.get(), &dst, &keylist, &rating, &flags), -4);
    EXPECT_EQ(dst, nullptr);
    EXPECT_EQ(rating, PEP_rating_undefined);
    EXPECT_EQ(flags, 0U);
    const PEP_SESSION session = bob.session();
    EXPECT_EQ(decrypt_message(session, nullptr, &dst, &keylist, &rating, &flags), -4);
    EXPECT_EQ(decrypt_message(session, msg.get(), nullptr, &keylist, &rating, &flags), -4);
    EXPECT_EQ(decrypt_message(session, msg.get(), &dst, nullptr, &rating, &flags), -4);
    EXPECT_EQ(decrypt_message(session, msg.get(), &dst, &keylist, nullptr, &flags), -4);
    EXPECT_EQ(decrypt_message(session, msg.get(), &dst, &keylist, &rating, nullptr), -4);
    EXPECT_EQ(decrypt_message(session, msg.get(), &dst, &keylist, &rating, &flags), 0x400);
}

} // namespace
} // namespace pep::engine::test
