// Reads Server-Sent Events by fetch, because EventSource cannot send the token in a header. Resumes behind the last event
// after a break, waits longer after each vain attempt, and stops when told to or when the server refuses.
import { get } from "/rpc.js";

/** Cuts a stream of text into events { id, event, data } and tells a wish for another pause. */
export class Cutter {
    #rest = "";
    #fields = { data: [] };
    lastId = "";
    pause = null; // milliseconds, if the server named any

    /** → the events that are complete now. */
    add(text) {
        // a CR at the end may be half of a CRLF
        const all = this.#rest + text;
        const held = all.endsWith("\r") ? 1 : 0;
        const lines = all.slice(0, all.length - held).split(/\r\n|\n|\r/);
        this.#rest = lines.pop() + (held ? "\r" : "");
        return lines.map((line) => this.#line(line)).filter(Boolean);
    }

    #line(line) {
        if (line === "") {
            const { data, event } = this.#fields;
            this.#fields = { data: [] };
            return data.length ? { id: this.lastId, event: event ?? "message", data: data.join("\n") } : null;
        }
        const [, name, value] = /^([^:]*)(?:: ?([^]*))?$/.exec(line);
        if (name === "data") this.#fields.data.push(value ?? "");
        else if (name === "event") this.#fields.event = value;
        else if (name === "id") this.lastId = value ?? "";
        else if (name === "retry" && /^\d+$/.test(value ?? "")) this.pause = Number(value);
        return null; // a comment begins with a colon: it has no name
    }
}

// However long the server is gone, it is asked again after this time.
const longest_pause = 30000;

/**
 * The connection. `on.event({id, event, data})`, `on.state(word, detail)` with "connecting", "open", "waiting", "stopped"
 * or "refused".
 */
export class Stream {
    #on;
    #abort = null;
    #lastId = "";

    constructor(on) {
        this.#on = on;
    }

    get isRunning() {
        return this.#abort !== null;
    }

    /** Begins, or goes on behind the last event that was read. */
    start() {
        if (this.#abort) return;
        this.#abort = new AbortController();
        this.#run(this.#abort.signal);
    }

    stop() {
        if (!this.#abort) return;
        this.#abort.abort();
        this.#abort = null;
        this.#on.state("stopped");
    }

    async #run(signal) {
        let pause = 1000;
        let vain = 0;
        while (!signal.aborted) {
            this.#on.state("connecting");
            // the rest of a broken stream is no beginning of the next
            const cutter = new Cutter();
            try {
                const resume = this.#lastId ? { "Last-Event-ID": this.#lastId } : {};
                const response = await get("/events", { Accept: "text/event-stream", ...resume }, signal);
                // these do not mend themselves; all else is worth another attempt
                if ([401, 403, 404, 405].includes(response.status)) return this.#refuse(response.status);
                if (!response.ok) throw new Error(`HTTP ${response.status}`);
                this.#on.state("open");
                vain = 0;
                await this.#read(response.body, cutter);
                throw new Error("the server ended the stream");
            } catch (error) {
                if (signal.aborted) return;
                pause = cutter.pause ?? pause;
                const wait = Math.min(pause * 2 ** vain++, longest_pause);
                this.#on.state("waiting", `${error.message}; next attempt in ${Math.ceil(wait / 1000)} s`);
                await new Promise((done) => {
                    const timer = setTimeout(done, wait);
                    // whoever stops it does not wait for the pause to end
                    signal.addEventListener(
                        "abort",
                        () => {
                            clearTimeout(timer);
                            done();
                        },
                        { once: true }
                    );
                });
            }
        }
    }

    async #read(body, cutter) {
        const reader = body.pipeThrough(new TextDecoderStream()).getReader();
        for (let piece = await reader.read(); !piece.done; piece = await reader.read())
            for (const event of cutter.add(piece.value)) {
                this.#lastId = event.id;
                this.#on.event(event);
            }
    }

    #refuse(status) {
        this.#abort = null;
        this.#on.state(
            "refused",
            status === 401 ? "the server wants a token" : `the server offers no events here (HTTP ${status})`
        );
    }
}
