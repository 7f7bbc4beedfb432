#!/usr/bin/env python3
"""Other OpenPGP programs through the real door: gpg and sq read what we send, we read what they send."""
import base64
import email
import email.policy
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402

ANN = {'address': 'ann@example.org', 'user_id': 'pEp_own_userId', 'username': 'Ann Öström'}
BEN = {'address': 'ben@example.org', 'username': 'Ben'}
SUBJECT, TEXT = 'Grüße – planted subject', 'Über den Fluß: planted text.\r\n'
PGP_MIME, RELIABLE = 3, 6
# What another mail program would encrypt: a MIME entity (RFC 3156, 4)
ENTITY = ('Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n' + TEXT).encode()


class Interop(ServerCase):
    def setUp(self):
        super().setUp()
        self.client = self.serve().client()
        self.folder = os.path.join(self.home.root, 'other')
        os.mkdir(self.folder, 0o700)
        me = self.client.call('myself', {'identity': ANN})
        self.assertEqual(me.status, 0)
        self.me = me.out['identity']
        self.my_key = self.client.call('export_key', {'fpr': self.me['fpr']}).out['key_data'].encode()

    def path(self, name, content=None):
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, 'wb') as file:
                file.write(content)
        return path

    def run_tool(self, *arguments, data=b'', environment=None):
        done = subprocess.run(arguments, input=data, capture_output=True, timeout=60, check=False,
                              env={**os.environ, **(environment or {})})
        self.assertEqual(done.returncode, 0, done.stderr.decode('utf-8', 'replace'))
        return done

    def learn(self, key, fpr):
        """Ben's key becomes the default key of Ben."""
        self.client.call('import_key', {'key_data': base64.b64encode(key).decode()})
        ben = self.client.call('update_identity', {'identity': BEN}).out['identity']
        reply = self.client.call('set_comm_partner_key', {'identity': ben, 'fpr': fpr})
        self.assertEqual(reply.status, 0)
        rating = self.client.call('identity_rating', {'ident': BEN}).out['rating']['rating']
        self.assertEqual(rating, RELIABLE)

    def ciphertext_for_ben(self):
        mail = {'dir': 1, 'id': '<to-ben@example.org>', 'from': ANN, 'to': [BEN], 'shortmsg': SUBJECT, 'longmsg': TEXT,
                'attachments': [{'value': base64.b64encode(bytes(range(256)) * 8).decode(),
                                 'mime_type': 'application/octet-stream', 'filename': 'all.bytes'}]}
        reply = self.client.call('encrypt_message', {'src': mail, 'extra': None, 'enc_format': PGP_MIME, 'flags': 0})
        self.assertEqual(reply.status, 0)
        text = self.client.call('mime_encode_message', {'msg': reply.out['dst'], 'omit_fields': False}).out['mimetext']
        outer = email.message_from_string(text, policy=email.policy.default)
        self.assertEqual(outer.get_content_type(), 'multipart/encrypted')
        self.assertNotIn('planted', text)
        control, data = outer.iter_parts()
        self.assertEqual(control.get_content_type(), 'application/pgp-encrypted')
        self.assertIn('Version: 1', control.get_payload(decode=True).decode())
        return data.get_payload(decode=True)

    def assert_is_the_mail(self, entity):
        read = email.message_from_bytes(entity, policy=email.policy.default)
        texts = [part.get_content() for part in read.walk() if part.get_content_type() == 'text/plain']
        self.assertTrue(any('Über den Fluß: planted text.' in text for text in texts), texts)
        files = [part.get_content() for part in read.walk() if part.get_filename() == 'all.bytes']
        self.assertEqual(files, [bytes(range(256)) * 8])

    def assert_reads(self, ciphertext, fpr):
        """PGP/MIME from Ben, as another program would send it."""
        mail = ('From: Ben <ben@example.org>\r\nTo: ann@example.org\r\nSubject: from another program\r\n'
                'Message-ID: <from-ben@example.org>\r\nDate: Mon, 01 Jan 2024 12:00:00 +0000\r\nMIME-Version: 1.0\r\n'
                'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"\r\n\r\n'
                '--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n'
                '--b\r\nContent-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n%s\r\n--b--\r\n'
                % ciphertext.decode().replace('\r\n', '\n').replace('\n', '\r\n'))
        message = self.client.call('mime_decode_message', {'mimetext': mail}).out['msg']
        reply = self.client.call('decrypt_message', {'src': message, 'flags': 0})
        self.assertEqual(reply.status, 0, reply.value)
        self.assertEqual(reply.out['dst']['longmsg'].replace('\r\n', '\n').strip(), TEXT.strip())
        self.assertEqual(reply.out['rating'], {'rating': RELIABLE})
        self.assertEqual(reply.out['keylist'][0], fpr)


