// C API: trustwords.
#include "engine/trustwords.hpp"

#include "engine/c_api/output.hpp"
#include "engine/identity_trustwords.hpp"
#include "engine/session.hpp"
#include "pEp/message_api.h"

using namespace pep::engine;
using pep::Expected;

namespace {

void clear(char** text, size_t* size) {
    if (text != nullptr)
        *text = nullptr;
    if (size != nullptr)
        *size = 0;
}

/// For single words only; whoever compares keys has to name the language.
const char* language_or_english(const char* lang) { return missing(lang) ? "en" : lang; }

/// The short form has five words, the full one as many as there are. `wsize` may be null.
PEP_STATUS words_for_fprs(
    PEP_SESSION session,
    Combination how,
    const char* fpr1,
    const char* fpr2,
    const char* lang,
    char** words,
    size_t* wsize,
    bool full
) {
    clear(words, wsize);
    // Both devices have to show words of one language, so there is no default.
    if (session == nullptr || missing(fpr1) || missing(fpr2) || missing(lang) || words == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        // Neither key nor identity has to be known here.
        auto hex = combine_fingerprints(fpr1, fpr2, how);
        if (!hex)
            return fail(hex);
        return c_api::hand_out(
            words_of(session->engine->dictionaries, *hex, lang, full ? 0 : short_words),
            words,
            wsize
        );
    });
}

} // namespace

PEP_STATUS get_languagelist(PEP_SESSION session, char** languages) {
    clear(languages, nullptr);
    if (session == nullptr || languages == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        const std::string list = session->engine->dictionaries.language_list();
        if (list.empty())
            return {}; // no dictionaries: NULL, and no failure
        return c_api::hand_out(std::string_view{list}, languages);
    });
}

PEP_STATUS
trustword(PEP_SESSION session, uint16_t value, const char* lang, char** word, size_t* wsize) {
    // Empty also when the language is unknown: no other one takes its place.
    clear(word, wsize);
    if (session == nullptr || word == nullptr || wsize == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return c_api::hand_out(
            session->engine->dictionaries.word(language_or_english(lang), value), word, wsize
        );
    });
}

PEP_STATUS trustwords(
    PEP_SESSION session,
    const char* fingerprint,
    const char* lang,
    char** words,
    size_t* wsize,
    int max_words
) {
    clear(words, wsize);
    if (session == nullptr || missing(fingerprint) || words == nullptr || wsize == nullptr ||
        max_words < 0)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        return c_api::hand_out(
            words_of(
                session->engine->dictionaries, fingerprint, language_or_english(lang), max_words
            ),
            words,
            wsize
        );
    });
}

PEP_STATUS get_trustwords(
    PEP_SESSION session,
    const pEp_identity* id1,
    const pEp_identity* id2,
    const char* lang,
    char** words,
    size_t* wsize,
    bool full
) {
    clear(words, wsize);
    if (session == nullptr || id1 == nullptr || id2 == nullptr || missing(id1->fpr) ||
        missing(id2->fpr) || missing(lang) || words == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        // The identities' versions choose the method; unknown ones are looked up in the store.
        return c_api::hand_out(trustwords_of(*session, *id1, *id2, lang, full), words, wsize);
    });
}

PEP_STATUS get_trustwords_for_fprs(
    PEP_SESSION session,
    const char* fpr1,
    const char* fpr2,
    const char* lang,
    char** words,
    size_t* wsize,
    bool full
) {
    // What release 2 of the engine calls it.
    return get_xor_trustwords_for_fprs(session, fpr1, fpr2, lang, words, wsize, full);
}

PEP_STATUS get_xor_trustwords_for_fprs(
    PEP_SESSION session,
    const char* fpr1,
    const char* fpr2,
    const char* lang,
    char** words,
    size_t* wsize,
    bool full
) {
    // Not refused here, unlike in get_trustwords(): the caller asks for this method by name.
    return words_for_fprs(session, Combination::exclusive_or, fpr1, fpr2, lang, words, wsize, full);
}

PEP_STATUS get_ripemd160_trustwords_for_fprs(
    PEP_SESSION session,
    const char* fpr1,
    const char* fpr2,
    const char* lang,
    char** words,
    size_t* wsize,
    bool full
) {
    return words_for_fprs(session, Combination::ripemd160, fpr1, fpr2, lang, words, wsize, full);
}
