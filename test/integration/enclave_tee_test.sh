#!/usr/bin/env bash
# tacit-enclave in its TEEs and behind its sockets: real processes. The TEEs' files are played (test/standin); nothing
# here has seen the hardware. The host's end is test/integration/enclave_check.c, told line by line what to do.
set -u
cd "$(dirname "$0")/../.." || exit 2

build=${BUILD:-build}
[[ $build = /* ]] || build=$PWD/$build
enclave=$build/bin/tacit-enclave check=$build/test/integration/enclave_check standin=$build/test/standin/tee_standin.so
for file in "$enclave" "$check" "$standin"; do
    [[ -e $file ]] || { echo "[  FAILED  ] not built: make $file"; exit 1; }
done
folder=$(mktemp -d) || exit 2
started=()
trap '((${#started[@]} == 0)) || kill -9 "${started[@]}" 2>/dev/null; rm -rf "$folder"' EXIT
openssl ecparam -name prime256v1 -genkey -noout -out "$folder/root.key" 2>/dev/null || exit 2
failed=0

# claim NAME COMMAND...: the command is true.
claim() {
    if "${@:2}" >"$folder/claim" 2>&1; then
        echo "[       OK ] $1"
    else
        echo "[  FAILED  ] $1"
        sed 's/^/    /' "$folder/claim" "$folder"/*.out "$folder"/*.err 2>/dev/null | tail -n 20
        failed=1
    fi
}
skip() { # NAME REASON
    echo "[  SKIPPED ] $1"
    echo "    skipped: $2"
}

# eventually COMMAND...: within some seconds.
eventually() {
    local try
    for try in {1..200}; do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}
gone() { ! kill -0 "$1" 2>/dev/null; }
# A child of this shell that has ended is there until it is waited for.
ended() { [[ ! -e /proc/$1 || $(awk '/^State/ {print $2}' "/proc/$1/status" 2>/dev/null) == Z ]]; }
status_has() { grep -qE "^$2:[[:space:]]+$3\$" "/proc/$1/status"; }
says() { grep -q -- "$2" "$1"; }

# The enclave with a TEE played around it. Its host starts it without an environment, so a script puts it there.
# make_wrapper NAME PROVIDER [EVIDENCE [ENDORSEMENT]]
make_wrapper() {
    cat >"$folder/$1" <<WRAPPER
#!/bin/sh
export TACIT_STANDIN=$2 TACIT_STANDIN_ROOT=/standin LD_PRELOAD=$standin
${3:+export TACIT_STANDIN_EVIDENCE=$3}
${4:+export TACIT_STANDIN_ENDORSEMENT=$4}
exec $enclave "\$@"
WRAPPER
    chmod +x "$folder/$1"
}
head -c 3000 /dev/urandom >"$folder/table"
make_wrapper snp sev_guest "" "$folder/table"
make_wrapper tdx tdx_guest
make_wrapper sgx gramine
make_wrapper other arm_cca_guest

# host NAME ARGUMENT...: a host's end that is told what to do through descriptor 8; its answers are in NAME.out.
host() {
    mkfifo "$folder/$1.in"
    "$check" "${@:2}" <"$folder/$1.in" >"$folder/$1.out" 2>"$folder/$1.err" &
    host=$!
    started+=("$host")
    exec 8>"$folder/$1.in"
}
asks() { echo "$1" >&8; }
answers() { eventually says "$folder/$1.out" "$2"; }
pid_of() { sed -n 's/^open pid //p' "$folder/$1.out"; }
child_of() { pgrep -P "$1"; }
has_child() { [[ -n $(child_of "$1") ]]; }

# ---- evidence, by the whole way: gate, core, and the child that asks
talk() { # NAME, wanted line, then what the host opens
    printf 'boot\nattest\nattest\n' | "$check" "${@:3}" >"$folder/$1.out" 2>"$folder/$1.err" &&
        [[ $(grep -cx -- "$2" "$folder/$1.out") == 3 ]]
}
claim a_report_of_snp_comes_with_the_hosts_certificates talk a "ok snp evidence 1184 endorsements 3000" "$folder/snp" --tee tsm --tee-root /standin
claim a_report_of_a_level_that_is_asked_for talk b "ok snp evidence 1184 endorsements 3000" "$folder/snp" --tee tsm --tee-root /standin --privlevel 1
claim a_quote_of_tdx talk c "ok tdx evidence 1024 endorsements" "$folder/tdx" --tee tsm --tee-root /standin
claim a_quote_of_sgx talk d "ok sgx evidence 1024 endorsements" "$folder/sgx" --tee gramine --tee-root /standin
claim simulated_evidence talk e "ok sim evidence 2[0-9][0-9] endorsements" "$enclave" --sim-root "$folder/root.key"

vectors=${TACIT_VECTORS:-../shared/vectors}
real() { # NAME PROVIDER KIND FILE TEE [SIZE OF THE EVIDENCE]
    local size
    size=${6:-$(stat -c %s "$4")}
    make_wrapper "real-$1" "$2" "$(realpath "$4")"
    talk "real-$1" "ok $3 evidence $size endorsements" "$folder/real-$1" --tee "$5" --tee-root /standin
}
if [[ -d $vectors/sgx && -d $vectors/tdx && -d $vectors/snp ]]; then
    claim real_sgx_evidence_goes_through real sgx gramine sgx "$vectors/sgx/quote_v3_platform_swhardening.bin" gramine
    # Drivers hand out bytes behind a quote; it ends where the length of its signature says (byte 632), and is cut there.
    own=$((636 + $(od -An -tu4 -j 632 -N 4 "$vectors/tdx/quote_v4_uptodate.bin")))
    claim real_tdx_4_evidence_goes_through real tdx4 tdx_guest tdx "$vectors/tdx/quote_v4_uptodate.bin" tsm "$own"
    claim real_tdx_5_evidence_goes_through real tdx5 tdx_guest tdx "$vectors/tdx/quote_v5_uptodate.bin" tsm
    claim real_snp_evidence_goes_through real snp sev_guest snp "$vectors/snp/report_v5_genoa_vcek.bin" tsm
else
    skip real_evidence_goes_through "no evidence of real devices in \$TACIT_VECTORS or ../shared/vectors"
fi

# ---- what there is not
ends() { # CODE PATTERN PROGRAM ARGUMENT...
    local code=0
    "${@:3}" </dev/null >"$folder/ends.out" 2>"$folder/ends.err" || code=$?
    ((code == $1)) && says "$folder/ends.err" "$2" && [[ ! -s $folder/ends.out ]]
}
silent() { # CODE PROGRAM ARGUMENT...: and not a byte anywhere
    local code=0
    "${@:2}" </dev/null >"$folder/ends.out" 2>"$folder/ends.err" || code=$?
    ((code == $1)) && [[ ! -s $folder/ends.err && ! -s $folder/ends.out ]]
}
claim without_a_tee_there_is_no_enclave ends 2 'no TEE is named' "$enclave"
claim a_tee_that_is_not_known_is_a_wrong_usage ends 2 'gramine or tsm' "$enclave" --tee sev
claim a_simulation_is_not_a_tee_of_that_option ends 2 'gramine or tsm' "$enclave" --tee sim
claim two_tees_are_a_wrong_usage ends 2 'no other TEE' "$enclave" --tee tsm --sim-root "$folder/root.key"
claim two_tees_in_the_other_order_are_a_wrong_usage ends 2 'only one TEE' "$enclave" --sim-root "$folder/root.key" --tee tsm
claim a_level_that_there_is_not_is_a_wrong_usage ends 2 'from 0 to 3' "$enclave" --tee tsm --privlevel 4
claim a_level_without_a_level_is_a_wrong_usage ends 2 'goes with --tee tsm' "$enclave" --sim-root "$folder/root.key" --privlevel 1
claim an_option_without_its_value_is_a_wrong_usage ends 2 'without its value' "$enclave" --tee tsm --listen
claim an_address_that_is_none_is_a_wrong_usage ends 2 'unix:PATH' "$enclave" --tee tsm --listen tcp:80
claim a_port_that_is_none_is_a_wrong_usage ends 2 'vsock:PORT' "$enclave" --tee tsm --listen vsock:4294967295
claim a_kernel_without_reports_is_told ends 3 'sev-guest' "$enclave" --tee tsm --tee-root "$folder/none"
claim a_provider_that_is_not_known_is_told ends 3 'neither sev_guest nor tdx_guest' "$folder/other" --tee tsm --tee-root /standin
# Under Gramine stderr is the gate: not a byte may go there, whatever is wrong.
claim on_gramine_a_failure_is_silent silent 3 "$enclave" --tee gramine --tee-root "$folder/none"
claim on_gramine_a_wrong_usage_is_silent silent 2 "$enclave" --tee gramine --privlevel 1
claim on_gramine_a_socket_is_silently_refused silent 2 "$enclave" --listen unix:"$folder/no" --tee gramine
claim on_gramine_a_wrong_option_before_it_is_silent silent 2 "$enclave" --what ever --tee gramine

# ---- two processes, neither outlives the other
begin() { # NAME: an enclave with its child, booted
    host "$1" "$folder/snp" --tee tsm --tee-root /standin
    asks boot
    answers "$1" '^ok snp' || return 1
    trusted=$(pid_of "$1")
    quoter=$(child_of "$trusted")
    [[ -n $quoter ]]
}
claim an_enclave_has_one_child begin one
claim the_enclave_is_locked_in status_has "$trusted" Seccomp 2
claim its_child_is_locked_in status_has "$quoter" Seccomp 2
claim its_child_gains_no_privileges status_has "$quoter" NoNewPrivs 1
open_files() { [[ $(ls "/proc/$1/fd" | sort -n | tr '\n' ' ') == "$2" ]]; }
if [[ $(id -u) == 0 ]]; then
    claim its_child_holds_two_pipes_and_stderr open_files "$quoter" '0 1 2 '
    claim the_enclave_holds_its_pipes_and_stderr open_files "$trusted" '0 1 2 4 5 '
else
    skip its_child_holds_two_pipes_and_stderr "only root sees the files of a process that cannot be dumped"
fi
kill -9 "$quoter"
claim an_enclave_ends_with_its_child eventually ended "$trusted"
asks attest
claim its_host_notices answers one '^failed NO_CONNECTION'
claim the_enclave_says_why says "$folder/one.err" 'asks for evidence has ended'
exec 8>&-
claim the_host_ends_well wait "$host"

claim another_enclave_has_one_child begin two
kill -9 "$trusted"
claim a_child_ends_with_its_enclave eventually gone "$quoter"
exec 8>&-
wait "$host"
claim a_third_enclave_has_one_child begin three
exec 8>&-
claim a_closed_gate_ends_both eventually gone "$quoter"
claim a_host_that_closes_ends_well wait "$host"

# ---- the gate over a Unix socket
listen() { # NAME ADDRESS: an enclave that waits for its connection
    "$enclave" --sim-root "$folder/root.key" --listen "$2" 2>"$folder/$1.err" 9</dev/null &
    trusted=$!
    started+=("$trusted")
}
waits() { eventually test -S "$folder/gate"; }
connects() { # NAME
    host "$1" unix:"$folder/gate"
    asks boot
    answers "$1" '^ok sim'
}
refused() { ! "$check" unix:"$folder/gate" </dev/null >"$folder/second.out" 2>&1 && says "$folder/second.out" 'failed to open'; }
ended_with() {
    local code=0
    wait "$1" || code=$?
    ((code == $2)) || { echo "ended with $code"; return 1; }
}
listen first unix:"$folder/gate"
claim it_waits_at_a_socket waits
claim only_its_owner_may_connect test "$(stat -c %a "$folder/gate")" = 600
claim one_connection_is_served connects u1
claim a_served_enclave_is_locked_in status_has "$trusted" Seccomp 2
if [[ $(id -u) == 0 ]]; then
    claim it_holds_its_connection_and_nothing_that_was_left_open open_files "$trusted" '0 1 2 '
else
    skip it_holds_its_connection_and_nothing_that_was_left_open "only root sees the files of a process that cannot be dumped"
fi
claim a_second_connection_is_refused refused
claim the_first_goes_on eval 'asks attest; eventually eval "[[ \$(grep -c ^ok \"$folder/u1.out\") == 2 ]]"'
exec 8>&-
wait "$host"
claim an_enclave_ends_with_its_connection ended_with "$trusted" 0

listen killed-host unix:"$folder/gate"
waits
claim it_serves_again_when_started_again connects u2
kill -9 "$host"
claim an_enclave_ends_when_its_host_is_killed eventually ended "$trusted"
exec 8>&-
wait "$host" 2>/dev/null

listen killed-enclave unix:"$folder/gate"
waits
connects u3
kill -9 "$trusted"
asks attest
claim a_host_notices_that_its_enclave_is_killed answers u3 '^failed NO_CONNECTION'
exec 8>&-
wait "$host"

# Nothing is taken from somebody who waits already, and no file is removed for a socket.
listen waiting unix:"$folder/gate"
waits
claim a_path_that_is_taken_is_refused ends 3 'it is there already' "$enclave" --sim-root "$folder/root.key" --listen unix:"$folder/gate"
echo precious >"$folder/file"
claim a_file_is_no_place_to_listen ends 3 'it is there already' "$enclave" --sim-root "$folder/root.key" --listen unix:"$folder/file"
claim the_file_is_still_there says "$folder/file" precious
claim a_folder_that_is_not_there_is_refused ends 3 '--listen' "$enclave" --sim-root "$folder/root.key" --listen unix:"$folder/no/gate"
claim the_one_that_waited_still_serves connects u4
exec 8>&-
wait "$host"
claim it_ended_well ended_with "$trusted" 0

# What comes over a socket is as hostile as what comes over a pipe.
sends() { # BYTES CODE
    local client
    listen hostile unix:"$folder/gate"
    waits || return 1
    /usr/bin/python3 - "$folder/gate" "$1" <<'PYTHON' &
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(sys.argv[2].encode().decode("unicode_escape").encode("latin1"))
s.shutdown(socket.SHUT_WR)
while s.recv(4096):
    pass
PYTHON
    client=$!
    ended_with "$trusted" "$2" || { kill "$client" 2>/dev/null; wait "$client"; return 1; }
    wait "$client" || true # it may have been reset
}
claim a_frame_without_magic_is_fatal sends 'XG01\x01\0\0\0\0\0\0\0' 4
claim a_call_out_of_its_moment_is_fatal sends 'TG01\x02\0\0\0\0\0\0\0' 4
claim half_a_head_is_a_broken_pipe sends 'TG01\x01' 5
claim nothing_at_all_is_a_closed_gate sends '' 0

# ---- and with a TEE whose evidence a child makes: the child has no part in the socket
"$folder/snp" --tee tsm --tee-root /standin --listen unix:"$folder/gate" 2>"$folder/tsm.err" &
trusted=$!
started+=("$trusted")
claim an_enclave_of_a_virtual_machine_waits_too waits
quoter=$(child_of "$trusted")
host u5 unix:"$folder/gate"
asks boot
claim its_evidence_comes_over_the_socket answers u5 '^ok snp evidence 1184 endorsements 3000'
kill -9 "$quoter"
asks attest
claim without_its_child_the_connection_ends answers u5 '^failed NO_CONNECTION'
claim the_exit_code_tells_it ended_with "$trusted" 6
exec 8>&-
wait "$host"

# ---- the aggregator's daemon, without a broker: it opens the gate and boots the enclave before it has one
conf=$folder/fed/aggregator/aggregator.conf
"$build/bin/tacit" init "$folder/fed" --federation fed --aggregator agg --devices 1 --port 1 --min-cohort 1 \
    --package "$build/packages/dense" >"$folder/init.out" 2>"$folder/init.err" || { cat "$folder/init.err"; exit 1; }
claim tacit_init_names_the_simulation says "$conf" '^tee sim$'
cp "$conf" "$folder/sim.conf"

# configure LINES: the aggregator's enclave is this one.
configure() {
    { grep -vE '^(enclave|tee|sim_root) ' "$folder/sim.conf"; printf '%s\n' "$@"; } >"$conf"
}
daemon() { # NAME
    "$build/bin/tacit-aggregator" -c "$conf" >"$folder/$1.out" 2>"$folder/$1.log" &
    aggregator=$!
    started+=("$aggregator")
}
logs() { eventually says "$folder/$1.log" "$2"; }
boots() { eventually eval "[[ \$(grep -c enclave_booted '$folder/$1.log') == $2 ]]"; }
stop() {
    kill "$aggregator" && wait "$aggregator"
}
configure "enclave unix:$folder/gate"
daemon late
claim a_daemon_outlasts_an_enclave_that_is_not_there_yet logs late enclave_gone
listen a1 unix:"$folder/gate"
claim it_boots_the_enclave_when_it_comes boots late 1
kill -9 "$trusted"
wait "$trusted" 2>/dev/null
listen a2 unix:"$folder/gate"
claim it_boots_the_next_when_one_was_killed boots late 2
claim a_daemon_that_is_ended_ends_well stop
claim its_enclave_ends_with_the_connection ended_with "$trusted" 0

configure "enclave $folder/snp" "tee tsm"
daemon nosuch
claim a_program_without_its_tee_fails_at_start eval '! wait $aggregator'
claim it_says_where logs nosuch 'enclave_failed'

# gramine-sgx is played by a script: where it is started, and with which words.
cat >"$folder/gramine-sgx" <<SCRIPT
#!/bin/sh
echo "started in \$(pwd) with \$*" >&2
exec $folder/sgx --tee gramine --tee-root /standin
SCRIPT
chmod +x "$folder/gramine-sgx"
configure "enclave $folder/fed/tacit-enclave" "tee gramine" "gramine_sgx $folder/gramine-sgx"
daemon gramine
claim an_enclave_on_gramine_is_started_and_booted boots gramine 1
claim it_is_started_beside_its_manifest_by_its_name says "$folder/gramine.log" "started in $folder/fed with tacit-enclave\$"
claim a_daemon_with_gramine_ends_well stop

# ---- vsock
vsock_port() {
    timeout 20 /usr/bin/python3 - <<'PYTHON'
import socket, sys
try:
    one = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    one.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY))
    one.listen(1)
    port = one.getsockname()[1]
    two = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    two.settimeout(5)
    two.connect((1, port))
except OSError as error:
    sys.exit(f"no loopback by vsock: {error}")
print(port)
PYTHON
}
# Listening needs no loopback.
if port=$(/usr/bin/python3 -c 'import socket
s = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
s.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY))
print(s.getsockname()[1])' 2>"$folder/vsock.err"); then
    listen w "vsock:$port"
    eventually eval '[[ -n $(find /proc/$trusted/fd -lname "socket:*" 2>/dev/null) ]]'
    sleep 0.2
    claim a_vsock_port_that_is_taken_is_refused ends 3 'it is there already' timeout 20 "$enclave" --sim-root "$folder/root.key" --listen "vsock:$port"
    kill "$trusted"
    wait "$trusted" 2>/dev/null
else
    skip a_vsock_port_that_is_taken_is_refused "$(tail -n 1 "$folder/vsock.err")"
fi
if port=$(vsock_port 2>"$folder/vsock.err"); then
    listen v "vsock:$port"
    reached() { printf 'boot\nattest\n' | "$check" "vsock:1:$port" >"$folder/v.out" && [[ $(grep -c '^ok sim' "$folder/v.out") == 2 ]]; }
    claim an_enclave_is_reached_by_vsock eventually reached
    claim an_enclave_by_vsock_ends_with_its_connection ended_with "$trusted" 0
else
    skip an_enclave_is_reached_by_vsock "$(tail -n 1 "$folder/vsock.err")"
fi
exit "$failed"
