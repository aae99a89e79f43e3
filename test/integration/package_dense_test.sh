#!/usr/bin/env bash
# The reference package as the node runs it: its four programs over generated digits and over CSV, its exit codes.
set -u
build=${BUILD:-build}
package=$(cd "$build/packages/dense" && pwd) || exit 1
digits=$(cd "$build/bin" && pwd)/digits
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
unset TACIT_CONFIG TACIT_SEED TACIT_ROUND
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

# conf NAME LINE...: writes an options file.
conf() {
    local name=$1
    shift
    printf '%s\n' "$@" >"$name"
}

# number FILE KEY: a number of a metrics file.
number() {
    grep -oP "\"$2\": \K[-0-9.e]+" "$1"
}

# run CONF PROGRAM ARGUMENT...: one of the programs with seed 1, round 1.
run() {
    local options=$1 program=$2
    shift 2
    TACIT_CONFIG=$options TACIT_SEED=${seed:-1} TACIT_ROUND=1 "$package/$program" "$@"
}

# says CODE TEXT COMMAND...: the command ends with that code and a message that holds the text.
says() {
    local code=$1 text=$2 message
    shift 2
    message=$("$@" 2>&1 >/dev/null)
    local got=$?
    ((got == code)) && [[ $message == *"$text"* ]] && return
    echo "  wanted $code '$text', got $got '$message' from: $*"
    return 1
}

