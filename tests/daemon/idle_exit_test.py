#!/usr/bin/env python3
"""--idle-exit: the server goes when nobody needs it, stays while anybody does, and loses no call in between."""
import contextlib
import http.client
import os
import random
import socket
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import PLAIN_SERVER, SERVER, ServerCase  # noqa: E402

SLOW = pep_server.SLOWDOWN
IDLE = 1  # seconds: the shortest there is
LONG = 3 * IDLE  # an idle server has ended by then
SERVERS = 12  # at the same time, in the race
ROUNDS = int(os.environ.get('PEP_IDLE_ROUNDS', '4'))
SEED = int(os.environ.get('PEP_TEST_SEED', str(random.SystemRandom().randrange(10 ** 6))))
# The quicker program has less time between two of its steps.
QUICK_SERVER = PLAIN_SERVER if os.path.exists(PLAIN_SERVER) else SERVER


class IdleCase(ServerCase):
    def idle_server(self, *options, **more):
        return self.serve('--idle-exit', str(IDLE), *options, **more)

    def another_home(self):
        home = pep_server.Home()
        self.addCleanup(home.remove)
        return home

    def assert_ends(self, server):
        pep_server.wait_for(lambda: server.process.poll() is not None, 20 * SLOW, 'the end of an idle server')
        self.assertEqual(server.process.returncode, 0, server.log_text())
        self.assertFalse(os.path.exists(server.home.token_file))


class Ending(IdleCase):
    def test_comes_when_that_time_has_passed_and_not_before(self):
        server = self.idle_server()
        client = server.client()
        client.call('ping')
        client.close()
        last_call = time.monotonic()
        self.assert_ends(server)
        self.assertGreaterEqual(time.monotonic() - last_call, IDLE * 0.99)

    def test_of_a_daemon_leaves_nothing_and_the_next_start_is_a_new_one(self):
        for _ in range(2):
            started = self.daemonise('--idle-exit', str(IDLE))
            self.assertEqual(started.returncode, 0, started.stderr)
            self.assertTrue(started.stdout.startswith('serving'), started.stdout)
            token = self.home.token()
            pep_server.wait_for(lambda: not pep_server.is_running(token['pid']), 20 * SLOW, 'the end')
            self.assertFalse(os.path.exists(self.home.token_file))
            self.assertFalse(os.path.lexists(token['socket']))

    def test_never_comes_without_the_option_or_with_0(self):
        servers = [self.serve(), self.serve('--idle-exit', '0', home=self.another_home())]
        time.sleep(LONG)
        self.assertEqual([server.process.poll() for server in servers], [None, None])

    def test_times_that_are_none_are_refused(self):
        for value in ('-1', 'x', '', '1x', '1.5', '99999999999999999999'):
            with self.subTest(value=value):
                started = self.run_server('--home', self.home.path, '--idle-exit', value)
                self.assertEqual(started.returncode, 2, started.stdout)
                self.assertIn('--idle-exit', started.stderr)


