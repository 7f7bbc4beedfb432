// How the page gets the token: by a one-use code behind '#', or pasted; where the token never is.
"use strict";
const { execFileSync } = require("node:child_process");
const { pathToFileURL } = require("node:url");
const {
    assert,
    fs,
    path,
    people: { ann, ben },
    rpc,
    test,
    visit
} = require("./harness.cjs");

const code = "Ab0-_".repeat(8) + "xyz"; // 43 characters

/** A page whose /redeem answers as told, opened with a code in the address. */
async function opened(answer, expected = []) {
    const page = await visit(ann, "", { token: null, expected });
    const asked = [];
    await page.route("**/redeem", (route) => {
        asked.push({
            method: route.request().method(),
            headers: route.request().headers(),
            body: route.request().postData()
        });
        return answer ? route.fulfill(answer) : route.abort();
    });
    await page.goto("about:blank");
    await page.goto(`${ann.url}/#${code}`);
    return { page, asked };
}

const tokenIn = (page) => page.getByLabel("Token").inputValue();

test("a code is taken out of the address and exchanged for the token", async () => {
    const { page, asked } = await opened({ json: { security_token: ann.token } });
    await page.waitForFunction((token) => document.getElementById("token").value === token, ann.token);
    assert.equal(page.url(), `${ann.url}/`);
    assert.equal(asked.length, 1);
    assert.deepEqual(JSON.parse(asked[0].body), { code });
    assert.equal(asked[0].method, "POST");
    assert.equal(asked[0].headers["content-type"], "application/json");
    assert.equal(asked[0].headers.authorization, undefined);
    assert.equal(await page.locator("#frame-notice").isVisible(), false);
    await page.goto(`${ann.url}/#fn=version`);
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator("#outcome .good").waitFor();
    const places = await page.evaluate(() =>
        [
            location.href,
            document.cookie,
            JSON.stringify(localStorage),
            JSON.stringify(sessionStorage),
            document.documentElement.outerHTML,
            JSON.stringify(history.state),
            document.referrer
        ].join(" ")
    );
    for (const secret of [ann.token, code]) assert.ok(!places.includes(secret));
    await page.goBack();
    assert.ok(!page.url().includes(code), "the back button does not bring the code back");
});

test("a code that is gone, a server that is, and what to do", async () => {
    const gone = await opened({ status: 403, json: { error: "code_unknown", hint: "" } }, [/status of 403/]);
    await gone.page
        .getByText("was used already, or is older than a minute. Run pep-json-server --open again, or paste the token.")
        .waitFor();
    assert.equal(gone.page.url(), `${ann.url}/`);
    assert.equal(await tokenIn(gone.page), "");
    const broken = await opened({ status: 500, body: "no JSON" }, [/status of 500/]);
    await broken.page.getByText("The server gave no token for this link (HTTP 500).").waitFor();
    const silent = await opened(null, [/ERR_FAILED/]);
    await silent.page.getByText("Does the server still run?").waitFor();
    const odd = await opened({ json: { security_token: { a: 1 } } });
    await odd.page.getByText("The server gave no token for this link").waitFor();
});

test("other addresses are no codes", async () => {
    for (const hash of [`#${code}x`, `#${code.slice(1)}`, `#fn=${code}`, `#${code.slice(1)}.`]) {
        const page = await visit(ann, "", { token: null });
        await page.route("**/redeem", () => assert.fail("redeemed"));
        await page.goto("about:blank");
        await page.goto(`${ann.url}/${hash}`);
        await page.locator("#views a").first().waitFor();
        await page.waitForTimeout(100);
        assert.equal(page.url(), `${ann.url}/${hash}`);
    }
});

test("a file of the server leads to the page with its token, once", async () => {
    const { return: file } = await rpc(ann, "create_page_file");
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    const content = fs.readFileSync(file, "utf8");
    assert.ok(!content.includes(ann.token));
    const page = await visit(ann, "", { token: null });
    await page.goto(pathToFileURL(file).href);
    await page.waitForFunction((token) => document.getElementById("token")?.value === token, ann.token);
    assert.equal(page.url(), `${ann.url}/`);

    const again = await visit(ann, "", { token: null, expected: [/status of 403/] });
    await again.goto("about:blank");
    await again.goto(/http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}/.exec(content)[0]);
    await again.getByText("Run pep-json-server --open again").waitFor();
    assert.equal(await tokenIn(again), "");
});

test("pep-json-server --open opens the browser with that file", async () => {
    const tools = path.join(ben.folder, "tools");
    fs.mkdirSync(tools);
    fs.writeFileSync(
        path.join(tools, "xdg-open"),
        `#!/bin/sh\nprintf '%s' "$1" > '${tools}/opened.part' && mv '${tools}/opened.part' '${tools}/opened'\n`,
        { mode: 0o755 }
    );
    const environment = {
        DISPLAY: ":9", // none, but without it no browser would be called
        ...process.env,
        HOME: ben.folder,
        XDG_RUNTIME_DIR: ben.runtime,
        PATH: `${tools}:${process.env.PATH}`
    };
    execFileSync(ben.server, ["--open", "--home", ben.home], {
        env: environment,
        stdio: ["ignore", "pipe", "pipe"],
        timeout: 60000
    });
    for (let i = 0; i < 100 && !fs.existsSync(path.join(tools, "opened")); ++i)
        await new Promise((done) => setTimeout(done, 50));
    const target = fs.readFileSync(path.join(tools, "opened"), "utf8");
    const page = await visit(ben, "", { token: null });
    await page.goto(target.startsWith("file:") ? target : pathToFileURL(target).href);
    await page.waitForFunction((token) => document.getElementById("token")?.value === token, ben.token);
});
