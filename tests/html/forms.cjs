// Forms: every kind of control, drawn from a document made for it and from the real one, filled by hand and by examples;
// what is sent, shown and copied.
"use strict";
const {
    assert,
    myself,
    people: { ann },
    test,
    visit
} = require("./harness.cjs");

const method = {
    name: "try_all",
    tags: [{ name: "Toys" }],
    summary: "All kinds of parameters.",
    params: [
        { name: "text", required: true, schema: { type: "string" } },
        { name: "count", schema: { type: "integer", minimum: 1, maximum: 10 } },
        { name: "share", schema: { type: "number" } },
        { name: "on", schema: { type: "boolean" } },
        { name: "colour", schema: { $ref: "#/components/schemas/Colour" } },
        {
            name: "marks",
            schema: {
                type: "integer",
                "x-bits": [
                    { value: 1, name: "one" },
                    { value: 4, name: "four", description: "the third bit" }
                ]
            }
        },
        { name: "when", schema: { type: "integer", description: "seconds since 1970-01-01 00:00:00 UTC" } },
        { name: "bytes", schema: { type: "string", contentEncoding: "base64" } },
        {
            name: "files",
            schema: {
                type: "array",
                items: {
                    type: "object",
                    properties: {
                        value: { type: "string", contentEncoding: "base64" },
                        mime_type: { type: "string" },
                        filename: { type: "string", description: "URI: file://NAME" }
                    }
                }
            }
        },
        {
            name: "pairs",
            schema: {
                type: "array",
                items: {
                    type: "object",
                    properties: { key: { type: "string" }, value: { type: "string" } },
                    required: ["key"]
                }
            }
        },
        { name: "either", schema: { anyOf: [{ type: "integer" }, { type: "string" }, { type: "null" }] } },
        { name: "secret", schema: { type: "string", format: "password" } },
        { name: "anything", schema: {} }
    ],
    result: { name: "result", schema: {} },
    examples: [
        {
            name: "most",
            params: [
                { name: "text", value: "one\ntwo" },
                { name: "count", value: 7 },
                { name: "colour", value: 2 },
                { name: "marks", value: 12 },
                { name: "when", value: 86400 },
                { name: "pairs", value: [{ key: "a", value: "1" }, { key: "b" }] },
                { name: "either", value: "word" },
                { name: "anything", value: { deep: [1, null] } }
            ],
            result: { name: "result", value: null }
        },
        { name: "odd", params: [{ name: "text", value: 5 }] }
    ]
};
const toys = {
    openrpc: "1.3.2",
    info: { title: "Toys", version: "1" },
    methods: [method],
    components: {
        schemas: {
            Colour: {
                type: "integer",
                enum: [1, 2],
                "x-enum-varnames": ["RED", "BLUE"],
                "x-enum-descriptions": ["as blood", "as the sky"]
            }
        }
    }
};

/** A page of a server that has the one function, and answers what it was asked. */
async function toyPage(reply = (request) => ({ jsonrpc: "2.0", id: request.id, result: request.params })) {
    const page = await visit(ann, "", { token: "t" });
    const sent = [];
    await page.route("**/openrpc.json", (route) => route.fulfill({ json: toys }));
    await page.route("**/rpc", (route) => {
        const request = JSON.parse(route.request().postData());
        sent.push(request);
        return route.fulfill({ json: reply(request) });
    });
    await page.goto("about:blank");
    await page.goto(`${ann.url}/#fn=try_all`);
    await page.getByRole("heading", { name: "try_all" }).waitFor();
    return { page, sent, form: page.locator("#form") };
}

const add = (form, name) => form.getByRole("button", { name: `Add ${name}`, exact: true }).click();

async function send(page, sent) {
    const before = sent.length;
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator("#outcome .good").waitFor();
    assert.equal(sent.length, before + 1);
    return sent.at(-1).params;
}

