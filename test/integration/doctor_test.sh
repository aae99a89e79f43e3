#!/usr/bin/env bash
# What `tacit doctor` predicts of a configuration happens with a real Mosquitto, and what it says to change is enough.
set -u
cd "$(dirname "$0")/../.." || exit 2
build=${BUILD:-build}
work=$(mktemp -d) || exit 2
broker_folder=$work/broker
. test/support/live.sh
trap 'stop_all; rm -rf "$work"' EXIT
federation=home

# doctor [OPTIONS]: 30 devices whose updates are one chunk each.
doctor() {
    "$build/bin/tacit" doctor "$broker_folder/mosquitto.conf" --federation $federation --devices 30 --parameters 10000 \
        --records 4 --rounds 1 --away 600 "$@"
}

# named FIELD: a field of the one finding that is bad; fails when there is not exactly one.
named() {
    doctor --json | /usr/bin/python3 -c '
import json, sys
bad = [c for c in json.load(sys.stdin)["checks"] if c["verdict"] == "bad"]
if len(bad) != 1: sys.exit("not one finding is bad: %s" % bad)
print(bad[0][sys.argv[1]])' "$1"
}

# set_line KEY VALUE: the configuration with one line changed, or added.
set_line() {
    local file=$broker_folder/mosquitto.conf
    if grep -q "^$1 " "$file"; then
        sed -i "s|^$1 .*|$1 $2|" "$file"
    else
        echo "$1 $2" >>"$file"
    fi
}

# apply: what doctor names is written where it says.
apply() {
    local where change
    where=$(named where) && change=$(named change) || return 1
    echo "applies: $where: $change"
    if [[ $where =~ :[0-9]+$ ]]; then
        sed -i "${where##*:}s|.*|$change|" "${where%:*}"
    else
        echo "$change" >>"$where"
    fi
}

as() {
    echo "-h localhost -p $port -V 311 --cafile $broker_folder/ca.crt --cert $broker_folder/$1.crt --key $broker_folder/$1.key -i $1 -q 1"
}

# Everything anew: nothing of the test before is kept.
fresh() {
    broker_stop "$broker_folder"
    rm -rf "$broker_folder/data" && mkdir "$broker_folder/data"
    [[ $(id -u) != 0 ]] || chown mosquitto: "$broker_folder/data" 2>/dev/null
    cp "$work/shipped.conf" "$broker_folder/mosquitto.conf" && cp "$work/shipped.acl" "$broker_folder/acl"
}

restart() {
    broker_stop "$broker_folder"
    rm -f "$broker_folder/data/mosquitto.db"
    broker_start "$broker_folder"
}

the_shipped_configuration_is_carried() {
    local said
    fresh && says 0 "PROTOCOL.md section 19" doctor || return 1
    said=$(doctor --json) && [[ $said == '{"carried":true,'* ]]
}

# waiting N: sets `got`: how many of N messages an aggregator finds that was away while they were published.
waiting() {
    local filter="tacit/1/$federation/update/gateway/+/+"
    restart || return 1
    mosquitto_sub $(as gateway) -c -t "$filter" -E >/dev/null &&
        seq "$1" | mosquitto_pub $(as alpha) -l -t "tacit/1/$federation/update/gateway/alpha/1.0" || return 1
    got=$(mosquitto_sub $(as gateway) -c -t "$filter" -W 2 2>/dev/null | wc -l)
}

