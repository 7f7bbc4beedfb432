#!/bin/sh
# Run every fuzz target of a build (preset fuzz) for SECONDS_EACH, one after the other:
#     tests/fuzz/run.sh SECONDS_EACH [BUILD_DIR] [TARGET…]
# Corpora grow in $PEP_FUZZ_CORPUS (a temporary folder unless set). They begin with tests/fuzz/seeds and,
# where PEP_TESTDATA is set, with the mails and keys there. Findings are kept beside the corpora.
set -eu

here=$(dirname "$(readlink -f "$0")")
if [ $# -lt 1 ]; then
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
seconds=$1
build=$(readlink -f "${2:-$here/../../build/fuzz}")
shift
[ $# -eq 0 ] || shift
all=$(sed -n 's/^pep_fuzzer(\([a-z0-9_]*\) .*/\1/p' "$here/CMakeLists.txt")
targets=${*:-$all}
corpus=${PEP_FUZZ_CORPUS:-$(mktemp -d -t pep-fuzz-corpus-XXXXXX)}
findings=$corpus/findings
mkdir -p "$findings"
for target in $all; do
    mkdir -p "$corpus/$target"
done

# seed TARGET FILE PREFIX: PREFIX is an octal escape of what stands before the file's bytes, or empty.
seed() {
    name=$(printf '%s%s' "$3" "$2" | cksum | cut -d' ' -f1)
    { printf "%b" "$3"; cat "$2"; } >"$corpus/$1/$name"
}

# The first byte of fuzz_decrypt: 1 inside the encryption, 2 inline, 4 signed, 8 by ourselves,
# 16 from a p≡p program, 32 receiver known.
seed_mail() {
    seed mime "$1" ''
    seed decrypt "$1" '\000'
    seed decrypt "$1" '\025'
}

for file in "$here"/seeds/*.eml; do
    seed_mail "$file"
    for first in '\001' '\005' '\065' '\075' '\007'; do
        seed decrypt "$file" "$first"
    done
done
for file in "$here"/seeds/*.uper; do
    seed payload "$file" ''
done
for file in "$here"/seeds/connection/*; do # by the Unix socket, by TCP, and as another user
    seed gate "$file" ''
    for first in '\000' '\001' '\003'; do
        seed connection "$file" "$first"
    done
done
for file in "$here"/seeds/rpc/*; do # without and with the token in the header, patient, and as an old client
    seed json "$file" ''
    for first in '\000' '\002' '\012' '\001'; do
        seed rpc "$file" "$first"
    done
done
for file in "$here"/seeds/marshal/*; do # for all types and functions
    seed json "$file" ''
    seed marshal "$file" '\0377'
done
for file in "$here"/seeds/token_file/*; do
    seed token_file "$file" ''
done
for file in "$here"/seeds/options/*; do # a word a line, for the server and for pep-rpc
    words=$corpus/$(basename "$file")
    tr '\n' '\0' <"$file" >"$words"
    for first in '\000' '\001'; do
        seed options "$words" "$first"
    done
    rm "$words"
done
if [ -n "${PEP_TESTDATA:-}" ]; then
    find "$PEP_TESTDATA" -type f -size -200k \( -name '*.eml' -o -name '*.msg' \) | while read -r file; do
        seed_mail "$file"
    done
    find "$PEP_TESTDATA" -type f -size -100k -name '*.asc' | while read -r file; do
        if grep -q '^-----BEGIN PGP' "$file"; then
            seed keys "$file" ''
        else
            seed_mail "$file"
        fi
    done
else
    echo 'PEP_TESTDATA is not set: starting from the seeds of the project alone'
fi

failed=''
for target in $targets; do
    echo "== fuzz_$target: $seconds s, corpus $corpus/$target"
    # The target may not write: librnp tells much, and would fill the disk.
    options="-max_total_time=$seconds -timeout=20 -rss_limit_mb=2500 -print_final_stats=1 -close_fd_mask=3"
    case $target in
    mime | decrypt) options="$options -max_len=65536 -dict=$here/mail.dict" ;;
    keys) options="$options -max_len=40000" ;;
    payload) options="$options -max_len=4096" ;;
    gate | connection) options="$options -max_len=4096 -dict=$here/http.dict" ;;
    json | rpc | marshal | token_file) options="$options -max_len=8192 -dict=$here/json.dict" ;;
    options) options="$options -max_len=1024 -dict=$here/options.dict" ;;
    esac
    # shellcheck disable=SC2086 # options are words
    if ! (cd "$findings" && "$build/bin/fuzz_$target" $options -artifact_prefix="$findings/$target-" \
        "$corpus/$target" >"$findings/$target.log" 2>&1); then
        failed="$failed $target"
    fi
    grep -E '^(stat::|SUMMARY|==[0-9]+== ERROR)|Test unit written' "$findings/$target.log" || true
done
if [ -n "$failed" ]; then
    echo "findings in $findings:$failed"
    exit 1
fi
