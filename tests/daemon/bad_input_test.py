#!/usr/bin/env python3
"""Bad input of every kind over the real door: the documented error comes back, the daemon goes on."""
import base64
import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402

ANN = {'address': 'ann@example.org', 'user_id': 'pEp_own_userId', 'username': 'Ann'}
BEN = {'address': 'ben@example.org', 'username': 'Ben'}
MAIL = {'dir': 1, 'from': ANN, 'to': [BEN, BEN], 'shortmsg': 's', 'longmsg': 't'}
ENCRYPT = {'src': MAIL, 'extra': None, 'enc_format': 4, 'flags': 0}


class ServedCase(ServerCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.client = self.server.client()


class WrongParameters(ServedCase):
    # what is wrong, method, params, path in error.data
    ROWS = [
        ('missing', 'myself', {}, '/params/identity'),
        ('unknown', 'myself', {'identity': ANN, 'extra': 1}, '/params/extra'),
        ('misspelt', 'myself', {'Identity': ANN}, '/params/Identity'),
        ('too many in order', 'myself', [ANN, ANN], '/params/1'),
        ('too few in order', 'get_identity', ['a@example.org'], '/params/1'),
        ('number for a struct', 'myself', {'identity': 5}, '/params/identity'),
        ('array for a struct', 'myself', {'identity': [ANN]}, '/params/identity'),
        ('number for a text', 'myself', {'identity': dict(ANN, address=5)}, '/params/identity/address'),
        ('object for a text', 'find_keys', {'pattern': {}}, '/params/pattern'),
        ('null for a text', 'find_keys', {'pattern': None}, '/params/pattern'),
        ('text for a bool', 'mime_encode_message', {'msg': MAIL, 'omit_fields': 'no'}, '/params/omit_fields'),
        ('number for a bool', 'mime_encode_message', {'msg': MAIL, 'omit_fields': 0}, '/params/omit_fields'),
        ('number in a list of texts', 'encrypt_message', dict(ENCRYPT, extra=['A', 1]), '/params/extra/1'),
        ('deep in a list', 'encrypt_message', dict(ENCRYPT, src=dict(MAIL, to=[BEN, dict(BEN, address=1)])),
         '/params/src/to/1/address'),
        ('text for a list', 'encrypt_message', dict(ENCRYPT, src=dict(MAIL, to='ben')), '/params/src/to'),
        ('fraction', 'encrypt_message', dict(ENCRYPT, flags=1.5), '/params/flags'),
        ('negative for unsigned', 'encrypt_message', dict(ENCRYPT, flags=-1), '/params/flags'),
        ('over 32 bits', 'encrypt_message', dict(ENCRYPT, flags=2**32), '/params/flags'),
        ('over 64 bits', 'encrypt_message', dict(ENCRYPT, src=dict(MAIL, sent=10**30)), '/params/src/sent'),
        ('bool for a number', 'encrypt_message', dict(ENCRYPT, flags=True), '/params/flags'),
        ('unknown enum number', 'encrypt_message', dict(ENCRYPT, enc_format=99), '/params/enc_format'),
        ('unknown enum name', 'encrypt_message', dict(ENCRYPT, enc_format='PEP_enc_planted'), '/params/enc_format'),
        ('unknown direction', 'encrypt_message', dict(ENCRYPT, src=dict(MAIL, dir=7)), '/params/src/dir'),
        ('unknown rating', 'encrypt_message', dict(ENCRYPT, src=dict(MAIL, rating={'rating': 77})), '/params/src/rating/rating'),
        ('NUL in a text', 'myself', {'identity': dict(ANN, username='a\0b')}, '/params/identity/username'),
        ('NUL in a parameter', 'find_keys', {'pattern': '\0'}, '/params/pattern'),
        ('no language', 'get_trustwords', {'id1': ANN, 'id2': BEN, 'lang': 'english', 'full': False}, '/params/lang'),
        ('no base64', 'import_key', {'key_data': '***'}, '/params/key_data'),
        ('no base64 in an attachment', 'encrypt_message',
         dict(ENCRYPT, src=dict(MAIL, attachments=[{'value': '=A=='}])), '/params/src/attachments/0/value'),
    ]

    def test_are_32602_with_the_path_and_never_with_the_value(self):
        for what, method, params, path in self.ROWS:
            with self.subTest(what=what, method=method):
                with self.assertRaises(pep_server.Refused) as raised:
                    self.client.call(method, params)
                refusal = raised.exception
                self.assertEqual((refusal.http_status, refusal.code), (200, -32602), refusal.error)
                self.assertEqual(refusal.data.get('path'), path, refusal.error)
                self.assertNotIn('planted', json.dumps(refusal.error))
                self.client.call('ping')

    def test_are_32603_in_the_old_dialect(self):
        for method, params in (
                ('myself', []), ('myself', [ANN, ANN]), ('myself', [5]), ('myself', [dict(ANN, address=5)]),
                ('encrypt_message', [MAIL, [], ['OP'], 99, 0]), ('encrypt_message', [MAIL, [1], ['OP'], 4, 0]),
                ('get_trustwords', [ANN, BEN, 'english', ['OP'], ['OP'], False]), ('import_key', ['***', 1, ['OP']]),
                ('myself', [dict(ANN, username='a\0b')])):
            with self.subTest(method=method, params=params):
                answer = self.client.legacy(method, *params)
                self.assertEqual(answer['error']['code'], -32603, answer)

    def test_both_dialects_name_an_unknown_method_the_same(self):
        with self.assertRaises(pep_server.Refused) as raised:
            self.client.call('no_such_function')
        self.assertEqual((raised.exception.http_status, raised.exception.code), (200, -32601))
        self.assertEqual(self.client.legacy('no_such_function')['error']['code'], -32601)


class WrongEnvelopes(ServedCase):
    GOOD = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'

    def code_of(self, body, path='/rpc'):
        if path == '/rpc':
            status, _, answer = self.client.post(path, body, self.client.bearer())
        else:
            status, _, answer = self.client.post(path, body)
        self.assertEqual(status, 200, answer)
        return json.loads(answer)['error']['code']

    def test_what_is_no_json_is_a_parse_error(self):
        for what, body in (
                ('empty', b''), ('cut', self.GOOD[:-1]), ('text', b'hello'), ('trailing text', self.GOOD + b'x'),
                ('two documents', self.GOOD + self.GOOD), ('byte order mark', b'\xef\xbb\xbf' + self.GOOD),
                ('comment', b'{"jsonrpc":"2.0",/**/"id":1,"method":"ping"}'),
                ('single quotes', self.GOOD.replace(b'"', b"'")), ('UTF-16', self.GOOD.decode().encode('utf-16')),
                ('invalid UTF-8', self.GOOD.replace(b'ping', b'pi\xffng')),
                ('overlong UTF-8', self.GOOD.replace(b'ping', b'pi\xc0\xafng')),
                ('surrogate as UTF-8', self.GOOD.replace(b'ping', b'\xed\xa0\x80')),
                ('lone surrogate', self.GOOD.replace(b'ping', b'\\ud800')),
                ('raw NUL', self.GOOD.replace(b'ping', b'pi\0ng')),
                ('a member twice', self.GOOD[:-1] + b',"id":2}'),
                ('a member twice, deep', self.GOOD[:-1] + b',"params":{"a":{"b":1,"b":1}}}'),
                ('leading zero', self.GOOD.replace(b':1', b':01')),
                ('NaN', self.GOOD.replace(b':1', b':NaN')),
                ('100 000 brackets', b'[' * 100_000), ('100 000 closed brackets', b'[' * 100_000 + b']' * 100_000),
                ('100 000 objects', b'{"a":' * 100_000),
                ('65 levels', self.GOOD[:-1] + b',"params":[' + b'[' * 64 + b']' * 64 + b']}')):
            with self.subTest(what=what):
                self.assertEqual(self.code_of(body), -32700)
        self.assert_answers()

    def test_what_is_no_request_is_an_invalid_request(self):
        for change in ({'jsonrpc': '1.0'}, {'jsonrpc': 2.0}, {'method': 5}, {'method': None}, {'id': {}}, {'id': [1]},
                       {'id': True}, {'params': 'x'}, {'params': 5}):
            with self.subTest(change=change):
                document = dict(json.loads(self.GOOD), **change)
                self.assertEqual(self.code_of(json.dumps(document).encode()), -32600)
        for body in (b'5', b'"x"', b'null', b'true', b'[]', b'{}'):
            with self.subTest(body=body):
                self.assertEqual(self.code_of(body), -32600)

    def test_more_batch_items_than_allowed_run_none(self):
        batch = [dict(json.loads(self.GOOD), id=n) for n in range(101)]
        status, _, body = self.client.post('/rpc', batch, self.client.bearer())
        answer = json.loads(body)
        self.assertIsInstance(answer, dict, 'one error for all')
        self.assertIn((status, answer['error']['code']), ((200, -32600), (413, -32003)))

    def test_the_old_dialect_has_its_own_codes(self):
        path = '/ja/0.1/callFunction'
        for body, code in ((b'', -32603), (b'[]', -32700), (b'hello', -32700), (b'{}', -32600),
                           (b'[' * 100_000, -32700), (b'{"jsonrpc":"2.0","id":1,"method":"version"}', -32600)):
            with self.subTest(body=body[:40]):
                self.assertEqual(self.code_of(body, path), code)
        token = self.client.token['security_token']
        for change in ({'id': 'text'}, {'id': 1.5}, {'params': {}}, {'method': 5}):
            document = {'jsonrpc': '2.0', 'id': 1, 'method': 'version', 'security_token': token, **change}
            with self.subTest(change=change):
                answer = json.loads(self.client.post(path, document)[2])
                self.assertEqual(answer['error']['code'], -32600)
                self.assertNotIn(token, json.dumps(answer))


class WrongHttp(ServedCase):
    def head(self, *lines, first='POST /rpc HTTP/1.1', host=True):
        token = self.client.token
        fields = ['Host: 127.0.0.1:%d' % token['port']] if host else []
        return '\r\n'.join([first, *fields, 'Authorization: Bearer ' + token['security_token'],
                            'Content-Type: application/json', *lines, '', '']).encode('latin-1')

    def status_of(self, data, timeout=10):
        answer = pep_server.raw_exchange(self.client.token, data, timeout)
        self.assertRegex(answer[:12], rb'\AHTTP/1\.[01] \d\d\d', 'an answer before the connection closes')
        return int(answer[9:12]), answer

    def test_two_gigabytes_announced_are_refused_before_they_are_sent(self):
        for length in (2**31, 2**31 - 1, 2**63, 10**30):
            with self.subTest(length=length):
                status, answer = self.status_of(self.head('Content-Length: %d' % length))
                self.assertEqual(status, 413, answer)
                self.assertIn(b'-32003', answer)
        self.assert_answers()

    def test_framing_that_two_readers_could_see_differently_is_refused(self):
        ping = WrongEnvelopes.GOOD
        length = 'Content-Length: %d' % len(ping)
        for what, data in (
                ('two lengths', self.head(length, length) + ping),
                ('two values', self.head('Content-Length: %d, %d' % (len(ping), len(ping))) + ping),
                ('signed length', self.head('Content-Length: +%d' % len(ping)) + ping),
                ('length and chunks', self.head(length, 'Transfer-Encoding: chunked') + b'0\r\n\r\n'),
                ('other coding', self.head('Transfer-Encoding: gzip, chunked') + b'0\r\n\r\n'),
                ('unknown coding', self.head('Transfer-Encoding: xchunked') + b'0\r\n\r\n'),
                ('folded field', self.head('X-A: 1\r\n 2', length) + ping),
                ('blank before colon', self.head('X-A : 1', length) + ping),
                ('bare line feed', self.head(length).replace(b'\r\n', b'\n') + ping),
                ('NUL', self.head('X-A: \0', length) + ping),
                ('no host', self.head(length, host=False) + ping),
                ('two hosts', self.head(length, 'Host: 127.0.0.1:%d' % self.client.token['port']) + ping),
                ('absolute form', self.head(length, first='POST http://127.0.0.1/rpc HTTP/1.1') + ping),
                ('no HTTP', b'EHLO example.org\r\n\r\n'),
                ('bad chunk', self.head('Transfer-Encoding: chunked') + b'zz\r\n{}\r\n0\r\n\r\n')):
            with self.subTest(what=what):
                status, answer = self.status_of(data)
                self.assertEqual(status, 400, answer)
        self.assert_answers()

    def test_chunks_are_taken(self):
        ping = WrongEnvelopes.GOOD
        status, answer = self.status_of(
            self.head('Transfer-Encoding: chunked', 'Connection: close')
            + b'5\r\n' + ping[:5] + b'\r\n%x\r\n' % (len(ping) - 5) + ping[5:] + b'\r\n0\r\n\r\n')
        self.assertEqual(status, 200, answer)

    def test_a_header_over_the_limit_is_refused(self):
        status, answer = self.status_of(self.head('X-A: ' + 'a' * 17_000))
        self.assertEqual(status, 431, answer)

    def test_a_body_over_the_limit_without_a_token_in_the_header_is_refused(self):
        data = ('POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: %d\r\n\r\n'
                % (self.client.token['port'], 2**20 + 1)).encode()
        status, answer = self.status_of(data)
        self.assertIn(status, (401, 413), answer)

    def test_other_methods_and_places(self):
        for method, path, status in (('GET', '/rpc', 405), ('PUT', '/rpc', 405), ('DELETE', '/', 405),
                                     ('GET', '/no/such/place', 404), ('GET', '/../../etc/passwd', 404),
                                     ('GET', '/%2e%2e/etc/passwd', 404), ('POST', '/rpc/', 404),
                                     ('POST', '/ja/0X1/callFunction', 404)):
            with self.subTest(method=method, path=path):
                client = self.server.client()
                self.assertEqual(client.exchange(method, path)[0], status)
                client.close()

    def test_random_bytes_are_survived(self):
        noise = random.Random(4223)
        for _ in range(60):
            data = noise.randbytes(noise.randrange(1, 4000)) + b'\r\n\r\n'
            pep_server.raw_exchange(self.client.token, data, timeout=0.3)
        self.assert_answers()

    def test_many_requests_on_one_connection_are_answered_in_order(self):
        requests = b''.join(
            self.head('Content-Length: %d' % len(body)) + body for body in
            (b'{"jsonrpc":"2.0","id":%d,"method":"ping"}' % number for number in range(50)))
        closing = b'{"jsonrpc":"2.0","id":50,"method":"ping"}'
        requests += self.head('Content-Length: %d' % len(closing), 'Connection: close') + closing
        answer = pep_server.raw_exchange(self.client.token, requests).decode()
        ids = [int(part.split(',')[0].split('}')[0]) for part in answer.split('"id":')[1:]]
        self.assertEqual(ids, list(range(51)))


class DamagedContent(ServedCase):
    def test_damaged_keys_are_a_status_and_import_nothing(self):
        fpr = self.client.call('myself', {'identity': ANN}).out['identity']['fpr']
        armored = self.client.call('export_key', {'fpr': fpr}).out['key_data']
        noise = random.Random(7)
        other = self.serve(home=self.other_home()).client()
        keys = [armored[:len(armored) // 2], armored.replace('PGP', 'PGB'), '', 'x' * 1000,
                noise.randbytes(2000), b'\x99\xff\xff' + bytes(50), b'\x00' * 500]
        for _ in range(40):
            damaged = bytearray(armored.encode())
            for _ in range(3):
                damaged[noise.randrange(60, len(damaged) - 60)] = noise.randrange(33, 126)
            keys.append(bytes(damaged))
        for key in keys:
            data = key if isinstance(key, bytes) else key.encode()
            try:
                reply = other.call('import_key', {'key_data': base64.b64encode(data).decode()})
                self.assertIsInstance(reply.status, int)
            except pep_server.Refused as refusal:
                self.assertEqual(refusal.code, -32602)
            other.call('ping')

    def other_home(self):
        home = pep_server.Home()
        self.addCleanup(home.remove)
        return home

    def test_damaged_and_truncated_mail_gives_no_plaintext(self):
        self.client.call('myself', {'identity': ANN})
        mail = {'dir': 1, 'from': ANN, 'to': [ANN], 'shortmsg': 'planted subject', 'longmsg': 'planted text ' * 400,
                'id': '<x@example.org>'}
        reply = self.client.call('encrypt_message', {'src': mail, 'extra': None, 'enc_format': 4, 'flags': 0})
        self.assertEqual(reply.status, 0)
        text = self.client.call('mime_encode_message', {'msg': reply.out['dst'], 'omit_fields': False}).out['mimetext']
        begin = text.index('-----BEGIN PGP MESSAGE-----') + 60
        end = text.index('-----END PGP MESSAGE-----')
        noise = random.Random(99)
        damaged = [text[:begin + 200] + '\r\n' + text[end:], text[:(begin + end) // 2], text[:begin] + text[end:]]
        for _ in range(40):
            at = noise.randrange(begin, end - 10)
            if text[at].isalnum():
                damaged.append(text[:at] + ('A' if text[at] != 'A' else 'B') + text[at + 1:])
        for each in damaged:
            decoded = self.client.call('mime_decode_message', {'mimetext': each})
            if decoded.status != 0:
                continue
            read = self.client.call('decrypt_message', {'src': decoded.out['msg'], 'flags': 0})
            self.assertNotIn('planted text', json.dumps(read.result))
            self.assertNotIn('planted subject', json.dumps(read.result))
        self.assert_answers()


if __name__ == '__main__':
    server_case.main()
