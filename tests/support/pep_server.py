"""A pep-json-server process in a home of its own, and a client for it.

Used by the process tests, the README test and the main job; Python's standard library only. A client
finds the server by its token file, lets it prove itself, and then speaks both dialects.
"""
import base64
import hashlib
import hmac
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time

# Sanitized programs start and stop more slowly than the limits of the product allow.
SLOWDOWN = float(os.environ.get('PEP_TEST_SLOWDOWN', '1'))


class Refused(Exception):
    """The server answered with an error object, or with a plain HTTP error."""

    def __init__(self, method, http_status, error):
        self.http_status = http_status
        self.code = error.get('code')
        self.data = error.get('data') or {}
        self.error = error
        super().__init__('%s: HTTP %s, %s' % (method, http_status, json.dumps(error)))


class Reply:
    """What a modern call answered: `value` is the function's own return value."""

    def __init__(self, result):
        self.result = result
        self.value = result['return']
        self.out = result['out']

    @property
    def status(self):
        return self.value['status']


class Client:
    """One connection. Not to be shared by threads."""

    def __init__(self, token, timeout=30):
        self.token = token
        self.timeout = timeout
        self.connection = http.client.HTTPConnection(token['address'], token['port'], timeout=timeout)
        self.last_id = 0

    def close(self):
        self.connection.close()

    def exchange(self, method, path, body=None, headers=None):
        """-> (HTTP status, headers in lower case, body)"""
        self.connection.request(method, path, body, headers or {})
        response = self.connection.getresponse()
        data = response.read()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, data

    def peer_name(self):
        """The server's end of this connection, as it is written in the proof."""
        host, port = self.connection.sock.getpeername()[:2]
        return '[%s]:%d' % (host, port) if ':' in host else '%s:%d' % (host, port)

    def prove(self):
        """Has this end of this connection the token we read? Sends nothing secret."""
        nonce = secrets.token_urlsafe(24)
        status, _, body = self.exchange('GET', '/prove?nonce=' + nonce)
        if status != 200:
            return False
        answer = json.loads(body)
        message = '\n'.join(['pep-json-server/1', nonce, self.peer_name(), str(answer['epoch'])])
        wanted = hmac.digest(self.token['security_token'].encode(), message.encode(), hashlib.sha256)
        self.connection.auto_open = 0  # nobody proved anything on another connection
        return hmac.compare_digest(
            base64.urlsafe_b64encode(wanted).rstrip(b'=').decode(), answer['proof'])

    def post(self, path, document, headers=None):
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.exchange('POST', path, body, {'Content-Type': 'application/json', **(headers or {})})

    def bearer(self):
        return {'Authorization': 'Bearer ' + self.token['security_token']}

    def call(self, method, params=None):
        """A call in the modern dialect; parameters by name or in order."""
        self.last_id += 1
        request = {'jsonrpc': '2.0', 'id': self.last_id, 'method': method, 'params': params or {}}
        status, _, body = self.post(self.token.get('rpc_path', '/rpc'), request, self.bearer())
        try:
            answer = json.loads(body)
        except ValueError:
            raise Refused(method, status, {'message': 'no JSON: %r' % body[:80]}) from None
        if 'error' in answer:
            raise Refused(method, status, answer['error'])
        if (answer.get('jsonrpc'), answer.get('id')) != ('2.0', self.last_id):
            raise Refused(method, status, {'message': 'the answer is not to this request'})
        return Reply(answer['result'])

    def call_discover(self):
        """The OpenRPC document; the only method whose result is not in the common shape."""
        request = {'jsonrpc': '2.0', 'id': 0, 'method': 'rpc.discover'}
        return json.loads(self.post('/rpc', request, self.bearer())[2])['result']

    def legacy(self, method, *params, token=None):
        """A call in the original's dialect. -> the whole answer object"""
        self.last_id += 1
        request = {
            'id': self.last_id, 'jsonrpc': '2.0', 'method': method, 'params': list(params),
            'security_token': self.token['security_token'] if token is None else token,
        }
        _, _, body = self.exchange(
            'POST', self.token['path'] + 'callFunction', json.dumps(request).encode())
        return json.loads(body)


class Home:
    """A temporary directory with everything a server could want of a user's home."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix='pep-test-')
        self.path = os.path.join(self.root, 'pEp')
        self.runtime = os.path.join(self.root, 'run')
        os.mkdir(self.runtime, 0o700)
        self.log = os.path.join(self.root, 'log')

    @property
    def token_file(self):
        return os.path.join(self.path, 'json-token')

    def environment(self, leaks=False, **more):
        kept = {k: v for k, v in os.environ.items() if k not in ('PEPHOME', 'PEP_HOME')}
        # A daemon allows no debugger, so a sanitizer cannot look for leaks in it.
        kept['ASAN_OPTIONS'] = ':'.join(filter(None, [kept.get('ASAN_OPTIONS'), 'detect_leaks=%d' % leaks]))
        return {**kept, 'HOME': self.root, 'XDG_RUNTIME_DIR': self.runtime, **more}

    def token(self):
        with open(self.token_file, encoding='utf-8') as file:
            return json.load(file)

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)


class Server:
    """A process in the foreground, with its log in a file; the caller's child.

    It compares its replies with their schemas, unless a test measures how fast it is. It is dumpable
    because a sanitizer looks for leaks as a debugger does.
    """

    def __init__(self, binary, home, *options, environment=None, wait=True, check_replies=True):
        self.home = home
        if check_replies and '--check-replies' not in options:
            options = ('--check-replies', *options)
        with open(home.log, 'ab') as log:
            self.process = subprocess.Popen(
                [binary, '-d', '--dumpable', '--home', home.path, *options], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=environment or home.environment(leaks=True))
        if wait:
            try:
                self.wait_until_callable()
            except BaseException:
                self.stop(signal.SIGKILL)
                raise

    def wait_until_callable(self, seconds=10):
        """The token file is written last; an older one names another process."""
        def callable_now():
            if self.process.poll() is not None:
                raise RuntimeError('the server ended with %s:\n%s' % (
                    self.process.returncode, self.log_text()))
            try:
                return self.home.token()['pid'] == self.process.pid
            except (OSError, ValueError, KeyError):
                return False
        wait_for(callable_now, seconds * SLOWDOWN, 'a token file of the new server')

    def log_text(self):
        with open(self.home.log, encoding='utf-8', errors='replace') as log:
            return log.read()

    def client(self, **options):
        return Client(self.home.token(), **options)

    def stop(self, signal_number=signal.SIGTERM):
        """-> (exit status, seconds it took)"""
        started = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return self.process.returncode, time.monotonic() - started


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError('waited %g s in vain for %s' % (seconds, what))
        time.sleep(0.01)


def is_running(pid):
    """A zombie has ended, whoever has not collected it yet."""
    try:
        with open('/proc/%d/stat' % pid, encoding='utf-8', errors='replace') as file:
            return file.read().rpartition(')')[2].split()[0] not in 'ZX'
    except OSError:
        return False


def raw_exchange(token, data, timeout=10):
    """Sends bytes as they are and reads until the server closes or falls silent for `timeout`."""
    with socket.create_connection((token['address'], token['port']), timeout=timeout) as link:
        try:
            link.sendall(data)
        except OSError:
            pass  # refused half-way: the answer is there nevertheless
        answer = b''
        try:
            while chunk := link.recv(65536):
                answer += chunk
        except OSError:
            pass
        return answer
