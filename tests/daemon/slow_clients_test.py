#!/usr/bin/env python3
"""Slow, silent and vanishing clients: each costs itself, nobody else, and leaves nothing behind.

Deadlines are shortened by --limit. No test asserts how quickly something ends: a drip goes on far longer than the
deadline allows, so that only an absolute one can end it.
"""
import base64
import json
import os
import resource
import select
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import process_figures as figures  # noqa: E402
import raw_door  # noqa: E402
import server_case  # noqa: E402
from raw_door import LEGACY, Link, head, request  # noqa: E402
from server_case import ServerCase  # noqa: E402

SLOW = pep_server.SLOWDOWN
DOORS = ('tcp', 'unix')
ANN = {'address': 'ann@x.test', 'user_id': 'pEp_own_userId', 'username': 'Ann'}
RSA2K = 5
MIB = 1 << 20


def own(address):
    return {'address': address, 'user_id': 'pEp_own_userId', 'username': 'Own'}


class SlowCase(ServerCase):
    def start(self, *limits, **more):
        options = [word for limit in limits for word in ('--limit', limit)]
        environment = figures.quiet_sanitizer(self.home.environment(leaks=True))
        self.server = self.serve(*options, environment=environment, check_replies=False, **more)
        self.pid = self.server.process.pid
        self.token = self.home.token()
        self.good = self.server.client(timeout=60 * SLOW)
        self.addCleanup(self.good.close)
        self.good.call('ping')

    def link(self, door='tcp'):
        link = Link(self.token, door, timeout=30 * SLOW)
        self.addCleanup(link.close)
        return link

    def known_link(self, door='tcp'):
        """One that showed the token."""
        link = self.link(door)
        link.send(request(self.token, 'ping'))
        self.assertEqual(link.reply()[0], 200)
        return link

    def status(self):
        return self.good.call('status').value

    def wait_for(self, condition, what):
        pep_server.wait_for(condition, 60 * SLOW, what)

    def wait_until_clean(self):
        """Only the good client is there, and nothing of it runs but the question itself."""
        def clean():
            status = self.status()
            seen = (status['connections']['open'], status['calls']['running'], status['calls']['queued'],
                    status['events']['waiting_polls'], status['events']['streams'])
            return seen == (1, 1, 0, 0, 0)
        try:
            self.wait_for(clean, 'everything to be gone')
        except TimeoutError:
            self.fail('left behind: %s' % json.dumps({k: v for k, v in self.status().items() if k != 'limits'}))


