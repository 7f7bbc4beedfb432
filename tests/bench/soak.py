#!/usr/bin/env python3
"""Mixed load on two servers for a given time; prints what they cost over time, and whether those lines are flat.

  soak.py [SERVER] [--seconds N] [--interval S] [--share P] [--out FILE]     (SERVER: else PEP_SERVER)
  soak.py --self-test                                                        does the verdict see a leak?

Two homes exchange mails; everything else of soak_load.py happens meanwhile, and now and then a SIGHUP. At the end all
clients go, and what is left of descriptors, threads, calls and polls must be what was there before. Any reply that is
not the expected one is an error. Exit status: 0 flat and without errors, 1 not, with the reasons.

Memory of a sanitized server says little: with PEP_SANITIZE set, PEP_PLAIN_SERVER is used where it exists.
"""
import argparse
import contextlib
import os
import signal
import statistics
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
import pep_server  # noqa: E402
import process_figures as figures  # noqa: E402
import soak_load  # noqa: E402
import soak_verdict  # noqa: E402
from soak_verdict import MEGABYTE  # noqa: E402

# What fills up only after hours by default would look like a leak all the time.
BOUNDS = {'events': 64, 'event_sessions': 32, 'event_session_idle_ms': 20_000, 'cached_messages': 16,
          'cached_message_idle_ms': 20_000, 'idle_time_ms': 20_000}
CLIENT_TIMEOUT = 20
LATENCY_VERDICT_FROM = 600  # seconds: shorter runs share the machine with other tests
TITLES = ('seconds', 'home', 'RSS MB', 'private', 'fds', 'thr', 'conns', 'events', 'calls', 'errors', 'version', 'p99 ms',
          'encrypt', 'p99 ms')
COLUMNS = '%7s  %-5s %7s %7s %4s %3s %5s %6s %8s %6s  %7s %7s  %7s %7s'


class Governor(threading.Thread):
    """Makes the actors pause so long that load and servers together use the given share of one processor."""

    def __init__(self, soak, pids, share):
        super().__init__(daemon=True)
        self.soak = soak
        self.pids = pids
        self.share = share

    def used(self):
        own = os.times()
        return own.user + own.system + sum(figures.cpu_seconds(pid) for pid in self.pids)

    def run(self):
        before = self.used()
        while not self.soak.ending.wait(1.0):
            now = self.used()
            too_much = (now - before) / self.share
            before = now
            self.soak.slowness = min(20.0, max(0.05, self.soak.slowness * min(1.5, max(0.7, too_much))))


