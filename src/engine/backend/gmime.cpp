// GObjects and glib strings live in owners from the line they are made. GMime's recursion is
// bounded by checks before the call, its output is repaired where it may not be UTF-8.
#include "engine/backend/gmime.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"
#include "engine/mime_charsets.hpp"
#include "engine/mime_encoded_words.hpp"
#include "engine/mime_plain_value.hpp"

#include <gmime/gmime.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

namespace pep::engine::gmime {

namespace {

struct Unref {
    void operator()(gpointer object) const { g_object_unref(object); }
};

template <class T>
using Object = std::unique_ptr<T, Unref>;

struct FreeString {
    void operator()(char* text) const { g_free(text); }
};

using String = std::unique_ptr<char, FreeString>;

struct FreeDate {
    void operator()(GDateTime* date) const { g_date_time_unref(date); }
};

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

std::string text_of(const char* text) { return repair_utf8(text != nullptr ? text : ""); }

/// A header value as GMime wants it: one line, NUL terminated, encoded words it reads right.
std::string unfolded(std::string_view value) {
    std::string line{trim(value)};
    std::erase_if(line, [](char c) { return c == '\r' || c == '\n'; });
    std::replace(line.begin(), line.end(), '\0', ' ');
    return mime::readable_words(line);
}

/// Line breaks and NULs that were hidden in encoded words would become headers in an answer.
std::string without_breaks(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' '
    );
    return text;
}

/// Pieces of a long value (RFC 2231) are joined by GMime already.
Parameters parameters_of(GMimeParamList* list) {
    Parameters parameters;
    for (int i = 0; i < g_mime_param_list_length(list); ++i) {
        GMimeParam* parameter = g_mime_param_list_get_parameter_at(list, i);
        parameters.emplace_back(
            to_lower(text_of(g_mime_param_get_name(parameter))),
            without_breaks(text_of(g_mime_param_get_value(parameter)))
        );
    }
    return parameters;
}

/// Recurses as deep as groups nest, see groups_nest_too_deep().
void collect(InternetAddressList* list, std::vector<Mailbox>& mailboxes) {
    for (int i = 0; i < internet_address_list_length(list); ++i) {
        InternetAddress* address = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_GROUP(address)) {
            collect(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), mailboxes);
            continue;
        }
        const char* spec = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address));
        // A name without address is nobody to write to.
        if (spec == nullptr || *spec == '\0')
            continue;
        mailboxes.push_back({
            std::string{trim(without_breaks(text_of(internet_address_get_name(address))))},
            without_breaks(text_of(spec)),
        });
    }
}

/// How deep the parser would recurse into groups, at most: every colon may open one, only ';' ends
/// one.
bool groups_nest_too_deep(std::string_view value) {
    constexpr int max_depth = 32;
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        if (quoted && c == '\\')
            ++i;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && c == ':' && ++depth > max_depth)
            return true;
        else if (!quoted && c == ';' && depth > 0)
            --depth;
    }
    return false;
}

/// Semicolons that end no group separate mailboxes for some programs; the parser would drop what
/// stands behind.
std::string with_commas(std::string value) {
    char closing = '\0'; // of the quotes or brackets we are in
    bool in_group = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        if (c == '\\')
            ++i;
        else if (closing != '\0')
            closing = c == closing ? '\0' : closing;
        else if (c == '"')
            closing = '"';
        else if (c == '(')
            closing = ')';
        else if (c == '<')
            closing = '>';
        else if (c == '[')
            closing = ']';
        else if (c == ':')
            in_group = true;
        else if (c == ';' && !std::exchange(in_group, false))
            value[i] = ',';
    }
    return value;
}

/// iconv descriptor; GMime knows the aliases that mails use.
class Converter {
  public:
    explicit Converter(const std::string& charset)
        : handle_(g_mime_iconv_open("UTF-8", charset.c_str())) {}

    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;

