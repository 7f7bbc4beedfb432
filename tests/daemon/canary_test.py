#!/usr/bin/env python3
"""Secrets stay where they belong: planted ones are looked for everywhere after everything clients can do.

Two servers at the highest log level do all that tests/support/canary_clients.py knows. Neither log nor output,
errors, what the system shows of processes, nor any file but those that must may show a planted secret, in
whatever encoding; and when the work is done, no memory of ours.
"""
import base64
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import canary  # noqa: E402
import pep_server  # noqa: E402
import server_case  # noqa: E402
from canary_clients import RPC, Caller, Planted, Work  # noqa: E402
from server_case import ServerCase  # noqa: E402

SLOW = pep_server.SLOWDOWN
# Everything that is kept for a while goes within a second or two.
SHORT_LIMITS = {'passphrase_time_ms': 1000, 'cached_message_idle_ms': 1000, 'event_session_idle_ms': 1000, 'events': 4,
                'idle_time_ms': 1000}

# Secrets of which freed memory of libraries and of ours may hold copies; printed when found.
KNOWN_TO_STAY = ()


class Watch(threading.Thread):
    """Looks, again and again, at what the system shows of our processes and at folders nothing may be put in."""

    def __init__(self, planted, folders):
        super().__init__(daemon=True)
        self.planted, self.folders = planted, folders
        self.pids, self.findings, self.looks = set(), set(), 0
        self.ended = threading.Event()

    def look(self):
        for pid in list(self.pids):
            self.findings.update(canary.findings_in_proc(pid, self.planted.all()))
        for folder in self.folders:
            self.findings.update('%s appeared in a folder for temporary files' % name for name in os.listdir(folder))
        self.looks += 1

    def run(self):
        while not self.ended.wait(0.05):
            self.look()

    def end(self):
        self.ended.set()
        self.join()
        self.look()


class CanaryCase(ServerCase):
    options = ()
    checks_replies = True

    def setUp(self):
        super().setUp()
        self.other_home = pep_server.Home()
        self.addCleanup(self.other_home.remove)
        self.planted = Planted()
        self.temporary = tempfile.mkdtemp(prefix='pep-test-tmp-')
        self.addCleanup(shutil.rmtree, self.temporary, ignore_errors=True)
        self.working = tempfile.mkdtemp(prefix='pep-test-cwd-')
        self.addCleanup(shutil.rmtree, self.working, ignore_errors=True)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.working)  # where a core file would be written
        self.watch = Watch(self.planted, [self.temporary, self.working])
        self.server, self.other = (self.start(home) for home in (self.home, self.other_home))
        self.watch.start()
        self.addCleanup(self.watch.end)

    def start(self, home):
        server = self.serve(
            '--log-level', 'trace', '-l', os.path.join(home.root, 'trace'), *self.options, home=home,
            binary=self.binary(), check_replies=self.checks_replies,
            environment=home.environment(leaks=True, TMPDIR=self.temporary))
        self.planted.keys.append(canary.Marker('token', home.token()['security_token']))
        self.watch.pids.add(server.process.pid)
        return server

    @staticmethod
    def binary():
        return server_case.SERVER

    def work(self):
        if not RPC:
            print('pep-rpc is not beside the server: its part is left out')
        work = Work(self.server, self.other, self.planted, look_at=self.look_at)
        work.all()
        return work

    def look_at(self, pid):
        self.watch.findings.update(canary.findings_in_proc(pid, self.planted.all()))

    def may_be_in(self, path, marker):
        """The two places where a secret has to be."""
        name = os.path.basename(path)
        if marker.kind == 'token':
            return name == 'json-token'
        return marker.kind.startswith('own key') and name in ('engine.sqlite3', 'engine.sqlite3-wal')

    def assert_nothing_on_disk(self):
        for home in (self.home, self.other_home):
            self.assertEqual(canary.findings_in_files(home.root, self.planted.all(), self.may_be_in), [])
            for name in ('trace', 'log'):
                self.assertGreater(os.path.getsize(os.path.join(home.root, name)), 20)
        for folder in (self.temporary, self.working):
            self.assertEqual(os.listdir(folder), [])


