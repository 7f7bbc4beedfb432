#!/usr/bin/env python3
"""Load that must not share a process with who measures: a storm of wrong tokens, and a client that takes times.

  storm.py wrong_tokens SECONDS CONNECTIONS < json-token     counts answers by kind, as JSON
  storm.py probe SECONDS < json-token                        times of `version` in milliseconds, as JSON

The token comes by standard input: other users can see arguments.
"""
import collections
import json
import os
import selectors
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import raw_door  # noqa: E402

EXPENSIVE = {'address': 'storm@x.test', 'user_id': 'pEp_own_userId', 'username': 'Storm'}


class Attacker:
    """A non-blocking connection that sends the same request again as soon as it was answered."""

    def __init__(self, token, is_legacy):
        self.token = token
        self.kind = 'legacy' if is_legacy else 'modern'
        if is_legacy:  # the token is inside: who wants to know it has to read the request
            body = raw_door.call_body('myself', [EXPENSIVE], security_token='w' * len(token['security_token']))
            self.data = raw_door.head(token, len(body), path=raw_door.LEGACY, bearer=False) + body
        else:
            self.data = raw_door.request(token, 'myself', {'identity': EXPENSIVE},
                                         bearer='w' * len(token['security_token']))
        self.socket = None

    def connect(self, selector):
        if self.socket:
            selector.unregister(self.socket)
            self.socket.close()
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.answer = b''
        self.socket.connect_ex((self.token['address'], self.token['port']))
        selector.register(self.socket, selectors.EVENT_WRITE, self)

    def work(self, selector, events, counts):
        try:
            if events & selectors.EVENT_WRITE:
                self.socket.send(self.data)  # small: it goes at once
                selector.modify(self.socket, selectors.EVENT_READ, self)
                return
            chunk = self.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            chunk = b''
        self.answer += chunk
        if not chunk:
            counts['%s closed' % self.kind] += 1
            self.connect(selector)
            return
        top, _, body = self.answer.partition(b'\r\n\r\n')
        lowered = top.lower()
        at = lowered.find(b'content-length:')
        if at < 0 or len(body) < int(lowered[at + 15:].split(b'\r')[0]):
            return
        counts['%s %s %s' % (self.kind, top[9:12].decode(), json.loads(body).get('error', {}).get('code'))] += 1
        self.answer = b''
        if b'connection: close' in lowered:
            self.connect(selector)
        else:
            selector.modify(self.socket, selectors.EVENT_WRITE, self)


def wrong_tokens(token, seconds, connections):
    counts = collections.Counter()
    selector = selectors.DefaultSelector()
    for number in range(connections):
        Attacker(token, number % 2 == 1).connect(selector)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for key, events in selector.select(0.05):
            key.data.work(selector, events, counts)
    return counts


def probe(token, seconds, pause=0.004):
    link = raw_door.Link(token, timeout=60)
    data = raw_door.request(token, 'version')
    link.send(data)
    link.reply()
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.perf_counter()
        link.send(data)
        status = link.reply()[0]
        times.append((time.perf_counter() - begin) * 1000)
        if status != 200:
            raise RuntimeError('HTTP %d' % status)
        time.sleep(pause)
    return times


def start(token, *arguments):
    """One of the above in a process of its own."""
    process = subprocess.Popen([sys.executable, '-B', os.path.abspath(__file__), *map(str, arguments)],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdin.write(json.dumps(token))
    process.stdin.close()
    return process


def finish(process, seconds):
    """-> what it found"""
    try:
        process.wait(seconds)
        if process.returncode:
            raise RuntimeError('%s ended with %d' % (process.args[3], process.returncode))
        return json.loads(process.stdout.read())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def quantile(times, share):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main():
    token = json.load(sys.stdin)
    seconds = float(sys.argv[2])
    found = probe(token, seconds) if sys.argv[1] == 'probe' else wrong_tokens(token, seconds, int(sys.argv[3]))
    json.dump(found, sys.stdout)


if __name__ == '__main__':
    main()
