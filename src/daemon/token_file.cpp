// The member order of the file is the original's, then ours: some old clients read it line by line.
#include "daemon/token_file.hpp"

#include "base/base64.hpp"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace pep::daemon {

namespace {

constexpr std::size_t least_nonce = 16;
constexpr std::size_t most_nonce = 128;

std::filesystem::path file_in(const std::filesystem::path& home) { return home / "json-token"; }

} // namespace

Expected<TokenFile>
TokenFile::write(const std::filesystem::path& home, const Rendezvous& where, const Secret& token) {
    nlohmann::ordered_json content{
        {"address", where.address},
        {"port", where.port},
        {"path", legacy_path},
        {"security_token", token.reveal()},
        {"rpc_path", rpc_path},
        {"pid", ::getpid()},
        {"epoch", where.epoch},
    };
    if (!where.socket.empty())
        content["socket"] = where.socket;
    auto text = content.dump(4) + "\n";
    auto stamp = replace_private_file(file_in(home), text);
    auto& kept = content["security_token"].get_ref<std::string&>();
    wipe(kept.data(), kept.size());
    wipe(text.data(), text.size());
    if (!stamp)
        return fail(stamp);
    return TokenFile{file_in(home), *stamp};
}

std::optional<Rendezvous> TokenFile::read(const std::filesystem::path& home) {
    auto text = read_private_file(file_in(home));
    if (!text)
        return std::nullopt;
    const auto content = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
    wipe(text->data(), text->size());
    if (!content.is_object())
        return std::nullopt;
    const auto string = [&](const char* name) {
        const auto member = content.find(name);
        return member != content.end() && member->is_string() ? member->get<std::string>()
                                                              : std::string{};
    };
    Rendezvous where{string("address"), 0, string("epoch"), string("socket")};
    const auto port = content.find("port");
    if (port != content.end() && port->is_number_unsigned())
        where.port = static_cast<std::uint16_t>(port->get<unsigned>());
    return where;
}

TokenFile::TokenFile(TokenFile&& other) noexcept
    : file_(std::move(other.file_)), stamp_(std::exchange(other.stamp_, std::nullopt)) {}

TokenFile& TokenFile::operator=(TokenFile&& other) noexcept {
    std::swap(file_, other.file_);
    std::swap(stamp_, other.stamp_);
    return *this;
}

TokenFile::~TokenFile() { remove(); }

void TokenFile::remove() noexcept {
    if (stamp_)
        (void)remove_if_ours(file_, *std::exchange(stamp_, std::nullopt));
}

Expected<std::string> proof_of(
    const Secret& token, std::string_view nonce, std::string_view endpoint, std::string_view epoch
) {
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

} // namespace pep::daemon
