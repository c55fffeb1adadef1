/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of weights: names, shapes, types.
 */
#include "cli/inspect.h"
#include "cli/json.h"

#include "import/state_dict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_text(const char *name, const struct ic_ts_weight *w, int width)
{
    char shape[200] = "scalar";
    size_t n = 0;
    for (int32_t i = 0; i < w->rank && n + 24 < sizeof shape; i++)
        n += (size_t)snprintf(shape + n, sizeof shape - n, "%s%" PRId64, i ? "x" : "", w->dims[i]);
    ic_cli_printf("  %-*s  %-8s  %s\n", width, name, ic_ts_dtype_name(w->dtype), shape);
}

static json_t *as_json(const char *name, const struct ic_ts_weight *w)
{
    json_t *dims = json_array();
    for (int32_t i = 0; i < w->rank; i++)
        json_array_append_new(dims, json_integer(w->dims[i]));
    return json_pack("{s:o, s:s, s:o}", "name", ic_json_text(name), "dtype", ic_ts_dtype_name(w->dtype), "shape", dims);
}

static int64_t elements(const struct ic_ts_weight *w)
{
    int64_t n = 1;
    for (int32_t i = 0; i < w->rank; i++)
        n *= w->dims[i];
    return n;
}

static enum ic_status list(struct ic_state_dict *s, const char *head, json_t *to, struct ic_diag *d)
{
    int64_t all = 0;
    int width = 0;
    for (size_t i = 0; i < s->n; i++) { /* a damaged file is not listed in part */
        struct ic_ts_weight w;
        IC_TRY(ic_state_tensor(s, &s->entries[i], &w, d));
        width = (int)strlen(s->entries[i].name) > width ? (int)strlen(s->entries[i].name) : width;
    }
    width = width > 60 ? 60 : width;
    if (!to)
        ic_cli_printf("%s\n", head);
    for (size_t i = 0; i < s->n; i++) {
        struct ic_ts_weight w;
        IC_TRY(ic_state_tensor(s, &s->entries[i], &w, d));
        all += elements(&w);
        if (to)
            json_array_append_new(to, as_json(s->entries[i].name, &w));
        else
            print_text(s->entries[i].name, &w, width);
    }
    if (!to)
        ic_cli_printf("%zu tensor%s%s%s%s, %" PRId64 " number%s; convert NETWORK --weights FILE puts them into a network\n", s->n,
                      IC_S(s->n), s->within ? " under \"" : "", s->within ? s->within : "", s->within ? "\"" : "", all, IC_S(all));
    return IC_OK;
}

enum ic_status ic_inspect_weights(const char *path, const struct ic_file_map *map, const struct ic_recognized *r, bool json,
                                  bool *listed, struct ic_diag *d)
{
    const struct ic_import_limits limits = ic_import_limits_default();
    struct ic_arena arena = {.limit_bytes = (size_t)limits.max_total_bytes};
    struct ic_state_dict s;
    struct ic_diag quiet = {0};
    enum ic_status status = IC_OK;
    *listed = ic_state_open(map->bytes, map->size_bytes, path, &limits, &arena, &s, &quiet) == IC_OK;
    if (*listed && json) {
        json_t *tensors = json_array();
        json_t *all = json_pack("{s:o, s:s, s:I, s:o}", "file", ic_json_text(path), "kind", r->format, "bytes",
                                (json_int_t)map->size_bytes, "tensors", tensors);
        status = list(&s, NULL, tensors, d);
        if (status == IC_OK)
            status = ic_cli_print_json(all, d);
        else
            json_decref(all);
    } else if (*listed) {
        const char *head = ic_arena_printf(&arena, "%s: %s, %.1f KB", path, r->format, (double)map->size_bytes / 1024.0);
        status = head ? list(&s, head, NULL, d) : ic_fail(d, IC_ERR_MEMORY, "no memory to list the file");
    }
    ic_arena_destroy(&arena);
    return status;
}
