// Error texts name the kind of failure only: SQLite's own messages may quote values.
#include "engine/backend/sqlite.hpp"

#include "engine/guard.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

namespace pep::engine::sqlite {

namespace {

constexpr int busy_timeout_ms = 10'000;

/// SQLite's own handler sleeps longer and longer, and so never gets a lock others take all the
/// time.
int try_again(void*, int tries) {
    constexpr int pause_ms = 2;
    if (tries >= busy_timeout_ms / pause_ms)
        return 0;
    std::this_thread::sleep_for(std::chrono::milliseconds{pause_ms});
    return 1;
}

Error error_for(int code) {
    // Extended codes are switched on; the primary one is in the low octet.
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return {PEP_OUT_OF_MEMORY, "out of memory in the database", {}};
    case SQLITE_FULL:
        return {PEP_UNKNOWN_DB_ERROR, "no space left for the database", {}};
    case SQLITE_READONLY:
        return {PEP_UNKNOWN_DB_ERROR, "the database is read-only", {}};
    case SQLITE_IOERR:
        return {PEP_UNKNOWN_DB_ERROR, "the database cannot be read or written", {}};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return {PEP_UNKNOWN_DB_ERROR, "the database file is damaged", {}};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {PEP_UNKNOWN_DB_ERROR, "the database stayed locked by another process", {}};
    case SQLITE_CONSTRAINT:
        return {PEP_UNKNOWN_DB_ERROR, "a database constraint does not hold", {}};
    default:
        return {PEP_UNKNOWN_DB_ERROR, "database error " + std::to_string(code), {}};
    }
}

/// A regular file of ours with mode 0600: SQLite would make it 0644; its -wal and -shm files take
/// the mode of the database. Without open(): closing a descriptor of a database drops all POSIX
/// locks the process has on it, also those of other connections.
bool make_private(const std::filesystem::path& file) {
    if (::mknod(file.c_str(), S_IFREG | 0600, 0) != 0 && errno != EEXIST)
        return false;

    struct stat info {};

    if (::lstat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != ::geteuid())
        return false;
    return (info.st_mode & 077) == 0 || ::chmod(file.c_str(), 0600) == 0;
}

/// Where a file cannot be opened for writing, SQLite opens it for reading, though it may have been
/// the failure of a moment: the connection would never write again. Does not wait for another's
/// lock.
bool refuses_to_write(sqlite3* db) {
    sqlite3_busy_handler(db, nullptr, nullptr);
    const int rc = sqlite3_exec(db, "BEGIN IMMEDIATE; ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_busy_handler(db, &try_again, nullptr);
    // Of the database itself, and of its -wal and -shm.
    return sqlite3_db_readonly(db, "main") == 1 || (rc & 0xff) == SQLITE_READONLY;
}

} // namespace

Query::Query(Query&& other) noexcept
    : db_(other.db_), statement_(std::exchange(other.statement_, nullptr)),
      in_use_(std::exchange(other.in_use_, nullptr)), next_(other.next_),
      bind_error_(other.bind_error_), stepped_(other.stepped_) {}

Query::~Query() {
    if (statement_ == nullptr)
        return;
    if (in_use_ == nullptr) {
        sqlite3_finalize(statement_);
        return;
    }
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_); // drops pointers into the caller's memory
    *in_use_ = false;
}

Query& Query::bind(std::string_view text) {
    // Copied, since callers bind temporaries. A null pointer would bind NULL, and "" is not NULL.
    int rc = sqlite3_bind_text64(
        statement_,
        next_++,
        text.data() ? text.data() : "",
        text.size(),
        SQLITE_TRANSIENT,
        SQLITE_UTF8
    );
    // The first failure is kept; step() reports it.
    bind_error_ = bind_error_ ? bind_error_ : rc;
    return *this;
}

Query& Query::bind(const char* text) {
    return missing(text) ? bind(Null{}) : bind(std::string_view{text});
}

Query& Query::bind(std::int64_t number) {
    int rc = sqlite3_bind_int64(statement_, next_++, number);
    bind_error_ = bind_error_ ? bind_error_ : rc;
    return *this;
}

Query& Query::bind(Null) {
    int rc = sqlite3_bind_null(statement_, next_++);
    bind_error_ = bind_error_ ? bind_error_ : rc;
    return *this;
}

