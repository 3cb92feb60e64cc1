#include "demo_data.h"

// Clang embeds the file as it is; an array literal in Swift would take a minute to compile.
#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char purchases[] = {
#embed "cdnow-sample.txt"
};

const unsigned char *rollcall_demo_purchases(size_t *size) {
  *size = sizeof(purchases);
  return purchases;
}
