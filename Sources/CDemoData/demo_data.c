#include "demo_data.h"

// Clang embeds the file as it is; an array literal in Swift would take a minute to compile.
#pragma clang diagnostic ignored "-Wc23-extensions"
const unsigned char rollcall_demo_purchases[] = {
#embed "cdnow-sample.txt"
};

const size_t rollcall_demo_purchases_size = sizeof(rollcall_demo_purchases);
