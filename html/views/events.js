// The events view: what the engine tells on its own account, as it comes.
import { badge, button, labelled, make } from "/dom.js";
import { token } from "/rpc.js";
import { ask, nameOf, ownIdentities } from "/views/engine.js";
import { asJson, messageBody } from "/views/message.js";
import { form, outcome, section, textField } from "/views/parts.js";
import { Stream } from "/views/stream.js";

// Each holds a whole message; older ones go.
const most_shown = 300;

// The words of a stream's state, and how they are marked.
const states = {
    connecting: ["Connecting…", ""],
    open: ["Listening", "good"],
    waiting: ["Interrupted", "bad"],
    stopped: ["Stopped", ""],
    refused: ["Refused", "bad"]
};

/** One line on what an event is about. */
function summary(event) {
    // what both stand for is the matter of each kind of event
    const [first, last] = event.params ?? [];
    if (event.method === "gap")
        return last === null
            // without a last number: how many there were, the new server does not know
            ? `The server was started anew; what it told before is gone (from number ${first}).`
            : `Events ${first} to ${last} were dropped before they were read.`;
    if (event.method === "messageToSend")
        return `To ${(first?.to ?? []).map(nameOf).join(", ") || "nobody"}: ${first?.shortmsg || "(no subject)"}`;
    return "";
}

/** One event. What is not understood is shown all the same, as it came. */
function drawEvent({ id, data }) {
    let event = null;
    try {
        event = JSON.parse(data);
    } catch {
        /* shown as it is */
    }
    if (event === null || typeof event !== "object")
        return make("li", {}, badge("no JSON", "bad"), make("pre", { className: "code" }, data.slice(0, 2000)));
    const isGap = event.method === "gap";
    const head = make(
        "div",
        { className: "pair" },
        badge(String(event.method ?? "event"), isGap ? "bad" : "good"),
        make("span", { className: "note" }, `${event.request_nr ?? ""} · ${new Date().toLocaleTimeString()}`)
    );
    // only this kind carries something a reader wants to see as more than JSON
    const message =
        event.method === "messageToSend" && event.params?.[0] && typeof event.params[0] === "object"
            ? event.params[0]
            : null;
    // folded: one event is a line, whatever it carries
    const shown = message ? make("details", {}, make("summary", {}, "The message"), messageBody(message)) : null;
    return make(
        "li",
        { className: isGap ? "gap" : "", title: id },
        head,
        make("p", {}, summary(event)),
        shown,
        asJson("As JSON", event)
    );
}

/** The view. It listens while others are looked at, too: what comes meanwhile must not be missed. */
export function create() {
    const list = make("ol", { className: "events", "aria-live": "polite", "aria-label": "Events, newest first" });
    const none = make("p", { className: "note" }, "Nothing came yet.");
    const state = make("div", { className: "pair", role: "status" });
    const said = outcome();
    const subject = textField({ value: "A test", spellcheck: true });
    let isWanted = true; // until the user stops it
    let count = 0;

    // elements made further down are only used when something comes
    const stream = new Stream({
        event(event) {
            none.hidden = true;
            list.prepend(drawEvent(event));
            // the oldest one; the tally counts it all the same
            if (list.children.length > most_shown) list.lastChild.remove();
            ++count;
            tally.textContent = count === 1 ? "1 event" : `${count} events`;
        },
        state(word, detail = "") {
            // the button says what it would do
            const [label, kind] = states[word];
            state.replaceChildren(badge(label, kind), make("span", { className: "note" }, detail));
            toggle.textContent = stream.isRunning ? "Stop" : "Listen";
        }
    });
    // the number since the page was opened, not of those that are shown
    const tally = make("span", { className: "note" });
    const toggle = make("button", { type: "button" }, "Listen");
    toggle.addEventListener("click", () => {
        isWanted = !stream.isRunning;
        if (isWanted) stream.start();
        else stream.stop();
    });
    const clear = button(
        "Clear",
        () => {
            list.replaceChildren();
            none.hidden = false;
        },
        { className: "quiet" }
    );

    const send = button(
        "Announce a message",
        () =>
            said.run(async () => {
                const from = (await ownIdentities())[0] ?? { address: "nobody@example.org" };
                const msg = {
                    dir: 1,
                    from: { address: from.address },
                    to: [{ address: "somebody@example.org" }],
                    shortmsg: subject.value,
                    longmsg: "Sent from the test page: whoever listens is asked to send it."
                };
                // comes back over the stream, like any other
                await ask("testMessageToSend", { msg });
            }),
        { type: "submit" }
    );

    return {
        element: make(
            "div",
            { className: "view narrow" },
            make("h1", {}, "Events"),
            section(
                "What the engine wants to be done",
                make("div", { className: "actions-row" }, toggle, clear, state, tally),
                none,
                list
            ),
            section(
                "Try it",
                make(
                    "p",
                    { className: "note" },
                    "Announces a message as the engine would. Every client that listens gets it, so a mail program may send it."
                ),
                form(make("div", { className: "row" }, labelled("Subject", subject), send)),
                said.element
            )
        ),
        show() {
            // whoever stopped it does not want it to begin again by looking here
            if (!isWanted) return;
            if (token()) stream.start();
            else state.replaceChildren(badge("Stopped"), make("span", { className: "note" }, "The token is missing."));
        }
    };
}
