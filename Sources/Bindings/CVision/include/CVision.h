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

typedef struct {
    double x, y, width, height;
} sakk_rect;

typedef struct {
    sakk_rect place;
    /// A printed picture, with tones of its own.
    int coloured;
} sakk_field;

typedef struct sakk_frame sakk_frame;
typedef struct sakk_view sakk_view;

typedef enum {
    SAKK_VISION_OK = 0,
    SAKK_VISION_BAD_FRAME = 1,
    SAKK_VISION_NO_CARD = 2,
    SAKK_VISION_FAILED = 3,
} sakk_vision_status;

typedef enum { SAKK_FRAME_MONO = 0, SAKK_FRAME_RGB = 1, SAKK_FRAME_BAYER_RG = 2 } sakk_frame_format;

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
    /// The corners come from what is drawn on the document, not from its edges: they do not say how the print lies on it.
    int by_drawing;
} sakk_view_info;

/// A picture, copied once for all that is looked for in it. `*frame` is set only with SAKK_VISION_OK;
/// SAKK_VISION_BAD_FRAME when the bytes do not fill the size, or it is too small or too large to hold a document.
sakk_vision_status sakk_frame_open(
    const uint8_t *pixels, size_t count, int width, int height, sakk_frame_format format, sakk_frame **frame);
void sakk_frame_close(sakk_frame *frame);

/// Finds the document in a frame and lays it on the raster. `*view` is set only with SAKK_VISION_OK; it needs the frame no
/// longer.
sakk_vision_status sakk_view_open(
    const sakk_frame *frame, sakk_raster raster, sakk_view **view, sakk_view_info *info);

/// The same for a picture that was rectified before: the document fills `place`, in the picture's pixels (0 is the
/// left edge of the first one). `edge_width` stays 0: there is no edge to measure the blur at.
sakk_vision_status sakk_view_open_flat(
    const sakk_frame *frame, sakk_rect place, sakk_raster raster, sakk_view **view, sakk_view_info *info);

/// Such a picture laid on the raster: RGB, as it is.
sakk_vision_status sakk_frame_lay(const sakk_frame *frame, sakk_rect place, sakk_raster raster, uint8_t *rgb);

/// An artwork (RGB of the raster) as a view of itself, at its own place.
sakk_vision_status sakk_view_open_artwork(const uint8_t *artwork, sakk_raster raster, sakk_view **view);

/// Looks for the document by its artwork (RGB of the raster), at any turn and on any ground. Its edges place it where they
/// are seen.
sakk_vision_status sakk_view_seek(
    const sakk_frame *frame, sakk_raster raster, const uint8_t *artwork, sakk_view **view, sakk_view_info *info);
void sakk_view_close(sakk_view *view);

/// Likeness (-1...1) of the view to an artwork, as it lies and turned by half a turn.
sakk_vision_status sakk_view_likeness(
    const sakk_view *view, const uint8_t *artwork, double *upright, double *turned);

typedef struct {
    /// Where the printed fields lie relative to where they belong, at their common centre, and the rest of the artwork at
    /// the middle of the document, in pixels.
    double dx, dy, degrees;
    double stock_dx, stock_dy;
    /// Correlation reached, 0...1, of either and of the fields; 0 when no fit was found (the card's edges alone place the
    /// view then).
    double score, print_score, stock_score;
    /// Sigma of the blur that makes the artwork look like the capture, in pixels.
    double softness;
    /// Places that the move was measured at.
    int patches;
} sakk_alignment;

/// Moves the view so that the stock and the fields lie on the artwork's, each with a smooth move of its own.
sakk_vision_status sakk_view_align(
    sakk_view *view, const uint8_t *artwork, const sakk_field *fields, size_t count, sakk_alignment *result);

typedef struct {
    /// Mean gain of red, green, blue over the side; what is left of it was taken away.
    double gain[3];
    /// Brightest over darkest light of the side.
    double unevenness;
    /// Share that the light's colour leaves its middle by at most, somewhere on the side.
    double tint;
    /// Density of cyan, magenta, yellow on the stock, and in the printed pictures, over the artwork's; -1 where the artwork
    /// has too little of it to say.
    double stock[3], print[3];
    /// Of each on what lies under the print all over the side, against paper that is white in the artwork: in codes and between
    /// them. -1 where there is no such paper, or where the ground has too little of it to say.
    double ground[3];
    /// The same of each dye in the pictures by itself, whatever the two others do: to be held against each other.
    double dyes[3];
    /// Sigma of the capture's noise, in levels.
    double noise;
    /// By how much the artwork was moved at most, here otherwise than there, in pixels.
    double moved;
    /// A lamp's reflection: saturated where the artwork is not white, in pixels, and where.
    double glare;
    sakk_rect glare_place;
} sakk_tones;

/// Tells the ink in the fields of a view that is the artwork from the stock under it. Needs no capture.
sakk_vision_status sakk_view_layers(sakk_view *artwork, const sakk_field *fields, size_t count);

