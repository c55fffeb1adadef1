/* SPDX-License-Identifier: Apache-2.0 */
#include "import/pt2/package.h"

#include "import/torchscript/eval.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_JSON_BYTES (256u << 20)

int32_t ic_pt2_dtype(int64_t number)
{
    static const int32_t types[] = {-1,        IC_TS_U8,  IC_TS_S8,  IC_TS_S16, IC_TS_S32,  IC_TS_S64,  IC_TS_F16,
                                    IC_TS_F32, IC_TS_F64, IC_TS_C32, IC_TS_C64, IC_TS_C128, IC_TS_BOOL, IC_TS_BF16};
    return number >= 0 && number < (int64_t)(sizeof types / sizeof *types) ? types[number] : -1;
}

static enum ic_status no_memory(struct ic_diag *d)
{
    return ic_fail(d, IC_ERR_MEMORY, "no memory to read the package");
}

static struct ic_zipfile_member *find(struct ic_pt2_package *p, const char *name)
{
    const char *full = ic_arena_printf(p->archive.arena, "%s%s", p->archive.top, name);
    return full ? ic_zipfile_find(&p->archive.zip, full) : NULL;
}

static enum ic_status read_json(struct ic_pt2_package *p, struct ic_zipfile_member *m, const struct ic_json **out,
                                struct ic_diag *d)
{
    const uint8_t *bytes = NULL;
    IC_TRY(ic_zipfile_read(&p->archive.zip, m, MAX_JSON_BYTES, &bytes, d));
    return ic_json_read(bytes, m->size_bytes, m->name, p->limits->max_depth, p->archive.arena, out, d);
}

/* ---- tensors ---- */
static enum ic_status open_config(struct ic_pt2_package *p, struct ic_pt2_store *s, struct ic_zipfile_member *m, struct ic_diag *d)
{
    const struct ic_json *top = NULL;
    IC_TRY(read_json(p, m, &top, d));
    s->config_name = m->name;
    s->config = ic_json_get_kind(top, "config", IC_JSON_OBJECT);
    if (!s->config)
        s->config = top->kind == IC_JSON_OBJECT ? top : NULL; /* as the first releases wrote it */
    return s->config ? IC_OK
                     : ic_fail(d, IC_E_EXPORTED, "%s holds %s, a list of tensors by name is expected", m->name,
                               ic_json_kind_name(top->kind));
}

static enum ic_status open_dict(struct ic_pt2_package *p, struct ic_pt2_store *s, struct ic_zipfile_member *m, struct ic_diag *d)
{
    const uint8_t *bytes = NULL;
    struct ic_diag inner = {.log = d ? d->log : NULL};
    IC_TRY(ic_zipfile_read(&p->archive.zip, m, 0, &bytes, d));
    const enum ic_status status = ic_state_open(bytes, m->size_bytes, m->name, p->limits, p->archive.arena, &s->dict, &inner);
    if (status == IC_ERR_FORMAT) /* no tensor in it */
        return IC_OK;
    if (status != IC_OK)
        return ic_fail(d, inner.code, "%s", inner.text);
    s->has_dict = true;
    return IC_OK;
}

static enum ic_status open_store(struct ic_pt2_package *p, struct ic_pt2_store *s, const char *model, const char *kind,
                                 struct ic_diag *d)
{
    s->folder = ic_arena_printf(p->archive.arena, "data/%s/", kind);
    const char *const configs[] = {kind, "model_param"}; /* the second: some releases name those of the weights so */
    for (size_t i = 0; s->folder && i < sizeof configs / sizeof *configs; ++i) {
        const char *name = ic_arena_printf(p->archive.arena, "%s%s_%s_config.json", s->folder, model, configs[i]);
        struct ic_zipfile_member *m = name ? find(p, name) : NULL;
        if (m)
            return open_config(p, s, m, d);
    }
    const char *name = s->folder ? ic_arena_printf(p->archive.arena, "%s%s.pt", s->folder, model) : NULL;
    struct ic_zipfile_member *m = name ? find(p, name) : NULL;
    return m ? open_dict(p, s, m, d) : name ? IC_OK : no_memory(d);
}

/* sizes and strides are lists of {"as_int": n} */
static bool read_sizes(const struct ic_json *list, int64_t *out, int32_t *out_n)
{
    if (!list || list->n > IC_IR_MAX_RANK)
        return false;
    for (uint32_t i = 0; i < list->n; ++i) {
        const struct ic_json *v = ic_json_only(&list->u.items[i]);
        if (!v || strcmp(v->key, "as_int") != 0 || v->kind != IC_JSON_INT)
            return false;
        out[i] = v->u.i;
    }
    *out_n = (int32_t)list->n;
    return true;
}

