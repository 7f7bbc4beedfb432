// The list of files is the whole name space: what is not in it does not exist.
#include "http/static_files.hpp"

#include <array>
#include <fstream>
#include <sstream>
#include <utility>

namespace pep::http {

namespace {

/// A path of requests, the file below the folder, and its media type.
struct Entry {
    std::string_view path, file, content_type;
    bool required = false;
};

constexpr std::string_view javascript = "text/javascript; charset=utf-8";
constexpr std::string_view css = "text/css; charset=utf-8";

/// A file that is not listed here is not served.
constexpr auto entries = std::to_array<Entry>({
    {"/", "index.html", "text/html; charset=utf-8", true},
    {"/page.js", "page.js", javascript},
    {"/functions.js", "functions.js", javascript},
    {"/form.js", "form.js", javascript},
    {"/controls.js", "controls.js", javascript},
    {"/schema.js", "schema.js", javascript},
    {"/json.js", "json.js", javascript},
    {"/dom.js", "dom.js", javascript},
    {"/rpc.js", "rpc.js", javascript},
    {"/views/engine.js", "views/engine.js", javascript},
    {"/views/parts.js", "views/parts.js", javascript},
    {"/views/privacy.js", "views/privacy.js", javascript},
    {"/views/partner.js", "views/partner.js", javascript},
    {"/views/mail.js", "views/mail.js", javascript},
    {"/views/message.js", "views/message.js", javascript},
    {"/views/html_text.js", "views/html_text.js", javascript},
    {"/views/compose.js", "views/compose.js", javascript},
    {"/views/events.js", "views/events.js", javascript},
    {"/views/stream.js", "views/stream.js", javascript},
    {"/views/log.js", "views/log.js", javascript},
    {"/views/status.js", "views/status.js", javascript},
    {"/page.css", "page.css", css},
    {"/views.css", "views.css", css},
    {"/favicon.ico", "favicon.ico", "image/vnd.microsoft.icon"},
});

// Scripts and styles from this server only, no frames, no forms, no plug-ins: what a page could be
// tricked into loading stays outside.
constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a link or the address bar may open; all else is loaded by the page.
bool is_page(std::string_view path) { return path == "/"; }

} // namespace

Expected<StaticFiles> StaticFiles::read(const std::filesystem::path& folder) {
    StaticFiles files;
    for (const Entry& entry : entries) {
        const std::filesystem::path file = folder / entry.file;
        std::ifstream in(file, std::ios::binary);
        std::ostringstream content;
        // Both take what reading throws, of a folder say, as a state of their stream.
        if (in.is_open() && in.peek() != std::ifstream::traits_type::eof()) {
            content << in.rdbuf();
        }
        if (in.is_open() && !in.bad() && !content.fail()) {
            files.files_.push_back({entry.path, entry.content_type, content.str()});
            continue;
        }
        if (entry.required) {
            return fail(0, "cannot read a file of the test page", file.string());
        }
    }
    return files;
}

const StaticFiles::File* StaticFiles::find(std::string_view path) const {
    for (const File& file : files_) {
        if (file.path == path) {
            return &file;
        }
    }
    return nullptr;
}

Route StaticFiles::route(std::string_view path) const {
    Route route;
    route.found = find(path) != nullptr;
    // The methods also of a path that is not there: 404 comes before 405.
    route.methods = {"GET", "HEAD"};
    route.navigable = is_page(path);
    return route;
}

Response StaticFiles::respond(std::string_view path) const {
    Response response;
    const File* const file = find(path);
    // Only for who did not ask route() first.
    if (file == nullptr) {
        response.status = 404;
        return response;
    }
    response.content_type = std::string(file->content_type);
    // With HEAD, too: the connection leaves it out.
    response.body = file->content;
    response.headers = {
        {"Content-Security-Policy", std::string(content_policy)},
        {"Referrer-Policy", "no-referrer"},
    };
    return response;
}

} // namespace pep::http
