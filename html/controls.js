// Controls for single values: one for each kind that schema.js decides on. A control is { element, value(run), fill(given) }:
// value throws a Fault when what was entered cannot be sent, fill when the given value cannot be entered.
// `run.hide` asks for a text that may be shown (secrets masked), `run.escapes` to read backslash escapes in texts.
import { make, newId, toBase64 } from "/dom.js";
import { Fault, rawJson, toText, unescape } from "/json.js";

/** Tells the form around that a value changed without being typed. */
export const announce = (element) => element.dispatchEvent(new Event("input", { bubbles: true }));

/** Refuses a value that this control cannot hold. */
function expect(isRight, what) {
    if (!isRight) throw new Fault(`The value is no ${what}.`);
}

/** Takes numbers, and the bigint that value() gives. */
function fillInteger(element) {
    return (given) => {
        expect(typeof given === "bigint" || Number.isInteger(given), "whole number");
        element.value = String(given);
    };
}

/** Bytes of a file as base64 in a text area; takes as long as the disk does. */
export async function takeFile(area, file) {
    area.value = toBase64(new Uint8Array(await file.arrayBuffer()));
    announce(area);
}

export const controls = {
    /** Text; what is secret is masked on the page, and in every text that is only shown. */
    string({ schema }, id) {
        const isSecret = schema.format === "password";
        const isShort = isSecret || schema.pattern || schema.maxLength < 100;
        // only what may have several lines gets a field of several lines
        const element = make(isShort ? "input" : "textarea", { id, spellcheck: false, value: schema.default ?? "" });
        if (!isShort) element.rows = 1;
        else if (isSecret) Object.assign(element, { type: "password", autocomplete: "off" });
        let given = null; // a text and how the field shows it: fields know but one kind of line end
        const value = (run) => {
            // an example goes out as it was given, unless somebody typed something else
            const isAsGiven = given?.shown === element.value;
            const typed = run.escapes && !isSecret && !isAsGiven ? unescape(element.value) : element.value;
            const text = isAsGiven ? given.text : typed;
            // "u", as JSON Schema wants patterns read
            if (schema.pattern && !new RegExp(schema.pattern, "u").test(text))
                throw new Fault(`Does not match ${schema.pattern}`);
            return run.hide && isSecret ? "••••••" : text;
        };
        const fill = (text) => {
            expect(typeof text === "string", "text");
            element.value = text;
            given = { text, shown: element.value };
        };
        return { element, value, fill };
    },

    /** A whole number of any size: it is sent digit by digit, as a number of JavaScript holds only 53 bits. */
    integer({ schema }, id) {
        const element = make("input", { id, inputMode: "numeric", spellcheck: false, className: "code" });
        element.value = schema.default ?? "";
        const value = () => {
            const text = element.value.trim();
            if (!/^-?\d+$/.test(text)) throw new Fault("A whole number is needed here.");
            const number = BigInt(text);
            for (const [bound, isBad] of [
                [schema.minimum, (n) => number < n],
                [schema.maximum, (n) => number > n]
            ])
                // a bound beyond 53 bits was rounded when the document was read: the server checks it
                if (Number.isSafeInteger(bound) && isBad(BigInt(bound)))
                    throw new Fault(`Out of range: ${schema.minimum ?? "…"} to ${schema.maximum ?? "…"}`);
            return number;
        };
        return { element, value, fill: fillInteger(element) };
    },

    /** Seconds since 1970, with the same moment as a date of the reader's time zone. */
    time(drawn, id) {
        const number = controls.integer(drawn, id);
        const date = make("input", {
            type: "datetime-local",
            step: 1,
            "aria-label": "The same as a date in your time zone"
        });
        const now = make("button", { type: "button", className: "quiet" }, "Now");
        const setNumber = (seconds) => {
            number.element.value = seconds;
            setDate();
            announce(number.element);
        };
        // the field wants local time without a zone, and years from 1 to 9999
        const setDate = () => {
            const seconds = Number(number.element.value);
            const local = new Date((seconds - 60 * new Date(seconds * 1000).getTimezoneOffset()) * 1000);
            const isShown =
                number.element.value.trim() && local.getTime() >= -62135596800000 && local.getTime() < 253402300800000;
            date.value = isShown ? local.toISOString().slice(0, 19) : "";
        };
        number.element.addEventListener("input", setDate);
        date.addEventListener("input", (event) => {
            event.stopPropagation(); // the number announces it
            const moment = new Date(date.value).getTime();
            if (!Number.isNaN(moment)) setNumber(Math.floor(moment / 1000));
        });
        // the number counts whole seconds
        now.addEventListener("click", () => setNumber(Math.floor(Date.now() / 1000)));
        const fill = (given) => {
            number.fill(given);
            setDate();
        };
        setDate();
        const element = make("div", { className: "pair time" }, number.element, date, now);
        return { element, value: number.value, fill };
    },

    /** Any number, with a point if need be. */
    number({ schema }, id) {
        const element = make("input", { id, inputMode: "decimal", className: "code", value: schema.default ?? "" });
        const value = () => {
            if (element.value.trim() === "" || !Number.isFinite(Number(element.value)))
                throw new Fault("A number is needed here.");
            return Number(element.value);
        };
        const fill = (given) => {
            expect(typeof given === "number", "number");
            element.value = String(given);
        };
        return { element, value, fill };
    },

    /** A box, with the word that will be sent beside it. */
    boolean({ schema }, id) {
        const box = make("input", { type: "checkbox", id, checked: schema.default ?? false });
        // for the eye: a screen reader tells the box itself
        const word = make("span", { className: "code", "aria-hidden": "true" });
        const say = () => {
            word.textContent = String(box.checked);
        };
        const fill = (given) => {
            expect(typeof given === "boolean", "truth value");
            box.checked = given;
            say();
        };
        box.addEventListener("change", say);
        say();
        return { element: make("div", { className: "pair" }, box, word), value: () => box.checked, fill };
    },

    /** One of a few values, each with its name and below the menu its sense. */
    menu({ schema, options }, id) {
        const element = make(
            "select",
            { id },
            ...options.map(({ value, title, description }, i) => {
                const text = title === undefined ? toText(value) : `${title} (${toText(value)})`;
                return make("option", { value: i, selected: schema.default === value, title: description ?? "" }, text);
            })
        );
        const sense = make("p", { className: "note", "aria-live": "polite" });
        const say = () => {
            sense.textContent = options[element.selectedIndex]?.description ?? "";
        };
        const fill = (given) => {
            // by value or by name, as the server understands both
            const at = options.findIndex(
                ({ value, title }) => value === given || (title !== undefined && title === given)
            );
            expect(at >= 0, "choice of this menu");
            element.selectedIndex = at;
            say();
        };
        element.addEventListener("change", say);
        say();
        return { element: make("div", {}, element, sense), value: () => options[element.selectedIndex].value, fill };
    },

    /** A number as a set of named bits, which are added up. */
    bits({ schema }, id, name) {
        const boxes = schema["x-bits"].map((bit, i) => {
            const box = make("input", { type: "checkbox", id: i ? newId() : id });
            const label = make("label", { for: box.id }, make("span", { className: "code" }, bit.name));
            if (bit.description) label.append(make("span", { className: "note" }, ` ${bit.description}`));
            return { bit, box, element: make("div", { className: "pair" }, box, label) };
        });
        let rest = 0n; // bits nobody named, kept as they were given
        const all = boxes.reduce((sum, { bit }) => sum | BigInt(bit.value), 0n);
        const rows = boxes.map((each) => each.element);
        const element = make("div", { className: "group", role: "group", "aria-label": name }, ...rows);
        const value = () => boxes.reduce((sum, { bit, box }) => (box.checked ? sum | BigInt(bit.value) : sum), rest);
        const fill = (given) => {
            expect(Number.isInteger(given) && given >= 0, "set of bits");
            // else they would be lost, although the server may know them
            rest = BigInt(given) & ~all;
            for (const { bit, box } of boxes) box.checked = (BigInt(given) & BigInt(bit.value)) === BigInt(bit.value);
        };
        return { element, value, fill };
    },

    /** Bytes: typed as base64, taken from a file, or made of a text. */
    base64(_, id) {
        const area = make("textarea", { id, rows: 1, className: "code", spellcheck: false });
        area.placeholder = "base64, or choose a file";
        const file = make("input", { type: "file", "aria-label": "Take the bytes of a file" });
        file.addEventListener("change", () => file.files[0] && takeFile(area, file.files[0]));
        const asText = make("button", { type: "button", className: "quiet" }, "Encode as text");
        asText.title = "Replaces what was typed by the base64 of its UTF-8 bytes";
        asText.addEventListener("click", () => {
            area.value = toBase64(new TextEncoder().encode(area.value));
            announce(area);
        });
        const value = () => {
            if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(area.value)) throw new Fault("This is not base64.");
            // blanks and line ends are for people
            return area.value.replace(/\s+/g, "");
        };
        const fill = (given) => {
            expect(typeof given === "string", "base64 text");
            area.value = given;
        };
        // for lists that take several files at once
        const take = (chosen) => takeFile(area, chosen);
        return { element: make("div", {}, area, make("div", { className: "pair" }, file, asText)), value, fill, take };
    },

    /** What no other control can be made for, as JSON. */
    json(_, id) {
        const element = make("textarea", { id, rows: 2, className: "code", spellcheck: false, value: "null" });
        return {
            element,
            value: () => rawJson(element.value),
            fill: (given) => {
                element.value = toText(given);
            }
        };
    }
};
