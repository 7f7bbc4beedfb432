#!/usr/bin/env python3
"""Killed at any moment, the daemon loses nothing it acknowledged, and never a secret key.

Each run starts the daemon, lets one or two clients change keys and identities, and kills it with
SIGKILL after a random time. Then the database is examined from outside, and the next run looks for
everything that was acknowledged. PEP_CRASH_RUNS sets how many runs (the test labelled `long`: 1 000),
PEP_CRASH_SEED which.
"""
import base64
import http.client
import os
import random
import signal
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402

RUNS = int(os.environ.get('PEP_CRASH_RUNS', '25'))
SEED = int(os.environ.get('PEP_CRASH_SEED', str(random.SystemRandom().randrange(10 ** 6))))
OWN_USER = 'pEp_own_userId'
KEY_REVOKED = 5  # PEP_comm_type
KEY_IMPORTED = 0x220
LONGEST_RUN = 0.12  # seconds until the kill; most operations take less than 10 ms


class Acknowledged:
    """What the daemon said it has done."""

    def __init__(self):
        self.lock = threading.Lock()
        self.public = set()      # fingerprints imported or made
        self.secret = set()      # with secret part; never to be lost
        self.revoked = set()
        self.renewed = {}        # fingerprint: expires not before
        self.own = {}            # address: fingerprint at least once in use
        self.pending_reset = set()  # own addresses whose reset was under way at the kill

    def add_secret(self, fpr):
        with self.lock:
            self.public.add(fpr)
            self.secret.add(fpr)


def own_identity(address):
    return {'address': address, 'user_id': OWN_USER, 'username': 'Own', 'me': True}


class Worker:
    """One client that changes things until its server dies. Each has identities and keys of its own, so
    that the order of what was acknowledged is known."""

    def __init__(self, token, known, pool, chance, index, count):
        self.addresses = ['own%d@example.org' % i for i in range(4) if i % count == index]
        self.is_mine = lambda fpr: int(fpr, 16) % count == index
        self.client = pep_server.Client(token, timeout=10)
        self.known = known
        self.pool = pool
        self.chance = chance
        self.failures = []

    def run(self):
        work = [self.import_keys, self.generate, self.reset, self.renew, self.myself, self.trust]
        try:
            while True:
                self.chance.choice(work)()
        except (OSError, http.client.HTTPException):
            pass  # killed
        except pep_server.Refused as refused:
            self.failures.append(str(refused))
        finally:
            self.client.close()

    def expect(self, reply, *statuses):
        if reply.status not in statuses:
            self.failures.append('unexpected status %#x' % reply.status)
        return reply.status in statuses

    def import_keys(self):
        fpr, public, secret = self.chance.choice(self.pool)
        with_secret = self.chance.random() < 0.3
        data = base64.b64encode((secret if with_secret else public).encode()).decode()
        if self.expect(self.client.call('import_key', {'key_data': data}), KEY_IMPORTED):
            if with_secret:
                self.known.add_secret(fpr)
            with self.known.lock:
                self.known.public.add(fpr)

    def generate(self):
        name = 'g%d@example.org' % self.chance.randrange(10 ** 9)
        reply = self.client.call('generate_keypair', {'identity': {'address': name, 'username': 'G'}})
        if self.expect(reply, 0):
            self.known.add_secret(reply.out['identity']['fpr'])

    def myself(self):
        address = self.chance.choice(self.addresses)
        reply = self.client.call('myself', {'identity': own_identity(address)})
        if self.expect(reply, 0):
            fpr = reply.out['identity']['fpr']
            self.known.add_secret(fpr)
            with self.known.lock:
                self.known.own[address] = fpr

    def reset(self):
        address = self.chance.choice(self.addresses)
        with self.known.lock:
            old = self.known.own.get(address)
            if old is None:
                return
            self.known.pending_reset.add(address)  # until the answer, old and new are both right
        reply = self.client.call('key_reset_identity', {'ident': own_identity(address), 'fpr': old})
        if self.expect(reply, 0):
            with self.known.lock:
                self.known.revoked.add(old)
                del self.known.own[address]
        with self.known.lock:
            self.known.pending_reset.discard(address)

    def renew(self):
        with self.known.lock:
            candidates = sorted(filter(self.is_mine, self.known.secret - self.known.revoked))
        if not candidates:
            return
        fpr = self.chance.choice(candidates)
        when = int(time.time()) + self.chance.randrange(400, 4000) * 86400
        with self.known.lock:
            self.known.renewed.pop(fpr, None)  # either date is right until the answer
        reply = self.client.call('renew_key', {'fpr': fpr, 'ts': when})
        if self.expect(reply, 0):
            with self.known.lock:
                self.known.renewed[fpr] = when

    def trust(self):
        fpr, _, _ = self.chance.choice(self.pool)
        partner = {'address': 'p@example.net', 'user_id': 'P', 'username': 'P'}
        reply = self.client.call('set_comm_partner_key', {'identity': partner, 'fpr': fpr})
        self.expect(reply, 0)


