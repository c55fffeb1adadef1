/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the YAML of convert --config into flags, with libyaml (docs/command-line.md has both forms).
 */
#include "cli/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef IC_HAVE_YAML
enum ic_status ic_config_load(const char *path, struct ic_config *out, struct ic_arena *a, struct ic_diag *d)
{
    (void)out;
    (void)a;
    return ic_fail(d, IC_E_NOT_INSTALLED,
                   "--config %s: this inchip was built without libyaml: give the options as flags, or build it with libyaml-dev",
                   path);
}
#else
#include <yaml.h>

struct reader {
    yaml_document_t *document;
    const char *path; /* of the YAML file */
    struct ic_arena *arena;
    struct ic_diag *d;
    struct ic_config_model *model;
};

static enum ic_status wrong(const struct reader *r, const yaml_node_t *n, const char *what, const char *text)
{
    return ic_fail(r->d, IC_E_CONFIG, "%s: line %zu: %s%s", r->path, n->start_mark.line + 1, what, text);
}

/* Text of a scalar; NULL for lists and mappings. */
static const char *scalar(const yaml_node_t *n)
{
    return n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : NULL;
}

static const yaml_node_t *node(const struct reader *r, int id)
{
    return yaml_document_get_node(r->document, id);
}

static enum ic_status add(struct reader *r, const yaml_node_t *n, const char *flag, const char *value)
{
    if (r->model->n_args + 2 > IC_CONFIG_MAX_ARGS)
        return wrong(r, n, "too many options", "");
    char *texts[2] = {ic_arena_printf(r->arena, "%s", flag), value ? ic_arena_printf(r->arena, "%s", value) : NULL};
    if (!texts[0] || (value && !texts[1]))
        return ic_fail(r->d, IC_ERR_MEMORY, "%s: no memory for its options", r->path);
    for (int i = 0; i < (value ? 2 : 1); i++)
        r->model->args[r->model->n_args++] = texts[i];
    return IC_OK;
}

/* "a,b,c" of a list of scalars, or the scalar itself. */
static enum ic_status joined(const struct reader *r, const yaml_node_t *n, const char **out)
{
    const char *text = scalar(n);
    if (!text && n->type != YAML_SEQUENCE_NODE)
        return wrong(r, n, "a value or a list is wanted, not a mapping", "");
    for (const yaml_node_item_t *i = n->data.sequence.items.start; !scalar(n) && i < n->data.sequence.items.top; i++) {
        const char *item = scalar(node(r, *i));
        if (!item)
            return wrong(r, node(r, *i), "a plain value is wanted here", "");
        text = text ? ic_arena_printf(r->arena, "%s,%s", text, item) : item;
        if (!text)
            return ic_fail(r->d, IC_ERR_MEMORY, "%s: no memory for a list", r->path);
    }
    *out = text ? text : "";
    return IC_OK;
}

/* A path that the file writes from its own folder. */
static const char *beside(const struct reader *r, const char *path)
{
    const char *slash = strrchr(r->path, '/');
    while (path[0] == '.' && path[1] == '/')
        path += 2;
    return path[0] == '/' || !slash ? ic_arena_printf(r->arena, "%s", path)
                                    : ic_arena_printf(r->arena, "%.*s%s", (int)(slash + 1 - r->path), r->path, path);
}

/* ---- what keys mean ---- */

enum meaning {
    AS_TEXT,  /* flag VALUE */
    AS_LIST,  /* flag A,B,C; of a list of lists: once per inner list */
    AS_EACH,  /* flag once per item */
    AS_FLAG,  /* flag when true */
    AS_PATH,  /* flag PATH, from the YAML's folder */
    AS_MODEL, /* the network's path */
    AS_QUANTIZE,
    AS_QUANTIZED_DTYPE,
    AS_REORDER,
    AS_SUBGRAPHS,
    AS_CONFIGS,
    AS_FILE_KIND, /* recognized from the file itself */
    AS_IGNORED    /* of no effect on the result here; said */
};

struct key {
    const char *name;
    enum meaning meaning;
    const char *flag;
};

