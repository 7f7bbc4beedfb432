#!/usr/bin/env python3
"""Mails as text over the door: Enigmail's call sequence, and the message cache from two connections."""
import email
import email.policy
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402

SLOW = pep_server.SLOWDOWN
CACHE_ID = 'X-pEp-Adapter-Cache-ID'
OP = ['OP']

TEXT = 'Grüße, 12 € für ein 🚲.'


def mail(sender, recipient, subject='Fahrrad'):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message['From'] = sender
    message['To'] = recipient
    message['Subject'] = subject
    message['Message-ID'] = '<m1@%s>' % sender.partition('@')[2]
    message.set_content(TEXT, cte='8bit')
    message.add_attachment(bytes(range(256)), maintype='application', subtype='x-raw', filename='raw.bin')
    return message.as_bytes().decode()


def utf16_units(text):
    """The length JavaScript counts, which is neither characters nor bytes."""
    return len(text.encode('utf-16-le')) // 2


def parsed(text):
    return email.message_from_string(text, policy=email.policy.default)


class TwoUsers(ServerCase):
    def setUp(self):
        super().setUp()
        self.other_home = pep_server.Home()
        self.addCleanup(self.other_home.remove)
        self.ann = self.user(self.home)
        self.ben = self.user(self.other_home)

    def user(self, home, *options):
        client = self.serve('--check-replies', *options, home=home).client(timeout=60)
        self.addCleanup(client.close)
        return client

    def old(self, client, method, *params):
        """-> (outParams, status) of a call in the old dialect"""
        answer = client.legacy(method, *params)
        self.assertIn('result', answer, answer)
        value = answer['result']['return']
        return answer['result']['outParams'], value['status'] if value else None

    def start_like_enigmail(self, client, address, name):
        answer = client.legacy('serverVersion')['result']['return']
        self.assertEqual((answer['major'], answer['minor']), (3, 3))
        for method, params in (
                ('registerEventListener', ['127.0.0.1', 15900, 'secret']),
                ('stopKeyserverLookup', []), ('startKeyserverLookup', []), ('startKeySync', []),
                ('getGpgEnvironment', [])):
            self.assertNotIn('error', client.legacy(method, *params), method)
        identity = {'address': address, 'user_id': 'pEp_own_userId', 'username': name}
        self.assertEqual(self.old(client, 'myself', identity)[1], 0)

    def encrypt(self, client, text, flags=0):
        return self.old(client, 'MIME_encrypt_message', text, utf16_units(text), [], OP, 4, flags)

    def decrypt(self, client, text):
        """In the shape of six parameters."""
        out, status = self.old(client, 'MIME_decrypt_message', text, utf16_units(text), OP, OP, OP, OP)
        self.assertEqual(len(out), 4)
        return out, status

    def test_enigmail_exchanges_mails(self):
        self.start_like_enigmail(self.ann, 'ann@x.test', 'Ann')
        self.start_like_enigmail(self.ben, 'ben@y.test', 'Ben')

        # The first mail is in the clear and carries the key.
        (first,), status = self.encrypt(self.ann, mail('ann@x.test', 'ben@y.test'))
        self.assertEqual(status, 0x400)
        sent = parsed(first)
        self.assertEqual(sent['Subject'], 'Fahrrad')
        self.assertIn('sender_key.asc', [p.get_filename() for p in sent.walk()])
        (flags, rating, keys, shown), status = self.decrypt(self.ben, first)
        self.assertEqual((flags, rating['rating'], keys, status), (0, 3, [], 0x400))
        self.assertEqual(parsed(shown).get_body().get_content().strip(), TEXT)

        # The answer is encrypted, and nothing of it shows.
        (second,), status = self.encrypt(self.ben, mail('ben@y.test', 'ann@x.test', 'Antwort'))
        self.assertEqual(status, 0)
        sent = parsed(second)
        self.assertEqual(sent.get_content_type(), 'multipart/encrypted')
        self.assertEqual(sent['To'].addresses[0].addr_spec, 'ann@x.test')
        self.assertNotIn('Antwort', second)
        (flags, rating, keys, shown), status = self.decrypt(self.ann, second)
        self.assertEqual((rating['rating'], status), (6, 0))
        self.assertEqual(len(keys[0]), 40)
        opened = parsed(shown)
        self.assertEqual(opened['Subject'], 'Antwort')
        self.assertEqual(opened.get_body().get_content().strip(), TEXT)
        attachment = [p for p in opened.iter_attachments() if p.get_filename() == 'raw.bin'][0]
        self.assertEqual(attachment.get_content(), bytes(range(256)))
        self.assertEqual(self.old(self.ann, 'unregisterEventListener', '127.0.0.1', 15900, 'secret')[1], None)

    def test_the_newer_shape_has_flags_in_and_a_modified_source(self):
        self.start_like_enigmail(self.ann, 'ann@x.test', 'Ann')
        (text,), status = self.encrypt(self.ann, mail('ann@x.test', 'ann@x.test'))
        self.assertEqual(status, 0)
        out, status = self.old(self.ann, 'MIME_decrypt_message', text, 0, OP, OP, OP, 0, OP)
        self.assertEqual(len(out), 5)
        self.assertEqual((out[0], out[1], status), (None, 0, 0))  # modified_src, flags
        self.assertEqual(parsed(out[4])['Subject'], 'Fahrrad')

    def test_a_mail_for_oneself_is_readable_by_oneself_only(self):
        self.start_like_enigmail(self.ann, 'ann@x.test', 'Ann')
        self.start_like_enigmail(self.ben, 'ben@y.test', 'Ben')
        me = {'address': 'ann@x.test', 'user_id': 'pEp_own_userId'}
        draft = mail('ann@x.test', 'ben@y.test', 'Entwurf')
        for params in ([me, draft, 0, OP, 4, 0], [me, draft, 0, [], OP, 4, 0]):  # 2017, since 0.13.1
            (text,), status = self.old(self.ann, 'MIME_encrypt_message_for_self', *params)
            self.assertEqual(status, 0)
            self.assertNotIn('Entwurf', text)
            (_, _, _, shown), status = self.decrypt(self.ann, text)
            self.assertEqual(parsed(shown)['Subject'], 'Entwurf')
            (_, rating, _, shown), status = self.decrypt(self.ben, text)
            self.assertEqual((shown, status), (None, 0x405))

    def test_passive_mode_of_one_call_ends_with_it(self):
        self.start_like_enigmail(self.ann, 'ann@x.test', 'Ann')
        text = mail('ann@x.test', 'stranger@z.test')
        (passive,), status = self.old(
            self.ann, 'MIME_encrypt_message_ex', text, 0, [], True, OP, 4, 0)
        self.assertEqual(status, 0x400)
        self.assertNotIn('sender_key.asc', passive)
        (normal,), _ = self.encrypt(self.ann, text)
        self.assertIn('sender_key.asc', normal)
        out, status = self.old(
            self.ann, 'MIME_decrypt_message_ex', passive, 0, False, OP, OP, OP, OP)
        self.assertEqual((len(out), status), (4, 0x400))

    def test_a_client_announces_its_key_on_all_its_connections(self):
        self.start_like_enigmail(self.ann, 'ann@x.test', 'Ann')
        other = self.servers[0].client(timeout=60)
        self.addCleanup(other.close)
        text = mail('ann@x.test', 'stranger@z.test')
        self.assertIsNone(parsed(self.encrypt(other, text)[0][0])['Autocrypt'])
        self.assertIsNone(self.ann.call('config_autocrypt_header', {'enable': True}).value)
        header = parsed(self.encrypt(other, text)[0][0])['Autocrypt']
        self.assertTrue(header.startswith('addr=ann@x.test; prefer-encrypt=mutual; keydata='), header)
        self.ann.call('config_autocrypt_header', {'enable': False})
        self.assertIsNone(parsed(self.encrypt(other, text)[0][0])['Autocrypt'])

    def test_what_is_no_mail_is_told_by_status(self):
        self.start_like_enigmail(self.ann, 'ann@x.test', 'Ann')
        self.assertEqual(self.encrypt(self.ann, ''), ([None], -4))
        self.assertEqual(self.encrypt(self.ann, 'no mail at all'), ([None], -4))  # nobody sends it
        (_, rating, _, shown), status = self.decrypt(self.ann, 'no mail at all')
        self.assertEqual((rating['rating'], status), (3, 0x400))
        self.assertIn('no mail at all', shown)
        self.assertEqual(self.decrypt(self.ann, '')[1], -4)


