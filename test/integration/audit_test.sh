#!/usr/bin/env bash
# `tacit audit` of a federation of its own: while it runs, from the broker, from the aggregator's database and from saved
# records, over two boots of the enclave; then of every way in which what was saved may be wrong. Devices are shown their
# updates in the records.
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

live() {
    "$tacit" "$@" -c "$work/live/owner/tacit.conf"
}

idle() { live status --json | grep -q '"state":"idle"'; }

start_aggregator() { start aggregator "$build/bin/tacit-aggregator" -c "$work/live/aggregator/aggregator.conf"; }

a_federation_runs_two_rounds_in_each_of_two_boots() {
    local port device aggregator
    port=$(broker_free_port) && "$build/bin/digits" --out "$work/data" --train 300 --test 60 &&
        "$tacit" init "$work/live" --devices 3 --port "$port" --package "$package" --package-option data "$work/data" \
            --package-option parts @COUNT@ --package-option part @INDEX@ --package-option layers "784 8 10" \
            --min-cohort 2 || return 1
    ((EUID != 0)) || echo "user root" >>"$work/live/broker/mosquitto.conf"
    echo "$port" >"$work/live/broker/port"
    broker_start "$work/live/broker" && start_aggregator || return 1
    aggregator=${children[-1]}
    for device in 1 2 3; do
        start "device-$device" "$build/bin/tacit-node" -c "$work/live/devices/device-$device/node.conf"
    done
    "$tacit" model init --package "$package" --option layers "784 8 10" -o "$work/base.safetensors" && await 50 live status &&
        live model import "$work/base.safetensors" && says 1 "no records" live audit || return 1
    live start --rounds 2 --cohort 2 --deadline 60 --no-evaluate &&
        await 150 test_records 2 && await 50 idle && live rounds --save "$work/kept" || return 1
    kill "$aggregator" && wait "$aggregator"
    start_aggregator
    await 50 live start --rounds 2 --cohort 3 --deadline 60 --no-evaluate && await 250 test_records 4 && await 50 idle &&
        live rounds --save "$work/kept" && (($(find "$work/kept" -name '*.bundle' | wc -l) == 2))
}

test_records() { (($(live rounds | grep -c '^round') == $1)); }

each_counted_update_is_shown_to_its_device() {
    # A receipt for each, and then a proof: the first rounds count two of three devices, or all three before the record.
    shown() { cat "$work"/device-*.log | grep -c ' included .*leaf=' ; }
    receipted() { cat "$work"/device-*.log | grep -c ' counted '; }
    equal() { (($(shown) == $(receipted) && $(shown) >= 10)); }
    await 100 equal || { echo "$(shown) of $(receipted)"; return 1; }
    ! cat "$work"/device-*.log | grep " unproven "
}

it_is_whole_from_wherever_it_is_read() {
    local database
    database=$(find "$work/live/aggregator" -name '*.db' | head -n 1)
    live audit >"$work/said" && cat "$work/said" && grep -q "^records 1 to 4  4 in 2 boots, 2 signed" "$work/said" || return 1
    live audit "$work/kept" >"$work/said" && cat "$work/said" &&
        grep -q "^records 1 to 4  4 in 2 boots, 4 signed .* simulated$" "$work/said" || return 1
    live audit "$work/kept" --journal "$database" --json >"$work/said" && cat "$work/said" &&
        grep -q '"whole":true,"fault":null,"records":4,"first":1,"last":4' "$work/said" &&
        grep -q '"boots":2,"signed":4,"released":4,"updates":10' "$work/said"
}

# spoil: a copy of what was kept.
spoil() { rm -rf "$work/copy" && cp -rp "$work/kept" "$work/copy"; }

# turn FILE FROM_END: changes one bit of that byte.
turn() {
    local at byte
    at=$(($(stat -c %s "$1") - $2))
    byte=$(od -An -tu1 -j "$at" -N 1 "$1")
    printf '%b' "\\x$(printf %02x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$at" conv=notrunc 2>/dev/null
}

