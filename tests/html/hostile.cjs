// Hostile strings wherever strings come from: every reply, the document, the events, the log, mails and what is typed.
// They are shown as text: no script runs, nothing is loaded, no element is made of them, and the console stays silent.
"use strict";
const {
    assert,
    myself,
    people: { ann },
    section,
    test,
    visit
} = require("./harness.cjs");

const hostile = [
    '<img src=x onerror="window.pwned=1">',
    '"><script>window.pwned=1</script>',
    "javascript:window.pwned=1",
    "<svg/onload=window.pwned=1>",
    '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
    "'-window.pwned=1-'",
    "</textarea><script>window.pwned=1</script>",
    "${window.pwned=1}",
    "<a href=javascript:window.pwned=1>click</a>",
    "\u202egnp.exe\u0000\u2066",
    "__proto__",
    "constructor"
].map((text) => text.replace("\u0000", ""));

let turn = 0;
const next = () => hostile[turn++ % hostile.length];

/** The same value with every string in it replaced; what the page needs to go on is kept. */
function poisoned(value, key = "") {
    if (typeof value === "string") return ["value", "jsonrpc"].includes(key) ? value : next();
    if (Array.isArray(value)) return value.map((item) => poisoned(item, key));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, poisoned(inner, name)]));
}

/** A page all of whose replies are poisoned; `enrich` may put into a result what the server would not. */
async function poisonedPage(hash, enrich = (_, result) => result) {
    const page = await visit(ann, "", { token: null, expected: [/status of 40[134]/, /ERR_FAILED/] });
    await page.route("**/rpc", async (route) => {
        const method = JSON.parse(route.request().postData()).method;
        const response = await route.fetch();
        const answer = await response.json();
        if (answer.result) answer.result = poisoned(enrich(method, answer.result));
        if (answer.error) answer.error = poisoned(answer.error);
        await route.fulfill({ response, json: answer });
    });
    await page.getByLabel("Token").fill(ann.token);
    await page.goto(`${ann.url}/${hash}`);
    return page;
}

/** Nothing was made of the strings, and at least some of them are to be seen. */
async function assertHarmless(page, seen = true) {
    await page.waitForTimeout(300);
    const found = await page.evaluate(
        (texts) => ({
            pwned: window.pwned ?? null,
            made: [
                ...document.querySelectorAll(
                    "img, svg, iframe, object, embed, video, body script, form[action], [onerror], [onload], [onclick], base, meta[http-equiv]"
                )
            ].map((each) => each.outerHTML),
            links: [...document.querySelectorAll("[href], [src]")]
                .map((each) => each.getAttribute("href") ?? each.getAttribute("src"))
                .filter((target) => !/^(#(fn|view)=|\/[\w/]*\.?(js|css|ico)?$|\/[\w/.]+$)/.test(target)),
            shown: texts.some(
                (text) =>
                    document.body.innerText.includes(text) ||
                    [...document.querySelectorAll("option")].some((each) => each.textContent.includes(text))
            )
        }),
        hostile.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]) // as it is, or inside JSON
    );
    assert.deepEqual(found, { pwned: null, made: [], links: [], shown: seen });
}

const person = { address: "x", username: "x", user_id: "x", fpr: "x", comm_type: 56, lang: "x", flags: 0 };
const mail = {
    dir: 0,
    id: "x",
    shortmsg: "x",
    longmsg: "x",
    longmsg_formatted: "x",
    from: person,
    to: [person, person],
    cc: [person],
    bcc: [person],
    reply_to: [person],
    sent: 1e15,
    attachments: hostile.map(() => ({ value: "PHN2Zz4=", size: 5, mime_type: "x", filename: "x" })),
    opt_fields: hostile.map(() => ({ key: "x", value: "x" })),
    in_reply_to: ["x"],
    comments: "x",
    keywords: ["x"]
};

