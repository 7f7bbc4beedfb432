// The test page's files, read once and served from memory with a strict content policy.
// Targets are compared literally, so there is no path to traverse.
#pragma once

#include "base/expected.hpp"
#include "http/request.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pep::http {

/// Immutable after read(); any thread.
class StaticFiles {
  public:
    /// None: every path is unknown.
    StaticFiles() = default;

    /// Reads the files of the fixed list from a folder. Fails if the page itself is missing; other
    /// files may be absent.
    static Expected<StaticFiles> read(const std::filesystem::path& folder);

    /// The route of a path, not found if no file is there.
    [[nodiscard]] Route route(std::string_view path) const;

    /// The answer to GET or HEAD of a path that route() found.
    [[nodiscard]] Response respond(std::string_view path) const;

  private:
    struct File {
        std::string_view path;
        std::string_view content_type;
        std::string content;
    };

    [[nodiscard]] const File* find(std::string_view path) const;
    std::vector<File> files_;
};

} // namespace pep::http
