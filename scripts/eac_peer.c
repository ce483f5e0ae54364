// The other side of access control, by OpenPACE (libeac) and not by this project: a border reader that opens a chip in a PC/SC
// reader, and a chip that a vpcd reader holds and any border may open. PACE (9303-11, 4.4) with the generic mapping, then files
// read under secure messaging (9303-11, 9.8). Exit 1 when the other side does not keep the protocol, 2 for bad use.
//
//   eac-peer border READER mrz|can SECRET PROTOCOL DOMAIN FOLDER    SECRET of mrz: the zone's three fields with check digits
//   eac-peer chip PORT MRZ-SECRET CAN PROTOCOL DOMAIN FOLDER        until the reader goes away
//
// PROTOCOL is PACE's name in OpenPACE (id-PACE-ECDH-GM-AES-CBC-CMAC-128), DOMAIN a number of 9303-11 table 6. FOLDER holds files
// named by their short identifiers (1E.bin is EF.COM, 01.bin EF.DG1).
#include <arpa/inet.h>
#include <eac/eac.h>
#include <eac/objects.h>
#include <eac/pace.h>
#include <openssl/objects.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <winscard.h>

typedef struct {
    unsigned char b[70000];
    size_t n;
} bytes;

static void stop(const char *what) {
    fprintf(stderr, "eac-peer: %s\n", what);
    exit(1);
}

static void put(bytes *to, const void *from, size_t n) {
    if (to->n + n > sizeof to->b) stop("too much");
    memcpy(to->b + to->n, from, n);
    to->n += n;
}

static void put_object(bytes *to, int tag, const void *value, size_t n) {
    unsigned char head[5];
    size_t h = 0;
    if (tag > 0xFF) head[h++] = (unsigned char)(tag >> 8);
    head[h++] = (unsigned char)tag;
    if (n > 0xFF) {
        head[h++] = 0x82;
        head[h++] = (unsigned char)(n >> 8);
    } else if (n > 0x7F) {
        head[h++] = 0x81;
    }
    head[h++] = (unsigned char)n;
    put(to, head, h);
    put(to, value, n);
}

static void put_memory(bytes *to, int tag, const BUF_MEM *value) {
    if (!value) stop("OpenPACE has no answer");
    put_object(to, tag, value->data, value->length);
}

// The value of the first object with a one-byte tag; -1 where there is none.
static int find(const unsigned char *in, size_t n, int tag, const unsigned char **value, size_t *length) {
    for (size_t at = 0; at + 2 <= n;) {
        int found = in[at++];
        size_t size = in[at++];
        if (size == 0x81 && at < n) {
            size = in[at++];
        } else if (size == 0x82 && at + 1 < n) {
            size = (size_t)in[at] << 8 | in[at + 1];
            at += 2;
        } else if (size > 0x7F) {
            return -1;
        }
        if (size > n - at) return -1;
        if (found == tag) {
            *value = in + at;
            *length = size;
            return 0;
        }
        at += size;
    }
    return -1;
}

static BUF_MEM *memory(const void *value, size_t n) {
    BUF_MEM *made = BUF_MEM_new();
    if (!made || !BUF_MEM_grow(made, n)) stop("no memory");
    memcpy(made->data, value, n);
    return made;
}

static EAC_CTX *context(const char *protocol, int domain) {
    int nid = OBJ_txt2nid(protocol);
    EAC_CTX *made = EAC_CTX_new();
    if (nid == NID_undef || !made) stop("OpenPACE does not know this protocol");
    made->tr_version = EAC_TR_VERSION_2_02;
    if (!EAC_CTX_init_pace(made, nid, domain)) stop("OpenPACE does not know this domain");
    return made;
}

// OpenPACE drops leading zeros of a secret in a field (DH_compute_key), of one in 256; an element of a field has as many bytes as
// its prime.
static int derived(EAC_CTX *eac, BUF_MEM *theirs, int domain) {
    if (!PACE_STEP3B_compute_shared_secret(eac, theirs)) return 0;
    BUF_MEM *secret = eac->pace_ctx->ka_ctx->shared_secret;
    size_t whole = domain == 0 ? 128 : domain <= 2 ? 256 : secret->length, short_by = whole - secret->length;
    if (short_by) {
        if (!BUF_MEM_grow(secret, whole)) stop("no memory");
        memmove(secret->data + short_by, secret->data, whole - short_by);
        memset(secret->data, 0, short_by);
        fprintf(stderr, "eac-peer: %zu leading zeros of a secret put back\n", short_by);
    }
    return PACE_STEP3C_derive_keys(eac);
}