static const struct key our_keys[] = {{"model", AS_MODEL, NULL},
                                      {"output", AS_PATH, "--output"},
                                      {"input", AS_EACH, "--input"},
                                      {"layout", AS_TEXT, "--layout"},
                                      {"mean", AS_LIST, "--mean"},
                                      {"std", AS_LIST, "--std"},
                                      {"reorder", AS_FLAG, "--reorder"},
                                      {"dtype", AS_TEXT, "--dtype"},
                                      {"dataset", AS_PATH, "--dataset"},
                                      {"input-codes", AS_TEXT, "--input-codes"},
                                      {"output-codes", AS_TEXT, "--output-codes"},
                                      {"weights", AS_PATH, "--weights"},
                                      {"target", AS_TEXT, "--target"},
                                      {"keep-portable", AS_FLAG, "--keep-portable"},
                                      {"rank1-is-batch1", AS_FLAG, "--rank1-is-batch1"},
                                      {"optimize", AS_TEXT, "--optimize"},
                                      {"batch", AS_TEXT, "--batch"},
                                      {"method", AS_TEXT, "--method"},
                                      {"take", AS_EACH, "--take"},
                                      {"constant", AS_EACH, "--constant"},
                                      {"c-array", AS_TEXT, "--c-array"},
                                      {"format", AS_TEXT, "--format"},
                                      {"as-imported", AS_FLAG, "--as-imported"},
                                      {NULL, AS_IGNORED, NULL}};
static const struct key vendor_keys[] = {{"platform", AS_FILE_KIND, NULL},  {"model_file_path", AS_MODEL, NULL},
                                         {"quantize", AS_QUANTIZE, NULL},   {"dataset", AS_PATH, "--dataset"},
                                         {"weights", AS_PATH, "--weights"}, {"subgraphs", AS_SUBGRAPHS, NULL},
                                         {"configs", AS_CONFIGS, NULL},     {NULL, AS_IGNORED, NULL}};
static const struct key config_keys[] = {{"mean_values", AS_LIST, "--mean"},
                                         {"std_values", AS_LIST, "--std"},
                                         {"reorder_channel", AS_REORDER, "--reorder"},
                                         {"target_platform", AS_LIST, "--target"},
                                         {"quantized_dtype", AS_QUANTIZED_DTYPE, NULL},
                                         {"optimization_level", AS_TEXT, "--optimize"},
                                         {"batch_size", AS_IGNORED, NULL},
                                         {"epochs", AS_IGNORED, NULL},
                                         {NULL, AS_IGNORED, NULL}};

static enum ic_status truth(const struct reader *r, const yaml_node_t *n, bool *out)
{
    const char *text = scalar(n);
    static const char *const yes[] = {"true", "True", "TRUE", "yes", "on"}, *const no[] = {"false", "False", "FALSE", "no", "off"};
    for (size_t i = 0; text && i < sizeof yes / sizeof *yes; i++)
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
            *out = strcmp(text, yes[i]) == 0;
            return IC_OK;
        }
    return wrong(r, n, "true or false is wanted, not ", text ? text : "a list");
}

/* NAME=SHAPE of the vendor's two lists, which go in pairs. */
static enum ic_status subgraphs(struct reader *r, const yaml_node_t *n)
{
    const yaml_node_t *names = NULL, *shapes = NULL;
    if (n->type != YAML_MAPPING_NODE)
        return wrong(r, n, "subgraphs: inputs and input-size-list are wanted in it", "");
    for (const yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
        const char *key = scalar(node(r, p->key));
        const yaml_node_t *value = node(r, p->value);
        if (key && strcmp(key, "outputs") == 0) {
            for (const yaml_node_item_t *i = value->data.sequence.items.start;
                 value->type == YAML_SEQUENCE_NODE && i < value->data.sequence.items.top; i++)
                if (scalar(node(r, *i)))
                    IC_TRY(add(r, value, "--take", scalar(node(r, *i))));
            continue;
        }
        if (!key || (strcmp(key, "inputs") != 0 && strcmp(key, "input-size-list") != 0) || value->type != YAML_SEQUENCE_NODE)
            return wrong(r, node(r, p->key), "subgraphs holds lists inputs, input-size-list and outputs, not ", key ? key : "this");
        *(key[5] == 's' ? &names : &shapes) = value;
    }
    if (names && !shapes)
        return wrong(r, names, "inputs without input-size-list: a shape per input is needed", "");
    for (long i = 0; shapes && i < shapes->data.sequence.items.top - shapes->data.sequence.items.start; i++) {
        const char *shape = NULL, *name = NULL;
        IC_TRY(joined(r, node(r, shapes->data.sequence.items.start[i]), &shape));
        if (names && i < names->data.sequence.items.top - names->data.sequence.items.start)
            name = scalar(node(r, names->data.sequence.items.start[i]));
        const char *text = name ? ic_arena_printf(r->arena, "%s=%s", name, shape) : shape;
        IC_TRY(add(r, shapes, "--input", text ? text : shape));
    }
    return IC_OK;
}

