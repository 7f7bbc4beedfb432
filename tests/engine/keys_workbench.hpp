// A folder to run other OpenPGP programs in.
#pragma once

#include "support/temporary_folder.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace pep::engine {

/// A folder with a GnuPG home in it; commands run there.
class Workbench {
  public:
    Workbench() = default;

    Workbench(const Workbench&) = delete;
    Workbench& operator=(const Workbench&) = delete;

    ~Workbench() { (void)run("gpgconf --kill all"); }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream{folder_.path() / name, std::ios::binary} << text;
    }

    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream file{folder_.path() / name, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    /// What a command prints on both channels; `ok` tells how it ended.
    std::string run(const std::string& command) {
        const auto line = "cd " + folder_.path().string() +
                          " && GNUPGHOME=" + folder_.path().string() + " LC_ALL=C " + command +
                          " 2>&1";
        std::string output;
        std::FILE* pipe = ::popen(line.c_str(), "r");
        std::array<char, 4096> buffer{};
        while (pipe != nullptr) {
            const auto got = std::fread(buffer.data(), 1, buffer.size(), pipe);
            if (got == 0)
                break;
            output.append(buffer.data(), got);
        }
        ok = pipe != nullptr && ::pclose(pipe) == 0;
        return output;
    }

    bool ok = false;

  private:
    test::TemporaryFolder folder_; // removed after the agents ended
};

/// Is a program installed?
inline bool there(const char* program) {
    return std::system(("command -v " + std::string{program} + " >/dev/null 2>&1").c_str()) == 0;
}

} // namespace pep::engine
