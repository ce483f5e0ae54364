// ISO/IEC 15444-1 (JPEG 2000) by OpenJPEG: JP2 files and bare codestreams, as ISO/IEC 19794-5 allows both.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openjpeg.h>

#include "CImage.h"

#define MAX_TILES 1024

static uint32_t be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t be16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }

// Walks markers (A.3, A.4) so that the library only sees a codestream that begins, ends and measures as it says.
static sakk_image_status check_codestream(const uint8_t *data, size_t count, uint64_t max_pixels, char *reason,
                                          size_t room) {
    size_t at = 2;
    if (count < 4 || be16(data) != 0xFF4F || be16(data + 2) != 0xFF51) return SAKK_IMAGE_UNKNOWN;
    for (;;) {
        if (count - at < 4) return count - at == 2 && be16(data + at) == 0xFFD9 ? SAKK_IMAGE_OK : SAKK_IMAGE_TRUNCATED;
        uint32_t marker = be16(data + at), length = be16(data + at + 2);
        if (marker == 0xFFD9) {
            snprintf(reason, room, "%zu bytes follow the end of the codestream", count - at - 2);
            return be16(data + at + 2) == 0xFF4F ? SAKK_IMAGE_SECOND : SAKK_IMAGE_TRAILING;
        }
        if (marker < 0xFF00 || length < 2) return SAKK_IMAGE_CORRUPT;
        if (count - at - 2 < length) return SAKK_IMAGE_TRUNCATED;
        if (marker == 0xFF51) {
            const uint8_t *p = data + at + 6;
            if (length < 38) return SAKK_IMAGE_CORRUPT;
            uint64_t x1 = be32(p), y1 = be32(p + 4), x0 = be32(p + 8), y0 = be32(p + 12);
            uint64_t tw = be32(p + 16), th = be32(p + 20);
            if (x1 <= x0 || y1 <= y0 || tw == 0 || th == 0) return SAKK_IMAGE_CORRUPT;
            if (x1 - x0 > 65535 || y1 - y0 > 65535 || (x1 - x0) * (y1 - y0) > max_pixels
                || ((x1 + tw - 1) / tw) * ((y1 + th - 1) / th) > MAX_TILES) {
                snprintf(reason, room, "%llu x %llu pixels", (unsigned long long)(x1 - x0),
                         (unsigned long long)(y1 - y0));
                return SAKK_IMAGE_TOO_LARGE;
            }
        }
        if (marker != 0xFF90) {
            at += 2 + length;
            continue;
        }
        // SOT: Psot counts from the marker; 0 means up to the end of codestream
        if (length != 10) return SAKK_IMAGE_CORRUPT;
        uint32_t part = be32(data + at + 6);
        if (part == 0) return be16(data + count - 2) == 0xFFD9 ? SAKK_IMAGE_OK : SAKK_IMAGE_TRUNCATED;
        if (part < 14) return SAKK_IMAGE_CORRUPT;
        if (part > count - at) return SAKK_IMAGE_TRUNCATED;
        at += part;
    }
}

// Walks the boxes of a JP2 file (I.4): they must tile it, with one codestream.
static sakk_image_status check_file(const uint8_t *data, size_t count, uint64_t max_pixels, char *reason, size_t room)
{
    size_t at = 0;
    int codestreams = 0;
    while (at < count) {
        if (count - at < 8) {
            snprintf(reason, room, "%zu bytes follow the last box", count - at);
            return codestreams ? SAKK_IMAGE_TRAILING : SAKK_IMAGE_TRUNCATED;
        }
        uint64_t length = be32(data + at);
        if (length == 0) length = count - at;
        if (length < 8) return codestreams ? SAKK_IMAGE_TRAILING : SAKK_IMAGE_CORRUPT;
        if (length > count - at) return codestreams ? SAKK_IMAGE_TRAILING : SAKK_IMAGE_TRUNCATED;
        if (memcmp(data + at + 4, "jp2c", 4) == 0) {
            if (codestreams++) return SAKK_IMAGE_SECOND;
            sakk_image_status status =
                check_codestream(data + at + 8, (size_t)length - 8, max_pixels, reason, room);
            if (status == SAKK_IMAGE_UNKNOWN) return SAKK_IMAGE_CORRUPT;
            if (status != SAKK_IMAGE_OK) return status;
        } else if (memcmp(data + at + 4, "jP  ", 4) == 0 && at > 0) {
            return SAKK_IMAGE_SECOND;
        }
        at += (size_t)length;
    }
    return codestreams ? SAKK_IMAGE_OK : SAKK_IMAGE_TRUNCATED;
}

