"""The clients of the crash test: they change everything that can be changed until their server dies.

Known is what the server acknowledged. A fact is pending while its call is under way: then the old and the new
value are both right, and after a kill the database says which one it is.
"""
import base64
import http.client
import json
import os
import sqlite3
import threading
import time

import pep_server

OWN_USER = 'pEp_own_userId'
NOTHING = {'trust': 'known', 'name': None, 'aside': False}  # what it means that there is no row
READER = 'reader@example.org'
KEY_IMPORTED = 0x220
CONFIRMED = 0x80  # PEP_comm_type
PARTNERS, OWN_ADDRESSES = 6, 4


def own_identity(address):
    return {'address': address, 'user_id': OWN_USER, 'username': 'Own', 'me': True}


def encoded(text):
    return base64.b64encode(text.encode()).decode()


class Pool:
    """Keys and mails of others, made in another home before the first kill."""

    def __init__(self, client):
        self.keys = [self.key_of(client, 'pool%d@example.net' % i) for i in range(24)]
        self.partners = [self.key_of(client, 'partner%d@example.net' % i) for i in range(PARTNERS)]
        self.reader = self.key_of(client, READER)
        client.call('set_comm_partner_key', {'identity': {
            'address': READER, 'user_id': 'reader', 'username': 'R'}, 'fpr': self.reader[0]})
        self.mails = [self.mail_from(client, 'sender%d@example.net' % i) for i in range(8)]

    @staticmethod
    def key_of(client, address):
        """-> (fingerprint, public part, with secret part)"""
        made = client.call('generate_keypair', {'identity': {'address': address, 'username': 'P'}})
        fpr = made.out['identity']['fpr']
        return (fpr, client.call('export_key', {'fpr': fpr}).out['key_data'],
                client.call('export_secret_key', {'fpr': fpr}).out['key_data'])

    def mail_from(self, client, address):
        """-> (fingerprint of the key it brings, the mail)"""
        me = {'address': address, 'user_id': OWN_USER, 'username': 'Sender'}
        fpr = client.call('myself', {'identity': me}).out['identity']['fpr']
        sent = client.call('encrypt_message', {'enc_format': 4, 'src': {
            'dir': 1, 'from': me, 'to': [{'address': READER, 'user_id': 'reader', 'username': 'R'}],
            'shortmsg': 'subject', 'longmsg': 'text of ' + address}})
        assert sent.status == 0, sent.result
        return fpr, {**sent.out['dst'], 'dir': 0}


class Known:
    def __init__(self):
        self.lock = threading.Lock()
        self.public = set()      # fingerprints imported or made
        self.secret = set()      # with secret part; never to be lost
        self.locked = set()      # those of them that have a passphrase
        self.revoked = set()
        self.renewed = {}        # fingerprint: expires not before
        self.own = {}            # address: fingerprint at least once in use
        self.pending_reset = set()  # own addresses whose reset was under way at the kill
        self.facts = {}          # ('trust', 'name' or 'aside', of whom): value
        self.pending = {}        # the same: (new, old, steps between)
        self.acknowledged = {}   # method: how often

    def add_secret(self, fpr):
        with self.lock:
            self.public.add(fpr)
            self.secret.add(fpr)

    def begin(self, fact, value, *between):
        with self.lock:
            right = self.pending.get(fact) or (self.facts.get(fact),)
            self.pending[fact] = (value, *right, *between)

    def end(self, fact):
        with self.lock:
            self.facts[fact] = self.pending.pop(fact)[0]


def prepare(client, pool, known):
    """What clients need in a new home: a key of one's own that mails are for, and the partners' keys."""
    fpr, _, secret = pool.reader
    client.call('import_key', {'key_data': encoded(secret)})
    client.call('set_own_key', {'me': {'address': READER, 'user_id': OWN_USER, 'username': 'Own'}, 'fpr': fpr})
    known.add_secret(fpr)
    for _, public, _ in pool.partners:
        client.call('import_key', {'key_data': encoded(public)})


