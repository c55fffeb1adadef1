/* SPDX-License-Identifier: Apache-2.0
 *
 * Tensors of the pickles: storages in members of their own, seen through offset, sizes and strides.
 */
#include "import/torchscript/archive.h"

#include "base/checked.h"
#include "import/torchscript/eval.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *storage; /* "FloatStorage" without the end */
    const char *name;
    int32_t dtype;
    uint8_t size_bytes;
} types[] = {
    {"Byte", "uint8", IC_TS_U8, 1},
    {"Char", "int8", IC_TS_S8, 1},
    {"Short", "int16", IC_TS_S16, 2},
    {"Int", "int32", IC_TS_S32, 4},
    {"Long", "int64", IC_TS_S64, 8},
    {"Half", "float16", IC_TS_F16, 2},
    {"Float", "float32", IC_TS_F32, 4},
    {"Double", "float64", IC_TS_F64, 8},
    {"Bool", "bool", IC_TS_BOOL, 1},
    {"BFloat16", "bfloat16", IC_TS_BF16, 2},
    {"QInt8", "qint8", IC_TS_QS8, 1},
    {"QUInt8", "quint8", IC_TS_QU8, 1},
    {"QInt32", "qint32", IC_TS_QS32, 4},
    {"ComplexHalf", "complex32", IC_TS_C32, 4},
    {"ComplexFloat", "complex64", IC_TS_C64, 8},
    {"ComplexDouble", "complex128", IC_TS_C128, 16},
};
enum { N_TYPES = sizeof types / sizeof *types };

size_t ic_ts_dtype_bytes(int32_t dtype)
{
    for (int i = 0; i < N_TYPES; ++i)
        if (types[i].dtype == dtype)
            return types[i].size_bytes;
    return 0;
}

const char *ic_ts_dtype_name(int32_t dtype)
{
    for (int i = 0; i < N_TYPES; ++i)
        if (types[i].dtype == dtype)
            return types[i].name;
    return "?";
}

static bool storage_type(const struct ic_pickle_value *v, int32_t *out)
{
    for (int i = 0; i < N_TYPES; ++i) {
        const size_t n = strlen(types[i].storage);
        if (strncmp(v->text, types[i].storage, n) == 0 && strcmp(v->text + n, "Storage") == 0) {
            *out = types[i].dtype;
            return true;
        }
    }
    return false;
}

static bool key_is_plain(const char *key)
{
    if (!*key || *key == '.' || strlen(key) > 200)
        return false;
    for (; *key; ++key) /* a dot within: "0.storage" of lite interpreter archives */
        if (!((*key == '.' && key[1] != '.') || (*key >= '0' && *key <= '9') || (*key >= 'a' && *key <= 'z') ||
              (*key >= 'A' && *key <= 'Z') || *key == '_' || *key == '-'))
            return false;
    return true;
}

static const struct ic_pickle_value *storage_id(const struct ic_pickle_value *v)
{
    const struct ic_pickle_value *id = v->kind == IC_PICKLE_PERSISTENT ? v->items[0] : NULL;
    const bool good = id && id->kind == IC_PICKLE_TUPLE && id->n_items >= 5 && id->items[1]->kind == IC_PICKLE_GLOBAL &&
                      id->items[2]->kind == IC_PICKLE_TEXT && id->items[3]->kind == IC_PICKLE_TEXT &&
                      id->items[4]->kind == IC_PICKLE_INT;
    return good ? id : NULL;
}

bool ic_ts_storage_of(const struct ic_pickle_value *v, const char **out_key, int32_t *out_dtype)
{
    const struct ic_pickle_value *args = v->kind == IC_PICKLE_CALL ? v->items[1] : NULL;
    const struct ic_pickle_value *id = args && args->kind == IC_PICKLE_TUPLE && args->n_items ? storage_id(args->items[0]) : NULL;
    if (!id || !storage_type(id->items[1], out_dtype))
        return false;
    *out_key = id->items[2]->text;
    return true;
}

static enum ic_status loose_storage(const struct ic_ts_archive *a, const struct ic_pickle_value *id, struct ic_ts_weight *out,
                                    struct ic_diag *d)
{
    const uint32_t *i = ic_name_index_find(&a->loose_index, id->items[2]->text);
    size_t need = 0;
    if (!i)
        return ic_fail(d, IC_E_TENSOR, "byte %zu of the file: a tensor of a storage that the file does not have; it is damaged",
                       id->at);
    const struct ic_ts_loose_storage *const s = &a->loose[*i];
    if (id->items[4]->i < 0 || !ic_mul_size((size_t)id->items[4]->i, ic_ts_dtype_bytes(out->dtype), &need) || need > s->size_bytes)
        return ic_fail(d, IC_E_TENSOR, "byte %zu of the file: a storage of %" PRId64 " %s elements has %zu bytes", id->at,
                       id->items[4]->i, ic_ts_dtype_name(out->dtype), s->size_bytes);
    out->bytes = s->bytes;
    out->storage_bytes = need;
    return IC_OK;
}

