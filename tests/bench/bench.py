#!/usr/bin/env python3
"""How fast the daemon is, as ratios against references measured in the same run; no limits, no verdict.

  bench.py DAEMON TOOLS_DIRECTORY [--seconds S] [--rounds N] [--keys N] [--connections N] [--only NAME…] [--json FILE]

Use a release build: sanitizers make every ratio meaningless. Reference and daemon are measured alternately and
the median of the rounds' ratios is shown, because a busy machine disturbs both alike. Everything happens on
loopback, in temporary homes, and ends by itself.
"""
import argparse
import base64
import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
import pep_server  # noqa: E402
import process_figures as figures  # noqa: E402

ATTACHMENT = 25_000_000
TEXT = 10_000
OK, IMPORTED = 0, 0x220
PEP_FORMAT, OUTGOING, INCOMING = 4, 1, 0
MEGABYTE = 1_000_000


class Table:
    """Prints rows as they are measured, and keeps them."""

    FORM = '%-46s %14s %14s %9s  %s'

    def __init__(self):
        self.rows = []
        print(self.FORM % ('', 'reference', 'daemon', 'ratio', 'goal'))

    def title(self, text):
        print('\n%s' % text)

    def add(self, what, reference, ours, ratio, goal='', unit=''):
        self.rows.append({'what': what, 'reference': reference, 'daemon': ours, 'ratio': ratio,
                          'goal': goal, 'unit': unit})
        def shown(number):
            return '' if number is None else '%s %s' % (format(number, ',.4g' if number < 1000 else ',.0f'), unit)
        print(self.FORM % ('  ' + what, shown(reference), shown(ours), '' if ratio is None else '%.2f' % ratio, goal))
        sys.stdout.flush()


