#!/usr/bin/env python3
"""The main job, on the real daemon: two people, their keys, an encrypted mail, trust.

Starts one daemon for Alice and one for Bob in temporary homes, prints every call with its reply, and
ends with status 1 and a reason as soon as anything is not as promised.
"""
import argparse
import base64
import email
import email.header
import email.policy
import hashlib
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import sample_mail  # noqa: E402

OK, UNENCRYPTED = 0, 0x400
RATING = {3: 'unencrypted', 6: 'reliable', 7: 'trusted', 8: 'trusted_and_anonymized'}
PEP_FORMAT = 4


class Mismatch(Exception):
    """Something is not as promised."""


def check(is_right, text):
    if not is_right:
        raise Mismatch(text)
    print('     ✓ ' + text)


def title(text):
    print('\n── %s\n' % text)


def shortened(value):
    """Long texts cut, so that a call stays readable; nothing else is left out."""
    if isinstance(value, str) and len(value) > 64:
        return '%s… (%d characters)' % (value[:40], len(value))
    if isinstance(value, dict):
        return {k: shortened(v) for k, v in value.items()}
    if isinstance(value, list):
        return [shortened(v) for v in value]
    return value


def one_line(value):
    text = json.dumps(shortened(value), ensure_ascii=False)
    return text if len(text) <= 700 else text[:700] + ' …'


class Person:
    """Somebody with a home of their own, a daemon, and an authorized connection to it."""

    def __init__(self, name, binary):
        self.name = name
        self.binary = binary
        self.home = pep_server.Home()
        self.pid = None
        self.client = None
        self.identity = {'address': name.lower() + '@example.org', 'user_id': 'pEp_own_userId',
                         'username': name + ' Example'}
        self.address = {'address': self.identity['address'], 'username': self.identity['username']}

    def start(self):
        """As a mail program does: start, wait for the end of that process, read the token file."""
        print('%-5s > %s --home %s' % (self.name, os.path.basename(self.binary), self.home.path))
        started = time.monotonic()
        done = subprocess.run(
            [self.binary, '--home', self.home.path, '-l', self.home.log], stdin=subprocess.DEVNULL,
            env=self.home.environment(), timeout=30, check=False)
        took = time.monotonic() - started
        check(done.returncode == 0, 'the start command ended with status 0 after %.0f ms' % (took * 1000))
        token = self.home.token()
        self.pid = token['pid']
        self.client = pep_server.Client(token)
        check(os.stat(self.home.token_file).st_mode & 0o777 == 0o600, 'only its owner reads the token file')
        check(self.client.prove(), 'the server at port %d proves that it wrote the token file' % token['port'])

    def call(self, method, **params):
        print('%-5s > %s %s' % (self.name, method, one_line(params)))
        reply = self.client.call(method, params)
        print('      < %s' % one_line(reply.result))
        return reply

    def call_ok(self, method, **params):
        reply = self.call(method, **params)
        if reply.status != OK:
            raise Mismatch('%s answered status %s' % (method, reply.value['hex']))
        return reply

    def stop(self):
        """Ends the daemon and leaves the home, which the next one may use."""
        if self.pid is None:
            return
        if self.client:
            self.client.call('shutdown')
            self.client.close()
        pep_server.wait_for(lambda: not pep_server.is_running(self.pid), 3 * pep_server.SLOWDOWN,
                            'the end of %s\'s daemon' % self.name)
        self.pid = None
        check(not os.path.exists(self.home.token_file), '%s\'s daemon ended and took its token file away' % self.name)

    def remove(self):
        """Whatever happened: no process and no file is left."""
        if self.pid is not None and pep_server.is_running(self.pid):
            os.kill(self.pid, 9)
        self.home.remove()


def deliver(text, recipient):
    """What a mail server and the recipient's mail program do: MIME text in, message out."""
    decoded = recipient.call_ok('mime_decode_message', mimetext=text)
    return decoded.out['msg']