class Cache(ServerCase):
    def start(self, *options):
        server = self.serve('--check-replies', *options)
        self.client, self.other = server.client(timeout=60), server.client(timeout=60)
        for client in (self.client, self.other):
            self.addCleanup(client.close)
        me = {'address': 'ann@x.test', 'user_id': 'pEp_own_userId', 'username': 'Ann'}
        self.assertEqual(self.client.call('myself', {'identity': me}).status, 0)

    def decode(self, text):
        reply = self.client.call('cache_mime_decode_message', {'mimetext': text})
        self.assertEqual(reply.status, 0)
        return reply.out['msg']

    def kept(self):
        return self.client.call('status').value['cached_messages']

    def test_a_mail_crosses_json_without_its_bodies(self):
        self.start()
        msg = self.decode(mail('ann@x.test', 'ann@x.test'))
        self.assertEqual(msg['opt_fields'][0]['key'], CACHE_ID)
        self.assertNotIn('attachments', msg)
        self.assertEqual(self.kept()['kept'], 1)
        msg.update(dir=1)
        msg['from']['user_id'] = 'pEp_own_userId'
        # Another connection, and the other dialect, may go on with it.
        answer = self.other.legacy('cache_encrypt_message', msg, [], OP, 4, 0)['result']
        self.assertEqual(answer['return']['status'], 0)
        dst = answer['outParams'][0]
        self.assertNotIn('longmsg', dst)
        text = self.client.call(
            'cache_mime_encode_message', {'which': 1, 'msg': dst, 'omit_fields': False}).out['mimetext']
        self.assertEqual(self.kept(), {'kept': 0, 'bytes': 0})
        self.assertEqual(parsed(text).get_content_type(), 'multipart/encrypted')
        self.assertIsNone(parsed(text)[CACHE_ID])

        opened = self.client.call('cache_decrypt_message', {'src': self.decode(text), 'flags': 0})
        self.assertEqual((opened.status, opened.out['dst']['longmsg'].strip()), (0, TEXT))
        shown = self.other.call('cache_mime_encode_message', {
            'which': 1, 'msg': opened.out['dst'], 'omit_fields': False}).out['mimetext']
        attachment = [p for p in parsed(shown).iter_attachments() if p.get_filename() == 'raw.bin'][0]
        self.assertEqual(attachment.get_content(), bytes(range(256)))

    def test_a_draft_in_the_cache_is_encrypted_for_oneself(self):
        self.start()
        me = {'address': 'ann@x.test', 'user_id': 'pEp_own_userId'}
        msg = self.decode(mail('ann@x.test', 'ben@y.test'))
        msg['dir'] = 1
        reply = self.client.call('cache_encrypt_message_for_self', {
            'target_id': me, 'src': msg, 'enc_format': 'PEP_enc_PEP', 'flags': 0})
        self.assertEqual(reply.status, 0)
        self.assertEqual(reply.out['dst']['opt_fields'][0], msg['opt_fields'][0])
        self.assertEqual(list(reply.out), ['dst'])
        text = self.client.call('cache_mime_encode_message', {
            'which': 1, 'msg': reply.out['dst'], 'omit_fields': False}).out['mimetext']
        opened = self.client.call('cache_decrypt_message', {'src': self.decode(text), 'flags': 0})
        self.assertEqual(opened.out['dst']['shortmsg'], 'Fahrrad')

    def test_unused_messages_go_without_being_asked_for(self):
        self.start('--limit', 'cached_message_idle_ms=100')
        msg = self.decode(mail('ann@x.test', 'ann@x.test'))
        pep_server.wait_for(lambda: self.kept()['kept'] == 0, 10 * SLOW, 'the message to go')
        with self.assertRaises(pep_server.Refused) as refused:
            self.client.call('cache_mime_encode_message', {'which': 0, 'msg': msg, 'omit_fields': False})
        self.assertEqual((refused.exception.code, refused.exception.data['reason']), (-32602, 'unknown_value'))

    def test_the_cache_is_bounded(self):
        self.start('--limit', 'cached_messages=3', '--limit', 'cached_message_bytes=100000')
        ids = [self.decode(mail('ann@x.test', 'ann@x.test')) for _ in range(5)]
        self.assertEqual(self.kept()['kept'], 3)
        self.assertLessEqual(self.kept()['bytes'], 100000)
        with self.assertRaises(pep_server.Refused):
            self.client.call('cache_mime_encode_message', {'which': 0, 'msg': ids[0], 'omit_fields': False})
        with self.assertRaises(pep_server.Refused) as refused:
            self.decode('Subject: x\r\n\r\n' + 'x' * 200000)
        self.assertEqual(refused.exception.code, -32003)
        time.sleep(0.01)
        self.assertEqual(self.kept()['kept'], 3)
        self.assert_answers()


if __name__ == '__main__':
    server_case.main()
