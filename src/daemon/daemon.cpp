// The object graph, in the order in which its parts need each other, and the stop: forget the
// token, remove its file, then let the server refuse and close. Threads and libraries start after
// the fork.
#include "daemon/daemon.hpp"

#include "api/api.hpp"
#include "base/base64.hpp"
#include "base/descriptor.hpp"
#include "base/memory_reserve.hpp"
#include "base/private_file.hpp"
#include "base/random.hpp"
#include "base/work_queue.hpp"
#include "daemon/event_listeners.hpp"
#include "daemon/event_queues.hpp"
#include "daemon/event_ring.hpp"
#include "daemon/event_streams.hpp"
#include "daemon/idle_watch.hpp"
#include "daemon/limits_table.hpp"
#include "daemon/page_codes.hpp"
#include "daemon/places.hpp"
#include "daemon/routes.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/sessions.hpp"
#include "daemon/takeover.hpp"
#include "daemon/token_file.hpp"
#include "http/server.hpp"
#include "http/static_files.hpp"
#include "rpc/dispatcher.hpp"
#include "rpc/error.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <thread>
#include <variant>

namespace pep::daemon {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t epoch_bytes = 16;

/// Enough to destroy the biggest document (json_values) and to compose an error.
constexpr MemoryReserve memory_reserve{std::size_t{32} << 20U, std::size_t{8} << 20U};

/// What is left of the time to stop, for work that was still running when the server was through.
constexpr auto last_calls_patience = 100ms;

http::StaticFiles read_pages(const Options& options, const log::Logger& log) {
    if (options.no_html)
        return {};
    const auto folder = options.html_directory.empty() ? data_directory("html", PEP_SOURCE_HTML)
                                                       : fs::path{options.html_directory};
    auto files = http::StaticFiles::read(folder);
    if (files)
        return std::move(*files);
    log.warn("the test page cannot be read; only the API is served");
    return {};
}

/// The running daemon: what must live as long as its server.
class Daemon final : public api::Service {
  public:
    Daemon(
        const Options& options,
        const fs::path& home,
        std::string epoch,
        Secret token,
        std::optional<int> passed_socket,
        log::Logger log
    )
        : options_(options), home_(home), epoch_(std::move(epoch)), token_(std::move(token)),
          log_(std::move(log)), ring_({options.limits.events, options.limits.event_bytes}),
          events_(
              ring_,
              queue_bounds(options.limits),
              [this](auto delay, Task task) { server_->after(delay, std::move(task)); }
          ),
          streams_(
              ring_,
              options.limits.event_streams,
              epoch_,
              [this](Task task) { server_->post(std::move(task)); }
          ),
          listeners_(ring_, options.limits.event_listeners, listener_means(), log_),
          runtime_folder_(runtime_folder(log_)),
          page_codes_(runtime_folder_.empty() ? home : runtime_folder_),
          cached_messages_(
              {options.limits.cached_messages,
               options.limits.cached_message_bytes,
               options.limits.cached_message_idle},
              [this](auto delay, Task task) { work_after(delay, std::move(task)); }
          ),
          engine_(home, options.trustwords, options.xor_trustwords, events_, log_),
          clients_(std::chrono::seconds{options.client_timeout_s}, options.limits.passphrase_time),
          files_([this] { return read_pages(options_, log_); }),
          dispatcher_(api::all_functions(), dispatcher_options()), passed_socket_(passed_socket),
          idle_watch_(std::chrono::seconds{options.idle_exit_s}, idle_means()) {}

    /// Bind, start workers, write the token file; clients can call from then on.
    Expected<void> start();

    /// Serve until stopped; the exit code.
    int run();

    [[nodiscard]] std::string url() const { return url_of(server_->address(), server_->port()); }

    /// See http::Server; after start().
    [[nodiscard]] Expected<Descriptor> hold_port() const { return server_->hold_port(); }

    [[nodiscard]] json status() const override;

    [[nodiscard]] api::Events& events() override { return events_; }

    [[nodiscard]] api::MessageCache& cached_messages() override { return cached_messages_; }

    [[nodiscard]] api::Listeners& listeners() override { return listeners_; }

