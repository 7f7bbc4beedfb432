// Keys that come by mail: cases 122 to 127 of the engine reference, section 10. Alice writes, Bob
// does not know her yet.
#include "base/base64.hpp"
#include "engine/backend/rnp.hpp"
#include "engine/edge_fixture.hpp"
#include "engine/messages_fixture.hpp"

#include <set>

namespace pep::engine::testing {

namespace {

using test::Received;
using test::User;

struct AliceAndBob {
    User alice{"alice@example.org", "Alice"};
    User bob{"bob@example.net", "Bob"};

    AliceAndBob() {
        EXPECT_EQ(imported(alice.session(), exported(bob.session(), bob.fpr())), PEP_KEY_IMPORTED);
        set_version(PEP_VERSION_MAJOR, PEP_VERSION_MINOR);
    }

    /// What Alice believes Bob to speak; 0.0: plain OpenPGP.
    void set_version(unsigned major, unsigned minor) const {
        const OwnedIdentity known{new_identity("bob@example.net", bob.fpr().c_str(), "BOB", "Bob")};
        known->major_ver = major;
        known->minor_ver = minor;
        known->comm_type = major != 0 ? PEP_ct_pEp_unconfirmed : PEP_ct_OpenPGP_unconfirmed;
        EXPECT_EQ(set_identity(alice.session(), known.get()), PEP_STATUS_OK);
        if (major != 0) {
            EXPECT_EQ(set_as_pEp_user(alice.session(), known.get()), PEP_STATUS_OK);
        }
    }

    [[nodiscard]] std::string key() const { return exported(alice.session(), alice.fpr()); }

    [[nodiscard]] OwnedIdentity known() const { return bob.partner("alice@example.org"); }

    [[nodiscard]] std::string default_key() const { return std::string{view(known()->fpr)}; }