what_is_wrong_is_named() {
    local copy=$work/copy bundle
    spoil && rm "$copy/3.record" && says 1 "record 4: it does not follow record 2, the last one here before it: field 4 is" live audit "$copy" || return 1
    spoil && rm "$copy/1.record" && says 1 "record 2: what it follows is not here" live audit "$copy" &&
        says 0 "the chain begins before record 2" live audit "$copy" --from 2 || return 1
    spoil && rm "$copy/4.record" && says 1 "record 5: the manifest of this round names a record" live audit "$copy" || return 1
    spoil && mv "$copy/2.record" "$copy/x" && mv "$copy/3.record" "$copy/2.record" && mv "$copy/x" "$copy/3.record" &&
        says 1 "record 2: it says that it is of another round" live audit "$copy" || return 1
    spoil && turn "$copy/2.record" 1 && says 1 "record 2: its signature is not" live audit "$copy" || return 1
    spoil && turn "$copy/2.record" 80 && says 1 "record 2: its signature is not" live audit "$copy" || return 1
    # The same where the evidence of its boot was not kept: then the next record tells.
    spoil && turn "$copy/2.record" $(($(stat -c %s "$copy/2.record") - 100)) # in the digest of its model
    for bundle in "$copy"/*.bundle; do
        cmp -s "$bundle" "$copy/bundle.cbor" || rm "$bundle"
    done
    says 1 "record 3: it does not follow record 2: field 4 is" live audit "$copy" || return 1
    spoil && turn "$copy/bundle.cbor" 1 && says 1 "bundle.cbor" live audit "$copy" || return 1
    spoil && says 1 "appraised as of --at" live audit "$copy" --at 2020-01-01 &&
        says 1 '"whole":false,"fault":{"round":0' live audit "$copy" --at 2020-01-01 --json
}

another_owner_s_federation_is_not_believed() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/other.key" 2>/dev/null && chmod 600 "$work/other.key"
    openssl pkey -in "$work/other.key" -pubout -out "$work/other.pub"
    says 1 "bundle" live audit "$work/kept" --owner-pub "$work/other.pub" && says 1 "not to be trusted" live audit --owner-pub "$work/other.pub"
}

a_chain_that_forks_is_named() {
    local database=$work/fork.db
    # The aggregator's database as a host would have it that lost its state: round 2 a second time.
    cp "$(find "$work/live/aggregator" -name '*.db' | head -n 1)" "$database" && cp "$work/live/aggregator"/*.db-wal "$database-wal" 2>/dev/null
    python3 - "$database" <<'P' || return 1
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("INSERT INTO rounds (boot, round, task, reason, counted, samples, base, model, closed, record)"
           " SELECT x'00', 2, task, reason, counted, samples, base, model, closed, record FROM rounds WHERE round = 3")
db.commit()
P
    says 1 "record 2: there are two of this round: the chain forks" live audit "$work/kept" --journal "$database"
}

wrong_use_ends_with_2_and_wrong_files_with_3() {
    says 2 "one FOLDER" live audit a b && says 2 "go with a FOLDER" live audit --at 2026-01-01 && says 2 "time" live audit a --at never &&
        says 3 "nowhere" live audit "$work/nowhere" && says 3 "no evidence" live audit "$work/data" &&
        says 3 "another program" live audit "$work/kept" --journal "$(find "$work/live/devices/device-1" -name '*.db' | head -n 1)" &&
        says 3 "nowhere.db" live audit "$work/kept" --journal "$work/nowhere.db"
}

without_a_broker_saved_records_are_audited_all_the_same() {
    stop_all
    says 4 "no connection" live audit --timeout 2 && says 0 "whole" live audit "$work/kept" &&
        says 0 "whole" live audit "$work/kept" --journal "$(find "$work/live/aggregator" -name '*.db' | head -n 1)"
}

tests=(a_federation_runs_two_rounds_in_each_of_two_boots each_counted_update_is_shown_to_its_device
    it_is_whole_from_wherever_it_is_read what_is_wrong_is_named another_owner_s_federation_is_not_believed
    a_chain_that_forks_is_named wrong_use_ends_with_2_and_wrong_files_with_3
    without_a_broker_saved_records_are_audited_all_the_same)
if PATH=$PATH:/usr/sbin command -v mosquitto >/dev/null; then
    for test in "${tests[@]}"; do
        check "$test"
    done
else
    printf '[  SKIPPED ] %s\n' "${tests[@]}"
fi
exit "$failed"
