# swtpm.sh: a throw-away TPM 2.0 in software, for the demo and for tests. To be sourced by bash. Every function works in a folder that the
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
        # Ended, or only waiting for its parent, who is not us, to notice.
        grep -qs '^State:[[:space:]]*[A-Ya-z]' "/proc/$pid/status" || return 0
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null
    echo "swtpm: process $pid did not end and was killed" >&2
    return 1
}

# swtpm_extend FOLDER INDEX DIGEST: TPM2_PCR_Extend of a PCR's SHA-256 bank by a digest of 64 hexadecimal digits, as a boot
# loader does with what it is about to start. Source: TPM 2.0 Library Specification, parts 2 and 3.
swtpm_extend() {
    local port command answer
    port=$(<"$1/swtpm.port") || return 1
    command=80020000004100000182$(printf '%08x' "$2") # with sessions, 65 bytes, the command's number, the PCR
    command+=00000009400000090000000000               # 9 bytes of authorization: the empty password
    command+=00000001000b$3                           # one digest: SHA-256
    answer=$({
        printf %b "$(sed 's/../\\x&/g' <<<"$command")" >&3
        timeout 10 head -c 10 <&3 | od -An -v -tx1 | tr -d ' \n'
    } 3<>"/dev/tcp/127.0.0.1/$port")
    # Tag, size, response code.
    [[ $answer == 8002????????00000000 ]] && return 0
    echo "swtpm: PCR $2 is not extended: ${answer:-no answer}" >&2
    return 1
}
