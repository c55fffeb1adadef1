/* SPDX-License-Identifier: Apache-2.0
 *
 * The closed lists of names a pickle may mention. They only say what is worth reading on: no name is ever looked up or called.
 */
#include "import/pickle_names.h"

#include <string.h>

struct name {
    const char *module, *name; /* NULL: every name of the module */
};

static const struct name readable[] = {
    {"collections", "OrderedDict"},
    {"torch._utils", "_rebuild_tensor_v2"},
    {"torch._utils", "_rebuild_qtensor"},
    {"torch._utils", "_rebuild_parameter"},
    {"torch.jit._pickle", "build_intlist"},
    {"torch.jit._pickle", "build_tensorlist"},
    {"torch.jit._pickle", "build_doublelist"},
    {"torch.jit._pickle", "build_boollist"},
    {"torch.jit._pickle", "build_tensor_from_id"},
    {"torch.jit._pickle", "restore_type_tag"},
    {"torch", "device"},
    {"torch", "per_tensor_affine"},
    {"torch", "per_channel_affine"},
};

/* What torch.save files call besides; the results are not read. */
static const struct name tolerated[] = {
    {"builtins", "set"},
    {"__builtin__", "set"},
    {"builtins", "frozenset"},
    {"builtins", "bytearray"},
    {"builtins", "complex"},
    {"_codecs", "encode"},
    {"copyreg", "_reconstructor"},
    {"copy_reg", "_reconstructor"},
    {"collections", NULL},
    {"argparse", "Namespace"},
    {"datetime", NULL},
    {"pathlib", NULL},
    {"functools", "partial"},
};

static bool listed(const struct name *list, size_t n, const char *module, const char *name)
{
    for (size_t i = 0; i < n; ++i)
        if (strcmp(list[i].module, module) == 0 && (!list[i].name || strcmp(list[i].name, name) == 0))
            return true;
    return false;
}

static bool starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

static bool is_storage(const char *module, const char *name)
{
    const size_t n = strlen(name);
    return strcmp(module, "torch") == 0 && n > 7 && strcmp(name + n - 7, "Storage") == 0;
}

bool ic_pickle_name_known(const char *module, const char *name)
{
    if (strcmp(module, "__torch__") == 0 || starts(module, "__torch__."))
        return true;
    return is_storage(module, name) || listed(readable, sizeof readable / sizeof *readable, module, name);
}

bool ic_pickle_name_tolerated(const char *module, const char *name)
{
    return ic_pickle_name_known(module, name) || strcmp(module, "torch") == 0 || starts(module, "torch.") ||
           starts(module, "numpy") || listed(tolerated, sizeof tolerated / sizeof *tolerated, module, name);
}
