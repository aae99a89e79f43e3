#!/usr/bin/env bash
# Captures of a real federation: all of a run, one over a restart of the broker, what they say of themselves, and what is
# made of them.
set -u
cd "$(dirname "$0")/../.." || exit 2
. test/support/live.sh
build=$(cd "${BUILD:-build}" && pwd) || exit 1
tacit=$build/bin/tacit
package=$build/packages/dense
work=$(mktemp -d) || exit 2
broker_folder=$work/live/broker
unset TACIT_CONF
plain=
trap 'stop_all; [[ -z $plain ]] || kill "$plain"; rm -rf "$work"' EXIT

live() {
    "$tacit" "$@" -c "$work/live/owner/tacit.conf"
}

# holds TEXT: the status, as JSON, has this in it.
holds() {
    live status --json | grep -q -- "$1"
}

# has FILE TEXT: the file has it, in one line.
has() {
    grep -q -- "$2" "$1" || { cat "$1"; return 1; }
}

info() {
    "$tacit" capture info "$@"
}

# capture NAME OPTION...: a capture in the background, its process id in `capturing`, what it says in NAME.out. Not as a
# job of this shell, which would have it ignore SIGINT.
capture() {
    local name=$1
    shift
    /usr/bin/python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])' \
        "$tacit" capture -c "$work/live/owner/tacit.conf" -o "$work/$name.tacit" "$@" >"$work/$name.out" 2>&1 &
    capturing=$!
    children+=($!)
    await 50 grep -q "as the observer: observer" "$work/$name.out" && await 50 test -s "$work/$name.tacit" && sleep 0.5
}

# ended CODE: the capture ends with that code, by itself or as it was asked to.
ended() {
    wait "$capturing"
    local got=$?
    ((got == $1)) || { echo "it ended with $got"; return 1; }
}

no_broker_leaves_no_file() {
    says 4 "no connection" "$tacit" capture -c "$work/live/owner/tacit.conf" -o "$work/none.tacit" --timeout 1 -p 1 &&
        says 4 "nothing is kept" timeout --preserve-status -s INT 1 "$tacit" capture -c "$work/live/owner/tacit.conf" -o "$work/none.tacit" -p 1 &&
        [[ ! -e $work/none.tacit ]] && says 2 "-o FILE" live capture && says 2 "a size" live capture -o x --rotate 7
}

a_federation_is_made() {
    local port
    port=$(broker_free_port) && "$build/bin/digits" --out "$work/data" --train 300 --test 60 &&
        "$tacit" init "$work/live" --device anna --device berta --device carla --port "$port" --package "$package" \
            --package-option data "$work/data" --package-option parts @COUNT@ --package-option part @INDEX@ \
            --package-option layers "784 8 10" --min-cohort 3 --max-packet 4096 || return 1
    # Mosquitto, started as root, would become a user who cannot read the folder.
    ((EUID != 0)) || echo "user root" >>"$work/live/broker/mosquitto.conf"
    echo "$port" >"$work/live/broker/port"
    echo "capture_file inside.tacit" >>"$work/live/aggregator/aggregator.conf"
    "$tacit" model init --package "$package" --option layers "784 8 10" -o "$work/first" && broker_start "$work/live/broker"
}

# publishes TOPIC: as the observer.
publishes() {
    mosquitto_pub -V 5 -h localhost -p "$(<"$broker_folder/port")" --cafile "$broker_folder/ca.crt" -i observer -q 1 \
        --cert "$work/live/owner/observe.crt" --key "$work/live/owner/observe.key" -t "$1" -m x -d 2>&1 |
        grep -q 'PUBACK (Mid: 1, RC:0)'
}

the_observer_writes_nothing() {
    local topic
    for topic in presence/observer enrol/gateway/observer update/gateway/observer/1.0 owner/gateway/x.0 round/gateway \
        presence/anna aggregator/gateway/status; do
        ! publishes "tacit/1/home/$topic" || { echo "it wrote $topic"; return 1; }
    done
}

# Everything from the first message on: the capture ends by itself after three rounds and the closing one.
all_of_a_run_is_captured() {
    local device
    capture whole --rounds 4 || return 1
    mosquitto_pub -V 5 -h localhost -p "$(<"$broker_folder/port")" --cafile "$broker_folder/ca.crt" -i owner -q 1 -r \
        --cert "$work/live/owner/client.crt" --key "$work/live/owner/client.key" -t "tacit/1/home/owner/any/thing/é" -m x \
        -D publish user-property 'a "b"' c -D publish content-type text/plain -D publish correlation-data xyz || return 1
    start aggregator "$build/bin/tacit-aggregator" -c "$work/live/aggregator/aggregator.conf"
    aggregator=$!
    for device in anna berta carla; do
        start "$device" "$build/bin/tacit-node" -c "$work/live/devices/$device/node.conf"
    done
    await 50 holds '"enrolled":3' && live model import "$work/first" && live start --rounds 3 --cohort 3 --deadline 60 &&
        ended 0 && has "$work/whole.out" ", 4 rounds closed, 1 files" && has "$work/whole.out" "nothing is missing" || return 1
    [[ $(stat -c %a "$work/whole.tacit") == 600 && ! -e $work/whole.tacit-wal ]] || return 1
    info "$work/whole.tacit" >"$work/info" && has "$work/info" "^every row is as it was written$" &&
        has "$work/info" "round 3 of gateway.*released, 3 counted, 3 whole updates" &&
        (($(grep -c '^  round [0-9]* of ' "$work/info") == 4)) && has "$work/info" "device carla"
}

