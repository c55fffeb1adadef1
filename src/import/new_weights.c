/* SPDX-License-Identifier: Apache-2.0 */
#include "import/new_weights.h"

#include "import/torchscript/aten.h"
#include "import/torchscript/complex.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum ic_status ic_new_weights_open(const void *bytes, size_t size_bytes, const char *what, const struct ic_import_limits *limits,
                                   struct ic_arena *arena, struct ic_new_weights *out, struct ic_diag *d)
{
    *out = (struct ic_new_weights){.n_missing = 0};
    return ic_state_open(bytes, size_bytes, what, limits, arena, &out->dict, d);
}

/* Counted while training; nothing reads it afterwards. */
static bool is_counter(const char *name)
{
    static const char end[] = "num_batches_tracked";
    const size_t n = strlen(name);
    return n >= sizeof end - 1 && strcmp(name + n - (sizeof end - 1), end) == 0;
}

static void add_name(char *list, size_t room, size_t index, const char *name)
{
    const size_t at = strlen(list);
    if (index < 5 && at + 70 < room)
        snprintf(list + at, room - at, "%s%.60s", at ? ", " : "", name);
}

static void shape_text(char *room, size_t room_bytes, int32_t rank, const int64_t *dims)
{
    size_t n = (size_t)snprintf(room, room_bytes, "[");
    for (int32_t i = 0; i < rank && n + 24 < room_bytes; ++i)
        n += (size_t)snprintf(room + n, room_bytes - n, "%s%" PRId64, i ? ", " : "", dims[i]);
    snprintf(room + n, room_bytes - n, "]");
}

enum ic_status ic_new_weights_take(struct ic_new_weights *w, const char *name, int32_t dtype, int32_t rank, const int64_t *dims,
                                   bool optional, struct ic_ts_weight *out, bool *found, struct ic_diag *d)
{
    struct ic_state_entry *e = ic_state_find(&w->dict, name);
    char own[200], new[200];
    *found = e != NULL;
    if (!e) {
        if (!optional && !is_counter(name))
            add_name(w->missing, sizeof w->missing, w->n_missing++, name);
        return IC_OK;
    }
    e->used = true;
    w->n_taken++;
    IC_TRY(ic_state_tensor(&w->dict, e, out, d));
    shape_text(own, sizeof own, rank, dims);
    shape_text(new, sizeof new, out->rank, out->dims);
    if (rank != out->rank || memcmp(dims, out->dims, (size_t)rank * sizeof *dims) != 0)
        return ic_fail(d, IC_E_WEIGHTS_DIFFER,
                       "%s: \"%.100s\" has the shape %s, in the network it has %s: the weights are those of another network",
                       w->dict.what, name, new, own);
    if (ic_ts_is_float(dtype) != ic_ts_is_float(out->dtype) || (ic_ts_part_type(dtype) >= 0) != (ic_ts_part_type(out->dtype) >= 0))
        return ic_fail(d, IC_E_WEIGHTS_DIFFER, "%s: \"%.100s\" holds %s, in the network it is %s", w->dict.what, name,
                       ic_ts_dtype_name(out->dtype), ic_ts_dtype_name(dtype));
    return IC_OK;
}

void ic_new_weights_same(struct ic_new_weights *w, const char *name)
{
    struct ic_state_entry *e = ic_state_find(&w->dict, name);
    if (e)
        e->used = true;
}

enum ic_status ic_new_weights_check(const struct ic_new_weights *w, struct ic_diag *d)
{
    char extra[400] = "";
    size_t n_extra = 0;
    for (size_t i = 0; i < w->dict.n; ++i)
        if (!w->dict.entries[i].used && !is_counter(w->dict.entries[i].name))
            add_name(extra, sizeof extra, n_extra++, w->dict.entries[i].name);
    if (w->n_missing || n_extra)
        return ic_fail(d, IC_E_WEIGHTS_DIFFER, "%s does not fit the network:%s%.0zu%s%s%s%s%s%.0zu%s%s%s%s", w->dict.what,
                       w->n_missing ? " it lacks " : "", w->n_missing, w->n_missing ? " names (" : "", w->missing,
                       w->n_missing > 5 ? " ..." : "", w->n_missing ? ")" : "",
                       n_extra ? (w->n_missing ? " and has " : " it has ") : "", n_extra,
                       n_extra ? " that the network does not have (" : "", extra, n_extra > 5 ? " ..." : "", n_extra ? ")" : "");
    ic_say(d, 'I', "%zu tensors taken from %s", w->n_taken, w->dict.what);
    return IC_OK;
}

void ic_new_weights_floats(const struct ic_ts_weight *w, float *to)
{
    int64_t index[IC_IR_MAX_RANK] = {0}, n = 1, at = w->offset;
    for (int32_t i = 0; i < w->rank; ++i)
        n *= w->dims[i];
    for (int64_t i = 0; i < n; ++i) {
        to[i] = (float)ic_ts_get_number(w->dtype, w->bytes, at);
        for (int32_t axis = w->rank; axis-- > 0;) {
            at += w->strides[axis];
            if (++index[axis] < w->dims[axis])
                break;
            at -= w->strides[axis] * w->dims[axis];
            index[axis] = 0;
        }
    }
}
