#!/usr/bin/env bash
# The owner's tool: a federation folder and what is in it, policies, model files; then a whole federation on a broker of its
# own, from the first model to the audit of its rounds.
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

# ---- init ----

init_makes_what_it_says() {
    "$tacit" init "$work/fed" --federation plant --aggregator gate --device alpha --device beta --host broker.example \
        --host 192.0.2.7 --port 18883 --package "$package" --package-option part @INDEX@ \
        --package-option note "of @COUNT@: @DEVICE@" --keep-sealed /kept --min-cohort 2 || return 1
    local file
    for file in owner.key owner.pub ca.key ca.crt sim-root.key sim-root.pub policy.conf policy.cbor owner/tacit.conf \
        broker/mosquitto.conf broker/acl broker/broker.key aggregator/aggregator.conf aggregator/policy.cbor \
        devices/alpha/node.conf devices/beta/client.crt; do
        [[ -s $work/fed/$file ]] || { echo "no $file"; return 1; }
    done
    cmp "$work/fed/policy.cbor" "$work/fed/aggregator/policy.cbor" || return 1
    local conf=$work/fed/devices/beta/node.conf line
    for line in "federation plant" "aggregator gate" "device beta" "broker broker.example" "port 18883" \
        "package_option part 1" "package_option note of 2: beta" "keep_sealed /kept"; do
        grep -qx "$line" "$conf" || { echo "no line '$line'"; return 1; }
    done
}

measurements_are_those_of_the_programs() {
    local digest
    for program in tacit-enclave tacit-node; do
        digest=$(sha256sum <"$build/bin/$program" | cut -d ' ' -f 1)
        grep -qx "measurement $digest" "$work/fed/policy.conf" || return 1
    done
}

nobody_else_may_read_keys_or_folders() {
    (($(find "$work/fed" -name '*.key' | wc -l) >= 10)) || return 1
    [[ -z $(find "$work/fed" -name '*.key' ! -perm 0600) && -z $(find "$work/fed" -type d ! -perm 0700) &&
        -z $(find "$work/fed" -type f -perm /0022) ]]
}

# purpose PURPOSE CERTIFICATE...: openssl accepts them for it; not_purpose: none of them.
purpose() {
    local purpose=$1
    shift
    openssl verify -x509_strict -purpose "$purpose" -CAfile "$work/fed/ca.crt" "$@"
}

