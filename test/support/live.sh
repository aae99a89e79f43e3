# live.sh: what tests of a whole federation share: a line for each test, programs in the background, waiting. Sourced, with
# test/support/broker.sh, by scripts that set `work` (a folder) and `broker_folder` (of the broker that they start).
. test/support/broker.sh
children=()
failed=0

# check NAME: runs a test, which is a function, and prints a line about it; what it and the programs said, if it fails.
check() {
    if "$1" >"$work/output" 2>&1; then
        echo "[       OK ] $1"
    else
        echo "[  FAILED  ] $1"
        tail -q -n 15 "$work/output" "$work"/*.log 2>/dev/null | sed 's/^/    /'
        failed=1
    fi
}

# says CODE TEXT COMMAND...: the command ends with that code and a message that holds the text.
says() {
    local code=$1 text=$2 message
    shift 2
    message=$("$@" 2>&1)
    local got=$?
    ((got == code)) && [[ $message == *"$text"* ]] && return
    echo "wanted $code '$text', got $got '$message' from: $*"
    return 1
}

# start NAME COMMAND...: runs it in the background, its output in NAME.log.
start() {
    local name=$1
    shift
    "$@" >>"$work/$name.log" 2>&1 &
    children+=($!)
}

# await TRIES COMMAND...: until the command is well, five times a second.
await() {
    local tries=$1
    shift
    while ((tries-- > 0)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.2
    done
    echo "in vain: $*"
    return 1
}

# stop_all: ends what this test started, by process id.
stop_all() {
    local pid
    for pid in "${children[@]}"; do
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    children=()
    broker_stop "$broker_folder"
}
