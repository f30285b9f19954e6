/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manufacturer's certificate authority: what endorses IDevIDs, with the keys of
 * a state folder. 'swcaliptra ca' is it.
 *
 *   root KIND              its certificate
 *   idevid KIND            the certificate of the folder's own IDevID
 *   endorse FILE [KEY-ID]  a certificate for IDevID's request in FILE, DER or PEM;
 *                          - is stdin
 *
 * KIND is ecc384 or mldsa87. KEY-ID says how the device's fuses have its subject key
 * identifier: sha1, sha256, sha384, sha512, or 40 hexadecimal digits. Where it is
 * not given, it is as in the folder's own fuses. Certificates go to stdout, in PEM.
 */
#ifndef SWCALIPTRA_CA_H
#define SWCALIPTRA_CA_H

/**
 * ca_run() - do what is asked for
 * @state: the state folder
 * @argc: words of the request
 * @argv: the words
 *
 * Return: exit status of the program.
 */
int ca_run(const char *state, int argc, char **argv);

#endif
