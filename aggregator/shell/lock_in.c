/* lock_in.c: after this the process can compute, read its stdin, write its stdout, and nothing else. */
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

static void release_filter(scmp_filter_ctx *filter)
{
    if (*filter != NULL)
        seccomp_release(*filter);
}

static enum status load_filter(void)
{
    CLEANUP(release_filter) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

    if (filter == NULL)
        return STATUS_NO_SPACE;
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) != 0)
            return STATUS_UNSUPPORTED;
    /* Memory of its own only: no file is mapped, and nothing that is written is ever executed. */
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                         SCMP_A3_32(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS)) != 0)
        return STATUS_UNSUPPORTED;
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) !=
        0)
        return STATUS_UNSUPPORTED;
    return seccomp_load(filter) == 0 ? STATUS_OK : STATUS_UNSUPPORTED;
}

enum status lock_in(void)
{
    const struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return STATUS_UNSUPPORTED;
    return load_filter();
}
