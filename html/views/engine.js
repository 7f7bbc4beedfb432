// What the views know of this API: which of them there are, how outcomes of the engine are told from failures, and what
// ratings, addresses and fingerprints look like. The functions view knows nothing of all this.
import { make } from "/dom.js";
import { call, CallError } from "/rpc.js";
import { plan } from "/schema.js";

export const views = [
    { name: "privacy", title: "Privacy", load: () => import("/views/privacy.js") },
    { name: "mail", title: "Mail", load: () => import("/views/mail.js") },
    { name: "events", title: "Events", load: () => import("/views/events.js") },
    { name: "log", title: "Log", load: () => import("/views/log.js") },
    { name: "status", title: "Status", load: () => import("/views/status.js") }
];

export const own_user = "pEp_own_userId";

/** The name of an engine function's status, which `hex` has in quotes behind the number; "" if there is none. */
export const statusName = (result) => String(result.return?.hex ?? "").replace(/^.*?"(.*)"$/, "$1");

/** What an engine function answered: { status, name, out }. Statuses other than these fail with a CallError. */
export async function ask(method, params = {}, alsoFine = []) {
    const result = await call(method, params);
    const { status } = result.return ?? {};
    const name = statusName(result);
    if (status === undefined || status === 0 || alsoFine.includes(name)) return { status, name, out: result.out };
    throw new CallError(name || `Status ${status}`, advice[name] ?? "", status);
}

const advice = {
    PEP_PASSPHRASE_REQUIRED: "The key is locked. Give its passphrase to config_passphrase (Functions) and try again.",
    PEP_WRONG_PASSPHRASE: "No known passphrase opens the key. Give the right one to config_passphrase (Functions).",
    PEP_KEY_NOT_FOUND: "There is no key for this identity.",
    PEP_GET_KEY_FAILED: "There is no key for this identity.",
    PEP_CANNOT_FIND_IDENTITY: "This identity is not known; look it up first.",
    PEP_ILLEGAL_VALUE: "Something needed is missing: for a mail the sender, for an identity its address."
};

// ---------------------------------------------------------------------------------------------------- ratings

const names = new Map([
    [0, "undefined"],
    [1, "cannot decrypt"],
    [2, "have no key"],
    [3, "unencrypted"],
    [4, "unreliable"],
    [5, "media key protected"],
    [6, "reliable"],
    [7, "trusted"],
    [8, "trusted and anonymized"],
    [9, "fully anonymous"],
    [-1, "mistrust"],
    [-2, "b0rken"],
    [-3, "under attack"]
]);

/** The colours mail programs use: what cannot be judged is grey, and never is the colour all that is said. */
export function ratingColour(rating) {
    if (rating === -2 || rating === 2) return "grey";
    if (rating < 0) return "red";
    if (rating < 6) return "grey";
    return rating === 6 ? "yellow" : "green";
}

export const ratingName = (rating) => names.get(rating) ?? "not known";

/** { rating: N } as a coloured word. */
export function ratingChip(given) {
    const rating = given?.rating;
    if (!Number.isInteger(rating)) return make("span", { className: "rating grey" }, "no rating");
    return make("span", { className: `rating ${ratingColour(rating)}`, title: `rating ${rating}` }, ratingName(rating));
}

/** Beside a rating's number in JSON stands its word. It is no text of the page, so that what is marked and copied stays JSON. */
export function numberNote(key, number) {
    if (key !== "rating" || !names.has(number)) return null;
    return make("span", { className: `rating ${ratingColour(number)}`, "data-word": ratingName(number) });
}

// ---------------------------------------------------------------------------------------------------- identities

/** The sense of an enumeration's value, as the document says it. */
export function senseOf(api, type, value) {
    const { options = [] } = plan(api.components?.schemas?.[type] ?? {});
    return options.find((option) => option.value === value)?.description ?? "";
}

/** A fingerprint in groups of four, as people compare it. */
export function fingerprint(fpr) {
    if (typeof fpr !== "string" || !fpr) return make("span", { className: "note" }, "no key");
    const groups = fpr.match(/.{1,4}/gs).map((group) => make("span", {}, group));
    const shown = groups.flatMap((group, i) => (i ? [" ", group] : [group]));
    return make("code", { className: "fingerprint", title: fpr }, ...shown);
}

export function nameOf(identity) {
    const { username, address } = identity ?? {};
    return username && username !== address ? `${username} <${address ?? ""}>` : (address ?? "nobody");
}

/** What identifies somebody to the engine, without what it found out itself. */
export function bare({ address, user_id, username, fpr, me }) {
    const kept = { address, user_id, username, fpr, me };
    return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined && value !== ""));
}

/** Statuses that say no more than that somebody has no key. */
export const no_key = ["PEP_KEY_NOT_FOUND", "PEP_GET_KEY_FAILED"];

/** What the engine knows of somebody. It chooses the key: one it gave before may be given up meanwhile. */
export async function identify({ address, user_id, username }) {
    const identity = bare({ address, user_id, username });
    return (await ask("update_identity", { identity }, no_key)).out.identity ?? identity;
}

/** Own identities with a key. */
export async function ownIdentities() {
    return (await ask("own_identities_retrieve")).out.own_identities ?? [];
}

/** "Ann <ann@x.test>, ben@x.test" as identities; commas inside quotes do not separate. */
export function addresses(text) {
    const pieces = text.match(/(?:"(?:[^"\\]|\\.)*"|[^,;])+/g) ?? [];
    return pieces
        .map((piece) => piece.trim())
        .filter(Boolean)
        .map((piece) => {
            const found = /^(.*?)\s*<([^<>]*)>$/s.exec(piece);
            if (!found) return { address: piece };
            const username = found[1].replace(/^"(.*)"$/s, "$1").replace(/\\(.)/gs, "$1");
            return username ? { address: found[2].trim(), username } : { address: found[2].trim() };
        });
}