// Secure messaging of one direction: MAC over the padded header and the padded objects, the counter one up.
static size_t block_of(const EAC_CTX *eac) { return (size_t)EVP_CIPHER_block_size(eac->key_ctx->cipher); }

static void pad(bytes *to, size_t block) {
    put(to, "\x80", 1);
    while (to->n % block) put(to, "\0", 1);
}

static BUF_MEM *encrypted(const EAC_CTX *eac, const void *plain, size_t n) {
    bytes padded = {.n = 0};
    put(&padded, plain, n);
    pad(&padded, block_of(eac));
    BUF_MEM *in = memory(padded.b, padded.n), *out = EAC_encrypt(eac, in);
    BUF_MEM_free(in);
    if (!out) stop("OpenPACE does not encrypt");
    return out;
}

static size_t decrypted(const EAC_CTX *eac, const unsigned char *value, size_t n, unsigned char *plain) {
    BUF_MEM *in = memory(value, n), *out = EAC_decrypt(eac, in);
    if (!out) stop("OpenPACE does not decrypt");
    size_t length = out->length;
    while (length > 0 && out->data[length - 1] == 0) length--;
    if (length == 0 || (unsigned char)out->data[length - 1] != 0x80) stop("the padding is not ISO 9797-1's second");
    memcpy(plain, out->data, length - 1);
    BUF_MEM_free(in);
    BUF_MEM_free(out);
    return length - 1;
}

static BUF_MEM *mac_of(const EAC_CTX *eac, const unsigned char *header, const bytes *objects) {
    bytes all = {.n = 0};
    if (header) {
        put(&all, header, 4);
        pad(&all, block_of(eac));
    }
    put(&all, objects->b, objects->n);
    pad(&all, block_of(eac));
    BUF_MEM *in = memory(all.b, all.n), *out = EAC_authenticate(eac, in);
    BUF_MEM_free(in);
    if (!out) stop("OpenPACE makes no MAC");
    return out;
}

static void keys_in_use(EAC_CTX *eac) {
    if (!EAC_CTX_set_encryption_ctx(eac, EAC_ID_PACE) || !EAC_reset_ssc(eac)) stop("OpenPACE has no keys");
}

// OpenPACE takes the three fields of a zone where they stand in TD1.
static PACE_SEC *secret_of(const char *text, enum s_type type) {
    char zone[91];
    if (type == PACE_MRZ) {
        if (strlen(text) != 24) stop("document number (9), birth and expiry (YYMMDD), each with its check digit: 24 characters");
        memset(zone, '<', 90);
        zone[90] = 0;
        memcpy(zone + 5, text, 10);
        memcpy(zone + 30, text + 10, 7);
        memcpy(zone + 38, text + 17, 7);
        text = zone;
    }
    PACE_SEC *made = PACE_SEC_new(text, strlen(text), type);
    if (!made) stop("OpenPACE does not take this secret");
    return made;
}

static void keep(const char *folder, int identifier, const bytes *content) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%02X.bin", folder, identifier);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(content->b, 1, content->n, file) != content->n || fclose(file)) stop("a file was not written");
}

static int kept(const char *folder, int identifier, bytes *content) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%02X.bin", folder, identifier);
    FILE *file = fopen(path, "rb");
    if (!file) return -1;
    content->n = fread(content->b, 1, sizeof content->b, file);
    fclose(file);
    return 0;
}

// --- border

static SCARDHANDLE card;

static int sent(const unsigned char *command, size_t n, bytes *answer) {
    DWORD got = sizeof answer->b;
    if (SCardTransmit(card, SCARD_PCI_T1, command, n, NULL, answer->b, &got) != SCARD_S_SUCCESS || got < 2)
        stop("the chip does not answer");
    answer->n = got - 2;
    return answer->b[got - 2] << 8 | answer->b[got - 1];
}

