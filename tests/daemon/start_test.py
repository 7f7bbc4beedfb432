#!/usr/bin/env python3
"""Starting: the start command returns when the server is callable; one process per home."""
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import SERVER, ServerCase  # noqa: E402


class Daemonising(ServerCase):
    def test_the_start_command_returns_when_the_server_is_callable(self):
        for _ in range(5):
            started = self.daemonise()
            self.assertEqual(started.returncode, 0, started.stderr)
            self.assert_answers()
            self.end_daemon(self.home.token()['pid'])

    def test_the_daemon_holds_no_pipe_of_its_starter(self):
        # capture_output reads to the end of both pipes: it would wait for a daemon that kept them
        started = self.daemonise()
        self.assertEqual(started.returncode, 0)
        pid = self.home.token()['pid']
        for stream in (0, 1, 2):
            self.assertEqual(os.readlink('/proc/%d/fd/%d' % (pid, stream)), '/dev/null')

    def test_the_daemon_leads_a_session_of_its_own(self):
        self.daemonise()
        pid = self.home.token()['pid']
        self.assertEqual(os.getsid(pid), pid)
        self.assertNotEqual(os.getsid(pid), os.getsid(0))

    def test_a_failed_start_is_told_to_the_starter(self):
        with socket.create_server(('127.0.0.1', 0)) as other:
            port = other.getsockname()[1]
            started = self.daemonise('--start-port', str(port))
        self.assertEqual(started.returncode, 1)
        self.assertIn(str(port), started.stderr)
        self.assertFalse(os.path.exists(self.home.token_file))
        self.assertEqual(self.processes(), [], 'who hears of the failure finds nothing left of it')


    def test_a_starter_whose_output_nobody_reads_starts_it_all_the_same(self):
        read, write = os.pipe()
        os.close(read)
        started = subprocess.run([server_case.SERVER, '--home', self.home.path], stdin=subprocess.DEVNULL, stdout=write,
                                 env=self.home.environment(), timeout=60, check=False)
        os.close(write)
        self.assertEqual(started.returncode, 0)
        self.assert_answers()

    def test_a_relative_home_in_the_environment_is_refused(self):
        """Each folder would have a server of its own."""
        for name in ('HOME', 'PEPHOME'):
            started = self.run_server(environment=self.home.environment(**{name: 'relative'}))
            self.assertEqual(started.returncode, 1, name)
            self.assertIn('absolute', started.stderr)

    def test_a_home_that_others_share_is_left_as_it_is(self):
        shared = os.path.join(self.home.root, 'shared')
        os.mkdir(shared)
        os.chmod(shared, 0o1777)
        started = self.run_server('--home', shared)
        self.assertEqual(started.returncode, 1)
        self.assertIn(shared, started.stderr)
        self.assertEqual((stat.S_IMODE(os.stat(shared).st_mode), os.listdir(shared)), (0o1777, []))

    def test_a_runtime_directory_that_cannot_hold_a_socket_is_done_without(self):
        missing = os.path.join(self.home.root, 'missing')
        long = os.path.join(self.home.root, 'long' * 20)
        os.mkdir(long)
        for folder in (missing, long):
            server = self.serve(environment=self.home.environment(leaks=True, XDG_RUNTIME_DIR=folder))
            self.assertNotIn('socket', self.home.token())
            self.assertIn('no Unix socket', server.log_text())
            self.assert_answers()
            server.stop()
        self.assertFalse(os.path.exists(missing))


