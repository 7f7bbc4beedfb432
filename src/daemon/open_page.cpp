// As any client: the server proves itself before it is asked. The code in the file holds once and
// for a minute.
#include "daemon/open_page.hpp"

#include "client/client.hpp"
#include "client/document.hpp"
#include "client/output.hpp"
#include "client/start_server.hpp"

#include <cstdlib>

namespace pep::daemon {

namespace {

/// xdg-open without a display starts a browser in the terminal, or none.
bool has_display() {
    const auto is_set = [](const char* name) {
        const char* value = std::getenv(name);
        return value != nullptr && *value != '\0';
    };
    return is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
}

} // namespace

Expected<std::string> open_page(const std::filesystem::path& home) {
    client::ClientOptions wanted;
    wanted.home = home;
    wanted.may_start = false; // one answered a moment ago
    wanted.timeout = std::chrono::seconds{10};
    auto server = client::Client::connect(std::move(wanted));
    if (!server)
        return fail(server);
    auto answer = server->call("create_page_file", client::Json::object());
    if (!answer)
        return fail(answer);
    // As with --no-html, for which the server has its own words.
    if (const auto* error = client::member(*answer, "error"))
        return fail(0, "the server makes no page: " + client::error_in_words(*error));
    const auto* result = client::member(*answer, "result");
    const auto file = result == nullptr ? std::string{} : client::text_of(*result, "return");
    if (!file.starts_with('/'))
        return fail(0, "the server makes no page; is its test page switched off?");
    if (!has_display())
        return "there is no display; open this within a minute in a browser of this machine: " +
               file;
    if (!client::launch({"xdg-open", file}))
        return "there is no xdg-open; open this within a minute in a browser: " + file;
    return "opening the test page; if no browser shows it, open this within a minute: " + file;
}

} // namespace pep::daemon
