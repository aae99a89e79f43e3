#!/usr/bin/env bash
# `tacit appraise` over captured evidence of real machines ($TACIT_VECTORS, or ../shared/vectors): each case's verdict, TCB,
# window and identity against expected.json, with its own endorsements and with a folder full of them; then what must be
# refused, and what a wrong command line is told.
set -u
cd "$(dirname "$0")/../.." || exit 2
build=$(cd "${BUILD:-build}" && pwd) || exit 1
vectors=${TACIT_VECTORS:-../shared/vectors}
if [[ ! -d $vectors/sgx ]]; then
    echo "  no captured evidence in $vectors: set TACIT_VECTORS"
    echo "[  SKIPPED ] appraise"
    exit 0
fi
exec python3 test/support/appraise_cases.py "$build/bin/tacit" "$vectors"