certificates_are_good_for_their_purpose_alone() {
    local fed=$work/fed
    purpose sslserver "$fed/broker/broker.crt" &&
        purpose sslclient "$fed"/devices/*/client.crt "$fed/aggregator/client.crt" "$fed"/owner/{client,watch}.crt &&
        ! purpose sslclient "$fed/broker/broker.crt" && ! purpose sslserver "$fed/devices/alpha/client.crt" || return 1
    openssl x509 -in "$fed/broker/broker.crt" -noout -ext subjectAltName |
        grep -q "DNS:localhost, IP Address:127.0.0.1, DNS:broker.example, IP Address:192.0.2.7" || return 1
    [[ $(openssl x509 -in "$fed/devices/alpha/client.crt" -noout -subject) == *"CN = alpha" ]] || return 1
    # A device's certificate signs nothing.
    openssl x509 -in "$fed/devices/alpha/client.crt" -noout -ext basicConstraints | grep -q "CA:FALSE" &&
        openssl x509 -in "$fed/ca.crt" -noout -ext basicConstraints | grep -q "CA:TRUE, pathlen:0"
}

init_refuses_what_is_there_and_leaves_it_alone() {
    local before
    before=$(find "$work/fed" -type f -exec sha256sum {} + | sort)
    says 1 "there already" "$tacit" init "$work/fed" --package "$package" || return 1
    [[ $before == "$(find "$work/fed" -type f -exec sha256sum {} + | sort)" ]]
}

a_failed_init_leaves_nothing() {
    mkdir "$work/empty" || return 1
    says 3 "mosquitto.conf.in" "$tacit" init "$work/half" --package "$package" --templates "$work/empty" &&
        [[ ! -e $work/half ]] &&
        # 65536 devices of 2000000000 samples could overflow the sum.
        says 3 "min_cohort" "$tacit" init "$work/half" --package "$package" --min-cohort 65536 --max-cohort 65536 \
            --max-samples 2000000000 && [[ ! -e $work/half ]]
}

names_that_cannot_be_are_refused() {
    says 3 "--device" "$tacit" init "$work/no" --device "a/b" && says 3 "--device" "$tacit" init "$work/no" --device owner &&
        says 3 "twice" "$tacit" init "$work/no" --device a --device a &&
        says 3 "--aggregator" "$tacit" init "$work/no" --aggregator owner &&
        says 3 "--federation" "$tacit" init "$work/no" --federation "a b" && says 3 "--host" "$tacit" init "$work/no" --host "a b" &&
        says 3 "--package-option" "$tacit" init "$work/no" --package-option k $'v\nkeep_sealed /x' && [[ ! -e $work/no ]]
}

wrong_usage_ends_with_2() {
    says 2 usage "$tacit" && says 2 usage "$tacit" nothing && says 2 FOLDER "$tacit" init && says 2 --port "$tacit" init x --port 0 &&
        says 2 "stands twice" "$tacit" init x --port 1 --port 2 && says 2 --rounds "$tacit" start &&
        says 2 "--count" "$tacit" rounds --count 3 && says 2 "not understood" "$tacit" stop now
}

help_tells_every_command() {
    local name
    for name in init "policy sign" "policy show" "policy check" "policy sample" "model init" "model import" "model export" \
        "model show" explain appraise start stop revoke unrevoke status rounds audit recompute reasons; do
        "$tacit" --help | grep -q "^  $name " || return 1
        # shellcheck disable=SC2086
        "$tacit" help $name | grep -q "^usage: tacit $name" && "$tacit" $name --help | grep -q usage || return 1
    done
    "$tacit" reasons | grep -q "^ 40  WRONG_ROUND "
}

# ---- policy ----

a_policy_goes_round() {
    local fed=$work/fed
    "$tacit" policy show "$fed/policy.cbor" --owner-key "$fed/owner.pub" >"$work/shown" &&
        grep -q "SIMULATED" "$work/shown" && grep -q "federation plant, version 1" "$work/shown" &&
        grep -q "Signed by the owner" "$work/shown" || return 1
    sed -i 's/^version 1$/version 2/' "$fed/policy.conf" &&
        "$tacit" policy sign "$fed/policy.conf" --key "$fed/owner.key" -o "$work/second.cbor" &&
        "$tacit" policy show "$work/second.cbor" --owner-key "$fed/owner.pub" | grep -q "version 2" &&
        "$tacit" policy show "$work/second.cbor" | grep -q "not verified"
}

a_text_is_checked_without_a_key() {
    local fed=$work/fed kind
    "$tacit" policy check "$fed/policy.conf" >"$work/checked" 2>"$work/warned" && grep -q "a good policy of the federation plant" "$work/checked" &&
        grep -q "SIMULATED" "$work/warned" || return 1
    # Who signs sees the same warnings.
    "$tacit" policy sign "$fed/policy.conf" --key "$fed/owner.key" -o "$work/second.cbor" 2>"$work/signed" >"$work/silent" &&
        cmp "$work/signed" "$work/warned" && [[ ! -s $work/silent ]] || return 1
    # The blocks of init, and those of the samples beside the keys that they name.
    mkdir -p "$work/samples/keys" && cp "$fed/owner.pub" "$work/samples/keys/sensor-1.pub" &&
        cp "$fed/sim-root.pub" "$work/samples/" && cp "$fed/ca.crt" "$work/samples/ak-ca.crt" || return 1
    for kind in sim sgx tdx snp psa tpm; do
        "$tacit" policy sample $kind | sed 's/^#\([a-z]\)/\1/' >"$work/samples/$kind.conf" &&
            "$tacit" policy check "$work/samples/$kind.conf" 2>"$work/warned" | grep -q "a good policy" || return 1
    done
    "$tacit" policy sample | grep -q "^aggregator_evidence sgx" || return 1
    # The example that people start from.
    awk '/^```/ {n++; next} n == 1' docs/policy.md >"$work/example.conf" &&
        "$tacit" policy check "$work/example.conf" 2>"$work/warned" | grep -q "a good policy of the federation home" &&
        [[ ! -s $work/warned ]] || return 1
    rm "$work/samples/keys/sensor-1.pub"
    says 3 "device: $work/samples/keys/sensor-1.pub" "$tacit" policy check "$work/samples/psa.conf" &&
        says 2 "sim, sgx, tdx" "$tacit" policy sample sev && says 2 "FILE" "$tacit" policy check
}

a_policy_that_was_changed_or_is_not_the_owners_is_refused() {
    local fed=$work/fed size
    size=$(stat -c %s "$fed/policy.cbor")
    # The last byte belongs to the signature.
    head -c $((size - 1)) "$fed/policy.cbor" >"$work/bad.cbor"
    printf '%b' "\\x$(printf %02x $((0x$(tail -c 1 "$fed/policy.cbor" | od -An -tx1 | tr -d ' ') ^ 1)))" >>"$work/bad.cbor"
    says 1 "signature" "$tacit" policy show "$work/bad.cbor" --owner-key "$fed/owner.pub" &&
        says 1 "signature" "$tacit" policy show "$fed/policy.cbor" --owner-key "$fed/sim-root.pub" &&
        head -c 100 "$fed/policy.cbor" >"$work/cut.cbor" && says 1 "cut.cbor" "$tacit" policy show "$work/cut.cbor"
}

wrong_files_end_with_3_and_say_where() {
    local fed=$work/fed
    sed 's/^min_cohort .*/min_cohort none/' "$fed/policy.conf" >"$fed/wrong.conf"
    local line
    line=$(grep -n '^min_cohort' "$fed/wrong.conf" | cut -d : -f 1)
    says 3 "wrong.conf:$line: min_cohort" "$tacit" policy sign "$fed/wrong.conf" --key "$fed/owner.key" -o "$work/none" &&
        [[ ! -e $work/none ]] || return 1
    printf 'federation plant\nprot 8883\n' >"$work/wrong.conf"
    says 3 "wrong.conf:2: prot" "$tacit" status -c "$work/wrong.conf" || return 1
    : >"$work/empty.conf"
    says 3 "missing.conf" "$tacit" status -c "$work/missing.conf" && says 3 "--cafile" "$tacit" status -c "$work/empty.conf" ||
        return 1
    chmod 644 "$fed/sim-root.key"
    says 3 "chmod 600" "$tacit" policy sign "$fed/policy.conf" --key "$fed/sim-root.key" -o "$work/none" || return 1
    chmod 600 "$fed/sim-root.key"
    cp "$fed/owner.pub" "$work/public" && chmod 600 "$work/public" &&
        says 3 "no private key" "$tacit" policy sign "$fed/policy.conf" --key "$work/public" -o "$work/none" && [[ ! -e $work/none ]]
}

