// Reads JSON Schema: follows references, names types, and decides what kind of control a schema is entered with.

let root = {}; // where references lead

/** Names the document that holds the schemas. */
export function setRoot(document) {
    root = document;
}

/** A schema with its reference followed; members beside the reference win. */
export function resolve(schema) {
    for (let hops = 0; schema?.$ref && hops < 32; ++hops) {
        const { $ref, ...beside } = schema;
        const steps = $ref
            .split("/")
            .slice(1)
            .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
        schema = { ...steps.reduce((at, step) => at?.[step], root), ...beside };
    }
    return schema && schema !== true ? schema : {};
}

/** What to call a schema: the name it is filed under, or its JSON type. */
export function typeName(schema) {
    if (schema?.$ref) return schema.$ref.split("/").pop();
    const plan = resolve(schema);
    const choices = plan.oneOf ?? plan.anyOf;
    if (choices && !choices.every((choice) => "const" in choice)) return choices.map(typeName).join(" or ");
    if (plan.type === "array") return `list of ${plan.items ? typeName(plan.items) : "anything"}`;
    if (plan.contentEncoding) return plan.contentEncoding;
    return [plan.type ?? (plan.enum || choices ? "choice" : "anything")].flat().join(" or ");
}

const isNull = (schema) => schema.type === "null" || schema.const === null;

const plain_kinds = ["string", "integer", "number", "boolean", "array"];

/** Decides how a schema is entered: the kind of control, the schema for it, and whether null will do. */
export function plan(given) {
    let schema = resolve(given);
    let nullable = false;
    const choices = (schema.oneOf ?? schema.anyOf)?.map((choice) => ({ given: choice, schema: resolve(choice) }));
    if (choices) {
        const real = choices.filter((choice) => !isNull(choice.schema));
        nullable = real.length < choices.length;
        // constants to choose from are an enumeration that can describe each of its values
        if (real.length > 0 && real.every((choice) => "const" in choice.schema)) {
            const options = real.map(({ schema: { const: value, title, description } }) => ({
                value,
                title,
                description
            }));
            return { kind: "menu", schema, options, nullable };
        }
        // one schema or null: entered as that one, with null as "left out"
        if (real.length === 1) {
            const inner = plan(real[0].given);
            return { ...inner, nullable: nullable || inner.nullable };
        }
        return { kind: "choice", schema, options: real.map((choice) => choice.given), nullable };
    }
    // several types in one schema: each of them by itself
    if (Array.isArray(schema.type)) {
        nullable = schema.type.includes("null");
        const types = schema.type.filter((type) => type !== "null");
        const options = types.map((type) => ({ ...schema, type }));
        if (types.length !== 1) return { kind: "choice", schema, options, nullable };
        schema = options[0];
    }
    if (schema.enum) {
        const [titles, senses] = [schema["x-enum-varnames"] ?? [], schema["x-enum-descriptions"] ?? []];
        const options = schema.enum.map((value, i) => ({ value, title: titles[i], description: senses[i] }));
        return { kind: "menu", schema, options: options.filter(({ value }) => value !== null), nullable };
    }
    if ("const" in schema) return { kind: "menu", schema, options: [{ value: schema.const }], nullable };
    if (schema["x-bits"]) return { kind: "bits", schema, nullable };
    if (schema.type === "object") return { kind: schema.properties ? "object" : "json", schema, nullable };
    if (schema.contentEncoding === "base64") return { kind: "base64", schema, nullable };
    // No keyword of JSON Schema says "a point in time" of a number, so the prose must.
    if (schema.type === "integer" && /\bseconds since (1970|the epoch)\b/.test(schema.description))
        return { kind: "time", schema, nullable };
    return { kind: plain_kinds.includes(schema.type) ? schema.type : "json", schema, nullable };
}