typedef struct {
    const uint8_t *data;
    size_t count;
    size_t at;
    uint8_t *grown;  // writing only
    size_t capacity;
} memory;

static OPJ_SIZE_T read_memory(void *buffer, OPJ_SIZE_T wanted, void *user) {
    memory *source = user;
    size_t left = source->count - source->at;
    if (left == 0) return (OPJ_SIZE_T)-1;
    size_t taken = wanted < left ? wanted : left;
    memcpy(buffer, source->data + source->at, taken);
    source->at += taken;
    return taken;
}

static OPJ_OFF_T skip_memory(OPJ_OFF_T wanted, void *user) {
    memory *source = user;
    if (wanted < 0) return -1;
    size_t left = source->count - source->at;
    size_t taken = (size_t)wanted < left ? (size_t)wanted : left;
    source->at += taken;
    return (OPJ_OFF_T)taken;
}

static OPJ_BOOL seek_memory(OPJ_OFF_T place, void *user) {
    memory *source = user;
    if (place < 0 || (size_t)place > source->count) return OPJ_FALSE;
    source->at = (size_t)place;
    return OPJ_TRUE;
}

static int grow(memory *target, size_t end) {
    if (end > target->capacity) {
        size_t capacity = end * 2 > 65536 ? end * 2 : 65536;
        uint8_t *bytes = realloc(target->grown, capacity);
        if (!bytes) return 0;
        memset(bytes + target->capacity, 0, capacity - target->capacity);
        target->grown = bytes;
        target->capacity = capacity;
    }
    if (end > target->count) target->count = end;
    return 1;
}

static OPJ_SIZE_T write_memory(void *buffer, OPJ_SIZE_T wanted, void *user) {
    memory *target = user;
    if (!grow(target, target->at + wanted)) return (OPJ_SIZE_T)-1;
    memcpy(target->grown + target->at, buffer, wanted);
    target->at += wanted;
    return wanted;
}

static OPJ_OFF_T skip_written(OPJ_OFF_T wanted, void *user) {
    memory *target = user;
    if (wanted < 0 || !grow(target, target->at + (size_t)wanted)) return -1;
    target->at += (size_t)wanted;
    return wanted;
}

static OPJ_BOOL seek_written(OPJ_OFF_T place, void *user) {
    memory *target = user;
    if (place < 0 || !grow(target, (size_t)place)) return OPJ_FALSE;
    target->at = (size_t)place;
    return OPJ_TRUE;
}

static void note(const char *message, void *user) {
    char *reason = user;
    if (reason[0] == 0) {
        snprintf(reason, 190, "%s", message);
        reason[strcspn(reason, "\n")] = 0;
    }
}

static void ignore(const char *message, void *user) {
    (void)message;
    (void)user;
}

static sakk_image_status copy_pixels(const opj_image_t *image, sakk_image *out) {
    OPJ_UINT32 parts = image->numcomps;
    if ((parts != 1 && parts != 3) || image->color_space == OPJ_CLRSPC_SYCC || image->color_space == OPJ_CLRSPC_CMYK
        || image->color_space == OPJ_CLRSPC_EYCC) {
        snprintf(out->reason, sizeof out->reason, "%u components, colour space %d", parts, (int)image->color_space);
        return SAKK_IMAGE_COLOURS;
    }
    for (OPJ_UINT32 i = 0; i < parts; i++) {
        const opj_image_comp_t *part = &image->comps[i];
        if (part->prec != 8 || part->sgnd || part->w != image->comps[0].w || part->h != image->comps[0].h
            || !part->data) {
            snprintf(out->reason, sizeof out->reason, "component %u: %u bits", i, part->prec);
            return SAKK_IMAGE_COLOURS;
        }
    }
    out->width = (int)image->comps[0].w;
    out->height = (int)image->comps[0].h;
    out->channels = 3;
    out->grey = parts == 1;
    size_t count = (size_t)out->width * (size_t)out->height;
    out->pixels = malloc(count * 3);
    if (!out->pixels) return SAKK_IMAGE_MEMORY;
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < 3; c++) {
            OPJ_INT32 value = image->comps[parts == 1 ? 0 : c].data[i];
            out->pixels[i * 3 + c] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
    }
    return SAKK_IMAGE_OK;
}

