"""Chromium, driven through chromedriver's WebDriver interface with nothing but Python's standard library."""
import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'  # the key of an element reference, fixed by the W3C standard
OPTIONS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
           '--disable-background-networking', '--disable-component-update', '--disable-sync',
           '--disable-dev-shm-usage', '--hide-scrollbars']


class MissingBrowser(Exception):
    """chromium or chromedriver is not installed."""


class ScriptError(Exception):
    """The driver refused a command or the page threw."""


class Browser:
    """One headless window with a fresh profile. Use in `with`."""

    def __init__(self, width=1440, height=900, dark=False):
        self.chromium, driver = shutil.which('chromium'), shutil.which('chromedriver')
        if not self.chromium or not driver:
            raise MissingBrowser('%s is not installed' % ('chromedriver' if self.chromium else 'chromium'))
        self.profile = tempfile.mkdtemp(prefix='pep-page-')
        with socket.create_server(('127.0.0.1', 0)) as probe:
            port = probe.getsockname()[1]
        self.base = 'http://127.0.0.1:%d' % port
        self.driver = subprocess.Popen([driver, '--port=%d' % port, '--log-level=SEVERE'],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            self._start_session(width, height, dark)
        except BaseException:
            self._end_driver()
            raise

    def _start_session(self, width, height, dark):
        options = OPTIONS + ['--user-data-dir=' + self.profile, '--window-size=%d,%d' % (width, height)]
        if dark:
            options.append('--blink-settings=preferredColorScheme=0')
        wanted = {'browserName': 'chrome', 'goog:loggingPrefs': {'browser': 'ALL'},
                  'goog:chromeOptions': {'binary': self.chromium, 'args': options}}
        end = time.monotonic() + 20
        while True:
            try:
                answer = self._request('POST', '/session', {'capabilities': {'alwaysMatch': wanted}})
                break
            except OSError:
                if time.monotonic() > end or self.driver.poll() is not None:
                    raise
                time.sleep(0.1)
        self.session = '/session/' + answer['sessionId']

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._request('DELETE', self.session)
        except (OSError, ScriptError):
            pass  # the process group ends in any case
        self._end_driver()

    def _end_driver(self):
        try:
            os.killpg(self.driver.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.driver.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _request(self, verb, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {'Content-Type': 'application/json'}, method=verb)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)['value']
        except urllib.error.HTTPError as error:
            value = json.load(error)['value']
            raise ScriptError('%s: %s' % (value['error'], value['message'].splitlines()[0])) from None

    def _do(self, command, body=None):
        return self._request('POST' if body is not None else 'GET', self.session + command, body)

    def open(self, url):
        self._do('/url', {'url': url})

    def run(self, script, *arguments):
        """The value of a JavaScript expression; `arguments[n]` are the further arguments."""
        return self._do('/execute/sync', {'script': 'return (%s)' % script, 'args': list(arguments)})

    def find(self, css):
        return self._do('/element', {'using': 'css selector', 'value': css})[ELEMENT]

    def click(self, css):
        # as a user scrolls: a bar at the edge of the window may cover what only just fits in
        self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", css)
        self._do('/element/%s/click' % self.find(css), {})

    def type(self, css, text):
        """Types as a user does; also puts a path into a file field."""
        self._do('/element/%s/value' % self.find(css), {'text': text})

    def clear(self, css):
        self._do('/element/%s/clear' % self.find(css), {})

    def press(self, *keys):
        """Keys for whatever has the focus, all held until the last is down."""
        steps = [{'type': 'keyDown', 'value': key} for key in keys]
        steps += [{'type': 'keyUp', 'value': key} for key in reversed(keys)]
        self._do('/actions', {'actions': [{'type': 'key', 'id': 'keyboard', 'actions': steps}]})

    def text(self, css):
        return self._do('/element/%s/text' % self.find(css))

    def wait(self, script, *arguments, seconds=10):
        end = time.monotonic() + seconds
        while not (value := self.run(script, *arguments)):
            if time.monotonic() > end:
                raise ScriptError('waited in vain for ' + script)
            time.sleep(0.02)
        return value

    def console(self):
        """What the page's console got since the last call."""
        return ['%s: %s' % (entry['level'], entry['message']) for entry in self._do('/se/log', {'type': 'browser'})]

    def resize(self, width, height):
        self._do('/window/rect', {'width': width, 'height': height})

    def screenshot(self, path):
        with open(path, 'wb') as file:
            file.write(base64.b64decode(self._do('/screenshot')))
