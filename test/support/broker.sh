# broker.sh: a throw-away Mosquitto with the project's own configuration, for integration tests and the demo.
# To be sourced by bash. Every function works in a folder that the caller made, and returns non-zero with a line on
# stderr when it fails. Certificates made here are for tests: their keys lie about unprotected.

broker_config=${BROKER_CONFIG:-broker-config}

# broker_free_port: prints a TCP port of 127.0.0.1 on which nobody listens.
broker_free_port() {
    local port try
    for try in {1..50}; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return 0
        fi
    done
    echo "broker: no free port found" >&2
    return 1
}

# broker_key FILE: a new P-256 key that only its owner reads.
broker_key() {
    (umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null)
}

# broker_make_authority FOLDER [NAME]: NAME.key and NAME.crt (default ca) that sign the others.
broker_make_authority() {
    local folder=$1 name=${2:-ca}
    broker_key "$folder/$name.key" &&
        openssl req -x509 -new -key "$folder/$name.key" -sha256 -days 30 -subj "/CN=test authority $name" \
            -out "$folder/$name.crt" 2>/dev/null
}

# broker_make_certificate FOLDER CN FILE [AUTHORITY] [ALTERNATIVE NAMES]: FILE.key and FILE.crt.
broker_make_certificate() {
    local folder=$1 cn=$2 file=$3 authority=${4:-ca} names=${5:-}
    broker_key "$folder/$file.key" || return 1
    openssl req -new -key "$folder/$file.key" -subj "/CN=$cn" 2>/dev/null |
        openssl x509 -req -CA "$folder/$authority.crt" -CAkey "$folder/$authority.key" -set_serial "0x$(openssl rand -hex 8)" \
            -days 30 -sha256 -extfile <(echo "basicConstraints=CA:FALSE"; [[ -z $names ]] || echo "subjectAltName=$names") \
            -out "$folder/$file.crt" 2>/dev/null
}

# broker_make_client FOLDER CN: CN.key and CN.crt for a client of that name.
broker_make_client() {
    broker_make_certificate "$1" "$2" "$2"
}

# broker_setup FOLDER PORT AGGREGATOR OWNER: authority, broker certificate, configuration from the templates.
# Started as root, Mosquitto would become the user `mosquitto`, who cannot read a private folder: `user root` keeps it.
broker_setup() {
    local folder=$1 port=$2 aggregator=$3 owner=$4
    mkdir -p "$folder/data" &&
        broker_make_authority "$folder" &&
        broker_make_certificate "$folder" broker broker ca "DNS:localhost,IP:127.0.0.1" &&
        sed -e "s|@FOLDER@|$folder|g" -e "s|@PORT@|$port|g" "$broker_config/mosquitto.conf.in" >"$folder/mosquitto.conf" &&
        sed -e "s|@AGGREGATOR@|$aggregator|g" -e "s|@OWNER@|$owner|g" -e "s|@OBSERVER@|observer|g" "$broker_config/acl.in" >"$folder/acl" || return 1
    echo "$port" >"$folder/port"
    if ((EUID == 0)); then
        echo "user root" >>"$folder/mosquitto.conf"
    fi
}

# broker_start FOLDER: starts it and waits until it accepts connections. Its log is FOLDER/broker.log.
broker_start() {
    local folder=$1 port try
    port=$(<"$folder/port")
    MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=2147483648 MALLOC_TOP_PAD_=16777216 \
        "$(PATH=$PATH:/usr/sbin command -v mosquitto)" -c "$folder/mosquitto.conf" >>"$folder/broker.log" 2>&1 &
    echo $! >"$folder/broker.pid"
    for try in {1..100}; do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            return 0
        fi
        kill -0 "$(<"$folder/broker.pid")" 2>/dev/null || break
        sleep 0.05
    done
    echo "broker: it does not accept connections:" >&2
    tail -n 5 "$folder/broker.log" >&2
    return 1
}

# broker_stop FOLDER [SIGNAL]: ends the broker that broker_start began, by its process id, and waits for its end.
broker_stop() {
    local folder=$1 signal=${2:-TERM} pid
    [[ -s $folder/broker.pid ]] || return 0
    pid=$(<"$folder/broker.pid")
    rm -f "$folder/broker.pid"
    kill -s "$signal" "$pid" 2>/dev/null || return 0
    wait "$pid" 2>/dev/null
    return 0
}
