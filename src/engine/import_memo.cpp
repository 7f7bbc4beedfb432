// See the header. Entries are compared, not hashed: they are few and short.
#include "engine/import_memo.hpp"

#include "engine/key_table.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

constexpr std::size_t max_entries = 32;
constexpr std::size_t max_bytes = std::size_t{32} * 1024; // an ordinary certificate has 1 to 5 KB

} // namespace

bool ImportMemo::is_stored(
    sqlite::Database& db, std::string_view fpr, std::string_view certificate
) {
    // Compared by the database, so nothing has to be copied out of it.
    auto query = db.query("SELECT 1 FROM openpgp_key WHERE fpr = ?1 AND public_key = ?2");
    query.bind(fpr).bind_blob(std::as_bytes(std::span{certificate}));
    const auto found = query.step();
    // A failed read counts as no: importing once more is never wrong.
    return found && *found;
}

std::optional<ImportResult> ImportMemo::recall(sqlite::Database& db, std::string_view data) {
    const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.data == data;
    });
    if (known == entries_.end())
        return std::nullopt;
    for (std::size_t i = 0; i < known->certificates.size(); ++i) {
        if (!is_stored(db, known->result.keys[i].fpr, known->certificates[i])) {
            entries_.erase(known);
            return std::nullopt;
        }
    }
    // The one used last stands first, and is the last to be dropped.
    std::rotate(entries_.begin(), known, known + 1);
    return entries_.front().result;
}

void ImportMemo::remember(sqlite::Database& db, std::string_view data, const ImportResult& result) {
    // Secret keys must not stay in memory.
    const bool secret = std::any_of(result.keys.begin(), result.keys.end(), [](const auto& key) {
        return key.secret;
    });
    if (secret || data.size() > max_bytes || result.status != PEP_KEY_IMPORTED)
        return;
    Entry entry{std::string{data}, result, {}};
    for (ImportedKey& key : entry.result.keys) {
        auto stored = stored_key(db, key.fpr);
        // There is nothing to compare with the next time.
        if (!stored || !*stored)
            return;
        key.changed = false;
        entry.certificates.push_back(std::move((*stored)->public_key));
    }
    if (entries_.size() == max_entries)
        entries_.pop_back();
    entries_.push_front(std::move(entry));
}

} // namespace pep::engine
