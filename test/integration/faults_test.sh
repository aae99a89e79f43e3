#!/usr/bin/env bash
# A short storm over real processes, devices that were away, broken links and a broker that drops: test/faults, where the
# long storm is, `make faults`.
set -u
cd "$(dirname "$0")/../.."
output=$(mktemp)
trap 'rm -f "$output"' EXIT
failed=0

check() { # name, then variables for the runner
    local name=$1
    shift
    if env "$@" test/faults/run >"$output" 2>&1; then
        echo "[       OK ] $name"
        tail -n 1 "$output"
    else
        echo "[  FAILED  ] $name"
        tail -n 40 "$output"
        failed=1
    fi
}

check ten_kills_lose_and_double_no_update NODES=4 ROUNDS=3 KILLS=10 SEED=1
check a_device_that_was_away_takes_part_on_its_return COURSE=away NODES=4 ROUNDS=5 KILLS=2 SEED=1
check what_a_broker_drops_is_sent_again_and_what_arrived_is_not COURSE=pressure NODES=4 ROUNDS=2 KILLS=1 SEED=1
exit $failed
