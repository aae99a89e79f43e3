/* recording.h: for tests: a federation on a stage whose messages go into a capture, as they would go through a broker. It is
 * made from a seed: the same calls give the same bytes. */
#ifndef SUPPORT_RECORDING_H
#define SUPPORT_RECORDING_H

#include "capture.h"
#include "stage.h"

#define RECORDING_PARAMETERS 1500 /* of the model: two chunks; three of an update */

struct recording {
    struct stage stage;
    struct capture *capture;
    int64_t at_us;                /* of the next message */
    bool no_secret, wrong_secret; /* at the next boot */
    /* Whether a message is captured; NULL: every one is. May change what is captured of it. */
    bool (*keep)(struct recording *recording, const char *topic, struct buf *payload);
    uint64_t seen;                 /* messages, captured or not */
    uint8_t manifest[MESSAGE_MAX]; /* that was published last */
    size_t manifest_len;
};

/** Begins a capture at path. Aborts when anything fails, as all of these do. */
void recording_open(struct recording *recording, const char *path);
void recording_close(struct recording *recording);

/** A boot of the enclave and a connection of its host; the keys of the boot go into the capture. */
void recording_boot(struct recording *recording);
/** The same, as a boot goes on that had a state. */
void recording_reboot(struct recording *recording);

/** A second goes by. */
void recording_tick(struct recording *recording);
void recording_receive(struct recording *recording, const char *topic, struct view payload);
/** The owner asks. */
void recording_request(struct recording *recording, const struct owner_request *request);
void recording_model(struct recording *recording, float first);
void recording_start(struct recording *recording, uint32_t rounds, uint32_t target, bool evaluate);
/** Devices take the manifest that was published last. */
void recording_learn(struct recording *recording);
void recording_enrol(struct recording *recording, struct member *member, const char *name);

/** A device's update of the round that was learnt, whose values follow from `value`; `change` may be NULL. */
typedef void recording_change(struct update_draft *draft);
void recording_update(struct recording *recording, const struct member *member, float value, uint32_t samples,
                      recording_change *change);

/** Three devices, a model, and so many rounds in which all of them are counted; then a closing evaluation. */
void recording_rounds(struct recording *recording, uint32_t rounds);

#endif
