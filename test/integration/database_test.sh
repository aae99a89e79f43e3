#!/usr/bin/env bash
# What the daemons do about their databases: of a newer version, damaged, in use, another user's, on a read-only or a full
# file system. What is refused is refused with exit code 4 and left as it was; a full disk is waited for.
set -u
cd "$(dirname "$0")/../.." || exit 2
. test/support/live.sh
build=$(cd "${BUILD:-build}" && pwd) || exit 1
tacit=$build/bin/tacit
package=$build/packages/dense
work=$(mktemp -d) || exit 2
broker_folder=$work/live/broker
unset TACIT_CONF
mounted=
finish() {
    stop_all
    [[ -z $mounted ]] || umount "$mounted"
    rm -rf "$work"
}
trap finish EXIT

live() { "$tacit" "$@" -c "$work/live/owner/tacit.conf"; }
holds() { live status --json | grep -q -- "$1"; }
# logs NAME COUNT TEXT: the log of NAME has exactly so many lines with the text.
logs() { (($(grep -c -- "$3" "$work/$1.log") == $2)); }
python() { /usr/bin/python3 "$@"; }

# What the tests take in turn: the program, its configuration, its database.
use() {
    if [[ $1 = aggregator ]]; then
        program=$build/bin/tacit-aggregator folder=$work/live/aggregator
        conf=$folder/aggregator.conf database=$folder/aggregator.db
    else
        program=$build/bin/tacit-node folder=$work/live/devices/device-1
        conf=$folder/node.conf database=$folder/node.db
    fi
}

begin() { # aggregator or device-N, then a command before it
    local name=$1
    shift
    case $name in
    aggregator) start "$name" "$@" "$build/bin/tacit-aggregator" -c "$work/live/aggregator/aggregator.conf" ;;
    *) start "$name" "$@" "$build/bin/tacit-node" -c "$work/live/devices/$name/node.conf" ;;
    esac
    pid[$name]=$!
}
declare -A pid

end() { # NAME: ends it in order
    kill "${pid[$1]}" && wait "${pid[$1]}"
}

# All that lies beside the database, with its contents; -shm is memory that processes share, and no part of it.
state_of() { (cd "$folder" && ls -ln --time-style=full-iso --ignore='*-shm' && sha256sum $(ls --ignore='*-shm')); }

# refuses TEXT [COMMAND...]: the program (behind the command) ends with 4, says it, and leaves all as it was.
refuses() {
    local text=$1 before
    shift
    before=$(state_of)
    says 4 "$text" timeout 20 "$@" "$program" -c "$conf" || return 1
    [[ $(state_of) = "$before" ]] || { diff <(echo "$before") <(state_of); return 1; }
}

# damage SCRIPT: Python that changes `data`, the file's bytes.
damage() {
    cp "$work/good/$(basename "$database")" "$database" || return 1
    python -c "
import sys
data = bytearray(open(sys.argv[1], 'rb').read())
$1
open(sys.argv[1], 'wb').write(data)" "$database"
}

repair() { cp "$work/good/$(basename "$database")" "$database"; }

# each_kind FUNCTION...: once for an aggregator's database, once for a node's.
each_kind() {
    local kind
    for kind in aggregator node; do
        use "$kind"
        "$@" || { echo "for the $kind"; return 1; }
        repair
    done
}

# Counted rounds of a device, and those whose inclusion it verified.
counted() { sed -nE 's/.* counted (round=[0-9]+).*/\1/p' "$work/$1.log" | sort -u; }
included() { sed -nE 's/.* included (round=[0-9]+).*/\1/p' "$work/$1.log" | sort -u; }
all_receipted_are_included() {
    local name
    for name in device-1 device-2; do
        [[ -n $(counted $name) && -z $(comm -23 <(counted $name) <(included $name)) ]] || return 1
    done
}

a_federation_does_a_round_and_ends() {
    local port
    port=$(broker_free_port) && "$build/bin/digits" --out "$work/data" --train 200 --test 40 &&
        "$tacit" init "$work/live" --devices 2 --port "$port" --package "$package" --package-option data "$work/data" \
            --package-option parts @COUNT@ --package-option part @INDEX@ --package-option layers "784 8 10" \
            --min-cohort 2 --max-packet 4096 || return 1
    ((EUID != 0)) || echo "user root" >>"$broker_folder/mosquitto.conf"
    echo "$port" >"$broker_folder/port"
    broker_start "$broker_folder" || return 1
    begin aggregator
    begin device-1
    begin device-2
    await 50 holds '"enrolled":2' && "$tacit" model init --package "$package" --option layers "784 8 10" -o "$work/first" &&
        live model import "$work/first" && live start --rounds 1 --cohort 2 --deadline 30 --no-evaluate &&
        await 150 logs aggregator 1 "round_closed round 1 counted 2" && await 50 all_receipted_are_included || return 1
    end device-1 && end device-2 && end aggregator && mkdir "$work/good" &&
        cp "$work/live/aggregator/aggregator.db" "$work/live/devices/device-1/node.db" "$work/good"
}

