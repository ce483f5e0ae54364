#pragma once
#include <cstddef>
#include <cstdint>

// The loops that most of the time goes into, written for eight lanes; a machine without them runs the same code on four.
namespace sakk {
/// Half a row of RGB of two rows, each pixel the mean of four, rounded.
void halveRow(const uint8_t *above, const uint8_t *below, int count, uint8_t *to);

/// A row of RGB of three rows that count by `weights`, each pixel the mean of the two and a little that it covers: half a row
/// of `columns` pixels, which may be odd. `room` holds three floats a pixel, and four more.
void halveOddRow(
    const uint8_t *const rows[3], const float weights[3], int columns, float *room, uint8_t *to);

/// Sums of products of the slopes of a row, its levels k, and of what is seen over them, each by how well it is explained:
/// xx, xy, yy, xk, yk, kk, xr, yr, kr, rr, ss, sk and the weights. `use` may be null.
void addFit(
    const float *across, const float *down, const float *known, const float *seen, const uint8_t *use, int count,
    float scale, double sums[13]);

/// Sum of products.
float dot(const float *one, const float *other, int count);

/// Sum, and sum of squares.
void addMoments(const float *row, int count, double *sum, double *squares);

/// Least squares of twelve unknowns: `rows` holds twelve numbers a place. Adds to `normal` (12 by 12) and `right`.
void addSquares(
    const double *rows, const double *weights, const double *values, int count, double *normal, double *right);

/// Products of eight rows, and a ninth, with each other, added to `sums`: of row r with rows 0...r, one after another, then
/// of each of the eight with the ninth (44 in all).
void addProducts(const float *const *rows, const float *ninth, int count, double *sums);

/// Between the pixels of two rows: of each pixel, the next one, the one below it and the next one there, by `weights`.
void between(const float *above, const float *below, const float weights[4], int count, float *to);

/// Slopes of the middle one of three rows, by Sobel (an eighth of the sums). Eight more numbers are read behind each row, and
/// one before it.
void slopes(const float *const *rows, int count, float *across, float *down);

/// The same, with the curvature (Laplace's, by the corners, a quarter) and how steep it is.
void bends(const float *const *rows, int count, float *across, float *down, float *curve, float *steep);

/// Products of a row with a longer one at each of so many places, twelve at most, added to `sums`, which has room for twelve.
/// `count` is a multiple of eight.
void slide(const float *row, const float *longer, int count, int places, float *sums);

/// Slopes of the middle one of three rows of `count` levels, `step` of them a pixel, by Sobel; at either end as if mirrored.
void slopesOfLevels(const uint8_t *const rows[3], int count, int step, int16_t *across, int16_t *down);

/// What the slopes of a row of the artwork explain of its differences: sums of products of a cell of 32 pixels, of every
/// second one from `first` on: xx, xy, yy, xr, yr.
void addSlopes(
    const uint8_t *seen, const uint8_t *meant, const uint8_t *use, const int16_t *across, const int16_t *down, int first,
    int count, float scale, float *sums);

/// A row moved by parts of a pixel, which change evenly from `above` to `below`: the artwork less its slopes times the move.
void moveRow(
    const int16_t *across, const int16_t *down, const float *const above[2], const float *const below[2], float share,
    int count, const uint8_t *from, uint8_t *to);

/// Where a row's pixels are taken from: both coordinates are polynomials of the column before the lens.
void placesOf(const float *first, const float *second, const float *map, int count, float *toX, float *toY);

/// A row of RGB taken from places of a picture, between its pixels (in steps of a 32nd); beyond the border the border's.
void sampleRow(
    const uint8_t *pixels, size_t step, int columns, int rows, const float *xs, const float *ys, int count, uint8_t *to);

/// The words nearest to one among `count` (32 bytes each): the index of the nearest, its distance and the next one's in bits.
void nearestWords(const uint8_t *word, const uint8_t *words, int count, int *nearest, int *distance, int *next);
}  // namespace sakk
