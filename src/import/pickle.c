/* SPDX-License-Identifier: Apache-2.0 */
#include "import/pickle.h"

#include "base/bytes.h"
#include "import/pickle_names.h"

#include <string.h>

struct machine {
    struct ic_reader r;
    size_t op_at; /* of the opcode being executed, relative to bytes */
    const struct ic_pickle_options *options;
    struct ic_arena *arena;
    struct ic_diag *d;
    struct ic_pickle_value **stack; /* NULL entries are marks */
    size_t n_stack, cap_stack;
    struct ic_pickle_value **memo;
    size_t n_memo_used, cap_memo;
};

static enum ic_status no_memory(struct machine *m)
{
    return ic_fail(m->d, IC_ERR_MEMORY, "%s: no memory for its values (at byte %zu)", m->options->what,
                   m->options->file_offset + m->op_at);
}

static enum ic_status bad(struct machine *m, const char *why)
{
    return ic_fail(m->d, IC_E_PICKLE, "%s: byte %zu: %s; the pickle is damaged", m->options->what,
                   m->options->file_offset + m->op_at, why);
}

/* ---- stack ---- */
static enum ic_status push(struct machine *m, struct ic_pickle_value *v)
{
    if (m->n_stack == m->cap_stack) {
        const size_t cap = m->cap_stack ? 2 * m->cap_stack : 64;
        struct ic_pickle_value **wider = ic_arena_array(m->arena, cap, sizeof *wider);
        if (!wider)
            return no_memory(m);
        if (m->n_stack)
            memcpy(wider, m->stack, m->n_stack * sizeof *wider);
        m->stack = wider;
        m->cap_stack = cap;
    }
    m->stack[m->n_stack++] = v;
    return IC_OK;
}

static enum ic_status push_new(struct machine *m, enum ic_pickle_kind kind, struct ic_pickle_value **out)
{
    struct ic_pickle_value *v = ic_arena_alloc(m->arena, sizeof *v);
    if (!v)
        return no_memory(m);
    v->kind = kind;
    v->depth = 1;
    v->at = m->options->file_offset + m->op_at;
    *out = v;
    return push(m, v);
}

static enum ic_status pop(struct machine *m, struct ic_pickle_value **out)
{
    if (m->n_stack == 0 || !m->stack[m->n_stack - 1])
        return bad(m, "an opcode finds too few values on the stack");
    *out = m->stack[--m->n_stack];
    return IC_OK;
}

/* The values above the topmost mark stay at stack[*out_first ..); the caller cuts the stack. */
static enum ic_status find_mark(struct machine *m, size_t *out_first)
{
    for (size_t i = m->n_stack; i-- > 0;)
        if (!m->stack[i]) {
            *out_first = i + 1;
            return IC_OK;
        }
    return bad(m, "an opcode finds no mark on the stack");
}

/* ---- items ---- */
static enum ic_status add_items(struct machine *m, struct ic_pickle_value *to, struct ic_pickle_value *const *items, size_t n)
{
    if (n > to->cap_items - to->n_items) {
        const size_t cap = 2 * to->cap_items > to->n_items + n ? 2 * to->cap_items : to->n_items + n;
        struct ic_pickle_value **wider = ic_arena_array(m->arena, cap, sizeof *wider);
        if (!wider)
            return no_memory(m);
        if (to->n_items)
            memcpy(wider, to->items, to->n_items * sizeof *wider);
        to->items = wider;
        to->cap_items = cap;
    }
    for (size_t i = 0; i < n; ++i) {
        if (!items[i])
            return bad(m, "a mark stands where a value is expected");
        to->items[to->n_items++] = items[i];
        if (items[i]->depth >= to->depth)
            to->depth = items[i]->depth + 1;
    }
    if (to->depth > m->options->max_depth)
        return ic_fail(m->d, IC_E_NESTING, "%s: byte %zu: values are nested more than %u deep", m->options->what,
                       m->options->file_offset + m->op_at, m->options->max_depth);
    return IC_OK;
}

static enum ic_status make_tuple(struct machine *m, size_t first)
{
    struct ic_pickle_value *t = NULL;
    const size_t n = m->n_stack - first;
    struct ic_pickle_value **items = m->stack + first;
    IC_TRY(push_new(m, IC_PICKLE_TUPLE, &t)); /* may move the stack: items still holds the old values */
    IC_TRY(add_items(m, t, items, n));
    m->n_stack = first;
    return push(m, t);
}