    Expected<std::string> create_page_file() override;

    [[nodiscard]] log::Recent recent_log(std::uint64_t after) const override {
        return log_.recent(after);
    }

    void shutdown() override {
        server_->post(Task{[this] { stop("shutdown was called"); }});
    }

  private:
    static EventQueues::Bounds queue_bounds(const Limits& limits) {
        return {limits.event_sessions, limits.event_session_idle, limits.poll_time};
    }

    EventListeners::Means listener_means() {
        EventListeners::Means means;
        means.after = [this](auto delay, Task task) { server_->after(delay, std::move(task)); };
        means.send = [this](http::Post post, auto done) {
            server_->send(std::move(post), std::move(done));
        };
        return means;
    }

    IdleWatch::Means idle_means();
    [[nodiscard]] bool is_needed() const;
    rpc::Dispatcher::Options dispatcher_options() const;
    Expected<void> bind();
    Expected<void> announce();
    Expected<void> catch_signals();
    void work_after(std::chrono::milliseconds delay, Task task);
    void stop(log::StaticText why);

    const Options& options_;
    const fs::path home_;
    const std::string epoch_;
    TokenKeeper token_;
    log::Logger log_;
    EventRing ring_;
    EventQueues events_;
    EventStreams streams_;
    EventListeners listeners_;
    const fs::path runtime_folder_;
    PageCodes page_codes_;
    api::MessageCache cached_messages_;
    mutable EngineKeeper engine_; // a mutable cache of an engine, with its own lock
    ClientRegistry clients_;
    const Lazy<http::StaticFiles> files_;
    rpc::Dispatcher dispatcher_;
    const std::optional<int> passed_socket_; // by the service manager, instead of our own
    IdleWatch idle_watch_;
    std::string socket_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    std::unique_ptr<WorkQueue> queue_;
    std::unique_ptr<Routes> routes_;
    std::optional<http::Server> server_;
    std::optional<TokenFile> token_file_;
};

rpc::Dispatcher::Options Daemon::dispatcher_options() const {
    rpc::Dispatcher::Options made;
    made.token_is_right = [this](std::string_view offered) { return token_.is_token(offered); };
    made.info = {
        {"title", "pep-json-server"},
        {"version", std::string{api::package_version}},
        {"description", "p≡p's e-mail encryption for the programs of one user."},
        {"license", {{"name", "MIT"}}},
    };
    for (const auto& [name, value] : list_limits(options_.limits))
        made.limits[name] = value;
    made.documents = {options_.limits.json_depth, options_.limits.json_values};
    made.batch_items = options_.limits.batch_items;
    made.check_replies = options_.check_replies;
    return made;
}

/// Before the token file is written: who reads that one gets through.
Expected<void> Daemon::bind() {
    http::ServerOptions server;
    server.address = options_.address;
    server.start_port = options_.start_port;
    server.end_port = options_.end_port;
    server.limits = options_.limits; // its share of them
    server.allow_origins = options_.allow_origins;
    server.token_check = [this](std::string_view offered) { return token_.is_token(offered); };
    server.log = log_;
    if (passed_socket_)
        server.unix_listener = *passed_socket_;
    else
        server.unix_path = socket_;
    auto started = http::Server::start(std::move(server), *routes_);
    if (!started)
        return fail(started);
    server_.emplace(std::move(*started));
    if (passed_socket_)
        socket_ = server_->unix_path();
    return {};
}

/// From now on clients find us.
Expected<void> Daemon::announce() {
    auto file = TokenFile::write(
        home_, {server_->address(), server_->port(), epoch_, socket_}, token_.token()
    );
    if (!file)
        return fail(file);
    token_file_.emplace(std::move(*file));
    return {};
}

/// Would anybody miss the server, or what it holds for clients?
bool Daemon::is_needed() const {
    return server_->stats().open > 0 || queue_->running() + queue_->queued() > 0 ||
           clients_.size() + events_.counts().queues + listeners_.count() > 0 ||
           cached_messages_.counts().messages > 0;
}

IdleWatch::Means Daemon::idle_means() {
    IdleWatch::Means means;
    means.after = [this](auto delay, Task task) { server_->after(delay, std::move(task)); };
    means.is_needed = [this] { return is_needed(); };
    means.arrivals = [this] { return server_->stats().accepted; };
    means.withdraw = [this] { token_file_.reset(); };
    means.announce = [this] { return !server_->stopping() && announce().has_value(); };
    means.stop = [this] { stop("nobody needs it"); };
    return means;
}

Expected<void> Daemon::catch_signals() {
    // What libevent restores when the loop has ended: a second signal must not cut off the last
    // steps.
    // The others mean nothing here, and would end the process with its token file left behind.
    constexpr std::array ends{SIGTERM, SIGINT, SIGQUIT};
    for (const int signal : ends)
        std::signal(signal, SIG_IGN);
    for (const int signal : {SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO})
        std::signal(signal, SIG_IGN);
    for (const int signal : ends)
        if (auto added = server_->add_signal(signal, [this] { stop("a signal came"); }); !added)
            return added;
    return server_->add_signal(SIGHUP, [this] { log_.reopen(); });
}

/// On a worker, as wiping big messages takes longer than the loop thread may; there only if no
/// worker takes it.
void Daemon::work_after(std::chrono::milliseconds delay, Task task) {
    server_->after(delay, Task{[this, work = std::move(task)]() mutable {
                       if (!queue_->try_push(std::move(work)))
                           work(); // NOLINT(bugprone-use-after-move): refused, so untouched
                   }});
}

Expected<void> Daemon::start() {
    WorkQueue::Options workers;
    workers.threads = std::max(2U, std::thread::hardware_concurrency());
    workers.max_queued = options_.limits.queued_calls;
    workers.on_task_threw = [log = log_] { log.error("a call ended by an exception"); };
    auto queue = WorkQueue::start(std::move(workers));
    if (!queue)
        return fail(queue);
    queue_ = std::move(*queue);
    if (!passed_socket_)
        socket_ = socket_path(runtime_folder_, home_);
    routes_ = std::make_unique<Routes>(RouteParts{
        dispatcher_,
        *queue_,
        token_,
        files_,
        streams_,
        page_codes_,
        epoch_,
        [this] { return std::make_shared<ConnectionContext>(engine_, clients_, *this); },
        log_});
    if (auto bound = bind(); !bound)
        return bound;
    dispatcher_.announce_url(url() + "rpc"); // nobody is served yet
    if (auto caught = catch_signals(); !caught)
        return caught;
    if (auto announced = announce(); !announced)
        return announced;
    idle_watch_.start();
    // Clients need not wait for it, nor be the first to ask for a page.
    (void)queue_->try_push(Task{[this] { (void)files_.get(); }});
    log_.info("serving", {{"port", server_->port()}, {"pid", ::getpid()}});
    return {};
}

int Daemon::run() {
    server_->run();
    if (!socket_.empty() && !passed_socket_)
        ::unlink(socket_.c_str());
    log_.info("stopped");
    // A call that does not end in time (a big RSA key) is abandoned: its transaction rolls back.
    if (!queue_->wait_idle(last_calls_patience))
        std::_Exit(0);
    queue_->stop(WorkQueue::Waiting::drop);
    return 0;
}

Expected<std::string> Daemon::create_page_file() {
    if (options_.no_html)
        return fail(
            rpc::code::internal_error,
            "there is no test page: the server was started with --no-html"
        );
    auto file = page_codes_.create_file(url());
    if (!file) // of the system, not of the call: no part of it goes to the client but its sense
        return fail(
            rpc::code::internal_error, "the page file cannot be written: " + file.error().message
        );
    server_->after(PageCodes::lifetime, Task{[this] { page_codes_.expire(); }});
    return file;
}

void Daemon::stop(log::StaticText why) {
    if (server_->stopping())
        return;
    log_.info("stopping", {{"why", why}});
    (void)tell_service_manager("STOPPING=1");
    // First: clients that have read the file are refused from now on.
    token_.forget();
    token_file_.reset();
    server_->stop();
    events_.stop(); // after it, so that no client asks again
    streams_.stop();
    listeners_.stop();
}

json Daemon::status() const {
    const auto stats = server_->stats();
    const auto events = ring_.counts();
    const auto queues = events_.counts();
    const auto cached = cached_messages_.counts();
    const auto uptime = std::chrono::steady_clock::now() - started_;
    json limits = json::object();
    for (const auto& [name, value] : list_limits(options_.limits))
        limits[name] = value;
    return {
        {"epoch", epoch_},
        {"pid", ::getpid()},
        {"uptime_s", std::chrono::duration_cast<std::chrono::seconds>(uptime).count()},
        {"connections", {{"open", stats.open}, {"accepted", stats.accepted}}},
        {"requests", {{"served", stats.requests}, {"refused", stats.refused}}},
        {"bytes", {{"in", stats.bytes_in}, {"out", stats.bytes_out}}},
        {"calls", {{"running", queue_->running()}, {"queued", queue_->queued()}}},
        {"clients_with_settings", clients_.size()},
        {"events",
         {{"last", events.pushed},
          {"kept", events.kept},
          {"kept_bytes", events.bytes},
          {"sessions", queues.queues},
          {"streams", streams_.count()},
          {"listeners", listeners_.count()},
          {"waiting_polls", queues.waiting}}},
        {"cached_messages", {{"kept", cached.messages}, {"bytes", cached.bytes}}},
        {"limits", std::move(limits)},
        {"trustwords", engine_.dictionaries()},
    };
}

} // namespace

