#!/usr/bin/env python3
"""Memory runs out while big requests are at work: each gets an error, and the daemon goes on.

The address space of the running program is limited from outside (prlimit), a little above what it uses; then come
requests that need far more. Sanitizers reserve address space themselves, so this is about the plain program.
"""
import base64
import collections
import http.client
import json
import os
import random
import resource
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402

PLAIN = server_case.PLAIN_SERVER
MB = 1 << 20
ROOM = (1, 8, 24, 64, 160, 280, 420)  # MB above what is in use
ME = {'address': 'me@example.org', 'user_id': 'pEp_own_userId', 'username': 'Me'}
NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
# What an answer may be: internal error, too large, busy; as HTTP alone, if there was no memory for more.
ERRORS, HTTP_ERRORS = (-32603, -32003, -32004, 'too_many_values'), (413, 500, 503)


def request(method, params, **more):
    return json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': params, **more}).encode()


def mail(text='text', attachment=0):
    return {'dir': 1, 'from': ME, 'to': [ME], 'shortmsg': 'subject', 'longmsg': text, 'attachments': [
        {'mime_type': 'application/octet-stream', 'filename': 'x',
         'value': base64.b64encode(bytes(attachment)).decode()}]}


def big_requests():
    """name: (body, with how much room at most it cannot succeed)"""
    sealed = {'src': mail(attachment=25 * MB), 'enc_format': 4}
    return {
        'an attachment of 25 MB': request('encrypt_message', sealed),
        'a text of 40 MB': request('encrypt_message', {'src': mail('t' * (40 * MB)), 'enc_format': 4}),
        'a text of 20 MB to be composed': request('mime_encode_message', {
            'msg': mail('ä' * (10 * MB)), 'omit_fields': False}),
        'a key of 20 MB': request('import_key', {'key_data': base64.b64encode(b'k' * (20 * MB)).decode()}),
        '40 MB of nested arrays': b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[' +
                                  b','.join([b'[' * 25 + b']' * 25] * (40 * MB // 51)) + b']}',
        '30 MB of empty texts': b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[' + b'"",' * (10 * MB) + b'""]}',
        '30 MB of members': b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{' + b','.join(
            b'"%d":0' % i for i in range(3 * MB)) + b'}}',
        'a broken mail of 20 MB': request('mime_decode_message', {
            'mimetext': 'Content-Type: multipart/mixed; boundary=a\r\n\r\n' + '--a\r\n\r\n' * (2 * MB)}),
    }


class OutOfMemory(ServerCase):
    def setUp(self):
        super().setUp()
        if not os.path.exists(PLAIN):
            self.skipTest('there is no program without sanitizers: ' + PLAIN)
        self.start()

    def start(self):
        self.server = self.serve(binary=PLAIN, check_replies=False)
        self.pid = self.server.process.pid
        client = self.server.client()
        self.token = client.token
        self.fpr = client.call('myself', {'identity': ME}).out['identity']['fpr']
        client.close()

    def in_use(self):
        with open('/proc/%d/status' % self.pid, encoding='ascii') as file:
            return next(int(line.split()[1]) for line in file if line.startswith('VmSize')) * 1024

    def limit(self, room):
        resource.prlimit(self.pid, resource.RLIMIT_AS, (self.in_use() + room, resource.RLIM_INFINITY))

    def lift(self):
        if self.server.process.poll() is None:
            resource.prlimit(self.pid, resource.RLIMIT_AS, NO_LIMIT)

    def ask(self, body, headers=None, path='/rpc'):
        """-> what came back: 'done', an error code, an HTTP status, or 'nothing'"""
        client = pep_server.Client(self.token, timeout=60)
        try:
            status, _, answer = client.post(path, body, {**client.bearer(), **(headers or {})})
        except (OSError, http.client.HTTPException):
            return 'nothing'
        finally:
            client.close()
        try:
            document = json.loads(answer)
        except ValueError:
            return status
        if 'error' not in document:
            return 'done'
        # A limit on the number of values is no lack of memory, but bounds what is asked for.
        reason = document['error'].get('data', {}).get('reason')
        return reason if reason == 'too_many_values' else document['error']['code']

    def assert_goes_on(self):
        try:  # an end takes a moment to be seen
            self.server.process.wait(0.02)
        except subprocess.TimeoutExpired:
            pass
        self.assertIsNone(self.server.process.poll(), 'the server ended:\n' + self.server.log_text()[-2000:])
        client = self.server.client()
        reply = client.call('encrypt_message', {'src': mail(), 'enc_format': 4})
        self.assertEqual(reply.status, 0)
        self.assertEqual(client.call('myself', {'identity': ME}).out['identity']['fpr'], self.fpr)
        client.close()

    def test_big_requests_get_an_error_and_the_daemon_goes_on(self):
        requests = big_requests()
        said = {}
        for room in ROOM:
            for name, body in requests.items():
                if self.server.process.poll() is not None:
                    self.start()  # what was found is told; the others have their chance
                with self.subTest(room='%d MB' % room, request=name):
                    self.limit(room * MB)
                    answer = self.ask(body)
                    self.lift()
                    said.setdefault(name, []).append(str(answer))
                    self.assert_goes_on()
                    self.assertTrue(answer == 'done' or answer in ERRORS + HTTP_ERRORS or
                                    answer == -32602 and 'ping' in body[:60].decode(), answer)
        for name, answers in said.items():
            print('%s, with %s MB: %s' % (name, ', '.join(map(str, ROOM)), ', '.join(answers)))
        self.assertEqual(self.server.stop()[0], 0)

    def test_the_old_dialect_too(self):
        token = self.home.token()['security_token']
        body = request('encrypt_message', [mail(attachment=20 * MB), [], ['OP'], 4, 0], security_token=token)
        for room in (4, 40, 120):
            with self.subTest(room=room):
                self.limit(room * MB)
                answer = self.ask(body, path='/ja/0.1/callFunction')
                self.lift()
                self.assert_goes_on()
                self.assertIn(answer, ('done',) + ERRORS + HTTP_ERRORS)

    def test_many_connections_without_memory(self):
        self.limit(MB // 2)
        clients = [self.server.client(timeout=20) for _ in range(200)]
        served = 0
        for client in clients:
            try:
                client.call('find_keys', {'pattern': 'x' * 3000})
                served += 1
            except (OSError, http.client.HTTPException, pep_server.Refused):
                pass
        self.lift()
        for client in clients:
            client.close()
        print('%d of %d connections were served with half a megabyte left' % (served, len(clients)))
        self.assert_goes_on()

    def test_small_requests_with_nothing_left(self):
        """Not one big block is missing, but whatever is asked for, anywhere in the program."""
        texts = [('To: ' + ', '.join('a%d@example.org' % i for i in range(size)) + '\r\nContent-Type: multipart/mixed; '
                  'boundary=a\r\n\r\n' + '--a\r\n\r\nhello\r\n' * size + '--a\r\n\r\n' + 'x\r\n' * size * 300)
                 for size in (1, 20, 120, 500, 900)]
        bodies = [request('mime_decode_message', {'mimetext': text}) for text in texts]
        bodies += [request('encrypt_message', {'src': mail(text[-200000:]), 'enc_format': 4}) for text in texts]
        said = collections.Counter()

        def work(seed):
            chance = random.Random(seed)
            for body in chance.sample(bodies, len(bodies)):
                said[self.ask(body)] += 1

        for room in (0, 128 << 10, 256 << 10, 512 << 10, 2 * MB):
            with self.subTest(room=room):
                self.limit(room)
                threads = [threading.Thread(target=work, args=[seed]) for seed in range(5)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                self.lift()
                self.assert_goes_on()
        print('small ones: %s' % dict(said))
        self.assertGreater(said['done'], 0)
        unknown = set(said) - {'done', 'nothing', *ERRORS, *HTTP_ERRORS}
        self.assertEqual(unknown, set(), 'out of memory told as something else')

    def test_several_at_once(self):
        """Who asks for little is served, or told to come again, while another takes all there is."""
        body = request('encrypt_message', {'src': mail(attachment=16 * MB), 'enc_format': 4})
        answers = []
        self.limit(150 * MB)
        threads = [threading.Thread(target=lambda: answers.append(self.ask(body))) for _ in range(4)]
        for thread in threads:
            thread.start()
        small = self.server.client(timeout=60)
        failures = 0
        while any(thread.is_alive() for thread in threads):
            try:
                small.call('find_keys', {'pattern': 'me@example.org'})
            except (OSError, http.client.HTTPException, pep_server.Refused):
                failures += 1
                small.close()
        for thread in threads:
            thread.join()
        self.lift()
        small.close()
        print('four big requests at once: %s; %d small ones failed' % (answers, failures))
        self.assert_goes_on()
        for answer in answers:
            self.assertIn(answer, ('done',) + ERRORS + HTTP_ERRORS)


if __name__ == '__main__':
    server_case.main()
