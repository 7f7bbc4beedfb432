"""A client that behaves as Enigmail did: how it finds and starts the server, sends its calls, listens for events, and
recovers when server or token are no more those it knew."""
import http.client
import http.server
import json
import os
import queue
import re
import secrets
import subprocess
import threading
import time

import pep_server
from server_case import SERVER

SLOW = pep_server.SLOWDOWN
OWN_USER = 'pEp_own_userId'


class Listener:
    """Its small HTTP server on 127.0.0.1, the first free port from 15900 on, with a secret of 40 characters."""

    def __init__(self, first=15900, last=15990, secret=None):
        self.secret = secret or secrets.token_hex(20)
        self.received = queue.Queue()
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):  # noqa: N802, the name is http.server's
                body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
                status, answer = owner.answer(self.path, body)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Content-Length', str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        for self.port in range(first, last + 1):
            try:
                self.server = http.server.ThreadingHTTPServer(('127.0.0.1', self.port), Handler)
                break
            except OSError:
                continue
        else:
            raise RuntimeError('no port from %d to %d is free' % (first, last))
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, path, body):
        """Demands POST with JSON, the secret, and a method it knows."""
        try:
            request = json.loads(body)
        except ValueError:
            return 400, {'error': 'no JSON'}
        if path != '/' or request.get('security_token') != self.secret:
            return 401, {'error': 'wrong token'}
        if request.get('method') not in ('messageToSend', 'notifyHandshake'):
            return 501, {'error': 'unknown method'}
        self.received.put(request)
        return 200, {'jsonrpc': '2.0', 'result': {'outParams': [], 'return': {'status': 0, 'hex': '0 "PEP_STATUS_OK"'}},
                     'id': request.get('id')}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Enigmail:
    """One running mail program: its accounts, one connection, its listener."""

    def __init__(self, home):
        self.home = home
        self.environment = home.environment()
        self.starts = 0
        self.last_id = 0
        self.connection = None
        self.listener = Listener()
        self.version = self.check_binary()

    def run(self, *arguments):
        return subprocess.run(
            [SERVER, *arguments], capture_output=True, text=True, timeout=60 * SLOW, check=False,
            stdin=subprocess.DEVNULL, cwd=self.home.root, env=self.environment)

    def check_binary(self):
        """Looks for a title in the output of --version, and for the number behind `version`."""
        output = self.run('--version').stdout
        if 'pEp JSON' not in output:
            raise RuntimeError('this is no p≡p JSON server: ' + output)
        found = re.search(r'version (\d+)\.(\d+)\.(\d+)', output)
        return tuple(int(part) for part in found.groups()) if found else (0, 10, 0)

    def start_server(self):
        """Without arguments; the end of that process says that the server can be called."""
        self.starts += 1
        begin = time.monotonic()
        run = self.run()
        if run.returncode != 0:
            raise RuntimeError('the server did not start: ' + run.stderr)
        if 'PEP_INIT_' in run.stderr:
            raise RuntimeError('GnuPG is missing')
        self.forget_connection()
        return time.monotonic() - begin

    def forget_connection(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def connection_data(self):
        with open(os.path.join(self.home.root, '.pEp', 'json-token'), encoding='utf-8') as file:
            data = json.load(file)
        address = '127.0.0.1' if data['address'] == '0.0.0.0' else data['address']
        self.token = data['security_token']
        self.path = data['path'] + 'callFunction'
        return http.client.HTTPConnection(address, data['port'], timeout=60 * SLOW)

    def post(self, method, params):
        if self.connection is None:
            self.connection = self.connection_data()
        self.last_id += 1
        request = {'security_token': self.token, 'method': method, 'params': params, 'id': self.last_id,
                   'jsonrpc': '2.0'}
        body = json.dumps(request, ensure_ascii=False).encode()
        for fresh in (False, True):
            try:
                self.connection.request('POST', self.path, body)
                response = self.connection.getresponse()
                break
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # A kept connection was closed meanwhile: what sends for it opens another one by itself.
                self.connection.close()
                if fresh:
                    raise
        text = response.read().decode()
        if response.status != 200:
            raise RuntimeError('HTTP %d' % response.status)
        # Its tolerant parser escapes raw control characters first; there is nothing for it to do.
        return json.loads(text)

    def call(self, method, *params):
        """-> the result; what went wrong with the connection is mended once."""
        try:
            reply = self.post(method, list(params))
        except (OSError, http.client.HTTPException):
            self.start_server()
            reply = self.post(method, list(params))
        if reply.get('error', {}).get('code') == -32600:
            self.forget_connection()
            self.register()
            reply = self.post(method, list(params))
        if 'error' in reply:
            raise pep_server.Refused(method, 200, reply['error'])
        return reply['result']

    def register(self):
        return self.post('registerEventListener', ['127.0.0.1', self.listener.port, self.listener.secret])

    def start_up(self, *accounts):
        """The order of its calls when the first window opens."""
        version = self.call('serverVersion')['return']
        self.call('registerEventListener', '127.0.0.1', self.listener.port, self.listener.secret)
        self.call('startKeyserverLookup')
        self.call('startKeySync')
        environment = self.call('getGpgEnvironment')['return']
        for address, name in accounts:
            identity = {'address': address, 'user_id': OWN_USER, 'username': name}
            self.succeed('myself', identity)
        return version, environment

    def succeed(self, method, *params):
        """-> outParams of a call whose status must be 0"""
        result = self.call(method, *params)
        if result['return']['status'] != 0:
            raise RuntimeError('%s: %s' % (method, result['return']))
        return result['outParams']

    def close(self):
        self.forget_connection()
        self.listener.close()
