#!/usr/bin/env bash
# tacit-enclave as a process: how it ends, and that it is locked in while it serves. Frames are written by hand:
# magic, call, length of the body (aggregator/gate/gate.h).
set -u
cd "$(dirname "$0")/../.." || exit 2

enclave=${BUILD:-build}/bin/tacit-enclave
[[ -x $enclave ]] || { echo "[  FAILED  ] not built: make $enclave"; exit 1; }
folder=$(mktemp -d) || exit 2
child=
trap '[[ -z $child ]] || kill "$child" 2>/dev/null; rm -rf "$folder"' EXIT
openssl ecparam -name prime256v1 -genkey -noout -out "$folder/root.key" 2>/dev/null || exit 2
failed=0

boot='TG01\x01\0\0\0' attest='TG01\x02\0\0\0' unknown='TG01\xff\0\0\0' no_body='\0\0\0\0'

# ends NAME CODE FRAME ARGUMENT...: the enclave, given these bytes, ends with this code.
ends() {
    local name=$1 want=$2 frame=$3 code
    printf '%b' "$frame" | timeout 20 "$enclave" "${@:4}" >"$folder/output" 2>&1
    code=${PIPESTATUS[1]}
    if ((code == want)); then
        echo "[       OK ] $name"
    else
        echo "[  FAILED  ] $name"
        echo "    ended with $code instead of $want"
        sed 's/^/    /' "$folder/output"
        failed=1
    fi
}

# says NAME PATTERN: what the last one said.
says() {
    if grep -q "$2" "$folder/output"; then
        echo "[       OK ] $1"
    else
        echo "[  FAILED  ] $1"
        failed=1
    fi
}

# holds NAME COMMAND...: the command is true.
holds() {
    if "${@:2}"; then
        echo "[       OK ] $1"
    else
        echo "[  FAILED  ] $1"
        failed=1
    fi
}

status_has() {
    grep -qE "^$1:[[:space:]]+$2\$" "/proc/$child/status"
}

only_three_files_are_open() {
    [[ $(ls "/proc/$child/fd" 2>/dev/null | sort -n | tr '\n' ' ') == '0 1 2 ' ]]
}

served_with() {
    wait "$child"
    (($? == $1))
}

ends help_ends_well 0 '' --help
says help_tells_the_usage 'usage: tacit-enclave'
ends no_arguments_are_a_wrong_usage 2 ''
ends an_unknown_option_is_a_wrong_usage 2 '' --root "$folder/root.key"
ends an_argument_too_many_is_a_wrong_usage 2 '' --sim-root "$folder/root.key" more
ends a_missing_key_file_is_a_failed_setup 3 '' --sim-root "$folder/none.key"
says a_missing_key_file_is_named "$folder/none.key"
echo 'no key' >"$folder/bad.key"
ends a_file_that_is_no_key_is_a_failed_setup 3 '' --sim-root "$folder/bad.key"
ends a_closed_gate_ends_well 0 '' --sim-root "$folder/root.key"
ends a_call_out_of_its_moment_is_fatal 4 "$attest$no_body" --sim-root "$folder/root.key"
says a_fatal_call_is_named 'call 2'
ends an_unknown_call_is_fatal 4 "$unknown$no_body" --sim-root "$folder/root.key"
ends a_boot_without_a_body_is_fatal 4 "$boot$no_body" --sim-root "$folder/root.key"
ends a_boot_that_does_not_decode_is_fatal 4 "$boot"'\x03\0\0\0abc' --sim-root "$folder/root.key"
ends a_frame_without_magic_is_fatal 4 'XG01\x01\0\0\0\0\0\0\0' --sim-root "$folder/root.key"
ends a_body_past_every_bound_is_fatal 4 "$boot"'\xff\xff\xff\xff' --sim-root "$folder/root.key"
ends half_a_head_is_a_broken_pipe 5 'TG01\x01' --sim-root "$folder/root.key"
ends half_a_body_is_a_broken_pipe 5 "$boot"'\x03\0\0\0a' --sim-root "$folder/root.key"

# As its host starts it: with no descriptor but the first three.
start_enclave() {
    local fd
    for fd in /proc/"$BASHPID"/fd/*; do
        fd=${fd##*/}
        ((fd <= 2)) || eval "exec $fd>&-"
    done
    exec "$enclave" --sim-root "$folder/root.key"
}

# One that stays: this script holds its gate open.
mkfifo "$folder/gate"
start_enclave <"$folder/gate" >/dev/null 2>"$folder/output" &
child=$!
exec 9>"$folder/gate"
for try in {1..100}; do
    status_has Seccomp 2 && break
    sleep 0.05
done
holds it_filters_its_system_calls status_has Seccomp 2
holds it_can_gain_no_privileges status_has NoNewPrivs 1
if [[ -r /proc/$child/fd && $(id -u) == 0 ]]; then
    holds it_holds_no_file_but_its_pipes only_three_files_are_open
else
    echo "[  SKIPPED ] it_holds_no_file_but_its_pipes"
fi
exec 9>&-
holds a_closed_gate_ends_one_that_is_locked_in served_with 0
child=
exit "$failed"