newer() {
    python -c "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('PRAGMA user_version = 99'); d.close()" \
        "$database" && rm -f "$database"-* && refuses "version 99 of the schema is newer than"
}
a_newer_database_is_refused_and_left_as_it_is() { each_kind newer; }

# A newer program that was killed: what it wrote last is in the log beside the file, and stays there.
killed_newer() {
    python -c "
import os, signal, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute('PRAGMA user_version = 99')
os.kill(os.getpid(), signal.SIGKILL)" "$database"
    [[ -s $database-wal ]] && refuses "version 99 of the schema is newer than"
    local code=$?
    rm -f "$database"-*
    return $code
}
the_log_of_a_newer_program_that_was_killed_is_left_too() { each_kind killed_newer; }

anothers() {
    python -c "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('PRAGMA application_id = 1'); d.close()" \
        "$database" && rm -f "$database"-* && refuses "a database of another program"
}
another_program_s_database_is_refused() { each_kind anothers; }

damaged() {
    damage "data[:] = b'no database at all, whatever its name says'" && refuses "damaged, or no database" &&
        damage "del data[len(data) // 2:]" && refuses "damaged" &&
        damage "del data[-1:]" && refuses "it ends within a page" &&
        damage "data[4096:4104] = bytes(255 - byte for byte in data[4096:4104])" && refuses "Page 2" &&
        damage "data[4096:8192] = bytes(4096)" && refuses "put a copy back in its place, or move it away"
}
a_damaged_database_is_told_where_and_what_to_do() { each_kind damaged; }

# Bytes anywhere: refused and left, or what is damaged is a value, which those who use it verify. Nothing else.
flipped() {
    local seed code before
    for seed in {1..8}; do
        damage "
import random
draw = random.Random($seed)
for i in range(1 + $seed % 4):
    data[draw.randrange(100, len(data))] ^= 1 << draw.randrange(8)" || return 1
        before=$(state_of)
        timeout --preserve-status -s TERM 1 "$program" -c "$conf" >"$work/said" 2>&1
        code=$?
        rm -f "$database"-*
        ((code == 0)) || { ((code == 4)) && grep -q damaged "$work/said" && [[ $(state_of) = "$before" ]]; } ||
            { echo "seed $seed ended with $code"; cat "$work/said"; return 1; }
    done
}
bits_that_flip_anywhere_are_refused_or_do_no_harm() { each_kind flipped; }

second() {
    local name
    name=$([[ $program = *node ]] && echo device-1 || echo aggregator)
    begin "$name"
    await 50 test -e "$database-wal" || return 1
    says 4 "another process works with it" "$program" -c "$conf"
    local code=$?
    kill -0 "${pid[$name]}" && end "$name" && ((code == 0))
}
a_second_daemon_on_the_same_database_is_refused() { each_kind second; }

forbidden() {
    local as=() owner=$EUID
    if ((EUID == 0)); then
        chown 12345 "$database" && refuses "belongs to user 12345, and this runs as user 0" || return 1
        chmod 711 "$work" "$work/live" "$(dirname "$folder")"
        chown -R 12345 "$folder"
        as=(setpriv --reuid 12345 --regid 12345 --clear-groups) owner=12345
    fi
    chmod 400 "$database" && refuses "user $owner may not write it" "${as[@]}" && chmod 600 "$database" &&
        chmod 500 "$folder" && refuses "user $owner may not make files in its folder" "${as[@]}"
    local code=$?
    chmod 700 "$folder"
    ((EUID != 0)) || chown -R 0 "$folder"
    return $code
}
what_may_not_be_written_is_refused_with_the_reason() { each_kind forbidden; }

small_disk() { # mounts one over the aggregator's state, which it copies there
    mkdir -p "$work/disk" && mount -t tmpfs -o size=2m tacit-database "$work/disk" 2>/dev/null || return 1
    mounted=$work/disk
    cp "$work/good/"*.db "$work/disk"
}
at_small_disk() { sed -i "s|^database .*|database $work/disk/$(basename "$database")|" "$conf"; }
at_home() { sed -i "s|^database .*|database $(basename "$database")|" "$conf"; }

