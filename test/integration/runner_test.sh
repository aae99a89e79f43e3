#!/usr/bin/env bash
# tacit-run over small packages: its exit codes, what an entry sees, what it may not do, what is left when it is over.
set -u
run=$(cd "${BUILD:-build}/bin" && pwd)/tacit-run
manual=$(cd docs && pwd)/packages.md
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir tmp
export TMPDIR=$work/tmp
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

# package NAME SHELL: makes a package whose entries all are that script; the script is read from stdin.
package() {
    mkdir "$1" && echo "name $1" >"$1/package.conf" && { echo "#!$2" && cat; } >"$1/init" && chmod +x "$1/init" ||
        exit 1
    ln -s init "$1/train" && ln -s init "$1/validate" && ln -s init "$1/predict"
}

# says CODE TEXT ARGUMENT...: tacit-run ends with that code and a message that holds the text, and nothing is left.
says() {
    local code=$1 text=$2 message got
    shift 2
    timeout 30 "$run" "$@" >/dev/null 2>said # a file: a process that lives on would keep a pipe open
    got=$?
    message=$(<said)
    ((got == code)) && [[ $message == *"$text"* ]] && nothing_is_left && return
    echo "  wanted $code '$text', got $got '$message' from: $*"
    return 1
}

nothing_is_left() {
    [[ -z $(ls -A tmp) ]] && return
    echo "  left: $(ls -A tmp)"
    return 1
}

# await COMMAND...: waits until the command succeeds, ten seconds at most.
await() {
    local i
    for ((i = 0; i < 200; i++)); do
        "$@" && return
        sleep 0.05
    done
    echo "  in vain: $*"
    return 1
}

# dead FILE: the processes whose numbers the file holds are no more (it holds some).
dead() {
    local pid
    [[ -s $1 ]] || return 1
    for pid in $(<"$1"); do
        ! kill -0 "$pid" 2>/dev/null || return 1
    done
}

package good /bin/sh <<'END'
echo "$0 $*" >"$1"
END
package seven /bin/sh <<'END'
touch left; exit 7
END
package signal /bin/sh <<'END'
kill -$(cat "$TACIT_CONFIG") $$
END
package slow /bin/sh <<'END'
touch left
sleep 600 &
echo $$ $! >"$1"
wait
END
# Its grandchild tries to leave: another session, another parent, signals ignored.
package daemon /usr/bin/python3 <<'END'
import os, signal, sys, time
read, write = os.pipe()
if os.fork() == 0:
    for leave in (os.setsid, lambda: os.setpgid(0, 0)):
        try:
            leave()
        except PermissionError:
            pass
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    if os.fork() == 0:
        os.write(write, str(os.getpid()).encode())
        time.sleep(600)
    os._exit(0)
os.wait()
with open(sys.argv[1], "w") as file:
    file.write(f"{os.getpid()} {os.read(read, 20).decode()}")
if len(sys.argv) > 3:
    time.sleep(600)
END
package shown /bin/bash <<'END'
{ /usr/bin/env; pwd; } >"$1"
ls -l /proc/self/fd >"$2"
/bin/cat >"$3"
END
package big /bin/sh <<'END'
exec head -c 3000000 /dev/zero >"$1"
END
package hungry /usr/bin/python3 <<'END'
import sys
open(sys.argv[1], "w").write("started")
held = bytearray(int(sys.argv[2][-3:]) << 20)
END
package closed /bin/sh <<'END'
mkdir -p a/b && touch a/b/c && ln -s "$TACIT_PACKAGE" a/link && chmod 000 a/b a
END
package sealed /usr/bin/python3 <<'END'
import ctypes, errno, os, socket, sys

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER, CLONE_NEWNET, SIGCHLD = 0x10000000, 0x40000000, 17


def refused(name, call, *arguments, wanted=errno.EPERM):
    ctypes.set_errno(0)
    result = getattr(libc, call)(*arguments)
    assert result == -1 and ctypes.get_errno() == wanted, (name, result, ctypes.get_errno())


for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):
    try:
        socket.socket(family, socket.SOCK_DGRAM)
        raise AssertionError(family)
    except PermissionError as error:
        assert error.errno == errno.EACCES, error
one, other = socket.socketpair()
one.send(b"x")
assert other.recv(1) == b"x"
refused("ptrace", "ptrace", 0, 0, 0, 0)
refused("mount", "mount", b"none", b"/mnt", b"tmpfs", 0, None)
refused("umount2", "umount2", b"/mnt", 0)
refused("unshare", "unshare", CLONE_NEWUSER)
refused("setns", "setns", 0, CLONE_NEWNET)
if os.uname().machine == "x86_64":
    numbers = {"bpf": 321, "keyctl": 250, "perf_event_open": 298, "kexec_load": 246, "io_uring_setup": 425}
    for name, number in numbers.items():
        refused(name, "syscall", number, 0, 0, 0, 0, 0)
    refused("clone", "syscall", 56, CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0)
    refused("clone3", "syscall", 435, 0, 0, wanted=errno.ENOSYS)
