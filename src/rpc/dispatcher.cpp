// Construction and look-up; the two dialects are in modern.cpp and legacy.cpp.
#include "rpc/dispatcher.hpp"

#include "rpc/index.hpp"
#include "rpc/json_reader.hpp"
#include "rpc/json_writer.hpp"
#include "rpc/openrpc.hpp"
#include "rpc/reply.hpp"

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
                index_->modern[f.name].push_back(&f);
            if (includes(f.dialects, Dialect::legacy))
                index_->legacy[f.name].push_back(&f);
            for (std::string_view alias : f.aliases)
                if (!alias.empty() && includes(f.dialects, Dialect::legacy))
                    index_->legacy[alias].push_back(&f);
            if (options_.check_replies)
                index_->results.emplace(&f, result_schema(f, schemas));
        }
    index_->definitions = schemas.definitions();
    index_->openrpc = to_text(make_openrpc(maps_, options_.info, options_.limits));
}

Dispatcher::~Dispatcher() = default;

const Function* Dispatcher::find(std::string_view name, Dialect dialect, std::size_t count) const {
    const auto& table = index_->table(dialect);
    const auto found = table.find(name);
    if (found == table.end())
        return nullptr;
    const auto& entries = found->second;
    const Function* current = entries.front();
    for (const Function* f : entries) {
        if (dialect == Dialect::legacy && f->legacy_count() == count)
            return f;
        if (!f->is_overload)
            current = f; // what a wrong count is measured against
    }
    return current;
}

const std::string& Dispatcher::openrpc() const noexcept { return index_->openrpc; }

void Dispatcher::announce_url(std::string_view url) {
    // The document is big and ready: the member goes behind its opening brace.
    const json server{{"name", "this server"}, {"url", url}};
    index_->openrpc.insert(1, "\"servers\":[" + to_text(server) + "],");
}

bool Dispatcher::is_cheap(std::string_view body, Dialect dialect) const {
    const auto first = body.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || body[first] != '{')
        return first == std::string_view::npos || dialect == Dialect::legacy;
    const auto method = peek_method(body);
    if (!method)
        return true; // will be refused
    const auto& table = index_->table(dialect);
    const auto found = table.find(*method);
    if (found == table.end())
        return true;
    return std::all_of(found->second.begin(), found->second.end(), [](const Function* f) {
        return f->is_cheap;
    });
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
