/* policy_support.c: see policy_support.h. */
#include "policy_support.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pem.h"
#include "trust_support.h"
#include "x509_golden.h"

/* RSA-2048, made with openssl; its private key is gone. */
static const char rsa_key[] = "-----BEGIN PUBLIC KEY-----\n"
                              "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA9dsgRlwyLj+6EfgOP8fa\n"
                              "esdwd5Uf/r4a4bcSaV40FHtf+BrVxckP3QucEUGH9Me1da+1g8myV2Cr8pPnkH+9\n"
                              "TiDgDwLQgE9woEhT+aKncSCd7o+0vc0Eqs8HMJNq7G9nQgO5kuoMiHkegDF2gyV7\n"
                              "/Hv8KECDYXXY1uR8bJo+PsRRZAqNwJ2WwCZexwzYZDbwC4GGyDSFxqqb6fBBAVP8\n"
                              "5jusAV5cDXodIqiX8lK+GgI2FFosTcJi23YHUsYbpcj3rKegtwPaNoXd2cU0IFmj\n"
                              "FLqxuzw9SWLtqa+SsoShe00ze8uUA4r+KfosLlM6I6rbbeaEeoUav49QapnjQKbI\n"
                              "1wIDAQAB\n"
                              "-----END PUBLIC KEY-----\n";

static const struct {
    const char *path;
    enum trust_key key; /* or, with a text, none */
    const char *text;
} files[] = {
    {"folder/keys/root.pub", TRUST_ROOT, NULL},
    {"folder/sim-root.pub", TRUST_ROOT, NULL},
    {"folder/keys/sensor-1.pub", TRUST_DEVICE, NULL},
    {"folder/keys/sensor-2.pub", TRUST_OTHER, NULL},
    {"folder/ak-ca.pub", TRUST_OWNER, NULL},
    {"/etc/tacit/other.pub", TRUST_OTHER, NULL},
    {"folder/ak-ca.crt", TRUST_OWNER, GOLDEN_RSA_ROOT},
    {"folder/keys/empty", TRUST_OWNER, ""},
    {"folder/keys/words", TRUST_OWNER, "no key\n"},
    {"folder/keys/rsa.pub", TRUST_OWNER, rsa_key},
};

static enum status read_file(void *ctx, const char *path, struct buf *out, struct reason *why)
{
    (void)ctx;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        if (strcmp(files[i].path, path) != 0)
            continue;
        return files[i].text != NULL ? buf_append(out, view_of_string(files[i].text))
                                     : pem_write_public(trust_point(files[i].key), out);
    }
    reason_set(why, "%s: there is no such file", path);
    return STATUS_NOT_FOUND;
}

const struct policy_files policy_support_files = {read_file, NULL};

enum status policy_support_read(const char *text, struct buf *bytes, struct policy *out, struct reason *reason)
{
    const struct config_source source = {view_of_string(text), "policy.conf", "folder", NULL};

    return policy_text_read(&source, &policy_support_files, bytes, out, reason);
}

enum status policy_support_read_block(const char *block, struct buf *bytes, struct policy *out, struct reason *reason)
{
    char *text = NULL;
    enum status status;

    if (asprintf(&text, "%s%s%s", POLICY_SUPPORT_HEAD, block, POLICY_SUPPORT_SIM("device")) < 0)
        abort();
    status = policy_support_read(text, bytes, out, reason);
    free(text);
    return status;
}
