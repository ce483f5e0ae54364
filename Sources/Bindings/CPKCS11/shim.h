#pragma once
#include <dlfcn.h>
#include <string.h>
#include <p11-kit/pkcs11.h>

// PKCS#11 (Cryptoki) 2.40. Templates, mechanisms and their parameters keep pointers, so each is filled and used inside
// one C frame. The module is loaded at run time: whose HSM it is, the configuration says.

#define SAKK_P11_ID_BYTES 16
#define SAKK_P11_GCM_TAG_BYTES 16

static inline CK_RV sakk_p11_initialize(CK_FUNCTION_LIST_PTR calls)
{
    CK_C_INITIALIZE_ARGS arguments;
    memset(&arguments, 0, sizeof arguments);
    arguments.flags = CKF_OS_LOCKING_OK;
    CK_RV result = calls->C_Initialize(&arguments);
    return result == CKR_CRYPTOKI_ALREADY_INITIALIZED ? CKR_OK : result;
}

// Ends all sessions of the process and forgets what the module remembers of the token.
static inline CK_RV sakk_p11_restart(CK_FUNCTION_LIST_PTR calls)
{
    CK_RV result = calls->C_Finalize(NULL);
    return result == CKR_OK || result == CKR_CRYPTOKI_NOT_INITIALIZED ? sakk_p11_initialize(calls) : result;
}

// `maker` gets 32 characters, padded with blanks.
static inline CK_RV sakk_p11_maker(CK_FUNCTION_LIST_PTR calls, unsigned char *maker)
{
    CK_INFO info;
    CK_RV result = calls->C_GetInfo(&info);
    if (result == CKR_OK) memcpy(maker, info.manufacturerID, sizeof info.manufacturerID);
    return result;
}

// Null with `reason` set (text of dlerror, valid until the next call on this thread) when there is no such module.
// A loaded module stays until the process ends: its threads and exit handlers do not survive an unload.
static inline CK_FUNCTION_LIST_PTR sakk_p11_load(const char *path, const char **reason, CK_RV *result)
{
    *reason = NULL;
    *result = CKR_OK;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList list = library ? (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList") : NULL;
    if (!list) {
        *reason = dlerror();
        return NULL;
    }
    CK_FUNCTION_LIST_PTR calls = NULL;
    *result = list(&calls);
    if (*result != CKR_OK || !calls) return NULL;
    *result = sakk_p11_initialize(calls);
    return *result == CKR_OK ? calls : NULL;
}

// Slots that hold a token; `count` is the room in `slots` and then their number.
static inline CK_RV sakk_p11_slots(CK_FUNCTION_LIST_PTR calls, CK_SLOT_ID *slots, CK_ULONG *count)
{
    return calls->C_GetSlotList(CK_TRUE, slots, count);
}

// `label` gets 32 characters, padded with blanks.
static inline CK_RV sakk_p11_token(
    CK_FUNCTION_LIST_PTR calls, CK_SLOT_ID slot, unsigned char *label, CK_FLAGS *flags)
{
    CK_TOKEN_INFO info;
    CK_RV result = calls->C_GetTokenInfo(slot, &info);
    if (result != CKR_OK) return result;
    memcpy(label, info.label, sizeof info.label);
    *flags = info.flags;
    return CKR_OK;
}

static inline CK_RV sakk_p11_mechanism(
    CK_FUNCTION_LIST_PTR calls, CK_SLOT_ID slot, CK_MECHANISM_TYPE mechanism, CK_FLAGS *flags)
{
    CK_MECHANISM_INFO info;
    CK_RV result = calls->C_GetMechanismInfo(slot, mechanism, &info);
    *flags = result == CKR_OK ? info.flags : 0;
    return result;
}

static inline CK_RV sakk_p11_open_session(CK_FUNCTION_LIST_PTR calls, CK_SLOT_ID slot, CK_SESSION_HANDLE *session)
{
    return calls->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, session);
}

static inline CK_RV sakk_p11_close_session(CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session)
{
    return calls->C_CloseSession(session);
}

static inline CK_RV sakk_p11_login(
    CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, const void *pin, CK_ULONG pin_length)
{
    return calls->C_Login(session, CKU_USER, (unsigned char *)pin, pin_length);
}

