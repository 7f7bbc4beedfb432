// The words of an HTML mail. A parser of the browser would do it better, but even in an inert document it tries styles and
// handlers against the content policy, which reports each; so this reads tags itself, once over the text, and makes no element.

// In characters. What is shown of a mail is far shorter, and a second is long enough to wait for it.
export const longest_html = 4 << 20;

// What these hold are no words of the mail, or none a reader would have seen.
const silent = new Set("script style title template noscript svg math iframe object select".split(" "));
// Of these a slash at the end of the tag leaves nothing inside: so it is in HTML for the first two, in XHTML for all.
const closable = new Set("svg math iframe object".split(" "));
const breaking = new Set(
    "br p div tr li ul ol table h1 h2 h3 h4 h5 h6 blockquote pre hr section article header footer dt dd".split(" ")
);
// Names and their letters without anything between: the last letter is what the name stands for.
const named = Object.fromEntries(
    [
        "amp& lt< gt> quot\" apos' nbsp\u00a0 euro€ pound£ copy© reg® trade™ ndash– mdash— hellip… laquo« raquo» ldquo“",
        "rdquo” bdquo„ lsquo‘ rsquo’ middot· bull• times× deg° sect§",
        "aumlä oumlö uumlü AumlÄ OumlÖ UumlÜ szligß eacuteé egraveè ecircê agraveà aacuteá acircâ ccedilç ntildeñ oacuteó"
    ]
        .join(" ")
        .split(" ")
        .map((pair) => [pair.slice(0, -1), pair.at(-1)])
);

/** Entities as letters; what is none, or of an unknown name, stays as it is. */
function decoded(text) {
    return text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|([a-z]{2,8}));?/gi, (all, hex, decimal, name) => {
        if (name !== undefined) return Object.hasOwn(named, name) ? named[name] : all;
        const point = hex !== undefined ? parseInt(hex, 16) : Number(decimal);
        return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd";
    });
}

/** Behind the ">" that ends a tag; one inside quotes does not. */
function behindTag(html, at) {
    const piece = /[^"'>]*(?:"[^"]*"|'[^']*'|>|$)/y;
    for (piece.lastIndex = at; at < html.length; at = piece.lastIndex)
        if (!piece.test(html) || html[piece.lastIndex - 1] === ">") return piece.lastIndex || html.length;
    return html.length;
}

/** What a run of blanks is to a reader: a blank, a new line, or an empty line. */
function gapOf(blanks) {
    const first = blanks.indexOf("\n");
    if (first < 0) return " ";
    return blanks.lastIndexOf("\n") > first ? "\n\n" : "\n";
}

/**
 * The text between the tags, as far as `longest_html` reaches. Broken HTML is no fault: what cannot be told from text is
 * text.
 */
export function textOfHtml(all) {
    const html = all.slice(0, longest_html);
    const pieces = [];
    let at = 0;
    while (at < html.length) {
        const start = html.indexOf("<", at);
        pieces.push(html.slice(at, start < 0 ? html.length : start));
        if (start < 0) break;
        if (html.startsWith("<!--", start)) {
            const end = html.indexOf("-->", start + 4);
            at = end < 0 ? html.length : end + 3;
            continue;
        }
        const tag = /^<(\/?)([a-z][a-z\d]*)|^<[!?/]/i.exec(html.slice(start, start + 16));
        if (!tag) {
            // a sign of comparison, or a heart
            pieces.push("<");
            at = start + 1;
            continue;
        }
        at = behindTag(html, start + tag[0].length);
        // none for comments, declarations and the like, which say nothing
        const name = tag[2]?.toLowerCase();
        if (breaking.has(name)) pieces.push("\n");
        const isEmpty = closable.has(name) && html[at - 2] === "/";
        if (!tag[1] && silent.has(name) && !isEmpty) {
            const end = new RegExp(`</${name}`, "gi");
            end.lastIndex = at;
            at = end.test(html) ? end.lastIndex - name.length - 2 : html.length;
        }
    }
    // each run is looked at once: a pattern with blanks on both sides of a line end is quadratic in runs without one
    return decoded(pieces.join("").replace(/\s+/g, gapOf)).trim();
}
