/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of a verb from a table.
 */
#include "cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t min3(size_t a, size_t b, size_t c)
{
    const size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Levenshtein distance of words up to 63 letters. */
static size_t distance(const char *a, const char *b)
{
    size_t row[64];
    const size_t n = strlen(b);
    if (n > 63)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            const size_t old = row[j];
            row[j] = min3(row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = old;
        }
    }
    return row[n];
}

const char *ic_cli_nearest(const char *word, const char *const *words)
{
    const char *best = NULL;
    size_t best_distance = strlen(word + strspn(word, "-")) / 2 + 1; /* dashes are alike in all flags */
    for (; *words; words++) {
        const size_t dist = distance(word, *words);
        if (dist < best_distance) {
            best_distance = dist;
            best = *words;
        }
    }
    return best;
}

static const struct ic_arg *find_arg(const struct ic_arg *args, const char *text, size_t length)
{
    for (; args->name; args++) {
        if (strlen(args->name) == length && strncmp(args->name, text, length) == 0)
            return args;
        if (args->short_name && strlen(args->short_name) == length && strncmp(args->short_name, text, length) == 0)
            return args;
    }
    return NULL;
}

static enum ic_status unknown_option(const struct ic_arg *args, const char *text, struct ic_diag *d)
{
    const char *names[64] = {0};
    for (size_t i = 0; args[i].name && i < 63; i++)
        names[i] = args[i].name;
    const char *near = ic_cli_nearest(text, names);
    const struct ic_arg *glued = text[1] != '-' ? find_arg(args, text, 2) : NULL;
    if (glued && glued->value) /* -oFILE, -o=FILE */
        return ic_fail(d, IC_E_OPTION_UNKNOWN, "unknown option '%s': write %.2s %s", text, text, text + 2 + (text[2] == '='));
    return ic_fail(d, IC_E_OPTION_UNKNOWN, "unknown option '%s'%s%s%s: --help lists the options", text,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'" : "");
}

static enum ic_status set_number(const struct ic_arg *arg, const char *value, struct ic_diag *d)
{
    char *end = NULL;
    errno = 0;
    if (arg->kind == IC_ARG_INT) {
        const long n = strtol(value, &end, 10);
        if (errno || end == value || *end || n < INT_MIN || n > INT_MAX)
            return ic_fail(d, IC_E_OPTION_VALUE, "%s: '%s' is not a whole number", arg->name, value);
        *(int *)arg->to = (int)n;
        return IC_OK;
    }
    const double x = strtod(value, &end);
    if (errno || end == value || *end || !isfinite(x))
        return ic_fail(d, IC_E_OPTION_VALUE, "%s: '%s' is not a number", arg->name, value);
    *(double *)arg->to = x;
    return IC_OK;
}

static enum ic_status set_arg(const struct ic_arg *arg, const char *value, struct ic_diag *d)
{
    if (!*value)
        return ic_fail(d, IC_E_OPTION_MISSING, "%s: its value is empty; %s %s is wanted", arg->name, arg->name, arg->value);
    if (arg->kind == IC_ARG_TEXT && strcmp(value, "-") == 0 && strncmp(arg->value, "FILE", 4) == 0)
        return ic_fail(d, IC_E_OPTION_VALUE, "%s -: a file is wanted; /dev/stdout is standard output, ./- a file of that name",
                       arg->name);
    if (arg->kind == IC_ARG_TEXT) {
        *(const char **)arg->to = value;
        return IC_OK;
    }
    if (arg->kind != IC_ARG_LIST)
        return set_number(arg, value, d);
    struct ic_arg_list *list = arg->to;
    if (list->n == IC_ARG_LIST_MAX)
        return ic_fail(d, IC_E_OPTIONS_CLASH, "%s: given more than %d times", arg->name, IC_ARG_LIST_MAX);
    list->items[list->n++] = value;
    return IC_OK;
}

/* Most often a picture that was given without its flag. */
static enum ic_status unexpected(const char *text, const struct ic_arg *args, int max_positionals, struct ic_diag *d)
{
    if (*text == '-')
        return ic_fail(d, IC_E_OPTION_UNKNOWN, "unexpected argument '%s': behind -- everything is a file name", text);
    const struct ic_arg *input = find_arg(args, "--input", 7), *output = find_arg(args, "--output", 8);
    const struct ic_arg *dataset = find_arg(args, "--dataset", 9);
    const bool data = input && strcmp(input->value, "[NAME=]FILE") == 0;
    if (max_positionals == 0)
        return ic_fail(d, IC_E_OPTION_UNKNOWN, "unexpected argument '%s': this verb takes options only", text);
    if (dataset && *(const char **)dataset->to) /* a shell's --dataset *.png */
        return ic_fail(
            d, IC_E_OPTION_UNKNOWN,
            "unexpected argument '%s': this verb takes at most %d; the files to calibrate with stand in a list, one per line "
            "(ls *.png >list.txt), and --dataset list.txt names it",
            text, max_positionals);
    return ic_fail(d, IC_E_OPTION_UNKNOWN, "unexpected argument '%s': this verb takes at most %d%s%s", text, max_positionals,
                   data               ? "; for the model's input write --input "
                   : output && !input ? "; for the file to write -o "
                                      : "",
                   data || (output && !input) ? text : "");
}

/* U+2013, U+2014 and U+2212: what editors and web pages make of minus signs. */
static bool is_dash(const char *text)
{
    return strncmp(text, "\xe2\x80\x93", 3) == 0 || strncmp(text, "\xe2\x80\x94", 3) == 0 || strncmp(text, "\xe2\x88\x92", 3) == 0;
}

/* The word behind such dashes; NULL: it has none. */
static const char *behind_dashes(const char *text)
{
    const char *at = text;
    while (is_dash(at))
        at += 3;
    return at > text && *at ? at : NULL;
}

enum ic_status ic_cli_parse(int argc, char **argv, const struct ic_arg *args, const char **positionals, int max_positionals,
                            int *out_n, struct ic_diag *d)
{
    int n = 0;
    bool only_files = false; /* behind -- */
    for (int i = 0; i < argc; i++) {
        const char *text = argv[i];
        if (!only_files && strcmp(text, "--") == 0) {
            only_files = true;
            continue;
        }
        if (only_files || text[0] != '-' || !text[1]) {
            if (!*text)
                return ic_fail(d, IC_E_OPTION_MISSING, "argument %d is empty: a file name is wanted", i + 1);
            const char *word = only_files ? NULL : behind_dashes(text);
            if (word)
                return ic_fail(d, IC_E_OPTION_UNKNOWN, "'%s' begins with a dash that is no minus sign: write %s%s", text,
                               word[1] ? "--" : "-", word);
            if (n == max_positionals)
                return unexpected(text, args, max_positionals, d);
            positionals[n++] = text;
            continue;
        }
        const char *equals = text[1] == '-' ? strchr(text, '=') : NULL;
        const struct ic_arg *arg = find_arg(args, text, equals ? (size_t)(equals - text) : strlen(text));
        if (!arg)
            return unknown_option(args, text, d);
        if (arg->kind == IC_ARG_FLAG) {
            if (equals)
                return ic_fail(d, IC_E_OPTIONS_CLASH, "%s takes no value", arg->name);
            *(bool *)arg->to = true;
            continue;
        }
        /* the next option is no value: a file named --json would be the result */
        if (!equals && (++i == argc || find_arg(args, argv[i], strlen(argv[i]))))
            return ic_fail(d, IC_E_OPTION_MISSING, "%s needs a value: %s %s", arg->name, arg->name, arg->value);
        IC_TRY(set_arg(arg, equals ? equals + 1 : argv[i], d));
    }
    *out_n = n;
    return IC_OK;
}

enum ic_status ic_cli_parse_model(int argc, char **argv, const struct ic_arg *args, const char *usage, const char **out_path,
                                  struct ic_diag *d)
{
    int n = 0;
    *out_path = NULL;
    IC_TRY(ic_cli_parse(argc, argv, args, out_path, 1, &n, d));
    return n == 1 ? IC_OK : ic_fail(d, IC_E_OPTION_MISSING, "name the model file: %s", usage);
}

void ic_cli_print_options(const struct ic_arg *args)
{
    for (; args->name; args++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s%s%s", args->short_name ? args->short_name : "", args->short_name ? ", " : "",
                 args->name, args->value ? " " : "", args->value ? args->value : "");
        printf("  %-32s %s\n", left, args->help);
    }
}

