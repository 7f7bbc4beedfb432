// A client that was away gains nothing by it and owes nothing but what it had beyond its share; so
// neither a burst after a pause nor many short connections push others back.
#include "base/turns.hpp"

#include <algorithm>
#include <utility>

namespace pep {

void Turns::push(Task&& task, std::string client, bool is_slow) {
    Client& owner = clients_[client];
    const bool was_active = owner.is_active();
    // What can fail comes first: nothing is counted that is not there.
    owner.waiting[is_slow ? 1 : 0].push_back({{}, arrivals_++, std::move(client)});
    owner.waiting[is_slow ? 1 : 0].back().task = std::move(task);
    if (!was_active) {
        // Who comes back starts now at the earliest, and later if a debt is left.
        owner.due = std::max(owner.due, now_);
        ++active_;
    }
    ++size_;
    slow_ += is_slow ? 1 : 0;
}

std::optional<Turns::Turn> Turns::take(bool slow_allowed) {
    Clients::iterator best = clients_.end();
    std::size_t best_kind = 0;
    for (auto each = clients_.begin(); each != clients_.end(); ++each) {
        // Both kinds draw on one account, and compare by it.
        for (std::size_t kind = 0; kind < (slow_allowed ? 2U : 1U); ++kind) {
            const auto& waiting = each->second.waiting[kind];
            if (waiting.empty())
                continue;
            // Among clients at the same time, and between the kinds of one, who came first.
            const auto rank = std::pair{each->second.due, waiting.front().number};
            if (best == clients_.end() ||
                rank <
                    std::pair{best->second.due, best->second.waiting[best_kind].front().number}) {
                best = each;
                best_kind = kind;
            }
        }
    }
    if (best == clients_.end())
        return std::nullopt;
    auto& waiting = best->second.waiting[best_kind];
    // The name was copied by who pushed: a worker that took a turn for want of memory would end.
    Turn turn{std::move(waiting.front().task), std::move(waiting.front().client), best_kind == 1};
    waiting.pop_front();
    ++best->second.running;
    --size_;
    slow_ -= best_kind;
    return turn;
}

// A client may have several tasks at work; each is charged to it as it ends.
void Turns::finish(const std::string& client, Duration took) {
    const auto found = clients_.find(client);
    if (found == clients_.end())
        return;
    // As if all active clients ran at once, each at its part of the speed.
    now_ += took / static_cast<Duration::rep>(std::max<std::size_t>(active_, 1));
    // Charged afterwards: how long a task takes is not known before.
    found->second.due += took;
    --found->second.running;
    if (!found->second.is_active()) {
        --active_;
        forget_settled();
    }
}

// Called when a client becomes inactive, so the walk is bounded by what is left of such clients.
void Turns::forget_settled() {
    std::erase_if(clients_, [this](const auto& each) {
        return !each.second.is_active() && (each.second.due <= now_ || active_ == 0);
    });
}

std::deque<Task> Turns::drop_all() {
    std::deque<Task> dropped;
    for (auto& [name, client] : clients_) {
        // Clients with a task at work stay until finish().
        const bool was_active = client.is_active();
        for (auto& waiting : client.waiting) {
            for (Waiting& each : waiting)
                dropped.push_back(std::move(each.task));
            waiting.clear();
        }
        active_ -= was_active && !client.is_active() ? 1U : 0U;
    }
    size_ = slow_ = 0;
    forget_settled();
    return dropped;
}

} // namespace pep
