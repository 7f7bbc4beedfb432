// Private files by descriptor: what was checked is what is used, whatever happens to the names
// meanwhile.
#include "base/private_file.hpp"

#include "base/base64.hpp"
#include "base/descriptor.hpp"
#include "base/random.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace pep {

namespace {

/// The failure of the last system call: to be made before errno changes.
tl::unexpected<Error> system_failure(std::string_view what, const std::filesystem::path& place) {
    const int error = errno;
    return fail(
        error, std::string(what) + ": " + std::generic_category().message(error), place.string()
    );
}

/// The time besides the inode, whose number may be given again once a file is removed.
FileStamp stamp_of(const struct stat& status) {
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    return {
        status.st_dev, status.st_ino, status.st_mtim.tv_sec * ns_per_s + status.st_mtim.tv_nsec};
}

// "dir/" would make open(2) follow a symlink in spite of O_NOFOLLOW.
std::filesystem::path without_trailing_slash(const std::filesystem::path& path) {
    std::filesystem::path normal = path.lexically_normal();
    return normal.has_filename() ? normal : normal.parent_path();
}

/// A bare name stands for a file in the working directory.
std::filesystem::path folder_of(const std::filesystem::path& file) {
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

/// False, with errno set, if not all could be written.
bool write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        // A signal is no failure; a full disk is one, after a part was taken perhaps.
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            return false;
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// Missing parents, as the XDG base directory specification wants them: 0700.
bool make_parents(const std::filesystem::path& folder) {
    const std::filesystem::path parent = folder.parent_path();
    // Only the last folder is judged by its mode; parents that exist are left as they are.
    if (parent.empty() || ::access(parent.c_str(), F_OK) == 0) {
        return true;
    }
    // EEXIST: another process made it at the same time.
    return make_parents(parent) && (::mkdir(parent.c_str(), 0700) == 0 || errno == EEXIST);
}

Expected<std::string>
read_all(int descriptor, const std::filesystem::path& file, std::size_t max_bytes) {
    // One byte more than allowed: so a file of exactly that size is told from a longer one.
    std::string content(max_bytes + 1, '\0');
    std::size_t size = 0;
    while (size < content.size()) {
        const ssize_t got = ::read(descriptor, content.data() + size, content.size() - size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return system_failure("cannot read the file", file);
        }
        if (got == 0) {
            content.resize(size);
            return content;
        }
        size += static_cast<std::size_t>(got);
    }
    return fail(EFBIG, "is larger than expected", file.string());
}

// What is wrong with a file that holds a secret; null: nothing.
const char* broken_rule(const struct stat& status) {
    if (!S_ISREG(status.st_mode)) {
        return "is no regular file";
    }
    // Root could read what others own, but should not take it for its own.
    if (status.st_uid != ::geteuid()) {
        return "belongs to another user";
    }
    if ((status.st_mode & 0077U) != 0) {
        return "is open to other users; its mode must be 0600";
    }
    // A second name may be in a folder that nobody looked at.
    return status.st_nlink == 1 ? nullptr : "has a second name";
}

// Removes the temporary file unless it got its final name.
class TemporaryName {
  public:
    /// Borrows the descriptor of the folder.
    TemporaryName(int folder, std::string name) : folder_(folder), name_(std::move(name)) {}

    TemporaryName(const TemporaryName&) = delete;
    TemporaryName(TemporaryName&&) = delete;
    TemporaryName& operator=(const TemporaryName&) = delete;
    TemporaryName& operator=(TemporaryName&&) = delete;

    ~TemporaryName() {
        if (!kept_) {
            ::unlinkat(folder_, name_.c_str(), 0);
        }
    }

    void keep() { kept_ = true; }

  private:
    int folder_;
    std::string name_;
    bool kept_ = false;
};

} // namespace

Expected<PrivateFolder> make_private_folder(const std::filesystem::path& wanted) {
    const std::filesystem::path folder = without_trailing_slash(wanted);
    PrivateFolder result;
    if (!make_parents(folder)) {
        return system_failure("cannot make a parent folder", folder);
    }
    // Made or not, the folder is examined below: it may have been exchanged meanwhile.
    if (::mkdir(folder.c_str(), 0700) == 0) {
        result.created = true;
    } else if (errno != EEXIST) {
        return system_failure("cannot make the folder", folder);
    }
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    );
    if (!opened) {
        // Of a symlink, open(2) with O_DIRECTORY says ENOTDIR.
        if (errno == ELOOP || errno == ENOTDIR) {
            return fail(
                errno,
                "is a symlink or no folder; remove it, or name the folder itself",
                folder.string()
            );
        }
        return system_failure("cannot open the folder", folder);
    }

    struct stat status {};

    if (::fstat(opened.get(), &status) != 0) {
        return system_failure("cannot examine the folder", folder);
    }
    if (status.st_uid != ::geteuid()) {
        return fail(EPERM, "belongs to another user; choose a folder of your own", folder.string());
    }

