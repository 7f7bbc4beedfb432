// For everybody: roles and names of the main controls in the accessibility tree, labels, the keyboard, narrow screens,
// and contrast in light and dark.
"use strict";
const {
    assert,
    myself,
    people: { ann },
    picture,
    section,
    test,
    visit
} = require("./harness.cjs");

const views = ["functions", "privacy", "mail", "events", "log", "status"];

/** Opens a view and fills it with what it can show. */
async function opened(view, given) {
    const page = await visit(ann, view === "functions" ? "#fn=encrypt_message" : `#view=${view}`, {
        expected: [/status of 404/],
        ...given
    });
    if (view === "functions") {
        await page.getByRole("button", { name: "Add shortmsg" }).click();
        await page.getByRole("button", { name: "Send" }).click();
        await page.locator("#reply").waitFor();
    }
    if (view === "privacy") {
        await section(page, "Partners").getByLabel("Partner's address").fill("ben@page.test");
        await section(page, "Partners").getByRole("button", { name: "Look up" }).click();
        await section(page, "Compare").getByRole("button", { name: "Undo" }).waitFor();
    }
    if (view === "mail") {
        const pane = section(page, "Open a mail");
        await pane
            .getByLabel("Source of the mail")
            .fill(
                `From: A Very Long Name ${"x".repeat(200)} <a@page.test>\nTo: ann@page.test\nSubject: ${"w".repeat(300)}\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n${"long".repeat(300)}\n--b\nContent-Type: application/octet-stream; name=${"n".repeat(150)}.bin\nContent-Disposition: attachment\n\nx\n--b--\n`
            );
        await pane.getByRole("button", { name: "Open", exact: true }).click();
        await pane.getByRole("region", { name: "The opened mail" }).waitFor();
        for (const fold of await pane.locator("summary").all()) await fold.click();
    }
    if (view === "log")
        await page.getByLabel("Look at a log file instead").setInputFiles({
            name: "a.log",
            mimeType: "text/plain",
            buffer: Buffer.from(
                ["error", "warn", "info", "debug", "trace"]
                    .map((level, i) => `2026-01-01T00:00:00.000Z ${level} ${"x".repeat(100)} connection=${i}`)
                    .join("\n")
            )
        });
    if (view === "status") await page.getByRole("region", { name: "Limits" }).first().waitFor();
    await page.waitForTimeout(300);
    return page;
}

test("the main views have the roles and names they should", async () => {
    await myself(ann, "ann@page.test", "Ann");
    const expected = {
        functions: [
            '- heading "encrypt_message" [level=1]',
            '- searchbox "Filter functions"',
            '- button "Send',
            '- button "Copy as curl"',
            '- region "Request"',
            '- navigation "Functions"',
            '- checkbox "Backslash escapes"'
        ],
        privacy: [
            '- heading "Privacy" [level=1]',
            '- region "Own identities"',
            '- textbox "Own address"',
            '- button "Ann <ann@page.test>" [pressed]',
            '- region "Partners"',
            '- combobox "Language"',
            '- checkbox "All words"',
            '- button "Undo"',
            '- group "Your answer"',
            '- group "You"',
            '- group "Partner"',
            '- region "Keys"'
        ],
        mail: [
            '- heading "Mail" [level=1]',
            '- region "Open a mail"',
            '- textbox "Source of the mail"',
            '- region "Text of the mail"',
            '- combobox "From"',
            '- textbox "To"',
            '- combobox "Format"',
            '- button "Encrypt"'
        ],
        events: ['- heading "Events" [level=1]', '- button "Announce a message"', '- textbox "Subject"'],
        log: [
            '- heading "Log" [level=1]',
            '- combobox "Least level"',
            '- searchbox "Filter"',
            '- combobox "Connection"',
            '- checkbox "Keep reading"'
        ],
        status: [
            '- heading "Status" [level=1]',
            '- region "Limits"',
            '- columnheader "limit"',
            '- rowheader "body_bytes"'
        ]
    };
    for (const view of views) {
        const page = await opened(view);
        const tree = (await page.locator("body").ariaSnapshot()).replaceAll(ann.token, "…");
        for (const line of expected[view]) assert.ok(tree.includes(line), `${view}: ${line} in\n${tree}`);
        assert.match(tree, /- banner:/);
        assert.match(tree, /- navigation "Views"/);
        assert.match(tree, /- main:/);
        assert.equal(
            await page.locator("#views a[aria-current=page]").textContent(),
            view[0].toUpperCase() + view.slice(1)
        );
        await page.context().close();
    }
});

test("every control has a name, ids are unique, headings leave no level out", async () => {
    for (const view of views) {
        const page = await opened(view);
        const found = await page.evaluate(() => {
            const shown = (each) => each.checkVisibility();
            const bare = [...document.querySelectorAll("input, textarea, select")]
                .filter(shown)
                .filter((each) => !each.labels.length && !each.ariaLabel);
            const silent = [...document.querySelectorAll("button, a")]
                .filter(shown)
                .filter((each) => !each.ariaLabel && !each.textContent.trim());
            const ids = [...document.querySelectorAll("[id]")].map((each) => each.id).filter(Boolean);
            const levels = [...document.querySelectorAll("h1, h2, h3, h4")]
                .filter(shown)
                .filter((each) => !each.closest("nav"))
                .map((each) => Number(each.tagName[1]));
            return {
                bare: bare.map((each) => each.outerHTML),
                silent: silent.map((each) => each.outerHTML),
                twice: ids.filter((id, i) => ids.indexOf(id) !== i),
                jumps: levels.filter((level, i) => i && level > levels[i - 1] + 1),
                tops: levels.filter((level) => level === 1).length
            };
        });
        assert.deepEqual(found, { bare: [], silent: [], twice: [], jumps: [], tops: 1 }, view);
        await page.context().close();
    }
});

