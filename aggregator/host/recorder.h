/* recorder.h: the aggregator's own capture (`capture_file`): every message that it hears and says, in its order. A capture
 * that fails never stops the federation: it is told once, and begun anew in a next file when that is possible. */
#ifndef HOST_RECORDER_H
#define HOST_RECORDER_H

#include "capture_tape.h"
#include "log.h"
#include "mqtt.h"

struct recorder {
    /* Set by the caller before recorder_begin; lent. */
    const char *path; /* NULL: nothing is recorded, and all calls do nothing */
    uint64_t rotate;  /* as of capture_tape */
    const struct log *log;

    struct capture_tape tape;
    char federation[CAPTURE_NAME_MAX];
    bool begun, running, told; /* told: that it fails */
    uint64_t retry_ms;         /* when it is tried again */
    char broker[CAPTURE_TEXT_MAX], aggregator[CAPTURE_NAME_MAX];
};

/** Begins a file, behind those that are there. own_topic: any topic of the aggregator's, for the names in it. */
void recorder_begin(struct recorder *recorder, const char *own_topic, const char *broker, uint64_t now_ms);

/** The connection to the broker is there again, or gone. */
void recorder_connected(struct recorder *recorder);
void recorder_disconnected(struct recorder *recorder, const char *why);

/** A message that came, before anything is done about it; one that went out. */
void recorder_heard(struct recorder *recorder, const struct mqtt_message *message);
void recorder_said(struct recorder *recorder, const char *topic, struct view payload, bool retained);

/** About once a second: makes durable what is there; tries again what failed. now_ms: of clock_monotonic_ms. */
void recorder_tick(struct recorder *recorder, uint64_t now_ms);

/** For the status: "writing", "failing", or NULL when nothing is to be recorded. */
const char *recorder_state(const struct recorder *recorder);

void recorder_end(struct recorder *recorder); /* for CLEANUP */

#endif