    // Narrowing these would shut out everybody else: `/` of root, or a sticky folder like /tmp.
    struct stat top {};

    const bool is_top =
        ::stat("/", &top) == 0 && status.st_dev == top.st_dev && status.st_ino == top.st_ino;
    if (is_top || (status.st_mode & S_ISVTX) != 0) {
        return fail(
            EPERM, "is shared with others; choose a folder for this alone", folder.string()
        );
    }
    if ((status.st_mode & 0077U) != 0) {
        // By descriptor: the folder that was judged, whatever its name means by now.
        if (::fchmod(opened.get(), 0700) != 0) {
            return system_failure("others may look into the folder, and chmod 700 failed", folder);
        }
        result.narrowed = !result.created;
    }
    return result;
}

Expected<FileStamp>
replace_private_file(const std::filesystem::path& file, std::string_view content) {
    const std::filesystem::path place = folder_of(file);
    const Descriptor folder(::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder) {
        return system_failure("cannot open the folder", place);
    }
    // In the same folder, as rename(2) works within one file system only. The name is random, so
    // that what a crash left behind is in nobody's way.
    Expected<std::string> random = random_bytes(12);
    if (!random) {
        return fail(random);
    }
    const std::string target = file.filename().string();
    const std::string name = "." + target + "." + base64url_encode(*random) + ".tmp";
    const Descriptor fresh(::openat(
        folder.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600
    ));
    if (!fresh) {
        return system_failure("cannot create a file", place);
    }
    TemporaryName temporary(folder.get(), name);

    struct stat status {};

    // open(2) took the umask off the mode. The stamp holds behind rename(2) as well.
    if (::fchmod(fresh.get(), 0600) != 0 || !write_all(fresh.get(), content) ||
        ::fstat(fresh.get(), &status) != 0) {
        return system_failure("cannot write the file", file);
    }
    if (::renameat(folder.get(), name.c_str(), folder.get(), target.c_str()) != 0) {
        return system_failure("cannot put the file in its place", file);
    }
    temporary.keep();
    return stamp_of(status);
}

Expected<bool> remove_if_ours(const std::filesystem::path& file, const FileStamp& stamp) {
    struct stat status {};

    // lstat(2), for a symlink in that place is not ours.
    if (::lstat(file.c_str(), &status) != 0) {
        if (errno == ENOENT) {
            return false;
        }
        return system_failure("cannot examine the file", file);
    }
    if (!(stamp_of(status) == stamp)) {
        return false;
    }
    if (::unlink(file.c_str()) != 0) {
        return system_failure("cannot remove the file", file);
    }
    return true;
}

Expected<std::string> read_private_file(const std::filesystem::path& file, std::size_t max_bytes) {
    // O_NONBLOCK: a FIFO in that place must not hang us.
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));

    struct stat status {};

    if (!opened || ::fstat(opened.get(), &status) != 0) {
        return system_failure("cannot open the file", file);
    }
    // By descriptor, so it is the file that will be read.
    if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid()) {
        return fail(EPERM, "is no regular file of this user", file.string());
    }
    return read_all(opened.get(), file, max_bytes);
}

Expected<Secret> read_secret_file(const std::filesystem::path& file, std::size_t max_bytes) {
    const std::filesystem::path place = without_trailing_slash(folder_of(file));
    const Descriptor folder(::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder) {
        if (errno == ELOOP || errno == ENOTDIR) {
            return fail(EPERM, "is a symlink or no folder", place.string());
        }
        return system_failure("cannot open the folder", place);
    }

    struct stat status {};

    if (::fstat(folder.get(), &status) != 0) {
        return system_failure("cannot examine the folder", place);
    }
    // Others may look in, for the file itself is closed to them. Who can write the folder could put
    // another file there.
    if (status.st_uid != ::geteuid() || (status.st_mode & 0022U) != 0) {
        return fail(
            EPERM, "the folder belongs to another user, or others can write it", place.string()
        );
    }
    // Relative to the folder that was checked; a FIFO in that place must not hang us.
    const Descriptor opened(::openat(
        folder.get(), file.filename().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    ));
    if (!opened) {
        if (errno == ELOOP) {
            return fail(EPERM, "is a symlink", file.string());
        }
        return system_failure("cannot open the file", file);
    }
    if (::fstat(opened.get(), &status) != 0) {
        return system_failure("cannot examine the file", file);
    }
    if (const char* broken = broken_rule(status)) {
        return fail(EPERM, broken, file.string());
    }
    auto content = read_all(opened.get(), file, max_bytes);
    if (!content) {
        return fail(content);
    }
    Secret secret{*content};
    // The copy on the plain heap goes at once.
    wipe(content->data(), content->size());
    return secret;
}

} // namespace pep
