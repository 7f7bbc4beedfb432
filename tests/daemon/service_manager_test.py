#!/usr/bin/env python3
"""As a service of systemd: readiness and stop are announced, a passed socket is the Unix door, the units parse.

The test plays systemd: sd_notify(3) and sd_listen_fds(3) say what passes between the two.
"""
import ctypes
import json
import os
import re
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import SERVER, ServerCase  # noqa: E402
from unix_door import UnixClient  # noqa: E402

SLOW = pep_server.SLOWDOWN
UNITS = os.path.join(os.environ.get('PEP_SOURCE_DIR', '.'), 'cmake', 'systemd')

# Descriptors to 3, 4, …, as the child of systemd finds them; LISTEN_PID is who executes the server.
ACTIVATE = '''
import fcntl, os, sys
pid, count, *rest = sys.argv[1:]
passed = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 100) for number in rest[0].split(',') if number]
for place, number in enumerate(passed):
    os.dup2(number, 3 + place)
    os.close(number)
os.environ.update(LISTEN_PID=pid.replace('self', str(os.getpid())), LISTEN_FDS=count, LISTEN_FDNAMES='rpc')
os.execv(rest[1], rest[1:])
'''


def can_talk_to_systemd():
    try:
        ctypes.CDLL('libsystemd.so.0')
        return True
    except OSError:
        return False


class NotifySocket:
    """Where systemd would listen."""

    def __init__(self, address):
        self.link = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.link.bind(address)
        self.link.settimeout(20 * SLOW)

    def message(self):
        """-> its assignments"""
        return dict(line.split('=', 1) for line in self.link.recv(65536).decode().splitlines())

    def messages_until_now(self):
        found = []
        while select.select([self.link], [], [], 0)[0]:
            found.append(self.message())
        return found


class SystemdCase(ServerCase):
    def setUp(self):
        super().setUp()
        if not can_talk_to_systemd():
            self.skipTest('libsystemd is not installed')


class Notifications(SystemdCase):
    def notify_socket(self, abstract=False):
        name = '@pep-test-' + secrets.token_hex(8) if abstract else os.path.join(self.home.root, 'notify')
        heard = NotifySocket(name.replace('@', '\0', 1) if abstract else name)
        self.addCleanup(heard.link.close)
        return heard, self.home.environment(leaks=True, NOTIFY_SOCKET=name)

    def assert_ready(self, message, pid):
        token = self.home.token()  # callable at once
        self.assertEqual(message.get('READY'), '1')
        self.assertEqual(message.get('MAINPID', str(pid)), str(pid))
        self.assertIn('http://127.0.0.1:%d/' % token['port'], message.get('STATUS', ''))
        self.assertNotIn(token['security_token'], str(message))
        client = pep_server.Client(token)
        self.assertTrue(client.prove())
        client.call('ping')
        client.close()

    def test_ready_when_callable_and_stopping_at_the_stop(self):
        for abstract in (False, True):
            with self.subTest(abstract=abstract):
                heard, environment = self.notify_socket(abstract)
                server = self.serve(environment=environment, wait=False)
                self.assert_ready(heard.message(), server.process.pid)
                self.assertEqual(heard.messages_until_now(), [])
                server.process.send_signal(signal.SIGTERM)
                self.assertEqual(heard.message().get('STOPPING'), '1')
                self.assertEqual(server.process.wait(20), 0)
                self.assertEqual(heard.messages_until_now(), [])

    def test_of_a_daemon_name_its_process(self):
        heard, environment = self.notify_socket()
        started = self.run_server('--home', self.home.path, environment=environment)
        self.assertEqual(started.returncode, 0, started.stderr)
        message = heard.message()
        self.assertEqual(message.get('MAINPID'), str(self.home.token()['pid']))
        self.assert_ready(message, self.home.token()['pid'])

    def test_stopping_is_told_whoever_wants_the_stop(self):
        heard, environment = self.notify_socket()
        for options, end in ((('--idle-exit', '1'), lambda server: None),
                             ((), lambda server: server.client().call('shutdown'))):
            server = self.serve(*options, environment=environment)
            self.assertEqual(heard.message().get('READY'), '1')
            end(server)
            self.assertEqual(heard.message().get('STOPPING'), '1')
            self.assertEqual(server.process.wait(20), 0)

    def test_nothing_is_ready_where_the_start_fails_or_another_one_serves(self):
        heard, environment = self.notify_socket()
        with socket.create_server(('127.0.0.1', 0)) as other:
            failed = self.run_server('-d', '--home', self.home.path, '--start-port', str(other.getsockname()[1]),
                                     environment=environment)
        self.assertEqual(failed.returncode, 1)
        self.serve()
        second = self.run_server('-d', '--home', self.home.path, environment=environment)
        self.assertEqual(second.returncode, 0, second.stderr)
        self.assertEqual([message for message in heard.messages_until_now() if 'READY' in message], [])

    def test_nobody_there_to_be_told_is_no_reason_not_to_serve(self):
        for name in (os.path.join(self.home.root, 'missing'), '@pep-test-missing', 'relative', '/' * 200, ''):
            with self.subTest(name=name):
                server = self.serve(environment=self.home.environment(leaks=True, NOTIFY_SOCKET=name))
                self.assert_answers()
                self.assertEqual(server.stop()[0], 0)


