// Kinds of keys as other programs make them: what is supported works both ways; the rest is
// refused with a status, and never spoils what comes with it. Not supported, because librnp does
// not: version 6 keys, the algorithms of RFC 9580 (X25519, Ed25519, X448, Ed448), post-quantum
// ones, and keys whose secret part is protected with AEAD. Programs that are missing are skipped.
#include "engine/backend/rnp.hpp"
#include "engine/openpgp_packets.hpp"
#include "keys_fixture.hpp"
#include "keys_workbench.hpp"

#include <gmock/gmock.h>

namespace pep::engine {
namespace {

using testing::HasSubstr;

std::string test_data(const std::string& name) {
    std::ifstream file{std::string{PEP_KEY_DATA} + "/" + name, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

struct Kinds : testing::Test {
    Ring ring;
    Workbench bench;

    /// Import a secret key and use it for all there is, and its public part as a partner's.
    void use(const std::string& key, Passphrase passphrase = nullptr) {
        const auto imported = ring.keys.import(key);
        ASSERT_TRUE(imported.has_value());
        EXPECT_EQ(imported->status, PEP_KEY_IMPORTED);
        ASSERT_EQ(imported->keys.size(), 1U);
        EXPECT_TRUE(imported->keys[0].secret);
        EXPECT_EQ(imported->keys[0].address, "theirs@example.org");
        const auto fpr = imported->keys[0].fpr;
        EXPECT_EQ(must(ring.keys.rating(fpr)), 0x38);
        const auto text = must(ring.keys.encrypt({fpr}, "a text", Signing::sign, passphrase));
        const auto read = must(ring.keys.decrypt(text, passphrase));
        EXPECT_EQ(read.status, 0x403);
        EXPECT_EQ(read.plaintext, "a text");
        const Secret wrong{"wrong"};
        if (passphrase != nullptr) {
            EXPECT_EQ(status_of_failure(ring.keys.probe(fpr, nullptr)), 0xa00);
            EXPECT_EQ(status_of_failure(ring.keys.probe(fpr, &wrong)), 0xa01);
        }
        Ring partner;
        EXPECT_EQ(partner.import(ring.export_public(fpr)).status, PEP_KEY_IMPORTED);
        EXPECT_EQ(must(partner.keys.rating(fpr)), 0x38);
    }
};

constexpr auto gpg = "gpg --batch --yes --quiet --pinentry-mode loopback --trust-model always ";

struct GnupgKind {
    const char* primary;
    const char* subkey;
};

class GnupgKinds : public Kinds, public testing::WithParamInterface<GnupgKind> {};

TEST_P(GnupgKinds, WorkBothWays) {
    if (!there("gpg"))
        GTEST_SKIP() << "gpg is not installed";
    const std::string run = gpg + std::string{"--passphrase '' "};
    const auto made = bench.run(
        run + "--quick-gen-key 'Theirs <theirs@example.org>' " + GetParam().primary + " cert,sign 0"
    );
    ASSERT_TRUE(bench.ok) << made;
    const auto listed = bench.run(run + "--with-colons --list-keys");
    const auto at = listed.find("fpr:::::::::");
    ASSERT_NE(at, std::string::npos) << listed;
    const auto fpr = listed.substr(at + 12, 40);
    const auto added =
        bench.run(run + "--quick-add-key " + fpr + " " + GetParam().subkey + " encr 0");
    ASSERT_TRUE(bench.ok) << added;
    (void)bench.run(run + "--armor -o secret.asc --export-secret-keys theirs@example.org");
    ASSERT_TRUE(bench.ok);
    use(bench.read("secret.asc"));
    bench.write("ours.asc", must(ring.keys.encrypt({fpr}, "ours", Signing::sign, nullptr)));
    EXPECT_THAT(bench.run(run + "--decrypt ours.asc"), HasSubstr("ours"));
    EXPECT_TRUE(bench.ok);
    bench.write("text", "theirs");
    (void)bench.run(run + "-r theirs@example.org --sign --encrypt -o theirs.gpg text");
    const auto read = must(ring.keys.decrypt(bench.read("theirs.gpg"), nullptr));
    EXPECT_EQ(read.status, 0x403);
    EXPECT_EQ(read.plaintext, "theirs");
}

INSTANTIATE_TEST_SUITE_P(
    All,
    GnupgKinds,
    testing::Values(
        GnupgKind{"ed25519", "cv25519"},
        GnupgKind{"rsa2048", "rsa2048"},
        GnupgKind{"dsa2048", "elg2048"},
        GnupgKind{"nistp256", "nistp256"},
        GnupgKind{"nistp384", "nistp384"},
        GnupgKind{"nistp521", "nistp521"},
        GnupgKind{"brainpoolP256r1", "brainpoolP256r1"},
        GnupgKind{"brainpoolP512r1", "brainpoolP512r1"},
        GnupgKind{"secp256k1", "secp256k1"}
    ),
    [](const auto& kind) { return std::string{kind.param.primary} + "_" + kind.param.subkey; }
);

TEST_F(Kinds, OfGnupgWithPassphraseAreUnlocked) {
    if (!there("gpg"))
        GTEST_SKIP() << "gpg is not installed";
    const std::string run = gpg + std::string{"--passphrase sesame "};
    (void)bench.run(run + "--quick-gen-key 'Theirs <theirs@example.org>' default default 0");
    (void)bench.run(run + "--armor -o secret.asc --export-secret-keys theirs@example.org");
    ASSERT_TRUE(bench.ok);
    const Secret sesame{"sesame"};
    use(bench.read("secret.asc"), &sesame);
}

TEST_F(Kinds, OfSequoiaWork) {
    if (!there("sq"))
        GTEST_SKIP() << "sq is not installed";
    for (const char* suite : {"cv25519", "rsa3k"}) {
        const auto made = bench.run(
            std::string{"sq --force key generate --userid 'Theirs <theirs@example.org>' "} +
            "--cipher-suite " + suite + " --export secret.asc"
        );
        ASSERT_TRUE(bench.ok) << made;
        use(bench.read("secret.asc"));
    }
}

TEST_F(Kinds, OfRnpWork) {
    if (!there("rnpkeys"))
        GTEST_SKIP() << "rnpkeys is not installed";
    const std::string run = "rnpkeys --homedir . --password sesame --notty ";
    const auto made = bench.run(run + "--generate-key --userid 'Theirs <theirs@example.org>'");
    ASSERT_TRUE(bench.ok) << made;
    const auto written =
        bench.run(run + "--export-key --secret theirs@example.org --output secret.asc");
    ASSERT_TRUE(bench.ok) << written;
    const Secret sesame{"sesame"};
    use(bench.read("secret.asc"), &sesame);
}

/// Does node find OpenPGP.js (NODE_PATH says where)?
bool openpgp_js(Workbench& bench) {
    if (!there("node"))
        return false;
    (void)bench.run("node -e \"require('openpgp')\"");
    return bench.ok;
}

TEST_F(Kinds, OfOpenpgpJsWork) {
    if (!openpgp_js(bench))
        GTEST_SKIP() << "node does not find the module openpgp";
    bench.write("make.js", R"(
        const openpgp = require('openpgp'), fs = require('fs');
        (async () => {
            const options = JSON.parse(process.argv[2]);
            const key = await openpgp.generateKey({...options, format: 'object',
                userIDs: [{name: 'Theirs', email: 'theirs@example.org'}]});
            fs.writeFileSync('secret.asc', key.privateKey.armor());
            const locked = await openpgp.encryptKey({
                privateKey: key.privateKey, passphrase: 'sesame'});
            fs.writeFileSync('locked.asc', locked.armor());
            const ours = await openpgp.readKey({armoredKey: fs.readFileSync('ours.asc', 'utf8')});
            fs.writeFileSync('message.asc', await openpgp.encrypt({
                message: await openpgp.createMessage({text: 'theirs'}),
                encryptionKeys: ours, signingKeys: key.privateKey}));
        })();
    )");
    bench.write("read.js", R"(
        const openpgp = require('openpgp'), fs = require('fs');
        (async () => {
            const read = name => fs.readFileSync(name, 'utf8');
            const result = await openpgp.decrypt({
                message: await openpgp.readMessage({armoredMessage: read('answer.asc')}),
                decryptionKeys: await openpgp.readPrivateKey({armoredKey: read('secret.asc')}),
                verificationKeys: await openpgp.readKey({armoredKey: read('ours.asc')})});
            await result.signatures[0].verified;
            console.log('read: ' + result.data);
        })();
    )");
    const auto ours = ring.make("ours@example.org");
    bench.write("ours.asc", ring.export_public(ours));
    for (const char* kind :
         {R"({"type":"ecc","curve":"curve25519Legacy"})",
          R"({"type":"ecc","curve":"nistP256"})",
          R"({"type":"rsa","rsaBits":2048})"}) {
        const auto made = bench.run(std::string{"node make.js '"} + kind + "'");
        ASSERT_TRUE(bench.ok) << made;
        SCOPED_TRACE(kind);
        use(bench.read("secret.asc"));
        const auto read = must(ring.keys.decrypt(bench.read("message.asc"), nullptr));
        EXPECT_EQ(read.status, 0x403);
        EXPECT_EQ(read.plaintext, "theirs");
        const auto answer =
            must(ring.keys.encrypt({ours, read.keylist.front()}, "ours", Signing::sign, nullptr));
        bench.write("answer.asc", answer);
        EXPECT_THAT(bench.run("node read.js"), HasSubstr("read: ours"));
        const Secret sesame{"sesame"};
        Ring fresh;
        const auto locked = fresh.import(bench.read("locked.asc"));
        ASSERT_EQ(locked.keys.size(), 1U);
        EXPECT_EQ(status_of_failure(fresh.keys.probe(locked.keys[0].fpr, nullptr)), 0xa00);
        must(fresh.keys.probe(locked.keys[0].fpr, &sesame));
    }
}

TEST_F(Kinds, NotSupportedAreReportedAndSpoilNothing) {
    const auto good = ring.make("good@example.org");
    for (const char* name :
         {"unsupported_v6.asc",
          "unsupported_ed25519.asc",
          "unsupported_ed448.asc",
          "unsupported_aead_secret.asc"}) {
        const auto key = test_data(name);
        ASSERT_FALSE(key.empty()) << name;
        Ring fresh;
        EXPECT_EQ(fresh.import(key).status, PEP_NO_KEY_IMPORTED) << name;
        EXPECT_TRUE(must(fresh.keys.find("", Which::all)).empty());
        EXPECT_TRUE(must(fresh.keys.find("theirs@example.org", Which::all)).empty());
        for (const auto& blob :
             {key + ring.export_public(good),
              ring.export_public(good) + key,
              rnp::dearmored(key) + rnp::dearmored(ring.export_public(good)),
              rnp::dearmored(ring.export_public(good)) + rnp::dearmored(key)}) {
            Ring mixed;
            const auto result = mixed.import(blob);
            EXPECT_EQ(result.status, PEP_SOME_KEYS_IMPORTED) << name;
            EXPECT_EQ(must(mixed.keys.rating(good)), 0x38) << name;
        }
    }
}

// A new subkey beside an old one is how people move to new algorithms.
TEST_F(Kinds, AnUnsupportedSubkeyDoesNotSpoilItsCertificate) {
    const auto good = ring.make("good@example.org");
    std::string subkey;
    const auto newer = rnp::dearmored(test_data("unsupported_ed25519.asc"));
    for (const auto& packet : packets_of(newer))
        if (packet.tag == tag_public_subkey || (!subkey.empty() && packet.tag == tag_signature))
            subkey += packet.whole;
    ASSERT_FALSE(subkey.empty());
    Ring partner;
    const auto whole = rnp::dearmored(ring.export_public(good)) + subkey;
    EXPECT_EQ(partner.import(whole).status, PEP_KEY_IMPORTED);
    EXPECT_EQ(must(partner.keys.rating(good)), 0x38);
    must(partner.keys.encrypt({good}, "still works", Signing::no_signature, nullptr));
}

// Algorithms and versions nobody has defined yet.
TEST_F(Kinds, UnknownAlgorithmsAndVersionsAreReported) {
    const auto good = rnp::dearmored(ring.export_public(ring.make("good@example.org")));
    constexpr std::size_t version_at = 0;
    constexpr std::size_t algorithm_at = 5;
    const auto packet = packets_of(good).front();
    const auto body = static_cast<std::size_t>(packet.body.data() - good.data());
    for (const auto& [at, value] :
         {std::pair{version_at, 5},
          {version_at, 6},
          {version_at, 7},
          {version_at, 2},
          {algorithm_at, 29},
          {algorithm_at, 35},
          {algorithm_at, 105},
          {algorithm_at, 0}}) {
        auto changed = good;
        changed[body + at] = static_cast<char>(value);
        Ring fresh;
        EXPECT_EQ(fresh.import(changed).status, PEP_NO_KEY_IMPORTED) << at << ' ' << value;
        EXPECT_TRUE(must(fresh.keys.find("", Which::all)).empty());
    }
}

TEST_F(Kinds, OfOtherSystemsAreNoOpenPgpData) {
    for (const char* data :
         {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGNTyJ1EoZk0V7G3rYvWg5M4f6m4n0n4W7q8pQm0r2tT "
          "me@host",
          "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n"
          "-----END OPENSSH PRIVATE KEY-----\n",
          "-----BEGIN PUBLIC "
          "KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
          "-----END PUBLIC KEY-----\n"})
        EXPECT_EQ(status_of_failure(ring.keys.import(data)), PEP_UNKNOWN_ERROR) << data;
}

} // namespace
} // namespace pep::engine