class Worker:
    """One client. Each has identities, partners and keys of its own, so that the order of what was
    acknowledged is known."""

    def __init__(self, token, known, pool, chance, index, count):
        self.addresses = ['own%d@example.org' % i for i in range(OWN_ADDRESSES) if i % count == index]
        self.partners = [i for i in range(PARTNERS) if i % count == index]
        self.is_mine = lambda fpr: int(fpr, 16) % count == index
        self.client = pep_server.Client(token, timeout=10)
        self.known = known
        self.pool = pool
        self.chance = chance
        self.mistrusted = None  # what undo_last_mistrust takes back: (partner, its trust before)
        self.failures = []

    def run(self):
        work = [self.import_keys, self.generate, self.reset, self.renew, self.myself, self.partner_key, self.trust,
                self.mistrust, self.undo, self.reset_trust, self.name, self.aside, self.encrypt, self.decrypt,
                self.passphrase, self.events, self.cache]
        try:
            while True:
                self.chance.choice(work)()
        except (OSError, http.client.HTTPException):
            pass  # killed
        except pep_server.Refused as refused:
            self.failures.append(str(refused))
        finally:
            self.client.close()

    def call(self, method, params, *good, legacy=None):
        """-> the outputs, if the status is a good one. `legacy`: parameters for the old dialect, which is then
        taken every other time, and has its outputs as a list."""
        if legacy is not None and self.chance.random() < 0.5:
            answer = self.client.legacy(method, *legacy)
            if 'result' not in answer:
                raise pep_server.Refused(method, 200, answer['error'])
            status, out = answer['result']['return']['status'], answer['result']['outParams']
        else:
            reply = self.client.call(method, params)
            status, out = reply.status, reply.out
        if status not in (good or (0,)):
            self.failures.append('unexpected status %#x of %s' % (status, method))
            return None
        with self.known.lock:
            self.known.acknowledged[method] = self.known.acknowledged.get(method, 0) + 1
        return out

    def import_keys(self):
        fpr, public, secret = self.chance.choice(self.pool.keys)
        with_secret = self.chance.random() < 0.3
        data = encoded(secret if with_secret else public)
        if self.call('import_key', {'key_data': data}, KEY_IMPORTED, legacy=[data, 0, ['OP']]) is not None:
            if with_secret:
                self.known.add_secret(fpr)
            with self.known.lock:
                self.known.public.add(fpr)

    def generate(self):
        name = 'g%d@example.org' % self.chance.randrange(10 ** 9)
        if out := self.call('generate_keypair', {'identity': {'address': name, 'username': 'G'}}):
            self.known.add_secret(out['identity']['fpr'])

    def myself(self):
        me = own_identity(self.chance.choice(self.addresses))
        if out := self.call('myself', {'identity': me}, legacy=[me]):
            fpr = (out[0] if isinstance(out, list) else out['identity'])['fpr']
            self.known.add_secret(fpr)
            with self.known.lock:
                self.known.own[me['address']] = fpr

    def reset(self):
        address = self.chance.choice(self.addresses)
        with self.known.lock:
            old = self.known.own.get(address)
            if old is None:
                return
            self.known.pending_reset.add(address)  # until the answer, old and new are both right
        if self.call('key_reset_identity', {'ident': own_identity(address), 'fpr': old}) is not None:
            with self.known.lock:
                self.known.revoked.add(old)
                del self.known.own[address]
                self.known.pending_reset.discard(address)

    def renew(self):
        known = self.known
        with known.lock:
            candidates = sorted(filter(self.is_mine, known.secret - known.revoked - known.locked))
        if not candidates:
            return
        fpr = self.chance.choice(candidates)
        when = int(time.time()) + self.chance.randrange(400, 4000) * 86400
        with known.lock:
            known.renewed.pop(fpr, None)  # either date is right until the answer
        if self.call('renew_key', {'fpr': fpr, 'ts': when}) is not None:
            with known.lock:
                known.renewed[fpr] = when

    def one_partner(self):
        """-> its identity and the fact of its trust"""
        number = self.chance.choice(self.partners)
        user = 'user%d' % number
        return {'address': 'partner%d@example.net' % number, 'user_id': user, 'username': 'P',
                'fpr': self.pool.partners[number][0]}, ('trust', user)

    def partner_key(self):
        partner, fact = self.one_partner()
        if self.known.facts.get(fact) is None and fact not in self.known.pending:
            self.known.begin(fact, 'known')
            if self.call('set_comm_partner_key', {'identity': partner, 'fpr': partner['fpr']}) is not None:
                self.known.end(fact)

    def change_trust(self, method, old, new):
        partner, fact = self.one_partner()
        before = self.known.facts.get(fact)
        if before not in old:
            return
        self.known.begin(fact, new)
        if self.call(method, {'ident': partner}, legacy=[partner]) is not None:
            self.known.end(fact)
            self.mistrusted = (fact, before) if new == 'mistrusted' else None

    def trust(self):
        self.change_trust('trust_personal_key', ('known', 'confirmed'), 'confirmed')

    def mistrust(self):
        self.change_trust('key_mistrusted', ('known', 'confirmed'), 'mistrusted')

    def reset_trust(self):
        self.change_trust('key_reset_trust', ('confirmed', 'mistrusted'), 'known')

    def undo(self):
        """Right behind a mistrust, on the same connection: all is as it was before that."""
        self.mistrust()
        if self.mistrusted:
            fact, before = self.mistrusted
            self.mistrusted = None
            self.known.begin(fact, before, 'known')  # reset first, then confirmed again
            answer = self.client.legacy('undo_last_mistrust')
            if answer['result']['return']['status'] == 0:
                self.known.end(fact)
            else:
                self.failures.append('undo_last_mistrust: %s' % answer)

    def name(self):
        number = self.chance.choice(self.partners)
        identity = {'address': 'named%d@example.net' % number, 'user_id': 'named%d' % number,
                    'username': 'name %d' % self.chance.randrange(10 ** 6), 'flags': self.chance.choice((1, 2, 3))}
        fact = ('name', identity['user_id'])
        self.known.begin(fact, (identity['username'], identity['flags']))
        if self.call('set_identity', {'identity': identity}, legacy=[identity]) is not None:
            self.known.end(fact)

    def aside(self):
        fpr = self.pool.keys[self.chance.choice(self.partners)][0]
        add = self.chance.random() < 0.6
        fact = ('aside', fpr)
        self.known.begin(fact, add)
        answer = self.client.legacy('blacklist_add' if add else 'blacklist_delete', fpr)
        if answer['result']['return']['status'] == 0:
            self.known.end(fact)
        else:
            self.failures.append('blacklist: %s' % answer)

    def encrypt(self):
        partner, _ = self.one_partner()
        partner.pop('fpr')
        me = {'address': READER, 'user_id': OWN_USER, 'username': 'Own'}
        message = {'dir': 1, 'from': me, 'to': [partner], 'shortmsg': 's', 'longmsg': 't'}
        self.call('encrypt_message', {'src': message, 'enc_format': 4}, 0, 0x400, legacy=[message, [], ['OP'], 4, 0])

    def decrypt(self):
        """A mail that brings a key: it is stored before the text is shown."""
        fpr, mail = self.chance.choice(self.pool.mails)
        out = self.call('decrypt_message', {'src': mail}, 0, 0x402, 0x403, legacy=[mail, ['OP'], [], ['OP'], 0])
        if out is not None:
            assert 'text of sender' in json.dumps(out)
            with self.known.lock:
                self.known.public.add(fpr)

    def passphrase(self):
        """Another client, which protects the keys it makes."""
        request = {'jsonrpc': '2.0', 'id': 1, 'client_id': 'locker'}
        name = 'l%d@example.org' % self.chance.randrange(10 ** 9)
        for method, params in (
                ('config_passphrase', {'passphrase': 'first'}),
                ('config_passphrase_for_new_keys', {'enable': True, 'passphrase': 'second'}),
                ('config_unencrypted_subject', {'enable': True}),
                ('generate_keypair', {'identity': {'address': name, 'username': 'L'}})):
            body = self.client.post('/rpc', {**request, 'method': method, 'params': params}, self.client.bearer())[2]
            result = json.loads(body)['result']
        if result['return']['status'] == 0:
            fpr = result['out']['identity']['fpr']
            with self.known.lock:
                self.known.locked.add(fpr)
            self.known.add_secret(fpr)

    def events(self):
        queue = self.client.call('create_session').value
        self.client.call('testMessageToSend', {'msg': {'dir': 1, 'shortmsg': 'x'}})
        if not self.client.call('pollForEvents', {'session_id': queue, 'timeout_s': 0}).value:
            self.failures.append('an event is missing')

    def cache(self):
        text = 'From: %s\r\nTo: partner0@example.net\r\nSubject: s\r\n\r\n%s\r\n' % (READER, 'text ' * 300)
        message = self.call('cache_mime_decode_message', {'mimetext': text})['msg']
        self.call('cache_mime_encode_message', {'which': 0, 'msg': message, 'omit_fields': False})