test("360 pixels are wide enough, and so are 800", async () => {
    for (const view of views)
        for (const [width, dark] of [
            [360, true],
            [800, false]
        ]) {
            const page = await opened(view, { width, height: 740, dark });
            const wide = await page.evaluate(() => ({
                page: document.documentElement.scrollWidth,
                out: [...document.querySelectorAll("body *")]
                    .filter(
                        (each) =>
                            each.checkVisibility() &&
                            each.getBoundingClientRect().right > innerWidth + 1 &&
                            !each.closest(".scroll, pre, .skip, option, .visually-hidden")
                    )
                    .map((each) => each.outerHTML.slice(0, 120))
            }));
            assert.deepEqual(wide, { page: width, out: [] }, `${view} at ${width}`);
            await picture(page, `${view}-${width}`);
            await page.context().close();
        }
});

/** WCAG 2: relative luminance and contrast of each text with what is painted behind it. */
function poorContrast(least) {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const known = new Map(); // reading from the canvas is slow
    const rgba = (colour) => {
        if (!known.has(colour)) known.set(colour, paint(colour));
        return known.get(colour);
    };
    const paint = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], below) => [r, g, b].map((value, i) => value * a + below[i] * (1 - a));
    const luminance = (colour) =>
        colour
            .map((value) => value / 255)
            .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
            .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (element) => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) layers.unshift(rgba(getComputedStyle(at).backgroundColor));
        return layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
    };
    const poor = [];
    for (const element of document.querySelectorAll("body *")) {
        const hasText =
            [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) ||
            element.dataset.word ||
            (element.matches("input, textarea") && element.value);
        if (
            !hasText ||
            !element.checkVisibility({ opacityProperty: true }) ||
            element.matches(":disabled, .visually-hidden, .skip, option") ||
            element.closest("button:disabled")
        )
            continue;
        const ground = behind(element);
        const text = over(rgba(getComputedStyle(element).color), ground);
        const [light, dark] = [luminance(text), luminance(ground)].sort((a, b) => b - a);
        const contrast = (light + 0.05) / (dark + 0.05);
        if (contrast < least)
            poor.push(
                `${contrast.toFixed(2)} ${element.tagName}.${element.className}: ${element.textContent.slice(0, 30)}`
            );
    }
    return poor;
}

test("text stands out from its ground, in light and dark", async () => {
    for (const view of views) {
        const page = await opened(view);
        await page.evaluate(() => {
            for (const colour of ["grey", "yellow", "green", "red"]) {
                const chip = document.createElement("span");
                chip.className = `rating ${colour}`;
                chip.textContent = colour;
                document.querySelector("#main").append(chip);
            }
        });
        for (const colorScheme of ["light", "dark"]) {
            await page.emulateMedia({ colorScheme, reducedMotion: "reduce" }); // no colour is on its way
            assert.notDeepEqual(await page.evaluate(poorContrast, 17), [], "the measure sees texts");
            assert.deepEqual(await page.evaluate(poorContrast, 4.5), [], `${view}, ${colorScheme}`);
            await picture(page, `${view}-1280-${colorScheme}`);
        }
        await page.context().close();
    }
});

test("the keyboard reaches everything, and the focus can be seen", async () => {
    await myself(ann, "ann@page.test", "Ann");
    const page = await visit(ann, "#view=privacy");
    await section(page, "Own identities").getByRole("button", { name: "Ann <ann@page.test>" }).waitFor();
    const reached = new Set();
    for (let i = 0; i < 60; ++i) {
        await page.keyboard.press("Tab");
        const at = await page.evaluate(() => {
            const element = document.activeElement;
            if (element === document.body) return null;
            const style = getComputedStyle(element);
            return {
                name: element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent,
                outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1
            };
        });
        if (at === null) continue; // round the end
        assert.ok(at.outline, `the focus on ${at.name}`);
        reached.add(at.name);
    }
    for (const name of [
        "Skip to the contents",
        "Privacy",
        "Status",
        "Token",
        "Own address",
        "Add",
        "Partner's address",
        "Look up",
        "Search keys",
        "Search"
    ])
        assert.ok(reached.has(name), `${name} among ${[...reached].join(", ")}`);

    await section(page, "Partners").getByLabel("Partner's address").fill("carl@page.test");
    await page.keyboard.press("Enter");
    await section(page, "Compare").getByText("carl@page.test", { exact: true }).waitFor();
    await section(page, "Compare").getByRole("button", { name: "Forget the key…" }).press("Enter");
    assert.equal(
        await page.evaluate(() => document.activeElement.textContent),
        "No",
        "what is final is not under the finger"
    );
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Forget the key…");
});

test("the back button goes from view to view, and what was entered stays", async () => {
    const page = await visit(ann, "#fn=version");
    const tabs = page.getByRole("navigation", { name: "Views" });
    await tabs.getByRole("link", { name: "Mail" }).click();
    await section(page, "Write a mail").getByLabel("Subject").fill("half written");
    await tabs.getByRole("link", { name: "Status" }).click();
    await page.getByRole("heading", { name: "Status", level: 1 }).waitFor();
    await page.goBack();
    assert.equal(await section(page, "Write a mail").getByLabel("Subject").inputValue(), "half written");
    await page.goBack();
    await page.getByRole("heading", { name: "version", level: 1, exact: true }).waitFor();
});
