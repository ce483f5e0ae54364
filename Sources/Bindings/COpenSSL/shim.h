#pragma once
#include <pthread.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/rsa.h>

#include "groups.h"

// OSSL_PARAM keeps the pointers it is given, so it is filled and used inside one C function.
static inline int sakk_cmac(const char *cipher, const unsigned char *key, size_t key_length, const unsigned char *data,
                            size_t length, unsigned char out[16]) {
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;
    OSSL_PARAM parameters[2] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, (char *)cipher, 0), OSSL_PARAM_construct_end()};
    size_t written = 0;
    int done = context && EVP_MAC_init(context, key, key_length, parameters) == 1 &&
               EVP_MAC_update(context, data, length) == 1 && EVP_MAC_final(context, out, &written, 16) == 1 &&
               written == 16;
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    return done;
}

// One context for each thread instead of a new one for each hash; begun anew after it, so that it holds nothing of what was
// hashed. It ends with its thread.
static inline EVP_MD_CTX **sakk_digest_context(void) {
    static _Thread_local EVP_MD_CTX *context;
    return &context;
}
static inline void sakk_digest_end(void *context) {
    *sakk_digest_context() = NULL;
    EVP_MD_CTX_free((EVP_MD_CTX *)context);
}
static inline pthread_key_t *sakk_digest_key(void) {
    static pthread_key_t key;
    return &key;
}
static inline void sakk_digest_make_key(void) { pthread_key_create(sakk_digest_key(), sakk_digest_end); }
static inline int sakk_digest_begin(EVP_MD_CTX **context) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, sakk_digest_make_key);
    return (*context = EVP_MD_CTX_new()) != NULL && pthread_setspecific(*sakk_digest_key(), *context) == 0;
}
static inline int sakk_digest(const EVP_MD *md, const void *data, size_t length, unsigned char *out, unsigned *written) {
    EVP_MD_CTX **context = sakk_digest_context();
    if (!*context && !sakk_digest_begin(context)) return 0;
    return EVP_DigestInit_ex2(*context, md, NULL) == 1 && EVP_DigestUpdate(*context, data, length) == 1 &&
           EVP_DigestFinal_ex(*context, out, written) == 1 && EVP_DigestInit_ex2(*context, md, NULL) == 1;
}

// Macros that Swift does not see.
static inline STACK_OF(X509) * sakk_x509_stack_new(void) { return sk_X509_new_null(); }
static inline int sakk_x509_stack_push(STACK_OF(X509) * stack, X509 *certificate) {
    return sk_X509_push(stack, certificate);
}
static inline int sakk_x509_stack_count(const STACK_OF(X509) * stack) { return sk_X509_num(stack); }
static inline X509 *sakk_x509_stack_value(const STACK_OF(X509) * stack, int index) {
    return sk_X509_value(stack, index);
}
static inline void sakk_x509_stack_free(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }
static inline void sakk_x509_stack_free_shallow(STACK_OF(X509) * stack) { sk_X509_free(stack); }
static inline int sakk_cms_signer_count(CMS_ContentInfo *cms) {
    STACK_OF(CMS_SignerInfo) *infos = CMS_get0_SignerInfos(cms);
    return infos ? sk_CMS_SignerInfo_num(infos) : 0;
}
static inline CMS_SignerInfo *sakk_cms_signer(CMS_ContentInfo *cms, int index) {
    return sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), index);
}
static inline void sakk_openssl_free(void *memory) { OPENSSL_free(memory); }
static inline long sakk_bio_data(BIO *bio, char **data) { return BIO_get_mem_data(bio, data); }
static inline unsigned long sakk_rfc2253_flags(void) { return XN_FLAG_RFC2253; }

// ICAO Doc 9303-12 asks for explicit EC domain parameters, which OpenSSL refuses in a chain since 3.0. They are taken when
// they are those of a curve that has a name, and never otherwise (a curve of one's own makes any key fit).
static inline int sakk_explicit_curve_has_name(int accepted, X509_STORE_CTX *context) {
    if (accepted || X509_STORE_CTX_get_error(context) != X509_V_ERR_EC_KEY_EXPLICIT_PARAMS) return accepted;
    X509 *certificate = X509_STORE_CTX_get_current_cert(context);
    EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate) : NULL;
    char name[80];
    size_t length = 0;
    if (!key || EVP_PKEY_get_group_name(key, name, sizeof name, &length) != 1 || length == 0 ||
        OBJ_txt2nid(name) == NID_undef)
        return 0;
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
}
static inline void sakk_accept_named_explicit_curves(X509_STORE_CTX *context) {
    X509_STORE_CTX_set_verify_cb(context, sakk_explicit_curve_has_name);
}