class Everywhere(CanaryCase):
    def test_the_searchers_find_what_is_there(self):
        marker = self.planted.body
        for shape, data in (
                ('plain', marker.data[5:]), ('base64', base64.b64encode(b'x' + marker.data)),
                ('hex', marker.data.hex().encode()), ('reversed', marker.data[::-1]),
                ('utf-16', marker.text.encode('utf-16-le')),
                ('percent', b''.join(b'%%%02X' % byte for byte in marker.data))):
            self.assertIn(shape, [hit[1] for hit in canary.find([marker], b'abc' + data + b'xyz')])
        with open(self.home.token_file, 'rb') as file:
            self.assertEqual(len(canary.find(self.planted.keys[:1], file.read(), ['plain'])), 2, 'halves of the token')
        self.assertEqual(len(canary.findings_in_files(self.home.root, self.planted.keys)), 1)
        with subprocess.Popen(['sleep', '60'], env={'SECRET': marker.data.hex()}) as program:
            try:
                pep_server.wait_for(lambda: 'body (hex) in /proc/PID/environ' in canary.findings_in_proc(
                    program.pid, [marker]), 10, 'the secret in the environment')
            finally:
                program.kill()

    def test_no_secret_shows_anywhere(self):
        work = self.work()
        self.assertGreater(len(self.planted.keys), 6)
        bystander = Caller(work, 'bystander')
        seen = []
        for method, params in (
                ('status', {}), ('recent_log', {}), ('own_identities_retrieve', {}), ('create_session', {}),
                ('get_own_keys_retrieve', {}), ('find_keys', {'pattern': ''}), ('last_log', {})):
            try:
                seen.append(json.dumps(bystander.call(method, **params).result))
            except pep_server.Refused as refused:
                seen.append(json.dumps(refused.error))
        for path in ('/', '/openrpc.json', '/pEp_functions.js', '/prove?nonce=0123456789abcdef'):
            seen.append(bystander.client.exchange('GET', path)[2].decode())
        self.assertIn('method=encrypt_message', seen[1], 'the log, as clients see it')
        self.assertEqual(canary.findings_in(self.planted.all(), '\n'.join(seen).encode(), 'replies to a bystander'), [])
        self.assertEqual(canary.findings_in(self.planted.all(), b'\n'.join(work.errors), 'errors'), [])
        self.assertGreater(len(work.errors), 30)
        self.assert_nothing_on_disk()
        self.stop_under_load()
        self.watch.end()
        self.assertEqual(sorted(self.watch.findings), [])
        self.assertGreater(self.watch.looks, 3)
        self.assert_nothing_on_disk()
        for home in (self.home, self.other_home):
            self.assertFalse(os.path.exists(home.token_file))

    def stop_under_load(self):
        """One is told to by a client, the other by a signal, while others are at work."""
        def load(server, other):
            work = Work(server, other, self.planted)
            try:
                caller = Caller(work, 'load')
                while True:
                    caller.call('encrypt_message', src=work.mail('ann@example.org', 'ben@example.org'), enc_format=4)
                    loaded.set()
            except (OSError, ValueError, KeyError, pep_server.Refused, http.client.HTTPException):
                pass
        loaded = threading.Event()
        threads = [threading.Thread(target=load, args=(self.server, self.other)) for _ in range(3)]
        for thread in threads:
            thread.start()
        self.assertTrue(loaded.wait(30 * SLOW))
        self.server.client().call('shutdown')
        self.assertEqual(self.server.process.wait(20 * SLOW), 0)
        self.assertEqual(self.other.stop()[0], 0)
        for thread in threads:
            thread.join(20 * SLOW)


class Memory(CanaryCase):
    """Of the program without sanitizers, whose heap is the one users have."""

    options = ('--client-timeout', '1', *(word for name, value in SHORT_LIMITS.items()
                                          for word in ('--limit', '%s=%d' % (name, value))))
    checks_replies = False

    @staticmethod
    def binary():
        plain = server_case.PLAIN_SERVER
        return plain if os.path.exists(plain) else server_case.SERVER

    def test_nothing_of_a_secret_stays_in_our_memory(self):
        pid = self.server.process.pid
        if not canary.memory_is_readable(pid):
            self.skipTest('the memory of another process cannot be read here')
        if self.binary() == server_case.SERVER and os.environ.get('PEP_SANITIZE'):
            self.skipTest('a sanitizer keeps what was freed; there is no other program: ' + server_case.PLAIN_SERVER)
        self.assertIn(('token', 'locked heap'), canary.MemoryImage(pid).find(self.planted.all()),
                      'the searcher must find what has to be there')
        work = self.work()
        self.let_go(work)
        image = canary.MemoryImage(pid)
        found = image.find(self.planted.all())
        print('%.1f MB searched for %d secrets' % (image.size / 1e6, len(self.planted.all())))
        for (kind, owner), (count, near) in sorted(found.items()):
            print('%4d times %s in the %s: %s' % (count, kind, owner, near))
        self.assertIn(('token', 'locked heap'), found)
        self.assertEqual([place for place in found if not self.may_stay(*place)], [])

    def let_go(self, work):
        """All clients have gone; their settings and what was kept for them go, too."""
        time.sleep(1.2)  # --client-timeout, and the limits
        client = Caller(work, 'last')

        def kept():
            now = client.call('status').value
            return (now['events']['streams'] + now['events']['sessions'] + now['events']['listeners']
                    + now['cached_messages']['kept'] + now['clients_with_settings'])
        pep_server.wait_for(lambda: kept() == 0, 10 * SLOW, 'the server to let go of what clients left')
        for _ in range(30):  # every worker gets something to do, which drops what is no more valid
            client.call('find_keys', pattern='nobody@example.org')
        client.close()
        time.sleep(0.2)

    @staticmethod
    def may_stay(kind, owner):
        """What is promised: passphrases and token in the locked heap only, nothing else of ours anywhere."""
        if owner == 'locked heap':
            return kind in ('token', 'passphrase', 'wrong_passphrase', 'rpc_passphrase')
        name = kind.replace(' in base64', '')
        if name == kind and kind.startswith('own key'):  # in use: librnp's key ring of each worker, SQLite's pages
            return True
        is_known = name in KNOWN_TO_STAY or KNOWN_TO_STAY and 'own key' in name
        return is_known and (owner == 'heap' or owner.startswith('thread stack'))


if __name__ == '__main__':
    server_case.main()
