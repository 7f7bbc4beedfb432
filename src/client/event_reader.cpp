// Lines may end with CR LF or LF; this server uses no lone CR.
#include "client/event_reader.hpp"

namespace pep::client {

bool EventReader::next(Event& event) {
    std::size_t used = 0;
    bool is_complete = false;
    while (!is_complete) {
        // A line without its end waits for the next piece.
        const auto end = rest_.find('\n', used);
        if (end == std::string::npos)
            break;
        std::string_view line{rest_.data() + used, end - used};
        used = end + 1;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (!line.empty())
            take_line(line);
        else
            // An empty line ends an event; without data the standard wants none told.
            is_complete = has_data_;
    }
    rest_.erase(0, used);
    if (!is_complete)
        return false;
    // id_ stays, as it holds for later events that bring none.
    event = {id_, std::move(data_)};
    data_.clear();
    has_data_ = false;
    return true;
}

void EventReader::take_line(std::string_view line) {
    // A comment begins with a colon: its name is empty, and so unknown below.
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' '))
        value.remove_prefix(1);
    if (name == "id") {
        id_ = value;
    } else if (name == "data") {
        // Several lines of data are one text.
        if (has_data_)
            data_ += '\n';
        data_ += value;
        has_data_ = true;
    }
}

} // namespace pep::client
