#pragma once
// Prime field groups of RFC 5114 (Doc 9303-11 table 12, parameters 0 to 2). The only door to them is deprecated.
#include <openssl/bn.h>
#include <openssl/dh.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static inline int sakk_rfc5114_group(int parameter, BIGNUM **p, BIGNUM **q, BIGNUM **g) {
    DH *group = parameter == 0   ? DH_get_1024_160()
                : parameter == 1 ? DH_get_2048_224()
                : parameter == 2 ? DH_get_2048_256()
                                 : NULL;
    if (!group) return 0;
    const BIGNUM *p0 = NULL, *q0 = NULL, *g0 = NULL;
    DH_get0_pqg(group, &p0, &q0, &g0);
    *p = BN_dup(p0);
    *q = BN_dup(q0);
    *g = BN_dup(g0);
    DH_free(group);
    return *p && *q && *g;
}
#pragma GCC diagnostic pop

// Plain ECDSA signatures (BSI TR-03111 5.2.1) are r and s side by side; OpenSSL wants the DER form and its macros.
static inline int sakk_set_rsa_pss(EVP_PKEY_CTX *context, const EVP_MD *digest) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
}
static inline int sakk_set_rsa_raw(EVP_PKEY_CTX *context) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) > 0;
}
static inline int sakk_crl_revoked_count(X509_CRL *crl) {
    STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(crl);
    return revoked ? sk_X509_REVOKED_num(revoked) : 0;
}
static inline EVP_PKEY *sakk_fresh_ec_key(const char *curve) { return EVP_EC_gen(curve); }
static inline EVP_PKEY *sakk_fresh_rsa_key(long bits) { return EVP_RSA_gen((unsigned int)bits); }
// The same public key with the curve's parameters written out; the key itself is not changed.
static inline int sakk_explicit_pubkey(EVP_PKEY *key, unsigned char **out) {
    EVP_PKEY *copy = EVP_PKEY_dup(key);
    if (!copy) return -1;
    int count = EVP_PKEY_set_utf8_string_param(copy, OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT) == 1
                    ? i2d_PUBKEY(copy, out)
                    : -1;
    EVP_PKEY_free(copy);
    return count;
}
// Explicit curve parameters for an EC key, the usual form for another.
static inline int sakk_explicit_or_plain_pubkey(EVP_PKEY *key, unsigned char **out) {
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC ? sakk_explicit_pubkey(key, out) : i2d_PUBKEY(key, out);
}
// A prime curve from its numbers, for card verifiable certificates. The caller frees it.
static inline EC_GROUP *sakk_prime_curve(const BIGNUM *p, const BIGNUM *a, const BIGNUM *b, const unsigned char *point,
                                         size_t length, const BIGNUM *order) {
    EC_GROUP *group = EC_GROUP_new_curve_GFp(p, a, b, NULL);
    EC_POINT *base = group ? EC_POINT_new(group) : NULL;
    int done = base && EC_POINT_oct2point(group, base, point, length, NULL) == 1 &&
               EC_GROUP_set_generator(group, base, order, BN_value_one()) == 1;
    EC_POINT_free(base);
    if (done) return group;
    EC_GROUP_free(group);
    return NULL;
}
