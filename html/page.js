// The test page: lists the functions that /openrpc.json describes, sends a call of the chosen one and shows
// request, reply and errors; form.js draws the form. It names nothing of the API, so it need not change with it.
// The token stays in the password field: never in storage, in the address, or in what is shown or copied.
import {
    make, members, newId, plan, rawJson, resolve, setRoot, showJson, shown_string, toText, typeName,
} from "/form.js";

const byId = (id) => document.getElementById(id);

let api = { methods: [] }; // the OpenRPC document
const forms = new Map(); // name → what was entered; survives looking at other functions
const page = { method: null, form: null, asJson: false, calls: 0, running: null, reply: "" };

function groups() {
    const found = new Map();
    for (const method of api.methods) {
        const tag = resolve(method.tags?.[0])?.name ?? "Functions";
        found.set(tag, [...(found.get(tag) ?? []), method]);
    }
    return found;
}

function drawList() {
    byId("functions").replaceChildren(...[...groups()].map(([tag, methods]) => {
        const links = methods.map((method) => make("a", {
            href: `#fn=${encodeURIComponent(method.name)}`, className: method.deprecated ? "old" : "",
            title: method.summary ?? "", tabIndex: -1, "data-name": method.name,
        }, method.name));
        const heading = make("h3", { id: newId() }, tag);
        const list = make("ul", { "aria-labelledby": heading.id }, ...links.map((link) => make("li", {}, link)));
        return make("div", {}, heading, list);
    }));
    filter();
}

const links = () => [...byId("functions").querySelectorAll("a")];
const visibleLinks = () => links().filter((link) => !link.parentElement.hidden);

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
    const stop = shown.find((link) => link.ariaCurrent) ?? shown[0];
    for (const link of links()) link.tabIndex = link === stop ? 0 : -1;
}

function moveInList(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const shown = visibleLinks();
    const next = shown.indexOf(document.activeElement) + step;
    if (next < 0) byId("search").focus();
    else shown[Math.min(next, shown.length - 1)]?.focus();
}

function toggleMenu(open) {
    byId("sidebar").classList.toggle("open", open);
    byId("menu").setAttribute("aria-expanded", String(open));
}

/** Shows the function the address names, or the first. */
function choose() {
    const wanted = /^#fn=(.+)/.exec(location.hash);
    const name = wanted ? decodeURIComponent(wanted[1]) : null;
    if (location.hash && !wanted) return;
    const method = name ? api.methods.find((each) => each.name === name) : api.methods[0];
    byId("function").hidden = byId("exchange").hidden = !method;
    notice(method ? "" : "There is no function of that name; choose one from the list.");
    for (const link of links()) link.ariaCurrent = method && link.dataset.name === method.name ? "page" : null;
    setTabStop();
    if (!method) return;
    page.method = method;
    document.title = `${method.name} – ${api.info?.title ?? "JSON-RPC"}`;
    byId("name").textContent = method.name;
    byId("summary").textContent = method.summary ?? "";
    byId("description").textContent = method.description !== method.summary ? method.description ?? "" : "";
    if (!forms.has(method.name)) forms.set(method.name, members((method.params ?? []).map(resolve)));
    page.form = forms.get(method.name);
    const none = make("p", { className: "note" }, "None.");
    byId("fields").replaceChildren(method.params?.length ? page.form.element : none);
    drawReturns(method.result);
    setJsonMode(false);
    toggleMenu(false);
}

/** The members of a schema as nested lists, two levels deep: enough to read a reply by. */
function drawReturns(result) {
    const describe = (schema, depth) => {
        const properties = Object.entries(plan(schema).schema.properties ?? {});
        if (!properties.length || !depth) return "";
        return make("ul", {}, ...properties.map(([key, inner]) => {
            const sense = make("span", { className: "note" }, ` ${resolve(inner).description ?? ""}`);
            const below = describe(inner, inner.$ref ? 0 : depth - 1);
            return make("li", {}, make("code", {}, key), ` ${typeName(inner)}`, sense, below);
        }));
    };
    byId("returns").hidden = !result;
    const { description, schema } = resolve(result);
    byId("returns-body").replaceChildren(make("p", {}, description ?? ""), describe(schema, 3));
}

function notice(text, isBad = false) {
    byId("notice").hidden = !text;
    byId("notice").className = isBad ? "callout bad" : "callout";
    byId("notice").textContent = text;
}

function setJsonMode(on) {
    if (on) byId("json").value = toText(params({ faults: [] }));
    page.asJson = on;
    byId("editor").hidden = !on;
    byId("fields").hidden = on;
    byId("as-json").setAttribute("aria-pressed", String(on));
    byId("as-form").setAttribute("aria-pressed", String(!on));
    changed();
}

function params(run) {
    if (!page.asJson) return page.form.value(run);
    const error = byId("json-error");
    error.hidden = true;
    try { return rawJson(byId("json").value || "{}"); } catch (fault) {
        if (run.strict) Object.assign(error, { hidden: false, textContent: fault.message });
        run.faults.push({ focus: () => byId("json").focus() });
        return {};
    }
}

const body = (run) => ({ jsonrpc: "2.0", id: page.calls + 1, method: page.method.name, params: params(run) });

/** What is shown and copied: everything but the secrets. */
const shownBody = () => toText(body({ faults: [], hide: true }));

