// Clients by plain system calls: what the server sends is seen as it is.
#include "http/sockets.hpp"

#include "base/text.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace pep::http::test {

namespace {

void set_patience(int descriptor) {
    const timeval patience{5, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

std::size_t length_of(std::string_view head) {
    constexpr std::string_view name = "Content-Length: ";
    const std::size_t at = head.find(name);
    return at == std::string_view::npos ? 0
                                        : std::stoul(std::string(head.substr(at + name.size())));
}

} // namespace

Client::Client(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    set_patience(descriptor_);
    if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        close();
    }
}

Client::Client(const std::string& unix_path) : descriptor_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, unix_path.c_str(), unix_path.size() + 1);
    set_patience(descriptor_);
    if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        close();
    }
}

Client::~Client() { close(); }

void Client::close() {
    if (descriptor_ >= 0) {
        ::close(std::exchange(descriptor_, -1));
    }
}

void Client::reset() {
    const linger now{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
}

bool Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool Client::fill() {
    std::array<char, 65536> piece{};
    const ssize_t got = ::recv(descriptor_, piece.data(), piece.size(), 0);
    if (got > 0) {
        buffer_.append(piece.data(), static_cast<std::size_t>(got));
    }
    ended_ = got == 0 || (got < 0 && errno == ECONNRESET);
    return got > 0;
}

std::string Client::receive_bytes(std::size_t count) {
    while (buffer_.size() < count && fill()) {
    }
    std::string bytes = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return bytes;
}

std::string Client::receive(bool has_body) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) {
            return {};
        }
    }
    end += 4;
    return receive_bytes(end + (has_body ? length_of(buffer_.substr(0, end)) : 0));
}

std::string Client::receive_all() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
}

std::string Client::ask(std::string_view request) {
    send(request);
    return receive();
}

std::string
post(std::uint16_t port, std::string_view path, std::string_view body, std::string_view fields) {
    std::string request = "POST ";
    request.append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1:").append(std::to_string(port));
    request.append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n");
    return request.append(fields).append("\r\n").append(body);
}

std::string get(std::uint16_t port, std::string_view path, std::string_view fields) {
    std::string request = "GET ";
    request.append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1:").append(std::to_string(port));
    return request.append("\r\n").append(fields).append("\r\n");
}

int status_of(std::string_view response) {
    return response.size() < 12 ? 0 : std::stoi(std::string(response.substr(9, 3)));
}

std::string body_of(std::string_view response) {
    const std::size_t end = response.find("\r\n\r\n");
    return end == std::string_view::npos ? std::string() : std::string(response.substr(end + 4));
}

Route ToyHandler::route(std::string_view path) const {
    if (path == "/echo" || path == "/later") {
        return {.found = true, .methods = {"POST"}, .body = BodyRule::header_token_or_small};
    }
    if (path == "/legacy") {
        return {.found = true, .methods = {"POST"}, .body = BodyRule::legacy};
    }
    if (path == "/page") {
        return {.found = true, .methods = {"GET", "HEAD"}, .navigable = true};
    }
    if (path == "/private") {
        return {.found = true, .methods = {"GET"}, .token = TokenRule::required};
    }
    return {};
}

void ToyHandler::handle(Request request, Responder responder) {
    if (request.path == "/later") {
        later(std::move(request), std::move(responder));
        return;
    }
    Response response;
    response.content_type = "text/plain";
    response.body = request.method == "POST" ? std::move(request.body) : "page";
    responder.send(std::move(response));
}

Server RunningServer::make(
    Limits limits, const std::function<void(ServerOptions&)>& change, Handler& handler
) {
    ServerOptions options;
    options.limits = limits;
    options.token_check = [](std::string_view token) { return token == "right"; };
    if (change) {
        change(options);
    }
    auto server = Server::start(std::move(options), handler);
    if (!server) {
        throw std::runtime_error(server.error().message);
    }
    return std::move(*server);
}

RunningServer::RunningServer(
    Limits limits, Later later, const std::function<void(ServerOptions&)>& change
)
    : server_(make(limits, change, handler_)) {
    handler_.later = std::move(later);
    thread_ = std::thread([this] {
        server_.run();
        ended_ = true;
    });
}

RunningServer::~RunningServer() {
    server_.stop();
    if (thread_.joinable()) {
        thread_.join();
    }
}

bool RunningServer::join() {
    if (!eventually([this] { return ended_.load(); })) {
        return false;
    }
    thread_.join();
    return true;
}

bool eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 600; ++i) {
        if (condition()) {
            return true;
        }
        std::this_thread::sleep_for(5ms);
    }
    return false;
}

} // namespace pep::http::test
