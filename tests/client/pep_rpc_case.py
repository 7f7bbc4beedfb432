"""Frame of the tests of pep-rpc: the program in a home of its own, and terminals."""
import json
import os
import pty
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402

PROGRAM = os.environ.get('PEP_RPC', os.path.join(os.path.dirname(server_case.SERVER), 'pep-rpc'))
USAGE, UNREACHABLE, UNTRUSTED, REFUSED = 2, 3, 4, 5
OWN = ('identity.user_id=pEp_own_userId',)


class PepRpcCase(server_case.ServerCase):
    def rpc(self, *words, stdin='', environment=None, home=True, timeout=60, text=True):
        """-> the finished command"""
        place = ['--home', self.home.path] if home else []
        given = {'input': stdin} if stdin is not None else {'stdin': subprocess.DEVNULL}
        return subprocess.run([PROGRAM, *place, *words], capture_output=True, text=text, timeout=timeout,
                              check=False, env=environment or self.environment(), **given)

    def environment(self, **more):
        return self.home.environment(leaks=True, **more)

    def result(self, *words, code=0, **more):
        """The JSON of a call that ends with that code."""
        done = self.rpc(*words, **more)
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    def line(self, *words, **more):
        """One line of text of a call that succeeds."""
        done = self.rpc(*words, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.endswith('\n'))
        return done.stdout[:-1]

    def refused(self, code, *words, **more):
        """-> what it says on standard error"""
        done = self.rpc(*words, **more)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, '')
        self.assertTrue(done.stderr.startswith('pep-rpc: '), done.stderr)
        return done.stderr

    def on_terminal(self, *words):
        """What a terminal gets to see."""
        master, slave = pty.openpty()
        with subprocess.Popen([PROGRAM, '--home', self.home.path, *words], stdin=subprocess.DEVNULL, stdout=slave,
                              stderr=slave, env=self.environment()) as process:
            os.close(slave)
            seen = b''
            try:
                while piece := os.read(master, 65536):
                    seen += piece
            except OSError:
                pass  # the other side has gone
            self.assertEqual(process.wait(60), 0, seen)
        os.close(master)
        return seen

    def wait_for(self, condition, what):
        pep_server.wait_for(condition, 20 * pep_server.SLOWDOWN, what)
