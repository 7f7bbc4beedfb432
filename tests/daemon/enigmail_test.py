#!/usr/bin/env python3
"""Enigmail's sequence call by call, with its parameters, its listener for events and its ways out when server or token
are no more those it knew; and the test tools of the original."""
import http.client
import json
import os
import queue
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from enigmail import OWN_USER, SLOW, Enigmail, Listener  # noqa: E402
from server_case import SERVER, ServerCase  # noqa: E402

OP = ['OP']


def utf16_units(text):
    return len(text.encode('utf-16-le')) // 2


class Sequence(ServerCase):
    def setUp(self):
        super().setUp()
        self.homes = [self.home]
        self.ann = self.mail_program(self.home)

    def mail_program(self, home):
        home.path = os.path.join(home.root, '.pEp')  # where a server without arguments lives
        program = Enigmail(home)
        self.addCleanup(self.end_all_of, home)
        self.addCleanup(program.close)
        return program

    def end_all_of(self, home):
        try:
            self.end_daemon(home.token()['pid'])
        except (OSError, ValueError, KeyError):
            pass

    def two(self):
        other = pep_server.Home()
        self.addCleanup(other.remove)
        ben = self.mail_program(other)
        self.ann.start_up(('ann@x.test', 'Ann'))
        ben.start_up(('ben@y.test', 'Ben'))
        return self.ann, ben

    def mime(self, sender, recipient, subject):
        return ('From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <1@%s>\r\nMIME-Version: 1.0\r\n'
                'Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße 🚲\r\n'
                % (sender, recipient, subject, sender))

    def encrypt(self, program, text):
        result = program.call('MIME_encrypt_message', text, utf16_units(text), [], OP, 4, 0)
        return result['return']['status'], result['outParams'][0]

    def decrypt(self, program, text):
        """As it reads the answer: by index, in the shape of six parameters."""
        out = program.call('MIME_decrypt_message', text, utf16_units(text), OP, OP, OP, OP)['outParams']
        return {'flags': out[0], 'rating': out[1]['rating'], 'fprs': out[2], 'text': out[3]}

    def test_the_program_is_recognised_and_can_be_waited_for(self):
        self.assertGreaterEqual(self.ann.version, (0, 14, 0))
        lines = self.ann.run('--version').stdout.split('\n')
        self.assertTrue(lines[0].startswith('pEp JSON'), lines)
        self.assertRegex(lines[1], r'^\tversion \d+\.\d+\.\d+')
        self.assertRegex(lines[2], r'^\tpEpEngine version ')
        self.assertRegex(lines[3], r'^\tpEp protocol version ')
        self.assertEqual(self.ann.starts, 0)
        self.ann.start_server()
        self.assertEqual(self.ann.call('apiVersion')['return'], 3)

    def test_start_up_in_its_order(self):
        version, environment = self.ann.start_up(('ann@x.test', 'Ann'), ('ann@work.test', 'Ann at work'))
        self.assertEqual(self.ann.starts, 1, 'there was no token file: the server was started once')
        self.assertEqual((version['major'], version['minor']), (3, 3))
        self.assertEqual(sorted(environment), ['gnupg_home', 'gnupg_path', 'gpg_agent_info'])
        (identities,) = self.ann.succeed('own_identities_retrieve', OP)
        self.assertEqual(sorted(i['address'] for i in identities), ['ann@work.test', 'ann@x.test'])
        self.assertEqual({i['user_id'] for i in identities}, {OWN_USER})

    def test_mails_there_and_back_and_trust(self):
        ann, ben = self.two()
        status, first = self.encrypt(ann, self.mime('ann@x.test', 'ben@y.test', 'Fahrrad'))
        self.assertEqual(status, 0x400)
        seen = self.decrypt(ben, first)
        self.assertEqual((seen['rating'], seen['fprs'], seen['flags']), (3, [], 0))
        status, second = self.encrypt(ben, self.mime('ben@y.test', 'ann@x.test', 'Antwort'))
        self.assertEqual(status, 0)
        seen = self.decrypt(ann, second)
        self.assertEqual(seen['rating'], 6)
        self.assertIn('Subject: Antwort', seen['text'])

        partner = ann.succeed('update_identity', {'address': 'ben@y.test', 'user_id': 'ben', 'username': 'Ben'})[0]
        me = ann.succeed('own_identities_retrieve', OP)[0][0]
        self.assertEqual(seen['fprs'][0], partner['fpr'])
        self.assertEqual(ann.succeed('identity_rating', {'address': 'ben@y.test'}, [''])[0]['rating'], 6)
        words = ann.succeed('get_trustwords', me, partner, 'EN', OP, OP, True)[1]
        theirs = ben.succeed('update_identity', {'address': 'ann@x.test', 'user_id': 'ann', 'username': 'Ann'})[0]
        mine = ben.succeed('own_identities_retrieve', OP)[0][0]
        self.assertEqual(ben.succeed('get_trustwords', mine, theirs, 'EN', OP, OP, True)[1], words)
        self.assertGreater(len(words.split()), 5)

        without_comm_type = {k: v for k, v in partner.items() if k != 'comm_type'}
        message = {'id': '', 'dir': 1, 'longmsg': '', 'from': me, 'to': [{'address': 'ben@y.test'}]}
        for method, rating in (('trust_personal_key', 8), ('key_reset_trust', None), ('key_mistrusted', None)):
            self.assertEqual(ann.call(method, without_comm_type)['return']['status'], 0, method)
            if rating:
                self.assertEqual(ann.succeed('outgoing_message_rating', message, 'O')[0]['rating'], rating)

    def test_messages_as_objects(self):
        ann, ben = self.two()
        src = {'dir': 1, 'id': '2@x.test', 'shortmsg': 'Entwurf', 'from': {'address': 'ann@x.test', 'user_id': OWN_USER},
               'to': [{'address': 'ann@x.test', 'user_id': OWN_USER}]}
        dst = ann.succeed('encrypt_message', src, [], OP, 4, 0)[0]
        self.assertEqual(dst['shortmsg'], 'p≡p')
        opened = ann.succeed('decrypt_message', dict(dst, dir=0, msgId='x'), OP, OP, OP, OP)
        self.assertEqual((opened[1]['rating'], opened[3]['shortmsg']), (8, 'Entwurf'))
        stranger = ben.call('decrypt_message', dict(dst, dir=0, msgId='x'), OP, OP, OP, OP)
        self.assertEqual((stranger['return']['status'], stranger['outParams'][1]['rating']), (0x405, 2))

    def test_the_rest_of_its_calls(self):
        self.ann.start_up(('ann@x.test', 'Ann'))
        fpr = self.ann.succeed('own_identities_retrieve', OP)[0][0]['fpr']
        (languages,) = self.ann.succeed('get_languagelist', OP)
        codes = [line.split('","')[0] for line in languages.split('\n') if line]
        self.assertIn('"de', codes)
        self.assertEqual(self.ann.succeed('blacklist_retrieve', 'O')[0], [])
        self.ann.succeed('blacklist_add', fpr)
        self.assertEqual(self.ann.succeed('blacklist_retrieve', 'O')[0], [fpr])
        self.ann.succeed('blacklist_delete', fpr)
        for passive in (True, False):
            self.assertEqual(self.ann.call('config_passive_mode', passive), {'outParams': [], 'return': None})
        for method in ('stopKeyserverLookup', 'stopKeySync'):
            self.assertEqual(self.ann.call(method), {'outParams': [], 'return': None})
        with self.assertRaises(pep_server.Refused) as refused:  # there is no sync between devices yet
            self.ann.call('deliverHandshakeResult', {'address': 'ann@x.test', 'user_id': OWN_USER}, 0)
        self.assertEqual(refused.exception.code, -32601)

    def test_events_reach_its_listener(self):
        self.ann.start_up(('ann@x.test', 'Ann'))
        for number in range(3):
            self.ann.succeed('testMessageToSend', {'dir': 1, 'shortmsg': 'Grüße %d' % number})
        for number in range(3):
            request = self.ann.listener.received.get(timeout=20 * SLOW)
            self.assertEqual(list(request), ['jsonrpc', 'id', 'security_token', 'method', 'params'])
            self.assertEqual((request['jsonrpc'], request['method']), ('2.0', 'messageToSend'))
            self.assertGreaterEqual(request['id'], 2001)
            self.assertEqual(request['params'], [{'dir': 1, 'shortmsg': 'Grüße %d' % number}])
        self.ann.call('unregisterEventListener', '127.0.0.1', self.ann.listener.port, self.ann.listener.secret)
        self.ann.succeed('testMessageToSend', {'shortmsg': 'nobody hears'})
        with self.assertRaises(queue.Empty):
            self.ann.listener.received.get(timeout=1)

    def test_a_new_token_is_found_and_the_listener_registered_again(self):
        self.ann.start_up(('ann@x.test', 'Ann'))
        before = self.home.token()
        self.ann.connection.close()  # by the client first, so that the port is free at once; it opens another one
        self.end_daemon(before['pid'])
        again = self.ann.run('--start-port', str(before['port']))
        self.assertEqual(again.returncode, 0, again.stderr)
        now = self.home.token()
        self.assertEqual(now['port'], before['port'], 'the old address leads to the new server')
        self.assertNotEqual(now['security_token'], before['security_token'])
        (identities,) = self.ann.succeed('own_identities_retrieve', OP)
        self.assertEqual([i['address'] for i in identities], ['ann@x.test'])
        self.assertEqual(self.ann.starts, 1, 'it did not have to start the server')
        self.ann.succeed('testMessageToSend', {'shortmsg': 'again'})
        self.assertEqual(self.ann.listener.received.get(timeout=20 * SLOW)['params'], [{'shortmsg': 'again'}])

    def test_a_server_that_is_gone_is_started_once(self):
        self.ann.start_up(('ann@x.test', 'Ann'))
        self.end_daemon(self.home.token()['pid'])
        (identities,) = self.ann.succeed('own_identities_retrieve', OP)
        self.assertEqual(len(identities), 1)
        self.assertEqual(self.ann.starts, 2)

    def test_its_end(self):
        self.ann.start_up(('ann@x.test', 'Ann'))
        pid = self.home.token()['pid']
        self.ann.call('unregisterEventListener', '127.0.0.1', self.ann.listener.port, self.ann.listener.secret)
        self.assertEqual(self.ann.call('shutdown'), {'outParams': [], 'return': None})
        pep_server.wait_for(lambda: not pep_server.is_running(pid), 10 * SLOW, 'the end of the server')
        self.assertFalse(os.path.exists(self.home.token_file))


