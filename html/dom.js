// Elements and small things every part of the page needs. What comes from outside is only ever put into text nodes and
// properties that hold text: there is no way here to make markup of a string.

/** An element with properties (those with a dash become attributes) and children. */
export function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties))
        if (name.includes("-") || name === "for" || name === "role") element.setAttribute(name, value);
        else element[name] = value;
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
}

let lastId = 0;
export const newId = () => `f${++lastId}`;

export const byId = (id) => document.getElementById(id);

export function badge(text, kind = "") {
    return make("span", { className: `badge ${kind}` }, text);
}

/** A number of bytes for people, in units of 1024. */
export function size(bytes) {
    if (bytes < 1024) return `${bytes} B`;
    return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1048576).toFixed(1)} MiB`;
}

/** Puts text on the clipboard and says so on the button for a moment. */
export async function copy(button, text) {
    const before = (button.dataset.label ??= button.textContent);
    try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
    } catch {
        button.textContent = "Not allowed";
    }
    setTimeout(() => {
        button.textContent = before;
    }, 1500);
}

/** A button that does something slow: presses while it is busy do nothing. */
export function button(label, action, properties = {}) {
    const element = make("button", { type: "button", ...properties }, label);
    element.addEventListener("click", async () => {
        if (element.ariaBusy === "true") return;
        element.ariaBusy = "true";
        try {
            await action(element);
        } finally {
            element.ariaBusy = null;
        }
    });
    return element;
}

/** A labelled control; a checkbox stands before its label. */
export function labelled(text, control, properties = {}) {
    control.id ||= newId();
    const label = make("label", { for: control.id }, text);
    const isBox = control.type === "checkbox";
    return make(
        "div",
        { className: isBox ? "pair" : "labelled", ...properties },
        ...(isBox ? [control, label] : [label, control])
    );
}

/** Bytes as base64, in pieces: a call with too many arguments overflows the stack. */
export function toBase64(bytes) {
    let text = "";
    const step = 0x6000; // a multiple of 3, so that the pieces join without padding
    for (let i = 0; i < bytes.length; i += step) text += btoa(String.fromCharCode(...bytes.subarray(i, i + step)));
    return text;
}

/** Throws if the text is no base64. */
export function fromBase64(text) {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Hands bytes or text to the user as a file. Its type is none a browser would show, whatever it claims to be. */
export function download(name, content) {
    const link = make("a", { href: URL.createObjectURL(new Blob([content], { type: "application/octet-stream" })) });
    link.download = name || "unnamed";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
