#!/usr/bin/env python3
"""What a client configures: whose it is, which connections it reaches, how long it is kept; what a connection leaves.

Passive mode is the setting that shows: a mail in the clear then goes without the own key.
"""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import legacy_door  # noqa: E402
import pep_server  # noqa: E402
import server_case  # noqa: E402
from legacy_door import OP  # noqa: E402
from server_case import ServerCase  # noqa: E402

SLOW = pep_server.SLOWDOWN
ANN = {'address': 'ann@x.test', 'user_id': 'pEp_own_userId', 'username': 'Ann'}
MAIL = {'dir': 1, 'from': ANN, 'to': [{'address': 'eva@x.test', 'user_id': 'eva', 'username': 'Eva'}],
        'shortmsg': 's', 'longmsg': 'l'}
VOID = {'outParams': [], 'return': None}


class Connection(legacy_door.LegacyDoor):
    """One connection in the old dialect that always names the same client, or none."""

    def __init__(self, token, client_id):
        super().__init__(token)
        self.client_id = client_id

    def call(self, method, *params, **members):
        return super().call(method, *params, **{'client_id': self.client_id, **members})

    def error(self, method, *params):
        return json.loads(self.call(method, *params)).get('error', {}).get('code')

    def is_passive(self):
        """Makes the engine's session if there is none."""
        src = self.outcome('encrypt_message', MAIL, [], OP, 4, 0)[0][1]
        return 'attachments' not in src


class SessionsCase(ServerCase):
    options = ()

    def setUp(self):
        super().setUp()
        self.server = self.serve('--check-replies', *self.options)
        self.connect('maker').result('myself', ANN)

    def connect(self, client_id=None):
        connection = Connection(self.home.token(), client_id)
        self.addCleanup(connection.close)
        return connection

    def status(self):
        client = self.server.client()
        try:
            return client.call('status').value
        finally:
            client.close()


class Settings(SessionsCase):
    def test_hold_on_all_connections_of_the_client_open_or_new(self):
        one, also_one, other = self.connect('one'), self.connect('one'), self.connect('other')
        for connection in (one, also_one, other):
            self.assertFalse(connection.is_passive())
        self.assertEqual(one.result('config_passive_mode', True), VOID)
        self.assertTrue(one.is_passive())
        self.assertTrue(also_one.is_passive(), 'it was open before')
        self.assertTrue(self.connect('one').is_passive(), 'it is new')
        self.assertFalse(other.is_passive())
        self.assertFalse(self.connect('another').is_passive())
        self.assertFalse(self.connect().is_passive())
        also_one.result('config_passive_mode', False)
        self.assertFalse(one.is_passive())

    def test_may_come_before_the_first_call_of_the_engine(self):
        one = self.connect('one')
        one.result('config_passive_mode', True)
        self.assertTrue(one.is_passive())
        self.assertFalse(self.connect('two').is_passive())

    def test_all_who_give_no_name_are_one_client(self):
        self.connect().result('config_passive_mode', True)
        self.assertTrue(self.connect().is_passive())
        self.assertTrue(self.connect('').is_passive())
        self.assertTrue(self.connect(7).is_passive(), 'what is no text is no name')
        self.assertFalse(self.connect('named').is_passive())

    def test_follow_the_name_when_a_connection_changes_it(self):
        connection = self.connect('one')
        connection.result('config_passive_mode', True)
        for name, passive in (('one', True), ('two', False), ('one', True), (None, False)):
            connection.client_id = name
            self.assertEqual(connection.is_passive(), passive, name)

    def test_both_dialects_share_them(self):
        client = self.server.client()
        self.addCleanup(client.close)
        request = {'jsonrpc': '2.0', 'id': 1, 'method': 'config_passive_mode', 'params': [True], 'client_id': 'one'}
        self.assertEqual(client.post('/rpc', request, client.bearer())[0], 200)
        self.assertTrue(self.connect('one').is_passive())
        self.assertFalse(self.connect('two').is_passive())

    def test_the_last_value_counts_and_each_setting_is_its_own(self):
        one = self.connect('one')
        for value in (True, False, True):
            one.result('config_passive_mode', value)
        for method, params in (('config_unencrypted_subject', [False]), ('config_service_log', [True]),
                               ('config_cipher_suite', [1]), ('config_passphrase', ['x']),
                               ('config_passphrase_for_new_keys', [False, ''])):
            self.assertEqual(one.result(method, *params), VOID)
        self.assertTrue(self.connect('one').is_passive())

    def test_a_cipher_suite_is_for_new_keys_of_the_client(self):
        self.connect('strong').result('config_cipher_suite', 5)  # RSA, 2048 bits
        sizes = {}
        for name, address in (('strong', 'rsa@x.test'), ('plain', 'curve@x.test')):
            connection = self.connect(name)
            (me,) = connection.result('myself', dict(ANN, address=address))['outParams']
            sizes[name] = connection.outcome('export_key', me['fpr'], OP, OP)[0][0]
        self.assertGreater(sizes['strong'], 1.5 * sizes['plain'])

    def test_a_wrong_call_changes_nothing(self):
        """The original stored the value before it counted the parameters, and read beyond an empty array."""
        one = self.connect('one')
        wrong = [
            ('config_passive_mode', []), ('config_passive_mode', [True, True]), ('config_passive_mode', [1]),
            ('config_passive_mode', [None]), ('config_passive_mode', ['true']), ('config_unencrypted_subject', []),
            ('config_unencrypted_subject', [True, None]), ('config_service_log', []),
            ('config_service_log', [True] * 50),
            ('config_cipher_suite', []), ('config_cipher_suite', [1, 1]), ('config_cipher_suite', [99]),
            ('config_cipher_suite', [True]), ('config_passphrase', []), ('config_passphrase', [None]),
            ('config_passphrase', ['a', 'b']), ('config_passphrase', ['x' * 1001]),
            ('config_passphrase_for_new_keys', []), ('config_passphrase_for_new_keys', [True]),
            ('config_passphrase_for_new_keys', ['x', True]), ('config_passphrase_for_new_keys', [True, 'a', 'b']),
        ]
        before = self.status()['clients_with_settings']
        for method, params in wrong:
            with self.subTest(method=method, count=len(params)):
                self.assertEqual(one.error(method, *params), -32603)
        self.assertEqual(self.status()['clients_with_settings'], before)
        self.assertFalse(one.is_passive())
        self.assertFalse(self.connect('one').is_passive())
        (me,) = one.result('myself', dict(ANN, address='new@x.test'))['outParams']
        self.assertEqual(len(me['fpr']), 40, 'no passphrase is wanted for new keys')


