/* SPDX-License-Identifier: Apache-2.0
 *
 * DEFLATE with one table lookup per symbol for codes up to 10 bits and a canonical walk for longer ones. All state is on the stack.
 */
#include "base/inflate.h"

#include <stdbool.h>
#include <string.h>

enum { FAST_BITS = 10, MAX_BITS = 15, N_LITERALS = 288, N_DISTANCES = 30, N_LENGTH_CODES = 19 };

/* fast[next bits] = symbol << 4 | length, or 0 when the code is longer (or unused). */
struct huffman {
    uint16_t fast[1 << FAST_BITS];
    uint16_t count[MAX_BITS + 1]; /* codes of each length */
    uint16_t sorted[N_LITERALS];  /* symbols by length, then value */
};

struct inflater {
    const uint8_t *in;
    size_t in_size, in_at;
    uint64_t bits;
    int n_bits;
    uint8_t *out;
    size_t out_capacity, out_at;
    struct ic_diag *d;
    struct huffman literals, distances;
};

static enum ic_status bad(const struct inflater *s, const char *what)
{
    /* without the bytes that were only read ahead */
    return ic_fail(s->d, IC_E_ARCHIVE, "compressed data is damaged at byte %zu: %s", s->in_at - (size_t)(s->n_bits / 8), what);
}

/* At least 56 bits, or all that is left. */
static void refill(struct inflater *s)
{
    while (s->n_bits <= 56 && s->in_at < s->in_size) {
        s->bits |= (uint64_t)s->in[s->in_at++] << s->n_bits;
        s->n_bits += 8;
    }
}

static enum ic_status take(struct inflater *s, int n, uint32_t *out)
{
    if (s->n_bits < n)
        refill(s);
    if (s->n_bits < n)
        return bad(s, "it ends too early");
    *out = (uint32_t)(s->bits & ((1u << n) - 1u));
    s->bits >>= n;
    s->n_bits -= n;
    return IC_OK;
}

static uint32_t reverse(uint32_t code, int length)
{
    uint32_t r = 0;
    for (int i = 0; i < length; i++)
        r |= (code >> i & 1u) << (length - 1 - i);
    return r;
}

/* Codes must fill their tree exactly; a single code of one bit may stand alone (RFC 1951, 3.2.7), so may none of distances. */
static bool lengths_fit(const uint16_t *count, int n_codes)
{
    int left = 1;
    for (int length = 1; length <= MAX_BITS; length++) {
        left = left * 2 - count[length];
        if (left < 0)
            return false;
    }
    return left == 0 || n_codes == 0 || (n_codes == 1 && count[1] == 1);
}

static bool build(struct huffman *h, const uint8_t *lengths, int n)
{
    uint16_t offset[MAX_BITS + 2] = {0};
    uint32_t next[MAX_BITS + 2] = {0};
    memset(h->count, 0, sizeof h->count);
    memset(h->fast, 0, sizeof h->fast);
    int n_codes = 0;
    for (int i = 0; i < n; i++) {
        h->count[lengths[i]]++;
        n_codes += lengths[i] != 0;
    }
    h->count[0] = 0;
    if (!lengths_fit(h->count, n_codes))
        return false;
    for (int length = 1; length <= MAX_BITS; length++) {
        offset[length + 1] = (uint16_t)(offset[length] + h->count[length]);
        next[length + 1] = (next[length] + h->count[length]) << 1;
    }
    for (int i = 0; i < n; i++) {
        const int length = lengths[i];
        if (!length)
            continue;
        h->sorted[offset[length]++] = (uint16_t)i;
        const uint32_t code = next[length]++;
        if (length > FAST_BITS)
            continue;
        for (uint32_t at = reverse(code, length); at < 1u << FAST_BITS; at += 1u << length)
            h->fast[at] = (uint16_t)(i << 4 | length);
    }
    return true;
}

/* Long or broken codes: bit by bit through the canonical order. */
static enum ic_status decode_slow(struct inflater *s, const struct huffman *h, int *out)
{
    int code = 0, first = 0, index = 0;
    for (int length = 1; length <= MAX_BITS && length <= s->n_bits; length++) {
        code |= (int)(s->bits >> (length - 1) & 1u);
        const int count = h->count[length];
        if (code - first < count) {
            s->bits >>= length;
            s->n_bits -= length;
            *out = h->sorted[index + code - first];
            return IC_OK;
        }
        index += count;
        first = (first + count) << 1;
        code <<= 1;
    }
    return bad(s, s->n_bits < MAX_BITS ? "it ends too early" : "a code that is not in its table");
}

