// Any bytes as the content of a token file. What is accepted keeps the rules clients rely on: a
// token for a header line, a port, an address of this machine, and a socket named by its full path.
// What is not, is refused without showing any of it.
#include "client/fault.hpp"
#include "client/rendezvous.hpp"
#include "fuzz/check.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

namespace {

using namespace pep::client;
using pep::fuzz::check;
using pep::fuzz::contains;

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// By the text of its canonical form.
bool leads_to_this_machine(const std::string& address) {
    check(address.find('\0') == std::string::npos);
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = contains(address, ":") ? AF_INET6 : AF_INET;
    check(::inet_pton(family, address.c_str(), bytes.data()) == 1);
    check(::inet_ntop(family, bytes.data(), text.data(), text.size()) != nullptr);
    const std::string_view canonical = text.data();
    return family == AF_INET6 ? canonical == "::1" : canonical.starts_with("127.");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = pep::fuzz::text_of(data, size);
    const auto found = parse_token_file(text);
    if (!found) {
        check(found.error().code == fault::untrusted);
        check(found.error().message.starts_with("the token file cannot be trusted: "));
        check(!contains(found.error().message, pep::fuzz::secret));
        return 0;
    }
    const auto& where = found->where;
    check(!found->token.empty() && is_printable(found->token.reveal()));
    check(contains(text, "security_token") || contains(text, "\\u"));
    check(where.port > 0 && leads_to_this_machine(where.address));
    check(is_printable(where.epoch));
    check(where.socket.empty() || where.socket.front() == '/');
    check(where.socket.find('\0') == std::string::npos);
    check(proof_of(found->token, "nonce", where.socket, where.epoch).has_value());
    return 0;
}
