#!/usr/bin/env python3
"""The command line as other programs see it: texts, streams, exit codes."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402


class Version(ServerCase):
    def test_four_lines_as_clients_search_them(self):
        for option in ('--version', '-v'):
            done = self.run_server(option)
            self.assertEqual((done.returncode, done.stderr), (0, ''))
            lines = done.stdout.split('\n')
            self.assertEqual(len(lines), 6, done.stdout)
            self.assertTrue(lines[0].startswith('pEp JSON'))
            self.assertRegex(lines[1], r'\A\tversion \d+\.\d+\.\d+')
            self.assertRegex(lines[2], r'\A\tpEpEngine version \d+\.\d+')
            self.assertRegex(lines[3], r'\A\tpEp protocol version \d+\.\d+')
            self.assertEqual(lines[4:], ['', ''])

    def test_makes_no_home(self):
        self.run_server('--version')
        self.assertEqual(os.listdir(self.home.root), ['run'])


class Help(ServerCase):
    def test_names_every_option_of_the_original(self):
        for option in ('--help', '-h'):
            done = self.run_server(option)
            self.assertEqual((done.returncode, done.stderr), (0, ''))
            for name in ('--help', '--version', '--debug', '--foreground', '--sync', '--start-port',
                         '--end-port', '--address', '--html-directory', '--logfile',
                         '--ignore-missing-session', '--add-sharks', '--no-html', '--client-timeout'):
                self.assertIn(name, done.stdout)

    def test_fits_a_terminal(self):
        for line in self.run_server('--help').stdout.split('\n'):
            self.assertLessEqual(len(line), 130, line)

    def test_keeps_hidden_options_hidden(self):
        self.assertNotIn('--dumpable', self.run_server('--help').stdout)


class BadOptions(ServerCase):
    def test_end_with_status_2_and_a_reason(self):
        for arguments in (['--no-such-option'], ['-Z'], ['stray'], ['--start-port'],
                          ['--start-port', 'x'], ['--start-port', '65536'], ['--start-port=-1'],
                          ['--start-port', '9', '--end-port', '8'], ['--log-level', 'loud'],
                          ['-d', '--debug=perhaps'], ['--limit', 'nonsense=1'],
                          ['--limit', 'connections=0'], ['--limit', 'connections'], ['--home', ''],
                          ['--dumpable'], ['--client-timeout', 'soon'], ['--home', 'a', '--home', 'b']):
            with self.subTest(arguments=arguments):
                done = self.run_server(*arguments)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertEqual(done.stdout, '')
                self.assertGreater(len(done.stderr.strip()), 20)

    def test_start_nothing(self):
        self.run_server('--no-such-option', '--home', self.home.path)
        self.assertFalse(os.path.exists(self.home.path))

    def test_name_the_option_but_never_repeat_its_value(self):
        done = self.run_server('--log-level', 'planted-marker')
        self.assertIn('--log-level', done.stderr)
        self.assertNotIn('planted-marker', done.stderr)


class OldOptions(ServerCase):
    def test_start_scripts_of_the_original_still_work(self):
        log = os.path.join(self.home.root, 'server.log')
        done = self.daemonise('--sync', 'true', '--ignore-missing-session', '--add-sharks', '-l', log,
                              '-a', '127.0.0.1', '-s', '4223', '-e', '9999')
        self.assertEqual(done.returncode, 0, done.stderr)
        token = self.home.token()
        self.assertIn(token['port'], range(4223, 10000))
        self.assert_answers()
        self.end_daemon(token['pid'])
        self.assertTrue(os.path.exists(log))

    def test_the_log_level_is_obeyed(self):
        sizes = {}
        for level in ('error', 'trace'):
            log = os.path.join(self.home.root, level)
            self.daemonise('-l', log, '--log-level', level)
            self.assert_answers()
            self.end_daemon(self.home.token()['pid'])
            sizes[level] = os.path.getsize(log) if os.path.exists(log) else 0
        self.assertEqual(sizes['error'], 0)
        self.assertGreater(sizes['trace'], 0)

    def test_a_log_line_begins_with_its_time_and_has_no_control_characters(self):
        server = self.serve('--log-level', 'trace')
        self.assert_answers()
        server.stop()
        for line in server.log_text().splitlines():
            self.assertIsNone(re.search(r'[\x00-\x08\x0b-\x1f\x7f]', line), repr(line))


if __name__ == '__main__':
    server_case.main()
