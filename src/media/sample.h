/* SPDX-License-Identifier: Apache-2.0
 *
 * One picture or array file as the float values of one network input, by one rule for calibration, run and compare:
 *
 * Pictures (PNG, JPEG, BMP, PNM; known by content). Input not 4-D: decoded to grey; height x width must equal the input's elements;
 * row-major, 0..255. Input 4-D (n c h w or n h w c, n = 1): decoded to grey for 1 channel, RGB for 3; height and width must equal the
 * input's. Never resized.
 * npy: a 4-D NCHW input takes [1,h,w,c] or [h,w,c] (the reference product's rule) and also the input's own shape; others take any shape
 * with the same number of elements. Any numeric dtype, converted to float32.
 */
#ifndef IC_MEDIA_SAMPLE_H
#define IC_MEDIA_SAMPLE_H

#include "base/file.h"
#include "media/image.h"

#include <stdbool.h>

struct ic_sample_spec {
    const char *name; /* of the input, for messages */
    int32_t rank;
    const int32_t *dims; /* the input's own order */
    uint32_t format;     /* 0 undefined, 1 NCHW, 2 NHWC */
    bool *grey;          /* set when a grey picture fills three channels, each with the same numbers; NULL: nobody asks */
    bool *color;         /* set when a color picture was made grey for one channel; NULL: nobody asks */
};

/* Fills out[elements of dims] in the input's own order, before any mean and std. Messages name file, found size, wanted size. */
enum ic_status ic_sample_load(const char *path, const struct ic_sample_spec *spec, float *out, struct ic_diag *d) IC_MUST_USE;

/* A picture of any kind, JPEG too; want_channels as in media/image.h. Messages begin with the path. */
enum ic_status ic_sample_picture(const char *path, const struct ic_file_map *map, int32_t channels, struct ic_image *out,
                                 struct ic_diag *d) IC_MUST_USE;

#endif
