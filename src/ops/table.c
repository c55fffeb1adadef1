/* SPDX-License-Identifier: Apache-2.0
 *
 * ops.def as a table of definitions.
 */
#include "ops/op.h"

#include <string.h>

#define OP(NAME, name) extern const struct ic_op_def ic_op_##name;
#include "ops.def"
#undef OP

const struct ic_op_def *const ic_op_table[IC_OP_COUNT] = {
#define OP(NAME, name) [IC_OP_##NAME] = &ic_op_##name,
#include "ops.def"
#undef OP
};

const struct ic_op_def *ic_op_def(enum ic_op op)
{
    return (unsigned)op < IC_OP_COUNT ? ic_op_table[op] : NULL;
}

enum ic_op ic_op_from_name(const char *name)
{
    for (unsigned i = 1; i < IC_OP_COUNT; i++)
        if (strcmp(name, ic_op_table[i]->name) == 0)
            return (enum ic_op)i;
    return IC_OP_NONE;
}

int ic_op_n_attrs(enum ic_op op)
{
    int n = 0;
    while (ic_op_table[op]->attrs[n].name)
        n++;
    return n;
}

int ic_op_attr_index(enum ic_op op, const char *name)
{
    const struct ic_op_def *def = ic_op_def(op);
    for (int i = 0; def && def->attrs[i].name; i++)
        if (strcmp(def->attrs[i].name, name) == 0)
            return i;
    return -1;
}

enum ic_quant_rule ic_op_quant(const struct ic_node *n)
{
    const struct ic_op_def *def = ic_op_def(n->op);
    return def->quant_fits && !def->quant_fits(n) ? IC_QUANT_FLOAT : def->quant;
}
