/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a fuzzer gives to libFuzzer, or to corpus.c. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** LLVMFuzzerInitialize() - what a fuzzer does once, if it has it; always 0 */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/** LLVMFuzzerTestOneInput() - one input; it ends the program where it finds an error */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
