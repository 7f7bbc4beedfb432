// One partner and one own identity side by side: keys, rating, the words to compare, and what the user says to them.
import { button, labelled, make } from "/dom.js";
import { ask, bare, fingerprint, identify, nameOf, ratingChip, senseOf } from "/views/engine.js";
import { outcome, section, terms } from "/views/parts.js";

/** Lines of the list of languages, CSV with all fields quoted: [code, name]. */
export function languages(csv) {
    return (csv ?? "")
        .split("\n")
        .filter(Boolean)
        .map((line) => {
            const fields = [...line.matchAll(/"((?:[^"]|"")*)"/g)].map((found) => found[1].replaceAll('""', '"'));
            return [fields[0] ?? "", fields[1] ?? fields[0] ?? ""];
        });
}

/** One side of the pair; without `rating` nothing is said of messages. */
function card(api, title, identity, rating) {
    return make(
        "div",
        { className: "person", role: "group", "aria-label": title },
        make("h3", {}, title),
        make("p", { className: "who" }, nameOf(identity)),
        terms([
            ["Key", fingerprint(identity.fpr)],
            ["Messages", rating ? ratingChip(rating) : null],
            ["This means", senseOf(api, "PEP_comm_type", identity.comm_type)],
            ["User id", identity.user_id]
        ])
    );
}

/** A button that wants to be pressed twice. */
function twice(label, question, action) {
    const first = make("button", { type: "button", className: "quiet danger" }, label);
    // hidden until the first press, which leaves the focus on No
    const yes = button(
        question,
        async () => {
            await action();
            back();
        },
        { className: "danger", hidden: true }
    );
    const no = make("button", { type: "button", className: "quiet", hidden: true }, "No");
    const back = () => {
        first.hidden = false;
        yes.hidden = no.hidden = true;
    };
    first.addEventListener("click", () => {
        first.hidden = true;
        yes.hidden = no.hidden = false;
        no.focus();
    });
    no.addEventListener("click", () => {
        back();
        first.focus();
    });
    return make("span", { className: "pair" }, first, yes, no);
}

/**
 * The pane. `show(me, partner)` fills it; `changed()` is called when the engine was told something, so that lists can
 * be read again.
 */
