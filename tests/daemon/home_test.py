#!/usr/bin/env python3
"""The home directory: whose it must be, how it is protected, and what happens without space."""
import os
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402

IS_ROOT = os.getuid() == 0
NOBODY = 65534


class HomeRules(ServerCase):
    def refused(self):
        """-> what the start command says on refusing"""
        started = self.daemonise()
        self.assertEqual(started.returncode, 1, started.stdout)
        self.assertFalse(os.path.exists(self.home.token_file))
        return started.stderr

    def test_a_missing_home_is_made_for_its_owner_only(self):
        self.serve()
        self.assertEqual(stat.S_IMODE(os.stat(self.home.path).st_mode), 0o700)

    def test_a_wide_mode_is_narrowed_with_a_warning(self):
        os.mkdir(self.home.path)
        os.chmod(self.home.path, 0o755)
        server = self.serve()
        self.assertEqual(stat.S_IMODE(os.stat(self.home.path).st_mode), 0o700)
        server.stop()
        self.assertIn('0700', server.log_text())

    def test_a_symbolic_link_is_refused_with_advice(self):
        real = os.path.join(self.home.root, 'real')
        os.mkdir(real, 0o700)
        os.symlink(real, self.home.path)
        said = self.refused()
        self.assertIn('symlink', said)
        self.assertIn(self.home.path, said)
        self.assertEqual(os.listdir(real), [])

    def test_a_file_in_its_place_is_refused(self):
        with open(self.home.path, 'w', encoding='utf-8') as file:
            file.write('no directory')
        self.assertGreater(len(self.refused()), 20)

    @unittest.skipUnless(IS_ROOT, 'only root can give a directory to another user')
    def test_a_directory_of_another_user_is_refused_with_advice(self):
        os.mkdir(self.home.path, 0o700)
        os.chown(self.home.path, NOBODY, NOBODY)
        said = self.refused()
        self.assertIn('another user', said)
        self.assertIn(self.home.path, said)
        self.assertEqual(os.listdir(self.home.path), [])

    @unittest.skipUnless(IS_ROOT, 'only root can start a program as another user')
    def test_a_directory_without_write_permission_is_refused(self):
        os.mkdir(self.home.path, 0o755)
        os.chmod(self.home.root, 0o755)
        readable = os.access(os.path.dirname(os.path.abspath(server_case.SERVER)), os.X_OK, effective_ids=True)
        if not readable or not self.runs_as_nobody('--version', timeout=30).returncode == 0:
            self.skipTest('another user cannot run %s' % server_case.SERVER)
        started = self.runs_as_nobody('--home', self.home.path, timeout=30)
        self.assertEqual(started.returncode, 1, started.stderr)
        self.assertGreater(len(started.stderr.strip()), 20)

    @staticmethod
    def runs_as_nobody(*arguments, timeout):
        try:
            return subprocess.run(
                [server_case.SERVER, *arguments], user=NOBODY, group=NOBODY, extra_groups=[], timeout=timeout,
                capture_output=True, text=True, check=False, env={'PATH': os.environ['PATH']})
        except PermissionError:
            return subprocess.CompletedProcess(arguments, 126, '', 'not permitted')


class FullDisk(ServerCase):
    """On a file system of a few kilobytes."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.home.path, 0o700)
        if not IS_ROOT:
            self.skipTest('only root can mount a small file system')

    def mount(self, size):
        done = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=%s,mode=0700' % size, 'tmpfs', self.home.path],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest('no file system can be mounted here: ' + done.stderr.strip())
        self.addCleanup(self.unmount)

    def unmount(self):
        self.end_all()
        subprocess.run(['umount', '-l', self.home.path], check=False)

    def fill(self):
        with open(os.path.join(self.home.path, 'ballast'), 'wb', buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def test_at_the_start_is_said_and_nothing_is_left_running(self):
        self.mount('16k')
        self.fill()
        started = self.daemonise()
        self.assertEqual(started.returncode, 1, started.stdout)
        self.assertGreater(len(started.stderr.strip()), 20)
        self.assertFalse(os.path.exists(self.home.token_file) and os.path.getsize(self.home.token_file))

    def test_during_work_gives_an_error_and_the_daemon_goes_on(self):
        self.mount('4m')
        server = self.serve()
        client = server.client()
        self.fill()
        statuses = []
        for number in range(30):
            try:
                statuses.append(client.call('myself', {'identity': {
                    'address': 'a%d@example.org' % number, 'user_id': 'pEp_own_userId',
                    'username': 'Ann ' + 'n' * 900}}).status)
            except pep_server.Refused as refusal:  # a session cannot even be opened
                self.assertEqual(refusal.code, -32603)
                statuses.append(None)
            if statuses[-1] != 0:
                break
        self.assertNotEqual(statuses[-1], 0, 'the disk was full, but nothing failed')
        self.assert_answers()
        os.unlink(os.path.join(self.home.path, 'ballast'))
        again = client.call('myself', {'identity': {
            'address': 'later@example.org', 'user_id': 'pEp_own_userId', 'username': 'Ann'}})
        self.assertEqual(again.status, 0)


if __name__ == '__main__':
    server_case.main()
