// The mail and privacy views, by clicking alone: two people make their keys, exchange them by mail, encrypt and decrypt,
// compare trustwords, and see the rating change.
"use strict";
const {
    assert,
    fs,
    people: { ann, ben },
    path,
    picture,
    rpc,
    section,
    test,
    visit
} = require("./harness.cjs");

async function addOwn(page, address, name) {
    const own = section(page, "Own identities");
    await own.getByLabel("Own address").fill(address);
    await own.getByLabel("Own name").fill(name);
    await own.getByRole("button", { name: "Add", exact: true }).click();
    await own.getByRole("button", { name: `${name} <${address}>` }).waitFor();
}

async function goTo(page, view) {
    await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: view }).click();
    await page.getByRole("heading", { name: view, level: 1 }).waitFor();
}

/** → the source of the finished mail, as it was downloaded. */
async function write(page, { to, subject, text, files = [] }) {
    const pane = section(page, "Write a mail");
    await pane.getByLabel("To", { exact: true }).fill(to);
    await pane.getByLabel("Subject").fill(subject);
    await pane.getByLabel("Text", { exact: true }).fill(text);
    if (files.length) await pane.getByLabel("Attach files").setInputFiles(files);
    await pane.getByRole("button", { name: "Encrypt" }).click();
    const finished = pane.getByRole("region", { name: "The finished mail" });
    const [got] = await Promise.all([
        page.waitForEvent("download"),
        finished.getByRole("button", { name: "Download .eml" }).click()
    ]);
    return fs.readFileSync(await got.path(), "utf8");
}

async function read(page, source) {
    const pane = section(page, "Open a mail");
    await pane
        .getByLabel("Mail file (.eml)")
        .setInputFiles({ name: "mail.eml", mimeType: "message/rfc822", buffer: Buffer.from(source) });
    const opened = pane.getByRole("region", { name: "The opened mail" });
    await opened.waitFor();
    return opened;
}

/**
 * The same token is given again: the view asks the server anew. `check` is to hold while the first answer about the partner
 * is awaited, and when he was drawn again.
 */
async function readAgain(page, check) {
    const before = await section(page, "Compare").getByRole("group", { name: "Partner" }).elementHandle();
    let [begin, release] = [null, null];
    const [begun, released] = [new Promise((done) => (begin = done)), new Promise((done) => (release = done))];
    await page.route("**/rpc", async (route) => {
        if (JSON.parse(route.request().postData()).method === "identity_rating") {
            begin();
            await released;
        }
        await route.continue();
    });
    await page.getByLabel("Token").fill(ann.token);
    await begun;
    await check();
    release();
    await before.waitForElementState("hidden"); // another element stands for him
    await page.unrouteAll({ behavior: "wait" });
    await check();
}

