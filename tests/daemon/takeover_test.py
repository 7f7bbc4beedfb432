#!/usr/bin/env python3
"""A start beside a running server: what it says about versions, and --replace, which takes over."""
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from hostile_clients import HostileClients  # noqa: E402
from server_case import SERVER, ServerCase  # noqa: E402
from unix_door import UnixClient  # noqa: E402

SLOW = pep_server.SLOWDOWN
OWN = {'address': 'ann@example.org', 'user_id': 'pEp_own_userId', 'username': 'Ann'}
BOUND = 60  # seconds no command takes, whatever the other process does


class LockFile:
    """What the running server says about itself; the same user can write it."""

    def __init__(self, home):
        self.path = os.path.join(home.path, 'lock')

    def words(self):
        with open(self.path, encoding='ascii') as file:
            return file.read().split(' ')

    def write(self, text):
        with open(self.path, 'r+', encoding='ascii') as file:  # the same file: its lock stays
            file.write(text)
            file.truncate()


class Versions(ServerCase):
    def test_the_lock_names_process_epoch_and_version(self):
        server = self.serve()
        with open(LockFile(self.home).path, encoding='ascii') as file:
            self.assertRegex(file.read(), r'\A\d+ [A-Za-z0-9_-]+ \d+\.\d+\.\d+\n\Z')
        pid, epoch, _ = LockFile(self.home).words()
        self.assertEqual((int(pid), epoch), (server.process.pid, self.home.token()['epoch']))

    def second_start(self):
        started = self.daemonise()
        self.assertEqual(started.returncode, 0, started.stderr)
        self.assertTrue(started.stdout.startswith('already serving at http://127.0.0.1:'), started.stdout)
        return started.stdout

    def test_the_same_version_gets_no_hint(self):
        self.serve()
        self.assertNotIn('--replace', self.second_start())
        self.assertEqual(len(self.second_start().splitlines()), 1)

    def test_another_version_is_named_beside_ours_with_the_way_out(self):
        server = self.serve()
        pid, epoch, ours = LockFile(self.home).words()
        for theirs in ('0.0.9', '99.1.2', '1.0.0-rc.1'):
            with self.subTest(version=theirs):
                LockFile(self.home).write('%s %s %s\n' % (pid, epoch, theirs))
                lines = self.second_start().splitlines()
                self.assertEqual(len(lines), 2)
                self.assertIn(theirs, lines[1])
                self.assertIn(ours.strip(), lines[1])
                self.assertIn('--replace', lines[1])
        self.assertIsNone(server.process.poll())
        self.assert_answers()

    def test_a_server_that_does_not_say_its_version_is_served_all_the_same(self):
        self.serve()
        pid, epoch, _ = LockFile(self.home).words()
        LockFile(self.home).write('%s %s\n' % (pid, epoch))
        self.second_start()

    def test_a_version_with_control_characters_does_not_reach_the_terminal(self):
        self.serve()
        pid, epoch, _ = LockFile(self.home).words()
        LockFile(self.home).write('%s %s 1.0\x1b[31m\x07\n' % (pid, epoch))
        self.assertNotRegex(self.second_start(), r'[^\n -~]')


