// Two locks: the cache's own, held for moments, and one a message, held by the call that has it.
// The first may be taken while the second is held, never the other way round.
#include "api/message_cache.hpp"

#include "base/base64.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "rpc/error.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace pep::api {

namespace {

constexpr std::size_t id_bytes = 16;

/// What an entry takes besides its bodies, roughly, so that empty messages are not free.
constexpr std::size_t entry_bytes = 512;

std::size_t length(const char* text) { return text != nullptr ? std::strlen(text) : 0; }

tl::unexpected<Error> too_large() {
    return fail(rpc::code::too_large, "the message is bigger than the limit cached_message_bytes");
}

void wipe_text(char* text) {
    if (text != nullptr)
        wipe(text, std::strlen(text));
}

} // namespace

Bodies::Bodies(Bodies&& other) noexcept { swap_with(other.bodies_); }

/// By way of a third, so that assigning to itself keeps the bodies, and old ones are wiped.
Bodies& Bodies::operator=(Bodies&& other) noexcept {
    Bodies moved{std::move(other)};
    swap_with(moved.bodies_);
    return *this;
}

Bodies::~Bodies() {
    // The engine's own free functions do not wipe.
    wipe_text(bodies_.longmsg);
    wipe_text(bodies_.longmsg_formatted);
    for (bloblist_t* blob = bodies_.attachments; blob != nullptr; blob = blob->next)
        if (blob->value != nullptr)
            wipe(blob->value, blob->size);
    const marshal::Owned<char> text{bodies_.longmsg};
    const marshal::Owned<char> html{bodies_.longmsg_formatted};
    const marshal::Owned<bloblist_t> attachments{bodies_.attachments};
}

Bodies Bodies::out_of(message& msg) noexcept {
    Bodies taken;
    taken.swap_with(msg);
    return taken;
}

void Bodies::swap_with(message& msg) noexcept {
    std::swap(bodies_.longmsg, msg.longmsg);
    std::swap(bodies_.longmsg_formatted, msg.longmsg_formatted);
    std::swap(bodies_.attachments, msg.attachments);
}

std::size_t Bodies::bytes() const noexcept {
    std::size_t sum = length(bodies_.longmsg) + length(bodies_.longmsg_formatted);
    for (const bloblist_t* blob = bodies_.attachments; blob != nullptr; blob = blob->next)
        sum += sizeof(bloblist_t) + blob->size + length(blob->mime_type) + length(blob->filename);
    return sum;
}

Expected<std::string> MessageCache::keep(Bodies source) {
    const auto random = random_bytes(id_bytes);
    if (!random)
        return fail(rpc::code::internal_error, "the system has no random numbers");
    auto entry = std::make_shared<Entry>();
    entry->id = base64url_encode(*random);
    entry->source = std::move(source);
    const std::size_t bytes = entry_bytes + entry->source.bytes();

    std::vector<Shared> gone; // before the lock, so that it goes after it: wiping takes its time
    const std::scoped_lock lock{mutex_};
    drop_expired(gone);
    if (bytes > bounds_.bytes)
        return too_large();
    if (auto room = make_room(1, bytes, gone); !room)
        return fail(room);
    entry->last_use = now_();
    entries_.emplace(entry->id, entry);
    count(*entry, bytes);
    arm();
    return entry->id;
}

std::optional<MessageCache::Loan> MessageCache::borrow(const std::string& id) {
    Shared entry;
    {
        std::vector<Shared> gone;
        const std::scoped_lock lock{mutex_};
        drop_expired(gone);
        const auto found = entries_.find(id);
        if (found == entries_.end())
            return std::nullopt;
        entry = found->second;
        ++entry->borrowers; // before the wait, during which make_room() must leave it alone
    }
    Loan loan{*this, std::move(entry)}; // may wait; gives back also below
    const std::scoped_lock lock{mutex_};
    if (loan.entry_->dropped) // by whom we waited for
        return std::nullopt;
    return loan;
}