sakk_image_status sakk_jpeg2000_decode(const uint8_t *data, size_t count, uint64_t max_pixels, sakk_image *out) {
    static const uint8_t magic[12] = {0, 0, 0, 12, 'j', 'P', ' ', ' ', 0x0D, 0x0A, 0x87, 0x0A};
    memset(out, 0, sizeof *out);
    int file = count >= sizeof magic && memcmp(data, magic, sizeof magic) == 0;
    sakk_image_status status = file ? check_file(data, count, max_pixels, out->reason, sizeof out->reason)
                                    : check_codestream(data, count, max_pixels, out->reason, sizeof out->reason);
    if (status != SAKK_IMAGE_OK) return status;

    memory source = {data, count, 0, NULL, 0};
    char reason[190] = "";
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    opj_image_t *image = NULL;
    opj_codec_t *codec = opj_create_decompress(file ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K);
    opj_stream_t *stream = opj_stream_create(65536, OPJ_TRUE);
    status = SAKK_IMAGE_MEMORY;
    if (codec && stream) {
        opj_set_info_handler(codec, ignore, NULL);
        opj_set_warning_handler(codec, note, reason);
        opj_set_error_handler(codec, note, reason);
        opj_stream_set_user_data(stream, &source, NULL);
        opj_stream_set_user_data_length(stream, count);
        opj_stream_set_read_function(stream, read_memory);
        opj_stream_set_skip_function(stream, skip_memory);
        opj_stream_set_seek_function(stream, seek_memory);
        int whole = opj_setup_decoder(codec, &parameters) && opj_decoder_set_strict_mode(codec, OPJ_TRUE)
                    && opj_read_header(stream, codec, &image) && opj_decode(codec, stream, image)
                    && opj_end_decompress(codec, stream);
        if (!whole || reason[0]) {
            status = SAKK_IMAGE_CORRUPT;
            snprintf(out->reason, sizeof out->reason, "%s", reason);
        } else {
            status = copy_pixels(image, out);
        }
    }
    if (image) opj_image_destroy(image);
    if (stream) opj_stream_destroy(stream);
    if (codec) opj_destroy_codec(codec);
    return status;
}

sakk_image_status sakk_jpeg2000_encode(const uint8_t *pixels, int width, int height, int channels, float ratio,
                                       sakk_buffer *out) {
    memory target = {NULL, 0, 0, NULL, 0};
    sakk_image_status status = SAKK_IMAGE_CORRUPT;
    opj_image_cmptparm_t parts[3];
    memset(parts, 0, sizeof parts);
    out->bytes = NULL;
    out->count = 0;
    for (int c = 0; c < channels; c++) {
        parts[c].w = (OPJ_UINT32)width;
        parts[c].h = (OPJ_UINT32)height;
        parts[c].dx = parts[c].dy = 1;
        parts[c].prec = 8;
    }
    opj_cparameters_t parameters;
    opj_set_default_encoder_parameters(&parameters);
    parameters.tcp_numlayers = 1;
    parameters.tcp_rates[0] = ratio;
    parameters.cp_disto_alloc = 1;
    parameters.irreversible = 1;
    parameters.tcp_mct = channels == 3;
    opj_image_t *image =
        opj_image_create((OPJ_UINT32)channels, parts, channels == 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY);
    opj_codec_t *codec = opj_create_compress(OPJ_CODEC_JP2);
    opj_stream_t *stream = opj_stream_create(65536, OPJ_FALSE);
    if (image && codec && stream) {
        image->x1 = (OPJ_UINT32)width;
        image->y1 = (OPJ_UINT32)height;
        for (size_t i = 0; i < (size_t)width * (size_t)height; i++) {
            for (int c = 0; c < channels; c++) image->comps[c].data[i] = pixels[i * (size_t)channels + (size_t)c];
        }
        opj_set_info_handler(codec, ignore, NULL);
        opj_set_warning_handler(codec, ignore, NULL);
        opj_set_error_handler(codec, ignore, NULL);
        opj_stream_set_user_data(stream, &target, NULL);
        opj_stream_set_write_function(stream, write_memory);
        opj_stream_set_skip_function(stream, skip_written);
        opj_stream_set_seek_function(stream, seek_written);
        if (opj_setup_encoder(codec, &parameters, image) && opj_start_compress(codec, image, stream)
            && opj_encode(codec, stream) && opj_end_compress(codec, stream))
            status = SAKK_IMAGE_OK;
    }
    if (stream) opj_stream_destroy(stream);
    if (codec) opj_destroy_codec(codec);
    if (image) opj_image_destroy(image);
    if (status != SAKK_IMAGE_OK) {
        free(target.grown);
        return status;
    }
    out->bytes = target.grown;
    out->count = target.count;
    return SAKK_IMAGE_OK;
}