test("each kind of control sends what was entered", async () => {
    const { page, sent, form } = await toyPage();
    assert.deepEqual(await send(page, sent), { text: "" });
    await form.getByLabel("text", { exact: true }).fill('a \\ "b" €');
    for (const name of method.params.slice(1).map((each) => each.name)) await add(form, name);
    await form.getByLabel("count", { exact: true }).fill("9");
    await form.getByLabel("share", { exact: true }).fill("0.25");
    await form.getByLabel("on", { exact: true }).check();
    await form.getByLabel("colour", { exact: true }).selectOption({ label: "BLUE (2)" });
    await form.getByText("as the sky").waitFor();
    await form.getByLabel("four the third bit").check();
    await form.getByLabel("when", { exact: true }).fill("0");
    await form
        .getByLabel("Take the bytes of a file")
        .first()
        .setInputFiles({ name: "x", mimeType: "text/plain", buffer: Buffer.from([0, 255, 1]) });
    await page.waitForFunction(() => [...document.querySelectorAll("textarea")].some((area) => area.value === "AP8B"));
    await form.getByLabel("Add files to files").setInputFiles([
        { name: "one.png", mimeType: "image/png", buffer: Buffer.from("1") },
        { name: "zwei ä.txt", mimeType: "text/plain", buffer: Buffer.from("22") }
    ]);
    await form.getByRole("button", { name: "Remove files 1" }).waitFor();
    await form.getByRole("button", { name: "Add to pairs" }).click();
    await form.getByLabel("key", { exact: true }).fill("k");
    await form.getByLabel("either", { exact: true }).selectOption({ label: "string" });
    await form.getByLabel("string", { exact: true }).fill("7");
    await form.getByLabel("secret", { exact: true }).fill("open sesame");
    await form.getByLabel("anything", { exact: true }).fill('{"big": 12345678901234567890}');
    const body = page.waitForRequest("**/rpc");
    assert.deepEqual(await send(page, sent), {
        text: 'a \\ "b" €',
        count: 9,
        share: 0.25,
        on: true,
        colour: 2,
        marks: 4,
        when: 0,
        bytes: "AP8B",
        files: [
            { value: "MQ==", mime_type: "image/png", filename: "file://one.png" },
            { value: "MjI=", mime_type: "text/plain", filename: "file://zwei ä.txt" }
        ],
        pairs: [{ key: "k" }],
        either: "7",
        secret: "open sesame",
        anything: { big: 12345678901234567890 }
    });
    assert.match((await body).postData(), /12345678901234567890/, "digits are not rounded");
    assert.doesNotMatch(await page.locator("#request").textContent(), /open sesame/);
});

test("backslash escapes are read when they are wanted", async () => {
    const { page, sent, form } = await toyPage();
    await form.getByLabel("text", { exact: true }).fill('a\\tb\\u20ac"\nc');
    assert.equal((await send(page, sent)).text, 'a\\tb\\u20ac"\nc');
    await form.getByLabel("Backslash escapes").check();
    assert.equal((await send(page, sent)).text, 'a\tb€"\nc');
    await form.getByLabel("text", { exact: true }).fill("\\q");
    await page.getByRole("button", { name: "Send" }).click();
    await form.getByText("A backslash begins no known escape here.").waitFor();
    assert.equal(sent.length, 2, "what cannot be sent is not");
});

test("a point in time is entered as a date, too", async () => {
    const { page, sent, form } = await toyPage();
    await add(form, "when");
    const date = form.getByLabel("The same as a date in your time zone");
    await date.fill("2024-02-29T12:30:15");
    const expected = await page.evaluate(() => new Date(2024, 1, 29, 12, 30, 15).getTime() / 1000);
    assert.equal((await send(page, sent)).when, expected);
    await form.getByLabel("when", { exact: true }).fill(String(expected + 60));
    assert.equal(await date.inputValue(), "2024-02-29T12:31:15");
    await form.getByRole("button", { name: "Now" }).click();
    assert.ok(Math.abs((await send(page, sent)).when - Date.now() / 1000) < 60);
});

test("wrong values stay in the form, with a word at their field", async () => {
    const { page, sent, form } = await toyPage();
    await add(form, "count");
    for (const [text, fault] of [
        ["eleven", "A whole number is needed here."],
        ["11", "Out of range: 1 to 10"]
    ]) {
        await form.getByLabel("count", { exact: true }).fill(text);
        await page.getByRole("button", { name: "Send" }).click();
        await form.getByText(fault).waitFor();
        assert.equal(await form.getByLabel("count", { exact: true }).getAttribute("aria-invalid"), "true");
    }
    assert.deepEqual(sent, []);
});

