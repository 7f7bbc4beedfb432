// Views that follow the server: events with resume and gap, the log, the status.
"use strict";
const {
    assert,
    fs,
    myself,
    people: { ann },
    rpc,
    section,
    test,
    visit
} = require("./harness.cjs");

const event = (number, subject) => ({
    method: "messageToSend",
    request_nr: number,
    thread_id: " ¶EVT ",
    params: [{ dir: 1, to: [{ address: "x@page.test" }], shortmsg: subject }]
});
const gap = (first, last) => ({ method: "gap", request_nr: last ?? first, thread_id: " ¶EVT ", params: [first, last] });
const line = (number, data) => `id: E.${number}\ndata: ${JSON.stringify(data)}\n\n`;

test("events come as they happen, and none is lost while nobody listens", async () => {
    await myself(ann, "ann@page.test", "Ann");
    const page = await visit(ann, "#view=events");
    const list = page.getByRole("list", { name: "Events, newest first" });
    await page.getByText("Listening", { exact: true }).waitFor();
    await page.getByLabel("Subject").fill("First, from the page");
    await page.getByRole("button", { name: "Announce a message" }).click();
    await list.getByText("First, from the page").first().waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped", { exact: true }).waitFor();
    for (const shortmsg of ["Second, unheard", "Third, unheard"])
        await rpc(ann, "testMessageToSend", {
            msg: { dir: 1, from: { address: "ann@page.test" }, to: [{ address: "ben@page.test" }], shortmsg }
        });
    assert.equal(await list.getByRole("listitem").count(), 1);
    await page.getByRole("button", { name: "Listen" }).click();
    await list.getByText("Third, unheard").first().waitFor();
    const subjects = await list.locator("> li > p").allTextContents();
    assert.deepEqual(
        subjects.map((text) => text.replace(/.*: /, "")),
        ["Third, unheard", "Second, unheard", "First, from the page"]
    );
});

test("after a break the page goes on behind the last event, and says what is gone", async () => {
    const page = await visit(ann, "", { token: null });
    const asked = [];
    await page.route("**/events", (route) => {
        asked.push(route.request().headers());
        const bodies = [
            `: hello\nretry: 200\n\n${line(1, event(1, "one"))}${line(2, event(2, "two"))}`,
            `retry: 200\n\n${line(8, gap(3, 8))}${line(9, event(9, "nine"))}`,
            `retry: 60000\n\n${line(10, gap(10, null))}`
        ];
        return route.fulfill({ contentType: "text/event-stream", body: bodies[asked.length - 1] ?? "" });
    });
    await page.getByLabel("Token").fill("a-token");
    await page.goto(`${ann.url}/#view=events`);
    await page.getByText("Events 3 to 8 were dropped before they were read.").waitFor();
    await page.getByText("what it told before is gone (from number 10)").waitFor();
    await page.getByText("Interrupted", { exact: true }).waitFor();
    assert.deepEqual(
        asked.slice(0, 3).map((headers) => headers["last-event-id"]),
        [undefined, "E.2", "E.9"]
    );
    assert.ok(
        asked.every((headers) => headers.authorization === "Bearer a-token" && headers.accept === "text/event-stream")
    );
    assert.equal(await page.getByText("5 events").count(), 1);
});

test("without a right token there are no events, and no attempts without end", async () => {
    const page = await visit(ann, "#view=events", { token: null, expected: [/status of 401/] });
    let attempts = 0;
    page.on("request", (request) => {
        attempts += request.url().endsWith("/events");
    });
    await page.getByText("The token is missing.").waitFor();
    assert.equal(attempts, 0);
    await page.getByLabel("Token").fill("A".repeat(43));
    await page.getByText("the server wants a token").waitFor();
    await page.waitForTimeout(1500);
    assert.equal(attempts, 1);
});

test("the stream is cut into events wherever its pieces end", async () => {
    const page = await visit(ann, "", { token: null });
    const seen = await page.evaluate(async () => {
        const { Cutter } = await import("/views/stream.js");
        const stream =
            "\ufeff: note\r\nretry: 300\r\n\r\nid: a.1\ndata: one\n\nevent: odd\rdata:two\rdata: lines\r\r\nid: a.2\r\n: c\r\ndata\r\n\r\ndata: half";
        const wanted = JSON.stringify([
            { id: "a.1", event: "message", data: "one" },
            { id: "a.1", event: "odd", data: "two\nlines" },
            { id: "a.2", event: "message", data: "" }
        ]);
        const wrong = [];
        for (let seed = 0; seed < 300; ++seed) {
            const cutter = new Cutter();
            const events = [];
            for (let at = 0, n = seed; at < stream.length; ) {
                n = (n * 1103515245 + 12345) % 2147483648;
                const size = seed ? 1 + (n % 7) : stream.length;
                events.push(...cutter.add(stream.slice(at, at + size)));
                at += size;
            }
            if (JSON.stringify(events) !== wanted || cutter.pause !== 300) wrong.push([seed, cutter.pause, events]);
        }
        return wrong;
    });
    assert.deepEqual(seen, []);
});

