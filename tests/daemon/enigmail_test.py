#!/usr/bin/env python3
"""A client that behaves as Enigmail did: how it finds and starts the server, its calls with its parameters, its
listener for events, and how it recovers when server or token are no more those it knew."""
import http.client
import http.server
import json
import os
import queue
import re
import secrets
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import SERVER, ServerCase  # noqa: E402

SLOW = pep_server.SLOWDOWN
OWN_USER = 'pEp_own_userId'
OP = ['OP']


class Listener:
    """Its small HTTP server on 127.0.0.1, the first free port from 15900 on, with a secret of 40 characters."""

    def __init__(self):
        self.secret = secrets.token_hex(20)
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

        for self.port in range(15900, 15991):
            try:
                self.server = http.server.ThreadingHTTPServer(('127.0.0.1', self.port), Handler)
                break
            except OSError:
                continue
        else:
            raise RuntimeError('no port from 15900 to 15990 is free')
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


def utf16_units(text):
    return len(text.encode('utf-16-le')) // 2


class Sequence(ServerCase):
    def setUp(self):
        super().setUp()
        self.homes = [self.home]
        self.ann = self.mail_program(self.home)

    def mail_program(self, home):
        home.path = os.path.join(home.root, '.pEp')  # where a server without arguments lives
        program = Enigmail(home)
        self.addCleanup(self.end_all_of, home)
        self.addCleanup(program.close)
        return program

    def end_all_of(self, home):
        try:
            self.end_daemon(home.token()['pid'])
        except (OSError, ValueError, KeyError):
            pass

    def two(self):
        other = pep_server.Home()
        self.addCleanup(other.remove)
        ben = self.mail_program(other)
        self.ann.start_up(('ann@x.test', 'Ann'))
        ben.start_up(('ben@y.test', 'Ben'))
        return self.ann, ben

    def mime(self, sender, recipient, subject):
        return ('From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <1@%s>\r\nMIME-Version: 1.0\r\n'
                'Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße 🚲\r\n'
                % (sender, recipient, subject, sender))

    def encrypt(self, program, text):
        result = program.call('MIME_encrypt_message', text, utf16_units(text), [], OP, 4, 0)
        return result['return']['status'], result['outParams'][0]

    def decrypt(self, program, text):
        """As it reads the answer: by index, in the shape of six parameters."""
        out = program.call('MIME_decrypt_message', text, utf16_units(text), OP, OP, OP, OP)['outParams']
        return {'flags': out[0], 'rating': out[1]['rating'], 'fprs': out[2], 'text': out[3]}

    def test_the_program_is_recognised_and_can_be_waited_for(self):
        self.assertGreaterEqual(self.ann.version, (0, 14, 0))
        lines = self.ann.run('--version').stdout.split('\n')
        self.assertTrue(lines[0].startswith('pEp JSON'), lines)
        self.assertRegex(lines[1], r'^\tversion \d+\.\d+\.\d+')
        self.assertRegex(lines[2], r'^\tpEpEngine version ')
        self.assertRegex(lines[3], r'^\tpEp protocol version ')
        self.assertEqual(self.ann.starts, 0)
        self.ann.start_server()
        self.assertEqual(self.ann.call('apiVersion')['return'], 3)

    def test_start_up_in_its_order(self):
        version, environment = self.ann.start_up(('ann@x.test', 'Ann'), ('ann@work.test', 'Ann at work'))
        self.assertEqual(self.ann.starts, 1, 'there was no token file: the server was started once')
        self.assertEqual((version['major'], version['minor']), (3, 3))
        self.assertEqual(sorted(environment), ['gnupg_home', 'gnupg_path', 'gpg_agent_info'])
        (identities,) = self.ann.succeed('own_identities_retrieve', OP)
        self.assertEqual(sorted(i['address'] for i in identities), ['ann@work.test', 'ann@x.test'])
        self.assertEqual({i['user_id'] for i in identities}, {OWN_USER})

    def test_mails_there_and_back_and_trust(self):
        ann, ben = self.two()
        status, first = self.encrypt(ann, self.mime('ann@x.test', 'ben@y.test', 'Fahrrad'))
        self.assertEqual(status, 0x400)
        seen = self.decrypt(ben, first)
        self.assertEqual((seen['rating'], seen['fprs'], seen['flags']), (3, [], 0))
        status, second = self.encrypt(ben, self.mime('ben@y.test', 'ann@x.test', 'Antwort'))
        self.assertEqual(status, 0)
        seen = self.decrypt(ann, second)
        self.assertEqual(seen['rating'], 6)
        self.assertIn('Subject: Antwort', seen['text'])

        partner = ann.succeed('update_identity', {'address': 'ben@y.test', 'user_id': 'ben', 'username': 'Ben'})[0]
        me = ann.succeed('own_identities_retrieve', OP)[0][0]
        self.assertEqual(seen['fprs'][0], partner['fpr'])
        self.assertEqual(ann.succeed('identity_rating', {'address': 'ben@y.test'}, [''])[0]['rating'], 6)
        words = ann.succeed('get_trustwords', me, partner, 'EN', OP, OP, True)[1]
        theirs = ben.succeed('update_identity', {'address': 'ann@x.test', 'user_id': 'ann', 'username': 'Ann'})[0]
        mine = ben.succeed('own_identities_retrieve', OP)[0][0]
        self.assertEqual(ben.succeed('get_trustwords', mine, theirs, 'EN', OP, OP, True)[1], words)
        self.assertGreater(len(words.split()), 5)

        without_comm_type = {k: v for k, v in partner.items() if k != 'comm_type'}
        message = {'id': '', 'dir': 1, 'longmsg': '', 'from': me, 'to': [{'address': 'ben@y.test'}]}
        for method, rating in (('trust_personal_key', 8), ('key_reset_trust', None), ('key_mistrusted', None)):
            self.assertEqual(ann.call(method, without_comm_type)['return']['status'], 0, method)
            if rating:
                self.assertEqual(ann.succeed('outgoing_message_rating', message, 'O')[0]['rating'], rating)

    def test_messages_as_objects(self):
        ann, ben = self.two()
        src = {'dir': 1, 'id': '2@x.test', 'shortmsg': 'Entwurf', 'from': {'address': 'ann@x.test', 'user_id': OWN_USER},
               'to': [{'address': 'ann@x.test', 'user_id': OWN_USER}]}
        dst = ann.succeed('encrypt_message', src, [], OP, 4, 0)[0]
        self.assertEqual(dst['shortmsg'], 'p≡p')
        opened = ann.succeed('decrypt_message', dict(dst, dir=0, msgId='x'), OP, OP, OP, OP)
        self.assertEqual((opened[1]['rating'], opened[3]['shortmsg']), (8, 'Entwurf'))
        stranger = ben.call('decrypt_message', dict(dst, dir=0, msgId='x'), OP, OP, OP, OP)
        self.assertEqual((stranger['return']['status'], stranger['outParams'][1]['rating']), (0x405, 2))

    def test_the_rest_of_its_calls(self):
        self.ann.start_up(('ann@x.test', 'Ann'))
        fpr = self.ann.succeed('own_identities_retrieve', OP)[0][0]['fpr']
        (languages,) = self.ann.succeed('get_languagelist', OP)
        codes = [line.split('","')[0] for line in languages.split('\n') if line]
        self.assertIn('"de', codes)
        self.assertEqual(self.ann.succeed('blacklist_retrieve', 'O')[0], [])
        self.ann.succeed('blacklist_add', fpr)
        self.assertEqual(self.ann.succeed('blacklist_retrieve', 'O')[0], [fpr])
        self.ann.succeed('blacklist_delete', fpr)
        for passive in (True, False):
            self.assertEqual(self.ann.call('config_passive_mode', passive), {'outParams': [], 'return': None})
        for method in ('stopKeyserverLookup', 'stopKeySync'):
            self.assertEqual(self.ann.call(method), {'outParams': [], 'return': None})
        with self.assertRaises(pep_server.Refused) as refused:  # there is no sync between devices yet
            self.ann.call('deliverHandshakeResult', {'address': 'ann@x.test', 'user_id': OWN_USER}, 0)
        self.assertEqual(refused.exception.code, -32601)

    def test_events_reach_its_listener(self):
        self.ann.start_up(('ann@x.test', 'Ann'))
        for number in range(3):
            self.ann.succeed('testMessageToSend', {'dir': 1, 'shortmsg': 'Grüße %d' % number})
        for number in range(3):
            request = self.ann.listener.received.get(timeout=20 * SLOW)
            self.assertEqual(list(request), ['jsonrpc', 'id', 'security_token', 'method', 'params'])
            self.assertEqual((request['jsonrpc'], request['method']), ('2.0', 'messageToSend'))
            self.assertGreaterEqual(request['id'], 2001)
            self.assertEqual(request['params'], [{'dir': 1, 'shortmsg': 'Grüße %d' % number}])
        self.ann.call('unregisterEventListener', '127.0.0.1', self.ann.listener.port, self.ann.listener.secret)
        self.ann.succeed('testMessageToSend', {'shortmsg': 'nobody hears'})
        with self.assertRaises(queue.Empty):
            self.ann.listener.received.get(timeout=1)

    def test_a_new_token_is_found_and_the_listener_registered_again(self):
        self.ann.start_up(('ann@x.test', 'Ann'))
        before = self.home.token()
        self.ann.connection.close()  # by the client first, so that the port is free at once; it opens another one
        self.end_daemon(before['pid'])
        again = self.ann.run('--start-port', str(before['port']))
        self.assertEqual(again.returncode, 0, again.stderr)
        now = self.home.token()
        self.assertEqual(now['port'], before['port'], 'the old address leads to the new server')
        self.assertNotEqual(now['security_token'], before['security_token'])
        (identities,) = self.ann.succeed('own_identities_retrieve', OP)
        self.assertEqual([i['address'] for i in identities], ['ann@x.test'])
        self.assertEqual(self.ann.starts, 1, 'it did not have to start the server')
        self.ann.succeed('testMessageToSend', {'shortmsg': 'again'})
        self.assertEqual(self.ann.listener.received.get(timeout=20 * SLOW)['params'], [{'shortmsg': 'again'}])

    def test_a_server_that_is_gone_is_started_once(self):
        self.ann.start_up(('ann@x.test', 'Ann'))
        self.end_daemon(self.home.token()['pid'])
        (identities,) = self.ann.succeed('own_identities_retrieve', OP)
        self.assertEqual(len(identities), 1)
        self.assertEqual(self.ann.starts, 2)

    def test_its_end(self):
        self.ann.start_up(('ann@x.test', 'Ann'))
        pid = self.home.token()['pid']
        self.ann.call('unregisterEventListener', '127.0.0.1', self.ann.listener.port, self.ann.listener.secret)
        self.assertEqual(self.ann.call('shutdown'), {'outParams': [], 'return': None})
        pep_server.wait_for(lambda: not pep_server.is_running(pid), 10 * SLOW, 'the end of the server')
        self.assertFalse(os.path.exists(self.home.token_file))


