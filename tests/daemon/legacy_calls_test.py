#!/usr/bin/env python3
"""Every function of the original, called as its clients called it: what is there, which shape and status comes back.

The calls are one script on a fresh home; a value with a dollar sign is what an earlier row kept, an object with
the member `$` one with some members changed.
"""
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import legacy_door  # noqa: E402
import legacy_inventory  # noqa: E402
import pep_server  # noqa: E402
import server_case  # noqa: E402
from legacy_door import OP  # noqa: E402
from legacy_inventory import BRANCHES, FORMER, NEWEST, OWN, SYNC, signatures  # noqa: E402
from server_case import ServerCase  # noqa: E402

OFFERED = {s.name: s for s in signatures(NEWEST) + signatures(FORMER) + signatures(OWN) if s.name not in SYNC}

OK = '0 "PEP_STATUS_OK"'
ILLEGAL = '-4 "PEP_ILLEGAL_VALUE"'
NOT_FOUND = '0x201 "PEP_KEY_NOT_FOUND"'
NO_IDENTITY = '0x301 "PEP_CANNOT_FIND_IDENTITY"'
IMPORTED = '0x220 "PEP_KEY_IMPORTED"'
CLEAR = '0x400 "PEP_UNENCRYPTED"'
UNKNOWN = '-1 "PEP_UNKNOWN_ERROR"'

ANN = {'address': 'ann@x.test', 'user_id': 'pEp_own_userId', 'username': 'Ann'}
TWO = {'address': 'ann2@x.test', 'user_id': 'pEp_own_userId', 'username': 'Ann'}
BEN = {'address': 'ben@x.test', 'user_id': 'ben', 'username': 'Ben'}
BEN_KEY = dict(BEN, fpr='$ben')
EVA = {'address': 'eva@x.test', 'user_id': 'eva', 'username': 'Eva'}
NONE = '0123456789ABCDEF0123456789ABCDEF01234567'
TO_BEN = {'dir': 1, 'id': '<1@x.test>', 'from': ANN, 'to': [BEN], 'shortmsg': 'Hi', 'longmsg': 'Text'}
TO_EVA = dict(TO_BEN, to=[EVA])
FROM_EVA = {'dir': 0, 'id': '<2@x.test>', 'from': EVA, 'to': [ANN], 'shortmsg': 'Hi', 'longmsg': 'Text'}
TEXT = 'From: ann@x.test\r\nTo: ben@x.test\r\nSubject: Hi\r\nMessage-ID: <3@x.test>\r\n\r\nText\r\n'
CACHE_ID = [{'key': 'X-pEp-Adapter-Cache-ID', 'value': 'none'}]

