#!/usr/bin/env python3
"""What a server takes over from whoever started it, and what it hands on: descriptors, signals, mask, environment."""
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import SERVER, ServerCase  # noqa: E402

SLOW = pep_server.SLOWDOWN
OWN = {'address': 'ann@example.org', 'user_id': 'pEp_own_userId', 'username': 'Ann'}


class StarterCase(ServerCase):
    def start(self, *options, **more):
        """The plain command, by a starter with peculiarities. -> pid of the daemon"""
        started = self.run_server('--home', self.home.path, *options, timeout=60, **more)
        self.assertEqual(started.returncode, 0, started.stderr)
        return self.home.token()['pid']

    def use_everything(self):
        """A call that needs the engine and its database."""
        client = pep_server.Client(self.home.token())
        self.assertEqual(client.call('myself', {'identity': OWN}).status, 0)
        client.close()

    def descriptors(self, pid):
        folder = '/proc/%d/fd' % pid
        found = {}
        for number in os.listdir(folder):
            try:
                found[int(number)] = os.readlink(os.path.join(folder, number))
            except OSError:
                pass  # closed meanwhile
        return found


class Streams(StarterCase):
    CLOSED = ('<&-', '>&-', '2>&-', '>&- 2>&-', '<&- >&- 2>&-')

    def command(self, closed, *options):
        return ['sh', '-c', 'exec "$0" "$@" ' + closed, SERVER, *options, '--home', self.home.path]

    def assert_streams_are_no_files_of_ours(self, pid):
        """Else a message to standard error would be written into the database."""
        descriptors = self.descriptors(pid)
        for number in (0, 1, 2):
            self.assertNotIn('pep-test-', descriptors.get(number, '/dev/null').replace(self.home.log, ''), descriptors)
            self.assertNotRegex(descriptors.get(number, ''), r'^(socket|anon_inode)', descriptors)

    def assert_files_are_sound(self):
        with open(os.path.join(self.home.path, 'lock'), encoding='ascii') as file:
            self.assertRegex(file.read(), r'\A\d+ [A-Za-z0-9_-]+( \S+)?\n\Z')
        link = sqlite3.connect(os.path.join(self.home.path, 'engine.sqlite3'), timeout=10)
        try:
            self.assertEqual(link.execute('PRAGMA integrity_check').fetchall(), [('ok',)])
        finally:
            link.close()

    def test_closed_ones_do_not_matter_to_a_daemon(self):
        for closed in self.CLOSED:
            with self.subTest(closed=closed):
                done = subprocess.run(self.command(closed), env=self.home.environment(), timeout=60, check=False)
                self.assertEqual(done.returncode, 0)
                pid = self.home.token()['pid']
                self.use_everything()
                descriptors = self.descriptors(pid)
                self.assertEqual([descriptors.get(number) for number in (0, 1, 2)], ['/dev/null'] * 3)
                self.end_daemon(pid)
                self.assert_files_are_sound()

    def test_closed_ones_do_not_matter_in_the_foreground(self):
        for closed in self.CLOSED:
            with self.subTest(closed=closed), open(self.home.log, 'ab') as log:
                process = subprocess.Popen(
                    self.command(closed, '-d', '--dumpable', '--log-level', 'trace'), env=self.home.environment(),
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)
                try:
                    pep_server.wait_for(lambda: os.path.exists(self.home.token_file) or process.poll() is not None,
                                        10 * SLOW, 'the token file')
                    self.assertIsNone(process.poll())
                    self.use_everything()
                    self.assert_streams_are_no_files_of_ours(process.pid)
                finally:
                    process.terminate()
                    self.assertEqual(process.wait(20), 0)
                self.assert_files_are_sound()

    def test_a_reader_that_went_away_does_not_end_the_server(self):
        """`pep-json-server -d | head -1`"""
        process = subprocess.Popen(
            [SERVER, '-d', '--log-level', 'trace', '--home', self.home.path], env=self.home.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            process.stdout.readline()
            process.stdout.close()
            pep_server.wait_for(lambda: os.path.exists(self.home.token_file), 10 * SLOW, 'the token file')
            self.use_everything()
            self.assertIsNone(process.poll())
        finally:
            process.terminate()
            self.assertEqual(process.wait(20), 0)


class Descriptors(StarterCase):
    def test_of_the_starter_are_closed_in_the_daemon(self):
        read, write = os.pipe()
        try:
            pid = self.start(pass_fds=[write])
            os.close(write)
            write = None
            self.assertEqual(os.read(read, 1), b'', 'the daemon holds a pipe of its starter')
            self.assertTrue(pep_server.is_running(pid))
        finally:
            os.close(read)
            if write is not None:
                os.close(write)

    def test_of_the_server_are_closed_at_an_exec(self):
        pid = self.start()
        self.use_everything()
        checked = 0
        for number, path in self.descriptors(pid).items():
            try:
                with open('/proc/%d/fdinfo/%d' % (pid, number), encoding='ascii') as file:
                    flags = int(next(line for line in file if line.startswith('flags:')).split()[1], 8)
            except OSError:
                continue  # closed meanwhile, as our own connection is
            if number > 2 and path != '/dev/urandom':  # librnp's, whose library opens it so
                checked += 1
                self.assertTrue(flags & os.O_CLOEXEC, path)
        self.assertGreater(checked, 5)


class Mask(StarterCase):
    def test_files_have_their_modes_whatever_the_umask(self):
        for mask in (0, 0o777, 0o077, 0o022):
            with self.subTest(umask=oct(mask)):
                home = pep_server.Home()
                self.addCleanup(home.remove)
                self.home, kept = home, self.home
                try:
                    pid = self.start(umask=mask)
                    self.use_everything()
                    token = self.home.token()
                    paths = [os.path.join(self.home.path, name) for name in os.listdir(self.home.path)]
                    modes = {os.path.basename(path): oct(stat.S_IMODE(os.lstat(path).st_mode))
                             for path in (*paths, token['socket'])}
                    self.assertEqual({name: mode for name, mode in modes.items() if mode != '0o600'}, {})
                    for folder in (self.home.path, os.path.dirname(token['socket'])):
                        self.assertEqual(oct(stat.S_IMODE(os.stat(folder).st_mode)), '0o700', folder)
                    self.end_daemon(pid)
                finally:
                    self.home = kept


class Signals(StarterCase):
    ALL = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE, signal.SIGUSR1)

    @classmethod
    def ignore_all(cls):
        for number in cls.ALL:
            signal.signal(number, signal.SIG_IGN)

    @classmethod
    def block_all(cls):
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())

    def is_served(self, process, options):
        """A file that a killed server left does not count."""
        if not options:
            return process.poll() == 0
        return os.path.exists(self.home.token_file) and self.home.token()['pid'] == process.pid

    def test_ignored_or_blocked_by_the_starter_work_in_the_server(self):
        for prepare in (self.ignore_all, self.block_all):
            for options in ((), ('-d',)):
                with self.subTest(prepare=prepare.__name__, options=options):
                    process = subprocess.Popen(
                        [SERVER, *options, '--home', self.home.path], env=self.home.environment(),
                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                        preexec_fn=prepare)
                    pep_server.wait_for(lambda: self.is_served(process, options), 20 * SLOW, 'the server')
                    pid = self.home.token()['pid']
                    self.use_everything()
                    os.kill(pid, signal.SIGHUP)
                    self.assert_answers()
                    os.kill(pid, signal.SIGTERM)
                    try:
                        pep_server.wait_for(lambda: not pep_server.is_running(pid), 4 * SLOW, 'the end by SIGTERM')
                    finally:
                        if pep_server.is_running(pid):
                            os.kill(pid, signal.SIGKILL)
                        self.assertEqual(process.wait(20), 0)

    def test_of_the_terminal_end_the_starter_but_not_the_daemon(self):
        """Ctrl-C and the end of the session go to the starter's process group."""
        process = subprocess.Popen(
            ['sh', '-c', '"$@"; sleep 60', 'sh', SERVER, '--home', self.home.path], env=self.home.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            pep_server.wait_for(lambda: os.path.exists(self.home.token_file), 20 * SLOW, 'the token file')
        finally:
            os.killpg(process.pid, signal.SIGINT)
            os.killpg(process.pid, signal.SIGHUP)
            process.wait(20)
        self.assert_answers()


class LogRotation(StarterCase):
    def setUp(self):
        super().setUp()
        self.log = os.path.join(self.home.root, 'server.log')
        self.pid = self.start('-l', self.log, '--log-level', 'debug')

    def lines(self, path):
        try:
            with open(path, encoding='utf-8') as file:
                return file.read().splitlines()
        except OSError:
            return []

    def call(self):
        client = pep_server.Client(self.home.token())
        client.call('ping')
        client.close()

    def test_a_rotated_log_is_opened_anew_at_sighup(self):
        self.call()
        os.rename(self.log, self.log + '.1')
        self.call()
        self.assertFalse(os.path.exists(self.log))
        os.kill(self.pid, signal.SIGHUP)
        pep_server.wait_for(lambda: os.path.exists(self.log), 10 * SLOW, 'the new log file')
        old = self.lines(self.log + '.1')
        self.call()
        pep_server.wait_for(lambda: any('ping' in line for line in self.lines(self.log)), 10 * SLOW, 'a new line')
        self.assertEqual(self.lines(self.log + '.1'), old)
        self.assertEqual(stat.S_IMODE(os.stat(self.log).st_mode), 0o600)
        self.end_daemon(self.pid)
        self.assertTrue(any('stopped' in line for line in self.lines(self.log)))

    def test_where_no_log_can_be_opened_the_old_one_goes_on(self):
        os.rename(self.log, self.log + '.1')
        os.mkdir(self.log)
        before = len(self.lines(self.log + '.1'))
        for _ in range(3):
            os.kill(self.pid, signal.SIGHUP)
            self.call()
        pep_server.wait_for(lambda: len(self.lines(self.log + '.1')) > before, 10 * SLOW, 'a line in the old log')

    def test_many_signals_cost_no_descriptor(self):
        self.call()
        before = len(self.descriptors(self.pid))
        for _ in range(50):
            os.kill(self.pid, signal.SIGHUP)
            self.call()
        self.assertLessEqual(len(self.descriptors(self.pid)), before + 2)


class Browser(StarterCase):
    """--open starts a program of the desktop, which lives long and starts others."""

    def test_gets_no_descriptor_no_signal_and_no_variable_of_the_service(self):
        tools = os.path.join(self.home.root, 'tools')
        os.mkdir(tools)
        told = os.path.join(self.home.root, 'told')
        script = os.path.join(tools, 'xdg-open')
        # An interpreter opens files of its own: only links to files are looked at, after it has closed them.
        with open(script, 'w', encoding='utf-8') as file:
            file.write('#!%s -IB\n'
                       'import json, os\n'
                       'fds = {}\n'
                       'for number in os.listdir("/proc/self/fd"):\n'
                       '    try:\n'
                       '        fds[number] = os.readlink("/proc/self/fd/" + number)\n'
                       '    except OSError:\n'
                       '        pass\n'
                       'status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)\n'
                       'with open(%r, "w") as file:\n'
                       '    json.dump({"fds": fds, "environment": dict(os.environ), "blocked": status["SigBlk"].strip(),\n'
                       '               "umask": status["Umask"].strip()}, file)\n'
                       'os.rename(%r, %r)\n' % (sys.executable, told + '.new', told + '.new', told))
        os.chmod(script, 0o700)
        service = {'NOTIFY_SOCKET': '@pep-test-nobody', 'LISTEN_PID': '1', 'LISTEN_FDS': '1', 'LISTEN_FDNAMES': 'x'}
        self.start('--open', environment=self.home.environment(
            DISPLAY=':99', PATH=tools + os.pathsep + os.environ['PATH'], **service))
        pep_server.wait_for(lambda: os.path.exists(told), 20 * SLOW, 'the browser')
        with open(told, encoding='utf-8') as file:
            told = json.load(file)
        self.assertEqual(set(service) & set(told['environment']), set())
        self.assertEqual(int(told['blocked'], 16), 0)
        ours = {number: path for number, path in told['fds'].items()
                if self.home.path in path or self.home.runtime in path or path.startswith(('socket:', 'pipe:', 'anon'))}
        self.assertEqual(ours, {})
        self.assertNotIn(self.home.token()['security_token'], json.dumps(told))


if __name__ == '__main__':
    server_case.main()