class Replacing(ServerCase):
    def replace(self, *options, timeout=BOUND):
        return self.run_server('--home', self.home.path, '--replace', *options, timeout=timeout)

    def assert_replaced(self, server, old, started):
        self.assertEqual(started.returncode, 0, started.stderr)
        token = self.home.token()
        self.assertTrue(started.stdout.startswith('serving at http://127.0.0.1:%d/' % token['port']), started.stdout)
        self.assertEqual(server.process.wait(20), 0, server.log_text())
        self.assertNotEqual(token['epoch'], old['epoch'])
        self.assertNotEqual(token['security_token'], old['security_token'])
        for client in (pep_server.Client(token), UnixClient(token)):  # at once, no retry
            self.assertTrue(client.prove())
            client.call('ping')
            client.close()
        self.assertEqual(self.processes(), [token['pid']])

    def test_without_a_server_is_a_normal_start(self):
        for _ in range(2):
            started = self.replace()
            self.assertEqual(started.returncode, 0, started.stderr)
            self.assertTrue(started.stdout.startswith('serving at'), started.stdout)
            self.assert_answers()
            self.end_daemon(self.home.token()['pid'])

    def test_takes_over_from_an_idle_server_with_all_it_stored(self):
        server = self.serve()
        client = server.client()
        fpr = client.call('myself', {'identity': OWN}).out['identity']['fpr']
        client.close()
        self.assert_replaced(server, self.home.token(), self.replace())
        client = pep_server.Client(self.home.token())
        self.assertEqual(client.call('myself', {'identity': OWN}).out['identity']['fpr'], fpr)
        client.close()

    def test_in_the_foreground(self):
        server = self.serve()
        old = self.home.token()
        again = pep_server.Server(SERVER, self.home, '--replace')
        self.servers.append(again)
        self.assertEqual(server.process.wait(20), 0)
        self.assertNotEqual(self.home.token()['epoch'], old['epoch'])
        self.assert_answers()

    def test_takes_the_same_port_if_told_to(self):
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            port = str(probe.getsockname()[1])
        server = self.serve('--start-port', port)
        old = self.home.token()
        self.assert_replaced(server, old, self.replace('--start-port', port))
        self.assertEqual(self.home.token()['port'], old['port'])

    def request(self, document):
        token = self.home.token()
        body = json.dumps(document).encode()
        link = socket.create_connection((token['address'], token['port']), timeout=30)
        self.addCleanup(link.close)
        link.sendall(b'POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n'
                     b'Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s'
                     % (token['port'], token['security_token'].encode(), len(body), body))
        return link

    @staticmethod
    def answer(link):
        data = b''
        while chunk := link.recv(65536):
            data += chunk
        return json.loads(data.partition(b'\r\n\r\n')[2])

    @staticmethod
    def key_generations(count):
        return [{'jsonrpc': '2.0', 'id': number, 'method': 'generate_keypair', 'params': {
            'identity': {'address': 'g%d@example.org' % number}}} for number in range(count)]

    def test_calls_at_work_are_answered_and_waiting_polls_ended(self):
        server = self.serve()
        old = self.home.token()
        client = server.client()
        begin = time.monotonic()
        client.post('/rpc', self.key_generations(10), client.bearer())
        each = (time.monotonic() - begin) / 10
        poll = self.request({'jsonrpc': '2.0', 'id': 1, 'method': 'pollForEvents',
                             'params': {'session_id': 'one', 'timeout_s': 300}})
        work = self.request(self.key_generations(min(100, max(1, int(0.8 / each)))))
        pep_server.wait_for(lambda: client.call('status').value['calls']['running'] > 0, 10 * SLOW, 'the work')
        client.close()
        started = self.replace()
        answers = self.answer(work)
        self.assertEqual([answer for answer in answers if 'result' not in answer], [])
        self.assertEqual(self.answer(poll)['result']['return'], [])
        self.assert_replaced(server, old, started)
        # What was answered is done: the new server knows each of these keys.
        client = pep_server.Client(self.home.token())
        for answer in answers:
            fpr = answer['result']['out']['identity']['fpr']
            self.assertEqual(client.call('export_key', {'fpr': fpr}).status, 0)
        client.close()

    def test_hostile_clients_do_not_delay_it(self):
        server = self.serve()
        old = self.home.token()
        with HostileClients(old, idle=50, storms=2):
            self.assert_replaced(server, old, self.replace())

    def test_ten_at_once_leave_one_server(self):
        server = self.serve()
        starts = [subprocess.Popen([SERVER, '--home', self.home.path, '--replace'], env=self.home.environment(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True) for _ in range(10)]
        outputs = [start.communicate(timeout=BOUND * SLOW) for start in starts]
        told = list(zip([start.returncode for start in starts], outputs))
        self.assertEqual(server.process.wait(20), 0)
        self.assert_answers()
        self.wait_for_one_process()
        for code, (out, err) in told:
            self.assertIn(code, (0, 1), told)
            self.assertRegex(err if code else out, r'^pep-json-server: .{10,}' if code else r'serving at http://127', told)
        self.assertIn(0, [code for code, _ in told])

    def test_while_clients_call_nothing_acknowledged_is_lost(self):
        """Clients that read the token file again when they are refused get on, through six servers."""
        self.daemonise()
        ended = threading.Event()
        stored, strange = [], []

        def work(name):
            count = 0
            client = None
            while not ended.is_set():
                try:
                    client = client or pep_server.Client(self.home.token(), timeout=10)
                    address = '%s%d@example.org' % (name, count)
                    client.call('set_identity', {'identity': {'address': address, 'user_id': address, 'username': 'X'}})
                    stored.append(address)
                    count += 1
                except pep_server.Refused as refusal:
                    if refusal.code not in (-32005, -32001):
                        strange.append(str(refusal))
                    client = client.close()
                except (OSError, ValueError, pep_server.http.client.HTTPException):
                    client = client and client.close()
                    ended.wait(0.005)
            if client:
                client.close()

        threads = [threading.Thread(target=work, args=(name,)) for name in ('a', 'b')]
        for thread in threads:
            thread.start()
        try:
            for _ in range(5):
                before = len(stored)
                started = self.replace()
                self.assertEqual(started.returncode, 0, started.stderr)
                pep_server.wait_for(lambda: len(stored) > before, 10 * SLOW, 'a call of the new server')
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        self.assertEqual(strange, [])
        client = pep_server.Client(self.home.token())
        for address in stored[::max(1, len(stored) // 50)] + stored[-5:]:
            reply = client.call('get_identity', {'address': address, 'user_id': address})
            self.assertEqual(reply.status, 0, address)
        client.close()


class NotReplaced(ServerCase):
    """Where the other process cannot be ended, or is not the one it seems to be, nothing happens to it."""

    def assert_told_why(self, started):
        self.assertEqual(started.returncode, 1, started.stdout)
        self.assertRegex(started.stderr, r'\Apep-json-server: .{20,}')
        return started.stderr

    def replace(self):
        return self.run_server('--home', self.home.path, '--replace', timeout=BOUND)

    def test_a_server_that_hangs_is_reported_and_serves_again_when_it_can(self):
        server = self.serve()
        before = self.home.token()
        server.process.send_signal(signal.SIGSTOP)
        try:
            message = self.assert_told_why(self.replace())
        finally:
            server.process.send_signal(signal.SIGCONT)
        self.assertIn(str(server.process.pid), message)
        time.sleep(0.2 * SLOW)  # enough for a signal that was kept back to end it
        self.assertIsNone(server.process.poll(), 'it was ended behind the back of who was told that it was not')
        self.assertEqual(self.home.token(), before)
        self.assert_answers()

    def test_a_process_that_only_seems_to_be_the_server_is_left_alone(self):
        """The lock is held by one process, and what it says names another."""
        with subprocess.Popen(['sleep', '300']) as innocent:
            try:
                os.mkdir(self.home.path, 0o700)
                path = LockFile(self.home).path
                with open(path, 'w', encoding='ascii') as file:
                    fcntl.flock(file, fcntl.LOCK_EX)
                    # 0 and negative numbers mean whole groups of processes to kill(2).
                    for text in ('%d AAAAAAAAAAAAAAAAAAAAAA 0.0.1\n' % innocent.pid, '-1 A 0\n'):
                        with self.subTest(text=text):
                            LockFile(self.home).write(text)
                            self.assertIn('lock', self.assert_told_why(self.replace()))
                            self.assertIsNone(innocent.poll())
                            self.assertEqual(self.processes(), [])
            finally:
                innocent.kill()

    def test_a_server_whose_token_file_is_gone_is_named(self):
        server = self.serve()
        os.remove(self.home.token_file)
        started = self.run_server('--home', self.home.path, timeout=BOUND)
        self.assertIn('process %d' % server.process.pid, self.assert_told_why(started))

    def test_options_that_cannot_work_leave_the_running_server_alone(self):
        """First everything that can fail, then the end of the old one."""
        server = self.serve()
        for options in (('--address', '192.0.2.1'), ('--start-port', 'x'), ('--no-such-option',)):
            started = self.run_server('--home', self.home.path, '--replace', *options, timeout=BOUND)
            self.assertIn(started.returncode, (1, 2), options)
            self.assertIsNone(server.process.poll(), options)
        self.assert_answers()


if __name__ == '__main__':
    server_case.main()
