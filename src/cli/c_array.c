/* SPDX-License-Identifier: Apache-2.0
 *
 * A model file as a C source: a constant array that a linker puts where constants are (flash), for inchip_model_open_static.
 */
#include "cli/cli.h"
#include "inchip/status.h"

#include <stdio.h>
#include <string.h>

enum { PER_LINE = 24, MOST_BYTES = 64 << 20 };

static bool is_keyword(const char *name)
{
    static const char words[] =
        " auto bool break case catch char class const constexpr continue default delete do double else enum explicit extern false "
        "float "
        "for friend goto if inline int long mutable namespace new noexcept nullptr operator private protected public register "
        "restrict "
        "return short signed sizeof static static_assert struct switch template this thread_local throw true try typedef typename "
        "union unsigned using virtual void volatile while ";
    char word[32];
    const int n = snprintf(word, sizeof word, " %s ", name);
    return n > 0 && (size_t)n < sizeof word && !strchr(name, ' ') && strstr(words, word);
}

static bool is_identifier(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", digits[] = "0123456789";
    if (!*name || strchr(digits, *name))
        return false;
    for (; *name; name++)
        if (!strchr(letters, *name) && !strchr(digits, *name))
            return false;
    return true;
}

static void write_head(const char *name, size_t size_bytes, struct ic_writer *w)
{
    ic_write_text(w,
                  "/* A model file of inchip " INCHIP_VERSION_TEXT
                  " as a constant array, made by inchip convert --c-array. Where it is used:\n"
                  " *     extern const unsigned char %s[];\n"
                  " *     extern const size_t %s_bytes;\n"
                  " *     inchip_model_open_static(context, %s, %s_bytes, &model);\n"
                  " */\n",
                  name, name, name, name);
    ic_write_text(w, "#include <stddef.h>\n\n"
                     "#ifdef __cplusplus\n"
                     "#define INCHIP_ALIGN alignas(64)\n"
                     "extern \"C\" {\n"
                     "#else\n"
                     "#define INCHIP_ALIGN _Alignas(64)\n"
                     "#endif\n\n");
    ic_write_text(w, "extern const unsigned char %s[];\nextern const size_t %s_bytes;\n\n", name, name);
    ic_write_text(w, "const size_t %s_bytes = %zu;\nINCHIP_ALIGN const unsigned char %s[%zu] = {\n", name, size_bytes, name,
                  size_bytes);
}

enum ic_status ic_cli_c_array(const char *name, const void *bytes, size_t size_bytes, struct ic_writer *out, struct ic_diag *d)
{
    const uint8_t *from = bytes;
    if (is_keyword(name))
        return ic_fail(d, IC_E_OPTION_VALUE, "--c-array %s: a word of C or C++ itself; take another name, such as %s_model", name,
                       name);
    if (!is_identifier(name))
        return ic_fail(d, IC_E_OPTION_VALUE, "--c-array %s: no name that C takes: letters, digits and _ only, no digit first",
                       name);
    if (size_bytes > MOST_BYTES)
        return ic_fail(d, IC_E_C_ARRAY, "--c-array: the model has %zu byte%s, compilers take minutes beyond %d: store it as a file",
                       size_bytes, IC_S(size_bytes), MOST_BYTES);
    write_head(name, size_bytes, out);
    for (size_t i = 0; i < size_bytes; i += PER_LINE) {
        char line[PER_LINE * 4 + 2];
        size_t n = 0;
        for (size_t k = i; k < i + PER_LINE && k < size_bytes; k++)
            n += (size_t)snprintf(line + n, sizeof line - n, "%u,", from[k]);
        line[n++] = '\n';
        ic_write_bytes(out, line, n);
    }
    ic_write_text(out, "};\n\n#ifdef __cplusplus\n}\n#endif\n");
    return out->failed
               ? ic_fail(d, IC_ERR_MEMORY, "no memory for the C source of %zu byte%s of model", size_bytes, IC_S(size_bytes))
               : IC_OK;
}
