// Forms from JSON Schema: chooses a control for each schema, reads the value back, shows where it cannot be sent.
// Also writes JSON for the eye and for the wire. It knows JSON Schema, but no function and not the page around it.
// A change of the form's shape is announced like typing: by an "input" event that bubbles.

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

// ---------------------------------------------------------------------------------------------- JSON as text

/** JSON text that is sent as it was typed, because numbers over 2^53 would not survive a parser. */
class Raw {
    constructor(text) { this.text = text; }
}

export function toText(value, indent = "") {
    if (value instanceof Raw) return value.text;
    if (typeof value === "bigint") return String(value);
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const inner = indent + "  ";
    const isList = Array.isArray(value);
    const lines = isList ? value.map((item) => inner + toText(item, inner))
        : Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${toText(item, inner)}`);
    const [open, close] = isList ? "[]" : "{}";
    return lines.length ? `${open}\n${lines.join(",\n")}\n${indent}${close}` : open + close;
}

const token_pattern = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;
export const shown_string = 2000;
const shown_tokens = 20000; // more would only freeze the tab

/** Writes JSON text indented and coloured, token by token: nothing is parsed, so nothing is rounded. */
export function showJson(target, text) {
    const out = document.createDocumentFragment();
    const put = (piece, kind) => out.append(kind ? make("span", { className: kind }, piece) : piece);
    const tokens = text.match(token_pattern) ?? [];
    let depth = 0;
    for (let i = 0; i < Math.min(tokens.length, shown_tokens); ++i) {
        const [token, next] = [tokens[i], tokens[i + 1]];
        const newline = () => put("\n" + "  ".repeat(depth));
        if ("{[".includes(token)) {
            put(token);
            if ("}]".includes(next)) put(tokens[++i]);
            else { ++depth; newline(); }
        } else if ("}]".includes(token)) { --depth; newline(); put(token); }
        else if (token === ",") { put(token); newline(); }
        else if (token === ":") put(": ");
        else if (token[0] !== '"') put(token, /[\d-]/.test(token[0]) ? "number" : "word");
        else if (token.length <= shown_string) put(token, next === ":" ? "key" : "string");
        else {
            put(token.slice(0, 200) + "…", "string");
            put(` ${token.length - 2} characters; Copy gives all of them`, "rest");
        }
    }
    if (tokens.length > shown_tokens) put("\n… Copy gives the rest", "rest");
    target.replaceChildren(out);
}

// ---------------------------------------------------------------------------------------------- schema

let root = {}; // where references lead

/** Names the document that holds the schemas. */
export function setRoot(document) { root = document; }

/** A schema with its reference followed; members beside the reference win. */
export function resolve(schema) {
    for (let hops = 0; schema?.$ref && hops < 32; ++hops) {
        const { $ref, ...beside } = schema;
        const steps = $ref.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
        schema = { ...steps.reduce((at, step) => at?.[step], root), ...beside };
    }
    return schema && schema !== true ? schema : {};
}

/** What to call a schema: the name it is filed under, or its JSON type. */
export function typeName(schema) {
    if (schema?.$ref) return schema.$ref.split("/").pop();
    const plan = resolve(schema);
    const choices = plan.oneOf ?? plan.anyOf;
    if (choices && !choices.every((choice) => "const" in choice)) return choices.map(typeName).join(" or ");
    if (plan.type === "array") return `list of ${plan.items ? typeName(plan.items) : "anything"}`;
    if (plan.contentEncoding) return plan.contentEncoding;
    return [plan.type ?? (plan.enum || choices ? "choice" : "anything")].flat().join(" or ");
}

const isNull = (schema) => schema.type === "null" || schema.const === null;

/** Decides how a schema is entered: the kind of control, the schema for it, and whether null will do. */
export function plan(given) {
    let schema = resolve(given);
    let nullable = false;
    const choices = (schema.oneOf ?? schema.anyOf)?.map((choice) => ({ given: choice, schema: resolve(choice) }));
    if (choices) {
        const real = choices.filter((choice) => !isNull(choice.schema));
        nullable = real.length < choices.length;
        if (real.length > 0 && real.every((choice) => "const" in choice.schema)) {
            const options = real.map(({ schema: { const: value, title, description } }) =>
                ({ value, title, description }));
            return { kind: "menu", schema, options, nullable };
        }
        if (real.length === 1) {
            const inner = plan(real[0].given);
            return { ...inner, nullable: nullable || inner.nullable };
        }
        return { kind: "choice", schema, options: real.map((choice) => choice.given), nullable };
    }
    if (Array.isArray(schema.type)) {
        nullable = schema.type.includes("null");
        const types = schema.type.filter((type) => type !== "null");
        const options = types.map((type) => ({ ...schema, type }));
        if (types.length !== 1) return { kind: "choice", schema, options, nullable };
        schema = options[0];
    }
    if (schema.enum) {
        const [titles, senses] = [schema["x-enum-varnames"] ?? [], schema["x-enum-descriptions"] ?? []];
        const options = schema.enum.map((value, i) => ({ value, title: titles[i], description: senses[i] }));
        return { kind: "menu", schema, options: options.filter(({ value }) => value !== null), nullable };
    }
    if ("const" in schema) return { kind: "menu", schema, options: [{ value: schema.const }], nullable };
    if (schema["x-bits"]) return { kind: "bits", schema, nullable };
    if (schema.type === "object") return { kind: schema.properties ? "object" : "json", schema, nullable };
    if (schema.contentEncoding === "base64") return { kind: "base64", schema, nullable };
    return { kind: controls[schema.type] ? schema.type : "json", schema, nullable };
}

// ---------------------------------------------------------------------------------------------- controls
// A control is { element, value(run), child?(step) }. `run.hide` asks for a text that may be shown (secrets masked).
// What cannot be sent is thrown as a FieldFault and shown at its field.

class FieldFault extends Error {}

const announce = (element) => element.dispatchEvent(new Event("input", { bubbles: true }));

const controls = {
    string({ schema }, id) {
        const isShort = schema.format === "password" || schema.pattern || schema.maxLength < 100;
        const element = make(isShort ? "input" : "textarea", { id, spellcheck: false, value: schema.default ?? "" });
        if (!isShort) element.rows = 1;
        else if (schema.format === "password") Object.assign(element, { type: "password", autocomplete: "off" });
        const value = (run) => {
            if (schema.pattern && !new RegExp(schema.pattern, "u").test(element.value))
                throw new FieldFault(`Does not match ${schema.pattern}`);
            return run.hide && schema.format === "password" ? "••••••" : element.value;
        };
        return { element, value };
    },

    integer({ schema }, id) {
        const element = make("input", { id, inputMode: "numeric", spellcheck: false, className: "code" });
        element.value = schema.default ?? "";
        const value = () => {
            const text = element.value.trim();
            if (!/^-?\d+$/.test(text)) throw new FieldFault("A whole number is needed here.");
            const number = BigInt(text);
            for (const [bound, isBad] of [[schema.minimum, (n) => number < n], [schema.maximum, (n) => number > n]])
                if (Number.isSafeInteger(bound) && isBad(BigInt(bound)))
                    throw new FieldFault(`Out of range: ${schema.minimum ?? "…"} to ${schema.maximum ?? "…"}`);
            return number;
        };
        return { element, value };
    },

    number({ schema }, id) {
        const element = make("input", { id, inputMode: "decimal", className: "code", value: schema.default ?? "" });
        const value = () => {
            if (element.value.trim() === "" || !Number.isFinite(Number(element.value)))
                throw new FieldFault("A number is needed here.");
            return Number(element.value);
        };
        return { element, value };
    },

    boolean({ schema }, id) {
        const box = make("input", { type: "checkbox", id, checked: schema.default ?? false });
        const word = make("span", { className: "code", "aria-hidden": "true" });
        const say = () => { word.textContent = String(box.checked); };
        box.addEventListener("change", say);
        say();
        return { element: make("div", { className: "pair" }, box, word), value: () => box.checked };
    },

    menu({ schema, options }, id) {
        const element = make("select", { id }, ...options.map(({ value, title, description }, i) => {
            const text = title === undefined ? toText(value) : `${title} (${toText(value)})`;
            return make("option", { value: i, selected: schema.default === value, title: description ?? "" }, text);
        }));
        return { element, value: () => options[element.selectedIndex].value };
    },

    bits({ schema }, id, name) {
        const boxes = schema["x-bits"].map((bit, i) => {
            const box = make("input", { type: "checkbox", id: i ? newId() : id });
            const label = make("label", { for: box.id, title: bit.description ?? "" }, bit.name);
            return { bit, box, element: make("div", { className: "pair code" }, box, label) };
        });
        const rows = boxes.map((each) => each.element);
        const element = make("div", { className: "group", role: "group", "aria-label": name }, ...rows);
        const value = () => boxes.reduce((sum, { bit, box }) => box.checked ? sum | BigInt(bit.value) : sum, 0n);
        return { element, value };
    },

    base64(_, id) {
        const area = make("textarea", { id, rows: 1, className: "code", spellcheck: false });
        area.placeholder = "base64, or choose a file";
        const file = make("input", { type: "file", "aria-label": "Take the bytes of a file" });
        file.addEventListener("change", async () => {
            if (!file.files[0]) return;
            const bytes = new Uint8Array(await file.files[0].arrayBuffer());
            let text = "";
            for (let i = 0; i < bytes.length; i += 0x6000) // a multiple of 3; more arguments overflow the stack
                text += btoa(String.fromCharCode(...bytes.subarray(i, i + 0x6000)));
            area.value = text;
            announce(area);
        });
        const asText = make("button", { type: "button", className: "quiet" }, "Encode as text");
        asText.title = "Replaces what was typed by the base64 of its UTF-8 bytes";
        asText.addEventListener("click", () => {
            area.value = btoa(String.fromCharCode(...new TextEncoder().encode(area.value)));
            announce(area);
        });
        const value = () => {
            if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(area.value)) throw new FieldFault("This is not base64.");
            return area.value.replace(/\s+/g, "");
        };
        return { element: make("div", {}, area, make("div", { className: "pair" }, file, asText)), value };
    },

    json(_, id) {
        const element = make("textarea", { id, rows: 2, className: "code", spellcheck: false, value: "null" });
        return { element, value: () => rawJson(element.value) };
    },

    choice({ options }, id) {
        const names = options.map((option, i) => make("option", { value: i }, typeName(option)));
        const select = make("select", { id }, ...names);
        const holder = make("div", { className: "group" });
        let inner;
        const draw = () => {
            inner = field({ name: typeName(options[select.selectedIndex]), schema: options[select.selectedIndex] });
            holder.replaceChildren(inner.element);
        };
        select.addEventListener("change", draw);
        draw();
        const element = make("div", {}, select, holder);
        return { element, value: (run) => inner.value(run), child: () => inner };
    },

    array({ schema }, id, name) {
        const list = make("div");
        const add = make("button", { type: "button", id, className: "quiet" }, `+ Add to ${name}`);
        let items = [];
        add.addEventListener("click", () => {
            const entry = { name: String(items.length), schema: schema.items ?? {}, of: name };
            const item = field(entry, () => {
                items = items.filter((other) => other !== item);
                item.element.remove();
                items.forEach((other, i) => other.rename(String(i)));
                add.focus();
                announce(list);
            });
            items.push(item);
            list.append(item.element);
            item.focus();
            announce(list);
        });
        const element = make("div", { className: "group", role: "group", "aria-label": name }, list, add);
        return { element, value: (run) => items.map((item) => item.value(run)), child: (step) => items[step] };
    },

    object({ schema }, id, name) {
        const entries = Object.entries(schema.properties).map(([key, inner]) =>
            ({ name: key, schema: inner, required: schema.required?.includes(key) }));
        const inner = members(entries, id);
        const head = make("summary", {}, `${entries.length} members`);
        const frame = { className: "group", open: true, "aria-label": name };
        return { ...inner, element: make("details", frame, head, inner.element) };
    },
};

export function rawJson(text) {
    try { JSON.parse(text); } catch (error) { throw new FieldFault(`Not JSON: ${error.message}`); }
    return new Raw(text.trim());
}

/** Named fields: those that must be there are drawn, the others wait as buttons and are left out until asked for. */
export function members(entries, id) {
    const rows = make("div");
    const chips = make("div", { className: "chips", role: "group", "aria-label": "Left out, add with" });
    const slots = entries.map((entry) => {
        const optional = !entry.required || plan(entry.schema).nullable;
        const slot = { entry, holder: make("div"), field: null };
        rows.append(slot.holder);
        const draw = () => {
            slot.field = field(entry, optional ? drop : null);
            slot.holder.append(slot.field.element);
        };
        const drop = () => {
            slot.holder.replaceChildren();
            slot.field = null;
            chip.hidden = false;
            chip.focus();
            announce(rows);
        };
        const sense = entry.description ?? resolve(entry.schema).description ?? "";
        const chip = make("button", { type: "button", title: sense, hidden: !optional });
        chip.setAttribute("aria-label", `Add ${entry.name}`);
        chip.append(`+ ${entry.name}${entry.required ? " (null)" : ""}`);
        chip.addEventListener("click", () => { draw(); chip.hidden = true; slot.field.focus(); announce(rows); });
        chips.append(chip);
        if (!optional) draw();
        return slot;
    });
    const value = (run) => {
        const filled = slots.filter((slot) => slot.field || slot.entry.required);
        return Object.fromEntries(filled.map((slot) => [slot.entry.name, slot.field ? slot.field.value(run) : null]));
    };
    const child = (step) => slots.find((slot) => slot.entry.name === step)?.field;
    return { element: make("div", { id: id ?? "" }, rows, chips), value, child };
}

/** A labelled row around the control of a schema. With `remove` it can be taken out again. */
function field(entry, remove) {
    const id = newId();
    const drawn = plan(entry.schema);
    const control = controls[drawn.kind](drawn, id, entry.name);
    const label = make("label", { for: id }, entry.name);
    const error = make("p", { className: "error", id: `${id}-error`, role: "alert", hidden: true });
    const sense = entry.description ?? drawn.schema.description;
    const hint = sense ? make("p", { className: "hint", id: `${id}-hint` }, sense) : null;
    const cross = remove ? make("button", { type: "button", className: "remove quiet" }, "×") : null;
    const rename = (name) => {
        label.textContent = name;
        cross?.setAttribute("aria-label", entry.of ? `Remove ${entry.of} ${name}` : `Leave out ${name}`);
    };
    rename(entry.name);
    cross?.addEventListener("click", remove);

    const input = control.element.matches(`#${id}`) ? control.element : control.element.querySelector(`#${id}`);
    input?.setAttribute("aria-describedby", [hint && hint.id, error.id].filter(Boolean).join(" "));
    const type = make("span", { className: "type" }, typeName(entry.schema));
    const head = make("div", { className: "head" }, label, type, cross);
    const element = make("div", { className: "field" }, head, hint, control.element, error);

    const self = {
        element, rename,
        focus() {
            const first = "input, textarea, select, .chips button:not([hidden]), .group button";
            (element.querySelector(first) ?? cross)?.focus();
        },
        blame(message) {
            error.textContent = message;
            error.hidden = !message;
            input?.setAttribute("aria-invalid", String(Boolean(message)));
        },
        value(run) {
            try {
                const value = control.value(run);
                self.blame("");
                return value;
            } catch (fault) {
                if (!(fault instanceof FieldFault)) throw fault;
                self.blame(run.strict ? fault.message : "");
                run.faults.push(self);
                return null;
            }
        },
        child: (step) => control.child?.(step),
    };
    return self;
}