class Soak:
    def __init__(self, options, binary, is_sanitized):
        self.options = options
        self.is_sanitized = is_sanitized
        self.ending = threading.Event()
        self.slowness = 1.0
        self.out = open(options.out, 'w', encoding='utf-8') if options.out else None  # noqa: SIM115
        self.homes = [self.home(name, binary) for name in ('ann', 'ben')]
        self.lines = {home: self.lines_of(home) for home in self.homes}
        self.reasons = []
        self.last_hang_up = time.monotonic()

    def home(self, name, binary):
        place = pep_server.Home()
        limits = [word for limit in BOUNDS.items() for word in ('--limit', '%s=%d' % limit)]
        environment = figures.quiet_sanitizer(place.environment(leaks=True))
        server = pep_server.Server(
            binary, place, '-l', place.log + '-daemon', '--log-level', 'info', '--client-timeout', str(CLIENT_TIMEOUT),
            *limits, environment=environment, check_replies=False)
        return soak_load.Home(name, server)

    def lines_of(self, home):
        lines = {'private': soak_verdict.memory_line(home.name + ', private memory', self.is_sanitized),
                 'descriptors': soak_verdict.count_line(home.name + ', descriptors', 16),
                 'threads': soak_verdict.count_line(home.name + ', threads', 2),
                 'events': soak_verdict.count_line(home.name + ', events kept', BOUNDS['events'])}
        if self.options.seconds >= LATENCY_VERDICT_FROM:
            lines |= {what: soak_verdict.latency_line('%s, p50 of %s' % (home.name, what))
                      for what in ('version', 'encrypt')}
        return lines

    def print(self, text):
        print(text, flush=True)
        if self.out:
            self.out.write(text + '\n')
            self.out.flush()

    # ---------------------------------------------------------------- figures

    def figures_at_rest(self, home):
        """Descriptors and threads; a database a worker opened meanwhile is its own for good, so it counts apart.
        The least of some looks: the last connection may be about to be closed."""
        looks = []
        for _ in range(5):
            time.sleep(0.2)
            names = figures.descriptors(home.server.process.pid)
            data = sum(name.startswith(home.server.home.path) and 'engine' in name for name in names)
            looks.append({'descriptors': len(names) - data, 'of the database': data,
                          'threads': figures.threads(home.server.process.pid)})
        return min(looks, key=lambda look: look['descriptors'])

    def measure(self, home, seconds):
        pid = home.server.process.pid
        client = home.server.client(timeout=120)
        status = client.call('status').value
        client.close()
        times = home.take_times()
        found = {'private': figures.private_memory(pid), 'descriptors': len(figures.descriptors(pid)),
                 'threads': figures.threads(pid), 'events': status['events']['kept']}
        shown = []
        for what in ('version', 'encrypt'):
            taken = sorted(times[what])
            if taken:
                found[what] = statistics.median(taken)
                shown += ['%.2f' % found[what], '%.1f' % taken[int(0.99 * len(taken))]]
            else:
                shown += ['', '']
        for what, line in self.lines[home].items():
            if what in found:
                line.add(seconds, found[what])
        self.print(COLUMNS % (
            '%.0f' % seconds, home.name, '%.1f' % (figures.resident_memory(pid) / MEGABYTE),
            '%.1f' % (found['private'] / MEGABYTE), found['descriptors'], found['threads'],
            status['connections']['open'], found['events'], home.calls, len(home.errors), *shown))

    def hang_up(self, home):
        """As logrotate does: the log is moved away, then SIGHUP makes a new one."""
        log = home.server.home.log + '-daemon'
        with contextlib.suppress(FileNotFoundError):
            os.replace(log, log + '.1')
        home.server.process.send_signal(signal.SIGHUP)
        try:
            pep_server.wait_for(lambda: os.path.exists(log), 20 * pep_server.SLOWDOWN, 'a new log')
        except TimeoutError as problem:
            home.fail('SIGHUP: %s' % problem)

    # ---------------------------------------------------------------- the run

    def warm_up(self, home):
        """Identity, keys of the partner, and a database in each worker."""
        caller = soak_load.Caller(home)
        for other in self.homes:
            theirs = soak_load.Caller(other)
            other.me = theirs.done('myself', {'identity': other.me})['identity']
            theirs.close()
        for other in self.homes:
            if other is not home:
                theirs = soak_load.Caller(other)
                exported = theirs.done('export_key', {'fpr': other.me['fpr']})['key_data']
                theirs.close()
                caller.done('import_key', {'key_data': soak_load.base64.b64encode(exported.encode()).decode()},
                            status=soak_load.IMPORTED)
                caller.done('set_identity', {'identity': {
                    'address': other.me['address'], 'user_id': other.name, 'username': 'P', 'fpr': other.me['fpr'],
                    'comm_type': 56}})
        crowd = [soak_load.Link(home.token) for _ in range(16)]
        for link in crowd:
            link.send(soak_load.request(home.token, 'myself', {'identity': home.me}))
        for link in crowd:
            link.reply()
            link.close()
        caller.close()

    def wait_until_clean(self, home):
        def rest():
            client = home.server.client(timeout=120)
            status = client.call('status').value
            client.close()
            return (status['connections']['open'], status['calls']['running'], status['calls']['queued'],
                    status['events']['waiting_polls'], status['events']['streams'])
        with contextlib.suppress(TimeoutError):
            pep_server.wait_for(lambda: rest() == (1, 1, 0, 0, 0), 30 * pep_server.SLOWDOWN, 'the end of all clients')
        return rest()

    def run(self):
        for home in self.homes:
            self.warm_up(home)
        for home in self.homes:
            self.wait_until_clean(home)
        before = {home: self.figures_at_rest(home) for home in self.homes}
        self.print(COLUMNS % TITLES)
        actors = [actor(self, home, peer) for home, peer in (self.homes, self.homes[::-1])
                  for actor in soak_load.ACTORS]
        for actor in actors:
            actor.start()
        governor = Governor(self, [home.server.process.pid for home in self.homes], self.options.share)
        governor.start()
        began = time.monotonic()
        number = 1
        while number * self.options.interval <= self.options.seconds:
            time.sleep(max(0.0, began + number * self.options.interval - time.monotonic()))
            for home in self.homes:
                if home.server.process.poll() is not None:
                    raise RuntimeError('%s ended with %d:\n%s' % (
                        home.name, home.server.process.returncode, home.server.log_text()[-4000:]))
                self.measure(home, time.monotonic() - began)
            if number % 4 == 0:
                self.hang_up(self.homes[number // 4 % 2])
            number += 1
        self.ending.set()
        for actor in [*actors, governor]:
            actor.join(120 * pep_server.SLOWDOWN)
            if actor.is_alive():
                self.reasons.append('%s waits for ever' % type(actor).__name__)
        self.judge(before)

    def judge(self, before):
        for home in self.homes:
            rest = self.wait_until_clean(home)
            if rest != (1, 1, 0, 0, 0):
                self.reasons.append('%s: left behind are connections, calls running and queued, polls, streams: %s' % (
                    home.name, rest))
            after = self.figures_at_rest(home)
            self.print('%s at rest: %s, before %s' % (home.name, after, before[home]))
            for what in ('descriptors', 'threads'):
                if after[what] > before[home][what]:
                    self.reasons.append('%s: %d %s, before %d' % (home.name, after[what], what, before[home][what]))
            if after['of the database'] > 4 * after['threads']:
                self.reasons.append('%s: %d descriptors of the database' % (home.name, after['of the database']))
            for line in self.lines[home].values():
                flat, text = line.verdict()
                self.print(text)
                if not flat:
                    self.reasons.append(text)
            if home.errors:
                self.reasons.append('%s: %d errors, the first: %s' % (
                    home.name, len(home.errors), '\n  '.join(home.errors[:10])))
            if home.calls < self.options.seconds:
                self.reasons.append('%s: only %d calls, that is no load' % (home.name, home.calls))

    def stop(self):
        self.ending.set()
        for home in self.homes:
            code, _ = home.server.stop()
            if code != 0:
                self.reasons.append('%s ended with %s:\n%s' % (home.name, code, home.server.log_text()[-3000:]))
            home.server.home.remove()


def choose(options):
    """-> (binary, is it sanitized); says what it is"""
    binary = options.server or os.environ.get('PEP_SERVER', '')
    sanitizer = '' if options.server else os.environ.get('PEP_SANITIZE', '')
    plain = os.environ.get('PEP_PLAIN_SERVER', '')
    if sanitizer and os.path.exists(plain):
        binary, sanitizer = plain, ''
    if not os.path.exists(binary):
        sys.exit('no server at %r; name one' % binary)
    return binary, bool(sanitizer)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('server', nargs='?')
    parser.add_argument('--seconds', type=float, default=120)
    parser.add_argument('--interval', type=float, default=5)
    parser.add_argument('--share', type=float, default=1.0, help='of one processor, for load and servers together')
    parser.add_argument('--out', help='write the lines into this file, too')
    parser.add_argument('--self-test', action='store_true')
    options = parser.parse_args()
    wrong = soak_verdict.self_test()
    if wrong or options.self_test:
        print('the verdict is wrong about: %s' % ', '.join(wrong) if wrong else 'the verdict tells leaks from noise')
        return 1 if wrong else 0
    binary, is_sanitized = choose(options)
    soak = Soak(options, binary, is_sanitized)
    soak.print('server %s%s, %.0f s, a share of %.2f of one processor' % (
        os.path.basename(os.path.dirname(os.path.dirname(binary))) + '/' + os.path.basename(binary),
        ' (sanitized: memory is judged generously)' if is_sanitized else '', options.seconds, options.share))
    try:
        soak.run()
    finally:
        soak.stop()
    for reason in soak.reasons:
        soak.print('NOT FLAT: ' + reason if 'IS NOT FLAT' in reason else 'FAULT: ' + reason)
    soak.print('flat, no errors' if not soak.reasons else '%d reasons' % len(soak.reasons))
    return 1 if soak.reasons else 0


if __name__ == '__main__':
    sys.exit(main())
