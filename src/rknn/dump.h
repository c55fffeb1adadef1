/* SPDX-License-Identifier: Apache-2.0
 *
 * Two environment variables that users of the vendor's runtime know: RKNN_LOG_LEVEL, and NN_LAYER_DUMP=1, which writes what each layer gave as
 * text files into the working directory.
 */
#ifndef IC_RKNN_DUMP_H
#define IC_RKNN_DUMP_H

#include "rknn/context.h"

/* Lines of this level are shown: with RKNN_LOG_LEVEL 0 errors only, 1 warnings too, 5 and more everything; without it all but 'D'. */
bool ic_rknn_shows(char level);

bool ic_rknn_dump_wanted(void);
/* Which layer has which number (uid in PERF_DETAIL): NodeID_To_LayerName.txt. What cannot be written is said once, in a W line. */
void ic_rknn_dump_names(struct ic_rknn *c);
/* A tap of ic_session_run_traced with user a struct ic_rknn: <layer>_uid_<i>_t_<tensor>_<dims>.txt, a value per line. */
void ic_rknn_dump_layer(void *user, uint32_t i_step, uint32_t tensor, const void *data);

#endif