class Activation(SystemdCase):
    def setUp(self):
        super().setUp()
        self.folder = os.path.join(self.home.runtime, 'pep-json-server')
        os.mkdir(self.folder, 0o700)
        self.path = os.path.join(self.folder, 'rpc.sock')

    def listening(self):
        link = socket.socket(socket.AF_UNIX)
        self.addCleanup(link.close)
        link.bind(self.path)
        link.listen(64)
        return link

    def activate(self, links, *options, pid='self', count=None, wait=True):
        """Start as systemd would, with those sockets."""
        server = pep_server.Server.__new__(pep_server.Server)
        server.home = self.home
        numbers = [link if isinstance(link, int) else link.fileno() for link in links]
        count = str(len(numbers)) if count is None else count
        with open(self.home.log, 'ab') as log:
            server.process = subprocess.Popen(
                [sys.executable, '-I', '-c', ACTIVATE, pid, count, ','.join(map(str, numbers)), SERVER, '-d',
                 '--dumpable', '--home', self.home.path, *options], pass_fds=numbers, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=self.home.environment(leaks=True))
        self.servers.append(server)
        if wait:
            server.wait_until_callable()
        return server

    def test_who_connected_before_the_start_is_served(self):
        listener = self.listening()
        early = socket.socket(socket.AF_UNIX)
        self.addCleanup(early.close)
        early.connect(self.path)
        early.settimeout(20 * SLOW)
        client = UnixClient({'address': '', 'port': 0}, self.path)
        client.connection.sock = early
        client.connection.request('GET', '/prove?nonce=' + 'n' * 32)
        self.activate([listener])
        answer = client.connection.getresponse()
        self.assertEqual((answer.status, json.loads(answer.read())['epoch']), (200, self.home.token()['epoch']))
        client.token = self.home.token()
        self.assertTrue(client.prove())
        client.call('ping')

    def test_both_doors_are_open_and_the_socket_stays_for_the_next_server(self):
        listener = self.listening()
        about = os.stat(self.path)
        for _ in range(2):
            server = self.activate([listener])
            token = self.home.token()
            self.assertEqual(token['socket'], self.path)
            for client in (UnixClient(token), pep_server.Client(token)):
                self.assertTrue(client.prove())
                client.call('ping')
                client.close()
            self.assertEqual(server.stop()[0], 0, server.log_text())
            self.assertEqual(os.stat(self.path).st_ino, about.st_ino)
            with socket.socket(socket.AF_UNIX) as link:
                link.connect(self.path)  # still somebody's: systemd's
                listener.accept()[0].close()

    def test_sockets_for_another_process_are_not_ours(self):
        listener = self.listening()
        os.rename(self.path, self.path + '.other')
        server = self.activate([listener], pid='1')
        self.assertNotEqual(self.home.token().get('socket'), self.path + '.other')
        self.assert_answers()
        self.assertEqual(server.stop()[0], 0)

    def test_a_daemon_that_leaves_the_foreground_is_served_as_well(self):
        """LISTEN_PID names the command and not its child: whatever is made of it, clients can call."""
        listener = self.listening()
        started = subprocess.run(
            [sys.executable, '-I', '-c', ACTIVATE, 'self', '1', str(listener.fileno()), SERVER, '--home',
             self.home.path], pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            env=self.home.environment(), timeout=60, check=False)
        self.assertEqual(started.returncode, 0, started.stderr)
        self.assert_answers()

    def test_wrong_descriptors_are_refused_with_a_reason(self):
        tcp = socket.create_server(('127.0.0.1', 0))
        datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        datagram.bind(os.path.join(self.folder, 'datagram'))
        packets = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        packets.bind(os.path.join(self.folder, 'packets'))
        packets.listen()
        deaf = socket.socket(socket.AF_UNIX)
        deaf.bind(os.path.join(self.folder, 'deaf'))
        pair = socket.socketpair()
        pipe = os.pipe()
        listener = self.listening()
        file = os.open(self.home.root, os.O_RDONLY)
        for link in (tcp, datagram, packets, deaf, *pair):
            self.addCleanup(link.close)
        for number in (*pipe, file):
            self.addCleanup(os.close, number)
        for name, links, count in (
                ('tcp', [tcp], None), ('datagram', [datagram], None), ('packets', [packets], None),
                ('not listening', [deaf], None), ('connected', [pair[0]], None), ('pipe', [pipe[0]], None),
                ('folder', [file], None), ('two', [listener, tcp], None), ('none', [], '1'),
                ('fewer', [listener], '2')):
            with self.subTest(name=name):
                log_size = os.path.getsize(self.home.log) if os.path.exists(self.home.log) else 0
                server = self.activate(links, count=count, wait=False)
                self.assertEqual(server.process.wait(20 * SLOW), 1, server.log_text()[log_size:])
                said = server.log_text()[log_size:]
                self.assertRegex(said, r'(?m)^pep-json-server: .*(socket|LISTEN_FDS)', said)
                self.assertFalse(os.path.exists(self.home.token_file))

    def test_no_connection_is_lost_between_two_servers(self):
        """What waits at the passed socket while one server ends is served by the next, if systemd starts it."""
        listener = self.listening()
        statuses = []
        starts = 0
        for number in range(12):
            link = socket.socket(socket.AF_UNIX)
            link.settimeout(0.02)
            link.connect(self.path)
            link.sendall(b'GET /prove?nonce=nnnnnnnnnnnnnnnnnnnnnnnn HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
            answer = b''
            end = time.monotonic() + 20 * SLOW
            while time.monotonic() < end:
                try:
                    if not (piece := link.recv(65536)):
                        break
                    answer += piece
                    continue
                except TimeoutError:
                    pass
                # As systemd does: nobody runs and somebody waits.
                if (not self.servers or self.servers[-1].process.poll() is not None) and \
                        select.select([listener], [], [], 0)[0]:
                    self.activate([listener], '--idle-exit', '1', wait=False)
                    starts += 1
            link.close()
            statuses.append(answer[:12])
            time.sleep((0.9, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7)[number % 7])
        print('%d starts, answers: %s' % (starts, sorted(set(statuses))))
        self.assertEqual([status for status in statuses if status not in (b'HTTP/1.1 200', b'HTTP/1.1 503')], [])
        self.assertGreater(starts, 1)


class Units(unittest.TestCase):
    """What the build installs, though nothing enables it."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='pep-test-')
        self.addCleanup(shutil.rmtree, self.folder)
        for name in os.listdir(UNITS):
            with open(os.path.join(UNITS, name), encoding='utf-8') as file:
                text = file.read().replace('@CMAKE_INSTALL_FULL_BINDIR@', os.path.dirname(os.path.abspath(SERVER)))
            self.assertNotRegex(text, r'@\w+@')
            text = text.replace('/pep-json-server --', '/%s --' % os.path.basename(SERVER))
            with open(os.path.join(self.folder, name.removesuffix('.in')), 'w', encoding='utf-8') as file:
                file.write(text)

    def values(self, unit):
        """-> {key: [values]} of all sections"""
        found = {}
        with open(os.path.join(self.folder, unit), encoding='utf-8') as file:
            for key, value in re.findall(r'(?m)^(\w+)=(.*)$', file.read()):
                found.setdefault(key, []).append(value)
        return found

    def test_parse(self):
        if not shutil.which('systemd-analyze'):
            self.skipTest('systemd-analyze is not installed')
        done = subprocess.run(
            ['systemd-analyze', 'verify', '--user', '--man=no',
             *(os.path.join(self.folder, name) for name in sorted(os.listdir(self.folder)))],
            capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, 'XDG_RUNTIME_DIR': self.folder})
        if 'Failed to' in done.stderr and 'manager' in done.stderr:
            self.skipTest('systemd-analyze does not work here: ' + done.stderr.strip())
        ours = [line for line in done.stderr.splitlines() if 'pep-json-server' in line]
        self.assertEqual((done.returncode, ours), (0, []), done.stderr)

    def test_the_service_is_one_the_server_can_be(self):
        service = self.values('pep-json-server.service')
        self.assertEqual(service['Type'], ['notify'])
        self.assertRegex(service['ExecStart'][0], r'^/\S+ (-d|-D|--foreground)( |$)')
        self.assertRegex(service['ExecReload'][0], r'HUP')
        self.assertNotIn('User', service)  # a unit of the user's own manager

    def test_the_socket_is_the_door_of_the_default_home(self):
        unit = self.values('pep-json-server.socket')
        self.assertEqual(unit['ListenStream'], ['%t/pep-json-server/rpc.sock'])
        self.assertEqual((unit['SocketMode'], unit['DirectoryMode']), (['0600'], ['0700']))
        self.assertEqual(unit.get('Accept', ['no']), ['no'])
        self.assertEqual(unit.get('RemoveOnStop', ['no']), ['no'])


if __name__ == '__main__':
    server_case.main()
