/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip check: predicts what a board's runtime will say to a model file: a row per requirement, the fixing command, the code.
 */
#include "cli/cli.h"
#include "cli/json.h"
#include "toolchain_command.h"

#include <stdio.h>
#include <string.h>

struct check_options {
    const char *on, *runtime;
    bool json;
};

static const struct ic_arg *check_args(struct check_options *o)
{
    static struct ic_arg args[4];
    const struct ic_arg list[] = {
        {"--on", NULL, IC_ARG_TEXT, &o->on, "CHIP", "the board's chip: rv1109, cortex-a53 ..."},
        {"--runtime", NULL, IC_ARG_TEXT, &o->runtime, "mini|full", "which runtime library the board has (default mini)"},
        {"--json", NULL, IC_ARG_FLAG, &o->json, NULL, "print the rows as JSON"},
        {0},
    };
    IC_ARGS_KEEP(args, list);
    return args;
}

/* The rows so far (printed at once, or kept for --json) and what rknn_init returns: the code of the first requirement that fails. */
struct verdict {
    json_t *rows; /* NULL: print */
    int rknn_code;
    unsigned cause; /* of ic_fail */
    bool ok;
};

static void add_row(struct verdict *v, const char *word, const char *what, const char *found, const char *fix)
{
    if (v->rows)
        json_array_append_new(v->rows, json_pack("{s:s, s:s, s:o, s:o}", "verdict", word, "requirement", what, "found",
                                                 ic_json_text(found), "fix", ic_json_text(fix)));
    else
        ic_cli_printf("%-4s %-44s %s%s%s\n", word, what, found,
                      !*fix                     ? ""
                      : strcmp(word, "ok") == 0 ? "; better: "
                                                : "; fix: ",
                      fix);
}

static void demand(struct verdict *v, bool ok, int code, unsigned cause, const char *what, const char *found, const char *fix)
{
    add_row(v, ok ? "ok" : "FAIL", what, found, ok ? "" : fix);
    if (!ok && v->ok) {
        v->rknn_code = code;
        v->cause = ic_cause_code(cause);
        v->ok = false;
    }
}

/* As the drop-in's rknn_init answers; tests/cli/check_runtimes.py holds both against each other. */
static int code_of(enum ic_status status)
{
    return status == IC_OK ? 0 : status == IC_ERR_MEMORY ? -4 : status == IC_ERR_TARGET ? -13 : status == IC_ERR_ABI ? -11 : -6;
}

/* What is said of a program that opens: none of it is a reason to refuse. */
static void describe(const struct ic_program *p, const struct ic_target *board, bool was_portable, const char *fix,
                     struct verdict *v)
{
    char found[160];
    if (was_portable)
        snprintf(found, sizeof found, "compiled on the board, each time it is opened");
    else if (p->needs & ~board->cpu_flags)
        snprintf(found, sizeof found, "packed for %s: weights are packed anew for this CPU when it is opened", p->target);
    else if (strcmp(p->target, board->name) != 0 && strcmp(p->target, "generic") != 0)
        snprintf(found, sizeof found, "packed for %s: runs, but may be faster compiled for %s", p->target, board->name);
    else
        snprintf(found, sizeof found, "compiled for %s", p->target);
    const bool best = !was_portable && strcmp(p->target, board->name) == 0;
    add_row(v, "ok", "runs on the board's CPU", found, best ? "" : fix);
    snprintf(found, sizeof found, "%.1f KB of activations, %.1f KB of weights%s", (double)p->arena_bytes / 1024.0,
             (double)p->const_bytes / 1024.0, best ? " used from the file" : "");
    add_row(v, "ok", "memory", found, "");
}

static void check_program(const struct ic_container *c, const struct ic_target *board, const char *fix, struct verdict *v)
{
    struct ic_program p = {0};
    struct ic_writer consts = {0};
    struct ic_diag inner = {0};
    bool was_portable = false;
    const enum ic_status status = ic_container_program(c, &p, &consts, &was_portable, &inner);
    demand(v, status == IC_OK, code_of(status), inner.code, "content that this runtime understands",
           status == IC_OK ? (was_portable ? "the portable graph compiles" : "program ABI 1") : inner.text, fix);
    if (status == IC_OK)
        describe(&p, board, was_portable, fix, v);
    ic_program_destroy(&p);
    ic_writer_destroy(&consts);
}

/* The command that made the file, for this board instead; what it was made from is only known by name. fallback: it holds none. */
static const char *fixing_command(const struct ic_container *c, const char *board, const char *path, const char *fallback,
                                  struct ic_arena *a)
{
    const struct ic_section *s = ic_container_find(c, IC_SECTION_JSON, 0);
    json_t *head = s ? json_loadb((const char *)s->bytes, s->size_bytes, 0, NULL) : NULL;
    const char *made_by = ic_cli_command(head), *fix = fallback;
    if (made_by) {
        const char *target = strstr(made_by, " --target ");
        const int before = target ? (int)(target - made_by) : (int)strlen(made_by);
        const char *after = target ? target + strlen(" --target ") : "";
        after += strcspn(after, " ");
        fix = ic_arena_printf(a, "%.*s%s --target %s -o %s%s", before, made_by, after, board, path,
                              ic_command_is_partial(made_by) ? " (what stands in < > was in memory: name a file in its place)"
                                                             : "");
    }
    json_decref(head);
    return fix ? fix : fallback;
}