static enum ic_status quantized_dtype(struct reader *r, const yaml_node_t *n)
{
    const char *text = scalar(n);
    /* That it is quantized at all is said by quantize. */
    if (text && (strcmp(text, "asymmetric_quantized-u8") == 0 || strcmp(text, "asymmetric_affine-u8") == 0))
        return IC_OK;
    return wrong(r, n, "quantized_dtype: this version quantizes to asymmetric_quantized-u8 only, not ", text ? text : "a list");
}

static enum ic_status reorder(struct reader *r, const yaml_node_t *n, const char *flag)
{
    const char *text = scalar(n);
    if (text && strspn(text, "0 1 2#") == strlen(text) && strncmp(text, "2 1 0", 5) == 0)
        return add(r, n, flag, NULL);
    return text && strncmp(text, "0 1 2", 5) == 0
               ? IC_OK
               : wrong(r, n, "reorder_channel: '0 1 2' or '2 1 0' is wanted, not ", text ? text : "a list");
}

static enum ic_status mapping(struct reader *r, const yaml_node_t *n, const struct key *keys);

/* flag with each inner list of a list of lists, or with the list itself. */
static enum ic_status add_list(struct reader *r, const yaml_node_t *n, const char *flag, bool each)
{
    const bool nested = n->type == YAML_SEQUENCE_NODE && n->data.sequence.items.start < n->data.sequence.items.top &&
                        (each || node(r, *n->data.sequence.items.start)->type == YAML_SEQUENCE_NODE);
    const char *text = NULL;
    for (const yaml_node_item_t *i = n->data.sequence.items.start; nested && i < n->data.sequence.items.top; i++) {
        IC_TRY(joined(r, node(r, *i), &text));
        IC_TRY(add(r, n, flag, text));
    }
    if (nested)
        return IC_OK;
    IC_TRY(joined(r, n, &text));
    return add(r, n, flag, text);
}

static enum ic_status one_value(struct reader *r, const yaml_node_t *n, const struct key *key)
{
    const char *text = scalar(n);
    if (!text || !*text)
        return wrong(r, n, key->name, ": one value is wanted");
    if (key->meaning == AS_TEXT)
        return add(r, n, key->flag, text);
    if (key->meaning == AS_PATH || key->meaning == AS_MODEL)
        text = beside(r, text);
    if (!text)
        return ic_fail(r->d, IC_ERR_MEMORY, "%s: no memory for a path", r->path);
    if (key->meaning == AS_PATH)
        return add(r, n, key->flag, text);
    if (key->meaning == AS_MODEL)
        r->model->path = text;
    else if (key->meaning == AS_IGNORED)
        ic_say(r->d, 'W', "%s: %s is ignored: it changes nothing here", r->path, key->name);
    return IC_OK;
}

static enum ic_status entry(struct reader *r, const yaml_node_t *n, const struct key *key)
{
    bool yes = false;
    switch (key->meaning) {
    case AS_LIST:
    case AS_EACH:
        return add_list(r, n, key->flag, key->meaning == AS_EACH);
    case AS_FLAG:
        IC_TRY(truth(r, n, &yes));
        return yes ? add(r, n, key->flag, NULL) : IC_OK;
    case AS_QUANTIZE:
        IC_TRY(truth(r, n, &yes));
        return add(r, n, "--dtype", yes ? "uint8" : "float16");
    case AS_QUANTIZED_DTYPE:
        return quantized_dtype(r, n);
    case AS_REORDER:
        return reorder(r, n, key->flag);
    case AS_SUBGRAPHS:
        return subgraphs(r, n);
    case AS_CONFIGS:
        return mapping(r, n, config_keys);
    default:
        return one_value(r, n, key);
    }
}

