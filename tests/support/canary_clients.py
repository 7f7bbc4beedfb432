"""The clients of the canary test: everything clients do, with a planted secret wherever one can be.

Two homes that write to each other. All that comes back is kept: errors must never show a secret, and a
bystander must see nothing of the others.
"""
import base64
import http.client
import json
import os
import re
import socket
import subprocess

import canary
import enigmail
import pep_server

OWN = 'pEp_own_userId'
RPC = os.environ.get('PEP_RPC') or next(
    (program for program in (os.path.join(os.path.dirname(os.environ.get(name, '')), 'pep-rpc')
                             for name in ('PEP_SERVER', 'PEP_PLAIN_SERVER')) if os.path.exists(program)), '')


class Planted:
    """The secrets of one run."""

    def __init__(self):
        for name in ('subject', 'body', 'attachment', 'filename', 'cached', 'event', 'context', 'passphrase',
                     'wrong_passphrase', 'long_passphrase', 'rpc_passphrase', 'rpc_body', 'wrong_token', 'bad_value',
                     'broken_json', 'oversized', 'abandoned', 'in_header', 'method_name'):
            setattr(self, name, canary.Marker(name))
        self.keys = []

    def all(self):
        return [each for each in vars(self).values() if isinstance(each, canary.Marker)] + self.keys

    def plant_key(self, armored, kind):
        """An armored secret key: the secret numbers inside, and how they begin in the armor."""
        lines = armored.replace('\r', '').split('\n\n', 1)[1].split('\n')
        letters = ''.join(line for line in lines if line and line[0] not in '=-')
        data = base64.b64decode(letters)
        for index, number in enumerate(secret_numbers(data)):
            self.keys.append(canary.Marker('%s, secret number %d' % (kind, index), number, [number[:16], number[16:]]))
            # Sixteen letters on one line of 64, of which at least twelve are of the number.
            at = -(-data.index(number) * 4 // 3)
            at += 64 - at % 64 if at % 64 > 48 else 0
            self.keys.append(canary.Marker('armored %s, secret number %d' % (kind, index), letters[at:at + 16],
                                           [letters[at:at + 16].encode()]))


def secret_numbers(data):
    """The unprotected secret numbers (32 bytes each) of Ed25519 and Curve25519 keys."""
    numbers, at = [], 0
    while at < len(data):
        tag = data[at]
        if tag & 0x40:
            kind, first = tag & 0x3f, data[at + 1]
            if first < 192:
                size, body = first, at + 2
            elif first < 224:
                size, body = (first - 192 << 8) + data[at + 2] + 192, at + 3
            else:
                size, body = int.from_bytes(data[at + 2:at + 6], 'big'), at + 6
        else:
            kind, width = tag >> 2 & 15, 1 << (tag & 3)
            size, body = int.from_bytes(data[at + 1:at + 1 + width], 'big'), at + 1 + width
        if kind in (5, 7):
            # RFC 4880, 5.5.3: nothing but a checksum of two bytes stands behind the number.
            numbers.append(data[body:body + size][-34:-2])
        at = body + size
    return numbers


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__('127.0.0.1', timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Caller:
    """One client_id on one connection; remembers what came back."""

    def __init__(self, work, name, unix=False):
        self.work = work
        self.name = name
        self.client = work.server.client(timeout=60)
        if unix:
            self.client.connection = UnixConnection(self.client.token['socket'], 60)

    def call(self, method, **params):
        request = {'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': params, 'client_id': self.name}
        body = self.client.post('/rpc', request, self.client.bearer())[2]
        answer = json.loads(body)
        if 'error' in answer:
            self.work.errors.append(body)
            raise pep_server.Refused(method, 200, answer['error'])
        return pep_server.Reply(answer['result'])

    def legacy(self, method, *params):
        answer = self.client.legacy(method, *params)
        if 'error' in answer:
            self.work.errors.append(json.dumps(answer).encode())
        return answer

    def fails(self, method, **params):
        try:
            self.call(method, **params)
        except pep_server.Refused:
            return
        raise AssertionError('%s did not fail' % method)

    def close(self):
        self.client.close()


class Work:
    """What is done to one server. The other one is where mail comes from."""

    def __init__(self, server, other, planted, look_at=lambda pid: None):
        self.server, self.other, self.planted = server, other, planted
        self.look_at = look_at  # called with a program of the command line while it holds a secret
        self.errors = []

    def mail(self, sender, *recipients):
        p = self.planted
        return {'dir': 1, 'from': {'address': sender, 'user_id': OWN, 'username': 'Sender'},
                'to': [{'address': each, 'user_id': 'their-' + each.split('@')[0]} for each in recipients],
                'shortmsg': p.subject.text, 'longmsg': 'Begin ' + p.body.text + ' Grüße\nend',
                'attachments': [{'value': base64.b64encode(b'ab' + p.attachment.data).decode(),
                                 'mime_type': 'application/octet-stream', 'filename': p.filename.text + '.bin'}]}

    def all(self):
        self.keys()
        self.mails()
        self.passphrases()
        self.cache()
        self.events()
        self.page()
        self.failures()
        self.command_line()

    def keys(self):
        """Made here, made elsewhere, imported with the secret part in both dialects, exported."""
        for_me, there = Caller(self, 'keys'), Caller(Work(self.other, self.server, self.planted), 'keys')
        for caller, name in ((for_me, 'ann'), (there, 'ben')):
            assert caller.call('myself', identity={'address': name + '@example.org', 'user_id': OWN,
                                                   'username': name}).status == 0
        for caller, partner, name in ((for_me, there, 'ben'), (there, for_me, 'ann')):
            fpr = partner.call('find_keys', pattern=name + '@example.org').out['keylist'][0]
            public = partner.call('export_key', fpr=fpr).out['key_data']
            caller.call('import_key', key_data=base64.b64encode(public.encode()).decode())
            whom = {'address': name + '@example.org', 'user_id': 'their-' + name, 'username': name}
            assert caller.call('set_comm_partner_key', identity=whom, fpr=fpr).status == 0
        for index in range(2):
            address = 'own%d@example.org' % index
            made = there.call('generate_keypair', identity={'address': address, 'username': 'Own'})
            fpr = made.out['identity']['fpr']
            armored = there.call('export_secret_key', fpr=fpr).out['key_data']
            self.planted.plant_key(armored, 'own key')
            data = base64.b64encode(armored.encode()).decode()
            if index:
                assert for_me.legacy('import_key', data, 0, ['OP'])['result']['return']['status'] == 0x220
            else:
                assert for_me.call('import_key', key_data=data).status == 0x220
            me = {'address': address, 'user_id': OWN, 'username': 'Own'}
            assert for_me.call('set_own_key', me=me, fpr=fpr).status == 0
            assert for_me.call('export_secret_key', fpr=fpr).status == 0
        for_me.close()
        there.close()

    def mails(self):
        """Encrypted in both dialects and over the Unix socket, read by the other, and the other way round."""
        mine, old, unix = Caller(self, 'mail'), Caller(self, ''), Caller(self, 'unix', unix=True)
        there = Caller(Work(self.other, self.server, self.planted), 'mail')
        source = self.mail('ann@example.org', 'ben@example.org')
        sent = [mine.call('encrypt_message', src=source, enc_format='PEP_enc_PEP').out['dst'],
                unix.call('encrypt_message', src=source, enc_format='PEP_enc_inline').out['dst'],
                old.legacy('encrypt_message', source, [], ['OP'], 4, 0)['result']['outParams'][0]]
        for each in sent:
            read = there.call('decrypt_message', src={**each, 'dir': 0})
            assert self.planted.body.text in read.out['dst']['longmsg'], read.result['return']
        back = there.call('encrypt_message', src=self.mail('ben@example.org', 'ann@example.org'),
                          enc_format='PEP_enc_PEP').out['dst']
        for caller in (mine, unix):
            read = caller.call('decrypt_message', src={**back, 'dir': 0})
            assert read.out['dst']['shortmsg'] == self.planted.subject.text
            caller.call('mime_encode_message', msg=read.out['dst'], omit_fields=False)
        old.legacy('decrypt_message', {**back, 'dir': 0}, ['OP'], [], ['OP'], 0)
        # One byte of the encryption is another: nothing of it may come out.
        broken = json.loads(json.dumps(back))
        blob = max(broken['attachments'], key=lambda each: len(each['value']))
        text = bytearray(base64.b64decode(blob['value']))
        text[len(text) * 2 // 3] ^= 1
        blob['value'] = base64.b64encode(bytes(text)).decode()
        read = mine.call('decrypt_message', src={**broken, 'dir': 0})
        assert self.planted.body.text not in json.dumps(read.result)
        for caller in (mine, old, unix, there):
            caller.close()

    def passphrases(self):
        """Right, wrong, too long; a key made with one."""
        p = self.planted
        maker, reader = Caller(self, 'maker'), Caller(self, 'reader')
        maker.call('config_passphrase_for_new_keys', enable=True, passphrase=p.passphrase.text)
        me = {'address': 'locked@example.org', 'user_id': OWN, 'username': 'Locked'}
        assert maker.call('myself', identity=me).status == 0
        source = self.mail('locked@example.org', 'ben@example.org')
        assert reader.call('encrypt_message', src=source, enc_format=4).status == 0xa00
        reader.call('config_passphrase', passphrase=p.wrong_passphrase.text)
        assert reader.call('encrypt_message', src=source, enc_format=4).status == 0xa01
        reader.legacy('config_passphrase', p.passphrase.text)
        reader.call('config_passphrase', passphrase=p.passphrase.text)
        assert reader.call('encrypt_message', src=source, enc_format=4).status == 0
        reader.fails('config_passphrase', passphrase=p.long_passphrase.text * 40)
        reader.fails('config_passphrase', passphrase=[p.long_passphrase.text])
        maker.close()
        reader.close()

    def cache(self):
        caller = Caller(self, 'cache')
        text = ('From: ann@example.org\r\nTo: ben@example.org\r\nSubject: %s\r\nMIME-Version: 1.0\r\n'
                'Content-Type: text/plain\r\n\r\nHello %s\r\n' % (self.planted.subject.text, self.planted.cached.text))
        for _ in range(2):  # the second one is left behind and has to go by itself
            message = caller.call('cache_mime_decode_message', mimetext=text).out['msg']
            message.update({'dir': 1})
            message['from']['user_id'] = OWN
            sealed = caller.call('cache_encrypt_message', src=message, enc_format='PEP_enc_PEP')
            assert sealed.status == 0
        mime = caller.call('cache_mime_encode_message', which=1, msg=sealed.out['dst'], omit_fields=False)
        received = caller.call('cache_mime_decode_message', mimetext=mime.out['mimetext']).out['msg']
        read = caller.call('cache_decrypt_message', src={**received, 'dir': 0})
        assert self.planted.cached.text in read.out['dst']['longmsg']
        caller.close()

    def events(self):
        """A stream, a poll, a listener with its secret."""
        p = self.planted
        caller, bearer = Caller(self, 'events'), self.server.home.token()
        listener = enigmail.Listener(secret=p.context.text)
        registered = caller.legacy('registerEventListener', '127.0.0.1', listener.port, listener.secret)
        assert 'result' in registered, registered
        queue = caller.call('create_session').value
        link = socket.create_connection((bearer['address'], bearer['port']), timeout=60)
        link.sendall(('GET /events HTTP/1.1\r\nHost: %(address)s:%(port)d\r\nAuthorization: Bearer %(security_token)s'
                      '\r\n\r\n' % bearer).encode())
        with link, link.makefile('rb') as stream:
            while not stream.readline().startswith(b'retry'):
                pass
            caller.call('testMessageToSend', msg={'dir': 1, 'shortmsg': 'event', 'longmsg': p.event.text})
            while p.event.data not in stream.readline():
                pass
        assert p.event.text in json.dumps(caller.call('pollForEvents', session_id=queue, timeout_s=5).value)
        assert p.event.text in json.dumps(listener.received.get(timeout=20 * pep_server.SLOWDOWN))
        # Another secret for the same place is refused; so are places that are none.
        caller.legacy('registerEventListener', '127.0.0.1', listener.port, p.bad_value.text)
        caller.legacy('registerEventListener', p.bad_value.text, listener.port, p.context.text)
        caller.legacy('unregisterEventListener', '127.0.0.1', listener.port, listener.secret)
        listener.close()
        caller.call('close_session', session_id=queue)
        for number in range(12):  # the ring keeps the newest, so these push the planted one out
            caller.call('testMessageToSend', msg={'dir': 1, 'shortmsg': 'harmless %d' % number})
        caller.close()

    def page(self):
        caller = Caller(self, 'page')
        path = caller.call('create_page_file').value
        with open(path, encoding='utf-8') as file:
            code = re.search(r'url=[^"]+#([^"]+)"', file.read())[1]
        for body in ({'code': self.planted.bad_value.text}, {'code': code}):
            caller.client.post('/redeem', body)
        self.planted.keys.append(canary.Marker('page code', code))
        caller.close()

    def failures(self):
        """Refusals of every kind, with a secret inside what is refused."""
        p = self.planted
        caller = Caller(self, 'failures')
        bad = p.bad_value.text
        for method, params in (
                ('myself', {'identity': bad}), ('myself', {'identity': {'address': [bad], bad: bad}}),
                ('encrypt_message', {'src': {'shortmsg': [bad]}, 'enc_format': bad}), ('get_trustwords', {'lang': bad}),
                ('decrypt_message', {'src': {'dir': 0, 'attachments': [{'value': bad + '*'}]}}),
                ('import_key', {'key_data': bad + '!'}), ('renew_key', {'fpr': 5, 'ts': bad}),
                (p.method_name.text, {})):
            caller.fails(method, **params)
            caller.legacy(method, *params.values())
        cut_key = b'-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n' + bad.encode()
        caller.call('import_key', key_data=base64.b64encode(cut_key).decode())
        self.raw_failures()
        caller.close()

    def raw_failures(self):
        p, token = self.planted, self.server.home.token()
        ping = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': 'ping'})
        strange = json.dumps({**json.loads(ping), 'security_token': p.wrong_token.text})
        right = 'Authorization: Bearer %s\r\n' % token['security_token']
        wrong = 'Authorization: Bearer %s\r\n' % p.wrong_token.text
        old = json.dumps({'id': 1, 'jsonrpc': '2.0', 'method': 'version', 'params': [p.bad_value.text],
                          'security_token': p.wrong_token.text})
        cut = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': 'encrypt_message', 'params': {
            'src': {'shortmsg': p.broken_json.text, 'longmsg': p.broken_json.text + '\\u00e4' * 50}}})
        requests = [
            ('POST /rpc', wrong, ping), ('POST /rpc', '', strange), ('POST /rpc', '', '[%s]' % strange),
            ('POST /ja/0.1/callFunction', '', old), ('POST /rpc', right, p.broken_json.text),
            ('POST /rpc', right, cut[:-3]), ('POST /rpc', right, cut[:len(cut) // 2]),
            ('POST /ja/0.1/callFunction', '', cut[:-3]),
            ('POST /rpc', right + 'Origin: https://%s.example\r\n' % p.in_header.text, ping),
            ('POST /rpc', right + 'Host: %s\r\n' % p.in_header.text, ping),
            ('POST /%s' % p.in_header.text, right, ping), ('%s /rpc' % p.in_header.text, right, ping),
            ('GET /events', wrong, ''), ('GET /' + p.in_header.text, '', ''),
            ('POST /rpc', 'X-Long: %s\r\n' % (p.in_header.text * 600), ping),
            ('POST /rpc', '', json.dumps({'jsonrpc': '2.0', 'params': [p.oversized.text] * 40000})),
            ('GET /prove?nonce=%s' % p.in_header.text[:10], '', '')]
        for line, fields, body in requests:
            host = '' if 'Host:' in fields else 'Host: %(address)s:%(port)d\r\n' % token
            head = ('%s HTTP/1.1\r\n%s%sContent-Type: application/json\r\nContent-Length: %d\r\n'
                    'Connection: close\r\n\r\n' % (line, host, fields, len(body.encode())))
            self.errors.append(pep_server.raw_exchange(token, (head + body).encode()))
        # A client that goes in the middle of a body, and one in the middle of a header.
        for head in ('POST /rpc HTTP/1.1\r\nHost: %(address)s:%(port)d\r\n' % token + right +
                     'Content-Type: application/json\r\nContent-Length: 90000\r\n\r\n', 'POST /rpc HTTP/1.1\r\nX: '):
            with socket.create_connection((token['address'], token['port']), timeout=10) as link:
                link.sendall((head + p.abandoned.text * 200).encode())

    def command_line(self):
        """pep-rpc with a passphrase and a mail on its standard input, held open for whoever looks at processes."""
        if not RPC:
            return
        p = self.planted
        for words, text in ((['config_passphrase', 'passphrase=@-'], p.rpc_passphrase.text + '\n'),
                            (['mime_encode_message', '-'], json.dumps({
                                'msg': {'dir': 1, 'shortmsg': 'x', 'longmsg': p.rpc_body.text}, 'omit_fields': False})),
                            (['import_key', '-'], json.dumps({'key_data': p.rpc_body.text + '!'}))):
            with subprocess.Popen([RPC, '--home', self.server.home.path, *words], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env=self.server.home.environment()) as program:
                program.stdin.write(text.encode())
                program.stdin.flush()
                self.look_at(program.pid)
                _, said = program.communicate(timeout=60)
                self.errors.append(said)
