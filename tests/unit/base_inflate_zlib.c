/* SPDX-License-Identifier: Apache-2.0
 *
 * Our inflate against zlib: what zlib packs comes back; damaged streams are accepted and refused as zlib does, with the same bytes.
 */
#include "testing.h"

#include "base/inflate.h"
#include "base/os.h"

#include <zlib.h>

enum { MOST = 1 << 20 };

static uint8_t plain[MOST], packed[2 * MOST], unpacked[2 * MOST], theirs[2 * MOST];
static uint32_t seed = 1;

static uint32_t next_random(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

/* Data of several natures: noise, few symbols, long repeats, text-like, all one byte. */
static void make_plain(size_t n, int nature)
{
    for (size_t i = 0; i < n; i++) {
        const uint32_t r = next_random();
        switch (nature) {
        case 0:
            plain[i] = (uint8_t)r;
            break;
        case 1:
            plain[i] = (uint8_t)(r % 3);
            break;
        case 2:
            plain[i] = i > 40000 && r % 50 ? plain[i - 1 - (i / 1000 * 977) % 32768] : (uint8_t)r;
            break;
        case 3:
            plain[i] = (uint8_t)("etaoin shrdlu\n"[(r & r >> 7) % 14]);
            break;
        default:
            plain[i] = 7;
            break;
        }
    }
}

static size_t deflate_raw(size_t n, int level, int strategy, int mem_level)
{
    z_stream z = {0};
    if (deflateInit2(&z, level, Z_DEFLATED, -15, mem_level, strategy) != Z_OK)
        return 0;
    z.next_in = plain;
    z.avail_in = (uInt)n;
    z.next_out = packed;
    z.avail_out = sizeof packed;
    const int r = deflate(&z, Z_FINISH);
    const size_t size = z.total_out;
    deflateEnd(&z);
    return r == Z_STREAM_END ? size : 0;
}

/* Z_STREAM_END when the stream is whole. */
static int their_inflate(const uint8_t *in, size_t n, size_t *out_size, size_t *out_used)
{
    z_stream z = {0};
    inflateInit2(&z, -15);
    z.next_in = (Bytef *)(uintptr_t)in;
    z.avail_in = (uInt)n;
    z.next_out = theirs;
    z.avail_out = sizeof theirs;
    const int r = inflate(&z, Z_FINISH);
    *out_size = z.total_out;
    *out_used = z.total_in;
    inflateEnd(&z);
    return r;
}

TEST(everything_zlib_packs)
{
    static const size_t sizes[] = {0, 1, 2, 3, 100, 257, 258, 259, 5000, 65535, 65536, 70000, 300000};
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int nature = 0; nature < 5; nature++)
            for (int level = 0; level <= 9; level += level ? 4 : 1)
                for (size_t k = 0; k < 4; k++) {
                    if (sizes[i] > 5000 && k > 0 && level != 5)
                        continue; /* the large ones cost seconds */
                    make_plain(sizes[i], nature);
                    const size_t n = deflate_raw(sizes[i], level, strategies[k], 1 + level % 9);
                    struct ic_diag d = {0};
                    size_t size = 0, used = 0;
                    packed[n] = 0xFF; /* not part of the stream */
                    if (!CHECK(ic_inflate(packed, n + 1, unpacked, sizes[i], &size, &used, &d) == IC_OK)) {
                        printf("  size %zu nature %d level %d strategy %zu: %s\n", sizes[i], nature, level, k, d.text);
                        return;
                    }
                    CHECK_EQ_INT(size, sizes[i]);
                    CHECK_EQ_INT(used, n);
                    CHECK_EQ_MEM(unpacked, plain, size);
                    if (sizes[i]) /* one byte less room */
                        CHECK_EQ_INT(ic_inflate(packed, n, unpacked, sizes[i] - 1, &size, NULL, NULL), IC_ERR_LIMIT);
                }
}