info_as_json_says_the_same() {
    info "$work/whole.tacit" --json | /usr/bin/python3 -c '
import json, sys
info = json.load(sys.stdin)
assert [r["round"] for r in info["rounds"]] == [1, 2, 3, 4], info["rounds"]
assert all(r["counted"] == r["whole_updates"] == 3 and r["chunks"] == r["chunks_here"] > 1 for r in info["rounds"])
assert [d["device"] for d in info["devices"]] == ["anna", "berta", "carla"], info["devices"]
assert info["damaged"] == [] and info["missing"] == [] and info["checked"]
assert info["kinds"]["other"]["messages"] == 1
assert sum(k["messages"] for k in info["kinds"].values()) == info["messages"] == info["files"][0]["messages"]
for kind in "evidence challenge status enrol credential round model update need receipt record owner answer presence".split():
    assert kind in info["kinds"], kind'
}

properties_and_other_topics_are_kept() {
    /usr/bin/python3 -c '
import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("SELECT topic, payload, qos, retained, properties, kind, device FROM message "
                                            "WHERE properties LIKE ?", ("%user%",)).fetchall()
assert len(rows) == 1, rows
topic, payload, qos, retained, properties, kind, device = rows[0]
assert (topic, payload, qos, retained, kind, device) == ("tacit/1/home/owner/any/thing/é", b"x", 1, 0, None, None), rows
assert json.loads(properties) == {"user": [["a \"b\"", "c"]], "content-type": "text/plain", "correlation": "78797a"}
' "$work/whole.tacit"
}

# Another capture goes on while the broker is away for a moment, and in several files.
the_broker_restarts_in_the_middle() {
    capture parts --rotate 100k || return 1
    live start --rounds 25 --cohort 3 --deadline 60 && await 100 holds '"round":\([6-9]\|[12][0-9]\),' || return 1
    broker_stop "$broker_folder"
    sleep 1
    broker_start "$broker_folder" && await 100 has "$work/parts.out" "connected again" &&
        await 300 holds '"state":"idle"' && sleep 1 || return 1
    kill -INT "$capturing"
    ended 0 && has "$work/parts.out" "the connection is lost" && [[ -e $work/parts.2.tacit ]] || return 1
    # What the broker or a device lost is sent again, so the records may or may not miss something; the gap is told.
    info "$work"/parts*.tacit >"$work/info"
    has "$work/info" "^missing: not connected for " && has "$work/info" "^every row is as it was written$" &&
        has "$work/info" "round 4 of gateway.*(before the capture)" && has "$work/info" "round 30 of gateway.*released" &&
        has "$work/info" "goes on in the next part" || return 1
    info "$work/parts.3.tacit" "$work/parts.tacit" >"$work/info"
    has "$work/info" "^missing: what was between .*parts.tacit and .*parts.3.tacit" &&
        says 3 "are both part 1" info "$work/parts.tacit" "$work/whole.tacit"
}

# The session is forgotten at the end: the broker does not go on keeping messages for nobody.
nothing_is_left_at_the_broker() {
    kill -HUP "$(<"$broker_folder/broker.pid")"
    mosquitto_sub -V 5 -h localhost -p "$(<"$broker_folder/port")" --cafile "$broker_folder/ca.crt" -i observer -c -q 1 \
        --cert "$work/live/owner/observe.crt" --key "$work/live/owner/observe.key" -t none -d -W 1 >"$work/sub" 2>&1
    has "$work/sub" "CONNACK (0)" && ! grep -q PUBLISH "$work/sub"
}

what_its_records_count_and_it_lacks_is_named() {
    "$tacit" capture trim "$work/whole.tacit" -o "$work/trimmed.tacit" --rounds 2-3 --devices anna --devices berta || return 1
    info "$work/trimmed.tacit" >"$work/info"
    (($? == 1)) && has "$work/info" "^missing: round 2 of gateway: its record counts 3 updates, and 2 whole ones are here$" &&
        ! grep -q carla "$work/info" && (($(grep -c '^  round [0-9]* of ' "$work/info") == 2)) && has "$work/info" " evidence " &&
        says 1 "it is not written over" "$tacit" capture trim "$work/whole.tacit" -o "$work/trimmed.tacit"
}

