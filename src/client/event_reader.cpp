// Lines may end with CR LF or LF; this server uses no lone CR.
#include "client/event_reader.hpp"

namespace pep::client {

bool EventReader::next(Event& event) {
    std::size_t used = 0;
    bool is_complete = false;
    while (!is_complete) {
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
            is_complete = has_data_;
    }
    rest_.erase(0, used);
    if (!is_complete)
        return false;
    event = {id_, std::move(data_)};
    data_.clear();
    has_data_ = false;
    return true;
}

void EventReader::take_line(std::string_view line) {
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' '))
        value.remove_prefix(1);
    if (name == "id") {
        id_ = value;
    } else if (name == "data") {
        if (has_data_)
            data_ += '\n';
        data_ += value;
        has_data_ = true;
    }
}

} // namespace pep::client