def exchange_keys(alice, bob):
    title('Two mails cross each other, unencrypted, each with its sender\'s key')
    mails = []
    for sender, recipient in ((alice, bob), (bob, alice)):
        mail = sample_mail.greeting(
            sender.identity, recipient.address, '<key-of-%s@example.org>' % sender.name.lower())
        reply = sender.call('encrypt_message', src=mail, extra=None, enc_format=PEP_FORMAT, flags=0)
        check(reply.status == UNENCRYPTED, 'no key of the recipient is known: the mail stays unencrypted')
        check(any(a.get('mime_type') == 'application/pgp-keys' for a in reply.out['src'].get('attachments', [])),
              'the sender\'s key is attached')
        text = sender.call_ok('mime_encode_message', msg=reply.out['src'], omit_fields=False).out['mimetext']
        mails.append((recipient, text))
    for recipient, text in mails:
        reply = recipient.call('decrypt_message', src=deliver(text, recipient), flags=0)
        check(reply.status == UNENCRYPTED, 'the mail was not encrypted')
        check(reply.out['rating'] == {'rating': 3}, 'its rating says so: unencrypted')


def readable_parts(mail):
    """Every header and every body a stranger on the way can read, decoded."""
    parts = []
    for part in mail.walk():
        for name, value in part.items():
            parts.append(('%s: %s' % (name, str(email.header.make_header(email.header.decode_header(value))))).encode())
        if not part.is_multipart():
            parts.append(part.get_payload(decode=True) or b'')
    return b'\n'.join(parts)


