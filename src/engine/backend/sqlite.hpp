// SQLite, RAII: one Database per thread, prepared statements cached in it. The only include of
// sqlite3. Waiting for another connection's lock is done by SQLite's busy handler; what still fails
// is an Error whose code is a PEP_STATUS.
#pragma once

#include "base/expected.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace pep::engine::sqlite {

/// NULL or a value, as bound to a parameter. Views must outlive the statement's run.
struct Null {};

class Database;

/// One run of a prepared statement: bind in order, step through rows, read columns by index. Resets
/// the statement when it goes. Move-only; belongs to its Database's thread.
class Query {
  public:
    Query(Query&& other) noexcept;
    Query& operator=(Query&&) = delete;
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    ~Query();

    Query& bind(std::string_view text);
    Query& bind(const char* text); ///< NULL pointer or "" binds NULL

    Query& bind(const std::string& text) { return bind(std::string_view{text}); }

    Query& bind(std::int64_t number);

    Query& bind(int number) { return bind(static_cast<std::int64_t>(number)); }

    Query& bind(unsigned number) { return bind(static_cast<std::int64_t>(number)); }

    Query& bind(bool flag) { return bind(static_cast<std::int64_t>(flag)); }

    Query& bind(Null);
    Query& bind_blob(std::span<const std::byte> bytes);

    /// Next row: true while there is one.
    [[nodiscard]] Expected<bool> step();

    /// Run a statement that returns no rows; the number of rows it changed.
    [[nodiscard]] Expected<int> run();

    [[nodiscard]] std::string text(int column) const; ///< "" for NULL
    [[nodiscard]] std::optional<std::string> maybe_text(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::span<const std::byte> blob(int column) const; ///< valid until the next step

  private:
    friend class Database;
    friend class Transaction;

    Query(Database& db, sqlite3_stmt* statement, bool* in_use)
        : db_(&db), statement_(statement), in_use_(in_use) {}

    Database* db_;
    sqlite3_stmt* statement_;
    bool* in_use_; // the cache's mark, or null: the statement is this run's own
    int next_ = 1;
    int bind_error_ = 0;
    bool stepped_ = false;
};

/// One connection. Not thread-safe: each thread has its own.
class Database {
  public:
    /// Open or create `file` (mode 0600): WAL, foreign keys, synchronous=FULL, busy timeout, secure
    /// delete.
    [[nodiscard]] static Expected<Database> open(const std::filesystem::path& file);

    /// A private database in memory, for tests.
    [[nodiscard]] static Expected<Database> open_in_memory();

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    /// A run of `sql`, prepared once; a run within a run of the same text gets a statement of its
    /// own. `sql` should be a literal, for its text is the cache key.
    [[nodiscard]] Query query(std::string_view sql);

    /// Several statements without parameters.
    [[nodiscard]] Expected<void> script(const std::string& sql);

    /// Changes whenever another connection has committed (PRAGMA data_version): cheap cache
    /// validation.
    [[nodiscard]] std::int64_t data_version();

    [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

    /// Within a Transaction; the reads of a Snapshot do not count.
    [[nodiscard]] bool in_transaction() const { return change_ != Change::none; }

    /// How many Transactions were taken back: what was read within one may never have been.
    [[nodiscard]] std::uint64_t rollbacks() const { return rollbacks_; }

    /// How many statements failed, but for those that broke a constraint: whoever sees this change
    /// may have been told that nothing is there.
    [[nodiscard]] std::uint64_t failures() const { return failures_; }

  private:
    friend class Query;
    friend class Snapshot;
    friend class Transaction;

    /// Of the Transaction: lost is one in which something failed, even if nobody minded.
    enum class Change { none, open, lost };

    struct Close {
        void operator()(sqlite3* db) const;
    };

    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };

    struct Statement {
        std::unique_ptr<sqlite3_stmt, Finalize> handle;
        bool in_use = false;
    };

    [[nodiscard]] sqlite3_stmt* prepare(std::string_view sql, unsigned flags);

    [[nodiscard]] Expected<void> check_change(); ///< an Error within a lost Transaction
    void note_failure(int code);                 ///< of a statement

    /// Before a statement's first step: begin the read transaction of a Snapshot, or end it.
    void make_ready(sqlite3_stmt* statement);
    [[nodiscard]] bool control(std::string_view sql); ///< BEGIN, COMMIT, ROLLBACK

    explicit Database(sqlite3* handle) : handle_(handle) {}

    std::unique_ptr<sqlite3, Close> handle_;
    std::map<std::string, Statement, std::less<>>
        statements_; // nodes stay put: queries point to them
    int snapshots_ = 0;
    bool reading_ = false; // a read transaction was begun for them
    Change change_ = Change::none;
    std::uint64_t rollbacks_ = 0;
    std::uint64_t failures_ = 0;
};

/// While it lives, reads see one state of the database and take their locks once for all of them
/// instead of once for each. Ends before anything is written and begins anew behind that, so that a
/// write is never made in an outdated state. May be nested, and does nothing inside a Transaction.
class Snapshot {
  public:
    explicit Snapshot(Database& db) : db_(&db) { ++db_->snapshots_; }

    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot();

  private:
    Database* db_;
};

/// BEGIN IMMEDIATE … COMMIT around a multi-step change; rolls back unless committed. Inside another
/// transaction it is a savepoint-free no-op that joins the outer one (whose owner commits). Once a
/// statement failed, nothing works until it ends and it cannot be committed, whether or not the
/// failure was minded: what follows may rest on a read that showed nothing. Only a constraint that
/// does not hold takes back no more than its statement.
class Transaction {
  public:
    [[nodiscard]] static Expected<Transaction> begin(Database& db);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();

    [[nodiscard]] Expected<void> commit();

  private:
    explicit Transaction(Database* db) : db_(db) {}

    Database* db_; // null when joined or done
};

} // namespace pep::engine::sqlite
