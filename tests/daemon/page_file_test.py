#!/usr/bin/env python3
"""How the test page gets the token: a private file, a code that is good once, and the log it can show then."""
import json
import os
import re
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402


class PageFile(ServerCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve('--log-level', 'trace')
        self.client = self.server.client()
        self.addCleanup(self.client.close)

    def create(self):
        path = self.client.call('create_page_file').value
        with open(path, encoding='utf-8') as file:
            address = re.search(r'content="0; url=([^"]+)"', file.read())[1]
        page, _, code = address.partition('#')
        token = self.home.token()
        self.assertEqual(page, 'http://%(address)s:%(port)d/' % token)
        return path, code

    def redeem(self, code, **headers):
        body = code if isinstance(code, bytes) else json.dumps({'code': code}).encode()
        status, fields, answer = self.client.exchange(
            'POST', '/redeem', body, {'Content-Type': 'application/json', **headers})
        self.assertNotIn('access-control-allow-origin', fields)
        return status, json.loads(answer)

    def test_the_file_is_private_and_in_the_runtime_directory(self):
        path, _ = self.create()
        self.assertEqual(os.path.dirname(path), os.path.join(self.home.runtime, 'pep-json-server'))
        about = os.lstat(path)
        self.assertTrue(stat.S_ISREG(about.st_mode))
        self.assertEqual(stat.S_IMODE(about.st_mode), 0o600)

    def test_a_code_gives_the_token_once(self):
        path, code = self.create()
        self.assertEqual(self.redeem(code), (200, {'security_token': self.home.token()['security_token']}))
        self.assertFalse(os.path.exists(path))
        status, answer = self.redeem(code)
        self.assertEqual((status, answer['error']), (403, 'code_unknown'))
        self.assertIn('--open', answer['hint'])

    def test_what_is_no_code_gets_nothing(self):
        _, code = self.create()
        for wrong in (code[:-1], code + 'A', '', 'x' * 43):
            with self.subTest(wrong=wrong):
                self.assertEqual(self.redeem(wrong)[0], 403)
        for wrong in (b'', b'{', b'[]', b'null', b'{"code":1}', b'{"Code":"x"}', b'"x"', b'{"code":"' + b'x' * 5000 + b'"}'):
            with self.subTest(wrong=wrong[:20]):
                status, answer = self.redeem(wrong)
                self.assertEqual((status, answer['error']), (400, 'code_wanted'))
        self.assertEqual(self.redeem(code)[0], 200, 'still good')

    def test_only_our_own_page_may_ask(self):
        _, code = self.create()
        for headers in ({'Origin': 'http://example.org'}, {'Origin': 'null'}, {'Sec-Fetch-Site': 'cross-site'}):
            with self.subTest(headers=headers):
                connection = self.server.client()
                self.addCleanup(connection.close)
                status, _, body = connection.exchange(
                    'POST', '/redeem', json.dumps({'code': code}).encode(), {'Content-Type': 'application/json', **headers})
                self.assertEqual(status, 403)
                self.assertNotIn(self.home.token()['security_token'].encode(), body)
        ours = 'http://127.0.0.1:%d' % self.home.token()['port']
        self.assertEqual(self.redeem(code, Origin=ours, **{'Sec-Fetch-Site': 'same-origin'})[0], 200)

    def test_needs_the_token_to_be_made_and_is_unknown_to_old_clients(self):
        stranger = self.server.client()
        stranger.token = {**stranger.token, 'security_token': 'wrong'}
        self.addCleanup(stranger.close)
        with self.assertRaises(server_case.pep_server.Refused) as refused:
            stranger.call('create_page_file')
        self.assertEqual(refused.exception.code, -32001)
        self.assertEqual(self.client.legacy('create_page_file')['error']['code'], -32601)

    def test_files_go_with_the_server(self):
        path, code = self.create()
        self.assertEqual(self.server.stop()[0], 0)
        self.assertFalse(os.path.exists(path))
        self.assertNotIn(code, self.server.log_text())

    def test_the_log_can_be_looked_at(self):
        first = self.client.call('recent_log').value
        self.assertRegex(first['lines'][0], re.compile(r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info serving port=\d+'))
        self.assertEqual((first['lost'], first['next']), (0, len(first['lines'])))
        self.client.call('ping')
        more = self.client.call('recent_log', {'after': first['next']}).value
        self.assertTrue(any('method=ping' in line for line in more['lines']), more)
        self.assertFalse(set(first['lines']) & set(more['lines']))
        self.assertNotIn(self.home.token()['security_token'], json.dumps([first, more]))
        written = self.server.log_text().splitlines()
        self.assertTrue(set(first['lines']) <= set(written))


if __name__ == '__main__':
    server_case.main()
