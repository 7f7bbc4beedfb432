// Forms from JSON Schema: fields with label, hint and fault around the controls of controls.js, and what is made of fields:
// choices, lists, objects. They know JSON Schema, but no function and not the page around them.
// A change of the form's shape is announced like typing: by an "input" event that bubbles.
import { announce, controls } from "/controls.js";
import { make, newId } from "/dom.js";
import { Fault } from "/json.js";
import { plan, resolve, typeName } from "/schema.js";

/** Controls made of fields; like those of controls.js, but with `child`, which gives the field a path leads to. */
const composite = {
    /** One of several schemas: a menu, and below it the field of the one that is chosen. */
    choice({ options }, id) {
        const names = options.map((option, i) => make("option", { value: i }, typeName(option)));
        const select = make("select", { id }, ...names);
        const holder = make("div", { className: "group" });
        let inner;
        const draw = () => {
            inner = field({ name: typeName(options[select.selectedIndex]), schema: options[select.selectedIndex] });
            holder.replaceChildren(inner.element);
        };
        const fill = (given) => {
            // the first that takes the value; the last one's refusal is told
            for (select.selectedIndex = 0; ; ++select.selectedIndex) {
                draw();
                try {
                    return inner.fill(given);
                } catch (fault) {
                    if (!(fault instanceof Fault) || select.selectedIndex + 1 >= options.length) throw fault;
                }
            }
        };
        select.addEventListener("change", draw);
        draw();
        const element = make("div", {}, select, holder);
        return { element, value: (run) => inner.value(run), child: () => inner, fill };
    },

    /** A list that grows and shrinks. Its items are named by their places, which are counted anew when one goes. */
    array({ schema }, id, name) {
        const list = make("div");
        const add = make(
            "button",
            { type: "button", id, className: "quiet", "aria-label": `Add to ${name}` },
            `+ Add to ${name}`
        );
        let items = [];
        const append = () => {
            const entry = { name: String(items.length), schema: schema.items ?? {}, of: name };
            const item = field(entry, () => {
                items = items.filter((other) => other !== item);
                item.element.remove();
                items.forEach((other, i) => other.rename(String(i)));
                // what had the focus is gone
                add.focus();
                announce(list);
            });
            items.push(item);
            list.append(item.element);
            return item;
        };
        add.addEventListener("click", () => {
            append().focus();
            announce(list);
        });
        const fill = (given) => {
            if (!Array.isArray(given)) throw new Fault("The value is no list.");
            items = [];
            list.replaceChildren();
            for (const value of given) append().fill(value);
        };
        const picker = filePicker(schema.items, name, append, list);
        const element = make(
            "div",
            { className: "group", role: "group", "aria-label": name },
            list,
            make("div", { className: "pair" }, add, picker)
        );
        return { element, value: (run) => items.map((item) => item.value(run)), child: (step) => items[step], fill };
    },

    /** An object is a form within the form, to be folded away. */
    object({ schema }, id, name) {
        const entries = Object.entries(schema.properties).map(([key, inner]) => ({
            name: key,
            schema: inner,
            required: schema.required?.includes(key)
        }));
        const inner = members(entries, id);
        const head = make("summary", {}, `${entries.length} members`);
        const frame = { className: "group", open: true, "aria-label": name };
        return { ...inner, element: make("details", frame, head, inner.element) };
    }
};

/**
 * For lists of objects that hold bytes: takes several files at once, an object for each. A member that can bear the
 * file's name or type gets it; whether the name is to be a URI is seen from the member's own prose.
 */
function filePicker(itemSchema, name, append, list) {
    const properties = Object.entries(plan(itemSchema ?? {}).schema.properties ?? {});
    const bytes = properties.find(([, schema]) => plan(schema).kind === "base64");
    // a list of something else: no file would fit
    if (!bytes) return null;
    const nameOf = properties.find(([key]) => /^file_?name$/i.test(key));
    const typeOf = properties.find(([key]) => /^(mime|media|content)_?type$/i.test(key));
    const prefix = /file:\/\//.test(resolve(nameOf?.[1]).description) ? "file://" : "";
    const input = make("input", { type: "file", multiple: true, "aria-label": `Add files to ${name}` });
    input.addEventListener("change", async () => {
        for (const file of input.files) {
            const item = append();
            const known = { [bytes[0]]: "" };
            if (nameOf) known[nameOf[0]] = prefix + file.name;
            if (typeOf) known[typeOf[0]] = file.type || "application/octet-stream";
            item.fill(known);
            // one after the other, as all of them go through this tab's memory
            await item.child(bytes[0]).take(file);
        }
        // else the same files could not be chosen again
        input.value = "";
        announce(list);
    });
    return input;
}

