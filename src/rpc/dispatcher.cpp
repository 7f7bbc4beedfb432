// Construction and look-up; the two dialects are in modern.cpp and legacy.cpp.
#include "rpc/dispatcher.hpp"

#include "rpc/index.hpp"
#include "rpc/json_reader.hpp"
#include "rpc/json_writer.hpp"
#include "rpc/openrpc.hpp"
#include "rpc/reply.hpp"
#include "rpc/request.hpp"

#include <algorithm>
#include <exception>

namespace pep::rpc {
namespace {

void complete(Dispatcher::Options& options) {
    // Without a check no token is right: a server that forgot to set one serves nobody.
    if (!options.token_is_right)
        options.token_is_right = [](std::string_view) { return false; };
    if (!options.thread_label)
        options.thread_label = &own_thread_label;
}

} // namespace

Dispatcher::Dispatcher(std::vector<MapView> maps, Options options)
    : maps_(std::move(maps)), options_(std::move(options)), index_(std::make_unique<Index>()) {
    complete(options_);
    marshal::Schemas schemas;
    for (const auto& map : maps_)
        for (const auto& f : map.functions) {
            if (includes(f.dialects, Dialect::modern))
                // Borrowed: the entries of a map are constants that outlive every dispatcher.
                index_->modern[f.name].push_back(&f);
            if (includes(f.dialects, Dialect::legacy))
                index_->legacy[f.name].push_back(&f);
            for (std::string_view alias : f.aliases)
                if (!alias.empty() && includes(f.dialects, Dialect::legacy))
                    index_->legacy[alias].push_back(&f);
            // The schemas of the types are collected on the way, for `definitions` below.
            if (options_.check_replies)
                // Schemas of all results take memory, so only a dispatcher that compares has them.
                index_->results.emplace(&f, result_schema(f, schemas));
        }
    index_->definitions = schemas.definitions();
}

Dispatcher::~Dispatcher() = default;

const Function* Dispatcher::find(std::string_view name, Dialect dialect, std::size_t count) const {
    const auto& table = index_->table(dialect);
    const auto found = table.find(name);
    if (found == table.end())
        return nullptr;
    const auto& entries = found->second;
    // Several entries are shapes of one name, which only the legacy dialect has.
    const Function* current = entries.front();
    for (const Function* f : entries) {
        if (dialect == Dialect::legacy && f->legacy_count() == count)
            return f;
        if (!f->is_overload)
            current = f; // what a wrong count is measured against
    }
    return current;
}

// Made when somebody asks: it is big, and a client that starts the server waits for it.
const std::string& Dispatcher::openrpc() const {
    const std::lock_guard lock(index_->openrpc_mutex);
    auto& text = index_->openrpc;
    if (text.empty())
        text = to_text(make_openrpc(maps_, options_.info, options_.limits, index_->servers));
    return text;
}

void Dispatcher::announce_url(std::string_view url) {
    const std::lock_guard lock(index_->openrpc_mutex);
    index_->servers = json::array({json{{"name", "this server"}, {"url", url}}});
    // Made again with the address when somebody asks.
    index_->openrpc.clear();
}

Document Dispatcher::read(std::string body) const {
    // Asked for now: what is left of a text that was moved tells nothing.
    const bool was_empty = body.empty();
    return {read_json(std::move(body), options_.documents), was_empty};
}

Prospect
Dispatcher::assess(const Document& document, Dialect dialect, bool header_authorized) const {
    if (!document.value || !document.value->is_structured())
        return {Effort::cheap, {}}; // will be refused
    const json& request = *document.value;
    const bool is_batch = request.is_array();
    const bool is_modern = dialect == Dialect::modern; // the other knows neither header nor batch
    const auto has_right_token = [this](const json& item) {
        return options_.token_is_right(text_member(item, "security_token"));
    };
    // One right item is enough to make a batch work: the others are refused on the way.
    const bool is_authorized =
        (header_authorized && is_modern) ||
        (is_batch ? std::ranges::any_of(request, has_right_token) : has_right_token(request));
    if (!is_authorized || (is_batch && !is_modern))
        return {Effort::cheap, {}};
    // What its items want is not looked into: one may be slow. They count as those of one client.
    if (is_batch) {
        // Fairness goes by whole bodies, so one name must do for all items.
        const auto client_id =
            request.empty() ? std::string_view{} : text_member(request.front(), "client_id");
        return {Effort::slow, std::string{client_id}};
    }
    const auto& table = index_->table(dialect);
    const auto found = table.find(text_member(request, "method"));
    if (found == table.end())
        return {Effort::cheap, {}};
    const auto& entries = found->second;
    Prospect prospect{Effort::ordinary, std::string{text_member(request, "client_id")}};
    // Shapes of one name are not told apart: cheap only if all are, slow if any is.
    if (std::ranges::all_of(entries, &Function::is_cheap))
        prospect.effort = Effort::cheap;
    else if (std::ranges::any_of(entries, &Function::is_slow))
        prospect.effort = Effort::slow;
    return prospect;
}

Expected<Reply> call_guarded(const Function& f, CallContext& context, Arguments& in) {
    try {
        return f.call(context, f, in);
    } catch (const std::bad_alloc&) {
        return fail(code::internal_error, "out of memory");
    } catch (const std::exception&) {
        return fail(code::internal_error, {}); // the text might hold what nobody should read
    }
}

// Within one map the compiler has looked already; this sees two maps that meet.
std::string find_conflict(const std::vector<MapView>& maps) {
    std::vector<const Function*> all;
    for (const auto& map : maps)
        for (const auto& f : map.functions) {
            for (const Function* other : all)
                if (conflict(f, *other))
                    return std::string(f.name);
            all.push_back(&f);
        }
    return {};
}

} // namespace pep::rpc
