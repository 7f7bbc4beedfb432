// Shows a message as a reader wants it: who, when, what it says, what is attached, and how it was protected. Everything in
// it comes from strangers, so all of it goes into text; HTML bodies are never rendered.
import { badge, button, copy, download, fromBase64, make, size } from "/dom.js";
import { showJson } from "/json.js";
import { plan } from "/schema.js";
import { fingerprint, nameOf, numberNote, ratingChip, statusName } from "/views/engine.js";
import { longest_html, textOfHtml } from "/views/html_text.js";
import { terms } from "/views/parts.js";

const shown_text = 200000; // characters; more would only freeze the tab

const people = (list) => (list ?? []).map(nameOf).join(", ");
// JavaScript's dates end 8.64e15 ms from 1970; beyond, it would say "Invalid Date".
const moment = (seconds) =>
    Number.isInteger(seconds) && Math.abs(seconds) < 8.64e12 ? new Date(seconds * 1000).toLocaleString() : "";

/** What to save an attachment as: the engine gives names as file://NAME, or cid://ID for parts of an HTML body. */
export function fileName(uri) {
    const name = String(uri ?? "")
        .replace(/^(file|cid):\/\//, "")
        .split(/[/\\]/)
        .pop();
    return [...name]
        .map((letter) => (letter < " " ? "_" : letter))
        .join("")
        .slice(0, 200);
}

/** One attachment with what it claims to be. It is only ever saved, never opened here. */
function attachmentLine({ value = "", size: bytes, mime_type, filename }) {
    const name = fileName(filename);
    const save = button("Download", () => download(name || "attachment", fromBase64(value)), {
        className: "quiet",
        "aria-label": `Download ${name || "attachment"}`
    });
    return make(
        "li",
        { className: "pair" },
        make("strong", {}, name || "without a name"),
        badge(mime_type || "unknown type"),
        // base64 has four characters for three bytes
        badge(size(bytes ?? Math.floor((value.length * 3) / 4))),
        save
    );
}

/** Something long, closed until somebody asks for it. */
function fold(title, ...children) {
    return make("details", {}, make("summary", {}, title), ...children);
}

/** The text, or what can be read of the HTML if there is no text; the source of the HTML is there on demand. */
function bodyOf(message) {
    const html = message.longmsg_formatted;
    const text = message.longmsg ?? (html ? textOfHtml(html) : "");
    const isFromHtml = message.longmsg === undefined && html;
    const isCut = text.length > shown_text || (isFromHtml && html.length > longest_html);
    return [
        isFromHtml ? make("p", { className: "note" }, "The words of an HTML mail, without its looks.") : null,
        make(
            "pre",
            { className: "mailtext", tabIndex: 0, role: "region", "aria-label": "Text of the mail" },
            text.slice(0, shown_text) || "(no text)"
        ),
        isCut ? make("p", { className: "note" }, "The text goes on; this is its beginning.") : null,
        html ? fold("HTML source", make("pre", { className: "code", tabIndex: 0 }, html.slice(0, shown_text))) : null
    ];
}

/** A message's header, text and attachments. */
export function messageBody(message) {
    const attachments = message.attachments ?? [];
    // no object: one name may come several times
    const fields = (message.opt_fields ?? []).map(({ key, value }) => [key ?? "", value]);
    return make(
        "div",
        { className: "message" },
        make("h3", {}, message.shortmsg || "(no subject)"),
        terms([
            ["From", message.from ? nameOf(message.from) : ""],
            ["To", people(message.to)],
            ["Cc", people(message.cc)],
            ["Bcc", people(message.bcc)],
            ["Reply to", people(message.reply_to)],
            ["Date", moment(message.sent)],
            ["Message id", message.id]
        ]),
        ...bodyOf(message),
        attachments.length
            ? make("h4", {}, attachments.length === 1 ? "1 attachment" : `${attachments.length} attachments`)
            : null,
        attachments.length ? make("ul", { className: "plain" }, ...attachments.map(attachmentLine)) : null,
        fields.length ? fold(`${fields.length} more header fields`, terms(fields)) : null
    );
}

/** How a message was protected: rating, outcome, whose keys. `result` is what decrypting gave. */
export function protection(api, result) {
    const { rating, keylist, flags } = result.out;
    // the bits are named by the document, so that there is one list of them
    const known = plan(api.components?.schemas?.PEP_decrypt_flags ?? {}).schema["x-bits"] ?? [];
    const set = known.filter(({ value }) => (flags ?? 0) & value);
    // the signer's key comes first, empty if nobody knows it
    const [signer, ...recipients] = keylist ?? [];
    return make(
        "div",
        { className: "protection" },
        make(
            "div",
            { className: "pair" },
            ratingChip(rating),
            badge(statusName(result), result.return?.status ? "" : "good")
        ),
        terms([
            ["Signed by", signer ? fingerprint(signer) : keylist?.length ? "nobody known" : ""],
            [
                "Encrypted to",
                recipients.filter(Boolean).length
                    ? make(
                          "ul",
                          { className: "plain" },
                          ...recipients.filter(Boolean).map((fpr) => make("li", {}, fingerprint(fpr)))
                      )
                    : ""
            ],
            ["Flags", set.map(({ name, description }) => description ?? name).join("; ")]
        ])
    );
}

/** The JSON of something, folded away, to be copied. */
export function asJson(title, value) {
    const text = JSON.stringify(value, null, 2);
    const shown = make("pre", { className: "code", tabIndex: 0, role: "region", "aria-label": title });
    const fold = make(
        "details",
        {},
        make("summary", {}, title),
        button("Copy", (self) => copy(self, text), { className: "quiet" }),
        shown
    );
    // drawn when it is first opened: most never are
    fold.addEventListener("toggle", () => {
        if (fold.open && !shown.firstChild) showJson(shown, text, numberNote);
    });
    return fold;
}

// ---------------------------------------------------------------------------------------------------- structure

// A mail made to nest and to multiply must not take the tab with it.
const most = { depth: 12, parts: 300 };

/** The tree of parts of a mail's source: [{ type, name, bytes, parts }]. Only what a reader can see; the engine decides. */
export function structure(source) {
    let count = 0;
    const part = (text, depth) => {
        ++count;
        // RFC 5322: an empty line ends the header
        const [, head, body] = /^([^]*?)(?:\r?\n\r?\n([^]*))?$/.exec(text);
        // RFC 5322 section 2.2.3: a line that begins with a blank goes on with the field before
        const unfolded = head.replace(/\r?\n[ \t]+/g, " ");
        const field = (name) => new RegExp(`^${name}:[ \\t]*(.*)$`, "im").exec(unfolded)?.[1] ?? "";
        const parameter = (value, name) => new RegExp(`;\\s*${name}="?([^";]*)"?`, "i").exec(value)?.[1] ?? "";
        const content = field("Content-Type");
        const type = content.split(";")[0].trim().toLowerCase() || "text/plain";
        const name = parameter(field("Content-Disposition"), "filename") || parameter(content, "name");
        const self = { type, name, bytes: (body ?? "").length, parts: [] };
        const boundary = parameter(content, "boundary");
        if (depth < most.depth && type.startsWith("multipart/") && boundary) {
            // the line break before it belongs to the delimiter (RFC 2046 section 5.1.1); what precedes the first is no part
            const inner = `\n${body ?? ""}`.split(`\n--${boundary}`).slice(1);
            for (const piece of inner) {
                // two more hyphens end the multipart: the rest is for readers without MIME
                if (piece.startsWith("--") || count >= most.parts) break;
                self.parts.push(part(piece.replace(/^[ \t]*\r?\n/, ""), depth + 1));
            }
        } else if (depth < most.depth && type === "message/rfc822" && count < most.parts)
            self.parts.push(part((body ?? "").replace(/^\r?\n/, ""), depth + 1));
        return self;
    };
    return part(source, 0);
}

/** A part and the parts in it as items of nested lists. */
export function drawStructure({ type, name, bytes, parts }) {
    const head = make(
        "span",
        { className: "pair" },
        make("code", {}, type),
        name ? make("span", {}, name) : null,
        badge(size(bytes))
    );
    return make("li", {}, head, parts.length ? make("ul", {}, ...parts.map(drawStructure)) : null);
}
