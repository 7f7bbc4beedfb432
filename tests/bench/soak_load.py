"""The actors of the soak: each does one kind of thing again and again, on connections of its own, and counts.

An actor knows what every reply must be; anything else is an error, with the actor's name and what came instead.
"""
import base64
import http.client
import json
import random
import threading
import time

import pep_server
import raw_door
from raw_door import LEGACY, Link, call_body, head, request

OK, IMPORTED = 0, 0x220
OUTGOING, INCOMING, PEP_FORMAT, RELIABLE = 1, 0, 4, 6
OP = ['OP']


class Unexpected(Exception):
    """A reply that is not what this request must get."""


def expect(is_right, what, *seen):
    if not is_right:
        raise Unexpected('%s: %s' % (what, ', '.join(repr(each)[:200] for each in seen)))


class Home:
    """One server, its user, and what is counted about it."""

    def __init__(self, name, server):
        self.name = name
        self.server = server
        self.me = {'address': name + '@soak.test', 'user_id': 'pEp_own_userId', 'username': name.title()}
        self.lock = threading.Lock()
        self.calls = 0
        self.errors = []
        self.times = {'version': [], 'encrypt': []}

    @property
    def token(self):
        return self.server.home.token()

    def count(self, calls=1):
        with self.lock:
            self.calls += calls

    def fail(self, text):
        with self.lock:
            self.errors.append(text)

    def took(self, what, seconds):
        with self.lock:
            self.times[what].append(seconds * 1000)

    def take_times(self):
        with self.lock:
            taken, self.times = self.times, {what: [] for what in self.times}
        return taken


class Caller:
    """A kept connection in both dialects."""

    def __init__(self, home):
        self.home = home
        self.client = pep_server.Client(home.token, timeout=120)

    def modern(self, method, params=None, **members):
        body = call_body(method, params, **members)
        status, _, answer = self.client.post('/rpc', body, self.client.bearer())
        self.home.count()
        answer = json.loads(answer)
        expect(status == 200 and 'result' in answer, method, status, answer.get('error'))
        return answer['result']

    def done(self, method, params=None, status=OK, **members):
        """-> outputs; the function's status must be that one"""
        result = self.modern(method, params, **members)
        expect(result['return']['status'] == status, method, result['return'])
        return result['out']

    def legacy(self, method, *params):
        """-> outParams, the first output first; the status must be 0"""
        answer = self.client.legacy(method, *params)
        self.home.count()
        expect(answer.get('result', {}).get('return', {}).get('status') == OK, method, answer.get('error', answer))
        return answer['result']['outParams'][::-1]

    def close(self):
        self.client.close()


