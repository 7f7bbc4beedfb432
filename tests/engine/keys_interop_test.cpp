// GnuPG and Sequoia read what we write, and we read what they write. Skipped where a program is
// missing.
#include "keys_fixture.hpp"
#include "keys_workbench.hpp"

#include <gmock/gmock.h>

namespace pep::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Interop : testing::Test {
    Ring ring;
    Workbench bench;
    std::string fpr;

    /// Skip without the program, else put an own key and a message to it, signed by it, on the
    /// bench.
    bool prepare(const char* program) {
        if (!there(program))
            return false;
        fpr = ring.make("ours@example.org", "Ours");
        bench.write("secret.asc", ring.export_secret(fpr));
        bench.write("public.asc", ring.export_public(fpr));
        bench.write("text", "a text\n");
        bench.write("ours.asc", must(ring.keys.encrypt({fpr}, "a text\n", Signing::sign, nullptr)));
        bench.write("text.sig", must(ring.keys.sign_detached("a text\n", fpr, nullptr)));
        return true;
    }
};

constexpr auto gpg = "gpg --batch --yes --quiet --pinentry-mode loopback --passphrase '' "
                     "--trust-model always --status-fd 1 ";

TEST_F(Interop, GnupgReadsWhatWeWrite) {
    if (!prepare("gpg"))
        GTEST_SKIP() << "gpg is not installed";
    const auto imported = bench.run(gpg + std::string{"--import secret.asc"});
    EXPECT_TRUE(bench.ok) << imported;
    const auto read = bench.run(gpg + std::string{"--decrypt ours.asc"});
    EXPECT_TRUE(bench.ok) << read;
    EXPECT_THAT(read, HasSubstr("a text"));
    EXPECT_THAT(read, HasSubstr("GOODMDC"));
    EXPECT_THAT(read, HasSubstr("VALIDSIG " + fpr));
    const auto verified = bench.run(gpg + std::string{"--verify text.sig text"});
    EXPECT_TRUE(bench.ok) << verified;
    EXPECT_THAT(verified, HasSubstr("VALIDSIG " + fpr));
}

