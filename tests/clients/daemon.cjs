// Where the server is and what lets us in: both from the token file, as every client reads them, never from
// arguments or the environment.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const file = JSON.parse(fs.readFileSync(path.join(process.env.PEPHOME, 'json-token'), 'utf8'));

module.exports = {
    address: file.address,
    port: file.port,
    path: file.rpc_path,
    origin: `http://${file.address}:${file.port}`,
    url: `http://${file.address}:${file.port}${file.rpc_path}`,
    bearer: { Authorization: `Bearer ${file.security_token}` },
    ann: { address: 'ann@example.org', username: 'Änn 🚲', user_id: 'pEp_own_userId' },
    // A package that has no CommonJS form.
    importPackage: (name, entry) =>
        import(`file://${path.join(process.env.NODE_PATH, name, entry)}`),
};
