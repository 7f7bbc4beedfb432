// Requests to this server. The token is read from the password field each time and kept nowhere else: not in storage,
// not in the address, not in what is shown or copied.
import { byId } from "/dom.js";

/** The token as a header may carry it; "" if there is none. */
export function token() {
    const text = byId("token").value.trim();
    return /^[\x21-\x7e]*$/.test(text) ? text : "";
}

function headers(more = {}) {
    return token() ? { ...more, Authorization: `Bearer ${token()}` } : more;
}

/** What every request of this page has: no cookies, no cache, no other server. */
const plain = { cache: "no-store", credentials: "omit", redirect: "error" };

/** `signal` ends it, and a stream it may have become. */
export function get(path, more = {}, signal = undefined) {
    return fetch(path, { ...plain, headers: headers(more), signal });
}

/** With the token, but for the request that fetches it: that one is made when there is none yet, or an old one. */
export function post(path, text, signal = undefined) {
    const known = path === "/redeem" ? {} : headers();
    return fetch(path, {
        ...plain,
        method: "POST",
        headers: { "Content-Type": "application/json", ...known },
        body: text,
        signal
    });
}

/** A call that brought no result. `hint` says what to do about it. */
export class CallError extends Error {
    constructor(message, hint = "", code = null) {
        super(message);
        Object.assign(this, { hint, code });
    }
}

let calls = 0;
// Shown in a request before it is sent, counted when it is.
export const nextId = () => calls + 1;
export const counted = () => {
    ++calls;
};

/** Calls a function and gives its result, or throws a CallError. */
export async function call(method, params = {}, signal = undefined) {
    if (!token())
        throw new CallError(
            "The token is missing",
            "Paste it into the field above, or open this page with pep-json-server --open."
        );
    let response, text;
    try {
        const body = JSON.stringify({ jsonrpc: "2.0", id: nextId(), method, params });
        counted();
        response = await post("/rpc", body, signal);
        text = await response.text();
    } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new CallError(`No reply: ${error.message}`, "Does the server still run?");
    }
    noteRefusal(response.status === 401);
    let reply;
    try {
        reply = JSON.parse(text);
    } catch {
        throw new CallError(`HTTP ${response.status}, and no JSON`);
    }
    if (reply.error) {
        const { code, message, data } = reply.error;
        const at = typeof data?.path === "string" ? ` (${data.path})` : "";
        throw new CallError(`${code} ${message}${at}`, typeof data?.hint === "string" ? data.hint : "", code);
    }
    return reply.result;
}

/** Says beside the token whether the server takes it. */
export function noteRefusal(isRefused) {
    byId("token").setAttribute("aria-invalid", String(isRefused));
    const note = isRefused ? "the server refused this token" : "kept in this tab's memory only";
    if (byId("token-note").textContent !== note) byId("token-note").textContent = note; // else it would be read out again
}
