#!/usr/bin/env python3
"""pep-rpc tells secrets to nobody but the server that wrote the token file."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import signal
import sys
import threading
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pep_rpc_case import UNREACHABLE, UNTRUSTED, PepRpcCase  # noqa: E402
import server_case  # noqa: E402

TOKEN = 'T' * 43
SECRET = 'geheim-4711'


class Squatter:
    """A program on the port of a server that ended. It notes every byte of every request it gets."""

    def __init__(self, prove=None):
        """`prove(nonce, endpoint)` -> body of its answer to /prove, or None for 404."""
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                self.note()
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
                answer = prove and prove(query.get('nonce', [''])[0], '127.0.0.1:%d' % outer.port)
                self.answer(200 if answer is not None else 404, answer or b'{}')

            def do_POST(self):
                self.note(self.rfile.read(int(self.headers.get('Content-Length', 0))))
                self.answer(*outer.reply())

            def note(self, body=b''):
                outer.requests.append((self.requestline + '\n' + str(self.headers)).encode() + body)

            def answer(self, status, body):
                self.send_response(status)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass  # the client has heard enough

            def log_message(self, format, *args):  # pylint: disable=redefined-builtin
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def reply(self):
        return 200, b'{"jsonrpc":"2.0","id":1,"result":{"return":"squatted","out":{}}}'

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def honest(token):
    def prove(nonce, endpoint):
        message = '\n'.join(['pep-json-server/1', nonce, endpoint, 'E'])
        proof = base64.urlsafe_b64encode(hmac.digest(token.encode(), message.encode(), hashlib.sha256))
        return json.dumps({'proof': proof.rstrip(b'=').decode(), 'epoch': 'E'}).encode()
    return prove


class TrustCase(PepRpcCase):
    def squat(self, prove=None, squatter=Squatter):
        """A squatter, and a stale token file that leads to it."""
        made = squatter(prove)
        self.addCleanup(made.close)
        os.makedirs(self.home.path, 0o700, exist_ok=True)
        self.write_token_file({'address': '127.0.0.1', 'port': made.port, 'path': '/ja/0.1/', 'security_token': TOKEN,
                               'rpc_path': '/rpc', 'pid': 1, 'epoch': 'E'})
        return made

    def write_token_file(self, content, mode=0o600):
        with open(self.home.token_file, 'w', encoding='utf-8') as file:
            json.dump(content, file)
        os.chmod(self.home.token_file, mode)

    def end_all(self):
        # The pid in a made-up token file is nobody's to end.
        try:
            if self.home.token()['pid'] == 1:
                os.remove(self.home.token_file)
        except (OSError, ValueError, KeyError):
            pass
        super().end_all()

    def assert_learnt_nothing(self, squatter):
        self.assertGreater(len(squatter.requests), 0, 'it was never asked')
        for request in squatter.requests:
            self.assertTrue(request.startswith(b'GET /prove?nonce='), request)
            self.assertNotIn(TOKEN.encode(), request)
            self.assertNotIn(SECRET.encode(), request)


class WrongProofs(TrustCase):
    PROOFS = {
        'none': None,
        'empty': lambda nonce, endpoint: b'{}',
        'no JSON': lambda nonce, endpoint: b'<html>',
        'a constant': lambda nonce, endpoint: b'{"proof":"AAAA","epoch":"E"}',
        'of the wrong type': lambda nonce, endpoint: b'{"proof":null,"epoch":7}',
        'the nonce itself': lambda nonce, endpoint: json.dumps({'proof': nonce, 'epoch': 'E'}).encode(),
        'with another token': honest('U' * 43),
        'of another port': lambda nonce, endpoint: honest(TOKEN)(nonce, '127.0.0.1:1'),
        'of another nonce': lambda nonce, endpoint: honest(TOKEN)('A' * 32, endpoint),
        'far too long': lambda nonce, endpoint: b' ' * 1_000_000 + honest(TOKEN)(nonce, endpoint),
        'deep': lambda nonce, endpoint: b'[' * 4000,
    }

    def test_get_neither_token_nor_parameters(self):
        for name, prove in self.PROOFS.items():
            with self.subTest(proof=name):
                squatter = self.squat(prove)
                done = self.rpc('--no-start', 'config_passphrase', 'passphrase=@-', stdin=SECRET)
                self.assertEqual(done.stdout, '')
                # Somebody who does not speak the protocol at all may as well be taken for nobody.
                self.assertEqual(done.returncode, UNREACHABLE if name == 'far too long' else UNTRUSTED)
                self.assert_learnt_nothing(squatter)

    def test_are_what_makes_the_difference(self):
        squatter = self.squat(honest(TOKEN))  # this one knows the token, so it may hear it
        self.assertEqual(self.line('--no-start', 'version', '--return'), 'squatted')
        self.assertIn(TOKEN.encode(), squatter.requests[-1])

    def test_make_it_start_a_server_of_its_own(self):
        squatter = self.squat()
        result = self.result('config_passphrase', 'passphrase=@-', stdin=SECRET)
        self.assertEqual(result['return']['status'], 0)
        self.assertNotEqual(self.home.token()['port'], squatter.port)
        self.assert_learnt_nothing(squatter)

    def test_of_a_stale_file_after_a_kill(self):
        pid = self.result('status')['return']['pid']
        token = self.home.token()
        self.end_daemon(pid, signal.SIGKILL)
        squatter = self.squat()
        self.write_token_file({**token, 'port': squatter.port})
        self.refused(UNTRUSTED, '--no-start', 'config_passphrase', 'passphrase=@-', stdin=SECRET)
        for request in squatter.requests:
            self.assertNotIn(token['security_token'].encode(), request)
        self.assert_learnt_nothing(squatter)


class RestartedServer(Squatter):
    """Proves itself, then refuses the token as a server does that was given a new one."""

    def reply(self):
        return 401, b'{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Unauthorized"}}'


class ChangedToken(TrustCase):
    def test_is_read_again_once_and_the_call_repeated(self):
        old = self.squat(honest(TOKEN), RestartedServer)
        new = Squatter(honest('N' * 43))
        self.addCleanup(new.close)
        original = old.reply

        def reply_and_move():
            self.write_token_file({'address': '127.0.0.1', 'port': new.port, 'security_token': 'N' * 43, 'pid': 1})
            return original()
        old.reply = reply_and_move
        self.assertEqual(self.line('--no-start', 'version', '--return'), 'squatted')
        self.assertEqual([r.split()[0] for r in new.requests], [b'GET', b'POST'])
        self.assertNotIn(TOKEN.encode(), b''.join(new.requests))

    def test_that_stays_wrong_is_told_after_two_calls(self):
        squatter = self.squat(honest(TOKEN), RestartedServer)
        self.assertIn('Unauthorized', self.refused(5, '--no-start', 'version'))
        self.assertEqual([r.split()[0] for r in squatter.requests], [b'GET', b'POST'] * 2)


class BrokenRules(TrustCase):
    def test_of_the_token_file_end_with_4_and_start_nothing(self):
        squatter = self.squat(honest(TOKEN))
        good = self.home.token()
        for name, content, mode in (('readable by others', good, 0o644), ('writable by the group', good, 0o620),
                                    ('far away', {**good, 'address': '192.0.2.1'}, 0o600),
                                    ('a name', {**good, 'address': 'localhost'}, 0o600),
                                    ('without token', {**good, 'security_token': ''}, 0o600)):
            with self.subTest(file=name):
                self.write_token_file(content, mode)
                self.assertIn('cannot be trusted', self.refused(UNTRUSTED, 'version'))
        self.assertEqual(squatter.requests, [])
        self.assertFalse(os.path.exists(os.path.join(self.home.path, 'lock')), 'a server was started')

    def test_symlinks_and_open_homes_are_refused(self):
        self.squat(honest(TOKEN))
        other = os.path.join(self.home.path, 'other')
        os.rename(self.home.token_file, other)
        os.symlink(other, self.home.token_file)
        self.assertIn('symlink', self.refused(UNTRUSTED, 'version'))
        os.remove(self.home.token_file)
        os.rename(other, self.home.token_file)
        os.chmod(self.home.path, 0o777)
        self.assertIn('others can write', self.refused(UNTRUSTED, 'version'))


class Secrets(TrustCase):
    @unittest.skipUnless(os.path.isdir('/proc/self'), 'needs /proc')
    def test_are_in_no_argument_and_no_environment_of_the_server_it_starts(self):
        self.result('config_passphrase', 'passphrase=@-', stdin=SECRET)
        token = self.home.token()
        for name in ('cmdline', 'environ'):
            try:
                with open('/proc/%d/%s' % (token['pid'], name), 'rb') as file:
                    content = file.read()
            except PermissionError:
                continue  # the daemon lets nobody look, which is as good
            self.assertNotIn(token['security_token'].encode(), content)
            self.assertNotIn(SECRET.encode(), content)


if __name__ == '__main__':
    server_case.main()
