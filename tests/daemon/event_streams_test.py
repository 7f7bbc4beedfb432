#!/usr/bin/env python3
"""GET /events: Server-Sent Events over the real door: order, resume, gaps, readers that leave or do not read."""
import json
import os
import re
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402

SLOW = pep_server.SLOWDOWN


class Stream:
    """One reader. Events come out as (id, event)."""

    def __init__(self, token, **headers):
        self.link = socket.create_connection((token['address'], token['port']), timeout=20 * SLOW)
        fields = {'Host': '%(address)s:%(port)d' % token, 'Authorization': 'Bearer ' + token['security_token'], **headers}
        lines = ''.join('%s: %s\r\n' % field for field in fields.items() if field[1] is not None)
        self.link.sendall(('GET /events HTTP/1.1\r\n%s\r\n' % lines).encode())
        self.file = self.link.makefile('rb')
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        while (line := self.file.readline().strip()):
            name, _, value = line.decode().partition(':')
            self.headers[name.lower()] = value.strip()

    def block(self):
        """The lines up to an empty one; None at the end."""
        lines = []
        while True:
            line = self.file.readline().decode()
            if not line:
                return None
            if line == '\n':
                return lines
            lines.append(line.rstrip('\n'))

    def greeting(self):
        lines = self.block()
        assert lines[-1].startswith('retry: '), lines
        return self

    def event(self):
        lines = self.block()
        if lines is None:
            return None
        assert [line.split(': ', 1)[0] for line in lines] == ['id', 'data'], lines
        return lines[0][4:], json.loads(lines[1][6:])

    def body(self):
        return self.file.read(int(self.headers['content-length']))

    def close(self):
        self.file.close()
        self.link.close()


