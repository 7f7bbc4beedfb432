#!/usr/bin/env python3
"""JSON-RPC clients other people wrote, against the real daemon: each in a class of its own.

Those of npm are programs beside this file; cmake/quickstart.sh test installs their packages where npm is.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402

sys.path.append('/usr/lib/python3/dist-packages')  # Debian's, if this is another Python
try:
    import jsonrpclib
    import jsonrpclib.jsonrpc
except ImportError:
    jsonrpclib = None

ANN = {'address': 'ann@example.org', 'username': 'Änn 🚲', 'user_id': 'pEp_own_userId'}


class NpmCase(ServerCase):
    """Runs a program of node:test; what it says is shown when it fails."""

    def run_program(self, program, package, *options, least):
        node = shutil.which('node') or self.skipTest('node is not installed')
        modules = os.environ.get('NODE_PATH', '')
        if not os.path.isdir(os.path.join(modules, *package.split('/'))):
            self.skipTest('the npm package %s is not installed in %s' % (package, modules or 'NODE_PATH'))
        self.serve('--check-replies', *options)
        run = subprocess.run(
            [node, os.path.join(HERE, program)], capture_output=True, text=True, timeout=100 * pep_server.SLOWDOWN,
            check=False, stdin=subprocess.DEVNULL, env={**os.environ, 'PEPHOME': self.home.path})
        passed = [line for line in run.stdout.splitlines() if line.startswith(('ok ', '✔ '))]
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertGreaterEqual(len(passed), least, run.stdout + run.stderr)
        self.assert_answers()
        return run.stdout


class Jayson(NpmCase):
    def test_works(self):
        self.run_program('jayson_client.cjs', 'jayson', least=9)


class OpenRpcClient(NpmCase):
    def test_works(self):
        self.run_program('open_rpc_client.cjs', '@open-rpc/client-js', least=6)


class JsonRpc2(NpmCase):
    def test_works(self):
        self.run_program('json_rpc_2_client.cjs', 'json-rpc-2.0', least=6)


class Coverage(NpmCase):
    """The OpenRPC document is true: a tool that knows nothing else can call every method."""

    def test_finds_no_difference(self):
        output = self.run_program('coverage.cjs', '@open-rpc/test-coverage', least=2)
        print('\n'.join(re.findall(r'^(?:# )?(\d+ (?:made-up calls|examples).*)$', output, re.MULTILINE)))


class Pelix(ServerCase):
    """jsonrpclib-pelix of Debian: xmlrpc's manners, media type application/json-rpc, batches by MultiCall."""

    def setUp(self):
        super().setUp()
        if jsonrpclib is None:
            self.skipTest('python3-jsonrpclib-pelix is not installed')
        self.server = self.serve('--check-replies')
        token = self.home.token()
        self.proxy = jsonrpclib.ServerProxy(
            'http://%(address)s:%(port)d%(rpc_path)s' % token,
            headers={'Authorization': 'Bearer ' + token['security_token']})

    def test_calls_by_name_and_in_order(self):
        named = self.proxy.myself(identity=ANN)
        self.assertEqual((named['return']['status'], named['out']['identity']['username']), (0, ANN['username']))
        self.assertEqual(self.proxy.myself(ANN), named)
        self.assertEqual(self.proxy.rpc.discover(), self.server.client().call_discover())

    def test_a_notification_is_done(self):
        """HTTP 204 says that there is no answer; this client wants to see 200 even then, and complains."""
        client = self.server.client()
        self.addCleanup(client.close)
        queue = client.call('create_session').value
        with self.assertRaises(jsonrpclib.jsonrpc.TransportError) as raised:
            self.proxy._notify.testMessageToSend({'shortmsg': 'told'})
        self.assertIn('204', str(raised.exception))
        (event,) = client.call('pollForEvents', [queue, 5]).value
        self.assertEqual(event['params'][0]['shortmsg'], 'told')

    def test_a_batch_comes_back_in_order(self):
        batch = jsonrpclib.MultiCall(self.proxy)
        batch.ping()
        batch._notify.ping()
        batch.find_keys(pattern='ann@example.org')
        batch.find_keys('ben@example.org')
        self.assertEqual([reply.get('out', {}).get('keylist') for reply in batch()], [None, [], []])

    def test_errors_carry_code_and_place(self):
        for params, message in (
                ({'pattern': 5}, 'Invalid params: /params/pattern: expected a string'),
                ({}, 'Invalid params: /params/0: expected a value'),
                ({'x': 1}, 'Invalid params: /params/x: expected no parameter of this name')):
            with self.assertRaises(jsonrpclib.ProtocolError) as raised:
                self.proxy.find_keys(**params)
            self.assertEqual(raised.exception.args[0], (-32602, message))

    def test_a_wrong_token_is_an_http_error(self):
        token = self.home.token()
        stranger = jsonrpclib.ServerProxy(
            'http://%(address)s:%(port)d%(rpc_path)s' % token, headers={'Authorization': 'Bearer x'})
        with self.assertRaises(jsonrpclib.jsonrpc.TransportError) as raised:
            stranger.ping()
        self.assertIn('401', str(raised.exception))


