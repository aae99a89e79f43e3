/* disk.c: what an aggregator keeps, and the moments at which it fails to. */
#include <assert.h>
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
    for (uint32_t i = 0; i < disk->record_count; i++) {
        free(disk->records[i].message.ptr);
        free(disk->records[i].leaves.ptr);
    }
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
        if (from->records[i].leaves.len > 0)
            buf_replace(&to->records[i].leaves, buf_view(&from->records[i].leaves));
    }
    to->record_count = from->record_count;
}

bool blow_strikes(struct blow_due *due, enum blow when)
{
    if (due->blow != when || due->wait > 0)
        return false;
    due->blow = BLOW_NONE;
    return true;
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
    if (machine->write_blow.wait > 0)
        machine->write_blow.wait--;
    if (!blow_strikes(&machine->write_blow, BLOW_BEFORE))
        return STATUS_OK;
    machine->crashed = true;
    sim_trace(machine->sim, machine->name, "crashes before %s is kept", what);
    return STATUS_IO;
}

/* A commit may be told to have failed although it is on the disk. */
static enum status has_written(struct machine *machine, const char *what)
{
    if (blow_strikes(&machine->write_blow, BLOW_UNSURE)) {
        sim_trace(machine->sim, machine->name, "is told that %s was not kept, and it was", what);
        return STATUS_IO;
    }
    if (!blow_strikes(&machine->write_blow, BLOW_AFTER))
        return STATUS_OK;
    machine->crashed = true;
    sim_trace(machine->sim, machine->name, "crashes after %s was kept", what);
    return STATUS_IO;
}

static void free_record(struct disk *disk, uint32_t at)
{
    free(disk->records[at].message.ptr);
    free(disk->records[at].leaves.ptr);
    memset(&disk->records[at], 0, sizeof disk->records[at]);
}

/* Leaves are kept of the last HOST_PROVABLE_MAX rounds only, as the journal does. */
static void add_record(struct disk *disk, const struct closed_round *closed)
{
    static_assert(SIM_RECORDS <= HOST_PROVABLE_MAX, "the disk keeps leaves that the journal would not");

    if (disk->record_count == SIM_RECORDS) {
        free_record(disk, 0);
        memmove(&disk->records[0], &disk->records[1], (SIM_RECORDS - 1) * sizeof disk->records[0]);
        disk->record_count--;
        memset(&disk->records[disk->record_count], 0, sizeof disk->records[0]);
    }
    disk->records[disk->record_count].round = closed->record->round;
    buf_replace(&disk->records[disk->record_count].message, closed->message);
    if (closed->leaves.len > 0)
        buf_replace(&disk->records[disk->record_count].leaves, closed->leaves);
    disk->record_count++;
}

/* UNIQUE (boot, round) in the journal. */
static bool has_record(const struct disk *disk, struct view message)
{
    for (uint32_t i = 0; i < disk->record_count; i++)
        if (view_equal(buf_view(&disk->records[i].message), message))
            return true;
    return false;
}

/* Now and then somebody makes a copy, to come back with. */
static void copy_old(struct machine *machine)
{
    struct dice *dice = &machine->sim->dice;

    if (!sim_may(machine->sim, FAULT_ROLLBACK) || !dice_chance(dice, 300))
        return;
    disk_copy(
        &machine->disk,
        &machine->old[machine->old_count < SIM_OLD_STATES ? machine->old_count : dice_below(dice, SIM_OLD_STATES)]);
    if (machine->old_count < SIM_OLD_STATES)
        machine->old_count++;
}

enum status disk_keep_round(void *ctx, const struct closed_round *closed)
{
    struct machine *machine = ctx;

    invariant_no_secret_outside(machine->sim, "the host's disk", closed->state);
    TRY(may_write(machine, "a round"));
    if (has_record(&machine->disk, closed->message))
        return STATUS_EXISTS;
    copy_old(machine);
    add_record(&machine->disk, closed);
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
