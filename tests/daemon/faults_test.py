#!/usr/bin/env python3
"""A disk that fails at any call: full, broken, without descriptors. No lie, no half change, no end of the server.

A preloaded library (tests/support/faults.c) makes one file call after the other fail while a function changes
something. PEP_FAULTS_STEPS is the most steps of each sweep.
"""
import base64
import errno
import os
import signal
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import faults  # noqa: E402
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402

MOST_STEPS = int(os.environ.get('PEP_FAULTS_STEPS', '8'))
OWN = 'pEp_own_userId'
KEY_IMPORTED, CONFIRMED = 0x220, 0x80
PLAIN = server_case.PLAIN_SERVER
# (name, what fails, how, how many in a row, whether the first half of a write gets through)
MODES = (
    ('a full disk that stays full', faults.WRITE | faults.TRUNCATE, errno.ENOSPC, -1, True),
    ('one call that fails', faults.CHANGES, errno.EIO, 1, False),
    ('a disk that has gone', faults.CHANGES | faults.READ, errno.EIO, -1, False),
)


def own(address):
    return {'address': address, 'user_id': OWN, 'username': 'Own'}


class Change:
    """A call that changes something: what it needs, how it is made, and how much of it is in the database.

    Each has prepare(number), call() -> whether it was acknowledged, and count(database) -> parts present.
    `parts` is how many there are when it is complete.
    """

    good = (0,)
    parts = 2
    is_promised = True  # an acknowledgement means that the change was made

    def __init__(self, client, world):
        self.client, self.world = client, world
        self.told = None  # what the last call was answered

    def prepare(self, number):
        self.address = '%s%d@example.org' % (type(self).__name__.lower(), number)

    def made(self, method, **params):
        reply = self.client.call(method, params)
        assert reply.status in (0, KEY_IMPORTED, 0x404), (method, reply.result)
        return reply

    def acknowledged(self, method, **params):
        """False for an honest error, whether it is the engine's or JSON-RPC's."""
        try:
            reply = self.client.call(method, params)
        except pep_server.Refused as refused:
            assert refused.code in (-32603, -32004), refused
            self.told = str(refused)
            return False
        self.told = reply.value
        return reply.status in self.good


class Myself(Change):
    def call(self):
        return self.acknowledged('myself', identity=own(self.address))

    def count(self, db):
        row = db.execute('SELECT main_key_id FROM identity WHERE address = ? AND is_own = 1', [self.address]).fetchone()
        keys = db.execute('SELECT count(*) FROM openpgp_user_id u JOIN openpgp_key k ON u.fpr = k.fpr'
                          ' WHERE u.address = ? AND k.secret_key IS NOT NULL', [self.address]).fetchone()[0]
        return min(keys, 1) + (row is not None and row[0] is not None)


class ImportKey(Change):
    good = (KEY_IMPORTED,)

    def prepare(self, number):
        self.fpr, self.armored = self.world['foreign']
        self.client.call('delete_keypair', {'fpr': self.fpr})

    def call(self):
        return self.acknowledged('import_key', key_data=base64.b64encode(self.armored.encode()).decode())

    def count(self, db):
        return sum(min(1, db.execute('SELECT count(*) FROM %s WHERE fpr = ?' % table, [self.fpr]).fetchone()[0])
                   for table in ('openpgp_key', 'openpgp_user_id'))


class KeyReset(Change):
    def prepare(self, number):
        super().prepare(number)
        self.old = self.made('myself', identity=own(self.address)).out['identity']['fpr']

    def call(self):
        return self.acknowledged('key_reset_identity', ident=own(self.address), fpr=self.old)

    def count(self, db):
        now = db.execute('SELECT main_key_id FROM identity WHERE address = ? AND is_own = 1', [self.address]).fetchone()
        gone = db.execute('SELECT count(*) FROM revoked_key WHERE revoked_fpr = ?', [self.old]).fetchone()[0]
        return (now[0] != self.old) + min(gone, 1)


