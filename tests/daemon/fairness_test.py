#!/usr/bin/env python3
"""Overload: the queue is bounded and says when to come again, cheap calls have their own lane, nobody starves others.

Fairness is measured in calls, not in time: how many calls of the greedy client were done while the modest one waited
for its own. First come, first served would give the number of greedy connections each time.
"""
import base64
import json
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import raw_door  # noqa: E402
import server_case  # noqa: E402
import storm  # noqa: E402
from server_case import ServerCase  # noqa: E402

SLOW = pep_server.SLOWDOWN
OK, RSA2K, PEP_FORMAT = 0, 5, 4
BUSY = -32004
ATTACHMENT = 1_000_000


def own(address):
    return {'address': address, 'user_id': 'pEp_own_userId', 'username': 'Own'}


ANN = own('ann@x.test')


class Greedy(threading.Thread):
    """A connection that makes the next call as soon as the last one was answered."""

    lock = threading.Lock()
    done = 0  # by all together
    failed = []

    def __init__(self, token, body_of):
        super().__init__(daemon=True)
        self.token = token
        self.body_of = body_of
        self.link = raw_door.Link(token, timeout=120 * SLOW)
        self.ending = False
        self.start()

    def run(self):
        number = 0
        while not self.ending:
            body = self.body_of(number)
            number += 1
            try:
                self.link.send(raw_door.head(self.token, len(body)) + body)
                status, _, answer = self.link.reply()
            except OSError:
                break  # the test is over
            with Greedy.lock:
                Greedy.done += 1
                if status != 200 or b'"status":0' not in answer[-100_000:] + answer[:1000]:
                    Greedy.failed.append((status, answer[:300]))
        self.link.close()

    def end(self):
        self.ending = True
        self.link.abort()


class BusyCase(ServerCase):
    def start(self, *options):
        self.server = self.serve(*options, check_replies=False)
        self.token = self.home.token()
        self.client = self.server.client(timeout=120 * SLOW)
        self.addCleanup(self.client.close)
        self.assertEqual(self.client.call('myself', {'identity': ANN}).status, OK)
        Greedy.done, Greedy.failed = 0, []
        self.greedy = []

    def of_client(self, method, params, client_id):
        more = {'client_id': client_id} if client_id else {}
        return raw_door.call_body(method, params, **more)

    def call_as(self, client_id, method, params):
        """-> the status"""
        body = self.of_client(method, params, client_id)
        status, _, answer = self.client.post('/rpc', body, self.client.bearer())
        self.assertEqual(status, 200, answer)
        return json.loads(answer)['result']['return']['status']

    def use_slow_keys(self, client_id):
        self.assertEqual(self.call_as(client_id, 'config_cipher_suite', {'suite': RSA2K}), OK)

    def generate_keys(self, connections, client_id):
        self.use_slow_keys(client_id)
        base = len(self.greedy)
        for place in range(base, base + connections):
            self.add_greedy(lambda number, place=place: self.of_client(
                'myself', {'identity': own('g%d-%d@x.test' % (place, number))}, client_id))

    def encrypt_much(self, connections, client_id):
        attachment = {'value': base64.b64encode(os.urandom(ATTACHMENT)).decode(), 'filename': 'file://a',
                      'mime_type': 'application/octet-stream'}
        body = self.of_client('encrypt_message', self.encryption([attachment]), client_id)
        for _ in range(connections):
            self.add_greedy(lambda number: body)

    def add_greedy(self, body_of):
        greedy = Greedy(self.token, body_of)
        self.greedy.append(greedy)
        self.addCleanup(greedy.join)
        self.addCleanup(greedy.end)

    @staticmethod
    def encryption(attachments=()):
        mail = {'dir': 1, 'from': ANN, 'to': [ANN], 'shortmsg': 's', 'longmsg': 'l', 'attachments': list(attachments)}
        return {'src': mail, 'enc_format': PEP_FORMAT}

    def waiting(self):
        try:
            return self.client.call('status').value['calls']['queued']
        except pep_server.Refused as refusal:
            if refusal.code != BUSY:
                raise
            return 1 << 30  # so many that there is no room for the question

    def wait_for_queue(self, count=1):
        pep_server.wait_for(lambda: self.waiting() >= count, 60 * SLOW, 'calls to wait')


class Bounded(BusyCase):
    def answers(self, links):
        return [link.reply() for link in links]

    def ask(self, number, legacy):
        identity = own('b%d@x.test' % number)
        if not legacy:
            return raw_door.request(self.token, 'myself', {'identity': identity})
        body = raw_door.call_body('myself', [identity], security_token=self.token['security_token'])
        return raw_door.head(self.token, len(body), path=raw_door.LEGACY, bearer=False) + body

    def test_a_full_queue_says_when_to_come_again(self):
        try:
            self.start('--limit', 'queued_calls=2')
        except RuntimeError as refused:
            if 'queued_calls' not in str(refused) and '--limit' not in str(refused):
                raise
            self.skipTest('this server has no limit queued_calls')
        self.use_slow_keys('')
        requests = {}
        for number in range(10):
            link = raw_door.Link(self.token, timeout=120 * SLOW)
            self.addCleanup(link.close)
            requests[link] = self.ask(number, legacy=number % 2 == 1)
            link.send(requests[link])
        self.assertIsInstance(self.client.call('version').value, str)  # the cheap lane is open
        refused = [self.assert_busy(*answer) or link for link, answer in zip(requests, self.answers(requests))
                   if answer[0] != 200]
        print('%d of %d calls were refused' % (len(refused), len(requests)))
        self.assertTrue(refused, 'ten calls of a second found room in a queue of two')
        self.assertLessEqual(len(refused), len(requests) - 2, 'those that found room were answered')
        for link in refused:  # who comes again, on the same connection, is served now
            link.send(requests[link])
            self.assertEqual(link.reply()[0], 200)
        self.assertEqual(len(self.client.call('own_identities_retrieve').out['own_identities']), 1 + len(requests))

    def assert_busy(self, status, head, body):
        self.assertEqual(status, 503)
        self.assertRegex(head, r'\r\nRetry-After: [1-9][0-9]*(\r\n|\Z)')
        error = json.loads(body)['error']
        self.assertEqual(error['code'], BUSY)
        self.assertIn('busy', error['data']['reason'])
        self.assertTrue(error['data']['hint'])


