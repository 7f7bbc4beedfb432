// libsystemd by dlopen(3), as its authors advise for programs that can do without.
#include "daemon/service_manager.hpp"

#include <dlfcn.h>

#include <cstdlib>

#if __has_include(<systemd/sd-daemon.h>)
#include <systemd/sd-daemon.h>
#define PEP_HAS_SYSTEMD 1
#else
#define PEP_HAS_SYSTEMD 0
#endif

namespace pep::daemon {

namespace {

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

/// A function of the library; null if it cannot be had. The library stays loaded.
void* find_function([[maybe_unused]] const char* name) noexcept {
#if PEP_HAS_SYSTEMD
    void* const library = ::dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    return library == nullptr ? nullptr : ::dlsym(library, name);
#else
    return nullptr;
#endif
}

constexpr int first_passed_descriptor = 3; // SD_LISTEN_FDS_START

} // namespace

Expected<std::optional<int>> take_passed_socket() {
    if (!is_set("LISTEN_FDS"))
        return std::optional<int>{};
    using ListenFds = int (*)(int unset_environment);
    const auto listen_fds = reinterpret_cast<ListenFds>(find_function("sd_listen_fds"));
    // Going on without it, clients of that socket would wait for ever: nobody would accept them.
    if (listen_fds == nullptr)
        return fail(0, "a socket was passed (LISTEN_FDS), but libsystemd cannot be loaded");
    // Unset, so that programs we start do not take the socket for theirs.
    const int count = listen_fds(/*unset_environment=*/1);
    if (count < 0)
        return fail(-count, "LISTEN_FDS promises sockets that are not there");
    if (count == 0) // meant for another process
        return std::optional<int>{};
    if (count > 1)
        return fail(0, "more than one socket was passed (LISTEN_FDS); pass the Unix socket alone");
    return std::optional<int>{first_passed_descriptor};
}

bool tell_service_manager(const std::string& state) noexcept {
    // Nobody waits for us then, and the library need not be loaded.
    if (!is_set("NOTIFY_SOCKET"))
        return true;
    using Notify = int (*)(int unset_environment, const char* state);
    const auto notify = reinterpret_cast<Notify>(find_function("sd_notify"));
    return notify != nullptr && notify(/*unset_environment=*/0, state.c_str()) > 0;
}

} // namespace pep::daemon
