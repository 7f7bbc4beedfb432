// Puts load on an HTTP server: N keep-alive connections, each with one request at a time, for a
// bounded time, on one thread. The same program measures server and reference. Prints one JSON
// object: rate, latencies, refusals.
//
//   http_load PORT PATH CONNECTIONS SECONDS BODY_FILE [HEADER…]
//
// Headers are read from the environment variable HTTP_LOAD_HEADERS, too, so that a token is not in
// the process list.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Tally {
    std::vector<double> milliseconds;
    std::size_t refused = 0, reply_bytes = 0;
};

/// One connection: sends the request, reads the answer to its end, starts again.
class Connection {
  public:
    Connection(int port, const std::string& request) : request_(&request) {
        socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot connect");
    }

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    ~Connection() { close(socket_); }

    [[nodiscard]] int socket_number() const { return socket_; }

    void start() {
        started_ = Clock::now();
        sent_ = 0;
        answer_.clear();
        push();
    }

    /// Moves on after an event. True when an answer is complete.
    bool advance(Tally& tally) {
        push();
        char block[65536];
        for (;;) {
            const ssize_t got = recv(socket_, block, sizeof block, MSG_DONTWAIT);
            if (got == 0)
                throw std::runtime_error("the server closed a connection");
            if (got < 0 && errno == EAGAIN)
                break;
            if (got < 0)
                throw std::runtime_error("read error");
            answer_.append(block, static_cast<std::size_t>(got));
        }
        const auto size = answer_size();
        if (!size || answer_.size() < *size)
            return false;
        const std::chrono::duration<double, std::milli> took = Clock::now() - started_;
        tally.milliseconds.push_back(took.count());
        tally.refused +=
            answer_.compare(8, 5, " 200 ") != 0 || answer_.find("\"error\":{") != std::string::npos;
        tally.reply_bytes = answer_.size();
        return true;
    }

  private:
    void push() {
        while (sent_ < request_->size()) {
            const ssize_t n = send(
                socket_,
                request_->data() + sent_,
                request_->size() - sent_,
                MSG_DONTWAIT | MSG_NOSIGNAL
            );
            if (n < 0 && errno == EAGAIN)
                return;
            if (n < 0)
                throw std::runtime_error("write error");
            sent_ += static_cast<std::size_t>(n);
        }
    }

    /// Of the whole answer, once its header is complete.
    [[nodiscard]] std::optional<std::size_t> answer_size() const {
        const auto end = answer_.find("\r\n\r\n");
        if (end == std::string::npos)
            return {};
        static constexpr std::string_view name = "\r\nContent-Length: ";
        const auto at = answer_.find(name);
        if (at > end)
            throw std::runtime_error("an answer without Content-Length");
        std::size_t body = 0;
        std::from_chars(answer_.data() + at + name.size(), answer_.data() + end, body);
        return end + 4 + body;
    }

    int socket_ = -1;
    const std::string* request_;
    std::string answer_;
    std::size_t sent_ = 0;
    Clock::time_point started_;
};

Tally load(int port, const std::string& request, std::size_t connections, double seconds) {
    Tally tally;
    const int poll = epoll_create1(EPOLL_CLOEXEC);
    std::vector<std::unique_ptr<Connection>> all;
    for (std::size_t i = 0; i < connections; ++i) {
        all.push_back(std::make_unique<Connection>(port, request));
        epoll_event event{};
        // edge-triggered: advance() always goes on until the socket has no more
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.ptr = all.back().get();
        epoll_ctl(poll, EPOLL_CTL_ADD, all.back()->socket_number(), &event);
        all.back()->start();
    }
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    std::vector<epoll_event> events(connections);
    while (Clock::now() < end) {
        const int count = epoll_wait(poll, events.data(), static_cast<int>(events.size()), 1000);
        for (int i = 0; i < count; ++i) {
            auto& connection =
                *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
            while (connection.advance(tally))
                connection.start();
        }
    }
    close(poll);
    return tally;
}

double quantile(const std::vector<double>& sorted, double q) {
    return sorted.empty()
               ? 0
               : sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

std::string read_file(const char* name) {
    std::ifstream file(name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 6) {
        std::fputs(
            "usage: http_load PORT PATH CONNECTIONS SECONDS BODY_FILE [HEADER...]\n", stderr
        );
        return 2;
    }
    try {
        const int port = std::atoi(argv[1]);
        const double seconds = std::clamp(std::atof(argv[4]), 0.1, 60.0);
        const auto connections = static_cast<std::size_t>(std::clamp(std::atoi(argv[3]), 1, 1000));
        const std::string body = read_file(argv[5]);
        std::string request =
            std::string("POST ") + argv[2] + " HTTP/1.1\r\nHost: 127.0.0.1:" + argv[1] +
            "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size());
        for (int i = 6; i < argc; ++i)
            request += std::string("\r\n") + argv[i];
        if (const char* more = std::getenv("HTTP_LOAD_HEADERS"); more && *more)
            request += std::string("\r\n") + more;
        request += "\r\n\r\n" + body;

        const auto started = Clock::now();
        Tally tally = load(port, request, connections, seconds);
        const std::chrono::duration<double> took = Clock::now() - started;
        std::sort(tally.milliseconds.begin(), tally.milliseconds.end());
        std::printf(
            R"({"rate":%.1f,"requests":%zu,"refused":%zu,"reply_bytes":%zu,"p50":%.3f,"p99":%.3f,"max":%.3f})"
            "\n",
            static_cast<double>(tally.milliseconds.size()) / took.count(),
            tally.milliseconds.size(),
            tally.refused,
            tally.reply_bytes,
            quantile(tally.milliseconds, 0.5),
            quantile(tally.milliseconds, 0.99),
            quantile(tally.milliseconds, 1)
        );
    } catch (const std::exception& error) {
        std::fprintf(stderr, "http_load: %s\n", error.what());
        return 1;
    }
    return 0;
}
