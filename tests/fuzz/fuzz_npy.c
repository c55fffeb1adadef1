/* SPDX-License-Identifier: Apache-2.0
 *
 * .npy and .npz: any bytes are an array or refused. */
#include "media/npz.h"

#include <stdlib.h>

#ifdef IC_FUZZ
#include "fuzz/mutate.h"
IC_MUTATE_WITH(mutate_zip)
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(enum ic_status status, struct ic_npy *a, const struct ic_diag *d)
{
    size_t elements = 1;
    for (int32_t i = 0; i < a->rank; i++)
        elements *= (size_t)a->dims[i];
    if ((status == IC_OK) != (a->values != NULL) || (status == IC_OK ? elements != a->elements : d->text[0] == '\0'))
        abort();
    ic_npy_destroy(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_npy a;
    struct ic_diag d = {0};
    check(ic_npy_decode_f32(data, size, "input", &a, &d), &a, &d);
    ic_diag_clear(&d);
    check(ic_npz_decode_f32(data, size, "input", NULL, &a, &d), &a, &d);
    ic_diag_clear(&d);
    check(ic_npz_decode_f32(data, size, "input", "x", &a, &d), &a, &d);
    return 0;
}
