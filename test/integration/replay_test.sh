#!/usr/bin/env bash
# `tacit replay` of a federation that is captured here, with an enclave that gives its keys and with one that does not; and of
# the captured federation of test/vectors, damaged in every way that a file may be.
set -u
cd "$(dirname "$0")/../.." || exit 2
. test/support/live.sh
build=$(cd "${BUILD:-build}" && pwd) || exit 1
tacit=$build/bin/tacit package=$build/packages/dense
work=$(mktemp -d) || exit 2
broker_folder=$work/live/broker
unset TACIT_CONF
trap 'stop_all; rm -rf "$work"' EXIT
golden=test/vectors/federation.tacit owner=test/vectors/federation.pub
model=ba5bfd3dd85f50083de7a5d7bd19008f008b80b87ff35daa0c3110bf38ec9dca

verify() { "$tacit" replay "$@" --verify --owner-pub "$owner"; }
live() { "$tacit" "$@" -c "$work/live/owner/tacit.conf"; }

# ---- the captured federation ----

the_captured_federation_comes_out_again() {
    says 0 "replay: ok rounds=5 same=5 different=0 missing=0 no_keys=0 updates=14 model=$model" verify "$golden" &&
        says 0 "round 4: same  train  counted 2  samples 192  receipts 2  model ba5bfd3d..." verify "$golden" --rounds 4 &&
        says 0 "rounds=2 same=2" verify "$golden" --rounds 2-3 &&
        verify "$golden" --json | tail -n 1 | python3 -c '
import json, sys
last = json.load(sys.stdin)
assert last["replay"] == "ok" and last["rounds"] == last["same"] == 5 and last["proofs"] == 12, last'
}

a_seed_damages_it_the_same_way_each_time() {
    local once again
    once=$("$tacit" replay "$golden" --mutate --seed 3 --count 40 --owner-pub "$owner") || return 1
    again=$("$tacit" replay "$golden" --mutate --seed 3 --count 40 --owner-pub "$owner") || return 1
    [[ $once == "$again" ]] && grep -q "^mutate: ok seed=3 cases=40 bad=0 digest=" <<<"$once" &&
        [[ $once != "$("$tacit" replay "$golden" --mutate --seed 4 --count 40 --owner-pub "$owner")" ]]
}

# edit SQL: a copy of the capture, changed.
edit() {
    rm -f "$work/edited.tacit"
    cp "$golden" "$work/edited.tacit" && chmod 600 "$work/edited.tacit" && python3 - "$work/edited.tacit" "$1" <<'PYTHON'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript(sys.argv[2])
db.commit()
PYTHON
}

# named TEXT SQL: what was edited so is damaged, and that text says where.
named() { edit "$2" && says 3 "$1" verify "$work/edited.tacit"; }

an_edit_of_each_table_is_named() {
    named "table about" "UPDATE about SET maker = 'somebody'" &&
        named "table session, row 1" "UPDATE session SET broker = 'elsewhere' WHERE id = 1" &&
        named "table ending" "UPDATE ending SET why = 'no reason'" &&
        named "table message, row 40" "UPDATE message SET at_us = at_us + 1 WHERE id = 40" &&
        named "table message, row 40" "UPDATE message SET payload = x'00' WHERE id = 40" &&
        named "table message" "DELETE FROM message WHERE id = 40" &&
        named "table secret, row 1" "UPDATE secret SET secret = zeroblob(128) WHERE id = 1" &&
        named "table head" "UPDATE head SET rows = rows + 1 WHERE name = 'message'"
}

what_is_left_is_replayed() {
    edit "DELETE FROM message WHERE kind = 'update' AND device = 'device-3' AND round = 2 AND chunk = 2"
    says 3 "round 2: not replayed: device-3 chunk 2 is not in the capture: the round cannot be recomputed" verify "$work/edited.tacit" &&
        says 3 "replay: damaged rounds=5 same=4 different=0 missing=1" verify "$work/edited.tacit"
    edit "UPDATE secret SET secret = (SELECT secret FROM secret WHERE id = 2) WHERE id = 1"
    says 3 "round 1: no keys: the secret in the capture is not that of its boot" verify "$work/edited.tacit" &&
        says 3 "round 4: same" verify "$work/edited.tacit"
}

a_file_without_its_end_is_told() {
    local size
    size=$(stat -c %s "$golden")
    head -c $((size * 3 / 4)) "$golden" >"$work/short.tacit"
    says 3 "" verify "$work/short.tacit" && verify "$work/short.tacit" 2>&1 | grep -qE "table|end|damaged"
    head -c 100 "$golden" >"$work/short.tacit"
    says 3 "$work/short.tacit" verify "$work/short.tacit"
    : >"$work/short.tacit"
    says 3 "$work/short.tacit" verify "$work/short.tacit"
}

