#!/usr/bin/env bash
# The main job, as a person runs it: the demo, watched from the broker; interrupted; with an enclave that is killed.
set -u
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
. test/support/demo.sh

# Every message that the broker carries, as hexadecimal: what the broker's own operator can see. The operator gives
# himself an account that reads everything; the federation's authority signs it. Run as the demo's hook.
cat >"$folder/listen" <<HOOK
#!/usr/bin/env bash
set -e
broker=\$1/federation/broker
cd "$folder"
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=operator -keyout operator.key -out operator.csr
openssl x509 -req -in operator.csr -CA "\$1/federation/ca.crt" -CAkey "\$1/federation/ca.key" -days 1 -set_serial 77 -out operator.crt
printf '\\nuser operator\\ntopic read #\\n' >>"\$broker/acl"
pkill -HUP -f "mosquitto -c \$broker/mosquitto.conf"
sleep 0.3
port=\$(grep -oP '^listener \\K[0-9]+' "\$broker/mosquitto.conf")
stdbuf -oL mosquitto_sub -d -V 5 -i operator -h localhost -p "\$port" --cafile "\$broker/ca.crt" --cert operator.crt --key operator.key \\
    -t 'tacit/#' -F 'message %t %x' >wire 2>wire.log &
echo \$! >listener
for _ in {1..50}; do
    grep -q Subscribed wire && exit 0
    sleep 0.1
done
exit 1
HOOK
chmod +x "$folder/listen"

ends_with_ok() { tail -n 1 "$1" | grep -qE "^demo: ok rounds=$2 accuracy=0\\.[0-9]+ model=([0-9a-f]{64}) recomputed=\\1\$"; }
accuracy_climbs() { awk '/^round 1\// {first = $8} /^round 4\// {last = $8} END {exit !(last > first + 0.05)}' "$1"; }

watched="$folder/watched"
(demo "$watched" ROUNDS=4 NODES=3 HOOK="$folder/listen") >"$folder/demo.out" 2>&1
code=$?
kill "$(cat "$folder/listener")"
cp "$folder/demo.out" "$folder/output"
claim "the_demo_ends_with_success" test "$code" = 0
claim "its_last_line_names_one_digest_twice" ends_with_ok "$folder/demo.out" 4
claim "accuracy_climbs" accuracy_climbs "$folder/demo.out"
claim "every_line_of_a_round_has_its_fields" grep -qE '^round 3/4  cohort 3/3  samples [0-9]+  accuracy 0\.[0-9]+  loss [0-9.]+  model [0-9a-f]{8}\.\.\.  [0-9.]+ s$' "$folder/demo.out"
claim "no_process_is_left" nothing_left "$watched"

# What was on the wire: every kind of message, and nothing that could be read.
kinds() {
    for kind in /evidence /challenge /enrol/ /credential/ /round/ /model/ /update/ /receipt/ /record/ /owner/ /answer/; do
        grep -oP '^message \K\S+' "$folder/wire" | grep -q -- "$kind" || { echo "no $kind was heard"; return 1; }
    done
}
search() {
    /usr/bin/python3 - "$watched" "$folder/wire" <<'PYTHON'
import glob, json, re, struct, sys
kept, wire_file = sys.argv[1:]
lines = [line.split() for line in open(wire_file) if line.startswith("message ")]
wire = b"\0".join(bytes.fromhex(words[2]) for words in lines if len(words) > 2)
secrets = {}
for name in ("first", "final"):
    data = open(f"{kept}/{name}.safetensors", "rb").read()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    values = data[start:]
    # Sixteen bytes: four weights in a row; a dozen places, and none where a row of equal bytes could be found by chance.
    for at in range(0, len(values) - 16, max(4, (len(values) // 12) & ~3)):
        if len(set(values[at:at + 16])) > 8:
            secrets[f"weights of {name} at {at}"] = values[at:at + 16]
for path in glob.glob(f"{kept}/sealed/*.key"):
    secrets[path] = bytes.fromhex(open(path).read().strip())
import subprocess
for path in glob.glob(f"{kept}/federation/**/*.key", recursive=True):
    text = subprocess.run(["openssl", "ec", "-in", path, "-noout", "-text"], capture_output=True, text=True).stdout
    found = re.search(r"priv:\s*([0-9a-f:\s]+)pub:", text)
    if found:
        secrets[path] = bytes.fromhex(re.sub(r"[^0-9a-f]", "", found.group(1)))[-32:]
assert len(wire) > 1000000, f"only {len(wire)} bytes were heard"
assert sum("weights" in s for s in secrets) >= 12 and sum(s.endswith(".key") for s in secrets) >= 6, sorted(secrets)
bad = [name for name, secret in secrets.items() if secret in wire]
# The search itself must be able to find something: a public part of the manifest.
assert b"accuracy" in wire, "the records were not heard"
print(f"{len(secrets)} secrets searched for in {len(wire)} bytes")
sys.exit(f"on the wire in clear: {bad}" if bad else 0)
PYTHON
}
claim "every_kind_of_message_was_heard" kinds
claim "neither_weights_nor_keys_can_be_read_on_the_wire" search

# Interrupted in the middle: nothing may stay.
interrupted() {
    interruptible env BUILD="$build" ROUNDS=500 NODES=2 tools/demo/demo >"$folder/int.out" 2>&1 &
    local pid=$!
    wait_for "$folder/int.out" '^round 1/500' || return 1
    local port
    port=$(port_of "$folder/int.out")
    kill -INT "$pid"
    wait "$pid"
    [[ $? = 130 ]] || { echo "exit code is not 130"; return 1; }
    no_trace && ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
}
claim "an_interrupted_demo_leaves_nothing" interrupted

# The enclave is killed between rounds: the aggregator starts another, devices appraise and enrol anew.
killed() {
    local keep="$folder/killed" pid enclave
    demo "$keep" ROUNDS=500 NODES=2 >"$folder/killed.out" 2>&1 &
    pid=$!
    wait_for "$folder/killed.out" '^round 1/500' || return 1
    enclave=$(pgrep -f "tacit-enclave --sim-root $keep")
    kill -KILL "$enclave"
    wait_for "$keep/log/aggregator.log" 'enclave_gone' || return 1
    for _ in {1..200}; do
        [[ $(grep -c ' enrolled ' "$keep/log/device-1.log") -lt 2 ]] || break
        sleep 0.1
    done
    local enrolments
    enrolments=$(grep -c ' enrolled ' "$keep/log/device-1.log")
    kill -INT "$pid"
    wait "$pid"
    [[ $enrolments -ge 2 ]] || { echo "device-1 enrolled $enrolments times"; tail -n 20 "$keep"/log/*.log; return 1; }
}
claim "a_killed_enclave_is_started_anew_and_devices_enrol_anew" killed
exit $failed
