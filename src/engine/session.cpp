// Homes, engines and contexts. Sessions of one home share an engine; each thread has its own
// database connection and OpenPGP context for it, because neither may be shared.
#include "engine/session.hpp"

#include "base/private_file.hpp"
#include "engine/guard.hpp"
#include "engine/paths.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <system_error>
#include <tuple>
#include <vector>

namespace pep::engine {

namespace {

namespace fs = std::filesystem;

struct CachedContext {
    std::weak_ptr<Engine> engine;
    std::unique_ptr<Context> context;
};

/// Those of the thread; null when it ends. Few engines live at once, so a vector is searched. It
/// must not keep an engine alive. The main thread's go before static objects, which may have
/// sessions.
std::vector<CachedContext>* cached_contexts() {
    thread_local bool ended = false; // without a destructor, it can be asked to the very end

    struct Contexts {
        Contexts() = default;
        Contexts(const Contexts&) = delete;
        Contexts& operator=(const Contexts&) = delete;

        ~Contexts() { ended = true; }

        std::vector<CachedContext> all;
    };

    if (ended)
        return nullptr;
    thread_local Contexts contexts;
    return &contexts.all;
}

/// Engines in use. Different options on one home are different engines; the database is made for
/// that.
class Engines {
  public:
    std::shared_ptr<Engine> get(const fs::path& home, const fs::path& dictionaries, bool use_xor) {
        const std::scoped_lock lock{mutex_};
        // Entries of homes that nobody uses any more; there is no other time to tidy up.
        std::erase_if(engines_, [](const auto& entry) { return entry.second.expired(); });
        auto& known = engines_[{home, dictionaries, use_xor}];
        auto engine = known.lock();
        if (!engine) {
            engine = std::make_shared<Engine>(home, dictionaries, use_xor);
            known = engine;
        }
        return engine;
    }

  private:
    std::mutex mutex_; // guards engines_
    std::map<std::tuple<fs::path, fs::path, bool>, std::weak_ptr<Engine>> engines_;
};

/// init() has no object to hang this on; like the context cache it only remembers what sessions
/// own.
Engines& engines() {
    static Engines all;
    return all;
}

Expected<fs::path> home_of(const pEp_engine_options& options) {
    if (!missing(options.home))
        return fs::path{options.home};
    return default_home();
}

fs::path dictionaries_of(const pEp_engine_options& options, const fs::path& home) {
    if (!missing(options.trustwords_dir))
        return options.trustwords_dir;
    std::error_code ignored;
    if (fs::is_directory(home / "trustwords", ignored))
        return home / "trustwords";
    // Packages may put dictionaries elsewhere than the rest of the data.
    const fs::path installed = data_directory() / "trustwords";
    return fs::is_directory(installed, ignored) ? installed : fs::path{PEP_TRUSTWORDS_DIR};
}

} // namespace

Expected<std::shared_ptr<Engine>> engine_for(const pEp_engine_options& options) {
    auto home = home_of(options);
    if (!home)
        return fail(home);
    if (auto made = make_private_folder(*home); !made)
        return fail(PEP_CANNOT_CREATE_TEMP_FILE, made.error().message);
    std::error_code failed;
    // Two spellings of one home must be one engine.
    const fs::path real = fs::canonical(*home, failed);
    if (failed)
        return fail(PEP_CANNOT_CREATE_TEMP_FILE, "the home directory cannot be read");
    return engines().get(real, dictionaries_of(options, real), options.xor_trustwords);
}

void drop_closed_contexts() {
    if (auto* contexts = cached_contexts())
        std::erase_if(*contexts, [](const CachedContext& cached) {
            return cached.engine.expired();
        });
}

Expected<Context*> context_of(const std::shared_ptr<Engine>& engine) {
    if (!engine)
        return fail(PEP_ILLEGAL_VALUE, "the session has no engine");
    // Here, too: a session may be released by another thread than the one that used it.
    drop_closed_contexts();
    auto* contexts = cached_contexts();
    if (contexts == nullptr)
        return fail(PEP_UNKNOWN_ERROR, "the thread has ended");
    const auto found =
        std::find_if(contexts->begin(), contexts->end(), [&](const CachedContext& cached) {
            // The same owner, by comparing control blocks: no reference is taken and no count
            // changes.
            return !cached.engine.owner_before(engine) && !engine.owner_before(cached.engine);
        });
    if (found != contexts->end())
        return found->context.get();
    auto store = Store::open(engine->home);
    if (!store)
        return fail(store);
    contexts->push_back({engine, std::make_unique<Context>(std::move(*store))});
    return contexts->back().context.get();
}

} // namespace pep::engine
