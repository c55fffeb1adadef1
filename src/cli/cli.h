/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line: a verb table, one file a verb. Results go to stdout, everything else to stderr.
 */
#ifndef IC_CLI_CLI_H
#define IC_CLI_CLI_H

#include "toolchain.h"

#include <string.h>

enum ic_arg_kind {
    IC_ARG_FLAG,   /* bool */
    IC_ARG_TEXT,   /* const char * */
    IC_ARG_INT,    /* int */
    IC_ARG_DOUBLE, /* double */
    IC_ARG_LIST    /* struct ic_arg_list: may be given several times */
};

#define IC_ARG_LIST_MAX 64
struct ic_arg_list {
    int n;
    const char *items[IC_ARG_LIST_MAX];
};

struct ic_arg {
    const char *name; /* "--target"; "-o" may follow as short_name */
    const char *short_name;
    enum ic_arg_kind kind;
    void *to;
    const char *value; /* "CHIP" in help; NULL for flags */
    const char *help;
};

/* Keeps a verb's list in its static args; that it fits is checked while compiling. */
#define IC_ARGS_KEEP(args, list)                                                                                                   \
    do {                                                                                                                           \
        _Static_assert(sizeof(list) <= sizeof(args), "the list of options is longer than args: give args its room");               \
        memcpy(args, list, sizeof(list));                                                                                          \
    } while (0)

/* Fills the places that args name and positionals (at most max). Unknown options get the nearest known one. Ends at name NULL. */
enum ic_status ic_cli_parse(int argc, char **argv, const struct ic_arg *args, const char **positionals, int max_positionals,
                            int *out_n, struct ic_diag *d) IC_MUST_USE;
/* The same for verbs of one model file, which usage shows as it is typed. */
enum ic_status ic_cli_parse_model(int argc, char **argv, const struct ic_arg *args, const char *usage, const char **out_path,
                                  struct ic_diag *d) IC_MUST_USE;
void ic_cli_print_options(const struct ic_arg *args);

/* "x=1x784" "1,3,224,224" "x=1x28x28:uint8": shapes with x or , between numbers. */
enum ic_status ic_cli_parse_input(const char *text, struct ic_import_input *out, struct ic_arena *a, struct ic_diag *d) IC_MUST_USE;
/* "0.485,0.456,0.406" or blanks between; *out_n numbers in the arena. */
enum ic_status ic_cli_parse_numbers(const char *flag, const char *text, float **out, int32_t *out_n, struct ic_arena *a,
                                    struct ic_diag *d) IC_MUST_USE;
/* The word of words (NULL-terminated) nearest to word, or NULL when none is near. */
const char *ic_cli_nearest(const char *word, const char *const *words);

/* The bytes of a model file as a C source that defines name[] and name_bytes. */
enum ic_status ic_cli_c_array(const char *name, const void *bytes, size_t size_bytes, struct ic_writer *out,
                              struct ic_diag *d) IC_MUST_USE;

struct ic_verb {
    const char *name;
    const char *sentence; /* one line of help */
    const char *usage;    /* after "inchip <verb> " */
    const char *example;  /* a whole command line */
    /* Returns the exit code. out_help: only print the options. */
    int (*run)(int argc, char **argv, bool help, struct ic_diag *d);
};

int ic_verb_inspect(int argc, char **argv, bool help, struct ic_diag *d);
int ic_verb_convert(int argc, char **argv, bool help, struct ic_diag *d);
int ic_verb_run(int argc, char **argv, bool help, struct ic_diag *d);
int ic_verb_check(int argc, char **argv, bool help, struct ic_diag *d);
int ic_verb_bench(int argc, char **argv, bool help, struct ic_diag *d);
int ic_verb_explain(int argc, char **argv, bool help, struct ic_diag *d);
int ic_verb_ops(int argc, char **argv, bool help, struct ic_diag *d);
int ic_verb_compare(int argc, char **argv, bool help, struct ic_diag *d);
int ic_verb_strip(int argc, char **argv, bool help, struct ic_diag *d);
int ic_verb_doctor(int argc, char **argv, bool help, struct ic_diag *d);

/* Exit codes: 0 done, 1 the answer is no (compare differs, check fails), 2 an error (already in d, main prints it). */
enum { IC_EXIT_OK = 0, IC_EXIT_NO = 1, IC_EXIT_ERROR = 2 };

/* printf for lines with names and texts out of files: a terminal does not obey them. */
void ic_cli_printf(const char *format, ...) IC_PRINTF(1, 2);

/* "1x28x28" of a tensor's or value's dims into text. */
void ic_cli_shape_text(char *text, size_t capacity_bytes, int32_t rank, const int32_t *dims);

/* A model file of ours, mapped and checked; what else it is is said where it can be recognized. Close the map whatever the result. */
enum ic_status ic_cli_open_model(const char *path, struct ic_file_map *map, struct ic_container *out_c,
                                 struct ic_diag *d) IC_MUST_USE;
/* "inchip convert net.pt --input x=1x784", with what is known of the inputs; NULL: no memory. path: a source network, which map holds. */
const char *ic_cli_convert_command(const char *path, const struct ic_file_map *map, struct ic_arena *a);
/* Nobody wants a network or a picture replaced by a result: `convert *.pt` names one where the output belongs. onnx: an ONNX model that
 * convert wrote may be. */
enum ic_status ic_cli_spare_other(const char *output, bool onnx, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_cli_check_threads(int threads, struct ic_diag *d) IC_MUST_USE;

struct ic_qemu;

/* A model file of ours, opened for a place to run: simulator, this machine, or this machine emulating another. */
struct ic_place {
    const char *path; /* lent */
    struct ic_file_map map;
    struct ic_container container;
    struct ic_program program; /* of simulator and emulator */
    struct ic_writer consts;
    bool was_portable;
    struct ic_sim *sim; /* one of the three */
    struct ic_qemu *qemu;
    struct ic_model *model;
    struct ic_session *session;
    void **inputs, **outputs; /* dense buffers by the program's io tensors */
    struct ic_arena arena;
};
/* on: "sim", "host" or "qemu:CPU". */
enum ic_status ic_place_open(const char *path, const char *on, int threads, struct ic_place *p, struct ic_diag *d) IC_MUST_USE;
void ic_place_close(struct ic_place *p);
/* "the simulator", "this machine", "qemu-arm -cpu cortex-a7 on this machine" */
void ic_place_name(const struct ic_place *p, char *text, size_t capacity_bytes);
const struct ic_program *ic_place_program(const struct ic_place *p);
/* Reads pictures or npy files by the calibration list's rules, each input once: FILE in the inputs' order, NAME=FILE by name. */
enum ic_status ic_place_load_inputs(struct ic_place *p, const struct ic_arg_list *files, struct ic_diag *d) IC_MUST_USE;
/* tap sees each step's result; under qemu it is not called. */
enum ic_status ic_place_run(struct ic_place *p, void (*tap)(void *user, uint32_t i_step, uint32_t tensor, const void *data),
                            void *user, struct ic_diag *d) IC_MUST_USE;
/* Output or any program tensor as float32: exact widening, or (q - zero) * scale. Elements of tensor t. */
void ic_cli_tensor_to_f32(const struct ic_tensor *t, const void *data, float *out);
size_t ic_cli_tensor_elements(const struct ic_tensor *t);

#endif
