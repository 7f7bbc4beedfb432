// The log view: the newest lines of this server's log, or a log file from the disk, filtered and coloured by connection.
import { badge, labelled, make } from "/dom.js";
import { call } from "/rpc.js";
import { clock, filesField, outcome, section, textField } from "/views/parts.js";

const levels = ["error", "warn", "info", "debug", "trace"];
const colours = 8; // in views.css
const most = { kept: 20000, shown: 1000 };

/** A line is "TIME LEVEL TEXT name=value …"; what looks otherwise is a text of no level. */
export function parse(line) {
    // as the server writes it; in a file there may be lines of other origin
    const found = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (error|warn|info|debug|trace) ([^]*)$/.exec(line);
    if (!found) return { time: "", level: "", text: line, connection: null };
    const [, time, level, text] = found;
    return { time, level, text, connection: / connection=(\d+)/.exec(text)?.[1] ?? null };
}

/** The view. It reads the server's log while it is looked at; a file takes its place until it is put away. */
export function create() {
    const list = make("ol", { className: "log", tabIndex: 0, "aria-label": "Lines of the log, newest last" });
    const least = make(
        "select",
        {},
        ...levels.map((level) => make("option", { value: level, selected: level === "trace" }, level))
    );
    const words = textField({ type: "search", placeholder: "words in a line" });
    const connection = make("select", {}, make("option", { value: "" }, "all"));
    const follow = make("input", { type: "checkbox", checked: true });
    const said = outcome();
    const tally = make("p", { className: "note", role: "status" });
    const back = make("button", { type: "button", hidden: true }, "Back to the server's log");
    // What the server told: its lines, the number to ask behind, and how many it no longer had.
    const live = { lines: [], next: 0, lost: 0 };
    let loaded = null; // { name, lines } of a file, shown instead

    const lines = () => loaded?.lines ?? live.lines;

    /** By connection, by level, by words; lines without a level, of other programs for instance, are of every level. */
    function isWanted(line, wanted) {
        if (connection.value && line.connection !== connection.value) return false;
        if (line.level && levels.indexOf(line.level) > levels.indexOf(least.value)) return false;
        const text = line.text.toLowerCase();
        return wanted.every((word) => text.includes(word));
    }

    /** Lines of one connection have one colour. Of the time, the date is left out; the title has it. */
    function drawLine({ time, level, text, connection: number }) {
        const colour = number === null ? "" : `c${Number(number) % colours}`;
        const clockTime = make("time", { dateTime: time, title: time }, time.slice(11, 23));
        return make(
            "li",
            { className: `is-${level || "text"} ${colour}` },
            clockTime,
            level ? badge(level) : null,
            make("span", {}, text)
        );
    }

    function draw() {
        const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
        const found = lines().filter((line) => isWanted(line, wanted));
        // the newest ones: more elements than that are slow
        const shown = found.slice(-most.shown);
        list.replaceChildren(...shown.map(drawLine));
        const parts = [
            loaded ? `${loaded.name}:` : "",
            `${found.length} of ${lines().length} lines`,
            shown.length < found.length ? `(the last ${shown.length} are shown)` : "",
            !loaded && live.lost ? `· ${live.lost} were gone before they were read` : ""
        ];
        const text = parts.filter(Boolean).join(" ");
        // else it would be read out again
        if (tally.textContent !== text) tally.textContent = text;
        // the newest line stays in sight, unless somebody looks at a file
        if (follow.checked && !loaded) list.scrollTop = list.scrollHeight;
        drawConnections();
    }

    /** The menu of connections, of which only the latest are listed. It stays as it is while they are the same. */
    function drawConnections() {
        const numbers = [
            ...new Set(
                lines()
                    .map((line) => line.connection)
                    .filter((number) => number !== null)
            )
        ].slice(-200);
        if (
            connection.options.length - 1 === numbers.length &&
            connection.options[numbers.length]?.value === numbers.at(-1)
        )
            return;
        // the choice stays as long as its connection is listed
        const before = connection.value;
        connection.replaceChildren(
            make("option", { value: "" }, "all"),
            ...numbers.map((number) => make("option", { value: number }, number))
        );
        connection.value = numbers.includes(before) ? before : "";
    }

    const timer = clock(async () => {
        if (loaded || !follow.checked) return;
        try {
            // only what is new: `after` 0 would be the same as null
            const { next, lines: fresh, lost } = (await call("recent_log", { after: live.next || null })).return;
            said.clear();
            if (next < live.next) live.lines = []; // another server: it counts anew
            live.next = next;
            live.lost += lost ?? 0;
            live.lines = [...live.lines, ...fresh.map(parse)].slice(-most.kept);
            if (fresh.length || !tally.textContent) draw();
        } catch (error) {
            said.fail(error);
        }
    }, 2000);

    /** Takes a log file from the disk; nothing of it is sent anywhere. */
    async function load([file]) {
        const text = await file.text();
        loaded = { name: file.name, lines: text.split(/\r?\n/).filter(Boolean).slice(-most.kept).map(parse) };
        back.hidden = false;
        said.clear();
        draw();
    }

    back.addEventListener("click", () => {
        loaded = null;
        back.hidden = true;
        draw();
    });
    // what is filtered is here already
    for (const control of [least, words, connection]) control.addEventListener("input", draw);

    const frame = section("Lines");
    frame.append(
        make(
            "div",
            { className: "row" },
            labelled("Least level", least),
            labelled("Filter", words),
            labelled("Connection", connection),
            labelled("Keep reading", follow)
        ),
        said.element,
        tally,
        list,
        make("div", { className: "row" }, filesField("Look at a log file instead", load, frame), back)
    );
    return {
        element: make("div", { className: "view" }, make("h1", {}, "Log"), frame),
        show: () => timer.start(),
        hide: () => timer.stop()
    };
}
