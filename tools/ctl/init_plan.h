/* init_plan.h: what a federation folder is made from, and the steps that fill it. Used by init*.c alone.
 *
 *   init.c        the command line, the folders, taking it all back after a failure
 *   init_plan.c   defaults and checks
 *   init_keys.c   keys and certificates
 *   init_text.c   configuration of the broker, the aggregator, the nodes, this tool; the policy
 *
 * Whoever runs a part of the federation gets that part's folder and nothing else of it:
 *
 *   owner.key owner.pub ca.key ca.crt sim-root.key sim-root.pub policy.conf policy.cbor      the owner's alone
 *   owner/          tacit.conf ca.crt client.crt client.key watch.crt watch.key observe.crt observe.key
 *   broker/         mosquitto.conf acl ca.crt broker.crt broker.key data/
 *   aggregator/     aggregator.conf policy.cbor owner.pub sim-root.key ca.crt client.crt client.key
 *   devices/NAME/   node.conf owner.pub sim-root.key ca.crt client.crt client.key */
#ifndef CTL_INIT_PLAN_H
#define CTL_INIT_PLAN_H

#include "arguments.h"
#include "crypto.h"
#include "wire_limits.h"
#include "programs.h"

#define INIT_DEVICES_MAX 1000
#define INIT_HOSTS_MAX   16
#define INIT_OWNER       "owner"    /* CN of the owner's certificate */
#define INIT_WATCHER     "watcher"  /* CN of the certificate for commands that only read */
#define INIT_OBSERVER    "observer" /* CN of the certificate that may read everything: `tacit capture` */

struct init_options {
    const char *folder, *federation, *aggregator, *enclave, *node, *package, *templates, *keep_sealed;
    struct argument_texts devices, hosts;
    bool escrow; /* the enclave is the program that gives its keys to the owner */
    struct argument_pairs package_options;
    int64_t device_count, port, days;
    int64_t min_cohort, max_cohort, max_samples, max_parameters, fraction_bits, max_packet;
};

struct init_plan {
    const struct init_options *options;
    struct path root; /* of the folder, absolute */
    struct path enclave, runner, package, templates;
    char enclave_digest[2 * DIGEST_SIZE + 1], node_digest[2 * DIGEST_SIZE + 1];
    char (*devices)[NAME_MAX_LEN + 1]; /* on the heap */
    size_t device_count;
    const char *hosts[INIT_HOSTS_MAX + 3]; /* of the broker's certificate; ends with NULL */
    const char *broker;                    /* what clients connect to */
    int64_t min_cohort;
    uint64_t now;
};

/** Completes the options and checks them, before anything is made. STATUS_CONFIG, STATUS_IO with a reason;
 *  init_plan_free either way. */
MUST_USE enum status init_plan_make(const struct init_options *options, struct init_plan *out, struct reason *reason);
void init_plan_free(struct init_plan *plan);

/** Writes a file of the folder; the rest is its name, as for printf. */
__attribute__((format(printf, 5, 6))) MUST_USE enum status init_write(const struct init_plan *plan, unsigned int mode,
                                                                      struct view bytes, struct reason *reason,
                                                                      const char *name, ...);

#define INIT_PUBLIC 0644
#define INIT_SECRET 0600

/** Makes all keys and certificates; gives the owner's key, which signs the policy. */
MUST_USE enum status init_keys(const struct init_plan *plan, struct p256_key *owner, struct reason *reason);

/** Writes all configuration, and policy.conf. */
MUST_USE enum status init_texts(const struct init_plan *plan, struct reason *reason);

#endif
