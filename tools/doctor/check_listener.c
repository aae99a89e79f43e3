/* check_listener.c: who gets in: listeners, connections, descriptors. See doctor_checks.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "doctor_checks.h"

#define DESCRIPTORS_RESERVE 16 /* log, database, epoll, configuration */

static const struct conf_line *of(const struct checking *checking, int listener, const char *key)
{
    return conf_find(checking->conf, key, listener, CONF_ANY);
}

/* A key that stands for all listeners, or for each its own. */
static const struct conf_line *shared(const struct checking *checking, int listener, const char *key)
{
    return conf_bool(conf_global(checking->conf, "per_listener_settings"), false) ? of(checking, listener, key)
                                                                                  : conf_global(checking->conf, key);
}

/* The number is -1 for "no line". */
static struct finding *refuse(const struct checking *checking, enum verdict_of_check verdict,
                              const struct conf_line *line, const char *otherwise, const char *change, const char *why)
{
    struct finding *finding = finding_add(checking->out, "listener", verdict, line, "%s", why);

    finding_now_is(finding, line, otherwise);
    finding_change(finding, "%s", change);
    return finding;
}

static uint64_t port_of(const struct conf_line *listener)
{
    return strtoull(listener->value, NULL, 10);
}

/* True when only programs of this machine reach it. */
static bool is_local(const struct conf_line *listener)
{
    static const char *const local[] = {"127.0.0.1", "::1", "localhost"};
    const char *address = listener->value + strcspn(listener->value, " ");

    address += strspn(address, " ");
    if (address[0] == '/')
        return true;
    for (size_t i = 0; i < ARRAY_LEN(local); i++)
        if (strcmp(address, local[i]) == 0)
            return true;
    return false;
}

static bool has_tls(const struct checking *checking, int listener)
{
    return of(checking, listener, "certfile") != NULL && of(checking, listener, "keyfile") != NULL;
}

/* A flag of a listener: true is what it must be. */
static bool must(const struct checking *checking, int listener, const char *key, enum verdict_of_check verdict,
                 const char *why)
{
    const struct conf_line *line = of(checking, listener, key);
    char change[64];

    if (conf_bool(line, false))
        return true;
    (void)snprintf(change, sizeof change, "%s true", key);
    if (line == NULL)
        refuse(checking, verdict, of(checking, listener, "listener"), "false", change, why);
    else
        refuse(checking, verdict, line, "false", change, why);
    return false;
}

static bool must_not(const struct checking *checking, int listener, const char *key, const char *bad,
                     const char *change, const char *why)
{
    const struct conf_line *line = of(checking, listener, key);

    if (line == NULL || (bad != NULL && strcmp(line->value, bad) != 0))
        return true;
    refuse(checking, CHECK_BAD, line, "", change, why);
    return false;
}

static bool check_tls(const struct checking *checking, int listener)
{
    bool well = must(checking, listener, "require_certificate", CHECK_BAD,
                     "without it anybody connects: a client is known by its certificate");

    well &= must(checking, listener, "use_identity_as_username", CHECK_BAD,
                 "without it the access list does not know the clients' names");
    well &= must(checking, listener, "use_username_as_clientid", CHECK_WEAK,
                 "without it a client takes the session of another over by its id");
    well &=
        must_not(checking, listener, "tls_version", "tlsv1.1", "tls_version tlsv1.2", "clients speak TLS 1.2 and up");
    if (of(checking, listener, "cafile") == NULL && of(checking, listener, "capath") == NULL) {
        refuse(checking, CHECK_BAD, of(checking, listener, "listener"), "no cafile", "cafile FILE",
               "certificates of clients cannot be verified");
        well = false;
    }
    return well;
}

static bool check_plain(const struct checking *checking, int listener, const struct conf_line *line)
{
    refuse(checking, is_local(line) ? CHECK_WEAK : CHECK_BAD, line, "",
           "certfile FILE, keyfile FILE, require_certificate true",
           is_local(line) ? "a listener without TLS: any program of this machine may speak as the aggregator "
                            "(docs/adr/0009)"
                          : "a listener without TLS: anybody may speak as the aggregator (docs/adr/0009)");
    (void)listener;
    return false;
}