function changed() {
    if (!page.form) return;
    showJson(byId("request"), shownBody());
    byId("request").prepend(`POST /rpc HTTP/1.1\nAuthorization: Bearer ${byId("token").value ? "••••••" : "…"}\n`
        + "Content-Type: application/json\n\n");
}

function badge(text, kind = "") {
    return make("span", { className: `badge ${kind}` }, text);
}

function size(bytes) {
    if (bytes < 1024) return `${bytes} B`;
    return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1048576).toFixed(1)} MiB`;
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
    for (const step of data.path.split("/").filter(Boolean)) {
        if (step === "params" && !at) continue;
        const next = (at ?? page.form).child(step);
        if (!next) break;
        at = next;
    }
    at?.blame(data.hint ?? error.message);
}

function showReply(response, text, started) {
    const duration = `${(performance.now() - started).toFixed(1)} ms`;
    page.reply = text;
    let reply = null;
    try { reply = JSON.parse(text); } catch { /* shown as it is */ }
    const isGood = response.ok && reply && !reply.error;
    const word = reply?.error ? "Error" : isGood ? "Result" : text ? "Not JSON" : "No content";
    const http = badge(`HTTP ${response.status} ${response.statusText}`.trim(), response.ok ? "" : "bad");
    const kind = badge(word, isGood ? "good" : "bad");
    byId("outcome").replaceChildren(kind, http, badge(duration), badge(size(text.length)));
    byId("reply").hidden = byId("copy-reply").hidden = !text;
    if (reply) showJson(byId("reply"), text);
    else byId("reply").textContent = text.slice(0, shown_string);
    showFault(reply?.error);
    const refused = response.status === 401;
    byId("token").setAttribute("aria-invalid", String(refused));
    byId("token-note").textContent = refused ? "the server refused this token" : "kept in this tab's memory only";
}

async function send() {
    if (page.running || !page.method) return;
    const run = { faults: [], strict: true };
    const text = toText(body(run));
    if (run.faults.length) return run.faults[0].focus();
    const token = byId("token").value.trim();
    if (!/^[\x21-\x7e]*$/.test(token)) return byId("token").focus();
    const headers = { "Content-Type": "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    page.running = new AbortController();
    byId("send").disabled = true;
    byId("cancel").hidden = false;
    byId("outcome").replaceChildren(badge("Waiting for the reply…"));
    changed();
    ++page.calls;
    const started = performance.now();
    try {
        const response = await fetch("/rpc", { method: "POST", headers, body: text, signal: page.running.signal,
            cache: "no-store", credentials: "omit", redirect: "error" });
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
    byId("outcome").scrollIntoView({ block: "nearest" });
}

async function copy(button, text) {
    const before = button.textContent;
    try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; }
    catch { button.textContent = "Not allowed"; }
    setTimeout(() => { button.textContent = before; }, 1500);
}

function curl() {
    const quoted = shownBody().replaceAll("'", "'\\''");
    return `curl -sS ${location.origin}/rpc -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\\n`
        + `  --data-binary '${quoted}'`;
}

/** Takes a pasted token file for the token in it. */
function pasteToken(event) {
    let found = null;
    try { found = JSON.parse(event.clipboardData.getData("text")).security_token; } catch { return; }
    if (typeof found !== "string") return;
    event.preventDefault();
    byId("token").value = found;
    changed();
}

function listen() {
    byId("search").addEventListener("input", filter);
    byId("search").addEventListener("keydown", (event) => {
        if (event.key === "Enter") visibleLinks()[0]?.click();
    });
    byId("sidebar").addEventListener("keydown", moveInList);
    byId("menu").addEventListener("click", () => toggleMenu(!byId("sidebar").classList.contains("open")));
    byId("form").addEventListener("input", changed);
    byId("form").addEventListener("change", changed);
    byId("form").addEventListener("submit", (event) => { event.preventDefault(); send(); });
    byId("as-form").addEventListener("click", () => setJsonMode(false));
    byId("as-json").addEventListener("click", () => setJsonMode(true));
    byId("reset").addEventListener("click", () => { forms.delete(page.method.name); choose(); });
    byId("cancel").addEventListener("click", () => page.running?.abort());
    byId("copy-curl").addEventListener("click", (event) => copy(event.target, curl()));
    byId("copy-reply").addEventListener("click", (event) => copy(event.target, page.reply));
    byId("token").addEventListener("input", changed);
    byId("token").addEventListener("paste", pasteToken);
    addEventListener("hashchange", choose);
    addEventListener("keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); }
        if (event.key !== "/" || event.target.matches("input, textarea, select")) return;
        event.preventDefault();
        toggleMenu(true);
        byId("search").focus();
    });
}

async function start() {
    listen();
    try {
        const response = await fetch("/openrpc.json", { cache: "no-store", credentials: "omit" });
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        api = await response.json();
        setRoot(api);
        api.methods = api.methods.map(resolve);
    } catch (error) {
        return notice(`The list of functions cannot be read (${error.message}). Does the server still run?`, true);
    }
    byId("title").textContent = api.info?.title ?? "JSON-RPC";
    byId("release").textContent = api.info?.version ?? "";
    byId("release").hidden = !api.info?.version;
    drawList();
    choose();
}

start();
