// Keys that come with every mail of a partner are nearly always known already. This remembers what
// an import gave, so that the next one of the same bytes needs neither OpenPGP nor a transaction.
#pragma once

#include "engine/keys.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pep::engine {

/// One thread's; a bounded number of imports of public keys.
class ImportMemo {
  public:
    /// What importing `data` would give, if that is known: the certificates in it are stored byte
    /// for byte as they were after it was imported before. Nothing is `changed` in it.
    [[nodiscard]] std::optional<ImportResult> recall(sqlite::Database& db, std::string_view data);

    /// `data` was imported and gave `result`. Secret keys and big files are not remembered.
    void remember(sqlite::Database& db, std::string_view data, const ImportResult& result);

  private:
    struct Entry {
        std::string data;
        ImportResult result;
        std::vector<std::string> certificates; ///< as stored, in the order of result.keys
    };

    [[nodiscard]] static bool
    is_stored(sqlite::Database& db, std::string_view fpr, std::string_view certificate);

    std::deque<Entry> entries_; // newest first
};

} // namespace pep::engine
