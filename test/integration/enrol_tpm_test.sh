#!/usr/bin/env bash
# tacit-node --enrol-tpm over a TPM in software: what it writes and prints, twice; what it says when it cannot.
set -u
. tools/demo/swtpm.sh
node=$(cd "${BUILD:-build}/bin" && pwd)/tacit-node
work=$(mktemp -d) || exit 1
trap 'swtpm_stop "$work"; rm -rf "$work"' EXIT
failed=0

# check NAME: runs a test, which is a function, and prints a line about it.
check() {
    if "$1"; then
        echo "[       OK ] $1"
    else
        echo "[  FAILED  ] $1"
        failed=1
    fi
}

# configure LINE...: a configuration with those lines about the attester.
configure() {
    printf '%s\n' "federation factory" "aggregator gateway-1" "device sensor-17" "owner_key owner.pub" \
        "broker localhost" "plain true" "database node.db" "runner /bin/true" "package /none" "$@" >"$work/node.conf"
}

# fails CODE TEXT ARGUMENT...: tacit-node ends with that code, prints nothing, and says the text.
fails() {
    local code=$1 text=$2 got
    shift 2
    "$node" "$@" >"$work/printed" 2>"$work/said"
    got=$?
    ((got == code)) && [[ ! -s $work/printed ]] && grep -qF -- "$text" "$work/said" && return
    echo "  wanted $code '$text', got $got '$(cat "$work/said")'"
    return 1
}

writes_and_prints_what_an_owner_needs() {
    "$node" --enrol-tpm -c "$work/node.conf" --out "$work/out" >"$work/first" || return 1
    # The name is SHA-256 of ak.pub without its size, behind the algorithm's number.
    local name
    name=000b$(tail -c +3 "$work/out/ak.pub" | sha256sum | cut -d' ' -f1)
    [[ $(sed -n 1p "$work/first") == "ak $name name=sensor-17" ]] || return 1
    [[ $(wc -l <"$work/first") == 4 ]] || return 1
    [[ $(sed -n 2p "$work/first") =~ ^pcr\ sha256:7\ [0-9a-f]{64}$ ]] || return 1
    [[ $(sed -n 3p "$work/first") =~ ^pcr\ sha256:14\ 0{64}$ ]] || return 1
    [[ $(sed -n 4p "$work/first") =~ ^pcr\ sha384:0\ [0-9a-f]{96}$ ]] || return 1
    # The last 32 bytes of both files are the same coordinate.
    [[ $(tail -c 32 "$work/out/ak.pub" | sha256sum) == \
        $(openssl pkey -pubin -in "$work/out/ak.pem" -outform DER | tail -c 32 | sha256sum) ]]
}

finds_the_key_again() {
    "$node" -c "$work/node.conf" --enrol-tpm --out "$work/again" >"$work/second" &&
        cmp "$work/first" "$work/second" && cmp "$work/out/ak.pub" "$work/again/ak.pub"
}

says_what_is_wrong_with_the_call() {
    fails 2 "usage: tacit-node -c FILE" --enrol-tpm &&
        fails 2 "usage: tacit-node -c FILE" -c "$work/node.conf" --out "$work/out" &&
        fails 2 "usage: tacit-node -c FILE" --enrol-tpm -c "$work/node.conf" more &&
        fails 2 "usage: tacit-node -c FILE" --enrol-tpm -c "$work/node.conf" -c "$work/node.conf" &&
        fails 3 "none.conf" --enrol-tpm -c "$work/none.conf" &&
        fails 1 "/dev/null" --enrol-tpm -c "$work/node.conf" --out /dev/null/out
}

wants_a_configuration_with_a_tpm() {
    configure "attester command" "attester_command /bin/true" "attester_kind psa"
    fails 3 "node.conf: --enrol-tpm: only with attester tpm" --enrol-tpm -c "$work/node.conf"
}

says_when_the_tpm_is_gone() {
    configure "attester tpm" "tpm_tcti $tcti" "tpm_pcrs sha256:7"
    swtpm_stop "$work"
    fails 1 "tpm_tcti $tcti" --enrol-tpm -c "$work/node.conf"
}

tests=(writes_and_prints_what_an_owner_needs finds_the_key_again says_what_is_wrong_with_the_call
    wants_a_configuration_with_a_tpm says_when_the_tpm_is_gone)
if ! swtpm_is_there; then
    echo "skipped: swtpm is not installed (make deps)"
    printf '[  SKIPPED ] %s\n' "${tests[@]}"
    exit 0
fi
tcti=$(swtpm_start "$work") || exit 1
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null | openssl pkey -pubout -out "$work/owner.pub" ||
    exit 1
configure "attester tpm" "tpm_tcti $tcti" "tpm_pcrs sha256:7,14+sha384:0"
for test in "${tests[@]}"; do
    check "$test"
done
exit "$failed"
