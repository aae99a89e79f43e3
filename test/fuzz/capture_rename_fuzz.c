/* capture_rename: any bytes as a payload in which names are replaced. What holds none stays as it is; what changed holds no
 * old name any more where one was found, and changes no further. */
#include <stdlib.h>

#include "rename.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct renamed names[] = {{"a", "device-2"}, {"bb", "device-1"}, {"dev", "device-3"}};
    static const struct renaming renaming = {names, 3};
    static uint8_t once[1 << 18], twice[1 << 18];
    const struct view bytes = {data, size};
    struct buf first = BUF_OF(once), second = BUF_OF(twice);
    bool changed, again;

    if (size > 8192 || rename_payload(&renaming, bytes, &first, &changed) != STATUS_OK)
        return 0;
    if (!changed && !view_equal(buf_view(&first), bytes))
        abort();
    if (rename_payload(&renaming, buf_view(&first), &second, &again) != STATUS_OK || (changed && again) ||
        !view_equal(buf_view(&first), buf_view(&second)))
        abort();
    return 0;
}
