#include "CSHA256.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

static bool has_instructions = false;

// Bit 29 of EBX: the SHA extensions. Processors that have them have SSE4.1, which is asked for all the same.
__attribute__((constructor)) static void find_instructions(void) {
  unsigned a, b, c, d;
  has_instructions = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_1) && (c & bit_SSSE3)
      && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29));
}

// The instructions hold the state as (A, B, E, F) and (C, D, G, H), do two rounds each, and make four words
// of the schedule at a time: Intel, "SHA Extensions", 2013.
__attribute__((target("sha,sse4.1")))
static void compress(uint32_t *state, const uint8_t *block, const uint32_t *constants) {
  const __m128i bytes_of_words = _mm_set_epi64x(0x0C0D0E0F08090A0BLL, 0x0405060700010203LL);
  __m128i words[4];
  for (int i = 0; i < 4; i++) {
    words[i] =
        _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)block + i), bytes_of_words);
  }
  __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
  __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state + 1), 0x1B);
  __m128i abef = _mm_alignr_epi8(abcd, efgh, 8);
  __m128i cdgh = _mm_blend_epi16(efgh, abcd, 0xF0);
  const __m128i first_abef = abef, first_cdgh = cdgh;
#pragma unroll
  for (int i = 0; i < 16; i++) {
    const __m128i last = words[(i + 3) & 3];
    __m128i sum = _mm_add_epi32(words[i & 3], _mm_loadu_si128((const __m128i *)constants + i));
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
    words[i & 3] = _mm_sha256msg2_epu32(
        _mm_add_epi32(
            _mm_sha256msg1_epu32(words[i & 3], words[(i + 1) & 3]),
            _mm_alignr_epi8(last, words[(i + 2) & 3], 4)),
        last);
  }
  abef = _mm_shuffle_epi32(_mm_add_epi32(abef, first_abef), 0x1B);
  cdgh = _mm_shuffle_epi32(_mm_add_epi32(cdgh, first_cdgh), 0xB1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(abef, cdgh, 0xF0));
  _mm_storeu_si128((__m128i *)state + 1, _mm_alignr_epi8(cdgh, abef, 8));
}

bool rollcall_sha256_compress(uint32_t *state, const uint8_t *block, const uint32_t *constants) {
  if (!has_instructions) { return false; }
  compress(state, block, constants);
  return true;
}

#else

bool rollcall_sha256_compress(uint32_t *state, const uint8_t *block, const uint32_t *constants) {
  return false;
}

#endif
