#!/usr/bin/env python3
"""Every header compiles alone; those of the C API also as strict C11.

Takes compiler and flags from compile_commands.json of the build, so that the rules are those of the build.
"""
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = os.environ['PEP_SOURCE_DIR']
BUILD = sys.argv[1]


def commands():
    """-> {layer: (compiler, flags)} and the C compiler, as the build uses them."""
    layers = {}
    with open(os.path.join(BUILD, 'compile_commands.json'), encoding='utf-8') as file:
        for entry in json.load(file):
            relative = os.path.relpath(entry['file'], os.path.join(ROOT, 'src')).split(os.sep)
            words = shlex.split(entry['command'])
            # a compiler cache and its settings may stand before the compiler
            while not os.path.basename(words[0]).startswith(('c++', 'g++', 'clang++', 'cc', 'gcc', 'clang')) or 'ccache' in words[0]:
                words.pop(0)
            flags = [word for word in words[1:words.index('-o')] if not word.startswith(('-fsanitize', '-O', '-g'))]
            if relative[0] != '..' and entry['file'].endswith('.cpp'):
                layers.setdefault(relative[0], (words[0], flags))
    return layers


def is_proven_by_its_code_file(header):
    """A code file that includes its own header first shows in every build that this compiles alone."""
    code = header[:-len('.hpp')] + '.cpp'
    if not os.path.exists(os.path.join(ROOT, 'src', code)):
        return False
    with open(os.path.join(ROOT, 'src', code), encoding='utf-8') as file:
        first = re.search(r'^#include (.*)$', file.read(), re.MULTILINE)
    return first is not None and first.group(1) == '"%s"' % header


def compile_alone(job):
    name, command, text = job
    done = subprocess.run([*command, '-fsyntax-only', '-'], input=text, capture_output=True, text=True, check=False)
    return name, done.returncode, done.stderr


def main():
    layers = commands()
    jobs = []
    for folder, _, names in sorted(os.walk(os.path.join(ROOT, 'src'))):
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), os.path.join(ROOT, 'src'))
            layer = path.split(os.sep)[0]
            if name.endswith('.hpp') and layer in layers and not is_proven_by_its_code_file(path):
                compiler, flags = layers[layer]
                # twice, as a file that includes two headers would
                jobs.append((path, [compiler, *flags, '-x', 'c++'], '#include "%s"\n' % path * 2))
    public = os.path.join(ROOT, 'include', 'pEp')
    for name in sorted(os.listdir(public)):
        text = '#include <pEp/%s>\n' % name * 2 + 'typedef int not_empty;\n'
        strict = ['-I', os.path.join(ROOT, 'include'), '-Wall', '-Wextra', '-Wpedantic', '-Wstrict-prototypes', '-Werror']
        jobs.append((name + ' as C11', ['cc', '-std=c11', '-pedantic-errors', *strict, '-x', 'c'], text))
        jobs.append((name + ' as C++', ['c++', '-std=c++17', *strict[:-2], '-Werror', '-x', 'c++'], text))
    faults = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, code, output in pool.map(compile_alone, jobs):
            if code != 0:
                faults += 1
                print('%s does not compile alone:\n%s' % (name, output))
    print('%d headers, %d faults' % (len(jobs), faults))
    return 1 if faults or len(jobs) < 20 else 0


if __name__ == '__main__':
    sys.exit(main())
