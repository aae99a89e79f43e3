/* Any bytes as a model file; what is one becomes a model, and a file again with the same model in it. */
#include <stdlib.h>

#include "safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t first_bytes[1 << 20], second_bytes[1 << 20], file_bytes[1 << 21];
static struct safetensors file;

static void check_round_trip(void)
{
    struct buf first = BUF_OF(first_bytes), second = BUF_OF(second_bytes), written = BUF_OF(file_bytes);

    if (safetensors_to_model(&file, &first) != STATUS_OK)
        return;
    if (safetensors_encode(buf_view(&first), NULL, 0, &written) != STATUS_OK)
        abort();
    safetensors_release(&file);
    if (safetensors_decode(buf_view(&written), &file) != STATUS_OK)
        abort();
    if (safetensors_to_model(&file, &second) != STATUS_OK || !view_equal(buf_view(&first), buf_view(&second)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (safetensors_decode((struct view){data, size}, &file) == STATUS_OK)
        check_round_trip();
    safetensors_release(&file);
    return 0;
}