TEST_F(Interop, GnupgSeesRenewalAndRevocation) {
    if (!prepare("gpg"))
        GTEST_SKIP() << "gpg is not installed";
    next_second(); // of signatures made in the same second either may win
    must(ring.keys.renew(fpr, 2'000'000'000, nullptr));
    bench.write("renewed.asc", ring.export_public(fpr));
    (void)bench.run(gpg + std::string{"--import public.asc renewed.asc"});
    const auto listed = bench.run(gpg + std::string{"--with-colons --list-keys"});
    EXPECT_THAT(listed, testing::ContainsRegex("pub:[^\n]*:2000000000:"));
    EXPECT_THAT(listed, testing::ContainsRegex("sub:[^\n]*:2000000000:"));
    must(ring.keys.revoke(fpr, "gone", nullptr));
    bench.write("revoked.asc", ring.export_public(fpr));
    (void)bench.run(gpg + std::string{"--import revoked.asc"});
    EXPECT_THAT(bench.run(gpg + std::string{"--with-colons --list-keys"}), HasSubstr("pub:r:"));
}

TEST_F(Interop, WeReadWhatGnupgWrites) {
    if (!prepare("gpg"))
        GTEST_SKIP() << "gpg is not installed";
    (void)bench.run(gpg + std::string{"--import public.asc"});
    (void
    )bench.run(gpg + std::string{"--quick-gen-key 'Theirs <theirs@example.org>' ed25519 cert 0"});
    const auto keys = bench.run(gpg + std::string{"--with-colons --list-keys theirs@example.org"});
    const auto at = keys.find("fpr:::::::::");
    ASSERT_NE(at, std::string::npos) << keys;
    const auto theirs = keys.substr(at + 12, 40);
    (void)bench.run(gpg + ("--quick-add-key " + theirs + " ed25519 sign 0"));
    (void)bench.run(gpg + ("--quick-add-key " + theirs + " cv25519 encr 0"));
    (void)bench.run(gpg + std::string{"--armor -o theirs.asc --export theirs@example.org"});
    (void)bench.run(
        gpg + std::string{"-u theirs@example.org -r ours@example.org -r theirs@example.org --sign "
                          "--encrypt -o message.gpg text"}
    );
    ASSERT_TRUE(bench.ok);

    const auto unknown = must(ring.keys.decrypt(bench.read("message.gpg"), nullptr));
    EXPECT_EQ(unknown.status, 0x402);
    EXPECT_THAT(unknown.keylist, ElementsAre("", fpr));

    EXPECT_EQ(ring.import(bench.read("theirs.asc")).status, 0x220);
    EXPECT_EQ(must(ring.keys.rating(theirs)), 0x38);
    const auto read = must(ring.keys.decrypt(bench.read("message.gpg"), nullptr));
    EXPECT_EQ(read.status, 0x403);
    EXPECT_EQ(read.plaintext, "a text\n");
    EXPECT_EQ(read.filename, "text");
    EXPECT_THAT(read.keylist, ElementsAre(theirs, fpr, theirs)); // primary, though a subkey signed

    bench.write(
        "back.asc", must(ring.keys.encrypt({fpr, theirs}, "reply\n", Signing::sign, nullptr))
    );
    EXPECT_THAT(bench.run(gpg + std::string{"--decrypt back.asc"}), HasSubstr("reply"));
}

TEST_F(Interop, WeReadHiddenRecipientsOfGnupg) {
    if (!prepare("gpg"))
        GTEST_SKIP() << "gpg is not installed";
    (void)bench.run(gpg + std::string{"--import public.asc"});
    (void)bench.run(gpg + std::string{"-R ours@example.org --encrypt --armor -o hidden.asc text"});
    ASSERT_TRUE(bench.ok);
    const auto read = must(ring.keys.decrypt(bench.read("hidden.asc"), nullptr));
    EXPECT_EQ(read.plaintext, "a text\n");
    EXPECT_THAT(read.keylist, ElementsAre("", fpr));
}

TEST_F(Interop, SequoiaReadsWhatWeWrite) {
    if (!prepare("sq"))
        GTEST_SKIP() << "sq is not installed";
    const auto read = bench.run(
        "sq decrypt --recipient-key secret.asc --signer-cert public.asc --signatures 1 ours.asc"
    );
    EXPECT_TRUE(bench.ok) << read;
    EXPECT_THAT(read, HasSubstr("a text"));
    const auto verified = bench.run("sq verify --signer-cert public.asc --detached text.sig text");
    EXPECT_TRUE(bench.ok) << verified;
}

TEST_F(Interop, WeReadWhatSequoiaWrites) {
    if (!prepare("sq"))
        GTEST_SKIP() << "sq is not installed";
    (void)bench.run("sq key generate --userid 'Theirs <theirs@example.org>' --export theirs.asc");
    ASSERT_TRUE(bench.ok);
    const auto imported = ring.import(bench.read("theirs.asc"));
    ASSERT_EQ(imported.keys.size(), 1U);
    EXPECT_TRUE(imported.keys[0].secret);
    const auto theirs = imported.keys[0].fpr;
    EXPECT_EQ(must(ring.keys.rating(theirs)), 0x38);
    const auto written = bench.run(
        "sq encrypt --recipient-cert public.asc --signer-key theirs.asc -o message.pgp text"
    );
    ASSERT_TRUE(bench.ok) << written;
    const auto read = must(ring.keys.decrypt(bench.read("message.pgp"), nullptr));
    EXPECT_EQ(read.status, 0x403);
    EXPECT_EQ(read.plaintext, "a text\n");
    EXPECT_THAT(read.keylist, ElementsAre(theirs, fpr));
}

} // namespace
} // namespace pep::engine
