"""Rows about what a well-formed request may want: target, host, origin, token, size. README, "Threat model".

Names that lead here from a foreign page are known from DNS rebinding, forms without preflight and cross-site scripts.
"""
from http_probe import CLOSES, bare, chunked, declined, refused, request, served


def target(text, **more):
    return bare(line='GET %s HTTP/1.1' % text, **more)


def line(text):
    return request(line=text)


REQUEST_LINES = [
    refused('absolute form', line('POST http://$HOST/rpc HTTP/1.1'), 400, 'target_form'),
    refused('absolute form of another host', line('POST http://evil.example.org/rpc HTTP/1.1'), 400, 'target_form'),
    refused('authority form', line('POST $HOST HTTP/1.1'), 400, 'target_form'),
    refused('CONNECT', bare(line='CONNECT $HOST HTTP/1.1'), 400, 'target_form'),
    refused('asterisk form', bare(line='OPTIONS * HTTP/1.1'), 400, 'target_form'),
    refused('target without slash', line('POST rpc HTTP/1.1'), 400, 'target_form'),
    refused('target with backslash', line('POST \\rpc HTTP/1.1'), 400, 'target_form'),
    refused('no target', line('POST HTTP/1.1'), 400, 'bad_request_line'),
    refused('two blanks before the target', line('POST  /rpc HTTP/1.1'), 400, 'bad_request_line'),
    refused('two blanks behind the target', line('POST /rpc  HTTP/1.1'), 400, 'bad_request_line'),
    refused('blank in the target', line('POST /rpc x HTTP/1.1'), 400, 'bad_request_line'),
    refused('blank at the end', line('POST /rpc HTTP/1.1 '), 400, 'bad_request_line'),
    refused('tabs in the line', line('POST\t/rpc\tHTTP/1.1'), 400, 'bad_request_line'),
    refused('vertical tab in the line', line('POST\x0b/rpc HTTP/1.1'), 400, 'bad_request_line'),
    refused('bare CR in the line', line('POST /rpc\rHTTP/1.1'), 400, 'bad_request_line'),
    refused('bare CR at its end', line('POST /rpc HTTP/1.1\r'), 400, 'bad_request_line'),
    refused('NUL in the line', line('POST /rpc\0 HTTP/1.1'), 400, 'bad_request_line'),
    refused('high bytes in the target', line('POST /rp\xc3\xa7 HTTP/1.1'), 400, 'bad_request_line'),
    refused('HTTP/0.9', 'GET /\r\n', 400, 'bad_request_line'),
    refused('HTTP/0.9 by number', line('POST /rpc HTTP/0.9'), 505, 'version'),
    refused('HTTP/1.2', line('POST /rpc HTTP/1.2'), 505, 'version'),
    refused('HTTP/2.0', line('POST /rpc HTTP/2.0'), 505, 'version'),
    refused('HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505, 'version'),
    refused('version in lower case', line('POST /rpc http/1.1'), 400, 'bad_request_line'),
    refused('version with one number', line('POST /rpc HTTP/1'), 400, 'bad_request_line'),
    refused('version of two digits', line('POST /rpc HTTP/1.10'), 400, 'bad_request_line'),
    refused('version with zero in front', line('POST /rpc HTTP/01.1'), 400, 'bad_request_line'),
    refused('version with a comma', line('POST /rpc HTTP/1,1'), 400, 'bad_request_line'),
    refused('another protocol', line('POST /rpc RTSP/1.0'), 400, 'bad_request_line'),
    refused('TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'bad_request_line'),
    refused('SOCKS', '\x05\x01\x00', 400, 'bad_request_line'),
    refused('proxy protocol', 'PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n' + request(), 400, 'bad_request_line'),
    refused('bytes of no protocol', '\xff\xfe\xfd' * 20, 400, 'bad_request_line'),
    refused('method in brackets', line('(POST) /rpc HTTP/1.1'), 400, 'bad_request_line'),
    # What is no method of the address leaves no doubt about the next request, unless it has a body.
    declined('method in lower case', bare(line='post /rpc HTTP/1.1'), 405, 'method'),
    declined('GET', bare(line='GET /rpc HTTP/1.1'), 405, 'method'),
    declined('HEAD', bare(line='HEAD /rpc HTTP/1.1'), 405),
    declined('TRACE', bare('X-Name: $MARK', line='TRACE /rpc HTTP/1.1'), 405, 'method'),
    declined('OPTIONS', bare(line='OPTIONS /rpc HTTP/1.1'), 405, 'method'),
    declined('DELETE', bare(line='DELETE /rpc HTTP/1.1'), 405, 'method'),
    declined('an unknown method', bare(line='FROBNICATE /rpc HTTP/1.1'), 405, 'method'),
    refused('PUT', line('PUT /rpc HTTP/1.1'), 405, 'method'),
    refused('PATCH', line('PATCH /rpc HTTP/1.1'), 405, 'method'),
    refused('lower-case method with a body', line('post /rpc HTTP/1.1'), 405, 'method'),
    declined('method by another field', bare('X-HTTP-Method-Override: POST', line='GET /rpc HTTP/1.1'), 405, 'method'),
    # RFC 9112, 3: a target longer than the server wants to read is 414.
    refused('target over the limit', line('POST /rpc?' + 'a' * 20_000 + ' HTTP/1.1'), 414, 'target_too_long'),
]

TARGETS = [
    served('query', line('POST /rpc?$MARK HTTP/1.1')),
    served('page', bare(), runs=0),
    served('page with a query', target('/?$MARK'), runs=0),
    declined('token in the query', request(line='POST /rpc?security_token=$TOKEN HTTP/1.1', token=None), 401,
             'unauthorized'),
    refused('slash twice', line('POST //rpc HTTP/1.1'), 404, 'not_found'),
    refused('slash behind', line('POST /rpc/ HTTP/1.1'), 404, 'not_found'),
    refused('slash encoded', line('POST /rpc%2f HTTP/1.1'), 404, 'not_found'),
    refused('letter encoded', line('POST /%72pc HTTP/1.1'), 404, 'not_found'),
    refused('capitals', line('POST /RPC HTTP/1.1'), 404, 'not_found'),
    refused('dot', line('POST /./rpc HTTP/1.1'), 404, 'not_found'),
    refused('dots', line('POST /x/../rpc HTTP/1.1'), 404, 'not_found'),
    refused('semicolon', line('POST /rpc;x HTTP/1.1'), 404, 'not_found'),
    refused('fragment', line('POST /rpc#x HTTP/1.1'), 404, 'not_found'),
    refused('backslash behind', line('POST /rpc\\ HTTP/1.1'), 404, 'not_found'),
    refused('NUL encoded', line('POST /rpc%00 HTTP/1.1'), 404, 'not_found'),
    refused('line end encoded', line('POST /rpc%0d%0aX:%20y HTTP/1.1'), 404, 'not_found'),
    refused('query encoded', line('POST /rpc%3fx HTTP/1.1'), 404, 'not_found'),
    refused('two slashes and a host', line('POST //evil.example.org/rpc HTTP/1.1'), 404, 'not_found'),
    declined('token file', target('/json-token'), 404, 'not_found'),
    declined('token file above', target('/../json-token'), 404, 'not_found'),
    declined('token file above, encoded', target('/%2e%2e/json-token'), 404, 'not_found'),
    declined('token file above, encoded twice', target('/%252e%252e/json-token'), 404, 'not_found'),
    declined('token file above a folder', target('/views/../../json-token'), 404, 'not_found'),
    declined('system file', target('/../../../../etc/passwd'), 404, 'not_found'),
    declined('system file by backslashes', target('/..\\..\\etc\\passwd'), 404, 'not_found'),
    declined('folder', target('/views/'), 404, 'not_found'),
    declined('page by its file name', target('/index.html'), 404, 'not_found'),
    declined('mark in the path', target('/$MARK'), 404, 'not_found'),
    declined('old address with a query', request(line='POST /ja/0.1/callFunction?x HTTP/1.1'), 404, 'not_found'),
    served('path by another field', request('X-Original-URL: /nothing', 'X-Rewrite-URL: /nothing')),
]


def host(text):
    return request(host='Host: ' + text)


HOSTS = [
    served('Host localhost', host('localhost:$PORT')),
    served('Host in capitals', host('LocalHost:$PORT')),
    served('Host of IPv6', host('[::1]:$PORT')),
    served('Host between blanks and tabs', host('\t $HOST \t')),
    refused('Host missing', request(host=None), 400, 'host_missing'),
    refused('Host missing in HTTP/1.0', request(line='POST /rpc HTTP/1.0', host=None), 400, 'host_missing'),
    refused('Host twice, equal', request('Host: $HOST'), 400, 'field_repeated'),
    refused('Host twice, the second foreign', request('Host: evil.example.org'), 400, 'field_repeated'),
    refused('Host twice in other letters', request('HOST: $HOST'), 400, 'field_repeated'),
    refused('Host empty', host(''), 421, 'foreign_host'),
    refused('Host list', host('$HOST, $HOST'), 421, 'foreign_host'),
    refused('Host foreign', host('evil.example.org'), 421, 'foreign_host'),
    refused('Host foreign with our port', host('evil.example.org:$PORT'), 421, 'foreign_host'),
    refused('Host that begins like ours', host('127.0.0.1.evil.example.org:$PORT'), 421, 'foreign_host'),
    refused('Host that ends like ours', host('evil-localhost:$PORT'), 421, 'foreign_host'),
    refused('Host below localhost', host('evil.localhost:$PORT'), 421, 'foreign_host'),
    refused('Host with user', host('user@$HOST'), 421, 'foreign_host'),
    refused('Host as user', host('$HOST@evil.example.org'), 421, 'foreign_host'),
    refused('Host with scheme', host('http://$HOST'), 421, 'foreign_host'),
    refused('Host with path', host('$HOST/rpc'), 421, 'foreign_host'),
    refused('Host without port', host('127.0.0.1'), 421, 'foreign_host'),
    refused('Host with colon only', host('127.0.0.1:'), 421, 'foreign_host'),
    refused('Host with another port', host('127.0.0.1:80'), 421, 'foreign_host'),
    refused('Host with zeros before the port', host('127.0.0.1:0$PORT'), 421, 'foreign_host'),
    refused('Host with port and rubbish', host('${HOST}x'), 421, 'foreign_host'),
    refused('Host with trailing dot', host('localhost.:$PORT'), 421, 'foreign_host'),
    refused('Host with trailing dot behind digits', host('127.0.0.1.:$PORT'), 421, 'foreign_host'),
    refused('Host short', host('127.1:$PORT'), 421, 'foreign_host'),
    refused('Host as one number', host('2130706433:$PORT'), 421, 'foreign_host'),
    refused('Host octal', host('0177.0.0.1:$PORT'), 421, 'foreign_host'),
    refused('Host any', host('0.0.0.0:$PORT'), 421, 'foreign_host'),
    refused('Host of IPv6 in full', host('[0:0:0:0:0:0:0:1]:$PORT'), 421, 'foreign_host'),
    refused('Host of IPv6 without brackets', host('::1:$PORT'), 421, 'foreign_host'),
    refused('Host of mapped IPv4', host('[::ffff:127.0.0.1]:$PORT'), 421, 'foreign_host'),
    refused('Host of IPv6 with zone', host('[::1%25lo]:$PORT'), 421, 'foreign_host'),
    refused('Host by other fields', request('X-Forwarded-Host: $HOST', 'Forwarded: host="$HOST"',
                                            host='Host: evil.example.org'), 421, 'foreign_host'),
    served('Host foreign in other fields', request('X-Forwarded-Host: evil.example.org', 'X-Host: evil')),
]

JSON = 'Content-Type: application/json'


def origin(text, *more):
    return request('Origin: ' + text, JSON, *more)


def fetch(site, mode='cors', dest='empty'):
    return ['Sec-Fetch-Site: ' + site, 'Sec-Fetch-Mode: ' + mode, 'Sec-Fetch-Dest: ' + dest]


BROWSERS = [
    served('own origin', origin('http://$HOST')),
    served('own origin in capitals', origin('HTTP://LOCALHOST:$PORT')),
    served('own origin localhost', origin('http://localhost:$PORT')),
    served('own origin, same-origin', origin('http://$HOST', *fetch('same-origin'))),
    served('no origin, same-origin', request(JSON, *fetch('same-origin'))),
    served('no origin, none', request(JSON, *fetch('none'))),
    refused('origin null', origin('null'), 403, 'foreign_origin'),
    refused('origin empty', origin(''), 403, 'foreign_origin'),
    refused('origin foreign', origin('https://evil.example.org'), 403, 'foreign_origin'),
    refused('origin of a file', origin('file://'), 403, 'foreign_origin'),
    refused('origin of an extension', origin('moz-extension://8e7c4e3a'), 403, 'foreign_origin'),
    refused('origin with path', origin('http://$HOST/'), 403, 'foreign_origin'),
    refused('origin by https', origin('https://$HOST'), 403, 'foreign_origin'),
    refused('origin without port', origin('http://127.0.0.1'), 403, 'foreign_origin'),
    refused('origin with another port', origin('http://127.0.0.1:1'), 403, 'foreign_origin'),
    refused('origin that begins like ours', origin('http://$HOST.evil.example.org'), 403, 'foreign_origin'),
    refused('origin list', origin('http://$HOST http://evil.example.org'), 403, 'foreign_origin'),
    refused('origin with user', origin('http://user@$HOST'), 403, 'foreign_origin'),
    refused('origin twice, equal', origin('http://$HOST', 'Origin: http://$HOST'), 400, 'field_repeated'),
    refused('origin twice, the first foreign', origin('null', 'Origin: http://$HOST'), 400, 'field_repeated'),
    refused('foreign site', request(JSON, *fetch('cross-site')), 403, 'foreign_site'),
    refused('same site, but another port', request(JSON, *fetch('same-site')), 403, 'foreign_site'),
    refused('site in capitals', request(JSON, *fetch('SAME-ORIGIN')), 403, 'foreign_site'),
    refused('site unknown', request(JSON, *fetch('some-site')), 403, 'foreign_site'),
    refused('site twice', request(JSON, *fetch('same-origin'), 'Sec-Fetch-Site: cross-site'), 400, 'field_repeated'),
    refused('own origin, foreign site', origin('http://$HOST', *fetch('cross-site')), 403, 'foreign_site'),
    refused('navigation to a call', request(JSON, *fetch('cross-site', 'navigate', 'document')), 403, 'foreign_site'),
    served('navigation to the page', bare(*fetch('cross-site', 'navigate', 'document')), runs=0),
    refused('navigation to a proof', bare(*fetch('cross-site', 'navigate', 'document'),
                                          line='GET /prove?nonce=nnnnnnnnnnnnnnnnnnnnnnnn HTTP/1.1'), 403, 'foreign_site'),
    refused('page in a frame', bare(*fetch('cross-site', 'navigate', 'iframe')), 403, 'foreign_site'),
    refused('page as script', bare(*fetch('cross-site', 'no-cors', 'script')), 403, 'foreign_site'),
    refused('script of the page elsewhere', bare(*fetch('cross-site', 'no-cors', 'script'),
                                                 line='GET /page.js HTTP/1.1'), 403, 'foreign_site'),
    refused('preflight of our page', bare('Origin: http://$HOST', 'Access-Control-Request-Method: POST',
                                          line='OPTIONS /rpc HTTP/1.1'), 403, 'preflight'),
    refused('preflight of a foreign page', bare('Origin: https://evil.example.org', 'Access-Control-Request-Method: '
                                                'POST', line='OPTIONS /rpc HTTP/1.1'), 403, 'preflight'),
    refused('preflight to the private network', bare(
        'Origin: https://evil.example.org', 'Access-Control-Request-Method: POST',
        'Access-Control-Request-Private-Network: true', line='OPTIONS /rpc HTTP/1.1'), 403, 'preflight'),
    served('type with charset', request('Origin: http://$HOST', 'Content-Type: Application/JSON; charset=utf-8')),
    served('type text without a browser', request('Content-Type: text/plain')),
    served('type form without a browser', request('Content-Type: application/x-www-form-urlencoded')),
    served('no type without a browser', request()),
    refused('type text', request('Origin: http://$HOST', 'Content-Type: text/plain'), 415, 'content_type'),
    refused('type text that mentions JSON', request('Origin: http://$HOST',
                                                    'Content-Type: text/plain;application/json'), 415, 'content_type'),
    refused('type form', request('Origin: http://$HOST', 'Content-Type: application/x-www-form-urlencoded'), 415,
            'content_type'),
    refused('type multipart', request('Origin: http://$HOST', 'Content-Type: multipart/form-data; boundary=x'), 415,
            'content_type'),
    refused('type list', request('Origin: http://$HOST', JSON + ', text/plain'), 415, 'content_type'),
    refused('type missing', request('Origin: http://$HOST'), 415, 'content_type'),
    refused('type missing, fetch metadata alone', request(*fetch('same-origin')), 415, 'content_type'),
    refused('type twice', request(JSON, 'Content-Type: text/plain'), 400, 'field_repeated'),
]


def token(text, *more):
    return request(*more, token=text)


TOKENS = [
    served('scheme in lower case', token('authorization: bearer $TOKEN')),
    served('blanks before the token', token('Authorization: Bearer   $TOKEN')),
    declined('no token', token(None), 401, 'unauthorized'),
    declined('token in other fields', token('X-Authorization: Bearer $TOKEN', 'Proxy-Authorization: Bearer $TOKEN',
                                            'Cookie: security_token=$TOKEN'), 401, 'unauthorized'),
    refused('token alone', token('Authorization: $TOKEN'), 401, 'unauthorized'),
    refused('token empty', token('Authorization: Bearer '), 401, 'unauthorized'),
    refused('scheme without token', token('Authorization: Bearer'), 401, 'unauthorized'),
    refused('field empty', token('Authorization:'), 401, 'unauthorized'),
    refused('scheme Basic', token('Authorization: Basic $TOKEN'), 401, 'unauthorized'),
    refused('scheme unknown', token('Authorization: Token $TOKEN'), 401, 'unauthorized'),
    refused('scheme without blank', token('Authorization: Bearer$TOKEN'), 401, 'unauthorized'),
    refused('scheme with tab', token('Authorization: Bearer\t$TOKEN'), 401, 'unauthorized'),
    refused('scheme with colon', token('Authorization: Bearer: $TOKEN'), 401, 'unauthorized'),
    refused('token in quotes', token('Authorization: Bearer "$TOKEN"'), 401, 'unauthorized'),
    refused('token with more behind', token('Authorization: Bearer $TOKEN x'), 401, 'unauthorized'),
    refused('token with a comma behind', token('Authorization: Bearer $TOKEN,'), 401, 'unauthorized'),
    refused('token with padding', token('Authorization: Bearer $TOKEN='), 401, 'unauthorized'),
    refused('two tokens in one field', token('Authorization: Bearer x, Bearer $TOKEN'), 401, 'unauthorized'),
    refused('two fields, equal', token('Authorization: Bearer $TOKEN', 'Authorization: Bearer $TOKEN'), 400,
            'field_repeated'),
    refused('two fields, the first wrong', token('Authorization: Bearer x', 'Authorization: Bearer $TOKEN'), 400,
            'field_repeated'),
    refused('wrong token for a page', bare(token='Authorization: Bearer x'), 401, 'wrong_token'),
    refused('events without token', target('/events'), 401, 'token_missing'),
    refused('wrong token and no body yet', token('Authorization: Bearer x', 'Expect: 100-continue'), 401,
            'unauthorized'),
]

FIELDS = [
    served('Expect', request('Expect: 100-continue')),
    served('Expect in capitals', request('Expect: 100-Continue')),
    served('Expect without a body', bare('Expect: 100-continue'), runs=0),
    served('Expect in HTTP/1.0', request('Expect: something', line='POST /rpc HTTP/1.0'), then=CLOSES),
    refused('Expect something else', request('Expect: 200-ok'), 417, 'expectation'),
    refused('Expect twice', request('Expect: 100-continue', 'Expect: 100-continue'), 400, 'field_repeated'),
    refused('Expect with a body too large', request('Expect: 100-continue', length='Content-Length: 99999999999'), 413,
            'too_large'),
    served('Upgrade: h2c', request('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk')),
    served('Upgrade to TLS', request('Connection: Upgrade', 'Upgrade: TLS/1.0')),
    served('Connection names what we need', request('Connection: Host, Authorization, Content-Length')),
    served('Range', bare('Range: bytes=0-3'), runs=0),
    served('Range, many', bare('Range: bytes=' + '0-,' * 1000 + '0-'), runs=0),
    served('If-Modified-Since', bare('If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT'), runs=0),
    served('Accept-Encoding', bare('Accept-Encoding: gzip, br', 'Accept: text/$MARK'), runs=0),
    served('Forwarded for somebody', request('X-Forwarded-For: 192.0.2.1', 'X-Real-IP: 192.0.2.1', 'Via: 1.1 x')),
    # Who says that a body is compressed means another text than the one that would be read.
    refused('body compressed', request('Content-Encoding: gzip', length='Content-Length: 4', body='\x1f\x8b\x08\x00'),
            415, 'content_coding'),
    refused('body said to be compressed', request('Content-Encoding: gzip'), 415, 'content_coding'),
    refused('body compressed, chunked', chunked(field='Content-Encoding: br\r\nTransfer-Encoding: chunked'), 415,
            'content_coding'),
    refused('body of two codings', request('Content-Encoding: identity, gzip'), 415, 'content_coding'),
    refused('coding twice', request('Content-Encoding: identity', 'Content-Encoding: gzip'), 400, 'field_repeated'),
    served('body not compressed', request('Content-Encoding: identity')),
]

LIMITS = [
    served('100 fields', request(*['X-%d: y' % n for n in range(97)])),
    refused('101 fields', request(*['X-%d: y' % n for n in range(98)]), 431, 'header_too_large'),
    refused('1000 fields', request(*['X: y'] * 1000), 431, 'header_too_large'),
    served('a field of 15 000 bytes', request('X-Name: ' + 'a' * 15_000)),
    refused('a field of 17 000 bytes', request('X-Name: ' + 'a' * 17_000), 431, 'header_too_large'),
    refused('a name of 17 000 bytes', request('a' * 17_000 + ': y'), 431, 'header_too_large'),
    refused('a body over 64 MiB', request(length='Content-Length: 67108865'), 413, 'too_large'),
    refused('a body over 1 MiB without token', request(token=None, length='Content-Length: 1048577'), 413, 'too_large'),
    refused('chunks over 1 MiB without token', chunked('100001\r\n$CALL\r\n0\r\n\r\n', token=None), 413, 'too_large'),
    refused('a body over 64 MiB at the old address', request(
        line='POST /ja/0.1/callFunction HTTP/1.1', token=None, length='Content-Length: 67108865'), 413, 'too_large'),
    refused('a body over 1 MiB from a page at the old address', request(
        'Origin: http://$HOST', JSON, line='POST /ja/0.1/callFunction HTTP/1.1', token=None,
        length='Content-Length: 1048577'), 413, 'too_large'),
]

ROWS = REQUEST_LINES + TARGETS + HOSTS + BROWSERS + TOKENS + FIELDS + LIMITS
