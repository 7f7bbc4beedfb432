// How the test page gets the token without it standing in an address or an argument: a file only
// the user can read leads the browser to the page with a code that is good once and for a minute,
// and the page exchanges it.
#pragma once

#include "base/private_file.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace pep::daemon {

/// Any thread. Files that were not used go when their time is over or with the object.
class PageCodes {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::chrono::seconds lifetime{60};

    /// `folder` is private and exists. `now` is for tests.
    explicit PageCodes(
        std::filesystem::path folder, std::function<Clock::time_point()> now = &Clock::now
    )
        : folder_(std::move(folder)), now_(std::move(now)) {}

    PageCodes(const PageCodes&) = delete;
    PageCodes(PageCodes&&) = delete;
    PageCodes& operator=(const PageCodes&) = delete;
    PageCodes& operator=(PageCodes&&) = delete;
    ~PageCodes();

    /// A file (mode 0600) that leads a browser to `url` with a fresh code as fragment; its path.
    /// The oldest code goes if there are too many.
    [[nodiscard]] Expected<std::string> create_file(const std::string& url);

    /// True, once, for a code that is not too old; its file is removed. Takes the same time for any
    /// wrong code.
    [[nodiscard]] bool redeem(std::string_view code);

    /// Remove what is too old.
    void expire();

  private:
    struct Entry {
        Secret code;
        std::filesystem::path file;
        FileStamp stamp;
        Clock::time_point ends;
    };

    void drop(const Entry& entry); // with mutex_ held

    static constexpr std::size_t most = 16;

    const std::filesystem::path folder_;
    const std::function<Clock::time_point()> now_;
    std::mutex mutex_; // guards the next one
    std::vector<Entry> entries_;
};

} // namespace pep::daemon