test("two people encrypt, decrypt and confirm each other by clicking", async () => {
    const [anns, bens] = [await visit(ann, "#view=privacy"), await visit(ben, "#view=privacy")];
    await addOwn(anns, "ann@page.test", "Ann");
    await addOwn(bens, "ben@page.test", "Ben");
    await goTo(anns, "Mail");
    await goTo(bens, "Mail");

    const hello = await write(anns, { to: "Ben <ben@page.test>", subject: "Hello", text: "Hello Ben" });
    assert.match(hello, /application\/pgp-keys/, "the own key goes along");
    await section(anns, "Write a mail").getByText("Not encrypted:").waitFor();
    let opened = await read(bens, hello);
    await opened.getByText("unencrypted", { exact: true }).waitFor();
    assert.equal(await opened.getByRole("region", { name: "Text of the mail" }).textContent(), "Hello Ben");

    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 256));
    const answer = await write(bens, {
        to: "ann@page.test",
        subject: "The secret",
        text: "Nobody may read this",
        files: [
            { name: "picture.bin", mimeType: "image/png", buffer: bytes },
            { name: "b.txt", mimeType: "text/plain", buffer: Buffer.from("second") }
        ]
    });
    await section(bens, "Write a mail").getByText("Encrypted and signed.").waitFor();
    assert.doesNotMatch(answer, /Nobody may read this|The secret/);

    opened = await read(anns, answer);
    await opened.getByRole("heading", { name: "The secret" }).waitFor();
    assert.equal(await opened.locator(".protection .rating").textContent(), "reliable");
    assert.match(await opened.locator(".protection .rating").getAttribute("class"), /\byellow\b/);
    assert.equal(
        (await opened.getByRole("region", { name: "Text of the mail" }).textContent()).trim(),
        "Nobody may read this"
    );
    const [got] = await Promise.all([
        anns.waitForEvent("download"),
        opened.getByRole("button", { name: "Download picture.bin" }).click()
    ]);
    assert.equal(got.suggestedFilename(), "picture.bin");
    assert.deepEqual(fs.readFileSync(await got.path()), bytes);
    await opened.getByText("Structure as it came").click();
    await opened.getByText("multipart/encrypted").waitFor();
    await picture(anns, "mail-opened");

    await goTo(anns, "Privacy");
    await goTo(bens, "Privacy");
    const words = [];
    for (const [page, address] of [
        [anns, "ben@page.test"],
        [bens, "ann@page.test"]
    ]) {
        const partners = section(page, "Partners");
        await partners.getByLabel("Partner's address").fill(address);
        await partners.getByRole("button", { name: "Look up" }).click();
        const compare = section(page, "Compare");
        await compare.locator(".trustwords span").nth(4).waitFor();
        await compare.getByLabel("Language").selectOption("en");
        const short = await compare.locator(".trustwords").textContent();
        await compare.getByLabel("All words").check();
        await page.waitForFunction(
            (before) => document.querySelector(".trustwords").textContent.length > before,
            short.length
        );
        words.push(await compare.locator(".trustwords").textContent());
    }
    assert.equal(words[0], words[1], "both see the same words");
    assert.ok(words[0].split(" ").length >= 10);

    const compare = section(anns, "Compare");
    const rating = compare.getByRole("group", { name: "Partner" }).locator(".rating");
    assert.equal(await rating.textContent(), "reliable");
    await compare.getByRole("button", { name: "The words are the same: confirm" }).click();
    await compare.getByText("Confirmed:").waitFor();
    assert.equal(await rating.textContent(), "trusted and anonymized");
    assert.match(await rating.getAttribute("class"), /\bgreen\b/);
    await picture(anns, "privacy-confirmed");
    await goTo(anns, "Mail");
    await goTo(bens, "Mail");
    const again = await write(bens, { to: "ann@page.test", subject: "Again", text: "Now it is certain" });
    opened = await read(anns, again);
    await opened.getByRole("heading", { name: "Again" }).waitFor();
    assert.match(await opened.locator(".protection .rating").textContent(), /^trusted/);
});

test("mistrust, undo and forget tell the engine", async () => {
    const page = await visit(ann, "#view=privacy");
    const partners = section(page, "Partners");
    await partners.getByLabel("Partner's address").fill("ben@page.test");
    await partners.getByRole("button", { name: "Look up" }).click();
    const compare = section(page, "Compare");
    const rating = compare.getByRole("group", { name: "Partner" }).locator(".rating");
    await rating.waitFor();
    await compare.getByRole("button", { name: "They differ: mistrust" }).click();
    await compare.getByText("Mistrusted:").waitFor();
    assert.match(await rating.getAttribute("class"), /\b(red|grey)\b/);
    const { out } = await rpc(ann, "identity_rating", { ident: { address: "ben@page.test" } });
    assert.notEqual(out.rating.rating, 7);
    await readAgain(page, async () => {
        assert.ok(await compare.getByText("Mistrusted:").isVisible());
    });
    await compare.getByRole("button", { name: "Undo" }).click();
    await compare.getByText("Undone:").waitFor();
    assert.equal(await rating.textContent(), "reliable");
    await readAgain(page, async () => {
        assert.ok(await compare.getByText("Undone:").isVisible());
        assert.ok(await compare.locator(".trustwords span").nth(4).isVisible());
        assert.ok(await compare.getByRole("button", { name: "The words are the same: confirm" }).isEnabled());
    });
    await compare.getByRole("button", { name: "Forget the key…" }).click();
    await compare.getByRole("button", { name: "Forget key and trust of this partner" }).click();
    await compare.getByText("The key is given up.").waitFor();
    await picture(page, "privacy-forgotten");
});