what_is_no_capture_of_it_is_told() {
    edit "PRAGMA user_version = 99"
    says 3 "newer" verify "$work/edited.tacit" &&
        says 3 "no database" verify Makefile &&
        says 3 "nowhere" verify "$work/nowhere.tacit" &&
        says 3 "of federation golden, not of other" verify "$golden" --federation other &&
        says 3 "Makefile" "$tacit" replay "$golden" --verify --owner-pub Makefile &&
        says 2 "one of --verify" "$tacit" replay "$golden" &&
        says 2 "--rounds" verify "$golden" --rounds 3-2
}

another_owner_s_key_does_not_do() {
    "$build/bin/tacit" init "$work/other" --devices 1 >/dev/null &&
        says 1 "replay: different" "$tacit" replay "$golden" --verify --owner-pub "$work/other/owner.pub"
}

# ---- one of our own ----

the_maker_of_the_captured_federation_works() {
    mkdir "$work/made" && BUILD=$build test/vectors/make-federation "$work/made" >"$work/made.out" 2>&1 || { cat "$work/made.out"; return 1; }
    grep -q "^replay: ok rounds=5 same=5" "$work/made.out" && grep -q "^WARNING: .* opens every update" "$work/made.out" &&
        grep -q "^ESCROW: " "$work/made.out"
}

a_federation_whose_enclave_keeps_its_keys() {
    local port device
    port=$(broker_free_port) && "$build/bin/digits" --out "$work/data" --train 300 --test 60 &&
        "$tacit" init "$work/live" --devices 2 --port "$port" --package "$package" --package-option data "$work/data" \
            --package-option parts @COUNT@ --package-option part @INDEX@ --package-option layers "784 1 10" \
            --min-cohort 2 || return 1
    ((EUID != 0)) || echo "user root" >>"$work/live/broker/mosquitto.conf"
    echo "$port" >"$work/live/broker/port"
    broker_start "$work/live/broker" || return 1
    start capture "$tacit" capture -o "$work/own.tacit" -c "$work/live/owner/tacit.conf"
    capture=${children[-1]}
    await 50 grep -q observer "$work/capture.log" || return 1
    start aggregator "$build/bin/tacit-aggregator" -c "$work/live/aggregator/aggregator.conf"
    for device in 1 2; do
        start "device-$device" "$build/bin/tacit-node" -c "$work/live/devices/device-$device/node.conf"
    done
    "$tacit" model init --package "$package" --option layers "784 1 10" -o "$work/base.safetensors" && await 50 live status &&
        live model import "$work/base.safetensors" && live start --rounds 2 --cohort 2 --deadline 60 &&
        await 200 released 3
}

released() { (($(live rounds | grep -c '^round') == $1)); }

its_keys_are_not_given() {
    says 1 "the keys of its boot never leave it" live escrow -o "$work/keys.tacit" && [[ ! -e $work/keys.tacit ]]
}

its_capture_is_checked_without_keys() {
    sleep 2
    kill -INT "$capture" && wait "$capture"
    says 5 "round 1: no keys: the keys of this boot never left its enclave" "$tacit" replay "$work/own.tacit" --verify \
        --owner-pub "$work/live/owner.pub" &&
        says 5 "replay: incomplete rounds=3 same=0 different=0 missing=0 no_keys=3" "$tacit" replay "$work/own.tacit" --verify \
            -c "$work/live/owner/tacit.conf" &&
        says 5 "records 3  signed 3  boots 1" "$tacit" replay "$work/own.tacit" --verify -c "$work/live/owner/tacit.conf" &&
        says 5 "whole rounds 3  faults 0" "$tacit" replay "$work/own.tacit" --verify -c "$work/live/owner/tacit.conf" &&
        says 5 "no round of the capture can be replayed whole" "$tacit" replay "$work/own.tacit" --mutate -c "$work/live/owner/tacit.conf"
}

the_program_that_gives_keys_says_so() {
    says 0 "WARNING: this program gives the keys" "$build/bin/tacit-enclave-escrow" --help &&
        says 2 "--sim-root is all that it serves" "$build/bin/tacit-enclave-escrow" --tee tsm &&
        says 3 "WARNING: this program gives the keys" "$build/bin/tacit-enclave-escrow" --sim-root /nowhere
    ! "$build/bin/tacit-enclave" --help | grep -q WARNING
}

check the_captured_federation_comes_out_again
check a_seed_damages_it_the_same_way_each_time
check an_edit_of_each_table_is_named
check what_is_left_is_replayed
check a_file_without_its_end_is_told
check what_is_no_capture_of_it_is_told
check another_owner_s_key_does_not_do
check the_maker_of_the_captured_federation_works
check a_federation_whose_enclave_keeps_its_keys
check its_keys_are_not_given
check its_capture_is_checked_without_keys
check the_program_that_gives_keys_says_so
exit $failed
