// C API: sessions and their configuration.
#include "engine/session.hpp"

#include "engine/guard.hpp"
#include "pEp/autocrypt.h"
#include "pEp/pEpEngine.h"
#include "pEp/passphrase.h"

#include <functional>
#include <memory>

using namespace pep::engine;

PEP_STATUS init(
    PEP_SESSION* session,
    messageToSend_t messageToSend,
    inject_sync_event_t inject_sync_event,
    ensure_passphrase_t ensure_passphrase
) {
    return init_with_options(session, nullptr, messageToSend, inject_sync_event, ensure_passphrase);
}

PEP_STATUS init_with_options(
    PEP_SESSION* session,
    const pEp_engine_options* options,
    messageToSend_t messageToSend,
    inject_sync_event_t inject_sync_event,
    ensure_passphrase_t ensure_passphrase
) {
    if (session == nullptr)
        return PEP_ILLEGAL_VALUE;
    // A handle only on success, so that release() can always be called.
    *session = nullptr;
    return guard([&]() -> pep::Expected<void> {
        // The caller's struct and its strings may go after the call.
        const pEp_engine_options given = options != nullptr ? *options : pEp_engine_options{};
        auto engine = engine_for(given);
        if (!engine)
            return fail(engine);
        auto made = std::make_unique<pEp_session_>();
        made->engine = std::move(*engine);
        if (given.message_to_send != nullptr)
            // The one of the options wins: it is told whom it belongs to.
            made->message_to_send = std::bind_front(given.message_to_send, given.management);
        else if (messageToSend != nullptr)
            made->message_to_send = messageToSend;
        made->inject_sync_event = inject_sync_event;
        made->ensure_passphrase = ensure_passphrase;
        // Opened now, so that a database that cannot be used is told here.
        if (auto context = made->context(); !context)
            return fail(context);
        *session = made.release();
        return {};
    });
}

void release(PEP_SESSION session) {
    // Contexts of this thread alone: other threads drop theirs when they next use any session.
    guard([&] {
        std::unique_ptr<pEp_session_>{session}.reset();
        drop_closed_contexts();
        return PEP_STATUS_OK;
    });
}

// The settings take effect with the next call; without a session they do nothing.
void config_passive_mode(PEP_SESSION session, bool enable) {
    if (session != nullptr)
        session->passive_mode = enable;
}

void config_unencrypted_subject(PEP_SESSION session, bool enable) {
    if (session != nullptr)
        session->unencrypted_subject = enable;
}

void config_autocrypt_header(PEP_SESSION session, bool enable) {
    if (session != nullptr)
        session->autocrypt_header = enable;
}

PEP_STATUS config_cipher_suite(PEP_SESSION session, PEP_CIPHER_SUITE suite) {
    if (session == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        // Unchanged then; the engine 3.3 would fall back to RSA 2048 behind the user's back.
        if (!KeyRing::supports(suite))
            return PEP_CANNOT_CONFIG;
        session->cipher_suite = suite;
        return PEP_STATUS_OK;
    });
}

PEP_STATUS config_passphrase(PEP_SESSION session, const char* passphrase) {
    if (session == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        // "" is a passphrase, too: one that unlocks nothing.
        if (passphrase != nullptr)
            session->passphrase.emplace(passphrase);
        else
            session->passphrase.reset();
        // From here on passphrase_was_used() speaks of this passphrase.
        if (auto context = session->context())
            (*context)->keys.forget_passphrase_use();
        return PEP_STATUS_OK;
    });
}

bool passphrase_was_used(PEP_SESSION session) {
    bool used = false;
    guard([&] {
        // Without a passphrase none can have been used, whatever this thread did before for
        // another.
        if (session != nullptr && session->passphrase)
            if (auto context = session->context())
                used = (*context)->keys.passphrase_was_used();
        return PEP_STATUS_OK;
    });
    return used;
}

PEP_STATUS
config_passphrase_for_new_keys(PEP_SESSION session, bool enable, const char* passphrase) {
    if (session == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        // Enabled without one, making a key fails with PASSPHRASE_FOR_NEW_KEYS_REQUIRED.
        session->new_keys_passphrase.reset();
        if (!missing(passphrase))
            session->new_keys_passphrase.emplace(passphrase);
        session->new_keys_protected = enable;
        return PEP_STATUS_OK;
    });
}

PEP_STATUS config_media_keys(PEP_SESSION session, const stringpair_list_t* map) {
    if (session == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> pep::Expected<void> {
        // Copied and checked as a whole: a bad map leaves the former one.
        auto keys = MediaKeys::from(map);
        if (!keys)
            return fail(keys);
        session->media_keys = std::move(*keys);
        return {};
    });
}

const char* get_engine_version() { return PEP_ENGINE_VERSION; }

const char* get_protocol_version() { return PEP_VERSION; }