static void check_bytes(const struct ic_file_map *map, const struct ic_target *board, bool mini, const char *name,
                        struct ic_arena *a, struct verdict *v)
{
    struct ic_container c = {0};
    struct ic_diag inner = {0};
    const char *path = ic_command_word(name, a), *command = NULL;
    /* a file that is not ours is not to be overwritten */
    const bool ours = ic_container_sniff(map->bytes, map->size_bytes) == IC_FILE_OURS || map->size_bytes == 0;
    struct ic_recognized r = {0};
    if (!ours)
        ic_import_recognize(map->bytes, map->size_bytes, &r);
    char source[120];
    snprintf(source, sizeof source, "a source model (%s) that is not converted yet", r.importable ? r.format : "");
    if (r.importable)
        command = ic_cli_convert_command(name, map, a);
    const char *fix = ic_arena_printf(a, "%s --target %s -o %s", command ? command : "inchip convert SOURCE", board->name,
                                      ours && path ? path : "model.ic");
    fix = fix ? fix : "inchip convert SOURCE --target CHIP";
    if (map->size_bytes == 0) { /* rknn_init calls a size of 0 a wrong argument */
        demand(v, false, -5, IC_E_CALL, "a whole, undamaged inchip model file", "an empty file", fix);
        return;
    }
    const enum ic_status status = ic_container_open(map->bytes, map->size_bytes, true, &c, &inner);
    demand(v, status == IC_OK, code_of(status), inner.code, "a whole, undamaged inchip model file",
           status == IC_OK ? "checksums right"
           : r.importable  ? source
                           : inner.text,
           fix);
    if (status != IC_OK)
        return;
    fix = fixing_command(&c, board->name, path ? path : name, fix, a);
    const bool compiled = ic_container_find(&c, IC_SECTION_PROGRAM, 0) != NULL;
    const bool portable = ic_container_find(&c, IC_SECTION_GRAPH, 0) != NULL;
    demand(v, compiled || (portable && !mini), mini ? -14 : -6, mini ? IC_E_PORTABLE : IC_E_NO_PROGRAM,
           mini ? "a compiled program (mini cannot compile)" : "a program or a portable graph",
           compiled   ? (portable ? "compiled and portable" : "compiled")
           : portable ? "portable only"
                      : "neither",
           fix);
    if (v->ok)
        check_program(&c, board, fix, v);
}

static enum ic_status conclude(struct verdict *v, const struct ic_target *board, const struct check_options *o, const char *path,
                               struct ic_diag *d)
{
    if (!v->rows) {
        printf("prediction: rknn_init on %s with the %s runtime returns %d", board->name, o->runtime, v->rknn_code);
        printf(v->ok ? "\n" : " [" IC_CODE_FORMAT "]\n", v->cause);
        return IC_OK;
    }
    char code[16] = "";
    if (!v->ok)
        snprintf(code, sizeof code, IC_CODE_FORMAT, v->cause);
    return ic_cli_print_json(json_pack("{s:o, s:s, s:s, s:O, s:b, s:i, s:s}", "file", ic_json_text(path), "on", board->name,
                                       "runtime", o->runtime, "rows", v->rows, "ok", v->ok, "rknn_init", v->rknn_code, "code",
                                       code),
                             d);
}

static int check(const char *path, const struct check_options *o, struct ic_diag *d)
{
    const struct ic_target *board = NULL;
    if ((o->on ? ic_target_want("--on", o->on, &board, d)
               : ic_fail(d, IC_E_OPTION_MISSING, "name the board's chip, for example --on rv1109")) != IC_OK)
        return IC_EXIT_ERROR;
    const bool mini = strcmp(o->runtime, "mini") == 0;
    if (!mini && strcmp(o->runtime, "full") != 0) {
        (void)!ic_fail(d, IC_E_OPTION_VALUE, "--runtime %s: mini or full", o->runtime);
        return IC_EXIT_ERROR;
    }
    struct ic_file_map map = {0};
    if (ic_file_map_open(path, &map, d) != IC_OK)
        return IC_EXIT_ERROR;
    struct verdict v = {.rows = o->json ? json_array() : NULL, .ok = true};
    struct ic_arena arena = {0};
    check_bytes(&map, board, mini, path, &arena, &v);
    ic_arena_destroy(&arena);
    ic_file_map_close(&map);
    const enum ic_status status = conclude(&v, board, o, path, d);
    json_decref(v.rows);
    return status != IC_OK ? IC_EXIT_ERROR : v.ok ? IC_EXIT_OK : IC_EXIT_NO;
}

int ic_verb_check(int argc, char **argv, bool help, struct ic_diag *d)
{
    struct check_options o = {.runtime = "mini"};
    const struct ic_arg *args = check_args(&o);
    if (help) {
        ic_cli_print_options(args);
        return IC_EXIT_OK;
    }
    const char *path = NULL;
    const enum ic_status status = ic_cli_parse_model(argc, argv, args, "inchip check FILE --on rv1109", &path, d);
    return status == IC_OK ? check(path, &o, d) : IC_EXIT_ERROR;
}
