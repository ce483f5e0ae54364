#include "faulty.h"

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdatomic.h>
#include <string.h>

static CK_FUNCTION_LIST_PTR real;
static CK_FUNCTION_LIST lists[FAULTY_KINDS];
static atomic_int logins[FAULTY_KINDS];
static atomic_int encryptions;

static CK_RV other_maker(CK_INFO_PTR info)
{
    CK_RV result = real->C_GetInfo(info);
    memset(info->manufacturerID, ' ', sizeof info->manufacturerID);
    memcpy(info->manufacturerID, "Another maker", 13);
    return result;
}

static CK_RV token_info_locked(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
    CK_RV result = real->C_GetTokenInfo(slot, info);
    info->flags |= CKF_USER_PIN_LOCKED;
    return result;
}

static CK_RV token_info_final_try(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
    CK_RV result = real->C_GetTokenInfo(slot, info);
    info->flags |= CKF_USER_PIN_FINAL_TRY;
    return result;
}

static CK_RV login_locked(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin, CK_ULONG length)
{
    (void)session, (void)user, (void)pin, (void)length;
    logins[FAULTY_LOGIN_LOCKED]++;
    return CKR_PIN_LOCKED;
}

static CK_RV login_counted(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin, CK_ULONG length)
{
    logins[FAULTY_PIN_FINAL_TRY]++;
    return real->C_Login(session, user, pin, length);
}

static CK_RV mechanism_without_gcm(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info)
{
    return type == CKM_AES_GCM ? CKR_MECHANISM_INVALID : real->C_GetMechanismInfo(slot, type, info);
}

static CK_RV encrypt_with(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key, int says)
{
    CK_GCM_PARAMS parameters = *(CK_GCM_PARAMS *)mechanism->pParameter;
    unsigned char own[12];
    for (int place = 0; place < 12; place++) own[place] = parameters.iv_ptr[place] ^ 0x55;
    if (says) memcpy(parameters.iv_ptr, own, sizeof own);
    parameters.iv_ptr = own;
    CK_MECHANISM changed = {mechanism->mechanism, &parameters, sizeof parameters};
    return real->C_EncryptInit(session, &changed, key);
}

static CK_RV encrypt_own_iv(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key)
{
    return encrypt_with(session, mechanism, key, 1);
}

static CK_RV encrypt_hidden_iv(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key)
{
    return encrypt_with(session, mechanism, key, 0);
}

static CK_RV decrypt_sick(
    CK_SESSION_HANDLE session, unsigned char *sealed, CK_ULONG sealed_length, unsigned char *data, CK_ULONG *length)
{
    (void)session, (void)sealed, (void)sealed_length, (void)data, (void)length;
    return CKR_GENERAL_ERROR;
}

static CK_RV keep(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    (void)session, (void)object;
    return CKR_OK;
}

static CK_RV encrypt_dropping(
    CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG data_length, unsigned char *sealed, CK_ULONG *length)
{
    if (encryptions++ % 3 == 2) return CKR_SESSION_CLOSED;
    return real->C_Encrypt(session, data, data_length, sealed, length);
}

void *faulty_module(const char *library, enum faulty_kind kind)
{
    if (!real) {
        void *loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL);
        CK_C_GetFunctionList list = loaded ? (CK_C_GetFunctionList)dlsym(loaded, "C_GetFunctionList") : NULL;
        CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
        if (!list || list(&real) != CKR_OK || real->C_Initialize(&arguments) != CKR_OK) return NULL;
    }
    CK_FUNCTION_LIST *faulty = &lists[kind];
    *faulty = *real;
    faulty->C_GetInfo = other_maker;
    switch (kind) {
    case FAULTY_PIN_LOCKED: faulty->C_GetTokenInfo = token_info_locked; break;
    case FAULTY_PIN_FINAL_TRY:
        faulty->C_GetTokenInfo = token_info_final_try;
        faulty->C_Login = login_counted;
        break;
    case FAULTY_LOGIN_LOCKED: faulty->C_Login = login_locked; break;
    case FAULTY_NO_GCM: faulty->C_GetMechanismInfo = mechanism_without_gcm; break;
    case FAULTY_OWN_IV: faulty->C_EncryptInit = encrypt_own_iv; break;
    case FAULTY_HIDDEN_IV: faulty->C_EncryptInit = encrypt_hidden_iv; break;
    case FAULTY_SICK: faulty->C_Decrypt = decrypt_sick; break;
    case FAULTY_KEEPS: faulty->C_DestroyObject = keep; break;
    case FAULTY_DROPS: faulty->C_Encrypt = encrypt_dropping; break;
    default: break;
    }
    return faulty;
}

int faulty_logins(enum faulty_kind kind) { return logins[kind]; }
