/* SPDX-License-Identifier: Apache-2.0 */
#include "import/torchscript/source.h"

#include "testing.h"

struct parsed {
    struct ic_arena arena;
    struct ic_ts_names names;
    struct ic_ts_file file;
    struct ic_diag d;
    enum ic_status status;
};

static void parse(struct parsed *p, const char *text)
{
    memset(p, 0, sizeof *p);
    p->names.arena = &p->arena;
    p->status = ic_ts_parse(text, strlen(text), "code/m.py", 100, &p->names, &p->file, &p->d);
}

static void done(struct parsed *p)
{
    ic_arena_destroy(&p->arena);
}

/* The value of "def f():\n  return <text>\n". */
static const struct ic_ts_expr *parse_value(struct parsed *p, const char *text)
{
    char all[400];
    snprintf(all, sizeof all, "def f():\n  return %s\n", text);
    parse(p, all);
    return CHECK_EQ_INT(p->status, IC_OK) ? p->file.defs->body->value : NULL;
}

TEST(classes_methods_and_fields)
{
    struct parsed p;
    parse(&p, "class Linear(Module):\n  __parameters__ = [\"weight\", ]\n  weight : Tensor\n  n : Final[int] = 784\n"
              "  __annotations__[\"0\"] = __torch__.a.B\n"
              "  def forward(self: __torch__.Linear,\n    x: Tensor,\n    k: float=0.5) -> Tensor:\n    y = self.weight\n    "
              "return torch.linear(x, y, None)\n"
              "  def forward1(self, x):\n    pass\n"
              "def helper(a: int) -> int:\n  return a\n");
    REQUIRE(p.status == IC_OK);
    const struct ic_ts_class *c = p.file.classes;
    CHECK_EQ_STR(c->name, "Linear");
    CHECK_EQ_STR(c->base, "Module");
    CHECK_EQ_STR(c->defs->name, "forward");
    CHECK_EQ_INT(c->defs->n_params, 3);
    CHECK_EQ_INT(c->defs->line, 6);
    CHECK(c->defs->params[2].preset->f == 0.5);
    CHECK_EQ_INT(c->defs->body->kind, IC_TS_ASSIGN);
    CHECK_EQ_INT(c->defs->body->next->line, 10);
    CHECK_EQ_STR(c->defs->next->name, "forward1");
    CHECK_EQ_STR(p.file.defs->name, "helper");
    CHECK(p.file.defs->params[0].name == p.file.defs->body->value->text); /* interned */
    done(&p);
}

TEST(statements_nest)
{
    struct parsed p;
    parse(&p, "def f(x):\n  i = 0\n  while torch.lt(i, 3):\n    if x:\n      pass\n    else:\n      for j in range(2):\n        a, "
              "b, = g(j)\n    i = 1\n  return (i,)\n");
    REQUIRE(p.status == IC_OK);
    const struct ic_ts_stmt *w = p.file.defs->body->next;
    CHECK_EQ_INT(w->kind, IC_TS_WHILE);
    CHECK_EQ_INT(w->body->kind, IC_TS_IF);
    CHECK_EQ_INT(w->body->body->kind, IC_TS_PASS);
    CHECK_EQ_INT(w->body->orelse->kind, IC_TS_FOR);
    CHECK_EQ_INT(w->body->orelse->body->target->kind, IC_TS_TUPLE);
    CHECK_EQ_INT(w->body->orelse->body->target->n_items, 2);
    CHECK_EQ_INT(w->body->next->kind, IC_TS_ASSIGN);
    CHECK_EQ_INT(w->next->kind, IC_TS_RETURN);
    CHECK_EQ_INT(w->next->value->kind, IC_TS_TUPLE);
    done(&p);
}

TEST(literals)
{
    struct parsed p;
    const struct ic_ts_expr *e = parse_value(&p, "[1, -9223372036854775808, 9223372036854775807, 1.0000000000000001e-05, .5, 2., "
                                                 "-0.10000000000000001, inf, -inf, None, True, False]");
    REQUIRE(e && e->n_items == 12);
    CHECK_EQ_INT(e->items[0]->i, 1);
    CHECK_EQ_INT(e->items[1]->i, INT64_MIN);
    CHECK_EQ_INT(e->items[2]->i, INT64_MAX);
    CHECK(e->items[3]->f == 1.0000000000000001e-05);
    CHECK(e->items[4]->f == 0.5 && e->items[5]->f == 2.0 && e->items[6]->f == -0.1);
    CHECK_EQ_INT(e->items[7]->kind, IC_TS_NAME);
    CHECK_EQ_INT(e->items[8]->kind, IC_TS_NEGATE);
    CHECK_EQ_INT(e->items[9]->kind, IC_TS_NONE);
    CHECK_EQ_INT(e->items[11]->kind, IC_TS_FALSE);
    done(&p);
    e = parse_value(&p, "\"a\\\"b\\n\\x41\\101\\\\\"");
    REQUIRE(e != NULL);
    CHECK_EQ_STR(e->text, "a\"b\nAA\\");
    CHECK_EQ_INT(e->length, 7);
    done(&p);
}