class Forgetting(SessionsCase):
    options = ('--client-timeout', '2')

    def test_a_silent_client_is_forgotten_but_not_on_its_open_connections(self):
        one, busy = self.connect('one'), self.connect('busy')
        one.result('config_passive_mode', True)
        busy.result('config_passive_mode', True)
        self.assertTrue(one.is_passive())
        end = time.monotonic() + 3.5
        while time.monotonic() < end:
            self.assertTrue(busy.is_passive(), 'each of its calls counts')
            time.sleep(0.1)
        self.assertFalse(self.connect('one').is_passive())
        self.assertTrue(one.is_passive(), 'as README.md has it')
        self.assertTrue(self.connect('busy').is_passive())


class Leaving(SessionsCase):
    def descriptors(self):
        return len(os.listdir('/proc/%d/fd' % self.server.process.pid))

    def test_a_connection_that_ends_leaves_nothing(self):
        self.connect('one').is_passive()
        time.sleep(0.2)
        open_before, files_before = self.status()['connections']['open'], self.descriptors()
        for _ in range(3):
            connections = [self.connect('c%d' % n) for n in range(20)]
            for connection in connections:
                connection.result('find_keys', 'ann@x.test', OP)  # an engine session each
            self.assertGreaterEqual(self.status()['connections']['open'], open_before + 20)
            for connection in connections:
                connection.close()
            pep_server.wait_for(
                lambda: self.status()['connections']['open'] <= open_before, 20 * SLOW, 'the connections to be gone')
        pep_server.wait_for(lambda: self.descriptors() <= files_before + 2, 20 * SLOW, 'the files to be closed')

    def test_the_queue_of_a_connection_goes_with_it(self):
        before = self.status()['events']['sessions']
        connection = self.connect('one')
        connection.result('pollForEvents', 0)  # the form of 2020-05
        self.assertEqual(self.status()['events']['sessions'], before + 1)
        connection.close()
        pep_server.wait_for(
            lambda: self.status()['events']['sessions'] == before, 20 * SLOW, 'the queue to go')

    def test_named_queues_outlive_connections_until_they_are_closed(self):
        before = self.status()['events']['sessions']
        connection = self.connect('one')
        name = connection.result('create_session')['return']
        connection.close()
        other = self.connect('two')
        other.result('testMessageToSend', {'shortmsg': 'x'})
        (event,) = other.result('pollForEvents', name, 0)['return']
        self.assertEqual(event['params'], [{'shortmsg': 'x'}])
        self.assertEqual(self.status()['events']['sessions'], before + 1)
        for _ in range(2):
            self.assertEqual(other.result('close_session', name), VOID)
        self.assertEqual(self.status()['events']['sessions'], before)

    def test_names_of_queues_are_never_the_same(self):
        door = self.connect()
        names = [door.result('create_session')['return'] for _ in range(50)]
        self.assertEqual(len(set(names)), 50)
        for name in names:
            self.assertRegex(name, '^[0-9A-Za-z]{6}_[0-9A-Za-z]{6}$')
            door.result('close_session', name)


if __name__ == '__main__':
    server_case.main()