# ---- models ----

a_package_makes_a_model_that_can_be_shown() {
    "$tacit" model init --package "$package" --option layers "6 4 2" -o "$work/small" | grep -q "38 parameters" &&
        "$tacit" model show "$work/small" >"$work/shown" && grep -q "layer1.weight F32 \[4, 6\]" "$work/shown" &&
        grep -q "^parameters  38$" "$work/shown" || return 1
    "$tacit" model init --package "$package" --option layers "6 4 2" -o "$work/again" >"$work/one" &&
        cmp "$work/small" "$work/again" &&
        "$tacit" model init --package "$package" --option layers "6 4 2" --seed 2 -o "$work/other" && ! cmp -s "$work/small" "$work/other"
}

what_is_no_model_is_refused() {
    head -c 50 "$work/small" >"$work/torn"
    says 3 "torn" "$tacit" model show "$work/torn" && says 3 "nowhere" "$tacit" model show "$work/nowhere" &&
        says 1 "ended with code" "$tacit" model init --package "$package" --option layers "x" -o "$work/none" &&
        says 3 "package.conf" "$tacit" model init --package "$work/empty" -o "$work/none" && [[ ! -e $work/none ]]
}

# ---- a federation ----

live() {
    "$tacit" "$@" -c "$work/live/owner/tacit.conf"
}