static enum ic_status parse_dims(const char *text, const char *end, struct ic_import_input *out, struct ic_diag *d)
{
    out->rank = 0;
    for (const char *at = text; at < end;) {
        char *after = NULL;
        errno = 0;
        const long n = strtol(at, &after, 10);
        if (after > at && n > 0 && (errno == ERANGE || n > INT32_MAX))
            return ic_fail(d, IC_E_OPTION_VALUE, "'%s': dimension %.*s is too large: at most %d is possible", text,
                           (int)(after - at), at, INT32_MAX);
        if (errno || after == at || n < 1 || n > INT32_MAX ||
            (after < end && *after != 'x' && *after != 'X' && *after != ',' && *after != ' '))
            return ic_fail(d, IC_E_OPTION_VALUE, "'%s' is no shape: write it as 1x784 or 1,3,224,224", text);
        if (after + 1 == end)
            return ic_fail(d, IC_E_OPTION_VALUE, "'%s' is no shape: a number is missing at its end", text);
        if (out->rank == IC_IR_MAX_RANK)
            return ic_fail(d, IC_E_OPTION_VALUE, "'%s' has more than %d dimensions", text, IC_IR_MAX_RANK);
        out->dims[out->rank++] = (int32_t)n;
        at = after < end ? after + 1 : end;
    }
    return IC_OK;
}