class TrustKey(Change):
    parts = 1

    def prepare(self, number):
        fpr, armored = self.world['foreign']
        self.made('import_key', key_data=base64.b64encode(armored.encode()).decode())
        self.partner = {'address': 'foreign@example.net', 'user_id': 'user%d' % number, 'username': 'F', 'fpr': fpr}
        self.made('set_comm_partner_key', identity=self.partner, fpr=fpr)

    def call(self):
        return self.acknowledged('trust_personal_key', ident=self.partner)

    def count(self, db):
        row = db.execute('SELECT comm_type FROM trust WHERE user_id = ? AND fpr = ?',
                         [self.partner['user_id'], self.partner['fpr']]).fetchone()
        return int(row is not None and row[0] & CONFIRMED != 0)


class SetIdentity(Change):
    def prepare(self, number):
        super().prepare(number)
        self.user = 'set%d' % number

    def call(self):
        return self.acknowledged('set_identity', identity={
            'address': self.address, 'user_id': self.user, 'username': 'Somebody'})

    def count(self, db):
        return sum(db.execute(query, [self.user]).fetchone()[0] for query in (
            'SELECT count(*) FROM person WHERE id = ?', 'SELECT count(*) FROM identity WHERE user_id = ?'))


class DecryptWithKey(ImportKey):
    """A mail that brings the key of its sender. It can be read on a full disk, too; the key comes with the next."""

    good = (0, 0x400)
    is_promised = False

    def call(self):
        mail = {'dir': 0, 'from': {'address': 'foreign@example.net', 'username': 'F'}, 'to': [own('me@example.org')],
                'shortmsg': 'Hi', 'longmsg': 'Hello', 'attachments': [{
                    'mime_type': 'application/pgp-keys', 'filename': 'file://pEpkey.asc',
                    'value': base64.b64encode(self.armored.encode()).decode()}]}
        return self.acknowledged('decrypt_message', src=mail)


class FaultsCase(ServerCase):
    def setUp(self):
        super().setUp()
        if not os.path.exists(PLAIN):
            self.skipTest('there is no program without sanitizers: ' + PLAIN)
        if not os.path.exists(faults.LIBRARY):
            self.skipTest('PEP_FAULTS_LIBRARY names no library to preload')
        self.faults = faults.Faults()
        self.addCleanup(self.faults.remove)

    def start(self, *options):
        return self.serve(*options, binary=PLAIN, environment=self.faults.environment(self.home), check_replies=False)

    def database(self):
        link = sqlite3.connect('file:%s?mode=ro' % os.path.join(self.home.path, 'engine.sqlite3'), uri=True, timeout=10)
        return link

    def foreign_key(self):
        """A key of somebody else, made in another home."""
        home = pep_server.Home()
        self.addCleanup(home.remove)
        server = self.serve(home=home, binary=PLAIN, check_replies=False)
        client = server.client()
        fpr = client.call('generate_keypair', {'identity': {
            'address': 'foreign@example.net', 'username': 'F'}}).out['identity']['fpr']
        armored = client.call('export_key', {'fpr': fpr}).out['key_data']
        client.close()
        server.stop()
        return fpr, armored


