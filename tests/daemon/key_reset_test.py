#!/usr/bin/env python3
"""Key reset over the real door: the mails it makes arrive as events, and bring the partner the new key."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402

OWN_USER = 'pEp_own_userId'
ENC_PEP = 4
UNENCRYPTED = 0x400
PEP_UNCONFIRMED = 0x7f


class Person:
    """A daemon, one client of it, and an own identity."""

    def __init__(self, case, address, name):
        home = pep_server.Home()
        case.addCleanup(home.remove)
        self.server = case.serve(home=home)
        self.client = self.server.client()
        case.addCleanup(self.client.close)
        self.me = {'address': address, 'user_id': OWN_USER, 'username': name, 'me': True}
        self.me = self.client.call('myself', {'identity': self.me}).out['identity']

    def mail(self, to):
        return {'dir': 1, 'from': self.me, 'to': [{'address': to.me['address']}], 'shortmsg': 's', 'longmsg': 'b'}

    def send(self, message):
        """Encrypts, and brings it into the form that travels."""
        reply = self.client.call('encrypt_message', {'src': message, 'enc_format': ENC_PEP})
        sent = reply.out['dst'] if reply.status == 0 else reply.out['src']
        return reply.status, self.encode(sent)

    def encode(self, message):
        return self.client.call('mime_encode_message', {'msg': message, 'omit_fields': False}).out['mimetext']

    def read(self, text):
        message = self.client.call('mime_decode_message', {'mimetext': text}).out['msg']
        return self.client.call('decrypt_message', {'src': message})

    def partner(self, other):
        identity = {'address': other.me['address']}
        return self.client.call('update_identity', {'identity': identity}).out['identity']


class KeyResetTest(server_case.ServerCase):
    def setUp(self):
        super().setUp()
        self.alice = Person(self, 'alice@example.org', 'Alice')
        self.bob = Person(self, 'bob@example.net', 'Bob')
        for sender, receiver in ((self.alice, self.bob), (self.bob, self.alice)) * 2:
            receiver.read(sender.send(sender.mail(receiver))[1])

    def test_contacts_are_told_by_events(self):
        client = self.alice.client
        session = client.call('create_session').value
        before = self.bob.partner(self.alice)
        self.assertEqual(before['fpr'], self.alice.me['fpr'])
        self.assertEqual(client.call('key_reset_identity', {'ident': self.alice.me, 'fpr': None}).status, 0)
        events = client.call('pollForEvents', {'session_id': session, 'timeout_s': 5}).value
        self.assertEqual([event['method'] for event in events], ['messageToSend'])
        message = events[0]['params'][0]
        self.assertEqual(message['to'][0]['address'], 'bob@example.net')
        self.assertEqual(message['shortmsg'], 'p≡p')

        read = self.bob.read(self.alice.encode(message))
        self.assertEqual(read.status, 0)
        after = self.bob.partner(self.alice)
        own = client.call('own_identities_retrieve').out['own_identities'][0]
        self.assertNotEqual(after['fpr'], before['fpr'])
        self.assertEqual((after['fpr'], after['comm_type']), (own['fpr'], PEP_UNCONFIRMED))
        client.call('close_session', {'session_id': session})

    def test_old_clients_get_the_same_in_their_dialect(self):
        client = self.alice.client
        session = client.legacy('create_session')['result']['return']
        client.legacy('pollForEvents', session, 0)
        answer = client.legacy('key_reset_identity', self.alice.me, '')
        self.assertEqual(answer['result'], {'outParams': [], 'return': {'status': 0, 'hex': '0 "PEP_STATUS_OK"'}})
        events = client.legacy('pollForEvents', session, 5)['result']['return']
        self.assertEqual([event['method'] for event in events], ['messageToSend'])
        self.assertIsInstance(events[0]['request_nr'], int)

    def test_a_partner_is_forgotten(self):
        partner = self.alice.partner(self.bob)
        self.assertEqual(partner['comm_type'], PEP_UNCONFIRMED)
        reply = self.alice.client.call('key_reset_user', {'user_id': partner['user_id'], 'fpr': None})
        self.assertEqual(reply.status, 0)
        self.assertFalse(self.alice.partner(self.bob).get('fpr'))
        self.assertEqual(self.alice.send(self.alice.mail(self.bob))[0], UNENCRYPTED)

    def test_all_own_keys(self):
        client = self.alice.client
        self.assertEqual(client.call('key_reset_all_own_keys').status, 0)
        rating = client.call('get_key_rating', {'fpr': self.alice.me['fpr']}).out['comm_type']
        self.assertEqual(rating, 5)  # revoked
        mine = client.call('myself', {'identity': dict(self.alice.me, fpr=None)}).out['identity']
        self.assertNotEqual(mine['fpr'], self.alice.me['fpr'])

    def test_bad_parameters_change_nothing(self):
        client = self.alice.client
        self.assertEqual(client.call('key_reset_user', {'user_id': OWN_USER, 'fpr': None}).status, -4)
        self.assertEqual(client.call('key_reset_identity', {'ident': {'address': 'x@y.z'}, 'fpr': None}).status, -4)
        with self.assertRaises(pep_server.Refused) as refused:
            client.call('key_reset_identity', {'fpr': None})
        self.assertEqual(refused.exception.code, -32602)
        mine = client.call('myself', {'identity': dict(self.alice.me, fpr=None)}).out['identity']
        self.assertEqual(mine['fpr'], self.alice.me['fpr'])


if __name__ == '__main__':
    server_case.main()