def encrypt(alice, bob):
    title('Alice encrypts a mail with umlauts, HTML and a picture of %d KB' % (len(sample_mail.PICTURE) // 1000))
    mail = sample_mail.letter(alice.identity, bob.address, '<letter@example.org>')
    reply = alice.call('outgoing_message_rating', msg=mail)
    check(reply.out['rating'] == {'rating': 6}, 'Alice is told before sending: the mail will be reliable')
    encrypted = alice.call_ok('encrypt_message', src=mail, extra=None, enc_format=PEP_FORMAT, flags=0).out['dst']
    text = alice.call_ok('mime_encode_message', msg=encrypted, omit_fields=False).out['mimetext']

    title('What travels: nothing but the envelope is readable')
    for line in text.split('\r\n')[:28]:
        print('      | ' + line[:100])
    print('      | … %d bytes in all' % len(text))
    raw = text.encode()
    mail = email.message_from_bytes(raw, policy=email.policy.compat32)
    check(mail.get_content_type() == 'multipart/encrypted', 'the mail is PGP/MIME (RFC 3156)')
    check(bob.identity['address'] in mail['To'] and alice.identity['address'] in mail['From'],
          'sender and recipient are those of the envelope')
    stranger = raw + readable_parts(mail)
    for what, secret in sample_mail.secrets_of_the_letter():
        check(secret not in stranger, '%s is readable nowhere' % what)
    return text


def decrypt(bob, text):
    title('Bob reads it')
    incoming = deliver(text, bob)
    reply = bob.call_ok('decrypt_message', src=incoming, flags=0)
    read = reply.out['dst']
    check(reply.out['rating'] == {'rating': 6}, 'rating: reliable')
    check(read['shortmsg'] == sample_mail.SUBJECT, 'subject: ' + read['shortmsg'])
    check(read['longmsg'].replace('\r\n', '\n').strip() == sample_mail.TEXT.replace('\r\n', '\n').strip(), 'the text is Alice\'s, umlauts and all')
    check(read['longmsg_formatted'].strip() == sample_mail.HTML, 'the HTML is Alice\'s')
    pictures = [a for a in read.get('attachments', []) if a.get('mime_type') == 'image/png']
    check(len(pictures) == 1, 'there is one picture, %s' % (pictures[0].get('filename') if pictures else 'none'))
    sent = hashlib.sha256(sample_mail.PICTURE).hexdigest()
    got = hashlib.sha256(base64.b64decode(pictures[0]['value'])).hexdigest()
    check(sent == got, 'SHA-256 of the picture, sent and received: ' + got)
    return incoming


def trust(alice, bob, incoming):
    title('Both compare trustwords, then Bob confirms that the key is Alice\'s')
    words = []
    for person, partner in ((alice, bob), (bob, alice)):
        own = person.call_ok('myself', identity=person.identity).out['identity']
        other = person.call_ok('update_identity', identity={'address': partner.identity['address']}).out['identity']
        check(other['fpr'] == partner.identity['fpr'], '%s has the right key of %s' % (person.name, partner.name))
        words.append(person.call_ok('get_trustwords', id1=own, id2=other, lang='en', full=False).out['words'])
    check(words[0] == words[1] and len(words[0].split()) >= 5, 'the same words on both sides: ' + words[0])

    of_alice = bob.call_ok('update_identity', identity={'address': alice.identity['address']}).out['identity']
    before = bob.call_ok('identity_rating', ident=of_alice).out['rating']['rating']
    bob.call_ok('trust_personal_key', ident=of_alice)
    after = bob.call_ok('identity_rating', ident=of_alice).out['rating']['rating']
    check((before, after) == (6, 8), 'the rating of Alice rose from %s to %s' % (RATING.get(before, before), RATING.get(after, after)))
    rating = bob.call_ok('decrypt_message', src=incoming, flags=0).out['rating']['rating']
    check(rating == 8, 'and so did that of her mail: ' + RATING.get(rating, str(rating)))


def main_job(alice, bob):
    title('Two people, two homes, two daemons')
    for person in (alice, bob):
        person.start()
        version = person.call('serverVersion').value
        check({'major', 'minor', 'patch', 'engine_version'} <= set(version), 'the server tells its version')
        person.identity = person.call_ok('myself', identity=person.identity).out['identity']
        check(len(person.identity['fpr']) >= 40, '%s has a key now: %s' % (person.name, person.identity['fpr']))
    exchange_keys(alice, bob)
    text = encrypt(alice, bob)
    incoming = decrypt(bob, text)
    trust(alice, bob, incoming)
    title('Done: a real mail went in, a real mail came out')
    for person in (alice, bob):
        person.stop()


def serve(alice):
    """A server in front, on Alice's temporary home, until Ctrl-C."""
    server = subprocess.Popen([alice.binary, '-d', '--home', alice.home.path], env=alice.home.environment())
    try:
        alice.pid = server.pid

        def is_callable():
            if server.poll() is not None:
                raise Mismatch('the server ended with status %s' % server.returncode)
            return os.path.exists(alice.home.token_file)

        pep_server.wait_for(is_callable, 10, 'the server')
        token = alice.home.token()
        title('Serving Alice\'s temporary home until Ctrl-C')
        print('test page   http://%s:%d/' % (token['address'], token['port']))
        print('token file  %s' % alice.home.token_file, flush=True)
        server.wait()
    except KeyboardInterrupt:
        pass  # Ctrl-C reached the server, too
    finally:
        alice.pid = None
        server.terminate()
        server.wait(10)


def main():
    sys.stdout.reconfigure(encoding='utf-8', errors='replace', line_buffering=True)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--server', required=True, help='the program pep-json-server')
    parser.add_argument('--serve', action='store_true', help='afterwards serve in the foreground')
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # by way of every finally
    people = [Person(name, os.path.abspath(options.server)) for name in ('Alice', 'Bob')]
    try:
        main_job(*people)
        if options.serve:
            serve(people[0])
        return 0
    except (Mismatch, pep_server.Refused, TimeoutError, OSError, KeyError, ValueError) as fault:
        print('\nFAILED: %s: %s' % (type(fault).__name__, fault), file=sys.stderr)
        for person in people:
            if os.path.exists(person.home.log):
                with open(person.home.log, encoding='utf-8', errors='replace') as log:
                    print('--- end of %s\'s log\n%s' % (person.name, log.read()[-2000:]), file=sys.stderr)
        return 1
    finally:
        for person in people:
            person.remove()


if __name__ == '__main__':
    sys.exit(main())