/* One stream, ours against theirs. */
static int same_verdict(const uint8_t *in, size_t n)
{
    struct ic_diag d = {0};
    size_t size = 0, used = 0, their_size = 0, their_used = 0;
    uint8_t *exact = malloc(n ? n : 1); /* so that a sanitizer sees the first byte too many */
    if (!exact)
        return 0;
    memcpy(exact, in, n);
    const enum ic_status status = ic_inflate(exact, n, unpacked, sizeof unpacked, &size, &used, &d);
    free(exact);
    const int r = their_inflate(in, n, &their_size, &their_used);
    if ((status == IC_OK) != (r == Z_STREAM_END)) {
        printf("  ours: %s %s; zlib: %d\n", ic_status_name(status), d.text, r);
        return 0;
    }
    return status != IC_OK || (size == their_size && used == their_used && memcmp(unpacked, theirs, size) == 0);
}

TEST(flipped_bits)
{
    for (int nature = 0; nature < 5; nature++)
        for (int level = 0; level <= 9; level += 3) {
            make_plain(600, nature);
            const size_t n = deflate_raw(600, level, Z_DEFAULT_STRATEGY, 8);
            for (size_t bit = 0; bit < 8 * n; bit++) {
                packed[bit / 8] ^= (uint8_t)(1u << bit % 8);
                if (!CHECK(same_verdict(packed, n))) {
                    printf("  nature %d level %d bit %zu\n", nature, level, bit);
                    return;
                }
                packed[bit / 8] ^= (uint8_t)(1u << bit % 8);
            }
        }
}

TEST(cut_streams)
{
    for (int nature = 0; nature < 5; nature++) {
        make_plain(900, nature);
        const size_t n = deflate_raw(900, 6, Z_DEFAULT_STRATEGY, 8);
        for (size_t cut = 0; cut < n; cut++) {
            size_t size = 0;
            CHECK_EQ_INT(ic_inflate(packed, cut, unpacked, sizeof unpacked, &size, NULL, NULL), IC_ERR_MODEL);
        }
    }
}

/* Bits for hand-made dynamic headers. */
static uint32_t n_bits;
static void put(uint32_t value, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++, n_bits++)
        packed[n_bits / 8] = (uint8_t)((n_bits % 8 ? packed[n_bits / 8] : 0) | (value >> i & 1u) << n_bits % 8);
}

TEST(noise_behind_a_dynamic_header)
{
    int n_good = 0;
    for (int i = 0; i < 200000; i++) {
        n_bits = 0;
        put(1, 1); /* last block, dynamic; then noise, now and then with a plausible number of short code lengths */
        put(2, 2);
        put(next_random() % 31, 5);
        put(next_random() % 31, 5);
        put(next_random() & 15, 4);
        const uint32_t n = 1 + next_random() % 60;
        for (uint32_t k = 0; k < n; k++)
            put(next_random() % 3 ? next_random() & 3 : next_random() & 7, 3);
        if (!CHECK(same_verdict(packed, (n_bits + 7) / 8))) {
            printf("  case %d\n", i);
            return;
        }
        n_good++;
    }
    CHECK_EQ_INT(n_good, 200000);
}

/* A table of code lengths with a single code, a distance tree with a single one and with none, an unfinished one: zlib's verdict counts. */
static void dynamic_with(uint32_t n_literal_codes, const uint8_t *distance_lengths, uint32_t n_distances)
{
    static const uint8_t order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    n_bits = 0;
    put(1, 1);
    put(2, 2);
    put(0, 5); /* 257 literal lengths */
    put(n_distances - 1, 5);
    put(15, 4);
    for (int i = 0; i < 19; i++) /* lengths 0 1 2 3 in two bits each, in that order of codes: 00 10 01 11 as they are sent */
        put(order[i] <= 3 ? 2 : 0, 3);
    static const uint8_t sent[] = {0, 2, 1, 3};
    for (uint32_t i = 0; i < 257; i++) /* some literals and the end, one bit each */
        put(sent[i == 256 || i < n_literal_codes ? 1 : 0], 2);
    for (uint32_t i = 0; i < n_distances; i++)
        put(sent[distance_lengths[i]], 2);
    put(1, 1); /* the end code, when literals are one or none */
    put(0, 16);
}

