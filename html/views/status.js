// The status view: what the server says of itself, read again every few seconds.
import { make, size } from "/dom.js";
import { call } from "/rpc.js";
import { asJson } from "/views/message.js";
import { clock, outcome, section, terms } from "/views/parts.js";

/** 93784 → "1 d 2 h 3 min 4 s" */
export function duration(seconds) {
    const pieces = [
        [86400, "d"],
        [3600, "h"],
        [60, "min"],
        [1, "s"]
    ];
    let rest = Math.floor(seconds);
    const words = pieces.map(([unit, word]) => {
        const count = Math.floor(rest / unit);
        rest -= count * unit;
        return count ? `${count} ${word}` : "";
    });
    return words.filter(Boolean).join(" ") || "0 s";
}

/** A number as its name wants it read. */
function quantity(name, value) {
    if (typeof value !== "number") return String(value);
    // by the endings the server gives its names; a number of another name is a count
    if (/(^|_)(bytes|in|out)$/.test(name)) return size(value);
    if (name.endsWith("_ms")) return value < 1000 ? `${value} ms` : duration(value / 1000);
    return name.endsWith("_s") ? duration(value) : value.toLocaleString("en").replaceAll(",", "\u202f");
}

// Without the unit, which stands with the value.
const plainly = (name) => name.replace(/_(ms|s)$/, "").replaceAll("_", " ");

/** Counters: every member that is a number, or an object of numbers. */
function counters(status) {
    // all but those that have a place of their own on this page
    const cards = Object.entries(status)
        .filter(([name]) => !["limits", "trustwords", "pid", "epoch", "uptime_s"].includes(name))
        .map(([name, value]) => {
            // a number by itself has no name of its own
            const members = value !== null && typeof value === "object" ? Object.entries(value) : [["", value]];
            return make(
                "div",
                { className: "counter" },
                make("h3", {}, plainly(name)),
                terms(members.map(([key, number]) => [plainly(key) || "now", quantity(`${name}_${key}`, number)]))
            );
        });
    return make("div", { className: "counters" }, ...cards);
}

/** A table that scrolls inside its frame where it is too wide. First row and first column are headings. */
function table(label, heads, rows) {
    const cells = (kind, row) =>
        row.map((cell, i) => {
            const isHead = kind === "th" || i === 0;
            return make(isHead ? "th" : "td", isHead ? { scope: kind === "th" ? "col" : "row" } : {}, cell);
        });
    return make(
        "div",
        { className: "scroll", tabIndex: 0, role: "region", "aria-label": label },
        make(
            "table",
            {},
            make("thead", {}, make("tr", {}, ...cells("th", heads))),
            make("tbody", {}, ...rows.map((row) => make("tr", {}, ...cells("td", row))))
        )
    );
}

/** The view. What was unfolded stays so when it is drawn anew. */
export function create() {
    const said = outcome();
    const shown = make("div", {});
    let versions = null;

    async function draw() {
        // they do not change while a server runs
        versions ??= (await call("serverVersion")).return;
        const status = (await call("status")).return;
        // what is unfolded now, to be unfolded again
        const open = new Set(
            [...shown.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent)
        );
        shown.replaceChildren(
            section(
                "Server",
                terms([
                    ["Version", versions.package_version],
                    ["Engine", versions.engine_version],
                    ["Interface", versions.api_version],
                    ["p≡p protocol", versions.pep_protocol_version],
                    ["Running for", duration(status.uptime_s ?? 0)],
                    ["Process", status.pid],
                    ["Epoch", status.epoch]
                ])
            ),
            section("Counters", counters(status)),
            section(
                "Limits",
                table(
                    "Limits",
                    ["limit", "value", "as given to --limit"],
                    // both ways: as people read it, and as it must be typed
                    Object.entries(status.limits ?? {}).map(([name, value]) => [
                        make("code", {}, name),
                        quantity(name, value),
                        make("code", {}, String(value))
                    ])
                )
            ),
            section(
                "Trustword dictionaries",
                (status.trustwords ?? []).length
                    ? table(
                          "Trustword dictionaries",
                          ["language", "file", "SHA-256"],
                          status.trustwords.map(({ lang, file, sha256 }) => [
                              String(lang),
                              make("span", { className: "breakable" }, String(file)),
                              make("code", { className: "breakable" }, String(sha256))
                          ])
                      )
                    : make("p", { className: "note" }, "There are none, so there are no trustwords.")
            ),
            asJson("As JSON", status)
        );
        // by their titles, as the elements are others than before
        for (const summary of shown.querySelectorAll("summary"))
            summary.parentElement.open = open.has(summary.textContent);
    }

    const timer = clock(async () => {
        // what somebody reads by keyboard must not vanish under him
        if (shown.contains(document.activeElement) || getSelection().toString()) return;
        try {
            await draw();
            // the server answers again: nothing is wrong any more
            said.clear();
        } catch (error) {
            said.fail(error);
        }
    }, 5000);

    return {
        element: make("div", { className: "view narrow" }, make("h1", {}, "Status"), said.element, shown),
        show: () => timer.start(),
        hide: () => timer.stop()
    };
}