class Checks:
    """For a ServerCase: is everything in the database that was acknowledged?"""

    def examine_file(self):
        """-> {fingerprint: has a secret part}, {own address: fingerprint}, {replaced keys}, facts"""
        link = sqlite3.connect(os.path.join(self.home.path, 'engine.sqlite3'), timeout=10)
        try:
            self.assertEqual(link.execute('PRAGMA integrity_check').fetchall(), [('ok',)])
            self.assertEqual(link.execute('PRAGMA foreign_key_check').fetchall(), [])
            keys = dict(link.execute('SELECT fpr, secret_key IS NOT NULL FROM openpgp_key'))
            own = dict(link.execute('SELECT address, main_key_id FROM identity WHERE is_own = 1'))
            replaced = {row[0] for row in link.execute('SELECT revoked_fpr FROM revoked_key')}
            facts = {('name', user): (name, flags) for user, name, flags in link.execute(
                "SELECT id, p.username, flags FROM person p JOIN identity ON id = user_id WHERE id LIKE 'named%'")}
            facts.update({('aside', fpr): True for fpr, in link.execute('SELECT fpr FROM blacklisted_key')})
            rejected = {row[0] for row in link.execute('SELECT fpr FROM mistrusted_key')}
            for user, fpr, comm_type in link.execute(
                    "SELECT user_id, fpr, comm_type FROM trust WHERE user_id LIKE 'user%'"):
                facts[('trust', user)] = ('mistrusted' if fpr in rejected else
                                          'confirmed' if comm_type & CONFIRMED else 'known')
            return keys, own, replaced, facts
        finally:
            link.close()

    def check(self, known):
        keys, own, replaced, facts = self.examine_file()
        self.assertEqual(known.public - set(keys), set(), 'acknowledged keys are gone')
        self.assertEqual({fpr for fpr in known.secret if not keys.get(fpr)}, set(),
                         'secret keys are gone')
        self.assertEqual(known.revoked - replaced, set(), 'an acknowledged reset is gone')
        for address, fpr in known.own.items():
            if address in known.pending_reset:  # done completely, or not at all
                self.assertTrue(own[address] == fpr or fpr in replaced, address)
                self.assertTrue(keys.get(own[address]), address)
            else:
                self.assertEqual(own[address], fpr)
        for fact in {*known.facts, *known.pending}:
            right = known.pending.get(fact) or (known.facts[fact],)
            self.assertIn(facts.get(fact) or NOTHING[fact[0]], [each or NOTHING[fact[0]] for each in right], fact)

    def settle(self, known):
        """After a kill during a change: what is it now?"""
        _, own, replaced, facts = self.examine_file()
        for address in known.pending_reset:
            former = known.own.pop(address, None)
            if former in replaced:
                known.revoked.add(former)
            if own.get(address):
                known.own[address] = own[address]
                known.add_secret(own[address])
        known.pending_reset.clear()
        for fact in known.pending:
            known.facts[fact] = facts.get(fact) or NOTHING[fact[0]]
        known.pending.clear()
