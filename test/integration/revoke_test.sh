#!/usr/bin/env bash
# Revocation in a whole federation on a broker of its own: what the owner's tool says, what the enclave then refuses, and
# what is left of it after the enclave, or the whole aggregator, was restarted.
set -u
cd "$(dirname "$0")/../.." || exit 2
. test/support/live.sh
build=$(cd "${BUILD:-build}" && pwd) || exit 1
tacit=$build/bin/tacit
package=$build/packages/dense
work=$(mktemp -d) || exit 2
broker_folder=$work/live/broker
unset TACIT_CONF
trap 'stop_all; rm -rf "$work"' EXIT
list=$work/live/revocations.conf
# What nodes run, as the policy lists it.
program=$(sha256sum <"$build/bin/tacit-node" | cut -d ' ' -f 1)

live() {
    "$tacit" "$@" -c "$work/live/owner/tacit.conf"
}

# holds TEXT: the status, as JSON, has this in it.
holds() {
    live status --json | grep -q -- "$1"
}

# logs NAME COUNT TEXT: the log of NAME has at least so many lines with the text.
logs() {
    (($(grep -c -- "$3" "$work/$1.log") >= $2))
}

start_aggregator() {
    start aggregator "$build/bin/tacit-aggregator" -c "$work/live/aggregator/aggregator.conf"
    aggregator=$!
}

a_federation_of_three_runs() {
    local port device
    port=$(broker_free_port) && "$build/bin/digits" --out "$work/data" --train 300 --test 60 &&
        "$tacit" init "$work/live" --devices 3 --port "$port" --package "$package" --package-option data "$work/data" \
            --package-option parts @COUNT@ --package-option part @INDEX@ --package-option layers "784 8 10" \
            --min-cohort 2 --max-packet 4096 || return 1
    # Mosquitto, started as root, would become a user who cannot read the folder.
    ((EUID != 0)) || echo "user root" >>"$work/live/broker/mosquitto.conf"
    echo "$port" >"$work/live/broker/port"
    broker_start "$work/live/broker" || return 1
    start_aggregator
    for device in 1 2 3; do
        start "device-$device" "$build/bin/tacit-node" -c "$work/live/devices/device-$device/node.conf"
    done
    await 50 holds '"enrolled":3' && "$tacit" model init --package "$package" --option layers "784 8 10" -o "$work/first" &&
        live model import "$work/first"
}

nothing_is_revoked_at_first() {
    says 0 "version 0, 0 entries" live revoke --list && says 1 "nothing was revoked yet" live revoke && [[ ! -e $list ]] &&
        holds '"revoked":0,"revocations":0'
}

wrong_words_end_with_2_and_change_nothing() {
    says 2 "which ones" live revoke device && says 2 "first word" live revoke devices a &&
        says 2 "32 hexadecimal" live revoke credential 1234 && says 2 "a KIND" live revoke measurement sim xx &&
        says 2 "which ones" live revoke measurement sim && says 2 "stands alone" live revoke --list device a &&
        says 2 "is needed" live unrevoke && says 2 "device's name" live revoke device good a/b && [[ ! -e $list ]] &&
        says 1 "does not stand there" live unrevoke device device-3 && [[ ! -e $list ]]
}

a_device_is_revoked_and_the_status_tells() {
    says 0 "version 1 of the revocation list is in force: 1 entries (simulated)" live revoke device device-3 &&
        grep -qx "device device-3" "$list" && grep -qx "version 1" "$list" && await 25 holds '"revoked":1,"revocations":1' &&
        # Once more changes nothing.
        says 0 "was revoked before" live revoke device device-3 && grep -qx "version 1" "$list" &&
        says 0 "device       device-3" live revoke --list
}

its_update_is_refused_and_the_others_are_counted() {
    says 0 "version 1 of the revocation list is in force" live start --rounds 1 --cohort 3 --deadline 8 --no-evaluate &&
        await 100 holds '"CREDENTIAL_REVOKED":' && await 100 holds '"state":"idle"' || return 1
    live rounds --json >"$work/rounds" && tail -n 1 "$work/rounds" | grep -q '"cohort":2' &&
        tail -n 1 "$work/rounds" | grep -q '"CREDENTIAL_REVOKED":1' &&
        logs device-3 1 "the owner revoked this device" && await 50 logs device-3 1 "refused enrolment: the owner revoked"
}

the_enclave_is_restarted_with_the_list() {
    local enclave
    enclave=$(pgrep -P "$aggregator" tacit-enclave) && kill -KILL "$enclave" || return 1
    await 50 logs aggregator 2 enclave_booted && await 50 holds '"revoked":1,"revocations":1' &&
        await 50 holds '"enrolled":2' && await 50 logs device-3 2 "refused enrolment: the owner revoked"
}

the_aggregator_is_restarted_with_the_list() {
    kill "$aggregator" && wait "$aggregator"
    start_aggregator
    await 50 logs aggregator 3 enclave_booted && await 50 holds '"enrolled":2' && holds '"revoked":1,"revocations":1'
}

an_older_list_is_refused() {
    cp "$list" "$work/older" && says 0 "version 2 of the revocation list is in force: 2 entries" live revoke device device-9 &&
        says 1 "holds version 2" live revoke --revocations "$work/older" &&
        says 1 "holds version 2" live start --rounds 1 --revocations "$work/older" && holds '"rounds_left":0'
}

a_program_is_revoked_and_taken_back() {
    says 0 "version 3 of" live revoke measurement sim "${program^^}" && grep -qx "measurement sim $program" "$list" || return 1
    live start --rounds 1 --cohort 2 --deadline 6 --no-evaluate && await 75 logs aggregator 1 COHORT_TOO_SMALL && live stop &&
        says 0 "version 4 of the revocation list is in force: 2 entries" live unrevoke measurement sim "$program"
}

a_device_that_is_taken_back_enrols_again() {
    says 0 "version 5 of" live unrevoke device device-3 device-9 && says 0 "version 5, 0 entries" live revoke --list || return 1
    # What was refused waits; a new enclave is asked at once.
    kill "$aggregator" && wait "$aggregator"
    start_aggregator
    await 100 holds '"enrolled":3.*"revoked":0,"revocations":5'
}

a_list_that_is_not_sent_is_said_to_be_so() {
    broker_stop "$work/live/broker"
    says 4 "it is NOT in force" live revoke device device-1 --timeout 2 && grep -qx "version 6" "$list" &&
        grep -qx "device device-1" "$list" || return 1
    broker_start "$work/live/broker"
    await 50 holds '"revocations":5' && says 0 "version 6 of the revocation list is in force: 1 entries" live revoke
}

tests=(a_federation_of_three_runs nothing_is_revoked_at_first wrong_words_end_with_2_and_change_nothing
    a_device_is_revoked_and_the_status_tells its_update_is_refused_and_the_others_are_counted
    the_enclave_is_restarted_with_the_list the_aggregator_is_restarted_with_the_list an_older_list_is_refused
    a_program_is_revoked_and_taken_back a_device_that_is_taken_back_enrols_again a_list_that_is_not_sent_is_said_to_be_so)
if PATH=$PATH:/usr/sbin command -v mosquitto >/dev/null; then
    for test in "${tests[@]}"; do
        check "$test"
    done
else
    printf '[  SKIPPED ] %s\n' "${tests[@]}"
fi
exit "$failed"