class Streams(ServerCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve('--limit', 'events=8', '--limit', 'event_streams=3')
        self.client = self.server.client()
        self.addCleanup(self.client.close)

    def stream(self, **headers):
        stream = Stream(self.home.token(), **headers)
        self.addCleanup(stream.close)
        return stream

    def announce(self, subject):
        reply = self.client.call('testMessageToSend', {'msg': {'dir': 1, 'shortmsg': subject}})
        self.assertEqual(reply.status, 0)

    def readers(self):
        return self.client.call('status').value['events']['streams']

    @staticmethod
    def subject(event):
        return event[1]['params'][0]['shortmsg']

    def test_events_come_as_polls_show_them_and_begin_now(self):
        self.announce('before')
        stream = self.stream()
        self.assertEqual(stream.status, 200)
        self.assertEqual(stream.headers['content-type'], 'text/event-stream')
        self.assertEqual(stream.headers['cache-control'], 'no-store')
        self.assertNotIn('access-control-allow-origin', stream.headers)
        stream.greeting()
        queue = self.client.call('create_session').value
        self.announce('Grüße\nin two lines')
        number, event = stream.event()
        self.assertEqual(number, self.home.token()['epoch'] + '.2')
        self.assertEqual(event['params'][0]['shortmsg'], 'Grüße\nin two lines')
        self.assertEqual([event], self.client.call('pollForEvents', {'session_id': queue, 'timeout_s': 0}).value)

    def test_a_reader_goes_on_where_it_stopped(self):
        first = self.stream().greeting()
        for subject in ('one', 'two', 'three'):
            self.announce(subject)
        last, event = first.event()
        self.assertEqual(event['params'][0]['shortmsg'], 'one')
        first.close()
        again = self.stream(**{'Last-Event-ID': last}).greeting()
        self.assertEqual([self.subject(again.event()) for _ in range(2)], ['two', 'three'])
        self.announce('four')
        self.assertEqual(self.subject(again.event()), 'four')

    def test_a_reader_is_told_what_it_missed(self):
        epoch = self.home.token()['epoch']
        for number in range(1, 13):
            self.announce(str(number))
        stream = self.stream(**{'Last-Event-ID': epoch + '.1'}).greeting()
        number, gap = stream.event()
        self.assertEqual((number, gap['method'], gap['params']), (epoch + '.4', 'gap', [2, 4]))
        self.assertEqual([self.subject(stream.event()) for _ in range(8)], [str(n) for n in range(5, 13)])

    def test_after_a_restart_nothing_is_taken_for_read(self):
        self.announce('of the first server')
        old = self.home.token()['epoch'] + '.1'
        self.client.close()
        self.server.stop()
        self.server = self.serve()
        self.client = self.server.client()
        self.addCleanup(self.client.close)
        self.announce('of the second server')
        stream = self.stream(**{'Last-Event-ID': old}).greeting()
        number, gap = stream.event()
        self.assertEqual((gap['method'], gap['params']), ('gap', [2, None]))
        self.assertEqual(number, self.home.token()['epoch'] + '.0')
        self.assertEqual(self.subject(stream.event()), 'of the second server')
        again = self.stream(**{'Last-Event-ID': number}).greeting()
        self.assertEqual(self.subject(again.event()), 'of the second server')

    def test_an_id_of_the_future_waits_for_it(self):
        stream = self.stream(**{'Last-Event-ID': self.home.token()['epoch'] + '.18446744073709551615'}).greeting()
        self.announce('now')
        self.assertEqual(self.subject(stream.event()), 'now')

    def test_what_is_no_id_is_refused(self):
        epoch = self.home.token()['epoch']
        for wrong in ('1', '.1', epoch + '.', epoch + '.-1', epoch + '.1x', epoch + '.99999999999999999999'):
            with self.subTest(wrong=wrong):
                stream = self.stream(**{'Last-Event-ID': wrong})
                self.assertEqual(stream.status, 400)
                self.assertEqual(json.loads(stream.body())['error'], 'last_event_id')

    def test_wants_the_token_in_the_header(self):
        for wrong in (None, 'Bearer wrong'):
            stream = self.stream(Authorization=wrong)
            self.assertEqual(stream.status, 401)
        self.assertEqual(self.readers(), 0)
        status, headers, _ = self.client.exchange('POST', '/events', b'', self.client.bearer())
        self.assertEqual((status, headers['allow']), (405, 'GET'))

    def test_a_foreign_page_gets_nothing(self):
        token = self.home.token()
        self.assertEqual(self.stream(Origin='http://example.org').status, 403)
        self.assertEqual(self.stream(Origin='http://127.0.0.1:%d' % token['port']).status, 200)

    def test_a_reader_that_leaves_frees_its_place(self):
        readers = [self.stream().greeting() for _ in range(3)]
        refused = self.stream()
        self.assertEqual(refused.status, 503)
        self.assertRegex(refused.headers['retry-after'], re.compile('^[0-9]+$'))
        self.assertEqual(json.loads(refused.body())['error'], 'busy')
        readers[0].close()
        pep_server.wait_for(lambda: self.readers() == 2, 10 * SLOW, 'the place to be free')
        self.assertEqual(self.stream().status, 200)

    def test_a_reader_that_does_not_read_costs_no_memory_and_delays_nobody(self):
        lazy = self.stream().greeting()
        eager = self.stream().greeting()
        text = 'x' * 1_000_000
        for number in range(24):
            reply = self.client.call('testMessageToSend', {'msg': {'dir': 1, 'shortmsg': str(number), 'longmsg': text}})
            self.assertEqual(reply.status, 0)
            self.assertEqual(self.subject(eager.event()), str(number))
        seen, gaps = [], []
        while len(seen) < 2 or seen[-1] != '23':
            _, event = lazy.event()
            if event['method'] == 'gap':
                gaps.append(event['params'])
            else:
                seen.append(event['params'][0]['shortmsg'])
        self.assertEqual(len(gaps), 1, gaps)
        missing = gaps[0][1] - gaps[0][0] + 1
        self.assertGreater(missing, 3)
        self.assertEqual(len(seen) + missing, 24)

    def test_the_stop_ends_streams(self):
        stream = self.stream().greeting()
        status, took = self.server.stop()
        self.assertEqual(status, 0)
        self.assertLess(took, 2 * SLOW)
        self.assertIsNone(stream.block())


if __name__ == '__main__':
    server_case.main()
