/* SPDX-License-Identifier: Apache-2.0
 *
 * A model file of ours opened for a verb; of any other file, what it is and what to do with it.
 */
#include "cli/cli.h"

#include "toolchain_command.h"

#include <string.h>
#include <sys/stat.h>

/* " --input x=1x784" of each input whose shape the file leaves open; SHAPE where the weights do not tell. */
static const char *add_inputs(const char *command, const struct ic_import_signature *s, bool all, struct ic_arena *a)
{
    for (int32_t i = 0; i < s->n_inputs && command; i++) {
        bool open = all || s->rank[i] < 0;
        const char *word = ic_arena_printf(a, "%s=%s", s->names[i], s->rank[i] < 0 ? "SHAPE" : "");
        for (int32_t k = 0; k < s->rank[i] && word; k++) {
            open = open || s->dims[i][k] < 0;
            word = ic_arena_printf(a, "%s%s%d", word, k ? "x" : "", s->dims[i][k] < 0 ? 1 : (int)s->dims[i][k]);
        }
        word = word ? ic_command_word(word, a) : NULL;
        if (open)
            command = word ? ic_arena_printf(a, "%s --input %s", command, word) : NULL;
    }
    return command;
}

const char *ic_cli_convert_command(const char *path, const struct ic_file_map *map, struct ic_arena *a)
{
    struct ic_import_signature s = {0};
    struct ic_recognized r;
    struct ic_diag quiet = {0};
    const char *word = ic_command_word(path, a);
    const char *command = word ? ic_arena_printf(a, "inchip convert %s%s", *path == '-' ? "./" : "", word) : NULL;
    ic_import_recognize(map->bytes, map->size_bytes, &r);
    if (!command || ic_import_signature(map->bytes, map->size_bytes, path, NULL, &s, &quiet) != IC_OK)
        return command;
    return add_inputs(command, &s, strcmp(r.format, "torchscript") == 0, a);
}

/* What a file is that is no model file of ours; says nothing of what it does not know. */
static enum ic_status name_other(const char *path, const struct ic_file_map *map, struct ic_diag *d)
{
    struct ic_recognized r;
    ic_import_recognize(map->bytes, map->size_bytes, &r);
    if (map->size_bytes == 0)
        return ic_fail(d, IC_E_EMPTY, "%s is empty (0 bytes): copy the model file again, or make it with inchip convert", path);
    if (r.importable) {
        struct ic_arena a = {0};
        const char *command = ic_cli_convert_command(path, map, &a);
        const enum ic_status status = ic_fail(
            d, IC_E_NOT_CONVERTED, "%s is a source model (%s), not a model file of inchip: convert it first (%s -o model.ic)", path,
            r.format, command ? command : "inchip convert MODEL");
        ic_arena_destroy(&a);
        return status;
    }
    if (strcmp(r.format, "picture") == 0 || strcmp(r.format, "npy") == 0)
        return ic_fail(d, IC_E_NOT_A_MODEL,
                       "%s is %s, not a model file that inchip convert wrote: run and compare take data with --input", path,
                       *r.format == 'n' ? "an array" : "a picture");
    return IC_OK;
}

enum ic_status ic_cli_open_model(const char *path, struct ic_file_map *map, struct ic_container *out_c, struct ic_diag *d)
{
    struct ic_diag named = {0}, found = {.log = d->log};
    IC_TRY(ic_file_map_open(path, map, d));
    const enum ic_status status = ic_container_open(map->bytes, map->size_bytes, true, out_c, &found);
    if (status == IC_ERR_FORMAT)
        (void)!name_other(path, map, &named);
    const struct ic_diag *said = named.status != IC_OK ? &named : &found;
    return status == IC_OK ? IC_OK : ic_fail(d, said->code, "%s", said->text);
}

/* An ONNX model that convert wrote: its version is followed by our name. */
static bool is_our_onnx(const struct ic_file_map *map)
{
    static const uint8_t producer[] = {0x12, 6, 'i', 'n', 'c', 'h', 'i', 'p'};
    return map->size_bytes > 2 + sizeof producer && memcmp(map->bytes + 2, producer, sizeof producer) == 0;
}

enum ic_status ic_cli_spare_other(const char *output, bool onnx, struct ic_diag *d)
{
    static const char *const kept[] = {"picture", "safetensors", "tflite"};
    struct ic_file_map map;
    struct ic_recognized found;
    struct ic_diag quiet = {0};
    struct stat at;
    if (!output || stat(output, &at) != 0 || !S_ISREG(at.st_mode) || ic_file_map_open(output, &map, &quiet) != IC_OK)
        return IC_OK;
    ic_import_recognize(map.bytes, map.size_bytes, &found);
    const bool ours = onnx && strcmp(found.format, "onnx") == 0 && is_our_onnx(&map);
    ic_file_map_close(&map);
    bool keep = found.importable || strncmp(found.format, "torch", 5) == 0;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        keep = keep || strcmp(found.format, kept[i]) == 0;
    if (!keep || ours)
        return IC_OK;
    return ic_fail(d, IC_E_OPTIONS_CLASH,
                   "%s is there already and nothing that inchip wrote (%s): name another file to write, or remove it first", output,
                   found.format);
}
