// What the tests of the views share: one chromium, pages that complain about every fault of their own, calls past the page.
// Reads from standard input whose servers there are: { ann: { url, token, … }, ben: … }.
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { after, afterEach, before, test } = require("node:test");
const { chromium } = require("playwright-core");

const people = JSON.parse(fs.readFileSync(0, "utf8"));
const arguments_ = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-dev-shm-usage"
];
let browser = null;
let open = []; // contexts of the running test
let complaints = [];

before(async () => {
    browser = await chromium.launch({ executablePath: process.env.PEP_CHROMIUM, args: arguments_ });
});
after(async () => {
    await browser?.close();
});

// Console errors, uncaught errors, dialogs, breaches of the content policy, requests to anybody else: none may happen.
afterEach(async () => {
    for (const context of open) await context.close();
    open = [];
    const found = complaints;
    complaints = [];
    assert.deepEqual(found, []);
});

/** Watches a page; `expected` are patterns of console messages that belong to the test. */
async function watch(page, person, expected) {
    const complain = (text) => {
        if (!expected.some((pattern) => pattern.test(text))) complaints.push(text);
    };
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complain(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => complain(`thrown: ${error.message}`));
    page.on("dialog", (dialog) => {
        complain(`dialog: ${dialog.message()}`);
        dialog.dismiss();
    });
    page.on("request", (request) => {
        const isOurs = [person.url, "blob:", "data:", "file:"].some((start) => request.url().startsWith(start));
        if (!isOurs) complain(`request: ${request.url()}`);
    });
    await page.exposeFunction("reportBreach", (text) => complain(`policy: ${text}`));
    await page.addInitScript(() => {
        addEventListener("securitypolicyviolation", (event) =>
            window.reportBreach(`${event.violatedDirective} ${event.blockedURI}`)
        );
    });
}

/** A page of somebody's server at a view or function; `given.token` is pasted unless it is null. */
async function visit(person, hash = "", given = {}) {
    const { width = 1280, height = 900, dark = false, token = person.token, expected = [] } = given;
    const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: dark ? "dark" : "light",
        locale: "en-GB",
        acceptDownloads: true
    });
    open.push(context);
    context.setDefaultTimeout(15000);
    const page = await context.newPage();
    await watch(page, person, expected);
    await page.goto(`${person.url}/${hash}`);
    await page.locator("#views a").first().waitFor();
    if (token !== null) await page.getByLabel("Token").fill(token);
    return page;
}

/** A call without the page: what another client would do. */
async function rpc(person, method, params = {}) {
    const response = await fetch(`${person.url}/rpc`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${person.token}` },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })
    });
    const answer = await response.json();
    if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
    return answer.result;
}

const myself = (person, address, username) =>
    rpc(person, "myself", { identity: { address, username, user_id: "pEp_own_userId" } }).then(
        (result) => result.out.identity
    );

async function picture(page, name) {
    const folder = process.env.PEP_SCREENSHOTS;
    if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
}

const section = (page, name) => page.getByRole("region", { name, exact: true });

module.exports = { assert, fs, myself, path, people, picture, rpc, section, test, visit };
