/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip: finds the verb, prints help, prints the error of a verb that failed.
 */
#include "cli/cli.h"

#include "base/os.h"
#include "inchip/status.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct ic_verb verbs[] = {
    {"inspect", "say what a file is: model, inputs, layers, steps, memory; or how two differ", "FILE [OTHER] [options]",
     "inchip inspect logistic.pt", ic_verb_inspect},
    {"convert", "turn a trained network into a model file", "MODEL OUT [options]",
     "inchip convert logistic.pt --input x=1x784 --dtype float16 --target rv1109 -o logistic.ic", ic_verb_convert},
    {"run", "run a model file on this machine, the simulator or an emulated board", "FILE --input PICTURE [options]",
     "inchip run logistic.ic --input 7.png --on sim", ic_verb_run},
    {"check", "predict whether a board's runtime will take a model file", "FILE --on CHIP [--runtime mini|full]",
     "inchip check logistic.ic --on rv1109 --runtime mini", ic_verb_check},
    {"bench", "time a model file on this machine, per layer if asked", "FILE [options]", "inchip bench logistic.ic --layers",
     ic_verb_bench},
    {"compare", "compare two model files, or one with golden values, layer by layer", "A [B] --input PICTURE [--golden OUT.npy]",
     "inchip compare logistic_f32.ic logistic.ic --input 7.png --tol 1e-3", ic_verb_compare},
    {"strip", "drop what no runtime reads from a model file", "FILE -o SMALL [options]",
     "inchip strip logistic.ic -o logistic_small.ic", ic_verb_strip},
    {"doctor", "describe this machine and this inchip, to paste into a report", "[options]", "inchip doctor", ic_verb_doctor},
    {"explain", "say what the code of an error message means and what to do", "[IC-E0123] [options]", "inchip explain IC-E0601",
     ic_verb_explain},
    {"ops", "list the operators that are supported", "[--front pytorch|onnx] [--target CHIP]", "inchip ops --front onnx",
     ic_verb_ops},
};
enum { N_VERBS = sizeof verbs / sizeof *verbs };

/* user: bool, whether -v was given. */
static void print_line(void *user, char level, const char *text)
{
    const bool *verbose = user;
    if (level != 'D' || *verbose)
        fprintf(stderr, "%c %s\n", level, text);
}

static void print_help(FILE *to)
{
    fprintf(to, "inchip %s: from a trained network to a chip\n\nusage: inchip VERB ...\n\n", INCHIP_VERSION_TEXT);
    for (size_t i = 0; i < N_VERBS; i++)
        fprintf(to, "  %-8s %s\n", verbs[i].name, verbs[i].sentence);
    fprintf(to, "\ninchip VERB --help shows a verb's options; inchip --version the version.\n");
}

static const struct ic_verb *find_verb(const char *name)
{
    for (size_t i = 0; i < N_VERBS; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

static int print_error(const struct ic_diag *d)
{
    fprintf(stderr, "E %s [" IC_CODE_FORMAT "]\n", d->text, d->code);
    return IC_EXIT_ERROR;
}

/* What other tools call it. */
static const char *other_name(const char *word)
{
    static const char *const names[][2] = {
        {"compile", "convert"}, {"build", "convert"},     {"export", "convert"}, {"quantize", "convert"}, {"infer", "run"},
        {"inference", "run"},   {"predict", "run"},       {"simulate", "run"},   {"exec", "run"},         {"info", "inspect"},
        {"show", "inspect"},    {"dump", "inspect"},      {"list", "ops"},       {"operators", "ops"},    {"perf", "bench"},
        {"profile", "bench"},   {"benchmark", "bench"},   {"diff", "compare"},   {"verify", "compare"},   {"validate", "check"},
        {"env", "doctor"},      {"version", "--version"}, {"-V", "--version"},   {"error", "explain"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(word, names[i][0]) == 0)
            return names[i][1];
    return NULL;
}

static int unknown_verb(const char *name)
{
    const char *names[N_VERBS + 3] = {[N_VERBS] = "--help", [N_VERBS + 1] = "--version"};
    for (size_t i = 0; i < N_VERBS; i++)
        names[i] = verbs[i].name;
    const char *other = other_name(name), *near = other ? other : ic_cli_nearest(name, names);
    struct ic_diag d = {0};
    if (!near && *name != '-' && access(name, F_OK) == 0) {
        (void)ic_fail(&d, IC_E_OPTION_UNKNOWN, "'%s' is a file and stands where a verb is wanted, as in inchip inspect %s", name,
                      name);
        return print_error(&d);
    }
    if (*name == '-' && !near) {
        (void)ic_fail(&d, IC_E_OPTION_UNKNOWN, "'%s' stands where a verb is wanted: options go behind it, as in inchip run FILE %s",
                      name, name);
        return print_error(&d);
    }
    (void)ic_fail(&d, IC_E_OPTION_UNKNOWN, "unknown verb '%s'%s%s%s: inchip --help lists them", name,
                  near ? "; did you mean '" : "", near ? near : "", near ? "'" : "");
    return print_error(&d);
}

/* Takes -v out of the arguments: it goes with every verb. */
static int take_verbose(int argc, char **argv, bool *out_verbose)
{
    int n = 0;
    for (int i = 0; i < argc; i++) {
        const bool is = strcmp(argv[i], "-v") == 0 || strcmp(argv[i], "--verbose") == 0;
        *out_verbose = *out_verbose || is;
        if (!is)
            argv[n++] = argv[i];
    }
    return n;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static void print_verb_help(const struct ic_verb *v, struct ic_diag *d)
{
    printf("usage: inchip %s %s\n\n%s\n\n", v->name, v->usage, v->sentence);
    v->run(0, NULL, true, d);
    printf("  %-32s %s\n", "-v, --verbose", "say more on the way");
    printf("\nexample:\n  %s\n", v->example);
}

/* "--help", "-h", "help" and what may follow: a verb. */
static int help(const char *of, struct ic_diag *d)
{
    if (!of) {
        print_help(stdout);
        return IC_EXIT_OK;
    }
    const struct ic_verb *v = find_verb(of);
    if (!v)
        return unknown_verb(of);
    print_verb_help(v, d);
    return IC_EXIT_OK;
}

static int run(int argc, char **argv, struct ic_diag *d)
{
    if (argc < 2) {
        print_help(stderr);
        return IC_EXIT_ERROR;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        return help(argc > 2 ? argv[2] : NULL, d);
    if (strcmp(word, "--version") == 0) {
        printf("inchip %s\n", INCHIP_VERSION_TEXT);
        return IC_EXIT_OK;
    }
    const struct ic_verb *v = find_verb(word);
    if (!v)
        return unknown_verb(word);
    if (asks_for_help(argc - 2, argv + 2)) {
        print_verb_help(v, d);
        return IC_EXIT_OK;
    }
    const int code = v->run(argc - 2, argv + 2, false, d);
    return code == IC_EXIT_ERROR ? print_error(d) : code;
}

int main(int argc, char **argv)
{
    ic_os_occupy_standard_files();
    ic_os_report_full_files();
    bool verbose = false;
    argc = take_verbose(argc, argv, &verbose);
    const struct ic_log log = {.line = print_line, .user = &verbose};
    struct ic_diag d = {.log = &log};
    const int code = run(argc, argv, &d);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        ic_diag_clear(&d);
        (void)ic_fail(&d, IC_E_STDOUT, "standard output cannot be written");
        return print_error(&d);
    }
    return code;
}