    ~Converter() {
        if (known())
            g_mime_iconv_close(handle_);
    }

    // iconv_t is a pointer whose failure value is (iconv_t)-1, a macro-less C convention
    [[nodiscard]] bool known() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

    std::string convert(std::string_view text) {
        std::string out;
        out.reserve(text.size() + text.size() / 8);
        char* in = const_cast<char*>(text.data()); // iconv's signature; it does not write
        std::size_t left = text.size();
        char block[4096];
        while (true) {
            char* to = block;
            std::size_t room = sizeof block;
            const bool flushing = left == 0;
            const std::size_t rc =
                iconv(handle_, flushing ? nullptr : &in, flushing ? nullptr : &left, &to, &room);
            const int error = rc == static_cast<std::size_t>(-1) ? errno : 0;
            out.append(block, static_cast<std::size_t>(to - block));
            if (error == E2BIG)
                continue;
            if (error != 0 && left > 0) { // an undecodable or cut-off sequence: skip one byte of it
                out += replacement;
                ++in;
                --left;
                continue;
            }
            // The last call, without input, wrote what the converter had kept back.
            if (flushing)
                return out;
        }
    }

  private:
    iconv_t handle_;
};

/// What may go to iconv_open(), where "//" and what follows it are options.
bool is_charset_name(std::string_view name) {
    return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
        return g_ascii_isalnum(c) || std::string_view{"-_.:+"}.find(c) != std::string_view::npos;
    });
}

/// Text without a usable charset: UTF-8 if it is, else what most such mails are.
std::string guess(std::string_view text) {
    if (is_utf8(text))
        return std::string{text};
    Converter windows{"windows-1252"};
    return windows.known() ? windows.convert(text) : repair_utf8(text);
}

/// Base64 as all programs write it, several times faster than GMime, which copes with the rest: the
/// number of bytes, or nothing.
std::optional<std::size_t> decode_base64(std::string_view body, char* out) {
    const std::size_t last = body.find_last_not_of("= \t\r\n");
    if (last != std::string_view::npos && body.find('=') < last)
        return std::nullopt; // several texts behind each other
    const auto size = base64_decode_to(body, out);
    return size ? std::optional{*size} : std::nullopt;
}

/// All of `body`, also where padding was cut off: GMime would drop the last bytes without it.
std::size_t decode(GMimeEncoding& state, std::string_view body, char* out) {
    if (state.encoding == GMIME_CONTENT_ENCODING_BASE64)
        if (const auto size = decode_base64(body, out))
            return *size;
    std::size_t size = g_mime_encoding_step(&state, body.data(), body.size(), out);
    if (state.encoding == GMIME_CONTENT_ENCODING_BASE64) {
        const int in_quantum = std::abs(state.state); // negative when the last character was '='
        const std::size_t missing = in_quantum == 2 ? 2 : in_quantum == 3 ? 1 : 0;
        size += g_mime_encoding_step(&state, "==", missing, out + size);
    }
    return size + g_mime_encoding_flush(&state, "", 0, out + size);
}

/// The token alone: some programs quote it, or put a `;` or a comment behind it.
GMimeContentEncoding encoding_named(std::string_view value) {
    constexpr std::string_view outside = "\"' \t\r\n;(";
    const std::size_t begin = value.find_first_not_of(outside);
    if (begin == std::string_view::npos)
        return GMIME_CONTENT_ENCODING_DEFAULT;
    const std::size_t end = std::min(value.find_first_of(outside, begin), value.size());
    return g_mime_content_encoding_from_string(std::string{value.substr(begin, end - begin)}.c_str()
    );
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool has_blanks_at_line_ends(std::string_view text) {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos;
         at = text.find('\n', at + 1)) {
        const std::size_t end = at > 0 && text[at - 1] == '\r' ? at - 1 : at;
        if (end > 0 && is_blank(text[end - 1]))
            return true;
    }
    return false;
}

