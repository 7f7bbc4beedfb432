// jayson, the most used JSON-RPC client of Node: callbacks, its own header fields, a kept connection.
'use strict';
const assert = require('node:assert/strict');
const http = require('node:http');
const test = require('node:test');
const jayson = require('jayson');
const promised = require('jayson/promise');
const daemon = require('./daemon.cjs');

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const options = { host: daemon.address, port: daemon.port, path: daemon.path, headers: daemon.bearer, agent };
const client = promised.Client.http(options);

test.after(() => agent.destroy());

test('calls by name and in order give the same', async () => {
    const named = await client.request('myself', { identity: daemon.ann });
    assert.equal(named.error, undefined);
    assert.equal(named.result.return.status, 0);
    assert.equal(named.result.out.identity.username, 'Änn 🚲');
    assert.deepEqual((await client.request('myself', [daemon.ann])).result, named.result);
});

test('ids of its kind come back', async () => {
    for (const id of ['text', '9c7e1f2a-6b0d-4a53-8e53-0d1f4a7f9d11', 7, 0, -3]) {
        const reply = await client.request('ping', [], id);
        assert.deepEqual(reply, { jsonrpc: '2.0', id, result: { return: 'pong', out: {} } });
    }
});

test('a notification is done and not answered', async () => {
    const queue = (await client.request('create_session', [])).result.return;
    assert.equal(await client.request('testMessageToSend', [{ shortmsg: 'told' }], null), undefined);
    const events = (await client.request('pollForEvents', [queue, 5])).result.return;
    assert.deepEqual(events.map((event) => event.params[0].shortmsg), ['told']);
});

test('a batch is answered in order, its notifications are not', async () => {
    const replies = await client.request([
        client.request('find_keys', { pattern: 'ann@example.org' }, 'keys', false),
        client.request('ping', [], null, false),
        client.request('no_such_function', [], 'unknown', false),
        client.request('find_keys', {}, 'wrong', false),
    ]);
    assert.deepEqual(replies.map((reply) => [reply.id, reply.error?.code]),
        [['keys', undefined], ['unknown', -32601], ['wrong', -32602]]);
    assert.equal(replies[0].result.out.keylist.length, 1);
    assert.equal(replies[2].error.data.path, '/params/pattern');
});

test('a batch of notifications is not answered at all', async () => {
    const batch = [1, 2, 3].map(() => client.request('ping', [], null, false));
    assert.equal(await client.request(batch), undefined);
});

test('errors come as its third callback argument', (context, done) => {
    jayson.Client.http(options).request('myself', { identity: 5 }, (fault, error, result) => {
        assert.equal(fault, null);
        assert.equal(result, undefined);
        assert.equal(error.code, -32602);
        assert.equal(error.data.path, '/params/identity');
        assert.ok(error.data.hint);
        done();
    });
});

test('a wrong token is HTTP 401 with an error inside', async () => {
    const stranger = promised.Client.http({ ...options, headers: { Authorization: 'Bearer x' } });
    await assert.rejects(stranger.request('ping', []), (error) => {
        assert.equal(error.code, 401);
        assert.equal(JSON.parse(error.message).error.code, -32001);
        return true;
    });
});

test('two megabytes go there and back', async () => {
    const value = Buffer.alloc(2_000_000, 'pEp').toString('base64');
    const src = { dir: 1, from: daemon.ann, to: [{ address: 'ben@example.org' }], attachments: [{ value, filename: 'file://a' }] };
    const { result } = await client.request('encrypt_message', { src, enc_format: 4, flags: 0 });
    assert.equal(result.return.status, 0x400);
    assert.equal(result.out.src.attachments[0].value, value);
});

test('forty calls at once are all answered', async () => {
    const wide = promised.Client.http({ ...options, agent: new http.Agent({ maxSockets: 8 }) });
    const replies = await Promise.all([...Array(40).keys()].map((n) => wide.request('ping', [], n)));
    assert.deepEqual(replies.map((reply) => reply.id), [...Array(40).keys()]);
});