static enum ic_status decode(struct inflater *s, const struct huffman *h, int *out)
{
    if (s->n_bits < MAX_BITS)
        refill(s);
    const uint16_t entry = h->fast[s->bits & ((1u << FAST_BITS) - 1u)];
    const int length = entry & 15;
    if (!length || length > s->n_bits)
        return decode_slow(s, h, out);
    s->bits >>= length;
    s->n_bits -= length;
    *out = entry >> 4;
    return IC_OK;
}

static enum ic_status full(const struct inflater *s)
{
    return ic_fail(s->d, IC_E_EXPANDS, "compressed data unpacks to more than the %zu bytes that are expected", s->out_capacity);
}

static enum ic_status stored(struct inflater *s)
{
    uint32_t length = 0, complement = 0, unused = 0;
    IC_TRY(take(s, s->n_bits % 8, &unused));
    IC_TRY(take(s, 16, &length));
    IC_TRY(take(s, 16, &complement));
    if (length != (complement ^ 0xFFFFu))
        return bad(s, "a stored block's length and its complement disagree");
    while (length && s->n_bits) { /* bytes that were read ahead */
        uint32_t byte = 0;
        if (s->out_at == s->out_capacity)
            return full(s);
        IC_TRY(take(s, 8, &byte));
        s->out[s->out_at++] = (uint8_t)byte;
        length--;
    }
    if (length > s->in_size - s->in_at)
        return bad(s, "it ends too early");
    if (length > s->out_capacity - s->out_at)
        return full(s);
    if (length)
        memcpy(s->out + s->out_at, s->in + s->in_at, length);
    s->in_at += length;
    s->out_at += length;
    return IC_OK;
}

