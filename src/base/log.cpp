// Lines of the log and their sinks; spdlog does the clock, the levels and the locking.
#include "base/log.hpp"

#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <mutex>
#include <string>
#include <system_error>

namespace pep::log {

namespace {

/// In the order of Level, whose values are the indices.
constexpr std::array<std::string_view, 5> level_names{"error", "warn", "info", "debug", "trace"};

/// spdlog counts from trace upwards, and so the other way round.
spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
    case Level::error:
        return spdlog::level::err;
    case Level::warn:
        return spdlog::level::warn;
    case Level::info:
        return spdlog::level::info;
    case Level::debug:
        return spdlog::level::debug;
    case Level::trace:
        return spdlog::level::trace;
    }
    return spdlog::level::off;
}

/// Files and devices, such as a terminal. A FIFO would make the server wait for its reader.
int open_for_append(const std::filesystem::path& file) {
    // Non-blocking for the opening only: a slow terminal may make the writers wait.
    const int opened = ::open(
        file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600
    );

    struct stat status {};

    if (opened >= 0 && ::fstat(opened, &status) == 0 &&
        (S_ISREG(status.st_mode) || S_ISCHR(status.st_mode)) &&
        ::fcntl(opened, F_SETFL, O_APPEND) == 0) {
        return opened;
    }
    if (opened >= 0) {
        ::close(opened);
        errno = ENXIO;
    }
    return -1;
}

/// For the person who named the file. ENXIO comes from above, and from open(2) for a FIFO that
/// nobody reads.
std::string why_not_opened(int error) {
    switch (error) {
    case ENXIO:
    case EISDIR:
        return "it is no regular file; name one, or one that is not there yet";
    case ELOOP:
        return "it is a symlink; name the file itself";
    default:
        return std::generic_category().message(error);
    }
}

// One write(2) per line: with O_APPEND, lines of several processes do not mix. spdlog's own file
// sink knows neither modes nor symlinks.
class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    FileSink(std::filesystem::path file, int descriptor)
        : file_(std::move(file)), descriptor_(descriptor) {}

    FileSink(const FileSink&) = delete;
    FileSink(FileSink&&) = delete;
    FileSink& operator=(const FileSink&) = delete;
    FileSink& operator=(FileSink&&) = delete;

    ~FileSink() override { ::close(descriptor_); }

    void reopen() {
        const std::lock_guard lock(mutex_);
        // The old one is closed only when there is a new one, or there would be no log.
        if (const int fresh = open_for_append(file_); fresh >= 0) {
            ::close(std::exchange(descriptor_, fresh));
        }
    }

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        // The base class holds the mutex, here as in flush_().
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        std::string_view rest(line.data(), line.size());
        // Usually once: write(2) may take a part only, of a device or when a signal comes.
        while (!rest.empty()) {
            const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
            if (written < 0 && errno == EINTR) {
                continue;
            }
            if (written <= 0) {
                return; // disk full: losing a line must not stop the server
            }
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    void flush_() override {}

    std::filesystem::path file_;
    int descriptor_; // guarded by base_sink's mutex_
};

/// The last lines, for who looks at the log through the server.
class RecentSink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit RecentSink(std::size_t most) : most_(most) {}

    [[nodiscard]] Recent after(std::uint64_t number) {
        const std::lock_guard lock(mutex_);
        // Lines have the numbers from 1 on; up to this one they are gone.
        const std::uint64_t dropped = written_ - lines_.size();
        Recent recent;
        recent.next = written_;
        // Also a number not reached yet, as a reader of a former server may have.
        if (number >= written_) {
            return recent;
        }
        // The reader learns how many it missed, and gets the rest.
        recent.lost = number < dropped ? dropped - number : 0;
        const auto skipped = number > dropped ? number - dropped : 0;
        recent.lines.assign(lines_.begin() + static_cast<std::ptrdiff_t>(skipped), lines_.end());
        return recent;
    }

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        if (lines_.size() >= most_) {
            lines_.pop_front();
        }
        // Kept without the end of line that the formatter adds.
        const std::string_view text(line.data(), line.size());
        lines_.emplace_back(text.substr(0, text.find_last_not_of("\r\n") + 1));
        ++written_;
    }

    void flush_() override {}

    const std::size_t most_;
    std::deque<std::string> lines_; // guarded by base_sink's mutex_, like the next
    std::uint64_t written_ = 0;
};

