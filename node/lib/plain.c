/* plain.c: the update before it is sealed. It outlives connections, boots of the enclave and restarts of the node, until
 * its round is recorded: whenever the same work is asked for again, it is sealed again instead of done again. */
#include "steps_private.h"

#include <string.h>

static const char key[] = "outbox";

static void set_about(struct tacit_node *node, const struct update *update)
{
    node->about = (struct about){.round = update->round, .task = update->task};
    memcpy(node->about.base, update->base.ptr, sizeof node->about.base);
    memcpy(node->about.boot_id, update->boot_id.ptr, sizeof node->about.boot_id);
}

/* Nothing in update may lie in node->plain. An update that cannot be kept is still sent: only a restart loses it. */
enum status plain_set(struct tacit_node *node, const struct update *update)
{
    struct buf encoded = {.ptr = node->plain.ptr, .cap = node->plain.cap};
    struct update check;

    node->plain.len = 0;
    TRY(update_encode(update, &encoded));
    /* Names of metrics come from outside; the decoder is who judges them. */
    TRY(update_decode(buf_view(&encoded), &check));
    node->plain = encoded;
    set_about(node, update);
    (void)node_keep(node, key, buf_view(&node->plain));
    return STATUS_OK;
}

void plain_restore(struct tacit_node *node)
{
    struct update update;

    node->plain.len = 0;
    if (node_load(node, key, &node->plain) == STATUS_OK && update_decode(buf_view(&node->plain), &update) == STATUS_OK)
        set_about(node, &update);
    else
        node->plain.len = 0;
}

void plain_forget(struct tacit_node *node)
{
    if (node->plain.len == 0)
        return;
    buf_wipe(&node->plain);
    sealed_forget(node);
    (void)node_keep(node, key, (struct view){NULL, 0});
}

bool plain_fits(const struct tacit_node *node, const struct round *round)
{
    return node->plain.len > 0 && node->about.task == round->task &&
           view_equal(VIEW_OF(node->about.base), VIEW_OF(round->base));
}

enum status plain_readdress(struct tacit_node *node)
{
    struct buf copy = {.ptr = node->model.ptr, .cap = node->model.cap};
    struct update update;

    if (node->about.round == node->round.number &&
        view_equal(VIEW_OF(node->about.boot_id), VIEW_OF(node->trust.boot_id)))
        return STATUS_OK;
    TRY(buf_append(&copy, buf_view(&node->plain)));
    TRY(update_decode(buf_view(&copy), &update));
    update.round = node->round.number;
    update.boot_id = VIEW_OF(node->trust.boot_id);
    return plain_set(node, &update);
}