/// Transports add them, also behind the `=` of a soft line break (RFC 2045 6.7, rule 3).
std::string without_blanks_at_line_ends(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t lf = std::min(text.find('\n', at), text.size());
        const std::size_t end = lf > at && text[lf - 1] == '\r' && lf < text.size() ? lf - 1 : lf;
        std::string_view line = text.substr(at, end - at);
        while (lf < text.size() && !line.empty() && is_blank(line.back()))
            line.remove_suffix(1);
        out += line;
        out += text.substr(end, lf + 1 - end);
        at = lf + 1;
    }
    return out;
}

/// GMime decodes lines, but does not look for the first one.
std::string_view behind_uuencode_header(std::string_view text) {
    constexpr std::string_view mark = "begin ";
    std::size_t at = text.find(mark);
    while (at != std::string_view::npos && at > 0 && text[at - 1] != '\n')
        at = text.find(mark, at + 1);
    const std::size_t end = at == std::string_view::npos ? at : text.find('\n', at);
    return end == std::string_view::npos ? text : text.substr(end + 1);
}

} // namespace

void init() {
    static std::once_flag once;
    std::call_once(once, [] { g_mime_init(); });
}

const std::string* find_parameter(const Parameters& parameters, std::string_view name) {
    for (const auto& [key, value] : parameters)
        if (key == name)
            return &value;
    return nullptr;
}

bool ContentType::is(std::string_view wanted_type, std::string_view wanted_subtype) const {
    return iequals(type, wanted_type) && iequals(subtype, wanted_subtype);
}

bool ContentType::is_type(std::string_view wanted) const { return iequals(type, wanted); }

ContentType parse_content_type(std::string_view value) {
    const std::string line = unfolded(value);
    if (auto plain = mime::read_plain_value(line); plain && !plain->subkind.empty())
        return {std::move(plain->kind), std::move(plain->subkind), std::move(plain->parameters)};
    init();
    const std::size_t slash = line.find('/');
    // Anything else is not read at all, hence text/plain (RFC 2045, 5.2).
    const bool has_subtype =
        slash != std::string::npos && slash + 1 < line.size() && g_ascii_isgraph(line[slash + 1]);
    if (!has_subtype || slash == 0 || slash > line.find(';') || line[slash + 1] == ';')
        return {};
    Object<GMimeContentType> parsed{g_mime_content_type_parse(nullptr, line.c_str())};
    if (!parsed)
        return {};
    return {
        text_of(g_mime_content_type_get_media_type(parsed.get())),
        text_of(g_mime_content_type_get_media_subtype(parsed.get())),
        parameters_of(g_mime_content_type_get_parameters(parsed.get())),
    };
}

Disposition parse_disposition(std::string_view value) {
    const std::string line = unfolded(value);
    if (line.empty())
        return {};
    if (auto plain = mime::read_plain_value(line); plain && plain->subkind.empty())
        return {std::move(plain->kind), std::move(plain->parameters)};
    init();
    Object<GMimeContentDisposition> parsed{g_mime_content_disposition_parse(nullptr, line.c_str())};
    if (!parsed)
        return {};
    return {
        to_lower(trim(text_of(g_mime_content_disposition_get_disposition(parsed.get())))),
        parameters_of(g_mime_content_disposition_get_parameters(parsed.get())),
    };
}

std::vector<Mailbox> parse_addresses(std::string_view value) {
    init();
    std::vector<Mailbox> mailboxes;
    if (groups_nest_too_deep(value))
        return mailboxes;
    const std::string line = with_commas(unfolded(value));
    // Quotes that never end and comments are read by the parser in ways of its own; no more groups
    // than colons there are, whatever they stand in. As many levels still fit a small stack.
    constexpr std::ptrdiff_t most_colons = 1000;
    if (std::count(line.begin(), line.end(), ':') > most_colons)
        return mailboxes;
    Object<InternetAddressList> list{internet_address_list_parse(nullptr, line.c_str())};
    if (list)
        collect(list.get(), mailboxes);
    return mailboxes;
}

