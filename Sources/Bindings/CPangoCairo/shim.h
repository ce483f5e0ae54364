#pragma once
#include <pango/pangocairo.h>
#include <pango/pangofc-font.h>
#include <fontconfig/fontconfig.h>
#include <cairo.h>
#include <cairo-pdf.h>

/// The file that a loaded font was read from; NULL when it has none. The text belongs to the font.
static inline const char *sakk_font_file(PangoFont *font) {
    FcChar8 *file = NULL;
    if (!font || !PANGO_IS_FC_FONT(font)) return NULL;
    FcPattern *pattern = pango_fc_font_get_pattern(PANGO_FC_FONT(font));
    if (!pattern || FcPatternGetString(pattern, FC_FILE, 0, &file) != FcResultMatch) return NULL;
    return (const char *)file;
}


/// Whether a paragraph is written from the right, by its first letter with a direction. Pango calls its own function for it
/// deprecated and has no other.
static inline int sakk_from_right(const char *text) {
    G_GNUC_BEGIN_IGNORE_DEPRECATIONS
    return pango_find_base_dir(text, -1) == PANGO_DIRECTION_RTL;
    G_GNUC_END_IGNORE_DEPRECATIONS
}