static void step(int last, const bytes *inner, bytes *answer) {
    bytes data = {.n = 0}, command = {.n = 0};
    put_object(&data, 0x7C, inner->b, inner->n);
    put(&command, last ? "\x00\x86\x00\x00" : "\x10\x86\x00\x00", 4);
    unsigned char extended[3] = {0, (unsigned char)(data.n >> 8), (unsigned char)data.n};
    if (data.n > 255) put(&command, extended, 3);
    else put(&command, extended + 2, 1);
    put(&command, data.b, data.n);
    put(&command, "\0\0", data.n > 255 ? 2 : 1);
    int word = sent(command.b, command.n, answer);
    if (word == 0x9000) return;
    fprintf(stderr, "eac-peer: %04X to %zu bytes\n", word, inner->n);
    stop("a step of PACE is refused");
}

static BUF_MEM *answered(const bytes *answer, int tag) {
    const unsigned char *inner, *value;
    size_t inside, length;
    if (find(answer->b, answer->n, 0x7C, &inner, &inside) || find(inner, inside, tag, &value, &length))
        stop("an object of PACE is missing");
    return memory(value, length);
}

// A command under secure messaging; its answer in the clear.
static int secured(const EAC_CTX *eac, const unsigned char *header, const void *plain, size_t n, int expected, bytes *answer) {
    unsigned char masked[4] = {header[0] | 0x0C, header[1], header[2], header[3]};
    bytes objects = {.n = 0}, command = {.n = 0}, back = {.n = 0};
    if (!EAC_increment_ssc(eac)) stop("no counter");
    if (n) {
        BUF_MEM *hidden = encrypted(eac, plain, n);
        unsigned char value[600] = {1};
        memcpy(value + 1, hidden->data, hidden->length);
        put_object(&objects, 0x87, value, hidden->length + 1);
        BUF_MEM_free(hidden);
    }
    unsigned char le = (unsigned char)expected;
    if (expected >= 0) put_object(&objects, 0x97, &le, 1);
    BUF_MEM *mac = mac_of(eac, masked, &objects);
    put_memory(&objects, 0x8E, mac);
    BUF_MEM_free(mac);
    unsigned char length = (unsigned char)objects.n;
    put(&command, masked, 4);
    put(&command, &length, 1);
    put(&command, objects.b, objects.n);
    put(&command, "\0", 1);
    int outer = sent(command.b, command.n, &back);
    const unsigned char *value, *status;
    size_t size, two;
    if (find(back.b, back.n, 0x99, &status, &two) || two != 2) return outer;
    if (!EAC_increment_ssc(eac) || find(back.b, back.n, 0x8E, &value, &size)) stop("an answer without its MAC");
    bytes covered = {.n = 0};
    put(&covered, back.b, (size_t)(value - back.b) - 2);
    BUF_MEM *seen = mac_of(eac, NULL, &covered);
    if (size != 8 || seen->length < 8 || memcmp(seen->data, value, 8)) stop("the MAC of an answer is wrong");
    BUF_MEM_free(seen);
    answer->n = 0;
    if (!find(back.b, back.n, 0x87, &value, &size)) {
        if (size < 1 || value[0] != 1) stop("the padding indicator is wrong");
        answer->n = decrypted(eac, value + 1, size - 1, answer->b);
    }
    return status[0] << 8 | status[1];
}