static enum ic_status tuple_of(struct machine *m, size_t n)
{
    if (m->n_stack < n)
        return bad(m, "a tuple finds too few values on the stack");
    return make_tuple(m, m->n_stack - n);
}

static enum ic_status marked_tuple(struct machine *m)
{
    size_t first = 0;
    IC_TRY(find_mark(m, &first));
    IC_TRY(make_tuple(m, first));
    m->stack[first - 1] = m->stack[first]; /* the tuple takes the mark's place */
    m->n_stack = first;
    return IC_OK;
}

static enum ic_status extend(struct machine *m, size_t first, size_t below, enum ic_pickle_kind kind)
{
    const size_t n = m->n_stack - first;
    m->n_stack = below;
    if (m->n_stack == 0 || !m->stack[m->n_stack - 1])
        return bad(m, "values are added to nothing");
    struct ic_pickle_value *to = m->stack[m->n_stack - 1];
    if (to->kind == IC_PICKLE_CALL || to->kind == IC_PICKLE_OBJECT)
        return m->options->foreign_classes ? IC_OK : bad(m, "values are added to an object");
    if (to->kind != kind)
        return bad(m, kind == IC_PICKLE_DICT ? "a key is set in something that is no dict"
                                             : "a value is appended to something that is no list");
    if (kind == IC_PICKLE_DICT && n % 2)
        return bad(m, "a dict gets a key without a value");
    return add_items(m, to, m->stack + first, n);
}

static enum ic_status extend_marked(struct machine *m, enum ic_pickle_kind kind)
{
    size_t first = 0;
    IC_TRY(find_mark(m, &first));
    return extend(m, first, first - 1, kind);
}

static enum ic_status extend_by(struct machine *m, size_t n, enum ic_pickle_kind kind)
{
    if (m->n_stack < n + 1)
        return bad(m, "an opcode finds too few values on the stack");
    return extend(m, m->n_stack - n, m->n_stack - n, kind);
}

/* ---- memo ---- */
static enum ic_status memo_put(struct machine *m, size_t index)
{
    if (m->n_stack == 0 || !m->stack[m->n_stack - 1])
        return bad(m, "nothing to remember");
    if (index >= m->r.size_bytes) /* each remembered value costs at least one byte */
        return bad(m, "a memo number larger than the pickle");
    if (index >= m->cap_memo) {
        size_t cap = m->cap_memo ? 2 * m->cap_memo : 64;
        if (cap <= index)
            cap = index + 1;
        struct ic_pickle_value **wider = ic_arena_array(m->arena, cap, sizeof *wider);
        if (!wider)
            return no_memory(m);
        if (m->cap_memo)
            memcpy(wider, m->memo, m->cap_memo * sizeof *wider);
        m->memo = wider;
        m->cap_memo = cap;
    }
    m->memo[index] = m->stack[m->n_stack - 1];
    m->n_memo_used++;
    return IC_OK;
}

static enum ic_status memo_get(struct machine *m, size_t index)
{
    if (index >= m->cap_memo || !m->memo[index])
        return bad(m, "a memo number that was never set");
    return push(m, m->memo[index]);
}

/* ---- literals ---- */
static enum ic_status push_int(struct machine *m, int64_t i)
{
    struct ic_pickle_value *v = NULL;
    IC_TRY(push_new(m, IC_PICKLE_INT, &v));
    v->i = i;
    return IC_OK;
}

static enum ic_status push_text(struct machine *m, enum ic_pickle_kind kind, uint64_t length)
{
    if (length > ic_reader_left(&m->r))
        return ic_fail(m->d, IC_E_PICKLE, "%s: byte %zu: a text of %llu bytes where only %zu are left; the pickle is damaged",
                       m->options->what, m->options->file_offset + m->op_at, (unsigned long long)length, ic_reader_left(&m->r));
    const uint8_t *bytes = NULL;
    IC_TRY(ic_read_span(&m->r, (size_t)length, &bytes, m->d));
    struct ic_pickle_value *v = NULL;
    IC_TRY(push_new(m, kind, &v));
    v->text = ic_arena_text(m->arena, (const char *)bytes, (size_t)length);
    v->length = (size_t)length;
    return v->text ? IC_OK : no_memory(m);
}