test("an example fills the form; one the form cannot take becomes JSON", async () => {
    const { page, sent, form } = await toyPage();
    await form.getByRole("button", { name: "Use example: most" }).click();
    const expected = {
        text: "one\ntwo",
        count: 7,
        colour: 2,
        marks: 12,
        when: 86400,
        pairs: [{ key: "a", value: "1" }, { key: "b" }],
        either: "word",
        anything: { deep: [1, null] }
    };
    assert.deepEqual(await send(page, sent), expected);
    assert.equal(await form.getByLabel("four the third bit").isChecked(), true);
    await form.getByRole("button", { name: "JSON", exact: true }).click();
    const text = await form.getByLabel("Parameters as JSON").inputValue();
    assert.deepEqual(JSON.parse(text), expected);
    await form.getByLabel("Parameters as JSON").fill(text.replace('"word"', "41"));
    await form.getByRole("button", { name: "Form", exact: true }).click();
    assert.equal((await send(page, sent)).either, 41, "JSON goes back into the form");
    await form.getByRole("button", { name: "Use example: odd" }).click();
    assert.deepEqual(await send(page, sent), { text: 5 });
    await form.getByRole("button", { name: "Form", exact: true }).click();
    await form.getByText("The form cannot take this").waitFor();
});

test("a call is copied for curl with the token in a file, and without secrets", async () => {
    const { page, form } = await toyPage();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByLabel("Token").fill("very-secret-token");
    await form.getByLabel("text", { exact: true }).fill("it's $HOME");
    await add(form, "secret");
    await form.getByLabel("secret", { exact: true }).fill("open sesame");
    await page.getByRole("button", { name: "Copy as curl" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^curl -sS http:\/\/127\.0\.0\.1:\d+\/rpc -H @"\$HOME\/\.pEp\/curl-header"/);
    assert.match(copied, /it'\\''s \$HOME/);
    assert.doesNotMatch(copied, /very-secret-token|open sesame/);
    await form.getByRole("button", { name: "JSON", exact: true }).click();
    assert.doesNotMatch(await page.locator("#request").textContent(), /open sesame/);
});

test("ratings in a reply have their colours and their words, and the reply stays JSON", async () => {
    const colours = [
        [-3, "red", "under attack"],
        [-2, "grey", "b0rken"],
        [-1, "red", "mistrust"],
        [0, "grey", "undefined"],
        [2, "grey", "have no key"],
        [3, "grey", "unencrypted"],
        [5, "grey", "media key protected"],
        [6, "yellow", "reliable"],
        [7, "green", "trusted"],
        [9, "green", "fully anonymous"]
    ];
    const { page, sent } = await toyPage((request) => ({
        jsonrpc: "2.0",
        id: request.id,
        result: colours.map(([rating]) => ({ rating }))
    }));
    await send(page, sent);
    const shown = await page
        .locator("#reply .rating")
        .evaluateAll((all) => all.map((each) => [each.className, each.dataset.word]));
    assert.deepEqual(
        shown,
        colours.map(([, colour, word]) => [`rating ${colour}`, word])
    );
    assert.equal(JSON.parse(await page.locator("#reply").textContent()).result.length, colours.length);
});

test("the real examples of every function go into its form", async () => {
    await myself(ann, "ann@page.test", "Ann");
    const page = await visit(ann, "");
    const { methods } = await (await fetch(`${ann.url}/openrpc.json`)).json();
    let tried = 0;
    for (const { name, examples = [] } of methods) {
        if (!examples.length) continue;
        await page.goto(`${ann.url}/#fn=${name}`);
        await page.getByRole("heading", { name, level: 1, exact: true }).waitFor();
        await page.locator("#examples button").first().click();
        assert.equal(await page.locator("#fields").isVisible(), true, `${name}: the form takes it`);
        const shown = JSON.parse((await page.locator("#request").textContent()).split("\n\n")[1]).params;
        for (const { name: parameter, value } of examples[0].params)
            if (value !== null && shown[parameter] !== "••••••")
                assert.deepEqual(shown[parameter], value, `${name}.${parameter}`);
        ++tried;
    }
    console.log(`# ${tried} examples`);
});
