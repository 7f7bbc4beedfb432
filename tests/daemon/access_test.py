#!/usr/bin/env python3
"""Who gets in: the token, the proof, other users, browsers; and that the token shows up nowhere."""
import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402

PING = {'jsonrpc': '2.0', 'id': 1, 'method': 'ping'}


class ServedCase(ServerCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve('--log-level', 'trace')
        self.client = self.server.client()

    def assert_refused(self, answer, http_status, code):
        status, _, body = answer
        self.assertEqual(status, http_status, body)
        error = json.loads(body)['error']
        self.assertEqual(error['code'], code, error)
        self.assertRegex(error['data']['reason'], r'\A[a-z0-9_-]+\Z')
        return error


class Proof(ServedCase):
    def test_is_the_documented_hmac(self):
        token = self.home.token()
        nonce = 'A-fixed_nonce-0123456789'
        status, _, body = self.client.exchange('GET', '/prove?nonce=' + nonce)
        self.assertEqual(status, 200)
        answer = json.loads(body)
        self.assertEqual(set(answer), {'proof', 'epoch'})
        self.assertEqual(answer['epoch'], token['epoch'])
        text = 'pep-json-server/1\n%s\n127.0.0.1:%d\n%s' % (nonce, token['port'], token['epoch'])
        mac = hmac.digest(token['security_token'].encode(), text.encode(), hashlib.sha256)
        self.assertEqual(answer['proof'], base64.urlsafe_b64encode(mac).decode().rstrip('='))

    def test_wants_a_nonce_of_16_to_128_base64url_characters(self):
        for nonce, status in (('a' * 16, 200), ('a' * 128, 200), ('a' * 15, 400), ('a' * 129, 400),
                              ('a' * 15 + '+', 400), ('a' * 16 + '%0a', 400), ('', 400)):
            with self.subTest(nonce=nonce):
                self.assertEqual(self.client.exchange('GET', '/prove?nonce=' + nonce)[0], status)
        self.assertEqual(self.client.exchange('GET', '/prove')[0], 400)

    def test_of_a_squatter_does_not_convince(self):
        self.client.token = dict(self.client.token, security_token='another' + self.client.token['security_token'][7:])
        self.assertFalse(self.client.prove())


class Token(ServedCase):
    def test_in_the_header_or_in_the_request(self):
        right = self.client.token['security_token']
        self.assertEqual(self.client.post('/rpc', PING, self.client.bearer())[0], 200)
        self.assertEqual(self.client.post('/rpc', dict(PING, security_token=right))[0], 200)

    def test_missing_or_wrong_is_one_and_the_same_refusal(self):
        right = self.client.token['security_token']
        errors = []
        for document, headers in (
                (PING, {}), (PING, {'Authorization': 'Bearer x'}), (PING, {'Authorization': 'Bearer ' + right[:-1]}),
                (PING, {'Authorization': 'Bearer ' + right + 'x'}), (PING, {'Authorization': 'Basic ' + right}),
                (dict(PING, security_token='x'), {}), (dict(PING, security_token=None), {}),
                (dict(PING, security_token=5), {})):
            with self.subTest(document=document, headers=headers):
                client = self.server.client()
                errors.append(self.assert_refused(client.post('/rpc', document, headers), 401, -32001))
                client.close()
        self.assertEqual(len({json.dumps(error) for error in errors}), 1, errors)
        self.assert_answers()

    def test_wrong_in_the_old_dialect_is_32600_with_http_200(self):
        for token in ('', 'x', None):
            body = json.dumps({'id': 1, 'jsonrpc': '2.0', 'method': 'version', 'params': [], 'security_token': token})
            status, headers, answer = self.client.exchange('POST', '/ja/0.1/callFunction', body.encode())
            self.assertEqual((status, json.loads(answer)['error']['code']), (200, -32600))
            self.assertEqual(headers['content-type'].split(';')[0], 'text/plain')

    def test_of_the_old_dialect_stands_in_the_request_whatever_the_header_says(self):
        """HTTP libraries of old clients add fields of their own."""
        call = {'id': 1, 'jsonrpc': '2.0', 'method': 'serverVersion', 'params': []}
        for field in ('Basic YTpi', 'Bearer x', ''):
            for token, member in ((self.client.token['security_token'], 'result'), ('x', 'error')):
                status, _, body = self.client.post(
                    '/ja/0.1/callFunction', dict(call, security_token=token), {'Authorization': field})
                self.assertEqual((status, member in json.loads(body)), (200, True), (field, body))

    def test_a_batch_item_with_a_wrong_token_spoils_only_itself(self):
        right = self.client.token['security_token']
        batch = [dict(PING, id=1, security_token=right), dict(PING, id=2, security_token='x')]
        status, _, body = self.client.post('/rpc', batch)
        self.assertEqual(status, 200)
        answers = {answer['id']: answer for answer in json.loads(body)}
        self.assertIn('result', answers[1])
        self.assertEqual(answers[2]['error']['code'], -32001)

    def test_of_another_server_does_not_work(self):
        other = pep_server.Home()
        self.addCleanup(other.remove)
        self.serve(home=other)
        mixed = dict(self.home.token(), security_token=other.token()['security_token'])
        client = pep_server.Client(mixed)
        with self.assertRaises(pep_server.Refused) as refusal:
            client.call('ping')
        self.assertEqual((refusal.exception.http_status, refusal.exception.code), (401, -32001))


class Browsers(ServedCase):
    def own(self):
        return 'http://127.0.0.1:%d' % self.client.token['port']

    def test_a_foreign_origin_is_forbidden_even_with_the_token(self):
        for origin in ('https://example.org', 'null', 'http://127.0.0.1', 'http://localhost:1',
                       self.own() + '.example.org'):
            with self.subTest(origin=origin):
                answer = self.server.client().post('/rpc', PING, {**self.client.bearer(), 'Origin': origin})
                self.assert_refused(answer, 403, -32002)

    def test_the_own_origin_is_served(self):
        self.assertEqual(self.client.post('/rpc', PING, {**self.client.bearer(), 'Origin': self.own()})[0], 200)

    def test_a_page_of_another_site_is_forbidden(self):
        for site in ('cross-site', 'same-site'):
            answer = self.server.client().post('/rpc', PING, {**self.client.bearer(), 'Sec-Fetch-Site': site})
            self.assert_refused(answer, 403, -32002)

    def test_preflights_are_forbidden_and_no_reply_carries_cors_headers(self):
        preflight = {'Origin': self.own(), 'Access-Control-Request-Method': 'POST'}
        for answer in (self.server.client().exchange('OPTIONS', '/rpc', None, preflight),
                       self.client.post('/rpc', PING, {**self.client.bearer(), 'Origin': self.own()}),
                       self.client.exchange('GET', '/')):
            for name in answer[1]:
                self.assertFalse(name.startswith('access-control'), name)
        self.assertEqual(self.server.client().exchange('OPTIONS', '/rpc', None, preflight)[0], 403)

    def test_a_rebound_name_is_misdirected(self):
        for host in ('evil.example.org', 'evil.example.org:%d' % self.client.token['port'], '127.0.0.1', '127.0.0.1:1'):
            with self.subTest(host=host):
                answer = self.server.client().post('/rpc', PING, {**self.client.bearer(), 'Host': host})
                self.assertEqual(answer[0], 421)

    def test_the_page_is_served_with_a_policy_that_allows_no_foreign_code(self):
        status, headers, _ = self.client.exchange('GET', '/')
        self.assertEqual(status, 200)
        self.assertIn("default-src 'none'", headers['content-security-policy'])
        self.assertNotIn('unsafe', headers['content-security-policy'])
        self.assertEqual(headers['x-content-type-options'], 'nosniff')

    def test_a_simple_form_request_is_no_json(self):
        answer = self.server.client().exchange(
            'POST', '/rpc', json.dumps(PING).encode(),
            {**self.client.bearer(), 'Origin': self.own(), 'Content-Type': 'text/plain'})
        self.assertEqual(answer[0], 415)


@unittest.skipUnless(os.getuid() == 0, 'only root can act as another user')
class OtherUsers(ServedCase):
    def test_are_refused_even_with_the_right_token(self):
        program = ('import http.client, json, sys\n'
                   'token = json.load(sys.stdin)\n'
                   'link = http.client.HTTPConnection(token["address"], token["port"], timeout=10)\n'
                   'try:\n'
                   '    link.request("POST", "/rpc", "{}", {"Authorization": "Bearer " + token["security_token"]})\n'
                   '    print(link.getresponse().status)\n'
                   'except (OSError, http.client.HTTPException):\n'
                   '    print("closed")\n')
        python = '/usr/bin/python3'  # one that other users may run
        if not os.path.exists(python):
            self.skipTest('no interpreter another user may run')
        done = subprocess.run([python, '-I', '-c', program], input=json.dumps(self.client.token), user=65534,
                              group=65534, extra_groups=[], capture_output=True, text=True, timeout=30, check=False)
        self.assertIn(done.stdout.strip(), ('403', 'closed'), done.stderr)
        self.assert_answers()


class Leaks(ServedCase):
    """Nothing secret in arguments, log, replies or files other than the token file."""

    def exercise(self, marker):
        """Calls with the marker at every place a client can put text, good calls and bad ones."""
        own = {'address': marker + '@example.org', 'user_id': 'pEp_own_userId', 'username': marker}
        partner = {'address': 'partner-%s@example.org' % marker, 'username': marker}
        mail = {'dir': 1, 'from': own, 'to': [partner], 'shortmsg': marker, 'longmsg': marker,
                'attachments': [{'value': base64.b64encode(marker.encode()).decode(), 'filename': marker}]}
        for method, params in (
                ('myself', {'identity': own}), ('update_identity', {'identity': partner}),
                ('encrypt_message', {'src': mail, 'extra': None, 'enc_format': 4, 'flags': 0}),
                ('mime_encode_message', {'msg': mail, 'omit_fields': False}),
                ('mime_decode_message', {'mimetext': 'Subject: %s\r\n\r\n%s' % (marker, marker)}),
                ('import_key', {'key_data': base64.b64encode(marker.encode()).decode()}),
                ('config_passphrase', {'passphrase': marker}), ('find_keys', {'pattern': marker}),
                ('myself', {'identity': marker}), (marker, {}),
                ('get_trustwords', {'id1': own, 'id2': partner, 'lang': marker, 'full': True})):
            try:
                self.client.call(method, params)
            except pep_server.Refused as refusal:
                self.assertNotIn(marker, json.dumps(refusal.error), method)
        for body in (b'{"jsonrpc":"2.0","method":"' + marker.encode(), marker.encode(),
                     json.dumps({'jsonrpc': marker, 'id': 1, 'method': marker}).encode()):
            for path in ('/rpc', '/ja/0.1/callFunction', '/' + marker):
                _, _, answer = self.client.post(path, body, self.client.bearer())
                self.assertNotIn(marker.encode(), answer)
        self.client.legacy('myself', marker)
        self.client.legacy(marker)

    def test_what_clients_send_is_in_no_error_and_no_log(self):
        self.exercise('Zq7planted9marker')
        self.server.stop()
        log = self.server.log_text()
        self.assertIn('myself', log, 'the log names methods')
        self.assertNotIn('Zq7planted9marker', log)
        self.assertNotIn(base64.b64encode(b'Zq7planted9marker').decode()[:20], log)

    def test_the_token_is_in_no_argument_no_log_and_no_other_file(self):
        token = self.client.token['security_token']
        self.exercise('harmless')
        with open('/proc/%d/cmdline' % self.server.process.pid, 'rb') as file:
            self.assertNotIn(token.encode(), file.read())
        with open('/proc/%d/environ' % self.server.process.pid, 'rb') as file:
            self.assertNotIn(token.encode(), file.read())
        for folder, _, names in os.walk(self.home.root):
            for name in names:
                path = os.path.join(folder, name)
                if path != self.home.token_file and os.path.isfile(path):
                    with open(path, 'rb') as file:
                        self.assertNotIn(token.encode(), file.read(), path)
        self.server.stop()
        self.assertNotIn(token, self.server.log_text())

    def test_refused_calls_are_logged_with_cause_but_without_content(self):
        self.server.client().post('/rpc', PING, {'Authorization': 'Bearer Zq7wrong7token'})
        self.server.stop()
        log = self.server.log_text()
        self.assertNotIn('Zq7wrong7token', log)
        self.assertIsNotNone(re.search(r'401|unauthorized', log), log)


class Dumps(ServerCase):
    def test_core_dumps_and_foreign_debuggers_are_off(self):
        self.daemonise()
        pid = self.home.token()['pid']
        with open('/proc/%d/limits' % pid, encoding='ascii') as file:
            limits = file.read()
        self.assertRegex(limits, r'Max core file size +0 +0 ')
        # The kernel lets root look into everything: then other_user_test.py asks as an ordinary user.
        self.assertFalse(os.access('/proc/%d/mem' % pid, os.R_OK) and os.getuid() != 0)


if __name__ == '__main__':
    server_case.main()
