#!/usr/bin/env python3
"""The fuzz targets are listed once, in tests/fuzz/CMakeLists.txt: each has its source, and seeds, dictionaries and
options in run.sh are for targets there are. run.sh reads the same list."""
import os
import re
import subprocess
import tempfile
import unittest

FUZZ = os.path.join(os.environ['PEP_SOURCE_DIR'], 'tests', 'fuzz')


def read(name):
    with open(os.path.join(FUZZ, name), encoding='utf-8') as file:
        return file.read()


class Targets(unittest.TestCase):
    def setUp(self):
        self.targets = re.findall(r'^pep_fuzzer\((\w+) ', read('CMakeLists.txt'), re.MULTILINE)
        self.assertGreater(len(self.targets), 10)

    def test_are_the_source_files(self):
        sources = {name[:-len('_fuzz.cpp')] for name in os.listdir(FUZZ) if name.endswith('_fuzz.cpp')}
        self.assertEqual(sorted(sources), sorted(self.targets))

    def test_have_a_size_and_a_dictionary_that_exist(self):
        """Without a limit of their size, inputs would stay as short as the seeds."""
        script = read('run.sh')
        arms = re.findall(r'^ {4}([\w |]+)\) options="\$options (.*)" ;;$', script, re.MULTILINE)
        with_options = [name for names, _ in arms for name in names.split(' | ')]
        self.assertEqual(sorted(with_options), sorted(set(with_options)))
        self.assertEqual(set(self.targets) - {'base64'}, set(with_options))
        used = set(re.findall(r'-dict=\$here/([\w.]+)', script))
        self.assertEqual({name for name in os.listdir(FUZZ) if name.endswith('.dict')}, used)

    def test_have_the_seeds_that_run_sh_gives_them(self):
        script = read('run.sh')
        self.assertEqual(set(), set(re.findall(r'^ *seed (\w+) "', script, re.MULTILINE)) - set(self.targets))
        folders = {name for name in os.listdir(os.path.join(FUZZ, 'seeds'))
                   if os.path.isdir(os.path.join(FUZZ, 'seeds', name))}
        self.assertEqual(folders, set(re.findall(r'/seeds/(\w+)/\*', script)))

    def test_are_all_run(self):
        """With a program that only notes that it was called in the place of each target."""
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, 'bin'))
            for target in self.targets:
                path = os.path.join(folder, 'bin', 'fuzz_' + target)
                with open(path, 'w', encoding='utf-8') as file:
                    file.write('#!/bin/sh\nfor corpus; do :; done\nls "$corpus" | wc -l >"%s.seeds"\n' % path)
                os.chmod(path, 0o700)
            environment = dict(os.environ, PEP_FUZZ_CORPUS=os.path.join(folder, 'corpus'))
            environment.pop('PEP_TESTDATA', None)
            done = subprocess.run([os.path.join(FUZZ, 'run.sh'), '1', folder], env=environment, timeout=240,
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ''))
            for target in self.targets:
                with self.subTest(target=target):
                    with open(os.path.join(folder, 'bin', 'fuzz_%s.seeds' % target), encoding='utf-8') as file:
                        self.assertGreater(int(file.read()), 0 if target not in ('base64', 'keys') else -1)


if __name__ == '__main__':
    unittest.main()