class CheapLane(BusyCase):
    SECONDS = 4
    STORM = 64
    LIMIT = 50 * SLOW  # milliseconds; the promise of the product is 50

    def measure(self, title):
        times = storm.finish(storm.start(self.token, 'probe', self.SECONDS), 60 * SLOW)
        p99 = storm.quantile(times, 0.99)
        print('version, %-34s p50 %7.2f  p99 %7.2f  max %7.2f ms  of %d' % (
            title + ':', storm.quantile(times, 0.5), p99, max(times), len(times)))
        return p99

    def test_a_storm_of_wrong_tokens_does_not_delay_version(self):
        self.start()
        self.generate_keys(3, 'keys')
        self.encrypt_much(5, 'mails')
        self.wait_for_queue()
        baseline = self.measure('all workers busy')
        busy = []
        attack = storm.start(self.token, 'wrong_tokens', self.SECONDS + 2, self.STORM)
        time.sleep(1)
        watcher = threading.Thread(target=self.watch, args=(busy,), daemon=True)
        watcher.start()
        p99 = self.measure('and %d connections storming' % self.STORM)
        watcher.join()
        counts = storm.finish(attack, 60 * SLOW)
        print('the storm:', json.dumps(counts))
        self.assertGreater(sum(busy), len(busy) / 2, 'the workers were not busy')
        self.assertLess(p99, max(self.LIMIT, 3 * baseline))
        # Each was told what it is told by an idle server, and a kept connection is no reason to let it in.
        self.assertLessEqual(set(counts), {'modern 401 -32001', 'legacy 200 -32600', 'modern closed', 'legacy closed'})
        self.assertGreater(counts.get('modern 401 -32001', 0), 500 / SLOW)
        self.assertGreater(counts.get('legacy 200 -32600', 0), 500 / SLOW)
        self.assertEqual(Greedy.failed, [])
        addresses = [i['address'] for i in self.client.call('own_identities_retrieve').out['own_identities']]
        self.assertNotIn(storm.EXPENSIVE['address'], addresses)

    def watch(self, busy):
        """Are calls waiting, so that no worker can be idle?"""
        client = self.server.client(timeout=120 * SLOW)
        end = time.monotonic() + self.SECONDS - 1
        while time.monotonic() < end:
            busy.append(client.call('status').value['calls']['queued'] > 0)
            time.sleep(0.1)
        client.close()


class Fairness(BusyCase):
    GREEDY = 16

    def done_meanwhile(self, calls):
        """Greedy calls done while each of these was waited for; hopeless cases end early."""
        meanwhile = []
        for call in calls:
            before = Greedy.done
            self.assertEqual(call(), OK)
            meanwhile.append(Greedy.done - before)
            self.assertLess(sum(meanwhile), 2 * self.GREEDY, 'first come, first served: %s' % meanwhile)
        print('greedy calls done during one of the others: median %d, most %d' % (
            sorted(meanwhile)[len(meanwhile) // 2], max(meanwhile)))
        self.assertEqual(Greedy.failed, [])
        return meanwhile

    def modest_calls(self, count):
        for number in range(count):
            yield lambda: self.call_as('modest', 'encrypt_message', self.encryption())
            yield lambda number=number: self.call_as('modest', 'update_identity', {'identity': {
                'address': 'p%d@x.test' % number, 'user_id': 'p%d' % number, 'username': 'P'}})

    def other_calls_during_key_generations(self, client_id):
        self.start()
        self.generate_keys(self.GREEDY, client_id)
        self.wait_for_queue(self.GREEDY // 2)
        meanwhile = self.done_meanwhile(self.modest_calls(10))
        self.assertLess(sum(meanwhile), len(meanwhile), 'they wait for key generations')

    def test_key_generations_do_not_starve_other_calls(self):
        self.other_calls_during_key_generations('greedy')

    def test_key_generations_of_nameless_clients_do_not_starve_other_calls(self):
        self.other_calls_during_key_generations('')

    def test_key_generations_of_one_client_do_not_starve_those_of_another(self):
        self.start()
        self.use_slow_keys('modest')
        self.generate_keys(self.GREEDY, 'greedy')
        self.wait_for_queue(self.GREEDY // 2)
        meanwhile = self.done_meanwhile(
            lambda number=number: self.call_as('modest', 'myself', {'identity': own('m%d@x.test' % number)})
            for number in range(3))
        self.assertLessEqual(max(meanwhile), self.GREEDY // 3)

    def test_big_mails_do_not_starve_small_ones(self):
        """Not met yet: a body over 4 KiB has its turn by connection, whoever its client is."""
        self.start()
        self.encrypt_much(self.GREEDY, 'greedy')
        self.wait_for_queue(self.GREEDY // 2)
        meanwhile = sorted(self.done_meanwhile(self.modest_calls(8)))
        self.assertLessEqual(meanwhile[len(meanwhile) // 2], self.GREEDY // 4)


if __name__ == '__main__':
    server_case.main()
