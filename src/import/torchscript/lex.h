/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens of the TorchScript source language, indentation included.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_LEX_H
#define IC_IMPORT_TORCHSCRIPT_LEX_H

#include "import/torchscript/source.h"

enum ic_ts_token_kind {
    IC_TS_T_END = 0,
    IC_TS_T_NEWLINE,
    IC_TS_T_INDENT,
    IC_TS_T_DEDENT,
    IC_TS_T_NAME, /* text interned */
    IC_TS_T_INT,
    IC_TS_T_FLOAT,
    IC_TS_T_COMPLEX, /* f and imaginary */
    IC_TS_T_TEXT,
    IC_TS_T_OP /* op: the character; '>' stands for "->" */
};

#define IC_TS_MAX_INDENTS 100

struct ic_ts_lexer {
    const char *text;
    size_t size_bytes, at;
    int32_t line;
    const char *path;
    struct ic_ts_names *names;
    struct ic_diag *d;
    int32_t brackets; /* open ones: line ends do not count inside */
    int32_t indents[IC_TS_MAX_INDENTS];
    int32_t n_indents; /* indents[0] = 0 */
    int32_t pending_dedents;
    bool at_line_start;
    /* the current token */
    enum ic_ts_token_kind kind;
    int32_t token_line;
    char op;
    const char *token_text;
    size_t token_length;
    int64_t i;
    double f, imaginary;
};

enum ic_status ic_ts_lex_start(struct ic_ts_lexer *x, const char *text, size_t size_bytes, const char *path,
                               struct ic_ts_names *names, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_ts_lex_next(struct ic_ts_lexer *x) IC_MUST_USE;
/* "name `x`", "end of line" ... for messages; lent until the next call. */
const char *ic_ts_lex_describe(const struct ic_ts_lexer *x, char *room, size_t room_bytes);

#endif
