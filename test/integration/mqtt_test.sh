#!/usr/bin/env bash
# Our MQTT client (common/os/mqtt.h) against real Mosquitto over TLS. The steps stand in mqtt_check.c and
# mqtt_refusal_check.c.
set -u
cd "$(dirname "$0")/../.." || exit 2
. test/support/broker.sh

check=${BUILD:-build}/test/integration/mqtt_check refusals=${BUILD:-build}/test/integration/mqtt_refusal_check
[[ -x $check && -x $refusals ]] || { echo "[  FAILED  ] not built: make $check $refusals"; exit 1; }
folder=$(mktemp -d) || exit 2
background=
trap '[[ -z $background ]] || kill "$background" 2>/dev/null; broker_stop "$folder"; rm -rf "$folder"' EXIT
failed=0

# verdict NAME CODE: prints the line of a test, with what it said when it failed.
verdict() {
    if (($2 == 0)); then
        echo "[       OK ] $1"
    else
        echo "[  FAILED  ] $1"
        sed 's/^/    /' "$folder/output"
        failed=1
    fi
}

# step NAME PROGRAM STEP [LOG PATTERN]: runs a step; the pattern must stand once in what it logged.
step() {
    local name=$1 code
    "$2" "$3" "$folder" "$port" >"$folder/output" 2>&1
    code=$?
    if ((code == 0 && $# == 4)); then
        (($(grep -c "$4" "$folder/output") == 1)) || code=1
    fi
    verdict "$name" "$code"
}

# wait_for FILE LINE COUNT: until the line stands there that many times; 20 s at most.
wait_for() {
    local try
    for try in {1..400}; do
        (($(grep -cx "$2" "$1") >= $3)) && return 0
        sleep 0.05
    done
    return 1
}

# retained TOPIC: prints what the broker keeps there.
retained() {
    mosquitto_sub -h localhost -p "$port" -V 5 --cafile "$folder/ca.crt" --cert "$folder/owner.crt" \
        --key "$folder/owner.key" -t "$1" -W 2 -C 1
}

survives_restarts_of_the_broker() {
    local code
    "$check" restart "$folder" "$port" >"$folder/output" 2>"$folder/log" &
    background=$!
    wait_for "$folder/output" "restart the broker" 1 && broker_stop "$folder" TERM && sleep 0.3 && broker_start "$folder" &&
        wait_for "$folder/output" "restart the broker" 2 && broker_stop "$folder" KILL && sleep 0.3 && broker_start "$folder"
    wait "$background"
    code=$?
    background=
    cat "$folder/log" >>"$folder/output"
    verdict survives_restarts_of_the_broker_and_subscribes_again "$code"
}

broker_publishes_the_will() {
    "$check" with_will "$folder" "$port" >"$folder/output" 2>&1 &
    background=$!
    wait_for "$folder/output" connected 1
    sleep 0.2
    [[ $(retained tacit/1/fed/presence/alpha) == online ]]
    verdict presence_is_online_while_connected $?
    kill -KILL "$background"
    wait "$background" 2>/dev/null
    background=
    sleep 0.2
    [[ $(retained tacit/1/fed/presence/alpha) == offline ]]
    verdict broker_publishes_the_will_of_a_killed_client $?
    "$check" stop_without_will "$folder" "$port" >"$folder/output" 2>&1 &&
        [[ $(retained tacit/1/fed/presence/alpha) == online ]]
    verdict broker_keeps_the_will_of_one_that_says_good_bye $?
    "$check" stop_with_will "$folder" "$port" >"$folder/output" 2>&1 && sleep 0.2 &&
        [[ $(retained tacit/1/fed/presence/alpha) == offline ]]
    verdict broker_publishes_the_will_when_asked_at_good_bye $?
}

port=$(broker_free_port) && broker_setup "$folder" "$port" agg owner || exit 1
for name in agg owner alpha; do broker_make_client "$folder" "$name" || exit 1; done
broker_make_authority "$folder" foreign && broker_start "$folder" || exit 1

step thousand_messages_of_mixed_sizes_arrive_in_order_with_ten_in_flight "$check" flow
step durable_session_keeps_messages_and_forgets_unsubscribed_ones "$check" durable
step message_past_the_bound_is_dropped_and_counted "$refusals" drop mqtt_dropped
step queue_without_connection_is_bounded "$refusals" queue_is_bounded
step refused_and_oversize_publishes_are_told "$refusals" forbidden_publish mqtt_publish_refused
step wrong_authority_is_refused_retried_and_logged_once "$refusals" wrong_authority mqtt_disconnected
step wrong_host_name_is_refused_retried_and_logged_once "$refusals" wrong_name mqtt_disconnected
step absent_broker_is_retried_and_logged_once "$refusals" nobody_there mqtt_disconnected
step plain_connection_to_another_machine_is_refused "$refusals" plain_elsewhere
step broker_without_mqtt_5_is_spoken_to_in_3_1_1 "$refusals" fallback mqtt_older_version
broker_publishes_the_will
survives_restarts_of_the_broker
exit "$failed"
