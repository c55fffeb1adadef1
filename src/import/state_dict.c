/* SPDX-License-Identifier: Apache-2.0 */
#include "import/state_dict.h"

#include "base/checked.h"
#include "import/torchscript/eval.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_PICKLE_BYTES (64u << 20)
#define MAX_HEADER_BYTES (64u << 20)

static enum ic_status no_memory(const struct ic_state_dict *s, struct ic_diag *d)
{
    return ic_fail(d, IC_ERR_MEMORY, "no memory to read %s", s->what);
}

/* ---- pickles ---- */
static bool is_tensor(const struct ic_pickle_value *v)
{
    return ic_pickle_is_call(v, "torch._utils", "_rebuild_tensor_v2") || ic_pickle_is_call(v, "torch._utils", "_rebuild_tensor") ||
           ic_pickle_is_call(v, "torch._utils", "_rebuild_parameter");
}

static size_t count_tensors(const struct ic_pickle_value *v)
{
    size_t n = 0;
    for (size_t i = 0; v->kind == IC_PICKLE_DICT && i + 1 < v->n_items; i += 2)
        n += v->items[i]->kind == IC_PICKLE_TEXT && is_tensor(v->items[i + 1]);
    return n;
}

/* The dict of tensors: the whole value, or the one that a training checkpoint keeps beside its optimizer. */
static const struct ic_pickle_value *find_dict(struct ic_state_dict *s, const struct ic_pickle_value *v)
{
    static const char *const usual[] = {"state_dict", "model_state_dict", "model_state", "model", "net", "weights", "params"};
    if (count_tensors(v))
        return v;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; ++i) {
        const struct ic_pickle_value *inner = v->kind == IC_PICKLE_DICT ? ic_pickle_dict_get(v, usual[i]) : NULL;
        if (inner && count_tensors(inner)) {
            s->within = usual[i];
            return inner;
        }
    }
    return NULL;
}

static enum ic_status add_pickled(struct ic_state_dict *s, const struct ic_pickle_value *v, struct ic_diag *d)
{
    const struct ic_pickle_value *dict = find_dict(s, v);
    if (!dict)
        return ic_fail(
            d, IC_E_NOT_WEIGHTS,
            "%s holds no state dict (names and tensors). In the Python program that made it: torch.save(model.state_dict(), "
            "\"weights.pth\")",
            s->what);
    s->entries = ic_arena_array(s->arena, count_tensors(dict), sizeof *s->entries);
    if (!s->entries)
        return no_memory(s, d);
    for (size_t i = 0; i + 1 < dict->n_items; i += 2) {
        struct ic_pickle_value *tensor = dict->items[i + 1];
        if (dict->items[i]->kind != IC_PICKLE_TEXT || !is_tensor(tensor))
            continue;
        for (int k = 0; k < 4 && ic_pickle_is_call(tensor, "torch._utils", "_rebuild_parameter") &&
                        tensor->items[1]->kind == IC_PICKLE_TUPLE && tensor->items[1]->n_items;
             ++k)
            tensor = tensor->items[1]->items[0];
        if (ic_pickle_is_call(tensor, "torch._utils", "_rebuild_tensor_v2") ||
            ic_pickle_is_call(tensor, "torch._utils", "_rebuild_tensor"))
            s->entries[s->n++] = (struct ic_state_entry){.name = dict->items[i]->text, .tensor = tensor};
    }
    return IC_OK;
}

static enum ic_status open_zip(struct ic_state_dict *s, const struct ic_model_identity *id, const struct ic_import_limits *limits,
                               struct ic_diag *d)
{
    const char *name = ic_arena_printf(s->arena, "%sdata.pkl", id->top);
    struct ic_pickle_options o = {.foreign_classes = true, .max_depth = limits->max_depth, .what = "data.pkl"};
    struct ic_pickle_value *v = NULL;
    const uint8_t *p = NULL;
    s->archive.zip = id->zip;
    s->archive.top = id->top;
    struct ic_zipfile_member *m = name ? ic_zipfile_find(&s->archive.zip, name) : NULL;
    if (!m)
        return name ? ic_fail(d, IC_E_TENSOR, "%s has no data.pkl", s->what) : no_memory(s, d);
    IC_TRY(ic_ts_check_byte_order(&s->archive, d));
    IC_TRY(ic_zipfile_read(&s->archive.zip, m, MAX_PICKLE_BYTES, &p, d));
    o.file_offset = m->method == 0 ? m->data_offset : 0;
    IC_TRY(ic_pickle_read(p, m->size_bytes, &o, s->archive.arena, &v, NULL, d));
    return add_pickled(s, v, d);
}