/// Evens the light out: one smooth gain a channel, fitted where only stock is seen (outside `fields`), and lays the
/// artwork ready in the capture's blur and tones. `artwork` is a view of it with the layers of these fields; BAD_FRAME where
/// they are of others.
sakk_vision_status sakk_view_light(
    sakk_view *view, const sakk_view *artwork, const sakk_field *fields, size_t count, sakk_tones *tones);

typedef struct {
    /// Normalised correlation at the best shift.
    double likeness;
    /// Contrast of the view over contrast of the artwork.
    double contrast;
    /// Greatest residual of a window against the contrast of the whole box, and that window.
    double worst;
    sakk_rect place;
    double dx, dy;
    /// Of writing: the greatest share of a row's ink that is not there, and where in the raster that row is.
    double row_lack, row;
    /// Of writing: what nine tenths of its strokes' surroundings stay under, in the unit of `worst`.
    double common;
    /// Of writing drawn anew: how like it is before its letters are moved to the pixels.
    double as_drawn;
} sakk_comparison;

/// Compares a box in grey. `reference` has the raster's size; null stands for the artwork in the side's light and tones.
/// Smoothing is in pixels and applies to both; the reference is blurred further as the capture asks for. Windows of `window` pixels square (or the box's height, if less);
/// with none (0) nothing is said of parts.
sakk_vision_status sakk_view_compare(
    const sakk_view *view, const uint8_t *reference, sakk_rect box, double smoothing, int reach, double window,
    sakk_comparison *result);

/// The place of a printed picture that differs most from the artwork in the side's light and tones: `worst` is its residual
/// over what a third of a pixel's move and the noise explain. The light was asked for before.
sakk_vision_status sakk_view_detail(const sakk_view *view, sakk_rect box, sakk_comparison *result);

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
    sakk_view *view, sakk_rect box, sakk_symbology symbology, uint8_t *content, size_t capacity, size_t *length);

/// Compares a box that holds writing with a reference, or (NULL) with the artwork that the light was asked for with. `worst` is the greatest share of ink too much or too little at one place, over the
/// size of a dot of a letter: 0 as meant, 1 ink on paper or paper for ink.
sakk_vision_status sakk_view_writing(
    const sakk_view *view, const uint8_t *reference, sakk_rect box, sakk_comparison *result);

/// The approved portrait (RGB) against a box of a view that is the artwork, whatever part of it was laid there at whatever
/// scale: correlation, and the greatest residual of a part over the whole's variance.
sakk_vision_status sakk_view_portrait(
    const sakk_view *view, sakk_rect box, const uint8_t *portrait, int width, int height, sakk_comparison *result);

typedef struct {
    sakk_rect place;
    /// Which line of the box it is, from the top; -1 for a part of a line that stands apart from the rest of it; -2 for a
    /// single piece of ink, -3 for one that lies beside the box.
    int line;
} sakk_ink;

/// Where the ink of the writing in a box is, of a view that is the artwork itself: its lines, and parts of lines.
sakk_vision_status sakk_view_ink(
    const sakk_view *view, sakk_rect box, sakk_ink *inks, size_t capacity, size_t *count);

/// The share of ink (0 to 1) in such a box and 12 pixels around it; BAD_FRAME where there is no ink or `capacity` (of values)
/// is too small.
sakk_vision_status sakk_view_share(
    const sakk_view *view, sakk_rect box, float *values, size_t capacity, int *width, int *height);

/// Compares the writing in a box of such a view with ink that was drawn (255 is ink), at the place where it fits best.
/// `worst` as of writing; `common` is the share of the writing's length at which something differs. `profile`, if not NULL,
/// gets the greatest difference in each of the drawing's columns.
sakk_vision_status sakk_view_spelling(
    const sakk_view *view, sakk_rect box, const uint8_t *ink, int width, int height, float *profile,
    sakk_comparison *result);

/// How alike such ink and the writing in a box are at the place where it fits best, as of `sakk_view_spelling`; 0 where there
/// is none.
sakk_vision_status sakk_view_spelled(
    const sakk_view *view, sakk_rect box, const uint8_t *ink, int width, int height, double *likeness);

/// Ink that was drawn (255 is ink), and where its upper left lies.
typedef struct {
    const uint8_t *ink;
    int width, height;
    int x, y;
} sakk_drawn_ink;

/// What shows through all over a side, too faint for a mark: of the even stock outside pictures and `ignored`, the share that
/// is darker in all three channels than its surroundings of some millimetres by so many levels, less the share that is
/// lighter. 0 where too little is even.
sakk_vision_status sakk_view_faint(
    const sakk_view *view, const sakk_rect *ignored, size_t count, double levels, double *share);

/// What lies on a code and lets it be read: how much darker or lighter than elsewhere in the box its light modules are, over
/// a millimetre. The largest place of more than so many levels, and its area in pixels (0 where there is none).
sakk_vision_status sakk_view_shade(
    const sakk_view *view, sakk_rect box, double levels, double *area, sakk_rect *place);

