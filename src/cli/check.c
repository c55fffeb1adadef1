/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip check: predicts what a board's runtime will say to a model file: a row per requirement, the fixing command, the code.
 */
#include "cli/cli.h"

#include "inchip/status.h"

#include <stdio.h>
#include <string.h>

struct check_options {
    const char *on, *runtime;
};

static const struct ic_arg *check_args(struct check_options *o)
{
    static struct ic_arg args[3];
    const struct ic_arg list[] = {
        {"--on", NULL, IC_ARG_TEXT, &o->on, "CHIP", "the board's chip: rv1109, cortex-a53 ..."},
        {"--runtime", NULL, IC_ARG_TEXT, &o->runtime, "mini|full", "which runtime library the board has (default mini)"},
        {0},
    };
    memcpy(args, list, sizeof list);
    return args;
}

static bool row(bool ok, const char *what, const char *found, const char *fix)
{
    printf("%-4s %-44s %s%s%s\n", ok ? "ok" : "FAIL", what, found, ok || !*fix ? "" : "; fix: ", ok ? "" : fix);
    return ok;
}

/* Code that rknn_init returns for the first requirement that fails. */
struct verdict {
    int rknn_code;
    bool ok;
};

static void demand(struct verdict *v, bool ok, int code, const char *what, const char *found, const char *fix)
{
    if (!row(ok, what, found, fix) && v->ok)
        *v = (struct verdict){.rknn_code = code, .ok = false};
}

static void check_compiled(const struct ic_container *c, const struct ic_target *board, const char *path, struct verdict *v)
{
    const struct ic_section *s = ic_container_find(c, IC_SECTION_PROGRAM, 0);
    const struct ic_section *k = ic_container_find(c, IC_SECTION_PROGRAM_CONSTS, 0);
    struct ic_program p = {0};
    struct ic_diag inner = {0};
    char fix[256];
    snprintf(fix, sizeof fix, "inchip convert SOURCE --target %s -o %s", board->name, path);
    const enum ic_status status = ic_program_decode(s->bytes, s->size_bytes, k ? k->bytes : NULL, k ? k->size_bytes : 0, &p,
                                                    &inner);
    demand(v, status == IC_OK, status == IC_ERR_ABI ? -11 : -6, "program that this runtime understands",
           status == IC_OK ? "program ABI "
                             "1"
                           : inner.text,
           fix);
    if (status != IC_OK)
        return;
    const uint32_t missing = p.needs & ~board->cpu_flags;
    char found[128];
    snprintf(found, sizeof found, "compiled for %s%s", p.target, missing ? ", needs CPU features that the chip lacks" : "");
    demand(v, missing == 0, -13, "compiled for a CPU like the board's", found, fix);
    if (missing == 0 && strcmp(p.target, board->name) != 0 && strcmp(p.target, "generic") != 0)
        printf("     (packed for %s: runs, but a file compiled for %s may be faster)\n", p.target, board->name);
    snprintf(found, sizeof found, "%.1f KB of activations, %.1f KB of weights used from the file", (double)p.arena_bytes / 1024.0,
             (double)p.const_bytes / 1024.0);
    row(true, "memory", found, "");
    ic_program_destroy(&p);
}

static int check(const char *path, const struct check_options *o, struct ic_diag *d)
{
    const struct ic_target *board = o->on ? ic_target_find(o->on) : NULL;
    if (!board) {
        const char *near = o->on ? ic_target_nearest(o->on) : NULL;
        (void)!ic_fail(d, IC_ERR_ARG, "--on %s: name the board's chip%s%s", o->on ? o->on : "?",
                       near ? "; nearest known: " : ", for example --on rv1109", near ? near : "");
        return IC_EXIT_ERROR;
    }
    const bool mini = strcmp(o->runtime, "mini") == 0;
    if (!mini && strcmp(o->runtime, "full") != 0) {
        (void)!ic_fail(d, IC_ERR_ARG, "--runtime %s: mini or full", o->runtime);
        return IC_EXIT_ERROR;
    }
    struct ic_file_map map = {0};
    if (ic_file_map_open(path, &map, d) != IC_OK)
        return IC_EXIT_ERROR;
    struct verdict v = {.ok = true};
    struct ic_container c = {0};
    struct ic_diag inner = {0};
    char fix[256];
    const enum ic_status status = ic_container_open(map.bytes, map.size_bytes, true, &c, &inner);
    demand(&v, status == IC_OK, -6, "a whole, undamaged inchip model file", status == IC_OK ? "checksums right" : inner.text,
           "convert the source model again, copy the file again");
    if (status == IC_OK) {
        const bool compiled = ic_container_find(&c, IC_SECTION_PROGRAM, 0) != NULL;
        const bool portable = ic_container_find(&c, IC_SECTION_GRAPH, 0) != NULL;
        snprintf(fix, sizeof fix, "inchip convert SOURCE --target %s -o %s", board->name, path);
        demand(&v, compiled || (portable && !mini), mini ? -14 : -6,
               mini ? "a compiled program (the mini runtime cannot compile)" : "a program or a portable graph",
               compiled   ? (portable ? "compiled and portable" : "compiled")
               : portable ? "portable only"
                          : "neither",
               fix);
        if (compiled)
            check_compiled(&c, board, path, &v);
    }
    ic_file_map_close(&map);
    printf("prediction: rknn_init on %s with the %s runtime returns %d\n", board->name, mini ? "mini" : "full", v.rknn_code);
    return v.ok ? IC_EXIT_OK : IC_EXIT_NO;
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
    int n = 0;
    enum ic_status status = ic_cli_parse(argc, argv, args, &path, 1, &n, d);
    if (status == IC_OK && n == 0)
        status = ic_fail(d, IC_ERR_ARG, "name the model file: inchip check FILE --on rv1109");
    return status == IC_OK ? check(path, &o, d) : IC_EXIT_ERROR;
}