digits_are_the_same_bytes_for_a_seed() {
    "$digits" --out golden --train 500 --test 200 --seed 7 || return 1
    local got
    got=$(cat golden/* | sha256sum)
    [[ $got == "f0da2f3854e897a4e64ed758d669c3c83d3b91232d191ce25ef457386865af56  -" ]]
}

digits_refuses_wrong_usage() {
    says 2 digits "$digits" && says 2 digits "$digits" --out x --train 0 && says 2 digits "$digits" --out x --test 1x &&
        says 2 digits "$digits" --out x --seed -1 && says 2 digits "$digits" --out x extra &&
        says 1 "cannot be made" "$digits" --out no/such/folder && "$digits" --help | grep -q -- --seed
}

# learn NAME LINE...: init, train and validate with these options; accuracy in $accuracy.
learn() {
    local name=$1
    shift
    conf "$name.conf" "data data" "dropout 0" "learning_rate 0.1" "batch 32" "epochs 10" "$@"
    run "$name.conf" init "$name.0" && run "$name.conf" train "$name.0" "$name.1" "$name.trained" &&
        run "$name.conf" validate "$name.1" "$name.valid" || return 1
    accuracy=$(number "$name.valid" accuracy)
}

a_network_learns_the_digits_and_a_linear_model_stays_below() {
    learn net "layers 784 64 32 10" || return 1
    local network=$accuracy
    learn linear "layers 784 10" || return 1
    echo "  network $network, linear $accuracy"
    awk -v n="$network" -v l="$accuracy" 'BEGIN { exit !(n > 0.94 && l > 0.8 && l < n - 0.04) }'
}

metrics_say_how_many_examples_there_were() {
    [[ $(number net.trained samples) == 10000 && $(number net.valid samples) == 2000 ]] &&
        awk -v l="$(number net.trained loss)" 'BEGIN { exit !(l > 0 && l < 0.5) }'
}

the_same_seed_trains_the_same_model() {
    conf short.conf "data data" "train_limit 500"
    run short.conf init s0 && run short.conf train s0 s1 m && run short.conf train s0 s2 m && cmp -s s1 s2 || return 1
    seed=2 run short.conf init t0 && seed=2 run short.conf train s0 s3 m && ! cmp -s s0 t0 && ! cmp -s s1 s3
}

compressed_data_train_the_same_model() {
    mkdir zipped && cp data/* zipped && gzip zipped/* || return 1
    conf zipped.conf "data zipped" "train_limit 500"
    run short.conf train s0 s1 m && run zipped.conf train s0 s4 m && cmp -s s1 s4
}

# The parts' sample counts of a split add up to the whole.
parts_of_every_split_add_up() {
    local split part total
    for split in iid shard dirichlet; do
        total=0
        for part in 0 1 2; do
            conf part.conf "data data" "split $split" "parts 3" "part $part"
            run part.conf train net.0 p m || return 1
            total=$((total + $(number m samples)))
        done
        ((total == 10000)) || return 1
    done
}

predictions_agree_with_the_accuracy() {
    run net.conf predict net.1 data/t10k-images-idx3-ubyte answers || return 1
    local right
    right=$(paste -d ' ' answers <(tail -c +9 data/t10k-labels-idx1-ubyte | od -An -v -w1 -tu1) |
        awk '$1 == $3 && $2 > 0 && $2 <= 1 { n++ } END { print n / NR }')
    awk -v a="$right" -v b="$(number net.valid accuracy)" 'BEGIN { d = a - b; exit !(d < 1e-6 && d > -1e-6) }'
}

the_listed_defaults_are_the_built_in_ones() {
    sed -n 's/^option //p' "$package/package.conf" >listed.conf
    (($(wc -l <listed.conf) > 10)) || return 1
    conf built.conf "data data"
    echo "data data" >>listed.conf
    run listed.conf init l0 && run built.conf init b0 && cmp -s l0 b0 || return 1
    run listed.conf train l0 l1 m && run built.conf train b0 b1 m && cmp -s l1 b1
}

csv_is_split_by_group_and_normalised() {
    awk 'BEGIN { print "who,label,x,y"; for (i = 0; i < 400; i++) { x = i % 20 - 9.5; y = int(i / 20) - 9.5
        printf "%d,%d,%g,%g\n", i % 4 + 1, (x + y > 0), x, y } }' >points.csv
    printf '0,0\n5.77,5.77\n' >norm.csv
    local common=("layers 2 8 2" "train_csv points.csv" "label_column 2" "feature_columns 3-4" "group_column 1"
        "test_groups 4" "normalise norm.csv" "dropout 0" "learning_rate 0.1" "batch 8" "epochs 20")
    conf points.conf "${common[@]}" "split group" "groups 1,3"
    run points.conf init c0 && run points.conf train c0 c1 m && [[ $(number m samples) == 200 ]] &&
        run points.conf validate c1 v && [[ $(number v samples) == 100 ]] || return 1
    awk -v a="$(number v accuracy)" 'BEGIN { exit !(a > 0.9) }' || return 1
    run points.conf predict c1 points.csv answers && [[ $(wc -l <answers) == 400 ]]
}

help_and_usage() {
    local name
    for name in init train validate predict dense; do
        "$package/$name" --help | grep -q TACIT_CONFIG || return 1
        says 2 MODEL_IN "$package/$name" || return 1
    done
    says 2 MODEL_IN "$package/train" one two && "$package/dense" init by_argument && [[ -s by_argument ]]
}

wrong_configuration_ends_with_3_and_its_line() {
    conf wrong.conf "batch 32" "epoch 3"
    conf none.conf "layers 784 10"
    says 3 "wrong.conf:2: epoch" run wrong.conf init w && [[ ! -e w ]] &&
        says 3 "missing.conf" run missing.conf init w &&
        says 3 "neither data" run none.conf train linear.0 w m &&
        says 3 TACIT_SEED env TACIT_SEED=-1 "$package/init" w && says 3 TACIT_ROUND env TACIT_ROUND=x "$package/init" w
}

failures_end_with_1_say_where_and_write_no_model() {
    mkdir torn odd && cp data/* torn && cp data/* odd || return 1
    gzip -c data/train-images-idx3-ubyte | head -c 1000 >torn/train-images-idx3-ubyte
    head -c 100 data/train-labels-idx1-ubyte >odd/train-labels-idx1-ubyte
    head -c 1000 net.0 >cut.0
    conf torn.conf "data torn"
    conf odd.conf "data odd"
    conf absent.conf "data nowhere"
    conf empty.conf "data data" "train_limit 10" "parts 100" "part 50"
    conf few.conf "data data" "layers 784 8"
    run few.conf init few.0 || return 1
    says 1 "torn/train-images" run torn.conf train net.0 w m && says 1 "odd/train-labels" run odd.conf train net.0 w m &&
        says 1 "nowhere/train-images" run absent.conf train net.0 w m &&
        says 1 "no examples for this part" run empty.conf train net.0 w m &&
        says 1 "classes" run few.conf train few.0 w m &&
        says 1 "cut.0" run net.conf train cut.0 w m && says 1 "layers" run net.conf train linear.0 w m &&
        says 1 "no/such" run net.conf init no/such/model && [[ ! -e w ]]
}

check digits_are_the_same_bytes_for_a_seed
check digits_refuses_wrong_usage
"$digits" --out data || exit 1
check a_network_learns_the_digits_and_a_linear_model_stays_below
check metrics_say_how_many_examples_there_were
check the_same_seed_trains_the_same_model
check compressed_data_train_the_same_model
check parts_of_every_split_add_up
check predictions_agree_with_the_accuracy
check the_listed_defaults_are_the_built_in_ones
check csv_is_split_by_group_and_normalised
check help_and_usage
check wrong_configuration_ends_with_3_and_its_line
check failures_end_with_1_say_where_and_write_no_model
exit "$failed"