export function comparing(api, changed) {
    const said = outcome();
    const people = make("div", { className: "people" });
    const words = make("p", { className: "trustwords", "aria-live": "polite" });
    const language = make("select", {});
    const full = make("input", { type: "checkbox" });
    // What is to be done with words and fingerprints is said first: the whole comparison rests on it.
    const element = section(
        "Compare",
        make(
            "p",
            { className: "note" },
            "Read the words to your partner over the phone, or look at the fingerprints together. If they are the same " +
                "on both sides, nobody sits in between."
        )
    );
    let [me, partner] = [null, null];
    let seen = null; // the pair whose keys and words stand there
    const lastKeys = new Map(); // address → key: mistrusting leaves the partner without one, and it may be undone

    const turns = { pair: 0, words: 0 }; // what was asked last; an answer to anything older is not shown

    /** The words for the keys both have now. An answer is dropped if something else was asked meanwhile. */
    async function drawWords() {
        const mine = ++turns.words;
        // words are made of two fingerprints
        if (!me?.fpr || !partner?.fpr) {
            words.replaceChildren(make("span", { className: "note" }, "There are words when both have a key."));
            return;
        }
        const { out } = await ask("get_trustwords", {
            id1: bare(me),
            id2: bare(partner),
            lang: language.value,
            full: full.checked
        });
        if (mine !== turns.words) return;
        // one element for each word: they are compared one by one
        const list = (out.words ?? "").split(" ").filter(Boolean);
        words.replaceChildren(...list.flatMap((word, i) => (i ? [" ", make("span", {}, word)] : [make("span", {}, word)])));
    }

    /** Once, as the menu keeps what was chosen. The browser's language is proposed if there are words in it. */
    async function drawLanguages() {
        if (language.options.length) return;
        const { out } = await ask("get_languagelist");
        const found = languages(out.languages);
        language.replaceChildren(...found.map(([code, name]) => make("option", { value: code }, `${name} (${code})`)));
        const preferred = navigator.language.slice(0, 2);
        language.value = found.some(([code]) => code === preferred) ? preferred : (found[0]?.[0] ?? "");
    }

    /** A pair is its addresses and keys: another key of the same partner is another pair. */
    const pairOf = (own, other) => JSON.stringify([own, other].map((each) => [each?.address, each?.fpr]));

    /** Nothing can be confirmed before it is to be seen: keys and words belong to the same pair. */
    function hideOther(pair) {
        if (pair === seen) return;
        seen = null;
        confirm.disabled = mistrust.disabled = true;
        words.replaceChildren();
    }

    /** Asks the engine anew and draws the pair; the buttons work again once all of it stands there. */
    async function refresh() {
        const mine = ++turns.pair;
        hideOther(pairOf(me, partner));
        const fresh = await identify(partner);
        const { out } = await ask("identity_rating", { ident: bare(fresh) });
        await drawLanguages();
        if (mine !== turns.pair) return;
        // it may have another key than it had in the list: then what was shown is not what would be confirmed
        partner = fresh;
        hideOther(pairOf(me, partner));
        people.replaceChildren(
            me ? card(api, "You", me) : make("p", { className: "note" }, "Add an own identity first."),
            card(api, "Partner", partner, out.rating)
        );
        try {
            await drawWords();
        } finally {
            // without words there are still the fingerprints
            if (mine === turns.pair) {
                seen = pairOf(me, partner);
                confirm.disabled = mistrust.disabled = !partner.fpr;
            }
        }
    }

    /** A button that tells the engine something about the partner's key, and shows what came of it. */
    /** What was said to one partner is not told beside another, whom the user may have chosen meanwhile. */
    async function conclude({ address }, success) {
        await refresh();
        if (partner.address === address) said.tell(success);
        changed();
    }

    const tell = (label, method, success, properties = {}, then = null) =>
        button(
            label,
            () =>
                said.run(async () => {
                    // undoing needs the key although the partner has none any more
                    const ident = bare({ ...partner, fpr: partner.fpr || lastKeys.get(partner.address) });
                    lastKeys.set(ident.address, ident.fpr);
                    await ask(method, { ident });
                    // before the pair is read again, which shows what came of it
                    await then?.(ident);
                    await conclude(ident, success);
                }),
            properties
        );

    const confirm = tell(
        "The words are the same: confirm",
        "trust_personal_key",
        "Confirmed: this key is the partner's.",
        { className: "primary" }
    );
    const mistrust = tell(
        "They differ: mistrust",
        "key_mistrusted",
        "Mistrusted: nothing is encrypted to this key any more.",
        { className: "danger" }
    );
    const undo = tell(
        "Undo",
        "key_reset_trust",
        "Undone: the key counts as not compared yet.",
        {},
        // the engine also stops using the key, until somebody chooses it again
        ({ fpr, ...identity }) => fpr && ask("set_comm_partner_key", { identity, fpr })
    );
    const reset = twice("Forget the key…", "Forget key and trust of this partner", () =>
        said.run(async () => {
            const ident = bare(partner);
            await ask("key_reset_identity", { ident });
            await conclude(ident, "The key is given up. The next one the partner sends will be used.");
        })
    );

    language.addEventListener("change", () => said.run(drawWords));
    full.addEventListener("change", () => said.run(drawWords));
    element.append(
        people,
        make("div", { className: "row" }, labelled("Language", language), labelled("All words", full)),
        words,
        make(
            "div",
            { className: "actions-row", role: "group", "aria-label": "Your answer" },
            confirm,
            mistrust,
            undo,
            reset
        ),
        said.element
    );
    element.hidden = true;

    return {
        element,
        /** What was said of a partner stays as long as he does. */
        async show(own, other) {
            if (other?.address !== partner?.address) said.clear();
            [me, partner] = [own, other];
            element.hidden = !partner;
            if (partner) await said.attempt(refresh);
        }
    };
}
