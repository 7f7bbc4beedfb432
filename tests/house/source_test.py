#!/usr/bin/env python3
"""House rules a program can see in the sources: purpose comments, sizes, documentation of public headers."""
import os
import re
import unittest

ROOT = os.environ['PEP_SOURCE_DIR']
MOST_LINES = 450
CODE = ('.hpp', '.cpp', '.h', '.c')


def files(*folders, endings=CODE):
    for folder in folders:
        for path, _, names in os.walk(os.path.join(ROOT, folder)):
            for name in sorted(names):
                if name.endswith(endings):
                    yield os.path.join(path, name)


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def short(path):
    return os.path.relpath(path, ROOT)


class Sources(unittest.TestCase):
    def test_begin_with_what_they_are_responsible_for(self):
        for path in files('src', 'include', 'tests'):
            with self.subTest(file=short(path)):
                self.assertRegex(read(path), r'\A(//|/\*)', 'begin with a comment')

    def test_are_short_enough_to_be_read(self):
        for path in files('src', 'include', 'html', endings=CODE + ('.js', '.css')):
            with self.subTest(file=short(path)):
                self.assertLessEqual(read(path).count('\n'), MOST_LINES)

    def test_say_what_is_and_not_what_should_be(self):
        for path in files('src', 'include', 'tests', 'html', 'cmake',
                          endings=CODE + ('.py', '.js', '.css', '.html', '.cmake', '.sql', '.in', '.sh', 'CMakeLists.txt')):
            if os.path.samefile(path, __file__):
                continue
            with self.subTest(file=short(path)):
                self.assertIsNone(re.search(r'\b(TODO|FIXME|HACK|XXX)\b', read(path)))

    def test_headers_are_included_once(self):
        for path in files('src', 'include', endings=('.hpp', '.h')):
            with self.subTest(file=short(path)):
                self.assertIn('#pragma once', read(path))

    def test_code_files_with_a_header_include_it_first(self):
        for path in files('src', endings=('.cpp',)):
            header = path[:-len('.cpp')] + '.hpp'
            if os.path.exists(header):
                with self.subTest(file=short(path)):
                    own = '"%s"' % os.path.relpath(header, os.path.join(ROOT, 'src'))
                    included = re.findall(r'^#include (.*)$', read(path), re.MULTILINE)
                    self.assertTrue(own not in included or included[0] == own)

    def test_log_calls_name_no_payload(self):
        for path in files('src'):
            for line in read(path).splitlines():
                with self.subTest(file=short(path), line=line):
                    self.assertIsNone(re.search(r'\blog::\w+\([^)]*(dump\(|params|passphrase|body\()', line))


class PublicHeaders(unittest.TestCase):
    def test_explain_every_function_or_the_group_it_stands_in(self):
        for path in files('include', endings=('.h',)):
            is_explained = False
            for line in read(path).splitlines():
                if not line.strip():
                    is_explained = False  # a comment speaks for the lines up to the next empty one
                elif '*/' in line or line.lstrip().startswith(('//', '/*')):
                    is_explained = True
                elif line.startswith('PEP_API'):
                    with self.subTest(file=short(path), line=line):
                        self.assertTrue(is_explained)

    def test_are_c(self):
        for path in files('include', endings=('.h',)):
            code = re.sub(r'/\*.*?\*/|//[^\n]*', '', read(path), flags=re.DOTALL)
            with self.subTest(file=short(path)):
                self.assertIsNone(re.search(r'\b(class|template|namespace|std::)\b', code))


if __name__ == '__main__':
    unittest.main()