static enum ic_status unknown_key(const struct reader *r, const yaml_node_t *n, const struct key *keys, const char *found)
{
    const char *names[32] = {0};
    for (size_t i = 0; keys[i].name; i++)
        names[i] = keys[i].name;
    const char *near = ic_cli_nearest(found, names);
    return ic_fail(r->d, IC_E_CONFIG, "%s: line %zu: key '%s' is not supported%s%s%s", r->path, n->start_mark.line + 1, found,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static enum ic_status mapping(struct reader *r, const yaml_node_t *n, const struct key *keys)
{
    if (n->type != YAML_MAPPING_NODE)
        return wrong(r, n, "a mapping (key: value) is wanted", "");
    for (const yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
        const char *text = scalar(node(r, p->key));
        const struct key *key = keys;
        while (text && key->name && strcmp(key->name, text) != 0)
            key++;
        if (!text || !key->name)
            return unknown_key(r, node(r, p->key), keys, text ? text : "?");
        for (const yaml_node_pair_t *before = n->data.mapping.pairs.start; before < p; before++)
            if (strcmp(scalar(node(r, before->key)), text) == 0)
                return wrong(r, node(r, p->key), text, ": this key stands twice");
        IC_TRY(entry(r, node(r, p->value), key));
    }
    return IC_OK;
}

static enum ic_status one_model(struct reader *r, const char *name, const yaml_node_t *n, const struct key *keys,
                                struct ic_config *out)
{
    if (out->n_models == IC_CONFIG_MAX_MODELS)
        return wrong(r, n, "more than 32 models", "");
    r->model = &out->models[out->n_models++];
    *r->model = (struct ic_config_model){.name = ic_arena_printf(r->arena, "%s", name)};
    if (!r->model->name)
        return ic_fail(r->d, IC_ERR_MEMORY, "%s: no memory for its models", r->path);
    return mapping(r, n, keys);
}

static enum ic_status read_root(struct reader *r, struct ic_config *out)
{
    const yaml_node_t *root = yaml_document_get_root_node(r->document);
    if (!root || root->type != YAML_MAPPING_NODE)
        return ic_fail(r->d, IC_E_CONFIG, "%s: line 1: a mapping is wanted: 'model: FILE ...', or the vendor's 'models:'", r->path);
    const yaml_node_pair_t *first = root->data.mapping.pairs.start;
    const char *key = first < root->data.mapping.pairs.top ? scalar(node(r, first->key)) : NULL;
    if (!key || strcmp(key, "models") != 0)
        return one_model(r, "", root, our_keys, out);
    const yaml_node_t *models = node(r, first->value);
    if (models->type != YAML_MAPPING_NODE || first + 1 < root->data.mapping.pairs.top)
        return wrong(r, models, "'models' holds a mapping NAME: {...} and stands alone", "");
    for (const yaml_node_pair_t *p = models->data.mapping.pairs.start; p < models->data.mapping.pairs.top; p++) {
        const char *name = scalar(node(r, p->key));
        if (!name || !*name || strchr(name, '/'))
            return wrong(r, node(r, p->key), "a model's name is wanted, without /", "");
        IC_TRY(one_model(r, name, node(r, p->value), vendor_keys, out));
    }
    return out->n_models ? IC_OK : wrong(r, models, "no model in it", "");
}

static enum ic_status not_yaml(const yaml_parser_t *parser, const char *path, struct ic_diag *d)
{
    return ic_fail(d, IC_E_CONFIG, "%s: line %zu: no valid YAML: %s", path, parser->problem_mark.line + 1,
                   parser->problem ? parser->problem : "no memory");
}

/* What follows would be left out without a word. */
static enum ic_status check_end(yaml_parser_t *parser, const char *path, struct ic_diag *d)
{
    yaml_document_t more;
    if (!yaml_parser_load(parser, &more))
        return not_yaml(parser, path, d);
    const yaml_node_t *root = yaml_document_get_root_node(&more);
    const enum ic_status status = root ? ic_fail(d, IC_E_CONFIG, "%s: line %zu: a second document begins here (---): one is read",
                                                 path, root->start_mark.line + 1)
                                       : IC_OK;
    yaml_document_delete(&more);
    return status;
}

enum ic_status ic_config_load(const char *path, struct ic_config *out, struct ic_arena *a, struct ic_diag *d)
{
    enum { MAX_BYTES = 1 << 20 }; /* a few hundred lines are usual */
    struct ic_file_map map = {0};
    yaml_parser_t parser;
    yaml_document_t document;
    out->n_models = 0;
    IC_TRY(ic_file_map_open(path, &map, d));
    enum ic_status status = map.size_bytes > MAX_BYTES
                                ? ic_fail(d, IC_E_CONFIG, "%s: %zu byte%s; a YAML file of at most 1 MB is wanted", path,
                                          map.size_bytes, IC_S(map.size_bytes))
                                : IC_OK;
    if (status == IC_OK && !yaml_parser_initialize(&parser))
        status = ic_fail(d, IC_ERR_MEMORY, "%s: no memory to read it", path);
    if (status == IC_OK) {
        yaml_parser_set_input_string(&parser, map.bytes, map.size_bytes);
        if (yaml_parser_load(&parser, &document)) {
            struct reader r = {.document = &document, .path = path, .arena = a, .d = d};
            status = read_root(&r, out);
            yaml_document_delete(&document);
            if (status == IC_OK)
                status = check_end(&parser, path, d);
        } else {
            status = not_yaml(&parser, path, d);
        }
        yaml_parser_delete(&parser);
    }
    ic_file_map_close(&map);
    return status;
}
#endif
