/* policy_text_fuzz.c: any text as the owner's policy. What is read is a policy that encodes again, and that can be told. */
#include <stdlib.h>
#include <string.h>

#include "policy_support.h"

/* Prints to nowhere; fails when nothing was printed. */
static void tell(const struct policy *policy)
{
    static char told[1 << 20];
    FILE *out = fmemopen(told, sizeof told, "w");

    if (out == NULL)
        abort();
    policy_show(policy, out);
    policy_warn(policy, out);
    if (fclose(out) != 0 || told[0] == '\0')
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[POLICY_MAX], again[POLICY_MAX];
    const struct config_source source = {{data, size}, "fuzz", "folder", NULL};
    struct buf bytes = BUF_OF(memory), encoded = BUF_OF(again);
    struct reason reason = {""};
    struct policy policy;
    enum status status = policy_text_read(&source, &policy_support_files, &bytes, &policy, &reason);

    if (status == STATUS_OK) {
        if (policy_encode(&policy, &encoded) != STATUS_OK || !view_equal(buf_view(&bytes), buf_view(&encoded)))
            abort();
        tell(&policy);
        return 0;
    }
    /* Refused by a sentence that names the text, and nothing is left. */
    if (bytes.len != 0 || strncmp(reason.text, "fuzz:", strlen("fuzz:")) != 0)
        abort();
    return 0;
}
