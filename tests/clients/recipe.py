"""How a program calls a pep-json-server: find it, or start $PEP_SERVER, have it prove itself, only then send the token.

`recipe.py METHOD PARAMS` prints what METHOD returns. Exit codes: 0 done, 1 call failed, 3 no server, 4 not trusted.
"""
import base64, hashlib, hmac, http.client, ipaddress, json, os, re, secrets, stat, subprocess, sys  # noqa: E401


class Stop(Exception): """(exit code, why, what may help: to 'start' a server, to read the file 'again', or None)"""


def read_token_file():
    """-> address, port, token. Nobody but we can have written it, or can read it."""
    home = os.environ.get('PEPHOME') or os.path.expanduser('~/.pEp')
    try:
        with open(home + '/json-token', 'rb', opener=lambda path, flags: os.open(  # O_NONBLOCK: a FIFO would wait
                path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)) as file:
            status, folder = os.fstat(file.fileno()), os.stat(home)  # of what is read, whatever its name is by now
            content = json.loads(file.read(16384))
        address, port, token = content['address'], content['port'], content['security_token']
        if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077 or folder.st_mode & 0o022 \
                or {status.st_uid, folder.st_uid} != {os.geteuid()} or not re.fullmatch('[A-Za-z0-9_-]+', token) \
                or type(port) is not int or not 0 < port < 65536 or not ipaddress.ip_address(str(address)).is_loopback:
            raise ValueError('it is not ours alone, or damaged')
        return address, port, token
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        code, remedy = (3, 'start') if isinstance(error, FileNotFoundError) else (4, None)
        raise Stop(code, 'token file: %s' % error, remedy) from None


def prove(link, endpoint, token):
    """Anybody may have the port since the server that wrote the file ended; only who knows the token can answer."""
    nonce = secrets.token_urlsafe(24)
    link.request('GET', '/prove?nonce=' + nonce)
    try:
        answer = json.loads(link.getresponse().read(500))
        text = '\n'.join(('pep-json-server/1', nonce, endpoint, answer['epoch']))
        proof = base64.urlsafe_b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha256)).rstrip(b'=')
        return hmac.compare_digest(proof, answer['proof'].encode())
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def call(method, params):
    address, port, token = read_token_file()
    link, remedy = http.client.HTTPConnection(address, port, timeout=10), 'start'
    try:
        link.connect()
        link.auto_open = 0  # or it would send the token on a new connection by itself, whose end has proven nothing
        if not prove(link, ('[%s]:%d' if ':' in address else '%s:%d') % (address, port), token):
            raise Stop(4, 'who answers cannot prove to be the server', 'start')
        if link.sock:
            link.sock.settimeout(300)
        remedy = None  # from here on the call may have been done, even if no answer comes
        link.request('POST', '/rpc', json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': params}),
                     {'Authorization': 'Bearer ' + token, 'Content-Type': 'application/json'})
        response = link.getresponse()
        answer = json.loads(response.read())
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Stop(3, 'no answer: %s' % error, remedy) from None
    if 'error' in answer:
        raise Stop(*(4, 'our token is refused', 'again') if response.status == 401 else (1, answer['error'], None))
    return answer['result']['return']


def main(method='version', params='{}', *, remedies=('start', 'again')):
    try:
        print(json.dumps(call(method, json.loads(params))))
        return 0
    except Stop as stop:
        code, why, remedy = stop.args
    if remedy not in remedies:  # each is tried once
        print('recipe.py:', why, file=sys.stderr)
        return code
    if remedy == 'start':  # the command returns when the server can be called
        subprocess.run('exec "${PEP_SERVER:-pep-json-server}" >/dev/null', shell=True, check=False)
    return main(method, params, remedies=set(remedies) - {remedy})


sys.exit(main(*sys.argv[1:]))
