/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON of model files: any bytes give a tree that can be walked and searched, or a refusal that names a byte. */
#include "import/json.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(const struct ic_json *v, size_t size, uint32_t depth)
{
    size_t n = 1;
    if (v->at >= size || depth > 60)
        __builtin_trap();
    if (v->kind == IC_JSON_TEXT && strlen(v->u.text) != v->n)
        __builtin_trap();
    for (uint32_t i = 0; (v->kind == IC_JSON_LIST || v->kind == IC_JSON_OBJECT) && i < v->n; ++i) {
        const struct ic_json *item = &v->u.items[i];
        if (v->kind == IC_JSON_OBJECT && ic_json_get(v, item->key) != item)
            __builtin_trap();
        n += walk(item, size, depth + 1);
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_arena arena = {.limit_bytes = (size_t)64 << 20};
    struct ic_diag d = {0};
    const struct ic_json *v = NULL;
    if (ic_json_read(data, size, "fuzz.json", 50, &arena, &v, &d) == IC_OK)
        (void)walk(v, size, 0);
    else if (!strstr(d.text, "byte"))
        __builtin_trap();
    ic_arena_destroy(&arena);
    return 0;
}
