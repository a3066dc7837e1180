#pragma once
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

// Macros and variadic functions behind names that Swift can call.

static inline EVP_PKEY *gqc_new_rsa_key(unsigned int bits) { return EVP_RSA_gen(bits); }

// The curve by name: P-256, P-384, P-521.
static inline EVP_PKEY *gqc_new_ec_key(const char *curve) { return EVP_EC_gen(curve); }

static inline EVP_PKEY *gqc_new_ed25519_key(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }

static inline BIO *gqc_read_only_bio(const void *bytes, int count) { return BIO_new_mem_buf(bytes, count); }

static inline long gqc_bio_contents(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }
