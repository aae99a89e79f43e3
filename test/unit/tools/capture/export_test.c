/* Quoting for a shell, whatever stands in a topic; and the whole script, run by a real one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "export.h"
#include "file.h"
#include "files.h"

static char folder[64];

static int begin(void **state)
{
    (void)state;
    strcpy(folder, P_tmpdir "/export_test_XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int end(void **state)
{
    char command[96];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void path_in(const char *name, char out[static 128])
{
    snprintf(out, 128, "%s/%s", folder, name);
}

static const char *const hostile[] = {
    "tacit/1/fed/'; touch \"$(dirname \"$0\")/owned\"; '",
    "tacit/1/fed/$(touch owned) `touch owned` \\",
    "tacit/1/fed/\n touch owned\n'\n",
    "-h",
    "''''",
    "tacit/1/fed/\xc3\xa9*?[a] > x | y & z",
};

static void a_quoted_text_is_one_word(void **state)
{
    static char text[512];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        char command[1024];
        size_t len;
        FILE *out = fmemopen(command, sizeof command, "w"), *said;

        fputs("printf '%s' ", out);
        export_quote(out, hostile[i]);
        fclose(out);
        said = popen(command, "r");
        len = fread(text, 1, sizeof text - 1, said);
        text[len] = '\0';
        assert_int_equal(pclose(said), 0);
        assert_string_equal(text, hostile[i]);
    }
}

/* A program in mosquitto_pub's place, that tells its arguments. */
static void put_stand_in(void)
{
    static const char program[] = "#!/bin/sh\nfor word in \"$@\"; do printf '<%s>' \"$word\"; done\necho\n";
    char path[128];

    path_in("mosquitto_pub", path);
    assert_int_equal(file_write(path, 0700, view_of_string(program), NULL), STATUS_OK);
}

static void write_capture(const char *path)
{
    const struct capture_about about = {.federation = "fed", .maker = "test", .part = 1};
    struct captured message = {.qos = 1, .payload = VIEW_TEXT("x")};
    struct capture *capture;

    assert_int_equal(capture_create(path, &about, &capture, NULL), STATUS_OK);
    assert_int_equal(capture_begin_session(capture, 1, "b", "c"), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        message.topic = hostile[i];
        assert_int_equal(capture_put(capture, &message), STATUS_OK);
    }
    message.topic = "tacit/1/fed/presence/dev";
    message.payload = (struct view){NULL, 0};
    message.qos = 2;
    message.properties =
        VIEW_TEXT("{\"content-type\":\"a'b\",\"expiry\":60,\"user\":[[\"n\",\"v\"]],\"response-topic\":7}");
    assert_int_equal(capture_put(capture, &message), STATUS_OK);
    assert_int_equal(capture_commit(capture), STATUS_OK);
    capture_close(&capture);
}

static void the_script_publishes_hostile_topics_as_they_are(void **state)
{
    CLEANUP(capture_parts_close) struct capture_parts parts = {.count = 0};
    CLEANUP(selection_free) struct selection selection = {.from = 0};
    CLEANUP(file_free) struct buf said = {0};
    char capture[128], script[128], output[128], command[600], want[256];
    const char *const paths[] = {capture};
    struct reason reason = {""};

    (void)state;
    path_in("a.tacit", capture);
    path_in("it's a script", script);
    path_in("output", output);
    put_stand_in();
    write_capture(capture);
    assert_int_equal(capture_parts_open(paths, 1, &parts, NULL, NULL, &reason), STATUS_OK);
    assert_int_equal(export_script(&parts, &selection, script, &reason), STATUS_OK);
    assert_int_equal(export_script(&parts, &selection, script, &reason), STATUS_EXISTS);
    snprintf(command, sizeof command, "cd '%s' && PATH=\"$PWD:$PATH\" \"%s\" -p '1 2' > output", folder, script);
    assert_int_equal(system(command), 0);
    assert_int_equal(file_read(output, 1 << 16, &said, NULL), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        snprintf(want, sizeof want, "<-V><5><-p><1 2><-q><1><-t><%s><-f><", hostile[i]);
        assert_non_null(strstr((const char *)said.ptr, want));
    }
    assert_non_null(
        strstr((const char *)said.ptr,
               "<-V><5><-p><1 2><-q><2><-r><-t><tacit/1/fed/presence/dev><-D><publish><message-expiry-interval>"
               "<60><-D><publish><content-type><a'b><-D><publish><user-property><n><v><-n>"));
    path_in("owned", output);
    assert_false(file_exists(output));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quoted_text_is_one_word),
        cmocka_unit_test_setup_teardown(the_script_publishes_hostile_topics_as_they_are, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
