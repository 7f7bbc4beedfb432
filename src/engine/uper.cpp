// Bit strings (see the header).
#include "engine/uper.hpp"

#include <algorithm>

namespace pep::engine::uper {

namespace {

constexpr std::size_t short_length = 0x80;  // below: one octet
constexpr std::size_t long_length = 0x4000; // below: two octets; from here on fragments

} // namespace

void Writer::bits(std::uint64_t value, unsigned count) {
    while (count > 0) {
        if (free_ == 0) {
            bytes_.push_back('\0');
            free_ = 8;
        }
        const unsigned now = std::min(count, free_);
        // The highest bits first, as many as the octet has room for.
        const auto part = (value >> (count - now)) & ((1U << now) - 1);
        free_ -= now;
        count -= now;
        bytes_.back() =
            static_cast<char>(static_cast<unsigned char>(bytes_.back()) | part << free_);
    }
}

void Writer::octets(std::string_view bytes) {
    for (const char byte : bytes)
        bits(static_cast<unsigned char>(byte), 8);
}

void Writer::length(std::size_t count) {
    // X.691, 11.9: a 0 bit and 7 bits, or the bits 10 and 14 more.
    if (count < short_length)
        bits(count, 8);
    else
        bits(long_length * 2 | (count & (long_length - 1)), 16);
}

std::string Writer::finish() && {
    // X.691, 11.1: the encoding of a whole message is never empty.
    if (bytes_.empty())
        bytes_.push_back('\0');
    return std::move(bytes_);
}

std::uint64_t Reader::bits(unsigned count) {
    // position_ never passes the end, so the difference does not underflow.
    if (failed_ || count > bytes_.size() * 8 - position_) {
        failed_ = true;
        return 0;
    }
    std::uint64_t value = 0;
    while (count > 0) {
        const unsigned used = position_ % 8;
        const unsigned now = std::min(count, 8 - used);
        const unsigned octet = static_cast<unsigned char>(bytes_[position_ / 8]);
        value = value << now | ((octet >> (8 - used - now)) & ((1U << now) - 1));
        position_ += now;
        count -= now;
    }
    return value;
}

std::string Reader::octets(std::size_t count) {
    // Before the memory is taken: a length may promise more than the message has.
    if (failed_ || count > (bytes_.size() * 8 - position_) / 8) {
        failed_ = true;
        return {};
    }
    std::string read(count, '\0');
    for (char& byte : read)
        byte = static_cast<char>(bits(8));
    return read;
}

std::size_t Reader::length() {
    if (!bit())
        return bits(7);
    if (!bit())
        return bits(14);
    failed_ = true; // fragmented
    return 0;
}

void Reader::skip_additions() {
    // How many there could be: one less in 6 bits, or a length behind a 1 bit.
    const std::size_t count = bit() ? length() : bits(6) + 1;
    std::size_t present = 0;
    for (std::size_t i = 0; i < count && ok(); ++i)
        // A bitmap tells which are there; each of them is an open type behind its length.
        present += bit() ? 1 : 0;
    for (std::size_t i = 0; i < present && ok(); ++i)
        static_cast<void>(octets(length()));
}

bool Reader::at_end() {
    // Not even zero octets may follow: whoever reads loosely can be told two things by one text.
    const std::size_t left = bytes_.size() * 8 - position_;
    return ok() && left < 8 && bits(static_cast<unsigned>(left)) == 0;
}

} // namespace pep::engine::uper
