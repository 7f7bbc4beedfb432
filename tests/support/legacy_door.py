"""The old dialect on the bytes of the wire: what a client of the original sees, member by member.

A reply is compared as text, because old clients may depend on the order of members; only the thread id, which
names a thread of the server, is masked.
"""
import http.client
import json
import re

CALL = '/ja/0.1/callFunction'
THREAD_ID = re.compile(r'"thread_id":" ¶[0-9A-Z_]{3} "')
MASKED = '"thread_id":" ¶··· "'
OP = ['OP']  # what old clients put where an output will be


class Answer:
    """One HTTP answer; `fields` are the header's, in order, names as sent."""

    def __init__(self, response):
        self.status = response.status
        self.fields = response.getheaders()
        self.body = response.read()

    def field(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    @property
    def text(self):
        return self.body.decode()

    @property
    def masked(self):
        """The text with the thread id as `···`; one that is not of the known shape stays."""
        return THREAD_ID.sub(MASKED, self.text)


class LegacyDoor:
    """One kept connection to the old endpoint."""

    def __init__(self, token, timeout=60):
        self.token = token
        self.connection = http.client.HTTPConnection(token['address'], token['port'], timeout=timeout)

    def close(self):
        self.connection.close()

    def send(self, body, method='POST', target=CALL, fields=None):
        """Bytes as they are; no header field is added but Host and Content-Length."""
        self.connection.request(method, target, body, fields or {})
        return Answer(self.connection.getresponse())

    def request(self, method, params=None, **members):
        """The bytes of a request with id 7 and the right token; `members` replace or add, None leaves out."""
        document = {'id': 7, 'jsonrpc': '2.0', 'security_token': self.token['security_token'],
                    'method': method, 'params': params, **members}
        return json.dumps({k: v for k, v in document.items() if v is not None}, ensure_ascii=False).encode()

    def raw_request(self, members):
        """As request(), but the members after the token are text that need not be JSON."""
        return ('{"jsonrpc":"2.0","security_token":"%s",%s' % (self.token['security_token'], members)).encode()

    def call(self, method, *params, **members):
        """-> the masked text of the reply"""
        return self.send(self.request(method, list(params), **members)).masked

    def result(self, method, *params, **members):
        """-> the `result` object; an error raises"""
        answer = json.loads(self.call(method, *params, **members))
        if 'error' in answer:
            raise AssertionError('%s: %s' % (method, answer['error']))
        return answer['result']

    def outcome(self, method, *params):
        """-> (outParams, status); status is None for what is not a PEP_STATUS"""
        result = self.result(method, *params)
        value = result['return']
        return result['outParams'], value['status'] if isinstance(value, dict) else None


def result_text(value, out='[]', number=7):
    """The whole reply, with outParams and return value as JSON text."""
    return '{"jsonrpc":"2.0","id":%d,%s,"result":{"outParams":%s,"return":%s}}' % (number, MASKED, out, value)


OK = '{"status":0,"hex":"0 \\"PEP_STATUS_OK\\""}'
