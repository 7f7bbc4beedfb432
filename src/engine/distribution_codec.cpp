// Extensibility is implied throughout: every CHOICE and every SEQUENCE begins with an extension
// bit.
#include "engine/distribution_codec.hpp"

#include "engine/guard.hpp"
#include "engine/uper.hpp"

#include <algorithm>
#include <optional>

namespace pep::engine {

namespace {

constexpr std::size_t max_text = 1024; // PString
constexpr std::size_t min_hash = 16;   // Hash
constexpr std::size_t max_hash = 128;
constexpr std::size_t max_commands = 256; // nobody has that many identities
constexpr unsigned version_minor = 0; // of the key reset protocol, 1.0; its major is the default
constexpr std::string_view hex_digits = "0123456789ABCDEF";

/// Later forks append flags to the identity. Nothing tells the layouts apart but that the wrong one
/// does not fit.
enum class Layout { plain, with_flags };

/// What the wire can carry as a fingerprint; an identity without one cannot be encoded at all.
bool is_hash(std::string_view text) {
    return text.size() >= min_hash && text.size() <= max_hash &&
           text.find_first_not_of(hex_digits) == std::string_view::npos;
}

/// Two letters, each of which travels in five bits.
bool is_lang(std::string_view text) {
    return text.size() == 2 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// Of the 16 permitted characters each takes four bits; the length counts from the smallest one.
void put_hash(uper::Writer& out, std::string_view fpr) {
    out.bits(fpr.size() - min_hash, 7);
    for (const char digit : fpr)
        out.bits(hex_digits.find(digit), 4);
}

/// PER does not see the limit of a UTF8String, hence a general length, in octets.
void put_text(uper::Writer& out, std::string_view text) {
    out.length(text.size());
    out.octets(text);
}

/// The first bit says that nothing was added to the type later.
void put_identity(uper::Writer& out, const WireIdentity& identity) {
    out.bit(false);
    put_text(out, identity.address);
    put_hash(out, identity.fpr);
    put_text(out, identity.user_id);
    put_text(out, identity.username);
    out.bits(identity.comm_type, 8);
    for (const char letter : identity.lang)
        out.bits(static_cast<unsigned>(letter - 'a'), 5);
}

/// To be asked before anything is written: the writer drops the bits that do not fit a field.
bool fits(const ResetCommand& command) {
    const WireIdentity& ident = command.ident;
    return is_hash(ident.fpr) && is_hash(command.new_fpr) && ident.address.size() <= max_text &&
           ident.user_id.size() <= max_text && ident.username.size() <= max_text &&
           ident.comm_type <= 0xff && is_lang(ident.lang);
}

std::string get_text(uper::Reader& in) {
    const std::size_t size = in.length();
    if (size > max_text)
        in.fail();
    return in.octets(size);
}

std::string get_hash(uper::Reader& in) {
    const std::size_t size = min_hash + in.bits(7);
    std::string fpr;
    if (size > max_hash)
        in.fail();
    while (in.ok() && fpr.size() < size)
        fpr.push_back(hex_digits[in.bits(4)]);
    return fpr;
}

WireIdentity get_identity(uper::Reader& in, Layout layout) {
    const bool extended = in.bit();
    WireIdentity identity;
    identity.address = get_text(in);
    identity.fpr = get_hash(in);
    identity.user_id = get_text(in);
    identity.username = get_text(in);
    identity.comm_type = static_cast<unsigned>(in.bits(8));
    identity.lang.clear();
    for (int i = 0; i < 2; ++i) {
        const auto letter = in.bits(5);
        // Five bits hold 32 values, the alphabet has 26 letters.
        if (letter > 'z' - 'a')
            in.fail();
        identity.lang.push_back(static_cast<char>('a' + letter));
    }
    if (layout == Layout::with_flags)
        static_cast<void>(in.bits(16));
    if (extended)
        in.skip_additions();
    return identity;
}

/// Nothing here depends on the version of the protocol.
void skip_version(uper::Reader& in) {
    const bool extended = in.bit();
    const bool major = in.bit();
    const bool minor = in.bit();
    if (major)
        static_cast<void>(in.bits(8));
    if (minor)
        static_cast<void>(in.bits(8));
    if (extended)
        in.skip_additions();
}

std::vector<ResetCommand> get_commands(uper::Reader& in, Layout layout) {
    const bool extended = in.bit();
    skip_version(in);
    const std::size_t count = in.length();
    // Fails the whole: from here on the reader is never at its end.
    if (count > max_commands)
        in.fail();
    std::vector<ResetCommand> commands;
    while (in.ok() && commands.size() < count) {
        const bool command_extended = in.bit();
        ResetCommand command;
        command.ident = get_identity(in, layout);
        command.new_fpr = get_hash(in);
        if (command_extended)
            in.skip_additions();
        commands.push_back(std::move(command));
    }
    if (extended)
        in.skip_additions();
    return commands;
}

/// Nothing when the octets do not fit the layout.
std::optional<Distribution> decode(std::string_view bytes, Layout layout) {
    uper::Reader in{bytes};
    Distribution made;
    if (in.bit()) { // an alternative added later, as an open type
        if (in.bit())
            return std::nullopt; // more than 64 of them
        switch (in.bits(6)) {
        case 0:
            made.kind = Distribution::Kind::managed_group;
            break;
        case 1:
            made.kind = Distribution::Kind::exploration;
            break;
        case 2:
            made.kind = Distribution::Kind::echo;
            break;
        default:
            return std::nullopt; // NOLINT: of protocols to come
        }
        // What is in it belongs to other protocols, but the message must end with it.
        static_cast<void>(in.octets(in.length()));
        return in.at_end() ? std::optional{made} : std::nullopt;
    }
    if (in.bit())
        return std::nullopt; // KeyReset has one alternative only
    made.commands = get_commands(in, layout);
    return in.at_end() ? std::optional{std::move(made)} : std::nullopt;
}

} // namespace

Expected<std::string> encode_key_reset(const std::vector<ResetCommand>& commands) {
    if (commands.size() > max_commands || !std::all_of(commands.begin(), commands.end(), fits))
        return fail(PEP_CANNOT_ENCODE, "a key reset does not fit its wire form");
    uper::Writer out;
    out.bit(false);     // Distribution: keyreset
    out.bit(false);     // KeyReset: commands
    out.bit(false);     // Commands
    out.bits(0b001, 3); // Version: not extended, major is the default, minor is there
    out.bits(version_minor, 8);
    out.length(commands.size());
    for (const ResetCommand& command : commands) {
        out.bit(false);
        put_identity(out, command.ident);
        put_hash(out, command.new_fpr);
    }
    return std::move(out).finish();
}

Expected<Distribution> decode_distribution(std::string_view bytes) {
    // A layout is taken only if it uses up all octets, so the wrong one hardly ever fits.
    for (const Layout layout : {Layout::plain, Layout::with_flags})
        if (auto made = decode(bytes, layout))
            return std::move(*made);
    return fail(PEP_DISTRIBUTION_ILLEGAL_MESSAGE, "the payload is no distribution message");
}

} // namespace pep::engine
