// The database of one home: opening, migrating, and the handle every typed query works on. Typed
// queries stand beside what they serve (identity_store, keys). One Store per thread and home.
#pragma once

#include "base/expected.hpp"
#include "engine/backend/sqlite.hpp"

#include <filesystem>

namespace pep::engine {

class Store {
  public:
    /// Open `<home>/engine.sqlite3`, creating or migrating it. A newer schema than ours gives
    /// PEP_INIT_DB_DOWNGRADE_VIOLATION and changes nothing.
    [[nodiscard]] static Expected<Store> open(const std::filesystem::path& home);

    /// A private store in memory, for tests.
    [[nodiscard]] static Expected<Store> open_in_memory();

    [[nodiscard]] sqlite::Database& db() { return db_; }

  private:
    explicit Store(sqlite::Database db) : db_(std::move(db)) {}

    sqlite::Database db_;
};

} // namespace pep::engine