/* ---- the form before 1.6: four pickles, the list of storages, their elements one after another ---- */

static enum ic_status count_storages(struct ic_state_dict *s, struct ic_pickle_value *keys, struct ic_ts_loose_storage *out,
                                     struct ic_diag *d)
{
    for (size_t i = 0; i < keys->n_items; ++i) {
        if (keys->items[i]->kind != IC_PICKLE_TEXT)
            return ic_fail(d, IC_E_TENSOR, "%s: byte %zu: a storage's name is no text; the file is damaged", s->what,
                           keys->items[i]->at);
        out[i].key = keys->items[i]->text;
        if (!ic_name_index_put(&s->archive.loose_index, s->arena, out[i].key, (uint32_t)i))
            return no_memory(s, d);
    }
    for (size_t i = 0; i < s->n; ++i) { /* which element type a storage has, the tensors say */
        const char *key = NULL;
        int32_t dtype = 0;
        if (!ic_ts_storage_of(s->entries[i].tensor, &key, &dtype))
            continue;
        const uint32_t *at = ic_name_index_find(&s->archive.loose_index, key);
        if (at)
            out[*at].element_bytes = ic_ts_dtype_bytes(dtype);
    }
    return IC_OK;
}

static enum ic_status place_storages(struct ic_state_dict *s, struct ic_ts_loose_storage *list, size_t n, const uint8_t *bytes,
                                     size_t size_bytes, size_t at, struct ic_diag *d)
{
    for (size_t i = 0; i < n; ++i) {
        uint64_t count = 0;
        size_t length = 0;
        for (int k = 0; k < 8 && size_bytes - at >= 8; ++k)
            count |= (uint64_t)bytes[at + (size_t)k] << 8 * k;
        if (list[i].element_bytes == 0)
            return ic_fail(d, IC_E_TORCH_VARIANT,
                           "%s: storage \"%.40s\" belongs to no tensor of the state dict, so that its size is not known; save it "
                           "again with torch.save(model.state_dict(), \"weights.pth\")",
                           s->what, list[i].key);
        if (size_bytes - at < 8 || count > SIZE_MAX / 16 || !ic_mul_size((size_t)count, list[i].element_bytes, &length) ||
            length > size_bytes - at - 8)
            return ic_fail(d, IC_E_TENSOR, "%s: byte %zu: the file ends within a storage; copy or save it again", s->what, at);
        list[i].bytes = bytes + at + 8;
        list[i].size_bytes = length;
        at += 8 + length;
    }
    return IC_OK;
}

static enum ic_status open_legacy(struct ic_state_dict *s, const void *bytes, size_t size_bytes,
                                  const struct ic_import_limits *limits, struct ic_diag *d)
{
    struct ic_pickle_options o = {.foreign_classes = true, .max_depth = limits->max_depth, .what = "pickle"};
    struct ic_pickle_value *v[5] = {NULL};
    size_t at = 0, used = 0;
    for (int i = 0; i < 5; ++i, at += used) { /* magic, protocol, system, object, keys of storages */
        o.file_offset = at;
        IC_TRY(ic_pickle_read((const uint8_t *)bytes + at, size_bytes - at, &o, s->arena, &v[i], &used, d));
    }
    IC_TRY(add_pickled(s, v[3], d));
    if (v[4]->kind != IC_PICKLE_LIST || v[4]->n_items > UINT32_MAX / 2)
        return ic_fail(d, IC_E_TENSOR, "%s: byte %zu: a list of storages is expected; the file is damaged", s->what, v[4]->at);
    struct ic_ts_loose_storage *list = ic_arena_array(s->arena, v[4]->n_items + 1, sizeof *list);
    if (!list)
        return no_memory(s, d);
    IC_TRY(count_storages(s, v[4], list, d));
    s->archive.loose = list;
    return place_storages(s, list, v[4]->n_items, bytes, size_bytes, at, d);
}