class PythonTools(ServerCase):
    """The original project's own test tools."""

    def start(self):
        log = os.path.join(self.home.root, 'tool.log')
        process = subprocess.Popen(
            [SERVER, '-d', '1', '-l', log], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=self.home.environment())
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdin.close)
        self.home.path = os.path.join(self.home.root, '.pEp')
        # They look for the file every 125 ms, ten times.
        for _ in range(int(10 * SLOW)):
            if os.path.exists(self.home.token_file):
                return process, log
            time.sleep(0.125)
        self.fail('no token file in time')

    def test_find_the_file_and_call(self):
        process, log = self.start()
        data = self.home.token()
        url = 'http://%s:%d%s' % (data.get('address', '127.0.0.1'), data.get('port', 0), data.get('path', '/ja/0.1/'))
        connection = http.client.HTTPConnection(url.split('/')[2], timeout=60)
        self.addCleanup(connection.close)
        identity = {'address': 'ann@x.test', 'user_id': OWN_USER, 'username': 'Ann'}
        for method, params in (('myself', [identity]), ('no', [])):
            body = json.dumps({'jsonrpc': '2.0', 'id': 1001, 'security_token': data['security_token'],
                               'method': method, 'params': params})
            connection.request('POST', data['path'] + 'callFunction', body)
            response = connection.getresponse()
            self.assertEqual(response.status, 200)
            self.assertIn(json.loads(response.read())['id'], (1001, -1))
        self.assertGreater(os.path.getsize(log), 0)
        self.assertIsNone(process.poll())

    def test_a_q_on_standard_input_does_not_end_this_server(self):
        """README.md, decisions: the original read it; here Ctrl-C, SIGTERM and `shutdown` end a server."""
        process, _ = self.start()
        process.stdin.write(b'q\n')
        process.stdin.close()
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        self.assert_answers()
        process.terminate()
        self.assertEqual(process.wait(20), 0)


if __name__ == '__main__':
    server_case.main()
