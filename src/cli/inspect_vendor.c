/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip inspect of a vendor's .rknn file: which generation it is, and what the descriptions inside it say. Nothing of it can be run or converted.
 */
#include "cli/cli.h"
#include "cli/inspect.h"
#include "cli/json.h"

#include <stdio.h>
#include <string.h>

enum { MAX_DESCRIPTIONS = 8, SEARCHED_BYTES = 1 << 16 };

static uint64_t u64_at(const struct ic_file_map *map, uint64_t at)
{
    uint64_t v = 0;
    for (int i = 8; i-- > 0 && at + 8 <= map->size_bytes;)
        v = v << 8 | map->bytes[at + (uint64_t)i];
    return v;
}

/* Numbers and words as they are; what is long by its size. */
static void print_member(const char *key, json_t *value)
{
    char *text = NULL;
    if (json_is_array(value) && json_array_size(value) > 16)
        ic_cli_printf("  %s: %zu entr%s\n", key, json_array_size(value), IC_N(json_array_size(value), "y", "ies"));
    else if ((text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT)) && strlen(text) > 160)
        ic_cli_printf("  %s: %.150s ... (%zu character%s)\n", key, text, strlen(text), IC_S(strlen(text)));
    else
        ic_cli_printf("  %s: %s\n", key, text ? text : "?");
    free(text);
}

/* The description at that offset, when there is one, printed or into an array; how many bytes it has. */
static size_t print_description(const struct ic_file_map *map, uint64_t at, json_t *to)
{
    json_error_t error;
    const char *key;
    json_t *value;
    if (at >= map->size_bytes || map->bytes[at] != '{')
        return 0;
    json_t *o = json_loadb((const char *)map->bytes + at, map->size_bytes - (size_t)at, JSON_DISABLE_EOF_CHECK, &error);
    if (!o)
        return 0;
    if (to) {
        json_array_append_new(to, json_pack("{s:I, s:o}", "byte", (json_int_t)at, "description", o));
        return (size_t)error.position;
    }
    ic_cli_printf("description at byte %llu:\n", (unsigned long long)at);
    json_object_foreach(o, key, value) print_member(key, value);
    json_decref(o);
    return (size_t)error.position;
}

static void print_text(const struct ic_file_map *map, uint64_t from, json_t *to)
{
    int n = 0;
    for (uint64_t at = from; at < map->size_bytes && at < from + SEARCHED_BYTES && n < MAX_DESCRIPTIONS; at++) {
        const size_t bytes = map->bytes[at] == '{' ? print_description(map, at, to) : 0;
        n += bytes > 0;
        at += bytes ? bytes - 1 : 0;
    }
    if (n == 0 && !to)
        ic_cli_printf("no description found\n");
}

static uint64_t text_at(const struct ic_file_map *map, enum ic_file_kind kind)
{
    const uint64_t body = u64_at(map, 16);
    return kind == IC_FILE_RKNN2 ? 0 : body && body < map->size_bytes ? 32 + body : 32;
}

static enum ic_status print_as_json(const char *path, const struct ic_file_map *map, enum ic_file_kind kind, struct ic_diag *d)
{
    const bool readable = kind == IC_FILE_RKNN1 || kind == IC_FILE_RKNN2;
    json_t *descriptions = json_array();
    if (readable)
        print_text(map, text_at(map, kind), descriptions);
    return ic_cli_print_json(json_pack("{s:o, s:s, s:I, s:I, s:o}", "file", ic_json_text(path), "kind",
                                       kind == IC_FILE_RKNN1            ? "rknn 1"
                                       : kind == IC_FILE_RKNN2          ? "rknn 2"
                                       : kind == IC_FILE_RKNN_ENCRYPTED ? "rknn 1 encrypted"
                                                                        : "nbg",
                                       "bytes", (json_int_t)map->size_bytes, "version", (json_int_t)(readable ? u64_at(map, 8) : 0),
                                       "descriptions", descriptions),
                             d);
}

enum ic_status ic_inspect_vendor(const char *path, const struct ic_file_map *map, enum ic_file_kind kind, bool json,
                                 struct ic_diag *d)
{
    if (json)
        return print_as_json(path, map, kind, d);
    const double kb = (double)map->size_bytes / 1024.0;
    switch (kind) {
    case IC_FILE_RKNN1: {
        const uint64_t body = u64_at(map, 16);
        ic_cli_printf("%s: model file of RKNN-Toolkit 1 (RK1808, RV1109, RV1126), version %llu, %.1f KB\n", path,
                      (unsigned long long)u64_at(map, 8), kb);
        if (body >= 4 && map->size_bytes > 28)
            ic_cli_printf("body: %llu byte%s, %s\n", (unsigned long long)body, IC_S(body),
                          memcmp(map->bytes + 24, "VPMN", 4) == 0 ? "pre-compiled (a VeriSilicon network binary)"
                                                                  : "tensors, not pre-compiled");
        print_text(map, text_at(map, kind), NULL);
        break;
    }
    case IC_FILE_RKNN2:
        ic_cli_printf("%s: model file of RKNN-Toolkit 2 (RK356x, RK3588 ...), version %llu, %.1f KB\n", path,
                      (unsigned long long)u64_at(map, 8), kb);
        print_text(map, text_at(map, kind), NULL);
        break;
    case IC_FILE_RKNN_ENCRYPTED:
        ic_cli_printf("%s: encrypted model file of RKNN-Toolkit 1, %.1f KB: only the vendor's driver can read it\n", path, kb);
        break;
    default:
        ic_cli_printf("%s: VeriSilicon network binary (NBG), the inside of a pre-compiled vendor file, %.1f KB\n", path, kb);
        break;
    }
    ic_cli_printf("inchip runs its own model files: convert the source network (inchip convert MODEL -o model.ic)\n");
    return IC_OK;
}
