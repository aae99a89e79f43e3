/* doctor_command.h: `tacit doctor`: whether a broker's configuration carries the rounds that are planned. */
#ifndef DOCTOR_COMMAND_H
#define DOCTOR_COMMAND_H

#include "command.h"

#define DOCTOR_USAGE \
    "FOLDER | MOSQUITTO.CONF [options]\n" \
    "  FOLDER               of `tacit init`: broker, policy, aggregator and number of devices are taken from there\n" \
    "  MOSQUITTO.CONF       the broker's configuration; nothing is changed or started\n" \
    "  --policy FILE        the federation's policy, signed or as text (default: without one, packets of 262144)\n" \
    "  --aggregator-conf FILE   of tacit-aggregator: its name, memory, records_kept\n" \
    "  --acl FILE           read this access list instead of the one that the configuration names\n" \
    "  --model FILE         a safetensors file as large as the model\n" \
    "  --parameters N       or its number of parameters (default: the most that the policy allows)\n" \
    "  --devices N          devices (default: 10, or those of FOLDER)\n" \
    "  --cohort N, --rounds N, --deadline SECONDS   as `tacit start` (default: all devices within the policy, 10, " \
    "600)\n" \
    "  --round-time SECONDS the shortest round that is expected (default: the deadline)\n" \
    "  --away SECONDS       how long a client may be away and finds all (default: 86400, the life of its session)\n" \
    "  --slow N             devices that are slow or away at the same time (default: all)\n" \
    "  --memory BYTES, --records N   of the aggregator, where its configuration is not named (default: 256 MiB, 64)\n" \
    "  --aggregator NAME, --owner NAME, --federation NAME   names in the access list (default: gateway, owner, " \
    "home)\n" \
    "  --capture            a capturer (the observer) reads everything all the time\n" \
    "  --port N             the listener that clients use (default: the first with TLS)\n" \
    "  --unit FILE          the unit of the broker's service, or its drop-in, for LimitNOFILE\n" \
    "  --nofile N           descriptors of the broker's process (default: those of this shell)\n" \
    "  --link-kbit N        rate of a device's link; --shared-kbit N: of the broker's side\n" \
    "  --json               one JSON object\n" \
    "exit codes: 0 the rounds are carried; 1 something is too small or wrong, and named; 2 the command line is " \
    "wrong;\n" \
    "3 a file cannot be read\n"

int doctor_command(const struct command *self, int argc, char *argv[]);

#endif