a_queue_that_is_too_short_drops_and_the_named_length_does_not() {
    local needed
    fresh && set_line max_queued_messages 20 || return 1
    says 1 "max_queued_messages 20 -> max_queued_messages 90" doctor || return 1
    needed=$(named change) && needed=${needed##* }
    waiting "$needed" && [[ $got == 20 ]] || { echo "not 20 of $needed arrived, but $got"; return 1; }
    apply && says 0 "" doctor || return 1
    waiting "$needed" && [[ $got == "$needed" ]] || { echo "not all of $needed arrived, but $got"; return 1; }
}

# A chunk of that size from a device to an aggregator that listens; sets `got`: how many bytes came.
sent() {
    head -c "$1" /dev/zero >"$work/chunk"
    restart || return 1
    mosquitto_sub $(as gateway) -t "tacit/1/$federation/update/gateway/+/+" -C 1 -W 3 >"$work/came" 2>/dev/null &
    local reader=$!
    sleep 0.5
    mosquitto_pub $(as alpha) -t "tacit/1/$federation/update/gateway/alpha/1.0" -f "$work/chunk"
    wait "$reader"
    got=$(stat -c %s "$work/came")
}

a_payload_limit_that_is_too_small_drops_and_the_named_one_does_not() {
    fresh && set_line message_size_limit 200000 || return 1
    says 1 "message_size_limit 200000 -> message_size_limit 262144" doctor || return 1
    sent 250000 && [[ $got == 0 ]] || { echo "it arrived"; return 1; }
    apply && says 0 "" doctor || return 1
    # A line feed follows the message.
    sent 250000 && [[ $got == 250001 ]] || { echo "it did not arrive"; return 1; }
}

a_right_that_is_missing_is_refused_and_the_named_line_grants_it() {
    local topic=tacit/1/$federation/enrol/gateway/alpha said
    fresh && sed -i '/^pattern write .*enrol/d' "$broker_folder/acl" || return 1
    says 1 "pattern write tacit/1/+/enrol/+/%u" doctor || return 1
    restart
    said=$(mosquitto_pub $(as alpha) -V 5 -t "$topic" -m x 2>&1)
    [[ $said == *"Not authorized"* ]] || { echo "not refused: $said"; return 1; }
    apply && says 0 "" doctor && restart || return 1
    said=$(mosquitto_pub $(as alpha) -V 5 -t "$topic" -m x 2>&1)
    [[ -z $said || $said == *"No matching subscribers"* ]] || { echo "still refused: $said"; return 1; }
}

a_federation_folder_is_enough() {
    "$build/bin/tacit" init "$work/fed" --devices 3 --package "$build/packages/dense" --templates broker-config \
        >/dev/null 2>&1 || return 1
    says 0 "3 devices, cohorts of 3" "$build/bin/tacit" doctor "$work/fed" --unit broker-config/mosquitto-override.conf &&
        says 0 "65536 (broker-config/mosquitto-override.conf)" "$build/bin/tacit" doctor "$work/fed" --unit broker-config/mosquitto-override.conf &&
        says 1 "LimitNOFILE=24" "$build/bin/tacit" doctor "$work/fed" --nofile 20 &&
        says 1 "no update is ever granted" "$build/bin/tacit" doctor "$work/fed" --memory 100000 &&
        says 1 "max_parameters of the policy" "$build/bin/tacit" doctor "$work/fed" --parameters 1000001 || return 1
    "$build/bin/tacit" model init --package "$build/packages/dense" --option layers "784 64 32 10" \
        -o "$work/first.safetensors" >/dev/null 2>&1 &&
        says 0 "52650 parameters" "$build/bin/tacit" doctor "$work/fed" --model "$work/first.safetensors" &&
        says 3 "no model in safetensors" "$build/bin/tacit" doctor "$work/fed" --model "$work/fed/policy.cbor"
}

wrong_commands_and_files_have_their_codes() {
    local tacit=$build/bin/tacit
    says 2 "is needed" "$tacit" doctor && says 2 "--devices" "$tacit" doctor x --devices 0 &&
        says 2 "names are" "$tacit" doctor x --aggregator a/b && says 3 "nowhere" "$tacit" doctor "$work/nowhere.conf" &&
        mkdir "$work/empty" && says 3 "without broker/mosquitto.conf" "$tacit" doctor "$work/empty" &&
        says 3 "how large is the model" "$tacit" doctor "$broker_folder/mosquitto.conf" || return 1
    head -c 3000000 /dev/zero >"$work/zero.conf" && says 3 "" "$tacit" doctor "$work/zero.conf" --parameters 9 || return 1
    head -c 5000 /bin/sh >"$work/binary.conf" && says 3 "not text" "$tacit" doctor "$work/binary.conf" || return 1
    mkdir "$work/loop" && echo "include_dir $work/loop" >"$work/loop/loop.conf" &&
        says 1 "no listener" "$tacit" doctor "$work/loop/loop.conf" --parameters 9
}

mkdir "$broker_folder" && port=$(broker_free_port) && broker_setup "$broker_folder" "$port" gateway owner || exit 1
for name in gateway owner alpha; do broker_make_client "$broker_folder" "$name" || exit 1; done
cp "$broker_folder/mosquitto.conf" "$work/shipped.conf" && cp "$broker_folder/acl" "$work/shipped.acl" || exit 1

check the_shipped_configuration_is_carried
check a_queue_that_is_too_short_drops_and_the_named_length_does_not
check a_payload_limit_that_is_too_small_drops_and_the_named_one_does_not
check a_right_that_is_missing_is_refused_and_the_named_line_grants_it
check a_federation_folder_is_enough
check wrong_commands_and_files_have_their_codes
exit "$failed"
