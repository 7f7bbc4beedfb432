// Pieces several views are made of: a frame with a heading, a place for what went wrong, lists of terms, a file field that
// takes dropped files, and a clock that runs only while its view is looked at.
import { make, newId } from "/dom.js";

/** A section with a heading, which names it. */
export function section(title, ...children) {
    const heading = make("h2", { id: newId() }, title);
    return make("section", { className: "card", "aria-labelledby": heading.id }, heading, ...children);
}

/**
 * A place for outcomes: tell() says how it went, fail() what went wrong, attempt() does something and says what failed,
 * run() forgets what was said before it does so.
 */
export function outcome() {
    const element = make("div", { className: "outcome", role: "status" });
    const show = (kind, ...content) => element.replaceChildren(make("p", { className: `callout ${kind}` }, ...content));
    const self = {
        element,
        clear: () => element.replaceChildren(),
        tell: (...content) => show("", ...content),
        fail(error) {
            const hint = error.hint ? make("span", { className: "note" }, ` ${error.hint}`) : null;
            show("bad", make("strong", {}, error.message), hint);
        },
        /** → whether it was done; what it says itself stays. */
        async attempt(action) {
            try {
                await action();
                return true;
            } catch (error) {
                if (error.name !== "AbortError") self.fail(error);
                return false;
            }
        },
        run(action) {
            self.clear();
            return self.attempt(action);
        }
    };
    return self;
}

/** A list of terms; those without a value are left out. */
export function terms(pairs) {
    const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
    return make(
        "dl",
        { className: "terms" },
        ...shown.flatMap(([term, value]) => [
            make("dt", {}, term),
            make("dd", {}, value instanceof Node ? value : String(value))
        ])
    );
}

/** A form: the Enter key presses its button of type "submit", whose own listener does the work. */
export function form(...children) {
    const element = make("form", { autocomplete: "off", noValidate: true }, ...children);
    element.addEventListener("submit", (event) => event.preventDefault());
    return element;
}

/** A field without the corrections a browser would make: addresses and fingerprints are no prose. */
export function textField(properties = {}) {
    return make("input", { type: "text", spellcheck: false, autocapitalize: "off", ...properties });
}

/** A file field; files can also be dropped on `target`. */
export function filesField(label, take, target, properties = {}) {
    const input = make("input", { type: "file", id: newId(), ...properties });
    input.addEventListener("change", () => {
        if (input.files.length) take([...input.files]);
        input.value = ""; // so that the same file can be taken again
    });
    target.addEventListener("dragover", (event) => {
        // text that is dragged goes where it always goes
        if (![...event.dataTransfer.types].includes("Files")) return;
        event.preventDefault();
        target.classList.add("dropping");
    });
    target.addEventListener("dragleave", () => target.classList.remove("dropping"));
    target.addEventListener("drop", (event) => {
        target.classList.remove("dropping");
        if (!event.dataTransfer.files.length) return;
        event.preventDefault();
        take([...event.dataTransfer.files]);
    });
    return make("div", { className: "labelled" }, make("label", { for: input.id }, label), input);
}

/** Does something now and then every few seconds while it is started and the page is looked at, one after the other. */
export function clock(action, milliseconds) {
    let timer = null;
    let isOn = false;
    let isBusy = false;
    let isDue = false; // started anew while the action ran: it follows at once
    const tick = async () => {
        clearTimeout(timer);
        isDue = isBusy;
        if (isBusy) return;
        isBusy = true;
        try {
            if (document.visibilityState === "visible") await action();
        } finally {
            isBusy = false;
        }
        clearTimeout(timer);
        if (isOn) timer = setTimeout(tick, isDue ? 0 : milliseconds);
    };
    return {
        start() {
            isOn = true;
            tick();
        },
        stop() {
            isOn = false;
            clearTimeout(timer);
        }
    };
}
