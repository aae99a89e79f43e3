#!/usr/bin/env bash
# tacit-enclave is the same program, byte for byte, from whatever folder it is built in. Two copies of what it is made of,
# in folders whose names have different lengths, are built by the defaults and compared.
set -u
cd "$(dirname "$0")/../.." || exit 2
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
short=$folder/a long=$folder/a-folder-with-a-much-longer-name/and/one/below
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

# Plain copies: no repository, no objects. The outer make's variables are not theirs.
build() {
    mkdir -p "$1" && cp -a Makefile aggregator common "$1" &&
        env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BUILD -u CFLAGS -u CPPFLAGS -u LDFLAGS -u CI \
            make -s -j2 -C "$1" CC="${CC:-cc}" BUILD=build build/bin/tacit-enclave
}
claim it_is_built_in_one_folder build "$short"
claim it_is_built_in_another build "$long"
claim both_are_the_same_byte_for_byte cmp "$short/build/bin/tacit-enclave" "$long/build/bin/tacit-enclave"
# What would make them differ, were it in them; a.out's debugging names files below `.`.
holds_no_path() { ! grep -aqF -- "$folder" "$1/build/bin/tacit-enclave"; }
claim no_name_of_a_folder_is_in_it holds_no_path "$long"
has_debugging() { grep -aqF -- aggregator/shell/main.c "$short/build/bin/tacit-enclave"; }
claim it_still_names_its_sources has_debugging
# The comparison can fail: a source with another byte gives another program.
sed -i 's/no TEE is named/no TEE was named/' "$short/aggregator/shell/options.c"
differs() {
    build_again && ! cmp -s "$short/build/bin/tacit-enclave" "$long/build/bin/tacit-enclave"
}
build_again() {
    env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BUILD -u CFLAGS -u CPPFLAGS -u LDFLAGS -u CI \
        make -s -C "$short" CC="${CC:-cc}" BUILD=build build/bin/tacit-enclave
}
claim another_source_is_another_program differs
exit "$failed"