class Curl(ServerCase):
    """As README.md shows it: the token is in a file, because everybody sees the arguments of a command."""

    def setUp(self):
        super().setUp()
        if shutil.which('curl') is None:
            self.skipTest('curl is not installed')
        self.serve()
        self.token = self.home.token()
        self.url = 'http://127.0.0.1:%d' % self.token['port']
        self.header = os.path.join(self.home.root, 'header')
        with open(os.open(self.header, os.O_CREAT | os.O_WRONLY, 0o600), 'w', encoding='ascii') as file:
            file.write('Authorization: Bearer %s\n' % self.token['security_token'])

    def curl(self, *options, path='/rpc', data=None, header=True):
        """-> (HTTP version, status, body)"""
        known = ['-H', '@' + self.header] if header else []
        run = subprocess.run(
            ['curl', '-s', '--max-time', '60', '-w', '\n%{http_version} %{http_code}', *known,
             '-H', 'Content-Type: application/json', *options, *(['--data-binary', '@-'] if data is not None else []),
             self.url + path],
            input=data, capture_output=True, timeout=90, check=True)
        body, _, last = run.stdout.decode().rpartition('\n')
        version, status = last.split()
        return version, int(status), body

    @staticmethod
    def request(method, **params):
        return json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': params}).encode()

    PONG = '{"jsonrpc":"2.0","id":1,"result":{"return":"pong","out":{}}}'

    def test_speaks_http_1_0_and_1_1(self):
        for option, version in (('--http1.0', '1'), ('--http1.1', '1.1')):
            seen = self.curl(option, data=self.request('ping'))
            self.assertIn(seen[0], (version, version + '.0'), 'the version of the answer')
            self.assertEqual(seen[1:], (200, self.PONG))

    def test_an_upgrade_to_http_2_is_passed_over(self):
        self.assertEqual(self.curl('--http2', data=self.request('ping'))[1:], (200, self.PONG))

    def test_chunks_and_a_body_of_unknown_length(self):
        self.assertEqual(
            self.curl('-H', 'Transfer-Encoding: chunked', data=self.request('ping'))[1:], (200, self.PONG))
        big = self.request('mime_decode_message', mimetext='Subject: x\r\n\r\n' + 'y' * 2_000_000)
        for options in ((), ('-H', 'Transfer-Encoding: chunked')):
            _, status, body = self.curl(*options, data=big)
            self.assertEqual((status, len(json.loads(body)['result']['out']['msg']['longmsg'])), (200, 2_000_000))

    def test_expect_is_answered_at_once(self):
        """curl asks before it sends more than a megabyte; without an answer it waits for a second."""
        big = self.request('mime_decode_message', mimetext='Subject: x\r\n\r\n' + 'y' * 2_000_000)
        begin = time.monotonic()
        run = subprocess.run(
            ['curl', '-sv', '-o', os.devnull, '-H', '@' + self.header, '-H', 'Content-Type: application/json',
             '-H', 'Expect: 100-continue', '--expect100-timeout', '30', '--data-binary', '@-', self.url + '/rpc'],
            input=big, capture_output=True, timeout=90, check=True)
        self.assertIn(b'< HTTP/1.1 100', run.stderr)
        self.assertIn(b'< HTTP/1.1 200', run.stderr)
        self.assertLess(time.monotonic() - begin, 25)

    def test_a_refusal_comes_before_the_body(self):
        run = subprocess.run(
            ['curl', '-sv', '-H', 'Authorization: Bearer x', '-H', 'Content-Type: application/json',
             '-H', 'Expect: 100-continue', '--expect100-timeout', '30', '--data-binary', '@-', self.url + '/rpc'],
            input=b' ' * 2_000_000, capture_output=True, timeout=90, check=False)
        self.assertNotIn(b'< HTTP/1.1 100', run.stderr)
        self.assertIn(b'< HTTP/1.1 401', run.stderr)
        self.assertIn(b'-32001', run.stdout)

    def test_forms_and_files_of_the_old_dialect(self):
        """curl's own media type is that of forms."""
        call = {'jsonrpc': '2.0', 'id': 5, 'method': 'apiVersion', 'security_token': self.token['security_token']}
        run = subprocess.run(
            ['curl', '-s', '--data-binary', '@-', self.url + '/ja/0.1/callFunction'],
            input=json.dumps(call).encode(), capture_output=True, timeout=60, check=True)
        self.assertEqual(json.loads(run.stdout)['result'], {'outParams': [], 'return': 3})

    def test_one_connection_serves_many(self):
        ping = os.path.join(self.home.root, 'ping')
        with open(ping, 'wb') as file:
            file.write(self.request('ping'))
        run = subprocess.run(
            ['curl', '-sv', '-H', '@' + self.header, '-H', 'Content-Type: application/json', '--data', '@' + ping,
             *[self.url + '/rpc'] * 5], capture_output=True, timeout=60, check=True)
        self.assertEqual(run.stdout.decode(), self.PONG * 5)
        self.assertEqual(run.stderr.count(b'Connected to'), 1)

    def test_ipv4_and_names_of_this_machine_only(self):
        for host, status in (('localhost', 200), ('example.org', 421)):
            fields = ('-H', 'Host: %s:%d' % (host, self.token['port']))
            self.assertEqual(self.curl(*fields, data=self.request('ping'))[1], status)


if __name__ == '__main__':
    server_case.main()