static void border(char **words) {
    SCARDCONTEXT world;
    DWORD protocol;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &world) != SCARD_S_SUCCESS
        || SCardConnect(world, words[0], SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T1, &card, &protocol) != SCARD_S_SUCCESS)
        stop("the reader or its chip is not there");
    int by_can = !strcmp(words[1], "can");
    PACE_SEC *secret = secret_of(words[2], by_can ? PACE_CAN : PACE_MRZ);
    EAC_CTX *eac = context(words[3], atoi(words[4]));
    bytes command = {.n = 0}, data = {.n = 0}, answer = {.n = 0};
    const ASN1_OBJECT *object = OBJ_nid2obj(eac->pace_ctx->protocol);
    unsigned char password = by_can ? 2 : 1, domain = (unsigned char)atoi(words[4]);
    put_object(&data, 0x80, OBJ_get0_data(object), OBJ_length(object));
    put_object(&data, 0x83, &password, 1);
    put_object(&data, 0x84, &domain, 1);
    unsigned char length = (unsigned char)data.n;
    put(&command, "\x00\x22\xC1\xA4", 4);
    put(&command, &length, 1);
    put(&command, data.b, data.n);
    if (sent(command.b, command.n, &answer) != 0x9000) stop("MSE:Set AT is refused");

    bytes inner = {.n = 0};
    step(0, &inner, &answer);
    if (!PACE_STEP2_dec_nonce(eac, secret, answered(&answer, 0x80))) stop("OpenPACE does not take the nonce");
    put_memory(&inner, 0x81, PACE_STEP3A_generate_mapping_data(eac));
    step(0, &inner, &answer);
    if (!PACE_STEP3A_map_generator(eac, answered(&answer, 0x82))) stop("OpenPACE does not map");
    inner.n = 0;
    put_memory(&inner, 0x83, PACE_STEP3B_generate_ephemeral_key(eac));
    step(0, &inner, &answer);
    BUF_MEM *theirs = answered(&answer, 0x84);
    if (!derived(eac, theirs, domain)) stop("no shared secret");
    inner.n = 0;
    put_memory(&inner, 0x85, PACE_STEP3D_compute_authentication_token(eac, theirs));
    step(1, &inner, &answer);
    if (PACE_STEP3D_verify_authentication_token(eac, answered(&answer, 0x86)) != 1) stop("the chip's token is wrong");
    keys_in_use(eac);

    static const unsigned char application[7] = {0xA0, 0, 0, 2, 0x47, 0x10, 1}, select[4] = {0, 0xA4, 4, 0x0C};
    if (secured(eac, select, application, 7, -1, &answer) != 0x9000) stop("the application is not selected");
    static const int files[] = {0x1E, 0x01, 0x02, 0x03, 0x07, 0x0B, 0x0C, 0x0E, 0x0F, 0x1D};
    for (size_t n = 0; n < sizeof files / sizeof *files; n++) {
        unsigned char identifier[2] = {1, (unsigned char)files[n]}, by_name[4] = {0, 0xA4, 2, 0x0C};
        bytes content = {.n = 0};
        int status = secured(eac, by_name, identifier, 2, -1, &answer);
        if (status == 0x6A82) continue;
        /* fingers: PACE alone is not enough */
        if (files[n] == 0x03 && status == 0x6982) {
            printf("03 closed\n");
            continue;
        }
        if (status != 0x9000) stop("a file is not selected");
        size_t whole = 4;
        do {
            size_t left = whole - content.n;
            unsigned char read[4] = {0, 0xB0, (unsigned char)(content.n >> 8), (unsigned char)content.n};
            if (secured(eac, read, NULL, 0, (int)(left > 200 ? 200 : left), &answer) != 0x9000 || !answer.n)
                stop("a file is not read");
            put(&content, answer.b, answer.n);
            if (content.n == 4) {
                size_t size = content.b[1];
                whole = size == 0x82 ? 4 + ((size_t)content.b[2] << 8 | content.b[3]) : size == 0x81 ? 3 + (size_t)content.b[2] : 2 + size;
            }
        } while (content.n < whole);
        keep(words[5], files[n] == 0x1D ? 0x1D : files[n], &content);
        printf("%02X %zu\n", files[n], content.n);
    }
    SCardDisconnect(card, SCARD_RESET_CARD);
}

// --- chip

typedef struct {
    char **words;
    EAC_CTX *eac;
    PACE_SEC *secret;
    BUF_MEM *theirs;
    int open, file, inside;
} chip;

static void close_chip(chip *it) {
    if (it->eac) EAC_CTX_clear_free(it->eac);
    *it = (chip){.words = it->words, .file = -1};
}

static int status(bytes *to, int word) {
    unsigned char two[2] = {(unsigned char)(word >> 8), (unsigned char)word};
    put(to, two, 2);
    return word;
}

