"""rpc.discover on the real daemon: a valid OpenRPC document that tells the truth about this server.

The official validator and the meta-schema are npm packages, see package.json; cmake/quickstart.sh puts
them into build/npm/openrpc.
"""
import copy
import json
import os
import shutil
import subprocess
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
import server_case  # noqa: E402

SOURCE = os.environ.get('PEP_SOURCE_DIR') or os.path.dirname(os.path.dirname(HERE))
PACKAGES = os.path.join(SOURCE, 'build', 'npm', 'openrpc')
STANDARD_NAMES = {-32001: 401, -32002: 403, -32003: 413, -32004: 503, -32005: 503}


def faults_of(document):
    """What the official check says, line by line."""
    done = subprocess.run(
        ['node', os.path.join(HERE, 'check.cjs'), PACKAGES], input=json.dumps(document), text=True,
        capture_output=True, timeout=60, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.splitlines()


class DocumentTest(server_case.ServerCase):

    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.client = self.server.client()
        self.addCleanup(self.client.close)
        self.document = self.client.call_discover()

    def methods(self):
        return {method['name']: method for method in self.document['methods']}

    def test_is_the_same_by_get_and_by_discover(self):
        status, headers, body = self.client.exchange('GET', '/openrpc.json')
        self.assertEqual((status, headers['content-type']), (200, 'application/json'))
        self.assertEqual(json.loads(body), self.document)

    def test_is_valid_by_the_official_check(self):
        if not shutil.which('node') or not os.path.isdir(os.path.join(PACKAGES, 'node_modules')):
            self.skipTest('node, or its packages in build/npm/openrpc, are missing')
        self.assertEqual(faults_of(self.document), [])

    def test_the_official_check_finds_faults(self):
        """A check that never complains would prove nothing."""
        if not shutil.which('node') or not os.path.isdir(os.path.join(PACKAGES, 'node_modules')):
            self.skipTest('node, or its packages in build/npm/openrpc, are missing')
        cases = {
            'meta-schema': lambda d: d['methods'][0].pop('name'),
            'type Message': lambda d: d['components']['schemas']['Message'].pop('title'),
            'schema': lambda d: d['components']['schemas']['Message'].update(type='thing'),
            'ping: example': lambda d: d['methods'][names.index('ping')]['examples'][0]['result'].update(value=7),
        }
        names = [method['name'] for method in self.document['methods']]
        for expected, spoil in cases.items():
            with self.subTest(expected):
                spoilt = copy.deepcopy(self.document)
                spoil(spoilt)
                self.assertIn(expected, '\n'.join(faults_of(spoilt)))

    def test_names_the_address_where_it_can_be_called(self):
        (server,) = self.document['servers']
        url = urllib.parse.urlsplit(server['url'])
        self.assertEqual(url.netloc, '127.0.0.1:%d' % self.home.token()['port'])
        request = {'jsonrpc': '2.0', 'id': 1, 'method': 'ping'}
        status, _, body = self.client.post(url.path, request, self.client.bearer())
        self.assertEqual((status, json.loads(body)['result']['return']), (200, 'pong'))

    def test_tells_the_limits_in_force(self):
        other = self.serve('--limit', 'connections=17', home=self.another_home())
        client = other.client()
        self.addCleanup(client.close)
        limits = client.call_discover()['x-limits']
        self.assertEqual(limits['connections'], 17)
        self.assertEqual(set(limits), set(self.document['x-limits']))

    def another_home(self):
        home = server_case.pep_server.Home()
        self.addCleanup(home.remove)
        return home

    def test_follows_the_prose_of_the_specification(self):
        names = [method['name'] for method in self.document['methods']]
        self.assertEqual(len(names), len(set(names)))
        for method in self.document['methods']:
            with self.subTest(method['name']):
                required = [param['required'] for param in method['params']]
                self.assertEqual(required, sorted(required, reverse=True), 'optional ones come last')
                params = [param['name'] for param in method['params']]
                self.assertEqual(len(params), len(set(params)))
                self.assertRegex(method['summary'], r'^[A-Z].*[.?]$')
                self.assertTrue(method['tags'][0]['name'])
                (example,) = method['examples']
                self.assertTrue(example['name'])
                self.assertLessEqual({value['name'] for value in example['params']}, set(params))
                self.assertEqual(set(example['result']['value']), {'return', 'out'})

    def test_lists_errors_with_their_http_status(self):
        errors = self.document['components']['errors']
        for code, status in STANDARD_NAMES.items():
            with self.subTest(code):
                (error,) = [error for error in errors.values() if error['code'] == code]
                self.assertTrue(error['data']['hint'])
                self.assertEqual(self.document['x-http-status'][str(code)], status)
        for method in self.methods().values():
            for reference in method['errors']:
                self.assertIn(reference['$ref'].removeprefix('#/components/errors/'), errors)

    def test_array_parameters_are_in_the_listed_order_where_it_says_so(self):
        """Each value is of a type only its own place takes, so the path of the refusal tells the place."""
        for method in self.document['methods']:
            if method['paramStructure'] != 'either':
                continue
            values = {value['name']: value['value'] for value in method['examples'][0]['params']}
            for place, param in enumerate(method['params']):
                # a number below all ranges is wrong everywhere, as long as it is the first fault
                given = [values.get(other['name']) for other in method['params'][:place]] + [-5.5]
                with self.subTest(method=method['name'], param=param['name']):
                    request = {'jsonrpc': '2.0', 'id': 1, 'method': method['name'], 'params': given}
                    answer = json.loads(self.client.post('/rpc', request, self.client.bearer())[2])
                    self.assertEqual(answer['error']['code'], -32602)
                    self.assertTrue(answer['error']['data']['path'].startswith('/params/%d' % place))

    def test_examples_about_the_server_have_the_shape_of_the_real_one(self):
        """The API's test executes all examples; for these it has a server of its own making."""
        for name in ('serverVersion', 'version', 'ping', 'status', 'create_page_file', 'create_session', 'shutdown'):
            with self.subTest(name):
                shown = self.methods()[name]['examples'][0]['result']['value']['return']
                real = self.client.call(name).value
                self.assertEqual(type(real), type(shown))
                if isinstance(shown, dict):
                    self.assertLessEqual(set(shown), set(real))
                    for member, value in shown.items():
                        self.assertEqual(type(real[member]), type(value), member)
                elif shown is not None and not shown.endswith('…'):
                    self.assertEqual(len(real), len(shown))

    def test_the_example_of_the_log_has_the_shape_of_the_real_one(self):
        shown = self.methods()['recent_log']['examples'][0]['result']['value']['return']
        real = self.client.call('recent_log').value
        self.assertEqual(set(real), set(shown))
        self.assertGreater(real['next'], 0)
        self.assertEqual(real['lost'], 0)
        self.assertRegex(real['lines'][-1], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z \w+ ')

    def test_methods_it_does_not_list_are_not_there(self):
        with self.assertRaises(server_case.pep_server.Refused) as refused:
            self.client.call('MIME_encrypt_message')
        self.assertEqual(refused.exception.code, -32601)


if __name__ == '__main__':
    server_case.main()
