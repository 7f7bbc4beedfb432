// The only unit that instantiates Beast.
#include "http/body_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <functional>

namespace pep::http {

BodyParser::Outcome BodyParser::feed(std::string_view bytes, std::size_t& used) {
    Error error;
    fed_end_ = bytes.data() + bytes.size();
    used = put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    if (is_done()) {
        return Outcome::done;
    }
    if (!error || error == boost::beast::http::error::need_more) {
        return Outcome::more;
    }
    return error == boost::beast::http::error::body_limit ? Outcome::too_large : Outcome::bad;
}

// Beast unfolds lines of trailers, the first of them in place: no value may stand on another line
// than its name. Of header blocks this is known already.
void BodyParser::on_field_impl(boost::beast::http::field, Text name, Text value, Error& error) {
    error = {};
    const char* const begin = name.data() + name.size();
    const bool in_place =
        !std::less<>{}(value.data(), begin) && std::less<>{}(value.data(), fed_end_);
    if (!in_place || std::find(begin, value.data(), '\n') != value.data()) {
        error = boost::beast::http::error::bad_obs_fold;
    }
}

void BodyParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, Error& error) {
    error = {};
    if (length) { // within the limit: the parser checked it. Untouched pages cost nothing.
        // The reader of the body wants some room behind it, and would else copy all of it.
        constexpr std::size_t reader_room = 128;
        body_.reserve(static_cast<std::size_t>(*length) + reader_room);
    }
}

std::size_t BodyParser::on_body_impl(Text piece, Error& error) {
    error = {};
    body_.append(piece.data(), piece.size());
    return piece.size();
}

// RFC 9112 7.1.1: extensions are to be ignored, but Beast lets anything stand between quotes, which
// readers that end lines at a bare LF would take for the end of this one.
void BodyParser::on_chunk_header_impl(std::uint64_t, Text extensions, Error& error) {
    const auto is_control = [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    };
    error = {};
    if (std::any_of(extensions.begin(), extensions.end(), is_control)) {
        error = boost::beast::http::error::bad_chunk_extension;
    }
}

std::size_t BodyParser::on_chunk_body_impl(std::uint64_t, Text piece, Error& error) {
    return on_body_impl(piece, error);
}

} // namespace pep::http