// One command in the clear: header, data, expected length (-1 none); its answer without the status word, which is returned.
static int command_of(chip *it, const unsigned char *header, const unsigned char *data, size_t n, int expected, bytes *answer) {
    bytes content = {.n = 0}, inner = {.n = 0};
    const unsigned char *value;
    size_t size;
    int domain = atoi(it->words[4]);
    switch (header[1]) {
    case 0xA4:
        if (header[2] == 4) {
            static const unsigned char application[7] = {0xA0, 0, 0, 2, 0x47, 0x10, 1};
            if (n != 7 || memcmp(data, application, 7)) return 0x6A82;
            it->inside = 1;
            it->file = -1;
            return 0x9000;
        }
        if (n == 2 && data[0] == 0x3F) {
            it->inside = 0;
            return 0x9000;
        }
        if (n != 2 || data[0] != 1 || (!it->inside && data[1] != 0x1C)) return 0x6A82;
        if (it->inside && !it->open) return 0x6982;
        if (kept(it->words[5], data[1], &content)) return 0x6A82;
        it->file = data[1];
        return 0x9000;
    case 0xB0:
        if (header[2] & 0x80) {
            it->file = header[2] & 0x1F;
            if (it->inside && it->file != 0x1C && !it->open) return 0x6982;
        }
        if (it->file < 0) return 0x6986;
        if (kept(it->words[5], it->file, &content)) return 0x6A82;
        size_t offset = header[2] & 0x80 ? header[3] : (size_t)(header[2] << 8 | header[3]);
        if (offset > content.n) return 0x6B00;
        size_t count = expected <= 0 ? 256 : (size_t)expected;
        if (count > 223) count = 223;
        if (count > content.n - offset) count = content.n - offset;
        put(answer, content.b + offset, count);
        return 0x9000;
    case 0x22:
        if (header[2] != 0xC1 || header[3] != 0xA4) return 0x6A86;
        close_chip(it);
        it->eac = context(it->words[3], domain);
        const ASN1_OBJECT *object = OBJ_nid2obj(it->eac->pace_ctx->protocol);
        if (find(data, n, 0x80, &value, &size) || size != OBJ_length(object) || memcmp(value, OBJ_get0_data(object), size))
            return 0x6A80;
        if (!find(data, n, 0x84, &value, &size) && (size != 1 || value[0] != domain)) return 0x6A88;
        if (find(data, n, 0x83, &value, &size) || size != 1 || value[0] < 1 || value[0] > 2) return 0x6A88;
        it->secret = value[0] == 1 ? secret_of(it->words[1], PACE_MRZ) : secret_of(it->words[2], PACE_CAN);
        return 0x9000;
    case 0x86:
        if (!it->secret || n < 2 || find(data, n, 0x7C, &value, &size)) return 0x6985;
        const unsigned char *inside = value;
        size_t within = size;
        if (within == 0) {
            put_memory(&inner, 0x80, PACE_STEP1_enc_nonce(it->eac, it->secret));
        } else if (!find(inside, within, 0x81, &value, &size)) {
            put_memory(&inner, 0x82, PACE_STEP3A_generate_mapping_data(it->eac));
            if (!PACE_STEP3A_map_generator(it->eac, memory(value, size))) return 0x6A80;
        } else if (!find(inside, within, 0x83, &value, &size)) {
            it->theirs = memory(value, size);
            put_memory(&inner, 0x84, PACE_STEP3B_generate_ephemeral_key(it->eac));
            if (!derived(it->eac, it->theirs, atoi(it->words[4]))) return 0x6A80;
        } else if (!find(inside, within, 0x85, &value, &size) && it->theirs) {
            if (PACE_STEP3D_verify_authentication_token(it->eac, memory(value, size)) != 1) {
                close_chip(it);
                return 0x6300;
            }
            put_memory(&inner, 0x86, PACE_STEP3D_compute_authentication_token(it->eac, it->theirs));
            it->open = 1;
        } else {
            return 0x6A80;
        }
        put_object(answer, 0x7C, inner.b, inner.n);
        return 0x9000;
    default: return 0x6D00;
    }
}

static void split(const unsigned char *apdu, size_t n, const unsigned char **data, size_t *length, int *expected) {
    *length = 0;
    *data = apdu + n;
    *expected = -1;
    if (n == 4) return;
    size_t at = 5, count = apdu[4];
    if (n == 5) {
        *expected = (int)count;
        return;
    }
    if (count == 0 && n > 6) {
        count = (size_t)apdu[5] << 8 | apdu[6];
        at = 7;
        if (n == 7) {
            *expected = (int)count;
            return;
        }
    }
    if (at + count > n) stop("a command's length does not fit");
    *data = apdu + at;
    *length = count;
    if (n > at + count) *expected = apdu[at + count];
}

