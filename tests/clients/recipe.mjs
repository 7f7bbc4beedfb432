// How a program calls a pep-json-server: find it, or start $PEP_SERVER, have it prove itself, only then send the token.
//
// `node recipe.mjs METHOD PARAMS` prints what METHOD returns, e.g. `find_keys '{"pattern":"ann@example.org"}'`.
// Exit codes: 0 done, 1 call failed, 3 no server, 4 not trusted.
import { spawnSync } from 'node:child_process';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';

const stop = (exit, why, remedy) => Object.assign(new Error(why), { exit, remedy }); // 'start' or read 'again'

// Nobody but we can have written the token file, or can read it.
function readTokenFile() {
    const home = process.env.PEPHOME || `${process.env.HOME}/.pEp`;
    let file;
    try { // O_NONBLOCK: a FIFO would make us wait
        file = openSync(`${home}/json-token`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
        const status = fstatSync(file), folder = statSync(home); // of what is read, whatever its name is by now
        const { address, port, security_token: token } = JSON.parse(status.size < 16384 && readFileSync(file));
        const ours = [status, folder].every(({ uid }) => uid === process.geteuid());
        const local = address === '::1' || (net.isIPv4(address) && address.startsWith('127.'));
        const good = local && Number.isInteger(port) && port > 0 && port < 65536 && token?.match?.(/^[\w-]+$/);
        if (!ours || !good || !status.isFile() || status.mode & 0o077 || folder.mode & 0o022) throw new Error();
        return { address, port, token, endpoint: `${address === '::1' ? '[::1]' : address}:${port}` };
    } catch (error) {
        throw error.code === 'ENOENT' ? stop(3, 'no token file', 'start') : stop(4, 'token file not to be trusted');
    } finally {
        if (file !== undefined) closeSync(file);
    }
}

async function exchange(options, seconds, longest, body) {
    const request = http.request(options).on('error', () => {}); // who waits for it hears of it
    request.setTimeout(seconds * 1000, () => request.destroy(new Error('no reply in time'))).end(body);
    const [response] = await once(request, 'response');
    const fits = response.headers['content-length'] <= longest; // a stranger might send without end
    return { status: response.statusCode, reply: fits ? await text(response) : '' };
}

async function call(method, params) {
    const { address, port, token, endpoint } = readTokenFile();
    const nonce = randomBytes(24).toString('base64url');
    const place = { agent: new http.Agent({ keepAlive: true }), host: address, port };
    let socket, exit = 3, remedy = 'start';
    place.agent.createConnection = () => {
        if (socket) throw new Error('closed'); // whoever is at the end of a second connection has proven nothing
        return socket = net.connect(port, address);
    };
    try { // Anybody may have the port since the server that wrote the file ended; only who knows the token has a proof.
        const answer = await exchange({ ...place, path: `/prove?nonce=${nonce}` }, 10, 500);
        exit = 4;
        const { proof, epoch } = JSON.parse(answer.reply);
        const hmac = createHmac('sha256', token).update(`pep-json-server/1\n${nonce}\n${endpoint}\n${epoch}`).digest();
        if (!timingSafeEqual(hmac, Buffer.from(proof, 'base64url'))) throw new Error('who answers is not the server');
        [exit, remedy] = [3, null]; // from here on the call may have been done, even if no answer comes
        const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
        const { status, reply } = await exchange({ ...place, method: 'POST', path: '/rpc', headers }, 300, 1e9, body);
        if (status === 401) throw stop(4, 'our token is refused', 'again');
        const { result, error } = JSON.parse(reply);
        if (error) throw stop(1, error.message);
        return result.return;
    } catch (error) {
        throw error.exit ? error : stop(exit, error.message, remedy);
    } finally {
        place.agent.destroy();
    }
}

const [method = 'version', params = '{}'] = process.argv.slice(2), remedies = new Set(['start', 'again']);
const attempt = () => call(method, JSON.parse(params)).then((value) => console.log(JSON.stringify(value)), (error) => {
    if (!remedies.delete(error.remedy)) return console.error(error.message), process.exitCode = error.exit; // each once
    if (error.remedy === 'start') spawnSync(process.env.PEP_SERVER ?? 'pep-json-server', { stdio: 'ignore' });
    return attempt();
});
await attempt();
