#!/usr/bin/env bash
# The demo with TPM=1: what it claims, and that it fails when what it claims is not so.
set -u
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
. test/support/demo.sh
. tools/demo/swtpm.sh

tests=(the_demo_ends_with_success its_last_line_names_who_was_refused_and_why it_says_what_is_simulated
    devices_have_a_tpm_each_and_no_key_that_simulates no_process_is_left an_accepted_odd_device_fails_the_demo
    a_good_device_in_another_boot_fails_the_demo another_reason_fails_the_demo an_interrupted_demo_leaves_nothing
    interrupted_while_tpms_start_it_leaves_nothing without_swtpm_it_names_make_deps)
if ! swtpm_is_there; then
    echo "skipped: swtpm is not installed (make deps)"
    printf '[  SKIPPED ] %s\n' "${tests[@]}"
    exit 0
fi

# What is done between the signing of the policy and the start of the aggregator.
hook() { # name, then lines; $work is the demo's folder
    local file=$folder/$1
    shift
    printf '%s\n' '#!/usr/bin/env bash' 'set -eu' "root=\$PWD work=\$1 federation=\$1/federation build=$build" \
        '. tools/demo/tpm.sh' "$@" >"$file"
    chmod +x "$file"
}
hook reboot_odd 'swtpm_stop "$work/tpm/device-odd"' 'tpm_boot device-odd "$tpm_known_boot"'
hook reboot_good 'swtpm_stop "$work/tpm/device-2"' 'tpm_boot device-2 "$tpm_odd_boot"'
hook forget_odd 'sed -i "/name=device-odd/d" "$federation/policy.conf"' \
    '"$build/bin/tacit" policy sign "$federation/policy.conf" --key "$federation/owner.key" -o "$federation/aggregator/policy.cbor"'

ends_with_ok() {
    tail -n 1 "$1" | grep -qE '^demo: ok rounds=2 accuracy=0\.[0-9]+ model=[0-9a-f]{64} refused=device-odd reason="a measurement that the policy does not list"$'
}

tpms_only() { # the demo's folder
    local devices=$1/federation/devices
    [[ $(ls "$devices" | wc -l) == 3 && $(grep -l '^attester tpm$' "$devices"/*/node.conf | wc -l) == 3 ]] || return 1
    [[ $(grep -h '^tpm_tcti ' "$devices"/*/node.conf | sort -u | wc -l) == 3 ]] || return 1
    [[ $(grep -c '^device_evidence ' "$1/federation/policy.conf") == 1 ]] || return 1
    [[ $(grep -oP '^ak 000b[0-9a-f]{64} name=\K.*' "$1/federation/policy.conf" | sort -u | wc -l) == 3 ]] || return 1
    ! find "$devices" -name '*sim*' | grep .
}

kept=$folder/kept
(demo "$kept" TPM=1 ROUNDS=2 NODES=2) >"$folder/demo.out" 2>&1
code=$?
cat "$folder/demo.out"
claim "the_demo_ends_with_success" test "$code" = 0
claim "its_last_line_names_who_was_refused_and_why" ends_with_ok "$folder/demo.out"
claim "it_says_what_is_simulated" grep -q "the aggregator's evidence is SIMULATED" "$folder/demo.out"
claim "devices_have_a_tpm_each_and_no_key_that_simulates" tpms_only "$kept"
claim "no_process_is_left" nothing_left "$kept"

fails() { # code, text that it says, then variables for the demo
    local code=$1 text=$2 got
    shift 2
    (demo "" TPM=1 ROUNDS=2 NODES=2 "$@") >"$folder/fails.out" 2>&1
    got=$?
    cat "$folder/fails.out"
    ((got == code)) && grep -qF "demo: $text" "$folder/fails.out" && ! grep -q "demo: ok" "$folder/fails.out" && no_trace
}
claim "an_accepted_odd_device_fails_the_demo" fails 1 "device-odd was not refused" HOOK="$folder/reboot_odd"
claim "a_good_device_in_another_boot_fails_the_demo" fails 1 "device-2 was not enrolled" HOOK="$folder/reboot_good"
claim "another_reason_fails_the_demo" fails 1 "device-odd was refused for another reason: " HOOK="$folder/forget_odd"

interrupted() {
    demo "" TPM=1 ROUNDS=500 NODES=2 >"$folder/int.out" 2>&1 &
    local pid=$!
    wait_for "$folder/int.out" '^round 1/500' || return 1
    [[ $(left_over "$TMPDIR/.*/tpm/" | wc -l) == 3 ]] || { echo "not a TPM for each of 3 devices"; return 1; }
    kill -INT "$pid"
    wait "$pid"
    [[ $? = 130 ]] || { echo "exit code is not 130"; return 1; }
    no_trace
}
claim "an_interrupted_demo_leaves_nothing" interrupted

# As from a terminal: Ctrl-C reaches the demo and whatever it is just running, in a process group of their own.
interrupted_early() {
    local pid
    set -m
    (demo "" TPM=1 ROUNDS=2 NODES=20) >"$folder/early.out" 2>&1 &
    pid=$!
    set +m
    for _ in {1..300}; do
        [[ -z $(compgen -G "$TMPDIR/*/tpm/device-2/swtpm.pid") ]] || break
        sleep 0.02
    done
    kill -INT -- "-$pid"
    wait "$pid"
    [[ $? = 130 ]] || { echo "exit code is not 130"; cat "$folder/early.out"; return 1; }
    ! grep -q '^federation' "$folder/early.out" || { echo "too late to show anything"; return 1; }
    no_trace
}
claim "interrupted_while_tpms_start_it_leaves_nothing" interrupted_early

mkdir "$folder/bin" && ln -s /usr/bin/* "$folder/bin/" && rm "$folder/bin/swtpm"
claim "without_swtpm_it_names_make_deps" fails 2 'TPM=1: swtpm is not installed; `make deps` installs it' PATH="$folder/bin"
exit $failed
