"""A client that comes through the Unix-domain door; the same HTTP as at the TCP port."""
import http.client
import socket

import pep_server


class _Connection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__('localhost', timeout=timeout)  # any single Host will do at this door
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class UnixClient(pep_server.Client):
    """Like pep_server.Client; the socket is the token file's unless another path is given."""

    def __init__(self, token, path=None, timeout=30):
        super().__init__(token, timeout)
        self.path = path or token['socket']
        self.connection = _Connection(self.path, timeout)

    def peer_name(self):
        return self.path  # design.md 5: the proof names the path on this door
