// The privacy view: own identities, partners that were looked up, keys, and one pair of them to compare.
import { badge, button, labelled, make } from "/dom.js";
import {
    ask,
    bare,
    fingerprint,
    identify,
    nameOf,
    no_key,
    own_user,
    ownIdentities,
    ratingChip
} from "/views/engine.js";
import { comparing } from "/views/partner.js";
import { form, outcome, section, textField } from "/views/parts.js";

/** The view: own identities and partners side by side, the chosen pair below, and the key ring. */
export function create(api) {
    const partners = new Map(); // address → identity; what was looked up since the page was opened
    let own = [];
    let chosen = { me: null, partner: null }; // addresses

    const compare = comparing(api, () => said.partner.run(drawPartners));
    // Lists are filled anew after every change: the engine knows best what became of trust and keys.
    const ownList = make("ul", { className: "people-list" });
    const partnerList = make("ul", { className: "people-list" });
    const said = { own: outcome(), partner: outcome(), keys: outcome() };

    /** One line of a list: who, which key, how messages would be rated. The chosen one is marked for everybody. */
    function line(identity, kind, rating) {
        const isChosen = chosen[kind] === identity.address;
        const choose = make("button", { type: "button", className: "choose" }, nameOf(identity));
        choose.setAttribute("aria-pressed", String(isChosen));
        choose.addEventListener("click", () => {
            chosen[kind] = identity.address;
            // both lists are on the page: a choice in one leaves the other's alone
            for (const other of choose.closest("ul").querySelectorAll(".choose"))
                other.setAttribute("aria-pressed", String(other === choose));
            showPair();
        });
        return make("li", {}, make("div", { className: "pair" }, choose, rating), fingerprint(identity.fpr));
    }

    /** The pane is given what is known now, and asks the engine for the rest. */
    const showPair = () =>
        compare.show(own.find((each) => each.address === chosen.me) ?? null, partners.get(chosen.partner) ?? null);

    /** Reads the own identities; the first one is chosen if none is. */
    async function drawOwn() {
        own = await ownIdentities();
        // the chosen one may be gone, or none was chosen yet
        if (!own.some((each) => each.address === chosen.me)) chosen.me = own[0]?.address ?? null;
        const none = make("li", { className: "note" }, "None yet. Add one: it gets a key at once.");
        ownList.replaceChildren(...(own.length ? own.map((each) => line(each, "me", badge("own", "good"))) : [none]));
    }

    /** Asks the engine about each anew: what other clients told it counts as well. */
    async function drawPartners() {
        // together, as each needs two calls; the order of the lines stays that of the map
        const lines = await Promise.all(
            [...partners].map(async ([address, partner]) => {
                const fresh = await identify(partner);
                partners.set(address, fresh);
                const { out } = await ask("identity_rating", { ident: bare(fresh) });
                return line(fresh, "partner", ratingChip(out.rating));
            })
        );
        const none = make("li", { className: "note" }, "Nobody was looked up yet.");
        partnerList.replaceChildren(...(lines.length ? lines : [none]));
    }

    /** Adds a partner to the list and chooses him. */
    async function lookUp(identity) {
        const found = await identify(identity);
        // keys of one's own are no partner's: there is nothing to compare
        if (found.me) throw new Error("This is an own address.");
        if (!own.length) await drawOwn(); // whoever is quick is still shown both sides
        partners.set(found.address, found);
        chosen.partner = found.address;
        await drawPartners();
        await showPair();
    }

    const [address, name] = [textField({ inputMode: "email" }), textField()];
    const addOwn = button(
        "Add",
        () =>
            said.own.run(async () => {
                const identity = {
                    address: address.value.trim(),
                    // undefined is left out of JSON: then no name is given, rather than an empty one
                    username: name.value.trim() || undefined,
                    user_id: own_user
                };
                if (!identity.address) throw new Error("An address is needed.");
                // makes the key, if there is none yet
                const { out } = await ask("myself", { identity });
                address.value = name.value = "";
                chosen.me = out.identity.address;
                await drawOwn();
                await showPair();
                said.own.tell(`${nameOf(out.identity)} has a key.`);
            }),
        { type: "submit", className: "primary" }
    );

    const [who, called] = [textField({ inputMode: "email" }), textField()];
    const find = button(
        "Look up",
        () =>
            said.partner.run(async () => {
                const identity = { address: who.value.trim(), username: called.value.trim() || undefined };
                if (!identity.address) throw new Error("An address is needed.");
                await lookUp(identity);
                // kept after a fault, to be mended
                who.value = called.value = "";
            }),
        { type: "submit", className: "primary" }
    );

    return {
        element: make(
            "div",
            { className: "view privacy" },
            make("h1", {}, "Privacy"),
            make(
                "div",
                { className: "halves" },
                section(
                    "Own identities",
                    ownList,
                    form(
                        make(
                            "div",
                            { className: "row" },
                            labelled("Own address", address),
                            labelled("Own name", name),
                            addOwn
                        )
                    ),
                    said.own.element
                ),
                section(
                    "Partners",
                    partnerList,
                    form(
                        make(
                            "div",
                            { className: "row" },
                            labelled("Partner's address", who),
                            labelled("Partner's name", called),
                            find
                        )
                    ),
                    said.partner.element
                )
            ),
            compare.element,
            keyRing(said.keys, (identity) => said.partner.run(() => lookUp(identity)))
        ),
        /** Read again each time: other clients use the same engine. */
        show: () =>
            said.own.run(async () => {
                await drawOwn();
                await drawPartners();
                if (chosen.partner) await showPair();
            })
    };
}

/** Searches the stored keys; whom a key names can be looked up, what a key file holds can be taken in. */
function keyRing(said, lookUp) {
    const pattern = textField({ placeholder: "address, name or fingerprint; empty: all" });
    const list = make("ul", { className: "people-list" });
    const search = button(
        "Search",
        () =>
            said.run(async () => {
                // no key found is an answer here, not a fault
                const { out } = await ask("OpenPGP_list_keyinfo", { search_pattern: pattern.value.trim() }, no_key);
                const found = out.keyinfo_list ?? [];
                list.replaceChildren(
                    ...found.map(({ key, value }) => {
                        // a user id is mostly NAME <ADDRESS>; without an address there is nobody to look up
                        const address = /<([^<>]+)>$/.exec(value ?? "")?.[1];
                        const use = address
                            ? button("Look up", () => lookUp({ address }), {
                                  className: "quiet",
                                  "aria-label": `Look up ${address}`
                              })
                            : null;
                        return make(
                            "li",
                            {},
                            make("div", { className: "pair" }, make("span", { className: "who" }, value ?? ""), use),
                            fingerprint(key)
                        );
                    })
                );
                said.tell(found.length === 1 ? "1 key" : `${found.length} keys`);
            }),
        { type: "submit" }
    );
    return section(
        "Keys",
        form(make("div", { className: "row" }, labelled("Search keys", pattern), search)),
        said.element,
        list
    );
}
