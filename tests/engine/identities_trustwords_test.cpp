// Trustwords: the worked examples of the engine reference 6.4, dictionaries, get_trustwords.
#include "engine/identities_fixture.hpp"
#include "engine/trustwords.hpp"
#include "pEp/message_api.h"

#include <fstream>
#include <map>
#include <set>
#include <string>

using namespace pep::engine;
using pep::engine::testing::Handed;
using pep::engine::testing::identity;
using pep::engine::testing::open_session;
using pep::engine::testing::TemporaryFolder;

namespace {

constexpr const char* alice_fpr = "8BD08954C74D830EEFFB5DEB2682A17F7C87F73D";
constexpr const char* bob_fpr = "62D4932086185C15917B72D30571AFBCA5493553";

std::string combined(const char* a, const char* b, Combination how) {
    const auto hex = combine_fingerprints(a, b, how);
    const auto reversed = combine_fingerprints(b, a, how);
    EXPECT_TRUE(hex.has_value());
    EXPECT_EQ(*hex, *reversed);
    return *hex;
}

int code_of(const char* a, const char* b) {
    const auto hex = combine_fingerprints(a, b, Combination::ripemd160);
    return hex ? 0 : hex.error().code;
}

/// A dictionary whose word n is "Wn".
void write_dictionary(const std::filesystem::path& file, int words = 65536) {
    std::ofstream out{file};
    for (int i = 0; i < words; ++i)
        out << 'W' << i << '\n';
}

class Trustwords : public pep::engine::testing::IdentitiesTest {
  protected:
    PEP_STATUS get(const pEp_identity* a, const pEp_identity* b, bool full = false) {
        char* text = nullptr;
        size_t size = 7;
        const PEP_STATUS status = get_trustwords(numbered.get(), a, b, "en", &text, &size, full);
        words = text != nullptr ? text : "";
        EXPECT_EQ(size, words.size());
        pEp_free(text);
        return status;
    }

    pep::engine::testing::Session numbered_session(bool use_xor = false) {
        std::filesystem::create_directory(home.path() / "trustwords");
        write_dictionary(home.path() / "trustwords" / "en.txt");
        pEp_engine_options options{};
        options.xor_trustwords = use_xor;
        return open_session(home.path(), options);
    }

    pep::engine::testing::Session numbered = numbered_session();
    std::string words;
};

pep::engine::testing::IdentityPtr side(const char* fpr, unsigned major, unsigned minor) {
    auto who = identity("x@example.org", nullptr, nullptr, fpr);
    who->major_ver = major;
    who->minor_ver = minor;
    return who;
}

} // namespace

TEST(CombineFingerprints, FollowsTheFirstExample) {
    const char* a = "1111222233334444555566667777888899990000";
    const char* b = "AAAABBBBCCCCDDDDEEEEFFFF0000111122223333";
    EXPECT_EQ(
        combined(a, b, Combination::exclusive_or), "BBBB9999FFFF9999BBBB999977779999BBBB3333"
    );
    EXPECT_EQ(combined(a, b, Combination::ripemd160), "D569B2AF5234A2AE021AC1D977054C3A6EBB7A20");
}

TEST(CombineFingerprints, TakesEqualOnes) {
    const char* a = "A1B2C3D4E5F60718293A4B5C6D7E8F9001122334";
    EXPECT_EQ(combined(a, a, Combination::exclusive_or), std::string(40, '0'));
    EXPECT_EQ(combined(a, a, Combination::ripemd160), "49273301EC99C7A9C2F2A1EEFF536A50ED14C0FD");
}

TEST(CombineFingerprints, PadsTheShorterOne) {
    const char* a = "00112233445566778899AABBCCDDEEFF";
    const char* b = "FFEEDDCCBBAA99887766554433221100FFEEDDCC";
    EXPECT_EQ(
        combined(a, b, Combination::exclusive_or), "FFEEDDCCBBBBBBBB33333333BBBBBBBB33333333"
    );
    EXPECT_EQ(combined(a, b, Combination::ripemd160), "9E80E5DAE835CB38C91086CD4F02B8089E6A6C4A");
}

TEST(CombineFingerprints, IgnoresSeparatorsAndCase) {
    EXPECT_EQ(
        combined(
            "8bd0 8954-C74D:830E.EFFB_5DEB,2682;A17F 7C87 F73D ", bob_fpr, Combination::ripemd160
        ),
        combined(alice_fpr, bob_fpr, Combination::ripemd160)
    );
    EXPECT_EQ(
        combined("1", "2", Combination::exclusive_or),
        combined("01", "0002", Combination::exclusive_or).substr(2)
    );
}