status = open("/proc/self/status").read()
assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status
open(sys.argv[1], "w").write("sealed")
END

an_entry_gets_its_absolute_path_and_arguments() {
    "$run" good train in out metrics && [[ $(<in) == "$work/good/train $work/in $work/out $work/metrics" ]] &&
        mkdir -p elsewhere && (cd elsewhere && "$run" ../good init model) &&
        [[ $(<elsewhere/model) == "$work/good/init $work/elsewhere/model" ]] && nothing_is_left
}

help_names_every_code_and_wrong_usage_is_2() {
    local text code
    text=$("$run" --help) || return 1
    for code in 0 1 2 3 4 5 6; do
        grep -qE "(^| )$code [a-z]" <<<"$text" || return 1
    done
    says 2 "missing" good && says 2 "not an entry" good test out && says 2 "MODEL_OUT" good init &&
        says 2 "not a number" --timeout 1x good init out
}

a_failing_entry_is_1_and_its_code_is_named() {
    says 1 "exit code 7" seven init out
}

a_signal_is_named_and_limits_are_6() {
    echo SEGV >segv && echo XCPU >xcpu && echo XFSZ >xfsz || return 1
    says 1 "SIGSEGV" --config segv signal init out && says 6 "SIGXCPU" --config xcpu signal init out &&
        says 6 "SIGXFSZ" --config xfsz signal init out
}

a_bad_package_is_3_and_says_what_and_where() {
    mkdir empty partial && echo "name partial" >partial/package.conf && mkdir partial/init && touch partial/train &&
        printf 'no program\n' >partial/validate && chmod +x partial/validate && ln -s absent partial/predict || return 1
    says 3 "nowhere" nowhere init out && says 3 "empty/package.conf" empty init out &&
        says 3 "partial/init: not a regular file" partial init out &&
        says 3 "partial/train: Permission denied" partial train a b c &&
        says 3 "partial/validate: cannot be started" partial validate a b &&
        says 3 "partial/predict" partial predict a b c
}

an_entry_that_leads_out_of_its_folder_is_refused() {
    mkdir escape escape-too && echo "name escape" >escape/package.conf && cp good/init escape/real &&
        cp good/init escape-too/init && ln -s /bin/true escape/init && ln -s ../good/init escape/train &&
        ln -s "$work/escape/real" escape/validate && ln -s ../escape-too/init escape/predict || return 1
    rm -f out
    says 3 "leads out" escape init out && says 3 "leads out" escape train out b c &&
        says 3 "leads out" escape predict out b c && [[ ! -e out ]] && "$run" escape validate out b && [[ -s out ]]
}

a_timeout_is_4_and_ends_every_process() {
    rm -f pids && says 4 "more than 1 second" --timeout 1 slow init pids && dead pids &&
        rm -f pids && says 4 "more than 2 second" --timeout 2 daemon train pids b c && dead pids
}

processes_that_outlive_their_entry_are_ended() {
    rm -f pids && "$run" daemon init pids && dead pids && nothing_is_left
}

without_a_place_for_the_sandbox_it_is_5() {
    local message code
    rm -f out
    message=$(TMPDIR=$work/absent "$run" good init out 2>&1)
    code=$?
    ((code == 5)) && [[ $message == *absent* && ! -e out ]]
}

# interrupted SIGNAL CODE: the signal to tacit-run ends all, and tacit-run by it.
interrupted() {
    local pid
    rm -f pids
    "$run" daemon train pids b c 2>/dev/null &
    pid=$!
    await test -s pids || return 1
    [[ -n $(ls -A tmp) ]] && ! dead pids && kill "-$1" "$pid" || return 1
    wait "$pid"
    (($? == $2)) && dead pids && nothing_is_left
}

signals_to_the_runner_end_the_entry() {
    interrupted TERM 143 && interrupted INT 130 && interrupted HUP 129
} 2>/dev/null

