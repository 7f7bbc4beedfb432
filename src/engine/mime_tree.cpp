// RFC 2046 5.1: a boundary line is "--", the boundary, blanks; the line break before it belongs to
// it. Outer boundaries are found first, so an unfinished inner multipart ends with its parent's
// part.
#include "engine/mime_tree.hpp"

#include "base/text.hpp"
#include "engine/guard.hpp"

#include <algorithm>
#include <string>

namespace pep::engine::mime {

namespace {

/// First line of `text` with its line break.
std::string_view first_line(std::string_view text) {
    const std::size_t end = text.find('\n');
    return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

std::string_view without_line_end(std::string_view line) {
    if (line.ends_with('\n'))
        line.remove_suffix(1);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

/// Length of the field name a header line begins with, 0 when it is no header line.
std::size_t name_length(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0)
        return 0;
    const std::string_view name = trim(line.substr(0, colon)); // RFC 5322 4.5: blanks before ':'
    const bool valid =
        !name.empty() && name.data() == line.data() &&
        std::all_of(name.begin(), name.end(), [](char c) { return c > 32 && c < 127; });
    return valid ? name.size() : 0;
}

class Splitter {
  public:
    /// The part `raw` and all beneath. `depth` counts the multiparts around it; `default_type`
    /// holds for a part that does not state its own.
    Expected<Part> entity(std::string_view raw, std::size_t depth, std::string_view default_type) {
        if (++parts_ > max_parts)
            return fail(PEP_ILLEGAL_VALUE, "the mail has too many parts");
        Part part;
        part.raw = raw;
        if (auto read = headers(part); !read)
            return fail(read);
        const std::string_view type = part.header("Content-Type");
        part.type = gmime::parse_content_type(type.empty() ? default_type : type);
        if (part.type.is_type("multipart"))
            if (auto split = children(part, depth); !split)
                return fail(split);
        return part;
    }

  private:
    /// Fill headers and body. A line that is neither header nor continuation ends the headers, so
    /// that text without headers is a body.
    static Expected<void> headers(Part& part) {
        std::string_view rest = part.raw;
        std::size_t block = 0;
        while (!rest.empty()) {
            std::string_view line = first_line(rest);
            if (without_line_end(line).empty()) {
                rest.remove_prefix(line.size());
                break;
            }
            // What files of mails put in front of each; it is no field.
            const bool mbox_marker =
                part.headers.empty() && (line.starts_with("From ") || line.starts_with(">From "));
            const std::size_t name = mbox_marker ? 0 : name_length(line);
            if (name == 0 && !mbox_marker)
                break;
            std::size_t size = line.size();
            while (size < rest.size() && (rest[size] == ' ' || rest[size] == '\t') &&
                   !without_line_end(first_line(rest.substr(size))).empty())
                size += first_line(rest.substr(size)).size();
            const std::string_view field = without_line_end(rest.substr(0, size));
            rest.remove_prefix(size);
            block += size;
            if (size > max_header_bytes || block > max_header_block_bytes ||
                part.headers.size() == max_headers)
                return fail(PEP_ILLEGAL_VALUE, "the headers of the mail exceed a limit");
            if (!mbox_marker)
                part.headers.push_back({field.substr(0, name), field.substr(field.find(':') + 1)});
        }
        part.body = rest;
        return {};
    }

    Expected<void> children(Part& part, std::size_t depth) {
        const std::string* boundary = gmime::find_parameter(part.type.parameters, "boundary");
        std::vector<std::string_view> bodies;
        // With an empty one the dashes above the signature of a mail would be a boundary.
        if (boundary != nullptr && !boundary->empty())
            if (auto found = split(part.body, *boundary, bodies); !found)
                return found;
        if (bodies.empty()) {
            part.type = {};
            return {};
        }
        // entity() calls itself through here: the limit keeps the stack small.
        if (depth == max_depth)
            return fail(PEP_ILLEGAL_VALUE, "the parts of the mail are nested too deep");
        // RFC 2046, 5.1.5.
        const auto* default_type =
            part.type.is("multipart", "digest") ? "message/rfc822" : "text/plain";
        part.children.reserve(bodies.size());
        for (const std::string_view body : bodies) {
            auto child = entity(body, depth + 1, default_type);
            if (!child)
                return fail(child);
            part.children.push_back(std::move(*child));
        }
        return {};
    }

    /// The texts between the lines of `boundary`.
    static Expected<void> split(
        std::string_view body, const std::string& boundary, std::vector<std::string_view>& parts
    ) {
        const std::string dashes = "--" + boundary;
        constexpr auto none = std::string_view::npos;
        std::size_t begin = none; // of the part that is open
        std::size_t at = body.find(dashes);
        for (; at != none; at = body.find(dashes, at + dashes.size())) {
            // Within a line the same characters are text.
            if (at != 0 && body[at - 1] != '\n')
                continue;
            const std::string_view line = first_line(body.substr(at));
            const std::string_view behind = trim(line.substr(dashes.size()));
            if (!behind.empty() && behind != "--")
                continue; // a longer boundary that begins alike
            if (begin != none)
                parts.push_back(part_text(body, begin, at));
            begin = behind.empty() ? at + line.size() : none;
            if (begin == none || parts.size() > max_parts)
                break; // after the closing line comes the epilogue
        }
        if (begin != none)
            parts.push_back(body.substr(std::min(begin, body.size()))
            ); // cut off: keep what is there
        if (parts.size() > max_parts)
            return fail(PEP_ILLEGAL_VALUE, "the mail has too many parts");
        return {};
    }

    /// Without the line break in front of the boundary line at `end`; empty when the lines touch.
    static std::string_view part_text(std::string_view body, std::size_t begin, std::size_t end) {
        return begin < end ? without_line_end(body.substr(begin, end - begin)) : std::string_view{};
    }

    std::size_t parts_ = 0;
};

} // namespace

std::string_view Part::header(std::string_view name) const {
    for (const Header& header : headers)
        if (iequals(header.name, name))
            return header.value;
    return {};
}

Expected<Part> parse_tree(std::string_view text) {
    return Splitter{}.entity(text, 0, "text/plain");
}

} // namespace pep::engine::mime
