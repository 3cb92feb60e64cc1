#ifndef ROLLCALL_CSHA256_H
#define ROLLCALL_CSHA256_H

#include <stdbool.h>
#include <stdint.h>

// Takes a block of 64 bytes into the eight words of a SHA-256, with the processor's own instructions.
// Where it has none, returns false and changes nothing.
bool rollcall_sha256_compress(uint32_t *state, const uint8_t *block, const uint32_t *constants);

#endif
