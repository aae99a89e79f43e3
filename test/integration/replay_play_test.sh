#!/usr/bin/env bash
# `tacit replay --to`: a capture's messages are played against a real Mosquitto by as many clients as it had; what arrives is
# counted, and nothing of it disturbs a federation that lives there.
set -u
cd "$(dirname "$0")/../.." || exit 2
build=${BUILD:-build}
work=$(mktemp -d) || exit 2
broker_folder=$work
. test/support/live.sh
trap 'stop_all; rm -rf "$work"' EXIT

# What is in the captures: 4 devices, 3 rounds; kind, published, arriving.
expected="presence 4 4
evidence 1 5
challenge 1 4
status 1 1
enrol 4 4
credential 4 4
round 3 15
model 18 72
update 36 36
need 13 13
receipt 12 12
record 3 15
owner 1 1
answer 1 1"

make_capture() {
    "$build/test/integration/replay_play_check" "$work/$1.tacit" "$2" 4 3 "$3"
}

play() {
    "$build/bin/tacit" replay "$work/small.tacit" --to "127.0.0.1:$port" --plain "$@"
}

# of KEY [KEY...]: a number of the last report.
of() {
    /usr/bin/python3 -c '
import json, sys
value = json.load(open(sys.argv[1]))
for key in sys.argv[2:]: value = value[key]
print(value)' "$work/report" "$@"
}

is() {
    local wanted=$1 got
    shift
    got=$(of "$@")
    [[ $got == "$wanted" ]] || { echo "$*: wanted $wanted, got $got"; return 1; }
}

# conf KEY VALUE...: the broker's configuration, with further lines.
configure() {
    sed -e "s|@PORT@|$port|" broker-config/replay-test.conf.in >"$work/mosquitto.conf"
    ((EUID != 0)) || echo "user root" >>"$work/mosquitto.conf"
    printf '%s\n' "$@" >>"$work/mosquitto.conf"
}

fresh() {
    broker_stop "$work"
    configure "$@" && broker_start "$work"
}

nothing_retained() {
    local left
    left=$(mosquitto_sub -p "$port" -q 1 -t 'tacit/#' -W 1 -F %t 2>/dev/null)
    [[ -z $left ]] || { echo "left: $left"; return 1; }
}

everything_arrives() {
    local kind published arrives
    fresh && play --speed 0.3 --json >"$work/report" || { cat "$work/report"; return 1; }
    while read -r kind published arrives; do
        is "$published" kinds "$kind" published && is "$arrives" kinds "$kind" arrived && is 0 kinds "$kind" lost || return 1
    done <<<"$expected"
    is 102 published && is 4 devices && is 1 skipped && is 12 models_fetched && is 0 models_given_up && is True whole &&
        is 102 acknowledged count && is 0 connections_lost && nothing_retained
}

# 101 gaps of 5 ms, twice as fast: a quarter of a second, and no schedule is missed by much. Twenty times: not in time.
the_original_timing_is_scaled() {
    fresh && play --speed 2x --json >"$work/report" || return 1
    /usr/bin/python3 -c '
import json, sys
report = json.load(open(sys.argv[1]))
sys.exit(not (report["seconds"] >= 0.25 and report["published"] == 102))' "$work/report"
}

at_full_speed_everything_is_published() {
    fresh && play --speed max --json >"$work/report" || return 1
    is 102 published && is 0 lag_us && is 0 lost && is 36 kinds update arrived
}

clones_say_and_hear_what_their_devices_do() {
    fresh && play --speed max --devices 8 --json >"$work/report" || return 1
    is 8 devices && is 4 captured_devices && is 72 kinds update published && is 72 kinds update arrived &&
        is 27 kinds round arrived && is 24 kinds receipt arrived && is 25 kinds need arrived && is 0 lost &&
        nothing_retained || return 1
    says 0 "clones among them" play --speed max --devices 8
}

# Far more at a time than the broker's queue to one client holds.
a_crowd_does_not_outrun_its_aggregator() {
    fresh && play --speed max --devices 400 --json >"$work/report" || { cat "$work/report"; return 1; }
    # A round may overtake a model that is being fetched.
    is 3600 kinds update arrived && is 0 lost && is 1200 models_asked &&
        (($(of models_fetched) + $(of models_given_up) == 1200))
}

a_queue_that_is_too_short_shows_as_losses() {
    fresh "max_queued_messages 20" || return 1
    says 1 "did not arrive" play --speed max --devices 400
}

clones_have_names_of_their_own() {
    fresh || return 1
    local keeper=(-p "$port" -V 311 -i keeper -c -q 1 -t 'tacit/1/fed/enrol/gateway/+')
    mosquitto_sub "${keeper[@]}" -E && play --speed max --devices 6 >/dev/null || return 1
    mosquitto_sub "${keeper[@]}" -C 6 -W 20 -F %t >"$work/topics" || return 1
    diff <(sort "$work/topics") <(printf 'tacit/1/fed/enrol/gateway/%s\n' c4-device-1 c5-device-2 device-{1,2,3,4})
}

fewer_devices_are_the_first_ones() {
    fresh && play --speed max --devices 1 --json >"$work/report" || return 1
    is 9 kinds update published && is 3 kinds receipt arrived && is 6 kinds round arrived && is 0 lost
}