class Registration(ServerCase):
    """What registerEventListener takes, and that events wait for a listener that is not there yet."""

    def setUp(self):
        super().setUp()
        self.server = self.serve('--log-level', 'trace')
        self.client = self.server.client(timeout=60)
        self.addCleanup(self.client.close)

    def listener(self, *arguments):
        listener = Listener(*arguments)
        self.addCleanup(listener.close)
        return listener

    def register(self, address, port, secret, method='registerEventListener'):
        answer = self.client.legacy(method, address, port, secret)
        return answer['error']['code'] if 'error' in answer else answer['result']

    def announce(self, subject):
        self.assertEqual(self.client.call('testMessageToSend', [{'shortmsg': subject}]).status, 0)

    def test_only_who_knows_the_secret_changes_it(self):
        void = {'outParams': [], 'return': None}
        listener = self.listener()
        place = ('127.0.0.1', listener.port)
        for _ in range(2):
            self.assertEqual(self.register(*place, listener.secret), void)
        self.assertEqual(self.register(*place, 'another'), -32002)
        self.assertEqual(self.register(*place, 'another', 'unregisterEventListener'), -32603)
        self.announce('once')
        self.assertEqual(listener.received.get(timeout=20 * SLOW)['params'], [{'shortmsg': 'once'}])
        self.assertEqual(self.register(*place, listener.secret, 'unregisterEventListener'), void)
        self.assertEqual(self.register(*place, listener.secret, 'unregisterEventListener'), -32603)
        self.assertTrue(listener.received.empty(), 'a repeated registration is one')
        self.assertEqual(self.client.call('status').value['events']['listeners'], 0)
        self.assertNotIn(listener.secret, self.server.log_text())

    def test_events_go_to_this_machine_only(self):
        for address in ('192.0.2.1', '0.0.0.0', 'example.org', '', '::', '127.0.0.1.example.org', '10.0.0.1'):
            self.assertEqual(self.register(address, 15900, 'x'), -32603, address)
        for port in (0, 65536, -1, 2**32, '15900', None, 1.5):
            self.assertEqual(self.register('127.0.0.1', port, 'x'), -32603, port)
        self.assertEqual(self.register('127.0.0.1', 15900, None), -32603)
        self.assertEqual(self.register('127.0.0.1', 15900, 'x' * 10_000), -32603)
        self.assertEqual(self.client.call('status').value['events']['listeners'], 0)

    def test_events_wait_for_a_listener_that_comes_later(self):
        first = Listener()
        port, secret = first.port, first.secret
        first.close()
        self.register('127.0.0.1', port, secret)
        for number in range(3):
            self.announce('waits %d' % number)
        listener = self.listener(port, port, secret)
        for number in range(3):
            self.assertEqual(
                listener.received.get(timeout=60 * SLOW)['params'], [{'shortmsg': 'waits %d' % number}])

    def test_a_listener_that_says_nothing_delays_nobody(self):
        with socket.socket() as silent:
            silent.bind(('127.0.0.1', 0))
            silent.listen(5)
            self.register('127.0.0.1', silent.getsockname()[1], 'x')
            listener = self.listener()
            self.register('127.0.0.1', listener.port, listener.secret)
            self.announce('for both')
            self.assertEqual(listener.received.get(timeout=20 * SLOW)['params'], [{'shortmsg': 'for both'}])
            self.assert_answers()
            status, took = self.server.stop()
            self.assertEqual(status, 0)
            self.assertLess(took, 2 * SLOW)


