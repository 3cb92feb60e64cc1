#ifndef ROLLCALL_DEMO_DATA_H
#define ROLLCALL_DEMO_DATA_H

#include <stddef.h>

// The purchases that the demo rolls over: the CDNOW sample, 2,357 customers of an online shop who
// first bought in early 1997, with their 6,919 purchases until June 1998.
// Source: P. S. Fader, B. G. S. Hardie, "Forecasting Repeat Sales at CDNOW" (2001).
//
// One customer a line: the id, then each purchase as days since 1997-01-01, number of CDs, cents.
const unsigned char *rollcall_demo_purchases(size_t *size);

#endif