    /// PGP/MIME as any other program writes it: signed by Alice, with attachments inside.
    [[nodiscard]] std::string pgp_mime(const std::string& inside) const {
        auto& keys = (*alice.session()->context())->keys;
        const auto text = keys.encrypt({alice.fpr(), bob.fpr()}, inside, Signing::sign, nullptr);
        EXPECT_TRUE(text.has_value());
        return "From: Alice <alice@example.org>\r\nTo: bob@example.net\r\nSubject: s\r\n"
               "MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; boundary=e;\r\n"
               " protocol=\"application/pgp-encrypted\"\r\n\r\n"
               "--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
               "--e\r\nContent-Type: application/octet-stream\r\n\r\n" +
               *text + "\r\n--e--\r\n";
    }
};

struct Attached {
    std::string name;
    std::string type;
    std::string bytes;
};

std::string with_attachments(const std::vector<Attached>& attachments) {
    std::string body = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                       "--b\r\nContent-Type: text/plain\r\n\r\nbody\r\n";
    for (const auto& each : attachments)
        body += "--b\r\nContent-Type: " + each.type +
                "\r\nContent-Disposition: attachment; filename=\"" + each.name + "\"\r\n\r\n" +
                each.bytes + "\r\n";
    return body + "--b--\r\n";
}

std::string plain_mail(const std::string& fields, const std::string& rest) {
    return "From: Alice <alice@example.org>\r\nTo: bob@example.net\r\nSubject: s\r\n" + fields +
           "MIME-Version: 1.0\r\n" + rest;
}

constexpr const char* keys_type = "application/pgp-keys";

} // namespace

TEST_F(EdgeCase, N122a_TheSenderKeyOfAPepMailBecomesDefaultAtPepLevel) {
    const AliceAndBob both;
    const auto mail = plain_mail(
        "X-pEp-Version: 2.1\r\n", with_attachments({{"sender_key.asc", keys_type, both.key()}})
    );
    EXPECT_EQ(both.bob.read(mail).status, PEP_UNENCRYPTED);
    EXPECT_EQ(both.default_key(), both.alice.fpr());
    EXPECT_EQ(both.known()->comm_type, 0x7f);
}

TEST_F(EdgeCase, N122b_TheKeyOfAnotherMailBecomesDefaultAtOpenPgpLevel) {
    const AliceAndBob both;
    const auto mail = plain_mail("", with_attachments({{"any.asc", keys_type, both.key()}}));
    EXPECT_EQ(both.bob.read(mail).status, PEP_UNENCRYPTED);
    EXPECT_EQ(both.default_key(), both.alice.fpr());
    EXPECT_EQ(both.known()->comm_type, 0x38);
}

TEST_F(EdgeCase, N122c_AMailWithoutKeySetsNone) {
    const AliceAndBob both;
    for (const char* fields : {"", "X-pEp-Version: 2.1\r\n"})
        EXPECT_EQ(both.bob.read(plain_mail(fields, "\r\nbody")).status, PEP_UNENCRYPTED);
    EXPECT_EQ(both.default_key(), "");
    EXPECT_EQ(both.known()->comm_type, 0x03);
}

TEST_F(EdgeCase, N123a_TheSignersKeyInAnEncryptedMailBecomesDefault) {
    struct Case {
        unsigned major, minor;
        PEP_encrypt_flags_t flags;
    };

    for (const auto& [major, minor, flags] :
         {Case{3, 3, PEP_encrypt_flag_force_version_1},
          Case{2, 1, 0},
          Case{2, 2, 0},
          Case{3, 3, 0}}) {
        const AliceAndBob both;
        both.set_version(major, minor);
        OwnedMessage msg = both.alice.mail("bob@example.net", "s", "b");
        const Received in = both.bob.read(both.alice.send(*msg, PEP_enc_auto, flags).wire);
        EXPECT_EQ(in.status, PEP_STATUS_OK) << major << minor << flags;
        EXPECT_EQ(in.rating, PEP_rating_reliable);
        EXPECT_EQ(both.default_key(), both.alice.fpr());
    }
}

TEST_F(EdgeCase, N123b_TheSignersKeyInAPlainOpenPgpMailBecomesDefault) {
    const AliceAndBob both;
    const Received in =
        both.bob.read(both.pgp_mime(with_attachments({{"any.asc", keys_type, both.key()}})));
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_EQ(in.rating, PEP_rating_reliable);
    EXPECT_EQ(both.default_key(), both.alice.fpr());
    EXPECT_EQ(both.known()->comm_type, 0x38);
}

TEST_F(EdgeCase, N123c_AMailOfFormatTwoZeroSetsNoDefault) {
    const AliceAndBob both;
    const OwnedIdentity old{new_identity("bob@example.net", both.bob.fpr().c_str(), "BOB", "Bob")};
    old->major_ver = 2;
    old->comm_type = PEP_ct_pEp_unconfirmed;
    ASSERT_EQ(set_identity(both.alice.session(), old.get()), PEP_STATUS_OK);
    OwnedMessage msg = both.alice.mail("bob@example.net", "s", "b");
    const Received in = both.bob.read(both.alice.send(*msg).wire);
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_EQ(test::field_of(in.shown(), "X-pEp-Message-Version"), "2.0");
    EXPECT_EQ(both.default_key(), "");
    EXPECT_EQ(both.known()->comm_type, 0x03);
}

TEST_F(EdgeCase, N124_SomebodyElsesKeyOrNoneLeavesTheMailUnreliable) {
    const User carol{"carol@example.com", "Carol"};
    const auto carols = exported(carol.session(), carol.fpr());
    for (const bool attach : {true, false}) {
        const AliceAndBob both;
        const auto inside = attach ? with_attachments({{"any.asc", keys_type, carols}})
                                   : std::string{"Content-Type: text/plain\r\n\r\nbody\r\n"};
        const Received in = both.bob.read(both.pgp_mime(inside));
        EXPECT_EQ(in.status, PEP_DECRYPTED);
        EXPECT_EQ(in.rating, PEP_rating_unreliable);
        EXPECT_EQ(in.signer(), "");
        EXPECT_EQ(both.default_key(), "");
    }
}

TEST_F(EdgeCase, N125a_AnExistingDefaultIsNotReplacedByMail) {
    const AliceAndBob both;
    elsewhere = open_session(other_home.path());
    const auto other = make_key(elsewhere.get(), "alice@example.org");
    const auto mail = plain_mail("", with_attachments({{"any.asc", keys_type, both.key()}}));
    ASSERT_EQ(both.bob.read(mail).status, PEP_UNENCRYPTED);
    const auto second = plain_mail(
        "", with_attachments({{"any.asc", keys_type, exported(elsewhere.get(), other)}})
    );
    EXPECT_EQ(both.bob.read(second).status, PEP_UNENCRYPTED);
    EXPECT_EQ(found(both.bob.session(), "alice@example.org").size(), 2U);
    EXPECT_EQ(both.default_key(), both.alice.fpr());
}

TEST_F(EdgeCase, N125b_AnotherSignerThanTheKnownOneIsReliable) {
    const AliceAndBob both;
    elsewhere = open_session(other_home.path());
    const auto first = make_key(elsewhere.get(), "alice@example.org");
    ASSERT_EQ(imported(both.bob.session(), exported(elsewhere.get(), first)), PEP_KEY_IMPORTED);
    const OwnedIdentity known{new_identity("alice@example.org", nullptr, "ALICE", "Alice")};
    ASSERT_EQ(set_comm_partner_key(both.bob.session(), known.get(), first.c_str()), 0);
    OwnedMessage msg = both.alice.mail("bob@example.net", "s", "b");
    const auto wire = both.alice.send(*msg).wire;
    const Received in = both.bob.read(wire);
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_EQ(in.rating, PEP_rating_reliable);
    EXPECT_EQ(both.default_key(), first);

    // Comparing the other key's trustwords makes it more.
    const OwnedIdentity confirmed{
        new_identity("alice@example.org", both.alice.fpr().c_str(), "ALICE", "Alice")};
    ASSERT_EQ(trust_personal_key(both.bob.session(), confirmed.get()), PEP_STATUS_OK);
    EXPECT_GE(both.bob.read(wire).rating, PEP_rating_trusted);
}

TEST_F(EdgeCase, N125c_ASecondConfirmedKeyMaySignToo) {
    const AliceAndBob both;
    elsewhere = open_session(other_home.path());
    const auto first = make_key(elsewhere.get(), "alice@example.org");
    ASSERT_EQ(imported(both.bob.session(), exported(elsewhere.get(), first)), PEP_KEY_IMPORTED);
    ASSERT_EQ(imported(both.bob.session(), both.key()), PEP_KEY_IMPORTED);
    for (const auto& fpr : {first, both.alice.fpr()}) {
        const OwnedIdentity who{new_identity("alice@example.org", fpr.c_str(), "ALICE", "Alice")};
        ASSERT_EQ(trust_personal_key(both.bob.session(), who.get()), PEP_STATUS_OK);
    }
    ASSERT_EQ(both.default_key(), first);
    OwnedMessage msg = both.alice.mail("bob@example.net", "s", "b");
    EXPECT_GE(both.bob.read(both.alice.send(*msg).wire).rating, PEP_rating_trusted);
}

// The reference is of two minds here; released engines leave keys attached, and so does this one.
TEST_F(EdgeCase, N126_AttachmentsKeepTheirOrderNamesAndTypes) {
    const AliceAndBob both;
    const std::vector<Attached> all = {
        {"first.txt", "text/x-first", "first"},
        {"key.asc", keys_type, both.key()},
        {"note.asc", "text/plain", "no key at all"},
        {"picture.png", "image/png", "\x89PNG"},
        {"again.asc", "application/octet-stream", both.key()},
        {"last.pdf", "application/pdf", "last"}};
    for (const bool encrypted : {false, true}) {
        const Received in = both.bob.read(
            encrypted ? both.pgp_mime(with_attachments(all)) : plain_mail("", with_attachments(all))
        );
        const bloblist_t* blob = in.shown().attachments;
        for (const auto& each : all) {
            ASSERT_NE(blob, nullptr) << each.name;
            EXPECT_EQ(text(blob->filename), "file://" + each.name);
            EXPECT_EQ(text(blob->mime_type), each.type);
            blob = blob->next;
        }
        EXPECT_EQ(blob, nullptr);
        EXPECT_EQ(both.default_key(), both.alice.fpr());
    }
}

TEST_F(EdgeCase, N127_AutocryptKeysAreDecodedWhateverTheirWhiteSpaceAndPadding) {
    elsewhere = open_session(other_home.path());
    std::set<std::size_t> paddings;
    // Until each length of the base64 padding was there; keys differ by an octet now and then.
    for (std::string name = "A"; paddings.size() < 3 && name.size() < 50; name += 'a') {
        auto who = identity("alice@example.org", nullptr, name.c_str());
        ASSERT_EQ(generate_keypair(elsewhere.get(), who.get()), PEP_STATUS_OK);
        const std::string fpr = who->fpr;
        const std::string whole = base64_encode(rnp::dearmored(exported(elsewhere.get(), fpr)));
        const auto unpadded = whole.substr(0, whole.find('='));
        paddings.insert(whole.size() - unpadded.size());
        std::string folded;
        for (std::size_t at = 0; at < whole.size(); at += 70)
            folded += "\r\n " + whole.substr(at, 70);
        for (const std::string& keydata : {whole, unpadded, " \t" + whole, folded, " " + folded}) {
            const User bob{"bob@example.net", "Bob"};
            const auto fields =
                "Autocrypt: addr=alice@example.org; prefer-encrypt=mutual; keydata=" + keydata;
            const auto mail = plain_mail(fields + "\r\n", "\r\nbody");
            EXPECT_EQ(bob.read(mail).status, PEP_UNENCRYPTED);
            EXPECT_EQ(text(bob.partner("alice@example.org")->fpr), fpr) << keydata;
        }
    }
    EXPECT_EQ(paddings.size(), 3U);
}

} // namespace pep::engine::testing
