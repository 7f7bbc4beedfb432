// JSON as text: written for the wire without losing digits, and shown coloured without being parsed.
import { make } from "/dom.js";

/** What was typed cannot be sent; the message says why. */
export class Fault extends Error {}

/** JSON text that is sent as it was typed, because numbers over 2^53 would not survive a parser. */
class Raw {
    constructor(text) {
        this.text = text;
    }
}

/** JSON with an indent of two; keeps what was typed as raw JSON, and integers of any size. */
export function toText(value, indent = "") {
    if (value instanceof Raw) return value.text;
    if (typeof value === "bigint") return String(value);
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const inner = indent + "  ";
    const isList = Array.isArray(value);
    const lines = isList
        ? value.map((item) => inner + toText(item, inner))
        : Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${toText(item, inner)}`);
    const [open, close] = isList ? "[]" : "{}";
    return lines.length ? `${open}\n${lines.join(",\n")}\n${indent}${close}` : open + close;
}

/** Takes JSON text over as it is, if it is JSON. */
export function rawJson(text) {
    try {
        JSON.parse(text);
    } catch (error) {
        throw new Fault(`Not JSON: ${error.message}`);
    }
    return new Raw(text.trim());
}

/** Text typed with the escapes of JSON (\n, \t, \u20ac); whatever else JSON wants escaped may stand for itself. */
export function unescape(text) {
    const quoted = text.replace(/\\[^]|["\u0000-\u001f]/g, (piece) =>
        piece.length > 1 ? piece : `\\u${piece.charCodeAt(0).toString(16).padStart(4, "0")}`
    );
    try {
        return JSON.parse(`"${quoted}"`);
    } catch {
        throw new Fault("A backslash begins no known escape here.");
    }
}

// The beginning of a text or of a member's name, a number, a word, a sign: together all that JSON consists of.
const token_pattern = /"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;
export const shown_string = 2000;
const shown_tokens = 20000; // more would only freeze the tab

/** Behind the quote that ends a text. No pattern does this: with many escapes it overflows the stack of the browser. */
function behindText(json, start) {
    let at = json.indexOf('"', start + 1);
    while (at >= 0 && isEscaped(json, at)) at = json.indexOf('"', at + 1);
    return at < 0 ? json.length : at + 1;
}

/** Whether an odd number of backslashes stands before a sign. */
function isEscaped(json, at) {
    let first = at;
    while (json[first - 1] === "\\") --first;
    return (at - first) % 2 === 1;
}

/** The first `most` tokens of JSON text. */
function tokensOf(json, most) {
    const tokens = [];
    token_pattern.lastIndex = 0;
    for (let found; tokens.length < most && (found = token_pattern.exec(json)); ) {
        if (found[0] === '"') token_pattern.lastIndex = behindText(json, found.index);
        tokens.push(json.slice(found.index, token_pattern.lastIndex));
    }
    return tokens;
}

/**
 * Writes JSON text indented and coloured, token by token: nothing is parsed, so nothing is rounded.
 * `annotate(key, number)` may give an element to stand behind a member's number.
 */
export function showJson(target, text, annotate = () => null) {
    const out = document.createDocumentFragment();
    const put = (piece, kind) => out.append(kind ? make("span", { className: kind }, piece) : piece);
    const tokens = tokensOf(text, shown_tokens + 1); // one more tells whether there is a rest
    let depth = 0;
    let key = null; // whose value comes next
    for (let i = 0; i < Math.min(tokens.length, shown_tokens); ++i) {
        const [token, next] = [tokens[i], tokens[i + 1]];
        const before = key;
        key = token === ":" ? JSON.parse(tokens[i - 1]) : null;
        const newline = () => put("\n" + "  ".repeat(depth));
        if ("{[".includes(token)) {
            put(token);
            if ("}]".includes(next)) put(tokens[++i]);
            else {
                ++depth;
                newline();
            }
        } else if ("}]".includes(token)) {
            --depth;
            newline();
            put(token);
        } else if (token === ",") {
            put(token);
            newline();
        } else if (token === ":") put(": ");
        else if (/[\d-]/.test(token[0])) {
            put(token, "number");
            const note = before !== null && annotate(before, Number(token));
            if (note) out.append(" ", note);
        } else if (token[0] !== '"') put(token, "word");
        else if (token.length <= shown_string) put(token, next === ":" ? "key" : "string");
        else {
            put(token.slice(0, 200) + "…", "string");
            put(` ${token.length - 2} characters; Copy gives all of them`, "rest");
        }
    }
    if (tokens.length > shown_tokens) put("\n… Copy gives the rest", "rest");
    target.replaceChildren(out);
}
