/* Any bytes as a topic; what is one is formatted to the same bytes. */
#include <stdlib.h>

#include "topic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view text = {data, size};
    uint8_t bytes[TOPIC_MAX], filter_bytes[TOPIC_MAX];
    struct buf again = BUF_OF(bytes), filter = BUF_OF(filter_bytes);
    struct topic topic;

    if (topic_parse(text, &topic) != STATUS_OK)
        return 0;
    if (topic_format(topic.kind, &topic, &again) != STATUS_OK || !view_equal(buf_view(&again), text))
        abort();
    if (topic_filter(topic.kind, &topic, &filter) != STATUS_OK)
        abort();
    return 0;
}
