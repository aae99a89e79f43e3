/* Where evidence ends, and where it holds its report data: the first byte picks the kind, the rest is the evidence. */
#include "attest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A quote that was cut is a beginning of what it was cut from, and nothing more can be cut from it. */
static void check_trim(struct view kind, struct view evidence)
{
    struct view once, twice;

    if (attest_trim(kind, evidence, &once) != STATUS_OK)
        return;
    if (once.ptr != evidence.ptr || once.len > evidence.len || attest_trim(kind, once, &twice) != STATUS_OK ||
        !view_equal(once, twice))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const kinds[] = {ATTEST_KIND_SGX, ATTEST_KIND_TDX, ATTEST_KIND_SNP, "sim"};
    static const uint8_t wanted[SHA512_SIZE];
    struct view evidence = {data + 1, size - 1};

    if (size == 0)
        return 0;
    check_trim(view_of_string(kinds[data[0] % ARRAY_LEN(kinds)]), evidence);
    /* What it calls ours must hold the bytes somewhere. */
    if (attest_check_report_data(view_of_string(kinds[data[0] % ARRAY_LEN(kinds)]), evidence, wanted) == STATUS_OK) {
        bool found = false;
        for (size_t at = 0; at + sizeof wanted <= evidence.len && !found; at++)
            found = view_equal((struct view){evidence.ptr + at, sizeof wanted}, VIEW_OF(wanted));
        if (!found)
            __builtin_trap();
    }
    return 0;
}
