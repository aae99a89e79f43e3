#!/usr/bin/env bash
# A folder of endorsements beside a real aggregator: published with the evidence, replaced, out of time, spoilt.
set -u
cd "$(dirname "$0")/../.." || exit 2
. test/support/live.sh
build=$(cd "${BUILD:-build}" && pwd) || exit 1
tacit=$build/bin/tacit
work=$(mktemp -d) || exit 2
trap 'stop_all; rm -rf "$work"' EXIT
fed=$work/fed
broker_folder=$fed/broker
folder=$fed/aggregator/collateral

# identity BEGINNING END SVN: a document of Intel's form. Who carries it does not check its signature.
identity() {
    local zeros=00000000000000000000000000000000 begin end
    begin=$(date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ) end=$(date -u -d "$2" +%Y-%m-%dT%H:%M:%SZ)
    printf '{"enclaveIdentity":{"id":"TD_QE","version":2,"issueDate":"%s","nextUpdate":"%s",' "$begin" "$end"
    printf '"tcbEvaluationDataNumber":17,"miscselect":"00000000","miscselectMask":"FFFFFFFF","attributes":"%s",' "$zeros"
    printf '"attributesMask":"%s","mrsigner":"%s%s","isvprodid":2,"tcbLevels":[{"tcb":{"isvsvn":%d},' "$zeros" "$zeros" "$zeros" "$3"
    printf '"tcbDate":"2024-03-13T00:00:00Z","tcbStatus":"UpToDate"}]},"signature":"%s%s%s%s"}' "$zeros" "$zeros" "$zeros" "$zeros"
}

# place FILE: puts what comes in into the folder, whole at once.
place() {
    cat >"$folder/.new" && mv "$folder/.new" "$folder/$1"
}

# retained TOPIC: what the broker keeps there, in hexadecimal.
retained() {
    mosquitto_sub -V 5 -i owner -h localhost -p "$(<"$fed/broker/port")" --cafile "$fed/ca.crt" \
        --cert "$fed/owner/client.crt" --key "$fed/owner/client.key" -t "tacit/1/plant/aggregator/gate/$1" -C 1 -W 5 -F %x
}

evidence_holds() {
    local file hex evidence
    evidence=$(retained evidence) || return 1
    for file in "$@"; do
        hex=$(od -An -v -tx1 "$file" | tr -d ' \n')
        [[ $evidence == *"$hex"* ]] || return 1
    done
}

lacks() { ! "$@"; }

logged() { # PATTERN: the aggregator's log does, behind what was looked at before
    tail -n "+$seen" "$work/aggregator.log" | grep -qE -- "$1"
}

look_on() { seen=$(($(wc -l <"$work/aggregator.log") + 1)); }

status_holds() {
    local status
    status=$(retained status | sed 's/../\\x&/g') && printf '%b' "$status" | grep -qE -- "$1"
}

reload() {
    look_on
    kill -HUP "$aggregator"
}

# ---- tests ----

it_starts_with_what_the_folder_holds() {
    local port
    port=$(broker_free_port) &&
        "$tacit" init "$fed" --federation plant --aggregator gate --devices 1 --port "$port" \
            --package "$build/packages/dense" --package-option data "$work" || return 1
    ((EUID != 0)) || echo "user root" >>"$fed/broker/mosquitto.conf"
    echo "$port" >"$fed/broker/port"
    printf 'collateral_dir collateral\ncollateral_warn 7d\n' >>"$fed/aggregator/aggregator.conf"
    mkdir "$folder" && broker_make_authority "$work" || return 1
    identity "1 day ago" "20 days" 4 | place identity.json
    cp "$work/ca.crt" "$folder/signer.pem"
    broker_start "$fed/broker" || return 1
    "$build/bin/tacit-aggregator" -c "$fed/aggregator/aggregator.conf" >"$work/aggregator.log" 2>&1 &
    aggregator=$!
    children+=("$aggregator")
    seen=1
    await 50 evidence_holds "$folder/identity.json" "$folder/signer.pem" &&
        logged "collateral_file.* identity.json: QE identity TDX" && ! logged "collateral_exp"
}