Query& Query::bind_blob(std::span<const std::byte> bytes) {
    // Not copied: blobs are whole certificates, which outlive the run.
    int rc = sqlite3_bind_blob64(
        statement_,
        next_++,
        bytes.empty() ? "" : static_cast<const void*>(bytes.data()),
        bytes.size(),
        SQLITE_STATIC
    );
    bind_error_ = bind_error_ ? bind_error_ : rc;
    return *this;
}

Expected<bool> Query::step() {
    if (auto usable = db_->check_change(); !usable)
        return fail(usable);
    if (statement_ == nullptr) {
        db_->note_failure(SQLITE_ERROR);
        return fail(PEP_UNKNOWN_DB_ERROR, "a database statement could not be prepared");
    }
    // Once a run, before its first row: the statement holds its own view of the data from then on.
    if (bind_error_ == SQLITE_OK && !std::exchange(stepped_, true))
        db_->make_ready(statement_);
    int rc = bind_error_ ? bind_error_ : sqlite3_step(statement_);
    if (rc == SQLITE_ROW)
        return true;
    if (rc == SQLITE_DONE)
        return false;
    db_->note_failure(rc);
    return tl::make_unexpected(error_for(rc));
}

Expected<int> Query::run() {
    auto row = step();
    if (!row)
        return fail(row);
    // Of this connection's last change, which is this one: nobody else uses the connection.
    return sqlite3_changes(sqlite3_db_handle(statement_));
}

std::string Query::text(int column) const { return maybe_text(column).value_or(std::string{}); }

std::optional<std::string> Query::maybe_text(int column) const {
    // In this order: asking for the text may convert the column, and change its size.
    const auto* bytes = sqlite3_column_text(statement_, column);
    if (bytes == nullptr)
        return std::nullopt;
    return std::string(
        reinterpret_cast<const char*>(bytes),
        static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))
    );
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

