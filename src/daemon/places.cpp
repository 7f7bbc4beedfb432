// The XDG base directory specification, and the layout of an installation.
#include "daemon/places.hpp"

#include "base/base64.hpp"
#include "base/private_file.hpp"

#include <openssl/evp.h>
#include <sys/un.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace pep::daemon {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t longest_socket_name = sizeof "/0123456789abcdef.sock";

} // namespace

fs::path data_directory(const char* what, const fs::path& fallback) {
    std::error_code problem;
    // bin/ and share/ under one folder: an installation works wherever it was put.
    const auto program = fs::read_symlink("/proc/self/exe", problem);
    if (!problem) {
        auto beside = program.parent_path().parent_path() / "share/pep-json-server" / what;
        if (fs::is_directory(beside, problem))
            return beside;
    }
    // Else where the program was built to be installed: it may have been copied elsewhere.
    const fs::path installed = fs::path{PEP_DATA_DIR} / what;
    return fs::is_directory(installed, problem) ? installed : fallback;
}

fs::path runtime_folder(const log::Logger& log) {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    // A relative path counts as none, says the specification.
    if (runtime == nullptr || *runtime != '/')
        return {};
    auto folder = fs::path{runtime} / "pep-json-server";
    std::error_code problem;
    // The path of a socket has about a hundred bytes (unix(7)), and the longest name has to fit.
    const bool fits = folder.native().size() + longest_socket_name < sizeof sockaddr_un::sun_path;
    // Whoever sets the variable makes the folder: one of ours would outlive the session.
    if (!fits || !fs::is_directory(runtime, problem) || !make_private_folder(folder)) {
        log.warn("the runtime directory is not usable: there will be no Unix socket");
        return {};
    }
    return folder;
}

std::string socket_path(const fs::path& folder, const fs::path& home) {
    if (folder.empty())
        return {};
    // Known without the token file; the socket unit for systemd names it, too.
    const char* user_home = std::getenv("HOME");
    if (user_home != nullptr && home == fs::path{user_home} / ".pEp")
        return folder / "rpc.sock";
    // Each home has a server, and so a socket, of its own; the hash keeps the name short.
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    const auto name = home.string();
    if (EVP_Digest(name.data(), name.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
        return {};
    const std::string_view part{reinterpret_cast<const char*>(digest.data()), 12};
    return folder / (base64url_encode(part) + ".sock");
}

Expected<log::Logger> open_log(const Options& options) {
    constexpr std::size_t recent_lines = 1000;
    auto log = options.log_file.empty() ? log::Logger::to_memory(options.log_level)
               : options.log_file == "stderr"
                   ? log::Logger::to_stderr(options.log_level)
                   : log::Logger::to_file(options.log_file, options.log_level);
    if (log)
        log->keep_recent(recent_lines);
    return log;
}

std::string url_of(const std::string& address, std::uint16_t port) {
    // RFC 3986 section 3.2.2: an IPv6 address stands in brackets.
    const bool v6 = address.find(':') != std::string::npos;
    return "http://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port) + "/";
}

} // namespace pep::daemon
