// The functions view: lists the functions that /openrpc.json describes, sends a call of the chosen one and shows request,
// reply and errors; form.js draws the form. It names nothing of the API, so it need not change with it.
import { badge, byId, copy, make, newId, size } from "/dom.js";
import { members } from "/form.js";
import { Fault, rawJson, showJson, shown_string, toText } from "/json.js";
import { counted, nextId, noteRefusal, post } from "/rpc.js";
import { plan, resolve, typeName } from "/schema.js";

let api = { methods: [] }; // the OpenRPC document
let annotate = () => null; // what stands behind numbers in replies
const forms = new Map(); // name → what was entered; survives looking at other functions
// The one function that is shown, its form, and the call that runs, if any.
const page = { method: null, form: null, asJson: false, running: null, reply: "" };

/** The methods under their first tag, in the order of the document. */
function groups() {
    const found = new Map();
    for (const method of api.methods) {
        const tag = resolve(method.tags?.[0])?.name ?? "Functions";
        found.set(tag, [...(found.get(tag) ?? []), method]);
    }
    return found;
}

/** The list of functions. Its links get the tab key only where setTabStop() says. */
function drawList() {
    byId("functions").replaceChildren(
        ...[...groups()].map(([tag, methods]) => {
            const links = methods.map((method) =>
                make(
                    "a",
                    {
                        href: `#fn=${encodeURIComponent(method.name)}`,
                        className: method.deprecated ? "old" : "",
                        title: method.summary ?? "",
                        tabIndex: -1,
                        "data-name": method.name
                    },
                    method.name
                )
            );
            const heading = make("h3", { id: newId() }, tag);
            const list = make("ul", { "aria-labelledby": heading.id }, ...links.map((link) => make("li", {}, link)));
            return make("div", {}, heading, list);
        })
    );
    filter();
}

const links = () => [...byId("functions").querySelectorAll("a")];
const visibleLinks = () => links().filter((link) => !link.parentElement.hidden);

/** Shows the functions in which every word is found, in name, summary or topic; topics without any are hidden. */
function filter() {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const link of links()) {
        const text = `${link.dataset.name} ${link.title} ${link.closest("div").firstChild.textContent}`.toLowerCase();
        link.parentElement.hidden = !words.every((word) => text.includes(word));
    }
    for (const group of byId("functions").children) group.hidden = !group.querySelector("li:not([hidden])");
    const [shown, all] = [visibleLinks().length, links().length];
    byId("count").textContent = shown === all ? `${all} functions` : `${shown} of ${all} functions`;
    setTabStop();
}

/** One stop for the tab key; the arrow keys move inside the list. */
function setTabStop() {
    const shown = visibleLinks();
    // where the user is, or else the beginning
    const stop = shown.find((link) => link.ariaCurrent) ?? shown[0];
    for (const link of links()) link.tabIndex = link === stop ? 0 : -1;
}

/** Arrow keys: up from the first one leads back to the search field. */
function moveInList(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const shown = visibleLinks();
    const next = shown.indexOf(document.activeElement) + step;
    if (next < 0) byId("search").focus();
    else shown[Math.min(next, shown.length - 1)]?.focus();
}

/** On a narrow screen the list is folded away. */
function toggleMenu(open) {
    byId("sidebar").classList.toggle("open", open);
    byId("menu").setAttribute("aria-expanded", String(open));
}

/** The name of a function that an address asks for; null if it asks for none. */
function nameIn(hash) {
    const wanted = /^#fn=(.+)/.exec(hash);
    try {
        return wanted && decodeURIComponent(wanted[1]);
    } catch {
        // a percent sign that was none: taken as it stands
        return wanted[1];
    }
}

/** Shows the function the address names, or the first. */
export function choose() {
    const name = nameIn(location.hash) ?? page.method?.name;
    const method = name ? api.methods.find((each) => each.name === name) : api.methods[0];
    // an address may name a function that another release has
    byId("function").hidden = byId("exchange").hidden = !method;
    notice(method ? "" : "There is no function of that name; choose one from the list.");
    for (const link of links()) link.ariaCurrent = method && link.dataset.name === method.name ? "page" : null;
    setTabStop();
    if (!method) return;
    page.method = method;
    document.title = `${method.name} – ${api.info?.title ?? "JSON-RPC"}`;
    byId("name").textContent = method.name;
    byId("summary").textContent = method.summary ?? "";
    byId("description").textContent = method.description !== method.summary ? (method.description ?? "") : "";
    // made once, so that what was entered is still there when the function is shown again
    if (!forms.has(method.name)) forms.set(method.name, members((method.params ?? []).map(resolve)));
    page.form = forms.get(method.name);
    const none = make("p", { className: "note" }, "None.");
    byId("fields").replaceChildren(method.params?.length ? page.form.element : none);
    drawReturns(method.result);
    drawExamples(method);
    page.asJson = false;
    setJsonMode(false);
    toggleMenu(false);
}

