/* profile.h: what every command that talks to a federation needs to know: from the command line, then from the
 * defaults file. */
#ifndef CTL_PROFILE_H
#define CTL_PROFILE_H

#include "arguments.h"
#include "config.h"
#include "crypto.h"
#include "file.h"

#define PROFILE_USAGE \
    "options of all commands that talk to the broker:\n" \
    "  -h HOST, -p PORT       broker\n" \
    "  --cafile FILE          authority that signed the broker's certificate\n" \
    "  --cert FILE, --key FILE   own certificate and its key\n" \
    "  --id NAME              MQTT client id (default: CN of the certificate)\n" \
    "  --federation NAME, --aggregator NAME\n" \
    "  --owner-key FILE       private key of the owner\n" \
    "  --owner-pub FILE       public key of the owner, where the private one is not needed\n" \
    "  --revocations FILE     text of the revocation list (default: revocations.conf beside the owner's private " \
    "key)\n" \
    "  --timeout SECONDS      give up when nothing moves for so long (default: 30)\n" \
    "  -c FILE                defaults file (default: $TACIT_CONF, else ./owner/tacit.conf, else ./tacit.conf)\n" \
    "  -d                     tell on stderr what happens\n"

#define PROFILE_ID_MAX 65 /* a client id with its end */

struct profile {
    const char *conf;
    const char *host, *cafile, *certfile, *keyfile, *id;
    const char *federation, *aggregator, *owner_key, *owner_pub, *revocations;
    int64_t port, timeout_s;
    bool debug;
    /* A second identity, for commands that only read: it may be connected while an owner's request is under way. */
    const char *watch_certfile, *watch_keyfile;
    /* A third one, which the broker lets read everything. `observes` asks for it; `observer` tells that it is taken. */
    const char *observe_certfile, *observe_keyfile;
    bool observes, observer;
    char id_of_certificate[PROFILE_ID_MAX];
    struct config_text text; /* memory of what stood in the defaults file */
};

/** The options that fill `profile`; `table` must hold PROFILE_OPTIONS rows. */
#define PROFILE_OPTIONS 15
void profile_options(struct profile *profile, struct argument table[static PROFILE_OPTIONS]);

/** The keys of the defaults file. */
extern const struct config_key profile_keys[];

/**
 * Completes what the command line said from the defaults file, and checks that a connection can be tried.
 *
 * reads_only  take the identity for readers when the defaults file has one and the command line has none.
 *
 * Returns STATUS_CONFIG with a reason. profile_free either way.
 */
MUST_USE enum status profile_complete(struct profile *profile, bool reads_only, struct reason *reason);

void profile_free(struct profile *profile);

/** The owner's key pair. STATUS_CONFIG with a reason. */
MUST_USE enum status profile_owner_key(const struct profile *profile, struct p256_key *out, struct reason *reason);

/** Where the text of the revocation list is, or will be. STATUS_CONFIG with a reason, where no owner's key is named. */
MUST_USE enum status profile_revocations(const struct profile *profile, char path[static FILE_MAX_PATH],
                                         struct reason *reason);

/** The owner's public key: from --owner-pub, else from the private key. STATUS_CONFIG with a reason. */
MUST_USE enum status profile_owner_point(const struct profile *profile, uint8_t point[static P256_POINT_SIZE],
                                         struct reason *reason);

#endif
