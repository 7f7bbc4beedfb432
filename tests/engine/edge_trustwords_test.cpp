// Trustwords, languages, counters and media keys: cases 106 to 116 of the engine reference, section
// 10. Word n of the dictionary used here is "Wn".
#include "engine/edge_fixture.hpp"
#include "engine/media_keys.hpp"

#include <fstream>

namespace pep::engine::testing {

namespace {

constexpr const char* alice_fpr = "8BD08954C74D830EEFFB5DEB2682A17F7C87F73D";
constexpr const char* bob_fpr = "62D4932086185C15917B72D30571AFBCA5493553";

IdentityPtr side(const char* fpr, unsigned major, unsigned minor) {
    auto who = identity("x@example.org", nullptr, nullptr, fpr);
    who->major_ver = major;
    who->minor_ver = minor;
    return who;
}

/// Sessions with the dictionary, one giving XOR words to older partners.
struct Numbered {
    TemporaryFolder home;
    Session strict = open(false);
    Session lenient = open(true);

    Session open(bool use_xor) {
        const auto folder = home.path() / "words";
        std::filesystem::create_directory(folder);
        std::ofstream out{folder / "en.txt"};
        for (int i = 0; i < 65536; ++i)
            out << 'W' << i << '\n';
        out.close();
        const std::string name = folder.string();
        pEp_engine_options options{};
        options.trustwords_dir = name.c_str();
        options.xor_trustwords = use_xor;
        return open_session(home.path(), options);
    }
};

struct Words {
    PEP_STATUS status = PEP_UNKNOWN_ERROR;
    std::string text;
};

Words words_of(PEP_SESSION session, const char* a, const char* b, unsigned major, bool full) {
    const auto one = side(a, 3, 3);
    const auto two = side(b, major, major == 3 ? 3 : 1);
    Handed out;
    out.size = 7;
    Words words;
    words.status = get_trustwords(session, one.get(), two.get(), "en", &out.text, &out.size, full);
    words.text = out.text != nullptr ? out.text : "";
    EXPECT_EQ(out.size, words.text.size());
    return words;
}

} // namespace

TEST_F(EdgeCase, N106_SpacesInAFingerprintDoNotMatter) {
    const Numbered sessions;
    const char* spaced = "8BD0 8954 C74D 830E EFFB  5DEB 2682 A17F 7C87 F73D";
    for (const unsigned major : {2U, 3U})
        for (const bool full : {false, true}) {
            const auto plain = words_of(sessions.lenient.get(), alice_fpr, bob_fpr, major, full);
            EXPECT_EQ(plain.status, PEP_STATUS_OK);
            EXPECT_EQ(
                words_of(sessions.lenient.get(), spaced, bob_fpr, major, full).text, plain.text
            );
        }
}

TEST_F(EdgeCase, N107_OddLengthAndLowerCaseAreAcceptedButNoOtherLetters) {
    const Numbered sessions;
    const auto whole = words_of(sessions.strict.get(), alice_fpr, bob_fpr, 3, true);
    EXPECT_EQ(
        words_of(
            sessions.strict.get(), "8bd08954c74d830eeffb5deb2682a17f7c87f73d", bob_fpr, 3, true
        )
            .text,
        whole.text
    );
    const char* shorter = "BD08954C74D830EEFFB5DEB2682A17F7C87F73D"; // a zero in front
    EXPECT_EQ(words_of(sessions.strict.get(), shorter, bob_fpr, 3, false).status, PEP_STATUS_OK);
    const std::string padded = std::string{"0"} + shorter;
    EXPECT_EQ(
        words_of(sessions.strict.get(), shorter, bob_fpr, 3, true).text,
        words_of(sessions.strict.get(), padded.c_str(), bob_fpr, 3, true).text
    );
    const char* letter = "8BD08954C74D830EEFFB5DEB2682A17F7C87F73G";
    EXPECT_EQ(words_of(sessions.strict.get(), letter, bob_fpr, 3, false).status, -4);
    const std::string zeros(40, '0');
    EXPECT_EQ(words_of(sessions.strict.get(), zeros.c_str(), bob_fpr, 3, false).status, 0x0503);
}

TEST_F(EdgeCase, N108_TheShortListHasFiveWordsAndNoBlankAtItsEnd) {
    const Numbered sessions;
    const auto brief = words_of(sessions.strict.get(), alice_fpr, bob_fpr, 3, false);
    EXPECT_EQ(brief.text, "W61084 W26186 W19582 W9209 W36376");
    const auto full = words_of(sessions.strict.get(), alice_fpr, bob_fpr, 3, true);
    EXPECT_EQ(full.text, brief.text + " W15734 W19769 W11844 W64558 W6561");
}

TEST_F(EdgeCase, N109_EqualFingerprintsGiveOtherWordsThanTheFingerprint) {
    const Numbered sessions;
    const auto both = words_of(sessions.strict.get(), alice_fpr, alice_fpr, 3, true);
    ASSERT_EQ(both.status, PEP_STATUS_OK);
    Handed one;
    ASSERT_EQ(
        trustwords(sessions.strict.get(), alice_fpr, "en", &one.text, &one.size, 0), PEP_STATUS_OK
    );
    EXPECT_NE(one.str(), both.text);
}

TEST_F(EdgeCase, N110_AnOldPartnerGetsWordsOnlyByXor) {
    const Numbered sessions;
    const auto refused = words_of(sessions.strict.get(), alice_fpr, bob_fpr, 2, false);
    EXPECT_EQ(refused.status, 0x0501);
    EXPECT_EQ(refused.text, "");
    const auto given = words_of(sessions.lenient.get(), alice_fpr, bob_fpr, 2, false);
    EXPECT_EQ(given.status, PEP_STATUS_OK);
    EXPECT_EQ(given.text, "W59652 W6772 W16725 W57115 W32384");
}

TEST_F(EdgeCase, N111_ThereIsOnePhraseInEachLanguage) {
    Handed phrase;
    EXPECT_EQ(get_phrase(session.get(), "zz", 1000, &phrase.text), 0x0701);
    EXPECT_EQ(phrase.text, nullptr);
    EXPECT_EQ(get_phrase(session.get(), "en", 1001, &phrase.text), 0x0701);
    EXPECT_EQ(get_phrase(session.get(), "eng", 1000, &phrase.text), -4);
    EXPECT_EQ(get_phrase(session.get(), "EN", 1000, &phrase.text), PEP_STATUS_OK);
    EXPECT_FALSE(phrase.str().empty());
}

TEST_F(EdgeCase, N112_AllSevenLanguagesAreListed) {
    Handed list;
    ASSERT_EQ(get_languagelist(session.get(), &list.text), PEP_STATUS_OK);
    for (const char* language : {"en", "de", "fr", "es", "ca", "tr", "nl"})
        EXPECT_NE(list.str().find("\"" + std::string{language} + "\",\""), std::string::npos)
            << list.str();
}

TEST_F(EdgeCase, N113_ACounterCounts) {
    std::int32_t first = 0;
    std::int32_t second = 0;
    std::int32_t other = 0;
    EXPECT_EQ(sequence_value(session.get(), "one", &first), PEP_STATUS_OK);
    EXPECT_EQ(sequence_value(session.get(), "one", &second), PEP_STATUS_OK);
    EXPECT_EQ(sequence_value(session.get(), "other", &other), PEP_STATUS_OK);
    EXPECT_EQ(first, 1);
    EXPECT_EQ(second, 2);
    EXPECT_EQ(other, 1);
    EXPECT_EQ(sequence_value(session.get(), "", &first), -4);
    const auto again = open_session(home.path());
    EXPECT_EQ(sequence_value(again.get(), "one", &first), PEP_STATUS_OK);
    EXPECT_EQ(first, 3);
}

TEST_F(EdgeCase, N114_NoLogIsKeptInTheDatabase) {
    Handed log;
    for (const int lines : {0, 1, 32767})
        EXPECT_EQ(get_crashdump_log(session.get(), lines, &log.text), -6);
    EXPECT_EQ(log.text, nullptr);
    for (const int lines : {-1, 32768})
        EXPECT_EQ(get_crashdump_log(session.get(), lines, &log.text), -4);
}

TEST_F(EdgeCase, N115_TheFirstPatternOfAMediaKeyThatMatchesWins) {
    const auto map = [](std::initializer_list<std::pair<const char*, const char*>> pairs) {
        OwnedPairs list{new_stringpair_list(nullptr)};
        for (const auto& [pattern, fpr] : pairs)
            stringpair_list_add(list.get(), new_stringpair(pattern, fpr));
        return list;
    };
    const auto one = map(
        {{"mailto:*@gate.example", "0123456789abcdef0123456789abcdef01234567"},
         {"*.example", "89ABCDEF0123456789ABCDEF0123456789ABCDEF"}}
    );
    const auto keys = MediaKeys::from(one.get());
    ASSERT_TRUE(keys.has_value());
    EXPECT_EQ(keys->find("bob@gate.example"), "0123456789ABCDEF0123456789ABCDEF01234567");
    EXPECT_EQ(keys->find("mailto:BOB@gate.example"), "0123456789ABCDEF0123456789ABCDEF01234567");
    EXPECT_EQ(keys->find("bob@other.example"), "89ABCDEF0123456789ABCDEF0123456789ABCDEF");
    EXPECT_EQ(keys->find("bob@example.org"), "");
    ASSERT_EQ(config_media_keys(session.get(), one.get()), PEP_STATUS_OK);
    EXPECT_EQ(updated("bob@gate.example")->enc_format, PEP_enc_PEP);
    ASSERT_EQ(config_media_keys(session.get(), nullptr), PEP_STATUS_OK);
    EXPECT_EQ(updated("bob@gate.example")->enc_format, PEP_enc_none); // nothing was stored
}

TEST_F(EdgeCase, N116a_AnIdentityIsRatedByItsKey) {
    partner("bob@example.org", "BOB", "Bob");
    EXPECT_EQ(rating_of("bob@example.org", "BOB"), PEP_rating_reliable);
    EXPECT_EQ(rating_of("nobody@example.org"), PEP_rating_have_no_key);
}

TEST_F(EdgeCase, N116b_AMediaKeyStandsInWhereThereIsNoKey) {
    partner("bob@gate.example", "BOB", "Bob");
    OwnedPairs map{new_stringpair_list(new_stringpair("*@gate.example", absent_fpr))};
    ASSERT_EQ(config_media_keys(session.get(), map.get()), PEP_STATUS_OK);
    EXPECT_EQ(rating_of("bob@gate.example", "BOB"), PEP_rating_reliable);
    EXPECT_EQ(rating_of("nobody@gate.example"), PEP_rating_media_key_protected);
    EXPECT_EQ(rating_of("nobody@example.org"), PEP_rating_have_no_key);
}

} // namespace pep::engine::testing
