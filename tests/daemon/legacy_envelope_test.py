#!/usr/bin/env python3
"""The envelope of the old dialect on the wire: members and their order, ids, order of checks, HTTP, no echo.

Each row is what the original's clients see, or where this server is stricter on purpose: it executes nothing of
what it could not read to the end, and repeats nothing.
"""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import legacy_door  # noqa: E402
import pep_server  # noqa: E402
import server_case  # noqa: E402
from legacy_door import MASKED, OP, result_text  # noqa: E402
from server_case import ServerCase  # noqa: E402

ERROR = re.compile(
    r'\A\{"jsonrpc":"2\.0","id":(-?\d+),' + re.escape(MASKED)
    + r',"error":\{"code":(-\d+),"message":"([^"]+)","data":(\{.*\})\}\}\Z')
VERSION = '"method":"version"'
MARK = 'PLANTED'


class DoorCase(ServerCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.door = self.new_door()

    def new_door(self):
        door = legacy_door.LegacyDoor(self.home.token())
        self.addCleanup(door.close)
        return door

    def refusal(self, body):
        """-> (code, id, reason) of an answer that is an error with HTTP 200"""
        answer = self.door.send(body)
        self.assertEqual(answer.status, 200, answer.text)
        found = ERROR.match(answer.masked)
        self.assertIsNotNone(found, answer.text)
        return int(found[2]), int(found[1]), json.loads(found[4])['reason']

    def id_of(self, members):
        """The id a good call comes back with."""
        answer = self.door.send(self.door.raw_request(members + '}')).masked
        self.assertIn(',"result":{', answer)
        return int(re.match(r'\{"jsonrpc":"2\.0","id":(-?\d+),' + re.escape(MASKED), answer)[1])


class Results(DoorCase):
    def test_members_stand_in_the_order_of_the_original(self):
        self.assertEqual(self.door.call('apiVersion'), result_text('3'))
        self.assertEqual(self.door.call('apiVersion', id=-1), result_text('3', number=-1))

    def test_void_is_null_and_no_outputs_are_an_empty_array(self):
        for method, params in (('config_passive_mode', [False]), ('close_session', ['none']),
                               ('startKeySync', []), ('config_passphrase', [''])):
            with self.subTest(method=method):
                self.assertEqual(self.door.call(method, *params), result_text('null'))

    def test_a_negative_outcome_is_a_result_with_null_outputs(self):
        self.assertEqual(
            self.door.call('get_identity', 'nobody@x.test', 'nobody', OP),
            result_text('{"status":769,"hex":"0x301 \\"PEP_CANNOT_FIND_IDENTITY\\""}', '[null]'))
        self.assertEqual(
            self.door.call('myself', None),
            result_text('{"status":-4,"hex":"-4 \\"PEP_ILLEGAL_VALUE\\""}', '[null]'))

    def test_the_last_output_is_the_first_element(self):
        self.assertEqual(
            self.door.call('export_key', 'A' * 40, OP, OP),  # size, key
            result_text('{"status":513,"hex":"0x201 \\"PEP_KEY_NOT_FOUND\\""}', '[0,null]'))

    def test_texts_are_utf8_with_the_original_escapes(self):
        written = '"' + ''.join('\\u%04X' % n for n in range(1, 8)) + '\\b\\t\\n\\u000B\\f\\r' + ''.join(
            '\\u%04X' % n for n in range(14, 32)) + '\\u007F/\\"\\\\<äπ\u2028\u2029🚲"'
        text = json.loads(written)
        self.door.result('pollForEvents', 'q', 0)
        self.door.result('testMessageToSend', {'shortmsg': text})
        self.assertIn('"params":[{"shortmsg":%s}]' % written, self.door.call('pollForEvents', 'q', 0))


class Ids(DoorCase):
    def test_integers_come_back_in_32_bits(self):
        for sent, back in (
                (7, 7), (0, 0), (-1, -1), (42, 42), (-42, -42), (2**31 - 1, 2**31 - 1), (-2**31, -2**31),
                (2**31, -2**31), (3_000_000_000, -1_294_967_296), (2**32, 0), (2**32 + 5, 5), (-2**31 - 1, 2**31 - 1),
                (2**63 - 1, -1), (2**64 - 1, -1)):
            with self.subTest(sent=sent):
                self.assertEqual(self.id_of('"id":%d,%s' % (sent, VERSION)), back)

    def test_none_is_minus_one_and_the_call_is_answered(self):
        self.assertEqual(self.id_of(VERSION), -1)
        self.assertEqual(self.id_of('"id":null,' + VERSION), -1)

    def test_others_are_refused(self):
        for sent in ('"7"', '""', '1.0', '7.5', '1e3', 'true', '[]', '[7]', '{}', str(2**64), '-' + str(2**63 + 1)):
            with self.subTest(sent=sent):
                body = self.door.raw_request('"id":%s,%s}' % (sent, VERSION))
                self.assertEqual(self.refusal(body), (-32600, -1, 'invalid_id'))


class OrderOfChecks(DoorCase):
    """Each row has the fault it names and all that are looked for later."""

    # what, body (RIGHT and WRONG are the token member), (code, id, reason)
    ROWS = [
        ('empty body', '', (-32603, -42, 'empty')),
        ('array', '[]', (-32700, 42, 'not_an_object')),
        ('batch', '[{"jsonrpc":"2.0",RIGHT,"method":"version"}]', (-32700, 42, 'not_an_object')),
        ('text', '"x"', (-32700, 42, 'not_an_object')),
        ('number', '5', (-32700, 42, 'not_an_object')),
        ('null', 'null', (-32700, 42, 'not_an_object')),
        ('empty object', '{}', (-32600, -1, 'invalid_version')),
        ('version', '{"jsonrpc":"1.0",WRONG,"method":5,"id":"x"}', (-32600, -1, 'invalid_version')),
        ('version as number', '{"jsonrpc":2.0,WRONG,"method":5}', (-32600, -1, 'invalid_version')),
        ('token', '{"jsonrpc":"2.0",WRONG,"method":5,"id":"x"}', (-32600, -1, 'unauthorized')),
        ('token and id', '{"jsonrpc":"2.0","id":7,WRONG,"method":"version"}', (-32600, -1, 'unauthorized')),
        ('no token', '{"jsonrpc":"2.0","method":5,"id":"x"}', (-32600, -1, 'unauthorized')),
        ('token as number', '{"jsonrpc":"2.0","security_token":5,"method":5}', (-32600, -1, 'unauthorized')),
        ('empty token', '{"jsonrpc":"2.0","security_token":"","method":5}', (-32600, -1, 'unauthorized')),
        ('old spelling', '{"jsonrpc":"2.0","security-token":"x","method":5}', (-32600, -1, 'unauthorized')),
        ('cut token', '{"jsonrpc":"2.0",CUT,"method":"version"}', (-32600, -1, 'unauthorized')),
        ('longer token', '{"jsonrpc":"2.0",LONGER,"method":"version"}', (-32600, -1, 'unauthorized')),
        ('method type', '{"jsonrpc":"2.0",RIGHT,"method":5,"id":"x"}', (-32600, -1, 'invalid_method')),
        ('no method', '{"jsonrpc":"2.0",RIGHT,"id":"x"}', (-32600, -1, 'invalid_method')),
        ('unknown method', '{"jsonrpc":"2.0",RIGHT,"method":"no","id":"x","params":{}}',
         (-32601, -1, 'method_not_found')),
        ('its id', '{"jsonrpc":"2.0",RIGHT,"method":"no","id":7}', (-32601, -1, 'method_not_found')),
        ('letter case', '{"jsonrpc":"2.0",RIGHT,"method":"Version","id":7}', (-32601, -1, 'method_not_found')),
        ('group heading', '{"jsonrpc":"2.0",RIGHT,"method":"Messages"}', (-32601, -1, 'method_not_found')),
        ('id type', '{"jsonrpc":"2.0",RIGHT,"method":"version","id":"x","params":{}}', (-32600, -1, 'invalid_id')),
        ('params as object', '{"jsonrpc":"2.0",RIGHT,"method":"myself","id":7,"params":{"identity":{}}}',
         (-32600, 7, 'invalid_params_type')),
        ('params as text', '{"jsonrpc":"2.0",RIGHT,"method":"version","id":7,"params":""}',
         (-32600, 7, 'invalid_params_type')),
        ('too many', '{"jsonrpc":"2.0",RIGHT,"method":"myself","id":7,"params":[5,5]}', (-32603, 7, 'wrong_count')),
        ('too few', '{"jsonrpc":"2.0",RIGHT,"method":"find_keys","id":7,"params":[5]}', (-32603, 7, 'wrong_count')),
        ('for none', '{"jsonrpc":"2.0",RIGHT,"method":"version","id":7,"params":[null]}', (-32603, 7, 'wrong_count')),
        ('their types', '{"jsonrpc":"2.0",RIGHT,"method":"myself","id":7,"params":[5]}', (-32603, 7, 'wrong_type')),
    ]

    def test_the_first_fault_counts(self):
        token = self.door.token['security_token']
        for what, body, expected in self.ROWS:
            for word, value in (('RIGHT', token), ('WRONG', 'x'), ('CUT', token[:-1]), ('LONGER', token + 'x')):
                body = body.replace(word, '"security_token":"%s"' % value)
            with self.subTest(what=what):
                self.assertEqual(self.refusal(body.encode()), expected)

    def test_types_are_looked_at_from_left_to_right(self):
        for params, path in (([5, 5, 'english', OP, OP, 5], '/params/0'), ([{}, 5, 'english', OP, OP, 5], '/params/1'),
                             ([{}, {}, 'english', OP, OP, 5], '/params/2'), ([{}, {}, 'en', OP, OP, 5], '/params/5')):
            answer = json.loads(self.door.call('get_trustwords', *params))
            self.assertEqual((answer['error']['code'], answer['error']['data']['path']), (-32603, path))

    def test_null_and_missing_params_are_none(self):
        for members in (VERSION, VERSION + ',"params":null', VERSION + ',"params":[]'):
            self.assertEqual(self.id_of('"id":9,' + members), 9)

    def test_unknown_members_and_odd_client_ids_are_ignored(self):
        for members in ('"x":{"y":[1]}', '"clientid":"a"', '"client_id":7', '"client_id":null', '"client_id":"ä"',
                        '"client_id":["a"]', '"id2":1.5'):
            with self.subTest(members=members):
                self.assertEqual(self.id_of('"id":9,%s,%s' % (members, VERSION)), 9)


class BadJson(DoorCase):
    """What is not one complete JSON document is a parse error, and nothing of it is executed."""

    def test_nothing_is_executed(self):
        self.door.result('pollForEvents', 'q', 0)
        good = self.door.request('testMessageToSend', [{'shortmsg': 'x'}]).decode()
        token = self.door.token['security_token']
        for what, body in (
                ('last brace missing', good[:-1]), ('trailing garbage', good + 'x'), ('a second document', good + good),
                ('comment', good[:-1] + '/* */}'), ('line comment', good[:-1] + '//\n}'),
                ('escape of C', good.replace('"x"', '"\\x41"')), ('unknown escape', good.replace('"x"', '"\\q"')),
                ('lone surrogate', good.replace('"x"', '"\\ud800"')), ('single quotes', good.replace('"x"', "'x'")),
                ('member twice', good[:-1] + ',"id":8}'),
                ('token twice, wrong first', '{"security_token":"x",' + good[1:]),
                ('token twice, wrong last', good[:-1] + ',"security_token":"x"}'),
                ('method twice', good[:-1] + ',"method":"shutdown"}'),
                ('member twice, deep', good.replace('"shortmsg"', '"shortmsg":"a","shortmsg"')),
                ('trailing comma', good[:-1] + ',}'), ('byte order mark', '\ufeff' + good),
                ('raw line feed in a text', good.replace('"x"', '"\n"')), ('raw NUL', good.replace('"x"', '"\0"')),
                ('10 000 levels', good[:-1] + ',"z":' + '[' * 10_000 + ']' * 10_000 + '}'),
                ('10 000 open', '[' * 10_000), ('10 000 objects open', '{"a":' * 10_000),
                ('token behind 100 levels', '{"z":%s,"security_token":"%s"}' % ('[' * 100 + ']' * 100, token))):
            with self.subTest(what=what):
                code, number, _ = self.refusal(body.encode())
                self.assertEqual((code, number), (-32700, 42))
        self.assertEqual(self.door.result('pollForEvents', 'q', 0)['return'], [])
        self.assert_answers()

    def test_bytes_that_are_no_utf8_are_one_of_them(self):
        good = self.door.request('testMessageToSend', [{'shortmsg': 'x'}])
        for what, octets in (('latin-1', b'\xe4'), ('overlong', b'\xc0\xaf'), ('overlong, three', b'\xe0\x80\xaf'),
                             ('surrogate', b'\xed\xa0\x80'), ('above U+10FFFF', b'\xf4\x90\x80\x80'),
                             ('cut', b'\xe2\x82'), ('continuation alone', b'\x80'), ('UTF-16', 'x'.encode('utf-16'))):
            with self.subTest(what=what):
                self.assertEqual(self.refusal(good.replace(b'"x"', b'"' + octets + b'"'))[:2], (-32700, 42))
        for text in ('\ufdd0', '\uffff', '\U0010ffff', 'e\u0301'):  # noncharacters and decomposed text are fine
            self.assertEqual(self.door.outcome('testMessageToSend', {'shortmsg': text})[1], 0)

    def test_white_space_around_the_document_is_fine(self):
        answer = self.door.send(b' \t\r\n' + self.door.request('apiVersion') + b'\r\n\r\n')
        self.assertEqual(answer.masked, result_text('3'))


class NoEcho(DoorCase):
    """No error repeats anything of the request: the original sent all of it back, token included."""

    def test_nothing_of_the_request_is_in_an_error(self):
        token = self.door.token['security_token']
        identity = {'address': MARK, 'username': 5}
        for what, body in (
                ('no JSON', MARK.encode()), ('cut', self.door.request('myself', [{'address': MARK}])[:-1]),
                ('array', json.dumps([MARK]).encode()),
                ('wrong token', self.door.request('myself', [identity], security_token=MARK)),
                ('version', self.door.request('myself', [identity], jsonrpc=MARK)),
                ('method', self.door.request(MARK)), ('method type', self.door.request({MARK: 1})),
                ('id', self.door.request('version', id=MARK)), ('params', self.door.request('version', {MARK: MARK})),
                ('count', self.door.request('myself', [MARK, MARK])), ('type', self.door.request('myself', [MARK])),
                ('member type', self.door.request('myself', [identity])),
                ('unknown enum', self.door.request('encrypt_message', [{'dir': 1}, [], OP, 'PEP_enc_' + MARK, 0])),
                ('passphrase', self.door.request('config_passphrase', [MARK + '\0'])),
                ('passphrase twice', self.door.request('config_passphrase_for_new_keys', [MARK, MARK])),
                ('key', self.door.request('import_key', ['***' + MARK, 0, OP])),
                ('cache', self.door.request('cache_decrypt_message', [
                    {'opt_fields': [{'key': 'X-pEp-Adapter-Cache-ID', 'value': MARK}]}, OP, OP, OP, 0])),
                ('handshake', self.door.request('deliverHandshakeResult', [MARK, MARK]))):
            with self.subTest(what=what):
                answer = self.door.send(body).text
                self.assertIn('"error":{"code":', answer)
                self.assertNotIn(MARK, answer)
                self.assertNotIn(token, answer)
        log = self.server.log_text()
        self.assertNotIn(MARK, log)
        self.assertNotIn(token, log)


class Http(DoorCase):
    def test_every_answer_of_a_call_is_200_and_text_plain(self):
        request = self.door.request
        for body in (request('version'), b'', b'{', request('no'), request('myself', [5])):
            answer = self.door.send(body)
            self.assertEqual((answer.status, answer.field('Content-Type')), (200, ['text/plain']))
            self.assertEqual(answer.field('Content-Length'), [str(len(answer.body))])
            names = [name.lower() for name, _ in answer.fields]
            self.assertEqual(names[0], 'content-type')
            self.assertEqual(len(set(names)), len(names), 'no field is there twice')

    def test_the_request_may_be_of_any_content_type(self):
        for kind in ('text/plain', 'text/plain;charset=UTF-8', 'application/json',
                     'application/x-www-form-urlencoded', ''):
            fields = {'Content-Type': kind} if kind else {}
            answer = self.door.send(self.door.request('apiVersion'), fields=fields)
            self.assertEqual(answer.masked, result_text('3'), kind)

    def test_no_answer_lets_other_origins_in(self):
        seen = []
        for method, target, body, fields in (
                ('POST', legacy_door.CALL, self.door.request('version'), {}),
                ('POST', legacy_door.CALL, self.door.request('version'), {'Origin': 'https://x.test'}),
                ('POST', legacy_door.CALL, b'{', {}), ('GET', '/', None, {}), ('GET', '/pEp_functions.js', None, {}),
                ('GET', legacy_door.CALL, None, {}), ('GET', '/no/such', None, {}),
                ('OPTIONS', legacy_door.CALL, None, {
                    'Origin': 'https://x.test', 'Access-Control-Request-Method': 'POST'})):
            door = self.new_door()
            answer = door.send(body, method, target, fields)
            self.assertEqual([name for name, _ in answer.fields if name.lower().startswith('access-control')], [])
            seen.append(answer.status)
        self.assertEqual(seen, [200, 403, 200, 200, 200, 405, 404, 403])

    def test_only_post_to_exactly_this_place_calls(self):
        for method, target, status in (
                ('GET', legacy_door.CALL, 405), ('HEAD', legacy_door.CALL, 405), ('PUT', legacy_door.CALL, 405),
                ('DELETE', legacy_door.CALL, 405), ('OPTIONS', legacy_door.CALL, 405),
                ('POST', '/ja/0X1/callFunction', 404), ('POST', '/ja/0.1/callFunction/', 404),
                ('POST', '/ja/0.1/call%46unction', 404), ('POST', '/ja/0.1/callfunction', 404),
                ('POST', '//ja/0.1/callFunction', 404), ('POST', '/x/../ja/0.1/callFunction', 404),
                ('POST', legacy_door.CALL + '?x=1', 404), ('POST', '/ja/0.1/', 404),
                ('POST', '/ja/0.1/createSession', 404),
                ('POST', '/ja/0.1/getAllSessions', 404), ('POST', '/ja/0.1/openWebSocket', 404)):
            with self.subTest(method=method, target=target):
                answer = self.new_door().send(self.door.request('version'), method, target)
                self.assertEqual(answer.status, status)
                self.assertNotIn(b'"result"', answer.body)

    def raw(self, first, *lines):
        body = self.door.request('apiVersion')
        head = '\r\n'.join([first, *lines, '', '']).encode()
        return pep_server.raw_exchange(self.door.token, head + body).decode()

    def test_http_1_0_and_close_are_honoured(self):
        host = 'Host: 127.0.0.1:%d' % self.door.token['port']
        length = 'Content-Length: %d' % len(self.door.request('apiVersion'))
        for first, fields in (('POST %s HTTP/1.0' % legacy_door.CALL, [host, length]),
                              ('POST %s HTTP/1.1' % legacy_door.CALL, [host, length, 'Connection: close'])):
            answer = self.raw(first, *fields)  # ends only when the server closes
            self.assertTrue(answer.startswith('HTTP/1.%s 200 OK\r\n' % first[-1]), answer)
            self.assertTrue(answer.endswith('"result":{"outParams":[],"return":3}}'), answer)

    def test_a_body_without_length_is_empty(self):
        host = 'Host: 127.0.0.1:%d' % self.door.token['port']
        answer = pep_server.raw_exchange(
            self.door.token, ('POST %s HTTP/1.1\r\n%s\r\nConnection: close\r\n\r\n' % (legacy_door.CALL, host)).encode())
        self.assertIn(b'"id":-42,', answer)

    def test_pipelined_calls_are_answered_in_order(self):
        host = 'Host: 127.0.0.1:%d' % self.door.token['port']
        data = b''
        for number in range(1, 21):
            method, params = ('find_keys', ['x@x.test', OP]) if number % 2 else ('version', [])
            body = self.door.request(method, params, id=number)
            fields = [host, 'Content-Length: %d' % len(body)] + ['Connection: close'] * (number == 20)
            data += '\r\n'.join(['POST %s HTTP/1.1' % legacy_door.CALL, *fields, '', '']).encode() + body
        answer = pep_server.raw_exchange(self.door.token, data).decode()
        self.assertEqual([int(n) for n in re.findall(r'"jsonrpc":"2\.0","id":(-?\d+)', answer)], list(range(1, 21)))


if __name__ == '__main__':
    server_case.main()