a_live_federation_is_not_disturbed() {
    fresh || return 1
    mosquitto_pub -p "$port" -q 1 -r -t tacit/1/fed/aggregator/gateway/evidence -m live || return 1
    says 1 "evidence of the aggregator gateway of the federation fed" play --speed max || return 1
    # Nothing was said before that.
    [[ $(mosquitto_sub -p "$port" -q 1 -t 'tacit/#' -W 1 -F '%t %p' 2>/dev/null) == "tacit/1/fed/aggregator/gateway/evidence live" ]] || return 1
    play --speed max --federation other --json >"$work/report" && is other federation && is 0 lost || return 1
    [[ $(mosquitto_sub -p "$port" -q 1 -t 'tacit/#' -W 1 -F '%t %p' 2>/dev/null) == "tacit/1/fed/aggregator/gateway/evidence live" ]] || return 1
    # By force it is; then nothing is taken away either.
    play --speed max --force --json >"$work/report" && is 0 lost &&
        [[ -n $(mosquitto_sub -p "$port" -q 1 -t tacit/1/fed/record/gateway/1 -W 1 -F %t 2>/dev/null) ]]
}

what_is_kept_stays() {
    fresh && play --speed max --keep >/dev/null || return 1
    [[ $(mosquitto_sub -p "$port" -q 1 -t 'tacit/1/fed/#' -W 1 -F %t 2>/dev/null | wc -l) == 17 ]] &&
        says 1 "evidence of the aggregator" play --speed max
}

a_small_limit_shows_as_losses() {
    fresh "message_size_limit 10000" || return 1
    play --speed max --json >"$work/report" && return 1
    # Refused with MQTT 5 (0x95): updates and chunks of models; what is small arrives.
    is 36 kinds update refused && is 0 kinds update arrived && is 12 kinds receipt arrived && is 0 kinds receipt lost
}

# A broker that ends and comes back in the middle: the player goes on; one that does not come back: it says so.
a_broker_that_comes_back_is_played_on() {
    fresh || return 1
    play --speed 0.1x --json >"$work/report" 2>"$work/said" &
    local player=$! code
    sleep 1.5
    broker_stop "$work" KILL && sleep 0.3 && broker_start "$work" || return 1
    wait "$player"
    code=$?
    ((code == 0 || code == 1)) && is 102 published && is True whole || { echo "code $code"; return 1; }
    (($(of connections_lost) >= 6))
}

a_broker_that_is_gone_is_told() {
    fresh || return 1
    play --speed 0.1x --timeout 2 --json >"$work/report" 2>"$work/said" &
    local player=$! code
    sleep 1.5
    broker_stop "$work" KILL
    wait "$player"
    code=$?
    ((code == 4)) && grep -q "nothing moves any more" "$work/said" && is False whole || { echo "code $code"; cat "$work/said"; return 1; }
    says 4 "nothing moves any more" play --timeout 1
}

an_interrupted_play_tells_and_cleans_up() {
    fresh || return 1
    # Not by the function: that would be a shell of its own, which would get the signal.
    "$build/bin/tacit" replay "$work/small.tacit" --to "127.0.0.1:$port" --plain --speed 0.1x --json \
        >"$work/report" 2>"$work/said" &
    local player=$! code
    sleep 1.5
    kill -TERM "$player"
    wait "$player"
    code=$?
    ((code == 1)) && grep -q interrupted "$work/said" && grep -q "102 messages of 4 devices, played for 4; they take 5 s at this speed" "$work/said" &&
        is False whole && nothing_retained
}

wrong_commands_and_files_have_their_codes() {
    local tacit=$build/bin/tacit
    says 2 "one capture" "$tacit" replay --to h:1 --plain && says 2 "one of --verify, --mutate, --to" "$tacit" replay x &&
        says 2 "--to needs" "$tacit" replay x --to nowhere --plain && says 2 "--to needs" "$tacit" replay x --to h:0 --plain &&
        says 2 "--speed" "$tacit" replay x --to h:1 --plain --speed fast && says 2 "--speed" "$tacit" replay x --to h:1 --plain --speed 0 &&
        says 2 "either --plain" "$tacit" replay x --to h:1 && says 2 "together" "$tacit" replay x --to h:1 --cafile y &&
        says 2 "names are" "$tacit" replay x --to h:1 --plain --federation a/b &&
        says 3 "nowhere" "$tacit" replay "$work/nowhere" --to 127.0.0.1:1 --plain || return 1
    head -c 5000 /bin/sh >"$work/binary"
    says 3 "" "$tacit" replay "$work/binary" --to 127.0.0.1:1 --plain &&
        says 3 "only a broker on this machine" "$tacit" replay "$work/small.tacit" --to 192.0.2.1:1 --plain
}

# As a federation's broker has it, but that ids are not names: one certificate for all clients.
all_clients_share_a_certificate() {
    broker_stop "$work"
    broker_setup "$work" "$port" gateway owner && broker_make_client "$work" owner || return 1
    sed -i -e 's/^use_username_as_clientid true/use_username_as_clientid false/' "$work/mosquitto.conf"
    printf 'user owner\ntopic readwrite #\n' >"$work/acl"
    broker_start "$work" || return 1
    "$build/bin/tacit" replay "$work/small.tacit" --to "localhost:$port" --cafile "$work/ca.crt" --cert "$work/owner.crt" \
        --key "$work/owner.key" --speed max --json >"$work/report" && is 0 lost && is 36 kinds update arrived
}

port=$(broker_free_port) && echo "$port" >"$work/port" && make_capture small fed 5000 || exit 1
for test in everything_arrives the_original_timing_is_scaled at_full_speed_everything_is_published \
    clones_say_and_hear_what_their_devices_do a_crowd_does_not_outrun_its_aggregator a_queue_that_is_too_short_shows_as_losses clones_have_names_of_their_own fewer_devices_are_the_first_ones \
    a_live_federation_is_not_disturbed what_is_kept_stays a_small_limit_shows_as_losses \
    an_interrupted_play_tells_and_cleans_up a_broker_that_comes_back_is_played_on a_broker_that_is_gone_is_told all_clients_share_a_certificate \
    wrong_commands_and_files_have_their_codes; do
    check "$test"
done
exit "$failed"