mosquitto_accepts_the_configuration() {
    local port
    port=$(broker_free_port) && "$build/bin/digits" --out "$work/data" --train 300 --test 60 &&
        "$tacit" init "$work/live" --devices 3 --port "$port" --package "$package" --package-option data "$work/data" \
            --package-option parts @COUNT@ --package-option part @INDEX@ --package-option layers "784 8 10" \
            --keep-sealed "$work/kept" --min-cohort 2 --max-packet 4096 || return 1
    # Mosquitto, started as root, would become a user who cannot read the folder.
    ((EUID != 0)) || echo "user root" >>"$work/live/broker/mosquitto.conf"
    echo "$port" >"$work/live/broker/port"
    broker_start "$work/live/broker"
}

without_an_aggregator_commands_end_in_time() {
    says 1 "no status" live status && says 4 "no evidence" live start --rounds 1 --timeout 2
}

the_first_model_reaches_the_enclave() {
    local device
    mkdir -p "$work/kept"
    start aggregator "$build/bin/tacit-aggregator" -c "$work/live/aggregator/aggregator.conf"
    for device in 1 2 3; do
        start "device-$device" "$build/bin/tacit-node" -c "$work/live/devices/device-$device/node.conf"
    done
    await 50 live status && "$tacit" model init --package "$package" --option layers "784 8 10" -o "$work/kept/base.safetensors" &&
        says 1 "no model" live start --rounds 1 || return 1
    # Packets of 4096 bytes: the request travels in several fragments.
    live model import "$work/kept/base.safetensors" >"$work/said" && grep -q simulated "$work/said"
}

rounds_are_run_and_told() {
    live start --rounds 3 --cohort 2 --deadline 60 &&
        timeout 60 "$tacit" rounds --watch --count 4 --save "$work/kept" -c "$work/live/owner/tacit.conf" >"$work/watched" ||
        return 1
    cat "$work/watched"
    (($(grep -c "  train  simulated$" "$work/watched") == 3)) && (($(grep -c "  evaluate  simulated$" "$work/watched") == 1)) &&
        ! grep -q "accuracy -" "$work/watched" || return 1
    # Each line has the accuracy that the next record measured.
    live rounds >"$work/told" && cmp "$work/watched" "$work/told" || return 1
    live rounds --json >"$work/json" && (($(grep -c '"verified":true' "$work/json") == 4)) &&
        await 25 grep -q '"state":"idle"' <(live status --json)
}

a_device_explains_why_it_trusts_the_aggregator() {
    local database
    database=$(find "$work/live/devices/device-1" -name '*.db' | head -n 1)
    "$tacit" explain "$database" >"$work/why" || { cat "$work/why"; return 1; }
    grep -q "^This device trusts the aggregator .* since 20" "$work/why" && grep -q "SIMULATED" "$work/why" &&
        grep -q "^  passed *measurement$" "$work/why" && ! grep -q "FAILED" "$work/why" &&
        says 3 "not there" "$tacit" explain "$work/nowhere.db" && says 2 "a DATABASE is needed" "$tacit" explain
}

