#!/usr/bin/env python3
"""pep-rpc with the real server, as people and scripts use it."""
import json
import os
import re
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pep_rpc_case import OWN, PROGRAM, REFUSED, UNREACHABLE, USAGE, PepRpcCase  # noqa: E402
import pep_server  # noqa: E402
import server_case  # noqa: E402


class Starting(PepRpcCase):
    def test_starts_a_server_where_none_runs_and_finds_it_again(self):
        first = self.result('status')['return']['pid']
        self.assertTrue(pep_server.is_running(first))
        self.assertEqual(self.result('status')['return']['pid'], first)

    def test_starts_one_anew_after_the_old_one_was_killed(self):
        first = self.result('status')['return']['pid']
        self.end_daemon(first, signal.SIGKILL)
        self.assertTrue(os.path.exists(self.home.token_file), 'the stale file is what this is about')
        self.assertNotEqual(self.result('status')['return']['pid'], first)

    def test_starts_none_if_told_so(self):
        said = self.refused(UNREACHABLE, '--no-start', 'version')
        self.assertIn('no server runs', said)
        self.assertFalse(os.path.exists(self.home.path))

    def test_says_why_none_can_be_started(self):
        with open(self.home.path, 'w', encoding='utf-8') as file:
            file.write('a file where the home should be')
        said = self.rpc('version')
        self.assertIn(said.returncode, (3, 4), said.stderr)
        self.assertIn(self.home.path, said.stderr)

    def test_checks_words_before_it_starts_anything(self):
        self.refused(USAGE, 'myself', 'no assignment')
        self.refused(USAGE, 'myself', '{"identity":')
        self.refused(USAGE, 'import_key', 'key_data=@/nonexistent')
        self.assertFalse(os.path.exists(self.home.path))

    def test_obeys_pephome_and_home_as_the_server_does(self):
        for variable, value, place in (('PEPHOME', self.home.path, self.home.path),
                                       ('HOME', self.home.root, os.path.join(self.home.root, '.pEp'))):
            with self.subTest(variable=variable):
                environment = {k: v for k, v in self.environment().items() if k not in ('PEPHOME', 'HOME')}
                environment[variable] = value
                done = self.rpc('shutdown', home=False, environment=environment)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(os.path.exists(os.path.join(place, 'lock')))

    def test_finds_a_server_on_ipv6(self):
        if not os.path.exists('/proc/net/if_inet6'):
            self.skipTest('this machine has no IPv6')
        self.serve('--address', '::1')
        self.assertEqual(self.result('--no-start', 'ping')['out'], {})

    def test_speaks_through_the_unix_socket_as_well(self):
        self.serve()
        self.assertEqual(self.result('--socket', 'ping')['out'], {})


