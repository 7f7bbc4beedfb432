#!/usr/bin/env python3
"""Another user of the machine gets nothing: no answer, no file, no start, no end, and cannot be in the way.

Only root can act as another user, so this is skipped for everybody else.
"""
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import SERVER, ServerCase  # noqa: E402
from unix_door import UnixClient  # noqa: E402

NOBODY = 65534
SLOW = pep_server.SLOWDOWN


def become_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def as_nobody(work):
    """-> what `work` returned in a child of another user, by way of JSON"""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            become_nobody()
            result = work()
        except BaseException as problem:  # all of them are results: a child must not go on as the test
            result = 'failed: %r' % problem
        with os.fdopen(write, 'w') as file:
            json.dump(result, file)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text)


def readable_files(pid, names):
    found = []
    for name in names:
        try:
            with open('/proc/%d/%s' % (pid, name), 'rb') as file:
                file.read(0 if name == 'mem' else 1)
            found.append(name)
        except OSError:
            pass
    return found


def ask(link, data):
    """-> all that comes back"""
    link.settimeout(10 * SLOW)
    answer = b''
    try:
        link.sendall(data)
        while chunk := link.recv(65536):
            answer += chunk
    except OSError:
        pass
    return answer.decode('latin-1')


@unittest.skipUnless(os.getuid() == 0, 'only root can act as another user')
class OtherUser(ServerCase):
    def setUp(self):
        super().setUp()
        # As open as a careless user could have it: what is tested are the server's own rules.
        os.chmod(self.home.root, 0o755)
        os.chmod(self.home.runtime, 0o755)
        self.server = self.serve('--log-level', 'debug')
        self.token = self.home.token()
        client = self.server.client()
        self.assertEqual(client.call('myself', {'identity': {
            'address': 'ann@example.org', 'user_id': 'pEp_own_userId', 'username': 'Ann'}}).status, 0)
        client.close()

    def requests(self, host):
        authorization = 'Authorization: Bearer ' + self.token['security_token']
        body = '{"jsonrpc":"2.0","id":1,"method":"version"}'
        legacy = '{"jsonrpc":"2.0","id":1,"method":"version","params":[],"security_token":"%s"}' % self.token['security_token']
        for line, fields, content in (
                ('GET /prove?nonce=nnnnnnnnnnnnnnnnnnnnnnnn', '', ''), ('GET /', '', ''), ('GET /openrpc.json', '', ''),
                ('GET /events', authorization + '\r\n', ''), ('POST /rpc', authorization + '\r\n', body),
                ('POST /ja/0.1/callFunction', '', legacy), ('POST /redeem', '', '{"code":"x"}')):
            yield ('%s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\n\r\n%s' % (
                line, host, fields, len(content), content)).encode()

    def assert_turned_away(self, answers):
        for answer in answers:
            self.assertTrue(answer == '' or answer.startswith('HTTP/1.1 403'), answer[:200])
            if answer:
                error = json.loads(answer.partition('\r\n\r\n')[2])['error']
                self.assertEqual((error['code'], error['data']['reason']), (-32002, 'other_user'))
            for secret in (self.token['security_token'], self.token['epoch'], '"result"', 'openrpc'):
                self.assertNotIn(secret, answer)
        self.assert_answers()

    def test_gets_no_answer_at_the_port(self):
        def work():
            answers = []
            for data in self.requests('127.0.0.1:%d' % self.token['port']):
                with socket.create_connection(('127.0.0.1', self.token['port'])) as link:
                    answers.append(ask(link, data))
            return answers
        self.assert_turned_away(as_nobody(work))

    def test_does_not_reach_the_unix_socket(self):
        def connect():
            with socket.socket(socket.AF_UNIX) as link:
                link.connect(self.token['socket'])
        self.assertIn('PermissionError', as_nobody(connect))

    def test_gets_no_answer_at_a_unix_socket_that_was_left_open_to_all(self):
        os.chmod(os.path.dirname(self.token['socket']), 0o755)
        os.chmod(self.token['socket'], 0o666)

        def work():
            answers = []
            for data in self.requests('x'):
                with socket.socket(socket.AF_UNIX) as link:
                    link.connect(self.token['socket'])
                    answers.append(ask(link, data))
            return answers
        self.assert_turned_away(as_nobody(work))
        client = UnixClient(self.token)
        self.assertTrue(client.prove())
        client.close()

    def test_cannot_take_the_places_of_others(self):
        """More connections than the server has room for."""
        server = self.serve('--limit', 'connections=50', home=self.another_home())
        token = server.home.token()
        stop_read, stop_write = os.pipe()
        ready_read, ready_write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                become_nobody()
                links = []
                for _ in range(200):
                    links.append(socket.create_connection(('127.0.0.1', token['port'])))
                    try:
                        links[-1].send(b'G')
                    except OSError:
                        pass  # turned away already
            finally:
                os.write(ready_write, b'x')
                os.close(stop_write)
                os.read(stop_read, 1)
                os._exit(0)
        try:
            os.read(ready_read, 1)
            clients = [pep_server.Client(token) for _ in range(20)]
            for client in clients:
                client.call('ping')
            for client in clients:
                client.close()
        finally:
            for number in (stop_read, stop_write, ready_read, ready_write):
                os.close(number)
            os.waitpid(child, 0)

    def another_home(self):
        home = pep_server.Home()
        self.addCleanup(home.remove)
        return home

    def test_reads_no_file_and_nothing_of_the_process(self):
        paths = [os.path.join(folder, name) for top in (self.home.path, os.path.dirname(self.token['socket']))
                 for folder, _, names in os.walk(top) for name in names]
        self.assertGreater(len(paths), 3)
        proc = '/proc/%d/' % self.server.process.pid
        paths += [self.home.path, os.path.dirname(self.token['socket'])]
        paths += [proc + name for name in ('environ', 'mem', 'maps', 'fd', 'exe', 'cwd', 'stack', 'auxv')]

        def work():
            read = []
            for path in paths:
                try:
                    if os.path.islink(path):
                        os.readlink(path)
                    elif stat.S_ISDIR(os.lstat(path).st_mode):
                        os.listdir(path)
                    else:
                        with open(path, 'rb') as file:
                            file.read(1)
                    read.append(path)
                except OSError:
                    pass
            with open(proc + 'cmdline', encoding='utf-8') as file:  # this one is everybody's
                return [read, file.read()]
        read, arguments = as_nobody(work)
        self.assertEqual(read, [])
        self.assertIn('--home', arguments)
        self.assertNotIn(self.token['security_token'], arguments)

    def test_neither_starts_nor_replaces_a_server_at_this_home(self):
        before = self.state()
        for options in ((), ('-d',), ('--replace',), ('--replace', '-d'), ('--open',)):
            with self.subTest(options=options):
                started = self.as_another_user(*options, '--home', self.home.path)
                self.assertEqual(started.returncode, 1, started.stdout)
                self.assertRegex(started.stderr, 'another user|[Pp]ermission')
                self.assertNotIn(str(self.token['port']), started.stdout + started.stderr)
        self.assertIsNone(self.server.process.poll())
        self.assertEqual(self.state(), before)
        self.assert_answers()

    def state(self):
        return {name: os.lstat(os.path.join(self.home.path, name)).st_mtime_ns for name in ('json-token', 'lock')}

    def as_another_user(self, *arguments, **environment):
        try:
            return subprocess.run(
                [SERVER, *arguments], user=NOBODY, group=NOBODY, extra_groups=[], stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=60, check=False, cwd='/',
                env={'PATH': os.environ['PATH'], 'HOME': '/nonexistent', **environment})
        except PermissionError:
            return self.skipTest('another user may not run ' + SERVER)

    def test_has_a_server_of_his_own_beside_ours(self):
        place = tempfile.mkdtemp(prefix='pep-test-')
        self.addCleanup(subprocess.run, ['rm', '-rf', place], check=False)
        os.chown(place, NOBODY, NOBODY)
        started = self.as_another_user('--home', os.path.join(place, 'pEp'), HOME=place, ASAN_OPTIONS='detect_leaks=0')
        self.assertEqual(started.returncode, 0, started.stderr)
        with open(os.path.join(place, 'pEp', 'json-token'), encoding='utf-8') as file:
            theirs = json.load(file)
        try:
            self.assertNotEqual(theirs['port'], self.token['port'])
            # root is another user to his server, with the right token as well
            client = pep_server.Client(theirs)
            with self.assertRaises((pep_server.Refused, OSError, pep_server.http.client.HTTPException)) as refusal:
                client.call('version')
            client.close()
            if isinstance(refusal.exception, pep_server.Refused):
                self.assertEqual(refusal.exception.http_status, 403)
            # … and no program of his, such as a debugger, looks into it
            readable = as_nobody(lambda: readable_files(theirs['pid'], ('cmdline', 'mem', 'environ', 'maps', 'auxv')))
            self.assertEqual(readable, ['cmdline'])
        finally:
            self.end_daemon(theirs['pid'], signal.SIGKILL)
        self.assert_answers()

    def test_cannot_prepare_a_trap_in_a_shared_runtime_directory(self):
        """Where XDG_RUNTIME_DIR is everybody's, like /tmp, the folder in it may be somebody else's."""
        shared = tempfile.mkdtemp(prefix='pep-test-')
        self.addCleanup(subprocess.run, ['rm', '-rf', shared], check=False)
        os.chmod(shared, 0o1777)
        trap = os.path.join(shared, 'pep-json-server')
        home = self.another_home()
        for make in (lambda: os.mkdir(trap, 0o777), lambda: os.symlink('/tmp', trap)):
            as_nobody(make)
            server = self.serve(home=home, environment=home.environment(leaks=True, XDG_RUNTIME_DIR=shared))
            self.assertNotIn('socket', home.token())
            self.assert_answers(home.token())
            self.assertEqual(os.listdir(trap) if not os.path.islink(trap) else [], [])
            self.assertEqual(server.stop()[0], 0, server.log_text())
            if os.path.islink(trap):
                os.unlink(trap)
            else:
                os.rmdir(trap)

    def test_cannot_signal_it(self):
        def work():
            os.kill(self.server.process.pid, signal.SIGTERM)
        self.assertIn('PermissionError', as_nobody(work))


if __name__ == '__main__':
    server_case.main()
