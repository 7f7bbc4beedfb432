#!/usr/bin/env python3
"""Runs one of the *.cjs tests of the page's views: real daemons, Debian's chromium driven by playwright-core.

usage: views_test.py NAME. The servers' addresses and tokens go to node by a pipe, as arguments and environment are no
place for them. Environment: PEP_SERVER, PEP_SOURCE_DIR, NODE_PATH as set by CMake; PEP_SCREENSHOTS, a directory for
pictures, if wanted. Skipped with a reason where node, chromium or playwright-core is missing.
"""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
import pep_server  # noqa: E402

SKIPPED = 77
TIME_LIMIT = 240  # seconds


def why_skipped():
    for program in ('node', 'chromium'):
        if not shutil.which(program):
            return '%s is not installed' % program
    found = subprocess.run(['node', '-e', 'require("playwright-core")'], capture_output=True, timeout=60, check=False)
    if found.returncode:
        return 'playwright-core is not in NODE_PATH (%s); "cmake/quickstart.sh test" puts it there if it can' % \
            os.environ.get('NODE_PATH', 'not set')
    return None


class Person:
    """A user with a home, a server and an own identity."""

    def __init__(self, name):
        self.home = pep_server.Home()
        self.server = pep_server.Server(
            os.environ['PEP_SERVER'], self.home, '--log-level', 'debug',
            '--html-directory', os.path.join(os.environ['PEP_SOURCE_DIR'], 'html'))
        token = self.home.token()
        self.known = {'url': 'http://%(address)s:%(port)d' % token, 'token': token['security_token'], 'name': name,
                      'home': self.home.path, 'folder': self.home.root, 'server': os.environ['PEP_SERVER'],
                      'runtime': self.home.runtime, 'pid': self.server.process.pid, 'log': self.home.log}

    def close(self):
        self.server.stop()
        self.home.remove()


def main(name):
    reason = why_skipped()
    if reason:
        print('skipped:', reason)
        return SKIPPED
    people = []
    try:
        for each in ('ann', 'ben'):
            people.append(Person(each))
        known = {person.known['name']: person.known for person in people}
        done = subprocess.run(['node', os.path.join(HERE, name + '.cjs')], input=json.dumps(known).encode(),
                              env={**os.environ, 'PEP_CHROMIUM': shutil.which('chromium')}, timeout=TIME_LIMIT,
                              check=False)
        return 1 if done.returncode else 0
    finally:
        for person in people:
            person.close()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
