// The mail view: opens a mail, decrypted or in the clear, and writes one.
import { button, labelled, make } from "/dom.js";
import { call } from "/rpc.js";
import { ask } from "/views/engine.js";
import { composing } from "/views/compose.js";
import { asJson, drawStructure, messageBody, protection, structure } from "/views/message.js";
import { filesField, form, outcome, section } from "/views/parts.js";

/** The view: one half opens mails, the other writes them; what is written can be opened at once. */
export function create(api) {
    const source = make("textarea", { className: "code", rows: 6, spellcheck: false, placeholder: "From: …" });
    const said = outcome();
    const opened = make("div", { className: "opened", role: "region", "aria-label": "The opened mail", hidden: true });
    const opener = section("Open a mail");

    let given = null; // a mail and how the field shows it: fields know but one kind of line end, and signatures mind
    /** All text comes into the field this way, but what is typed. */
    const setSource = (text) => {
        source.value = text;
        given = { text, shown: source.value };
    };
    const mailText = () => (given?.shown === source.value ? given.text : source.value);

    /** A JSON text is Unicode, so other bytes in a file cannot be handed over as they are. */
    async function read([file]) {
        const bytes = await file.arrayBuffer();
        let note = null;
        try {
            setSource(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
        } catch {
            // opened all the same: most of such a mail can be read
            setSource(new TextDecoder("utf-8").decode(bytes));
            note = "Bytes that are no UTF-8 cannot be sent as JSON; they were replaced, so a signature may not fit.";
        }
        await open(note);
    }

    /** Decodes, decrypts, shows. `note` is what the reader should know about the source. */
    const open = (note = null) =>
        said.run(async () => {
            opened.hidden = true;
            if (!source.value.trim()) throw new Error("Choose a file or paste the source of a mail.");
            const {
                out: { msg }
            } = await ask("mime_decode_message", { mimetext: mailText() });
            // by call, not ask: every status is an outcome to be shown here
            const result = await call("decrypt_message", { src: msg });
            const { dst, src } = result.out;
            const wasEncrypted = Boolean(dst);
            opened.replaceChildren(
                protection(api, result),
                // without a decrypted one, what came: the engine may have completed it
                messageBody(dst ?? src ?? msg),
                make(
                    "details",
                    {},
                    make("summary", {}, "Structure as it came"),
                    make("ul", { className: "tree" }, drawStructure(structure(mailText())))
                ),
                asJson(wasEncrypted ? "The decrypted message as JSON" : "The message as JSON", dst ?? src ?? msg)
            );
            opened.hidden = false;
            // 1024 is PEP_UNENCRYPTED, which is no failure
            const outcomes = wasEncrypted
                ? "Decrypted."
                : result.return.status === 1024
                  ? "In the clear: there was nothing to decrypt."
                  : "It could not be decrypted; this is what came.";
            said.tell(outcomes, note ? ` ${note}` : "");
        });

    const clear = button(
        "Clear",
        () => {
            setSource("");
            opened.hidden = true;
            said.clear();
        },
        { className: "quiet" }
    );
    // without the button, which would be taken for the note
    const readIt = button("Open", () => open(), { type: "submit", className: "primary" });
    opener.append(
        make("p", { className: "note" }, "A mail dropped here is opened, too. Keys that come with it are imported."),
        filesField("Mail file (.eml)", read, opener, { accept: ".eml,message/rfc822,text/plain" }),
        form(labelled("Source of the mail", source), make("div", { className: "actions-row" }, readIt, clear)),
        said.element,
        opened
    );

    // a finished mail comes back as if it had been received
    const composer = composing(api, (mimetext) => {
        setSource(mimetext);
        open();
        opener.scrollIntoView({ block: "start" });
    });
    return {
        element: make(
            "div",
            { className: "view mail" },
            make("h1", {}, "Mail"),
            make("div", { className: "halves" }, opener, composer.element)
        ),
        show: composer.show
    };
}
