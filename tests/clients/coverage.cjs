// @open-rpc/test-coverage: calls every method of /openrpc.json as the document says, with parameters made from the
// schemas and with the documented examples, and checks each reply against its schema.
'use strict';
const assert = require('node:assert/strict');
const test = require('node:test');
const coverage = require('@open-rpc/test-coverage').default;
const ExamplesRule = require('@open-rpc/test-coverage/build/rules/examples-rule').default;
const FakerRule = require('@open-rpc/test-coverage/build/rules/json-schema-faker-rule').default;
const { parseOpenRPCDocument } = require('@open-rpc/schema-utils-js');
const faker = require('json-schema-faker');
const daemon = require('./daemon.cjs');

const CALLS_EACH = 3;
// One would end the test, the other wait as long as its random number says.
const skip = ['shutdown', 'pollForEvents'];
// What they need no schema can make: the id of a message that is in the cache.
const needsState = /^cache_/;
// The tool wants to print every call.
const silent = { onBegin() {}, onTestBegin() {}, onTestEnd() {}, onEnd() {} };

let calls = 0;

async function transport(url, method, params) {
    const response = await fetch(daemon.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...daemon.bearer },
        body: JSON.stringify({ jsonrpc: '2.0', id: ++calls, method, params }),
    });
    assert.equal(response.status, 200, method);
    const reply = await response.json();
    assert.equal(reply.id, calls);
    return reply;
}

// Its validator knows no extensions, its maker of values neither base64 nor passwords.
faker.format('password', () => 'geheim');

const base64 = '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$';

function adapted(value) {
    if (Array.isArray(value))
        return value.map(adapted);
    if (value === null || typeof value !== 'object')
        return value;
    const kept = Object.fromEntries(
        Object.entries(value).filter(([name]) => !name.startsWith('x-')).map(([name, part]) => [name, adapted(part)]));
    return value.contentEncoding === 'base64' ? { ...kept, pattern: base64 } : kept;
}

async function document() {
    const text = await (await fetch(`${daemon.origin}/openrpc.json`)).text();
    // Its copy of the meta-schema is older than the version of OpenRPC our document names.
    return adapted(await parseOpenRPCDocument(text, { dereference: true, validate: false }));
}

const faults = (report) => report
    .filter((call) => !call.valid && !(call.error && needsState.test(call.methodName)))
    .map((call) => `${call.methodName}(${JSON.stringify(call.params).slice(0, 300)}): ${
        (call.error ? JSON.stringify(call.error) : String(call.reason ?? call.requestError)).slice(-700)}`);

test('every method keeps its schema with made-up parameters', async () => {
    const openrpcDocument = await document();
    for (const method of openrpcDocument.methods)
        delete method.examples; // the rule leaves out methods that have some
    const report = await coverage({
        openrpcDocument, skip, transport, reporters: [silent], rules: [new FakerRule({ numCalls: CALLS_EACH })],
    });
    const covered = new Set(report.map((call) => call.methodName));
    const missing = openrpcDocument.methods.map((method) => method.name)
        .filter((name) => !covered.has(name) && !skip.includes(name));
    assert.deepEqual(missing, []);
    assert.ok(report.length > 120, `${report.length} calls`);
    assert.deepEqual(faults(report), []);
    const refused = report.filter((call) => call.error);
    assert.ok(refused.every((call) => call.error.code === -32602 && call.error.data.path), JSON.stringify(refused[0]));
    console.log(`${report.length} made-up calls of ${covered.size} methods, ${refused.length} refused`);
});

test('every example keeps its schema', async (context) => {
    const openrpcDocument = await document();
    if (!openrpcDocument.methods.some((method) => method.examples?.length))
        return context.skip('the document has no examples');
    const report = await coverage({
        openrpcDocument, skip, transport, reporters: [silent], rules: [new ExamplesRule()],
    });
    assert.deepEqual(faults(report), []);
    const same = report.filter((call) => JSON.stringify(call.result) === JSON.stringify(call.expectedResult));
    console.log(`${report.length} examples, ${same.length} with exactly the documented result`);
});
