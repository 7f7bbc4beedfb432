// Files and folders for one user's eyes: folders 0700, files 0600, replaced atomically, no symlinks
// followed. Any thread; two processes that replace one file at once leave one of the two versions.
#pragma once

#include "base/expected.hpp"
#include "base/secret.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace pep {

/// What had to be done to a folder.
struct PrivateFolder {
    bool created = false;
    bool narrowed = false; ///< its mode was wider than 0700; worth a warning
};

/// Makes sure of a folder of mode 0700 that belongs to the user. Missing parents are made, too.
/// Fails for a symlink, a folder of another user, or what is no folder; the message says how to
/// mend it.
Expected<PrivateFolder> make_private_folder(const std::filesystem::path& folder);

/// Tells one version of a file from another.
struct FileStamp {
    dev_t device = 0;
    ino_t inode = 0;
    std::int64_t modified_ns = 0;

    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// Replaces (or creates) a file of mode 0600 in one step: readers see the old content or the new.
/// Not synced to disk: meant for content that is worthless after a crash.
Expected<FileStamp>
replace_private_file(const std::filesystem::path& file, std::string_view content);

/// Removes the file if it still is the version of that stamp; true if it was removed.
Expected<bool> remove_if_ours(const std::filesystem::path& file, const FileStamp& stamp);

/// The content of a regular file that belongs to the user; no symlink, at most `max_bytes`.
Expected<std::string> read_private_file(
    const std::filesystem::path& file, std::size_t max_bytes = std::size_t{64} << 10U
);

/// The content of a file that nobody but this user can have written or read: regular, the user's,
/// no symlink, one name only, closed to group and others, in a folder of the user's that others
/// cannot write. Code ENOENT: there is none. EPERM: a rule is broken, and the message says which.
Expected<Secret> read_secret_file(const std::filesystem::path& file, std::size_t max_bytes);

} // namespace pep
