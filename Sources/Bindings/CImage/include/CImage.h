#pragma once
#include <stddef.h>
#include <stdint.h>

// Pictures over libjpeg-turbo, OpenJPEG and libpng. Nothing here throws, keeps state or prints.
// Every decoder is strict: what it would only warn about is a failure.

typedef enum {
    SAKK_IMAGE_OK = 0,
    SAKK_IMAGE_UNKNOWN = 1,    // not the format
    SAKK_IMAGE_TRUNCATED = 2,  // the data ends before the image does
    SAKK_IMAGE_CORRUPT = 3,    // the library refused or warned
    SAKK_IMAGE_TRAILING = 4,   // bytes follow the end of the image
    SAKK_IMAGE_SECOND = 5,     // another image follows the first
    SAKK_IMAGE_TOO_LARGE = 6,  // more pixels, scans or tiles than allowed
    SAKK_IMAGE_COLOURS = 7,    // not 8-bit grey or RGB
    SAKK_IMAGE_MEMORY = 8
} sakk_image_status;

// Rows from the top left, no padding; `pixels` is freed with sakk_image_free.
typedef struct {
    int width;
    int height;
    int channels;  // 1 grey, 3 RGB
    int grey;      // the source had one component
    uint8_t *pixels;
    char reason[200];
} sakk_image;

typedef struct {
    uint8_t *bytes;
    size_t count;
} sakk_buffer;

void sakk_image_free(sakk_image *image);
void sakk_buffer_free(sakk_buffer *buffer);

// Decoders give three channels whatever the source had.
sakk_image_status sakk_jpeg_decode(const uint8_t *data, size_t count, uint64_t max_pixels, sakk_image *out);
sakk_image_status sakk_jpeg2000_decode(const uint8_t *data, size_t count, uint64_t max_pixels, sakk_image *out);
sakk_image_status sakk_png_decode(const uint8_t *data, size_t count, uint64_t max_pixels, sakk_image *out);

// `channels` 1 or 3. Encoders give the same bytes for the same pixels.
sakk_image_status sakk_jpeg_encode(const uint8_t *pixels, int width, int height, int channels, int quality, int dpi,
                                   sakk_buffer *out);
sakk_image_status sakk_jpeg2000_encode(const uint8_t *pixels, int width, int height, int channels, float ratio,
                                       sakk_buffer *out);
sakk_image_status sakk_png_encode(const uint8_t *pixels, int width, int height, int channels, sakk_buffer *out);
