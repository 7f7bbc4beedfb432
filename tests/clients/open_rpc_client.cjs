// @open-rpc/client-js: over fetch, which adds a Sec-Fetch field of its own even outside of a browser.
'use strict';
const assert = require('node:assert/strict');
const test = require('node:test');
const daemon = require('./daemon.cjs');

async function connect(headers = daemon.bearer) {
    const { Client, HTTPTransport, RequestManager } =
        await daemon.importPackage('@open-rpc/client-js', 'dist/index.js');
    const client = new Client(new RequestManager([new HTTPTransport(daemon.url, { headers })]));
    client.onError(() => {}); // without it, an error whose id is null ends as another one inside the client
    return client;
}

test('calls by name and in order', async () => {
    const client = await connect();
    const named = await client.request({ method: 'myself', params: { identity: daemon.ann } });
    assert.equal(named.return.status, 0);
    assert.equal(named.out.identity.username, 'Änn 🚲');
    assert.deepEqual(await client.request({ method: 'myself', params: [daemon.ann] }), named);
});

test('rpc.discover is the bare document', async () => {
    const client = await connect();
    const document = await client.request({ method: 'rpc.discover', params: [] });
    assert.match(document.openrpc, /^1\./);
    assert.ok(document.methods.some((method) => method.name === 'encrypt_message'));
    const served = await (await fetch(`${daemon.origin}/openrpc.json`)).json();
    assert.deepEqual(document, served);
});

test('a notification is done', async () => {
    const client = await connect();
    const queue = (await client.request({ method: 'create_session', params: [] })).return;
    await client.notify({ method: 'testMessageToSend', params: [{ shortmsg: 'told' }] });
    const events = (await client.request({ method: 'pollForEvents', params: [queue, 5] })).return;
    assert.deepEqual(events.map((event) => event.params[0].shortmsg), ['told']);
});

test('the parts of a batch find their promises', async () => {
    const client = await connect();
    client.startBatch();
    const parts = [
        client.request({ method: 'ping', params: [] }),
        client.request({ method: 'no_such_function', params: [] }),
        client.request({ method: 'find_keys', params: { pattern: 'ann@example.org' } }),
    ];
    client.stopBatch();
    const [ping, unknown, keys] = await Promise.allSettled(parts);
    assert.equal(ping.value.return, 'pong');
    assert.equal(unknown.reason.code, -32601);
    assert.equal(keys.value.out.keylist.length, 1);
});

test('errors carry code and data', async () => {
    const client = await connect();
    await assert.rejects(client.request({ method: 'find_keys', params: { pattern: 5 } }), (error) => {
        assert.equal(error.code, -32602);
        assert.equal(error.data.path, '/params/pattern');
        return true;
    });
});

test('a wrong token is refused', async () => {
    const stranger = await connect({ Authorization: 'Bearer x' });
    await assert.rejects(stranger.request({ method: 'ping', params: [] }), (error) => {
        assert.equal(error.code, -32001);
        return true;
    });
});