static void answer_to(chip *it, const unsigned char *apdu, size_t n, bytes *reply) {
    const unsigned char *data;
    size_t length;
    int expected;
    reply->n = 0;
    if (n < 4) {
        status(reply, 0x6700);
        return;
    }
    split(apdu, n, &data, &length, &expected);
    if ((apdu[0] & 0x0C) != 0x0C) {
        int was_open = it->open;
        bytes answer = {.n = 0};
        int word = command_of(it, apdu, data, length, expected, &answer);
        // the keys begin with the command after the token
        if (it->open && !was_open) keys_in_use(it->eac);
        else if (was_open) it->open = 0;
        put(reply, answer.b, answer.n);
        status(reply, word);
        return;
    }
    const unsigned char *value, *mac;
    size_t size, mac_size;
    if (!it->open || find(data, length, 0x8E, &mac, &mac_size) || mac_size != 8) {
        status(reply, 0x6988);
        return;
    }
    bytes covered = {.n = 0}, objects = {.n = 0}, answer = {.n = 0};
    unsigned char plain[70000];
    size_t plain_size = 0;
    put(&covered, data, (size_t)(mac - data) - 2);
    EAC_increment_ssc(it->eac);
    BUF_MEM *seen = mac_of(it->eac, apdu, &covered);
    if (memcmp(seen->data, mac, 8)) {
        close_chip(it);
        status(reply, 0x6988);
        return;
    }
    if (!find(data, length, 0x87, &value, &size)) {
        if (size < 1 || value[0] != 1) stop("a command's padding indicator is wrong");
        plain_size = decrypted(it->eac, value + 1, size - 1, plain);
    }
    expected = find(data, length, 0x97, &value, &size) ? -1 : size == 1 ? value[0] : value[0] << 8 | value[1];
    int word = command_of(it, apdu, plain, plain_size, expected, &answer);
    EAC_increment_ssc(it->eac);
    if (answer.n) {
        BUF_MEM *hidden = encrypted(it->eac, answer.b, answer.n);
        unsigned char whole[1000] = {1};
        memcpy(whole + 1, hidden->data, hidden->length);
        put_object(&objects, 0x87, whole, hidden->length + 1);
        BUF_MEM_free(hidden);
    }
    unsigned char two[2] = {(unsigned char)(word >> 8), (unsigned char)word};
    put_object(&objects, 0x99, two, 2);
    BUF_MEM *made = mac_of(it->eac, NULL, &objects);
    put_object(&objects, 0x8E, made->data, 8);
    put(reply, objects.b, objects.n);
    status(reply, word);
}

static int all_of(int from, unsigned char *to, size_t n) {
    for (size_t at = 0; at < n;) {
        ssize_t got = read(from, to + at, n - at);
        if (got <= 0) return -1;
        at += (size_t)got;
    }
    return 0;
}

static void serve(char **words) {
    int line = -1;
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(words[0]))};
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // the reader comes with its daemon, and listens again some time after its card was taken
    for (int tries = 0; line < 0; tries++) {
        line = socket(AF_INET, SOCK_STREAM, 0);
        if (!connect(line, (struct sockaddr *)&place, sizeof place)) break;
        close(line);
        line = -1;
        if (tries == 100) stop("the reader is not there");
        usleep(100000);
    }
    chip it = {.words = words, .file = -1};
    static bytes reply;
    // T=1 alone, no historical bytes
    static const unsigned char atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01};
    for (;;) {
        unsigned char head[2];
        static unsigned char message[70000];
        if (all_of(line, head, 2)) return;
        size_t n = (size_t)head[0] << 8 | head[1];
        if (all_of(line, message, n)) return;
        reply.n = 0;
        if (n == 1) {
            if (message[0] != 4) {
                close_chip(&it);
                continue;
            }
            put(&reply, atr, sizeof atr);
        } else {
            answer_to(&it, message, n, &reply);
        }
        unsigned char size[2] = {(unsigned char)(reply.n >> 8), (unsigned char)reply.n};
        if (write(line, size, 2) != 2 || write(line, reply.b, reply.n) != (ssize_t)reply.n) return;
    }
}

int main(int count, char **words) {
    EAC_init();
    if (count == 8 && !strcmp(words[1], "border")) {
        border(words + 2);
    } else if (count == 8 && !strcmp(words[1], "chip")) {
        serve(words + 2);
    } else {
        fputs("eac-peer border READER mrz|can SECRET PROTOCOL DOMAIN FOLDER\n"
              "eac-peer chip PORT MRZ-SECRET CAN PROTOCOL DOMAIN FOLDER\n", stderr);
        return 2;
    }
    return 0;
}