/* ---- safetensors: u64 length, a JSON object, the elements ---- */
static enum ic_status open_safetensors(struct ic_state_dict *s, const uint8_t *bytes, size_t size_bytes,
                                       const struct ic_import_limits *limits, struct ic_diag *d)
{
    uint64_t length = 0;
    const struct ic_json *header = NULL;
    for (int k = 0; k < 8 && size_bytes >= 8; ++k)
        length |= (uint64_t)bytes[k] << 8 * k;
    if (size_bytes < 8 || length > size_bytes - 8 || length > MAX_HEADER_BYTES)
        return ic_fail(d, IC_E_TENSOR, "%s: the header should have %" PRIu64 " byte%s, the file has %zu; copy or download it again",
                       s->what, length, IC_S(length), size_bytes);
    IC_TRY(ic_json_read(bytes + 8, (size_t)length, s->what, limits->max_depth, s->arena, &header, d));
    if (header->kind != IC_JSON_OBJECT)
        return ic_fail(d, IC_E_TENSOR, "%s: the header is %s, an object is expected", s->what, ic_json_kind_name(header->kind));
    s->tensors = bytes + 8 + length;
    s->tensor_bytes = size_bytes - 8 - (size_t)length;
    s->entries = ic_arena_array(s->arena, (size_t)header->n + 1, sizeof *s->entries);
    if (!s->entries)
        return no_memory(s, d);
    for (uint32_t i = 0; i < header->n; ++i)
        if (strcmp(header->u.items[i].key, "__metadata__") != 0)
            s->entries[s->n++] = (struct ic_state_entry){.name = header->u.items[i].key, .header = &header->u.items[i]};
    return IC_OK;
}

static int32_t safetensors_type(const char *name)
{
    static const struct {
        const char *name;
        int32_t dtype;
    } types[] = {{"F32", IC_TS_F32}, {"F16", IC_TS_F16}, {"BF16", IC_TS_BF16}, {"F64", IC_TS_F64}, {"I64", IC_TS_S64},
                 {"I32", IC_TS_S32}, {"I16", IC_TS_S16}, {"I8", IC_TS_S8},     {"U8", IC_TS_U8},   {"BOOL", IC_TS_BOOL}};
    for (size_t i = 0; i < sizeof types / sizeof *types; ++i)
        if (strcmp(types[i].name, name) == 0)
            return types[i].dtype;
    return -1;
}

static enum ic_status read_safetensor(struct ic_state_dict *s, const struct ic_state_entry *e, struct ic_ts_weight *out,
                                      struct ic_diag *d)
{
    const struct ic_json *shape = ic_json_get_kind(e->header, "shape", IC_JSON_LIST);
    const struct ic_json *range = ic_json_get_kind(e->header, "data_offsets", IC_JSON_LIST);
    const char *type = ic_json_get_text(e->header, "dtype", "");
    char where[96];
    snprintf(where, sizeof where, "tensor %.80s", e->name);
    out->dtype = safetensors_type(type);
    if (out->dtype < 0)
        return ic_fail(d, IC_E_ELEMENT_TYPE, "%s: elements of type \"%.20s\" are not supported; convert them to float32", where,
                       type);
    bool good = shape && shape->n <= IC_IR_MAX_RANK && range && range->n == 2 && range->u.items[0].kind == IC_JSON_INT &&
                range->u.items[1].kind == IC_JSON_INT;
    int64_t elements = 1;
    for (uint32_t i = 0; good && i < shape->n; ++i) {
        good = shape->u.items[i].kind == IC_JSON_INT && shape->u.items[i].u.i >= 0;
        out->dims[i] = good ? shape->u.items[i].u.i : 0;
    }
    out->rank = good ? (int32_t)shape->n : 0;
    for (int32_t i = out->rank; good && i-- > 0;) {
        out->strides[i] = elements;
        good = ic_mul_i64(elements, out->dims[i] ? out->dims[i] : 1, &elements);
    }
    const int64_t from = good ? range->u.items[0].u.i : -1, to = good ? range->u.items[1].u.i : -1;
    if (!good || from < 0 || to < from || (uint64_t)to > s->tensor_bytes)
        return ic_fail(d, IC_E_TENSOR,
                       "%s: a shape and two offsets within the %zu bytes of the file are expected; the file is damaged", where,
                       s->tensor_bytes);
    out->bytes = s->tensors + from;
    out->storage_bytes = (size_t)(to - from);
    return ic_ts_check_weight_bounds(out, where, d);
}

