/* Endorsements out of files and folders, and which of them a piece of evidence gets to see. */
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

#include "appraise_choose.h"
#include "snp.h"
#include "x509_maker.h"

#define NOW    1750000000u /* 2025-06-15 */
#define FMSPC  "00a067110000"
#define ZEROS  "0000000000000000"
#define ZERO64 ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS

static struct {
    char folder[64];
    uint8_t bytes[1 << 16];
    struct buf memory;
    struct gathering gathering;
    char *notes;
    size_t notes_len;
    uint8_t joined[1 << 16];
    struct endorsements chosen;
} world;

static int begin(void **state)
{
    (void)state;
    strcpy(world.folder, "/tmp/gather-test-XXXXXX");
    if (mkdtemp(world.folder) == NULL)
        return -1;
    world.memory = BUF_OF(world.bytes);
    world.gathering = (struct gathering){.notes = open_memstream(&world.notes, &world.notes_len)};
    return world.gathering.notes == NULL ? -1 : 0;
}

static int end(void **state)
{
    char command[128];

    (void)state;
    (void)fclose(world.gathering.notes);
    free(world.notes);
    gather_free(&world.gathering);
    (void)snprintf(command, sizeof command, "rm -r %s", world.folder);
    return system(command) == 0 ? 0 : -1;
}

static const char *path_of(const char *name)
{
    static char path[256];

    (void)snprintf(path, sizeof path, "%s/%s", world.folder, name);
    return path;
}