/* ('storage', torch.FloatStorage, '0', 'cpu', 7840) */
static enum ic_status read_storage(struct ic_ts_archive *a, const struct ic_pickle_value *v, const char *folder,
                                   struct ic_ts_weight *out, struct ic_diag *d)
{
    const struct ic_pickle_value *id = storage_id(v);
    if (!id)
        return ic_fail(d, IC_E_TENSOR, "byte %zu of the file: a tensor without a storage", v->at);
    if (!storage_type(id->items[1], &out->dtype))
        return ic_fail(d, IC_E_ELEMENT_TYPE,
                       "byte %zu of the file: tensors of type torch.%s are not supported; convert them to float32 before saving "
                       "(model.float())",
                       id->items[1]->at, id->items[1]->text);
    const char *key = id->items[2]->text;
    if (!key_is_plain(key))
        return ic_fail(d, IC_E_TENSOR,
                       "byte %zu of the file: a storage's name is no plain word; the file is damaged or made to deceive", id->at);
    out->on_gpu = strncmp(id->items[3]->text, "cpu", 3) != 0;
    if (a->loose)
        return loose_storage(a, id, out, d);
    const char *name = ic_arena_printf(a->arena, "%s%s%s", a->top, folder, key);
    struct ic_zipfile_member *m = name ? ic_zipfile_find(&a->zip, name) : NULL;
    if (!m)
        return ic_fail(
            d, name ? (int)IC_E_ARCHIVE : (int)IC_ERR_MEMORY,
            "the archive has no member \"%s%s%s\" with the numbers of a tensor; the file is incomplete: copy or save it again",
            a->top, folder, key);
    size_t need = 0;
    if (id->items[4]->i < 0 || !ic_mul_size((size_t)id->items[4]->i, ic_ts_dtype_bytes(out->dtype), &need) || need > m->size_bytes)
        return ic_fail(d, IC_E_TENSOR, "member \"%s\" has %zu bytes, its storage of %" PRId64 " %s elements needs %zu", m->name,
                       m->size_bytes, id->items[4]->i, ic_ts_dtype_name(out->dtype), need);
    out->storage_bytes = need;
    return ic_zipfile_read(&a->zip, m, 0, &out->bytes, d);
}

static bool read_ints(const struct ic_pickle_value *v, int64_t *out, int32_t *out_n)
{
    if ((v->kind != IC_PICKLE_TUPLE && v->kind != IC_PICKLE_LIST) || v->n_items > IC_IR_MAX_RANK)
        return false;
    for (size_t i = 0; i < v->n_items; ++i) {
        if (v->items[i]->kind != IC_PICKLE_INT)
            return false;
        out[i] = v->items[i]->i;
    }
    *out_n = (int32_t)v->n_items;
    return true;
}

enum ic_status ic_ts_check_weight_bounds(const struct ic_ts_weight *w, const char *where, struct ic_diag *d)
{
    const size_t size = ic_ts_dtype_bytes(w->dtype);
    int64_t last = w->offset, elements = 1;
    bool good = w->offset >= 0;
    for (int32_t i = 0; i < w->rank; ++i) {
        int64_t reach = 0;
        good = good && w->dims[i] >= 0 && w->dims[i] <= INT32_MAX && w->strides[i] >= 0 &&
               ic_mul_i64(elements, w->dims[i], &elements) &&
               ic_mul_i64(w->dims[i] > 0 ? w->dims[i] - 1 : 0, w->strides[i], &reach) && ic_add_i64(last, reach, &last);
    }
    if (good && elements == 0)
        return IC_OK;
    if (!good || (uint64_t)last >= w->storage_bytes / size)
        return ic_fail(d, IC_E_TENSOR,
                       "%s: a tensor (rank %d, offset %" PRId64 ", first size %" PRId64 ", first stride %" PRId64
                       ") leaves its storage of %zu elements; the file is damaged",
                       where, w->rank, w->offset, w->rank ? w->dims[0] : 1, w->rank ? w->strides[0] : 0, w->storage_bytes / size);
    /* A stride of zero repeats elements: keep what that can cost in proportion to the file. */
    if (elements > (int64_t)1 << 24 && (uint64_t)elements / 16 > w->storage_bytes / size)
        return ic_fail(d, IC_E_TENSOR_SIZE, "%s: a tensor of %" PRId64 " elements", where, elements);
    return IC_OK;
}

enum ic_status ic_ts_archive_weight(struct ic_ts_archive *a, const struct ic_pickle_value *v, const char *folder,
                                    struct ic_ts_weight *out, struct ic_diag *d)
{
    *out = (struct ic_ts_weight){0};
    const struct ic_pickle_value *args = v->items[1];
    if (args->kind != IC_PICKLE_TUPLE || args->n_items < 4 || args->items[1]->kind != IC_PICKLE_INT)
        return ic_fail(d, IC_E_TENSOR, "byte %zu of the file: a tensor with wrong arguments", v->at);
    int32_t n_strides = 0;
    if (!read_ints(args->items[2], out->dims, &out->rank) || !read_ints(args->items[3], out->strides, &n_strides) ||
        n_strides != out->rank)
        return ic_fail(d, IC_E_TENSOR,
                       "byte %zu of the file: a tensor's sizes and strides are not two lists of at most %d integers each", v->at,
                       IC_IR_MAX_RANK);
    out->offset = args->items[1]->i;
    IC_TRY(read_storage(a, args->items[0], folder, out, d));
    char where[64];
    snprintf(where, sizeof where, "byte %zu of the file", v->at);
    return ic_ts_check_weight_bounds(out, where, d);
}
