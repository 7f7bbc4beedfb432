// Boost.Beast's HTTP parser, fed by hand: it checks the header block a second time and takes the
// body, of known length or in chunks, into a string. One object per request; loop thread.
#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pep::http {

class BodyParser final : private boost::beast::http::basic_parser<true> {
  public:
    enum class Outcome { more, done, too_large, bad };

    BodyParser(std::size_t header_bytes, std::uint64_t body_bytes) {
        header_limit(static_cast<std::uint32_t>(header_bytes));
        body_limit(body_bytes);
        eager(true);
    }

    /// Takes what it can of contiguous bytes; `used` says how many. With `more` and nothing used,
    /// it needs a longer contiguous stretch.
    Outcome feed(std::string_view bytes, std::size_t& used);

    [[nodiscard]] std::string& body() noexcept { return body_; }

  private:
    using Error = boost::system::error_code;
    using Text = boost::beast::string_view;

    void on_request_impl(boost::beast::http::verb, Text, Text, int, Error& error) override {
        error = {};
    }

    void on_response_impl(int, Text, int, Error& error) override { error = {}; }

    void on_field_impl(boost::beast::http::field, Text name, Text value, Error& error) override;

    void on_header_impl(Error& error) override { error = {}; }

    void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error& error) override;
    std::size_t on_body_impl(Text piece, Error& error) override;

    void on_chunk_header_impl(std::uint64_t, Text extensions, Error& error) override;

    std::size_t on_chunk_body_impl(std::uint64_t, Text piece, Error& error) override;

    void on_finish_impl(Error& error) override { error = {}; }

    std::string body_;
    const char* fed_end_ = nullptr; // of the bytes being parsed
};

} // namespace pep::http
