"""Frame of the process tests: a home that goes away, servers that are stopped, checks they share.

Environment, set by CMake: PEP_SERVER is the program under test, PEP_PLAIN_SERVER one without sanitizers
(it may be absent), PEP_TEST_SLOWDOWN how much slower than the product the program may be.
"""
import os
import signal
import subprocess
import sys
import unittest

import pep_server

SERVER = os.environ.get('PEP_SERVER', '')
PLAIN_SERVER = os.environ.get('PEP_PLAIN_SERVER', '')
SKIPPED = 77  # ctest's SKIP_RETURN_CODE


class ServerCase(unittest.TestCase):
    """Each test has a home of its own and leaves neither process nor file."""

    def setUp(self):
        self.home = pep_server.Home()
        self.servers = []
        self.addCleanup(self.home.remove)
        self.addCleanup(self.end_all)

    def end_all(self):
        for server in self.servers:
            server.stop(signal.SIGKILL)
        # A daemon is nobody's child: its token file or its arguments say who it is.
        try:
            self.end_daemon(self.home.token()['pid'], signal.SIGKILL)
        except (OSError, ValueError, KeyError):
            pass
        for pid in self.processes():
            self.end_daemon(pid, signal.SIGKILL)

    def processes(self):
        """Servers of this home that were started with its path, by whomever."""
        mark = self.home.path.encode()
        running = []
        for entry in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open('/proc/%s/cmdline' % entry, 'rb') as file:
                    arguments = file.read().split(b'\0')
            except OSError:
                continue
            if mark in arguments and pep_server.is_running(int(entry)):
                running.append(int(entry))
        return running

    def wait_for_one_process(self):
        """A child tells its parent that another one serves, and then it ends."""
        server = [self.home.token()['pid']]
        pep_server.wait_for(lambda: self.processes() == server, 10 * pep_server.SLOWDOWN, 'all but one to end')

    @staticmethod
    def end_daemon(pid, signal_number=signal.SIGTERM):
        if pep_server.is_running(pid):
            os.kill(pid, signal_number)
        pep_server.wait_for(lambda: not pep_server.is_running(pid), 20, 'the end of process %d' % pid)

    def serve(self, *options, home=None, binary=SERVER, **more):
        """A server in the foreground."""
        server = pep_server.Server(binary, home or self.home, *options, **more)
        self.servers.append(server)
        return server

    def run_server(self, *arguments, home=None, timeout=30, **more):
        """The command itself, until it returns: `-d` is not given."""
        home = home or self.home
        return subprocess.run(
            [SERVER, *arguments], capture_output=True, text=True, timeout=timeout, check=False,
            stdin=subprocess.DEVNULL, env=more.pop('environment', None) or home.environment(), **more)

    def daemonise(self, *options):
        """Start as clients do. -> the finished start command"""
        return self.run_server('--home', self.home.path, *options)

    def assert_answers(self, token=None):
        """A fresh connection is served: the daemon goes on."""
        client = pep_server.Client(token or self.home.token())
        try:
            client.call('ping')
        finally:
            client.close()


def main():
    """unittest.main, but a file of which everything was skipped says so to ctest."""
    if not SERVER:
        sys.exit('set PEP_SERVER to the program to test')
    result = unittest.main(module='__main__', exit=False, verbosity=2).result
    for case, reason in result.skipped:
        print('skipped: %s: %s' % (case.id(), reason))
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.testsRun and len(result.skipped) == result.testsRun else 0)
