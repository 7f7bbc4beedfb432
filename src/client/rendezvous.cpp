// The file's rules are those of base/private_file; what it says is checked here.
#include "client/rendezvous.hpp"

#include "base/base64.hpp"
#include "base/private_file.hpp"
#include "client/document.hpp"
#include "client/fault.hpp"
#include "client/json.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace pep::client {

namespace {

/// Long enough not to be guessed or to come twice, short enough for a request line.
constexpr std::size_t least_nonce = 16;
constexpr std::size_t most_nonce = 128;
constexpr std::size_t most_file_bytes = 16384;

/// A token or an epoch goes into header lines and messages.
bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

/// What the file says of the place. The messages go on from "the token file cannot be trusted:".
Expected<Rendezvous> rendezvous_in(const Json& content) {
    Rendezvous where{text_of(content, "address"), 0, text_of(content, "epoch"), {}};
    where.socket = text_of(content, "socket");
    const auto port = content.find("port");
    // A negative number, or one with a fraction, is no port either.
    const auto number =
        port != content.end() && port->is_number_unsigned() ? port->get<std::uint64_t>() : 0;
    if (number == 0 || number > UINT16_MAX)
        return fail(fault::untrusted, "names no port");
    // The token does not leave this machine, whatever the file says.
    if (!is_loopback(where.address))
        return fail(fault::untrusted, "names no loopback address");
    if (!is_plain(where.epoch))
        return fail(fault::untrusted, "names an epoch that cannot be shown");
    // Another path would depend on the folder in which this program was started.
    if (!where.socket.empty() && where.socket.front() != '/')
        return fail(fault::untrusted, "names a socket without its full path");
    if (has_nul(where.socket)) // the kernel would stop reading there, and find another one
        return fail(fault::untrusted, "names no socket");
    where.port = static_cast<std::uint16_t>(number);
    return where;
}

} // namespace

Expected<TokenFileContent> read_token_file(const std::filesystem::path& home) {
    const auto file = home / "json-token";
    auto text = read_secret_file(file, most_file_bytes);
    if (!text) {
        const auto& problem = text.error();
        // Nothing is wrong with that: a server can be started.
        if (problem.code == ENOENT)
            return fail(
                fault::unreachable, "no server runs here: there is no token file", file.string()
            );
        return fail(
            fault::untrusted, "the token file cannot be trusted: " + problem.message, problem.where
        );
    }
    // Of locked memory; what is parsed out of it is wiped before that returns.
    auto found = parse_token_file(text->reveal());
    if (!found)
        found.error().where = file.string();
    return found;
}

Expected<TokenFileContent> parse_token_file(std::string_view text) {
    const auto refuse = [](const std::string& why) {
        return fail(fault::untrusted, "the token file cannot be trusted: " + why);
    };
    auto content = parse_json(text);
    if (!content || !content->is_object())
        return refuse("is damaged");
    TokenFileContent found;
    if (const auto token = content->find("security_token");
        token != content->end() && token->is_string())
        found.token = Secret{token->get_ref<const std::string&>()};
    // All is taken out of the document before its texts are wiped, the token among them.
    auto where = rendezvous_in(*content);
    wipe_texts(*content);
    // Before the rest: without a token, where the server is does not matter.
    if (found.token.empty() || !is_plain(found.token.reveal()))
        return refuse("names no token");
    if (!where)
        return refuse(where.error().message);
    found.where = std::move(*where);
    return found;
}

bool is_loopback(const std::string& address) noexcept {
    if (has_nul(address)) // inet_pton() would not see what is behind it
        return false;
    in_addr v4{};
    if (::inet_pton(AF_INET, address.c_str(), &v4) == 1)
        // All of 127.0.0.0/8 is this machine: RFC 1122 section 3.2.1.3.
        return ::ntohl(v4.s_addr) >> 24U == IN_LOOPBACKNET;
    in6_addr v6{};
    return ::inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

Expected<std::string> proof_of(
    const Secret& token, std::string_view nonce, std::string_view endpoint, std::string_view epoch
) {
    // The first line keeps the proof apart from whatever else the token might be a key for.
    std::string text = "pep-json-server/1\n";
    text.append(nonce).append("\n").append(endpoint).append("\n").append(epoch);
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned size = 0;
    const auto* made = HMAC(
        EVP_sha256(),
        token.reveal().data(),
        static_cast<int>(token.size()),
        reinterpret_cast<const unsigned char*>(text.data()),
        text.size(),
        mac.data(),
        &size
    );
    if (made == nullptr)
        return fail(0, "HMAC-SHA-256 is not available");
    return base64url_encode({reinterpret_cast<const char*>(mac.data()), size});
}

bool is_nonce(std::string_view nonce) noexcept {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    };
    return nonce.size() >= least_nonce && nonce.size() <= most_nonce &&
           std::ranges::all_of(nonce, allowed);
}

} // namespace pep::client
