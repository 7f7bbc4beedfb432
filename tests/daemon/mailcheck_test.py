#!/usr/bin/env python3
"""Real mails through the real door: the rows of the expectation table whose mails are named CanonicalFrom2.2.

The table, its mails and the program that runs them are not part of the project; PEP_TESTDATA names them.
"""
import os
import subprocess
import sys

SKIPPED = 77


def main():
    data = os.environ.get('PEP_TESTDATA', '')
    tool = os.path.join(data, '..', 'tools', 'mailcheck.py')
    if not data:
        print('skipped: PEP_TESTDATA does not name the real mails and keys')
        return SKIPPED
    if not os.path.exists(tool):
        print('skipped: there is no mailcheck.py beside the test data')
        return SKIPPED
    # Rows that name a clock preload libfaketime; the thread sanitizer allows no such thing.
    server = os.environ['PEP_SERVER']
    if 'thread' in os.environ.get('PEP_SANITIZE', ''):
        server = os.environ.get('PEP_PLAIN_SERVER', '')
        if not os.path.exists(server):
            print('skipped: no program without sanitizers at %s; build preset release' % server)
            return SKIPPED
    # The program forbids debuggers, so no leaks can be looked for; a preloaded library comes first.
    os.environ['ASAN_OPTIONS'] = 'detect_leaks=0:verify_asan_link_order=0'
    return subprocess.run([sys.executable, '-B', tool, '--data', data, '--server', server, '--args=-d',
                           '--only', 'test_mails/CanonicalFrom2.2*', '-v'], check=False).returncode


if __name__ == '__main__':
    sys.exit(main())
