/* SPDX-License-Identifier: Apache-2.0
 *
 * Pickles written by well-known tools: which tool it was, and the line of that tool which exports the network.
 */
#ifndef IC_IMPORT_KNOWN_TOOLS_H
#define IC_IMPORT_KNOWN_TOOLS_H

#include "import/pickle.h"

struct ic_known_tool {
    char what[200];   /* "an Ultralytics YOLO checkpoint (class ultralytics.nn.tasks.DetectionModel)" */
    char export[640]; /* a sentence with the line */
};
/* False when nothing in the pickle is known. file is the name that the line shall give. */
bool ic_known_tool_of(const struct ic_pickle_value *root, const char *file, struct ic_known_tool *out);

/* The class of a pickled object or of the class itself; NULL when v is neither. */
const struct ic_pickle_value *ic_pickle_class_of(const struct ic_pickle_value *v);

#endif