static enum ic_status push_long(struct machine *m, uint32_t n)
{
    if (n > ic_reader_left(&m->r))
        return bad(m, "a long number leaves the pickle");
    const uint8_t *p = NULL;
    IC_TRY(ic_read_span(&m->r, n, &p, m->d));
    /* The magic number of old torch.save files has ten bytes: nobody reads its value. */
    if (n > (m->options->foreign_classes ? 16u : 8u))
        return bad(m, "an integer of more than 64 bits");
    uint64_t u = n && p[n - 1] & 0x80 ? UINT64_MAX : 0;
    for (uint32_t i = n < 8 ? n : 8; i-- > 0;)
        u = u << 8 | p[i];
    return push_int(m, (int64_t)u);
}

static enum ic_status push_float(struct machine *m)
{
    const uint8_t *p = NULL;
    IC_TRY(ic_read_span(&m->r, 8, &p, m->d));
    union {
        uint64_t u;
        double f;
    } bits = {0};
    for (int i = 0; i < 8; ++i) /* the one big-endian number of the format */
        bits.u = bits.u << 8 | p[i];
    struct ic_pickle_value *v = NULL;
    IC_TRY(push_new(m, IC_PICKLE_FLOAT, &v));
    v->f = bits.f;
    return IC_OK;
}

static enum ic_status push_bool(struct machine *m, bool b)
{
    struct ic_pickle_value *v = NULL;
    IC_TRY(push_new(m, IC_PICKLE_BOOL, &v));
    v->i = b;
    return IC_OK;
}

/* ---- names and calls ---- */
/* Names are shown in messages: nothing but visible ASCII. */
static bool is_plain_name(const char *s, size_t n)
{
    for (size_t i = 0; i < n; ++i)
        if (s[i] <= ' ' || s[i] >= 127)
            return false;
    return n > 0;
}

static enum ic_status read_line(struct machine *m, const char **out)
{
    const uint8_t *p = m->r.bytes + m->r.at;
    const uint8_t *end = memchr(p, '\n', ic_reader_left(&m->r));
    if (!end || end - p > 1024)
        return bad(m, "a global's name does not end");
    const size_t n = (size_t)(end - p);
    if (!is_plain_name((const char *)p, n))
        return bad(m, "a global's name holds a character that no name has");
    *out = ic_arena_text(m->arena, (const char *)p, n);
    m->r.at += n + 1;
    return *out ? IC_OK : no_memory(m);
}

static enum ic_status push_global(struct machine *m, const char *module, const char *name)
{
    if (!ic_pickle_name_known(module, name) && !m->options->foreign_classes)
        return ic_fail(m->d, IC_E_PICKLE_CALL,
                       "%s: byte %zu: the pickle names %s.%s, which no model needs: refused, nothing was executed",
                       m->options->what, m->options->file_offset + m->op_at, module, name);
    struct ic_pickle_value *v = NULL;
    IC_TRY(push_new(m, IC_PICKLE_GLOBAL, &v));
    v->module = module;
    v->text = name;
    v->length = strlen(name);
    return IC_OK;
}

static enum ic_status op_global(struct machine *m)
{
    const char *module = NULL, *name = NULL;
    IC_TRY(read_line(m, &module));
    IC_TRY(read_line(m, &name));
    return push_global(m, module, name);
}

static enum ic_status op_stack_global(struct machine *m)
{
    struct ic_pickle_value *name = NULL, *module = NULL;
    IC_TRY(pop(m, &name));
    IC_TRY(pop(m, &module));
    if (name->kind != IC_PICKLE_TEXT || module->kind != IC_PICKLE_TEXT)
        return bad(m, "a global's name is no text");
    if (!is_plain_name(module->text, module->length) || !is_plain_name(name->text, name->length))
        return bad(m, "a global's name holds a character that no name has");
    return push_global(m, module->text, name->text);
}

static enum ic_status op_call(struct machine *m, enum ic_pickle_kind kind)
{
    struct ic_pickle_value *pair[2];
    IC_TRY(pop(m, &pair[1]));
    IC_TRY(pop(m, &pair[0]));
    /* old torch.save files wrap a class in a persistent id together with its source text */
    const bool wrapped = m->options->foreign_classes && pair[0]->kind == IC_PICKLE_PERSISTENT;
    if (pair[0]->kind != IC_PICKLE_GLOBAL && !wrapped)
        return bad(m, kind == IC_PICKLE_CALL ? "a call of something that is no global" : "an object of something that is no class");
    if (kind == IC_PICKLE_CALL && !wrapped && !ic_pickle_name_tolerated(pair[0]->module, pair[0]->text))
        return ic_fail(m->d, IC_E_PICKLE_CALL,
                       "%s: byte %zu: the pickle calls %s.%s, which no model needs: refused, nothing was executed",
                       m->options->what, m->options->file_offset + m->op_at, pair[0]->module, pair[0]->text);
    struct ic_pickle_value *v = NULL;
    if (kind == IC_PICKLE_CALL && ic_pickle_is_global(pair[0], "collections", "OrderedDict"))
        return push_new(m, IC_PICKLE_DICT, &v);
    IC_TRY(push_new(m, kind, &v));
    return add_items(m, v, pair, 2);
}

