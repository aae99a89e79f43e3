/* lock_in.c: after this the process can compute, read and write what is open, and nothing else. */
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "shell.h"

/* What reading frames, writing frames, randomness and memory need. A call outside ends the process. */
static const int allowed[] = {
    SCMP_SYS(read),    SCMP_SYS(write),      SCMP_SYS(getrandom),    SCMP_SYS(munmap), SCMP_SYS(mremap),
    SCMP_SYS(brk),     SCMP_SYS(madvise),    SCMP_SYS(futex),        SCMP_SYS(mlock2), SCMP_SYS(exit),
    SCMP_SYS(munlock), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
};

/* What asking for evidence needs besides. It holds no secret. */
static const int allowed_to_quoter[] = {
    SCMP_SYS(openat), SCMP_SYS(close),    SCMP_SYS(mkdir),           SCMP_SYS(mkdirat),
    SCMP_SYS(rmdir),  SCMP_SYS(unlinkat), SCMP_SYS(clock_nanosleep),
};

static void release_filter(scmp_filter_ctx *filter)
{
    if (*filter != NULL)
        seccomp_release(*filter);
}

static enum status allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0)
            return STATUS_UNSUPPORTED;
    return STATUS_OK;
}

static enum status load_filter(bool quoter)
{
    CLEANUP(release_filter) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

    if (filter == NULL)
        return STATUS_NO_SPACE;
    TRY(allow(filter, allowed, ARRAY_LEN(allowed)));
    if (quoter)
        TRY(allow(filter, allowed_to_quoter, ARRAY_LEN(allowed_to_quoter)));
    /* Memory of its own only: no file is mapped, and nothing that is written is ever executed. */
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                         SCMP_A3_32(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS)) != 0)
        return STATUS_UNSUPPORTED;
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) !=
        0)
        return STATUS_UNSUPPORTED;
    return seccomp_load(filter) == 0 ? STATUS_OK : STATUS_UNSUPPORTED;
}

static bool give_up_privileges(void)
{
    const struct rlimit none = {0, 0};

    return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

enum status lock_in(enum confinement confinement)
{
    const bool given_up = give_up_privileges();

    if (confinement == CONFINED_BY_GRAMINE)
        return STATUS_OK;
    return given_up ? load_filter(confinement == CONFINED_QUOTER) : STATUS_UNSUPPORTED;
}