the_model_comes_back_as_the_record_says() {
    live model export -o "$work/out.safetensors" && "$tacit" model show "$work/out.safetensors" >"$work/shown" || return 1
    local digest
    digest=$(sed -n 's/^digest *//p' "$work/shown")
    [[ ${#digest} == 64 ]] && tail -n 1 "$work/json" | grep -q "\"model\":\"$digest\"" &&
        grep -q "tacit.digest = $digest" "$work/shown" && grep -q "tacit.simulated = true" "$work/shown"
}

recomputing_gives_the_same_models() {
    "$tacit" recompute "$work/kept" >"$work/recomputed" || { cat "$work/recomputed"; return 1; }
    (($(grep -c "identical$" "$work/recomputed") == 4)) && grep -qE "^4 rounds recomputed: identical, model [0-9a-f]{64} \(simulated\)" "$work/recomputed"
}

# flip FILE: changes one bit of its last byte.
flip() {
    local size byte
    size=$(stat -c %s "$1")
    byte=$(tail -c 1 "$1" | od -An -tu1)
    printf '%b' "\\x$(printf %02x $((byte ^ 1)))" | dd of="$1" bs=1 seek=$((size - 1)) conv=notrunc 2>/dev/null
}

recomputing_finds_every_difference() {
    local copy=$work/copy chunk
    cp -r "$work/kept" "$copy" || return 1
    flip "$copy/base.safetensors"
    says 1 "DIFFERENT" "$tacit" recompute "$copy" && says 1 "its base" "$tacit" recompute "$copy" || return 1
    cp "$work/kept/base.safetensors" "$copy"
    says 1 "its base" "$tacit" recompute "$copy" --base "$work/out.safetensors" || return 1
    flip "$copy/2.record"
    says 1 "2.record" "$tacit" recompute "$copy" || return 1
    cp "$work/kept/2.record" "$copy"
    for chunk in "$copy"/3.*.1.cose; do
        flip "$chunk"
    done
    says 1 "no choice" "$tacit" recompute "$copy" || return 1
    rm "$copy"/*.record
    says 3 "no records" "$tacit" recompute "$copy"
}

the_owner_alone_is_obeyed() {
    # Another key in the owner's place: the evidence is not to be trusted by it, and the enclave does not obey it.
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/other.key" 2>/dev/null && chmod 600 "$work/other.key"
    openssl pkey -in "$work/other.key" -pubout -out "$work/other.pub"
    says 1 "not to be trusted" live start --rounds 1 --owner-key "$work/other.key" --owner-pub "$work/other.pub" &&
        says 4 "does not answer" live start --rounds 1 --owner-key "$work/other.key" --timeout 3 &&
        says 1 "broker refuses" live start --rounds 1 --cert "$work/live/owner/watch.crt" --key "$work/live/owner/watch.key"
}

stop_is_answered() {
    live stop | grep -q "no round begins after round 4"
}

a_broker_that_is_away_ends_with_4() {
    stop_all
    says 4 "no connection" live status --timeout 2 && says 4 "no connection" live rounds --timeout 2
}

check init_makes_what_it_says
check measurements_are_those_of_the_programs
check nobody_else_may_read_keys_or_folders
check certificates_are_good_for_their_purpose_alone
check init_refuses_what_is_there_and_leaves_it_alone
check a_failed_init_leaves_nothing
check names_that_cannot_be_are_refused
check wrong_usage_ends_with_2
check help_tells_every_command
check a_policy_goes_round
check a_text_is_checked_without_a_key
check a_policy_that_was_changed_or_is_not_the_owners_is_refused
check wrong_files_end_with_3_and_say_where
check a_package_makes_a_model_that_can_be_shown
check what_is_no_model_is_refused

federation=(mosquitto_accepts_the_configuration without_an_aggregator_commands_end_in_time
    the_first_model_reaches_the_enclave rounds_are_run_and_told the_model_comes_back_as_the_record_says
    a_device_explains_why_it_trusts_the_aggregator recomputing_gives_the_same_models
    recomputing_finds_every_difference the_owner_alone_is_obeyed stop_is_answered
    a_broker_that_is_away_ends_with_4)
if PATH=$PATH:/usr/sbin command -v mosquitto >/dev/null; then
    for test in "${federation[@]}"; do
        check "$test"
    done
else
    printf '[  SKIPPED ] %s\n' "${federation[@]}"
fi
exit "$failed"