class Drips(SlowCase):
    """What comes byte by byte ends at a deadline counted from the first one."""

    LIMIT = 1.0
    PAUSE = 0.03

    def drips(self):
        """what, door, start, the piece that is repeated, reason of the refusal"""
        bearer = head(self.token, 5000)
        chunked = head(self.token, None, 'Transfer-Encoding: chunked')
        for door in DOORS:
            yield 'request line', self.link(door), b'P', b'O', 'header_timeout'
            yield 'header', self.link(door), bearer[:-4] + b'\r\nX-Long: ', b'a', 'header_timeout'
            yield 'second header', self.known_link(door), bearer[:-4] + b'\r\nX-Long: ', b'a', 'header_timeout'
            yield 'body', self.link(door), bearer, b' ', 'body_timeout'
            yield 'second body', self.known_link(door), bearer, b' ', 'body_timeout'
            yield 'body of the old dialect', self.link(door), head(
                self.token, 5000, path=LEGACY, bearer=False), b' ', 'body_timeout'
            yield 'chunks', self.link(door), chunked, b'1\r\n \r\n', 'body_timeout'

    def test_end_at_the_deadline_however_they_drip(self):
        self.start('header_time_ms=%d' % (self.LIMIT * 1000), 'body_time_ms=%d' % (self.LIMIT * 1000),
                   'body_time_per_64k_ms=0')
        under_way, answers = list(self.drips()), []
        began = time.monotonic()
        for _, link, start, _, _ in under_way:
            link.send(start)
        while under_way and time.monotonic() < began + 40 * SLOW:
            answering = select.select([row[1].socket for row in under_way], [], [], self.PAUSE)[0]
            for row in list(under_way):
                if row[1].socket in answering:
                    under_way.remove(row)
                    answers.append((row, time.monotonic() - began, row[1].read_to_end(30 * SLOW)[0]))
                else:
                    row[1].send(row[3])
            self.good.call('ping')
        self.assertEqual([(row[0], row[4]) for row in under_way], [], 'still dripping')
        for (what, _, _, _, reason), took, answer in answers:
            with self.subTest(what=what):
                status, fields, body = raw_door.split_answer(answer)
                self.assertEqual((status, fields['connection']), (408, 'close'))
                self.assertIn(reason, body.decode())
                self.assertGreater(took, 0.9 * self.LIMIT)
        self.wait_until_clean()

    def test_silent_strangers_end_and_known_clients_stay(self):
        self.start('idle_time_ms=800')
        known = [self.known_link(door) for door in DOORS]
        strangers = [self.link(door) for door in DOORS for _ in range(3)]
        asked = [self.link(door) for door in DOORS]
        for link in asked:
            link.send(head(self.token, None, path='/prove?nonce=' + 'n' * 20, method='GET', bearer=False))
            self.assertEqual(link.reply()[0], 200)
        for link in strangers + asked:
            self.assertEqual(link.read_to_end(60 * SLOW)[0], b'', 'nobody asked for an answer')
        for link in known:
            link.send(request(self.token, 'ping'))
            self.assertEqual(link.reply()[0], 200, 'long after the time of a stranger')


