#!/usr/bin/env python3
"""Stopping: quickly, in the documented order, whatever the clients are doing."""
import json
import os
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pep_server  # noqa: E402
import server_case  # noqa: E402
from hostile_clients import HostileClients  # noqa: E402
from server_case import ServerCase  # noqa: E402

LIMIT = 2 * pep_server.SLOWDOWN  # seconds


class Stopping(ServerCase):
    def assert_stops(self, server, signal_number=signal.SIGTERM):
        code, seconds = server.stop(signal_number)
        self.assertEqual(code, 0, server.log_text())
        self.assertLess(seconds, LIMIT)
        self.assertFalse(os.path.exists(self.home.token_file))

    def test_by_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                self.assert_stops(self.serve(), number)

    def test_by_call_which_is_answered(self):
        server = self.serve()
        client = server.client()
        self.assertIsNone(client.call('shutdown').value)
        pep_server.wait_for(lambda: server.process.poll() is not None, LIMIT, 'the end of the server')
        self.assertEqual(server.process.returncode, 0)
        self.assertFalse(os.path.exists(self.home.token_file))

    def test_by_a_call_in_the_old_dialect(self):
        server = self.serve()
        answer = server.client().legacy('shutdown')
        self.assertEqual(answer['result'], {'outParams': [], 'return': None})
        pep_server.wait_for(lambda: server.process.poll() is not None, LIMIT, 'the end of the server')

    def test_does_not_wait_for_silent_clients(self):
        server = self.serve()
        token = self.home.token()
        links = []
        for data in (b'', b'GET /', b'POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n' % token['port'],
                     b'POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 1000\r\n\r\nabc' % token['port']):
            for _ in range(10):
                link = socket.create_connection((token['address'], token['port']))
                self.addCleanup(link.close)
                link.sendall(data)
                links.append(link)
        self.assert_stops(server)

    def test_does_not_wait_for_a_client_that_reads_nothing(self):
        server = self.serve()
        token = self.home.token()
        link = socket.create_connection((token['address'], token['port']))
        self.addCleanup(link.close)
        link.settimeout(2)
        request = (b'GET /openrpc.json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n' % token['port'])
        try:
            for _ in range(400):
                link.sendall(request)
        except OSError:
            pass  # the server stopped reading: its replies are not taken
        self.assert_stops(server)

    def test_does_not_wait_for_hostile_clients_of_every_kind_at_once(self):
        for by_call in (False, True):
            with self.subTest(by_call=by_call):
                server = self.serve()
                with HostileClients(self.home.token()):
                    self.assert_answers()
                    if by_call:
                        server.client().call('shutdown')
                        pep_server.wait_for(lambda: server.process.poll() is not None, LIMIT, 'the end')
                        self.assertEqual(server.process.returncode, 0)
                    else:
                        self.assert_stops(server)

    def test_answers_waiting_polls_and_ends_streams(self):
        server = self.serve()
        client = server.client()
        self.addCleanup(client.close)
        session = client.call('create_session').value
        poll, stream = self.connect(), self.connect()
        poll.sendall(self.request('pollForEvents', {'session_id': session, 'timeout_s': 300}))
        token = self.home.token()
        stream.sendall(b'GET /events HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n\r\n'
                       % (token['port'], token['security_token'].encode()))
        pep_server.wait_for(lambda: (events := client.call('status').value['events'])['waiting_polls'] == 1
                            and events['streams'] == 1, 10 * pep_server.SLOWDOWN, 'both readers')
        self.assert_stops(server)
        self.assertTrue(self.read_all(poll).endswith(b'"return":[],"out":{}}}'))
        self.read_all(stream)  # to its end

    def connect(self):
        token = self.home.token()
        link = socket.create_connection((token['address'], token['port']), timeout=20)
        self.addCleanup(link.close)
        return link

    def request(self, method, params):
        token = self.home.token()
        body = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': params}).encode()
        return (b'POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n'
                b'Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s'
                % (token['port'], token['security_token'].encode(), len(body), body))

    @staticmethod
    def read_all(link):
        answer = b''
        while chunk := link.recv(65536):
            answer += chunk
        return answer

    def test_answers_what_runs(self):
        server = self.serve()
        link = self.connect()
        link.sendall(self.request('myself', {'identity': {
            'address': 'ann@example.org', 'user_id': 'pEp_own_userId', 'username': 'Ann'}}))
        time.sleep(0.005)
        server.process.send_signal(signal.SIGTERM)
        answer = self.read_all(link)
        self.assertTrue(answer.startswith(b'HTTP/1.1 200') or b'-32005' in answer, answer[:200])
        self.assertEqual(server.process.wait(20), 0)

    def test_the_token_is_worthless_while_the_server_stops(self):
        server = self.serve()
        token = self.home.token()
        held = socket.create_connection((token['address'], token['port']))
        self.addCleanup(held.close)
        held.sendall(b'POST /rpc HTTP/1.1\r\n')  # keeps the server busy stopping
        client = server.client()
        client.call('ping')
        server.process.send_signal(signal.SIGTERM)
        pep_server.wait_for(lambda: not os.path.exists(self.home.token_file), LIMIT, 'the end of the token file')
        try:
            client.call('ping')
            self.fail('a call was served after the token was forgotten')
        except pep_server.Refused as refusal:
            self.assertEqual((refusal.http_status, refusal.code), (503, -32005))
        except (OSError, ValueError, pep_server.http.client.HTTPException):
            pass  # closed already
        self.assertEqual(server.process.wait(20), 0)

    def test_by_the_keyboard(self):
        for number in (signal.SIGINT, signal.SIGQUIT):
            server = self.serve()
            server.process.send_signal(number)
            self.assertEqual(server.process.wait(20), 0, number)
            self.assertFalse(os.path.exists(self.home.token_file))

    def test_signals_that_mean_nothing_do_nothing(self):
        server = self.serve()
        for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO,
                       signal.SIGPIPE):
            server.process.send_signal(number)
        self.assert_answers()
        self.assertIsNone(server.process.poll())

    def test_a_second_signal_does_no_harm(self):
        server = self.serve()
        server.process.send_signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(20), 0)

    def test_a_client_that_leaves_does_no_harm(self):
        self.serve()
        token = self.home.token()
        for _ in range(20):
            link = socket.create_connection((token['address'], token['port']))
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')  # closes by reset
            link.sendall(b'GET /openrpc.json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n' % token['port'])
            link.close()
        self.assert_answers()


if __name__ == '__main__':
    server_case.main()
