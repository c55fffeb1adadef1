/* SPDX-License-Identifier: Apache-2.0
 *
 * Status codes, the context that carries a log callback and the last error's sentence, and what describes a tensor. docs/c-api.md is the
 * guide to these headers.
 *
 * Thread safety: a context belongs to one thread at a time; any number of contexts may be used side by side. inchip_status_name,
 * inchip_version and inchip_abi may be called from any thread.
 */
/* Growing without breaking programs: a struct that begins with struct_size may get fields at its end. The caller sets struct_size to
 * sizeof the struct that it was compiled with; the library reads and writes no more. Fields that the caller does not know count as 0; fields
 * that are set and that this library does not know are refused (INCHIP_ERR_ARG). All other structs keep their layout.
 */
#ifndef INCHIP_STATUS_H
#define INCHIP_STATUS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INCHIP_VERSION_MAJOR 0
#define INCHIP_VERSION_MINOR 1
#define INCHIP_VERSION_PATCH 0
#define INCHIP_VERSION_TEXT "0.1.0"
/* The binary interface of these headers: raised only when a program that was compiled before would not run any more. The shared library's
 * file name carries it (libinchip.so.1). */
#define INCHIP_ABI 1

#ifndef INCHIP_API
#if defined(__GNUC__)
#define INCHIP_API __attribute__((visibility("default")))
#else
#define INCHIP_API
#endif
#endif

enum inchip_status {
    INCHIP_OK = 0,
    INCHIP_ERR_INTERNAL = 1, /* a defect of inchip: please report */
    INCHIP_ERR_ARG = 2,      /* an argument of the caller */
    INCHIP_ERR_MEMORY = 3,
    INCHIP_ERR_IO = 4,
    INCHIP_ERR_MODEL = 5,       /* a damaged or contradictory model file */
    INCHIP_ERR_FORMAT = 6,      /* a sound file of another kind than the one needed */
    INCHIP_ERR_UNSUPPORTED = 7, /* understood but not supported: named in the message */
    INCHIP_ERR_LIMIT = 8,
    INCHIP_ERR_VENDOR = 9,    /* a vendor's own compiled model */
    INCHIP_ERR_TARGET = 10,   /* compiled for another chip */
    INCHIP_ERR_ABI = 11,      /* needs a newer runtime or an absent CPU feature */
    INCHIP_ERR_PORTABLE = 12, /* a portable model on a runtime that runs compiled ones only */
    INCHIP_ERR_CORRUPT = 13,  /* an inchip file that was damaged */
    INCHIP_ERR_STATE = 14,    /* called in the wrong order, or from two threads at once */
    INCHIP_ERR_DEVICE = 15
};

typedef struct inchip_context inchip_context;

/* level: 'E', 'W', 'I' or 'D'; text: one line without newline, valid during the call. */
typedef void inchip_log_fn(void *user, char level, const char *text);

/* NULL when memory is refused. */
INCHIP_API inchip_context *inchip_context_create(void);
INCHIP_API void inchip_context_destroy(inchip_context *context);                                  /* NULL is fine */
INCHIP_API void inchip_context_set_log(inchip_context *context, inchip_log_fn *line, void *user); /* NULL: silent */
/* The sentence of the last call that failed on this context; "" when none. Valid until the next call. */
INCHIP_API const char *inchip_context_error(const inchip_context *context);
/* Its code, for programs and for looking it up: 501 is shown as IC-E0501 (`inchip explain IC-E0501`, docs/troubleshooting.md); 0 when none.
 * The first two digits are the status. */
INCHIP_API int inchip_context_error_code(const inchip_context *context);
INCHIP_API const char *inchip_status_name(int status); /* "INCHIP_ERR_MODEL" */
INCHIP_API const char *inchip_version(void);           /* "0.1.0" */
INCHIP_API int inchip_abi(void);                       /* INCHIP_ABI of the library that is loaded */

/* Element types; the numbers stand in files. */
enum inchip_dtype {
    INCHIP_F32 = 1,
    INCHIP_F16 = 2,
    INCHIP_U8 = 3,
    INCHIP_S8 = 4,
    INCHIP_S16 = 5,
    INCHIP_S32 = 6,
    INCHIP_S64 = 7,
    INCHIP_BOOL = 8, /* one byte, 0 or 1 */
    INCHIP_U16 = 11,
    INCHIP_U32 = 12,
    INCHIP_U64 = 13,
    INCHIP_C64 =
        64 /* complex, of two float32: only as what an import is told of an input of a PyTorch network (inchip_input_shape) */
};

#define INCHIP_MAX_RANK 8

/* One input or output. Real value = (q - zero_point) * scale when scale is not 0. */
typedef struct inchip_tensor_info {
    uint32_t struct_size;  /* in: sizeof(inchip_tensor_info), set by the caller */
    const char *name;      /* lent by the model */
    const char *face_name; /* the name by the RKNN drop-in's rule ("x.1_0"); lent */
    int32_t dtype;         /* enum inchip_dtype: what the buffer holds */
    int32_t user_dtype;    /* what the source network had */
    int32_t rank;
    int32_t dims[INCHIP_MAX_RANK]; /* dims[0] slowest */
    int32_t format;                /* 0 undefined, 1 NCHW, 2 NHWC */
    float scale;
    int32_t zero_point;
    uint64_t size_bytes;
} inchip_tensor_info;

#ifdef __cplusplus
}
#endif

#endif