class Echo:
    """The evhttp reference; it ends when its stdin does."""

    def __init__(self, tools):
        self.process = subprocess.Popen([os.path.join(tools, 'evhttp_echo')], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


class Bench:
    def __init__(self, options):
        self.options = options
        self.table = Table()
        self.scratch = tempfile.mkdtemp(prefix='pep-bench-')

    # ---------------------------------------------------------------- tools

    @contextlib.contextmanager
    def daemon(self, *more, home=None):
        own = home or pep_server.Home()
        server = pep_server.Server(
            self.options.daemon, own, '--log-level', 'warn', *more, check_replies=False)
        try:
            yield server
        finally:
            server.stop()
            if home is None:
                own.remove()

    def file(self, name, content):
        path = os.path.join(self.scratch, name)
        with open(path, 'wb') as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def body(self, method, params=None, request_id=1):
        request = {'jsonrpc': '2.0', 'id': request_id, 'method': method, 'params': params or {}}
        return json.dumps(request, separators=(',', ':'))

    def load(self, port, path, connections, body_file, token=''):
        environment = {**os.environ, 'HTTP_LOAD_HEADERS': 'Authorization: Bearer ' + token if token else ''}
        done = subprocess.run(
            [os.path.join(self.options.tools, 'http_load'), str(port), path, str(connections),
             str(self.options.seconds), body_file], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        result = json.loads(done.stdout)
        if result['refused']:
            raise RuntimeError('%d of %d calls were refused' % (result['refused'], result['requests']))
        return result

    def daemon_load(self, server, connections, body_file):
        token = server.home.token()
        return self.load(token['port'], token['rpc_path'], connections, body_file, token['security_token'])

    def library(self, *arguments):
        done = subprocess.run([os.path.join(self.options.tools, 'library_reference'), *map(str, arguments)],
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return json.loads(done.stdout)

    def compare(self, what, reference, ours, goal, unit='/s'):
        """Both are functions that give a rate; measured alternately."""
        pairs = [(reference(), ours()) for _ in range(self.options.rounds)]
        ratio = statistics.median(mine / theirs for theirs, mine in pairs)
        self.table.add(what, statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs),
                       ratio, goal, unit)

    # ---------------------------------------------------------------- parts

    def small(self):
        self.table.title('small calls on keep-alive connections (reference: evhttp, constant reply)')
        body = self.file('version.json', self.body('version'))
        with Echo(self.options.tools) as echo, self.daemon() as server:
            for connections, goal in ((1, '>= 0.9'), (8, '>= 1.2'), (64, '>= 1.2')):
                self.compare('version, %d connection%s' % (connections, 's' * (connections > 1)),
                             lambda c=connections: self.load(echo.port, '/constant', c, body)['rate'],
                             lambda c=connections: self.daemon_load(server, c, body)['rate'], goal)

    def medium(self):
        self.table.title('64 KB request and 64 KB reply (reference: evhttp, echo)')
        # the id comes back as it was, so a long one makes request and reply long without any other work
        body = self.file('long.json', self.body('version', request_id='i' * 65536))
        with Echo(self.options.tools) as echo, self.daemon() as server:
            slowest = []

            def ours(connections):
                result = self.daemon_load(server, connections, body)
                if result['reply_bytes'] < 65536:
                    raise RuntimeError('the reply was not long')
                slowest.append(result['p99'])
                return result['rate']
            for connections in (1, 8):
                self.compare('%d connection%s' % (connections, 's' * (connections > 1)),
                             lambda c=connections: self.load(echo.port, '/echo', c, body)['rate'],
                             lambda c=connections: ours(c), '>= 0.5')
            self.table.add('99 of 100 answered within', None, max(slowest), None, 'no 40 ms step', 'ms')

    def people(self, server):
        """Two own identities, what encrypts from one to the other, and their secret keys as a file."""
        client = server.client(timeout=120)
        alice, bob = (client.call('myself', {'identity': {
            'address': name + '@bench.test', 'user_id': 'own', 'username': name.title()}}).out['identity']
            for name in ('alice', 'bob'))
        keys = ''.join(client.call('export_secret_key', {'fpr': who['fpr']}).out['key_data'] for who in (alice, bob))
        client.close()
        return alice, bob, self.file('keys.asc', keys)

    @staticmethod
    def message(sender, recipient, **more):
        return {'dir': OUTGOING, 'id': 'bench@bench.test', 'shortmsg': 'Bench', 'from': sender,
                'to': [recipient], **more}

    @staticmethod
    def to_encrypt(message):
        return {'src': message, 'extra': None, 'enc_format': PEP_FORMAT, 'flags': 0}

    @staticmethod
    def to_decrypt(encrypted):
        return {'src': {**encrypted, 'dir': INCOMING}, 'keylist': None, 'flags': 0}

    def text(self):
        self.table.title('10 KB text, warm keys (reference: librnp alone, same keys and recipients)')
        with self.daemon() as server:
            alice, bob, keys = self.people(server)
            client = server.client(timeout=60)
            line = 'A line of a mail that says nothing but has the length of one.\n'
            message = self.message(alice, bob, longmsg=(line * (TEXT // len(line) + 1))[:TEXT])
            encrypted = client.call('encrypt_message', self.to_encrypt(message))
            if encrypted.status != OK:
                raise RuntimeError('encrypt_message: %s' % encrypted.value)
            decrypted = client.call('decrypt_message', self.to_decrypt(encrypted.out['dst']))
            if decrypted.status != OK or decrypted.out['dst']['longmsg'] != message['longmsg']:
                raise RuntimeError('decrypt_message: %s' % decrypted.value)
            bodies = {
                'encrypt': self.file('encrypt.json', self.body('encrypt_message', self.to_encrypt(message))),
                'decrypt': self.file('decrypt.json', self.body(
                    'decrypt_message', self.to_decrypt(encrypted.out['dst']))),
            }
            fingerprints = (alice['fpr'], bob['fpr'], alice['fpr'])
            for threads in (1, 2):
                pairs = {name: [] for name in bodies}
                for _ in range(self.options.rounds):
                    reference = self.library('text', self.options.seconds, threads, TEXT, keys, *fingerprints)
                    for name, body in bodies.items():
                        pairs[name].append((reference[name], self.daemon_load(server, threads, body)['rate']))
                for name, measured in pairs.items():
                    theirs, mine = (statistics.median(column) for column in zip(*measured))
                    ratio = statistics.median(mine / theirs for theirs, mine in measured)
                    self.table.add('%s_message, %d client%s' % (name, threads, 's' * (threads > 1)),
                                   theirs, mine, ratio, '>= 0.6', '/s')
            for name, body in bodies.items():
                self.compare('%s_message, two clients / one' % name,
                             lambda b=body: self.daemon_load(server, 1, b)['rate'],
                             lambda b=body: self.daemon_load(server, 2, b)['rate'], '>= 1.7')

    def timed(self, client, method, params):
        body = self.body(method, params).encode()
        started = time.perf_counter()
        status, _, answer = client.post('/rpc', body, client.bearer())
        took = time.perf_counter() - started
        answer = json.loads(answer)
        if status != 200 or 'error' in answer or answer['result']['return']['status'] != OK:
            raise RuntimeError('%s: HTTP %d %s' % (method, status, answer.get('error', 'with a bad status')))
        return took, len(body), answer['result']['out']

    def large(self):
        self.table.title('25 MB attachment (reference: librnp + GMime + simdjson alone)')
        value = base64.b64encode(os.urandom(ATTACHMENT)).decode()
        with self.daemon() as server:
            alice, bob, keys = self.people(server)
            references = [self.library('large', ATTACHMENT, keys, alice['fpr'], bob['fpr'], alice['fpr'])
                          for _ in range(self.options.rounds)]
            client = server.client(timeout=300)
            attachment = {'value': value, 'mime_type': 'application/octet-stream', 'filename': 'file://big.bin'}
            message = self.message(alice, bob, longmsg='see attachment', attachments=[attachment])
            pid, idle = server.process.pid, figures.resident_memory(server.process.pid)

            def measure(name, params):
                reset_peak(pid)
                theirs = [each[name] for each in references]
                mine = [self.timed(client, name + '_message', params) for _ in theirs]
                ratio = statistics.median(took / other for (took, _, _), other in zip(mine, theirs))
                self.table.add(name + '_message', statistics.median(theirs),
                               statistics.median(took for took, _, _ in mine), ratio, '<= 1.3', 's')
                _, size, out = mine[-1]
                peak = peak_memory(pid)
                self.table.add('  peak memory / request of %.0f MB' % (size / MEGABYTE), size / MEGABYTE,
                               peak / MEGABYTE, peak / size, '<= 4', 'MB')
                return out['dst']
            encrypted = measure('encrypt', self.to_encrypt(message))
            decrypted = measure('decrypt', self.to_decrypt(encrypted))
            if not any(each.get('value') == value for each in decrypted['attachments']):
                raise RuntimeError('the attachment did not come back whole')
            time.sleep(1)
            after = figures.resident_memory(pid)
            self.table.add('  resident before, and after both', idle / MEGABYTE, after / MEGABYTE, None, '', 'MB')

    def start_once(self, home):
        """Milliseconds from the start command to the answer of `version`, and to the first call of the engine."""
        started = time.perf_counter()
        subprocess.run([self.options.daemon, '--home', home.path], env=home.environment(), stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        token = home.token()
        try:
            client = pep_server.Client(token)
            client.call('version')
            callable_after = time.perf_counter() - started
            client.call('own_identities_retrieve')
            engine_after = time.perf_counter() - started
            client.close()
        finally:
            os.kill(token['pid'], signal.SIGTERM)
            pep_server.wait_for(lambda: not pep_server.is_running(token['pid']), 10, 'the end of the server')
        return callable_after * 1000, engine_after * 1000

    def start(self):
        self.table.title('start until callable (reference: the same program printing its version)')

        def linking():
            begun = time.perf_counter()
            subprocess.run([self.options.daemon, '--version'], stdout=subprocess.DEVNULL, check=True)
            return (time.perf_counter() - begun) * 1000
        tries = 10
        link = statistics.median(linking() for _ in range(tries))
        fresh = []
        for _ in range(tries):
            home = pep_server.Home()
            fresh.append(self.start_once(home))
            home.remove()
        home = pep_server.Home()
        with self.daemon(home=home) as server:
            self.people(server)
        old = [self.start_once(home) for _ in range(tries)]
        home.remove()
        for name, times in (('fresh home', fresh), ('existing home', old)):
            for i, (what, goal) in enumerate((('version', '<= 20 ms'), ('first engine call', '<= 35 ms'))):
                took = statistics.median(each[i] for each in times)
                self.table.add('%s, to %s' % (name, what), link, took, took / link, goal, 'ms')

    def idle(self):
        self.table.title('idle daemon')
        with self.daemon() as server:
            with contextlib.closing(server.client()) as client:
                client.call('own_identities_retrieve')
            time.sleep(1)
            pid = server.process.pid
            before = wakeups(pid)
            time.sleep(5)
            self.table.add('wake-ups in 5 s', None, wakeups(pid) - before, None, '0')
            self.table.add('private memory', None, figures.private_memory(pid) / MEGABYTE, None, '<= 12 MB', 'MB')

    def connections(self):
        count = self.options.connections
        self.table.title('memory of %d idle connections, one call made on each (reference: evhttp)' % count)
        wanted = count + 500
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < wanted:
            print('  skipped: at most %d open files are allowed here' % hard)
            return
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
        with Echo(self.options.tools) as echo, self.daemon('--limit', 'connections=%d' % (count + 100)) as server:
            token = server.home.token()
            theirs = memory_of_connections(echo.process.pid, echo.port, '/constant', '', count, self.body('version'))
            mine = memory_of_connections(server.process.pid, token['port'], '/rpc', token['security_token'], count,
                                         self.body('version'))
        self.table.add('each', theirs, mine, mine / theirs, '<= 6 KB', 'B')

    def many_keys(self):
        count = self.options.keys
        self.table.title('%d stored keys (reference: the same daemon with none but its own)' % count)
        folder = os.path.join(self.scratch, 'keys')
        os.mkdir(folder)
        self.library('keys', count, folder)
        homes = [pep_server.Home(), pep_server.Home()]
        people = []
        for home, filled in zip(homes, (False, True)):
            with self.daemon(home=home) as server, contextlib.closing(server.client(timeout=300)) as client:
                people.append(self.people(server)[:2])
                started = time.perf_counter()
                for name in sorted(os.listdir(folder)) if filled else []:
                    with open(os.path.join(folder, name), 'rb') as file:
                        reply = client.call('import_key', {'key_data': base64.b64encode(file.read()).decode()})
                    if reply.status != IMPORTED:
                        raise RuntimeError('import_key: %s' % reply.value)
                if filled:
                    self.table.add('import', None, count / (time.perf_counter() - started), None, '', '/s')
        starts = [statistics.median(self.start_once(home)[1] for _ in range(5)) for home in homes]
        self.table.add('start, to first engine call', *starts, starts[1] / starts[0], '<= 2', 'ms')
        with self.daemon(home=homes[0]) as empty, self.daemon(home=homes[1]) as full:
            for method in ('update_identity', 'encrypt_message'):
                bodies = []
                for i, (alice, bob) in enumerate(people):
                    params = {'identity': {'address': 'carol@bench.test', 'user_id': 'carol'}}
                    if method == 'encrypt_message':
                        params = self.to_encrypt(self.message(alice, bob, longmsg='x' * TEXT))
                    bodies.append(self.file('keys-%d.json' % i, self.body(method, params)))
                self.compare(method, lambda: self.daemon_load(empty, 1, bodies[0])['rate'],
                             lambda: self.daemon_load(full, 1, bodies[1])['rate'], '>= 0.9')
            used = [figures.private_memory(server.process.pid) / MEGABYTE for server in (empty, full)]
            self.table.add('private memory after these calls', *used, used[1] / used[0], 'about 1', 'MB')
        for home in homes:
            home.remove()

    def scaling(self):
        """Identities with few and many stored keys; each ratio is to the fewest, but for myself."""
        counts = sorted({10, 1000, self.options.keys})
        self.table.title('identities with %s stored keys' % ', '.join(map(str, counts)))
        generate = self.library('generate', 100)['ms']
        first = {}
        for count in counts:
            folder = os.path.join(self.scratch, 'scaling-%d' % count)
            os.mkdir(folder)
            self.library('keys', count, folder)
            with self.daemon() as server, contextlib.closing(server.client(timeout=300)) as client:
                self.people(server)
                took = self.import_files(client, folder)
                many = max(1, len(took) // 10)
                if len(took) > many:
                    self.table.add('import, first and last tenth of %d' % count, sum(took[:many]), sum(took[-many:]),
                                   sum(took[-many:]) / sum(took[:many]), 'about 1', 's')
                rows = {
                    'myself on a new address': (self.new_addresses(client, count), '<= 10 ms', 'ms'),
                    'update_identity': (1000 / self.update_rate(server), '<= 0.2 ms', 'ms'),
                    'private memory': (figures.private_memory(server.process.pid) / MEGABYTE, '+ 5 MB', 'MB'),
                }
            for what, (figure, goal, unit) in rows.items():
                reference = generate if unit == 'ms' and 'myself' in what else first.setdefault(what, figure)
                self.table.add('%s, %d keys' % (what, count), reference, figure, figure / reference, goal, unit)

    @staticmethod
    def import_files(client, folder):
        """-> seconds for each file, in order"""
        took = []
        for name in sorted(os.listdir(folder), key=lambda name: int(name.split('.')[0])):
            with open(os.path.join(folder, name), 'rb') as file:
                data = base64.b64encode(file.read()).decode()
            started = time.perf_counter()
            reply = client.call('import_key', {'key_data': data})
            took.append(time.perf_counter() - started)
            if reply.status != IMPORTED:
                raise RuntimeError('import_key: %s' % reply.value)
        return took

    @staticmethod
    def new_addresses(client, count):
        """-> milliseconds, the median of some calls of myself, which makes a key each time"""
        took = []
        for i in range(40):
            identity = {'address': 'new%d-%d@bench.test' % (count, i), 'user_id': 'pEp_own_userId', 'username': 'New'}
            started = time.perf_counter()
            reply = client.call('myself', {'identity': identity})
            took.append(time.perf_counter() - started)
            if reply.status != 0:
                raise RuntimeError('myself: %s' % reply.value)
        return statistics.median(took) * 1000

    def update_rate(self, server):
        body = self.file('update.json', self.body(
            'update_identity', {'identity': {'address': 'carol@bench.test', 'user_id': 'carol'}}))
        return statistics.median(self.daemon_load(server, 1, body)['rate'] for _ in range(self.options.rounds))

    PARTS = ('small', 'medium', 'text', 'large', 'start', 'idle', 'connections', 'many_keys', 'scaling')

    def run(self):
        failures = 0
        for part in self.options.only or self.PARTS:
            try:
                getattr(self, part)()
            except (RuntimeError, OSError, pep_server.Refused, TimeoutError, KeyError, TypeError) as problem:
                failures += 1
                print('  not measured: %s: %s' % (type(problem).__name__, str(problem)[:300]))
        if self.options.json:
            with open(self.options.json, 'w', encoding='utf-8') as file:
                json.dump(self.table.rows, file, indent=1)
        shutil.rmtree(self.scratch, ignore_errors=True)
        return 1 if failures else 0


def peak_memory(pid):
    """Bytes resident at most, since reset_peak."""
    return int(figures.status_lines('/proc/%d/status' % pid)['VmHWM'].split()[0]) * 1024


def reset_peak(pid):
    with open('/proc/%d/clear_refs' % pid, 'w', encoding='ascii') as file:
        file.write('5')


def wakeups(pid):
    """How often any of its threads went to sleep, which is as often as it woke up."""
    tasks = '/proc/%d/task' % pid
    return sum(int(figures.status_lines('%s/%s/status' % (tasks, task))['voluntary_ctxt_switches'])
               for task in os.listdir(tasks))


def memory_of_connections(pid, port, path, token, count, body):
    header = 'POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n' % (path, port)
    header += 'Authorization: Bearer %s\r\n' % token if token else ''
    request = ('%sContent-Length: %d\r\n\r\n%s' % (header, len(body), body)).encode()

    def connect():
        link = socket.create_connection(('127.0.0.1', port), timeout=10)
        link.sendall(request)
        if b' 200 ' not in link.recv(65536)[:20]:
            link.close()
            raise RuntimeError('a connection was refused')
        return link
    warm = [connect() for _ in range(50)]
    before = figures.private_memory(pid)
    links = [connect() for _ in range(count)]
    time.sleep(0.5)
    used = figures.private_memory(pid) - before
    for link in links + warm:
        link.close()
    return used / count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('daemon')
    parser.add_argument('tools')
    parser.add_argument('--seconds', type=float, default=2, help='of each measurement')
    parser.add_argument('--rounds', type=int, default=3, help='of each comparison')
    parser.add_argument('--keys', type=int, default=10_000)
    parser.add_argument('--connections', type=int, default=10_000)
    parser.add_argument('--only', nargs='+', choices=Bench.PARTS, metavar='NAME', help=', '.join(Bench.PARTS))
    parser.add_argument('--json', help='write the rows into this file, too')
    options = parser.parse_args()
    return Bench(options).run()


if __name__ == '__main__':
    sys.exit(main())
