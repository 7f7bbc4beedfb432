// json-rpc-2.0: brings no transport; this is the one its documentation shows, fetch.
'use strict';
const assert = require('node:assert/strict');
const test = require('node:test');
const { JSONRPCClient, createJSONRPCRequest, createJSONRPCNotification } = require('json-rpc-2.0');
const daemon = require('./daemon.cjs');

const statuses = [];

function connect(createId) {
    const client = new JSONRPCClient(async (request) => {
        const response = await fetch(daemon.url, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...daemon.bearer },
            body: JSON.stringify(request),
        });
        statuses.push(response.status);
        if (response.status === 200)
            return client.receive(await response.json());
        if (request.id !== undefined)
            throw new Error(response.statusText);
    }, createId);
    return client;
}

test('calls by name and in order', async () => {
    const client = connect();
    const named = await client.request('myself', { identity: daemon.ann });
    assert.equal(named.return.status, 0);
    assert.equal(named.out.identity.username, 'Änn 🚲');
    assert.deepEqual(await client.request('myself', [daemon.ann]), named);
    assert.equal((await client.request('ping')).return, 'pong');
});

test('ids may be texts', async () => {
    let n = 0;
    const client = connect(() => `call-${n++}`);
    assert.equal((await client.request('ping')).return, 'pong');
});

test('a notification is answered by 204', async () => {
    const client = connect();
    statuses.length = 0;
    await client.send(createJSONRPCNotification('ping'));
    client.notify('ping');
    await client.request('ping');
    assert.equal(statuses[0], 204);
});

test('a batch comes back in order', async () => {
    const client = connect();
    const replies = await client.requestAdvanced([
        createJSONRPCRequest(1, 'ping'),
        createJSONRPCNotification('ping'),
        createJSONRPCRequest(2, 'no_such_function'),
        createJSONRPCRequest('three', 'find_keys', { pattern: 'ann@example.org' }),
    ]);
    assert.deepEqual(replies.map((reply) => [reply.id, reply.error?.code]),
        [[1, undefined], [2, -32601], ['three', undefined]]);
});

test('errors carry code and data', async () => {
    await assert.rejects(connect().request('find_keys', { pattern: null }), (error) => {
        assert.equal(error.code, -32602);
        assert.equal(error.data.path, '/params/pattern');
        return true;
    });
});

test('a limit of time does not get in the way', async () => {
    assert.equal((await connect().timeout(20_000).request('ping')).return, 'pong');
});