// Objects of the class with this label, and with this id when there is one (null: any). `label` null: any label.
// `count` is the room in `objects` and then their number; CKR_BUFFER_TOO_SMALL when there are more.
static inline CK_RV sakk_p11_find(
    CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, CK_OBJECT_CLASS object_class, const char *label,
    const unsigned char *id, CK_OBJECT_HANDLE *objects, CK_ULONG *count)
{
    CK_ULONG room = *count, wanted = 2;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE pattern[4] = {
        {CKA_CLASS, &object_class, sizeof object_class},
        {CKA_TOKEN, &yes, sizeof yes},
    };
    if (label) pattern[wanted++] = (CK_ATTRIBUTE){CKA_LABEL, (void *)label, strlen(label)};
    if (id) pattern[wanted++] = (CK_ATTRIBUTE){CKA_ID, (void *)id, SAKK_P11_ID_BYTES};
    *count = 0;
    CK_RV result = calls->C_FindObjectsInit(session, pattern, wanted);
    if (result != CKR_OK) return result;
    while (result == CKR_OK && *count < room) {
        CK_ULONG found = 0;
        result = calls->C_FindObjects(session, objects + *count, room - *count, &found);
        if (result != CKR_OK || found == 0) break;
        *count += found;
    }
    if (result == CKR_OK && *count == room) {
        CK_OBJECT_HANDLE one;
        CK_ULONG found = 0;
        result = calls->C_FindObjects(session, &one, 1, &found);
        if (result == CKR_OK && found != 0) result = CKR_BUFFER_TOO_SMALL;
    }
    CK_RV final_result = calls->C_FindObjectsFinal(session);
    return result != CKR_OK ? result : final_result;
}

// `length` is the room and then the length of the value.
static inline CK_RV sakk_p11_attribute(
    CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
    unsigned char *value, CK_ULONG *length)
{
    CK_ATTRIBUTE attribute = {type, value, *length};
    CK_RV result = calls->C_GetAttributeValue(session, object, &attribute, 1);
    *length = result == CKR_OK ? attribute.ulValueLen : 0;
    return result;
}

// A 32-byte key made inside the token, which never shows it: sensitive, not extractable, not modifiable.
// For AES-GCM (`signing` 0) or for HMAC (`signing` 1), and for nothing else.
static inline CK_RV sakk_p11_generate(
    CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, int signing, const char *label, const unsigned char *id,
    CK_OBJECT_HANDLE *key)
{
    CK_MECHANISM mechanism = {signing ? CKM_GENERIC_SECRET_KEY_GEN : CKM_AES_KEY_GEN, NULL, 0};
    CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = signing ? CKK_GENERIC_SECRET : CKK_AES;
    CK_ULONG length = 32;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_BBOOL seals = signing ? CK_FALSE : CK_TRUE, signs = signing ? CK_TRUE : CK_FALSE;
    CK_ATTRIBUTE attributes[] = {
        {CKA_CLASS, &object_class, sizeof object_class},
        {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_VALUE_LEN, &length, sizeof length},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_EXTRACTABLE, &no, sizeof no},
        {CKA_MODIFIABLE, &no, sizeof no},
        {CKA_ENCRYPT, &seals, sizeof seals},
        {CKA_DECRYPT, &seals, sizeof seals},
        {CKA_SIGN, &signs, sizeof signs},
        {CKA_VERIFY, &no, sizeof no},
        {CKA_WRAP, &no, sizeof no},
        {CKA_UNWRAP, &no, sizeof no},
        {CKA_DERIVE, &no, sizeof no},
        {CKA_LABEL, (void *)label, strlen(label)},
        {CKA_ID, (void *)id, SAKK_P11_ID_BYTES},
    };
    return calls->C_GenerateKey(session, &mechanism, attributes, sizeof attributes / sizeof *attributes, key);
}

// A data object that says one thing by its label and stays.
static inline CK_RV sakk_p11_mark(
    CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, const char *label, CK_OBJECT_HANDLE *mark)
{
    CK_OBJECT_CLASS object_class = CKO_DATA;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE attributes[] = {
        {CKA_CLASS, &object_class, sizeof object_class},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_MODIFIABLE, &no, sizeof no},
        {CKA_LABEL, (void *)label, strlen(label)},
        {CKA_APPLICATION, (void *)"sakk", 4},
        {CKA_VALUE, (void *)label, strlen(label)},
    };
    return calls->C_CreateObject(session, attributes, sizeof attributes / sizeof *attributes, mark);
}

static inline CK_RV sakk_p11_destroy(CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    return calls->C_DestroyObject(session, object);
}

