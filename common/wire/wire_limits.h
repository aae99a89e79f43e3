/* wire_limits.h: sizes and numbers that several messages share. Source: PROTOCOL.md sections 1, 9, 16. */
#ifndef WIRE_WIRE_LIMITS_H
#define WIRE_WIRE_LIMITS_H

#include "base.h"

#define DIGEST_SIZE      32
#define BOOT_ID_SIZE     16
#define CTI_SIZE         16
#define TRANSFER_SIZE    8
#define CHALLENGE_SIZE   32
#define PUBLIC_KEY_SIZE  75 /* encoded public COSE_Key, P-256 */
#define NAME_MAX_LEN     64
#define TIME_MAX         4102444800u
#define ROUND_MAX        4294967295u
#define CHUNKS_MAX       4096
#define ALGS_MAX         4
#define METRICS_MAX      16
#define METRIC_NAME_MAX  32
#define METRIC_LIMIT     ((int64_t)1 << 31)  /* |value in millionths| stays below */
#define SAMPLES_MAX      INT32_MAX           /* of one update, so that a weight fits an int32 */
#define WEIGHT_LIMIT     ((uint64_t)1 << 32) /* cohort times samples, hence any total weight, stays at or below */
#define KIND_MAX         16
#define EVIDENCE_MAX     16384
#define POLICY_MAX       65536
#define ENDORSEMENT_MAX  65536
#define ENDORSEMENTS_MAX 16
#define PACKET_MIN       1024
#define PACKET_MAX       900000
#define MESSAGE_MAX      8192 /* any signed or sealed message without evidence, policy or model */

enum role { ROLE_DEVICE = 1, ROLE_COMBINER = 2, ROLE_SERVER = 3 };
enum task { TASK_NONE = 0, TASK_TRAIN = 1, TASK_EVALUATE = 2 };

/** A number that was measured on some samples. */
struct metric {
    struct view name; /* [0-9a-z_]{1,32} */
    int64_t value;    /* millionths */
    uint64_t weight;  /* samples behind it, 1 and up */
};

/** Names in ascending order, none twice. */
struct metrics {
    uint32_t count;
    struct metric list[METRICS_MAX];
};

#endif
