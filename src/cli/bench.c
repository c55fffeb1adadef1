/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip bench: time of one run on this machine: median, p10, p90, minimum; per layer if asked.
 */
#include "cli/cli.h"
#include "cli/json.h"

#include "base/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bench_options {
    int runs, threads;
    bool layers, json;
};

static const struct ic_arg *bench_args(struct bench_options *o)
{
    static struct ic_arg args[5];
    const struct ic_arg list[] = {
        {"--runs", "-n", IC_ARG_INT, &o->runs, "N", "timed runs after a tenth as many to warm up (default 200, at most about 5 s)"},
        {"--threads", NULL, IC_ARG_INT, &o->threads, "N", "threads, 1 to 64 (default: INCHIP_THREADS or the number of cores)"},
        {"--layers", NULL, IC_ARG_FLAG, &o->layers, NULL, "time of each layer, its kernel, its share"},
        {"--json", NULL, IC_ARG_FLAG, &o->json, NULL, "print the times as JSON"},
        {0},
    };
    IC_ARGS_KEEP(args, list);
    return args;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Short runs are timed in bundles so that the clock's own cost does not show. */
static enum ic_status time_runs(struct ic_session *s, int runs, double *out_us, int *out_n, struct ic_diag *d)
{
    enum { BUDGET_NS = 1000000000 };
    uint64_t t0 = ic_os_time_ns();
    int warm = 0;
    do {
        IC_TRY(ic_session_run(s, d));
        warm++;
    } while (warm < runs / 10 + 1 && ic_os_time_ns() - t0 < BUDGET_NS);
    const uint64_t one_ns = (ic_os_time_ns() - t0) / (uint64_t)warm + 1;
    const int bundle = one_ns > 20000 ? 1 : (int)(20000 / one_ns) + 1;
    int n = 0;
    t0 = ic_os_time_ns();
    while (n < runs && (n < 5 || ic_os_time_ns() - t0 < 5ull * BUDGET_NS)) {
        const uint64_t start = ic_os_time_ns();
        for (int k = 0; k < bundle; k++)
            IC_TRY(ic_session_run(s, d));
        out_us[n++] = (double)(ic_os_time_ns() - start) / 1e3 / bundle;
    }
    *out_n = n;
    return IC_OK;
}

/* rows: a JSON array to fill, or NULL to print. */
static enum ic_status show_layers(struct ic_place *p, int runs, json_t *rows, struct ic_diag *d)
{
    const struct ic_program *program = ic_place_program(p);
    uint64_t *ns = ic_arena_array(&p->arena, program->n_steps, sizeof *ns);
    uint64_t *best = ic_arena_array(&p->arena, program->n_steps, sizeof *best);
    if (!ns || !best)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for %u layer times", program->n_steps);
    const int n = runs < 20 ? runs : 20;
    uint64_t total = 1;
    for (int r = 0; r < n; r++) {
        IC_TRY(ic_session_run_traced(p->session, ns, NULL, NULL, d));
        for (uint32_t i = 0; i < program->n_steps; i++)
            best[i] = r == 0 || ns[i] < best[i] ? ns[i] : best[i];
    }
    for (uint32_t i = 0; i < program->n_steps; i++)
        total += best[i];
    if (!rows)
        ic_cli_printf("%-5s %-40s %-26s %10s %6s\n", "step", "layer", "kernel", "us (min)", "share");
    for (uint32_t i = 0; i < program->n_steps; i++) {
        const char *layer = ic_program_text(program, program->steps[i].name), *kernel = ic_session_kernel(p->session, i)->name;
        const double us = (double)best[i] / 1e3, share = (double)best[i] / (double)total;
        if (rows)
            json_array_append_new(rows, json_pack("{s:o, s:s, s:f, s:f}", "layer", ic_json_text(layer), "kernel", kernel, "min_us",
                                                  us, "share", share));
        else
            ic_cli_printf("%-5u %-40.40s %-26s %10.2f %5.1f%%\n", i, layer, kernel, us, 100.0 * share);
    }
    return IC_OK;
}

static enum ic_status print_json(const char *path, const struct bench_options *o, struct ic_place *p, const double *us, int n,
                                 struct ic_diag *d)
{
    json_t *rows = json_array();
    enum ic_status status = o->layers ? show_layers(p, o->runs, rows, d) : IC_OK;
    json_t *all = json_pack("{s:o, s:s, s:i, s:f, s:f, s:f, s:f, s:I, s:O}", "file", ic_json_text(path), "on", "this machine",
                            "runs", n, "median_us", us[n / 2], "p10_us", us[n / 10], "p90_us", us[n - 1 - n / 10], "min_us", us[0],
                            "memory_bytes", (json_int_t)ic_session_memory_bytes(p->session), "layers", rows);
    json_decref(rows);
    if (status == IC_OK)
        return ic_cli_print_json(all, d);
    json_decref(all);
    return status;
}

static enum ic_status bench(const char *path, const struct bench_options *o, struct ic_place *p, struct ic_diag *d)
{
    IC_TRY(ic_cli_check_threads(o->threads, d));
    IC_TRY(ic_place_open(path, "host", o->threads, p, d));
    double *us = ic_arena_array(&p->arena, (size_t)o->runs, sizeof *us);
    if (!us)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for %d times", o->runs);
    int n = 0;
    IC_TRY(time_runs(p->session, o->runs, us, &n, d));
    qsort(us, (size_t)n, sizeof *us, by_value);
    if (o->json)
        return print_json(path, o, p, us, n, d);
    ic_cli_printf("%s on this machine, %d run%s: median %.2f us, p10 %.2f, p90 %.2f, min %.2f\n", path, n, IC_S(n), us[n / 2],
                  us[n / 10], us[n - 1 - n / 10], us[0]);
    ic_cli_printf("memory beyond the file: %.1f KB\n", (double)ic_session_memory_bytes(p->session) / 1024.0);
    return o->layers ? show_layers(p, o->runs, NULL, d) : IC_OK;
}

int ic_verb_bench(int argc, char **argv, bool help, struct ic_diag *d)
{
    struct bench_options o = {.runs = 200};
    const struct ic_arg *args = bench_args(&o);
    if (help) {
        ic_cli_print_options(args);
        return IC_EXIT_OK;
    }
    const char *path = NULL;
    enum ic_status status = ic_cli_parse_model(argc, argv, args, "inchip bench FILE", &path, d);
    if (status == IC_OK && (o.runs < 1 || o.runs > 1000000))
        status = ic_fail(d, IC_E_OPTION_VALUE, "--runs %d: 1 to 1000000 are possible", o.runs);
    struct ic_place p = {0};
    if (status == IC_OK)
        status = bench(path, &o, &p, d);
    ic_place_close(&p);
    return status == IC_OK ? IC_EXIT_OK : IC_EXIT_ERROR;
}
