#!/usr/bin/env bash
# The broker configuration confines every client to its own topics: real Mosquitto, these very files.
set -u
cd "$(dirname "$0")/../.." || exit 2
. test/support/broker.sh

folder=$(mktemp -d) || exit 2
trap 'broker_stop "$folder"; rm -rf "$folder"' EXIT
failed=0

# check NAME COMMAND...: runs the command, which tells by its exit code.
check() {
    local name=$1
    shift
    if "$@" >"$folder/output" 2>&1; then
        echo "[       OK ] $name"
    else
        echo "[  FAILED  ] $name"
        sed 's/^/    /' "$folder/output"
        failed=1
    fi
}

# as CN: the options by which a mosquitto client is that one.
as() {
    echo "-h localhost -p $port -V 5 --cafile $folder/ca.crt --cert $folder/$1.crt --key $folder/$1.key"
}

# may_publish CN TOPIC / may_not_publish CN TOPIC: what the acknowledgement says (0x87 is "Not authorized").
publish() {
    mosquitto_pub $(as "$1") -i "${3:-$1}" -q 1 -t "$2" -m x 2>&1
}
may_publish() {
    local said
    said=$(publish "$@") && [[ $said != *"Not authorized"* && $said != *"rror"* ]] || { echo "$2: $said"; return 1; }
}
may_not_publish() {
    local said
    said=$(publish "$@")
    [[ $said == *"Not authorized"* ]] || { echo "$2: $said"; return 1; }
}

# reads READER WRITER TOPIC: prints what the reader gets when the writer publishes there, retained.
reads() {
    mosquitto_pub $(as "$2") -i "$2" -q 1 -r -t "$3" -m "for $3" || return 1
    mosquitto_sub $(as "$1") -i "$1" -q 1 -t "$3" -W 1 -C 1
}
may_read() {
    [[ $(reads "$@") == "for $3" ]] || { echo "$1 does not get $3"; return 1; }
}
may_not_read() {
    local got
    # The owner reads everything, so it proves that the message is there to be had.
    [[ $(reads owner "$2" "$3") == "for $3" ]] || { echo "nobody gets $3"; return 1; }
    got=$(reads "$@" 2>/dev/null)
    [[ -z $got ]] || { echo "$1 gets $3: $got"; return 1; }
}

device_writes_its_own_topics() {
    may_publish alpha tacit/1/fed/enrol/agg/alpha && may_publish alpha tacit/1/fed/update/agg/alpha/1.0 &&
        may_publish alpha tacit/1/fed/presence/alpha
}
device_writes_no_other_topic() {
    local topic
    for topic in enrol/agg/beta update/agg/beta/1.0 presence/beta need/alpha receipt/alpha credential/alpha round/agg \
        model/agg/0 record/agg/1 aggregator/agg/status aggregator/agg/evidence owner/agg/1 answer/agg/1; do
        may_not_publish alpha "tacit/1/fed/$topic" || return 1
    done
    may_not_publish alpha elsewhere
}
device_reads_what_is_for_it() {
    local topic
    for topic in aggregator/agg/evidence aggregator/agg/challenge aggregator/agg/status credential/alpha round/agg \
        model/agg/0 need/alpha receipt/alpha record/agg/1; do
        may_read alpha agg "tacit/1/fed/$topic" || return 1
    done
}
device_reads_nothing_of_another() {
    may_not_read alpha agg tacit/1/fed/receipt/beta && may_not_read alpha agg tacit/1/fed/credential/beta &&
        may_not_read alpha agg tacit/1/fed/need/beta && may_not_read alpha agg tacit/1/fed/answer/agg/1 &&
        may_not_read alpha beta tacit/1/fed/update/agg/beta/1.0 && may_not_read alpha beta tacit/1/fed/enrol/agg/beta &&
        may_not_read alpha owner tacit/1/fed/owner/agg/1
}
aggregator_reads_what_is_sent_to_it() {
    may_read agg alpha tacit/1/fed/enrol/agg/alpha && may_read agg alpha tacit/1/fed/update/agg/alpha/1.0 &&
        may_read agg owner tacit/1/fed/owner/agg/1 && may_read agg alpha tacit/1/fed/presence/alpha
}
aggregator_is_confined_to_its_name() {
    may_not_publish agg tacit/1/fed/round/other && may_not_publish agg tacit/1/fed/model/other/0 &&
        may_not_publish agg tacit/1/fed/owner/agg/1 && may_not_read agg alpha tacit/1/fed/update/other/alpha/1.0
}
owner_writes_only_requests() {
    may_publish owner tacit/1/fed/owner/agg/2 && may_not_publish owner tacit/1/fed/round/agg
}

