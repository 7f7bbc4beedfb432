#!/usr/bin/env python3
"""The database in other hands: locked, read-only, damaged. The daemon says so and goes on."""
import os
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402

UNKNOWN_DB_ERROR = 0x1ff
IS_ROOT = os.geteuid() == 0


def own(address):
    return {'identity': {'address': address, 'user_id': 'pEp_own_userId', 'username': 'Ann'}}


class DatabaseTest(ServerCase):
    def database(self):
        return os.path.join(self.home.path, 'engine.sqlite3')

    def lock(self):
        """Another program in the middle of a change."""
        link = sqlite3.connect(self.database(), isolation_level=None, check_same_thread=False)
        self.addCleanup(link.close)
        link.execute('BEGIN IMMEDIATE')
        return link

    def test_a_lock_is_waited_for(self):
        client = self.serve().client()
        self.addCleanup(client.close)
        self.assertEqual(client.call('myself', own('one@example.org')).status, 0)
        link = self.lock()
        release = threading.Timer(1, link.rollback)
        release.start()
        started = time.monotonic()
        self.assertEqual(client.call('myself', own('two@example.org')).status, 0)
        self.assertGreater(time.monotonic() - started, 0.5)
        release.join()

    def test_reading_needs_no_lock(self):
        client = self.serve().client()
        self.addCleanup(client.close)
        made = client.call('myself', own('one@example.org')).out['identity']
        self.lock()
        started = time.monotonic()
        again = client.call('myself', own('one@example.org'))
        self.assertEqual((again.status, again.out['identity']['fpr']), (0, made['fpr']))
        self.assertEqual(client.call('find_keys', {'pattern': 'one@example.org'}).out['keylist'], [made['fpr']])
        self.assertLess(time.monotonic() - started, 5)

    def test_a_lock_that_stays_is_told_and_survived(self):
        client = self.serve().client(timeout=60)
        self.addCleanup(client.close)
        self.assertEqual(client.call('myself', own('one@example.org')).status, 0)
        link = self.lock()
        self.assertEqual(client.call('myself', own('two@example.org')).status, UNKNOWN_DB_ERROR)
        self.assert_answers()
        link.rollback()
        self.assertEqual(client.call('myself', own('two@example.org')).status, 0)

    def test_a_damaged_database_is_told_and_left_alone(self):
        rubbish = b'This is not a database.' * 1000
        os.mkdir(self.home.path, 0o700)
        with open(self.database(), 'wb') as file:
            file.write(rubbish)
        server = self.serve()
        client = server.client()
        self.addCleanup(client.close)
        with self.assertRaises(pep_server.Refused) as refused:
            client.call('myself', own('one@example.org'))
        self.assertEqual(refused.exception.code, -32603)
        self.assertIn('PEP_INIT_CANNOT_OPEN_DB', str(refused.exception))
        self.assertRegex(server.log_text(), 'engine.sqlite3 .*PEP_INIT_CANNOT_OPEN_DB')
        self.assert_answers()
        with open(self.database(), 'rb') as file:
            self.assertEqual(file.read(), rubbish)

    def test_two_users_share_nothing(self):
        other_home = pep_server.Home()
        self.addCleanup(other_home.remove)
        here, there = self.serve().client(), self.serve(home=other_home).client()
        self.addCleanup(here.close)
        self.addCleanup(there.close)
        made = here.call('myself', own('ann@example.org')).out['identity']
        self.assertEqual(there.call('find_keys', {'pattern': made['fpr']}).out['keylist'], [])
        self.assertEqual(there.call('own_identities_retrieve').out['own_identities'], [])

    def test_a_read_only_disk_is_told_at_the_start(self):
        if not IS_ROOT:
            self.skipTest('only root can mount a file system read-only')
        os.mkdir(self.home.path, 0o700)
        for options in (['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs'], ['-o', 'remount,ro']):
            done = subprocess.run(['mount', *options, self.home.path], capture_output=True, text=True, check=False)
            if done.returncode:
                self.skipTest('no file system can be mounted here: ' + done.stderr.strip())
            if options[0] == '-t':
                self.addCleanup(subprocess.run, ['umount', '-l', self.home.path], check=False)
        started = self.daemonise()
        self.assertEqual(started.returncode, 1, started.stdout)
        self.assertIn('ead-only', started.stderr)


if __name__ == '__main__':
    server_case.main()
