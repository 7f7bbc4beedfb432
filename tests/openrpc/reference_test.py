"""The reference for people: everything the server has is in it, links lead somewhere, HTML is well formed."""
import html.parser
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
import server_case  # noqa: E402

FOLDER = sys.argv.pop(1)  # where the target `docs` put the pages
VOID = {'meta'}


def read(name):
    with open(os.path.join(FOLDER, name), encoding='utf-8') as file:
        return file.read()


class Page(html.parser.HTMLParser):
    """Elements must be closed in order; ids, links, headings and texts are collected."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.headings, self.faults = [], [], [], [], []
        self.cells = set()
        self.feed(text)
        self.close()
        self.faults += ['not closed: ' + element for element in self.open]

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        if 'id' in attributes:
            self.ids.append(attributes['id'])
        if 'href' in attributes:
            self.links.append(attributes['href'])
        self.faults += ['handler ' + name for name in attributes if name.startswith('on')]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append('%s closed at line %d' % (tag, self.getpos()[0]))

    def handle_data(self, data):
        if {'h2', 'h3'} & set(self.open):
            self.headings.append(data)
        if 'td' in self.open:
            self.cells.add(data)


class ReferenceTest(server_case.ServerCase):

    def setUp(self):
        super().setUp()
        self.page = Page(read('reference.html'))
        self.markdown = read('reference.md')

    def test_html_is_well_formed_and_needs_nothing_else(self):
        self.assertEqual(self.page.faults, [])
        text = read('reference.html')
        self.assertTrue(text.startswith('<!DOCTYPE html>'))
        for foreign in ('<script', '<link', '<img', 'url(', '@import', 'src='):
            self.assertNotIn(foreign, text)
        self.assertIn('prefers-color-scheme:dark', text)

    def test_links_lead_to_one_place_on_the_page(self):
        self.assertEqual(len(self.page.ids), len(set(self.page.ids)))
        self.assertGreater(len(self.page.links), 300)
        self.assertEqual({link for link in self.page.links if link[:1] != '#'}, set())
        self.assertEqual({link[1:] for link in self.page.links} - set(self.page.ids), set())

    def test_markdown_links_lead_somewhere(self):
        anchors = re.findall(r'<a id="([^"]+)"></a>', self.markdown)
        self.assertEqual(len(anchors), len(set(anchors)))
        links = re.findall(r'\]\(#([^)]+)\)', self.markdown)
        self.assertGreater(len(links), 300)
        self.assertEqual(set(links) - set(anchors), set())

    def test_everything_the_server_has_is_in_it(self):
        client = self.serve().client()
        self.addCleanup(client.close)
        document = client.call_discover()
        names = {method['name'] for method in document['methods']}
        table = client.exchange('GET', '/pEp_functions.js')[2].decode()
        names |= set(re.findall(r'"name":"(\w+)","return"', table))
        self.assertGreater(len(names), 100)
        types = set(document['components']['schemas']) - {'ErrorData'}
        aliases = set(re.findall(r'Old name: `(\w+)`', self.markdown))
        self.assertGreater(len(aliases), 5)
        for known in names | types:
            with self.subTest(known):
                self.assertTrue(known in self.page.headings or known in aliases)
                self.assertTrue('### %s\n' % known in self.markdown or known in aliases)
        for limit, value in document['x-limits'].items():
            with self.subTest(limit):
                self.assertIn(limit, self.page.cells)
                self.assertIn('| %s | %d |' % (limit, value), self.markdown)
        for error in document['components']['errors'].values():
            self.assertIn('| %d | %d |' % (error['code'], document['x-http-status'][str(error['code'])]),
                          self.markdown)

    def test_enumerations_are_there_with_names_and_values(self):
        for row in ('| 6 | PEP_rating_reliable |', '| 255 | PEP_ct_pEp |', '| 4 | PEP_enc_PEP |'):
            self.assertIn(row, self.markdown)

    def test_examples_are_there_in_both_dialects(self):
        part = self.markdown.split('### get_trustwords\n')[1].split('\n### ')[0]
        self.assertIn('{"jsonrpc": "2.0", "id": 1, "method": "get_trustwords", "params": {', part)
        self.assertIn('"security_token": "…", "method": "get_trustwords", "params": [', part)
        self.assertEqual(part.count('"OP"'), 2)  # the words and their length


if __name__ == '__main__':
    if not os.path.isfile(os.path.join(FOLDER, 'reference.html')):
        print('skipped: the target docs was not built')
        sys.exit(server_case.SKIPPED)
    server_case.main()
