// ITU-T T.81 (JPEG) by libjpeg-turbo.
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "CImage.h"

// a progressive file with thousands of scans takes hours to decode: no honest portrait has more than a dozen
#define MAX_SCANS 64

typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf escape;
    sakk_image_status status;
    char reason[JMSG_LENGTH_MAX];
} error_manager;

static void fail(j_common_ptr info) {
    error_manager *errors = (error_manager *)info->err;
    info->err->format_message(info, errors->reason);
    switch (info->err->msg_code) {
    case JERR_NO_SOI: errors->status = SAKK_IMAGE_UNKNOWN; break;
    case JERR_INPUT_EMPTY:
    case JERR_INPUT_EOF:
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER: errors->status = SAKK_IMAGE_TRUNCATED; break;
    case JERR_IMAGE_TOO_BIG: errors->status = SAKK_IMAGE_TOO_LARGE; break;
    case JERR_OUT_OF_MEMORY: errors->status = SAKK_IMAGE_MEMORY; break;
    case JERR_CONVERSION_NOTIMPL:
    case JERR_BAD_PRECISION: errors->status = SAKK_IMAGE_COLOURS; break;
    default: errors->status = SAKK_IMAGE_CORRUPT;
    }
    longjmp(errors->escape, 1);
}

static void emit(j_common_ptr info, int level) {
    // a warning means that pixels were invented
    if (level < 0) fail(info);
}

static void quiet(j_common_ptr info) { (void)info; }

static void watch_scans(j_common_ptr info) {
    if (!info->is_decompressor) return;
    if (((j_decompress_ptr)info)->input_scan_number > MAX_SCANS) {
        error_manager *errors = (error_manager *)info->err;
        errors->status = SAKK_IMAGE_TOO_LARGE;
        snprintf(errors->reason, sizeof errors->reason, "more than %d scans", MAX_SCANS);
        longjmp(errors->escape, 1);
    }
}

static void use(error_manager *errors, struct jpeg_error_mgr **slot) {
    memset(errors, 0, sizeof *errors);
    *slot = jpeg_std_error(&errors->base);
    errors->base.error_exit = fail;
    errors->base.emit_message = emit;
    errors->base.output_message = quiet;
}

sakk_image_status sakk_jpeg_decode(const uint8_t *data, size_t count, uint64_t max_pixels, sakk_image *out) {
    struct jpeg_decompress_struct info;
    struct jpeg_progress_mgr progress;
    error_manager errors;
    sakk_image_status status = SAKK_IMAGE_OK;
    memset(out, 0, sizeof *out);
    memset(&progress, 0, sizeof progress);
    if (count < 4) {
        snprintf(out->reason, sizeof out->reason, "only %zu bytes", count);
        return SAKK_IMAGE_TRUNCATED;
    }
    use(&errors, &info.err);
    if (setjmp(errors.escape)) {
        jpeg_destroy_decompress(&info);
        sakk_image_free(out);
        snprintf(out->reason, sizeof out->reason, "%.190s", errors.reason);
        return errors.status;
    }
    jpeg_create_decompress(&info);
    progress.progress_monitor = watch_scans;
    info.progress = &progress;
    jpeg_mem_src(&info, data, count);
    jpeg_read_header(&info, TRUE);
    out->width = (int)info.image_width;
    out->height = (int)info.image_height;
    if ((uint64_t)info.image_width * info.image_height > max_pixels) {
        status = SAKK_IMAGE_TOO_LARGE;
        snprintf(out->reason, sizeof out->reason, "%u x %u pixels", info.image_width, info.image_height);
    } else if (info.data_precision != 8
               || (info.jpeg_color_space != JCS_GRAYSCALE && info.jpeg_color_space != JCS_YCbCr
                   && info.jpeg_color_space != JCS_RGB)) {
        status = SAKK_IMAGE_COLOURS;
        snprintf(out->reason, sizeof out->reason, "%d components of %d bits", info.num_components,
                 info.data_precision);
    }
    if (status != SAKK_IMAGE_OK) {
        jpeg_destroy_decompress(&info);
        return status;
    }
    out->grey = info.jpeg_color_space == JCS_GRAYSCALE;
    out->channels = 3;
    info.out_color_space = JCS_RGB;
    info.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&info);
    size_t stride = (size_t)info.output_width * 3;
    out->pixels = malloc(stride * info.output_height);
    if (!out->pixels) {
        jpeg_destroy_decompress(&info);
        return SAKK_IMAGE_MEMORY;
    }
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = out->pixels + stride * info.output_scanline;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    size_t left = info.src->bytes_in_buffer;
    const uint8_t *rest = info.src->next_input_byte;
    if (left > 0) {
        status = left > 2 && rest[0] == 0xFF && rest[1] == 0xD8 ? SAKK_IMAGE_SECOND : SAKK_IMAGE_TRAILING;
        snprintf(out->reason, sizeof out->reason, "%zu bytes follow the end of the image", left);
    }
    jpeg_destroy_decompress(&info);
    if (status != SAKK_IMAGE_OK) sakk_image_free(out);
    return status;
}

sakk_image_status sakk_jpeg_encode(const uint8_t *pixels, int width, int height, int channels, int quality, int dpi,
                                   sakk_buffer *out) {
    struct jpeg_compress_struct info;
    error_manager errors;
    // volatile: written between setjmp and longjmp
    unsigned char *volatile bytes = NULL;
    unsigned long count = 0;
    out->bytes = NULL;
    out->count = 0;
    use(&errors, &info.err);
    if (setjmp(errors.escape)) {
        jpeg_destroy_compress(&info);
        free(bytes);
        return errors.status;
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, (unsigned char **)&bytes, &count);
    info.image_width = (JDIMENSION)width;
    info.image_height = (JDIMENSION)height;
    info.input_components = channels;
    info.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    info.optimize_coding = TRUE;
    info.dct_method = JDCT_ISLOW;
    if (channels == 3) {
        // full chroma: skin tones on a card are seen close by
        info.comp_info[0].h_samp_factor = 1;
        info.comp_info[0].v_samp_factor = 1;
    }
    info.density_unit = 1;
    info.X_density = (UINT16)dpi;
    info.Y_density = (UINT16)dpi;
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = (JSAMPROW)(pixels + (size_t)info.next_scanline * (size_t)(width * channels));
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    out->bytes = bytes;
    out->count = count;
    return SAKK_IMAGE_OK;
}
