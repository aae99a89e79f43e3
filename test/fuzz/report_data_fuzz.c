/* Where evidence holds its report data: the first byte picks the kind, the rest is the evidence. */
#include "attest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const kinds[] = {ATTEST_KIND_SGX, ATTEST_KIND_TDX, ATTEST_KIND_SNP, "sim"};
    static const uint8_t wanted[SHA512_SIZE];
    struct view evidence = {data + 1, size - 1};

    if (size == 0)
        return 0;
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
