// Texts in parts, encoded on the way out.
#include "base/long_text.hpp"

#include "base/base64.hpp"

#include <algorithm>
#include <utility>

namespace pep {

void LongText::append(std::string text) {
    // An empty part would be an empty piece, which means that nothing is left.
    if (text.empty()) {
        return;
    }
    size_ += text.size();
    parts_.push_back({std::move(text), {}});
}

void LongText::append_base64(std::string_view bytes) {
    if (bytes.empty()) {
        return;
    }
    size_ += base64_encoded_size(bytes.size());
    // Borrowed: see keep() for who holds them.
    parts_.push_back({{}, bytes});
}

std::string LongText::take(std::size_t wanted) {
    if (next_ == parts_.size()) {
        return {};
    }
    Part& part = parts_[next_];
    std::string taken;
    if (part.bytes.empty()) { // a text as a whole: it exists already
        taken = std::move(part.text);
    } else {
        // Whole quanta, so that padding comes at the end only.
        const std::size_t quanta = std::max<std::size_t>(wanted / 4, 1);
        const std::string_view next = part.bytes.substr(0, quanta * 3);
        part.bytes.remove_prefix(next.size());
        taken = base64_encode(next);
    }
    if (part.bytes.empty()) {
        ++next_;
    }
    size_ -= taken.size();
    // What the owners hold may be large, and this object may stay for a while.
    if (size_ == 0) {
        parts_.clear();
        next_ = 0;
        owners_.clear();
    }
    return taken;
}

} // namespace pep
