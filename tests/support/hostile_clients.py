"""Clients that want to keep a server busy, silent or waiting, all at once: for tests of its end.

Each kind is a set of sockets; one thread lets the dripping ones drip, others storm. They know the token
where a program of the same user would.
"""
import json
import socket
import threading


class HostileClients:
    """Begin with `with`: inside, all of them are connected and at work; they leave at the end."""

    def __init__(self, token, idle=200, storms=4):
        self.token = token
        self.idle = idle
        self.storms = storms
        self.ended = threading.Event()
        self.links = []
        self.drips = []
        self.threads = []

    def __enter__(self):
        try:
            for connect in (self.connect_idle, self.connect_silent, self.connect_drips, self.connect_never_readers,
                            self.connect_streams, self.connect_polls, self.connect_pipelines):
                connect()
        except BaseException:
            self.__exit__()
            raise
        self.threads = [threading.Thread(target=self.drip)]
        self.threads += [threading.Thread(target=self.storm) for _ in range(self.storms)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        for link in self.links:
            link.close()

    def link(self):
        link = socket.create_connection((self.token['address'], self.token['port']), timeout=20)
        self.links.append(link)
        return link

    def head(self, line, length=None, authorized=True):
        fields = ['%s HTTP/1.1' % line, 'Host: %(address)s:%(port)d' % self.token]
        if authorized:
            fields.append('Authorization: Bearer ' + self.token['security_token'])
        if length is not None:
            fields += ['Content-Type: application/json', 'Content-Length: %d' % length]
        return ('\r\n'.join(fields) + '\r\n\r\n').encode()

    def request(self, method, params=None, authorized=True):
        body = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': params or {}}).encode()
        return self.head('POST /rpc', len(body), authorized) + body

    @staticmethod
    def send_what_fits(link, data):
        """Fills the buffers of both sides and reads nothing."""
        link.setblocking(False)
        try:
            while True:
                link.send(data)
        except OSError:
            pass

    def connect_idle(self):
        """Programs between two calls."""
        for _ in range(self.idle):
            link = self.link()
            link.sendall(self.request('ping'))
            link.recv(4096)

    def connect_silent(self):
        """Nothing, a part of a header, a part of a body, and half-open peers."""
        for start in (b'', b'P', self.head('POST /rpc', 1000)[:-4], self.head('POST /rpc', 1000) + b'{"jsonrpc"'):
            for half_open in (False, True):
                for _ in range(5):
                    link = self.link()
                    link.sendall(start)
                    if half_open:
                        link.shutdown(socket.SHUT_WR)

    def connect_drips(self):
        for start in (b'', self.head('POST /rpc', 100000), self.head('POST /rpc', 100000, authorized=False)):
            for _ in range(5):
                link = self.link()
                link.sendall(start)
                link.setblocking(False)
                self.drips.append(link)

    def connect_never_readers(self):
        for _ in range(5):
            link = self.link()
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            self.send_what_fits(link, self.head('GET /openrpc.json', authorized=False) * 20)

    def connect_streams(self):
        for _ in range(10):
            self.link().sendall(self.head('GET /events'))

    def connect_polls(self):
        for number in range(10):
            self.link().sendall(self.request('pollForEvents', {'session_id': 'hostile%d' % number, 'timeout_s': 300}))

    def connect_pipelines(self):
        for _ in range(5):
            self.send_what_fits(self.link(), self.request('version') * 50)

    def drip(self):
        while not self.ended.wait(0.02):
            for link in self.drips:
                try:
                    link.send(b'G')
                except OSError:
                    pass  # refused meanwhile

    def storm(self):
        """Wrong tokens and right ones on new connections, as fast as it goes."""
        requests = [self.request('version', authorized=False), self.request('version')]
        while not self.ended.is_set():
            for data in requests:
                try:
                    with socket.create_connection((self.token['address'], self.token['port']), timeout=1) as link:
                        link.sendall(data)
                        link.recv(4096)
                except OSError:
                    self.ended.wait(0.001)  # nobody listens any more
