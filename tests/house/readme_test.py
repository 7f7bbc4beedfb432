#!/usr/bin/env python3
"""The README is true: its runnable commands are typed into a shell, its options are those of --help.

A block that begins with ```sh runnable is run; the block ```… output after it is what it prints, where …
stands for anything. All blocks run in one shell, in a folder where build/release/bin is the build's.
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402

ROOT = os.environ['PEP_SOURCE_DIR']
MARK = '<<< end of block >>>'


def readme():
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as file:
        return file.read()


def blocks():
    """-> [(commands, expected output or None)]"""
    found = []
    for info, text in re.findall(r'^```(.*?)\n(.*?)^```$', readme(), re.MULTILINE | re.DOTALL):
        words = info.split()
        if words == ['sh', 'runnable']:
            found.append([text, None])
        elif len(words) == 2 and words[1] == 'output':
            found[-1][1] = text
    return found


def matches(expected, printed):
    pattern = '.*?'.join(re.escape(part) for part in expected.strip().split('…'))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


class Readme(server_case.ServerCase):
    def test_its_commands_print_what_it_says(self):
        found = blocks()
        self.assertGreater(len(found), 3)
        folder = os.path.join(self.home.root, 'clone')
        os.makedirs(os.path.join(folder, 'build', 'release'))
        os.symlink(os.path.dirname(server_case.SERVER), os.path.join(folder, 'build', 'release', 'bin'))
        self.home.path = os.path.join(self.home.root, '.pEp')  # what HOME makes of it
        script = 'set -eu\n' + ''.join('%s\necho "%s"\n' % (commands, MARK) for commands, _ in found)
        with open(os.path.join(self.home.root, 'commands'), 'w', encoding='utf-8') as file:
            file.write(script)
        done = subprocess.run(['bash', file.name], cwd=folder, env=self.home.environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False)
        printed = done.stdout.split(MARK + '\n')
        self.assertEqual(done.returncode, 0, 'after block %d:\n%s\n%s' % (len(printed), done.stdout[-800:], done.stderr))
        for (commands, expected), text in zip(found, printed):
            if expected is not None:
                with self.subTest(commands=commands):
                    self.assertTrue(matches(expected, text), 'it printed:\n%s\nthe README says:\n%s' % (text, expected))

    def test_its_table_of_options_is_that_of_the_program(self):
        table = self.run_server('--help-markdown').stdout
        self.assertIn('| `--home', table)
        self.assertIn(table.strip(), readme(), 'put the output of --help-markdown into the README')

    def test_its_table_of_limits_is_that_of_the_program(self):
        table = self.run_server('--limits-markdown').stdout
        self.assertIn('| `header_bytes` | 16 384 |', table)
        self.assertIn(table.strip(), readme(), 'put the output of --limits-markdown into the README')

    def test_its_map_of_the_source_names_what_exists(self):
        for path in set(re.findall(r'`((?:src|include|tests|html|cmake|\.ci)/[\w./<>-]*)`', readme())):
            if '<' in path:
                continue
            with self.subTest(path=path):
                self.assertTrue(os.path.exists(os.path.join(ROOT, path)))

    def test_its_links_lead_somewhere(self):
        headings = {re.sub(r'[^\w -]', '', line.lstrip('# ')).strip().lower().replace(' ', '-')
                    for line in readme().splitlines() if line.startswith('#')}
        for target in re.findall(r'\]\(([^)]+)\)', readme()):
            with self.subTest(target=target):
                if target.startswith('#'):
                    self.assertIn(target[1:], headings)
                elif not target.startswith('http'):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, target.split('#')[0])))

    def test_the_manual_page_has_the_same_options(self):
        with open(os.path.join(ROOT, 'cmake', 'pep-json-server.1'), encoding='utf-8') as file:
            manual = file.read().replace('\\-', '-')
        for name in re.findall(r'--[a-z][a-z-]+', self.run_server('--help').stdout):
            with self.subTest(option=name):
                self.assertIn(name, manual)

    def test_its_limits_are_those_the_server_publishes(self):
        client = self.serve().client()
        limits = client.call('status').value['limits']
        self.assertEqual(limits, client.call_discover()['x-limits'])
        named = dict(re.findall(r'\| `(\w+)` \| ([\d ]+) \| ', readme()))
        self.assertEqual({name: int(value.replace(' ', '')) for name, value in named.items()}, limits)


if __name__ == '__main__':
    server_case.main()
