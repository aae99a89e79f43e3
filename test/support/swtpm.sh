# swtpm.sh: a throw-away TPM 2.0 in software, for tests. To be sourced by bash. Every function works in a folder that the
# caller made, and returns non-zero with a line on stderr when it fails.

# swtpm_is_there: whether swtpm is installed.
swtpm_is_there() {
    command -v swtpm >/dev/null
}

# swtpm_start FOLDER: starts it on free ports of 127.0.0.1 (two, the second for its control), waits until it accepts
# connections, and prints the TCTI string that reaches it. Its state is FOLDER/swtpm, its log FOLDER/swtpm.log. Started
# again in the same folder it is the same TPM after a reset, at the same ports unless somebody has taken them.
swtpm_start() {
    local folder=$1 port try
    mkdir -p "$folder/swtpm" || return 1
    for try in {1..20}; do
        if [[ -s $folder/swtpm.port && $try == 1 ]]; then
            port=$(<"$folder/swtpm.port")
        else
            port=$((12000 + 2 * (RANDOM % 4000)))
        fi
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || (exec 3<>"/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null; then
            continue
        fi
        if swtpm socket --tpm2 --tpmstate "dir=$folder/swtpm" --server "type=tcp,port=$port" \
            --ctrl "type=tcp,port=$((port + 1))" --flags not-need-init,startup-clear --daemon \
            --pid "file=$folder/swtpm.pid" >>"$folder/swtpm.log" 2>&1 </dev/null; then
            echo "$port" >"$folder/swtpm.port"
            echo "swtpm:host=127.0.0.1,port=$port"
            return 0
        fi
    done
    echo "swtpm: it does not start:" >&2
    tail -n 5 "$folder/swtpm.log" >&2
    return 1
}

# swtpm_stop FOLDER [SIGNAL]: ends the one that swtpm_start began, by its process id, and waits for its end.
swtpm_stop() {
    local folder=$1 signal=${2:-TERM} pid try
    [[ -s $folder/swtpm.pid ]] || return 0
    pid=$(<"$folder/swtpm.pid")
    rm -f "$folder/swtpm.pid"
    kill -s "$signal" "$pid" 2>/dev/null || return 0
    for try in {1..100}; do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.05
    done
    echo "swtpm: process $pid does not end" >&2
    return 1
}