static void put(const char *name, struct view bytes)
{
    FILE *file = fopen(path_of(name), "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static void put_text(const char *name, const char *text)
{
    put(name, view_of_string(text));
}

static enum status gather(const char *name)
{
    struct reason reason = {""};
    enum status status = gather_path(&world.gathering, name[0] == '\0' ? world.folder : path_of(name), &reason);

    assert_true(status == STATUS_OK || reason.text[0] != '\0');
    return status;
}

static const char *notes(void)
{
    (void)fflush(world.gathering.notes);
    return world.notes;
}

/* ---- what is in the files ---- */

/* A key by its number; numbers of subject and issuer are their names too. */
static struct view make(uint8_t subject, uint8_t issuer, bool is_ca)
{
    const struct maker_key key = maker_key_of(subject), issuer_key = maker_key_of(issuer);
    const char names[] = "abcdefgh";
    const char subject_name[] = {names[subject], '\0'}, issuer_name[] = {names[issuer], '\0'};
    const struct maker_certificate certificate = {issuer_name,     subject_name,    &issuer_key, &key,     subject,
                                                  "250101000000Z", "260101000000Z", is_ca,       {NULL, 0}};

    return maker_certificate(&certificate, &world.memory);
}

static struct view make_list(uint8_t issuer, const char *from, const char *to)
{
    const struct maker_key key = maker_key_of(issuer);
    const char name[] = {"abcdefgh"[issuer], '\0'};
    const struct maker_crl list = {name, &key, from, to, 0};

    return maker_crl(&list, &world.memory);
}

static const char *tcb_info(const char *kind, const char *fmspc, const char *issued, const char *next)
{
    static char text[2048];
    const char *modules = strcmp(kind, "TDX") == 0
                              ? "\"tdxModule\":{\"mrsigner\":\"" ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS
                                "\",\"attributes\":\"" ZEROS "\",\"attributesMask\":\"" ZEROS "\"},"
                              : "";

    (void)snprintf(
        text, sizeof text,
        "{\"tcbInfo\":{\"id\":\"%s\",\"version\":3,\"issueDate\":\"%s\",\"nextUpdate\":\"%s\",\"fmspc\":\"%s\","
        "\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":17,%s\"tcbLevels\":[]},"
        "\"signature\":\"" ZERO64 "\"}",
        kind, issued, next, fmspc, modules);
    return text;
}

static void each_form_is_told_by_its_content(void **state)
{
    static char digits[4096];
    struct view one = make(1, 2, false), two = make(2, 2, true), list = make_list(2, "250101000000Z", "260101000000Z");
    struct buf joined = {world.joined, 0, sizeof world.joined};

    (void)state;
    put("a.der", one);
    put("b.pem", maker_pem("CERTIFICATE", two, &world.memory));
    hex_encode(list, digits);
    put_text("c", digits);
    assert_int_equal(buf_append(&joined, one), STATUS_OK);
    assert_int_equal(buf_append(&joined, list), STATUS_OK);
    put("d", buf_view(&joined));
    put_text("e.txt", tcb_info("SGX", FMSPC, "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z"));
    assert_int_equal(gather(""), STATUS_OK);
    assert_string_equal(notes(), "");
    assert_int_equal(world.gathering.count, 6);
    assert_true(view_equal(world.gathering.items[0].bytes, one));
    assert_int_equal(world.gathering.items[1].kind, GATHERED_CERTIFICATE);
    assert_true(view_equal(world.gathering.items[1].bytes, two));
    assert_int_equal(world.gathering.items[2].kind, GATHERED_CRL);
    assert_true(view_equal(world.gathering.items[2].bytes, list));
    assert_true(view_equal(world.gathering.items[3].bytes, one) && view_equal(world.gathering.items[4].bytes, list));
    assert_int_equal(world.gathering.items[5].kind, GATHERED_DOCUMENT);
    assert_true(world.gathering.items[5].platform == DCAP_SGX && world.gathering.items[5].fmspc[1] == 0xa0);
    assert_int_equal(world.gathering.items[5].not_before, 1748736000);
}

static void what_is_no_endorsement_is_passed_over_in_a_folder_and_kept_by_name(void **state)
{
    struct view one = make(1, 2, false);

    (void)state;
    put_text("README.md", "# what lies here");
    put_text("empty", "");
    put_text("other.json", "{\"cases\": []}");
    put("cut.der", (struct view){one.ptr, one.len - 1});
    put("one.der", one);
    assert_int_equal(mkdir(path_of("folder"), 0700), 0);
    assert_int_equal(mkfifo(path_of("pipe"), 0600), 0); /* reading it would never end */
    assert_int_equal(gather(""), STATUS_OK);
    assert_int_equal(world.gathering.count, 1);
    assert_true(world.gathering.items[0].offered);
    assert_non_null(strstr(notes(), "README.md holds no endorsement"));
    assert_non_null(strstr(notes(), "empty holds no endorsement"));
    assert_non_null(strstr(notes(), "other.json holds no endorsement (UNSUPPORTED)"));
    assert_non_null(strstr(notes(), "cut.der holds no endorsement (TRUNCATED)"));
    assert_null(strstr(notes(), "one.der"));
    assert_int_equal(gather("README.md"), STATUS_OK);
    assert_int_equal(world.gathering.count, 2);
    assert_int_equal(world.gathering.items[1].kind, GATHERED_UNKNOWN);
    assert_false(world.gathering.items[1].offered);
}

/* A chain whose last certificate is broken does not leave its first ones behind. */
static void a_file_is_understood_wholly_or_not_at_all(void **state)
{
    struct buf joined = {world.joined, 0, sizeof world.joined};

    (void)state;
    assert_int_equal(buf_append(&joined, make(1, 2, false)), STATUS_OK);
    assert_int_equal(buf_append(&joined, VIEW_TEXT("behind")), STATUS_OK);
    put("chain", buf_view(&joined));
    assert_int_equal(gather(""), STATUS_OK);
    assert_int_equal(world.gathering.count, 0);
}

static void what_cannot_be_read_is_an_error(void **state)
{
    static uint8_t large[GATHER_FILE_MAX + 1];

    (void)state;
    assert_int_equal(gather("nothing"), STATUS_CONFIG);
    put("large", VIEW_OF(large));
    assert_int_equal(gather("large"), STATUS_CONFIG);
    assert_int_equal(gather(""), STATUS_OK);
    assert_non_null(strstr(notes(), "large"));
    assert_int_equal(world.gathering.count, 0);
}

static void more_than_any_folder_needs_is_an_error(void **state)
{
    char name[16];

    (void)state;
    for (int i = 0; i < GATHER_FILES_MAX; i++) {
        (void)snprintf(name, sizeof name, "%d", i);
        put_text(name, "");
    }
    assert_int_equal(gather(""), STATUS_CONFIG); /* . and .. count too */
}

static void more_items_than_are_kept_are_an_error(void **state)
{
    const struct view one = make(1, 2, false);
    struct buf joined = {.ptr = malloc(one.len * GATHER_ITEMS_MAX + one.len), .cap = one.len * (GATHER_ITEMS_MAX + 1)};

    (void)state;
    assert_non_null(joined.ptr);
    for (size_t i = 0; i < GATHER_ITEMS_MAX; i++)
        assert_int_equal(buf_append(&joined, one), STATUS_OK);
    put("many", buf_view(&joined));
    assert_int_equal(gather("many"), STATUS_OK);
    assert_int_equal(world.gathering.count, GATHER_ITEMS_MAX);
    assert_int_equal(gather("many"), STATUS_CONFIG);
    free(joined.ptr);
}

/* ---- choosing ---- */

static enum status choose_for(const char *kind, struct view evidence, bool current_lists)
{
    const struct wanted wanted = {view_of_string(kind), evidence, NOW, current_lists};
    struct buf joined = {world.joined, 0, sizeof world.joined};

    return choose(&world.gathering, &wanted, &joined, &world.chosen);
}

/* How many certificates and lists are in the last piece. */
static size_t count_x509(void)
{
    uint8_t bytes[16];
    struct buf space = BUF_OF(bytes);
    struct view rest = world.chosen.list[world.chosen.count - 1], der;
    enum x509_item item;
    size_t count = 0;

    while (x509_take(&rest, &space, &item, &der) == STATUS_OK)
        count++;
    return count;
}

static void certificates_and_lists_are_one_piece(void **state)
{
    (void)state;
    put("1", make(1, 2, false));
    put("2", make(2, 2, true));
    put("3", make_list(2, "250101000000Z", "260101000000Z"));
    put("4", make(1, 2, false)); /* again */
    assert_int_equal(gather(""), STATUS_OK);
    assert_int_equal(choose_for("tpm", VIEW_TEXT("?"), false), STATUS_OK);
    assert_int_equal(world.chosen.count, 1);
    assert_int_equal(count_x509(), 3);
    assert_string_equal(notes(), ""); /* what stands twice is no news */
}

static void kinds_without_endorsements_get_none_of_a_folder(void **state)
{
    (void)state;
    put("1", make(1, 2, false));
    assert_int_equal(gather(""), STATUS_OK);
    assert_int_equal(choose_for("psa", VIEW_TEXT("?"), false), STATUS_OK);
    assert_int_equal(world.chosen.count, 0);
    assert_non_null(strstr(notes(), "takes no endorsements"));
}

static void old_lists_of_a_folder_go_when_that_is_asked_for(void **state)
{
    (void)state;
    put("1", make_list(1, "250101000000Z", "250201000000Z"));
    put("2", make_list(2, "250101000000Z", "260101000000Z"));
    assert_int_equal(gather(""), STATUS_OK);
    assert_true(choose_has_old_lists(&world.gathering, NOW));
    assert_int_equal(choose_for("tpm", VIEW_TEXT("?"), false), STATUS_OK);
    assert_int_equal(count_x509(), 2);
    assert_int_equal(choose_for("tpm", VIEW_TEXT("?"), true), STATUS_OK);
    assert_int_equal(count_x509(), 1);
    assert_non_null(strstr(notes(), "/1: passed over: out of its time"));
    gather_free(&world.gathering);
    assert_int_equal(gather("1"), STATUS_OK); /* by name: it is meant */
    assert_false(choose_has_old_lists(&world.gathering, NOW));
    assert_int_equal(choose_for("tpm", VIEW_TEXT("?"), true), STATUS_OK);
    assert_int_equal(count_x509(), 1);
}

/* A report of a chip whose identifier begins with the serial number of certificate `chip`. */
static struct view make_report(struct view identifier)
{
    static uint8_t report[SNP_REPORT_SIZE];
    struct snp_report parsed;

    memset(report, 0, sizeof report);
    report[0] = 2;
    report[0x34] = 1; /* ECDSA P-384 */
    memcpy(report + 0x1a0, identifier.ptr, identifier.len);
    assert_int_equal(snp_report_parse(VIEW_OF(report), &parsed), STATUS_OK);
    return VIEW_OF(report);
}

static void a_report_gets_the_chain_of_its_chip(void **state)
{
    struct view mine = make(1, 2, false), report = make_report((struct view){mine.ptr + mine.len - 8, 8});

    (void)state;
    put("chip", mine);
    put("other", make(5, 2, false));
    put("issuer", make(2, 3, true));
    put("a root", make(3, 3, true)); /* is asked for when it has been passed */
    put("root.crl", make_list(3, "250101000000Z", "260101000000Z"));
    put("strange", make(4, 4, true));
    put("strange.crl", make_list(4, "250101000000Z", "260101000000Z"));
    put_text("tcb", tcb_info("SGX", FMSPC, "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z"));
    assert_int_equal(gather(""), STATUS_OK);
    assert_int_equal(choose_for("snp", report, false), STATUS_OK);
    assert_int_equal(world.chosen.count, 1);
    assert_int_equal(count_x509(), 4);
    assert_non_null(memmem(world.joined, world.chosen.list[0].len, mine.ptr, mine.len));
    assert_non_null(strstr(notes(), "/other: passed over"));
    assert_non_null(strstr(notes(), "/strange.crl: passed over"));
    assert_non_null(strstr(notes(), "/tcb: passed over: Intel's"));
}

static void a_report_of_an_unknown_chip_gets_what_there_is(void **state)
{
    (void)state;
    put("1", make(1, 2, false));
    put("2", make(2, 2, true));
    assert_int_equal(gather(""), STATUS_OK);
    assert_int_equal(choose_for("snp", make_report(VIEW_TEXT("no chip of these")), false), STATUS_OK);
    assert_int_equal(count_x509(), 2);
    assert_int_equal(choose_for("snp", VIEW_TEXT("no report"), false), STATUS_OK);
    assert_int_equal(count_x509(), 2);
}

/* More certificates than a report may come with: those of a folder go, those that were named stay. */
static void no_more_than_is_taken_is_passed_on(void **state)
{
    char name[16];

    (void)state;
    for (uint8_t i = 0; i < 20; i++) {
        const struct maker_key key = maker_key_of(1);
        const struct maker_certificate one = {"a",
                                              "b",
                                              &key,
                                              &key,
                                              (uint8_t)(i + 1),
                                              i < 10 ? "200101000000Z" : "250101000000Z",
                                              i < 10 ? "210101000000Z" : "260101000000Z",
                                              false,
                                              {NULL, 0}};
        const struct view der = maker_certificate(&one, &world.memory);

        (void)snprintf(name, sizeof name, "%02d", i);
        put(name, der);
    }
    assert_int_equal(gather(""), STATUS_OK);
    assert_int_equal(choose_for("snp", VIEW_TEXT("?"), false), STATUS_OK);
    assert_int_equal(count_x509(), SNP_CERTIFICATES_MAX);
    assert_non_null(strstr(notes(), "/00: passed over: one more than is taken"));
    assert_non_null(strstr(notes(), "/03: passed over"));
    assert_null(strstr(notes(), "/04: passed over"));
    gather_free(&world.gathering);
    for (uint8_t i = 0; i < 20; i++) {
        (void)snprintf(name, sizeof name, "%02d", i);
        assert_int_equal(gather(name), STATUS_OK);
    }
    assert_int_equal(choose_for("snp", VIEW_TEXT("?"), false), STATUS_NO_SPACE);
}

static void documents_are_chosen_by_time_when_there_are_too_many(void **state)
{
    char name[16], issued[32], next[32];

    (void)state;
    for (int i = 1; i <= 20; i++) {
        (void)snprintf(name, sizeof name, "%02d", i);
        (void)snprintf(issued, sizeof issued, "20%02d-06-01T00:00:00Z", i + 5);
        (void)snprintf(next, sizeof next, "20%02d-07-01T00:00:00Z", i + 5);
        put_text(name, tcb_info("SGX", FMSPC, issued, next));
    }
    assert_int_equal(gather(""), STATUS_OK);
    assert_int_equal(choose_for("sgx", VIEW_TEXT("no quote"), false), STATUS_OK);
    assert_int_equal(world.chosen.count, ENDORSEMENTS_MAX - 1);
    assert_non_null(strstr(notes(), "/05: passed over: one more than is taken"));
    assert_null(strstr(notes(), "/06: passed over"));
    assert_null(strstr(notes(), "/20: passed over")); /* that of now */
}

static void what_nobody_understands_is_passed_on_when_it_was_named(void **state)
{
    (void)state;
    put_text("1", "what is this?");
    put("2", make(1, 1, true));
    assert_int_equal(gather("1"), STATUS_OK);
    assert_int_equal(gather("2"), STATUS_OK);
    assert_int_equal(choose_for("sgx", VIEW_TEXT("no quote"), false), STATUS_OK);
    assert_int_equal(world.chosen.count, 2);
    assert_true(view_equal(world.chosen.list[0], VIEW_TEXT("what is this?")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_form_is_told_by_its_content),
        TEST(what_is_no_endorsement_is_passed_over_in_a_folder_and_kept_by_name),
        TEST(a_file_is_understood_wholly_or_not_at_all),
        TEST(what_cannot_be_read_is_an_error),
        TEST(more_than_any_folder_needs_is_an_error),
        TEST(more_items_than_are_kept_are_an_error),
        TEST(certificates_and_lists_are_one_piece),
        TEST(kinds_without_endorsements_get_none_of_a_folder),
        TEST(old_lists_of_a_folder_go_when_that_is_asked_for),
        TEST(a_report_gets_the_chain_of_its_chip),
        TEST(a_report_of_an_unknown_chip_gets_what_there_is),
        TEST(no_more_than_is_taken_is_passed_on),
        TEST(documents_are_chosen_by_time_when_there_are_too_many),
        TEST(what_nobody_understands_is_passed_on_when_it_was_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