static const uint16_t length_base[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                       31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint16_t distance_base[] = {1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
                                         193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
static const uint8_t distance_extra[] = {0, 0, 0, 0, 1, 1, 2, 2,  3,  3,  4,  4,  5,  5,  6,
                                         6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

static enum ic_status copy_match(struct inflater *s, int symbol)
{
    uint32_t extra = 0;
    int code = 0;
    if (symbol > 285)
        return bad(s, "a length code above 285");
    IC_TRY(take(s, length_extra[symbol - 257], &extra));
    const size_t length = (size_t)length_base[symbol - 257] + extra;
    IC_TRY(decode(s, &s->distances, &code));
    if (code >= N_DISTANCES)
        return bad(s, "a distance code above 29");
    IC_TRY(take(s, distance_extra[code], &extra));
    const size_t distance = (size_t)distance_base[code] + extra;
    if (distance > s->out_at)
        return bad(s, "a distance that reaches before the start");
    if (length > s->out_capacity - s->out_at)
        return full(s);
    uint8_t *to = s->out + s->out_at;
    const uint8_t *from = to - distance;
    if (distance >= length) {
        memcpy(to, from, length);
    } else {
        for (size_t i = 0; i < length; i++)
            to[i] = from[i];
    }
    s->out_at += length;
    return IC_OK;
}

static enum ic_status block(struct inflater *s)
{
    for (;;) {
        int symbol = 0;
        IC_TRY(decode(s, &s->literals, &symbol));
        if (symbol == 256)
            return IC_OK;
        if (symbol > 256) {
            IC_TRY(copy_match(s, symbol));
            continue;
        }
        if (s->out_at == s->out_capacity)
            return full(s);
        s->out[s->out_at++] = (uint8_t)symbol;
    }
}

static void fixed_tables(struct inflater *s)
{
    uint8_t lengths[N_LITERALS];
    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 112);
    memset(lengths + 256, 7, 24);
    memset(lengths + 280, 8, 8);
    (void)build(&s->literals, lengths, N_LITERALS);
    memset(lengths, 5, 32);
    (void)build(&s->distances, lengths, 32);
}

/* The code lengths of both tables, themselves run-length and Huffman coded. */
static enum ic_status read_lengths(struct inflater *s, uint8_t *lengths, int n)
{
    int i = 0;
    while (i < n) {
        int symbol = 0;
        uint32_t extra = 0;
        IC_TRY(decode(s, &s->distances, &symbol)); /* the table of lengths stands there until distances are known */
        if (symbol < 16) {
            lengths[i++] = (uint8_t)symbol;
            continue;
        }
        if (symbol == 16 && i == 0)
            return bad(s, "a repeated length before the first");
        IC_TRY(take(s, symbol == 16 ? 2 : symbol == 17 ? 3 : 7, &extra));
        const int repeat = (symbol == 18 ? 11 : 3) + (int)extra;
        const uint8_t value = symbol == 16 ? lengths[i - 1] : 0;
        if (repeat > n - i)
            return bad(s, "more code lengths than codes");
        memset(lengths + i, value, (size_t)repeat);
        i += repeat;
    }
    return IC_OK;
}

static enum ic_status dynamic_tables(struct inflater *s)
{
    static const uint8_t order[N_LENGTH_CODES] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    uint32_t n_literals = 0, n_distances = 0, n_lengths = 0, length = 0;
    uint8_t lengths[N_LITERALS + 32] = {0};
    IC_TRY(take(s, 5, &n_literals));
    IC_TRY(take(s, 5, &n_distances));
    IC_TRY(take(s, 4, &n_lengths));
    n_literals += 257;
    n_distances += 1;
    if (n_literals > 286 || n_distances > N_DISTANCES)
        return bad(s, "more codes than there are symbols");
    for (uint32_t i = 0; i < n_lengths + 4; i++) {
        IC_TRY(take(s, 3, &length));
        lengths[order[i]] = (uint8_t)length;
    }
    if (!build(&s->distances, lengths, N_LENGTH_CODES))
        return bad(s, "the table of code lengths is not a complete code");
    memset(lengths, 0, sizeof lengths);
    IC_TRY(read_lengths(s, lengths, (int)(n_literals + n_distances)));
    if (lengths[256] == 0)
        return bad(s, "a block without an end code");
    if (!build(&s->literals, lengths, (int)n_literals) || !build(&s->distances, lengths + n_literals, (int)n_distances))
        return bad(s, "a table that is not a complete code");
    return IC_OK;
}

static enum ic_status inflate_blocks(struct inflater *s)
{
    for (uint32_t last = 0; !last;) {
        uint32_t type = 0;
        IC_TRY(take(s, 1, &last));
        IC_TRY(take(s, 2, &type));
        if (type == 3)
            return bad(s, "a block of type 3");
        if (type == 0) {
            IC_TRY(stored(s));
            continue;
        }
        if (type == 1)
            fixed_tables(s);
        else
            IC_TRY(dynamic_tables(s));
        IC_TRY(block(s));
    }
    return IC_OK;
}

enum ic_status ic_inflate(const uint8_t *in, size_t in_size_bytes, uint8_t *out, size_t out_capacity_bytes, size_t *out_size_bytes,
                          size_t *out_used_bytes, struct ic_diag *d)
{
    struct inflater s = {.in = in, .in_size = in_size_bytes, .out = out, .out_capacity = out_capacity_bytes, .d = d};
    IC_TRY(inflate_blocks(&s));
    *out_size_bytes = s.out_at;
    if (out_used_bytes)
        *out_used_bytes = s.in_at - (size_t)(s.n_bits / 8); /* whole bytes that were only read ahead */
    return IC_OK;
}

static uint32_t adler32(const uint8_t *p, size_t n)
{
    uint32_t a = 1, b = 0;
    while (n) {
        size_t run = n < 5552 ? n : 5552; /* the most that cannot overflow 32 bits */
        n -= run;
        while (run--) {
            a += *p++;
            b += a;
        }
        a %= 65521;
        b %= 65521;
    }
    return b << 16 | a;
}

enum ic_status ic_inflate_zlib(const uint8_t *in, size_t in_size_bytes, uint8_t *out, size_t out_capacity_bytes,
                               size_t *out_size_bytes, struct ic_diag *d)
{
    size_t used = 0;
    if (in_size_bytes < 6 || (in[0] & 15) != 8 || in[0] >> 4 > 7 || (in[1] & 0x20) || ((uint32_t)in[0] << 8 | in[1]) % 31 != 0)
        return ic_fail(d, IC_E_ARCHIVE, "compressed data does not begin with a zlib header");
    IC_TRY(ic_inflate(in + 2, in_size_bytes - 2, out, out_capacity_bytes, out_size_bytes, &used, d));
    const uint8_t *sum = in + 2 + used;
    if (in_size_bytes - 2 - used < 4)
        return ic_fail(d, IC_E_ARCHIVE, "compressed data ends before its checksum");
    const uint32_t wanted = (uint32_t)sum[0] << 24 | (uint32_t)sum[1] << 16 | (uint32_t)sum[2] << 8 | sum[3];
    if (adler32(out, *out_size_bytes) != wanted)
        return ic_fail(d, IC_E_ARCHIVE, "compressed data is damaged: its checksum is wrong");
    return IC_OK;
}
