// GnuPG and Sequoia's sq read what encrypt_message makes and verify it, and the engine reads
// theirs.
#include "messages_fixture.hpp"

#include <array>
#include <cstdio>

namespace pep::engine::test {
namespace {

namespace fs = std::filesystem;

struct Finished {
    int code = -1;
    std::string output; ///< standard output and error
};

Finished shell(const std::string& command) {
    Finished result;
    // NOLINTNEXTLINE(cert-env33-c): a fixed command on files of the test
    std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr)
        return result;
    std::array<char, 4096> buffer{};
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe))
        result.output.append(buffer.data(), size);
    result.code = ::pclose(pipe);
    return result;
}

bool installed(const char* program) {
    return shell(std::string{"command -v "} + program).code == 0;
}

void write(const fs::path& file, std::string_view bytes) {
    std::ofstream{file, std::ios::binary} << bytes;
}

class Interop : public Friends {
  protected:
    void SetUp() override {
        folder = bob.home().directory() / "other";
        fs::create_directory(folder);
        fs::permissions(folder, fs::perms::owner_all);
    }

    void TearDown() override {
        if (installed("gpgconf"))
            shell("gpgconf --homedir " + folder.string() + " --kill gpg-agent");
    }

    void export_to(const User& user, const char* file, bool secret) const {
        char* key = nullptr;
        std::size_t size = 0;
        const auto exported = secret ? export_secret_key : export_key;
        ASSERT_EQ(exported(user.session(), user.fpr().c_str(), &key, &size), 0);
        const OwnedChars owner{key};
        write(folder / file, {key, size});
    }

    [[nodiscard]] std::string gpg(const std::string& arguments) const {
        return "gpg --homedir " + folder.string() +
               " --batch --yes --trust-model always "
               "--pinentry-mode loopback --passphrase '' " +
               arguments;
    }

    /// The armored message of a mail from Alice to Bob.
    std::string armored(PEP_encrypt_flags_t flags) {
        introduce();
        OwnedMessage msg = alice.mail("bob@example.net", "between programs", "grüße to all");
        const auto sent = alice.send(*msg, PEP_enc_auto, flags);
        EXPECT_EQ(sent.status, PEP_STATUS_OK);
        const bloblist_t* blob = sent.dst->attachments->next;
        return {blob->value, blob->size};
    }

    /// Ciphertext of another program in a PGP/MIME mail from Alice.
    static std::string mail_of(const std::string& ciphertext) {
        return "From: Alice <alice@example.org>\r\nTo: bob@example.net\r\nSubject: theirs\r\n"
               "MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; boundary=b; "
               "protocol=\"application/pgp-encrypted\"\r\n\r\n--b\r\n"
               "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\n"
               "Content-Type: application/octet-stream\r\n\r\n" +
               ciphertext + "\r\n--b--\r\n";
    }

    bool import_both_into_gpg() {
        if (!installed("gpg"))
            return false;
        export_to(alice, "alice.key", true);
        export_to(bob, "bob.key", true);
        for (const char* key : {"alice.key", "bob.key"}) {
            const Finished imported = shell(gpg("--import " + (folder / key).string()));
            EXPECT_EQ(imported.code, 0) << imported.output;
        }
        return true;
    }

    fs::path folder;
};

TEST_F(Interop, GpgReadsAndVerifiesOurMail) {
    if (!import_both_into_gpg())
        GTEST_SKIP() << "gpg is not installed";
    for (const PEP_encrypt_flags_t flags : {0U, 0x10U}) {
        write(folder / "m.asc", armored(flags));
        const Finished decrypted =
            shell(gpg("--status-fd 1 --decrypt " + (folder / "m.asc").string()));
        EXPECT_EQ(decrypted.code, 0) << decrypted.output;
        EXPECT_TRUE(contains(decrypted.output, "VALIDSIG " + alice.fpr())) << decrypted.output;
        EXPECT_TRUE(contains(decrypted.output, "GOODMDC")) << decrypted.output;
        EXPECT_TRUE(contains(decrypted.output, "between programs")) << decrypted.output;
    }
}

TEST_F(Interop, WeReadAndVerifyGpgsMail) {
    if (!import_both_into_gpg())
        GTEST_SKIP() << "gpg is not installed";
    introduce();
    write(folder / "m.txt", "Content-Type: text/plain; charset=utf-8\r\n\r\nvon gpg, grüße\r\n");
    const Finished encrypted = shell(
        gpg("--armor --sign --encrypt -u " + alice.fpr() + " -r " + bob.fpr() + " -r " +
            alice.fpr() + " -o " + (folder / "m.asc").string() + " " + (folder / "m.txt").string())
    );
    ASSERT_EQ(encrypted.code, 0) << encrypted.output;
    const Received in = bob.read(mail_of(read_file(folder / "m.asc")));
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_EQ(in.rating, PEP_rating_reliable);
    EXPECT_EQ(in.signer(), alice.fpr());
    ASSERT_NE(in.dst, nullptr);
    EXPECT_STREQ(in.dst->shortmsg, "theirs");
    EXPECT_TRUE(contains(view(in.dst->longmsg), "von gpg, grüße"));
}