class Reasons(IdleCase):
    """Each is given to a server of its own; all wait at the same time, then each reason is taken away."""

    def connection(self, server, stack):
        link = socket.create_connection(('127.0.0.1', server.home.token()['port']))
        stack.callback(link.close)

    def unix_connection(self, server, stack):
        link = socket.socket(socket.AF_UNIX)
        stack.callback(link.close)
        link.connect(server.home.token()['socket'])

    def event_stream(self, server, stack):
        token = server.home.token()
        link = socket.create_connection(('127.0.0.1', token['port']))
        stack.callback(link.close)
        link.sendall(b'GET /events HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n\r\n'
                     % (token['port'], token['security_token'].encode()))

    def waiting_poll(self, server, stack):
        """On a connection, but its queue outlives it: closed, both are gone."""
        session = self.call(server, 'create_session').value
        client = server.client()
        poll = threading.Thread(target=client.call, args=(
            'pollForEvents', {'session_id': session, 'timeout_s': 60}))
        poll.start()
        stack.callback(client.close)
        stack.callback(poll.join)
        stack.callback(self.call, server, 'close_session', {'session_id': session})

    def event_session(self, server, stack):
        session = self.call(server, 'create_session').value
        stack.callback(self.call, server, 'close_session', {'session_id': session})

    def listener(self, server, stack):
        door = socket.create_server(('127.0.0.1', 0))
        stack.callback(door.close)
        place = ('127.0.0.1', door.getsockname()[1], 'x')
        self.legacy(server, 'registerEventListener', *place)
        stack.callback(self.legacy, server, 'unregisterEventListener', *place)

    def legacy(self, server, method, *params):
        """Listeners exist in the old dialect only."""
        client = server.client()
        try:
            self.assertIn('result', client.legacy(method, *params))
        finally:
            client.close()

    def cached_message(self, server, stack):
        message = self.call(server, 'cache_mime_decode_message', {'mimetext': 'Subject: A\r\n\r\nB'}).out['msg']
        cache_id = message['opt_fields'][0]['value']
        stack.callback(self.call, server, 'cache_release', {'cache_id': cache_id})

    def configuration(self, server, stack):
        """Goes by itself: it is forgotten after --client-timeout."""
        self.call(server, 'config_passphrase', {'passphrase': 'abc'})

    @staticmethod
    def call(server, method, params=None):
        client = server.client()
        try:
            return client.call(method, params)
        finally:
            client.close()

    def test_keep_it_alive_as_long_as_they_hold(self):
        reasons = {reason.__name__: reason for reason in (
            self.connection, self.unix_connection, self.event_stream, self.waiting_poll, self.event_session,
            self.listener, self.cached_message, self.configuration)}
        servers = {}
        with contextlib.ExitStack() as stack:
            for name, reason in reasons.items():
                servers[name] = self.idle_server(
                    '--client-timeout', str(LONG + 2), home=self.another_home(), binary=QUICK_SERVER)
                reason(servers[name], stack)
            time.sleep(LONG)
            for name, server in servers.items():
                self.assertIsNone(server.process.poll(), name)
                self.assertTrue(os.path.exists(server.home.token_file), name)
        for name, server in servers.items():
            with self.subTest(reason=name):
                self.assert_ends(server)

    def test_calls_alone_keep_it_alive_however_short_they_are(self):
        server = self.idle_server()
        for _ in range(2 * LONG):
            self.call(server, 'ping')
            time.sleep(IDLE / 2)
        self.assertIsNone(server.process.poll())
        self.assert_ends(server)


class Attempt:
    """A call on a connection of its own, by who read the token file some time ago."""

    def __init__(self, token, address):
        self.token = token
        self.address = address
        self.outcome = 'not sent'

    def run(self):
        client = pep_server.Client(self.token, timeout=10 * SLOW)
        try:
            client.connection.connect()
            self.outcome = 'connected'
            reply = client.call('set_identity', {'identity': {
                'address': self.address, 'user_id': self.address, 'username': 'X'}})
            self.outcome = 'done' if reply.status == 0 else 'status %d' % reply.status
        except pep_server.Refused as refusal:
            self.outcome = 'refused' if (refusal.http_status, refusal.code) == (503, -32005) else str(refusal)
        except TimeoutError:
            self.outcome = 'no answer'
        except (OSError, http.client.HTTPException):
            self.outcome += ', then closed'
        finally:
            client.close()