TEST(CombineFingerprints, RefusesWhatIsNoFingerprint) {
    EXPECT_EQ(code_of("8BD08954G", bob_fpr), -4);
    EXPECT_EQ(code_of(alice_fpr, "62D4/9320"), -4);
    EXPECT_EQ(code_of(alice_fpr, "0000 0000"), 0x0503);
    EXPECT_EQ(code_of("", bob_fpr), 0x0503);
}

TEST_F(Trustwords, MatchTheRegressionVector) {
    const auto a = side(alice_fpr, 3, 3);
    const auto b = side(bob_fpr, 3, 3);
    ASSERT_EQ(get(a.get(), b.get()), PEP_STATUS_OK);
    EXPECT_EQ(words, "W61084 W26186 W19582 W9209 W36376");
    ASSERT_EQ(get(b.get(), a.get(), true), PEP_STATUS_OK);
    EXPECT_EQ(words, "W61084 W26186 W19582 W9209 W36376 W15734 W19769 W11844 W64558 W6561");
}

TEST_F(Trustwords, AreRefusedForAKnownOldPartner) {
    const auto a = side(alice_fpr, 3, 3);
    const auto b = side(bob_fpr, 2, 1);
    EXPECT_EQ(get(a.get(), b.get()), 0x0501);
    EXPECT_EQ(words, "");
    numbered = numbered_session(/*use_xor=*/true);
    EXPECT_EQ(get(a.get(), b.get()), PEP_STATUS_OK);
    EXPECT_EQ(words, "W59652 W6772 W16725 W57115 W32384");
}

TEST_F(Trustwords, FillInMissingVersionsFromTheStore) {
    const auto me = own("me@example.org", "Me");
    const auto fpr = partner("bob@example.org", "BOB", "Bob");
    auto bob = identity("bob@example.org", "BOB", "Bob", fpr.c_str());
    const auto mine = identity("me@example.org", nullptr, nullptr, me->fpr);
    const int before = changes();
    EXPECT_EQ(get(mine.get(), bob.get()), PEP_STATUS_OK); // never heard of a version
    ASSERT_EQ(set_as_pEp_user(session.get(), bob.get()), PEP_STATUS_OK);
    EXPECT_EQ(get(mine.get(), bob.get()), 0x0501); // 2.1 at least, and not known to be newer
    bob->major_ver = 3;
    bob->minor_ver = 3;
    EXPECT_EQ(get(mine.get(), bob.get()), PEP_STATUS_OK);
    EXPECT_EQ(bob->major_ver, 3U);
    EXPECT_GT(changes(), before);
}

TEST_F(Trustwords, TakeTheOwnVersionForAnotherOwnDevice) {
    const auto me = own("me@example.org", "Me");
    auto device = identity("me@example.org", "TOFU_me@example.org", nullptr, bob_fpr);
    device->major_ver = 2;
    EXPECT_EQ(get(me.get(), device.get()), PEP_STATUS_OK);
}

TEST_F(Trustwords, NeedBothFingerprintsAndALanguage) {
    const auto a = side(alice_fpr, 3, 3);
    const auto none = side(nullptr, 3, 3);
    EXPECT_EQ(get(a.get(), none.get()), -4);
    EXPECT_EQ(get(nullptr, a.get()), -4);
    Handed out;
    EXPECT_EQ(
        get_trustwords(numbered.get(), a.get(), a.get(), "", &out.text, &out.size, false), -4
    );
    EXPECT_EQ(
        get_trustwords(numbered.get(), a.get(), a.get(), "xx", &out.text, &out.size, false), 0x0501
    );
}

TEST_F(Trustwords, OfOneFingerprintSkipSeparatorsAndFillUp) {
    const auto of = [&](const char* hex, int max) {
        Handed out;
        EXPECT_EQ(trustwords(numbered.get(), hex, "EN", &out.text, &out.size, max), PEP_STATUS_OK);
        EXPECT_EQ(out.size, out.str().size());
        return out.str();
    };
    EXPECT_EQ(of("0001 0002 0003", 0), "W1 W2 W3");
    EXPECT_EQ(of("0001 0002 0003", 2), "W1 W2");
    EXPECT_EQ(of("00010", 0), "W1 W0");
    EXPECT_EQ(of("1", 0), "W4096");
    EXPECT_EQ(of("FFFF ", 0), "W65535 W0"); // as established
    Handed out;
    EXPECT_EQ(trustwords(numbered.get(), "", "en", &out.text, &out.size, 0), -4);
    EXPECT_EQ(trustwords(numbered.get(), "AB", "en", &out.text, &out.size, -1), -4);
    EXPECT_EQ(trustword(numbered.get(), 42, nullptr, &out.text, &out.size), PEP_STATUS_OK);
    EXPECT_EQ(out.str(), "W42");
}