the_status_says_until_when() {
    local until
    until=$(date -u -d "$(grep -oP 'nextUpdate":"\K[^"]+' "$folder/identity.json")" +%s)
    await 50 status_holds "\"collateral_until\":$until,"
}

a_replaced_file_is_published_at_the_signal() {
    cp "$folder/identity.json" "$work/old.json"
    identity "1 day ago" "3 days" 5 | place identity.json
    evidence_holds "$work/old.json" || return 1
    reload
    await 50 evidence_holds "$folder/identity.json" "$folder/signer.pem" && ! evidence_holds "$work/old.json" || return 1
    await 50 logged "collateral_expires.* identity.json \(QE identity TDX\) ends .*, in (71 h|[23] d)"
}

a_file_that_is_none_is_named_and_changes_nothing() {
    cp "$folder/identity.json" "$work/old.json"
    identity "1 day ago" "30 days" 6 | place identity.json
    echo "fetched by the cron job of Monday, ask the platform team" | place README
    reload
    await 50 logged "collateral_refused.* README: " && evidence_holds "$work/old.json" && ! evidence_holds "$folder/identity.json" ||
        return 1
    rm "$folder/README"
    ln -s /etc/hostname "$folder/link.pem"
    reload
    await 50 logged "collateral_failed.*link.pem: a symbolic link" && evidence_holds "$work/old.json" || return 1
    rm "$folder/link.pem"
    reload
    await 50 evidence_holds "$folder/identity.json"
}

what_has_ended_is_told_and_stays_published() {
    local until
    identity "40 days ago" "10 days ago" 7 | place identity.json
    until=$(date -u -d "$(grep -oP 'nextUpdate":"\K[^"]+' "$folder/identity.json")" +%s)
    reload
    await 50 logged "collateral_expired.* identity.json \(QE identity TDX\) ended .*, 10 d ago" &&
        await 50 evidence_holds "$folder/identity.json" && await 50 status_holds "\"collateral_until\":$until,"
}

an_emptied_folder_takes_them_away() {
    cp "$folder/identity.json" "$work/old.json"
    rm "$folder"/*
    reload
    await 50 logged "collateral .*0 files" && await 50 lacks evidence_holds "$work/old.json" &&
        lacks evidence_holds "$work/ca.crt" && await 50 status_holds '"state":"waiting"' &&
        await 50 lacks status_holds collateral_until
}

a_device_enrols_with_endorsements_of_its_own() {
    local conf=$fed/devices/device-1/node.conf
    mkdir "$fed/devices/device-1/endorsements" && cp "$work/ca.crt" "$fed/devices/device-1/endorsements/ak.pem" &&
        echo "endorsements endorsements" >>"$conf" || return 1
    "$build/bin/tacit-node" -c "$conf" >"$work/node.log" 2>&1 &
    node=$!
    children+=("$node")
    await 50 grep -q " enrolled " "$work/node.log" && lacks grep -q endorsements_refused "$work/node.log"
}

a_device_names_the_file_that_is_none() {
    kill "$node" && wait "$node"
    echo "for the platform team" >"$fed/devices/device-1/endorsements/NOTE"
    "$build/bin/tacit-node" -c "$fed/devices/device-1/node.conf" >"$work/node.log" 2>&1 &
    children+=($!)
    await 50 grep -q "endorsements_refused NOTE: " "$work/node.log" && await 50 grep -q " enrolled " "$work/node.log"
}

check it_starts_with_what_the_folder_holds
check the_status_says_until_when
check a_replaced_file_is_published_at_the_signal
check a_file_that_is_none_is_named_and_changes_nothing
check what_has_ended_is_told_and_stays_published
check an_emptied_folder_takes_them_away
check a_device_enrols_with_endorsements_of_its_own
check a_device_names_the_file_that_is_none
stop_all
exit "$failed"