static enum ic_status op_build(struct machine *m)
{
    struct ic_pickle_value *state = NULL;
    IC_TRY(pop(m, &state));
    if (m->n_stack == 0 || !m->stack[m->n_stack - 1])
        return bad(m, "state for nothing");
    struct ic_pickle_value *v = m->stack[m->n_stack - 1];
    if (v->kind != IC_PICKLE_OBJECT && v->kind != IC_PICKLE_CALL && v->kind != IC_PICKLE_DICT)
        return bad(m, "state for something that is no object");
    v->state = state;
    if (state->depth >= v->depth)
        v->depth = state->depth + 1;
    return v->depth > m->options->max_depth ? ic_fail(m->d, IC_E_NESTING, "%s: byte %zu: values are nested more than %u deep",
                                                      m->options->what, m->options->file_offset + m->op_at, m->options->max_depth)
                                            : IC_OK;
}

static enum ic_status op_persistent(struct machine *m)
{
    struct ic_pickle_value *id = NULL, *v = NULL;
    IC_TRY(pop(m, &id));
    IC_TRY(push_new(m, IC_PICKLE_PERSISTENT, &v));
    return add_items(m, v, &id, 1);
}

static enum ic_status read_number(struct machine *m, int n_bytes, uint64_t *out)
{
    const uint8_t *p = NULL;
    IC_TRY(ic_read_span(&m->r, (size_t)n_bytes, &p, m->d));
    *out = 0;
    for (int i = n_bytes; i-- > 0;)
        *out = *out << 8 | p[i];
    return IC_OK;
}

static enum ic_status text_op(struct machine *m, enum ic_pickle_kind kind, int length_bytes)
{
    uint64_t n = 0;
    IC_TRY(read_number(m, length_bytes, &n));
    return push_text(m, kind, n);
}

static enum ic_status number_op(struct machine *m, int n_bytes)
{
    uint64_t n = 0;
    IC_TRY(read_number(m, n_bytes, &n));
    return push_int(m, n_bytes == 4 ? (int32_t)(uint32_t)n : (int64_t)n);
}

static enum ic_status memo_op(struct machine *m, int n_bytes, bool put)
{
    uint64_t n = 0;
    IC_TRY(read_number(m, n_bytes, &n));
    return put ? memo_put(m, (size_t)n) : memo_get(m, (size_t)n);
}

static enum ic_status op_proto(struct machine *m)
{
    uint64_t n = 0;
    IC_TRY(read_number(m, 1, &n));
    if (n > 5)
        return ic_fail(m->d, IC_E_PICKLE, "%s: byte %zu: pickle protocol %u, the highest known is 5", m->options->what,
                       m->options->file_offset + m->op_at, (unsigned)n);
    return IC_OK;
}

static enum ic_status op_drop(struct machine *m, uint8_t op)
{
    struct ic_pickle_value *v = NULL;
    size_t first = 0;
    if (op == '2') {
        IC_TRY(pop(m, &v));
        IC_TRY(push(m, v));
        return push(m, v);
    }
    if (op == '1') {
        IC_TRY(find_mark(m, &first));
        m->n_stack = first - 1;
        return IC_OK;
    }
    return pop(m, &v);
}