edited_and_cut_files_are_named() {
    cp "$work/whole.tacit" "$work/edited.tacit"
    /usr/bin/python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE message SET payload = zeroblob(9) WHERE id = 17"); db.commit()' "$work/edited.tacit" || return 1
    says 1 "message row 17 is not as it was written" info "$work/edited.tacit" || return 1
    head -c 100000 "$work/whole.tacit" >"$work/cut.tacit"
    says 1 "lost its end: it has 100000 of" info "$work/cut.tacit" || return 1
    says 3 "no database" info "$work/info"
}

one_round_becomes_files() {
    local record
    "$tacit" capture export "$work/whole.tacit" --round 2 -o "$work/folder" || return 1
    live rounds --save "$work/records" >"$work/said" && [[ -s $work/records/2.record ]] || return 1
    record=$(grep '"kind":"record"' "$work/folder/index.jsonl" | head -n 1 | grep -oP '"file":"\K[^"]+') &&
        cmp "$work/folder/$record" "$work/records/2.record" || return 1
    (($(wc -l <"$work/folder/index.jsonl") == $(ls "$work/folder" | grep -c payload))) &&
        ! grep -q '/3\.' "$work/folder/index.jsonl" && has "$work/folder/index.jsonl" 'update/gateway/anna/2.1"'
}

# What the script publishes at another broker, which lets anybody write, is what was captured.
one_round_becomes_commands() {
    local port want
    "$tacit" capture export "$work/whole.tacit" --round 2 --mosquitto-pub "$work/script" || return 1
    port=$(broker_free_port)
    "$(PATH=$PATH:/usr/sbin command -v mosquitto)" -p "$port" >"$work/plain.log" 2>&1 &
    plain=$!
    await 50 mosquitto_pub -h localhost -p "$port" -t x -m x || return 1
    want=$(wc -l <"$work/folder/index.jsonl")
    timeout 30 mosquitto_sub -V 5 -h localhost -p "$port" -q 1 -t 'tacit/#' -C "$want" -F '%t %x' >"$work/heard" &
    local listening=$!
    sleep 0.5
    "$work/script" -h localhost -p "$port" || return 1
    wait "$listening" || { echo "not all was heard"; return 1; }
    /usr/bin/python3 - "$work" <<'PYTHON'
import json, sys
work = sys.argv[1]
heard = [line.rstrip("\n").split(" ") for line in open(f"{work}/heard")]
for line, (topic, payload) in zip(open(f"{work}/folder/index.jsonl"), heard, strict=True):
    row = json.loads(line)
    assert row["topic"] == topic, (row, topic)
    assert open(f"{work}/folder/{row['file']}", "rb").read().hex() == payload, row
PYTHON
}

other_names_stand_everywhere() {
    "$tacit" capture anonymise "$work/whole.tacit" -o "$work/anon.tacit" --seed 5 --map >"$work/said" &&
        (($(grep -c '^map: ' "$work/said") == 4)) && has "$work/said" '^map: owner device-' && has "$work/said" "can no longer be checked" || return 1
    ! grep -aoE ".{0,40}(anna|berta|carla|observer|localhost).{0,40}" "$work/anon.tacit" || { echo "a name is left"; return 1; }
    info "$work/anon.tacit" >"$work/info" && has "$work/info" ANONYMISED && has "$work/info" "device device-3 " || return 1
    # The same seed gives the same names; without one they are drawn.
    "$tacit" capture anonymise "$work/whole.tacit" -o "$work/again.tacit" --seed 5 --map >"$work/said.again" &&
        diff <(grep ^map "$work/said") <(grep ^map "$work/said.again") &&
        "$tacit" capture anonymise "$work/whole.tacit" -o "$work/drawn.tacit" >"$work/said" && ! grep -q '^map' "$work/said"
}

# The aggregator wrote the same itself, in the order in which it heard and said things: an update before its receipt. What
# only the broker and others see (their presence apart) is not in it.
the_aggregator_wrote_its_own() {
    holds '"capture":"writing"' || return 1
    kill "$aggregator"
    wait "$aggregator"
    info "$work/live/aggregator/inside.tacit" >"$work/info" && has "$work/info" "from inside the aggregator" &&
        has "$work/info" "round 30 of gateway.*released, 3 counted, 3 whole updates" || return 1
    info "$work/live/aggregator/inside.tacit" --json | /usr/bin/python3 -c '
import json, sys
info = json.load(sys.stdin)
assert info["missing"] == info["damaged"] == []
assert all(r["counted"] == r["whole_updates"] for r in info["rounds"]) and len(info["rounds"]) == 30
assert "answer" in info["kinds"] and "owner" in info["kinds"]'
}

for name in a_federation_is_made no_broker_leaves_no_file the_observer_writes_nothing all_of_a_run_is_captured \
    info_as_json_says_the_same properties_and_other_topics_are_kept the_broker_restarts_in_the_middle nothing_is_left_at_the_broker \
    what_its_records_count_and_it_lacks_is_named edited_and_cut_files_are_named one_round_becomes_files \
    one_round_becomes_commands other_names_stand_everywhere the_aggregator_wrote_its_own; do
    check "$name"
done
exit "$failed"