enum ic_status ic_cli_parse_input(const char *text, struct ic_import_input *out, struct ic_arena *a, struct ic_diag *d)
{
    *out = (struct ic_import_input){.name = "", .rank = -1};
    const char *equals = strrchr(text, '=');
    const char *shape = equals ? equals + 1 : text;
    const char *colon = strchr(shape, ':');
    const char *end = colon ? colon : shape + strlen(shape);
    while (end > shape && end[-1] == ' ')
        end--;
    if (equals)
        out->name = ic_arena_text(a, text, (size_t)(equals - text));
    if (!out->name)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for option '%s'", text);
    out->complex = colon && strcmp(colon + 1, "complex64") == 0;
    if (colon && !out->complex && (out->dtype = ic_dtype_from_name(colon + 1)) == IC_DTYPE_NONE)
        return ic_fail(d, IC_E_OPTION_VALUE,
                       "'%s': unknown element type '%s' (float32, float16, uint8, int8, int32, int64, complex64); the form is "
                       "[NAME=]SHAPE[:DTYPE], such as x=1x784:float32",
                       text, colon + 1);
    return parse_dims(shape, end, out, d);
}

enum ic_status ic_cli_parse_numbers(const char *flag, const char *text, float **out, int32_t *out_n, struct ic_arena *a,
                                    struct ic_diag *d)
{
    enum { MAX_NUMBERS = 128 };
    float *numbers = ic_arena_array(a, MAX_NUMBERS, sizeof *numbers);
    if (!numbers)
        return ic_fail(d, IC_ERR_MEMORY, "%s: no memory for the numbers '%s'", flag, text);
    int32_t n = 0;
    for (const char *at = text; *at;) {
        char *after = NULL;
        const double x = strtod(at, &after);
        if (after == at || !isfinite(x) || n == MAX_NUMBERS)
            return ic_fail(d, IC_E_OPTION_VALUE,
                           "%s '%s': up to %d finite numbers, separated by commas, are wanted, such as %s 123.7,116.3,103.5", flag,
                           text, MAX_NUMBERS, flag);
        numbers[n++] = (float)x;
        at = after;
        while (*at == ',' || *at == ' ')
            at++;
    }
    *out = numbers;
    *out_n = n;
    return IC_OK;
}

void ic_cli_shape_text(char *text, size_t capacity_bytes, int32_t rank, const int32_t *dims)
{
    size_t at = 0;
    snprintf(text, capacity_bytes, "scalar");
    for (int32_t i = 0; i < rank && at < capacity_bytes; i++) {
        const int n = snprintf(text + at, capacity_bytes - at, "%s%d", i ? "x" : "", (int)dims[i]);
        at += n > 0 ? (size_t)n : 0;
    }
}
