# tpm.sh: `make demo TPM=1`: devices that prove what they booted, each with a TPM 2.0 of its own (in software: swtpm), and
# one more that booted something else and must be refused. To be sourced by demo, whose names it uses: root, build, work,
# nodes, rounds, devices, members, tacit, fail.
. "$root/tools/demo/swtpm.sh"

tpm_odd=device-odd
tpm_pcrs=(7 14) # where a PC's firmware and boot loader measure the keys that they trust
tpm_known_boot="the boot that the owner knows"
tpm_odd_boot="a boot that nobody knows"
tpm_reason="a measurement that the policy does not list"

# tpm_check NODES: whether this can be done here at all.
tpm_check() {
    swtpm_is_there || { echo "demo: TPM=1: swtpm is not installed; \`make deps\` installs it" >&2; exit 2; }
    (($1 < 128)) || { echo "demo: TPM=1: NODES is $1; one block of a policy holds 128 keys of TPMs" >&2; exit 2; }
}

# tpm_boot DEVICE BOOT: starts the device's TPM and measures a boot into it. Prints the TCTI that reaches it.
tpm_boot() {
    local folder=$work/tpm/$1 tcti digest pcr
    mkdir -p "$folder"
    tcti=$(swtpm_start "$folder") || return 1
    digest=$(printf %s "$2" | sha256sum | cut -d' ' -f1)
    for pcr in "${tpm_pcrs[@]}"; do
        swtpm_extend "$folder" "$pcr" "$digest" || return 1
    done
    echo "$tcti"
}

# Ends every TPM that was started.
tpm_stop() {
    local folder
    for folder in "$work"/tpm/*; do
        [[ ! -d $folder ]] || swtpm_stop "$folder" || true
    done
}

# tpm_attester DEVICE TCTI: the device shows evidence of its TPM from now on; the key that simulates leaves its folder.
tpm_attester() {
    local folder=$work/federation/devices/$1 pcrs
    pcrs=$(IFS=, && echo "${tpm_pcrs[*]}")
    sed -i -e "s|^attester sim$|attester tpm\ntpm_tcti $2\ntpm_pcrs sha256:$pcrs|" -e '/^sim_root /d' \
        -e 's/^\(# Configuration of tacit-node\.\) .*/\1/' "$folder/node.conf"
    rm "$folder/sim-root.key"
}

# tpm_enrol DEVICE: makes the key in its TPM, and keeps what the owner needs to know of it in tpm/DEVICE/enrolment.
tpm_enrol() {
    "$build/bin/tacit-node" --enrol-tpm -c "$work/federation/devices/$1/node.conf" --out "$work/tpm/$1/enrolled" \
        >"$work/tpm/$1/enrolment" 2>"$work/log/enrol-$1.log"
}

# The owner's policy: every device's key, the odd one's too, and the PCRs that the first device shows.
tpm_policy() {
    local policy=$work/federation/policy device
    sed -i '/^device_evidence /,$d' "$policy.conf"
    {
        echo "device_evidence tpm"
        for device in "${members[@]}"; do
            grep '^ak ' "$work/tpm/$device/enrolment"
        done
        grep '^pcr ' "$work/tpm/${devices[0]}/enrolment"
    } >>"$policy.conf"
    tacit policy check "$policy.conf" &&
        tacit policy sign "$policy.conf" --key "$work/federation/owner.key" -o "$policy.cbor" &&
        cp "$policy.cbor" "$work/federation/aggregator/policy.cbor"
}

# Makes what `tacit init` made into a federation of devices with TPMs.
tpm_federation() {
    local device boot tcti
    for device in "${members[@]}"; do
        boot=$tpm_known_boot
        [[ $device != "$tpm_odd" ]] || boot=$tpm_odd_boot
        # A signal to this whole group of processes must not reach it half started: then nobody could end it.
        tcti=$(trap '' INT TERM && tpm_boot "$device" "$boot") || fail "the TPM of $device does not start"
        tpm_attester "$device" "$tcti"
        tpm_enrol "$device" || fail "tacit-node --enrol-tpm failed for $device"
    done
    tpm_policy >"$work/log/policy.log" 2>&1 || fail "the policy could not be signed"
    echo "federation: $nodes devices and $tpm_odd with a TPM each, 1 aggregator, TLS broker on 127.0.0.1:$port"
    echo "  devices' evidence: TPM 2.0 quotes by swtpm, real commands without a chip; the policy lists the key of every device"
    echo "  and PCRs ${tpm_pcrs[*]} of the $nodes; those of $tpm_odd are others"
    echo "  the aggregator's evidence is SIMULATED: no TEE is used here"
}

# Waits until each device was either enrolled or refused; only the odd one may be, and must be, refused.
tpm_await_verdicts() {
    local device word try
    for device in "${members[@]}"; do
        word=enrolled
        [[ $device != "$tpm_odd" ]] || word=refused
        for try in {1..600}; do
            grep -qsE ' (enrolled|refused) ' "$work/log/$device.log" && break
            sleep 0.1
        done
        grep -q " $word " "$work/log/$device.log" || fail "$device was not $word"
    done
}

# No device but those of the cohort can have been counted: every record counts as many as there are good devices, and
# each of those has the enclave's receipt for each round.
tpm_prove_cohort() {
    local device round cohort try records=0
    while read -r _ round _ cohort _; do
        records=$((records + 1))
        ((cohort == nodes)) || fail "round $round counted $cohort updates, not $nodes"
        for device in "${devices[@]}"; do
            for try in {1..100}; do
                grep -q " counted round=$round: ok" "$work/log/$device.log" && break
                sleep 0.1
            done
            grep -q " counted round=$round: ok" "$work/log/$device.log" || fail "$device has no receipt for round $round"
        done
    done < <(grep '^round ' "$work/log/save.log")
    ((records >= rounds)) || fail "only $records of $rounds records were read"
}

# What was proven; sets the last line's end.
tpm_prove() {
    local log=$work/log/$tpm_odd.log reason last
    reason=$(grep -m 1 -oP ' refused enrolment: \K.*' "$log") || fail "$tpm_odd was not refused"
    [[ $reason == "$tpm_reason" ]] || fail "$tpm_odd was refused for another reason: $reason"
    grep -q "enrolment $tpm_odd: EVIDENCE_MEASUREMENT" "$work/log/aggregator.log" || fail "the aggregator does not tell of it"
    ! grep -qE ' (enrolled|counted) ' "$log" || fail "$tpm_odd was refused, and taken all the same"
    tpm_prove_cohort
    last=$(tacit rounds --json 2>/dev/null | tail -n 1 | grep -oP '"model":"\K[0-9a-f]{64}')
    [[ $digest == "$last" ]] || fail "model $digest, in the last record $last"
    echo "  it did so by a quote of the device's own TPM: the signed policy accepts nothing else of a device"
    echo "  $tpm_odd signed with a key that the policy lists and was refused: $reason"
    echo "  each round counted $nodes updates, and each of the $nodes devices has its receipt; $tpm_odd has none"
    echo "  the model that was exported has the digest of the last record, which the enclave signed"
    echo "  not shown: the sums made again, since keep_sealed is refused where devices do not simulate"
    verdict="refused=$tpm_odd reason=\"$reason\""
}