int run_daemon(const Options& given, const fs::path& home, StartReport report) {
    return_big_blocks();
    keep_memory_reserve(memory_reserve);
    auto passed_socket = take_passed_socket();
    if (!passed_socket)
        return report.give_up(passed_socket.error());
    auto log = open_log(given);
    if (!log)
        return report.give_up(log.error());
    const auto folder = make_private_folder(home);
    if (!folder)
        return report.give_up({0, folder.error().message, home});
    if (folder->narrowed)
        log->warn("the home directory was open to other users; its mode is 0700 now");
    if (given.replace) // now that it is known that the options can work
        if (auto ended = end_incumbent(home); !ended)
            return report.give_up(ended.error());
    auto lock = lock_or_find_incumbent(home);
    if (!lock)
        return report.give_up(lock.error());
    if (const auto* other = std::get_if<Incumbent>(&*lock)) {
        report.tell(0, describe(*other, std::string{api::package_version}));
        return 0;
    }
    // From here on there are secrets in memory.
    if (!given.dumpable)
        forbid_dumps();
    if (!lock_secret_memory())
        log->warn("memory cannot be locked: secrets may be swapped out");
    const auto epoch = random_bytes(epoch_bytes);
    auto token = random_token();
    if (!epoch || !token)
        return report.give_up({0, "the system has no random numbers", {}});
    const auto epoch_text = base64url_encode(*epoch);
    if (auto told =
            std::get<InstanceLock>(*lock).announce(epoch_text, std::string{api::package_version});
        !told)
        return report.give_up(told.error());
    Options options = given;
    options.limits.connections = connections_possible(given.limits.connections);
    if (options.limits.connections < given.limits.connections)
        log->warn(
            "fewer connections than wanted: the limit of open files is low",
            {{"connections", options.limits.connections}}
        );
    Daemon daemon{options, home, epoch_text, std::move(*token), *passed_socket, *log};
    if (auto started = daemon.start(); !started)
        return report.give_up(started.error());
    // Held until the kernel closes it with the process: while clients know our address, and until
    // all that follows here is done, the port is nobody else's.
    auto port = daemon.hold_port();
    if (!port)
        return report.give_up(port.error());
    (void)port->release();
    // Not before: whoever started us calls as soon as we say so.
    report.tell(0, "serving at " + daemon.url());
    const auto main_process = "\nMAINPID=" + std::to_string(::getpid());
    if (!tell_service_manager("READY=1\nSTATUS=serving at " + daemon.url() + main_process))
        log->warn("the service manager cannot be told that the server is ready");
    return daemon.run();
}

} // namespace pep::daemon
