/* config_sample.c: config_print_sample. See config.h. */
#include "config.h"

#include <string.h>

/* Every line of the documentation becomes a comment. */
static void print_doc(const char *doc, FILE *out)
{
    while (doc != NULL && *doc != '\0') {
        size_t length = strcspn(doc, "\n");

        fprintf(out, "# %.*s\n", (int)length, doc);
        doc += length + (doc[length] == '\n');
    }
}

static void print_key(const struct config_key *key, const char *value, bool commented, FILE *out)
{
    const bool some = value != NULL && value[0] != '\0';

    print_doc(key->doc, out);
    fprintf(out, "%s%s%s%s\n\n", commented ? "#" : "", key->name, some ? " " : "", some ? value : "");
}

static const struct config_block_kind *find_kind(const struct config_key *key, const char *value)
{
    for (size_t i = 0; value != NULL && key->kinds[i] != NULL; i++)
        if (strcmp(key->kinds[i]->value, value) == 0)
            return key->kinds[i];
    return NULL;
}

static void print_block(const struct config_key *key, const char *value, FILE *out)
{
    const struct config_block_kind *kind = find_kind(key, value);

    if (kind == NULL)
        kind = find_kind(key, key->sample);
    if (kind == NULL)
        kind = key->kinds[0];
    print_key(key, kind->value, !key->required, out);
    for (const struct config_key *inner = kind->keys; inner->name != NULL; inner++)
        print_key(inner, inner->sample, !key->required || !inner->required, out);
}

void config_print_sample(const struct config_key *keys, const char *kind, FILE *out)
{
    for (const struct config_key *key = keys; key->name != NULL; key++) {
        if (key->type == CONFIG_BLOCK)
            print_block(key, kind, out);
        else
            print_key(key, key->sample, !key->required, out);
    }
}
