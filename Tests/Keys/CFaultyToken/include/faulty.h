#pragma once

// A PKCS#11 module in front of a real one that does one thing wrong, or differently from the real one.
enum faulty_kind {
    FAULTY_NOTHING,         // only says that it is of another maker
    FAULTY_PIN_LOCKED,      // C_GetTokenInfo: the user PIN is locked
    FAULTY_PIN_FINAL_TRY,   // C_GetTokenInfo: one more wrong PIN locks it
    FAULTY_LOGIN_LOCKED,    // C_Login: CKR_PIN_LOCKED
    FAULTY_NO_GCM,          // C_GetMechanismInfo: no CKM_AES_GCM
    FAULTY_OWN_IV,          // C_EncryptInit: takes an IV of its own and says which
    FAULTY_HIDDEN_IV,       // C_EncryptInit: takes an IV of its own and does not say which
    FAULTY_SICK,            // C_Decrypt: CKR_GENERAL_ERROR
    FAULTY_KEEPS,           // C_DestroyObject: says it did, and did not
    FAULTY_DROPS,           // C_Encrypt: each third call finds the session closed
    FAULTY_KINDS
};

// `library` is the real module, a file that nothing else in this process loads; null when it cannot be loaded.
// The result is a CK_FUNCTION_LIST; C_Login calls are counted for the kinds that spoil a login.
void *faulty_module(const char *library, enum faulty_kind kind);
int faulty_logins(enum faulty_kind kind);
