#!/usr/bin/env python3
"""Starting again: many at once, callable in the next system call, and whatever an earlier life left behind."""
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import PLAIN_SERVER, SERVER, ServerCase  # noqa: E402
from unix_door import UnixClient  # noqa: E402

PARALLEL = 50
OWN = {'address': 'ann@example.org', 'user_id': 'pEp_own_userId', 'username': 'Ann'}


class ParallelStarts(ServerCase):
    def test_fifty_make_one_process_and_all_name_it(self):
        starts = [subprocess.Popen([SERVER, '--home', self.home.path], env=self.home.environment(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True) for _ in range(PARALLEL)]
        outputs = [start.communicate(timeout=60 * pep_server.SLOWDOWN) for start in starts]
        self.assertEqual([start.returncode for start in starts], [0] * PARALLEL, outputs)
        url = 'http://%(address)s:%(port)d/' % self.home.token()
        told = [output.strip() for output, _ in outputs]
        self.assertEqual([line for line in told if url not in line], [])
        self.assertEqual(len([line for line in told if not line.startswith('already')]), 1, told)
        self.assert_answers()
        self.wait_for_one_process()

    def test_while_the_last_one_stops_make_one_process(self):
        """The lock comes free, or the token file goes, at any moment of theirs."""
        for _ in range(3):
            server = self.serve()
            starts = []
            for number in range(8):
                if number == 3:
                    server.process.send_signal(signal.SIGTERM)
                starts.append(subprocess.Popen(
                    [SERVER, '--home', self.home.path], env=self.home.environment(), stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
            outputs = [start.communicate(timeout=60 * pep_server.SLOWDOWN) for start in starts]
            self.assertEqual([start.returncode for start in starts], [0] * len(starts), outputs)
            self.assertEqual(server.process.wait(20), 0)
            # Some may have met the old one before it stopped, but one of them serves now.
            self.assert_answers()
            self.wait_for_one_process()
            self.end_daemon(self.home.token()['pid'])


class Callable(ServerCase):
    """When the start command has ended, nothing is left to wait for: no retry, not even a pause.

    The program without sanitizers leaves less time between its steps.
    """

    ROUNDS = 20
    binary = PLAIN_SERVER if os.path.exists(PLAIN_SERVER) else SERVER

    def free_port(self):
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            return probe.getsockname()[1]

    def start_and_connect(self, link, address, *options):
        """The system call after the one that tells of the command's end is the connect."""
        command = subprocess.Popen(
            [self.binary, '--home', self.home.path, *options], env=self.home.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status = os.waitpid(command.pid, 0)
        link.connect(address)
        command.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(command.returncode, 0)

    def assert_serves_on(self, link, client):
        link.settimeout(30)
        client.connection.sock = link
        self.assertTrue(client.prove())
        client.call('ping')
        self.assertEqual(client.call('set_identity', {'identity': {
            'address': 'b@example.org', 'user_id': 'B', 'username': 'B'}}).status, 0)
        client.close()

    def test_at_the_port(self):
        for _ in range(self.ROUNDS):
            port = self.free_port()
            link = socket.socket()
            self.start_and_connect(link, ('127.0.0.1', port), '--start-port', str(port))
            self.assert_serves_on(link, pep_server.Client(self.home.token()))
            self.end_daemon(self.home.token()['pid'])

    def test_at_the_unix_socket(self):
        self.daemonise()
        path = self.home.token()['socket']
        for _ in range(self.ROUNDS):
            self.end_daemon(self.home.token()['pid'])
            link = socket.socket(socket.AF_UNIX)
            self.start_and_connect(link, path)
            self.assertEqual(self.home.token()['socket'], path)
            self.assert_serves_on(link, UnixClient(self.home.token()))

    def test_when_it_says_so(self):
        """With -d nobody forks: the line on standard output is the sign."""
        for _ in range(self.ROUNDS):
            with subprocess.Popen([self.binary, '-d', '-l', os.devnull, '--home', self.home.path], text=True,
                                  env=self.home.environment(), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE) as process:
                try:
                    self.assertIn('serving at', process.stdout.readline())
                    client = pep_server.Client(self.home.token())
                    self.assertTrue(client.prove())
                    client.call('ping')
                    client.close()
                finally:
                    process.terminate()
                self.assertEqual(process.wait(20), 0)


class Leftovers(ServerCase):
    """A home is served whatever lies in it, or the command says what is in the way and how to mend it."""

    def put(self, name, content):
        os.makedirs(self.home.path, 0o700, exist_ok=True)
        path = os.path.join(self.home.path, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'wb') as file:
            file.write(content)
        return path

    def assert_starts(self, *options):
        started = self.daemonise(*options)
        self.assertEqual(started.returncode, 0, started.stderr)
        self.assertTrue(started.stdout.startswith('serving at'), started.stdout)
        client = pep_server.Client(self.home.token())
        self.assertTrue(client.prove())
        client.call('ping')
        client.close()
        with open(os.path.join(self.home.path, 'lock'), encoding='ascii') as file:
            words = file.read().split()
        self.assertEqual(words[:2], [str(self.home.token()['pid']), self.home.token()['epoch']])

    def assert_refused(self, *words):
        started = self.daemonise()
        self.assertEqual(started.returncode, 1, started.stdout)
        for word in words:
            self.assertIn(word, started.stderr)
        # The child tells its parent why, and then it ends.
        pep_server.wait_for(lambda: not self.processes(), 10 * pep_server.SLOWDOWN, 'the end of what failed')
        return started.stderr

    def innocent(self):
        """A living process that is no server."""
        process = subprocess.Popen(['sleep', '300'])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_everything_of_a_killed_server(self):
        server = self.serve()
        client = server.client()
        fpr = client.call('myself', {'identity': OWN}).out['identity']['fpr']
        server.process.kill()
        server.process.wait()
        old = self.home.token()
        for path in (self.home.token_file, os.path.join(self.home.path, 'lock'), old['socket'],
                     os.path.join(self.home.path, 'engine.sqlite3-wal')):
            self.assertTrue(os.path.lexists(path), 'nobody cleaned up ' + path)
        self.assert_starts()
        self.assertNotEqual(self.home.token()['epoch'], old['epoch'])
        client.close()
        client = UnixClient(self.home.token())
        self.assertTrue(client.prove())
        self.assertEqual(client.call('myself', {'identity': OWN}).out['identity']['fpr'], fpr)
        client.close()

    def test_a_lock_file_of_any_content(self):
        for content in (b'', b'\0' * 100, b'\xff\xfe\n', b'lock', b'-1 x\n', b'0 x\n', b'1 ', b'99999999999999999999 x\n',
                        b'x' * 1000000):
            with self.subTest(content=content[:20]):
                self.put('lock', content)
                self.assert_starts()
                self.end_daemon(self.home.token()['pid'])

    def test_a_process_id_that_is_another_program_now(self):
        """Lock and token file agree, and the process they name lives: only the kernel's lock tells."""
        server = self.serve()
        server.process.kill()
        server.process.wait()
        with open(self.home.token_file, 'rb') as file:
            token = file.read()
        for options in ((), ('--replace',)):
            with self.subTest(options=options):
                innocent = self.innocent()
                other = token.replace(b'%d' % server.process.pid, b'%d' % innocent.pid)
                self.put('json-token', other)
                self.put('lock', b'%d %s 0.0.1\n' % (innocent.pid, self.home.token()['epoch'].encode()))
                self.assert_starts(*options)
                self.assertIsNone(innocent.poll())
                self.end_daemon(self.home.token()['pid'])

    def test_a_lock_file_that_is_none(self):
        victim = os.path.join(self.home.root, 'victim')
        with open(victim, 'w', encoding='ascii') as file:
            file.write('precious')
        os.mkdir(self.home.path, 0o700)
        lock = os.path.join(self.home.path, 'lock')

        def listening():
            with socket.socket(socket.AF_UNIX) as link:
                link.bind(lock)
        for kind, make, remove in (('symlink', lambda: os.symlink(victim, lock), os.unlink),
                                   ('dangling', lambda: os.symlink(victim + '2', lock), os.unlink),
                                   ('fifo', lambda: os.mkfifo(lock, 0o600), os.unlink),
                                   ('directory', lambda: os.mkdir(lock, 0o700), os.rmdir),
                                   ('socket', listening, os.unlink)):
            with self.subTest(kind=kind):
                make()
                try:
                    self.assert_refused('lock', 'remove')
                finally:
                    remove(lock)
        with open(victim, encoding='ascii') as file:
            self.assertEqual(file.read(), 'precious')
        self.assertFalse(os.path.exists(victim + '2'))

    def test_a_lock_held_by_something_that_serves_nothing(self):
        path = self.put('lock', b'')
        with open(path, 'rb') as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.assert_refused('lock')
        self.assert_starts()

    def test_a_token_file_that_is_a_directory_is_refused_and_a_fifo_replaced(self):
        os.mkdir(self.home.path, 0o700)
        os.mkdir(self.home.token_file, 0o700)
        message = self.assert_refused('json-token')
        self.assertRegex(message, r'directory|folder')
        self.assertEqual([name for name in os.listdir(self.home.path) if name.endswith('.tmp')], [])
        os.rmdir(self.home.token_file)
        os.mkfifo(self.home.token_file, 0o600)
        self.assert_starts()
        self.assertIn('127.0.0.1', self.daemonise().stdout)

    def test_a_token_file_of_any_content(self):
        for content in (b'', b'{', b'[]', b'null', b'{"pid":1}', b'\xff' * 10000, b'[' * 100000):
            with self.subTest(content=content[:10]):
                self.put('json-token', content)
                self.assert_starts()
                self.end_daemon(self.home.token()['pid'])

    def socket_of_this_home(self):
        self.daemonise()
        token = self.home.token()
        self.end_daemon(token['pid'])
        self.assertFalse(os.path.lexists(token['socket']), 'the socket goes with its server')
        return token['socket']

    def assert_starts_or_refuses(self, path):
        """Either the door is open at that path, or the command names what is in the way."""
        started = self.daemonise()
        if started.returncode == 0:
            token = self.home.token()
            if 'socket' in token:
                client = UnixClient(token)
                self.assertTrue(client.prove())
                client.close()
            self.assert_answers()
            self.end_daemon(token['pid'])
        else:
            self.assertEqual(started.returncode, 1)
            self.assertIn(path, started.stderr)
            self.assertEqual(self.processes(), [])

    def test_a_file_or_directory_in_the_place_of_the_unix_socket_stays(self):
        path = self.socket_of_this_home()
        with open(path, 'w', encoding='ascii') as file:
            file.write('precious')
        self.assert_starts_or_refuses(path)
        with open(path, encoding='ascii') as file:
            self.assertEqual(file.read(), 'precious')
        os.unlink(path)
        os.mkdir(path)
        self.assert_starts_or_refuses(path)
        self.assertTrue(os.path.isdir(path))

    def test_somebody_else_listens_at_the_unix_socket(self):
        path = self.socket_of_this_home()
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(path)
            other.listen()
            self.assert_starts_or_refuses(path)

    def test_a_file_system_without_locks(self):
        """Two servers at one database would be worse than none."""
        compiler = shutil.which('cc')
        if not compiler or not os.path.exists(PLAIN_SERVER):
            self.skipTest('needs a C compiler and a server without sanitizers')
        library = os.path.join(self.home.root, 'noflock.so')
        subprocess.run([compiler, '-shared', '-fPIC', '-o', library, '-x', 'c', '-'], check=True, text=True,
                       input='#include <errno.h>\nint flock(int f, int o) { (void)f, (void)o; errno = ENOLCK; return -1; }\n')
        started = subprocess.run(
            [PLAIN_SERVER, '--home', self.home.path], env=self.home.environment(LD_PRELOAD=library), timeout=60,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.assertEqual(started.returncode, 1, started.stdout)
        self.assertRegex(started.stderr, 'lock')
        self.assertFalse(os.path.exists(self.home.token_file))
        self.assertEqual(self.processes(), [])


if __name__ == '__main__':
    server_case.main()
