"""Other OpenPGP programs behind one interface: GnuPG, Sequoia's sq, rnp and OpenPGP.js.

Each has a folder of its own, one key of its own, and knows one certificate: ours. Data goes in and out as
bytes; what fails raises, with what the program said.
"""
import base64
import json
import os
import re
import shutil
import subprocess

NAME, ADDRESS = 'Ben', 'ben@example.org'
USER_ID = '%s <%s>' % (NAME, ADDRESS)


class ProgramFailed(AssertionError):
    pass


class Program:
    """`kind` of a key is `rsa` or `ecc`."""

    command = None

    def __init__(self, folder):
        self.folder = folder
        self.fpr = None

    @classmethod
    def why_absent(cls):
        return None if shutil.which(cls.command) else '%s is not installed' % cls.command

    def close(self):
        pass

    def make_key(self, kind):
        """-> the public key"""
        raise NotImplementedError

    def learn(self, certificate, fpr):
        """Our certificate."""
        raise NotImplementedError

    def encrypt(self, data, signed=True):
        """-> armored message for us"""
        raise NotImplementedError

    def decrypt(self, data):
        """-> (plaintext, fingerprints of the primary keys whose signatures are good)"""
        raise NotImplementedError

    def sign(self, data):
        """-> armored detached signature"""
        raise NotImplementedError

    def clear_sign(self, text):
        """-> text with an inline signature (RFC 4880, 7)"""
        raise NotImplementedError

    def run(self, *arguments, data=b'', environment=None):
        done = subprocess.run(arguments, input=data, capture_output=True, timeout=120, check=False,
                              env={**os.environ, **(environment or {})})
        if done.returncode != 0:
            raise ProgramFailed('%s: %s' % (arguments[:2], done.stderr.decode('utf-8', 'replace')))
        return done

    def file(self, name, content=None):
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, 'wb') as file:
                file.write(content)
        return path

    def read(self, name):
        with open(self.file(name), 'rb') as file:
            return file.read()


class Gpg(Program):
    command = 'gpg'

    def close(self):
        subprocess.run(['gpgconf', '--kill', 'all'], env={**os.environ, 'GNUPGHOME': self.folder},
                       check=False, stderr=subprocess.DEVNULL)

    def gpg(self, *arguments, data=b''):
        return self.run('gpg', '--batch', '--yes', '--trust-model', 'always', '--pinentry-mode', 'loopback',
                        '--passphrase', '', *arguments, data=data, environment={'GNUPGHOME': self.folder})

    def make_key(self, kind):
        first, second = {'rsa': ('rsa2048', 'rsa2048'), 'ecc': ('ed25519', 'cv25519')}[kind]
        self.gpg('--quick-generate-key', USER_ID, first, 'sign,cert', 'never')
        listed = self.gpg('--with-colons', '--list-keys', ADDRESS).stdout.decode()
        self.fpr = re.search(r'^fpr:+([0-9A-F]{40}):', listed, re.MULTILINE).group(1)
        self.gpg('--quick-add-key', self.fpr, second, 'encr', 'never')
        return self.gpg('--export', self.fpr).stdout

    def learn(self, certificate, fpr):
        self.gpg('--import', data=certificate)
        self.partner = fpr

    def encrypt(self, data, signed=True):
        sign = ['--local-user', self.fpr, '--sign'] if signed else []
        return self.gpg('--armor', '--recipient', self.partner, *sign, '--encrypt', data=data).stdout

    def decrypt(self, data):
        done = self.gpg('--status-fd', '2', '--decrypt', data=data)
        status = done.stderr.decode('utf-8', 'replace')
        if 'DECRYPTION_OKAY' not in status or 'GOODMDC' not in status:
            raise ProgramFailed(status)
        return done.stdout, re.findall(r'VALIDSIG .* ([0-9A-F]{40})$', status, re.MULTILINE)

    def sign(self, data):
        return self.gpg('--armor', '--local-user', self.fpr, '--detach-sign', data=data).stdout

    def clear_sign(self, text):
        return self.gpg('--local-user', self.fpr, '--clear-sign', data=text).stdout


