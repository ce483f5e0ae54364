#pragma once
#include <stddef.h>
#include <stdint.h>

// Pictures of one card side, measured against its artwork. Every function is pure C to its caller: no exception leaves
// it, a failure of the library below is SAKK_VISION_FAILED. A view belongs to one thread at a time.
//
// Rasters: the artwork is a sakk_raster of 300 dpi, RGB; the document lies centred in it. Rectangles are in its pixels.

#ifdef __cplusplus
extern "C" {
#endif

/// Pixels of the artwork, and the size of the document in it.
typedef struct {
    int width, height;
    double width_mm, height_mm;
} sakk_raster;

typedef struct sakk_view sakk_view;

typedef enum {
    SAKK_VISION_OK = 0,
    SAKK_VISION_BAD_FRAME = 1,
    SAKK_VISION_NO_CARD = 2,
    SAKK_VISION_FAILED = 3,
} sakk_vision_status;

typedef enum { SAKK_FRAME_MONO = 0, SAKK_FRAME_RGB = 1, SAKK_FRAME_BAYER_RG = 2 } sakk_frame_format;

typedef struct {
    double x, y, width, height;
} sakk_rect;

typedef struct {
    /// Corners in the frame, clockwise from the top left, x and y in turn.
    double corners[8];
    /// Rise of the card's edge against the transport, in frame pixels: twice and a half the blur's sigma.
    double edge_width;
    /// Share of the card's pixels with a channel at the upper end.
    double saturated;
    /// Grey level that 95 percent of the card's pixels stay under.
    double bright;
    /// Frame pixels per millimetre along the card.
    double scale;
    double turn_degrees;
} sakk_view_info;

/// Finds the document in a frame and lays it on the raster. `*view` is set only with SAKK_VISION_OK.
sakk_vision_status sakk_view_open(
    const uint8_t *pixels, size_t count, int width, int height, sakk_frame_format format, sakk_raster raster,
    sakk_view **view, sakk_view_info *info);

/// The same for a picture that was rectified before: the document fills `place`, in the picture's pixels (0 is the
/// left edge of the first one). RGB. `edge_width` stays 0: there is no edge to measure the blur at.
sakk_vision_status sakk_view_open_flat(
    const uint8_t *pixels, size_t count, int width, int height, sakk_rect place, sakk_raster raster, sakk_view **view,
    sakk_view_info *info);
void sakk_view_close(sakk_view *view);

/// Likeness (-1...1) of the view to an artwork, as it lies and turned by half a turn.
sakk_vision_status sakk_view_likeness(
    const sakk_view *view, const uint8_t *artwork, double *upright, double *turned);

typedef struct {
    /// Where the printed fields lie relative to where they belong, at their common centre, in pixels.
    double dx, dy, degrees;
    /// Correlation reached, -1...1; 0 when no fit was found (the card's edges alone place the view then).
    double score;
} sakk_alignment;

/// Moves the view so that the fields lie on the artwork's.
sakk_vision_status sakk_view_align(
    sakk_view *view, const uint8_t *artwork, const sakk_rect *fields, size_t count, sakk_alignment *result);

/// Evens the light out: one smooth gain a channel, fitted where only stock is seen (outside `fields`).
/// `gain` gets the mean gain of red, green, blue.
sakk_vision_status sakk_view_light(
    sakk_view *view, const uint8_t *artwork, const sakk_rect *fields, size_t count, double *gain);

typedef struct {
    /// Normalised correlation at the best shift.
    double likeness;
    /// Contrast of the view over contrast of the artwork.
    double contrast;
    /// Greatest residual of a window against the contrast of the whole box, and that window.
    double worst;
    sakk_rect place;
    double dx, dy;
} sakk_comparison;

/// Compares a box in grey. `reference` has the raster's size. Smoothing is in pixels and applies to both; the reference
/// is blurred further as the capture asks for. Windows of `window` pixels square (or the box's height, if less).
sakk_vision_status sakk_view_compare(
    const sakk_view *view, const uint8_t *reference, sakk_rect box, double smoothing, int reach, double window,
    sakk_comparison *result);

/// Density of an ink in a box of the view over its density in the artwork. `ink` and `black` are panels of the raster,
/// 255 full. `channel`: 0 red (cyan), 1 green (magenta), 2 blue (yellow). `pixels` is what could be measured, one of four.
sakk_vision_status sakk_view_ink(
    const sakk_view *view, const uint8_t *artwork, const uint8_t *ink, const uint8_t *black, sakk_rect box, int channel,
    double *ratio, size_t *pixels);

/// How far a channel of the side follows the artwork's outside `ignored`: slope of the view over the artwork, both
/// smoothed, and the artwork's own spread in levels, without which the slope says nothing.
sakk_vision_status sakk_view_slope(
    const sakk_view *view, const uint8_t *artwork, const sakk_rect *ignored, size_t ignored_count, int channel,
    double *slope, double *spread);

typedef struct {
    /// Index of the best class, its correlation, and those of the next class and of the expected one.
    int best;
    double score, next, expected;
} sakk_glyph;

/// Glyphs made ready for reading; may be used by several threads and is never freed.
typedef struct sakk_atlas sakk_atlas;

/// `ink` holds `classes` glyphs of `width` by `height` bytes, 255 ink.
sakk_vision_status sakk_atlas_make(const uint8_t *ink, int classes, int width, int height, sakk_atlas **atlas);

/// Reads one cell. Its centre is in pixels.
sakk_vision_status sakk_view_glyph(
    const sakk_view *view, const sakk_atlas *atlas, double x, double y, int expected, sakk_glyph *result);

typedef enum {
    SAKK_CODE_QR = 0,
    SAKK_CODE_39 = 1,
    SAKK_CODE_PDF417 = 2,
    SAKK_CODE_DATAMATRIX = 3,
} sakk_symbology;

/// Reads a code in a box: the bytes it carries. `*length` is 0 when none was read.
sakk_vision_status sakk_view_code(
    const sakk_view *view, sakk_rect box, sakk_symbology symbology, uint8_t *content, size_t capacity, size_t *length);

typedef struct {
    sakk_rect place;
    double area;
    double depth;
} sakk_blob;

/// What differs from the artwork by more than `tolerance` levels beyond its neighbourhood of `radius` pixels, over
/// `area` pixels together, outside `ignored`. Returns the largest in `blobs`.
sakk_vision_status sakk_view_blobs(
    const sakk_view *view, const uint8_t *artwork, const sakk_rect *ignored, size_t ignored_count, int radius,
    double tolerance, double area, sakk_blob *blobs, size_t capacity, size_t *count);

/// The rectified side with its light evened out, the raster's size, RGB.
sakk_vision_status sakk_view_picture(const sakk_view *view, uint8_t *rgb);

#ifdef __cplusplus
}
#endif