class Calling(PepRpcCase):
    def setUp(self):
        super().setUp()
        self.serve()

    def test_makes_a_key_and_shows_it(self):
        result = self.result('myself', 'identity.address=ann@example.org', 'identity.username=Ann', *OWN)
        self.assertEqual(result['return'], {'status': 0, 'hex': '0 "PEP_STATUS_OK"'})
        self.assertEqual(result['out']['identity']['username'], 'Ann')
        self.assertRegex(result['out']['identity']['fpr'], '^[0-9A-F]{40}$')

    def test_prints_single_outputs_and_returns_as_text(self):
        fpr = self.line('myself', 'identity.address=ann@example.org', *OWN, '--out', 'identity.fpr')
        self.assertRegex(fpr, '^[0-9A-F]{40}$')
        self.assertIn('pep-json-server', self.line('version', '--return'))
        self.assertEqual(json.loads(self.line('status', '--return', '--raw'))['pid'], self.home.token()['pid'])
        self.assertIn('no such part', self.rpc('version', '--out', 'nothing').stderr)

    def test_raw_is_one_line_and_pretty_are_several_of_the_same(self):
        raw = self.line('serverVersion', '--raw')
        self.assertNotIn('\n', raw)
        pretty = self.line('serverVersion')
        self.assertGreater(pretty.count('\n'), 5)
        self.assertEqual(json.loads(raw), json.loads(pretty))

    def test_takes_parameters_in_every_form_alike(self):
        self.result('myself', 'identity.address=ann@example.org', *OWN)
        document = {'address': 'ann@example.org', 'user_id': 'pEp_own_userId'}
        wanted = self.result('get_identity', 'address=ann@example.org', 'user_id=pEp_own_userId')
        self.assertEqual(wanted['out']['identity']['address'], 'ann@example.org')
        path = os.path.join(self.home.root, 'params')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('ann@example.org')
        for words, stdin in (([json.dumps(document)], ''),
                             ([json.dumps(list(document.values()))], ''),
                             (['-'], json.dumps(document)),
                             (['address:="ann@example.org"', 'user_id=pEp_own_userId'], ''),
                             (['address=@' + path, 'user_id=pEp_own_userId'], ''),
                             (['address=@-', 'user_id=pEp_own_userId'], 'ann@example.org')):
            with self.subTest(words=words):
                self.assertEqual(self.result('get_identity', *words, stdin=stdin), wanted)

    def test_sends_files_as_bytes_where_the_function_wants_bytes(self):
        fpr = self.line('myself', 'identity.address=ann@example.org', *OWN, '--out', 'identity.fpr')
        key = self.line('export_key', 'fpr=' + fpr, '--out', 'key_data').encode()
        path = os.path.join(self.home.root, 'key')
        with open(path, 'wb') as file:
            file.write(key)
        self.result('delete_keypair', 'fpr=' + fpr)
        done = self.rpc('import_key', 'key_data=@' + path)
        # PEP_KEY_IMPORTED is not 0, but what was asked for
        self.assertEqual((done.returncode, json.loads(done.stdout)['return']['status']), (0, 0x220), done.stderr)

    def test_ends_with_1_when_the_engine_did_not_do_it(self):
        self.result('myself', 'identity.address=ann@example.org', *OWN)
        words = ['encrypt_message', 'enc_format=PEP_enc_PEP', 'src.dir=1', 'src.from.address=ann@example.org',
                 'src.from.user_id=pEp_own_userId', 'src.to.0.address=ben@example.org', 'src.shortmsg=Hello']
        result = self.result(*words, code=1)
        self.assertEqual(result['return']['status'], 0x400)
        self.assertEqual(result['out']['src']['to'][0]['address'], 'ben@example.org')
        only_out = self.rpc(*words, '--out', 'dst')
        self.assertEqual((only_out.returncode, only_out.stdout), (1, 'null\n'))
        self.assertIn('PEP_UNENCRYPTED', only_out.stderr)

    def test_names_the_parameter_that_is_wrong(self):
        self.assertIn('identity.adress', self.refused(USAGE, 'myself', 'identity.adress=ann@example.org'))
        self.assertIn('Did you mean address', self.refused(USAGE, 'myself', 'identity.adress=a'))
        said = self.refused(USAGE, 'myself', '{"identity":{"address":7}}')
        self.assertIn('/params/identity/address', said)
        self.assertEqual(said.count('/params/identity/address'), 1)
        self.assertIn('id1', self.refused(USAGE, 'get_trustwords', 'lang=en'))

    def test_suggests_names_for_an_unknown_function(self):
        for words in (['mysef'], ['mysef', 'identity.address=a'], ['--help', 'mysef']):
            self.assertIn('Did you mean myself?', self.refused(USAGE, *words))

    def test_keeps_passphrases_out_of_sight(self):
        self.assertEqual(self.result('config_passphrase', 'passphrase=@-', stdin='geheim\n')['return']['status'], 0)
        warned = self.rpc('config_passphrase', 'passphrase=geheim')
        self.assertEqual(warned.returncode, 0)
        self.assertIn('passphrase=@-', warned.stderr)
        self.assertNotIn('geheim', warned.stderr + warned.stdout)

    def test_passphrases_from_files_and_pipes_lose_their_line_break(self):
        self.result('config_passphrase_for_new_keys', 'enable=true', 'passphrase=@-', stdin='geheim\n',
                    environment=self.environment())
        made = self.result('myself', 'identity.address=ann@example.org', *OWN)
        self.assertEqual(made['return']['status'], 0)
        message = ['src.dir=1', 'src.from.address=ann@example.org', 'src.from.user_id=pEp_own_userId',
                   'src.to.0.address=ann@example.org', 'src.shortmsg=x', 'src.longmsg=y', 'enc_format=PEP_enc_PEP']
        # Another client knows the passphrase only if it is exactly this one.
        other = ['--client-id', 'other']
        self.assertEqual(self.result(*other, 'encrypt_message', *message, code=1)['return']['status'], 0xa00)
        self.result(*other, 'config_passphrase', 'passphrase=@-', stdin='geheim')
        self.assertEqual(self.result(*other, 'encrypt_message', *message)['return']['status'], 0)

    def test_gives_up_when_the_time_is_over(self):
        self.result('create_session')
        said = self.refused(UNREACHABLE, '--timeout', '1', 'pollForEvents', 'session_id=x', 'timeout_s=30')
        self.assertIn('in time', said)

    def test_ends_well_when_nobody_reads(self):
        done = subprocess.run('"%s" --home "%s" rpc.discover | head -c 10' % (PROGRAM, self.home.path), shell=True,
                              capture_output=True, env=self.environment(), timeout=60, check=True)
        self.assertEqual(len(done.stdout), 10)
        self.assertEqual(done.stderr, b'')

    def test_tells_when_the_output_cannot_be_written(self):
        with open('/dev/full', 'wb') as full:
            done = subprocess.run([PROGRAM, '--home', self.home.path, 'version'], stdout=full, stderr=subprocess.PIPE,
                                  env=self.environment(), timeout=60, check=False)
        self.assertNotEqual(done.returncode, 0)