# name, params, outcome: status in its `hex` form, or else the return value (a type, or what it is);
# keep: {name: index in outParams, or path into it}
SCRIPT = [
    ('version', [], str), ('serverVersion', [], dict), ('fullVersion', [], dict), ('apiVersion', [], 3),
    ('apiVversion', [], 3), ('get_engine_version', [], str),
    ('getGpgEnvironment', [], {'gnupg_path': None, 'gnupg_home': None, 'gpg_agent_info': None}),
    ('get_gpg_path', [OP], OK), ('ping', [], 'pong'), ('status', [], dict),
    ('startKeyserverLookup', [], None), ('stopKeyserverLookup', [], None), ('startKeySync', [], None),
    ('stopKeySync', [], None),
    ('get_languagelist', [OP], OK),
    # nobody is known yet
    ('own_identities_retrieve', [OP], OK), ('own_key_retrieve', [OP], OK), ('find_keys', ['ann@x.test', OP], OK),
    ('own_key_is_listed', [NONE, OP], OK), ('get_identity', ['ann@x.test', 'pEp_own_userId', OP], NO_IDENTITY),
    ('key_reset_all_own_keys', [], NO_IDENTITY),
    ('OpenPGP_list_keyinfo', ['', OP], OK),
    # the own identity
    ('myself', [ANN], OK, {'fpr': '0/fpr'}), ('myself', [{}], ILLEGAL), ('myself', [dict(ANN, address='')], ILLEGAL),
    ('get_identity', ['ann@x.test', 'pEp_own_userId', OP], OK), ('own_identities_retrieve', ['OP'], OK),
    ('own_key_retrieve', ['O'], OK), ('own_key_is_listed', ['$fpr', None], OK), ('find_keys', ['$fpr', 'out'], OK),
    ('OpenPGP_list_keyinfo', ['ann@x.test', OP], OK),
    ('identity_rating', [dict(ANN, me=True), ['']], OK), ('identity_color', [dict(ANN, me=True), OP], OK),
    ('get_key_rating', ['$fpr', OP], OK), ('least_trust', ['$fpr', OP], OK), ('get_trust', [dict(ANN, fpr='$fpr')], OK),
    ('trust_own_key', [dict(ANN, fpr='$fpr')], OK), ('set_own_key', [ANN, '$fpr'], OK),
    ('set_own_key', [ANN, NONE], '0x206 "PEP_KEY_UNSUITABLE"'),
    ('key_expired', ['$fpr', 1700000000, OP], OK), ('key_expired', ['$fpr', 4102444800, OP], OK),
    ('renew_key', ['$fpr', 4102444800], OK), ('set_identity_flags', [ANN, 1], OK),
    ('unset_identity_flags', [ANN, 1], OK),
    ('export_key', ['$fpr', OP, OP], OK, {'armored': 1}), ('export_secret_key', ['$fpr', OP, OP], OK),
    ('export_key', [NONE, OP, OP], NOT_FOUND), ('export_secret_key', [NONE, OP, OP], NOT_FOUND),
    ('generate_keypair', [{'address': 'new@x.test', 'username': 'New'}], OK, {'spare': '0/fpr'}),
    ('generate_keypair', [dict(ANN, fpr='$fpr')], ILLEGAL), ('generate_keypair', [{}], ILLEGAL),
    ('revoke', ['$spare', 'test'], OK), ('delete_keypair', ['$spare'], OK), ('delete_keypair', [NONE], NOT_FOUND),
    # partners
    ('update_identity', [BEN], OK), ('update_dentity', [BEN], OK), ('update_identity', [ANN], ILLEGAL),
    ('is_pEp_user', [BEN, OP], OK), ('is_pep_user', [BEN, OP], OK),
    ('set_identity', [EVA], OK), ('get_identity', ['eva@x.test', 'eva', OP], OK), ('identity_rating', [EVA, OP], OK),
    ('outgoing_message_rating', [TO_EVA, 'O'], OK), ('outgoing_message_rating_preview', [TO_EVA, OP], OK),
    ('outgoing_message_color', [TO_EVA, 'O'], OK), ('outgoing_message_rating_with_partner_info', [TO_EVA, OP, OP], OK),
    ('outgoing_message_rating_with_subject_info', [TO_EVA, OP, OP], OK), ('outgoing_message_rating', [{}, 'O'], ILLEGAL),
    ('encrypt_message', [TO_EVA, [], OP, 4, 0], CLEAR), ('encrypt_message', [TO_BEN, None, OP, 3, 0], CLEAR),
    ('import_key', ['$ben_key', 0, OP], IMPORTED), ('import_key', ['bm9uZQ==', 4, OP], UNKNOWN),
    ('import_key_with_fpr_return', ['$ben_key', 0, OP, OP, OP, OP], IMPORTED),
    ('import_extrakey_with_fpr_return', ['$ben_key', 0, OP, OP, OP], IMPORTED),
    ('set_comm_partner_key', [BEN, '$ben'], OK), ('update_identity', [BEN], OK), ('identity_rating', [BEN, OP], OK),
    ('get_trust', [BEN_KEY], OK), ('least_trust', ['$ben', OP], OK), ('get_key_rating', ['$ben', OP], OK),
    ('get_key_rating', [NONE, OP], NOT_FOUND), ('get_key_rating_for_user', ['ben', '$ben', OP], OK),
    ('get_key_rating_for_user', ['ben', NONE, OP], NO_IDENTITY),
    ('get_trustwords', [dict(ANN, fpr='$fpr'), BEN_KEY, 'EN', OP, OP, False], OK),
    ('get_trustwords', [dict(ANN, fpr='$fpr'), BEN_KEY, 'de', OP, OP, True], OK),
    ('get_trustwords', [ANN, EVA, 'en', OP, OP, True], ILLEGAL),
    ('trustwords', ['$fpr', 'en', OP, OP, 5], OK), ('trustwords', ['ABCD', 'en', OP, OP, 0], OK),
    ('trustwords', ['$fpr', 'xx', OP, OP, 0], '0x501 "PEP_TRUSTWORD_NOT_FOUND"'),
    ('get_phrase', ['en', 1000, OP], OK), ('get_phrase', ['en', 5, OP], '0x701 "PEP_PHRASE_NOT_FOUND"'),
    ('trust_personal_key', [BEN_KEY], OK), ('key_reset_trust', [BEN_KEY], OK), ('trust_personal_key', [EVA], ILLEGAL),
    ('set_comm_partner_key', [BEN, '$ben'], OK),  # key_reset_trust took it away
    ('blacklist_add', ['$ben'], OK), ('blacklist_is_listed', ['$ben', OP], OK), ('blacklist_retrieve', ['O'], OK),
    ('blacklist_delete', ['$ben'], OK), ('blacklist_is_listed', ['$ben', OP], OK),
    # messages
    ('outgoing_message_rating', [TO_BEN, OP], OK),
    ('encrypt_message', [TO_BEN, [], OP, 4, 0], OK), ('encrypt_message', [TO_BEN, ['$fpr'], OP, 3, 0], OK, {'sent': 0}),
    ('encrypt_message', [TO_BEN, [NONE], OP, 4, 0], OK), ('encrypt_message', [TO_BEN, [], OP, 0, 0], CLEAR),
    ('encrypt_message', [None, [], OP, 4, 0], ILLEGAL),
    ('encrypt_message_for_self', [ANN, TO_BEN, None, OP, 4, 0], OK, {'draft': 0}),
    ('encrypt_message_and_add_priv_key', [dict(TO_BEN, to=[ANN]), OP, '$fpr', 4, 0], OK),
    ('encrypt_message_and_add_priv_key', [TO_BEN, OP, '$ben', 4, 0], ILLEGAL),
    ('decrypt_message', ['$draft', OP, None, OP, 0], OK, {'opened': 3}),
    ('decrypt_message', ['$draft', OP, OP, OP, OP], OK), ('decrypt_message', [FROM_EVA, OP, OP, OP, OP], CLEAR),
    ('decrypt_message', [None, OP, OP, OP, OP], ILLEGAL),
    ('re_evaluate_message_rating', ['$opened', ['$fpr', '$fpr'], {'rating': 6}, OP], OK),
    ('mime_encode_message', [TO_BEN, False, OP], OK), ('mime_encode_message', ['$sent', True, OP], OK),
    ('mime_decode_message', [TEXT, 99, OP], OK),
    ('MIME_encrypt_message', [TEXT, 80, [], OP, 4, 0], OK), ('MIME_encrypt_message', [TEXT, 80, None, OP, 3, 0], OK),
    ('MIME_encrypt_message_for_self', [ANN, TEXT, 80, [], OP, 4, 0], OK, {'draft_text': 0}),
    ('MIME_decrypt_message', ['$draft_text', 0, OP, None, OP, 0, OP], OK),
    ('MIME_encrypt_message_ex', [TEXT, 80, [], True, OP, 4, 0], OK),
    ('MIME_decrypt_message_ex', ['$draft_text', 0, False, OP, OP, OP, OP], OK),
    ('encrypt_and_sign', [['$fpr', '$ben'], 'Text', 4, OP, OP], OK),
    ('encrypt_and_sign', [[NONE], 'Text', 4, OP, OP], NOT_FOUND),
    # the cache
    ('cache_mime_decode_message', [TEXT, 0, OP], OK, {'cached': 0}),
    ('cache_encrypt_message', [{'$': 'cached', 'dir': 1, 'from': ANN}, [], OP, 4, 0], OK),
    ('cache_mime_encode_message', [1, '$cached', False, OP], OK),
    ('cache_mime_decode_message', [TEXT, 0, OP], OK, {'cached': 0}),
    ('cache_encrypt_message_for_self', [ANN, {'$': 'cached', 'dir': 1, 'from': ANN}, None, OP, 4, 0], OK),
    ('cache_mime_encode_message', [0, '$cached', True, OP], OK),
    ('cache_mime_decode_message', ['$draft_text', 0, OP], OK, {'cached': 0}),
    ('cache_decrypt_message', ['$cached', OP, OP, OP, 0], OK),
    ('cache_mime_encode_message', [2, '$cached', False, OP], ILLEGAL),
    ('cache_release', ['none'], OK), ('cache_decrypt_message', [FROM_EVA, OP, OP, OP, 0], ILLEGAL),
    # signatures
    ('signature_for_text', ['VGV4dA==', 4, OP, OP], OK, {'signature': 1}),
    ('verify_signature', ['VGV4dA==', 4, '$signature', 0], '0x401 "PEP_VERIFIED"'),
    ('verify_signature', ['b3RoZXI=', 5, '$signature', 0], '0x406 "PEP_DECRYPT_SIGNATURE_DOES_NOT_MATCH"'),
    # configuration
    ('config_passive_mode', [False], None), ('config_unencrypted_subject', [False], None),
    ('config_service_log', [True], None),
    ('config_cipher_suite', [0], None), ('config_passphrase', ['geheim'], None),
    ('config_autocrypt_header', [False], None),
    ('config_passphrase_for_new_keys', [False, ''], None),
    ('log_event', ['title', 'entity', 'text', 'text'], OK),
    # events and sessions
    ('create_session', [], str), ('pollForEvents', ['q', 0], []), ('pollForEvents2', ['q', 0], []),
    ('testMessageToSend', [TO_BEN], OK), ('testMessageToSend', [None], ILLEGAL), ('pollForEvents', ['q', 0], list),
    ('pollForEvents', [0], []), ('close_session', ['q'], None), ('registerSession', [], str, {'handle': 'return'}),
    ('releaseSession', ['$handle'], None),
    # what cannot be undone comes last
    ('undo_last_mistrust', [], NO_IDENTITY), ('key_mistrusted', [BEN_KEY], OK), ('undo_last_mistrust', [], OK),
    ('undo_last_mitrust', [], NO_IDENTITY), ('mark_as_comprimized', ['$ben'], OK), ('own_key_add', ['$fpr'], OK),
    ('own_key_add', [NONE], NOT_FOUND),
    ('key_reset_user', ['ben', '$ben'], OK), ('key_reset_user', ['ben', None], NOT_FOUND),
    ('myself', [TWO], OK, {'two': '0/fpr'}),
    ('key_reset_identity', [dict(TWO, fpr='$two'), '$two'], OK), ('key_reset_all_own_keys', [], OK),
]

