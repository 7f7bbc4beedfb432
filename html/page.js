// The frame of the page: takes the token, reads /openrpc.json, and shows the view the address asks for: #fn=NAME is a
// function, #view=NAME one of the views. A view is drawn when it is first wanted and keeps what was entered.
// The token stays in the password field; a one-use code in the address (#CODE, of `pep-json-server --open`) is taken out
// of it before anything else happens, and exchanged for the token.
import { byId, make } from "/dom.js";
import { choose, startFunctions } from "/functions.js";
import { post } from "/rpc.js";
import { resolve, setRoot } from "/schema.js";
import { numberNote, views } from "/views/engine.js";

let code = null; // one-use, until it is redeemed

/** Takes a code out of the address, and out of the list the back button goes by. */
function takeCode() {
    const found = /^#([A-Za-z0-9_-]{43})$/.exec(location.hash);
    if (!found) return false;
    code = found[1];
    history.replaceState(null, "", location.pathname);
    return true;
}

// Before anything else: whoever looks at the address or its history must not find the code.
takeCode();

const drawn = new Map(); // name of a view → what it gave: { element, show?, hide? }
let current = null;
let api = null;

/** Tells, above all views, what concerns none of them alone; "" takes it away. */
function notice(text, isBad = false) {
    byId("frame-notice").hidden = !text;
    byId("frame-notice").className = isBad ? "callout bad" : "callout";
    byId("frame-notice").textContent = text;
}

/** Exchanges the code for the token. The code is forgotten first: it is good for one attempt. */
async function redeem() {
    if (!code) return;
    const body = JSON.stringify({ code });
    code = null;
    notice("Fetching the token…");
    try {
        const response = await post("/redeem", body);
        const answer = await response.json().catch(() => ({}));
        if (response.ok && typeof answer.security_token === "string") {
            byId("token").value = answer.security_token;
            notice("");
            tokenChanged();
        } else if (response.status === 403) {
            notice(
                "The link this page was opened with was used already, or is older than a minute. Run pep-json-server --open" +
                    " again, or paste the token.",
                true
            );
        } else notice(`The server gave no token for this link (HTTP ${response.status}). Paste it above.`, true);
    } catch (error) {
        notice(`The token cannot be fetched (${error.message}). Does the server still run?`, true);
    }
}

/** The views' names: functions is the one that draws itself from the document. */
function wanted() {
    const found = /^#view=([a-z]+)$/.exec(location.hash);
    return found && views.some((view) => view.name === found[1]) ? found[1] : "functions";
}

/** Shows what the address asks for, and lets the view before rest. Its element is kept, with all that was entered. */
async function route() {
    if (takeCode()) redeem();
    const name = wanted();
    const view = views.find((each) => each.name === name);
    if (name !== current) drawn.get(current)?.hide?.();
    const isNew = name !== current;
    current = name;
    byId("functions-view").hidden = Boolean(view);
    byId("menu").hidden = Boolean(view);
    byId("view").hidden = !view;
    for (const link of byId("views").querySelectorAll("a"))
        link.ariaCurrent = link.hash === `#view=${name}` ? "page" : null;
    if (!view) return choose();
    if (!drawn.has(name)) {
        const { create } = await view.load();
        // asked again: the user may have come here twice while the file was on its way
        if (!drawn.has(name)) drawn.set(name, create(api));
        if (current !== name) return; // the user went on meanwhile
    }
    document.title = `${view.title} – ${api.info?.title ?? "JSON-RPC"}`;
    byId("view").replaceChildren(drawn.get(name).element);
    if (isNew) drawn.get(name).show?.();
}

let settling = 0;

/** A token may be typed letter by letter: views ask the server when it has come to rest. */
function tokenChanged() {
    clearTimeout(settling);
    settling = setTimeout(() => {
        drawn.get(current)?.hide?.();
        drawn.get(current)?.show?.();
    }, 300);
}

/** Takes a pasted token file for the token in it. */
function pasteToken(event) {
    let found = null;
    try {
        found = JSON.parse(event.clipboardData.getData("text")).security_token;
    } catch {
        return;
    }
    if (typeof found !== "string") return;
    event.preventDefault();
    byId("token").value = found;
    byId("token").dispatchEvent(new Event("input", { bubbles: true }));
}

/** The views as links, so that each has an address of its own. */
function drawTabs() {
    const tabs = [{ name: "functions", title: "Functions" }, ...views];
    byId("views").replaceChildren(...tabs.map(({ name, title }) => make("a", { href: `#view=${name}` }, title)));
}

async function start() {
    byId("skip").addEventListener("click", () => byId("main").focus());
    byId("token").addEventListener("paste", pasteToken);
    byId("token").addEventListener("input", tokenChanged);
    drawTabs();
    redeem(); // its time is short, and it needs nothing else
    try {
        const response = await fetch("/openrpc.json", { cache: "no-store", credentials: "omit" });
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        api = await response.json();
        setRoot(api);
        // OpenRPC allows a reference in place of a method
        api.methods = api.methods.map(resolve);
    } catch (error) {
        byId("loading").hidden = true;
        return notice(`The list of functions cannot be read (${error.message}). Does the server still run?`, true);
    }
    byId("loading").hidden = true;
    byId("title").textContent = api.info?.title ?? "JSON-RPC";
    byId("release").textContent = api.info?.version ?? "";
    byId("release").hidden = !api.info?.version;
    startFunctions(api, numberNote);
    // not before: views are made from the document
    addEventListener("hashchange", route);
    route();
}

start();
