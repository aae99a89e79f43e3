/* revocation_list.h: the owner's revocation list: a text file, and what of it is signed. Source: PROTOCOL.md section 21.
 *
 *   version 3
 *   device sensor-7
 *   credential 00112233445566778899aabbccddeeff
 *   measurement sim 4f0c...
 */
#ifndef CTL_REVOCATION_LIST_H
#define CTL_REVOCATION_LIST_H

#include "crypto.h"
#include "reason.h"
#include "revocation.h"

#define REVOKED_TEXT_MAX (KIND_MAX + 1 + 2 * REVOKED_MEASUREMENT_MAX + 1) /* characters of an entry with their end */

/** In the order in which they stand in the file and in the signed list. */
enum revoked_sort { REVOKED_DEVICE, REVOKED_CREDENTIAL, REVOKED_MEASUREMENT, REVOKED_SORTS };

/** An entry in the one form that it is compared in: NAME, 32 lower-case digits, or KIND and lower-case digits. */
struct revoked_entry {
    enum revoked_sort sort;
    char text[REVOKED_TEXT_MAX];
};

struct revocation_list {
    int64_t version; /* 0: there is no list yet */
    uint32_t count;
    struct revoked_entry entries[REVOCATIONS_MAX]; /* ascending, none twice */
};

/** The word of a sort in the file and on the command line; never NULL. */
const char *revoked_word(enum revoked_sort sort);

/** Makes an entry of what a person wrote; NULL when well, else what is wrong. */
const char *revoked_entry_make(enum revoked_sort sort, const char *text, struct revoked_entry *out);

/** Adds or removes an entry; false when it was there already, or was not. Adding returns STATUS_NO_SPACE for one too
 *  many. The version is the caller's. */
MUST_USE enum status revocation_list_add(struct revocation_list *list, const struct revoked_entry *entry, bool *added);
bool revocation_list_remove(struct revocation_list *list, const struct revoked_entry *entry);

/** A file that is not there is a list of version 0. STATUS_CONFIG with a reason (file:line). */
MUST_USE enum status revocation_list_read(const char *path, struct revocation_list *out, struct reason *reason);
/** STATUS_IO, STATUS_NO_SPACE with a reason; the file is then as it was. */
MUST_USE enum status revocation_list_write(const char *path, const struct revocation_list *list, struct reason *reason);

/** Appends the list, signed. out: REVOCATIONS_SIGNED_MAX of room is enough. STATUS_NO_SPACE, STATUS_IO, STATUS_CRYPTO. */
MUST_USE enum status revocation_list_sign(const struct revocation_list *list, struct view federation,
                                          const struct p256_key *owner, struct buf *out);

#endif