class Refusals(PepRpcCase):
    def test_of_the_server_have_an_exit_code_of_their_own(self):
        self.serve('--limit', 'body_bytes=2000')
        self.assertEqual(self.result('ping')['out'], {})
        said = self.refused(REFUSED, 'get_identity', 'address=' + 'a' * 3000, 'user_id=x')
        self.assertIn('large', said)


class Explaining(PepRpcCase):
    def setUp(self):
        super().setUp()
        self.serve()

    def test_lists_every_function_the_server_has(self):
        listed = self.line('--list')
        for method in self.methods():
            with self.subTest(method=method['name']):
                self.assertRegex(listed, r'(?m)^  %s( |$)' % re.escape(method['name']))

    def test_explains_every_function_with_its_parameters(self):
        for method in self.methods()[::6]:
            with self.subTest(method=method['name']):
                text = self.line('--help', method['name'])
                self.assertTrue(text.startswith('usage: pep-rpc ' + method['name']))
                for parameter in method['params']:
                    self.assertRegex(text, r'(?m)^  %s: ' % parameter['name'])
                self.assertEqual([line for line in text.splitlines()[2:] if len(line) > 90 and ' {' not in line
                                  and not line.startswith('  pep-rpc ')], [])

    def methods(self):
        client = pep_server.Client(self.home.token())
        try:
            return client.call_discover()['methods']
        finally:
            client.close()


