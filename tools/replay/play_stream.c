/* play_stream.c: messages in their order, when they are due, published by who said them. See play_private.h. */
#include "play_private.h"

#define AT_A_TIME   64 /* messages until the loop looks after connections again */
#define DAMAGED_MAX 1000

/* Reads the next message of the protocol. False: there is none. */
static bool read_next(struct play *play)
{
    unsigned int damaged = 0;

    while (damaged < DAMAGED_MAX) {
        enum status status = capture_next(play->cursor, &play->message);

        if (status == STATUS_OK && play->message.parsed)
            return true;
        if (status == STATUS_MALFORMED) {
            play->damaged++;
            damaged++;
        } else if (status == STATUS_OK) {
            damaged = 0;
        } else {
            if (status != STATUS_NOT_FOUND)
                play_end(play, status);
            return false;
        }
    }
    return false;
}

uint64_t play_ahead(const struct play *play)
{
    static const enum topic_kind kinds[] = {TOPIC_ENROL, TOPIC_UPDATE, TOPIC_OWNER, TOPIC_PRESENCE};
    uint64_t expected = 0, received = play->forgiven;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        expected += play->counts[kinds[i]].expected;
        received += play->counts[kinds[i]].received;
    }
    return expected > received ? expected - received : 0;
}

uint64_t play_scaled_us(const struct play *play, int64_t at_us)
{
    __int128_t after = (__int128_t)at_us - play->survey.first_us;

    if (play->options->speed == 0 || after <= 0)
        return 0;
    after = after * PLAY_SPEED_ONE / (__int128_t)play->options->speed;
    return after < PLAY_LONGEST_US ? (uint64_t)after : PLAY_LONGEST_US;
}

/* When the message is due, in microseconds from the beginning. */
static uint64_t due_us(const struct play *play)
{
    return play_scaled_us(play, play->message.at_us);
}

static bool is_of_devices(enum topic_kind kind)
{
    return kind == TOPIC_ENROL || kind == TOPIC_UPDATE || kind == TOPIC_PRESENCE;
}

/* The client that says a copy of the message, with the names that go into its topic; NULL: there are no more copies. */
static struct play_client *speaker_of(struct play *play, size_t copy, struct topic *names)
{
    const struct topic *where = &play->message.where;
    const size_t captured = play->survey.devices.count;
    const size_t first = where->device.len == 0 ? SIZE_MAX : names_find(&play->survey.devices, where->device);
    const size_t index = first + copy * captured;

    *names = *where;
    names->federation = view_of_string(play->federation);
    if (first != SIZE_MAX) {
        if (index >= play->devices)
            return NULL;
        names->device = view_of_string(play->names[index]);
    } else if (copy > 0) {
        return NULL;
    }
    if (is_of_devices(where->kind))
        return play_crowd_device(play, index);
    return where->kind == TOPIC_OWNER ? play_crowd_owner(play) : play_crowd_aggregator(play, where->aggregator);
}

/* All copies of the message. STATUS_BUSY: a client has no room for the next one. */
static enum status say(struct play *play)
{
    struct play_client *speaker;
    struct topic names;

    while ((speaker = speaker_of(play, play->copy, &names)) != NULL) {
        enum status status;

        play->held = play->queued >= PLAY_QUEUED_MAX || play_ahead(play) >= PLAY_AHEAD;
        status = play->held ? STATUS_BUSY : play_client_publish(speaker, &names, play->message.payload);
        if (status == STATUS_BUSY || status == STATUS_IO)
            return status;
        play->copy++;
    }
    return STATUS_OK;
}

bool play_stream(struct play *play)
{
    for (unsigned int i = 0; i < AT_A_TIME && play->phase == PLAY_PLAYING; i++) {
        const uint64_t now = stats_now_us() - play->began_us;
        enum status status;
        uint64_t due;

        if (!play->has_message && !read_next(play))
            return true;
        due = due_us(play);
        if (!play->has_message)
            play->copy = 0;
        play->has_message = true;
        if (due > now) {
            play_soon(play, (due - now + 999) / 1000);
            return false;
        }
        if (play->options->speed > 0 && now - due > play->lag_us)
            play->lag_us = now - due;
        status = say(play);
        if (status == STATUS_IO)
            play_end(play, status);
        if (status != STATUS_OK)
            return false; /* goes on when the client has room */
        play->has_message = false;
    }
    play_soon(play, 0);
    return false;
}