bool Query::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::span<const std::byte> Query::blob(int column) const {
    // Null for a blob of no bytes as well as for NULL.
    const void* bytes = sqlite3_column_blob(statement_, column);
    return {
        static_cast<const std::byte*>(bytes),
        static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

// _v2 waits for statements that are still there, instead of failing and leaking the connection.
void Database::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

void Database::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Database::Database(Database&&) noexcept = default;

Database& Database::operator=(Database&& other) noexcept {
    statements_ = std::move(other.statements_); // finalized before the handle closes
    handle_ = std::move(other.handle_);
    return *this;
}

Database::~Database() { statements_.clear(); }

Expected<Database> Database::open(const std::filesystem::path& file) {
    if (!make_private(file))
        return fail(PEP_INIT_CANNOT_OPEN_DB, "the database file cannot be made or is not ours");
    sqlite3* raw = nullptr;
    // NOMUTEX: a connection stays in its thread and needs no locks of SQLite's.
    int rc = sqlite3_open_v2(
        file.c_str(),
        &raw,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
        nullptr
    );
    // An owner first: there may be a handle to close even when opening failed.
    Database db{raw};
    Expected<void> ready;
    if (rc == SQLITE_OK) {
        sqlite3_extended_result_codes(raw, 1);
        // Before the first statement, because switching to WAL needs a lock, too.
        sqlite3_busy_handler(raw, &try_again, nullptr);
        // All but journal_mode hold for this connection only. Deleted secrets are overwritten,
        // sorting leaves no temporary files, and what the file says runs no functions with side
        // effects.
        ready = db.script(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
        );
    }
    if (rc != SQLITE_OK)
        return fail(PEP_INIT_CANNOT_OPEN_DB, "the database cannot be opened");
    if (!ready)
        return fail(PEP_INIT_CANNOT_OPEN_DB, ready.error().message);
    if (refuses_to_write(raw) && ::access(file.c_str(), W_OK) == 0)
        return fail(PEP_INIT_CANNOT_OPEN_DB, "the database cannot be opened for writing");
    return db;
}

Expected<Database> Database::open_in_memory() {
    sqlite3* raw = nullptr;
    int rc =
        sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    Database db{raw};
    if (rc != SQLITE_OK)
        return fail(PEP_INIT_CANNOT_OPEN_DB, "no database in memory");
    if (auto ready = db.script("PRAGMA foreign_keys=ON;"); !ready)
        return fail(ready);
    return db;
}

sqlite3_stmt* Database::prepare(std::string_view sql, unsigned flags) {
    sqlite3_stmt* statement = nullptr;
    // By length: views of the cache's keys and of literals need no NUL.
    sqlite3_prepare_v3(
        handle_.get(), sql.data(), static_cast<int>(sql.size()), flags, &statement, nullptr
    );
    return statement; // null is reported by step()
}

Query Database::query(std::string_view sql) {
    auto found = statements_.find(sql);
    // Resetting the one in use would end the outer run.
    if (found != statements_.end() && found->second.in_use)
        return Query{*this, prepare(sql, 0), nullptr};
    if (found == statements_.end()) {
        auto* statement = prepare(sql, SQLITE_PREPARE_PERSISTENT);
        if (statement == nullptr)
            return Query{*this, nullptr, nullptr};
        Statement entry;
        entry.handle.reset(statement);
        found = statements_.emplace(std::string{sql}, std::move(entry)).first;
    }
    found->second.in_use = true;
    return Query{*this, found->second.handle.get(), &found->second.in_use};
}

Expected<void> Database::script(const std::string& sql) {
    if (auto usable = check_change(); !usable)
        return usable;
    int rc = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (rc == SQLITE_OK)
        return {};
    note_failure(rc);
    return tl::make_unexpected(error_for(rc));
}

std::int64_t Database::data_version() {
    // -1 is no version any database has.
    auto version = query("PRAGMA data_version");
    auto row = version.step();
    return row && *row ? version.integer(0) : -1;
}

Expected<void> Database::check_change() {
    if (change_ == Change::open && sqlite3_get_autocommit(handle_.get()) != 0)
        change_ = Change::lost; // SQLite rolled back by itself: each write would count for itself
    if (change_ == Change::lost)
        return fail(PEP_UNKNOWN_DB_ERROR, "the database took the changes back after a failure");
    return {};
}

void Database::note_failure(int code) {
    if ((code & 0xff) == SQLITE_CONSTRAINT)
        return; // takes back its own statement alone
    ++failures_;
    if (change_ == Change::open)
        change_ = Change::lost;
}

void Database::make_ready(sqlite3_stmt* statement) {
    if (reading_ && sqlite3_get_autocommit(handle_.get()) != 0)
        reading_ = false; // SQLite rolled back by itself, after an error
    if (snapshots_ == 0 || in_transaction())
        return;
    // Also false for BEGIN IMMEDIATE.
    const bool only_reads = sqlite3_stmt_readonly(statement) != 0;
    if (only_reads == reading_)
        return;
    // A failure is no harm: the statement itself will fail, or take its own locks.
    reading_ = only_reads ? control("BEGIN") : !control("COMMIT");
}

bool Database::control(std::string_view sql) {
    const Query query = this->query(sql);
    return query.statement_ != nullptr && sqlite3_step(query.statement_) == SQLITE_DONE;
}

Snapshot::~Snapshot() {
    // The outermost ends it; should that fail, reading_ keeps saying so.
    if (--db_->snapshots_ == 0 && db_->reading_)
        db_->reading_ = !db_->control("COMMIT");
}

Expected<Transaction> Transaction::begin(Database& db) {
    if (db.in_transaction())
        return Transaction{nullptr};
    // Prepared now: taking back must not depend on memory or a readable file.
    if (db.query("ROLLBACK").statement_ == nullptr)
        return fail(PEP_UNKNOWN_DB_ERROR, "a database statement could not be prepared");
    // Immediate: a transaction that starts by reading cannot become a writing one once somebody
    // else has written, and would have to be run again.
    if (auto begun = db.query("BEGIN IMMEDIATE").run(); !begun)
        return fail(begun);
    db.change_ = Database::Change::open;
    return Transaction{&db};
}

Transaction::Transaction(Transaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}

Transaction::~Transaction() {
    if (db_ == nullptr)
        return;
    // Unless SQLite did so by itself, after a full disk for example.
    if (sqlite3_get_autocommit(db_->handle()) == 0)
        (void)db_->control("ROLLBACK");
    db_->change_ = Database::Change::none;
    ++db_->rollbacks_;
}

Expected<void> Transaction::commit() {
    if (db_ == nullptr)
        return {};
    // On failure the destructor takes everything back: db_ is still set.
    if (auto done = db_->query("COMMIT").run(); !done)
        return fail(done);
    std::exchange(db_, nullptr)->change_ = Database::Change::none;
    return {};
}

} // namespace pep::engine::sqlite
