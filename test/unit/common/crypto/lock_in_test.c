/* After crypto_warm_up the whole of crypto.h works in a process that may not open files: with either provider. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <seccomp.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aead_private.h"
#include "crypto_support.h"

/* From here on any other system call ends the process. */
static bool lock_in(void)
{
    static const int allowed[] = {SCMP_SYS(getrandom), SCMP_SYS(mmap),       SCMP_SYS(munmap),      SCMP_SYS(brk),
                                  SCMP_SYS(futex),     SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn)};
    const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    bool all = filter != NULL;

    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        all = all && seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
    return all && seccomp_load(filter) == 0;
}

static enum status seal_and_open_with_all(const struct aead_provider *provider)
{
    static const int64_t algs[] = {AEAD_A128GCM, AEAD_A256GCM, AEAD_CHACHA20_POLY1305, AEAD_CCM_16_128_256};
    static uint8_t plain[60000], sealed_bytes[sizeof plain + AEAD_TAG_SIZE], opened_bytes[sizeof plain];

    for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
        const struct aead aead = {
            .alg = algs[i], .key = {plain, aead_key_size(algs[i])}, .nonce = {plain, aead_nonce_size(algs[i])}};
        struct buf sealed = BUF_OF(sealed_bytes), opened = BUF_OF(opened_bytes);

        TRY(aead_seal_with(provider, &aead, VIEW_OF(plain), &sealed));
        TRY(aead_open_with(provider, &aead, buf_view(&sealed), &opened));
        opened.len = 0;
        sealed.ptr[0] ^= 1;
        if (aead_open_with(provider, &aead, buf_view(&sealed), &opened) != STATUS_FORGED)
            return STATUS_CRYPTO;
    }
    return STATUS_OK;
}

static enum status work_with_keys(const struct aead_provider *provider)
{
    struct counting_random counter = {0};
    const struct random_port port = counting_port(&counter);
    uint8_t digest[SHA256_SIZE], signature[P256_SIG_SIZE], secret[P256_SCALAR_SIZE], derived[64];
    struct buf out = BUF_OF(derived);
    struct p256_key key;

    TRY(p256_generate(&port, &key));
    TRY(provider->sha256(&VIEW_OF(key.point), 1, digest));
    TRY(p256_sign(&key, digest, &port, signature));
    TRY(p256_verify(VIEW_OF(key.point), digest, VIEW_OF(signature)));
    TRY(p256_shared(&key, VIEW_OF(key.point), &port, secret));
    return hkdf_sha256((struct view){0}, VIEW_OF(secret), (struct view){0}, &out);
}

/* Defined where a sanitizer is linked, which makes system calls of its own. */
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

static void skip_under_sanitizers(void)
{
    if (__asan_init == NULL && __tsan_init == NULL)
        return;
    print_message("  the sanitizer makes other system calls than the library\n");
    skip();
}

/* What became of a child that locks itself in, warm or cold, and then does everything. */
static int fate(const struct aead_provider *provider, bool warm)
{
    int how;
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        if (warm && aead_warm_up_with(provider) != STATUS_OK)
            _exit(1);
        if (!lock_in())
            _exit(2);
        if (seal_and_open_with_all(provider) != STATUS_OK)
            _exit(3);
        _exit(work_with_keys(provider) == STATUS_OK ? 0 : 4);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    return how;
}

static void works_without_files_once_warm(void **state)
{
    (void)state;
    int how;

    skip_under_sanitizers();
    how = fate(&aead_mbedtls, true);

    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
    how = fate(&aead_libcrypto, true);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
}

/* Without this the test above could pass for a reason other than warming up. */
static void libcrypto_opens_files_when_cold(void **state)
{
    (void)state;
    skip_under_sanitizers();
    assert_true(WIFSIGNALED(fate(&aead_libcrypto, false)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(works_without_files_once_warm),
        cmocka_unit_test(libcrypto_opens_files_when_cold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