class Actor(threading.Thread):
    """Calls `act` until the end, with pauses that the governor sets."""

    pause = 1.0  # seconds on average

    def __init__(self, soak, home, peer=None):
        super().__init__(daemon=True)
        self.soak = soak
        self.home = home
        self.peer = peer
        self.random = random.Random('%s-%s' % (type(self).__name__, home.name))
        self.turn = 0
        self.callers = {}

    def run(self):
        while not self.soak.ending.is_set():
            try:
                self.act()
            except (Unexpected, OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as problem:
                self.home.fail('%s: %s: %s' % (type(self).__name__, type(problem).__name__, str(problem)[:400]))
                self.leave()
            self.turn += 1
            self.soak.ending.wait(self.pause * self.soak.slowness * self.random.uniform(0.5, 1.5))
        self.leave()

    def to(self, home):
        """The kept connection to that home."""
        if home not in self.callers:
            self.callers[home] = Caller(home)
        return self.callers[home]

    @property
    def caller(self):
        return self.to(self.home)

    def leave(self):
        while self.callers:
            self.callers.popitem()[1].close()


class Probe(Actor):
    """Takes the times that are printed."""

    pause = 0.15

    def act(self):
        begin = time.perf_counter()
        self.caller.modern('version')
        self.home.took('version', time.perf_counter() - begin)
        if self.turn % 4 == 0:
            mail = {'dir': OUTGOING, 'from': self.home.me, 'to': [self.home.me], 'shortmsg': 's', 'longmsg': 'l' * 2000}
            begin = time.perf_counter()
            self.caller.done('encrypt_message', {'src': mail, 'enc_format': PEP_FORMAT})
            self.home.took('encrypt', time.perf_counter() - begin)


class Mails(Actor):
    """Writes to the other home, in turns of the dialects; every tenth mail has a big attachment."""

    pause = 0.3

    def act(self):
        text = 'Mail %d %s' % (self.turn, 'ä' * self.random.randrange(4000))
        size = self.random.randrange(500_000) if self.turn % 10 == 0 else self.random.randrange(2000)
        value = base64.b64encode(self.random.randbytes(size)).decode()
        mail = {'dir': OUTGOING, 'id': '<%d@soak.test>' % self.turn, 'from': self.home.me,
                'to': [{'address': self.peer.me['address'], 'user_id': self.peer.name, 'username': 'P'}],
                'shortmsg': 'Soak', 'longmsg': text,
                'attachments': [{'value': value, 'mime_type': 'application/octet-stream', 'filename': 'file://a.bin'}]}
        if self.turn % 2:
            sent = self.caller.legacy('encrypt_message', mail, [], OP, PEP_FORMAT, 0)[1]
        else:
            sent = self.caller.done('encrypt_message', {'src': mail, 'enc_format': PEP_FORMAT})['dst']
        expect(text not in json.dumps(sent), 'the mail went in the clear')
        sent = {**sent, 'dir': INCOMING}
        if self.turn % 3:
            out = self.to(self.peer).done('decrypt_message', {'src': sent, 'flags': 0})
            read, rating = out['dst'], out['rating']
        else:
            _, read, _, rating, _ = self.to(self.peer).legacy('decrypt_message', sent, OP, [], OP, 0)
        expect(read['longmsg'] == text, 'another text came')
        expect(any(each.get('value', '') == value for each in read['attachments']), 'another attachment came')
        expect((rating['rating'] if isinstance(rating, dict) else rating) >= RELIABLE, 'rating', rating)


class Texts(Actor):
    """Mail as text: parse, write, the message cache, sometimes left to its limit."""

    pause = 0.6

    def act(self):
        text = 'From: %(address)s\r\nTo: %(address)s\r\nSubject: cached\r\n\r\n' % self.home.me + 'line\r\n' * 300
        message = self.caller.done('mime_decode_message', {'mimetext': text})['msg']
        self.caller.done('mime_encode_message', {'msg': message, 'omit_fields': False})
        cached = {**self.cache(text), 'dir': OUTGOING, 'from': self.home.me, 'to': [self.home.me]}
        self.caller.done('cache_encrypt_message', {'src': cached, 'enc_format': PEP_FORMAT})
        sent = self.caller.done('cache_mime_encode_message', {'which': 1, 'msg': cached, 'omit_fields': False})
        received = self.cache(sent['mimetext'])
        out = self.caller.done('cache_decrypt_message', {'src': received, 'flags': 0})
        expect('line' in out['dst']['longmsg'], 'the cached text', out['dst']['longmsg'])
        if self.turn % 3:
            field = [f for f in received['opt_fields'] if f['key'] == 'X-pEp-Adapter-Cache-ID'][0]
            self.caller.modern('cache_release', {'cache_id': field['value']})

    def cache(self, text):
        return self.caller.done('cache_mime_decode_message', {'mimetext': text})['msg']


class Keys(Actor):
    """Exports and imports, makes keys and deletes them; few addresses, so that the store does not grow."""

    pause = 1.2

    def act(self):
        mine = self.caller.done('myself', {'identity': self.home.me})['identity']
        exported = self.caller.done('export_key', {'fpr': mine['fpr']})['key_data']
        data = base64.b64encode(exported.encode()).decode()
        self.to(self.peer).done('import_key', {'key_data': data}, status=IMPORTED)
        identity = {'address': 'churn%d@soak.test' % (self.turn % 4), 'user_id': 'pEp_own_userId', 'username': 'C'}
        made = self.caller.done('generate_keypair', {'identity': identity})['identity']['fpr']
        secret = self.caller.done('export_secret_key', {'fpr': made})['key_data']
        self.caller.done('delete_keypair', {'fpr': made})
        self.caller.done('import_key', {'key_data': base64.b64encode(secret.encode()).decode()}, status=IMPORTED)
        self.caller.done('delete_keypair', {'fpr': made})


class Identities(Actor):
    """Trustwords, ratings, partners."""

    pause = 0.3

    def act(self):
        mine = self.caller.done('myself', {'identity': self.home.me})['identity']
        partner = self.caller.done('update_identity', {'identity': {
            'address': 'p%d@soak.test' % (self.turn % 50), 'user_id': 'p%d' % (self.turn % 50), 'username': 'P'}})
        expect(partner['identity']['address'], 'the partner')
        words = self.caller.done('get_trustwords', {'id1': mine, 'id2': mine | {'address': 'x@y.test'}, 'lang': 'en',
                                                    'full': bool(self.turn % 2)})['words']
        expect(len(words.split()) >= 5, 'trustwords', words)
        self.caller.done('own_identities_retrieve')
        self.caller.done('identity_rating', {'ident': mine})


class Events(Actor):
    """Queues and streams that come and go, and what they are told."""

    pause = 0.8
    next_abandoned = 0.0

    def act(self):
        queue = self.caller.modern('create_session')['return']
        stream = Link(self.home.token, ('tcp', 'unix')[self.turn % 2], timeout=60)
        try:
            stream.send(head(self.home.token, None, path='/events', method='GET'))
            seen = b''
            while b'retry: ' not in seen:
                chunk = stream.socket.recv(65536)
                expect(chunk, 'the stream ended')
                seen += chunk
            mark = 'event %d' % self.turn
            message = {'dir': OUTGOING, 'shortmsg': mark, 'longmsg': 'e' * 200}
            for _ in range(4):
                self.caller.done('testMessageToSend', {'msg': message})
            while seen.count(mark.encode()) < 4:
                chunk = stream.socket.recv(65536)
                expect(chunk, 'the stream ended')
                seen += chunk
            events = self.caller.modern('pollForEvents', {'session_id': queue, 'timeout_s': 5})['return']
            expect(sum(mark in json.dumps(event) for event in events) == 4, 'events in the queue', len(events))
        finally:
            stream.close()
        if time.monotonic() < self.next_abandoned:
            self.caller.modern('close_session', {'session_id': queue})
        else:  # left alone in the midst of a poll; the idle ones of soak.BOUNDS never reach their limit
            self.next_abandoned = time.monotonic() + 1
            poller = Link(self.home.token)
            poller.send(request(self.home.token, 'pollForEvents', {'session_id': queue, 'timeout_s': 600}))
            time.sleep(0.05)
            poller.reset()


class Settings(Actor):
    """Clients by name that come, configure, and are forgotten."""

    pause = 0.7

    def act(self):
        name = 'client-%d' % self.turn
        self.caller.done('config_passphrase', {'passphrase': 'word %d' % self.turn}, client_id=name)
        self.caller.modern('config_passive_mode', {'enable': True}, client_id=name)
        self.caller.done('config_cipher_suite', {'suite': 0}, client_id=name)
        self.caller.done('myself', {'identity': self.home.me}, client_id=name)


class Visitors(Actor):
    """New connections at both doors, the public places, the old dialect."""

    pause = 0.25

    def act(self):
        token = self.home.token
        link = Link(token, ('tcp', 'unix')[self.turn % 3 == 0], timeout=60)
        try:
            for path in ('/prove?nonce=' + 'n' * 20, '/openrpc.json', '/pEp_functions.js', '/nothing/here'):
                link.send(head(token, None, path=path, method='GET', bearer=False))
                status = link.reply()[0]
                expect(status == (404 if 'nothing' in path else 200), path, status)
            body = call_body('version', [], security_token=token['security_token'])
            link.send(head(token, len(body), path=LEGACY, bearer=False) + body)
            status, _, answer = link.reply()
            expect(status == 200 and b'"return":"3.3' in answer, 'version', status, answer)
            self.home.count(5)
        finally:
            link.close()


class Intruders(Actor):
    """Wrong tokens and requests that are none; each has its answer."""

    pause = 0.3

    def rows(self):
        token = self.home.token
        wrong = 'x' * 43
        old = call_body('myself', [self.home.me], security_token=wrong)
        right = token['security_token']
        no_json = b'{"jsonrpc":"2.0","method":'
        bad = call_body('myself', {'identity': 5})
        unknown = call_body('no_such_function')
        yield 401, b'-32001', head(token, 2, bearer=wrong) + b'{}'
        yield 401, b'-32001', head(token, len(unknown), bearer=False) + unknown
        yield 200, b'-32600', head(token, len(old), path=LEGACY, bearer=False) + old
        yield 200, b'-32700', head(token, len(no_json)) + no_json
        yield 200, b'-32602', head(token, len(bad)) + bad
        yield 200, b'-32601', head(token, len(unknown)) + unknown
        yield 413, b'-32003', head(token, 1 << 32)
        yield 400, b'', head(token, 5, 'Transfer-Encoding: chunked')
        yield 403, b'-32002', head(token, 2, 'Origin: https://evil.test') + b'{}'
        yield 431, b'', head(token, 2, 'X-Long: ' + 'a' * 20_000)
        yield 400, b'', self.random.randbytes(200).replace(b'\n', b'x') + right[:4].encode() + b'\r\n\r\n'

    def act(self):
        rows = list(self.rows())
        status, code, data = rows[self.turn % len(rows)]
        link = Link(self.home.token, ('tcp', 'unix')[self.turn % 2], timeout=60)
        try:
            link.send(data)
            seen, _, answer = link.reply()
            expect(seen == status and code in answer, 'the answer to row %d' % (self.turn % len(rows)), seen, answer)
            self.home.count()
        finally:
            link.close()


class Leavers(Actor):
    """Go in the midst of a call, a request, or an answer."""

    pause = 0.6

    def act(self):
        token = self.home.token
        value = base64.b64encode(bytes(400_000)).decode()
        mail = {'dir': OUTGOING, 'from': self.home.me, 'to': [self.home.me], 'shortmsg': 's', 'longmsg': 'l',
                'attachments': [{'value': value, 'filename': 'file://a'}]}
        encrypt = request(token, 'encrypt_message', {'src': mail, 'enc_format': PEP_FORMAT})
        page = head(token, None, path='/openrpc.json', method='GET', bearer=False)
        data = (encrypt, encrypt[:len(encrypt) // 2], page * 20, encrypt[:40], request(
            token, 'myself', {'identity': self.home.me}))[self.turn % 5]
        link = Link(token, ('tcp', 'unix')[self.turn % 2], timeout=60)
        link.send(data)
        time.sleep(self.random.uniform(0, 0.03))
        if self.turn % 3 == 0:
            try:
                link.half_close()
            except OSError:
                pass
        (link.reset if self.turn % 2 else link.close)()
        self.home.count()


ACTORS = (Probe, Mails, Texts, Keys, Identities, Events, Settings, Visitors, Intruders, Leavers)
