#!/usr/bin/env python3
"""Killed at any moment, the daemon loses nothing it acknowledged, and never a secret key.

Each round starts the daemon, lets one to three clients change whatever can be changed, in both dialects, and kills
it with SIGKILL after a random time. Then the database is examined from outside, and the next round looks for
everything that was acknowledged. PEP_CRASH_RUNS sets how many rounds (the test labelled `long`: 2 000),
PEP_CRASH_SEED which.
"""
import os
import random
import signal
import socket
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import crash_work  # noqa: E402
import pep_server  # noqa: E402
import server_case  # noqa: E402
from crash_work import CONFIRMED, Known, Pool, Worker, own_identity  # noqa: E402

RUNS = int(os.environ.get('PEP_CRASH_RUNS', '25'))
SEED = int(os.environ.get('PEP_CRASH_SEED', str(random.SystemRandom().randrange(10 ** 6))))
ROUNDS_OF_A_HOME = 100  # more keys than users have, few enough for short rounds
LONGEST_START = 0.06
KEY_REVOKED, KEY_MISTRUSTED = 5, 15  # PEP_comm_type
LONGEST_RUN = 0.2  # seconds until the kill; most operations take less than 10 ms


class CrashTest(crash_work.Checks, server_case.ServerCase):
    def setUp(self):
        super().setUp()
        # The program without sanitizers gets further before it is killed.
        plain = server_case.PLAIN_SERVER
        self.binary = plain if os.path.exists(plain) else server_case.SERVER
        self.chance = random.Random(SEED)
        self.start_times = []
        self.totals = {}
        self.old_token = None

    def serve_again(self):
        """Start, and call at once, in the presence of whatever the killed one left."""
        begin = time.monotonic()
        server = self.serve(binary=self.binary, check_replies=False)
        client = server.client()
        client.call('ping')
        self.start_times.append(time.monotonic() - begin)
        if self.old_token:
            self.assertNotEqual(self.old_token, client.token['security_token'])
            stale = pep_server.Client({**client.token, 'security_token': self.old_token})
            self.assertFalse(stale.prove())
            with self.assertRaises(pep_server.Refused) as refused:
                stale.call('ping')
            self.assertEqual(refused.exception.code, -32001)
            stale.close()
        self.old_token = client.token['security_token']
        self.call_by_unix_socket(client.token)
        client.close()
        return server

    def call_by_unix_socket(self, token):
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(10)
            link.connect(token['socket'])
            link.sendall(b'GET /prove?nonce=0123456789abcdef HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
            self.assertIn(b'200 OK', link.recv(4096))

    def make_pool(self):
        home = pep_server.Home()
        self.addCleanup(home.remove)
        server = self.serve(home=home, binary=self.binary)
        client = server.client(timeout=60)
        pool = Pool(client)
        client.close()
        server.stop()
        return pool

    def prepare_home(self, pool, known):
        """What clients need from the first round on: a key of one's own that mails are for."""
        server = self.serve_again()
        client = server.client()
        crash_work.prepare(client, pool, known)
        client.close()
        self.kill(server)

    def kill(self, server):
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        self.servers.remove(server)
        self.assertTrue(os.path.exists(self.home.token_file), 'a killed server leaves its token file')

    def crash_at_start(self):
        """Killed before anybody could call it: it may have written anything by then."""
        server = self.serve(binary=self.binary, check_replies=False, wait=False)
        time.sleep(self.chance.random() * LONGEST_START)
        self.kill(server)
        self.old_token = self.home.token()['security_token']

    def crash(self, known, pool):
        if self.chance.random() < 0.15:
            self.crash_at_start()
        server = self.serve_again()
        token = self.home.token()
        count = self.chance.choice([1, 1, 2, 3])
        workers = [Worker(token, known, pool, random.Random(self.chance.random()), index, count)
                   for index in range(count)]
        threads = [threading.Thread(target=worker.run) for worker in workers]
        for thread in threads:
            thread.start()
        slowdown = pep_server.SLOWDOWN if self.binary == server_case.SERVER else 1
        time.sleep(self.chance.random() * LONGEST_RUN * slowdown)
        self.kill(server)
        for thread in threads:
            thread.join(20)
            self.assertFalse(thread.is_alive())
        for worker in workers:
            self.assertEqual(worker.failures, [])

    def check_by_calls(self, known, pool):
        """The same facts, as the daemon tells them."""
        server = self.serve_again()
        client = server.client(timeout=60)
        for fpr in known.secret:
            self.assertEqual(client.call('export_secret_key', {'fpr': fpr}).status, 0, fpr)
        for fpr in known.revoked:
            self.assertEqual(client.call('get_key_rating', {'fpr': fpr}).out['comm_type'], KEY_REVOKED)
        for fpr, when in known.renewed.items():
            if fpr not in known.revoked:
                expired = client.call('key_expired', {'fpr': fpr, 'when': when - 60}).out['expired']
                self.assertFalse(expired, fpr)
        for address, fpr in known.own.items():
            reply = client.call('myself', {'identity': own_identity(address)})
            self.assertEqual((reply.status, reply.out['identity']['fpr']), (0, fpr))
        for (kind, whom), value in known.facts.items():
            if kind == 'aside' and value is not None:
                answer = client.legacy('blacklist_is_listed', whom, ['OP'])
                self.assertEqual(answer['result']['outParams'], [value])
            if kind == 'name' and value is not None:
                reply = client.call('get_identity', {'address': whom + '@example.net', 'user_id': whom})
                self.assertEqual(reply.out['identity']['flags'], value[1])
            if kind == 'trust' and value is not None:
                number = int(whom[len('user'):])
                reply = client.call('get_trust', {'identity': {
                    'address': 'partner%d@example.net' % number, 'user_id': whom, 'fpr': pool.partners[number][0]}})
                comm_type = reply.out['identity']['comm_type']
                self.assertEqual('confirmed' if comm_type & CONFIRMED else
                                 'mistrusted' if comm_type == KEY_MISTRUSTED else 'known', value, comm_type)
        client.close()
        server.stop()
        self.old_token = None

    def finish_home(self, known, pool):
        self.check_by_calls(known, pool)
        left = set(os.listdir(self.home.path)) - {'engine.sqlite3', 'lock'}
        self.assertLessEqual(len(left), 3, 'files of killed servers pile up: %s' % left)
        for what, number in (('keys', len(known.public)), ('secret keys', len(known.secret)),
                             ('resets', len(known.revoked)), ('renewals', len(known.renewed)),
                             *known.acknowledged.items()):
            self.totals[what] = self.totals.get(what, 0) + number
        self.home.remove()
        self.home = pep_server.Home()
        self.addCleanup(self.home.remove)

    def test_a_kill_loses_nothing_acknowledged(self):
        print('seed %d, %d rounds' % (SEED, RUNS), flush=True)
        pool = self.make_pool()
        for first in range(0, RUNS, ROUNDS_OF_A_HOME):
            known = Known()
            self.prepare_home(pool, known)
            for run in range(first, min(first + ROUNDS_OF_A_HOME, RUNS)):
                with self.subTest(run=run, seed=SEED):
                    try:
                        self.crash(known, pool)
                        self.check(known)
                    finally:
                        self.settle(known)
            self.finish_home(known, pool)
            print('%d rounds; start to first answer: median %.0f ms, most %.0f ms' % (
                min(first + ROUNDS_OF_A_HOME, RUNS), 1000 * statistics.median(self.start_times),
                1000 * max(self.start_times)), flush=True)
        print('acknowledged and found: ' + ', '.join('%d %s' % (n, what) for what, n in sorted(self.totals.items())))
        self.assertGreater(self.totals['secret keys'], 0)


if __name__ == '__main__':
    server_case.main()
