#!/usr/bin/env python3
"""Mail between the server and GnuPG, sq, rnp and OpenPGP.js, in both directions and every layout, with RSA
and with curve keys: what arrives is what was sent, bytes and all, and is rated as it deserves.
"""
import base64
import email
import email.message
import email.policy
import hashlib
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'support')]
import programs  # noqa: E402
import server_case  # noqa: E402
from server_case import ServerCase  # noqa: E402

ANN = {'address': 'ann@example.org', 'user_id': 'pEp_own_userId', 'username': 'Ann Öström'}
BEN = {'address': programs.ADDRESS, 'username': programs.NAME}
SUBJECT, TEXT = 'Grüße – planted subject', 'Über den Fluß: planted text.\n- dashed\nFrom here on\n'
HTML = '<p>Über den <b>Fluß</b></p>\n'
FILES = {'empty.bin': b'', 'one.bin': b'\0', 'größe.bin': bytes(range(256)) * 8, 'lines.txt': b'a\nb\r\nc\r'}

SUITES = {'ecc': 1, 'rsa': 5}
PIECES, PGP_MIME, PEP = 1, 3, 4
OK, UNENCRYPTED, DECRYPTED = 0, 0x400, 0x402
RATED_UNENCRYPTED, RATED_UNRELIABLE, RATED_RELIABLE = 3, 4, 6


def digests(files):
    return {name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items()}


def lines(text):
    return text.replace('\r\n', '\n').rstrip('\n')


def entity(files, text=TEXT, html=HTML, headers=()):
    """What mail programs encrypt: a MIME entity in canonical form (RFC 3156, 4)."""
    made = email.message.EmailMessage(policy=email.policy.SMTP)
    for name, value in headers:
        made[name] = value
    made.set_content(text, cte='quoted-printable')
    if html is not None:
        made.add_alternative(html, subtype='html', cte='quoted-printable')
    for name, data in files.items():
        made.add_attachment(data, maintype='application', subtype='octet-stream', filename=name)
    return made.as_bytes()


def mail(body, subject=SUBJECT, pep=False):
    """`body` is the rest of the header, an empty line, and the body."""
    if isinstance(body, str):
        body = body.encode()
    head = 'From: Ben <%s>\r\nTo: %s\r\n' % (BEN['address'], ANN['address'])
    head += 'Message-ID: <from-ben@example.org>\r\nDate: Mon, 01 Jan 2024 12:00:00 +0000\r\n'
    head += 'Subject: =?utf-8?B?%s?=\r\n' % base64.b64encode(subject.encode()).decode()
    if pep:
        head += 'X-pEp-Version: 3.3\r\n'
    if b'MIME-Version:' not in body.split(b'\r\n\r\n')[0]:
        head += 'MIME-Version: 1.0\r\n'
    return head.encode() + body


def crlf(data):
    return data.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')


def encrypted_mail(ciphertext, **options):
    return mail(b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"\r\n\r\n'
                b'--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n'
                b'--b\r\nContent-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n'
                + crlf(ciphertext) + b'\r\n--b--\r\n', **options)


def signed_entity(data, signature):
    return (b'Content-Type: multipart/signed; micalg="pgp-sha512"; protocol="application/pgp-signature";\r\n'
            b' boundary="s"\r\n\r\n--s\r\n' + data + b'\r\n--s\r\n'
            b'Content-Type: application/pgp-signature; name="signature.asc"\r\n\r\n'
            + crlf(signature) + b'\r\n--s--\r\n')


def wrapped_entity(inner):
    """Layout of p≡p 2.1 and later."""
    return (b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="w"\r\n\r\n--w\r\n'
            b'Content-Type: text/plain\r\n\r\nexplanation\r\n--w\r\n'
            b'Content-Type: message/rfc822; forwarded="no"\r\n\r\n' + inner + b'\r\n--w--\r\n')