void MessageCache::release(const std::string& id) {
    std::vector<Shared> gone;
    const std::scoped_lock lock{mutex_};
    if (const auto found = entries_.find(id); found != entries_.end())
        drop(Shared{found->second}, gone);
}

MessageCache::Counts MessageCache::counts() const {
    const std::scoped_lock lock{mutex_};
    return {entries_.size(), bytes_};
}

/// The end of a loan, whose lock is still held.
void MessageCache::give_back(const Shared& entry) {
    const std::size_t bytes =
        entry_bytes + entry->source.bytes() + (entry->result ? entry->result->bytes() : 0);
    const std::scoped_lock lock{mutex_};
    --entry->borrowers;
    entry->last_use = now_();
    // A call may have changed the source a little: an unencrypted mail gets the own key attached.
    count(*entry, entry->dropped && entry->borrowers == 0 ? 0 : bytes);
}

/// On success `result` holds what was kept before: the caller ends it without the lock.
Expected<void> MessageCache::exchange_result(Entry& entry, std::optional<Bodies>& result) {
    const std::size_t source = entry_bytes + entry.source.bytes();
    const std::size_t after = source + (result ? result->bytes() : 0);
    std::vector<Shared> gone;
    const std::scoped_lock lock{mutex_};
    if (after > bounds_.bytes)
        return too_large();
    if (after > entry.bytes)
        if (auto room = make_room(0, after - entry.bytes, gone); !room)
            return room;
    count(entry, after);
    entry.result.swap(result);
    return {};
}

/// Fails (busy) when only messages in use are left; those dropped until then are gone all the same.
Expected<void>
MessageCache::make_room(std::size_t messages, std::size_t bytes, std::vector<Shared>& gone) {
    while (bytes_ + bytes > bounds_.bytes || entries_.size() + messages > bounds_.messages) {
        const Shared* oldest = nullptr;
        for (const auto& [id, entry] : entries_)
            if (entry->borrowers == 0 && (!oldest || entry->last_use < (*oldest)->last_use))
                oldest = &entry;
        if (oldest == nullptr)
            return fail(rpc::code::busy, "all cached messages are in use");
        drop(Shared{*oldest}, gone);
    }
    return {};
}

void MessageCache::drop(const Shared& entry, std::vector<Shared>& gone) {
    entry->dropped = true;
    if (entry->borrowers == 0) // else it takes its memory until the last of them gives it back
        count(*entry, 0);
    entries_.erase(entry->id);
    gone.push_back(entry);
}

void MessageCache::drop_expired(std::vector<Shared>& gone) {
    const auto now = now_();
    // Two steps, as drop() takes them out of the map.
    std::vector<Shared> expired;
    for (const auto& [id, entry] : entries_)
        if (entry->borrowers == 0 && now - entry->last_use >= bounds_.idle)
            expired.push_back(entry);
    for (const Shared& entry : expired)
        drop(entry, gone);
}

void MessageCache::count(Entry& entry, std::size_t bytes) {
    bytes_ = bytes_ - entry.bytes + bytes;
    entry.bytes = bytes;
}

/// One timer for all: when it fires, it is set anew as long as there are messages.
void MessageCache::arm() {
    if (armed_ || entries_.empty())
        return;
    auto oldest = Clock::time_point::max();
    for (const auto& [id, entry] : entries_)
        oldest = std::min(oldest, entry->last_use);
    const auto rest = oldest + bounds_.idle - now_();
    armed_ = true;
    // One in use may be overdue: it is looked at again, but not all the time.
    constexpr std::chrono::milliseconds least{1000};
    schedule_(std::max(std::chrono::ceil<std::chrono::milliseconds>(rest), least), Task{[this] {
                  expire();
              }});
}

void MessageCache::expire() {
    std::vector<Shared> gone;
    const std::scoped_lock lock{mutex_};
    armed_ = false;
    drop_expired(gone);
    arm();
}

MessageCache::Loan::~Loan() {
    if (entry_)
        cache_->give_back(entry_);
}

Expected<void> MessageCache::Loan::set_result(std::optional<Bodies> result) {
    return cache_->exchange_result(*entry_, result);
}

} // namespace pep::api
