#!/usr/bin/env python3
"""pep-json-server --open: the browser gets a private file, never the token."""
import os
import re
import shutil
import stat
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pep_rpc_case import PepRpcCase  # noqa: E402
import server_case  # noqa: E402

BROWSER = '#!/bin/sh\nprintf "%s\\n" "$@" > "$RECORD.new" && mv "$RECORD.new" "$RECORD"\n'


class OpenPage(PepRpcCase):
    def setUp(self):
        super().setUp()
        self.bin = os.path.join(self.home.root, 'bin')
        os.mkdir(self.bin)
        self.record = os.path.join(self.home.root, 'opened')

    def install_browser(self):
        path = os.path.join(self.bin, 'xdg-open')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(BROWSER)
        os.chmod(path, 0o700)
        for tool in ('sh', 'mv', 'printf'):
            os.symlink(shutil.which(tool), os.path.join(self.bin, tool))

    def open(self, *options, display=':77'):
        environment = self.home.environment(PATH=self.bin, RECORD=self.record)
        environment.pop('WAYLAND_DISPLAY', None)
        environment['DISPLAY'] = display
        return self.run_server('--home', self.home.path, '--open', *options, environment=environment)

    def opened(self):
        self.wait_for(lambda: os.path.exists(self.record), 'the browser')
        with open(self.record, encoding='utf-8') as file:
            return file.read().splitlines()

    def assert_leads_to_the_page(self, path):
        status = os.stat(path)
        self.assertEqual(stat.S_IMODE(status.st_mode), 0o600)
        with open(path, encoding='utf-8') as file:
            page = file.read()
        self.assertRegex(page, r'http://127\.0\.0\.1:%d/#[\w-]{43}\b' % self.home.token()['port'])
        self.assertNotIn(self.home.token()['security_token'], page)

    def test_starts_a_server_and_opens_the_file(self):
        self.install_browser()
        done = self.open()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r'(?m)^serving at http://127\.0\.0\.1:\d+/$')
        arguments = self.opened()
        self.assertEqual(len(arguments), 1)
        self.assertTrue(arguments[0].startswith('/'))
        self.assertNotIn('#', arguments[0], 'arguments are seen by other users')
        self.assert_leads_to_the_page(arguments[0])

    def test_uses_the_server_that_runs(self):
        self.install_browser()
        pid = self.serve().process.pid
        done = self.open()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('already serving', done.stdout)
        self.assert_leads_to_the_page(self.opened()[0])
        self.assertEqual(self.home.token()['pid'], pid)

    def test_names_the_file_where_no_browser_can_be_opened(self):
        self.serve()
        for name, prepare, display in (('no xdg-open', lambda: None, ':77'), ('no display', self.install_browser, '')):
            with self.subTest(case=name):
                prepare()
                done = self.open(display=display)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(name, done.stdout)
                self.assert_leads_to_the_page(re.search(r'(/\S+)$', done.stdout.strip()).group(1))
        self.assertFalse(os.path.exists(self.record))

    def test_does_not_go_with_a_server_in_the_foreground_or_without_page(self):
        for option in ('-d', '--no-html'):
            done = self.open(option)
            self.assertEqual(done.returncode, 2)
            self.assertIn('--open', done.stderr)

    def test_says_so_when_the_running_server_has_no_page(self):
        self.serve('--no-html')
        done = self.open()
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn('page', done.stderr)


if __name__ == '__main__':
    server_case.main()
