"""The other side of tests/support/faults.c: tells a running program which of its file calls shall fail.

    faults = Faults(); server = Server(binary, home, environment=faults.environment(home))
    faults.arm(kinds=WRITE, error=errno.ENOSPC, prefix=home.path, skip=2, count=1)
"""
import mmap
import os
import struct
import tempfile

OPEN, WRITE, SYNC, TRUNCATE, RENAME, MAP, READ = 1, 2, 4, 8, 16, 32, 64
CHANGES = OPEN | WRITE | SYNC | TRUNCATE | RENAME | MAP
LIBRARY = os.environ.get('PEP_FAULTS_LIBRARY', '')

SIZE = 4096
LAYOUT = struct.Struct('=iiiiiIiii')  # struct control
PREFIX_AT = 64


class Faults:
    def __init__(self):
        descriptor, self.path = tempfile.mkstemp(prefix='pep-test-faults-')
        os.ftruncate(descriptor, SIZE)
        self.memory = mmap.mmap(descriptor, SIZE)
        os.close(descriptor)

    def remove(self):
        self.memory.close()
        os.unlink(self.path)

    def environment(self, home, **more):
        return home.environment(LD_PRELOAD=LIBRARY, PEP_FAULTS=self.path, **more)

    def arm(self, kinds, error, prefix, skip=0, count=1, permille=0, seed=1, tear=False):
        """error 0 only counts. Counters begin anew; the kinds are written last, as they start it."""
        self.lift()
        data = os.fsencode(prefix)
        self.memory[PREFIX_AT:PREFIX_AT + len(data) + 1] = data + b'\0'
        LAYOUT.pack_into(self.memory, 0, 0, error, skip, count, permille, seed, int(tear), 0, 0)
        struct.pack_into('=i', self.memory, 0, kinds)

    def lift(self):
        struct.pack_into('=i', self.memory, 0, 0)

    @property
    def seen(self):
        return LAYOUT.unpack_from(self.memory, 0)[7]

    @property
    def failed(self):
        return LAYOUT.unpack_from(self.memory, 0)[8]