/* Members are named by plain words: no folder, no way out. */
static bool is_plain(const char *name)
{
    return *name && strlen(name) < 200 && !strchr(name, '/') && !strchr(name, '\\');
}

static enum ic_status read_payload(struct ic_pt2_package *p, const struct ic_pt2_store *s, const struct ic_json *e,
                                   struct ic_ts_weight *out, struct ic_diag *d)
{
    const struct ic_json *meta = ic_json_get_kind(e, "tensor_meta", IC_JSON_OBJECT);
    const struct ic_json *offset = ic_json_only(ic_json_get(meta, "storage_offset"));
    const struct ic_json *pickled = ic_json_get_kind(e, "use_pickle", IC_JSON_BOOL);
    const char *path = ic_json_get_text(e, "path_name", "");
    char where[512];
    snprintf(where, sizeof where, "%.200s, byte %zu, tensor \"%.100s\"", s->config_name, e->at, e->key);
    if (pickled && pickled->u.i)
        return ic_fail(d, IC_E_OBJECT,
                       "%s: it is stored as a Python object (a tensor subclass or a custom object), which only Python can read; "
                       "export the model with plain tensors",
                       where);
    int32_t n_strides = 0;
    if (!meta || !is_plain(path) || !read_sizes(ic_json_get_kind(meta, "sizes", IC_JSON_LIST), out->dims, &out->rank) ||
        !read_sizes(ic_json_get_kind(meta, "strides", IC_JSON_LIST), out->strides, &n_strides) || n_strides != out->rank)
        return ic_fail(d, IC_E_EXPORTED, "%s: a member's name and a type with sizes and strides of at most %d axes are expected",
                       where, IC_IR_MAX_RANK);
    const int64_t type = ic_json_get_int(meta, "dtype", 0);
    out->dtype = ic_pt2_dtype(type);
    if (out->dtype < 0)
        return ic_fail(d, IC_E_ELEMENT_TYPE, "%s: elements of type %" PRId64 " (as torch.export numbers them) are not supported",
                       where, type);
    out->offset = offset && offset->kind == IC_JSON_INT ? offset->u.i : 0;
    out->on_gpu = strncmp(ic_json_get_text(ic_json_get(meta, "device"), "type", "cpu"), "cpu", 3) != 0;
    const char *name = ic_arena_printf(p->archive.arena, "%s%s", s->folder, path);
    struct ic_zipfile_member *m = name ? find(p, name) : NULL;
    if (!m)
        return name ? ic_fail(d, IC_E_EXPORTED, "%s: the package has no member \"%s\" with its numbers; copy or save it again",
                              where, name)
                    : no_memory(d);
    out->storage_bytes = m->size_bytes;
    IC_TRY(ic_zipfile_read(&p->archive.zip, m, 0, &out->bytes, d));
    return ic_ts_check_weight_bounds(out, where, d);
}

enum ic_status ic_pt2_tensor(struct ic_pt2_package *p, struct ic_pt2_store *s, const char *name, struct ic_ts_weight *out,
                             bool *found, struct ic_diag *d)
{
    *out = (struct ic_ts_weight){0};
    const struct ic_json *e = ic_json_get(s->config, name);
    const struct ic_state_entry *held = s->has_dict ? ic_state_find(&s->dict, name) : NULL;
    *found = e || held;
    if (e)
        return read_payload(p, s, e, out, d);
    return held ? ic_state_tensor(&s->dict, held, out, d) : IC_OK;
}

/* ---- the graph ---- */
static const char *model_name(const struct ic_pt2_package *p, const struct ic_zipfile_member *m)
{
    const size_t n = strlen(p->archive.top);
    if (m->is_folder || strncmp(m->name, p->archive.top, n) != 0 || strncmp(m->name + n, "models/", 7) != 0)
        return NULL;
    const char *name = m->name + n + 7, *end = strstr(name, ".json");
    return end && end > name && end[5] == 0 && !strchr(name, '/') ? ic_arena_text(p->archive.arena, name, (size_t)(end - name))
                                                                  : NULL;
}

static bool has_compiled_code(const struct ic_pt2_package *p)
{
    for (size_t i = 0; i < p->archive.zip.n_members; ++i)
        if (strstr(p->archive.zip.members[i].name, "data/aotinductor/"))
            return true;
    return false;
}

