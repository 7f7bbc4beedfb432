// The reference for small calls: libevent's own HTTP server, one thread, a constant JSON reply or
// the request's body sent back. It checks nothing, so it shows what the transport costs. Prints its
// port; ends when its stdin ends.
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string_view>

namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* handle) const {
        Free(handle);
    }
};

// as long as the answer of the call it is compared with
constexpr std::string_view constant_reply =
    R"({"jsonrpc":"2.0","id":1,"result":{"return":"0.1.0 \"a constant reply\"","out":{}}})";

void answer(evhttp_request* request, std::string_view body) {
    const std::unique_ptr<evbuffer, Freed<evbuffer_free>> out{evbuffer_new()};
    evbuffer_add(out.get(), body.data(), body.size());
    evhttp_add_header(
        evhttp_request_get_output_headers(request), "Content-Type", "application/json"
    );
    evhttp_send_reply(request, HTTP_OK, nullptr, out.get());
}

void reply_constant(evhttp_request* request, void*) { answer(request, constant_reply); }

void reply_echo(evhttp_request* request, void*) {
    evbuffer* in = evhttp_request_get_input_buffer(request);
    const std::size_t size = evbuffer_get_length(in);
    answer(request, {reinterpret_cast<const char*>(evbuffer_pullup(in, -1)), size});
}

void stop(evutil_socket_t, short, void* base) {
    char ignored[64];
    if (read(STDIN_FILENO, ignored, sizeof ignored) <= 0)
        event_base_loopbreak(static_cast<event_base*>(base));
}

} // namespace

int main() {
    std::signal(SIGPIPE, SIG_IGN); // the load ends in the midst of replies
    const std::unique_ptr<event_base, Freed<event_base_free>> base{event_base_new()};
    const std::unique_ptr<evhttp, Freed<evhttp_free>> server{evhttp_new(base.get())};
    evhttp_set_cb(server.get(), "/constant", reply_constant, nullptr);
    evhttp_set_cb(server.get(), "/echo", reply_echo, nullptr);
    auto* const bound = evhttp_bind_socket_with_handle(server.get(), "127.0.0.1", 0);
    if (!bound)
        return 1;

    sockaddr_in address{};
    socklen_t length = sizeof address;
    const int listener = evhttp_bound_socket_get_fd(bound);
    // evhttp never sets it; without, every reply over 16 KB would wait 40 ms and the reference be
    // too easy
    const int on = 1;
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0)
        return 1;
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);

    const std::unique_ptr<event, Freed<event_free>> input{
        event_new(base.get(), STDIN_FILENO, EV_READ | EV_PERSIST, stop, base.get())};
    event_add(input.get(), nullptr);
    return event_base_dispatch(base.get()) < 0 ? 1 : 0;
}
