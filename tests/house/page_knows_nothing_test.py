#!/usr/bin/env python3
"""The test page learns everything from /openrpc.json: no file in html/ names a function or a type of the API."""
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
            if method['name'] not in ('ping', 'status', 'rpc.discover'):
                self.assertIn('"%s"' % method['name'], text)


if __name__ == '__main__':
    server_case.main()
