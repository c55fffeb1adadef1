/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip ops: which operators of the source formats are imported, and how each operator of the graph is computed. docs/support.md is its output.
 */
#include "cli/cli.h"
#include "cli/json.h"

#include "import/onnx/onnx.h"
#include "import/torchscript/aten.h"
#include "ir/op_def.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAMES = 2048, NAME_BYTES = 80 };

struct names {
    char text[MAX_NAMES][NAME_BYTES];
    int n;
};

static void add_name(struct names *to, const char *prefix, const char *name, size_t length)
{
    char room[NAME_BYTES];
    snprintf(room, sizeof room, "%s%.*s", prefix, (int)(length < 60 ? length : 60), name);
    for (int i = 0; i < to->n; i++)
        if (strcmp(to->text[i], room) == 0)
            return;
    if (to->n < MAX_NAMES)
        memcpy(to->text[to->n++], room, sizeof room);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* "aten::conv2d" once, whatever forms it has; what is only Python's (lists, numbers) is no operator. */
static void pytorch_names(struct names *to)
{
    for (int32_t i = 0; i < ic_ts_n_rows; i++) {
        const char *schema = ic_ts_rows[i].schema, *ns = strstr(schema, "::");
        const size_t length = strcspn(schema, "(");
        const bool named = ns && ns < schema + length;
        if (!named && (strstr(schema, "Tensor") || strstr(schema, "Device? device"))) /* works on tensors, or makes one */
            add_name(to, "aten::", schema, length);
    }
    qsort(to->text, (size_t)to->n, sizeof *to->text, by_text);
}

static void onnx_names(struct names *to)
{
    for (int32_t i = 0; i < ic_onnx_n_rows; i++) {
        char prefix[40] = "";
        if (*ic_onnx_rows[i].domain)
            snprintf(prefix, sizeof prefix, "%s.", ic_onnx_rows[i].domain);
        add_name(to, prefix, ic_onnx_rows[i].name, strlen(ic_onnx_rows[i].name));
    }
    qsort(to->text, (size_t)to->n, sizeof *to->text, by_text);
}

static void print_names(const struct names *names, bool markdown)
{
    size_t column = 0;
    for (int i = 0; i < names->n; i++) {
        const size_t n = strlen(names->text[i]) + (markdown ? 4 : 0);
        if (!markdown) {
            printf("%s\n", names->text[i]);
            continue;
        }
        if (column + n > 140) {
            printf("\n");
            column = 0;
        }
        printf("%s`%s`%s", column ? " " : "", names->text[i], i + 1 < names->n ? "," : "");
        column += n;
    }
    if (markdown)
        printf("\n");
}

static const char *types_of(const struct ic_op_def *def)
{
    if (def->moves_only || def == ic_op_def(IC_OP_CAST))
        return "any";
    switch (def->types) {
    case IC_TYPES_NUMBER:
        return "floats, integers";
    case IC_TYPES_OWN:
        return "any that make sense";
    default:
        return "floats";
    }
}

static const char *codes_of(const struct ic_op_def *def)
{
    if (def == ic_op_def(IC_OP_QUANTIZE) || def == ic_op_def(IC_OP_DEQUANTIZE))
        return "the conversion itself";
    switch (def->quant) {
    case IC_QUANT_CONTRACT:
        return "integer sums";
    case IC_QUANT_KEEP:
        return "codes moved as they are";
    case IC_QUANT_REQUANT:
        return "integer arithmetic";
    case IC_QUANT_LUT:
        return "table of 256";
    case IC_QUANT_ORDER:
        return "order of codes";
    default:
        return "in float, between dequantize and quantize";
    }
}

static void print_graph_operators(bool markdown)
{
    if (markdown)
        printf("| operator | types | in a uint8 build |\n|---|---|---|\n");
    for (int op = 1; op < IC_OP_COUNT; op++) {
        const struct ic_op_def *def = ic_op_def((enum ic_op)op);
        printf(markdown ? "| %s | %s | %s |\n" : "%-16s %-20s %s\n", def->name, types_of(def), codes_of(def));
    }
}

static enum ic_status names_of(const char *front, struct names *out, struct ic_diag *d)
{
    out->n = 0;
    if (strcmp(front, "pytorch") == 0)
        pytorch_names(out);
    else if (strcmp(front, "onnx") == 0)
        onnx_names(out);
    else
        return ic_fail(d, IC_E_OPTION_VALUE, "--front %s: pytorch or onnx is wanted", front);
    return IC_OK;
}

static enum ic_status print_front(const char *front, bool markdown, struct ic_diag *d)
{
    static struct names names;
    IC_TRY(names_of(front, &names, d));
    print_names(&names, markdown);
    return IC_OK;
}

static enum ic_status print_as_json(const char *front, const char *target, struct ic_diag *d)
{
    static struct names names;
    json_t *operators = json_array();
    if (front && names_of(front, &names, d) != IC_OK) {
        json_decref(operators);
        return d->status;
    }
    for (int i = 0; front && i < names.n; i++)
        json_array_append_new(operators, json_string(names.text[i]));
    for (int op = 1; !front && op < IC_OP_COUNT; op++) {
        const struct ic_op_def *def = ic_op_def((enum ic_op)op);
        json_array_append_new(
            operators, json_pack("{s:s, s:s, s:s}", "name", def->name, "types", types_of(def), "uint8_build", codes_of(def)));
    }
    return ic_cli_print_json(json_pack("{s:s, s:s, s:o}", front ? "front" : "graph", front ? front : "operators of the graph",
                                       "target", target ? target : "", "operators", operators),
                             d);
}

static void print_document(struct ic_diag *d)
{
    printf("# What is supported\n\nGenerated by `inchip ops --markdown`; do not edit. A name in these lists is imported in the "
           "forms that networks use; what exactly a network "
           "needs beyond\nthat is said when it is converted, all at once, with the place in the source. docs/conformance.md has "
           "measured results.\n\n");
    printf("Every operator of the graph runs on every target (");
    for (size_t i = 0; ic_target_at(i); i++)
        printf("%s%s", i ? ", " : "", ic_target_at(i)->name);
    printf("), in float32 and float16; on codes as the table says.\n\n## The graph\n\n");
    print_graph_operators(true);
    printf("\n## PyTorch (TorchScript)\n\nForms that write in place (`aten::relu_`) are understood with their plain name.\n\n");
    (void)print_front("pytorch", true, d);
    printf("\n## ONNX\n\n");
    (void)print_front("onnx", true, d);
}

int ic_verb_ops(int argc, char **argv, bool help, struct ic_diag *d)
{
    const char *front = NULL, *target = NULL;
    bool markdown = false, json = false;
    const struct ic_arg args[] = {
        {"--front", NULL, IC_ARG_TEXT, &front, "FORMAT", "operators that this source format may use: pytorch or onnx"},
        {"--target", NULL, IC_ARG_TEXT, &target, "CHIP", "only say what runs there (all targets run all operators)"},
        {"--json", NULL, IC_ARG_FLAG, &json, NULL, "print the list as JSON"},
        {"--markdown", NULL, IC_ARG_FLAG, &markdown, NULL, "print the first half of docs/support.md"},
        {0}};
    if (help) {
        ic_cli_print_options(args);
        return IC_EXIT_OK;
    }
    int n = 0;
    enum ic_status status = ic_cli_parse(argc, argv, args, NULL, 0, &n, d);
    const struct ic_target *known = NULL;
    if (status == IC_OK && target)
        status = ic_target_want("--target", target, &known, d);
    if (status == IC_OK && markdown && (json || front || target))
        status = ic_fail(d, IC_E_OPTIONS_CLASH, "--markdown goes alone: it prints a whole page");
    if (status != IC_OK)
        return IC_EXIT_ERROR;
    if (json)
        status = print_as_json(front, target, d);
    else if (front)
        status = print_front(front, false, d);
    else if (markdown)
        print_document(d);
    else
        print_graph_operators(false);
    return status == IC_OK ? IC_EXIT_OK : IC_EXIT_ERROR;
}
