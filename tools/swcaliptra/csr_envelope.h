/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ROM sends the SoC of IDevID's requests at manufacture: in 1.x the request
 * alone, since 2.0 an envelope with that of each kind of key and a MAC with a key
 * that is in the silicon. Sources: caliptra-sw drivers/src/persistent.rs,
 * rom/dev/src/flow/cold_reset/idev_id.rs.
 *
 * Offsets: 0 marker, 4 size of it all, 8 length of the P-384 request and in 512
 * bytes the request, 524 the same of ML-DSA-87 in as many bytes as the generation
 * has for it, HMAC-SHA-512 over all that. Numbers are little-endian.
 */
#ifndef SWCALIPTRA_CSR_ENVELOPE_H
#define SWCALIPTRA_CSR_ENVELOPE_H

#include "firmware.h"

#define CSR_ENVELOPE_MARKER 0x435352u
#define CSR_ENVELOPE_MAX    8784

/**
 * csr_envelope() - what ROM sends
 * @fw: the firmware, which has the requests
 * @bytes: where it goes
 *
 * Return: its length in bytes, 0 when OpenSSL fails.
 */
size_t csr_envelope(const struct firmware *fw, uint8_t bytes[CSR_ENVELOPE_MAX]);

#endif
