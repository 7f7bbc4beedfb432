// Writes a mail: encrypts it as far as the recipients' keys allow, and gives the text that would be sent.
import { badge, button, copy, download, labelled, make, size, toBase64 } from "/dom.js";
import { call } from "/rpc.js";
import { plan } from "/schema.js";
import { addresses, ask, bare, nameOf, ownIdentities, ratingChip, statusName } from "/views/engine.js";
import { asJson } from "/views/message.js";
import { filesField, form, outcome, section, textField } from "/views/parts.js";

const shown_text = 20000; // characters of the finished mail; the file has all of them

/** The pane. `show()` reads the own identities again; `open(text)` is called to read a finished mail. */
export function composing(api, open) {
    // Its options stand in the order of `own`.
    const from = make("select", {});
    const [to, cc, subject] = [
        textField({ inputMode: "email" }),
        textField({ inputMode: "email" }),
        textField({ spellcheck: true })
    ];
    const text = make("textarea", { rows: 8 });
    const format = formatMenu(api);
    const fileList = make("ul", { className: "plain" });
    const forecast = make("span", { className: "pair", role: "status" });
    const said = outcome();
    const finished = make("div", { role: "region", "aria-label": "The finished mail", hidden: true });
    const element = section("Write a mail");
    let own = [];
    // Read when the mail is made: until then only their names are here.
    let files = [];

    /** The chosen files, each with a way to take it back. */
    function drawFiles() {
        fileList.replaceChildren(
            ...files.map((file) => {
                const drop = button(
                    "×",
                    () => {
                        files = files.filter((other) => other !== file);
                        drawFiles();
                    },
                    { className: "quiet", "aria-label": `Remove ${file.name}` }
                );
                return make("li", { className: "pair" }, file.name, badge(size(file.size)), drop);
            })
        );
    }

    /** What was entered as a message, files included; throws what is missing. */
    async function message() {
        const attachments = await Promise.all(
            files.map(async (file) => ({
                value: toBase64(new Uint8Array(await file.arrayBuffer())),
                // a browser knows few types; this one claims nothing
                mime_type: file.type || "application/octet-stream",
                filename: `file://${file.name}`
            }))
        );
        // none is selected while there is none
        const sender = own[from.selectedIndex];
        if (!sender) throw new Error("A sender is needed: add an own identity in the Privacy view.");
        const src = {
            dir: 1,
            from: bare(sender),
            to: addresses(to.value),
            cc: addresses(cc.value),
            shortmsg: subject.value,
            longmsg: text.value,
            attachments,
            sent: Math.floor(Date.now() / 1000)
        };
        if (!src.to.length && !src.cc.length) throw new Error("A recipient is needed.");
        return src;
    }

    /** What the rating of the mail would be, as far as it is written. */
    async function foretell() {
        // without sender or recipient there is nothing to rate
        if (!own[from.selectedIndex] || !addresses(`${to.value},${cc.value}`).length) return forecast.replaceChildren();
        const msg = { dir: 1, from: bare(own[from.selectedIndex]), to: addresses(to.value), cc: addresses(cc.value) };
        try {
            // people are enough for that: text and files need not cross the wire with every letter
            const { out } = await ask("outgoing_message_rating_preview", { msg });
            forecast.replaceChildren(make("span", { className: "note" }, "It would be"), ratingChip(out.rating));
        } catch {
            forecast.replaceChildren();
        } // an address half typed is no fault
    }

    // Not for each letter: the engine is asked when the typing rests.
    let waiting = 0;
    for (const field of [to, cc, from])
        field.addEventListener("input", () => {
            clearTimeout(waiting);
            waiting = setTimeout(foretell, 400);
        });

    const encrypt = button(
        "Encrypt",
        () =>
            said.run(async () => {
                finished.hidden = true;
                const src = await message();
                const result = await call("encrypt_message", { src, enc_format: Number(format.value) });
                // 1024 is PEP_UNENCRYPTED: the mail can still be sent as it is
                const isClear = !result.out.dst && result.return.status === 1024;
                if (!result.out.dst && !isClear) throw new Error(`It cannot be encrypted: ${statusName(result)}`);
                // in the clear, what was given, as the engine completed it
                const msg = result.out.dst ?? result.out.src;
                const { out } = await ask("mime_encode_message", { msg, omit_fields: false });
                drawFinished(out.mimetext ?? "", msg);
                // said in so many words: nobody may take it for an encrypted mail
                if (isClear)
                    said.tell(
                        make("strong", {}, "Not encrypted: "),
                        "not every recipient has a key. Your own key is attached, so that they can answer encrypted."
                    );
                else said.tell("Encrypted and signed.");
            }),
        { type: "submit", className: "primary" }
    );

    /** The text that would be sent, to be saved, copied, or opened as its recipient would. */
    function drawFinished(mimetext, msg) {
        // a text of megabytes would only slow the page down
        const cut = mimetext.length > shown_text ? make("p", { className: "note" }, "The file has the rest.") : null;
        finished.replaceChildren(
            make(
                "div",
                {},
                make(
                    "div",
                    { className: "actions-row" },
                    button("Download .eml", () => download("mail.eml", mimetext)),
                    button("Copy", (self) => copy(self, mimetext)),
                    button("Open it", () => open(mimetext))
                ),
                make(
                    "pre",
                    { className: "code", tabIndex: 0, role: "region", "aria-label": "Source of the finished mail" },
                    mimetext.slice(0, shown_text)
                ),
                cut,
                asJson("As JSON", msg)
            )
        );
        finished.hidden = false;
    }

    element.append(
        form(
            labelled("From", from),
            labelled("To", to),
            forecast,
            labelled("Cc", cc),
            labelled("Subject", subject),
            labelled("Text", text),
            filesField(
                "Attach files",
                (more) => {
                    files = [...files, ...more];
                    drawFiles();
                },
                element,
                { multiple: true }
            ),
            fileList,
            labelled("Format", format),
            make("div", { className: "actions-row" }, encrypt)
        ),
        said.element,
        finished
    );

    return {
        element,
        show: () =>
            said.run(async () => {
                // the choice stays, whatever place it has in the new list
                const before = own[from.selectedIndex]?.address;
                own = await ownIdentities();
                from.replaceChildren(...own.map((each) => make("option", {}, nameOf(each))));
                const at = own.findIndex((each) => each.address === before);
                from.selectedIndex = Math.max(at, own.length ? 0 : -1);
                if (!own.length) said.tell("There is no own identity yet: add one in the Privacy view.");
                await foretell();
            })
    };
}

/** The formats the document names, with the engine's own as the proposal. */
function formatMenu(api) {
    const { options = [] } = plan(api.components?.schemas?.PEP_enc_format ?? {});
    return make(
        "select",
        {},
        ...options.map(({ value, title, description }) =>
            make("option", { value, selected: title === "PEP_enc_PEP" }, description ?? title)
        )
    );
}
