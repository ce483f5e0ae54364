#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a plain OpenCV pipeline does with two pictures (RGB, eight bits, no padding): finds the brightest thing, lays it on
/// the reference, moves it until they correlate (ECC, Euclidean, half resolution), takes the difference, counts its blobs.
/// Returns their number, or -1 when nothing was found or the library failed. On one thread.
int sakk_plain_difference(
    const uint8_t *capture, int width, int height, const uint8_t *reference, int reference_width, int reference_height);

#ifdef __cplusplus
}
#endif
