"""What the kernel says about a running server: memory, descriptors, threads, processor time.

The server must be dumpable (`--dumpable`), or be asked by root: else its /proc belongs to root.
"""
import os

TICKS = os.sysconf('SC_CLK_TCK')


def status_lines(path):
    with open(path, encoding='utf-8') as file:
        return dict(line.split(':', 1) for line in file if ':' in line)


def resident_memory(pid):
    """Bytes, shared libraries included."""
    return int(status_lines('/proc/%d/status' % pid)['VmRSS'].split()[0]) * 1024


def private_memory(pid):
    """Bytes that this process wrote for itself. What it only read of programs and libraries counts as private when no
    other process runs the same program, and as written while a new program is not on the disk yet: no cost of its own."""
    return int(status_lines('/proc/%d/smaps_rollup' % pid)['Anonymous'].split()[0]) * 1024


def descriptors(pid):
    """-> what each open descriptor is: a path, `socket:[N]`, `anon_inode:…`"""
    found = []
    folder = '/proc/%d/fd' % pid
    for number in os.listdir(folder):
        try:
            found.append(os.readlink(os.path.join(folder, number)))
        except OSError:
            pass  # closed meanwhile
    return found


def sockets(pid):
    return sum(name.startswith('socket:') for name in descriptors(pid))


def threads(pid):
    return len(os.listdir('/proc/%d/task' % pid))


def cpu_seconds(pid):
    """Processor time used by all its threads so far."""
    with open('/proc/%d/stat' % pid, encoding='utf-8', errors='replace') as file:
        fields = file.read().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS  # utime, stime


def quiet_sanitizer(environment):
    """The same environment, in which a sanitized server returns freed memory soon: else it keeps 256 MB of it, and
    figures of memory say nothing."""
    options = 'quarantine_size_mb=1:thread_local_quarantine_size_kb=16:allocator_release_to_os_interval_ms=100'
    return {**environment, 'ASAN_OPTIONS': ':'.join(filter(None, [environment.get('ASAN_OPTIONS'), options]))}
