/* The floor that `sakk bench chip` is measured against: the same command through libpcsclite, and the same hashes and C_Sign on
 * the same token, in plain loops.
 *   chip-floor apdu HEX COUNT READER              nanoseconds of each exchange, one a line; the last line: the processor's
 *   chip-floor rate HEX MILLISECONDS READER...    exchanges of all readers, a thread for each
 *   chip-floor sign MODULE TOKEN LABEL COUNT SIZE...   nanoseconds of all, and of the processor; the PIN stands in
 *                                                 CHIP_FLOOR_PIN */
#include <dlfcn.h>
#include <openssl/evp.h>
#include <p11-kit/pkcs11.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

static long long clock_now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long long now(void) { return clock_now(CLOCK_MONOTONIC); }

static void fail(const char *what, long code)
{
    fprintf(stderr, "chip-floor: %s: 0x%lX\n", what, code);
    exit(1);
}

static unsigned char command[512];
static size_t command_length;

static void read_hex(const char *text)
{
    unsigned value;
    for (; sscanf(text, "%2x", &value) == 1 && command_length < sizeof command; text += 2)
        command[command_length++] = (unsigned char)value;
}

struct card {
    SCARDCONTEXT context;
    SCARDHANDLE handle;
};

static struct card connect_card(const char *reader)
{
    struct card card;
    DWORD protocol;
    LONG result = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &card.context);
    if (result) fail("SCardEstablishContext", result);
    result = SCardConnect(card.context, reader, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T1, &card.handle, &protocol);
    if (result) fail(reader, result);
    result = SCardBeginTransaction(card.handle);
    if (result) fail("SCardBeginTransaction", result);
    return card;
}

static void exchange(struct card *card)
{
    unsigned char answer[65538];
    DWORD length = sizeof answer;
    LONG result = SCardTransmit(card->handle, SCARD_PCI_T1, command, command_length, NULL, answer, &length);
    if (result || length < 2) fail("SCardTransmit", result);
}

static void release(struct card *card)
{
    SCardEndTransaction(card->handle, SCARD_RESET_CARD);
    SCardDisconnect(card->handle, SCARD_RESET_CARD);
    SCardReleaseContext(card->context);
}

static long long deadline;

static void *hammer(void *reader)
{
    struct card card = connect_card(reader);
    long count = 0;
    while (now() < deadline) {
        exchange(&card);
        count++;
    }
    release(&card);
    return (void *)count;
}

static void sign(int argc, char **argv)
{
    void *library = dlopen(argv[2], RTLD_NOW);
    if (!library) fail(dlerror(), 0);
    CK_C_GetFunctionList get = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
    CK_FUNCTION_LIST *p11;
    CK_RV result = get(&p11);
    if (result || (result = p11->C_Initialize(NULL))) fail("C_Initialize", result);
    CK_SLOT_ID slots[64], slot = 0;
    CK_ULONG count = 64;
    if ((result = p11->C_GetSlotList(CK_TRUE, slots, &count))) fail("C_GetSlotList", result);
    for (CK_ULONG index = 0; index < count; index++) {
        CK_TOKEN_INFO info;
        p11->C_GetTokenInfo(slots[index], &info);
        size_t length = strlen(argv[3]);
        if (!memcmp(info.label, argv[3], length) && (length == 32 || info.label[length] == ' ')) slot = slots[index];
    }
    CK_SESSION_HANDLE session;
    if ((result = p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session))) fail("C_OpenSession", result);
    const char *pin = getenv("CHIP_FLOOR_PIN");
    if ((result = p11->C_Login(session, CKU_USER, (CK_UTF8CHAR *)pin, strlen(pin)))) fail("C_Login", result);
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, argv[4], strlen(argv[4])}};
    CK_OBJECT_HANDLE key;
    p11->C_FindObjectsInit(session, wanted, 2);
    if ((result = p11->C_FindObjects(session, &key, 1, &count)) || count != 1) fail("C_FindObjects", result);
    p11->C_FindObjectsFinal(session);
    long rounds = atol(argv[5]);
    static unsigned char data[1 << 20];
    memset(data, 0x5A, sizeof data);
    EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    long long begun = now(), worked = clock_now(CLOCK_PROCESS_CPUTIME_ID);
    for (long round = 0; round < rounds; round++) {
        unsigned char hash[32], signature[512];
        for (int size = 6; size < argc; size++) {
            EVP_DigestInit_ex2(context, md, NULL);
            EVP_DigestUpdate(context, data, (size_t)atol(argv[size]));
            EVP_DigestFinal_ex(context, hash, NULL);
        }
        CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
        CK_ULONG length = sizeof signature;
        if ((result = p11->C_SignInit(session, &mechanism, key))) fail("C_SignInit", result);
        if ((result = p11->C_Sign(session, hash, 32, signature, &length))) fail("C_Sign", result);
    }
    printf("%lld\n%lld\n", now() - begun, clock_now(CLOCK_PROCESS_CPUTIME_ID) - worked);
    p11->C_Finalize(NULL);
}

int main(int argc, char **argv)
{
    if (argc == 5 && !strcmp(argv[1], "apdu")) {
        read_hex(argv[2]);
        long count = atol(argv[3]);
        long long *times = calloc((size_t)count, sizeof *times);
        struct card card = connect_card(argv[4]);
        long long worked = clock_now(CLOCK_PROCESS_CPUTIME_ID);
        for (long index = 0; index < count; index++) {
            long long begun = now();
            exchange(&card);
            times[index] = now() - begun;
        }
        worked = clock_now(CLOCK_PROCESS_CPUTIME_ID) - worked;
        release(&card);
        for (long index = 0; index < count; index++) printf("%lld\n", times[index]);
        printf("%lld\n", worked);
    } else if (argc >= 5 && argc < 36 && !strcmp(argv[1], "rate")) {
        read_hex(argv[2]);
        deadline = now() + atoll(argv[3]) * 1000000LL;
        pthread_t threads[32];
        long total = 0;
        for (int index = 4; index < argc; index++) pthread_create(&threads[index - 4], NULL, hammer, argv[index]);
        for (int index = 4; index < argc; index++) {
            void *count;
            pthread_join(threads[index - 4], &count);
            total += (long)count;
        }
        printf("%ld\n", total);
    } else if (argc > 6 && !strcmp(argv[1], "sign")) {
        sign(argc, argv);
    } else {
        fprintf(stderr, "usage: chip-floor apdu HEX COUNT READER | rate HEX MS READER... | sign MODULE TOKEN LABEL COUNT SIZE...\n");
        return 2;
    }
    return 0;
}
