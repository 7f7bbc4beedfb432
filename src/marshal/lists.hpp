// Singly linked lists of C as JSON arrays. Either each node points at one item (strings,
// identities, pairs), or the node itself is the struct (attachments). Lists are walked and freed
// iteratively.
#pragma once

#include "marshal/fields.hpp"

#include <string>
#include <string_view>

namespace pep::marshal {

/// What `[]` becomes on the way in.
enum class EmptyArray {
    null,       ///< no list
    empty_node, ///< a list with one node that holds nothing
};

/// What a node without an item means on the way out.
enum class EmptyNode {
    skip,
    stop, ///< the list ends there
};

/// Specialise for a node type:
///  - `name`, `doc`;
///  - `next`: the member that links, e.g. `&stringlist_t::next`;
///  - `make`: a function pointer that returns an empty node or NULL;
///  - `item`: the member that holds the item; leave it out if the node itself has Fields<>;
///  - optional `empty_array` (default null), `empty_node` (default skip);
///  - optional `skip(const Node&)` for nodes that have Fields<>.
/// `Release<Node>` frees the whole list.
template <class Node>
struct List;

namespace detail {

template <class Node>
concept HasItem = requires {
    List<Node>::item;
};

template <class Node>
constexpr EmptyArray empty_array = EmptyArray::null;

template <class Node>
requires requires { List<Node>::empty_array; }
constexpr EmptyArray empty_array<Node> = List<Node>::empty_array;

template <class Node>
constexpr EmptyNode empty_node = EmptyNode::skip;

template <class Node>
requires requires { List<Node>::empty_node; }
constexpr EmptyNode empty_node<Node> = List<Node>::empty_node;

template <class Node>
using Next = std::remove_cvref_t<decltype(std::declval<Node&>().*(List<Node>::next))>;

template <class Node>
using ItemSlot = Slot<std::remove_cvref_t<decltype(std::declval<Node&>().*(List<Node>::item))>>;

template <class Node>
Expected<void> load_node(Node& node, const json& j, const Path& at) {
    if constexpr (HasItem<Node>) {
        return ItemSlot<Node>::decode(node.*(List<Node>::item), j, at);
    } else {
        if (!j.is_object())
            return refuse(
                at, Fault::wrong_type, "an object (" + std::string(Fields<Node>::name) + ")"
            );
        return decode_members(node, j, at);
    }
}

template <class Node>
Expected<json> store_node(const Node& node, const Path& at) {
    if constexpr (HasItem<Node>)
        return ItemSlot<Node>::encode(node.*(List<Node>::item), at);
    else
        return encode_members(node, at);
}

template <class Node>
bool holds_nothing(const Node& node) {
    if constexpr (HasItem<Node>)
        return ItemSlot<Node>::is_unset(node.*(List<Node>::item));
    else if constexpr (requires { List<Node>::skip(node); })
        return List<Node>::skip(node);
    else
        return false;
}

template <class Node>
json item_schema(Schemas& schemas) {
    if constexpr (HasItem<Node>)
        return ItemSlot<Node>::schema(schemas);
    else
        return schemas.ref(Fields<Node>::name, &describe_members<Node>);
}

} // namespace detail

template <class Node>

requires(Listed<Node>&& Releasable<Node> && !std::is_const_v<Node>) struct Type<Node*> {
    using Holder = Owned<Node>;
    static constexpr std::string_view name = List<Node>::name;

    static Expected<Holder> decode(const json& j, const Path& at) {
        if (j.is_null())
            return Holder{};
        if (!j.is_array())
            return refuse(at, Fault::wrong_type, "an array (" + std::string(name) + ")");
        if (j.empty() && detail::empty_array<Node> == EmptyArray::null)
            return Holder{};
        Holder head{List<Node>::make()};
        if (!head)
            return refuse(at, Fault::out_of_memory, "less data");
        // Kept, as to search the end for each node would take quadratic time.
        Node* last = head.get();
        for (std::size_t i = 0; i < j.size(); ++i) {
            if (i > 0) {
                Node* fresh = List<Node>::make();
                if (!fresh)
                    return refuse(at, Fault::out_of_memory, "less data");
                last->*(List<Node>::next) = fresh; // owned by the list from here on
                last = fresh;
            }
            if (auto loaded = detail::load_node(*last, j[i], at.item(i)); !loaded)
                return fail(loaded);
        }
        return head;
    }

    static Node* get(Holder& h) { return h.get(); }

    /// NULL goes out as [] where it goes out at all: clients of the original expect an array.
    static Expected<json> encode(const Node* node, const Path& at) {
        json array = json::array();
        for (; node; node = node->*(List<Node>::next)) {
            if (detail::holds_nothing(*node)) {
                if (detail::empty_node<Node> == EmptyNode::stop)
                    break;
                continue;
            }
            auto item = detail::store_node(*node, at.item(array.size()));
            if (!item)
                return fail(item);
            array.push_back(std::move(*item));
        }
        return array;
    }

    static json schema(Schemas& schemas) {
        return schemas.ref(name, [](Schemas& inner) -> json {
            return {
                {"type", "array"},
                {"description", List<Node>::doc},
                {"items", detail::item_schema<Node>(inner)},
            };
        });
    }
};

} // namespace pep::marshal