static bool check_topics(const struct checking *checking, int listener)
{
    bool well = must_not(checking, listener, "mount_point", NULL, "(take the line out)",
                         "it changes topics, to which every signature and seal is bound");

    well &= must_not(checking, listener, "max_qos", "0", "max_qos 1", "everything is published with QoS 1");
    well &=
        must_not(checking, listener, "protocol", "websockets", "protocol mqtt", "our clients do not speak websockets");
    return well;
}

static void check_anonymous(const struct checking *checking, int listener)
{
    const struct conf_line *line = shared(checking, listener, "allow_anonymous");

    if (conf_bool(line, false))
        refuse(checking, CHECK_BAD, line, "false", "allow_anonymous false",
               "clients without a name could speak as anybody that the access list lets them");
}

/* The listener that the federation uses: the one of the port, or the first with TLS, or the first. */
static int used(const struct checking *checking)
{
    for (int i = 0; i < checking->conf->listeners; i++)
        if (checking->port != 0 ? port_of(of(checking, i, "listener")) == checking->port : has_tls(checking, i))
            return i;
    return 0;
}

static void check_connections(const struct checking *checking, int listener)
{
    const struct conf_line *line = of(checking, listener, "max_connections");
    const uint64_t needed = checking->plan->asked.devices + PLAN_OTHERS;
    struct finding *finding;
    int64_t is;
    bool well = conf_number(line, false, -1, &is) && (is < 0 || (uint64_t)is >= needed);

    finding = finding_add(checking->out, "connections", well ? CHECK_OK : CHECK_BAD, line,
                          "%" PRIu64 " clients: %" PRIu64 " devices, the aggregator, the owner, one that watches or "
                          "captures",
                          needed, checking->plan->asked.devices);
    finding_now_is(finding, line, "-1 (no limit)");
    finding_change(finding, "max_connections %" PRIu64, needed);
}

static bool check_listener(const struct checking *checking, int listener)
{
    const struct conf_line *line = of(checking, listener, "listener");
    bool well = has_tls(checking, listener) ? check_tls(checking, listener) : check_plain(checking, listener, line);

    well &= check_topics(checking, listener);
    if (conf_bool(conf_global(checking->conf, "per_listener_settings"), false))
        check_anonymous(checking, listener);
    return well;
}

void check_listeners(const struct checking *checking)
{
    const struct conf_line *old = conf_global(checking->conf, "port");
    bool well = true;

    if (checking->conf->listeners == 0) {
        refuse(checking, CHECK_BAD, old, "no listener", "listener 8883 (with TLS: broker-config/mosquitto.conf.in)",
               old != NULL ? "only listeners that stand in a line of their own are looked at"
                           : "without one mosquitto listens on this machine alone, to anybody, without TLS");
        return;
    }
    if (!conf_bool(conf_global(checking->conf, "per_listener_settings"), false))
        check_anonymous(checking, CONF_ANY);
    for (int i = 0; i < checking->conf->listeners; i++)
        well &= check_listener(checking, i);
    if (checking->port != 0 && port_of(of(checking, used(checking), "listener")) != checking->port) {
        refuse(checking, CHECK_BAD, of(checking, 0, "listener"), "", "listener PORT",
               "no listener has the port of --port");
        well = false;
    }
    if (well)
        (void)finding_add(checking->out, "listener", CHECK_OK, of(checking, used(checking), "listener"),
                          "TLS with certificates of clients, whose names the access list knows");
    check_connections(checking, used(checking));
}

void check_descriptors(const struct checking *checking)
{
    const uint64_t needed = checking->plan->asked.devices + PLAN_OTHERS + 2 * (uint64_t)checking->conf->listeners +
                            (uint64_t)checking->conf->bridges + DESCRIPTORS_RESERVE;
    struct finding *finding =
        finding_add(checking->out, "descriptors", checking->nofile >= needed ? CHECK_OK : CHECK_BAD, NULL,
                    "%" PRIu64 " descriptors: one for each client, two for each listener, one for each bridge, and "
                    "%d; the broker's process may have %" PRIu64 " (%s)",
                    needed, DESCRIPTORS_RESERVE, checking->nofile, checking->nofile_of);

    (void)snprintf(finding->where, sizeof finding->where, "%s", checking->nofile_of);
    finding_now(finding, "LimitNOFILE=%" PRIu64, checking->nofile);
    finding_change(finding, "LimitNOFILE=%" PRIu64 " (in a drop-in of the unit: broker-config/mosquitto-override.conf)",
                   needed);
}