test("the privacy view", async () => {
    await myself(ann, "ann@page.test", "Ann");
    const page = await poisonedPage("#view=privacy", (method, result) => {
        if (method === "own_identities_retrieve") result.out.own_identities = [person, person];
        if (method === "update_identity") result.out.identity = person;
        if (method === "get_languagelist")
            result.out.languages = hostile.map((text) => `"${text.replaceAll('"', '""')}","x"`).join("\n");
        if (method === "OpenPGP_list_keyinfo") result.out.keyinfo_list = hostile.map(() => ({ key: "x", value: "x" }));
        return result;
    });
    const partners = section(page, "Partners");
    for (const text of hostile) {
        await partners.getByLabel("Partner's address").fill(text);
        await partners.getByLabel("Partner's name").fill(text);
        await partners.getByRole("button", { name: "Look up" }).click();
    }
    await section(page, "Compare").getByRole("button", { name: "The words are the same: confirm" }).waitFor();
    for (const name of ["The words are the same: confirm", "They differ: mistrust", "Undo"])
        await section(page, "Compare").getByRole("button", { name }).click();
    await section(page, "Own identities").getByLabel("Own address").fill(next());
    await section(page, "Own identities").getByRole("button", { name: "Add", exact: true }).click();
    await section(page, "Keys").getByRole("button", { name: "Search" }).click();
    await section(page, "Keys")
        .locator("li")
        .nth(hostile.length - 1)
        .waitFor();
    await assertHarmless(page);
});

test("the mail view: a reply and a real mail", async () => {
    const page = await poisonedPage("#view=mail", (method, result) => {
        if (method === "decrypt_message") Object.assign(result.out, { dst: mail, keylist: hostile.map(() => "x") });
        if (method === "own_identities_retrieve") result.out.own_identities = [person];
        return result;
    });
    const pane = section(page, "Open a mail");
    await pane.getByLabel("Source of the mail").fill("From: a@page.test\n\nx");
    await pane.getByRole("button", { name: "Open", exact: true }).click();
    await pane.getByRole("region", { name: "The opened mail" }).waitFor();
    for (const fold of await pane.locator("summary").all()) await fold.click();
    const [got] = await Promise.all([
        page.waitForEvent("download"),
        pane.getByRole("button", { name: "Download" }).first().click()
    ]);
    assert.doesNotMatch(got.suggestedFilename(), /[/\\]/);
    await assertHarmless(page);

    const real = await visit(ann, "#view=mail");
    const html =
        `<html><head><style>@import "http://evil.test/a.css"; body { background: url(http://evil.test/b) }</style></head><body onload="window.pwned=1" style="color: red">` +
        `<p style="x:expression(1)">Words</p><img src="http://evil.test/c.png" onerror="window.pwned=1"><script>window.pwned=1</script>` +
        `<link rel=stylesheet href="http://evil.test/d.css"><meta http-equiv=refresh content="0;url=http://evil.test/">` +
        `<iframe src="http://evil.test/e"></iframe><video src="http://evil.test/f"></video><form action="http://evil.test/"><input name=x></form></body></html>`;
    const source =
        `From: "${hostile[0].replaceAll('"', '\\"')}" <a@page.test>\nTo: ann@page.test\nSubject: ${hostile[1]}\nX-Odd: ${hostile[3]}\nMIME-Version: 1.0\n` +
        `Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n${html}\n` +
        `--b\nContent-Type: text/html; name="../../${hostile[3]}.html"\nContent-Disposition: attachment; filename="../../x.html"\n\n<script>window.pwned=1</script>\n--b--\n`;
    const opener = section(real, "Open a mail");
    await opener.getByLabel("Source of the mail").fill(source);
    await opener.getByRole("button", { name: "Open", exact: true }).click();
    await opener.getByRole("region", { name: "Text of the mail" }).waitFor();
    const text = await opener.getByRole("region", { name: "Text of the mail" }).textContent();
    assert.equal(text, "Words", "the words of the HTML, nothing else");
    for (const fold of await opener.locator("summary").all()) await fold.click();
    await assertHarmless(real);
});

