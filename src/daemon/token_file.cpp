// The member order of the file is the original's, then ours: some old clients read it line by line.
#include "daemon/token_file.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <utility>

namespace pep::daemon {

namespace {

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
    // One member per line, as readers that go line by line need it.
    auto text = content.dump(4) + "\n";
    auto stamp = replace_private_file(file_in(home), text);
    // The token proper lies in locked memory; these copies do not.
    auto& kept = content["security_token"].get_ref<std::string&>();
    wipe(kept.data(), kept.size());
    wipe(text.data(), text.size());
    if (!stamp)
        return fail(stamp);
    return TokenFile{file_in(home), *stamp};
}

std::optional<Rendezvous> TokenFile::read(const std::filesystem::path& home) {
    auto found = client::read_token_file(home);
    // Why does not matter here: there is nobody who can be found.
    if (!found)
        return std::nullopt;
    return std::move(found->where);
}

TokenFile::TokenFile(TokenFile&& other) noexcept
    : file_(std::move(other.file_)), stamp_(std::exchange(other.stamp_, std::nullopt)) {}

/// The file that was ours goes with the other object.
TokenFile& TokenFile::operator=(TokenFile&& other) noexcept {
    std::swap(file_, other.file_);
    std::swap(stamp_, other.stamp_);
    return *this;
}

TokenFile::~TokenFile() { remove(); }

void TokenFile::remove() noexcept {
    // Once, and only what we wrote: a later server may have its file there.
    if (stamp_)
        (void)remove_if_ours(file_, *std::exchange(stamp_, std::nullopt));
}

} // namespace pep::daemon