/// One entry stays one line, whatever is in it. The backslash is escaped as well, so that text
/// which looks like an escape is not taken for one.
void append_escaped(std::string& line, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || c == '\\') {
            line += "\\x";
            line += hex[byte >> 4U];
            line += hex[byte & 15U];
        } else {
            line += c;
        }
    }
}

} // namespace

/// What the copies of a Logger share.
struct Logger::State {
    /// Lower levels than `least` are not even composed.
    State(spdlog::sinks_init_list sinks, Level least) : logger("pep", sinks) {
        format();
        logger.set_level(to_spdlog(least));
        // The last lines before a crash matter most: none may wait in a buffer.
        logger.flush_on(spdlog::level::trace);
    }

    /// Of all sinks there are now.
    void format() {
        // UTC: when a clock changes to winter time, lines would seem to go back.
        logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
            "%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc
        ));
    }

    spdlog::logger logger;
    std::shared_ptr<FileSink> file;     // empty for other sinks
    std::shared_ptr<RecentSink> recent; // empty if nothing is kept
};

Expected<Level> level_by_name(std::string_view name) {
    for (std::size_t i = 0; i < level_names.size(); ++i) {
        if (level_names[i] == name) {
            return static_cast<Level>(i);
        }
    }
    return fail(0, "unknown log level; there are error, warn, info, debug, trace");
}

void Value::append_to(std::string& line) const {
    switch (kind_) {
    case Kind::text:
        append_escaped(line, text_);
        return;
    case Kind::number:
        line += std::to_string(number_);
        return;
    case Kind::boolean:
        line += number_ != 0 ? "true" : "false";
        return;
    case Kind::microseconds:
        line += std::to_string(number_) + "us";
        return;
    }
}

Logger Logger::to_stderr(Level least) {
    Logger logger;
    const auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    logger.state_ = std::make_shared<State>(spdlog::sinks_init_list{sink}, least);
    return logger;
}

Logger Logger::to_memory(Level least) {
    Logger logger;
    // No sink at all: keep_recent() brings the one that is wanted.
    logger.state_ = std::make_shared<State>(spdlog::sinks_init_list{}, least);
    return logger;
}

void Logger::keep_recent(std::size_t most) {
    if (!state_) {
        return;
    }
    state_->recent = std::make_shared<RecentSink>(most);
    state_->logger.sinks().push_back(state_->recent);
    // A sink comes with a format of its own; ours are set for all at once.
    state_->format();
}

Recent Logger::recent(std::uint64_t after) const {
    return state_ && state_->recent ? state_->recent->after(after) : Recent{};
}

Expected<Logger> Logger::to_file(const std::filesystem::path& file, Level least) {
    // Opened here and not by the sink, so that a file that will not do is an error of the start.
    const int descriptor = open_for_append(file);
    if (descriptor < 0) {
        return fail(errno, "cannot open the log file: " + why_not_opened(errno), file.string());
    }
    auto sink = std::make_shared<FileSink>(file, descriptor);
    Logger logger;
    logger.state_ = std::make_shared<State>(spdlog::sinks_init_list{sink}, least);
    logger.state_->file = std::move(sink);
    return logger;
}

void Logger::reopen() {
    // A sink has a mutex of its own: other threads may write meanwhile.
    if (state_ && state_->file) {
        state_->file->reopen();
    }
}

bool Logger::enabled(Level level) const noexcept {
    return state_ && state_->logger.should_log(to_spdlog(level));
}

void Logger::write(Level level, StaticText text, std::initializer_list<Field> fields) const {
    if (!enabled(level)) {
        return;
    }
    // Fields go behind the text as name=value, for people and for grep alike.
    std::string line(level_names[static_cast<std::size_t>(level)]); // spdlog says "warning"
    line += ' ';
    line += text.view();
    for (const Field& field : fields) {
        line += ' ';
        line += field.name.view();
        line += '=';
        field.value.append_to(line);
    }
    state_->logger.log(to_spdlog(level), line);
}

} // namespace pep::log