class Foreground(ServerCase):
    def test_d_and_its_optional_boolean_in_all_spellings(self):
        for options in (['-d'], ['-d', '1'], ['-d1'], ['-d', 'true'], ['--debug'], ['--debug=true'],
                        ['-D'], ['--foreground']):
            with self.subTest(options=options):
                process = subprocess.Popen(
                    [SERVER, *options, '--home', self.home.path], env=self.home.environment(),
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    pep_server.wait_for(lambda: os.path.exists(self.home.token_file),
                                        10 * pep_server.SLOWDOWN, 'the token file')
                    self.assertEqual(self.home.token()['pid'], process.pid)
                finally:
                    process.terminate()
                    self.assertEqual(process.wait(20), 0)

    def test_d_false_daemonises(self):
        started = self.run_server('-d', 'false', '--home', self.home.path)
        self.assertEqual(started.returncode, 0, started.stderr)
        self.assertTrue(pep_server.is_running(self.home.token()['pid']))

    def test_the_log_goes_to_standard_error(self):
        server = self.serve('--log-level', 'debug')
        server.stop()
        self.assertNotEqual(server.log_text(), '')


class TokenFile(ServerCase):
    def test_members_in_the_documented_order(self):
        self.serve()
        with open(self.home.token_file, encoding='utf-8') as file:
            text = file.read()
        token = json.loads(text)
        self.assertEqual(list(token)[:4], ['address', 'port', 'path', 'security_token'])
        self.assertLessEqual({'rpc_path', 'pid', 'epoch'}, set(list(token)[4:]))
        self.assertEqual((token['address'], token['path'], token['rpc_path']), ('127.0.0.1', '/ja/0.1/', '/rpc'))
        self.assertTrue(text.endswith('}\n'))

    def test_the_token_has_256_bits_and_is_new_at_each_start(self):
        tokens = set()
        for _ in range(3):
            server = self.serve()
            tokens.add(self.home.token()['security_token'])
            server.stop()
        self.assertEqual(len(tokens), 3)
        for token in tokens:
            self.assertRegex(token, r'\A[A-Za-z0-9_-]{43}\Z')

    def test_only_the_owner_reads_file_and_home(self):
        old = os.umask(0)
        try:
            self.serve()
        finally:
            os.umask(old)
        self.assertEqual(stat.S_IMODE(os.stat(self.home.token_file).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(self.home.path).st_mode), 0o700)
        for name in os.listdir(self.home.path):
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.home.path, name)).st_mode) & 0o077, 0, name)

    def test_is_removed_at_the_end(self):
        server = self.serve()
        server.stop()
        self.assertFalse(os.path.exists(self.home.token_file))

    def test_of_another_process_is_left_alone_at_the_end(self):
        server = self.serve()
        os.unlink(self.home.token_file)
        with open(self.home.token_file, 'w', encoding='utf-8') as file:
            file.write('somebody else\n')
        server.stop()
        with open(self.home.token_file, encoding='utf-8') as file:
            self.assertEqual(file.read(), 'somebody else\n')

    def test_a_link_in_its_place_is_replaced_and_not_followed(self):
        victim = os.path.join(self.home.root, 'victim')
        with open(victim, 'w', encoding='utf-8') as file:
            file.write('precious')
        os.mkdir(self.home.path, 0o700)
        os.symlink(victim, self.home.token_file)
        self.serve()
        self.assertFalse(os.path.islink(self.home.token_file))
        with open(victim, encoding='utf-8') as file:
            self.assertEqual(file.read(), 'precious')

    def test_the_home_comes_from_the_environment(self):
        for variables, path in (
                ({'PEPHOME': os.path.join(self.home.root, 'of-pephome')}, 'of-pephome'),
                ({}, '.pEp')):
            with self.subTest(variables=variables):
                started = self.run_server(environment=self.home.environment(**variables))
                self.assertEqual(started.returncode, 0, started.stderr)
                with open(os.path.join(self.home.root, path, 'json-token'), encoding='utf-8') as file:
                    self.end_daemon(json.load(file)['pid'])


