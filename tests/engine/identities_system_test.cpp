// Media keys, directories, phrases, counters, settings without effect, values C may pass.
#include "engine/identities_fixture.hpp"
#include "pEp/identity_list.h"

using pep::engine::testing::Handed;
using pep::engine::testing::identity;
using pep::engine::testing::text;

namespace {

constexpr const char* media_fpr = "0123456789abcdef0123456789abcdef01234567";
constexpr const char* other_fpr = "FEDCBA9876543210FEDCBA9876543210FEDCBA98";

struct FreePairs {
    void operator()(stringpair_list_t* list) const { free_stringpair_list(list); }
};

using Pairs = std::unique_ptr<stringpair_list_t, FreePairs>;

Pairs pairs(std::initializer_list<std::pair<const char*, const char*>> entries) {
    Pairs list{new_stringpair_list(nullptr)};
    for (const auto& [key, value] : entries)
        stringpair_list_add(list.get(), new_stringpair(key, value));
    return list;
}

class MediaKeys : public pep::engine::testing::IdentitiesTest {};

class SystemApi : public pep::engine::testing::IdentitiesTest {};

/// A value of an enumeration that is none of its enumerators.
template <class Enum>
Enum odd_value() {
    return static_cast<Enum>(0x55555555);
}

} // namespace

TEST_F(MediaKeys, AreTakenByTheFirstPatternThatMatches) {
    const auto map =
        pairs({{"mailto:*@Media.example.org", media_fpr}, {"*@*.example.org", other_fpr}});
    ASSERT_EQ(config_media_keys(session.get(), map.get()), PEP_STATUS_OK);
    const auto& keys = session->media_keys;
    const char* upper = "0123456789ABCDEF0123456789ABCDEF01234567";
    EXPECT_EQ(keys.find("ann@media.example.org"), upper);
    EXPECT_EQ(keys.find("MAILTO:ann@media.example.org"), upper);
    EXPECT_EQ(keys.find("ann@other.example.org"), other_fpr);
    EXPECT_EQ(keys.find("ann@example.org"), "");
    EXPECT_TRUE(keys.contains(upper));
    EXPECT_FALSE(keys.contains("ABCD"));
    ASSERT_EQ(config_media_keys(session.get(), nullptr), PEP_STATUS_OK);
    EXPECT_EQ(session->media_keys.find("ann@media.example.org"), "");
}

TEST_F(MediaKeys, AreRefusedWithoutPatternOrFingerprint) {
    const auto good = pairs({{"*@x.example.org", media_fpr}});
    ASSERT_EQ(config_media_keys(session.get(), good.get()), PEP_STATUS_OK);
    EXPECT_EQ(config_media_keys(session.get(), pairs({{"*", "no hex"}}).get()), -4);
    EXPECT_EQ(config_media_keys(session.get(), pairs({{"", media_fpr}}).get()), -4);
    EXPECT_EQ(config_media_keys(nullptr, nullptr), -4);
    EXPECT_NE(session->media_keys.find("a@x.example.org"), ""); // the former map stays
}