/** Named fields: those that must be there are drawn, the others wait as buttons and are left out until asked for. */
export function members(entries, id) {
    const rows = make("div");
    const chips = make("div", { className: "chips", role: "group", "aria-label": "Left out, add with" });
    // each keeps its place, so that members stand in the order of the schema whenever they are added
    const slots = entries.map((entry) => {
        const optional = !entry.required || plan(entry.schema).nullable;
        const slot = { entry, holder: make("div"), field: null };
        rows.append(slot.holder);
        const draw = () => {
            slot.field = field(entry, optional ? () => drop(true) : null);
            slot.holder.append(slot.field.element);
        };
        // a field that goes by hand hands its focus on; one that gives way to another value does not
        const drop = (byHand) => {
            slot.holder.replaceChildren();
            slot.field = null;
            chip.hidden = false;
            if (!byHand) return;
            chip.focus();
            announce(rows);
        };
        const sense = entry.description ?? resolve(entry.schema).description ?? "";
        const chip = make("button", { type: "button", title: sense, hidden: !optional });
        chip.setAttribute("aria-label", `Add ${entry.name}`);
        // what must be there but may be null is sent as null until it is added
        chip.append(`+ ${entry.name}${entry.required ? " (null)" : ""}`);
        chip.addEventListener("click", () => {
            draw();
            chip.hidden = true;
            slot.field.focus();
            announce(rows);
        });
        chips.append(chip);
        // drawn anew where possible, as nothing of the value before may stay
        slot.fill = (given) => {
            if (slot.field && optional) drop(false);
            if (given === null) return;
            if (!slot.field) draw();
            chip.hidden = true;
            slot.field.fill(given);
        };
        if (!optional) draw();
        return slot;
    });
    // what must be there and was left out is null
    const value = (run) => {
        const filled = slots.filter((slot) => slot.field || slot.entry.required);
        return Object.fromEntries(filled.map((slot) => [slot.entry.name, slot.field ? slot.field.value(run) : null]));
    };
    const child = (step) => slots.find((slot) => slot.entry.name === step)?.field;
    const fill = (given) => {
        if (given === null || typeof given !== "object" || Array.isArray(given))
            throw new Fault("The value is no object.");
        // refused, because the form would send less than it was given
        const unknown = Object.keys(given).find((key) => !slots.some((slot) => slot.entry.name === key));
        if (unknown !== undefined) throw new Fault(`There is no member ${unknown}.`);
        for (const slot of slots) slot.fill(given[slot.entry.name] ?? null);
    };
    return { element: make("div", { id: id ?? "" }, rows, chips), value, child, fill };
}

/** A labelled row around the control of a schema. With `remove` it can be taken out again. */
function field(entry, remove) {
    const id = newId();
    const drawn = plan(entry.schema);
    // plan() gives no kind that neither of them has
    const control = (controls[drawn.kind] ?? composite[drawn.kind])(drawn, id, entry.name);
    const label = make("label", { for: id }, entry.name);
    const error = make("p", { className: "error", id: `${id}-error`, role: "alert", hidden: true });
    const sense = entry.description ?? drawn.schema.description;
    const hint = sense ? make("p", { className: "hint", id: `${id}-hint` }, sense) : null;
    const cross = remove ? make("button", { type: "button", className: "remove quiet" }, "×") : null;
    const rename = (name) => {
        label.textContent = name;
        cross?.setAttribute("aria-label", entry.of ? `Remove ${entry.of} ${name}` : `Leave out ${name}`);
    };
    // also gives the cross its label, which has the name in it
    rename(entry.name);
    cross?.addEventListener("click", remove);

    // some controls stand in a frame of their own: description and fault belong to what is typed into
    const input = control.element.matches(`#${id}`) ? control.element : control.element.querySelector(`#${id}`);
    input?.setAttribute("aria-describedby", [hint && hint.id, error.id].filter(Boolean).join(" "));
    const type = make("span", { className: "type" }, typeName(entry.schema));
    const head = make("div", { className: "head" }, label, type, cross);
    const element = make("div", { className: "field" }, head, hint, control.element, error);

    /** What the form around sees: value() marks the field and goes on after a fault, so all faults are found at once. */
    const self = {
        element,
        rename,
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
                if (!(fault instanceof Fault)) throw fault;
                // while somebody still types, nothing is marked
                self.blame(run.strict ? fault.message : "");
                run.faults.push(self);
                return null;
            }
        },
        child: (step) => control.child?.(step),
        fill: (given) => {
            self.blame("");
            control.fill(given);
        },
        take: (file) => control.take(file)
    };
    return self;
}