test("what was said to one partner is not told beside another", async () => {
    await rpc(ann, "update_identity", { identity: { address: "carl@page.test", username: "Carl" } });
    const page = await visit(ann, "#view=privacy");
    const partners = section(page, "Partners");
    for (const address of ["carl@page.test", "ben@page.test"]) {
        await partners.getByLabel("Partner's address").fill(address);
        await partners.getByRole("button", { name: "Look up" }).click();
        await partners.getByRole("button", { name: new RegExp(address.slice(0, 4), "i") }).waitFor();
    }
    let release = null;
    const released = new Promise((done) => (release = done));
    await page.route("**/rpc", async (route) => {
        const { id, method } = JSON.parse(route.request().postData());
        if (method !== "key_reset_trust") return route.continue();
        await released;
        await route.fulfill({ json: { jsonrpc: "2.0", id, result: { return: { status: 0 }, out: {} } } });
    });
    const compare = section(page, "Compare");
    await compare.getByRole("button", { name: "Undo" }).click();
    await partners.getByRole("button", { name: /carl/i }).click();
    const shown = compare.getByRole("group", { name: "Partner" }).locator(".who");
    await shown.getByText("carl@page.test").waitFor();
    const told = page.waitForResponse(async (got) => got.request().postData()?.includes("key_reset_trust"));
    release();
    await told;
    await page.unrouteAll({ behavior: "wait" });
    await compare.locator('[aria-busy="true"]').waitFor({ state: "detached" });
    await shown.getByText("carl@page.test").waitFor();
    assert.equal(await compare.getByText("Undone:").count(), 0);
});

test("a mail is opened by pasting and by dropping, without a token nothing is", async () => {
    const source = "From: Carl <carl@page.test>\r\nTo: ann@page.test\r\nSubject: Pasted\r\n\r\nin the clear\r\n";
    const page = await visit(ann, "#view=mail");
    const pane = section(page, "Open a mail");
    await pane.getByLabel("Source of the mail").fill(source);
    await pane.getByRole("button", { name: "Open", exact: true }).click();
    await pane.getByRole("heading", { name: "Pasted" }).waitFor();
    await pane.getByText("In the clear: there was nothing to decrypt.").waitFor();

    const dropped = await page.evaluateHandle(
        (text) => {
            const data = new DataTransfer();
            data.items.add(new File([text], "dropped.eml"));
            return data;
        },
        source.replace("Pasted", "Dropped")
    );
    await pane.dispatchEvent("drop", { dataTransfer: dropped });
    await pane.getByRole("heading", { name: "Dropped" }).waitFor();

    const shy = await visit(ann, "#view=mail", { token: null });
    await section(shy, "Open a mail").getByLabel("Source of the mail").fill(source);
    await section(shy, "Open a mail").getByRole("button", { name: "Open", exact: true }).click();
    await section(shy, "Open a mail").getByText("The token is missing").waitFor();
});

test("keys are found, and whom they name can be looked up", async () => {
    const page = await visit(ann, "#view=privacy");
    const keys = section(page, "Keys");
    await keys.getByLabel("Search keys").fill("ann@page.test");
    await keys.getByRole("button", { name: "Search" }).click();
    await keys.getByText("1 key", { exact: true }).waitFor();
    const shown = await keys.locator(".fingerprint").textContent();
    assert.match(shown, /^[0-9A-F]{4}( [0-9A-F]{4}){9}$/, "groups of four");
    await keys.getByRole("button", { name: "Look up ann@page.test" }).click();
    await section(page, "Partners").getByText("This is an own address.").waitFor();
});