@unittest.skipUnless(shutil.which('gpg'), 'gpg is not installed')
class GnuPG(Interop):
    def setUp(self):
        super().setUp()
        self.environment = {'GNUPGHOME': self.folder}
        self.addCleanup(subprocess.run, ['gpgconf', '--kill', 'all'], env={**os.environ, **self.environment},
                        check=False, stderr=subprocess.DEVNULL)
        self.gpg('--import', data=self.my_key)

    def gpg(self, *arguments, data=b''):
        return self.run_tool('gpg', '--batch', '--yes', '--trust-model', 'always', '--pinentry-mode', 'loopback',
                             '--passphrase', '', *arguments, data=data, environment=self.environment)

    def make_key(self, *kind):
        self.gpg('--quick-generate-key', 'Ben <ben@example.org>', *kind)
        listed = self.gpg('--with-colons', '--list-keys', 'ben@example.org').stdout.decode()
        if 'sub:' not in listed:
            fpr = re.search(r'^fpr:+([0-9A-F]{40}):', listed, re.MULTILINE).group(1)
            self.gpg('--quick-add-key', fpr, 'cv25519', 'encr', 'never')
            listed = self.gpg('--with-colons', '--list-keys', 'ben@example.org').stdout.decode()
        fpr = re.search(r'^fpr:+([0-9A-F]{40}):', listed, re.MULTILINE).group(1)
        self.learn(self.gpg('--export', fpr).stdout, fpr)
        return fpr

    def both_ways(self, fpr):
        read = self.gpg('--status-fd', '2', '--decrypt', data=self.ciphertext_for_ben())
        status = read.stderr.decode('utf-8', 'replace')
        for word in ('DECRYPTION_OKAY', 'GOODMDC', 'GOODSIG', 'VALIDSIG ' + self.me['fpr']):
            self.assertIn(word, status)
        self.assert_is_the_mail(read.stdout)
        written = self.gpg('--armor', '--local-user', fpr, '--recipient', self.me['fpr'], '--sign', '--encrypt', data=ENTITY)
        self.assert_reads(written.stdout, fpr)

    def test_curve_keys_both_ways(self):
        self.both_ways(self.make_key('ed25519', 'sign,cert', 'never'))

    def test_rsa_keys_both_ways(self):
        self.both_ways(self.make_key('rsa2048', 'default', 'never'))

    def test_our_key_is_one_gpg_would_use(self):
        listed = self.gpg('--with-colons', '--list-keys', self.me['fpr']).stdout.decode()
        self.assertRegex(listed, r'(?m)^pub:[^rei]?:')
        self.assertRegex(listed, r'(?m)^sub:[^rei]?:.*:e:')
        self.assertIn('ann@example.org', listed)


@unittest.skipUnless(shutil.which('sq'), 'sq is not installed')
class Sequoia(Interop):
    def test_both_ways(self):
        key, mine = self.path('ben.key'), self.path('ann.cert', self.my_key)
        self.run_tool('sq', 'key', 'generate', '--userid', 'Ben <ben@example.org>', '--export', key)
        cert = self.run_tool('sq', 'key', 'extract-cert', key).stdout
        fpr = re.search(r'Fingerprint: ([0-9A-F]{40})', self.run_tool('sq', 'inspect', key).stdout.decode()).group(1)
        self.learn(cert, fpr)

        sent = self.path('sent.pgp', self.ciphertext_for_ben())
        read = self.run_tool('sq', 'decrypt', '--recipient-key', key, '--signer-cert', mine, '--signatures', '1', sent)
        self.assertIn('1 good signature', read.stderr.decode())
        self.assert_is_the_mail(read.stdout)

        entity = self.path('entity', ENTITY)
        written = self.run_tool('sq', 'encrypt', '--recipient-cert', mine, '--signer-key', key, entity)
        self.assert_reads(written.stdout, fpr)


if __name__ == '__main__':
    server_case.main()