a_killed_runner_takes_the_entry_with_it() {
    local pid entry child result
    rm -f pids
    "$run" slow init pids &
    pid=$!
    await test -s pids || return 1
    read -r entry child <pids
    echo "$entry" >pids
    ! dead pids && kill -KILL "$pid" && await dead pids
    result=$?
    kill -KILL "$child" # it and the folder are what such an end leaves
    rm -rf tmp/*
    return "$result"
} 2>/dev/null

the_environment_is_clean() {
    touch options
    SECRET=1 "$run" --config options --seed 5 --round 9 shown train env fds stdin <good/init || return 1
    local here
    here=$(tail -n 1 env)
    [[ $here == "$work"/tmp/tacit-run.* && ! -e $here ]] || return 1
    # PWD, SHLVL and _ are of the shell that is the entry.
    diff <(sed '$d' env | grep -vE '^(PWD|SHLVL|_|OLDPWD)=' | LC_ALL=C sort) - <<END
HOME=$here
LANG=C.UTF-8
PATH=/usr/local/bin:/usr/bin:/bin
TACIT_CONFIG=$work/options
TACIT_PACKAGE=$work/shown
TACIT_ROUND=9
TACIT_SEED=5
TMPDIR=$here
END
}

no_open_file_but_the_standard_streams_reaches_the_entry() {
    exec 7<good/init 8<options
    "$run" shown train env fds stdin <good/init || return 1
    exec 7<&- 8<&-
    # ls itself opens the folder that it lists, as 3.
    [[ $(grep -c ' -> ' fds) == 4 && $(grep -c '/fd$' fds) == 1 ]] && grep -q ' 0 -> /dev/null' fds &&
        ! grep -qE 'options|good' fds && [[ ! -s stdin ]]
}

closed_standard_streams_do_no_harm() {
    rm -f in && "$run" good train in b c <&- >&- 2>&- && [[ -s in ]] && nothing_is_left
}

no_network_and_no_dangerous_call() {
    "$run" sealed init out && [[ $(<out) == sealed ]] && nothing_is_left
}

a_file_past_its_limit_is_6() {
    says 6 "SIGXFSZ" --file-mb 1 big init out && [[ $(stat -c %s out) == 1048576 ]] &&
        "$run" --file-mb 4 big init out && [[ $(stat -c %s out) == 3000000 ]]
}

memory_past_its_limit_is_refused() {
    rm -f out && says 1 "MemoryError" --memory-mb 256 hungry validate out 512 && [[ $(<out) == started ]] &&
        "$run" --memory-mb 0 hungry validate out 512
}

a_folder_that_the_entry_closed_is_removed_and_its_links_not_followed() {
    "$run" closed init out && nothing_is_left && [[ -x closed/init ]]
}

the_documented_example_learns_and_repeats_itself() {
    mkdir example && echo "name example" >example/package.conf &&
        sed -n '/^```python$/,/^```$/{/^```/d;p}' "$manual" >example/init && chmod +x example/init &&
        ln -s init example/train && ln -s init example/validate && ln -s init example/predict || return 1
    awk 'BEGIN { for (i = 0; i < 200; i++) { x = i % 20 - 9.5; y = int(i / 20) - 4.5
        printf "%g,%g,%d\n", x, y, (x + y > 0) } }' >points.csv
    printf '%s\n' "features 2" "data $work/points.csv" >example.conf
    cut -d, -f1,2 points.csv >inputs.csv
    local call=("$run" --config example.conf --seed 3 --round 1 example)
    "${call[@]}" init m0 && "${call[@]}" train m0 m1 metrics && "${call[@]}" train m0 m2 again && cmp m1 m2 &&
        ! cmp -s m0 m1 && "${call[@]}" validate m1 valid && grep -q '"samples": 200' valid &&
        "${call[@]}" predict m1 inputs.csv answers && [[ $(wc -l <answers) == 200 ]] || return 1
    awk -v a="$(grep -oP '"accuracy": \K[0-9.]+' valid)" 'BEGIN { exit !(a > 0.9) }'
}

check an_entry_gets_its_absolute_path_and_arguments
check help_names_every_code_and_wrong_usage_is_2
check a_failing_entry_is_1_and_its_code_is_named
check a_signal_is_named_and_limits_are_6
check a_bad_package_is_3_and_says_what_and_where
check an_entry_that_leads_out_of_its_folder_is_refused
check a_timeout_is_4_and_ends_every_process
check processes_that_outlive_their_entry_are_ended
check without_a_place_for_the_sandbox_it_is_5
check signals_to_the_runner_end_the_entry
check a_killed_runner_takes_the_entry_with_it
check the_environment_is_clean
check no_open_file_but_the_standard_streams_reaches_the_entry
check closed_standard_streams_do_no_harm
check no_network_and_no_dangerous_call
check a_file_past_its_limit_is_6
check memory_past_its_limit_is_refused
check a_folder_that_the_entry_closed_is_removed_and_its_links_not_followed
if /usr/bin/python3 -c 'import numpy' 2>/dev/null; then
    check the_documented_example_learns_and_repeats_itself
else
    echo "  /usr/bin/python3 has no numpy"
    echo "[  SKIPPED ] the_documented_example_learns_and_repeats_itself"
fi
exit "$failed"
