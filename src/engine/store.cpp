// Migrations: the schema version is PRAGMA user_version; each step runs in one transaction together
// with raising the version, so that a crash leaves either the old or the new state.
#include "engine/store.hpp"

#include "engine/guard.hpp"
#include "engine/schema_sql.hpp"

#include <iterator>
#include <string>
#include <string_view>

namespace pep::engine {

namespace {

/// How many migrations the file has seen; 0 for a new one.
Expected<std::size_t> version_of(sqlite::Database& db) {
    auto query = db.query("PRAGMA user_version");
    if (auto row = query.step(); !row)
        return fail(row);
    return static_cast<std::size_t>(query.integer(0));
}

Expected<void> migrate(sqlite::Database& db) {
    auto version = version_of(db);
    if (!version)
        return fail(PEP_INIT_CANNOT_OPEN_DB, version.error().message);
    // Asked without a lock: nearly every opening ends here.
    if (*version == std::size(schema_versions))
        return {};
    if (*version > std::size(schema_versions))
        return fail(PEP_INIT_DB_DOWNGRADE_VIOLATION, "the database was written by a newer version");
    auto transaction = sqlite::Transaction::begin(db);
    if (!transaction)
        return fail(transaction);
    version = version_of(db); // another process may have been quicker
    if (!version)
        return fail(version);
    for (std::size_t step = *version; step < std::size(schema_versions); ++step) {
        auto done = db.script(std::string{schema_versions[step]});
        // The version is part of the file's header, and so of the transaction.
        if (done)
            done = db.script("PRAGMA user_version = " + std::to_string(step + 1));
        if (!done)
            return fail(done);
    }
    return transaction->commit();
}

} // namespace

Expected<Store> Store::open(const std::filesystem::path& home) {
    // The home is there and private already, see engine_for().
    auto db = sqlite::Database::open(home / "engine.sqlite3");
    if (!db)
        return fail(db);
    if (auto migrated = migrate(*db); !migrated)
        return fail(migrated);
    return Store{std::move(*db)};
}

Expected<Store> Store::open_in_memory() {
    auto db = sqlite::Database::open_in_memory();
    if (!db)
        return fail(db);
    if (auto migrated = migrate(*db); !migrated)
        return fail(migrated);
    return Store{std::move(*db)};
}

} // namespace pep::engine
