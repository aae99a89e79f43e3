/* enclave_check: the host's end of the gate, driven by a shell script line by line.
 *
 * usage: enclave_check PROGRAM ARGUMENT...    starts an enclave
 *        enclave_check unix:PATH | vsock:CID:PORT   connects to one
 *
 * Commands on stdin: boot, attest. Each answers with one line:
 *   ok KIND evidence LENGTH endorsements LENGTH...   its evidence binds its claims
 *   failed REASON */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "attest.h"
#include "bundle.h"
#include "cose.h"
#include "federation.h"
#include "gate_client.h"
#include "sim.h"

static struct federation federation;

/* Evidence of every kind that is made here holds the digest of the claims. */
static enum status check_binding(const struct bundle *bundle)
{
    uint8_t digest[SHA512_SIZE];
    struct cose_sign1 parts;
    struct sim_evidence evidence;

    TRY(sha512(bundle->claims, digest));
    if (!view_equal(bundle->kind, VIEW_TEXT(SIM_KIND)))
        return attest_check_report_data(bundle->kind, bundle->evidence, digest);
    TRY(cose_sign1_decode(bundle->evidence, &parts));
    TRY(sim_evidence_decode(parts.payload, &evidence));
    return view_equal(evidence.nonce, VIEW_OF(digest)) ? STATUS_OK : STATUS_EVIDENCE_BINDING;
}

static enum status tell(struct view bytes)
{
    struct bundle bundle;

    TRY(bundle_decode(bytes, &bundle));
    TRY(check_binding(&bundle));
    printf("ok %.*s evidence %zu endorsements", (int)bundle.kind.len, (const char *)bundle.kind.ptr,
           bundle.evidence.len);
    for (uint32_t i = 0; i < bundle.endorsements.count; i++)
        printf(" %zu", bundle.endorsements.list[i].len);
    puts("");
    return STATUS_OK;
}

static enum status boot(struct gate_client *client)
{
    static uint8_t body_bytes[2 * POLICY_MAX];
    uint8_t owner_key[PUBLIC_KEY_SIZE];
    struct buf owner_buf = BUF_OF(owner_key), body = BUF_OF(body_bytes);
    const struct gate_boot request = {
        .now = federation.now,
        .aggregator = VIEW_TEXT("agg"),
        .owner_key = VIEW_OF(owner_key),
        .policy = {federation.signed_policy, federation.signed_policy_len},
    };
    struct gate_booted booted;
    struct view piece, response;

    TRY(cose_key_encode(VIEW_OF(federation.owner.point), &owner_buf));
    TRY(gate_boot_encode(&request, &body));
    piece = buf_view(&body);
    TRY(gate_client_call(client, GATE_BOOT, &piece, 1, &response));
    TRY(gate_booted_decode(response, &booted));
    client->max_body = booted.max_body;
    return tell(booted.bundle);
}

static enum status attest(struct gate_client *client)
{
    uint8_t number[16];
    struct buf body = BUF_OF(number);
    struct view piece, response, message;

    TRY(gate_number_encode(++federation.now, &body));
    piece = buf_view(&body);
    TRY(gate_client_call(client, GATE_ATTEST, &piece, 1, &response));
    TRY(gate_message_decode(response, &message));
    return tell(message);
}

static enum status open_gate(struct gate_client *client, char **argv, struct reason *reason)
{
    struct gate_address address;

    TRY(gate_address_parse(argv[0], "", &address, reason));
    return address.place == GATE_PROGRAM ? gate_client_start(client, NULL, argv, reason)
                                         : gate_client_connect(client, &address, reason);
}

int main(int argc, char **argv)
{
    const struct federation_options options = {0};
    struct gate_client client = {0};
    struct reason reason = {""};
    char line[64];

    if (argc < 2) {
        fputs("usage: enclave_check PROGRAM ARGUMENT... | unix:PATH | vsock:CID:PORT\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    federation_start(&federation, &options);
    if (open_gate(&client, argv + 1, &reason) != STATUS_OK) {
        printf("failed to open: %s\n", reason.text);
        return 1;
    }
    printf("open pid %d\n", (int)client.pid);
    while (fgets(line, sizeof line, stdin) != NULL) {
        enum status status = strcmp(line, "boot\n") == 0 ? boot(&client) : attest(&client);
        if (status != STATUS_OK)
            printf("failed %s\n", status_name(status));
    }
    gate_client_stop(&client);
    federation_end(&federation);
    return 0;
}
