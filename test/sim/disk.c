/* disk.c: what an aggregator keeps, and the moments at which it fails to. */
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "simulation.h"

void buf_replace(struct buf *buf, struct view bytes)
{
    struct buf fresh = {.ptr = malloc(bytes.len + 1), .cap = bytes.len + 1};

    if (fresh.ptr == NULL || buf_append(&fresh, bytes) != STATUS_OK)
        abort();
    free(buf->ptr);
    *buf = fresh;
}

void disk_free(struct disk *disk)
{
    free(disk->state.ptr);
    free(disk->revocations.ptr);
    for (uint32_t i = 0; i < disk->record_count; i++)
        free(disk->records[i].message.ptr);
    memset(disk, 0, sizeof *disk);
}

void disk_copy(const struct disk *from, struct disk *to)
{
    disk_free(to);
    if (from->state.len > 0)
        buf_replace(&to->state, buf_view(&from->state));
    if (from->revocations.len > 0)
        buf_replace(&to->revocations, buf_view(&from->revocations));
    for (uint32_t i = 0; i < from->record_count; i++) {
        to->records[i].round = from->records[i].round;
        buf_replace(&to->records[i].message, buf_view(&from->records[i].message));
    }
    to->record_count = from->record_count;
}

/* Before a write: whether it happens at all. */
static enum status may_write(struct machine *machine, const char *what)
{
    if (machine->crashed)
        return STATUS_IO;
    if (machine->full) {
        sim_trace(machine->sim, machine->name, "disk full: %s is not kept", what);
        return STATUS_NO_SPACE;
    }
    if (machine->write_blow == BLOW_BEFORE) {
        machine->write_blow = BLOW_NONE;
        machine->crashed = true;
        sim_trace(machine->sim, machine->name, "crashes before %s is kept", what);
        return STATUS_IO;
    }
    return STATUS_OK;
}

static enum status has_written(struct machine *machine, const char *what)
{
    if (machine->write_blow == BLOW_AFTER) {
        machine->write_blow = BLOW_NONE;
        machine->crashed = true;
        sim_trace(machine->sim, machine->name, "crashes after %s was kept", what);
        return STATUS_IO;
    }
    return STATUS_OK;
}

static void add_record(struct disk *disk, uint32_t round, struct view message)
{
    if (disk->record_count == SIM_RECORDS) {
        free(disk->records[0].message.ptr);
        memmove(&disk->records[0], &disk->records[1], (SIM_RECORDS - 1) * sizeof disk->records[0]);
        disk->record_count--;
        disk->records[disk->record_count].message = (struct buf){NULL, 0, 0};
    }
    disk->records[disk->record_count].round = round;
    buf_replace(&disk->records[disk->record_count].message, message);
    disk->record_count++;
}

enum status disk_keep_round(void *ctx, const struct closed_round *closed)
{
    struct machine *machine = ctx;

    invariant_no_secret_outside(machine->sim, "the host's disk", closed->state);
    TRY(may_write(machine, "a round"));
    /* Now and then somebody makes a copy, to come back with. */
    if (!machine->has_old && sim_may(machine->sim, FAULT_ROLLBACK) && dice_chance(&machine->sim->dice, 400)) {
        disk_copy(&machine->disk, &machine->old);
        machine->has_old = true;
    }
    add_record(&machine->disk, closed->record->round, closed->message);
    if (closed->state.len > 0)
        buf_replace(&machine->disk.state, closed->state);
    return has_written(machine, "a round");
}

enum status disk_keep_state(void *ctx, struct view state)
{
    struct machine *machine = ctx;

    invariant_no_secret_outside(machine->sim, "the host's disk", state);
    TRY(may_write(machine, "the state"));
    buf_replace(&machine->disk.state, state);
    return has_written(machine, "the state");
}

enum status disk_keep_revocations(void *ctx, struct view signed_list)
{
    struct machine *machine = ctx;

    TRY(may_write(machine, "the revocations"));
    buf_replace(&machine->disk.revocations, signed_list);
    return has_written(machine, "the revocations");
}