TEST_F(Interop, WeVerifyASignatureAroundTheEntity) {
    if (!import_both_into_gpg())
        GTEST_SKIP() << "gpg is not installed";
    introduce();
    const std::string body = "Content-Type: text/plain\r\n\r\nsigned inside\r\n";
    write(folder / "signed.txt", body);
    const Finished made = shell(
        gpg("--armor --detach-sign -u " + alice.fpr() + " -o " + (folder / "s.asc").string() + " " +
            (folder / "signed.txt").string())
    );
    ASSERT_EQ(made.code, 0) << made.output;
    const auto entity_with = [&](const std::string& text) {
        return "Content-Type: multipart/signed; boundary=s; micalg=pgp-sha256; "
               "protocol=\"application/pgp-signature\"\r\n\r\n--s\r\n" +
               text +
               "\r\n--s\r\nContent-Type: application/pgp-signature; name=\"signature.asc\"\r\n"
               "\r\n" +
               read_file(folder / "s.asc") + "\r\n--s--\r\n";
    };
    const auto mail_around = [&](const std::string& entity) {
        write(folder / "m.txt", entity);
        const Finished encrypted = shell(
            gpg("--armor --encrypt -r " + bob.fpr() + " -o " + (folder / "m.asc").string() + " " +
                (folder / "m.txt").string())
        );
        EXPECT_EQ(encrypted.code, 0) << encrypted.output;
        return mail_of(read_file(folder / "m.asc"));
    };
    const auto mail_with = [&](const std::string& text) { return mail_around(entity_with(text)); };
    const Received good = bob.read(mail_with(body));
    EXPECT_EQ(good.status, PEP_STATUS_OK);
    EXPECT_EQ(good.rating, PEP_rating_reliable);
    EXPECT_EQ(good.signer(), alice.fpr());
    EXPECT_TRUE(contains(view(good.dst->longmsg), "signed inside"));
    const Received changed =
        bob.read(mail_with("Content-Type: text/plain\r\n\r\nsigned outside\r\n"));
    EXPECT_EQ(changed.status, PEP_DECRYPTED);
    EXPECT_EQ(changed.rating, PEP_rating_unreliable);
    // Anybody can put a text before what Alice once signed, and encrypt it to Bob.
    const Received wrapped = bob.read(mail_around(
        "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nnot by Alice\r\n--m\r\n" +
        entity_with(body) + "--m--\r\n"
    ));
    EXPECT_TRUE(contains(view(wrapped.dst->longmsg), "not by Alice"));
    EXPECT_EQ(wrapped.status, PEP_DECRYPTED);
    EXPECT_EQ(wrapped.rating, PEP_rating_unreliable);
}

TEST_F(Interop, MailWithoutIntegrityProtectionIsRefused) {
    if (!import_both_into_gpg())
        GTEST_SKIP() << "gpg is not installed";
    introduce();
    write(folder / "m.txt", "Content-Type: text/plain\r\n\r\nUNPROTECTED\r\n");
    const Finished encrypted = shell(
        gpg("--rfc2440 --cipher-algo AES256 --compress-algo none --armor --encrypt -r " +
            bob.fpr() + " -o " + (folder / "m.asc").string() + " " + (folder / "m.txt").string())
    );
    ASSERT_EQ(encrypted.code, 0) << encrypted.output;
    const Received in = bob.read(mail_of(read_file(folder / "m.asc")));
    EXPECT_EQ(in.status, PEP_CANNOT_DECRYPT_UNKNOWN);
    EXPECT_EQ(in.rating, PEP_rating_cannot_decrypt);
    EXPECT_EQ(in.dst, nullptr);
    EXPECT_FALSE(contains(view(in.src->longmsg), "UNPROTECTED"));
}

TEST_F(Interop, SequoiaReadsAndVerifiesOurMail) {
    if (!installed("sq"))
        GTEST_SKIP() << "sq is not installed";
    export_to(bob, "bob.key", true);
    export_to(alice, "alice.pub", false);
    for (const PEP_encrypt_flags_t flags : {0U, 0x10U}) {
        write(folder / "m.asc", armored(flags));
        const Finished decrypted = shell(
            "sq decrypt --recipient-key " + (folder / "bob.key").string() + " --signer-cert " +
            (folder / "alice.pub").string() + " --signatures 1 " + (folder / "m.asc").string()
        );
        EXPECT_EQ(decrypted.code, 0) << decrypted.output;
        EXPECT_TRUE(contains(decrypted.output, "between programs")) << decrypted.output;
        EXPECT_TRUE(contains(decrypted.output, "1 good signature")) << decrypted.output;
    }
}

TEST_F(Interop, WeReadAndVerifySequoiasMail) {
    if (!installed("sq"))
        GTEST_SKIP() << "sq is not installed";
    introduce();
    export_to(alice, "alice.key", true);
    export_to(bob, "bob.pub", false);
    write(folder / "m.txt", "Content-Type: text/plain; charset=utf-8\r\n\r\nvon sq, grüße\r\n");
    const Finished encrypted = shell(
        "sq encrypt --signer-key " + (folder / "alice.key").string() + " --recipient-cert " +
        (folder / "bob.pub").string() + " --output " + (folder / "m.asc").string() + " " +
        (folder / "m.txt").string()
    );
    ASSERT_EQ(encrypted.code, 0) << encrypted.output;
    const Received in = bob.read(mail_of(read_file(folder / "m.asc")));
    EXPECT_EQ(in.status, PEP_STATUS_OK);
    EXPECT_EQ(in.signer(), alice.fpr());
    ASSERT_NE(in.dst, nullptr);
    EXPECT_TRUE(contains(view(in.dst->longmsg), "von sq, grüße"));
}

} // namespace
} // namespace pep::engine::test
