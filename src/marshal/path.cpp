// Rendering of paths as JSON pointers.
#include "marshal/path.hpp"

namespace pep::marshal {

std::string Path::pointer() const {
    if (!parent_)
        return {};
    std::string text = parent_->pointer();
    text += '/';
    if (index_ != no_index)
        return text += std::to_string(index_);
    for (const char c : name_) {
        // RFC 6901 section 3: '~' and '/' inside a name are escaped
        if (c == '~')
            text += "~0";
        else if (c == '/')
            text += "~1";
        else
            text += c;
    }
    return text;
}

} // namespace pep::marshal
