// C API: OpenPGP as such, without identities and trust (engine reference 3.2).
#include "engine/c_api/output.hpp"
#include "engine/key_validity.hpp"
#include "engine/keys.hpp"
#include "engine/owned.hpp"
#include "pEp/openpgp_compat.h"

using namespace pep::engine;
using pep::Expected;

namespace {

using PairOwner = structs::Owner<stringpair_t, &free_stringpair>;

/// Outputs are empty after every failure, those of wrong arguments included.
void clear(char** text, size_t* size) {
    if (text != nullptr)
        *text = nullptr;
    if (size != nullptr)
        *size = 0;
}

/// Empty nodes are skipped: an empty list is a node without value.
std::vector<std::string> values_of(const stringlist_t* list) {
    std::vector<std::string> values;
    for (; list != nullptr; list = list->next)
        if (!missing(list->value))
            values.emplace_back(list->value);
    return values;
}

/// What the C API promises for data that is not an encrypted OpenPGP message.
PEP_STATUS published(PEP_STATUS status) {
    return status == PEP_DECRYPT_WRONG_FORMAT ? PEP_UNKNOWN_ERROR : status;
}

/// Copies, in order; no keys give NULL.
Expected<OwnedPairs> pairs_of(const std::vector<std::pair<std::string, std::string>>& keys) {
    const auto no_memory = fail(PEP_OUT_OF_MEMORY, "no memory for a list");
    OwnedPairs list;
    stringpair_list_t* last = nullptr;
    for (const auto& [fpr, user_id] : keys) {
        PairOwner pair{new_stringpair(fpr.c_str(), user_id.c_str())};
        if (!pair)
            return no_memory;
        last = stringpair_list_add(last, pair.get());
        if (last == nullptr)
            return no_memory;
        (void)pair.release(); // the list's now
        if (!list)
            list.reset(last);
    }
    return list;
}

} // namespace

PEP_STATUS encrypt_and_sign(
    PEP_SESSION session,
    const stringlist_t* keylist,
    const char* ptext,
    size_t psize,
    char** ctext,
    size_t* csize
) {
    clear(ctext, csize);
    if (session == nullptr || keylist == nullptr || missing(keylist->value) || ptext == nullptr ||
        psize == 0 || ctext == nullptr || csize == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        // The first key signs, and is a recipient like the others.
        auto encrypted = with_keys(*session, [&](KeyRing& keys) {
            return keys.encrypt(
                values_of(keylist), {ptext, psize}, Signing::sign, passphrase_of(*session)
            );
        });
        return c_api::hand_out(std::move(encrypted), ctext, csize);
    });
}

PEP_STATUS decrypt_and_verify(
    PEP_SESSION session,
    const char* ctext,
    size_t csize,
    const char* dsigtext,
    size_t /*dsigsize*/,
    char** ptext,
    size_t* psize,
    stringlist_t** keylist,
    char** filename_ptr
) {
    clear(ptext, psize);
    clear(filename_ptr, nullptr);
    if (keylist != nullptr)
        *keylist = nullptr;
    // A signature beside the ciphertext is something else than one within; there is no meaning for
    // it here.
    if (session == nullptr || ctext == nullptr || csize == 0 || dsigtext != nullptr ||
        ptext == nullptr || psize == nullptr || keylist == nullptr)
        return PEP_ILLEGAL_VALUE;
    return published(guard([&]() -> Expected<PEP_STATUS> {
        auto decrypted = with_keys(*session, [&](KeyRing& keys) {
            return keys.decrypt({ctext, csize}, passphrase_of(*session));
        });
        if (!decrypted)
            return fail(decrypted);
        OwnedChars text = copy_chars(decrypted->plaintext);
        const std::size_t size = decrypted->plaintext.size();
        // The caller's copy is the only one that stays.
        pep::wipe(decrypted->plaintext.data(), size);
        OwnedChars name;
        if (filename_ptr != nullptr && !decrypted->filename.empty())
            name = copy_chars(decrypted->filename);
        if (auto done = c_api::hand_out(decrypted->keylist, keylist); !done)
            return fail(done);
        // Nothing can fail any more: all outputs or none.
        *ptext = text.release();
        *psize = size;
        if (filename_ptr != nullptr)
            *filename_ptr = name.release();
        return decrypted->status;
    }));
}

PEP_STATUS verify_text(
    PEP_SESSION session,
    const char* text,
    size_t size,
    const char* signature,
    size_t sig_size,
    stringlist_t** keylist
) {
    if (keylist != nullptr)
        *keylist = nullptr;
    if (session == nullptr || text == nullptr || size == 0 || signature == nullptr ||
        sig_size == 0 || keylist == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<PEP_STATUS> {
        auto verified = with_keys(*session, [&](KeyRing& keys) {
            return keys.verify_detached({text, size}, {signature, sig_size});
        });
        if (!verified)
            return fail(verified);
        if (auto done = c_api::hand_out(verified->keylist, keylist); !done)
            return fail(done);
        return verified->status;
    });
}

PEP_STATUS OpenPGP_list_keyinfo(
    PEP_SESSION session, const char* search_pattern, stringpair_list_t** keyinfo_list
) {
    if (keyinfo_list != nullptr)
        *keyinfo_list = nullptr;
    if (session == nullptr || keyinfo_list == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        auto keys = with_keys(*session, [&](KeyRing& ring) {
            // NULL means all keys.
            return ring.list(search_pattern != nullptr ? search_pattern : "");
        });
        if (!keys)
            return fail(keys);
        auto list = pairs_of(*keys);
        if (!list)
            return fail(list);
        *keyinfo_list = list->release();
        return {};
    });
}
