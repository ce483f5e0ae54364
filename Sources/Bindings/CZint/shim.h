#pragma once
#include <zint.h>
#include <stddef.h>

/// Whether a module is dark. zint keeps modules as bits of an array that Swift would import as one tuple.
static inline int sakk_zint_dark(const struct zint_symbol *symbol, int row, int column) {
    return (symbol->encoded_data[row][column >> 3] >> (column & 7)) & 1;
}

/// Encodes bytes as they are, without escapes; 0, or the library's error (warnings are below `ZINT_ERROR`).
static inline int sakk_zint_encode(struct zint_symbol *symbol, const unsigned char *bytes, int count) {
    int status = ZBarcode_Encode(symbol, bytes, count);
    return status >= ZINT_ERROR ? status : 0;
}
