// Header fields as 7 bit text with CRLF line ends (RFC 5322, 2047, 2231). Whatever a value holds,
// it stays inside its field: line breaks become blanks, other control characters are encoded. Not
// thread-safe.
#pragma once

#include "base/expected.hpp"
#include "pEp/identity_list.h"
#include "pEp/stringlist.h"
#include "pEp/timestamp.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace pep::engine::mime {

/// Printable ASCII without ':' (RFC 5322 2.2), not absurdly long.
[[nodiscard]] bool is_field_name(std::string_view name);

/// Appends fields to a text it borrows. Names must satisfy is_field_name().
class HeaderWriter {
  public:
    explicit HeaderWriter(std::string& out) : out_(out) {}

    /// Unstructured text: as is where ASCII, else encoded words (Q, utf-8) for the words that need
    /// it.
    void text(std::string_view name, std::string_view value);

    /// `<id> <id> …`; characters that cannot be in an id are left out. No field without ids.
    void ids(std::string_view name, const stringlist_t* ids);
    void id(std::string_view name, std::string_view id);

    /// The identities that have an address; no field when none has. An address without '@', or one
    /// that is no addr-spec, is written as `"address"@URI`. ILLEGAL_VALUE for control characters in
    /// an address, CANNOT_ENCODE for what 7 bit text cannot carry.
    [[nodiscard]] Expected<void> addresses(std::string_view name, const identity_list* list);
    [[nodiscard]] Expected<void> address(std::string_view name, const pEp_identity& identity);

    /// Comma separated phrases; no field without keywords.
    void phrases(std::string_view name, const stringlist_t* list);

    /// RFC 5322 date in the offset of the timestamp; none for years a date cannot name.
    void date(std::string_view name, const timestamp& when);

    /// A field with parameters: open(), then parameter()s, then close().
    void open(std::string_view name, std::string_view value);
    void parameter(std::string_view name, std::string_view value);

    void close() { end(); }

  private:
    void begin(std::string_view name);
    void token(std::string_view blanks, std::string_view text);
    void encoded(std::string_view blanks, std::string_view text);
    void phrase(std::string_view text);
    Expected<void> mailbox(const pEp_identity& identity);

    void comma() { put(","); }

    void put(std::string_view text);
    void fold();
    void end();

    std::string& out_;
    std::size_t column_ = 0;
    bool at_start_ = true; // nothing behind the name yet
};

} // namespace pep::engine::mime
