#!/usr/bin/env python3
"""A disk that fails now and then, while several clients change everything: what was acknowledged is there.

The clients are those of the crash test, the faults those of faults_test.py, but by chance. PEP_STORM_SECONDS sets
how long, PEP_STORM_SEED which. In the end the server is killed: a page in memory is no promise kept.
"""
import errno
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import crash_work  # noqa: E402
import faults  # noqa: E402
import pep_server  # noqa: E402
import server_case  # noqa: E402

SECONDS = float(os.environ.get('PEP_STORM_SECONDS', '6'))
SEED = int(os.environ.get('PEP_STORM_SEED', str(random.SystemRandom().randrange(10 ** 6))))
PLAIN = server_case.PLAIN_SERVER
WEATHER = (  # what fails, how, of a thousand calls, in a row
    (faults.WRITE | faults.TRUNCATE, errno.ENOSPC, 20), (faults.SYNC, errno.EIO, 50), (faults.CHANGES, errno.EIO, 10),
    (faults.READ, errno.EIO, 20), (faults.CHANGES | faults.READ, errno.EROFS, 300))


class Sailor(crash_work.Worker):
    """Takes errors as they come, and counts nothing as done that was not acknowledged."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.stop = threading.Event()
        self.refused = 0

    def run(self):
        work = [self.import_keys, self.generate, self.reset, self.renew, self.myself, self.partner_key, self.trust,
                self.mistrust, self.reset_trust, self.name, self.encrypt, self.decrypt]
        while not self.stop.is_set():
            try:
                self.chance.choice(work)()
            except pep_server.Refused as refused:  # a session, or a database, that could not be opened
                self.refused += 1
                if refused.code not in (-32603, -32004):
                    self.failures.append(str(refused))
            except Exception as problem:  # noqa: BLE001, told by the main thread
                self.failures.append(repr(problem))
                break
        self.client.close()

    def call(self, method, params, *good, legacy=None):
        out = super().call(method, params, *good, legacy=legacy)
        if out is None:  # an honest refusal
            self.refused += 1
            self.failures.pop()
        return out

    def decrypt(self):
        """The mail can be read without its key being stored."""
        _, mail = self.chance.choice(self.pool.mails)
        self.call('decrypt_message', {'src': mail}, 0, 0x402, 0x403)


class Storm(crash_work.Checks, server_case.ServerCase):
    def setUp(self):
        super().setUp()
        if not os.path.exists(PLAIN):
            self.skipTest('there is no program without sanitizers: ' + PLAIN)
        if not os.path.exists(faults.LIBRARY):
            self.skipTest('PEP_FAULTS_LIBRARY names no library to preload')
        self.faults = faults.Faults()
        self.addCleanup(self.faults.remove)

    def make_pool(self):
        home = pep_server.Home()
        self.addCleanup(home.remove)
        server = self.serve(home=home, binary=PLAIN, check_replies=False)
        client = server.client(timeout=60)
        pool = crash_work.Pool(client)
        client.close()
        server.stop()
        return pool

    def sail(self, server, known, pool, chance, weather, seconds):
        """-> (calls acknowledged, refused, file calls that failed)"""
        sailors = [Sailor(self.home.token(), known, pool, random.Random(chance.random()), index, 3)
                   for index in range(3)]
        before = sum(known.acknowledged.values())
        kinds, error, permille = weather
        self.faults.arm(kinds, error, self.home.path, count=-1, permille=permille,
                        seed=chance.randrange(1, 2 ** 32), tear=error == errno.ENOSPC)
        threads = [threading.Thread(target=sailor.run) for sailor in sailors]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        for _ in range(300):  # what seldom fails may not have failed yet
            if self.faults.failed > 0:
                break
            time.sleep(0.1)
        for sailor in sailors:
            sailor.stop.set()
        for thread in threads:
            thread.join(30)
            self.assertFalse(thread.is_alive(), 'a call hangs')
        self.faults.lift()
        self.assertIsNone(server.process.poll(), 'the server ended')
        self.assertEqual([failure for sailor in sailors for failure in sailor.failures], [])
        return (sum(known.acknowledged.values()) - before, sum(sailor.refused for sailor in sailors),
                self.faults.failed)

    def test_nothing_acknowledged_is_lost(self):
        chance = random.Random(SEED)
        print('seed %d' % SEED)
        pool, known = self.make_pool(), crash_work.Known()
        server = self.serve(binary=PLAIN, environment=self.faults.environment(self.home), check_replies=False)
        client = server.client()
        crash_work.prepare(client, pool, known)
        for weather in WEATHER:
            with self.subTest(weather=weather, seed=SEED):
                done, refused, failed = self.sail(server, known, pool, chance, weather, SECONDS / len(WEATHER))
                print('%s, %d of 1000: %d calls acknowledged, %d refused, %d file calls failed' % (
                    errno.errorcode[weather[1]], weather[2], done, refused, failed))
                self.assertGreater(failed, 0)
                # Without the fault all is well at once. A refused change whose last sync failed may lie in the log
                # still, and come back after a kill: what is written now takes its place.
                reply = client.call('set_identity', {'identity': {
                    'address': 'calm@example.org', 'user_id': 'calm', 'username': 'After %s, %d' % weather[1:]}})
                self.assertEqual(reply.status, 0)
                self.check(known)
                self.settle(known)
        client.close()
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        self.check(known)


if __name__ == '__main__':
    server_case.main()