static enum ic_status find_model(struct ic_pt2_package *p, const char *wanted, struct ic_zipfile_member **out,
                                 const char **out_name, struct ic_diag *d)
{
    char list[256];
    size_t n = 0, n_models = 0;
    list[0] = 0;
    for (size_t i = 0; i < p->archive.zip.n_members; ++i) {
        const char *name = model_name(p, &p->archive.zip.members[i]);
        if (!name)
            continue;
        if (n_models++ < 8 && n < sizeof list - 60)
            n += (size_t)snprintf(list + n, sizeof list - n, "%s%.50s", n ? ", " : "", name);
        if (!wanted || strcmp(wanted, name) == 0) {
            *out = &p->archive.zip.members[i];
            *out_name = name;
        }
    }
    if (n_models == 0 && has_compiled_code(p))
        return ic_fail(
            d, IC_E_EXPORT_VERSION,
            "the package was made by AOTInductor: it holds code compiled for one machine, not the network. Save the exported "
            "program instead: torch.export.save(torch.export.export(model, args), \"model.pt2\")");
    if (n_models == 0)
        return ic_fail(d, IC_E_EXPORTED, "the package holds no graph (models/NAME.json); save it again with torch.export.save");
    if (!*out || (n_models > 1 && !wanted))
        return ic_fail(d, IC_E_NAME_UNKNOWN, "the package holds the models %s; %s", list,
                       wanted ? "the one named is not among them" : "save the wanted one alone with torch.export.save");
    return IC_OK;
}

static enum ic_status open_old(struct ic_pt2_package *p, struct ic_zipfile_member *program, struct ic_diag *d)
{
    struct ic_zipfile_member *weights = find(p, "serialized_state_dict.pt"), *constants = find(p, "serialized_constants.pt");
    if (!weights && find(p, "serialized_state_dict.json"))
        return ic_fail(
            d, IC_E_EXPORT_VERSION,
            "the package is of a preview of torch.export before 2.1, whose weights stand in JSON; export the model again");
    p->program_name = program->name;
    if (weights)
        IC_TRY(open_dict(p, &p->weights, weights, d));
    if (constants)
        IC_TRY(open_dict(p, &p->constants, constants, d));
    return read_json(p, program, &p->program, d);
}

static enum ic_status check_version(const struct ic_pt2_package *p, struct ic_diag *d)
{
    const struct ic_json *v = ic_json_get(p->program, "schema_version");
    const int64_t major = v && v->kind == IC_JSON_INT ? v->u.i : ic_json_get_int(v, "major", 0);
    const int64_t minor = ic_json_get_int(v, "minor", 0);
    if (!ic_json_get_kind(ic_json_get(ic_json_get(p->program, "graph_module"), "graph"), "nodes", IC_JSON_LIST))
        return ic_fail(d, IC_E_EXPORTED, "%s is no exported program: it has no graph_module.graph.nodes", p->program_name);
    if (major > 8)
        return ic_fail(d, IC_E_EXPORT_VERSION,
                       "%s has schema version %" PRId64 ".%" PRId64
                       ", the newest known here is 8; export the model with an older PyTorch, or "
                       "as ONNX",
                       p->program_name, major, minor);
    if (major == 8 && minor > 20)
        ic_say(d, 'I', "schema version 8.%" PRId64 " is newer than the versions known here (up to 8.20)", minor);
    return IC_OK;
}

enum ic_status ic_pt2_open(struct ic_pt2_package *p, const struct ic_zipfile *zip, const char *top, const char *model,
                           const struct ic_import_limits *limits, struct ic_arena *arena, struct ic_diag *d)
{
    *p = (struct ic_pt2_package){.limits = limits,
                                 .archive = {.zip = *zip, .top = top, .arena = arena, .names = {.arena = arena}, .release = "?"}};
    p->archive.max_depth = limits->max_depth;
    struct ic_zipfile_member *program = find(p, "serialized_exported_program.json");
    IC_TRY(ic_ts_check_byte_order(&p->archive, d));
    if (program) {
        IC_TRY(open_old(p, program, d));
        return check_version(p, d);
    }
    const char *name = NULL;
    IC_TRY(find_model(p, model, &program, &name, d));
    p->program_name = program->name;
    IC_TRY(read_json(p, program, &p->program, d));
    IC_TRY(check_version(p, d));
    IC_TRY(open_store(p, &p->weights, name, "weights", d));
    return open_store(p, &p->constants, name, "constants", d);
}