TEST(calls_attributes_and_subscripts)
{
    struct parsed p;
    const struct ic_ts_expr *e = parse_value(&p, "(getattr(self, \"0\")).forward(x, k=[1, 2], )");
    REQUIRE(e && e->kind == IC_TS_CALL);
    CHECK_EQ_INT(e->n_items, 2);
    CHECK(e->keywords[0] == NULL);
    CHECK_EQ_STR(e->keywords[1], "k");
    CHECK_EQ_INT(e->base->kind, IC_TS_ATTR);
    CHECK_EQ_STR(e->base->text, "forward");
    CHECK_EQ_INT(e->base->base->kind, IC_TS_CALL);
    done(&p);
    e = parse_value(&p, "{\"a\": x[0][-1], \"b\": annotate(Dict[str, Tuple[int, int]], {})}");
    REQUIRE(e && e->kind == IC_TS_DICT);
    CHECK_EQ_INT(e->n_items, 4);
    CHECK_EQ_INT(e->items[1]->kind, IC_TS_INDEX);
    CHECK_EQ_INT(e->items[1]->base->kind, IC_TS_INDEX);
    CHECK_EQ_INT(e->items[3]->items[0]->n_items, 2);
    done(&p);
}

TEST(brackets_join_lines_and_line_ends_of_other_systems_pass)
{
    struct parsed p;
    parse(&p, "def f(a):\r\n  # a comment\r\n\r\n  b = [a,   # and one here\r\n\r\n 1,\r\n]\r\n  return b\r\n");
    REQUIRE(p.status == IC_OK);
    CHECK_EQ_INT(p.file.defs->body->value->n_items, 2);
    CHECK_EQ_INT(p.file.defs->body->next->line, 8);
    done(&p);
    parse(&p, "def f(a):\n  return a"); /* no last line end */
    CHECK_EQ_INT(p.status, IC_OK);
    done(&p);
    parse(&p, "");
    CHECK_EQ_INT(p.status, IC_OK);
    done(&p);
}

static void refuses(const char *text, enum ic_status status, const char *word)
{
    struct parsed p;
    parse(&p, text);
    if (!CHECK_EQ_INT(p.status, status) || !CHECK(strstr(p.d.text, word) != NULL))
        printf("  \"%s\" without \"%s\"\n", p.d.text, word);
    done(&p);
}

TEST(mistakes_are_named_with_file_and_line)
{
    refuses("import os\n", IC_ERR_MODEL, "code/m.py, line 1: found `import`");
    refuses("def f(a):\n  return torch.add(a,\n", IC_ERR_MODEL, "inside a bracket");
    refuses("def f(a):\n  b = 1 2\n", IC_ERR_MODEL, "line 2");
    refuses("def f(a):\n  b = a + 1\n", IC_ERR_MODEL, "'+'");
    refuses("def f(a):\nreturn a\n", IC_ERR_MODEL, "indented block");
    refuses("def f(a):\n    b = a\n  return b\n", IC_ERR_MODEL, "line 3");
    refuses("def f(a):\n  b = \"open\n", IC_ERR_MODEL, "no end");
    refuses("def f(a):\n  b = 99999999999999999999\n", IC_ERR_MODEL, "64 bits");
    refuses("def f(a):\n  b = )\n", IC_ERR_MODEL, "never opened");
    refuses("class A:\n  while x:\n    pass\n", IC_ERR_MODEL, "class");
    refuses("def f(a):\n  b = \x01\n", IC_ERR_MODEL, "0x01");
}

TEST(nesting_is_limited)
{
    char text[1000] = "def f(a):\n  return ";
    memset(text + strlen(text), '(', 400);
    refuses(text, IC_ERR_LIMIT, "100 deep");
    strcpy(text, "def f(a):\n  return a");
    for (int i = 0; i < 200; ++i)
        strcat(text, ".b");
    strcat(text, "\n");
    refuses(text, IC_ERR_LIMIT, "100 deep");
}

TEST_MAIN()
