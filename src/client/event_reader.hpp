// The client's half of Server-Sent Events (HTML standard, 9.2): pieces of a stream in, events out.
#pragma once

#include <string>
#include <string_view>

namespace pep::client {

class EventReader {
  public:
    struct Event {
        std::string id; ///< the last one given, which holds until another comes
        std::string data;
    };

    /// The next piece of the stream; events follow from next().
    void add(std::string_view piece) { rest_.append(piece); }

    /// The next complete event; false: feed more. Comments, names and `retry` are passed over.
    [[nodiscard]] bool next(Event& event);

    /// Bytes kept for a line or an event that is not complete.
    [[nodiscard]] std::size_t pending() const noexcept { return rest_.size() + data_.size(); }

  private:
    void take_line(std::string_view line);

    std::string rest_;
    std::string id_;
    std::string data_;
    bool has_data_ = false;
};

} // namespace pep::client
