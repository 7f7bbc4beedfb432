// C API: what has nothing to do with keys: directories, phrases, counters, and settings without
// effect.
#include "engine/c_api/output.hpp"
#include "engine/key_validity.hpp"
#include "engine/paths.hpp"
#include "engine/session.hpp"

#include <memory>
#include <mutex>

using namespace pep::engine;
using pep::Expected;

namespace {

/// What per_user_directory() and per_machine_directory() point to.
struct Directories {
    std::string user;
    std::string machine;
};

Expected<std::unique_ptr<Directories>> compute_directories() {
    auto home = default_home();
    if (!home)
        return fail(home);
    return std::make_unique<Directories>(Directories{home->string(), data_directory().string()});
}

/// These functions have no session to hang this on, and what they return must stay valid.
class PathCache {
  public:
    Expected<void> reset() {
        // Before the lock, and before anything is dropped: a failure leaves the old ones.
        auto computed = compute_directories();
        if (!computed)
            return fail(computed);
        const std::scoped_lock lock{mutex_};
        directories_ = std::move(*computed);
        return {};
    }

    // Pointers handed out before are void then, as the header says.
    void clear() {
        const std::scoped_lock lock{mutex_};
        directories_.reset();
    }

    // Null when the environment does not say; asked again next time.
    const char* get(std::string Directories::*which) {
        const std::scoped_lock lock{mutex_};
        if (!directories_) {
            auto computed = compute_directories();
            if (!computed)
                return nullptr;
            directories_ = std::move(*computed);
        }
        return (directories_.get()->*which).c_str();
    }

  private:
    std::mutex mutex_; // guards directories_
    std::unique_ptr<Directories> directories_;
};

PathCache& path_cache() {
    static PathCache cache;
    return cache;
}

const char* directory(std::string Directories::*which) {
    const char* found = nullptr;
    guard([&] {
        found = path_cache().get(which);
        return PEP_STATUS_OK;
    });
    return found;
}

} // namespace

const char* per_user_relative_directory() { return ".pEp"; }

const char* per_user_directory() { return directory(&Directories::user); }

const char* per_machine_directory() { return directory(&Directories::machine); }

PEP_STATUS reset_path_cache() {
    return guard([] { return path_cache().reset(); });
}

void clear_path_cache() {
    guard([] {
        path_cache().clear();
        return PEP_STATUS_OK;
    });
}

PEP_STATUS get_binary_path(PEP_cryptotech /*tech*/, const char** path) {
    if (path == nullptr)
        return PEP_ILLEGAL_VALUE;
    *path = nullptr;
    return PEP_STATUS_OK;
}

// Accepted, since clients call them, but without effect: the engine 3.3 ignores the first two, and
// the log is the program's, not the session's.
void config_use_only_own_private_keys(PEP_SESSION /*session*/, bool /*enable*/) {}

void config_service_log(PEP_SESSION /*session*/, bool /*enable*/) {}

void config_enable_log(PEP_SESSION /*session*/, bool /*enable*/) {}

void config_enable_log_synchronous(PEP_SESSION /*session*/, bool /*enable*/) {}

PEP_STATUS set_debug_color(PEP_SESSION session, int /*ansi_color*/) {
    return session == nullptr ? PEP_ILLEGAL_VALUE : PEP_STATUS_OK;
}

PEP_STATUS get_phrase(PEP_SESSION session, const char* lang, int phrase_id, char** phrase) {
    constexpr int offers_trustwords = 1000;
    if (phrase != nullptr)
        *phrase = nullptr;
    if (session == nullptr || missing(lang) || std::string_view{lang}.size() != 2 ||
        phrase == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&]() -> Expected<void> {
        const std::string text = phrase_id == offers_trustwords
                                     ? session->engine->dictionaries.phrase(lang)
                                     : std::string{};
        if (text.empty())
            return fail(PEP_PHRASE_NOT_FOUND, "there is no such phrase");
        return c_api::hand_out(std::string_view{text}, phrase);
    });
}

PEP_STATUS sequence_value(PEP_SESSION session, const char* name, int32_t* value) {
    if (value != nullptr)
        *value = 0;
    if (session == nullptr || missing(name) || value == nullptr)
        return PEP_ILLEGAL_VALUE;
    return guard([&] {
        // In a transaction: two callers never get the same number, in whatever process they are.
        auto next = run_rule(*session, [&](const Scope& scope) {
            return scope.store->next_in_sequence(name);
        });
        return c_api::hand_out_value(std::move(next), value);
    });
}

PEP_STATUS get_crashdump_log(PEP_SESSION session, int maxlines, char** logdata) {
    constexpr int most_lines = 32767;
    if (logdata != nullptr)
        *logdata = nullptr;
    if (session == nullptr || maxlines < 0 || maxlines > most_lines || logdata == nullptr)
        return PEP_ILLEGAL_VALUE;
    // What the engine 3.3 says when the log does not go to the database.
    return PEP_RECORD_NOT_FOUND;
}
