"""Planted secrets, the shapes they could leak in, and where to look: texts, files, /proc, memory.

A marker is random in each run and 32 characters long, so that a hit is no accident. Shapes are made of its
halves, because a piece cut from a secret is a leak, too.
"""
import base64
import os
import re
import secrets
import string

ALPHABET = string.ascii_letters + string.digits
HALF = 16
CONTEXT = 48


class Marker:
    """One secret. `kind` says what it is in findings, which never show the secret itself."""

    def __init__(self, kind, value=None, halves=None):
        self.kind = kind
        self.text = value if value is not None else ''.join(secrets.choice(ALPHABET) for _ in range(2 * HALF))
        self.data = self.text if isinstance(self.text, bytes) else self.text.encode()
        self.halves = halves or [self.data[:HALF], self.data[-HALF:]]
        self.shapes = self.all_shapes()

    def all_shapes(self):
        """-> [(name, bytes)]: as it is, and as encoders along the way would write it"""
        found = []
        for half in self.halves:
            found += [('plain', half), ('reversed', half[::-1]), ('hex', half.hex().encode()),
                      ('HEX', half.hex().upper().encode()), ('utf-16', b'\0'.join([half[i:i + 1] for i in range(8)])),
                      ('percent', b''.join(b'%%%02X' % byte for byte in half))]
            # Base64 of a text that has the marker somewhere inside: three ways to stand in its groups.
            for shift in range(3):
                whole = base64.b64encode(bytes(shift) + half)
                begin = -(-shift * 4 // 3)
                inner = whole[begin:begin + 20]
                found.append(('base64', inner))
                if inner.translate(None, b'+/') != inner:
                    found.append(('base64url', inner.replace(b'+', b'-').replace(b'/', b'_')))
        return found


def find(markers, data, shapes=None):
    """-> [(marker, shape, offset)] of all markers in bytes"""
    hits = []
    for marker in markers:
        for shape, needle in marker.shapes:
            if shapes and shape not in shapes:
                continue
            at = data.find(needle)
            while at >= 0:
                hits.append((marker, shape, at))
                at = data.find(needle, at + 1)
    return hits


def described(data, at, markers):
    """The neighbourhood of a hit, for a report: printable, and without the secrets themselves."""
    near = bytes(data[max(0, at - CONTEXT):at + HALF + CONTEXT])
    for marker in markers:
        for _, needle in marker.shapes:
            near = near.replace(needle, b'<' + marker.kind.encode() + b'>')
    return re.sub(rb'[^ -~]', b'.', near).decode()


def findings_in(markers, data, place):
    """-> sentences about what was found, none of which tells a secret"""
    return sorted({'%s (%s) in %s' % (marker.kind, shape, place) for marker, shape, _ in find(markers, data)})


def findings_in_files(folder, markers, exempt=lambda path, marker: False):
    findings = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            findings += findings_in(markers, os.fsencode(name), 'the name of a file')
            try:
                if not os.path.isfile(path):
                    continue
                with open(path, 'rb') as file:
                    data = file.read()
            except OSError:
                continue  # went meanwhile
            wanted = [marker for marker in markers if not exempt(path, marker)]
            findings += findings_in(wanted, data, path)
    return findings


def findings_in_proc(pid, markers):
    """What `ps` and others show of a process and its threads."""
    findings = []
    folders = ['/proc/%d' % pid]
    try:
        folders += ['/proc/%d/task/%s' % (pid, task) for task in os.listdir('/proc/%d/task' % pid)]
    except OSError:
        return []
    for folder in folders:
        for name in ('cmdline', 'environ', 'comm', 'status', 'stat'):
            try:
                with open(os.path.join(folder, name), 'rb') as file:
                    findings += findings_in(markers, file.read(), '/proc/PID/' + name)
            except OSError:
                pass
    return findings


class Mapping:
    """A writable stretch of a process's memory."""

    def __init__(self, line):
        addresses, self.mode, _, _, _, *name = line.split(None, 5)
        self.begin, self.end = (int(each, 16) for each in addresses.split('-'))
        self.name = name[0].strip() if name else ''
        self.is_locked = False
        self.stack_pointers = []

    def owner(self, address):
        """Who it belongs to, as far as the kernel knows."""
        if self.is_locked:
            return 'locked heap'
        if self.stack_pointers or self.name == '[stack]':
            live = any(pointer <= address for pointer in self.stack_pointers)
            return 'thread stack' if live else 'thread stack, below what is in use'
        return 'heap' if self.name in ('', '[heap]') else self.name


def stack_pointers(pid):
    """Where the threads stand, which sleep in a system call."""
    pointers = []
    for task in os.listdir('/proc/%d/task' % pid):
        try:
            with open('/proc/%d/task/%s/syscall' % (pid, task), encoding='ascii') as file:
                pointers.append(int(file.read().split()[-2], 16))
        except (OSError, ValueError, IndexError):
            pass  # running at the moment
    return pointers


def writable_mappings(pid):
    mappings = []
    with open('/proc/%d/smaps' % pid, encoding='utf-8', errors='replace') as file:
        for line in file:
            if re.match(r'[0-9a-f]+-[0-9a-f]+ ', line):
                current = Mapping(line)
                if current.mode.startswith('rw'):
                    mappings.append(current)
            elif line.startswith('VmFlags:'):
                current.is_locked = ' lo' in line
    for pointer in stack_pointers(pid):
        for mapping in mappings:
            if mapping.begin <= pointer < mapping.end:
                mapping.stack_pointers.append(pointer)
    return mappings


def used_stretches(data, page=4096):
    """-> [(begin, end)] without the pages that are empty, of which there are many"""
    stretches, empty = [], bytes(page)
    for at in range(0, len(data), page):
        if data[at:at + page] == empty:
            continue
        joins = stretches and stretches[-1][1] == at
        stretches.append((stretches.pop()[0] if joins else at, at + page))
    return stretches


class MemoryImage:
    """What was in a process's memory, of each writable mapping."""

    def __init__(self, pid):
        self.parts = []  # mapping, where in it, bytes
        self.size = 0
        with open('/proc/%d/mem' % pid, 'rb', buffering=0) as file:
            for mapping in writable_mappings(pid):
                pieces, left = [], mapping.end - mapping.begin
                try:
                    file.seek(mapping.begin)
                    while left > 0 and (piece := file.read(left)):
                        pieces.append(piece)
                        left -= len(piece)
                except OSError:
                    pass  # guard pages and the like cannot be read
                data = b''.join(pieces)
                self.size += len(data)
                self.parts += [(mapping, begin, data[begin:end]) for begin, end in used_stretches(data)]

    def find(self, markers):
        """-> {(kind, owner): (how often, neighbourhood of the first)}, as plain text or base64"""
        found = {}
        for mapping, begin, data in self.parts:
            for marker, shape, at in find(markers, data, ('plain', 'base64')):
                kind = marker.kind if shape == 'plain' else marker.kind + ' in base64'
                place = (kind, mapping.owner(mapping.begin + begin + at))
                count, near = found.get(place) or (0, described(data, at, markers))
                found[place] = (count + 1, near)
        return found


def memory_is_readable(pid):
    """Whether the kernel lets us look (parent with ptrace permission, or root)."""
    try:
        with open('/proc/%d/mem' % pid, 'rb', buffering=0) as file:
            file.seek(writable_mappings(pid)[0].begin)
            return len(file.read(16)) == 16
    except (OSError, IndexError):
        return False
