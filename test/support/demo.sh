# demo.sh: runs tools/demo/demo for tests. To be sourced by bash at the tree's root, which also sets `build`. It makes
# `folder`, which goes with the test, and in it a TMPDIR that nobody else writes into.
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/tmp"
export TMPDIR=$folder/tmp
failed=0

claim() { # name, then a command that must succeed
    local name=$1
    shift
    if "$@" >"$folder/output" 2>&1; then
        echo "[       OK ] $name"
    else
        echo "[  FAILED  ] $name"
        tail -n 30 "$folder/output"
        failed=1
    fi
}

# Processes of this test: what the demo starts has its folder in its arguments, or, if it is ours, in its environment.
left_over() {
    pgrep -f "$1" | grep -v "^$$\$"
    local environ programs
    programs=$(cd "$build/bin" && pwd)
    for environ in $(grep -lsaF -- "$1" /proc/[0-9]*/environ); do
        [[ $(readlink "${environ%/environ}/exe") != "$programs"/* ]] || tr '\0' ' ' <"${environ%/environ}/cmdline"
    done
}

nothing_left() { [[ -z $(left_over "$1" | tee /dev/stderr) ]]; }

# Nothing of a demo without KEEP, which writes into TMPDIR only.
no_trace() { nothing_left "$TMPDIR" && diff /dev/null <(ls -A "$TMPDIR"); }

# A shell's background job ignores Ctrl-C; this one shall not.
interruptible() {
    exec /usr/bin/python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])' "$@"
}

demo() { # keep folder, then variables for the demo
    local keep=$1
    shift
    interruptible env BUILD="$build" KEEP="$keep" "$@" tools/demo/demo
}

wait_for() { # file, pattern
    for _ in {1..300}; do
        grep -q "$2" "$1" 2>/dev/null && return 0
        sleep 0.1
    done
    return 1
}

port_of() { grep -oP 'broker on 127\.0\.0\.1:\K[0-9]+' "$1"; }