TEST_F(MediaKeys, MakeAPartnerCountAsPepUser) {
    const auto map = pairs({{"*@media.example.org", media_fpr}});
    ASSERT_EQ(config_media_keys(session.get(), map.get()), PEP_STATUS_OK);
    const auto ann = updated("ann@media.example.org", "ANN", "Ann");
    EXPECT_EQ(ann->fpr, nullptr);
    EXPECT_EQ(ann->comm_type, 0x10);
    EXPECT_EQ(ann->enc_format, 4);
    EXPECT_EQ(ann->major_ver, 2U);
    EXPECT_EQ(ann->minor_ver, 1U);
    pEp_identity* stored = nullptr;
    ASSERT_EQ(get_identity(session.get(), ann->address, "ANN", &stored), PEP_STATUS_OK);
    EXPECT_EQ(stored->major_ver, 0U); // nothing of this is stored
    EXPECT_EQ(stored->enc_format, 0);
    free_identity(stored);
    const auto bob = updated("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(bob->comm_type, 0x03);
    EXPECT_EQ(bob->enc_format, 0);
}

TEST_F(SystemApi, CountsFromOne) {
    int32_t value = 9;
    ASSERT_EQ(sequence_value(session.get(), "a", &value), PEP_STATUS_OK);
    EXPECT_EQ(value, 1);
    ASSERT_EQ(sequence_value(session.get(), "a", &value), PEP_STATUS_OK);
    EXPECT_EQ(value, 2);
    ASSERT_EQ(sequence_value(session.get(), "b", &value), PEP_STATUS_OK);
    EXPECT_EQ(value, 1);
    EXPECT_EQ(sequence_value(session.get(), "", &value), -4);
    EXPECT_EQ(sequence_value(session.get(), "a", nullptr), -4);
    EXPECT_EQ(sequence_value(nullptr, "a", &value), -4);
    ASSERT_EQ(
        sqlite3_exec(
            context().store.db().handle(),
            "UPDATE sequence SET value = 2147483646",
            nullptr,
            nullptr,
            nullptr
        ),
        SQLITE_OK
    );
    EXPECT_EQ(sequence_value(session.get(), "a", &value), 0x0971);
    EXPECT_EQ(sequence_value(session.get(), "a", &value), 0x0971);
}

TEST_F(SystemApi, HasOnePhraseALanguage) {
    Handed phrase;
    ASSERT_EQ(get_phrase(session.get(), "en", 1000, &phrase.text), PEP_STATUS_OK);
    EXPECT_EQ(phrase.str(), "I want to display the trustwords in English language");
    Handed german;
    ASSERT_EQ(get_phrase(session.get(), "DE", 1000, &german.text), PEP_STATUS_OK);
    EXPECT_EQ(german.str(), "Ich möchte die Trustwords auf Deutsch anzeigen");
    char* none = german.text;
    EXPECT_EQ(get_phrase(session.get(), "zz", 1000, &none), 0x0701);
    EXPECT_EQ(none, nullptr);
    EXPECT_EQ(get_phrase(session.get(), "en", 1, &none), 0x0701);
    EXPECT_EQ(get_phrase(session.get(), "eng", 1000, &none), -4);
    EXPECT_EQ(get_phrase(session.get(), "", 1000, &none), -4);
    EXPECT_EQ(get_phrase(session.get(), "en", 1000, nullptr), -4);
}

TEST_F(SystemApi, KeepsNoLogInTheDatabase) {
    Handed log;
    EXPECT_EQ(get_crashdump_log(session.get(), 0, &log.text), -6);
    EXPECT_EQ(log.text, nullptr);
    EXPECT_EQ(get_crashdump_log(session.get(), -1, &log.text), -4);
    EXPECT_EQ(get_crashdump_log(session.get(), 32768, &log.text), -4);
    EXPECT_EQ(get_crashdump_log(session.get(), 1, nullptr), -4);
}

TEST_F(SystemApi, TellsItsDirectories) {
    const std::string old = text(std::getenv("PEPHOME"));
    ::setenv("PEPHOME", "/somewhere/pEp", 1);
    EXPECT_STREQ(per_user_relative_directory(), ".pEp");
    ASSERT_EQ(reset_path_cache(), PEP_STATUS_OK);
    EXPECT_STREQ(per_user_directory(), "/somewhere/pEp");
    EXPECT_NE(text(per_machine_directory()).find("pep-json-server"), std::string::npos);
    ::setenv("PEPHOME", "/elsewhere", 1);
    EXPECT_STREQ(per_user_directory(), "/somewhere/pEp"); // as computed
    clear_path_cache();
    EXPECT_STREQ(per_user_directory(), "/elsewhere");

    const std::string old_home = text(std::getenv("HOME"));
    ::unsetenv("PEPHOME");
    ::unsetenv("HOME");
    EXPECT_EQ(reset_path_cache(), -8);
    clear_path_cache();
    EXPECT_EQ(per_user_directory(), nullptr);
    ::setenv("HOME", "/nowhere/ann", 1);
    EXPECT_STREQ(per_user_directory(), "/nowhere/ann/.pEp");
    ::setenv("HOME", old_home.c_str(), 1);
    if (old != "(null)")
        ::setenv("PEPHOME", old.c_str(), 1);
    clear_path_cache();
}

TEST_F(SystemApi, HasNoProgramBehindIt) {
    const char* path = "x";
    EXPECT_EQ(get_binary_path(PEP_crypt_OpenPGP, &path), PEP_STATUS_OK);
    EXPECT_EQ(path, nullptr);
    EXPECT_EQ(get_binary_path(PEP_crypt_OpenPGP, nullptr), -4);
}

TEST_F(SystemApi, AcceptsSettingsWithoutEffect) {
    config_use_only_own_private_keys(session.get(), true);
    config_service_log(session.get(), true);
    config_enable_log(nullptr, true);
    config_enable_log_synchronous(session.get(), false);
    EXPECT_EQ(set_debug_color(session.get(), 31), PEP_STATUS_OK);
    EXPECT_EQ(set_debug_color(nullptr, 31), -4);
}

TEST_F(SystemApi, ForgetsTestIdentities) {
    (void)updated("a@pEptest.ch", "A", "A");
    (void)updated("b@PEPTEST.CH", "B", "B");
    (void)updated("c@example.org", "C", "C");
    ASSERT_EQ(reset_pEptest_hack(session.get()), PEP_STATUS_OK);
    pEp_identity* found = nullptr;
    EXPECT_EQ(get_identity(session.get(), "a@pEptest.ch", "A", &found), 0x0301);
    EXPECT_EQ(get_identity(session.get(), "b@peptest.ch", "B", &found), 0x0301);
    EXPECT_EQ(get_identity(session.get(), "c@example.org", "C", &found), PEP_STATUS_OK);
    free_identity(found);
    EXPECT_EQ(reset_pEptest_hack(nullptr), -4);
}

TEST_F(SystemApi, RefusesEnumerationsOutOfRange) {
    EXPECT_EQ(config_cipher_suite(session.get(), odd_value<PEP_CIPHER_SUITE>()), 0xff04);
    auto bob = updated("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(set_ident_enc_format(session.get(), bob.get(), odd_value<PEP_enc_format>()), -4);
    EXPECT_EQ(set_ident_enc_format(session.get(), bob.get(), PEP_enc_auto), PEP_STATUS_OK);
    EXPECT_TRUE(PEP_STATUS_is_error(odd_value<PEP_STATUS>()));
    bob->comm_type = odd_value<PEP_comm_type>();
    bob->enc_format = odd_value<PEP_enc_format>();
    EXPECT_EQ(update_identity(session.get(), bob.get()), PEP_STATUS_OK);
    EXPECT_EQ(bob->comm_type, 0x03);
    bob->comm_type = odd_value<PEP_comm_type>();
    EXPECT_EQ(set_identity(session.get(), bob.get()), -4);
    const auto copy = pep::engine::testing::IdentityPtr{identity_dup(bob.get())};
    EXPECT_EQ(copy->comm_type, 0x55555555);
}