test("the log is read on, filtered and coloured by connection", async () => {
    const page = await visit(ann, "#view=log");
    const lines = page.locator("ol.log > li");
    await lines.filter({ hasText: "method=recent_log" }).first().waitFor();
    await rpc(ann, "get_languagelist");
    await lines.filter({ hasText: "method=get_languagelist" }).first().waitFor();
    const connection = /connection=(\d+)/.exec(
        await lines.filter({ hasText: "get_languagelist" }).first().textContent()
    )[1];
    const colour = await lines.filter({ hasText: "get_languagelist" }).first().getAttribute("class");
    assert.equal(colour, `is-debug c${Number(connection) % 8}`);
    await page.getByLabel("Connection").selectOption(connection);
    assert.ok((await lines.allTextContents()).every((text) => new RegExp(`connection=${connection}\\b`).test(text)));
    await page.getByLabel("Connection").selectOption("");
    await page.getByLabel("Filter", { exact: true }).fill("get_lang answered");
    assert.ok((await lines.allTextContents()).every((text) => text.includes("get_languagelist")));
    await page.getByLabel("Filter", { exact: true }).fill("");
    await page.getByLabel("Least level").selectOption("info");
    assert.ok((await lines.allTextContents()).every((text) => !text.includes("debug")));

    await page.getByLabel("Look at a log file instead").setInputFiles(ann.log);
    await page.getByLabel("Least level").selectOption("trace");
    await page.getByText(/^log: \d+ of \d+ lines/).waitFor();
    assert.ok(fs.readFileSync(ann.log, "utf8").includes(await lines.first().locator("span").last().textContent()));
    await page.getByRole("button", { name: "Back to the server's log" }).click();
    await lines.filter({ hasText: "method=get_languagelist" }).first().waitFor();
});

test("the log view begins anew with a new server", async () => {
    const page = await visit(ann, "", { token: null });
    const replies = [
        { next: 7, lines: ["2026-01-01T00:00:00.000Z info old"], lost: 5 },
        { next: 2, lines: ["2026-01-01T00:00:01.000Z info new"], lost: 0 }
    ];
    const asked = [];
    await page.route("**/rpc", (route) => {
        asked.push(JSON.parse(route.request().postData()).params.after);
        return route.fulfill({
            json: {
                jsonrpc: "2.0",
                id: 1,
                result: { return: replies[asked.length - 1] ?? { next: 2, lines: [], lost: 0 }, out: {} }
            }
        });
    });
    await page.getByLabel("Token").fill("t");
    await page.goto(`${ann.url}/#view=log`);
    await page.getByText("5 were gone before they were read").waitFor();
    await page.locator("ol.log").getByText("new").waitFor();
    assert.equal(await page.locator("ol.log").getByText("old").count(), 0);
    assert.deepEqual(asked.slice(0, 2), [null, 7]);
});

test("the status view shows the numbers the server tells", async () => {
    const page = await visit(ann, "#view=status");
    const { return: status } = await rpc(ann, "status");
    const limits = page.getByRole("region", { name: "Limits" }).first();
    await limits.getByRole("rowheader", { name: "body_bytes", exact: true }).waitFor();
    const shown = await limits
        .getByRole("row")
        .evaluateAll((rows) => rows.slice(1).map((row) => [...row.cells].map((cell) => cell.textContent)));
    assert.deepEqual(Object.fromEntries(shown.map(([name, , value]) => [name, Number(value)])), status.limits);
    assert.equal(shown.find(([name]) => name === "body_bytes")[1], "64.0 MiB");
    assert.equal(shown.find(([name]) => name === "idle_time_ms")[1], "5 min");
    await section(page, "Server").getByText(status.epoch).waitFor();
    assert.equal(await page.locator("td .breakable").filter({ hasText: status.trustwords[0].sha256 }).count(), 1);
    const served = () => page.locator(".counter").filter({ hasText: "requests" }).locator("dd").first().textContent();
    const before = await served();
    await page.waitForFunction(
        (text) =>
            [...document.querySelectorAll(".counter")]
                .find((each) => each.textContent.includes("requests"))
                .querySelector("dd").textContent !== text,
        before
    );
});
