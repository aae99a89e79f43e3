/* vector_files.h: evidence of real devices, which stands outside of the tree: in $TACIT_VECTORS, or ../shared/vectors. */
#ifndef SUPPORT_VECTOR_FILES_H
#define SUPPORT_VECTOR_FILES_H

#include <cjson/cJSON.h>

#include "base.h"

/** The parsed expected.json of a folder, to be freed with cJSON_Delete; NULL, with a message, when there is none. */
cJSON *vector_expected(const char *folder);

/** A file's bytes, appended to memory. Fails the test when it cannot be read or does not fit. */
struct view vector_file(const char *folder, const char *name, struct buf *memory);

/** An item's text, or NULL when it is not there. */
const char *vector_text(const cJSON *object, const char *name);

#endif
