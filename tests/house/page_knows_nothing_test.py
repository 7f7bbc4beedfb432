#!/usr/bin/env python3
"""The frame of the test page and its view of functions learn everything from /openrpc.json: no file in html/ itself names a
function or a type of the API. The other views, in html/views/, are made for certain functions and name them."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import server_case  # noqa: E402

HTML = os.path.join(os.environ['PEP_SOURCE_DIR'], 'html')


class Page(server_case.ServerCase):
    def api_names(self):
        document = self.serve().client().call_discover()
        functions = {method['name'] for method in document['methods']}
        types = set(document.get('components', {}).get('schemas', {}))
        self.assertGreater(len(functions), 30)
        self.assertGreater(len(types), 3)
        return functions | types

    def test_names_no_function_and_no_type(self):
        names = self.api_names()
        for name in sorted(os.listdir(HTML)):
            if not name.endswith(('.js', '.html', '.css')):
                continue
            with open(os.path.join(HTML, name), encoding='utf-8') as file:
                text = file.read()
            for known in names:
                # "status" is a word of HTTP, too: single plain words count only where they are quoted
                is_plain = re.fullmatch(r'[A-Z]?[a-z]+', known) is not None
                pattern = r'["\'`]%s["\'`]' if is_plain else r'\b%s\b'
                with self.subTest(file=name, name=known):
                    self.assertIsNone(re.search(pattern % re.escape(known), text))

    def test_its_views_name_functions_there_are(self):
        known = {method['name'] for method in self.serve().client().call_discover()['methods']}
        folder = os.path.join(HTML, 'views')
        asked = set()
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                asked |= set(re.findall(r'\b(?:ask|call)\("(\w+)"', file.read()))
        self.assertGreater(len(asked), 10)
        self.assertEqual(set(), asked - known)

    def test_every_file_is_served_and_every_import_is_a_file(self):
        client = self.serve('--html-directory', HTML).client()
        found = [os.path.relpath(os.path.join(folder, name), HTML)
                 for folder, _, names in os.walk(HTML) for name in names]
        for name in sorted(found):
            with self.subTest(file=name):
                with open(os.path.join(HTML, name), 'rb') as file:
                    content = file.read()
                status, headers, body = client.exchange('GET', '/' if name == 'index.html' else '/' + name)
                self.assertEqual((status, body), (200, content))
                self.assertIn('script-src \'self\';', headers['content-security-policy'])
            if name.endswith('.js'):
                for target in re.findall(r'(?:from|import\() ?"/([^"]+)"', content.decode()):
                    with self.subTest(file=name, target=target):
                        self.assertIn(target, found)

    def test_makes_no_markup_of_strings(self):
        for folder, _, names in os.walk(HTML):
            for name in sorted(names):
                if name.endswith('.js'):
                    with self.subTest(file=name), open(os.path.join(folder, name), encoding='utf-8') as file:
                        self.assertIsNone(re.search(r'innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|'
                                                    r'localStorage|sessionStorage|document\.cookie', file.read()))

    def test_uses_no_library_and_no_inline_script(self):
        for name in sorted(os.listdir(HTML)):
            if name.endswith('.html'):
                with open(os.path.join(HTML, name), encoding='utf-8') as file:
                    text = file.read()
                self.assertIsNone(re.search(r'<script(?![^>]*\bsrc=)', text), 'inline script')
                self.assertIsNone(re.search(r'\son\w+\s*=', text), 'inline handler')
                self.assertIsNone(re.search(r'(src|href)\s*=\s*["\']?(https?:)?//', text), 'foreign address')
                self.assertIsNone(re.search(r'\sstyle\s*=|<style', text), 'inline style')


class Discovery(server_case.ServerCase):
    def test_the_method_and_the_resource_are_one_document(self):
        client = self.serve().client()
        status, headers, body = client.exchange('GET', '/openrpc.json')
        self.assertEqual(status, 200)
        self.assertEqual(headers['content-type'].split(';')[0], 'application/json')
        self.assertEqual(json.loads(body), client.call_discover())

    def test_the_old_function_table_lists_the_same_functions(self):
        client = self.serve().client()
        status, headers, body = client.exchange('GET', '/pEp_functions.js')
        self.assertEqual((status, headers['content-type'].split(';')[0]), (200, 'text/javascript'))
        text = body.decode()
        for method in client.call_discover()['methods']:
            if method['name'] not in ('ping', 'status', 'rpc.discover', 'create_page_file', 'recent_log'):
                self.assertIn('"%s"' % method['name'], text)


if __name__ == '__main__':
    server_case.main()