OLDER_SHAPES = [('pollForEvents', 1), ('MIME_decrypt_message', 6), ('MIME_encrypt_message_for_self', 6),
                ('import_key_with_fpr_return', 5)]

RIGHT_TYPE = {
    'Message': (dict, type(None)), 'Identity': (dict, type(None)), 'IdentityList': (list,), 'StringList': (list,),
    'StringPairList': (list,), 'PEP_rating': (dict,), 'PEP_comm_type': (int,), 'Integer': (int,), 'Bool': (bool,),
    'String': (str, type(None)),
}


class FunctionTable(ServerCase):
    def test_is_javascript_with_the_globals_of_the_original(self):
        node = shutil.which('node') or self.skipTest('node is not installed')
        self.serve()
        door = legacy_door.LegacyDoor(self.home.token())
        self.addCleanup(door.close)
        answer = door.send(None, 'GET', '/pEp_functions.js')
        self.assertEqual((answer.status, answer.field('Content-Type')), (200, ['text/javascript']))
        names = ['Direction', 'Type', 'server_version_name', 'server_version', 'add_sharks', 'pEp_functions']
        self.assertEqual(re.findall(r'^var (\w+) =', answer.text, re.MULTILINE), names)
        seen = json.loads(subprocess.run(
            [node, '-'], input=answer.text + ';console.log(JSON.stringify([%s]))' % ','.join(names),
            capture_output=True, text=True, timeout=60, check=True).stdout)
        self.assertEqual(seen[:2], [
            {'In': 1, 'Out': 2, 'InOut': 3},
            {'Blob': 10, 'String': 20, 'StringList': 25, 'Message': 30, 'PEP_color': 50, 'PEP_enc_format': 51,
             'PEP_STATUS': 59, 'Uint16': 80, 'Session': 90}])
        self.assertRegex(seen[3], r'^\d+\.\d+\.\d+$')
        self.assertIs(seen[4], False)
        headings = [entry for entry in seen[5] if entry['separator']]
        self.assertTrue(seen[5][0]['separator'])
        self.assertTrue(all(list(entry) == ['name', 'separator'] for entry in headings))
        functions = {entry['name']: entry for entry in seen[5] if not entry['separator']}
        newest = [s.name for s in signatures(NEWEST) if s.name not in SYNC]
        self.assertEqual(list(functions)[:len(newest)], newest, 'the order of the original')
        self.assertEqual([entry['name'] for entry in headings][:9], [
            'Message API', 'MIME handling API', 'pEp Engine Core API', 'Identity Management API',
            'Low level Key Management API', 'from openpgp_compat.h', 'Event Listener & Results', 'Signing', 'Other'])
        self.assertEqual(len(functions) + len(headings), len(seen[5]), 'each name is there once')
        self.assertEqual(sorted(functions), sorted(OFFERED))
        for name, entry in functions.items():
            self.assertEqual(entry, OFFERED[name].described)
            self.assertEqual(list(entry), ['name', 'return', 'params', 'separator'])


