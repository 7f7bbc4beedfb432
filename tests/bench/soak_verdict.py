"""Is a line flat? Verdicts on a series of measurements that one disturbance must not turn around.

The first third is warm-up: caches fill, allocators settle. What counts is how the last third compares with the one
before, by medians, and whether a robust slope (Theil and Sen: the median of all slopes between two points) says that
it still rises.
"""
import statistics

MEGABYTE = 1_000_000
LEAST_POINTS = 6


class Line:
    """A series of (seconds, value). It is flat while it grows by less than `share` of itself plus `spare` from the
    second third to the last."""

    def __init__(self, name, share, spare, unit, scale=1):
        self.name = name
        self.share = share
        self.spare = spare
        self.unit = unit
        self.scale = scale
        self.points = []

    def add(self, seconds, value):
        self.points.append((seconds, value))

    def thirds(self):
        third = len(self.points) // 3
        return self.points[third:2 * third], self.points[2 * third:]

    def verdict(self):
        """-> (flat, what was found)"""
        if len(self.points) < LEAST_POINTS:
            return True, '%s: only %d measurements, no verdict' % (self.name, len(self.points))
        middle, last = self.thirds()
        before, after = (statistics.median(value for _, value in part) for part in (middle, last))
        slope = theil_sen(middle + last)
        apart = (last[-1][0] - middle[0][0]) / 2
        allowed = self.share * before + self.spare
        # A step that happens once moves the medians, too; but a leak goes on to the end.
        leaks = after - before > allowed and theil_sen(last) * apart > allowed / 2
        text = '%s: %.2f, then %.2f %s; slope %+.2f %s an hour' % (
            self.name, before / self.scale, after / self.scale, self.unit, slope * 3600 / self.scale, self.unit)
        return not leaks, text + (' IS NOT FLAT, allowed are %+.2f' % (allowed / self.scale) if leaks else '')


def theil_sen(points, most=400):
    """The median slope; of a long series only every n-th point, which changes nothing that matters."""
    points = points[::max(1, len(points) // most)]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for i, a in enumerate(points) for b in points[i + 1:] if b[0] > a[0]]
    return statistics.median(slopes) if slopes else 0.0


def memory_line(name, is_sanitized=False):
    """A sanitizer keeps freed memory and bookkeeping of its own."""
    return Line(name, 0.25 if is_sanitized else 0.05, (32 if is_sanitized else 2) * MEGABYTE, 'MB', MEGABYTE)


def latency_line(name):
    """What grows with the number of calls makes them slower in proportion to time."""
    return Line(name, 0.4, 5.0, 'ms')


def count_line(name, spare):
    return Line(name, 0.0, spare, '')


def self_test():
    """Feeds the verdict with series whose answer is known. -> what went wrong"""
    def noise(number):
        return (number * 7919 % 31 - 15) * 20_000  # ± 0.3 MB, the same in each run

    def line(values, made=memory_line):
        made_line = made('test')
        for number, value in enumerate(values):
            made_line.add(number * 5.0, value)
        return made_line.verdict()[0]

    base, count = 30 * MEGABYTE, 120
    rows = [
        ('flat with noise', [base + noise(n) for n in range(count)], True),
        ('warm-up, then flat', [base + min(n, 40) * MEGABYTE + noise(n) for n in range(count)], True),
        ('single peaks', [base + noise(n) + (90 * MEGABYTE if n % 17 == 0 else 0) for n in range(count)], True),
        ('one step near the end', [base + noise(n) + (8 * MEGABYTE if n > 78 else 0) for n in range(count)], True),
        ('falling', [base + (count - n) * 100_000 for n in range(count)], True),
        ('a steady leak', [base + noise(n) + n * 150_000 for n in range(count)], False),
        ('a leak in steps', [base + noise(n) + n // 10 * 1_500_000 for n in range(count)], False),
        ('a leak behind warm-up and peaks', [base + min(n, 30) * 200_000 + n * 150_000 + (
            50 * MEGABYTE if n % 13 == 0 else 0) for n in range(count)], False),
    ]
    wrong = ['memory, %s' % what for what, values, flat in rows if line(values) != flat]
    if not line([2.0 + n % 5 for n in range(count)], latency_line):
        wrong.append('latency, steady')
    if line([2.0 + n * 0.6 for n in range(count)], latency_line):
        wrong.append('latency, ever slower')
    if line([10 + n // 4 for n in range(count)], lambda name: count_line(name, 8)):
        wrong.append('descriptors, ever more')
    if not line([10 + n % 7 for n in range(count)], lambda name: count_line(name, 8)):
        wrong.append('descriptors, up and down')
    return wrong