client_without_certificate_is_refused() {
    may_publish alpha tacit/1/fed/presence/alpha || return 1
    ! mosquitto_pub -h localhost -p "$port" -V 5 --cafile "$folder/ca.crt" -q 1 -t tacit/1/fed/presence/alpha -m x
}
certificate_of_another_authority_is_refused() {
    broker_make_authority "$folder" foreign && broker_make_certificate "$folder" alpha stranger foreign || return 1
    ! mosquitto_pub $(as stranger) -i alpha -q 1 -t tacit/1/fed/presence/alpha -m x
}
handshake() {
    openssl s_client -connect "127.0.0.1:$port" -CAfile "$folder/ca.crt" -cert "$folder/alpha.crt" \
        -key "$folder/alpha.key" -cipher 'DEFAULT@SECLEVEL=0' "$1" </dev/null 2>&1
}
tls_before_1_2_is_refused() {
    handshake -tls1_2 | grep -q 'Protocol *: TLSv1.2' && handshake -tls1_1 | grep -q 'alert protocol version'
}
packet_past_the_limit_is_refused() {
    local topic=tacit/1/fed/update/agg/alpha/1.0
    head -c 299000 /dev/zero >"$folder/fits" && head -c 301000 /dev/zero >"$folder/large"
    mosquitto_pub $(as alpha) -V 311 -i alpha -q 1 -t "$topic" -f "$folder/fits" || return 1
    # MQTT 5 tells the client beforehand, so that it does not try (mqtt_test.sh); 3.1.1 is cut off.
    ! mosquitto_pub $(as alpha) -V 311 -i alpha -q 1 -t "$topic" -f "$folder/large" &&
        grep -q 'alpha disconnected due to oversize packet' "$folder/broker.log"
}
client_id_of_another_cannot_be_taken() {
    local pid got
    mosquitto_sub $(as alpha) -i alpha -q 1 -t tacit/1/other/receipt/alpha -W 5 -C 1 >"$folder/alpha.got" &
    pid=$!
    sleep 0.3
    # beta says that it is alpha: it is beta all the same, and alpha's connection lives on.
    may_not_publish beta tacit/1/fed/presence/alpha alpha && may_publish beta tacit/1/fed/presence/beta alpha || return 1
    may_publish agg tacit/1/other/receipt/alpha
    wait "$pid"
    got=$(<"$folder/alpha.got")
    [[ $got == x ]] || { echo "alpha lost its session: $got"; return 1; }
}

port=$(broker_free_port) && broker_setup "$folder" "$port" agg owner || exit 1
for name in agg owner alpha beta; do broker_make_client "$folder" "$name" || exit 1; done
broker_start "$folder" || exit 1

for name in device_writes_its_own_topics device_writes_no_other_topic device_reads_nothing_of_another \
    device_reads_what_is_for_it aggregator_reads_what_is_sent_to_it aggregator_is_confined_to_its_name \
    owner_writes_only_requests client_without_certificate_is_refused certificate_of_another_authority_is_refused \
    tls_before_1_2_is_refused packet_past_the_limit_is_refused client_id_of_another_cannot_be_taken; do
    check "$name" "$name"
done
exit "$failed"