class Inventory(unittest.TestCase):
    def test_names_every_function_of_the_original_once(self):
        names = [s.name for s in signatures(NEWEST)]
        former = [s.name for s in signatures(FORMER)]
        self.assertEqual((len(names), len(former), len(BRANCHES)), (85, 37, 8))
        self.assertEqual(len(set(names + former + BRANCHES)), 130)

    def test_the_script_calls_every_one(self):
        called = {row[0] for row in SCRIPT}
        self.assertEqual(sorted(set(OFFERED) - called), [
            'getBinaryPath', 'registerEventListener', 'shutdown', 'unregisterEventListener'])
        self.assertGreaterEqual(len(SCRIPT), 150)


class Calls(ServerCase):
    def setUp(self):
        super().setUp()
        self.serve()
        self.door = legacy_door.LegacyDoor(self.home.token())
        self.addCleanup(self.door.close)

    def filled(self, value, kept):
        if isinstance(value, str) and value.startswith('$'):
            return kept[value[1:]]
        if isinstance(value, list):
            return [self.filled(each, kept) for each in value]
        if isinstance(value, dict):
            value = {**kept[value['$']], **{k: v for k, v in value.items() if k != '$'}} if '$' in value else value
            return {key: self.filled(each, kept) for key, each in value.items()}
        return value

    def a_partner(self):
        """-> fingerprint and public key (base64) of somebody who lives in another home"""
        home = pep_server.Home()
        self.addCleanup(home.remove)
        client = self.serve(home=home).client()
        self.addCleanup(client.close)
        fpr = client.call('myself', {'identity': dict(BEN, user_id='pEp_own_userId')}).out['identity']['fpr']
        return fpr, base64.b64encode(client.call('export_key', {'fpr': fpr}).out['key_data'].encode()).decode()

    def assert_outputs(self, signature, params, out):
        if len(params) != len(signature.params):
            return  # an older shape
        self.assertEqual(len(out), len(signature.outputs))
        for value, kind in zip(out, signature.outputs):
            self.assertIsInstance(value, RIGHT_TYPE[kind], kind)
            if kind == 'PEP_rating':
                self.assertEqual(list(value), ['rating'])

    def assert_outcome(self, expected, value, is_status):
        if is_status:
            number = int(expected.split()[0], 0)
            self.assertEqual(list(value.items()), [('status', number), ('hex', expected)])
        elif isinstance(expected, type):
            self.assertIsInstance(value, expected)
        else:
            self.assertEqual(value, expected)

    def test_all_have_the_shape_and_the_status_of_the_original(self):
        ben, ben_key = self.a_partner()
        kept = {'ben': ben, 'ben_key': ben_key}
        for number, (method, params, expected, *keep) in enumerate(SCRIPT):
            with self.subTest(row=number, method=method):
                params = self.filled(params, kept)
                answer = json.loads(self.door.call(method, *params))
                self.assertEqual(list(answer), ['jsonrpc', 'id', 'thread_id', 'result'], answer)
                result = answer['result']
                self.assertEqual(list(result), ['outParams', 'return'])
                signature = OFFERED[method]
                for name, place in (keep[0] if keep else {}).items():
                    index, _, member = str(place).partition('/')
                    value = result['return'] if index == 'return' else result['outParams'][int(index)]
                    kept[name] = value[member] if member else value
                    if name == 'signature':
                        kept[name] = base64.b64encode(value.encode()).decode()
                self.assert_outcome(expected, result['return'], signature.returns == 'PEP_STATUS')
                self.assert_outputs(signature, params, result['outParams'])

    def test_what_is_not_there_is_an_unknown_method(self):
        others = ['rpc.discover', 'create_page_file', 'Message API', '', 'encrypt_message ']
        for name in sorted(SYNC) + BRANCHES + others:
            answer = json.loads(self.door.call(name))
            self.assertEqual((answer.get('error', {}).get('code'), answer['id']), (-32601, -1), name)

    def test_no_openpgp_program_is_an_error_as_there(self):
        self.assertEqual(json.loads(self.door.call('getBinaryPath'))['error']['code'], -32603)

    def test_older_shapes_are_told_by_their_number_of_parameters(self):
        self.door.result('myself', ANN)
        _, key = self.a_partner()
        draft = self.door.outcome('MIME_encrypt_message_for_self', ANN, TEXT, 0, OP, 4, 0)[0][0]
        for method, params, outputs in (
                ('MIME_encrypt_message_for_self', [ANN, TEXT, 0, OP, 4, 0], 'String'),
                ('MIME_encrypt_message_for_self', [ANN, TEXT, 0, [], OP, 4, 0], 'String'),
                ('MIME_decrypt_message', [draft, 0, OP, OP, OP, OP], 'Integer PEP_rating StringList String'),
                ('MIME_decrypt_message', [draft, 0, OP, OP, OP, 0, OP], 'String Integer PEP_rating StringList String'),
                ('import_key_with_fpr_return', [key, 0, OP, OP, OP], 'Integer StringList IdentityList'),
                ('import_key_with_fpr_return', [key, 0, OP, OP, OP, OP], 'Integer StringList IdentityList IdentityList')):
            with self.subTest(method=method, count=len(params)):
                out = self.door.result(method, *params)['outParams']
                self.assertEqual(len(out), len(outputs.split()))
                for value, kind in zip(out, outputs.split()):
                    self.assertIsInstance(value, RIGHT_TYPE[kind])

    def test_every_function_counts_its_parameters(self):
        for name, signature in OFFERED.items():
            if name == 'shutdown':
                continue
            for count in (len(signature.params) + 3, len(signature.params) - 1):
                if count < 0 or (name, count) in OLDER_SHAPES:
                    continue
                with self.subTest(method=name, count=count):
                    answer = json.loads(self.door.call(name, *[None] * count))
                    self.assertEqual((answer['error']['code'], answer['id']), (-32603, 7))
                    self.assertEqual(answer['error']['data']['reason'], 'wrong_count')


if __name__ == '__main__':
    server_case.main()
