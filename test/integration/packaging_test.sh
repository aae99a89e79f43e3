#!/usr/bin/env bash
# How the enclave is packaged: Gramine's manifest, the unit of a virtual machine, and what `make measure` tells.
set -u
cd "$(dirname "$0")/../.." || exit 2
build=${BUILD:-build}
tee=aggregator/tee template=aggregator/tee/tacit-enclave.manifest.template enclave=$build/bin/tacit-enclave
[[ -x $enclave ]] || { echo "[  FAILED  ] not built: make $enclave"; exit 1; }
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
failed=0

claim() { # NAME COMMAND...
    if "${@:2}" >"$folder/output" 2>&1; then
        echo "[       OK ] $1"
    else
        echo "[  FAILED  ] $1"
        tail -n 20 "$folder/output"
        failed=1
    fi
}

# ---- the manifest
claim the_manifest_lets_nothing_in "$tee/check-manifest" "$template"
# Sanitizers' and compilers' own libraries are no part of what is shipped.
libraries=$(ldd "$enclave" | awk '$3 ~ /^\// {print $1}' | grep -vE '^(libc|libm|libpthread|libdl|libresolv|librt|libgcc_s|lib.san)\.so')
# shellcheck disable=SC2086 # one word for each library
claim every_library_of_the_program_is_measured "$tee/check-manifest" "$template" --libraries $libraries
claim a_library_that_is_not_there_would_be_noticed eval '! $tee/check-manifest $template --libraries libother.so.1'

# Each change that would open the enclave is refused: sed program, then what the refusal says.
refused() {
    sed -E "$1" "$template" >"$folder/changed"
    ! cmp -s "$template" "$folder/changed" || { echo "nothing was changed"; return 1; }
    ! "$tee/check-manifest" "$folder/changed" >"$folder/says" || { echo "it was taken"; return 1; }
    grep -q -- "$2" "$folder/says" || { cat "$folder/says"; return 1; }
}
while IFS='|' read -r name change says; do
    claim "$name" refused "$change" "$says"