class Race(IdleCase):
    ALLOWED = ('done', 'refused', 'not sent, then closed', 'connected, then closed')

    def stored(self, home):
        link = sqlite3.connect(os.path.join(home.path, 'engine.sqlite3'), timeout=10)
        try:
            return {row[0] for row in link.execute('SELECT address FROM identity')}
        except sqlite3.OperationalError:
            return set()  # no call needed the engine
        finally:
            link.close()

    def caller(self, server, chance, attempts):
        """Calls at about the moment in which the time is over, until the server is gone."""
        token = server.home.token()
        for number in range(5):
            time.sleep(IDLE * chance.uniform(0.95, 1.7))
            attempts.append(Attempt(token, 'race%d@example.org' % number))
            attempts[-1].run()
            if attempts[-1].outcome != 'done':
                return

    def test_a_call_is_answered_or_refused_without_effect(self):
        chance = random.Random(SEED)
        print('seed %d' % SEED)
        outcomes = {}
        for _ in range(ROUNDS):
            servers = [self.idle_server(home=self.another_home(), binary=QUICK_SERVER) for _ in range(SERVERS)]
            attempts = [[] for _ in servers]
            callers = [threading.Thread(target=self.caller, args=(server, random.Random(chance.random()), mine))
                       for server, mine in zip(servers, attempts)]
            for thread in callers:
                thread.start()
            for thread in callers:
                thread.join()
            for server, mine in zip(servers, attempts):
                self.assert_ends(server)
                done = {attempt.address for attempt in mine if attempt.outcome == 'done'}
                self.assertEqual({address for address in self.stored(server.home) if address.startswith('race')}, done)
                for attempt in mine:
                    self.assertIn(attempt.outcome, self.ALLOWED)
                    outcomes[attempt.outcome] = outcomes.get(attempt.outcome, 0) + 1
        print(', '.join('%d %s' % (count, outcome) for outcome, count in sorted(outcomes.items())))
        self.assertGreater(outcomes.get('done', 0), 0)
        self.assertGreater(len(outcomes), 1, 'every call came too early')

    def test_who_comes_when_the_token_file_goes_finds_a_server_that_can_be_found_again(self):
        """A server that goes on must be in its token file, or nobody else would get to one any more."""
        kinds = {}
        for _ in range(5):
            server = self.idle_server(binary=QUICK_SERVER)
            token = self.home.token()
            while os.path.exists(self.home.token_file):
                time.sleep(0.0005)
            client = pep_server.Client(token)
            try:
                client.call('ping')
                kinds['served'] = kinds.get('served', 0) + 1
                pep_server.wait_for(lambda: os.path.exists(self.home.token_file), 10 * SLOW, 'the token file again')
                self.assertEqual(self.home.token(), token)
                self.assertIsNone(server.process.poll())
            except pep_server.Refused as refusal:
                self.assertEqual((refusal.http_status, refusal.code), (503, -32005))
            except (OSError, http.client.HTTPException):
                pass
            finally:
                client.close()
            self.assert_ends(server)
        print('served after the token file had gone: %d of 5' % kinds.get('served', 0))

    def test_a_server_that_was_told_to_stop_is_not_announced_again(self):
        """Somebody came while the token file was gone, and holds the stop up; but the token is dead."""
        server = self.idle_server(binary=QUICK_SERVER)
        token = self.home.token()
        while os.path.exists(self.home.token_file):
            time.sleep(0.0005)
        with socket.create_connection((token['address'], token['port'])) as link:
            body = b'{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}'
            link.sendall(40 * (b'POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n'
                               b'Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' % (
                                   token['port'], token['security_token'].encode(), len(body), body)))
            link.recv(1)  # of an answer far bigger than what is on its way: the server is held up sending
            server.process.terminate()
            seen = 0
            while server.process.poll() is None:
                seen += os.path.exists(self.home.token_file)
                time.sleep(0.001)
        self.assertEqual(server.process.returncode, 0, server.log_text())
        self.assertEqual(seen, 0)

    def test_clients_that_start_the_server_they_miss_always_get_through(self):
        """The recipe of the README: read the file, call; if nobody answers, start one and read it again."""
        chance = random.Random(SEED)
        starts = 0
        for number in range(8):
            for attempt in range(3):
                try:
                    client = pep_server.Client(self.home.token())
                    client.call('set_identity', {'identity': {
                        'address': 'r%d@example.org' % number, 'user_id': 'r%d' % number, 'username': 'R'}})
                    client.close()
                    break
                except pep_server.Refused as refusal:
                    self.assertEqual(refusal.code, -32005)
                except (OSError, http.client.HTTPException):
                    pass
                started = self.daemonise('--idle-exit', str(IDLE))
                self.assertEqual(started.returncode, 0, started.stderr)
                starts += 1
            else:
                self.fail('three starts, and nobody can be called')
            time.sleep(IDLE * chance.uniform(0.95, 1.7))
        print('%d starts for 8 calls' % starts)
        self.assertLess(1, starts)


if __name__ == '__main__':
    server_case.main()
