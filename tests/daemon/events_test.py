#!/usr/bin/env python3
"""Events over the door: queues, waiting polls, their ends, in both dialects."""
import http.client
import json
import os
import re
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402

SLOW = pep_server.SLOWDOWN


class Later(threading.Thread):
    """A call on a connection of its own, on a thread of its own."""

    def __init__(self, client, call):
        super().__init__(daemon=True)
        self.client = client
        self.call = call
        self.answer = None
        self.error = None
        self.took = None
        self.start()

    def run(self):
        begin = time.monotonic()
        try:
            self.answer = self.call(self.client)
        except (OSError, http.client.HTTPException, pep_server.Refused) as error:
            self.error = error
        self.took = time.monotonic() - begin

    def result(self, seconds=20):
        self.join(seconds * SLOW)
        if self.is_alive():
            raise TimeoutError('no answer')
        if self.error:
            raise self.error
        return self.answer


class Events(ServerCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve('--check-replies')
        self.client = self.new_client()

    def new_client(self):
        client = self.server.client(timeout=60)
        self.addCleanup(client.close)
        return client

    def announce(self, subject, **more):
        reply = self.client.call('testMessageToSend', {'msg': {'dir': 1, 'shortmsg': subject, **more}})
        self.assertEqual(reply.status, 0)

    def poll(self, queue, seconds=0, client=None):
        return (client or self.client).call('pollForEvents', {'session_id': queue, 'timeout_s': seconds}).value

    def poll_later(self, queue, seconds):
        before = self.waiting()
        later = Later(self.new_client(), lambda c: self.poll(queue, seconds, c))
        pep_server.wait_for(lambda: self.waiting() == before + 1, 10 * SLOW, 'the poll to wait')
        return later

    def waiting(self):
        return self.client.call('status').value['events']['waiting_polls']

    @staticmethod
    def subjects(events):
        return [e['params'][0]['shortmsg'] if e.get('method') == 'messageToSend' else e for e in events]

    def test_the_typical_cycle_in_the_old_dialect(self):
        queue = self.client.legacy('create_session')['result']['return']
        self.assertRegex(queue, re.compile('^[0-9A-Za-z]{6}_[0-9A-Za-z]{6}$'))
        self.assertEqual(self.client.legacy('pollForEvents', queue, 0)['result'], {'outParams': [], 'return': []})
        sent = self.client.legacy('testMessageToSend', {'dir': 1, 'shortmsg': 'Grüße'})
        self.assertEqual(sent['result']['return']['status'], 0)
        answer = self.client.legacy('pollForEvents', queue, 5)
        self.assertEqual(
            json.dumps(answer['result'], ensure_ascii=False, separators=(',', ':')),
            '{"outParams":[],"return":[{"method":"messageToSend","request_nr":1,"thread_id":" ¶EVT ",'
            '"params":[{"dir":1,"shortmsg":"Grüße"}]}]}')
        self.assertEqual(self.client.legacy('close_session', queue)['result'], {'outParams': [], 'return': None})
        self.assertEqual(self.client.legacy('close_session', 'unknown')['result'], {'outParams': [], 'return': None})

    def test_the_form_of_the_first_clients(self):
        self.assertEqual(self.client.legacy('pollForEvents', 0)['result']['return'], [])
        self.announce('one')
        texts = self.client.legacy('pollForEvents', 3)['result']['return']
        self.assertEqual([type(text) for text in texts], [str])
        self.assertEqual(self.subjects([json.loads(text) for text in texts]), ['one'])

    def test_a_new_queue_has_no_old_events(self):
        self.announce('before')
        queue = self.client.call('create_session').value
        self.announce('after the creation')
        self.assertEqual(self.subjects(self.poll(queue)), ['after the creation'])
        self.assertEqual(self.poll('never seen'), [])
        self.announce('later')
        self.assertEqual(self.subjects(self.poll('never seen')), ['later'])

    def test_timeout_zero_does_not_wait_and_one_second_is_one_second(self):
        begin = time.monotonic()
        self.assertEqual(self.poll('q', 0), [])
        self.assertLess(time.monotonic() - begin, SLOW)
        begin = time.monotonic()
        self.assertEqual(self.poll('q', 1), [])
        self.assertGreaterEqual(time.monotonic() - begin, 0.99)

    def test_a_waiting_poll_is_woken_by_another_connection(self):
        later = self.poll_later('q', 30)
        self.announce('wake up')
        self.assertEqual(self.subjects(later.result()), ['wake up'])
        self.assertLess(later.took, 15)
        self.assertEqual(self.poll('q'), [])

    def test_two_polls_share_a_queue_and_two_queues_do_not(self):
        laters = [self.poll_later('shared', 30), self.poll_later('shared', 30)]
        other = self.poll_later('other', 30)
        self.announce('first')
        self.assertEqual(self.subjects(other.result()), ['first'])
        self.announce('second')
        got = sorted(self.subjects(laters[0].result()) + self.subjects(laters[1].result()))
        self.assertEqual(got, ['first', 'second'])

    def test_waiting_polls_hold_no_worker(self):
        laters = [self.poll_later('q%d' % i, 30) for i in range(12)]
        begin = time.monotonic()
        self.client.call('find_keys', {'pattern': 'nobody@example.org'})
        self.assertLess(time.monotonic() - begin, 5 * SLOW)
        self.announce('all')
        for later in laters:
            self.assertEqual(self.subjects(later.result()), ['all'])

    def test_closing_wakes_who_waits(self):
        laters = [self.poll_later('q', 30), self.poll_later('q', 30)]
        self.client.call('close_session', {'session_id': 'q'})
        for later in laters:
            self.assertEqual(later.result(), [{'queue_close': True}])

    def test_a_slow_reader_learns_what_it_missed(self):
        self.servers.pop().stop()
        self.server = self.serve('--check-replies', '--limit', 'events=3')
        self.client = self.new_client()
        queue = self.client.call('create_session').value
        for i in range(1, 6):
            self.announce(str(i))
        events = self.poll(queue)
        self.assertEqual(events[0], {
            'method': 'gap', 'request_nr': 2, 'thread_id': ' ¶EVT ', 'params': [1, 2]})
        self.assertEqual(self.subjects(events[1:]), ['3', '4', '5'])
        self.assertEqual([e['request_nr'] for e in events], [2, 3, 4, 5])

    def test_bytes_are_bounded(self):
        self.servers.pop().stop()
        self.server = self.serve('--limit', 'event_bytes=1000000')
        self.client = self.new_client()
        queue = self.client.call('create_session').value
        for i in range(1, 5):
            self.announce(str(i), longmsg='x' * 300000)
        self.assertLessEqual(self.client.call('status').value['events']['kept_bytes'], 1000000)
        self.assertEqual([e['request_nr'] for e in self.poll(queue)], [1, 2, 3, 4])
        too_big = self.client.call('testMessageToSend', {'msg': {'longmsg': 'x' * 1000000}})
        self.assertEqual(too_big.value['hex'], '0x20ff "PEP_TRANSPORT_ERROR"')
        self.assertEqual(self.poll(queue), [])

    def test_a_poller_that_leaves_frees_its_place(self):
        token = self.home.token()
        body = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': 'pollForEvents', 'params': ['q', 600]}).encode()
        for _ in range(3):
            link = socket.create_connection((token['address'], token['port']))
            link.sendall(b'POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n'
                         b'Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s'
                         % (token['port'], token['security_token'].encode(), len(body), body))
            pep_server.wait_for(lambda: self.waiting() == 1, 10 * SLOW, 'the poll to wait')
            link.close()
            pep_server.wait_for(lambda: self.waiting() == 0, 10 * SLOW, 'its end')
        self.announce('for those who stay')
        self.assertEqual(self.subjects(self.poll('q')), ['for those who stay'])

    def test_stopping_answers_who_waits_at_once(self):
        laters = [self.poll_later('q%d' % i, 600) for i in range(5)]
        code, seconds = self.server.stop()
        self.assertEqual(code, 0, self.server.log_text())
        self.assertLess(seconds, 2 * SLOW)
        for later in laters:
            self.assertEqual(later.result(), [])

    def test_sessions_are_bounded_and_expire(self):
        self.servers.pop().stop()
        self.server = self.serve('--limit', 'event_sessions=2', '--limit', 'event_session_idle_ms=300')
        self.client = self.new_client()
        self.client.call('create_session')
        self.client.call('create_session')
        with self.assertRaises(pep_server.Refused) as refused:
            self.client.call('create_session')
        self.assertEqual(refused.exception.code, -32004)
        time.sleep(0.5)
        self.client.call('create_session')

    def test_in_a_batch_a_poll_does_not_wait(self):
        batch = [{'jsonrpc': '2.0', 'id': i, 'method': 'pollForEvents', 'params': ['q', 600]} for i in (1, 2)]
        _, _, body = self.client.post('/rpc', batch, self.client.bearer())
        self.assertEqual([answer['result'] for answer in json.loads(body)], [{'return': [], 'out': {}}] * 2)

    def test_the_engine_announces_its_own_mails(self):
        """Ann resets her keys: Ben, to whom she wrote lately, is to get a mail about it."""
        bens_home = pep_server.Home()
        self.addCleanup(bens_home.remove)
        ben = self.serve('--check-replies', home=bens_home).client(timeout=60)
        self.addCleanup(ben.close)
        ann = self.client
        for client, name in ((ann, 'ann'), (ben, 'ben')):
            client.call('myself', {'identity': self.own(name)})
        self.mail(ann, 'ann', ben, 'ben')
        self.mail(ben, 'ben', ann, 'ann')
        self.mail(ann, 'ann', ben, 'ben')
        later = self.poll_later('q', 30)
        self.assertEqual(ann.call('key_reset_all_own_keys').status, 0)
        events = later.result()
        self.assertEqual([event['method'] for event in events], ['messageToSend'])
        sent = events[0]['params'][0]
        self.assertEqual([to['address'] for to in sent['to']], ['ben@example.org'])
        self.assertTrue(sent['attachments'])  # encrypted

    @staticmethod
    def own(name):
        return {'address': name + '@example.org', 'user_id': 'pEp_own_userId', 'username': name}

    def mail(self, sender, sender_name, receiver, receiver_name):
        """A mail as the other end gets it: without what only the sender knows."""
        to = {'address': receiver_name + '@example.org', 'user_id': receiver_name, 'username': receiver_name}
        sent = sender.call('encrypt_message', {'enc_format': 'PEP_enc_PEP', 'flags': 0, 'src': {
            'dir': 1, 'from': self.own(sender_name), 'to': [to], 'shortmsg': 's', 'longmsg': 'l'}})
        received = dict(sent.out['dst'] or sent.out['src'], dir=0, to=[self.bare(receiver_name)])
        received['from'] = self.bare(sender_name)
        receiver.call('decrypt_message', {'src': received, 'flags': 0})

    @staticmethod
    def bare(name):
        return {'address': name + '@example.org', 'username': name}

    def test_wrong_types_are_refused(self):
        for params in ({'session_id': 1, 'timeout_s': 0}, {'session_id': 'q', 'timeout_s': -1},
                       {'session_id': 'q', 'timeout_s': 1.5}, {'session_id': 'q', 'timeout_s': 2 ** 32},
                       {'session_id': 'q' * 257, 'timeout_s': 0}, {'session_id': None, 'timeout_s': 0},
                       {'timeout_s': 0}):
            with self.subTest(params=params), self.assertRaises(pep_server.Refused) as refused:
                self.client.call('pollForEvents', params)
            self.assertEqual(refused.exception.code, -32602)
        for params in (['q'], ['q', 'q'], [0, 0], ['q', 0, 0], [], [[]]):
            with self.subTest(params=params):
                self.assertEqual(self.client.legacy('pollForEvents', *params)['error']['code'], -32603)
        self.assertEqual(self.client.call('status').value['events']['waiting_polls'], 0)


if __name__ == '__main__':
    server_case.main()