TEST_F(Trustwords, OfTwoFingerprintsFollowTheExamplesOfEachMethod) {
    using Method = decltype(&get_xor_trustwords_for_fprs);
    const auto of = [&](Method method, const char* a, const char* b, bool full) {
        Handed out;
        EXPECT_EQ(method(numbered.get(), a, b, "en", &out.text, &out.size, full), PEP_STATUS_OK);
        EXPECT_EQ(out.size, out.str().size());
        return out.str();
    };
    const char* a = "1111222233334444555566667777888899990000";
    const char* b = "AAAABBBBCCCCDDDDEEEEFFFF0000111122223333";
    EXPECT_EQ(
        of(get_xor_trustwords_for_fprs, a, b, true),
        "W48059 W39321 W65535 W39321 W48059 W39321 W30583 W39321 W48059 W13107"
    );
    EXPECT_EQ(of(get_trustwords_for_fprs, b, a, false), "W48059 W39321 W65535 W39321 W48059");
    EXPECT_EQ(
        of(get_ripemd160_trustwords_for_fprs, a, b, true),
        "W54633 W45743 W21044 W41646 W538 W49625 W30469 W19514 W28347 W31264"
    );
    EXPECT_EQ(
        of(get_ripemd160_trustwords_for_fprs, b, a, false), "W54633 W45743 W21044 W41646 W538"
    );
    const char* equal = "A1B2C3D4E5F60718293A4B5C6D7E8F9001122334";
    EXPECT_EQ(of(get_xor_trustwords_for_fprs, equal, equal, false), "W0 W0 W0 W0 W0");
    EXPECT_EQ(
        of(get_ripemd160_trustwords_for_fprs, equal, equal, false),
        "W18727 W13057 W60569 W51113 W49906"
    );
    const char* shorter = "00112233445566778899AABBCCDDEEFF";
    const char* longer = "FFEEDDCCBBAA99887766554433221100FFEEDDCC";
    EXPECT_EQ(
        of(get_xor_trustwords_for_fprs, shorter, longer, false),
        "W65518 W56780 W48059 W48059 W13107"
    );
    EXPECT_EQ(
        of(get_ripemd160_trustwords_for_fprs, shorter, longer, false),
        "W40576 W58842 W59445 W52024 W51472"
    );
    char* none = nullptr;
    size_t size = 7;
    PEP_SESSION s = numbered.get();
    EXPECT_EQ(get_xor_trustwords_for_fprs(s, "", b, "en", &none, &size, true), -4);
    EXPECT_EQ(get_xor_trustwords_for_fprs(s, "xyz", b, "en", &none, &size, true), -4);
    EXPECT_EQ(get_xor_trustwords_for_fprs(s, "0000", b, "en", &none, &size, true), 0x0503);
    EXPECT_EQ(get_ripemd160_trustwords_for_fprs(s, a, b, "zz", &none, &size, true), 0x0501);
    EXPECT_EQ(get_ripemd160_trustwords_for_fprs(s, a, b, "", &none, &size, true), -4);
    EXPECT_EQ(none, nullptr);
    EXPECT_EQ(size, 0U);
}

TEST(Dictionaries, ReadTextAndCsvInAnyOrder) {
    const TemporaryFolder folder;
    write_dictionary(folder.path() / "de.txt");
    std::ofstream csv{folder.path() / "xy.csv"};
    for (int i = 65535; i >= 0; --i)
        csv << "xy," << i << ",\"V" << i << "\",0\r\n";
    csv.close();
    std::ofstream{folder.path() / "README"} << "no dictionary";
    const Dictionaries dictionaries{folder.path()};
    EXPECT_EQ(*dictionaries.word("De", 65535), "W65535");
    EXPECT_EQ(*dictionaries.word("xy", 7), "V7");
    EXPECT_EQ(dictionaries.languages(), (std::vector<std::string>{"de", "xy"}));
    EXPECT_EQ(
        dictionaries.language_list(),
        "\"de\",\"Deutsch\",\"Ich möchte die Trustwords auf Deutsch anzeigen\"\n"
        "\"xy\",\"xy\",\"Trustwords: xy\"\n"
    );
    const auto sources = dictionaries.sources();
    ASSERT_EQ(sources->size(), 2U);
    EXPECT_EQ(sources->front().sha256.size(), 64U);
}