class CrashTest(server_case.ServerCase):
    def make_pool(self):
        """Keys of others, made in another home."""
        home = pep_server.Home()
        self.addCleanup(home.remove)
        server = self.serve(home=home, binary=self.binary)
        client = server.client()
        pool = []
        for i in range(24):
            made = client.call('generate_keypair', {'identity': {'address': 'pool%d@example.net' % i}})
            fpr = made.out['identity']['fpr']
            public = client.call('export_key', {'fpr': fpr}).out['key_data']
            secret = client.call('export_secret_key', {'fpr': fpr}).out['key_data']
            pool.append((fpr, public, secret))
        client.close()
        server.stop()
        return pool

    def crash(self, known, pool, chance):
        server = self.serve(binary=self.binary)
        token = self.home.token()
        count = chance.choice([1, 1, 2])
        workers = [Worker(token, known, pool, random.Random(chance.random()), index, count)
                   for index in range(count)]
        threads = [threading.Thread(target=worker.run) for worker in workers]
        for thread in threads:
            thread.start()
        slowdown = pep_server.SLOWDOWN if self.binary == server_case.SERVER else 1
        time.sleep(chance.random() * LONGEST_RUN * slowdown)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        for thread in threads:
            thread.join(20)
            self.assertFalse(thread.is_alive())
        self.servers.remove(server)
        for worker in workers:
            self.assertEqual(worker.failures, [])

    def examine_file(self):
        link = sqlite3.connect(os.path.join(self.home.path, 'engine.sqlite3'), timeout=10)
        try:
            self.assertEqual(link.execute('PRAGMA integrity_check').fetchall(), [('ok',)])
            self.assertEqual(link.execute('PRAGMA foreign_key_check').fetchall(), [])
            if link.execute('PRAGMA user_version').fetchone() == (0,):
                return {}, {}, set()  # killed before the engine was needed for the first time
            keys = {fpr: secret for fpr, secret in
                    link.execute('SELECT fpr, secret_key IS NOT NULL FROM openpgp_key')}
            own = dict(link.execute('SELECT address, main_key_id FROM identity WHERE is_own = 1'))
            replaced = {row[0] for row in link.execute('SELECT revoked_fpr FROM revoked_key')}
            return keys, own, replaced
        finally:
            link.close()

    def check(self, known):
        keys, own, replaced = self.examine_file()
        self.assertEqual(known.public - set(keys), set(), 'acknowledged keys are gone')
        self.assertEqual({fpr for fpr in known.secret if not keys.get(fpr)}, set(),
                         'secret keys are gone')
        self.assertEqual(known.revoked - replaced, set(), 'an acknowledged reset is gone')
        for address, fpr in known.own.items():
            if address in known.pending_reset:  # done completely, or not at all
                self.assertTrue(own[address] == fpr or fpr in replaced, address)
                self.assertTrue(keys.get(own[address]), address)
            else:
                self.assertEqual(own[address], fpr)

    def settle(self, known):
        """After a kill during a reset: what is it now?"""
        _, own, replaced = self.examine_file()
        for address in known.pending_reset:
            former = known.own.pop(address, None)
            if former in replaced:
                known.revoked.add(former)
            if own.get(address):
                known.own[address] = own[address]
                known.add_secret(own[address])
        known.pending_reset.clear()

    def check_by_calls(self, known):
        """The same facts, as the daemon tells them."""
        server = self.serve(binary=self.binary)
        client = server.client()
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
        client.close()
        server.stop()

    def test_a_kill_loses_nothing_acknowledged(self):
        # The program without sanitizers gets further before it is killed.
        plain = server_case.PLAIN_SERVER
        self.binary = plain if os.path.exists(plain) else server_case.SERVER
        chance = random.Random(SEED)
        print('seed %d, %d runs' % (SEED, RUNS))
        pool = self.make_pool()
        known = Acknowledged()
        for run in range(RUNS):
            with self.subTest(run=run, seed=SEED):
                self.crash(known, pool, chance)
                self.check(known)
                self.settle(known)
            if run % 100 == 99:
                self.check_by_calls(known)
        self.check_by_calls(known)
        print('%d keys, %d of them secret, %d resets, %d renewals acknowledged and found' % (
            len(known.public), len(known.secret), len(known.revoked), len(known.renewed)))
        self.assertGreater(len(known.secret), 0)


if __name__ == '__main__':
    server_case.main()
