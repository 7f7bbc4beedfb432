#!/usr/bin/env python3
"""Locked keys: asking, giving, trying, forgetting passphrases, and that they show up nowhere."""
import base64
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402

REQUIRED, WRONG, FOR_NEW_KEYS = 0xa00, 0xa01, 0xa02
OWN = 'pEp_own_userId'
FIRST, SECOND, OTHER = 'planted-first-äöü', 'planted-second', 'planted-wrong'


class ClientOf:
    """Calls of one client_id, on a connection of its own, and all that came back."""

    seen = []

    def __init__(self, server, client_id):
        self.client = server.client(timeout=60)
        self.client_id = client_id

    def call(self, method, **params):
        request = {'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': params, 'client_id': self.client_id}
        body = self.client.post('/rpc', request, self.client.bearer())[2]
        ClientOf.seen.append(body)
        answer = json.loads(body)
        if 'error' in answer:
            raise pep_server.Refused(method, 200, answer['error'])
        return pep_server.Reply(answer['result'])

    def give(self, passphrase):
        assert self.call('config_passphrase', passphrase=passphrase).status == 0

    def encrypt(self, address):
        """To oneself: needs the secret key to sign."""
        me = {'address': address, 'user_id': OWN}
        return self.call('encrypt_message', enc_format='PEP_enc_PEP', flags=0, src={
            'dir': 1, 'from': me, 'to': [me], 'shortmsg': 'subject', 'longmsg': 'text'})

    def make_own(self, address):
        return self.call('myself', identity={'address': address, 'user_id': OWN, 'username': 'Me'})