/// Which of two drawings the ink of such a box shows, in columns `from` to `to` of `own`, where `other` has another letter
/// and lies at its x and y from `own`. `lead` is -1 where it is `own`, 1 where it is `other`; `apart` is by how much the two
/// differ there, in squares of ink a pixel.
sakk_vision_status sakk_view_rival(
    const sakk_view *view, sakk_rect box, const sakk_drawn_ink *own, const sakk_drawn_ink *other, int from, int to,
    double *lead, double *apart);

typedef struct {
    sakk_rect place;
    /// Pixels, and their levels above (or below) what is meant, summed.
    double area, weight;
    /// Of the thing itself: its longer and shorter extent in pixels, and the angle of the longer one in degrees.
    double length, width, angle;
    /// Mean levels against the artwork's, red, green, blue.
    double levels[3];
    /// 0: sharp; 1: smooth, seen over a millimetre.
    int smooth;
    /// How much finer detail a smooth one has than the artwork explains, in levels.
    double detail;
    /// A straight fold with a light and a dark flank: what it stands out by over what it must. 0 of other marks.
    double fold;
} sakk_mark;

typedef struct {
    /// Fields whose writing is judged apart: there only what is strong counts.
    const sakk_rect *writing;
    size_t writing_count;
    /// What is not looked at.
    const sakk_rect *ignored;
    size_t ignored_count;
    /// Levels of a sharp mark and of a smooth one, and the least sum of levels and the least area in pixels of each.
    double sharp_levels, sharp_weight, smooth_levels, smooth_area;
} sakk_mark_search;

/// What differs from the artwork, largest first. The light was asked for before.
sakk_vision_status sakk_view_marks(
    const sakk_view *view, const sakk_mark_search *search, sakk_mark *marks, size_t capacity, size_t *count);

typedef struct {
    sakk_rect place;
    /// Levels against the artwork's, red, green, blue.
    double levels[3];
    /// Levels over what rows beside it vary by.
    double lead;
} sakk_line;

/// Straight lines across a box that the artwork does not have, outside `ignored`: first those along the raster's rows, then
/// those along its columns; of each up to half of what there is room for.
sakk_vision_status sakk_view_lines(
    const sakk_view *view, sakk_rect box, const sakk_rect *ignored, size_t ignored_count, double levels, sakk_line *lines,
    size_t capacity, size_t *count);

/// Where red, green and blue lie against the artwork's, in pixels, and how far from each other at most.
typedef struct {
    double dx[3], dy[3], apart;
    /// Of any of them, by noise and by what the artwork shows there. `sure` is false where there is too little to see.
    double error;
    int sure;
} sakk_panels;

typedef struct {
    /// Outside the fields, in writing, and in printed pictures.
    sakk_panels stock, writing, pictures;
    /// The writing against the pictures, in pixels, and its standard deviation; large where one of them is not seen.
    double black_dx, black_dy, black_error;
} sakk_registration;

/// Where the inks of a side lie. The light was asked for before.
sakk_vision_status sakk_view_registration(
    const sakk_view *view, const sakk_field *fields, size_t count, sakk_registration *result);

/// Moves the inks back to where they belong, so that the rest of the side can be judged.
sakk_vision_status sakk_view_unite(
    sakk_view *view, const sakk_field *fields, size_t count, const sakk_registration *registration);

/// Density of cyan, magenta, yellow in a box over the artwork's, at the light and tone of the side; -1 where the artwork
/// has too little.
sakk_vision_status sakk_view_density(sakk_view *view, const uint8_t *artwork, sakk_rect box, double *ratios);

/// Another frame of the same side, which has not moved since, as a view of its own: laid as `view` was aligned.
sakk_vision_status sakk_view_again(
    const sakk_view *view, const sakk_frame *frame, const sakk_rect *fields, size_t count, sakk_view **result);

/// Correlation of what two such views show of the pre-printed side, and how much of it the first one shows, in levels.
sakk_vision_status sakk_view_alike(
    const sakk_view *view, const sakk_view *other, double *likeness, double *contrast);

typedef struct {
    /// Correlation of the side with the fluorescent panel at the best shift, and that shift in pixels.
    double likeness, dx, dy;
    /// Levels of full ink over the ground, and of the ground.
    double glow, ground;
    /// The window in which least of it glows, as a share of the whole's.
    double worst;
    sakk_rect place;
} sakk_glow;

/// A side by ultraviolet light against its fluorescent panel (255 is full ink, of any resolution). SAKK_VISION_BAD_FRAME when
/// there is next to nothing on the panel.
sakk_vision_status sakk_view_glow(
    const sakk_view *view, const uint8_t *panel, int width, int height, sakk_glow *result);

/// What stands out of the surface or is cut into it: the side by raking light against the same by white light, largest first.
/// `share` is a share of the light; `weight` is the sum of such shares.
sakk_vision_status sakk_view_relief(
    const sakk_view *raking, const sakk_view *white, double share, sakk_mark *marks, size_t capacity, size_t *count);

/// The rectified side with its light evened out, the raster's size, RGB.
sakk_vision_status sakk_view_picture(sakk_view *view, uint8_t *rgb);

#ifdef __cplusplus
}
#endif