/* ---- the whole ---- */
/* Wrappers put their own name before every other: DataParallel "module.", torch.compile "_orig_mod.". */
static void drop_prefixes(struct ic_state_dict *s, struct ic_diag *d)
{
    static const char *const prefixes[] = {"module.", "_orig_mod."};
    for (size_t k = 0; k < sizeof prefixes / sizeof *prefixes; ++k) {
        const size_t n = strlen(prefixes[k]);
        bool all = s->n > 0;
        for (size_t i = 0; i < s->n; ++i)
            all = all && strncmp(s->entries[i].name, prefixes[k], n) == 0;
        for (size_t i = 0; all && i < s->n; ++i)
            s->entries[i].name += n;
        if (all)
            ic_say(d, 'I', "%s: every name starts with \"%s\", which is left out", s->what, prefixes[k]);
    }
}

static enum ic_status open_any(const void *bytes, size_t size_bytes, const struct ic_import_limits *limits,
                               struct ic_state_dict *out, struct ic_diag *d)
{
    struct ic_model_identity id;
    struct ic_arena *const arena = out->arena;
    ic_import_identify(bytes, size_bytes, limits, arena, &id, d ? d->log : NULL);
    if (id.kind == IC_MODEL_TORCH_PICKLE && !id.damage)
        IC_TRY(open_zip(out, &id, limits, d));
    else if (id.kind == IC_MODEL_TORCH_LEGACY)
        IC_TRY(open_legacy(out, bytes, size_bytes, limits, d));
    else if (id.kind == IC_MODEL_SAFETENSORS)
        IC_TRY(open_safetensors(out, bytes, size_bytes, limits, d));
    else
        return ic_fail(
            d, id.damage ? id.damage_cause : IC_E_NOT_WEIGHTS,
            "%s is no file of weights (%s%s): a state dict is wanted, as torch.save(model.state_dict(), \"weights.pth\") "
            "writes it, or safetensors",
            out->what, id.damage ? "a zip archive that cannot be read: " : "", id.damage ? id.damage : ic_model_kind_name(id.kind));
    drop_prefixes(out, d);
    for (size_t i = 0; i < out->n; ++i)
        if (!ic_name_index_put(&out->index, arena, out->entries[i].name, (uint32_t)i))
            return no_memory(out, d);
    return IC_OK;
}

enum ic_status ic_state_open(const void *bytes, size_t size_bytes, const char *what, const struct ic_import_limits *limits,
                             struct ic_arena *arena, struct ic_state_dict *out, struct ic_diag *d)
{
    *out = (struct ic_state_dict){.what = what, .arena = arena, .archive = {.arena = arena, .top = ""}};
    const enum ic_status status = open_any(bytes, size_bytes, limits, out, d);
    if (status != IC_OK)
        ic_diag_name_file(d, what);
    return status;
}

struct ic_state_entry *ic_state_find(const struct ic_state_dict *s, const char *name)
{
    const uint32_t *i = ic_name_index_find(&s->index, name);
    return i ? &s->entries[*i] : NULL;
}

enum ic_status ic_state_tensor(struct ic_state_dict *s, const struct ic_state_entry *e, struct ic_ts_weight *out, struct ic_diag *d)
{
    *out = (struct ic_ts_weight){0};
    const enum ic_status status = e->header ? read_safetensor(s, e, out, d)
                                            : ic_ts_archive_weight(&s->archive, e->tensor, "data/", out, d);
    if (status != IC_OK)
        ic_diag_name_file(d, s->what);
    return status;
}
