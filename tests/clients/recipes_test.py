#!/usr/bin/env python3
"""The client recipes: each finds, starts and proves the server, and gives the token to nobody else."""
import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402

DONE, FAILED, NO_SERVER, NOT_TRUSTED = 0, 1, 3, 4
TOKEN = 'T' * 43
MARK = 'planted-words'
CALL = ('find_keys', json.dumps({'pattern': MARK}))
NO_KEYS = {'status': 0, 'hex': '0 "PEP_STATUS_OK"'}


def proof(token, endpoint, request, epoch='E'):
    """The body of a true answer to /prove."""
    nonce = re.match(rb'GET /prove\?nonce=([\w-]{16,128}) HTTP/1\.1\r\n', request)[1].decode()
    text = '\n'.join(('pep-json-server/1', nonce, endpoint, epoch))
    mac = base64.urlsafe_b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha256)).rstrip(b'=')
    return json.dumps({'proof': mac.decode(), 'epoch': epoch}).encode()


def reply(body, status=b'200 OK', *fields):
    return b'\r\n'.join((b'HTTP/1.1 ' + status, b'Content-Length: %d' % len(body), *fields, b'', body))


class Listener:
    """A program at a port. It notes all it hears; `answer(request)` -> bytes to send, or None to hang up."""

    def __init__(self, answer):
        self.answer = answer
        self.heard = []
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        self.endpoint = '127.0.0.1:%d' % self.port
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                link = self.socket.accept()[0]
            except OSError:
                return  # closed
            threading.Thread(target=self.talk, args=(link,), daemon=True).start()

    def talk(self, link):
        with link:
            link.settimeout(20)
            try:
                while request := self.request(link):
                    answer = self.answer(request)
                    if answer is None:
                        return
                    link.sendall(answer)
                    if b'Connection: close' in answer[:500]:
                        return
            except OSError:
                pass  # the client has heard enough

    def request(self, link):
        data = b''
        while b'\r\n\r\n' not in data:
            piece = link.recv(65536)
            if not piece:
                return None
            data += piece
        size = re.search(rb'\r\ncontent-length: *(\d+)\r\n', data, re.IGNORECASE)
        while size and len(data) < data.index(b'\r\n\r\n') + 4 + int(size[1]):
            data += link.recv(65536)
        self.heard.append(data)
        return data

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Recipe(server_case.ServerCase):
    """Its subclasses run these tests with one recipe each."""
    command = None
    file = ''

    def setUp(self):
        super().setUp()
        if self.command is None:
            self.skipTest(self.__doc__)
        os.mkdir(self.home.path, 0o700)

    def end_all(self):
        # A made-up file may name a process of somebody else.
        try:
            if self.home.token().get('epoch') == 'E':
                os.remove(self.home.token_file)
        except (OSError, ValueError, AttributeError):
            pass
        super().end_all()

    def run_recipe(self, *words, server=server_case.SERVER, **environment):
        # Where a daemon may be started nobody can look for leaks.
        everything = self.home.environment(leaks=server not in (server_case.SERVER, None), PEP_SERVER=server,
                                           **{'PEPHOME': self.home.path, **environment})
        done = subprocess.run(
            [*self.command, *words], capture_output=True, text=True, timeout=60 * pep_server.SLOWDOWN, check=False,
            stdin=subprocess.DEVNULL, env={name: value for name, value in everything.items() if value is not None})
        self.assertNotIn(TOKEN, done.stdout + done.stderr)
        return done

    def assert_ends(self, code, *words, **more):
        done = self.run_recipe(*words, **more)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        if code != DONE:
            self.assertEqual(done.stdout, '')
        return done

    def result(self, *words, **more):
        return json.loads(self.assert_ends(DONE, *words, **more).stdout)

    def listen(self, answer):
        listener = Listener(answer)
        self.addCleanup(listener.close)
        return listener

    def write_file(self, content, mode=0o600):
        """Replaces the token file. Text is written as it is."""
        if os.path.lexists(self.home.token_file):
            os.remove(self.home.token_file)
        with open(self.home.token_file, 'w', encoding='utf-8') as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        os.chmod(self.home.token_file, mode)

    def content(self, port, **changes):
        return {'address': '127.0.0.1', 'port': port, 'path': '/ja/0.1/', 'security_token': TOKEN, 'rpc_path': '/rpc',
                'pid': 1, 'epoch': 'E', **changes}

    def test_calls_a_running_server(self):
        self.serve()
        self.assertRegex(self.result(), r'\A3\.3')
        self.assertEqual(self.result(*CALL), NO_KEYS)
        self.assertEqual(self.result('find_keys', json.dumps({'pattern': 'x' * 100_000})), NO_KEYS)
        self.assert_ends(FAILED, 'find_keys', '{"pattern":5}')
        self.assert_ends(FAILED, 'no_such_function', '{}')

    def test_speaks_ipv6(self):
        try:
            socket.create_server(('::1', 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest('this system has no ::1')
        self.serve('--address', '::1')
        self.assertEqual(self.result(*CALL, server='/nonexistent'), NO_KEYS)

    def test_starts_a_server_where_none_runs(self):
        self.assertEqual(self.result(*CALL), NO_KEYS)
        token = self.home.token()
        for name in ('cmdline', 'environ'):
            try:
                with open('/proc/%d/%s' % (token['pid'], name), 'rb') as file:
                    self.assertNotIn(token['security_token'].encode(), file.read())
            except PermissionError:
                pass  # the daemon lets nobody look, which is as good
        self.assertEqual(self.result(*CALL), NO_KEYS)
        self.assertEqual(self.home.token(), token, 'the second call found the server of the first')

    def test_finds_the_server_to_start_by_path(self):
        programs = os.path.join(self.home.root, 'bin')
        os.mkdir(programs)
        os.symlink(server_case.SERVER, os.path.join(programs, 'pep-json-server'))
        self.home.path = os.path.join(self.home.root, '.pEp')  # the default place, not made yet
        path = programs + ':' + os.environ['PATH']
        self.assertEqual(self.result(*CALL, server=None, PEPHOME=None, PATH=path), NO_KEYS)
        self.assertEqual(self.result(*CALL, server='/nonexistent', PEPHOME=''), NO_KEYS, 'empty counts as unset')
        self.assertTrue(pep_server.is_running(self.home.token()['pid']))

    def test_starts_a_server_in_place_of_a_killed_one(self):
        killed = self.serve()
        killed.stop(signal.SIGKILL)
        self.assert_ends(NO_SERVER, *CALL, server='/nonexistent')
        self.assertEqual(self.result(*CALL), NO_KEYS)
        self.assertNotEqual(self.home.token()['pid'], killed.process.pid)

    def test_tells_a_squatter_nothing(self):
        answers = {
            'not found': lambda request: reply(b'', b'404 Not Found'),
            'a constant': lambda request: reply(b'{"proof":"%s","epoch":"E"}' % (b'A' * 43)),
            'empty': lambda request: reply(b'{"proof":"","epoch":""}'),
            'of the wrong types': lambda request: reply(b'{"proof":null,"epoch":7}'),
            'no object': lambda request: reply(b'[]'),
            'no JSON': lambda request: reply(b'<html>%s</html>' % (b'x' * 1000)),
            'deep': lambda request: reply(b'[' * 100_000),
            'a redirection': lambda request: reply(b'', b'307 Look there', b'Location: /prove'),
            'of another token': lambda request: reply(proof('U' * 43, squatter.endpoint, request)),
            'of another port': lambda request: reply(proof(TOKEN, '127.0.0.1:1', request)),
            'of another nonce': lambda request: reply(proof(TOKEN, squatter.endpoint, b'GET /prove?nonce=' + b'n' * 32 +
                                                            b' HTTP/1.1\r\n')),
            'without end': lambda request: b'HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n' + b' ' * 1_000_000,
        }
        for name, answer in answers.items():
            with self.subTest(proof=name):
                squatter = self.listen(answer)
                self.write_file(self.content(squatter.port))
                self.assert_ends(NOT_TRUSTED, *CALL, server='/nonexistent')
                self.assert_learnt_nothing(squatter)
        for name, answer in (('hangs up', lambda request: None), ('no HTTP', lambda request: b'SSH-2.0-x\r\n\r\n')):
            with self.subTest(proof=name):
                squatter = self.listen(answer)
                self.write_file(self.content(squatter.port))
                self.assertIn(self.run_recipe(*CALL, server='/nonexistent').returncode, (NO_SERVER, NOT_TRUSTED))
                self.assert_learnt_nothing(squatter)

    def assert_learnt_nothing(self, listener):
        self.assertGreater(len(listener.heard), 0, 'it was never asked')
        for request in listener.heard:
            self.assertTrue(request.startswith(b'GET /prove?nonce='), request)
            self.assertNotIn(TOKEN.encode(), request)
            self.assertNotIn(MARK.encode(), request)

    def test_starts_a_server_beside_a_squatter(self):
        squatter = self.listen(lambda request: reply(b'{}'))
        self.write_file(self.content(squatter.port))
        self.assertEqual(self.result(*CALL), NO_KEYS)
        self.assertNotEqual(self.home.token()['port'], squatter.port)
        self.assert_learnt_nothing(squatter)

    def test_is_not_deceived_by_one_who_passes_the_question_on(self):
        self.serve()
        true = self.home.token()

        def relay(request):
            client = pep_server.Client(true)
            body = client.exchange('GET', request.split(b' ')[1].decode())[2]
            client.close()
            return reply(body)
        squatter = self.listen(relay)
        self.write_file({**true, 'port': squatter.port})
        self.assert_ends(NOT_TRUSTED, *CALL, server='/nonexistent')
        self.assertNotIn(true['security_token'].encode(), b''.join(squatter.heard))
        self.write_file(true)

    def test_gives_the_token_to_no_second_connection(self):
        # The true server ends right after its proof; whoever takes the port then has proven nothing.
        leaver = self.listen(lambda request: reply(proof(TOKEN, leaver.endpoint, request), b'200 OK',
                                                   b'Connection: close'))
        self.write_file(self.content(leaver.port))
        self.assert_ends(NO_SERVER, *CALL, server='/nonexistent')
        self.assert_learnt_nothing(leaver)

    def test_does_not_repeat_a_call_that_may_have_been_done(self):
        leaver = self.listen(lambda request: reply(proof(TOKEN, leaver.endpoint, request)) if request[:3] == b'GET'
                             else None)
        self.write_file(self.content(leaver.port))
        self.assert_ends(NO_SERVER, *CALL)
        self.assertEqual([request[:4] for request in leaver.heard], [b'GET ', b'POST'])

    def test_reads_the_file_again_when_the_token_has_changed(self):
        self.serve()
        true = self.home.token()

        def answer(request):
            if request.startswith(b'GET'):
                return reply(proof(TOKEN, old.endpoint, request))
            self.write_file(true)
            return reply(b'{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Unauthorized"}}',
                         b'401 Unauthorized')
        old = self.listen(answer)
        self.write_file(self.content(old.port))
        self.assertEqual(self.result(*CALL, server='/nonexistent'), NO_KEYS)
        self.assertEqual([request[:4] for request in old.heard], [b'GET ', b'POST'])

    def test_reads_it_again_once_only(self):
        strict = self.listen(lambda request: reply(proof(TOKEN, strict.endpoint, request)) if request[:3] == b'GET'
                             else reply(b'{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Unauthorized"}}',
                                        b'401 Unauthorized'))
        self.write_file(self.content(strict.port))
        self.assert_ends(NOT_TRUSTED, *CALL)
        self.assertEqual([request[:4] for request in strict.heard], [b'GET ', b'POST'] * 2)

    def test_trusts_no_file_others_could_have_written(self):
        mark = os.path.join(self.home.root, 'started')
        starter = os.path.join(self.home.root, 'starter')
        with open(starter, 'w', encoding='ascii') as file:
            file.write('#!/bin/sh\ntouch %s\n' % mark)
        os.chmod(starter, 0o700)
        honest = self.listen(lambda request: reply(proof(TOKEN, honest.endpoint, request)))
        good = self.content(honest.port)
        text = json.dumps(good)

        def instead(make):
            self.write_file(good)
            os.rename(self.home.token_file, self.home.token_file + '-true')
            make(self.home.token_file)
        rows = {
            'for all to read': lambda: self.write_file(good, 0o644),
            'for the group to write': lambda: self.write_file(good, 0o620),
            'symlink': lambda: instead(lambda path: os.symlink(path + '-true', path)),
            'symlink to nothing': lambda: instead(lambda path: os.symlink(path + '-false', path)),
            'FIFO': lambda: instead(lambda path: os.mkfifo(path, 0o600)),
            'folder': lambda: instead(lambda path: os.mkdir(path, 0o700)),
            'empty': lambda: self.write_file(''), '1 MB of blanks': lambda: self.write_file(' ' * 1_000_000 + text),
            '1 MB of rubbish': lambda: self.write_file('x' * 1_000_000), 'deep': lambda: self.write_file('[' * 15_000),
            'cut': lambda: self.write_file(text[:len(text) // 3]), 'no object': lambda: self.write_file('[]'),
            'quotes missing': lambda: self.write_file(text.replace('"', '')),
        }
        for port in (0, honest.port + 65536, -1, 1.5, str(honest.port), True):
            rows['port %r' % (port,)] = lambda port=port: self.write_file({**good, 'port': port})
        for address in ('192.0.2.1', 'localhost', 2130706433):
            rows['address %r' % (address,)] = lambda address=address: self.write_file({**good, 'address': address})
        for token in ('', None, 'T\r\nX-Injected: y'):
            rows['token %r' % (token,)] = lambda token=token: self.write_file({**good, 'security_token': token})
        if os.getuid() == 0:
            rows['of another user'] = lambda: (self.write_file(good), os.chown(self.home.token_file, 65534, 65534))
        else:
            print('not tried: a file of another user, since only root can make one')
        rows['folder of all'] = lambda: (self.write_file(good), os.chmod(self.home.path, 0o777))
        for name, make in rows.items():
            with self.subTest(file=name):
                make()
                self.assert_ends(NOT_TRUSTED, *CALL, server=starter)
                path = self.home.token_file
                (os.rmdir if os.path.isdir(path) else os.remove)(path)
        self.assertEqual(honest.heard, [])
        self.assertFalse(os.path.exists(mark), 'a server was started')
        os.chmod(self.home.path, 0o700)

    def test_is_short(self):
        with open(os.path.join(HERE, self.file), encoding='utf-8') as file:
            lines = file.read().splitlines()
        self.assertLess(len(lines), 80)
        self.assertLessEqual(max(map(len, lines)), 120, 'lines, not scrolls')


class C(Recipe):
    """no C compiler, or no headers of OpenSSL"""
    file = 'recipe.c'

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix='pep-test-')
        cls.addClassCleanup(shutil.rmtree, folder)
        compiler = shutil.which('cc')
        probe = [compiler, '-E', '-include', 'openssl/hmac.h', '-xc', os.devnull]
        if not compiler or subprocess.run(probe, capture_output=True, check=False).returncode != 0:
            return
        program = os.path.join(folder, 'recipe')
        sanitize = ['-fsanitize=address,undefined'] if 'address' in os.environ.get('PEP_SANITIZE', '') else []
        subprocess.run([compiler, '-std=c11', '-Wall', '-Wextra', '-Werror', '-O1', '-g', *sanitize,
                        os.path.join(HERE, cls.file), '-o', program, '-lcrypto'], check=True, timeout=120)
        cls.command = [program]


class JavaScript(Recipe):
    """node is not installed"""
    file = 'recipe.mjs'
    command = [shutil.which('node'), os.path.join(HERE, file)] if shutil.which('node') else None


class Python(Recipe):
    """(Python runs this test)"""
    file = 'recipe.py'
    command = [sys.executable, '-B', os.path.join(HERE, file)]


def load_tests(loader, _tests, _pattern):
    """The frame itself is no test."""
    return unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in (C, JavaScript, Python))


if __name__ == '__main__':
    server_case.main()