class Sequoia(Program):
    command = 'sq'

    def make_key(self, kind):
        self.secret = self.file('ben.key')
        self.run('sq', 'key', 'generate', '--cipher-suite', {'rsa': 'rsa3k', 'ecc': 'cv25519'}[kind],
                 '--userid', USER_ID, '--export', self.secret)
        shown = self.run('sq', 'inspect', self.secret).stdout.decode()
        self.fpr = re.search(r'Fingerprint: ([0-9A-F]{40})', shown).group(1)
        return self.run('sq', 'key', 'extract-cert', self.secret).stdout

    def learn(self, certificate, fpr):
        self.certificate = self.file('partner.cert', certificate)
        self.partner = fpr

    def encrypt(self, data, signed=True):
        sign = ['--signer-key', self.secret] if signed else []
        # Its padding of big messages stands behind the end of the compressed data, where librnp does not read on
        # and therefore never comes to the integrity check.
        padding = ['--compression', 'zip'] if len(data) > 100_000 else []
        return self.run('sq', 'encrypt', '--recipient-cert', self.certificate, *sign, *padding, data=data).stdout

    def decrypt(self, data):
        done = self.run('sq', 'decrypt', '--recipient-key', self.secret, '--signer-cert', self.certificate,
                        '--signatures', '0', data=data)
        # Only one certificate was given, so a good signature is its.
        good = re.search(r'(\d+) good signature', done.stderr.decode())
        return done.stdout, [self.partner] * int(good.group(1)) if good else []

    def sign(self, data):
        return self.run('sq', 'sign', '--detached', '--signer-key', self.secret, data=data).stdout

    def clear_sign(self, text):
        return self.run('sq', 'sign', '--cleartext-signature', '--signer-key', self.secret, data=text).stdout


class Rnp(Program):
    command = 'rnp'

    def rnp(self, *arguments, data=b''):
        """Binary data goes through files: not every command of rnp writes it to standard output."""
        self.file('in', data)
        done = self.run('rnp', '--homedir', self.folder, '--password', '', '--notty', '--overwrite',
                        '--output', self.file('out'), *arguments, self.file('in'))
        return self.read('out'), (done.stdout + done.stderr).decode('utf-8', 'replace')

    def keys(self, *arguments, data=b''):
        return self.run('rnpkeys', '--homedir', self.folder, '--password', '', '--notty', *arguments, data=data)

    def make_key(self, kind):
        # The menu of --expert is the only way to another algorithm than RSA; 22 is EdDSA with X25519.
        how, answer = {'rsa': (['--numbits', '2048'], b''), 'ecc': (['--expert'], b'22\n')}[kind]
        made = self.keys('--userid', USER_ID, '--generate-key', *how, data=answer).stdout.decode()
        self.fpr = re.search(r'^ +([0-9a-f]{40})$', made, re.MULTILINE).group(1).upper()
        return self.keys('--export-key', self.fpr).stdout

    def learn(self, certificate, fpr):
        self.keys('--import-keys', self.file('partner.asc', certificate))
        self.partner = fpr

    def encrypt(self, data, signed=True):
        # From standard input: the name of a file would become that of the attachment.
        sign = ['--sign', '--userid', self.fpr] if signed else []
        return self.run('rnp', '--homedir', self.folder, '--password', '', '--notty', '--armor', '--encrypt',
                        '--recipient', self.partner, *sign, data=data).stdout

    def decrypt(self, data):
        text, said = self.rnp('--decrypt', data=data)
        good = 'Good signature' in said and 'verified successfully' in said and 'BAD' not in said
        return text, [self.partner] if good and self.partner.lower() in said else []

    def sign(self, data):
        return self.rnp('--armor', '--sign', '--detach', '--userid', self.fpr, data=data)[0]

    def clear_sign(self, text):
        return self.rnp('--clearsign', '--userid', self.fpr, data=text)[0]


class OpenPGPjs(Program):
    command = 'node'
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'openpgp_js.cjs')

    @classmethod
    def why_absent(cls):
        if not shutil.which('node'):
            return 'node is not installed'
        found = subprocess.run(['node', cls.script], input=b'{"command": "ping"}', capture_output=True,
                               timeout=60, check=False)
        if found.returncode == 0:
            return None
        return 'OpenPGP.js is not in NODE_PATH (%s); "cmake/quickstart.sh test" puts it there if it can' % \
            os.environ.get('NODE_PATH', 'not set')

    def __init__(self, folder):
        super().__init__(folder)
        self.process = subprocess.Popen(['node', self.script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def node(self, command, **parameters):
        self.process.stdin.write(json.dumps({'command': command, **parameters}).encode() + b'\n')
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "node ended"}')
        if 'error' in answer:
            raise ProgramFailed('%s: %s' % (command, answer['error']))
        return answer['result']

    def make_key(self, kind):
        key = self.node('make_key', kind=kind, name=NAME, email=ADDRESS)
        self.fpr, self.secret = key['fpr'], key['secret']
        return key['public'].encode()

    def learn(self, certificate, fpr):
        self.certificate = certificate.decode()
        self.partner = fpr

    def encrypt(self, data, signed=True):
        return self.node('encrypt', data=base64.b64encode(data).decode(), recipient=self.certificate,
                         signer=self.secret if signed else None)['data'].encode()

    def decrypt(self, data):
        read = self.node('decrypt', data=data.decode(), secret=self.secret, sender=self.certificate)
        return base64.b64decode(read['data']), read['signers']

    def sign(self, data):
        return self.node('sign', data=base64.b64encode(data).decode(), secret=self.secret)['data'].encode()

    def clear_sign(self, text):
        return self.node('clear_sign', data=base64.b64encode(text).decode(), secret=self.secret)['data'].encode()