/** The members of a schema as nested lists, two levels deep: enough to read a reply by. */
function drawReturns(result) {
    // what is a reference may contain itself
    const describe = (schema, depth) => {
        const properties = Object.entries(plan(schema).schema.properties ?? {});
        if (!properties.length || !depth) return "";
        return make(
            "ul",
            {},
            ...properties.map(([key, inner]) => {
                const sense = make("span", { className: "note" }, ` ${resolve(inner).description ?? ""}`);
                const below = describe(inner, inner.$ref ? 0 : depth - 1);
                return make("li", {}, make("code", {}, key), ` ${typeName(inner)}`, sense, below);
            })
        );
    };
    byId("returns").hidden = !result;
    const { description, schema } = resolve(result);
    byId("returns-body").replaceChildren(make("p", {}, description ?? ""), describe(schema, 3));
}

/** A button for each example of the document; it fills the form, or the JSON editor where the form cannot take it. */
function drawExamples(method) {
    const examples = (method.examples ?? []).map(resolve).filter((example) => Array.isArray(example.params));
    byId("examples").hidden = !examples.length;
    byId("examples").replaceChildren(
        ...examples.map((example) => {
            // a single one needs no name
            const label = examples.length > 1 && example.name ? `Use example: ${example.name}` : "Use example";
            const use = make("button", { type: "button", className: "quiet", title: example.summary ?? "" }, label);
            use.addEventListener("click", () => {
                const given = example.params.map(resolve).filter(({ value }) => value !== undefined);
                enter(Object.fromEntries(given.map(({ name, value }) => [name, value])));
            });
            return use;
        })
    );
}

/** Puts parameters into the form, or as JSON where the form cannot take them. */
function enter(values) {
    try {
        page.form.fill(values);
        byId("as-json").focus({ preventScroll: true });
        page.asJson = false;
        setJsonMode(false);
    } catch (fault) {
        if (!(fault instanceof Fault)) throw fault;
        byId("json").value = toText(values);
        page.asJson = true;
        setJsonMode(true);
    }
}

function notice(text) {
    byId("notice").hidden = !text;
    byId("notice").textContent = text;
}

/** What is entered goes along from the form to the JSON editor and back; JSON the form cannot take stays JSON. */
function setJsonMode(on) {
    byId("json-error").hidden = true;
    // faults do not hinder: what cannot be sent is null there, to be mended as JSON
    if (on && !page.asJson) byId("json").value = toText(params({ faults: [] }));
    if (!on && page.asJson) {
        try {
            page.form.fill(JSON.parse(byId("json").value || "{}"));
        } catch (error) {
            const text = `The form cannot take this: ${error.message}`;
            return Object.assign(byId("json-error"), { hidden: false, textContent: text });
        }
    }
    page.asJson = on;
    byId("editor").hidden = !on;
    byId("fields").hidden = on;
    byId("as-json").setAttribute("aria-pressed", String(on));
    byId("as-form").setAttribute("aria-pressed", String(!on));
    changed();
}

/** What will be sent as params. Faults are collected in `run.faults`, and told if `run.strict`. */
function params(run) {
    if (!page.asJson) return page.form.value({ ...run, escapes: byId("escapes").checked });
    const error = byId("json-error");
    error.hidden = true;
    try {
        return run.hide ? masked(byId("json").value || "{}") : rawJson(byId("json").value || "{}");
    } catch (fault) {
        // else somebody still types
        if (run.strict) Object.assign(error, { hidden: false, textContent: fault.message });
        run.faults.push({ focus: () => byId("json").focus() });
        return {};
    }
}

/** JSON of parameters with the secret ones made unreadable. */
function masked(text) {
    const raw = rawJson(text);
    // by its format: nothing else in a schema says that a text is not for the eye
    const isSecret = (entry) => plan(entry.schema).schema.format === "password";
    const secrets = (page.method.params ?? []).map(resolve).filter(isSecret);
    // read only where it must be: a parser rounds numbers over 2^53
    const known = secrets.length ? JSON.parse(text) : null;
    if (known === null || typeof known !== "object") return raw;
    for (const [i, entry] of (page.method.params ?? []).map(resolve).entries()) {
        const key = Array.isArray(known) ? i : entry.name;
        if (isSecret(entry) && key in known) known[key] = "••••••";
    }
    return known;
}

const body = (run) => ({ jsonrpc: "2.0", id: nextId(), method: page.method.name, params: params(run) });

/** What is shown and copied: everything but the secrets. */
const shownBody = () => toText(body({ faults: [], hide: true }));

/** Draws the request as it would be sent now, but for what is secret. */
function changed() {
    if (!page.form) return;
    showJson(byId("request"), shownBody(), annotate);
    byId("request").prepend(
        `POST /rpc HTTP/1.1\nAuthorization: Bearer ${byId("token").value ? "••••••" : "…"}\n` +
            "Content-Type: application/json\n\n"
    );
}

