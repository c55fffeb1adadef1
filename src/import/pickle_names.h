/* SPDX-License-Identifier: Apache-2.0
 *
 * The closed lists of names a pickle may mention.
 */
#ifndef IC_IMPORT_PICKLE_NAMES_H
#define IC_IMPORT_PICKLE_NAMES_H

#include <stdbool.h>

bool ic_pickle_name_known(const char *module, const char *name);     /* of TorchScript archives: our readers know its meaning */
bool ic_pickle_name_tolerated(const char *module, const char *name); /* may stand in a torch.save file as a call that is not read */

#endif
