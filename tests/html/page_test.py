#!/usr/bin/env python3
"""The page's view of functions in a real browser against the real daemon, with Debian's packages alone: every function
listed, forms filled and sent, replies and errors shown. Kinds of controls, the other views, hostile strings, widths and
accessibility are tested by the *.cjs files; that the frame names nothing of the API in tests/house.

Environment: PEP_SERVER, PEP_SOURCE_DIR as set by CMake; PEP_SCREENSHOTS, a directory for pictures, if wanted.
"""
import base64
import json
import os
import sys
import tempfile
import unittest
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'support')]
import browser  # noqa: E402
import pep_server  # noqa: E402

SKIPPED = 77
CONTROL, ENTER, ARROW_DOWN = '\ue009', '\ue007', '\ue015'
SERVER = os.environ['PEP_SERVER']
HTML = os.path.join(os.environ['PEP_SOURCE_DIR'], 'html')
SCREENSHOTS = os.environ.get('PEP_SCREENSHOTS')


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = pep_server.Home()
        cls.addClassCleanup(cls.home.remove)
        cls.server = pep_server.Server(SERVER, cls.home, '--html-directory', HTML)
        cls.addClassCleanup(cls.server.stop)
        cls.token = cls.home.token()
        cls.url = 'http://%(address)s:%(port)d' % cls.token
        with urllib.request.urlopen(cls.url + '/openrpc.json') as response:
            cls.api = json.load(response)
        cls.page = browser.Browser()
        cls.addClassCleanup(cls.page.__exit__)

    def setUp(self):
        self.page.open('about:blank')
        self.page.resize(1440, 900)
        self.page.open(self.url + '/')
        self.page.wait("document.querySelectorAll('#functions a').length > 0")
        self.page.console()

    def tearDown(self):
        problems = [line for line in self.page.console() if '401' not in line]
        self.assertEqual([], problems, 'the console must stay empty')

    def give_token(self, token=None):
        self.page.clear('#token')
        self.page.type('#token', token or self.token['security_token'])

    def choose(self, name):
        self.page.type('#search', name)
        self.page.click('#functions a[data-name="%s"]' % name)
        self.page.wait("document.getElementById('name').textContent === arguments[0]", name)

    def add(self, name, inside='#fields'):
        self.page.click('%s button[aria-label="Add %s"]' % (inside, name))

    def fill(self, text, nth_field=-1):
        """Types into the field drawn last, or into another one."""
        found = self.page.run("[...document.querySelectorAll('#fields .field input, #fields .field textarea')]"
                              ".at(arguments[0]).id", nth_field)
        self.page.type('#' + found, text)

    def send(self):
        self.page.click('#send')
        return self.reply()

    def reply(self):
        self.page.wait("!document.getElementById('send').disabled && document.getElementById('outcome').textContent")
        text = self.page.run("document.getElementById('reply').textContent")
        return json.loads(text) if text else None

    def request(self):
        """The body that the page shows."""
        return json.loads(self.page.run("document.getElementById('request').textContent").split('\n\n', 1)[1])

    def test_lists_every_function_once_under_its_tag(self):
        shown = self.page.run("[...document.querySelectorAll('#functions a')].map((a) => a.dataset.name)")
        self.assertEqual(sorted(method['name'] for method in self.api['methods']), sorted(shown))
        headings = self.page.run("[...document.querySelectorAll('#functions h3')].map((h) => h.textContent)")
        self.assertEqual(len(set(headings)), len(headings))
        self.assertIn(str(len(shown)), self.page.text('#count'))

    def test_filters_the_list_as_one_types(self):
        self.page.press('/')
        self.page.type('#search', 'trustwords')
        shown = self.page.run("[...document.querySelectorAll('#functions li:not([hidden]) a')].map((a) => a.title +"
                              " a.dataset.name)")
        self.assertTrue(shown)
        self.assertLess(len(shown), len(self.api['methods']))
        self.page.press(ARROW_DOWN)
        self.page.press(ENTER)
        self.page.wait("location.hash.startsWith('#fn=')")

    def test_draws_a_form_for_every_function(self):
        for method in self.api['methods']:
            self.page.run("location.hash = '#fn=' + arguments[0]", method['name'])
            self.page.wait("document.getElementById('name').textContent === arguments[0]", method['name'])
            known = self.page.run("[...document.querySelectorAll('#fields label, #fields .chips button')]"
                                  ".map((e) => e.textContent.replace(/^\\+ | \\(null\\)$/g, ''))")
            for parameter in method['params']:
                with self.subTest(method=method['name'], parameter=parameter.get('name')):
                    self.assertIn(parameter['name'], known)

    def test_every_control_has_an_accessible_label(self):
        for method in self.api['methods']:
            self.page.run("location.hash = '#fn=' + arguments[0]", method['name'])
            self.page.wait("document.getElementById('name').textContent === arguments[0]", method['name'])
            bare = self.page.run("[...document.querySelectorAll('input, textarea, select')]"
                                 ".filter((e) => !e.labels.length && !e.ariaLabel).map((e) => e.outerHTML)")
            self.assertEqual([], bare, method['name'])

    def test_calls_a_function_without_parameters(self):
        self.give_token()
        self.choose('version')
        answer = self.send()
        self.assertEqual('2.0', answer['jsonrpc'])
        self.assertIsInstance(answer['result']['return'], str)
        self.assertIn('HTTP 200', self.page.text('#outcome'))
        self.assertRegex(self.page.text('#outcome'), r'\d ms')

    def test_leaves_out_what_was_not_asked_for_and_sends_a_nested_object(self):
        self.give_token()
        self.choose('myself')
        self.assertEqual({'identity': {}}, self.request()['params'])
        self.add('address')
        self.fill('ann@page.test')
        self.add('user_id')
        self.fill('u-ann')
        self.add('username')
        self.fill('Ann Ångström')
        sent = {'address': 'ann@page.test', 'user_id': 'u-ann', 'username': 'Ann Ångström'}
        self.assertEqual({'identity': sent}, self.request()['params'])
        answer = self.send()
        self.assertEqual(0, answer['result']['return']['status'])
        identity = answer['result']['out']['identity']
        self.assertEqual('Ann Ångström', identity['username'])
        self.assertRegex(identity['fpr'], '^[0-9A-F]{40}$')
        if SCREENSHOTS:
            self.page.screenshot(os.path.join(SCREENSHOTS, 'page.png'))

    def test_sends_a_boolean(self):
        self.give_token()
        self.choose('config_passive_mode')
        (name, before), = self.request()['params'].items()
        self.assertIs(False, before)
        self.page.click('#fields input[type=checkbox]')
        self.assertIs(True, self.request()['params'][name])
        self.assertIsNone(self.send()['result']['return'])

    def test_builds_lists_menus_and_objects_in_objects(self):
        self.choose('encrypt_message')
        self.add('to')
        self.page.click('#fields button[aria-label="Leave out to"]')
        self.add('to')
        self.page.run("[...document.querySelectorAll('#fields button')]"
                      ".find((b) => b.textContent === '+ Add to to').click()")
        self.add('address', '#fields .group .group')
        self.fill('bob@page.test', 0)
        self.add('dir')
        self.assertEqual('bob@page.test', self.request()['params']['src']['to'][0]['address'])
        self.assertNotIn('extra', self.request()['params'], 'what may be left out is')
        self.assertIsInstance(self.request()['params']['src']['dir'], int)
        menu = self.page.run("[...document.querySelectorAll('#fields select')].at(-1).options.length")
        self.assertGreater(menu, 1)

    def test_takes_the_bytes_of_a_file_as_base64(self):
        self.choose('import_key')
        with tempfile.NamedTemporaryFile() as file:
            file.write(bytes(range(256)) * 200)
            file.flush()
            self.page.type('#fields input[type=file]', file.name)
            self.page.wait("document.querySelector('#fields textarea').value")
        self.give_token()
        self.page.run("(() => { const real = fetch; window.fetch = (to, how) => { window.sent = how.body;"
                      " return real(to, how); }; })()")
        self.page.click('#send')
        self.page.wait('window.sent')
        (value,) = json.loads(self.page.run('window.sent'))['params'].values()
        self.assertEqual(bytes(range(256)) * 200, base64.b64decode(value, validate=True))

    def test_says_when_the_token_is_wrong(self):
        self.give_token('A' * 43)
        self.choose('version')
        answer = self.send()
        self.assertEqual(-32001, answer['error']['code'])
        self.assertIn('HTTP 401', self.page.text('#outcome'))
        self.assertIn(answer['error']['data']['hint'], self.page.text('#fault'))
        self.assertEqual('true', self.page.run("document.getElementById('token').ariaInvalid"))

    def test_shows_an_error_with_its_hint(self):
        self.give_token()
        self.choose('myself')
        self.page.click('#as-json')
        self.page.clear('#json')
        self.page.type('#json', '{"identity": {"address": 7}}')
        answer = self.send()
        self.assertEqual(-32602, answer['error']['code'])
        self.assertIn('-32602', self.page.text('#fault'))
        self.assertIn(answer['error']['data']['path'], self.page.text('#fault'))

    def test_refuses_what_cannot_be_json_before_sending(self):
        self.choose('myself')
        self.page.click('#as-json')
        self.page.clear('#json')
        self.page.type('#json', '{"identity": ')
        self.page.press(CONTROL, ENTER)
        self.page.wait("!document.getElementById('json-error').hidden")
        self.assertIn('Nothing sent', self.page.text('#outcome'))

    def test_keeps_the_token_in_memory_only(self):
        self.give_token()
        self.choose('version')
        self.send()
        secret = self.token['security_token']
        places = self.page.run("[location.href, document.cookie, JSON.stringify(localStorage),"
                               " JSON.stringify(sessionStorage), document.documentElement.outerHTML,"
                               " JSON.stringify(history.state)].join(' ')")
        self.assertNotIn(secret, places)
        self.assertEqual('password', self.page.run("document.getElementById('token').type"))

    def test_takes_the_token_out_of_a_pasted_token_file(self):
        self.page.run("(() => { const data = new DataTransfer(); data.setData('text', arguments[0]);"
                      "document.getElementById('token').dispatchEvent(new ClipboardEvent('paste',"
                      "{clipboardData: data, cancelable: true})); })(...arguments)", json.dumps(self.token))
        self.assertEqual(self.token['security_token'], self.page.run("document.getElementById('token').value"))


if __name__ == '__main__':
    try:
        browser.Browser().__exit__()
    except browser.MissingBrowser as missing:
        print('skipped:', missing)
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