/** A JSON-RPC error: what, why, where, what to do. A path leads to its field. */
function showFault(error) {
    const box = byId("fault");
    box.hidden = !error;
    box.replaceChildren();
    if (!error) return;
    const list = make("dl");
    const data = error.data && typeof error.data === "object" ? error.data : {};
    for (const [key, value] of Object.entries(data))
        list.append(make("dt", {}, key), make("dd", {}, typeof value === "string" ? value : toText(value)));
    box.append(make("strong", {}, `${error.code ?? "?"} ${error.message ?? "unnamed error"}`), list);
    if (typeof data.path !== "string") return;
    let at = null;
    // as far as there are fields: what is entered as JSON, or left out, has none
    for (const step of data.path.split("/").filter(Boolean)) {
        if (step === "params" && !at) continue;
        const next = (at ?? page.form).child(step);
        if (!next) break;
        at = next;
    }
    at?.blame(data.hint ?? error.message);
}

/** Everything that came back: kind, HTTP status, duration, size, and the reply as it is. */
function showReply(response, text, started) {
    const duration = `${(performance.now() - started).toFixed(1)} ms`;
    // all of it, as Copy gives more than is shown
    page.reply = text;
    let reply = null;
    try {
        reply = JSON.parse(text);
    } catch {
        /* shown as it is */
    }
    const isGood = response.ok && reply && !reply.error;
    const word = reply?.error ? "Error" : isGood ? "Result" : text ? "Not JSON" : "No content";
    const http = badge(`HTTP ${response.status} ${response.statusText}`.trim(), response.ok ? "" : "bad");
    const kind = badge(word, isGood ? "good" : "bad");
    byId("outcome").replaceChildren(kind, http, badge(duration), badge(size(text.length)));
    byId("reply").hidden = byId("copy-reply").hidden = !text;
    if (reply) showJson(byId("reply"), text, annotate);
    else byId("reply").textContent = text.slice(0, shown_string);
    showFault(reply?.error);
    noteRefusal(response.status === 401);
}

/** Sends what is entered, unless a field is at fault: then that one gets the focus. One call at a time. */
async function send() {
    if (page.running || !page.method) return;
    const run = { faults: [], strict: true };
    // text and faults in one go: what is sent is what was checked
    const text = toText(body(run));
    if (run.faults.length) return run.faults[0].focus();
    page.running = new AbortController();
    byId("send").disabled = true;
    byId("cancel").hidden = false;
    byId("outcome").replaceChildren(badge("Waiting for the reply…"));
    changed();
    counted();
    const started = performance.now();
    try {
        const response = await post("/rpc", text, page.running.signal);
        showReply(response, await response.text(), started);
    } catch (error) {
        const text = error.name === "AbortError" ? "Cancelled" : `No reply: ${error.message}`;
        byId("outcome").replaceChildren(badge(text, "bad"));
        byId("reply").hidden = byId("copy-reply").hidden = true;
        showFault(null);
    }
    page.running = null;
    byId("send").disabled = false;
    byId("cancel").hidden = true;
    // on a narrow screen the reply stands below the form
    byId("outcome").scrollIntoView({ block: "nearest" });
}

/** The same request for a shell. The token comes from a file, as arguments are for everybody to see. */
function curl() {
    const text = shownBody();
    const start = `curl -sS ${location.origin}/rpc -H @"$HOME/.pEp/curl-header" -H 'Content-Type: application/json'`;
    if (text.length < 100000) return `${start} \\\n  --data-binary '${text.replaceAll("'", "'\\''")}'`;
    return `${start} --data-binary @- <<'END'\n${text}\nEND\n`; // an argument has its limit; JSON has no line "END"
}

/** Draws the list of a document and listens. `numberNote(key, number)` gives what stands behind a number in JSON. */
export function startFunctions(document, numberNote) {
    api = document;
    annotate = numberNote;
    drawList();
    byId("search").addEventListener("input", filter);
    byId("search").addEventListener("keydown", (event) => {
        // the list is filtered: the first hit is the one that is meant
        if (event.key === "Enter") visibleLinks()[0]?.click();
    });
    byId("sidebar").addEventListener("keydown", moveInList);
    byId("menu").addEventListener("click", () => toggleMenu(!byId("sidebar").classList.contains("open")));
    byId("form").addEventListener("input", changed);
    byId("form").addEventListener("change", changed);
    byId("form").addEventListener("submit", (event) => {
        event.preventDefault();
        send();
    });
    byId("as-form").addEventListener("click", () => setJsonMode(false));
    byId("as-json").addEventListener("click", () => setJsonMode(true));
    byId("reset").addEventListener("click", () => {
        // made anew by choose()
        forms.delete(page.method.name);
        choose();
    });
    byId("cancel").addEventListener("click", () => page.running?.abort());
    byId("copy-curl").addEventListener("click", (event) => copy(event.target, curl()));
    byId("copy-reply").addEventListener("click", (event) => copy(event.target, page.reply));
    byId("token").addEventListener("input", changed);
    addEventListener("keydown", (event) => {
        if (byId("functions-view").hidden) return;
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            send();
        }
        // a key of its own for the search, as long as it is not typed into a field
        if (event.key !== "/" || event.target.matches("input, textarea, select")) return;
        event.preventDefault();
        toggleMenu(true);
        byId("search").focus();
    });
}
