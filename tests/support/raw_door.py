"""Clients that behave badly on purpose: bytes as they are, over TCP or the Unix socket, and ends of every kind."""
import json
import select
import socket
import struct
import time

MODERN, LEGACY = '/rpc', '/ja/0.1/callFunction'


def call_body(method, params=None, number=1, **members):
    params = {} if params is None else params
    return json.dumps({'jsonrpc': '2.0', 'id': number, 'method': method, 'params': params, **members}).encode()


def head(token, length=None, *fields, path=MODERN, method='POST', bearer=True):
    """A request's head. `length` None leaves the length out; other fields are lines."""
    lines = ['%s %s HTTP/1.1' % (method, path), 'Host: 127.0.0.1:%d' % token['port']]
    if bearer:
        secret = token['security_token'] if bearer is True else bearer
        lines.append('Authorization: Bearer ' + secret)
    if method == 'POST':
        lines.append('Content-Type: application/json')
    if length is not None:
        lines.append('Content-Length: %d' % length)
    return '\r\n'.join([*lines, *fields, '', '']).encode()


def request(token, method, params=None, **how):
    body = call_body(method, params, how.pop('number', 1))
    return head(token, len(body), **how) + body


class Link:
    """One connection. `door` is 'tcp' or 'unix'."""

    def __init__(self, token, door='tcp', timeout=60):
        if door == 'unix':
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        else:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        try:
            self.socket.connect(token['socket'] if door == 'unix' else (token['address'], token['port']))
        except OSError:
            self.socket.close()
            raise

    def send(self, data):
        """False if the server does not listen any more."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def stuff(self, data):
        """Sends what fits into the buffers without waiting. -> the rest"""
        self.socket.setblocking(False)
        try:
            while data and (sent := self.socket.send(data[:1 << 20])):
                data = data[sent:]
        except (BlockingIOError, ConnectionError):
            pass
        return data

    def has_ended(self):
        """The server closed it; nothing of what it sent is taken away before."""
        if not select.select([self.socket], [], [], 0)[0]:
            return False
        try:
            return self.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b''
        except BlockingIOError:
            return False
        except OSError:
            return True

    def read_to_end(self, timeout=60):
        """-> (all bytes until the server closes, closed in order). A reset ends it as well."""
        answer = b''
        end = time.monotonic() + timeout
        while True:
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            try:
                chunk = self.socket.recv(1 << 16)
            except socket.timeout:
                raise TimeoutError('the server neither answers nor closes; so far %r' % answer[-200:]) from None
            except OSError:
                return answer, False
            if not chunk:
                return answer, True
            answer += chunk

    def reply(self):
        """The next whole answer with a length. -> (HTTP status, header text, body)"""
        data = bytearray()
        while (end := data.find(b'\r\n\r\n')) < 0:
            data += self.more(data)
        top, body = bytes(data[:end]), data[end + 4:]
        length = 0
        for line in top.split(b'\r\n')[1:]:
            name, _, value = line.partition(b':')
            if name.lower() == b'content-length':
                length = int(value)
        while len(body) < length:
            body += self.more(top)
        return int(top.split()[1]), top.decode('latin-1'), bytes(body)

    def more(self, seen):
        chunk = self.socket.recv(1 << 18)
        if not chunk:
            raise ConnectionError('closed after %r' % bytes(seen[:300]))
        return chunk

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """The end without farewell: RST on TCP, on the Unix socket what is unread is lost."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.socket.close()

    def abort(self):
        """Ends what another thread waits for on this link."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # closed already

    def close(self):
        self.socket.close()


def split_answer(data):
    """-> (HTTP status, header fields by lower-case name, body) of the bytes of one answer"""
    top, _, body = data.partition(b'\r\n\r\n')
    lines = top.decode('latin-1').split('\r\n')
    fields = {}
    for line in lines[1:]:
        name, _, value = line.partition(':')
        fields[name.lower()] = value.strip()
    return int(lines[0].split()[1]), fields, body