read_only() {
    at_small_disk
    mount -o remount,ro "$work/disk" && says 4 "its file system is read-only" "$program" -c "$conf"
    local code=$?
    mount -o remount,rw "$work/disk"
    at_home
    return $code
}
a_read_only_file_system_is_told() { each_kind read_only; }

# full_disk FILL FREE: two rounds with a disk that is full while the first is closed.
full_disk() {
    local fill=$1 free=$2 closed lines
    await 50 holds '"enrolled":[2-9]' && $fill || return 1
    closed=$(grep -c round_closed "$work/aggregator.log") lines=$(grep -c database_failed "$work/aggregator.log")
    live start --rounds 2 --cohort 2 --deadline 30 --no-evaluate && await 150 holds '"state":"unkept".*"database":"NO_SPACE"' || return 1
    sleep 4 # it tries again each second, and tells it once
    logs aggregator $((lines + 1)) database_failed && grep -q 'database_failed .*aggregator.db: the disk is full' "$work/aggregator.log" &&
        logs aggregator $((closed + 1)) round_closed && kill -0 "${pid[aggregator]}" || return 1
    $free && await 50 logs aggregator 1 "database_works" && await 150 logs aggregator $((closed + 2)) round_closed &&
        await 50 holds '"state":"idle"' && ! holds '"database":' && await 50 all_receipted_are_included
}

fill_really() { ! dd if=/dev/zero of="$work/disk/filler" bs=4096 2>/dev/null && [[ $(df --output=avail "$work/disk" | tail -n 1) -eq 0 ]]; }
free_really() { rm "$work/disk/filler"; }

a_full_disk_is_waited_for_and_told_once() {
    use aggregator
    at_small_disk
    begin aggregator
    begin device-1
    begin device-2
    full_disk fill_really free_really
    local code=$?
    end device-1
    end device-2
    end aggregator
    at_home
    cp "$work/disk/aggregator.db" "$database"
    return $code
}

# The same by a preloaded shim, for who may not mount; and a device whose disk is full meanwhile.
fill_by_shim() { echo f >"$work/fault"; }
free_by_shim() { rm "$work/fault"; }
shim=(env "LD_PRELOAD=$build/test/faults/fault_shim.so" "TACIT_FAULT_FILE=$work/fault" "TACIT_FAULT_BELOW=$work/live/")

full_disks_of_aggregator_and_device_cost_no_update() {
    : >"$work/aggregator.log"
    begin aggregator "${shim[@]}"
    begin device-1 "${shim[@]}"
    begin device-2
    full_disk fill_by_shim free_by_shim && kill -0 "${pid[device-1]}" &&
        logs device-1 1 'database_failed .*node.db: the disk is full' && logs device-1 1 database_works
}

a_start_on_a_full_disk_fails_in_a_way_that_may_be_tried_again() {
    end device-1 && end aggregator || return 1
    fill_by_shim
    use node
    rm -f "$database"* # a new one cannot be made
    says 1 "is full" timeout 20 "${shim[@]}" "$program" -c "$conf" && free_by_shim && begin device-1 && begin aggregator &&
        await 50 holds '"enrolled":[2-9]'
}

tests=(a_federation_does_a_round_and_ends a_newer_database_is_refused_and_left_as_it_is
    the_log_of_a_newer_program_that_was_killed_is_left_too another_program_s_database_is_refused
    a_damaged_database_is_told_where_and_what_to_do bits_that_flip_anywhere_are_refused_or_do_no_harm
    a_second_daemon_on_the_same_database_is_refused what_may_not_be_written_is_refused_with_the_reason)
mounting=(a_read_only_file_system_is_told a_full_disk_is_waited_for_and_told_once)
last=(full_disks_of_aggregator_and_device_cost_no_update a_start_on_a_full_disk_fails_in_a_way_that_may_be_tried_again)
if ! PATH=$PATH:/usr/sbin command -v mosquitto >/dev/null; then
    printf '[  SKIPPED ] %s\n' "${tests[@]}" "${mounting[@]}" "${last[@]}"
    exit 0
fi
for test in "${tests[@]}"; do
    check "$test"
done
if small_disk; then
    for test in "${mounting[@]}"; do
        check "$test"
    done
else
    echo "no file system may be mounted here"
    printf '[  SKIPPED ] %s\n' "${mounting[@]}"
fi
for test in "${last[@]}"; do
    check "$test"
done
exit "$failed"