std::optional<std::int64_t> parse_date(std::string_view value) {
    init();
    // Null for what is no date.
    std::unique_ptr<GDateTime, FreeDate> date{
        g_mime_utils_header_decode_date(unfolded(value).c_str())};
    if (!date)
        return std::nullopt;
    return g_date_time_to_unix(date.get());
}

std::string decode_header(std::string_view value) {
    std::string line = unfolded(value);
    // Most fields: there is nothing to decode.
    if (is_ascii(line) && line.find("=?") == std::string::npos)
        return line;
    init();
    String decoded{g_mime_utils_header_decode_text(nullptr, line.c_str())};
    return without_breaks(text_of(decoded.get()));
}

std::string ascii_domain(const std::string& address) {
    init();
    Object<InternetAddress> mailbox{internet_address_mailbox_new(nullptr, address.c_str())};
    const char* ascii =
        internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(mailbox.get()));
    return ascii != nullptr ? ascii : address;
}

std::string to_utf8(std::string_view text, std::string_view charset) {
    init();
    const std::string meant = mime::meant_charset(charset);
    if (meant == "utf-8" || meant == "utf8")
        return repair_utf8(text);
    // Also when none is stated.
    if (!is_charset_name(meant))
        return guess(text);
    // Mails under that name use characters of vendors, which iconv's table for it lacks.
    if (meant == "iso-2022-jp") {
        Converter euc{"euc-jp-ms"};
        if (euc.known())
            return repair_utf8(euc.convert(mime::iso_2022_jp_as_euc(text)));
    }
    Converter converter{meant};
    return converter.known() ? repair_utf8(converter.convert(text)) : guess(text);
}

std::string repair_utf8(std::string_view text) {
    if (is_utf8(text))
        return std::string{text};
    String valid{g_utf8_make_valid(text.data(), static_cast<gssize>(text.size()))};
    return valid.get();
}

void Bytes::Free::operator()(char* p) const { std::free(p); }

Bytes decode_transfer(std::string_view body, std::string_view encoding) {
    init();
    const GMimeContentEncoding kind = encoding_named(encoding);
    std::string lines; // what `body` views into, if it had to change
    if (kind == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE && has_blanks_at_line_ends(body))
        body = lines = without_blanks_at_line_ends(body);
    if (kind == GMIME_CONTENT_ENCODING_UUENCODE)
        body = behind_uuencode_header(body);
    const bool encoded = kind == GMIME_CONTENT_ENCODING_BASE64 ||
                         kind == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE ||
                         kind == GMIME_CONTENT_ENCODING_UUENCODE;
    GMimeEncoding state;
    g_mime_encoding_init_decode(&state, encoded ? kind : GMIME_CONTENT_ENCODING_DEFAULT);
    const std::size_t room =
        encoded ? std::max(
                      g_mime_encoding_outlen(&state, body.size()), base64_decoded_room(body.size())
                  )
                : body.size();
    Bytes bytes;
    // For the NUL, and for what the padding that is added in decode() may bring forth.
    bytes.value.reset(static_cast<char*>(std::malloc(room + 4)));
    if (!bytes.value)
        throw std::bad_alloc{};
    if (encoded)
        bytes.size = decode(state, body, bytes.value.get());
    else if (!body.empty())
        std::memcpy(bytes.value.get(), body.data(), bytes.size = body.size());
    bytes.value.get()[bytes.size] = '\0';
    // Base64 leaves a quarter of the room unused: give it back, attachments are big.
    if (char* smaller = static_cast<char*>(std::realloc(bytes.value.get(), bytes.size + 1))) {
        (void)bytes.value.release();
        bytes.value.reset(smaller);
    }
    return bytes;
}

} // namespace pep::engine::gmime
