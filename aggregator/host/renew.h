/* renew.h: what the host asks its enclave for again and again: evidence, and challenges. */
#ifndef HOST_RENEW_H
#define HOST_RENEW_H

#include "backoff.h"
#include "status.h"

enum renewal_of { RENEWAL_EVIDENCE, RENEWAL_CHALLENGE, RENEWALS /* how many there are */ };

struct renewal {
    uint64_t due; /* unix seconds */
    struct backoff backoff;
    enum status told; /* how it failed last, or STATUS_OK */
};

struct host;

/** After a boot, which came with evidence. */
void renew_begin(struct host *host);

/** Renews and announces what is due. What fails is tried again later and later, and logged once for each reason. */
void renew_go_on(struct host *host);

#endif