class OneInstance(ServerCase):
    def test_a_second_start_names_the_first_and_changes_nothing(self):
        self.daemonise()
        with open(self.home.token_file, 'rb') as file:
            before = (file.read(), os.fstat(file.fileno()).st_mtime_ns, os.fstat(file.fileno()).st_ino)
        for options in ([], ['-d']):
            second = self.run_server('--home', self.home.path, *options)
            self.assertEqual(second.returncode, 0, second.stderr)
            self.assertIn('127.0.0.1:%d' % self.home.token()['port'], second.stdout)
            self.assertNotIn(self.home.token()['security_token'], second.stdout + second.stderr)
        with open(self.home.token_file, 'rb') as file:
            after = (file.read(), os.fstat(file.fileno()).st_mtime_ns, os.fstat(file.fileno()).st_ino)
        self.assertEqual(before, after)
        self.assert_answers()

    def test_a_killed_server_is_followed_by_a_new_one(self):
        first = self.serve()
        old = self.home.token()
        first.stop(signal.SIGKILL)
        self.assertTrue(os.path.exists(self.home.token_file), 'a killed process cleans up nothing')
        started = self.daemonise()
        self.assertEqual(started.returncode, 0, started.stderr)
        new = self.home.token()
        self.assertNotEqual(old['epoch'], new['epoch'])
        self.assertNotEqual(old['security_token'], new['security_token'])
        self.assert_answers()

    def test_what_a_killed_server_stored_is_there_for_the_next(self):
        first = self.serve()
        me = first.client().call('myself', {'identity': {
            'address': 'ann@example.org', 'user_id': 'pEp_own_userId', 'username': 'Ann'}}).out['identity']
        first.stop(signal.SIGKILL)
        again = self.serve().client().call('own_identities_retrieve').out
        self.assertIn(me['fpr'], json.dumps(again))

    def test_two_homes_are_two_servers(self):
        other = pep_server.Home()
        self.addCleanup(other.remove)
        self.serve()
        self.serve(home=other)
        self.assertNotEqual(self.home.token()['port'], other.token()['port'])
        self.assert_answers()
        self.assert_answers(other.token())


class Ports(ServerCase):
    def taken_port(self):
        """A port at which somebody else listens."""
        taken = socket.socket()
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        self.addCleanup(taken.close)
        return taken.getsockname()[1]

    def test_a_port_in_use_is_said_and_nothing_is_left(self):
        port = self.taken_port()
        started = self.daemonise('--start-port', str(port), '--end-port', str(port))
        self.assertEqual(started.returncode, 1)
        self.assertIn(str(port), started.stderr)
        self.assertIn('in use', started.stderr)
        self.assertFalse(os.path.exists(self.home.token_file))

    def test_the_next_free_port_of_the_range_is_taken(self):
        port = self.taken_port()
        last = min(port + 50, 65535)
        self.serve('--start-port', str(port), '--end-port', str(last))
        self.assertIn(self.home.token()['port'], range(port + 1, last + 1))

    def test_the_last_port_of_all_ends_the_search(self):
        started = self.daemonise('--start-port', '65535', '--end-port', '65535')
        self.assertIn(started.returncode, (0, 1))  # it may be free

    def test_an_address_of_the_network_is_refused(self):
        for address in ('0.0.0.0', '::', '192.0.2.1', 'example.org', '127.0.0.1:80', '127.1', ''):
            with self.subTest(address=address):
                started = self.daemonise('--address', address)
                self.assertEqual(started.returncode, 2)
                self.assertIn('loopback', started.stderr)

    def test_an_ipv6_loopback_address_is_served_and_proves_itself(self):
        if not socket.has_ipv6 or not os.path.exists('/proc/net/if_inet6'):
            self.skipTest('this system has no IPv6')
        with open('/proc/net/if_inet6', encoding='ascii') as file:
            if '00000000000000000000000000000001' not in file.read():
                self.skipTest('this system has no ::1')
        server = self.serve('--address', '::1')
        client = server.client()
        self.assertTrue(client.prove())
        client.call('ping')


if __name__ == '__main__':
    server_case.main()
