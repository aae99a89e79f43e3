/* policy_kind.c: see policy_kind.h. */
#include "policy_kind.h"

#include <stdarg.h>

/* A kind is a row here and two files of its own. */
static const struct policy_kind *const rows[] = {&policy_sim, &policy_sgx, &policy_tdx,
                                                 &policy_snp, &policy_psa, &policy_tpm};

const struct config_block_kind *const policy_kinds[] = {
    &policy_sim.text, &policy_sgx.text, &policy_tdx.text, &policy_snp.text, &policy_psa.text, &policy_tpm.text, NULL,
};

const struct policy_kind *policy_kind_find(struct view kind)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (view_equal(kind, view_of_string(rows[i]->text.value)))
            return rows[i];
    return NULL;
}

bool policy_has(const struct policy_block *block, const char *key)
{
    return config_line_of(block->block->kind->keys, block->block->standing, key) > 0;
}

enum status policy_refuse(const struct policy_block *block, const char *key, const char *format, ...)
{
    const struct config_block *at = block->block;
    const unsigned int line = key == NULL ? 0 : config_line_of(at->kind->keys, at->standing, key);
    struct reason what;
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(what.text, sizeof what.text, format, arguments);
    va_end(arguments);
    return config_refuse(block->source, line > 0 ? line : at->line, block->reason, "%s %s: %s", block->name, at->value,
                         what.text);
}

void policy_warn_of(const struct policy_warner *to, const char *format, ...)
{
    va_list arguments;

    fprintf(to->out, "WARNING: %s %s", to->who, to->kind);
    if (to->number > 0)
        fprintf(to->out, " (block %u)", (unsigned int)to->number);
    fputs(": ", to->out);
    va_start(arguments, format);
    (void)vfprintf(to->out, format, arguments);
    va_end(arguments);
    fputc('\n', to->out);
}