class PythonTools(ServerCase):
    """The original project's own test tools."""

    def start(self):
        log = os.path.join(self.home.root, 'tool.log')
        process = subprocess.Popen(
            [SERVER, '-d', '1', '-l', log], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=self.home.environment())
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdin.close)
        self.home.path = os.path.join(self.home.root, '.pEp')
        # They look for the file every 125 ms, ten times.
        for _ in range(int(10 * SLOW)):
            if os.path.exists(self.home.token_file):
                return process, log
            time.sleep(0.125)
        self.fail('no token file in time')

    def test_find_the_file_and_call(self):
        process, log = self.start()
        data = self.home.token()
        url = 'http://%s:%d%s' % (data.get('address', '127.0.0.1'), data.get('port', 0), data.get('path', '/ja/0.1/'))
        connection = http.client.HTTPConnection(url.split('/')[2], timeout=60)
        self.addCleanup(connection.close)
        identity = {'address': 'ann@x.test', 'user_id': OWN_USER, 'username': 'Ann'}
        for method, params in (('myself', [identity]), ('no', [])):
            body = json.dumps({'jsonrpc': '2.0', 'id': 1001, 'security_token': data['security_token'],
                               'method': method, 'params': params})
            connection.request('POST', data['path'] + 'callFunction', body)
            response = connection.getresponse()
            self.assertEqual(response.status, 200)
            self.assertIn(json.loads(response.read())['id'], (1001, -1))
        self.assertGreater(os.path.getsize(log), 0)
        self.assertIsNone(process.poll())

    def test_a_q_on_standard_input_does_not_end_this_server(self):
        """README.md, decisions: the original read it; here Ctrl-C, SIGTERM and `shutdown` end a server."""
        process, _ = self.start()
        process.stdin.write(b'q\n')
        process.stdin.close()
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        self.assert_answers()
        process.terminate()
        self.assertEqual(process.wait(20), 0)


if __name__ == '__main__':
    server_case.main()
