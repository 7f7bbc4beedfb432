#!/usr/bin/env python3
"""The types of the old dialect on the wire: messages, identities, statuses, numbers, texts, bytes, placeholders.

`testMessageToSend` with `pollForEvents` gives back a message as it was understood, so most rows say what goes in and
the exact text that comes out.
"""
import base64
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import legacy_door  # noqa: E402
import server_case  # noqa: E402
from legacy_door import OK, OP, result_text  # noqa: E402
from server_case import ServerCase  # noqa: E402

ME = {'address': 'ann@x.test', 'user_id': 'pEp_own_userId', 'username': 'Ann'}
BEN = {'address': 'ben@x.test', 'user_id': 'ben', 'username': 'Ben'}
BARE = '"comm_type":0,"me":false,"major_ver":0,"minor_ver":0,"flags":0}'


class TypesCase(ServerCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.door = legacy_door.LegacyDoor(self.home.token())
        self.addCleanup(self.door.close)

    def through(self, text):
        """The text a message comes back with."""
        self.door.result('pollForEvents', 'q', 0)
        answer = self.door.send(self.door.raw_request(
            '"id":7,"method":"testMessageToSend","params":[%s]}' % text)).masked
        self.assertEqual(answer, result_text(OK), text)
        polled = self.door.call('pollForEvents', 'q', 0)
        head, _, tail = polled.partition('"params":[')
        self.assertIn('"method":"messageToSend"', head)
        self.assertTrue(tail.endswith(']}]}}'), polled)
        return tail[:-len(']}]}}')]

    def assert_refused(self, method, params, path):
        answer = json.loads(self.door.call(method, *params))
        self.assertIn('error', answer, '%s %s' % (method, params))
        self.assertEqual((answer['error']['code'], answer['id']), (-32603, 7))
        self.assertEqual(answer['error']['data'].get('path'), path)


class Messages(TypesCase):
    # what goes in, what comes out (None: the same)
    ROWS = [
        ('{}', None),
        ('{"dir":0,"enc_format":0,"rating":{"rating":0}}', '{}'),
        ('{"rating":{}}', '{}'),
        ('{"dir":1}', None),
        ('{"enc_format":3}', None),
        ('{"rating":{"rating":-2}}', None),
        ('{"id":"","shortmsg":"","longmsg":"","longmsg_formatted":"","comments":""}', None),
        ('{"id":null,"shortmsg":null,"longmsg":null,"sent":null,"from":null,"to":null,"rating":null}', '{}'),
        ('{"sent":0,"recv":0}', None),
        ('{"sent":4102444800,"recv":1700000000}', None),
        ('{"to":[],"cc":[],"bcc":[],"reply_to":[],"in_reply_to":[],"references":[],"keywords":[]}', None),
        ('{"attachments":[],"opt_fields":[]}', '{}'),
        ('{"attachments":null,"opt_fields":null}', '{}'),
        ('{"opt_fields":[{"key":"X-A","value":"1"},{"key":"X-B","value":""}]}', None),
        ('{"keywords":["a","b"],"references":["<1@x>","<2@x>"],"in_reply_to":["<1@x>"]}',
         '{"in_reply_to":["<1@x>"],"references":["<1@x>","<2@x>"],"keywords":["a","b"]}'),
        ('{"from":{}}', '{}'),
        ('{"from":{"address":"a"}}', '{"from":{"address":"a",' + BARE + '}'),
        ('{"from":{"address":""}}', '{"from":{"address":"",' + BARE + '}'),
        ('{"from":{"address":"a","fpr":null,"username":null,"lang":null}}', '{"from":{"address":"a",' + BARE + '}'),
        ('{"to":[{"address":"a"},{"address":"b"}]}', '{"to":[{"address":"a",' + BARE + ',{"address":"b",' + BARE + ']}'),
        ('{"to":[null]}', '{"to":[]}'),
        ('{"to":[{}]}', '{"to":[]}'),
        ('{"to":[{"address":"a"},null,{"address":"b"}]}', '{"to":[{"address":"a",' + BARE + ']}'),
        ('{"from":{"lang":"english","address":"a"}}',
         '{"from":{"address":"a","comm_type":0,"lang":"en","me":false,"major_ver":0,"minor_ver":0,"flags":0}}'),
        ('{"from":{"lang":"e","address":"a"}}', '{"from":{"address":"a",' + BARE + '}'),
        ('{"from":{"flags":257,"minor_ver":1,"major_ver":2,"me":true,"lang":"de","comm_type":56,"username":"A",'
         '"user_id":"u","fpr":"AB","address":"a"}}',
         '{"from":{"address":"a","fpr":"AB","user_id":"u","username":"A","comm_type":56,"lang":"de","me":true,'
         '"major_ver":2,"minor_ver":1,"flags":257}}'),
        ('{"msgId":"x","from":{"struct_size":5,"address":"a","enc_format":4}}', '{"from":{"address":"a",' + BARE + '}'),
        ('{"rating":{"rating":6},"enc_format":4,"opt_fields":[{"value":"1","key":"k"}],"comments":"c","keywords":["k"],'
         '"references":["r"],"in_reply_to":["i"],"reply_to":[],"bcc":[],"cc":[],"recv_by":{"address":"r"},"to":[],'
         '"from":{"address":"f"},"recv":2,"sent":1,'
         '"attachments":[{"filename":"f","mime_type":"t/t","size":9,"value":"QQ=="}],'
         '"longmsg_formatted":"h","longmsg":"l","shortmsg":"s","id":"i","dir":1}',
         '{"dir":1,"id":"i","shortmsg":"s","longmsg":"l","longmsg_formatted":"h","attachments":[{"value":"QQ==","size":1,'
         '"mime_type":"t/t","filename":"f"}],"sent":1,"recv":2,"from":{"address":"f",' + BARE + ',"to":[],'
         '"recv_by":{"address":"r",' + BARE + ',"cc":[],"bcc":[],"reply_to":[],"in_reply_to":["i"],"references":["r"],'
         '"keywords":["k"],"comments":"c","opt_fields":[{"key":"k","value":"1"}],"enc_format":4,"rating":{"rating":6}}'),
    ]

    def test_come_back_in_the_order_of_the_original_without_what_is_zero(self):
        for sent, back in self.ROWS:
            with self.subTest(sent=sent):
                self.assertEqual(self.through(sent), back or sent)

    def test_members_of_wrong_type_are_named(self):
        for message, path in (
                ({'shortmsg': 5}, 'shortmsg'), ({'dir': 'x'}, 'dir'), ({'dir': 2}, 'dir'), ({'dir': -1}, 'dir'),
                ({'sent': '2020-01-01T00:00:00'}, 'sent'), ({'sent': 1.5}, 'sent'), ({'sent': 2**63}, 'sent'),
                ({'to': {}}, 'to'), ({'to': [5]}, 'to/0'), ({'to': [BEN, {'address': 5}]}, 'to/1/address'),
                ({'from': {'me': 1}}, 'from/me'), ({'from': {'comm_type': 999}}, 'from/comm_type'),
                ({'from': {'flags': -1}}, 'from/flags'), ({'from': {'flags': 2**32}}, 'from/flags'),
                ({'keywords': ['a', None]}, 'keywords/1'), ({'keywords': 'a'}, 'keywords'),
                ({'opt_fields': [{'key': 'a', 'value': 5}]}, 'opt_fields/0/value'),
                ({'opt_fields': ['a']}, 'opt_fields/0'), ({'enc_format': 99}, 'enc_format'),
                ({'rating': {'rating': 99}}, 'rating/rating'), ({'rating': {'rating': '6'}}, 'rating/rating'),
                ({'attachments': [{'value': 5}]}, 'attachments/0/value'), ({'longmsg': 'a\0b'}, 'longmsg')):
            with self.subTest(message=message):
                self.assert_refused('testMessageToSend', [message], '/params/0/' + path)

    def test_null_is_no_message(self):
        for nothing in ('null', '{}'):
            answer = self.door.send(self.door.raw_request(
                '"id":7,"method":"testMessageToSend","params":[%s]}' % nothing)).masked
            status = '{"status":-4,"hex":"-4 \\"PEP_ILLEGAL_VALUE\\""}' if nothing == 'null' else OK
            self.assertEqual(answer, result_text(status))
        self.assertEqual(
            self.door.call('mime_decode_message', '', 0, OP),
            result_text('{"status":-4,"hex":"-4 \\"PEP_ILLEGAL_VALUE\\""}', '[null]'))


class Bytes(TypesCase):
    def test_base64_is_read_as_widely_as_there_and_written_in_one_form(self):
        for sent, back in (
                ('SGFsbG8=', b'Hallo'), ('SGFsbG8', b'Hallo'), ('S G\tF\ns\f\rbG8=', b'Hallo'), ('QQ==QQ==', b'AA'),
                ('QQ==', b'A'), ('QQ', b'A'), ('QUI=', b'AB'), ('QUI', b'AB'), ('+/+/', b'\xfb\xff\xbf')):
            with self.subTest(sent=sent):
                message = json.loads(self.through(json.dumps({'attachments': [{'value': sent, 'size': 77}]})))
                self.assertEqual(message['attachments'][0], {'value': base64.b64encode(back).decode(), 'size': len(back)})

    def test_what_is_no_base64_is_refused(self):
        for sent in ('Q', 'QQ=', 'Q===', '-_-_', 'QQ=A', '=QQ=', 'Ä', 'QQ==Q', '\u00a0QQ=='):
            with self.subTest(sent=sent):
                self.assert_refused(
                    'testMessageToSend', [{'attachments': [{'value': sent}]}], '/params/0/attachments/0/value')

    def test_an_empty_value_is_left_out_and_the_size_is_not(self):
        for members in ('"mime_type":"a/b"', '"value":"","mime_type":"a/b"', '"value":null,"size":5,"mime_type":"a/b"'):
            back = self.through('{"attachments":[{%s}]}' % members)
            self.assertEqual(back, '{"attachments":[{"size":0,"mime_type":"a/b"}]}')

    def test_the_length_is_the_servers_to_know(self):
        for length in (0, 1, -5, 2**70, '17', None, OP, {}, 1.5, True):
            (private,), status = self.door.outcome('import_key', 'bm8ga2V5', length, OP)
            self.assertEqual((private, status), ([], -1))  # no OpenPGP data
            text = 'Subject: x\r\n\r\ny'
            (message,), status = self.door.outcome('mime_decode_message', text, length, OP)
            self.assertEqual((message['shortmsg'], message['longmsg'], status), ('x', 'y', 0))


class Scalars(TypesCase):
    def test_numbers_outside_their_range_are_refused(self):
        message = {'dir': 1, 'from': ME, 'to': [BEN]}
        for method, params, path in (
                ('encrypt_message', [message, [], OP, 4, -1], '/params/4'),
                ('encrypt_message', [message, [], OP, 4, 2**32], '/params/4'),
                ('encrypt_message', [message, [], OP, 4, 2**64], '/params/4'),
                ('encrypt_message', [message, [], OP, 4, 0.0], '/params/4'),
                ('encrypt_message', [message, [], OP, 4, '0'], '/params/4'),
                ('encrypt_message', [message, [], OP, 4, True], '/params/4'),
                ('encrypt_message', [message, [], OP, 2**31, 0], '/params/3'),
                ('encrypt_message', [message, [], OP, -1, 0], '/params/3'),
                ('set_identity_flags', [ME, -1], '/params/1'), ('set_identity_flags', [ME, 2**32], '/params/1'),
                ('config_cipher_suite', [99], '/params/0'), ('config_cipher_suite', [2**32], '/params/0'),
                ('config_passive_mode', [1], '/params/0'), ('config_passive_mode', ['true'], '/params/0'),
                ('config_passive_mode', [None], '/params/0'),
                ('trustwords', ['AB' * 20, 'en', OP, OP, 2**31], '/params/4'),
                ('key_expired', ['A' * 40, 2**63, OP], '/params/1'), ('renew_key', ['A' * 40, None], '/params/1'),
                ('renew_key', ['A' * 40, '2030-01-01'], '/params/1'),
                ('pollForEvents', ['q', -1], '/params/1'), ('pollForEvents', ['q', 2**32], '/params/1')):
            with self.subTest(method=method, params=params[-2:]):
                self.assert_refused(method, params, path)

    def test_texts_are_texts(self):
        for wrong in (None, 5, True, [], ['x'], {}, 'a\0'):
            with self.subTest(wrong=wrong):
                self.assert_refused('find_keys', [wrong, OP], '/params/0')

    def test_only_the_second_parameter_of_key_reset_user_may_be_null(self):
        self.door.result('myself', ME)
        self.door.result('update_identity', BEN)
        self.assertEqual(self.door.outcome('key_reset_user', 'ben', None), ([], 0x201))  # he has no key
        self.assert_refused('key_reset_user', [None, None], '/params/0')

    def test_a_language_is_two_letters_in_either_case(self):
        words = [self.door.outcome('trustwords', '0123456789ABCDEF' * 3, lang, OP, OP, 0) for lang in ('en', 'EN', 'eN')]
        self.assertEqual(words[0], words[1])
        self.assertEqual(words[0], words[2])
        (size, text), status = words[0]
        self.assertEqual((size, status), (len(text.encode()), 0))
        for wrong in ('', 'e', 'eng', 'english', 'ä9', '..', None, 5):
            with self.subTest(lang=wrong):
                self.assert_refused('trustwords', ['AB' * 20, wrong, OP, OP, 0], '/params/1')

    def test_languages_are_lines_of_quoted_fields(self):
        """As Enigmail takes them apart: lines, then at `","`."""
        (text,), status = self.door.outcome('get_languagelist', OP)
        self.assertEqual(status, 0)
        rows = [line.split('","') for line in text.split('\n') if line]
        self.assertTrue(all(len(row) == 3 for row in rows), text)
        self.assertEqual(sorted({'"en', '"de', '"fr'} - {row[0] for row in rows}), [])

    def test_ratings_are_objects(self):
        self.door.result('myself', ME)
        self.assertEqual(self.door.call('identity_rating', dict(ME, me=True), ['']), result_text(OK, '[{"rating":8}]'))
        message = {'dir': 1, 'from': ME, 'to': [BEN]}
        self.assertEqual(self.door.call('outgoing_message_rating', message, 'O'), result_text(OK, '[{"rating":3}]'))
        self.assertEqual(
            self.door.call('outgoing_message_rating_with_partner_info', message, OP, OP),
            result_text(OK, '[false,{"rating":3}]'))
        for rating in ({'rating': 6}, 6, 'PEP_rating_reliable', {}):  # two more spellings than the original knew
            answer = self.door.result('re_evaluate_message_rating', {'dir': 0, 'from': BEN}, [], rating, OP)
            self.assertEqual(len(answer['outParams']), 2)
        self.assert_refused('re_evaluate_message_rating', [{}, [], {'rating': 99}, OP], '/params/2/rating')
        self.assert_refused('re_evaluate_message_rating', [{}, [], 6.0, OP], '/params/2')


class Identities(TypesCase):
    def test_some_members_are_always_there(self):
        self.assertEqual(
            self.door.call('update_identity', BEN),
            result_text(OK, '[{"address":"ben@x.test","user_id":"ben","username":"Ben","comm_type":3,"me":false,'
                            '"major_ver":0,"minor_ver":0,"flags":0}]'))
        (me,), _ = self.door.outcome('myself', ME)
        self.assertEqual(' '.join(me), 'address fpr user_id username comm_type me major_ver minor_ver flags')
        self.assertEqual((me['comm_type'], me['me'], me['flags']), (255, True, 0))

    def test_null_and_the_empty_object_are_none(self):
        illegal = '{"status":-4,"hex":"-4 \\"PEP_ILLEGAL_VALUE\\""}'
        for nothing in (None, {}):
            self.assertEqual(self.door.call('update_identity', nothing), result_text(illegal, '[null]'))
            self.assertEqual(self.door.call('trust_personal_key', nothing), result_text(illegal))

    def test_a_list_of_them_is_an_array_even_if_there_are_none(self):
        self.assertEqual(self.door.call('own_identities_retrieve', OP), result_text(OK, '[[]]'))
        self.assertEqual(self.door.call('find_keys', 'nobody@x.test', OP), result_text(OK, '[[]]'))


class Placeholders(TypesCase):
    SEEN = [['OP'], 'O', 'OP', 'out', [''], '', None, 0, -1, True, {}, {'a': [1]}, ['a', 'b'], 1.5, 'ä' * 1000]

    def test_of_outputs_are_never_looked_at(self):
        expected = self.door.call('get_identity', 'nobody@x.test', 'nobody', OP)
        for placeholder in self.SEEN:
            with self.subTest(placeholder=placeholder):
                self.assertEqual(self.door.call('get_identity', 'nobody@x.test', 'nobody', placeholder), expected)

    def test_every_generation_may_decrypt(self):
        """Before 0.15.0 keys and flags were outputs only; their slots hold dummies of many kinds."""
        message = {'dir': 0, 'from': BEN, 'to': [ME], 'shortmsg': 's', 'longmsg': 'l', 'msgId': 'x'}
        new = self.door.result('decrypt_message', message, OP, None, OP, 0)
        self.assertEqual([type(value) for value in new['outParams']], [int, dict, list, type(None), dict])
        self.assertEqual(new['return'], {'status': 0x400, 'hex': '0x400 "PEP_UNENCRYPTED"'})
        for keys in (OP, 'O', '', [''], ['out'], {}, 0, []):
            for flags in (OP, 'O', '', None, {}, [0]):
                with self.subTest(keys=keys, flags=flags):
                    self.assertEqual(self.door.result('decrypt_message', message, OP, keys, OP, flags), new)
        self.assert_refused('decrypt_message', [message, OP, OP, OP, -1], '/params/4')
        self.assert_refused('decrypt_message', [message, OP, [5], OP, 0], '/params/2/0')
        self.assert_refused('decrypt_message', [message, OP, OP, OP], '/params')


if __name__ == '__main__':
    server_case.main()