class Crowds(SlowCase):
    IDLE = 1000

    def test_a_thousand_idle_connections(self):
        wanted = self.IDLE + 200
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < wanted:
            self.skipTest('at most %d open files are allowed here' % hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.start()
        proof = head(self.token, None, path='/prove?nonce=' + 'n' * 20, method='GET', bearer=False)

        def one_more(number):
            link = self.link(DOORS[number % 10 == 0])
            if number % 2:  # what a request leaves behind counts, too
                link.send(proof)
                self.assertEqual(link.reply()[0], 200)
            return link
        warm = [one_more(number) for number in range(20)]
        self.wait_for(lambda: self.status()['connections']['open'] == 1 + len(warm), 'the first connections')
        before = figures.private_memory(self.pid)
        links = []
        for number in range(self.IDLE - len(warm)):
            links.append(one_more(number))
            if number % 100 == 0:
                self.good.call('ping')
        self.wait_for(lambda: self.status()['connections']['open'] == 1 + self.IDLE, 'all connections')
        each = (figures.private_memory(self.pid) - before) / len(links)
        print('%d idle connections: %.1f KB each' % (len(links), each / 1000))
        self.assertEqual(self.good.call('myself', {'identity': ANN}).status, 0)
        self.assertLess(each, 64 * 1024)
        for link in warm + links:
            link.close()
        self.wait_until_clean()

    def test_the_oldest_strangers_make_room(self):
        self.start('connections=12')
        known = self.known_link()
        strangers = []
        for number in range(10):  # one after the other, so that it is certain who came first
            strangers.append(self.link(DOORS[number % 2]))
            self.wait_for(lambda: self.status()['connections']['open'] == 2 + len(strangers), 'the next one')
        for _ in range(4):
            self.known_link()
        self.assertEqual([link.has_ended() for link in strangers], [True] * 4 + [False] * 6)
        known.send(request(self.token, 'ping'))
        self.assertEqual(known.reply()[0], 200, 'older than all who went')
        self.good.call('ping')

    def test_known_connections_never_make_room(self):
        self.start('connections=6')
        known = [self.known_link(DOORS[n % 2]) for n in range(5)]
        for door in DOORS:
            refused = self.link(door)
            self.assertNotIn(b'HTTP/1.1 200', refused.read_to_end(30 * SLOW)[0])
        for link in known:
            link.send(request(self.token, 'ping'))
            self.assertEqual(link.reply()[0], 200)
        self.good.call('ping')

    def test_a_request_under_way_is_not_pushed_out(self):
        self.start('connections=4')
        body = raw_door.call_body('ping', security_token=self.token['security_token'])
        slow = self.link()
        slow.send(head(self.token, len(body), bearer=False) + body[:20])
        self.wait_for(lambda: self.status()['connections']['open'] == 2, 'the slow one')
        for _ in range(6):
            self.link()
        self.good.call('ping')
        slow.send(body[20:])
        self.assertEqual(slow.reply()[0], 200)


class HalfOpen(SlowCase):
    """Peers that close one direction are answered all they asked for; nothing of half a request is done, and nothing
    waits for those that are gone."""

    def setUp(self):
        super().setUp()
        self.start()

    def mail_of(self, address):
        return request(self.token, 'myself', {'identity': own(address)})

    def test_closed_before_and_within_a_request(self):
        whole = self.mail_of('half@x.test')
        for door in DOORS:
            for size in (0, 5, whole.index(b'\r\n\r\n') + 2, whole.index(b'\r\n\r\n') + 30, len(whole) - 1):
                link = self.link(door)
                link.send(whole[:size])
                link.half_close()
                self.assertNotIn(b' 200 ', link.read_to_end(30 * SLOW)[0])
        self.wait_until_clean()
        self.assertEqual(self.good.call('own_identities_retrieve').out['own_identities'], [])

    def test_closed_behind_a_request(self):
        for door in DOORS:
            link = self.link(door)
            link.send(request(self.token, 'ping'))
            link.half_close()
            self.assertTrue(link.read_to_end(30 * SLOW)[0].startswith(b'HTTP/1.1 200'), 'it was complete')
            link = self.link(door)
            link.send(self.mail_of('behind@x.test'))
            link.half_close()
            self.assertTrue(link.read_to_end(30 * SLOW)[0].startswith(b'HTTP/1.1 200'), 'it waits for a worker')
        self.wait_until_clean()

    def test_closed_behind_many_requests(self):
        """Each is answered, also those that had not been read when the end came; half a one behind them is not."""
        count = 12
        for door in DOORS:
            for end in (b'', self.mail_of('half@x.test')[:-1]):
                link = self.link(door)
                link.send(b''.join(self.mail_of('many%d@x.test' % i) for i in range(count)) + end)
                link.half_close()
                answers = link.read_to_end(60 * SLOW)[0]
                self.assertEqual(answers.count(b'HTTP/1.1 200'), count)
                self.assertEqual(answers.count(b'HTTP/1.1'), count)
                self.assertEqual([i for i in range(count) if b'many%d@x.test' % i not in answers], [])
        self.wait_until_clean()

    def waiting_poll(self, door, behind=b'', timeout=600):
        queue = self.good.call('create_session').value
        link = self.link(door)
        link.send(request(self.token, 'pollForEvents', {'session_id': queue, 'timeout_s': timeout}) + behind)
        pep_server.wait_for(lambda: self.polls() == 1, 30 * SLOW, 'the poll to wait')
        return link

    def polls(self):
        return self.good.call('status').value['events']['waiting_polls']

    def test_closed_behind_a_poll(self):
        for door in DOORS:
            link = self.waiting_poll(door, timeout=1)
            link.half_close()
            self.assertTrue(link.read_to_end(30 * SLOW)[0].startswith(b'HTTP/1.1 200'), 'it reads on')
            link = self.waiting_poll(door)
            link.half_close()
            time.sleep(0.2)
            link.close()
            pep_server.wait_for(lambda: self.polls() == 0, 30 * SLOW, 'the server to see that the client is gone')
        self.wait_until_clean()

    def test_gone_behind_more_than_is_read(self):
        """What waits to be read must not hide that nobody waits for the answers."""
        behind = request(self.token, 'ping', {'_': ' ' * MIB})
        for door in DOORS:
            for size in (70_000, MIB // 2):
                link = self.waiting_poll(door)
                link.stuff(behind[:size])
                link.close()
                pep_server.wait_for(lambda: self.polls() == 0, 30 * SLOW, 'the server to see that the client is gone')
        self.wait_until_clean()

    def test_reset_within_a_request(self):
        whole = self.mail_of('reset@x.test')
        for door in DOORS:
            for size in (0, 5, whole.index(b'\r\n\r\n') + 30, len(whole) - 1):
                link = self.link(door)
                link.send(whole[:size])
                link.reset()
            link = self.link(door)
            link.send(head(self.token, 8 * MIB) + bytes(3 * MIB))
            link.reset()
        self.wait_until_clean()
        self.assertEqual(self.good.call('own_identities_retrieve').out['own_identities'], [])


class DoNotRead(SlowCase):
    READERS = 8
    CAP = 1 * MIB  # of replies that wait for one client; the next call of that connection waits

    def stubborn_readers(self, data):
        """Each asks until nothing more goes through, and reads nothing."""
        links = [self.link(DOORS[n % 2]) for n in range(self.READERS)]
        for link in links:
            rest = data
            for _ in range(20):
                rest = link.stuff(rest)
                time.sleep(0.01)
            self.assertTrue(rest, 'the server takes requests without end')
        return links

    def test_cost_no_more_than_the_buffer_cap_and_end(self):
        self.start('reply_time_ms=1500', 'body_time_per_64k_ms=0')
        document = len(self.good.exchange('GET', '/openrpc.json')[2])
        before = figures.private_memory(self.pid)
        ask = head(self.token, None, 'X-Padding: ' + 'p' * 12_000, path='/openrpc.json', method='GET', bearer=False)
        links = self.stubborn_readers(ask * (48 * MIB // len(ask)))
        self.good.call('ping')
        used = figures.private_memory(self.pid) - before
        print('%d clients that do not read: %.1f MiB' % (len(links), used / MIB))
        # Cap and one reply, what is read ahead, and as much again for the allocator.
        self.assertLess(used, 2 * self.READERS * (self.CAP + 2 * document + 128 * 1024))
        self.assertEqual(self.good.call('myself', {'identity': ANN}).status, 0)
        self.wait_until_clean()  # they have not closed: the server did
        for link in links:
            answer, _ = link.read_to_end(30 * SLOW)
            self.assertTrue(answer.startswith(b'HTTP/1.1 200'))

    def test_one_big_reply_that_is_not_read(self):
        self.start('reply_time_ms=1500', 'body_time_per_64k_ms=0')
        body = raw_door.call_body('ping', None, 'i' * (8 * MIB))  # the id comes back
        link = self.link()
        link.send(head(self.token, len(body)) + body)
        self.assertTrue(select.select([link.socket], [], [], 30 * SLOW)[0], 'the reply begins')
        self.good.call('ping')
        self.wait_until_clean()
        answer, _ = link.read_to_end(30 * SLOW)
        self.assertLess(len(answer), len(body), 'it was cut off')


class Leave(SlowCase):
    """Clients that go in the midst of a long call."""

    ATTACHMENT = 20_000_000

    def long_calls(self, round_number):
        """what, its request, how status shows that it is at it"""
        def running(status):
            return status['calls']['running'] + status['calls']['queued'] > 1
        data = base64.b64encode(os.urandom(self.ATTACHMENT)).decode()
        mail = {'dir': 1, 'from': ANN, 'to': [ANN], 'shortmsg': 's', 'longmsg': 'l',
                'attachments': [{'value': data, 'mime_type': 'application/octet-stream', 'filename': 'file://a'}]}
        yield 'poll', request(self.token, 'pollForEvents', {'session_id': 'left', 'timeout_s': 3600}), (
            lambda status: status['events']['waiting_polls'] == 1)
        yield 'stream', head(self.token, None, path='/events', method='GET'), (
            lambda status: status['events']['streams'] == 1)
        yield 'key generation', request(
            self.token, 'myself', {'identity': own('key%d@x.test' % round_number)}), running
        if round_number == 0:
            yield 'encryption', request(self.token, 'encrypt_message', {'src': mail, 'enc_format': 4}), running

    def leave_in_each(self, round_number):
        for number, (what, data, is_at_it) in enumerate(self.long_calls(round_number)):
            for door in DOORS if what != 'encryption' else ('tcp',):
                link = self.link(door)
                self.assertTrue(link.send(data))
                # A fast machine may be done already: then the client leaves an answer unread.
                self.wait_for(lambda check=is_at_it, link=link: check(self.status()) or link.socket in select.select(
                    [link.socket], [], [], 0)[0], what)
                if (number + round_number) % 2:
                    link.reset()
                else:
                    link.close()
                self.good.call('ping')

    def test_leave_nothing_behind(self):
        self.start()
        self.good.call('config_cipher_suite', {'suite': RSA2K})
        self.assertEqual(self.good.call('myself', {'identity': ANN}).status, 0)
        sockets = figures.sockets(self.pid)
        figures_after = []
        for round_number in range(3):
            self.leave_in_each(round_number)
            self.wait_until_clean()
            self.assertEqual(figures.sockets(self.pid), sockets)
            # A worker opens its database when it is first needed, and keeps it: that is no leak.
            others = [name for name in figures.descriptors(self.pid) if 'engine.sqlite3' not in name]
            figures_after.append((len(others), figures.threads(self.pid)))
        for before, after in zip(figures_after[0], figures_after[2]):
            self.assertLessEqual(after, before, figures_after)
        self.assertLess(len(figures.descriptors(self.pid)), len(others) + 4 * figures.threads(self.pid))
        queue = self.good.call('create_session').value
        self.assertEqual(self.good.call('pollForEvents', {'session_id': queue, 'timeout_s': 0}).value, [])
        self.assertEqual(self.good.call('myself', {'identity': ANN}).status, 0)


class NoDescriptors(SlowCase):
    """64 descriptors, 300 clients."""

    def start_with_few(self):
        # A sanitizer opens pipes for its checks, and ends the program when it cannot.
        binary = server_case.SERVER if SLOW == 1 else server_case.PLAIN_SERVER
        if not os.path.exists(binary):
            self.skipTest('no program without sanitizers at %r; build preset release' % binary)
        wrapper = os.path.join(self.home.root, 'few')
        with open(wrapper, 'w', encoding='utf-8') as file:
            file.write('#!/bin/sh\nulimit -n 64\nexec "%s" "$@"\n' % binary)
        os.chmod(wrapper, 0o700)
        self.start(binary=wrapper)

    def knock(self, count):
        """Connections, silent or with a request; nobody waits for an answer."""
        links = []
        for number in range(count):
            link = self.link(DOORS[number % 3 == 0])
            link.socket.setblocking(False)
            if number % 2:
                link.send(request(self.token, 'ping'))
            links.append(link)
        return links

    def test_are_survived_without_spinning(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < 400:
            self.skipTest('at most %d open files are allowed here' % hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 400), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.start_with_few()
        self.good.call('ping')
        links = self.knock(300)
        self.good.call('ping')  # a client from before goes on being served
        try:
            self.good.call('own_identities_retrieve')  # the database needs descriptors: done, or refused in words
        except pep_server.Refused as refusal:
            self.assertIn(refusal.code, (-32603, -32004))
        time.sleep(0.5)
        used, began = figures.cpu_seconds(self.pid), time.monotonic()
        time.sleep(2)
        share = (figures.cpu_seconds(self.pid) - used) / (time.monotonic() - began)
        print('out of descriptors: %.0f %% of a processor' % (100 * share))
        self.assertLess(share, 0.5, 'it spins')
        self.assertIsNone(self.server.process.poll())
        self.assertLess(os.path.getsize(self.home.log), MIB, 'the log fills the disk')
        for link in links:
            link.close()
        self.wait_until_clean()
        self.assertEqual(self.good.call('myself', {'identity': ANN}).status, 0)
        for door in DOORS:
            self.known_link(door)


if __name__ == '__main__':
    server_case.main()