TEST(Dictionaries, RefuseIncompleteAndDamagedFiles) {
    const TemporaryFolder folder;
    write_dictionary(folder.path() / "en.txt", 65535);
    write_dictionary(folder.path() / "de.txt", 65537);
    write_dictionary(folder.path() / "fr.txt", 65535);
    std::ofstream{folder.path() / "fr.txt", std::ios::app} << "\xff\xfe\n";
    write_dictionary(folder.path() / "es.txt", 65535);
    std::ofstream{folder.path() / "es.txt", std::ios::app} << "TWO WORDS\n";
    std::ofstream{folder.path() / "ca.csv"} << "ca,0,A,0\nca,0,B,0\n";
    std::ofstream{folder.path() / "nl.csv"} << "nl,x,A,0\n";
    const Dictionaries dictionaries{folder.path()};
    for (const char* lang :
         {"en", "de", "fr", "es", "ca", "nl", "tr", "", "..", "../en", "e", "eng"})
        EXPECT_EQ(dictionaries.word(lang, 0).error().code, 0x0501) << lang;
}

TEST(Dictionaries, OfTheBuildAreCompleteAndInjective) {
    const TemporaryFolder home;
    const auto session = open_session(home.path());
    const auto& dictionaries = session->engine->dictionaries;
    EXPECT_EQ(
        dictionaries.languages(),
        (std::vector<std::string>{"en", "de", "fr", "es", "ca", "tr", "nl"})
    );
    for (const auto& lang : dictionaries.languages()) {
        std::set<std::string> distinct;
        for (unsigned i = 0; i < 65536; ++i)
            distinct.insert(*dictionaries.word(lang, static_cast<std::uint16_t>(i)));
        EXPECT_EQ(distinct.size(), 65536U) << lang;
    }
    Handed list;
    EXPECT_EQ(get_languagelist(session.get(), &list.text), PEP_STATUS_OK);
    EXPECT_EQ(list.str().find("\"en\",\"English\","), 0U);
}

TEST(Dictionaries, OfOtherInstallationsGiveTheirWords) {
    const char* testdata = std::getenv("PEP_TESTDATA");
    if (testdata == nullptr)
        GTEST_SKIP() << "PEP_TESTDATA is not set";
    const TemporaryFolder home;
    const std::string folder = std::string{testdata} + "/trustwords";
    pEp_engine_options options{};
    options.trustwords_dir = folder.c_str();
    const auto session = open_session(home.path(), options);
    Handed word;
    ASSERT_EQ(trustword(session.get(), 1, "en", &word.text, &word.size), PEP_STATUS_OK);
    EXPECT_EQ(word.str(), "AARDVARK");
    Handed german;
    ASSERT_EQ(trustword(session.get(), 4, "de", &german.text, &german.size), PEP_STATUS_OK);
    EXPECT_EQ(german.str(), "AALGLATT");
}

TEST(Dictionaries, OfOtherInstallationsGiveTheWordsOfTheRegressionVector) {
    const char* testdata = std::getenv("PEP_TESTDATA");
    if (testdata == nullptr)
        GTEST_SKIP() << "PEP_TESTDATA is not set";
    const std::string folder = std::string{testdata} + "/trustwords";
    const TemporaryFolder home;
    pEp_engine_options options{};
    options.trustwords_dir = folder.c_str();
    const auto session = open_session(home.path(), options);
    const std::set<int> wanted{61084, 26186, 19582, 9209, 36376};
    for (const char* lang : {"en", "de"}) {
        std::map<int, std::string> words; // read independently of the engine
        std::ifstream csv{folder + "/" + lang + ".csv"};
        for (std::string line; std::getline(csv, line);) {
            const auto index = line.find(',') + 1;
            const auto word = line.find(',', index) + 1;
            const int number = std::stoi(line.substr(index));
            if (!wanted.contains(number))
                continue;
            auto& text = words[number] = line.substr(word, line.find(',', word) - word);
            std::erase(text, '"');
        }
        ASSERT_EQ(words.size(), wanted.size()) << lang;
        std::string expected;
        for (const int index : {61084, 26186, 19582, 9209, 36376})
            expected += (expected.empty() ? "" : " ") + words[index];
        Handed out;
        ASSERT_EQ(
            get_ripemd160_trustwords_for_fprs(
                session.get(), alice_fpr, bob_fpr, lang, &out.text, &out.size, false
            ),
            PEP_STATUS_OK
        );
        EXPECT_EQ(out.str(), expected) << lang;
    }
}
