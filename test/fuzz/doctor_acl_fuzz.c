/* doctor_acl_fuzz.c: any text as an access list, asked about every topic of its own rules. */
#include <stdlib.h>
#include <string.h>

#include "acl.h"

static struct acl list;

static void ask(void)
{
    static const struct acl_client clients[] = {{"gateway", "gateway"}, {NULL, "x"}, {"a+", "#"}, {"owner", ""}};

    for (unsigned int i = 0; i < list.count && i < 64; i++)
        for (size_t k = 0; k < ARRAY_LEN(clients); k++) {
            const struct acl_rule *rule = NULL;
            const bool reads = acl_allows(&list, &clients[k], ACL_READ, list.rules[i].filter, &rule);

            if (reads && (rule == NULL || (rule->access & ACL_READ) == 0))
                abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = {malloc(size + 1), size, size + 1};
    struct reason reason = {""};
    enum status status;

    if (text.ptr == NULL)
        return 0;
    if (size > 0)
        memcpy(text.ptr, data, size);
    text.ptr[size] = '\0';
    list.count = 0;
    status = acl_read(text, &list, &reason);
    if ((status == STATUS_OK) != (reason.text[0] == '\0'))
        abort();
    if (status == STATUS_OK)
        ask();
    free(text.ptr);
    return 0;
}
