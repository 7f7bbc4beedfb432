#!/usr/bin/env python3
"""Requests as attackers write them: each gets the expected reply, and none is understood in two ways.

Behind each row's bytes, on the same connection, a complete call follows, with the token. Where the reply to the row
ends the connection it must never be carried out; where the connection stays it is, once. That and what else a row may
have smuggled in shows in a queue of events, to which only the server can add.
"""
import collections
import json
import os
import re
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import http_probe  # noqa: E402
import http_probe_framing  # noqa: E402
import http_probe_gate  # noqa: E402
import pep_server  # noqa: E402
import server_case  # noqa: E402

ROWS = http_probe_framing.ROWS + http_probe_gate.ROWS
DOORS = (b'/rpc', b'/ja/0.1/callFunction')  # they explain refusals in JSON
# These are refused before it is known, or because it is unclear, which door was meant.
UNKNOWN_DOOR = ('bad_request_line', 'target_form', 'version', 'bare_lf', 'header_too_large', 'target_too_long',
                'not_found')


class Probes(server_case.ServerCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve('--log-level', 'trace', check_replies=False)
        self.token = self.home.token()
        self.client = self.server.client()
        self.queue = self.client.call('create_session').value
        self.seen = collections.Counter()

    def poll(self):
        """Notes which calls were carried out since the last look."""
        for event in self.client.call('pollForEvents', [self.queue, 0]).value:
            self.assertEqual(event['method'], 'messageToSend', 'no event is missing')
            self.seen[event['params'][0]['shortmsg']] += 1

    def test_rows(self):
        self.assertGreaterEqual(len(ROWS), 200)
        self.assertEqual(len({row.name for row in ROWS}), len(ROWS), 'a name occurs twice')
        wanted = collections.Counter()
        for number, row in enumerate(ROWS):
            for part, size in (('w', None), ('p', 11)):
                with self.subTest(row=row.name, sent='whole' if part == 'w' else 'in pieces'):
                    inside, behind = ('planted-%s%03d-%s' % (part, number, where) for where in ('inside', 'behind'))
                    wanted.update({inside: row.runs, behind: int(row.then == http_probe.STAYS)})
                    self.probe(row, inside, behind, size)
                    self.poll()
                    for mark in (inside, behind):
                        self.assertEqual(self.seen[mark], wanted[mark], mark + ': times it was carried out')
        # What was only queued would be done by now.
        self.client.call('encrypt_message', {'src': {'dir': 1}, 'enc_format': 0})
        self.poll()
        self.assertEqual(self.seen, +wanted)
        self.assert_answers()
        self.client.close()
        status, _ = self.server.stop()
        log = self.server.log_text()
        self.assertEqual(status, 0, log[-4000:])
        self.assertNotIn('planted-', log)
        self.assertNotIn(self.token['security_token'], log)

    def probe(self, row, inside, behind, piece):
        data = http_probe.fill(row.send, self.token, inside)
        follower = http_probe.fill('$SMUGGLE', self.token, behind)
        stays = row.then == http_probe.STAYS
        with socket.create_connection((self.token['address'], self.token['port']), 10 * pep_server.SLOWDOWN) as link:
            self.send(link, data + follower, piece)
            replies, rest, closed = http_probe.read_replies(
                link, len(row.status) + stays, to_head=data.startswith(b'HEAD '))
            if stays:
                link.shutdown(socket.SHUT_WR)
            if not closed:
                self.assertEqual(rest or http_probe.receive(link), b'', 'more than the expected replies')
        final = [reply for reply in replies if reply.status >= 200]
        self.assertEqual(tuple(reply.status for reply in final), row.status + (200,) * stays,
                         [reply.body for reply in replies])
        if len(final) < len(replies):
            self.assertIn(b'100-continue', data.lower())
            self.assertEqual([reply.status for reply in replies], [100, *row.status, *(200,) * stays])
        for reply in final:
            self.check(reply)
        for reply in final[:-1]:
            self.assertNotEqual(reply.fields.get('connection'), 'close', 'it stayed')
        if not stays:
            self.assertEqual(final[-1].fields.get('connection'), 'close', 'RFC 9112, 9.6')
        self.check_reason(final[len(row.status) - 1], row.reason, data)

    def test_who_waits_for_100_hears_either_that_or_the_refusal(self):
        for token, statuses in (('$TOKEN', [100, 200]), ('wrong', [401])):
            data = http_probe.fill(http_probe.request(
                'Expect: 100-continue', token='Authorization: Bearer ' + token), self.token, 'planted-expected')
            head, body = data[:data.find(b'\r\n\r\n') + 4], data[data.find(b'\r\n\r\n') + 4:]
            with self.subTest(token=token), socket.create_connection(
                    (self.token['address'], self.token['port']), 10 * pep_server.SLOWDOWN) as link:
                link.sendall(head)
                if statuses[0] == 100:
                    self.assertEqual(link.recv(1000), b'HTTP/1.1 100 Continue\r\n\r\n')
                    link.sendall(body)
                replies, _, _ = http_probe.read_replies(link, 1, to_head=False)
                self.assertEqual([reply.status for reply in replies], statuses[-1:])
        self.poll()
        self.assertEqual(self.seen, {'planted-expected': 1})

    @staticmethod
    def send(link, data, piece):
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        step = max(piece, len(data) // 200) if piece else len(data)
        try:
            for at in range(0, len(data), step):
                link.sendall(data[at:at + step])
        except OSError:
            pass  # refused half-way: the answer is there nevertheless

    def check(self, reply):
        """What is true of every reply."""
        whole = repr(reply.fields).encode() + reply.body
        self.assertNotIn(b'planted-', whole)
        self.assertNotIn(self.token['security_token'].encode(), whole)
        for name in reply.fields:
            self.assertFalse(name.startswith('access-control-'), name)
        if reply.status == 405:
            self.assertRegex(reply.fields.get('allow', ''), r'\A[A-Z]+(, [A-Z]+)*\Z')  # RFC 9110, 15.5.6
        if reply.status == 401:
            self.assertEqual(reply.fields.get('www-authenticate'), 'Bearer')  # RFC 9110, 15.5.2

    def check_reason(self, reply, reason, data):
        if reason is None:
            return
        if reply.fields['content-type'].startswith('application/json'):
            error = json.loads(reply.body)['error']
            self.assertEqual(error['data']['reason'], reason)
            self.assertTrue(error['data']['hint'])
            return
        self.assertIn(reason, re.findall(r'\w+', reply.body.decode()), 'the reason is a word of the text')
        if reason not in UNKNOWN_DOOR:
            self.assertNotIn(data.split(b' ')[1].split(b'?')[0], DOORS, 'a door speaks JSON')


if __name__ == '__main__':
    server_case.main()