TEST(odd_distance_trees)
{
    static const uint8_t none[] = {0}, one[] = {1}, one_long[] = {2}, three[] = {2, 2, 2}, four[] = {2, 2, 2, 2},
                         five[] = {2, 2, 2, 2, 2};
    static const struct {
        const uint8_t *lengths;
        uint32_t n;
        int whole;
    } cases[] = {{none, 1, 1}, {one, 1, 1}, {one_long, 1, 0}, {three, 3, 0}, {four, 4, 1}, {five, 5, 0}};
    for (uint32_t n_literals = 0; n_literals < 3; n_literals++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            size_t size = 0;
            dynamic_with(n_literals, cases[i].lengths, cases[i].n);
            CHECK(same_verdict(packed, (n_bits + 7) / 8));
            if (n_literals == 1)
                CHECK_EQ_INT(ic_inflate(packed, (n_bits + 7) / 8, unpacked, sizeof unpacked, &size, NULL, NULL) == IC_OK,
                             cases[i].whole);
        }
}

TEST(the_zlib_wrapper)
{
    make_plain(5000, 3);
    uLongf n = sizeof packed;
    size_t size = 0;
    REQUIRE(compress2(packed, &n, plain, 5000, 9) == Z_OK);
    CHECK_EQ_INT(ic_inflate_zlib(packed, n, unpacked, 5000, &size, NULL), IC_OK);
    CHECK_EQ_INT(size, 5000);
    CHECK_EQ_MEM(unpacked, plain, 5000);
    for (size_t cut = 0; cut < n; cut++)
        CHECK(ic_inflate_zlib(packed, cut, unpacked, 5000, &size, NULL) != IC_OK);
    for (size_t i = n - 4; i < n; i++) {
        packed[i] ^= 1;
        CHECK_EQ_INT(ic_inflate_zlib(packed, n, unpacked, 5000, &size, NULL), IC_ERR_MODEL);
        packed[i] ^= 1;
    }
    for (uint32_t head = 0; head < 65536;
         head++) { /* every header: only those with method 8, window <= 32K, no dictionary and a right check */
        packed[0] = (uint8_t)(head >> 8);
        packed[1] = (uint8_t)head;
        const int good = head % 31 == 0 && (head >> 8 & 15) == 8 && head >> 12 <= 7 && !(head & 0x20);
        if ((ic_inflate_zlib(packed, n, unpacked, 5000, &size, NULL) == IC_OK) != good)
            CHECK_EQ_INT(head, -1);
    }
}

TEST(speed)
{
    make_plain(MOST, 2);
    memset(plain, 0, 4); /* keep the compiler honest */
    for (size_t i = MOST / 2; i < MOST; i++)
        plain[i] = (uint8_t)("etaoin shrdlu\n"[(next_random() & next_random()) % 14]);
    const size_t n = deflate_raw(MOST, 6, Z_DEFAULT_STRATEGY, 8);
    uint64_t ours = UINT64_MAX, zlibs = UINT64_MAX;
    for (int i = 0; i < 7; i++) {
        size_t size = 0, used = 0;
        uint64_t t = ic_os_time_ns();
        CHECK_EQ_INT(ic_inflate(packed, n, unpacked, MOST, &size, NULL, NULL), IC_OK);
        t = ic_os_time_ns() - t;
        ours = t < ours ? t : ours;
        t = ic_os_time_ns();
        CHECK_EQ_INT(their_inflate(packed, n, &size, &used), Z_STREAM_END);
        t = ic_os_time_ns() - t;
        zlibs = t < zlibs ? t : zlibs;
    }
    printf("1 MB from %zu bytes: %.2f ms, zlib %.2f ms\n", n, (double)ours / 1e6, (double)zlibs / 1e6);
}

TEST_MAIN()
