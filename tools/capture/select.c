/* select.c: see select.h. */
#include "select.h"

#include <stdlib.h>
#include <string.h>

#include "glance.h"
#include "proof.h"

static bool is_chosen(const struct selection *selection, struct view device)
{
    if (selection->devices == NULL || selection->devices->count == 0 || device.len == 0)
        return true;
    for (size_t i = 0; i < selection->devices->count; i++)
        if (view_equal(view_of_string(selection->devices->list[i]), device))
            return true;
    return false;
}

static struct select_device *find(const struct selection *selection, struct view device)
{
    for (size_t i = 0; i < selection->count; i++)
        if (view_equal(view_of_string(selection->last[i].name), device))
            return &selection->last[i];
    return NULL;
}

static enum status note_update(struct selection *selection, const struct captured *message)
{
    struct select_device *device = find(selection, message->where.device), *grown;

    if (device == NULL) {
        grown = realloc(selection->last, (selection->count + 1) * sizeof *grown);
        if (grown == NULL)
            return STATUS_IO;
        selection->last = grown;
        device = &grown[selection->count++];
        *device = (struct select_device){.round = 0};
        memcpy(device->name, message->where.device.ptr, message->where.device.len);
    }
    device->round = message->where.round;
    return STATUS_OK;
}

static bool in_rounds(const struct selection *selection, uint32_t round)
{
    return round >= selection->from && round <= selection->to;
}

static bool keeps_receipt(const struct selection *selection, const struct captured *message)
{
    const struct select_device *device = find(selection, message->where.device);
    uint32_t round = glance_round(message);

    if (round == 0 && device != NULL)
        round = device->round;
    return in_rounds(selection, round);
}

static bool keeps_parsed(const struct selection *selection, const struct captured *message)
{
    uint32_t round;

    switch (message->where.kind) {
    case TOPIC_ROUND:
    case TOPIC_MODEL:
    case TOPIC_UPDATE:
    case TOPIC_RECORD:
        return in_rounds(selection, glance_round(message));
    case TOPIC_RECEIPT:
        return keeps_receipt(selection, message);
    case TOPIC_NEED:
        round = glance_round(message);
        return round == 0 || in_rounds(selection, round); /* 0: the owner's */
    default:
        return true; /* who is there, who may take part, what the owner asked */
    }
}

enum status selection_keeps(struct selection *selection, const struct captured *message, bool *keeps)
{
    *keeps = false;
    if (!message->parsed) {
        *keeps = selection->from == 0 && (selection->devices == NULL || selection->devices->count == 0);
        return STATUS_OK;
    }
    if (message->where.kind == TOPIC_UPDATE && !proof_looks_like(message->payload))
        TRY(note_update(selection, message));
    *keeps = is_chosen(selection, message->where.device) && (selection->from == 0 || keeps_parsed(selection, message));
    return STATUS_OK;
}

void selection_free(struct selection *selection)
{
    free(selection->last);
    selection->last = NULL;
    selection->count = 0;
}