/* The opcodes; anything not listed is refused by number. */
static enum ic_status step(struct machine *m, uint8_t op)
{
    struct ic_pickle_value *v = NULL;
    uint64_t n = 0;
    switch (op) {
    case 0x80:
        return op_proto(m);
    case 0x95:
        return ic_read_skip(&m->r, 8, m->d); /* FRAME */
    case '(':
        return push(m, NULL);
    case '0':
    case '1':
    case '2':
        return op_drop(m, op);
    case 'N':
        return push_new(m, IC_PICKLE_NONE, &v);
    case 0x88:
    case 0x89:
        return push_bool(m, op == 0x88);
    case 'J':
        return number_op(m, 4);
    case 'K':
        return number_op(m, 1);
    case 'M':
        return number_op(m, 2);
    case 0x8a:
        IC_TRY(read_number(m, 1, &n));
        return push_long(m, (uint32_t)n);
    case 0x8b:
        IC_TRY(read_number(m, 4, &n));
        return push_long(m, (uint32_t)n);
    case 'G':
        return push_float(m);
    case 0x8c:
        return text_op(m, IC_PICKLE_TEXT, 1);
    case 'X':
        return text_op(m, IC_PICKLE_TEXT, 4);
    case 0x8d:
        return text_op(m, IC_PICKLE_TEXT, 8);
    case 'U':
    case 'C':
        return text_op(m, IC_PICKLE_BYTES, 1);
    case 'T':
    case 'B':
        return text_op(m, IC_PICKLE_BYTES, 4);
    case 0x8e:
        return text_op(m, IC_PICKLE_BYTES, 8);
    case 'c':
        return op_global(m);
    case 0x93:
        return op_stack_global(m);
    case 'q':
        return memo_op(m, 1, true);
    case 'r':
        return memo_op(m, 4, true);
    case 'h':
        return memo_op(m, 1, false);
    case 'j':
        return memo_op(m, 4, false);
    case 0x94:
        return memo_put(m, m->n_memo_used);
    case ')':
        return push_new(m, IC_PICKLE_TUPLE, &v);
    case 0x85:
        return tuple_of(m, 1);
    case 0x86:
        return tuple_of(m, 2);
    case 0x87:
        return tuple_of(m, 3);
    case 't':
        return marked_tuple(m);
    case ']':
    case 0x8f:
        return push_new(m, IC_PICKLE_LIST, &v); /* a set is read as a list */
    case '}':
        return push_new(m, IC_PICKLE_DICT, &v);
    case 'a':
        return extend_by(m, 1, IC_PICKLE_LIST);
    case 'e':
    case 0x90:
        return extend_marked(m, IC_PICKLE_LIST);
    case 's':
        return extend_by(m, 2, IC_PICKLE_DICT);
    case 'u':
        return extend_marked(m, IC_PICKLE_DICT);
    case 0x81:
        return op_call(m, IC_PICKLE_OBJECT);
    case 'R':
        return op_call(m, IC_PICKLE_CALL);
    case 'b':
        return op_build(m);
    case 'Q':
        return op_persistent(m);
    default:
        return ic_fail(m->d, IC_E_PICKLE_CALL,
                       "%s: byte %zu: pickle opcode 0x%02x does not occur in model files; refused, nothing was executed",
                       m->options->what, m->options->file_offset + m->op_at, op);
    }
}

enum ic_status ic_pickle_read(const void *bytes, size_t size_bytes, const struct ic_pickle_options *options, struct ic_arena *arena,
                              struct ic_pickle_value **out, size_t *out_used_bytes, struct ic_diag *d)
{
    struct machine m = {.r = ic_reader_on(bytes, size_bytes, options->what), .options = options, .arena = arena, .d = d};
    m.r.base_offset = options->file_offset;
    for (;;) {
        if (m.r.at == size_bytes)
            return ic_fail(d, IC_E_PICKLE, "%s: byte %zu: the pickle ends without STOP; the file is cut off", options->what,
                           options->file_offset + m.r.at);
        m.op_at = m.r.at;
        const uint8_t op = m.r.bytes[m.r.at++];
        if (op == '.')
            break;
        IC_TRY(step(&m, op));
    }
    IC_TRY(pop(&m, out));
    if (out_used_bytes)
        *out_used_bytes = m.r.at;
    return IC_OK;
}

bool ic_pickle_is_global(const struct ic_pickle_value *v, const char *module, const char *name)
{
    return v && v->kind == IC_PICKLE_GLOBAL && strcmp(v->module, module) == 0 && strcmp(v->text, name) == 0;
}

bool ic_pickle_is_call(const struct ic_pickle_value *v, const char *module, const char *name)
{
    return v && v->kind == IC_PICKLE_CALL && ic_pickle_is_global(v->items[0], module, name);
}

struct ic_pickle_value *ic_pickle_dict_get(const struct ic_pickle_value *dict, const char *key)
{
    for (size_t i = 0; dict && dict->kind == IC_PICKLE_DICT && i + 1 < dict->n_items; i += 2)
        if (dict->items[i]->kind == IC_PICKLE_TEXT && strcmp(dict->items[i]->text, key) == 0)
            return dict->items[i + 1];
    return NULL;
}
