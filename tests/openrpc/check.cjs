// Reads an OpenRPC document from standard input and prints what is wrong with it, one fault a line: by the official
// validator, by the meta-schema itself, each schema by draft-07, and each example by its schemas.
// The argument is a folder with node_modules.
"use strict";
const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");

const load = createRequire(path.join(path.resolve(process.argv[2]), "package.json"));
const Ajv = load("ajv");
const pick = (module) => module.default ?? module;

const faults = [];
const tell = (place, errors) => {
    for (const error of errors ?? [])
        faults.push(`${place}: ${error.dataPath ?? ""} ${error.message ?? error}`.replaceAll("\n", " "));
};

function checkByValidator(document) {
    const result = load("@open-rpc/schema-utils-js").validateOpenRPCDocument(document);
    if (result !== true) tell("validateOpenRPCDocument", [result]);
}

function checkByMetaSchema(document) {
    const ajv = new Ajv({ allErrors: true });
    ajv.addSchema(pick(load("@json-schema-tools/meta-schema")), "https://meta.json-schema.tools");
    ajv.validate(load("@open-rpc/meta-schema").openrpcDocument, document);
    tell("meta-schema", ajv.errors);
}

// Schemas refer to each other from the root of the document, so the document is what they are compiled in.
function checkSchemasAndExamples(document) {
    const ajv = new Ajv({ allErrors: true, unknownFormats: "ignore", logger: false }); // "password" is for forms
    ajv.addSchema({ $id: "document:/", components: document.components });
    const compile = (place, schema) => {
        if (!ajv.validateSchema(schema)) tell(`${place}: schema`, ajv.errors);
        return ajv.compile({ $id: `document:/${encodeURIComponent(place)}`, ...rebased(schema) });
    };
    for (const [name, schema] of Object.entries(document.components.schemas)) {
        compile(`type ${name}`, schema);
        for (const member of ["title", "description"])
            if (!schema[member]) faults.push(`type ${name}: no ${member}`);
    }
    for (const method of document.methods) {
        const params = new Map(method.params.map((param) =>
            [param.name, compile(`${method.name} ${param.name}`, param.schema)]));
        const result = compile(`${method.name} result`, method.result.schema);
        for (const example of method.examples ?? []) {
            for (const { name, value } of example.params) {
                const validate = params.get(name);
                if (!validate) faults.push(`${method.name}: example with unknown parameter ${name}`);
                else if (!validate(value)) tell(`${method.name}: example, ${name}`, validate.errors);
            }
            const given = new Set(example.params.map(({ name }) => name));
            for (const { name, required } of method.params)
                if (required && !given.has(name)) faults.push(`${method.name}: example without ${name}`);
            if (!result(example.result.value)) tell(`${method.name}: example, result`, result.errors);
        }
    }
}

/** References from the root of the document, whatever the schema's own address. */
function rebased(schema) {
    return JSON.parse(JSON.stringify(schema), (key, value) =>
        key === "$ref" && typeof value === "string" && value.startsWith("#/") ? `document:/${value}` : value);
}

const document = JSON.parse(fs.readFileSync(0, "utf8"));
for (const check of [checkByValidator, checkByMetaSchema, checkSchemasAndExamples]) {
    try {
        check(document);
    } catch (error) {
        tell(check.name, [error]);
    }
}
for (const fault of faults) console.log(fault);