class Terminals(PepRpcCase):
    HOSTILE = '\x1b]0;owned\x07\x1b[2J\u009b31m\u202eexe.\x7f'

    def setUp(self):
        super().setUp()
        self.serve()
        self.mail = os.path.join(self.home.root, 'mail')
        with open(self.mail, 'w', encoding='utf-8') as file:
            file.write('From: a@example.org\nSubject: x\nMIME-Version: 1.0\n'
                       'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n'
                       + self.HOSTILE + '\nsecond line\n')

    def test_get_no_control_characters_from_strangers(self):
        for words in ([], ['--raw'], ['--out', 'msg'], ['--out', 'msg.longmsg']):
            with self.subTest(words=words):
                seen = self.on_terminal('mime_decode_message', 'mimetext=@' + self.mail, *words).decode('utf-8')
                self.assertIn('second line', seen)
                self.assertIn('owned', seen)
                for character in '\x1b\x07\x7f\u009b\u202e':
                    self.assertNotIn(character, seen)

    def test_files_get_the_text_as_it_is(self):
        text = self.rpc('mime_decode_message', 'mimetext=@' + self.mail, '--out', 'msg.longmsg', text=False,
                        stdin=None).stdout.decode('utf-8')
        self.assertIn(self.HOSTILE, text)


class Events(PepRpcCase):
    def listen(self, *words):
        process = subprocess.Popen([PROGRAM, '--home', self.home.path, *words, 'events'], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        timer = threading.Timer(40 * pep_server.SLOWDOWN, process.kill)  # no test waits for ever
        timer.start()
        self.addCleanup(timer.cancel)
        return process

    def announce(self, subject):
        self.result('testMessageToSend', 'msg.shortmsg=' + subject)

    def streams(self):
        return self.result('status')['return']['events'].get('streams', 0)

    def test_come_as_lines_of_json_that_can_be_resumed(self):
        self.serve()
        listener = self.listen()
        self.wait_for(lambda: self.streams() == 1, 'the stream')
        self.announce('first')
        first = json.loads(listener.stdout.readline())
        self.assertEqual(first['params'][0]['shortmsg'], 'first')
        self.assertRegex(first['id'], r'^[\w-]+\.\d+$')
        listener.send_signal(signal.SIGINT)
        self.assertEqual(listener.wait(20), -signal.SIGINT)
        self.announce('second')
        resumed = self.listen('--since', first['id'])
        self.assertEqual(json.loads(resumed.stdout.readline())['params'][0]['shortmsg'], 'second')

    def test_end_with_the_server(self):
        server = self.serve()
        listener = self.listen()
        self.wait_for(lambda: self.streams() == 1, 'the stream')
        server.stop()
        self.assertEqual(listener.wait(20), UNREACHABLE)
        self.assertIn('pep-rpc: ', listener.stderr.read())


class Documentation(PepRpcCase):
    def test_the_readme_has_the_table_of_options(self):
        with open(os.path.join(os.environ['PEP_SOURCE_DIR'], 'README.md'), encoding='utf-8') as file:
            readme = file.read()
        table = self.rpc('--help-markdown', home=False).stdout
        self.assertIn('| `--no-start` |', table)
        self.assertIn(table.strip(), readme, 'put the output of pep-rpc --help-markdown into the README')

    def test_the_manual_page_has_options_and_exit_codes(self):
        with open(os.path.join(os.environ['PEP_SOURCE_DIR'], 'cmake', 'pep-rpc.1'), encoding='utf-8') as file:
            manual = file.read().replace('\\-', '-')
        said = self.rpc('--help', home=False).stdout
        for name in re.findall(r'--[a-z][a-z-]+', said):
            with self.subTest(option=name):
                self.assertIn(name, manual)
        codes = re.findall(r'(?m)^  (\d)  ', said)
        self.assertEqual(codes, ['0', '1', '2', '3', '4', '5'])
        self.assertEqual(re.findall(r'(?m)^\.B (\d)$', manual), codes)

    def test_version_is_that_of_the_server(self):
        version = self.rpc('--version', home=False).stdout.split()[1]
        self.assertIn('"%s"' % version, self.line('version', '--return').replace('package_version=', ''))


if __name__ == '__main__':
    server_case.main()