// AES-GCM (NIST SP 800-38D) with a 16-byte tag at the end of the sealed bytes, in one part. `iv` holds 12 bytes; some
// tokens put one of their own there when sealing, so it is read after the call. `output_length` is the room, then the length.
static inline CK_RV sakk_p11_gcm(
    CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, int sealing, unsigned char *iv,
    const unsigned char *aad, CK_ULONG aad_length, const void *input, CK_ULONG input_length, void *output,
    CK_ULONG *output_length)
{
    CK_GCM_PARAMS parameters;
    memset(&parameters, 0, sizeof parameters);
    parameters.iv_ptr = iv;
    parameters.iv_len = 12;
    parameters.iv_bits = 96;
    parameters.aad_ptr = (unsigned char *)aad;
    parameters.aad_len = aad_length;
    parameters.tag_bits = SAKK_P11_GCM_TAG_BYTES * 8;
    CK_MECHANISM mechanism = {CKM_AES_GCM, &parameters, sizeof parameters};
    CK_RV result = sealing ? calls->C_EncryptInit(session, &mechanism, key) : calls->C_DecryptInit(session, &mechanism, key);
    if (result != CKR_OK) return result;
    return sealing
        ? calls->C_Encrypt(session, (unsigned char *)input, input_length, (unsigned char *)output, output_length)
        : calls->C_Decrypt(session, (unsigned char *)input, input_length, (unsigned char *)output, output_length);
}

// HMAC-SHA-256: `tag` gets 32 bytes.
static inline CK_RV sakk_p11_hmac(
    CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, const unsigned char *data,
    CK_ULONG length, unsigned char *tag)
{
    CK_MECHANISM mechanism = {CKM_SHA256_HMAC, NULL, 0};
    CK_ULONG tag_length = 32;
    CK_RV result = calls->C_SignInit(session, &mechanism, key);
    if (result != CKR_OK) return result;
    return calls->C_Sign(session, (unsigned char *)data, length, tag, &tag_length);
}

// A key pair whose private half never leaves the token and only signs. `parameters` is the DER of ECParameters (a named
// curve) for CKM_EC_KEY_PAIR_GEN; null for RSA of `bits`.
static inline CK_RV sakk_p11_generate_pair(
    CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, const unsigned char *parameters, CK_ULONG parameters_length,
    CK_ULONG bits, const char *label, const unsigned char *id, CK_OBJECT_HANDLE *public_key,
    CK_OBJECT_HANDLE *private_key)
{
    CK_MECHANISM mechanism = {parameters ? CKM_EC_KEY_PAIR_GEN : CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    unsigned char exponent[] = {1, 0, 1};
    CK_ATTRIBUTE public_half[] = {
        parameters ? (CK_ATTRIBUTE){CKA_EC_PARAMS, (void *)parameters, parameters_length}
                   : (CK_ATTRIBUTE){CKA_MODULUS_BITS, &bits, sizeof bits},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &no, sizeof no},
        {CKA_VERIFY, &yes, sizeof yes},
        {CKA_LABEL, (void *)label, strlen(label)},
        {CKA_ID, (void *)id, SAKK_P11_ID_BYTES},
        {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent},
    };
    CK_ATTRIBUTE private_half[] = {
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_EXTRACTABLE, &no, sizeof no},
        {CKA_SIGN, &yes, sizeof yes},
        {CKA_DECRYPT, &no, sizeof no},
        {CKA_UNWRAP, &no, sizeof no},
        {CKA_DERIVE, &no, sizeof no},
        {CKA_LABEL, (void *)label, strlen(label)},
        {CKA_ID, (void *)id, SAKK_P11_ID_BYTES},
    };
    CK_ULONG count = sizeof public_half / sizeof *public_half - (parameters ? 1 : 0);
    return calls->C_GenerateKeyPair(
        session, &mechanism, public_half, count, private_half, sizeof private_half / sizeof *private_half, public_key,
        private_key);
}

// One signature in one part. `length` is the room and then the length.
static inline CK_RV sakk_p11_sign(
    CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE type,
    const unsigned char *data, CK_ULONG data_length, unsigned char *signature, CK_ULONG *length)
{
    CK_MECHANISM mechanism = {type, NULL, 0};
    CK_RV result = calls->C_SignInit(session, &mechanism, key);
    if (result != CKR_OK) return result;
    return calls->C_Sign(session, (unsigned char *)data, data_length, signature, length);
}

// Whole blocks without padding, in one part (ECB): for keys that are derived from a master key block by block.
static inline CK_RV sakk_p11_encrypt_blocks(
    CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE type,
    const unsigned char *data, CK_ULONG data_length, unsigned char *output, CK_ULONG *length)
{
    CK_MECHANISM mechanism = {type, NULL, 0};
    CK_RV result = calls->C_EncryptInit(session, &mechanism, key);
    if (result != CKR_OK) return result;
    return calls->C_Encrypt(session, (unsigned char *)data, data_length, output, length);
}

