// Identities and lists of them on the wire.
#pragma once

#include "api/types/enums.hpp"
#include "marshal/lists.hpp"
#include "pEp/identity_list.h"

namespace pep::marshal {

template <>
struct Release<pEp_identity> {
    void operator()(pEp_identity* identity) const noexcept { free_identity(identity); }
};

template <>
struct Release<identity_list> {
    void operator()(identity_list* list) const noexcept { free_identity_list(list); }
};

template <>
struct Fields<pEp_identity> {
    static constexpr std::string_view name = "Identity",
                                      doc = "A communication partner, or the user.";

    static pEp_identity* make() { return new_identity(nullptr, nullptr, nullptr, nullptr); }

    static constexpr bool empty_object_is_null = true;
    // enc_format is not on the wire, as in the original.
    static constexpr std::tuple list{
        field(&pEp_identity::address, "address", "e-mail address or URI"),
        field(&pEp_identity::fpr, "fpr", "fingerprint of the key in use, hex digits"),
        field(&pEp_identity::user_id, "user_id", "who this is, whatever the address"),
        field(&pEp_identity::username, "username", "display name"),
        field(&pEp_identity::comm_type, "comm_type", "how well messages to it can be protected"),
        field_as<Language>(&pEp_identity::lang, "lang", "preferred language, ISO 639-1"),
        field(&pEp_identity::me, "me", "true for an identity of the user"),
        field(
            &pEp_identity::major_ver,
            "major_ver",
            "p≡p protocol version of the partner, 0 if unknown"
        ),
        field(&pEp_identity::minor_ver, "minor_ver", "its second part"),
        field_as<Flags<identity_flags>>(&pEp_identity::flags, "flags", "bits of identity_flags"),
    };
};

template <>
struct List<identity_list> {
    static constexpr std::string_view name = "IdentityList", doc = "Identities.";
    static constexpr auto next = &identity_list::next;
    static constexpr auto item = &identity_list::ident;

    static identity_list* make() { return new_identity_list(nullptr); }

    // The engine's form of an empty list, in both directions.
    static constexpr EmptyArray empty_array = EmptyArray::empty_node;
    static constexpr EmptyNode empty_node = EmptyNode::stop;
};

} // namespace pep::marshal