class Passphrases(ServerCase):
    options = ('--log-level', 'trace', '--check-replies')

    def setUp(self):
        super().setUp()
        ClientOf.seen = []
        self.server = self.serve(*self.options)
        self.addCleanup(self.assert_nothing_shows)
        self.maker = self.client('maker')

    def assert_nothing_shows(self):
        planted = [text.encode() for text in (FIRST, SECOND, OTHER)]
        for text in planted:
            self.assertNotIn(text, self.server.log_text().encode())
            self.assertFalse([reply for reply in ClientOf.seen if text in reply])

    def assert_process_shows_nothing(self):
        for name in ('cmdline', 'environ'):
            with open('/proc/%d/%s' % (self.server.process.pid, name), 'rb') as file:
                shown = file.read()
            for text in (FIRST, SECOND, OTHER):
                self.assertNotIn(text.encode(), shown)

    def make_locked(self, address, passphrase):
        self.maker.call('config_passphrase_for_new_keys', enable=True, passphrase=passphrase)
        made = self.maker.make_own(address)
        self.assertEqual(made.status, 0)
        self.maker.call('config_passphrase_for_new_keys', enable=False, passphrase='')
        return made.out['identity']['fpr']

    def client(self, name='client'):
        client = ClientOf(self.server, name)
        self.addCleanup(client.client.close)
        return client

    def test_required_wrong_right(self):
        self.make_locked('first@example.org', FIRST)
        client = self.client()
        self.assertEqual(client.encrypt('first@example.org').status, REQUIRED)
        client.give(OTHER)
        self.assertEqual(client.encrypt('first@example.org').status, WRONG)
        client.give('')
        self.assertEqual(client.encrypt('first@example.org').status, WRONG)
        client.give(FIRST)
        sent = client.encrypt('first@example.org')
        self.assertEqual(sent.status, 0)
        # The argument of the retries was the client's, not what failed tries left of it.
        self.assertEqual(sent.out['src']['longmsg'], 'text')
        self.assertEqual(sent.out['src'].get('attachments', []), [])
        read = client.call('decrypt_message', src={**sent.out['dst'], 'dir': 0}, flags=0)
        self.assertEqual(read.out['dst']['longmsg'], 'text')
        self.assertEqual(read.out['rating']['rating'], 8)
        stranger = self.client('stranger')
        locked = stranger.call('decrypt_message', src={**sent.out['dst'], 'dir': 0}, flags=0)
        self.assertEqual(locked.status, REQUIRED)
        self.assert_process_shows_nothing()

    def test_an_imported_locked_key(self):
        fpr = self.make_locked('first@example.org', FIRST)
        key = self.maker.call('export_secret_key', fpr=fpr).out['key_data']
        self.assertEqual(self.maker.call('delete_keypair', fpr=fpr).status, 0)
        client = self.client()
        imported = client.call('import_key', key_data=base64.b64encode(key.encode()).decode())
        self.assertEqual(imported.value['hex'], '0x220 "PEP_KEY_IMPORTED"')
        identity = {'address': 'first@example.org', 'user_id': OWN, 'username': 'Me'}
        client.give(FIRST)
        self.assertEqual(client.call('set_own_key', me=identity, fpr=fpr).status, 0)
        self.assertEqual(client.encrypt('first@example.org').status, 0)
        self.assertEqual(self.client('other').encrypt('first@example.org').status, REQUIRED)

    def test_two_keys_with_two_passphrases_in_the_old_dialect(self):
        self.make_locked('first@example.org', FIRST)
        self.make_locked('second@example.org', SECOND)
        client = self.server.client(timeout=60)
        self.addCleanup(client.close)

        def encrypt(address):
            me = {'address': address, 'user_id': OWN}
            answer = client.legacy('encrypt_message', {
                'dir': 1, 'from': me, 'to': [me], 'shortmsg': 's', 'longmsg': 't'}, [], ['OP'], 4, 0)
            return answer['result']['return']['status']

        self.assertEqual(encrypt('first@example.org'), REQUIRED)
        for passphrase in (FIRST, SECOND):
            self.assertEqual(client.legacy('config_passphrase', passphrase)['result'],
                             {'outParams': [], 'return': None})
        for address in ('first@example.org', 'second@example.org') * 2:
            self.assertEqual(encrypt(address), 0)

    def test_clients_are_apart_and_connections_of_one_client_are_not(self):
        self.make_locked('first@example.org', FIRST)
        one, other = self.client('one'), self.client('other')
        also_one = self.client('one')
        for client in (one, other, also_one):
            self.assertEqual(client.encrypt('first@example.org').status, REQUIRED)
        one.give(FIRST)
        self.assertEqual(one.encrypt('first@example.org').status, 0)
        self.assertEqual(also_one.encrypt('first@example.org').status, 0)
        self.assertEqual(other.encrypt('first@example.org').status, REQUIRED)

    def test_settings_reach_open_connections(self):
        one, also_one = self.client('one'), self.client('one')
        also_one.call('own_identities_retrieve')
        one.call('config_passphrase_for_new_keys', enable=True, passphrase='')
        self.assertEqual(also_one.make_own('new@example.org').status, FOR_NEW_KEYS)
        one.call('config_passphrase_for_new_keys', enable=True, passphrase=FIRST)
        self.assertEqual(also_one.make_own('new@example.org').status, 0)
        self.assertEqual(also_one.encrypt('new@example.org').status, 0)
        self.assertEqual(self.client('other').encrypt('new@example.org').status, REQUIRED)

    def test_passphrases_end(self):
        self.make_locked('first@example.org', FIRST)
        self.servers.pop().stop()
        self.server = self.serve(*self.options, '--limit', 'passphrase_time_ms=%d' % (1500 * pep_server.SLOWDOWN))
        client = self.client()
        client.give(FIRST)
        self.assertEqual(client.encrypt('first@example.org').status, 0)
        time.sleep(1.7 * pep_server.SLOWDOWN)
        self.assertEqual(client.encrypt('first@example.org').status, REQUIRED)

    def test_three_kept_passphrases_open_two_keys_by_turns(self):
        """That no call derives a key again is counted in the engine's tests; here it shows as time."""
        self.make_locked('first@example.org', FIRST)
        self.make_locked('second@example.org', SECOND)
        client = self.client()
        for passphrase in (OTHER, FIRST, SECOND):
            client.give(passphrase)
        took = []
        for address in ('first@example.org', 'second@example.org') * 6:
            begin = time.monotonic()
            self.assertEqual(client.encrypt(address).status, 0)
            took.append(time.monotonic() - begin)
        print('calls with a locked key, in ms: ' + ' '.join('%.0f' % (1000 * each) for each in took))

    def test_too_long_ones_are_refused(self):
        client = self.client()
        with self.assertRaises(pep_server.Refused) as refused:
            client.call('config_passphrase', passphrase=(OTHER * 100)[:1001])
        self.assertEqual((refused.exception.code, refused.exception.data['reason']), (-32602, 'too_long'))
        for wrong in (None, 7, ['x'], 'a\0b'):
            with self.assertRaises(pep_server.Refused) as refused:
                client.call('config_passphrase', passphrase=wrong)
            self.assertEqual(refused.exception.code, -32602)


if __name__ == '__main__':
    server_case.main()