// A master key made inside the token: AES of `length` bytes (16, 24, 32) or, with length 0, two-key triple DES. It signs
// (AES-CMAC) and encrypts blocks, and does nothing else.
static inline CK_RV sakk_p11_generate_master(
    CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, CK_ULONG length, const char *label, const unsigned char *id,
    CK_OBJECT_HANDLE *key)
{
    CK_MECHANISM mechanism = {length ? CKM_AES_KEY_GEN : CKM_DES2_KEY_GEN, NULL, 0};
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE attributes[] = {
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_EXTRACTABLE, &no, sizeof no},
        {CKA_MODIFIABLE, &no, sizeof no},
        {CKA_ENCRYPT, &yes, sizeof yes},
        {CKA_DECRYPT, &no, sizeof no},
        {CKA_SIGN, &yes, sizeof yes},
        {CKA_VERIFY, &no, sizeof no},
        {CKA_WRAP, &no, sizeof no},
        {CKA_UNWRAP, &no, sizeof no},
        {CKA_DERIVE, &no, sizeof no},
        {CKA_LABEL, (void *)label, strlen(label)},
        {CKA_ID, (void *)id, SAKK_P11_ID_BYTES},
        {CKA_VALUE_LEN, &length, sizeof length},
    };
    CK_ULONG count = sizeof attributes / sizeof *attributes - (length ? 0 : 1);
    return calls->C_GenerateKey(session, &mechanism, attributes, count, key);
}

// The RSA pair under whose public half a manufacturer wraps a transport key; the private half only unwraps.
static inline CK_RV sakk_p11_generate_import_pair(
    CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, CK_ULONG bits, const char *label, const unsigned char *id,
    CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    unsigned char exponent[] = {1, 0, 1};
    CK_ATTRIBUTE public_half[] = {
        {CKA_MODULUS_BITS, &bits, sizeof bits},
        {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &no, sizeof no},
        {CKA_WRAP, &yes, sizeof yes},
        {CKA_LABEL, (void *)label, strlen(label)},
        {CKA_ID, (void *)id, SAKK_P11_ID_BYTES},
    };
    CK_ATTRIBUTE private_half[] = {
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_EXTRACTABLE, &no, sizeof no},
        {CKA_SIGN, &no, sizeof no},
        {CKA_DECRYPT, &no, sizeof no},
        {CKA_UNWRAP, &yes, sizeof yes},
        {CKA_LABEL, (void *)label, strlen(label)},
        {CKA_ID, (void *)id, SAKK_P11_ID_BYTES},
    };
    return calls->C_GenerateKeyPair(
        session, &mechanism, public_half, sizeof public_half / sizeof *public_half, private_half,
        sizeof private_half / sizeof *private_half, public_key, private_key);
}

// A master key that arrives wrapped by RSA-OAEP (SHA-1, as PKCS#11 modules have it in common); opened inside the token.
// `type` is CKK_AES or CKK_DES2.
static inline CK_RV sakk_p11_unwrap_master(
    CK_FUNCTION_LIST_PTR calls, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE unwrapping, const unsigned char *wrapped,
    CK_ULONG wrapped_length, CK_KEY_TYPE type, const char *label, const unsigned char *id, CK_OBJECT_HANDLE *key)
{
    CK_RSA_PKCS_OAEP_PARAMS parameters;
    memset(&parameters, 0, sizeof parameters);
    parameters.hash_alg = CKM_SHA_1;
    parameters.mgf = CKG_MGF1_SHA1;
    parameters.source = CKZ_DATA_SPECIFIED;
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &parameters, sizeof parameters};
    CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE attributes[] = {
        {CKA_CLASS, &object_class, sizeof object_class},
        {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_EXTRACTABLE, &no, sizeof no},
        {CKA_ENCRYPT, &yes, sizeof yes},
        {CKA_DECRYPT, &no, sizeof no},
        {CKA_SIGN, &yes, sizeof yes},
        {CKA_WRAP, &no, sizeof no},
        {CKA_UNWRAP, &no, sizeof no},
        {CKA_DERIVE, &no, sizeof no},
        {CKA_LABEL, (void *)label, strlen(label)},
        {CKA_ID, (void *)id, SAKK_P11_ID_BYTES},
    };
    return calls->C_UnwrapKey(
        session, &mechanism, unwrapping, (unsigned char *)wrapped, wrapped_length, attributes,
        sizeof attributes / sizeof *attributes, key);
}
