// The words of an HTML mail. A parser of the browser would do it better, but even in an inert document it tries styles and
// handlers against the content policy, which reports each; so this reads tags itself, once over the text, and makes no element.

// What these hold are no words of the mail, or none a reader would have seen.
const silent = new Set("script style title template noscript svg math iframe object select".split(" "));
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

/** The text between the tags. Broken HTML is no fault: what cannot be told from text is text. */
export function textOfHtml(html) {
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
        if (!tag[1] && silent.has(name)) {
            const end = new RegExp(`</${name}`, "gi");
            end.lastIndex = at;
            at = end.test(html) ? end.lastIndex - name.length - 2 : html.length;
        }
    }
    return decoded(
        pieces
            .join("")
            .replace(/\s*\n\s*/g, (gap) => (gap.split("\n").length > 2 ? "\n\n" : "\n"))
            .replace(/[^\S\n]+/g, " ")
    ).trim();
}
