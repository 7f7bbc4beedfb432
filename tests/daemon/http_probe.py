"""What a row of the HTTP probes is, how its bytes are made, and how a reply is read.

Templates are text of one byte a character; these names are filled in:
  $HOST $PORT $TOKEN   of the server under test
  $CALL $SIZE $HEX     a call whose effect can be seen from outside, and its length in decimal and hexadecimal
  $SMUGGLE $LENGTH     a complete request with that call, token and all, and its length
  $MARK                text that must not come back
"""
import re
import string
from typing import NamedTuple

CRLF = '\r\n'
CALL = '{"jsonrpc":"2.0","id":1,"method":"testMessageToSend","params":{"msg":{"shortmsg":"$MARK"}}}'
CLOSES, STAYS = 'closes', 'stays'


class Row(NamedTuple):
    """`status` has an entry for each reply, `reason` is that of the last; `runs`: how often the call is carried out."""
    name: str
    send: str
    status: tuple
    reason: str
    then: str
    runs: int


def as_tuple(status):
    return status if isinstance(status, tuple) else (status,)


def refused(name, send, status, reason):
    """The connection ends behind the reply: whatever follows, or stands in the body, is not executed."""
    return Row(name, send, as_tuple(status), reason, CLOSES, 0)


def declined(name, send, status, reason=None, runs=0):
    """Not carried out, but where the next request begins is beyond doubt: the connection stays."""
    return Row(name, send, (status,), reason, STAYS, runs)


def served(name, send, status=200, runs=1, then=STAYS):
    return Row(name, send, as_tuple(status), None, then, runs)


HOST = 'Host: $HOST'
TOKEN = 'Authorization: Bearer $TOKEN'
LENGTH = 'Content-Length: $SIZE'


def request(*fields, line='POST /rpc HTTP/1.1', host=HOST, token=TOKEN, length=LENGTH, body='${CALL}', end=CRLF):
    """A good call, but for what a row changes. Fields that are None are left out."""
    lines = [line, host, token, *fields, length]
    return ''.join(part + end for part in lines if part is not None) + end + body


def bare(*fields, line='GET / HTTP/1.1', **more):
    """A request without body and token."""
    return request(*fields, line=line, **{'token': None, 'length': None, 'body': '', **more})


def chunked(body='$HEX\r\n$CALL\r\n0\r\n\r\n', field='Transfer-Encoding: chunked', **more):
    return request(field, length=None, body=body, **more)


def fill(template, token, mark):
    """-> the bytes to send"""
    names = {'PORT': token['port'], 'HOST': '%s:%d' % (token['address'], token['port']),
             'TOKEN': token['security_token'], 'MARK': mark}
    names['CALL'] = string.Template(CALL).substitute(names)
    names['SIZE'], names['HEX'] = len(names['CALL']), '%x' % len(names['CALL'])
    names['SMUGGLE'] = string.Template(request('Content-Type: application/json')).substitute(names)
    names['LENGTH'] = len(names['SMUGGLE'])
    return string.Template(template).substitute(names).encode('latin-1')


class Malformed(Exception):
    """What came is not HTTP as RFC 9112 has it."""


class Reply:
    """One reply. `size` is how many bytes it took."""

    STATUS_LINE = re.compile(rb'HTTP/1\.[01] ([1-5]\d\d) [ -~]*')
    FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[!-~](?:[ -~\t]*[!-~])?)?)[ \t]*")

    def __init__(self, data, to_head):
        """Raises IndexError when more has to come."""
        end = data.find(b'\r\n\r\n')
        if end < 0:
            if data[:5] != b'HTTP/'[:len(data)] or len(data) > 65536:
                raise Malformed(data[:80])
            raise IndexError
        line, *fields = data[:end].split(b'\r\n')
        start = self.STATUS_LINE.fullmatch(line)
        if not start:
            raise Malformed(line[:80])
        self.status = int(start[1])
        self.fields = {}
        for field in fields:
            match = self.FIELD.fullmatch(field)
            if not match:
                raise Malformed(field[:80])
            name = match[1].decode().lower()
            if name in self.fields:
                raise Malformed('%s comes twice' % name)
            self.fields[name] = match[2].decode()
        without_body = to_head or self.status < 200 or self.status in (204, 304)
        size = 0 if without_body else int(self.fields['content-length'])
        self.size = end + 4 + size
        if len(data) < self.size:
            raise IndexError
        self.body = data[end + 4:self.size]


def receive(link):
    """More bytes, none at the end. A server that closes while we still send resets the connection."""
    try:
        return link.recv(65536)
    except ConnectionResetError:
        return b''


def read_replies(link, wanted, to_head):
    """Up to `wanted` replies, interim ones not counted; fewer if the server closes. -> (replies, rest, closed)"""
    data, replies, closed = b'', [], False
    while sum(reply.status >= 200 for reply in replies) < wanted:
        try:
            reply = Reply(data, to_head and not replies)
            replies.append(reply)
            data = data[reply.size:]
            continue
        except IndexError:
            pass
        piece = receive(link)
        if not piece:
            closed = True
            break
        data += piece
    return replies, data, closed
