#!/bin/sh
# From a fresh clone to a running server, or to a tested one, with one command. Installs only what
# is missing (cmake/packages.txt), builds with the presets and does the job; a second run is quick.
set -eu

cd "$(dirname "$0")/.."
top=$(pwd)

usage() {
    cat <<'TEXT'
usage: cmake/quickstart.sh run [--once]    build, show the main job on a sample mail, then serve
       cmake/quickstart.sh test            build and run all tests but the long ones

run    two people make their keys, exchange them, encrypt and decrypt a mail and compare
       trustwords; every call is printed. Then a server stays in the foreground until Ctrl-C;
       --once ends before that. Homes are temporary: your own ~/.pEp is not touched.
test   builds preset dev, with sanitizers, and the program without them. Real mails and keys are read
       from $PEP_TESTDATA; tests that need them are skipped without.

Missing packages are installed on Debian 12 (with sudo when you are not root); elsewhere they are
named and nothing is changed (exit status 3).
TEXT
}

say() {
    printf '\n== %s\n' "$*"
}

# packages GROUP…: the Debian packages of these groups, one a line.
packages() {
    awk -v groups=" $* " '!/^#/ && index(groups, " " $1 " ") { print $2 }' cmake/packages.txt
}

# absent_packages GROUP…: those dpkg does not know as installed.
absent_packages() {
    wanted=$(packages "$@")
    # shellcheck disable=SC2086 # one word per package
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
        sed -n 's/^installed //p') || true
    for package in $wanted; do
        printf '%s\n' "$installed" | grep -qxF "$package" || printf '%s\n' "$package"
    done
}

# is_there PROBE: the third column of cmake/packages.txt, for systems without dpkg.
is_there() {
    case $1 in
    cmd:*) command -v "${1#*:}" >/dev/null 2>&1 ;;
    f:*) [ -e "${1#*:}" ] ;;
    h:*) [ -e "/usr/include/${1#*:}" ] || [ -e "/usr/local/include/${1#*:}" ] ;;
    pc:*)
        command -v pkg-config >/dev/null 2>&1 || return 1
        module=${1#*:}
        pkg-config --exists "${module%%>=*} >= ${module##*>=}"
        ;;
    esac
}

# name_what_is_missing GROUP…: for other systems; ends the script when something is.
name_what_is_missing() {
    missing=$(
        while read -r group package probe; do
            case " $* " in *" $group "*) ;; *) continue ;; esac
            is_there "$probe" || printf '  %-30s (looked for %s)\n' "$package" "${probe#*:}"
        done <cmake/packages.txt
    )
    [ -n "$missing" ] || return 0
    cat >&2 <<TEXT
This is not Debian 12, so nothing is installed for you. Missing, by its Debian name:
$missing
Install these in your system's way and run this command again.
TEXT
    exit 3
}

is_debian_12() {
    [ -r /etc/os-release ] && command -v dpkg-query >/dev/null 2>&1 &&
        grep -qx 'ID=debian' /etc/os-release && grep -qx 'VERSION_ID="12"' /etc/os-release
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# provide GROUP…: everything of these groups is installed afterwards.
provide() {
    if ! is_debian_12; then
        name_what_is_missing "$@"
        return
    fi
    absent=$(absent_packages "$@")
    [ -n "$absent" ] || return 0
    # shellcheck disable=SC2086 # on one line
    set -- $absent
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
        printf 'You are not root and there is no sudo. As root, run:\n  apt-get install %s\n' "$*" >&2
        exit 3
    fi
    say "installing $# packages"
    as_root apt-get -q update
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"
}

# is_configured PRESET: the build itself sees changes of everything but the presets.
is_configured() {
    [ -e "build/$1/build.ninja" ] && [ -z "$(find CMakePresets.json -newer "build/$1/build.ninja")" ]
}

# build PRESET [TARGET…]
build() {
    preset=$1
    shift
    say "building preset $preset"
    is_configured "$preset" || cmake --preset "$preset"
    cmake --build --preset "$preset" --parallel "$(nproc)" ${1+--target "$@"}
}

# build_release TARGET…
build_release() {
    if ! is_configured release; then
        # The tests' libraries are not needed here; a later `cmake --preset release` turns them on.
        cmake --preset release -DBUILD_TESTING=OFF
    fi
    build release "$@"
}

run() {
    provide build
    build_release pep-json-server pep-rpc
    say "the main job"
    exec python3 "$top/tests/mainjob/mainjob.py" --server "$top/build/release/bin/pep-json-server" "$@"
}

# Packages of npm that tests use: those of tests/FOLDER/package.json go into build/npm/FOLDER, at the
# versions of the lock beside it. Where they cannot be had, their tests are skipped and say why.
provide_npm_packages() {
    command -v npm >/dev/null 2>&1 || return 0
    for lock in tests/*/package-lock.json; do
        folder=$(basename "$(dirname "$lock")")
        there=build/npm/$folder
        [ ! -d "$there/node_modules" ] || ! cmp -s "$lock" "$there/package-lock.json" || continue
        say "installing npm packages of tests/$folder"
        mkdir -p "$there"
        cp "tests/$folder/package.json" "$lock" "$there/"
        timeout 120 npm ci --prefix "$there" --ignore-scripts --no-audit --no-fund --fetch-retries=1 \
            >"$there/log" 2>&1 && continue
        rm -rf "$there/node_modules"
        printf 'npm could not install them (see %s/log): their tests are skipped\n' "$there"
    done
}

run_tests() {
    provide build test
    provide_npm_packages
    build dev
    build_release pep-json-server # for tests that limit memory, look into it, or let system calls fail
    say "testing preset dev"
    # One more than processors: many tests mostly wait.
    exec ctest --preset dev --parallel "$(($(nproc) + 1))"
}

case "${1-}${2+ $2}" in
run) run --serve ;;
"run --once") run ;;
test) run_tests ;;
-h | --help) usage ;;
*)
    usage >&2
    exit 2
    ;;
esac