done <<'CHANGES'
debugging_is_refused|s/^sgx.debug = false/sgx.debug = true/|sgx.debug
no_debugging_as_text_is_refused|s/^sgx.debug = false/sgx.debug = "false"/|sgx.debug
debugging_from_outside_is_refused|s/^sgx.debug = false/sgx.debug = {{ debug }}/|from outside
no_word_on_debugging_is_refused|/^sgx.debug/d|sgx.debug is missing
allowed_files_are_refused|$ a sgx.allowed_files = ["file:x"]|allowed_files
arguments_of_the_host_are_refused|$ a loader.insecure__use_cmdline_argv = true|insecure__
an_environment_of_the_host_is_refused|$ a loader.env.HOME = { passthrough = true }|loader.env.HOME
another_variable_is_refused|$ a loader.env.LD_PRELOAD = "x"|LD_PRELOAD
a_whole_environment_is_refused|$ a loader.insecure__use_host_env = true|insecure__
other_arguments_are_refused|s/"gramine"\]/"tsm"]/|loader.argv
another_attestation_is_refused|s/"dcap"/"none"/|remote_attestation
subprocesses_are_refused|s/^(sys.disallow_subprocesses) = true/\1 = false/|disallow_subprocesses
a_small_stack_is_refused|s/"1M"/"256K"/|sys.stack.size
a_talkative_log_is_refused|s/"error"/"debug"/|log_level
a_loose_check_of_files_is_refused|s/"strict"/"allow_all_but_log"/|file_check_policy
a_key_for_encryption_is_refused|$ a fs.insecure__keys.default = "00"|insecure__
an_encrypted_mount_is_refused|s/^(  \{ path = "\/tacit-enclave")/  { type = "encrypted", path = "\/s", uri = "file:s" },\n\1/|no plain one
shared_memory_is_refused|s/^(  \{ path = "\/tacit-enclave")/  { type = "untrusted_shm", path = "\/s", uri = "dev:s" },\n\1/|no plain one
an_odd_size_is_refused|s/"1G"/"3G"/|power of two
a_program_that_is_not_measured_is_refused|/^  "file:tacit-enclave",/d|tacit-enclave is not among
a_condition_is_refused|$ a {% if x %}\n{% endif %}|decides something
what_is_no_toml_is_refused|$ a sgx.|not TOML
CHANGES

# A finished manifest holds digests, and defaults of Gramine's own.
finished() {
    sed -e 's|{{ gramine.runtimedir() }}|/usr/lib/gramine|; s|{{ arch_libdir }}|/lib/x|g' \
        -e 's|  "file:tacit-enclave",|  { uri = "file:tacit-enclave", sha256 = "00" },|' "$template"
    printf 'loader.entrypoint.uri = "file:libsysdb.so"\nsgx.use_exinfo = false\n%s\n' "$1"
}
finished 'sgx.enable_stats = false' >"$folder/good.sgx"
finished 'sgx.enable_stats = true' >"$folder/bad.sgx"
finished 'sgx.allowed_files = []' >"$folder/none.sgx"
claim a_finished_manifest_passes "$tee/check-manifest" "$folder/good.sgx"
claim a_finished_manifest_without_allowed_files_passes "$tee/check-manifest" "$folder/none.sgx"
claim a_finished_manifest_that_opens_the_enclave_does_not eval '! $tee/check-manifest $folder/bad.sgx'

# ---- the unit
unit=$tee/tacit-enclave.service
has() { grep -qxE -- "$1" "$unit"; }
for line in 'ExecStart=/usr/bin/tacit-enclave --tee tsm --listen vsock:[0-9]+' 'Restart=always' 'LimitCORE=0' 'NoNewPrivileges=yes' \
    'CapabilityBoundingSet=' 'ProtectSystem=strict' 'RestrictAddressFamilies=AF_VSOCK' 'MemorySwapMax=0'; do
    claim "the_unit_has_${line%%=*}" has "$line"
done
verify() { # systemd wants the program there: another one stands in for it
    sed 's|/usr/bin/tacit-enclave|/bin/true|' "$unit" >"$folder/tacit-enclave.service"
    systemd-analyze verify "$folder/tacit-enclave.service" 2>&1 | { ! grep -F tacit-enclave.service; }
}
if command -v systemd-analyze >/dev/null; then
    claim systemd_understands_the_unit verify
else
    echo "[  SKIPPED ] systemd_understands_the_unit"
    echo "    skipped: no systemd-analyze"
fi

# ---- make measure
digest=$(sha256sum "$enclave" | cut -d' ' -f1)
told() { "$tee/measure" "$enclave" libcrypto >"$folder/measured" && grep -qE "$1" "$folder/measured"; }
claim the_measurement_of_simulations_is_told told "^program \(sim\) +$digest\$"
claim libraries_are_told_with_their_digests told '^libmbedcrypto.so.[0-9]+ +[0-9a-f]{64} '
claim the_sources_are_told told '^sources +[0-9a-f]{64}$'
if command -v gramine-sgx-sign >/dev/null; then
    claim an_mrenclave_is_told told '^MRENCLAVE +[0-9a-f]{64}$'
else
    claim an_mrenclave_is_not_made_up told '^MRENCLAVE +not computed: no '
fi
# With tools in place of Gramine's: each is called as its documentation says.
mkdir "$folder/bin"
cat >"$folder/bin/gramine-manifest" <<'TOOL'
#!/bin/sh
[ $# = 3 ] && sed -e "s|{{ gramine.runtimedir() }}|/usr/lib/gramine|; s|{{ arch_libdir }}|${1#-Darch_libdir=}|g" "$2" >"$3"
TOOL
cat >"$folder/bin/gramine-sgx-gen-private-key" <<'TOOL'
#!/bin/sh
echo key >"$1"
TOOL
cat >"$folder/bin/gramine-sgx-sign" <<'TOOL'
#!/bin/sh
[ "$*" = "--manifest tacit-enclave.manifest --output tacit-enclave.manifest.sgx --key key.pem --date 0000-00-00" ] &&
    test -s tacit-enclave && test -s key.pem && cp tacit-enclave.manifest tacit-enclave.manifest.sgx && echo sig >tacit-enclave.sig
TOOL
cat >"$folder/bin/gramine-sgx-sigstruct-view" <<'TOOL'
#!/bin/sh
test -s "$2" && printf '{"mr_enclave": "%064d"}\n' 5
TOOL
chmod +x "$folder"/bin/*
with_tools() { PATH=$folder/bin:$PATH told "$1"; }
claim an_mrenclave_is_what_the_tools_tell with_tools '^MRENCLAVE +0{63}5$'
exit "$failed"