test("the functions view: replies, errors, and a document full of it", async () => {
    const page = await poisonedPage("#fn=version");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator("#reply").waitFor();
    await assertHarmless(page);
    await page.goto(`${ann.url}/#fn=${encodeURIComponent(hostile[0])}`);
    await assertHarmless(page, false);

    await page.route("**/openrpc.json", async (route) => {
        const response = await route.fetch();
        const document = await response.json();
        const [first] = document.methods;
        const bad = poisoned({
            ...first,
            examples: [
                { name: "x", params: [] },
                { name: "y", params: [] }
            ]
        });
        bad.params = hostile.map((name) => ({
            name,
            description: next(),
            schema: {
                type: "integer",
                description: next(),
                enum: [1],
                "x-enum-varnames": [next()],
                "x-enum-descriptions": [next()]
            }
        }));
        await route.fulfill({
            response,
            json: { ...document, info: { title: next(), version: next() }, methods: [bad, ...document.methods] }
        });
    });
    await page.goto("about:blank");
    await page.goto(`${ann.url}/`);
    await page.locator("#fields .chips button").first().waitFor();
    for (const chip of await page.locator("#fields .chips button").all()) await chip.click();
    await assertHarmless(page);
});

test("the events, log and status views", async () => {
    const page = await poisonedPage("#view=status", (method, result) => {
        if (method === "status") result.return.trustwords = hostile.map(() => ({ lang: "x", file: "x", sha256: "x" }));
        if (method === "recent_log") result.return.lines = hostile.map(() => "x");
        return result;
    });
    await page.getByRole("region", { name: "Trustword dictionaries" }).first().waitFor();
    await assertHarmless(page);

    const events = hostile.map(
        (text, i) =>
            `id: ${text.replace(/\n/g, "")}\ndata: ${JSON.stringify({ method: i % 2 ? "messageToSend" : text, request_nr: text, thread_id: text, params: [poisoned(mail)] })}\n\n`
    );
    await page.route("**/events", (route) =>
        route.fulfill({
            contentType: "text/event-stream",
            body: `retry: 60000\n\n${events.join("")}data: ${hostile[0]}\n\n`
        })
    );
    await page.goto(`${ann.url}/#view=events`);
    await page.locator(".events > li").nth(hostile.length).waitFor();
    for (const fold of await page.locator(".events > li > details > summary").all()) await fold.click();
    await assertHarmless(page);

    await page.goto(`${ann.url}/#view=log`);
    const lines = hostile.flatMap((text) => [text, `2026-01-01T00:00:00.000Z info ${text} connection=3`]);
    await page.getByLabel("Look at a log file instead").setInputFiles({
        name: `${hostile[0].replaceAll("/", "")}.log`,
        mimeType: "text/plain",
        buffer: Buffer.from(lines.join("\n"))
    });
    await page.getByText(`${lines.length} of ${lines.length} lines`).waitFor();
    await page.getByLabel("Filter", { exact: true }).fill("<img");
    await page.getByText(`2 of ${lines.length} lines`).waitFor();
    await assertHarmless(page);
});

test("texts that are long, or made to take long", async () => {
    const page = await visit(ann);
    const words = await page.evaluate(async () => {
        const { textOfHtml } = await import("/views/html_text.js");
        return [
            textOfHtml(`<p>a${" ".repeat(1e6)}b</p>`),
            textOfHtml(`a${"\n ".repeat(1e6)}b`),
            textOfHtml(`${"<svg>".repeat(1e5)}b`),
            textOfHtml("a<svg/>b<math/>c<script/>d</script>e")
        ];
    });
    assert.deepEqual(words, ["a b", "a\n\nb", "", "abce"]);
    const isWhole = await page.evaluate(async () => {
        const { showJson } = await import("/json.js");
        return ["x", '"', "\\"].map((unit) => {
            const shown = document.createElement("pre");
            showJson(shown, JSON.stringify({ a: unit.repeat(2e7), b: [1, true] }));
            return shown.textContent.startsWith('{\n  "a": "') && shown.textContent.endsWith("true\n  ]\n}");
        });
    });
    assert.deepEqual(isWhole, [true, true, true]);
});

test("the address", async () => {
    const page = await visit(ann, `#${hostile[0]}`, { token: null });
    for (const text of [...hostile, "%", "#view=<script>", "fn=%E0%A4%A", "view=__proto__"])
        for (const start of ["#", "#fn=", "#view="]) {
            await page.goto(`${ann.url}/${start}${text}`);
            await page.waitForTimeout(20);
        }
    await page.goto(`${ann.url}/#fn=${hostile[1]}`);
    await assertHarmless(page, false);
});
