#!/usr/bin/env python3
"""No other user gets the port of a server that still runs, and no request is executed once its token is dead.

While a server is stopped in every way and among all kinds of clients, a program of another user (port_thief.c)
tries to bind its port without a pause, and a client that holds the token goes on calling. PEP_THEFT_ROUNDS sets
how many servers are started and stopped (the test labelled `long`: 1 000).
"""
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from hostile_clients import HostileClients  # noqa: E402
from server_case import PLAIN_SERVER, SERVER, ServerCase  # noqa: E402

ROUNDS = int(os.environ.get('PEP_THEFT_ROUNDS', '40'))
NOBODY = 65534
SHUTTING_DOWN = -32005


class Thief:
    """The compiled program; as another user if we may."""

    def __init__(self, program, token, token_file, user):
        self.process = subprocess.Popen(
            [program, str(token['port']), str(token['pid']), token_file, str(user)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.ready = self.process.stdout.readline() == 'ready\n'

    def booty(self):
        """-> {way, ended, executes, token_file, tries} of the moment of the first success."""
        out, err = self.process.communicate(timeout=60)
        words = out.split()
        if len(words) != 5:
            raise RuntimeError('the thief got nothing: %s %s' % (self.process.returncode, err))
        return {'way': words[0], 'ended': words[1] == '1', 'executes': words[2] == '1',
                'token_file': words[3] == '1', 'tries': int(words[4]), 'exit': self.process.returncode}


class Caller(threading.Thread):
    """Changes something with each call, and knows of each whether it was sent when the token was dead already."""

    def __init__(self, token, token_file, number):
        super().__init__()
        self.token = token
        self.token_file = token_file
        self.number = number
        self.acknowledged = []
        self.served_late = []
        self.refused = 0
        self.strange = []
        self.enough = threading.Event()

    def run(self):
        client = None
        count = 0
        while not self.enough.is_set():
            count += 1
            late = not os.path.exists(self.token_file)
            address = '%s-%d-%d@example.org' % ('late' if late else 'early', self.number, count)
            try:
                client = client or pep_server.Client(self.token, timeout=2)
                client.call('set_identity', {'identity': {'address': address, 'user_id': address, 'username': 'X'}})
                (self.served_late if late else self.acknowledged).append(address)
            except pep_server.Refused as refusal:
                self.refused += 1
                if (refusal.http_status, refusal.code) != (503, SHUTTING_DOWN):
                    self.strange.append(str(refusal))
            except (OSError, http.client.HTTPException):
                client = client and client.close()  # closed by the server, or nobody listens any more
        if client:
            client.close()


class PortTheft(ServerCase):
    def setUp(self):
        super().setUp()
        if not hasattr(os, 'pidfd_open') and sys.version_info < (3, 9):
            self.skipTest('the kernel does not tell of the end of a process')
        compiler = shutil.which('cc')
        if not compiler:
            self.skipTest('needs a C compiler')
        folder = tempfile.mkdtemp(prefix='pep-test-')
        self.addCleanup(shutil.rmtree, folder)
        self.thief = os.path.join(folder, 'port_thief')
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'port_thief.c')
        subprocess.run([compiler, '-O2', '-o', self.thief, source], check=True)

    def by_signal(self, server):
        server.process.send_signal(signal.SIGTERM)

    def by_interrupt(self, server):
        server.process.send_signal(signal.SIGINT)

    def by_call(self, server):
        client = server.client()
        client.call('shutdown')
        client.close()

    def with_calls_at_work(self, server):
        """More than can be done before the stop begins."""
        item = {'jsonrpc': '2.0', 'method': 'generate_keypair', 'params': {'identity': {'address': 'g@example.org'}}}
        body = json.dumps([dict(item, id=number) for number in range(50)]).encode()
        token = self.home.token()
        link = socket.create_connection((token['address'], token['port']), timeout=10)
        self.addCleanup(link.close)
        link.sendall(b'POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n'
                     b'Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s'
                     % (token['port'], token['security_token'].encode(), len(body), body))
        server.process.send_signal(signal.SIGTERM)

    def with_open_clients(self, server):
        """Connected ones keep the port from nobody else: only who listens does."""
        token = self.home.token()
        for data in (b'', b'GET /', b'GET /openrpc.json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n' % token['port'] * 50):
            link = socket.create_connection((token['address'], token['port']))
            self.addCleanup(link.close)
            link.sendall(data)
        server.process.send_signal(signal.SIGTERM)

    def with_hostile_clients(self, server):
        with HostileClients(self.home.token(), idle=30, storms=1):
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(20)

    def test_the_port_is_free_only_after_the_end_of_the_process(self):
        ends = [self.by_signal, self.with_calls_at_work, self.by_interrupt, self.with_open_clients, self.by_signal,
                self.by_call, self.by_interrupt, self.with_calls_at_work, self.by_signal, self.with_hostile_clients,
                self.by_signal]
        users = [NOBODY] if os.getuid() == 0 else [0]
        if os.getuid() != 0:
            print('the thief is of the same user: only root can act as another one')
        # The program without sanitizers ends more quickly; the other one does much more behind main().
        binaries = [PLAIN_SERVER] * 3 + [SERVER] if os.path.exists(PLAIN_SERVER) else [SERVER]
        total = {'tries': 0, 'stolen': 0, 'acknowledged': 0, 'refused': 0}
        for number in range(ROUNDS):
            end = ends[number % len(ends)]
            with self.subTest(round=number, end=end.__name__):
                self.round(number, binaries[number % len(binaries)], end, (users + [0])[number % 2], total)
        print('%(tries)d tries of the thief, %(stolen)d ports after the end; '
              '%(acknowledged)d calls done, %(refused)d refused' % total)
        self.assertGreater(total['stolen'], 0, 'the thief never got a port: it proves nothing')
        self.assertGreater(total['acknowledged'], 0)
        self.assertGreater(total['refused'], 0, 'nobody called while a server stopped')

    def round(self, number, binary, end, user, total):
        server = self.serve(binary=binary)
        token = self.home.token()
        thief = Thief(self.thief, token, self.home.token_file, user)
        caller = Caller(token, self.home.token_file, number)
        try:
            if not thief.ready:
                self.skipTest('the thief cannot work here: ' + thief.process.communicate()[1])
            # The kernel keeps the port of a server that closed connections from everybody for a while: half of
            # the time there are none, and only the server itself stands between the thief and the port.
            if end not in (self.by_signal, self.by_interrupt):
                caller.start()
                pep_server.wait_for(lambda: caller.acknowledged, 10 * pep_server.SLOWDOWN, 'the first call')
            end(server)
            booty = thief.booty()
            code = server.process.wait(20)
        finally:
            caller.enough.set()
            if caller.is_alive():
                caller.join()
            thief.process.kill()
            thief.process.communicate()
            server.stop(signal.SIGKILL)
            self.servers.remove(server)
        self.assertEqual(code, 0, server.log_text())
        self.assertFalse(booty['executes'], booty)
        self.assertFalse(booty['token_file'], booty)
        self.assertEqual(booty['exit'], 0, booty)  # the process has ended within seconds
        self.assertEqual(caller.served_late, [])
        self.assertEqual(caller.strange, [])
        if caller.acknowledged:
            self.assert_stored(caller)
        for name, value in (('tries', booty['tries']), ('stolen', booty['way'] != 'nothing'), ('acknowledged', len(caller.acknowledged)),
                            ('refused', caller.refused)):
            total[name] += value

    def test_the_thief_catches_a_server_that_closes_too_early(self):
        """The test of the test: this one still runs when its port is free."""
        program = ('import os, socket, sys, time\n'
                   'link = socket.create_server(("127.0.0.1", 0))\n'
                   'print(link.getsockname()[1], flush=True)\n'
                   'sys.stdin.readline()\n'
                   'link.close()\n'
                   'time.sleep(0.3)\n')
        with subprocess.Popen([sys.executable, '-I', '-c', program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as early:
            token = {'port': int(early.stdout.readline()), 'pid': early.pid}
            with tempfile.NamedTemporaryFile() as file:
                thief = Thief(self.thief, token, file.name, NOBODY if os.getuid() == 0 else 0)
                self.assertTrue(thief.ready)
                early.stdin.write('\n')
                early.stdin.flush()
                booty = thief.booty()
        self.assertTrue(booty['executes'] and booty['token_file'] and not booty['ended'], booty)

    def assert_stored(self, caller):
        """What was acknowledged, and nothing of what was sent with a dead token, answered or not."""
        link = sqlite3.connect(os.path.join(self.home.path, 'engine.sqlite3'), timeout=10)
        try:
            stored = {row[0] for row in link.execute('SELECT address FROM identity')}
        finally:
            link.close()
        self.assertEqual(set(caller.acknowledged) - stored, set())
        self.assertEqual({address for address in stored if address.startswith('late')}, set())


if __name__ == '__main__':
    server_case.main()