class Changes(FaultsCase):
    """The fault at the first, the second, the third file call of each change."""

    def examine(self, change):
        """-> how many parts of the change there are, in a database that is whole"""
        link = self.database()
        try:
            self.assertEqual(link.execute('PRAGMA integrity_check').fetchall(), [('ok',)])
            self.assertEqual(link.execute('PRAGMA foreign_key_check').fetchall(), [])
            return change.count(link)
        finally:
            link.close()

    def step(self, change, number, mode, skip):
        """One call with one fault. -> (was it acknowledged, file calls that failed)"""
        _, kinds, error, count, tear = mode
        change.prepare(number)
        before = self.examine(change)
        self.faults.arm(kinds, error, self.home.path, skip=skip, count=count, tear=tear)
        try:
            done = change.call()
        finally:
            self.faults.lift()
        failed, after = self.faults.failed, self.examine(change)
        self.assertIsNone(self.server.process.poll(), 'the server ended')
        if done and change.is_promised:
            self.assertEqual(after, change.parts, 'acknowledged, but not there')
        else:
            self.assertIn(after, (before, change.parts), 'half of a refused change')
            if isinstance(change, KeyReset) and after == change.parts:
                return done, failed  # it is done, though it could not be told; there is nothing left to reset
        self.assertTrue(change.call(), 'the same call without the fault: %s' % change.told)
        self.assertEqual(self.examine(change), change.parts)
        return done, failed

    def sweep(self, kind):
        self.server = self.start()
        client = self.server.client()
        self.addCleanup(client.close)
        change = kind(client, {'foreign': self.foreign_key()})
        client.call('myself', {'identity': own('me@example.org')})
        number = 0
        for mode in MODES:
            number += 1
            change.prepare(number)
            self.faults.arm(mode[1], 0, self.home.path)
            self.assertTrue(change.call(), 'without a fault: %s' % change.told)
            calls = self.faults.seen
            self.faults.lift()
            refused = steps = 0
            for skip in sorted({calls * i // MOST_STEPS for i in range(MOST_STEPS)}):
                number += 1
                with self.subTest(mode=mode[0], call=skip):
                    done, failed = self.step(change, number, mode, skip)
                    refused += not done
                    steps += failed > 0
            print('%s, %s: %d file calls, %d steps with a fault, %d calls refused' % (
                kind.__name__, mode[0], calls, steps, refused))
            self.assertGreater(steps, 0)
        self.assertEqual(self.server.stop()[0], 0)

    def test_myself(self):
        self.sweep(Myself)

    def test_import_key(self):
        self.sweep(ImportKey)

    def test_key_reset(self):
        self.sweep(KeyReset)

    def test_trust_personal_key(self):
        self.sweep(TrustKey)

    def test_set_identity(self):
        self.sweep(SetIdentity)

    def test_decrypt_message_with_a_key(self):
        self.sweep(DecryptWithKey)


class Opening(FaultsCase):
    """The first call needs the database: it is made, or opened, with one file call after the other failing."""

    calls = 0

    def first_call(self, kinds, error, skip, count):
        """-> (acknowledged, calls seen); a session that could not be opened must be opened by the next call"""
        server = self.start()
        client = server.client()
        self.faults.arm(kinds, error, os.path.join(self.home.path, 'engine'), skip=skip, count=count)
        try:
            done = Change(client, {}).acknowledged('myself', identity=own('first@example.org'))
        finally:
            self.faults.lift()
        seen = self.faults.seen
        self.assertEqual(client.call('myself', {'identity': own('first@example.org')}).status, 0)
        self.calls += 1
        new = 'new%d@example.org' % self.calls  # this one has to be written
        self.assertEqual(client.call('myself', {'identity': own(new)}).status, 0)
        client.close()
        self.assertEqual(server.stop()[0], 0)
        link = self.database()
        self.assertEqual(link.execute('PRAGMA integrity_check').fetchall(), [('ok',)])
        self.assertEqual(link.execute("SELECT count(*) FROM identity WHERE address IN ('first@example.org', ?)",
                                      [new]).fetchone(), (2,))
        link.close()
        return done, seen

    def empty_home(self):
        for name in os.listdir(self.home.path) if os.path.exists(self.home.path) else ():
            os.unlink(os.path.join(self.home.path, name))

    def test_of_a_new_and_of_an_old_database(self):
        every = faults.CHANGES | faults.READ
        for what, forget in (('new', self.empty_home), ('old', lambda: None)):
            # A file that cannot be opened for writing at one moment must not stay open for reading only.
            for error, kinds, count in ((errno.EMFILE, faults.OPEN | faults.MAP, -1), (errno.EIO, every, -1),
                                        (errno.EIO, faults.OPEN, 1)):
                forget()
                _, calls = self.first_call(kinds, 0, 0, 0)
                refused = 0
                for skip in sorted({calls * i // MOST_STEPS for i in range(MOST_STEPS)}):
                    with self.subTest(database=what, error=errno.errorcode[error], call=skip):
                        forget()
                        done, _ = self.first_call(kinds, error, skip, count)
                        refused += not done
                print('%s database, %s, %s: %d file calls, %d refused' % (
                    what, errno.errorcode[error], 'once' if count == 1 else 'from then on', calls, refused))
                self.assertGreater(refused, 0)


class Start(FaultsCase):
    """Lock, token file, log: a start that cannot be whole is none, says so, and leaves nothing behind."""

    def begin(self, *options):
        return subprocess.run([PLAIN, '--home', self.home.path, *options], env=self.faults.environment(self.home),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)

    def leftovers(self):
        return sorted(set(os.listdir(self.home.path)) - {'lock'})

    def end(self):
        self.end_daemon(self.home.token()['pid'])
        self.assertEqual(self.leftovers(), [])

    def test_fails_at_each_step_or_is_whole(self):
        os.mkdir(self.home.path, 0o700)
        self.faults.arm(faults.CHANGES, 0, self.home.path)
        self.assertEqual(self.begin().returncode, 0)
        calls = self.faults.seen
        self.faults.lift()
        self.end()
        self.assertGreaterEqual(calls, 4, 'lock and token file')
        refused = 0
        for error, count, tear in ((errno.ENOSPC, 1, True), (errno.ENOSPC, -1, True), (errno.EIO, 1, False),
                                   (errno.EROFS, -1, False), (errno.EMFILE, 1, False)):
            for skip in range(calls):
                with self.subTest(error=errno.errorcode[error], call=skip, count=count):
                    self.faults.arm(faults.CHANGES, error, self.home.path, skip=skip, count=count, tear=tear)
                    started = self.begin()
                    self.faults.lift()
                    if started.returncode == 0:  # a torn write goes on with its other half
                        self.assert_answers()
                        self.end()
                        continue
                    refused += 1
                    self.assertEqual(started.returncode, 1, started.stderr)
                    self.assertRegex(started.stderr, 'pep-json-server: .*(%s|cannot be written)' % os.strerror(error))
                    self.assertEqual(self.leftovers(), [])
        print('%d file calls at the start, %d starts refused' % (calls, refused))
        self.assertGreater(refused, calls)

    def test_a_log_that_cannot_be_written_hurts_no_call(self):
        folder = os.path.join(self.home.root, 'logs')
        os.mkdir(folder)
        log = os.path.join(folder, 'log')
        server = self.start('-l', log, '--log-level', 'trace')
        client = server.client()
        for error in (errno.ENOSPC, errno.EIO):
            size = os.path.getsize(log)
            self.faults.arm(faults.WRITE, error, folder, count=-1)
            for number in range(20):
                self.assertEqual(client.call('myself', {'identity': own('a%d@example.org' % number)}).status, 0)
            self.assertGreaterEqual(self.faults.failed, 20)
            self.faults.lift()
            self.assertEqual(os.path.getsize(log), size)
            client.call('ping')
            self.assertGreater(os.path.getsize(log), size, 'written again once it can be')
        # The folder goes, and with it the file; later both are there again.
        os.rename(folder, folder + '.away')
        server.process.send_signal(signal.SIGHUP)
        for _ in range(20):
            client.call('ping')
        os.mkdir(folder)
        server.process.send_signal(signal.SIGHUP)
        pep_server.wait_for(lambda: os.path.exists(log), 10, 'the new log')
        client.call('find_keys', {'pattern': 'nobody@example.org'})
        with open(log, encoding='utf-8') as file:
            self.assertIn('method=find_keys', file.read())
        # Opened anew while nothing can be opened: the old one goes on.
        self.faults.arm(faults.OPEN, errno.EMFILE, folder, count=-1)
        server.process.send_signal(signal.SIGHUP)
        pep_server.wait_for(lambda: self.faults.failed > 0, 10, 'the attempt')
        size = os.path.getsize(log)
        client.call('ping')
        self.faults.lift()
        self.assertGreater(os.path.getsize(log), size)
        self.assertEqual(server.stop()[0], 0)


if __name__ == '__main__':
    server_case.main()