class Opened:
    """What another program's user sees in a MIME text."""

    def __init__(self, data):
        self.message = email.message_from_bytes(data, policy=email.policy.default)
        self.text, self.html, self.files = None, None, {}
        for part in self.message.walk():
            if part.is_multipart():
                continue
            name, kind = part.get_filename(), part.get_content_type()
            if name is not None:
                self.files[name] = part.get_payload(decode=True)
            elif kind == 'text/html' and self.html is None:
                self.html = part.get_content()
            elif self.text is None or 'planted' in part.get_content():
                self.text = part.get_content()


class MailWithAnotherProgram(ServerCase):
    program_class = None

    def setUp(self):
        reason = self.program_class.why_absent()
        if reason:
            self.skipTest(reason)
        super().setUp()
        folder = os.path.join(self.home.root, 'other')
        os.mkdir(folder, 0o700)
        self.program = self.program_class(folder)
        self.addCleanup(self.program.close)

    def meet(self, kind, binary=server_case.SERVER):
        """Both sides have a key of this kind and know the other's."""
        self.client = self.serve(binary=binary).client(timeout=120)
        self.client.call('config_cipher_suite', {'suite': SUITES[kind]})
        me = self.client.call('myself', {'identity': ANN})
        self.assertEqual(me.status, OK)
        self.my_fpr = me.out['identity']['fpr']
        mine = self.client.call('export_key', {'fpr': self.my_fpr}).out['key_data'].encode()
        self.bens_key = self.program.make_key(kind)
        self.program.learn(mine, self.my_fpr)
        self.client.call('import_key', {'key_data': base64.b64encode(self.bens_key).decode()})
        ben = self.client.call('update_identity', {'identity': BEN}).out['identity']
        self.assertEqual(
            self.client.call('set_comm_partner_key', {'identity': ben, 'fpr': self.program.fpr}).status, OK)

    def meet_as_pep(self):
        """From now on Ben's program is one of ours: his mail says so, and brings his key."""
        hello = entity({}, html=None)
        message = self.decode(mail(hello, pep=True))
        message['attachments'] = [{'value': base64.b64encode(self.bens_key).decode(),
                                   'mime_type': 'application/pgp-keys', 'filename': 'file://sender_key.asc'}]
        self.assertEqual(self.client.call('decrypt_message', {'src': message, 'flags': 0}).status, UNENCRYPTED)

    def decode(self, wire):
        return self.client.call('mime_decode_message', {'mimetext': wire.decode()}).out['msg']

    # What we send

    def sent(self, enc_format, files, html=HTML):
        message = {'dir': 1, 'id': 'to-ben@example.org', 'from': ANN, 'to': [BEN],
                   'shortmsg': SUBJECT, 'longmsg': TEXT, 'attachments': []}
        for name, data in files.items():
            blob = {'mime_type': 'application/octet-stream', 'filename': 'file://' + name}
            if data:  # an empty file has no value, as the server itself writes it
                blob['value'] = base64.b64encode(data).decode()
            message['attachments'].append(blob)
        if html is not None:
            message['longmsg_formatted'] = html
        reply = self.client.call(
            'encrypt_message', {'src': message, 'extra': None, 'enc_format': enc_format, 'flags': 0})
        self.assertEqual(reply.status, OK)
        text = self.client.call('mime_encode_message', {'msg': reply.out['dst'], 'omit_fields': False}).out['mimetext']
        self.assertNotIn('planted text', text)
        return email.message_from_string(text, policy=email.policy.default)

    def opened_by_program(self, ciphertext):
        plaintext, signers = self.program.decrypt(ciphertext)
        self.assertEqual(signers, [self.my_fpr])
        return plaintext

    def opened_pgp_mime(self, outer):
        self.assertEqual(outer.get_content_type(), 'multipart/encrypted')
        self.assertEqual(outer.get_param('protocol'), 'application/pgp-encrypted')
        control, data = outer.iter_parts()
        self.assertEqual(control.get_content_type(), 'application/pgp-encrypted')
        self.assertIn('Version: 1', control.get_payload(decode=True).decode())
        return Opened(self.opened_by_program(data.get_payload(decode=True)))

    def assert_has_all(self, opened, text, files):
        self.assertEqual(lines(opened.text), lines(text))
        self.assertIn('BEGIN PGP PUBLIC KEY BLOCK', opened.files.pop('sender_key.asc').decode())
        self.assertEqual(digests(opened.files), digests(files))

    def send_pgp_mime(self):
        outer = self.sent(PGP_MIME, FILES)
        self.assertEqual(outer['Subject'], 'p≡p')
        opened = self.opened_pgp_mime(outer)
        self.assertEqual(lines(opened.html), lines(HTML))
        self.assert_has_all(opened, 'Subject: %s\n\n%s' % (SUBJECT, TEXT), FILES)

    def send_wrapped(self):
        outer = self.sent(PEP, FILES)
        self.assertEqual(outer['Subject'], 'p≡p')
        opened = self.opened_pgp_mime(outer)
        wrapper = list(opened.message.iter_parts())
        self.assertEqual(wrapper[1].get_content_type(), 'message/rfc822')
        self.assertEqual(wrapper[1].get_param('forwarded'), 'no')
        inner = wrapper[1].get_content()
        self.assertEqual(inner['Subject'], SUBJECT)
        self.assertEqual(inner['X-pEp-Sender-FPR'], self.my_fpr)
        self.assertEqual(lines(opened.html), lines(HTML))
        self.assert_has_all(opened, TEXT, FILES)

    def send_pieces(self):
        outer = self.sent(PIECES, FILES, html=None)
        self.assertEqual(outer['Subject'], SUBJECT)
        body, *parts = outer.iter_parts()
        self.assertEqual(lines(self.opened_by_program(body.get_payload(decode=True)).decode()), lines(TEXT))
        files = {}
        for part in parts:
            self.assertEqual(part.get_content_type(), 'application/octet-stream')
            name, ending = os.path.splitext(part.get_filename())
            self.assertEqual(ending, '.pgp')
            files[name] = self.opened_by_program(part.get_payload(decode=True))
        self.assertIn(b'BEGIN PGP PUBLIC KEY BLOCK', files.pop('sender_key.asc'))
        self.assertEqual(digests(files), digests(FILES))

    # What we read

    def read(self, wire, status, rating, signers):
        message = self.decode(wire)
        reply = self.client.call('decrypt_message', {'src': message, 'flags': 0})
        self.assertEqual((reply.status, reply.out['rating']), (status, {'rating': rating}))
        shown = reply.out['dst'] if status != UNENCRYPTED else reply.out['src']
        self.assertIsNotNone(shown)
        if status == UNENCRYPTED:
            self.assertIsNone(reply.out['dst'])
        else:
            self.assertEqual(reply.out['keylist'][0], signers)
        return shown

    def assert_shows(self, shown, text=TEXT, html=HTML, files=None, also=()):
        self.assertEqual(shown['shortmsg'], SUBJECT)
        self.assertEqual(lines(shown['longmsg']), lines(text))
        if html is not None:
            self.assertEqual(lines(shown['longmsg_formatted']), lines(html))
        got = {blob['filename']: base64.b64decode(blob.get('value', '')) for blob in shown.get('attachments') or []
               if blob.get('filename', '').startswith('file://')}
        for name in also:
            got.pop('file://' + name)
        wanted = FILES if files is None else files
        self.assertEqual(digests(got), digests({'file://' + name: data for name, data in wanted.items()}))

    def read_encrypted_and_signed(self):
        ciphertext = self.program.encrypt(entity(FILES))
        self.assert_shows(self.read(encrypted_mail(ciphertext), OK, RATED_RELIABLE, self.program.fpr))

    def read_encrypted_only(self):
        ciphertext = self.program.encrypt(entity(FILES), signed=False)
        self.assert_shows(self.read(encrypted_mail(ciphertext), DECRYPTED, RATED_UNRELIABLE, ''))

    def read_signed_inside(self):
        """RFC 3156, 6.1: the signature around the entity, then the encryption."""
        data = entity(FILES)
        ciphertext = self.program.encrypt(signed_entity(data, self.program.sign(data)), signed=False)
        self.assert_shows(self.read(encrypted_mail(ciphertext), OK, RATED_RELIABLE, self.program.fpr),
                          also=['signature.asc'])

    def read_signed_only(self):
        data = entity(FILES)
        shown = self.read(mail(signed_entity(data, self.program.sign(data))), UNENCRYPTED, RATED_UNENCRYPTED, None)
        self.assert_shows(shown, also=['signature.asc'])

    def read_signed_inline(self):
        text = self.program.clear_sign(crlf(TEXT.encode())).decode()
        body = 'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n' + text
        shown = self.read(mail(body), UNENCRYPTED, RATED_UNENCRYPTED, None)
        self.assert_shows(shown, text=text, html=None, files={})
        self.assertIn('Über den Fluß', shown['longmsg'])

    def read_pieces(self):
        parts = [b'Content-Type: text/plain\r\n\r\n' + crlf(self.program.encrypt(TEXT.encode()))]
        for name, data in FILES.items():
            parts.append(b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*=utf-8''"
                         + ''.join('%%%02X' % byte for byte in name.encode()).encode() + b'.pgp\r\n\r\n'
                         + crlf(self.program.encrypt(data)))
        body = (b'Content-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\n' + b'\r\n--m\r\n'.join(parts)
                + b'\r\n--m--\r\n')
        self.assert_shows(self.read(mail(body), OK, RATED_RELIABLE, self.program.fpr), html=None)

    def read_wrapped(self):
        inner = entity(FILES, headers=[
            ('From', 'Ben <%s>' % BEN['address']), ('To', ANN['address']), ('Subject', SUBJECT),
            ('X-pEp-Version', '3.3'), ('X-pEp-Message-Version', '3.3'), ('X-pEp-Wrapped-Message-Info', 'INNER'),
            ('X-pEp-Sender-FPR', self.program.fpr)])
        wire = encrypted_mail(self.program.encrypt(wrapped_entity(inner)), subject='p≡p', pep=True)
        self.assert_shows(self.read(wire, OK, RATED_RELIABLE, self.program.fpr))

    # In the end Ben counts as p≡p user, which is not taken back: the order is part of the test.
    ROWS = (
        read_encrypted_and_signed, read_encrypted_only, read_signed_inside, read_signed_only, read_signed_inline,
        read_pieces, send_pgp_mime, send_pieces, meet_as_pep, send_wrapped, read_wrapped,
    )

    def all_rows(self, kind):
        self.meet(kind)
        for row in self.ROWS:
            with self.subTest(row.__name__):
                row(self)

    def test_every_layout_both_ways_with_curve_keys(self):
        self.all_rows('ecc')

    def test_every_layout_both_ways_with_rsa_keys(self):
        self.all_rows('rsa')

    def test_ten_megabytes_both_ways(self):
        plain = server_case.PLAIN_SERVER
        self.meet('ecc', plain if os.path.exists(plain) else server_case.SERVER)
        files = {'big.bin': os.urandom(10_000_000)}
        opened = self.opened_pgp_mime(self.sent(PGP_MIME, files, html=None))
        self.assert_has_all(opened, 'Subject: %s\n\n%s' % (SUBJECT, TEXT), files)
        wire = encrypted_mail(self.program.encrypt(entity(files, html=None)))
        self.assert_shows(self.read(wire, OK, RATED_RELIABLE, self.program.fpr), html=None, files=files)


class MailWithGpg(MailWithAnotherProgram):
    program_class = programs.Gpg

    def test_our_key_is_one_gpg_would_use(self):
        self.meet('ecc')
        listed = self.program.gpg('--with-colons', '--list-keys', self.my_fpr).stdout.decode()
        self.assertRegex(listed, r'(?m)^pub:[^rei]?:')
        self.assertRegex(listed, r'(?m)^sub:[^rei]?:.*:e:')
        self.assertIn(ANN['address'], listed)


class MailWithSequoia(MailWithAnotherProgram):
    program_class = programs.Sequoia


class MailWithRnp(MailWithAnotherProgram):
    program_class = programs.Rnp


class MailWithOpenPGPjs(MailWithAnotherProgram):
    program_class = programs.OpenPGPjs


del MailWithAnotherProgram  # has no program


if __name__ == '__main__':
    server_case.main()
