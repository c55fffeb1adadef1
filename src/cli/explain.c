/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip explain IC-E0123: what a code means, why it comes, what to do. --markdown writes docs/troubleshooting.md from the same list.
 */
#include "cli/cli.h"
#include "cli/json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct explanation {
    unsigned code;
    const char *title, *cause, *fix;
};

static const struct explanation explanations[] = {
#define CODE(status, n, name, title, cause, fix) {IC_E_##name, title, cause, fix},
#include "base/codes.def"
#undef CODE
};
enum { N_EXPLANATIONS = sizeof explanations / sizeof *explanations };

static const char *const chapters[] = {"",
                                       "inchip itself",
                                       "Arguments and data",
                                       "Memory",
                                       "Reading and writing files",
                                       "Damaged or contradictory models, pictures and arrays",
                                       "Files of another kind",
                                       "Understood, but not supported",
                                       "Limits",
                                       "The vendor's files",
                                       "Another chip",
                                       "A newer version",
                                       "The mini runtime",
                                       "Damaged model files of inchip",
                                       "The order of calls",
                                       "Devices"};
enum { N_CHAPTERS = sizeof chapters / sizeof *chapters };

static const char intro[] =
    "# Troubleshooting\n\n"
    "An error is one sentence: what, where (file, byte, node, line of the source), found, wanted, what to do. It ends with its "
    "code:\n\n"
    "    $ inchip convert weights.pt -o model.ic\n"
    "    E weights.pt holds only weights (a state dict: linear.weight [10, 784], linear.bias [10]), not the network itself. ... "
    "[IC-E0601]\n"
    "    $ inchip explain IC-E0601\n\n"
    "Codes are stable: the first two digits are the status of `inchip/status.h`, and no number is ever used again for something "
    "else.\n\n"
    "| where | how a failure looks |\n|---|---|\n"
    "| command line | one `E` line on stderr, exit code 2 (1: the answer of `compare` or `check` is no) |\n"
    "| C API | the status is returned; `inchip_context_error` has the sentence, `inchip_context_error_code` the number |\n"
    "| Python, `inchip` | `inchip.Error`; its text is the sentence with the code, `.code` is `\"IC-E0601\"` |\n"
    "| Python, `rknn.api` | one `E` line, and the method returns -1 (`inference`: None); nothing is raised |\n"
    "| `rknn_api` | one `E` line, and the vendor's number is returned |\n\n"
    "Lines that begin with `W` tell of something that you should know, with `I` of something that you may; neither is a failure.\n"
    "`inchip doctor` prints what a report needs. This page is printed by `inchip explain --markdown`.\n";

static void print_document(void)
{
    printf("%s", intro);
    for (unsigned chapter = 1; chapter < N_CHAPTERS; chapter++) {
        printf("\n## %s\n\n| code | what | why | what to do |\n|---|---|---|---|\n", chapters[chapter]);
        for (unsigned code = chapter * 100; code < chapter * 100 + 100; code++)
            for (size_t i = 0; i < N_EXPLANATIONS; i++)
                if (explanations[i].code == code)
                    printf("| <a id=\"ic-e%04u\"></a>" IC_CODE_FORMAT " | %s | %s | %s |\n", code, code, explanations[i].title,
                           explanations[i].cause, explanations[i].fix);
    }
}

/* "IC-E0123", "ic-e0123", "E0123", "0123" or "123"; -1 for anything else. */
static int parse_code(const char *text)
{
    if ((text[0] == 'I' || text[0] == 'i') && (text[1] == 'C' || text[1] == 'c') && (text[2] == '-' || text[2] == '_'))
        text += 3;
    if (*text == 'E' || *text == 'e')
        text++;
    char *end = NULL;
    const long n = isdigit((unsigned char)*text) ? strtol(text, &end, 10) : -1;
    return n < 0 || *end || n > 9999 ? -1 : (int)n;
}

static json_t *to_json(const struct explanation *e)
{
    char code[16];
    snprintf(code, sizeof code, IC_CODE_FORMAT, e->code);
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "code", code, "status", ic_status_name(ic_cause_status(e->code)), "title",
                     e->title, "cause", e->cause, "fix", e->fix);
}

static enum ic_status explain(const char *text, bool json, struct ic_diag *d)
{
    const int code = parse_code(text);
    for (size_t i = 0; i < N_EXPLANATIONS; i++) {
        const struct explanation *e = &explanations[i];
        if ((int)e->code != code)
            continue;
        if (json)
            return ic_cli_print_json(to_json(e), d);
        printf(IC_CODE_FORMAT ": %s\n\nwhy:  %s\nfix:  %s\n", e->code, e->title, e->cause, e->fix);
        return IC_OK;
    }
    return ic_fail(d, IC_E_CODE_UNKNOWN, "there is no code '%s': inchip explain without a code lists all", text);
}

static enum ic_status list_all(bool json, struct ic_diag *d)
{
    json_t *all = json ? json_array() : NULL;
    for (size_t i = 0; i < N_EXPLANATIONS; i++)
        if (json)
            json_array_append_new(all, to_json(&explanations[i]));
        else
            printf(IC_CODE_FORMAT "  %s\n", explanations[i].code, explanations[i].title);
    return json ? ic_cli_print_json(all, d) : IC_OK;
}

int ic_verb_explain(int argc, char **argv, bool help, struct ic_diag *d)
{
    bool json = false, markdown = false;
    const struct ic_arg args[] = {{"--json", NULL, IC_ARG_FLAG, &json, NULL, "print as JSON; without a code all of them"},
                                  {"--markdown", NULL, IC_ARG_FLAG, &markdown, NULL, "print docs/troubleshooting.md"},
                                  {0}};
    if (help) {
        ic_cli_print_options(args);
        return IC_EXIT_OK;
    }
    const char *code = NULL;
    int n = 0;
    if (ic_cli_parse(argc, argv, args, &code, 1, &n, d) != IC_OK)
        return IC_EXIT_ERROR;
    if (markdown) {
        print_document();
        return IC_EXIT_OK;
    }
    return (n ? explain(code, json, d) : list_all(json, d)) == IC_OK ? IC_EXIT_OK : IC_EXIT_ERROR;
}
