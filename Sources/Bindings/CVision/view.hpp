#pragma once
#include "CVision.h"
#include "memory.hpp"

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

/// A smooth move of the artwork on the card: x and y each a polynomial of the place, in pixels of 300 dpi.
struct sakk_move {
    // 1, u, v, uu, uv, vv; u and v are -1...1 over the raster
    double x[6] = {}, y[6] = {};

    cv::Point2d at(double u, double v) const {
        const double row[6] = {1, u, v, u * u, u * v, v * v};
        cv::Point2d sum;
        for (int i = 0; i < 6; i++) sum += cv::Point2d(x[i] * row[i], y[i] * row[i]);
        return sum;
    }
};

/// A picture as captured, RGB, and what is left of it after halving once and twice, made when it is asked for.
struct sakk_levels {
    cv::Mat whole;

    const cv::Mat &half();
    const cv::Mat &quarter();

private:
    cv::Mat once, twice;
};

struct sakk_frame {
    sakk::Lent memory;
    std::shared_ptr<sakk_levels> levels;
};

/// The ink that was found in a box of a view.
struct sakk_ink_share {
    cv::Rect wide, box;
    cv::Mat share;  // empty where there is none
};

/// Where a drawing was found in the ink of a box.
struct sakk_line_found {
    cv::Rect box;
    cv::Mat drawn;          // its ink, as drawn
    double likeness = 0;
    cv::Point at;           // in the field
    cv::Mat field, known;   // the ink with room around it, and the drawing where it lies in it; both softened
    cv::Size size;          // of the drawing with its rim
};

/// What is printed in a field of an artwork, and the stock under it.
struct sakk_layer {
    cv::Rect wide, box;             // with its surroundings, and as the print covers it
    cv::Mat ink;                    // of `wide`, 255 where something is printed
    cv::Mat bare;                   // the stock alone, RGB
    std::vector<cv::Rect> strange;  // in the raster: what is no writing of the field's own
};

struct sakk_view {
    sakk::Lent memory;
    sakk_raster raster;      // the artwork's, 300 dpi
    cv::Mat frame;           // RGB as captured
    std::shared_ptr<sakk_levels> levels;  // of the frame
    cv::Matx33d fromRaster;  // 300 dpi raster to frame, pixel indices
    double scale = 1;        // frame pixels a pixel of the raster
    cv::Mat small;           // the side as its edges alone place it, RGB, half the raster; enough to see which side it is
    sakk_move stock, print;  // where the stock's and the personal print's artwork lie on the card
    double softness = 0.8;   // sigma in pixels that the artwork is blurred by to look like the capture
    cv::Mat card;            // 300 dpi, RGB, light evened out once asked for; empty before it was aligned or laid
    cv::Mat gray;            // of `card`, float
    cv::Mat meant;           // artwork, under the print the stock's where the stock lies; empty before the light
    cv::Mat beside;          // 255 where writing of the stock reaches into a box of the print
    cv::Mat known;           // `meant` as soft and in the tones of `card`, RGB; empty before the light was asked for
    cv::Mat plain;           // `known` as the side's move alone lays it
    cv::Mat rest;            // `card` less `known`, signed
    cv::Mat personal;        // 255 where a field is
    cv::Mat pictures;        // 255 where printed pictures are, which have tones of their own
    cv::Mat full;            // 255 where the sensor was full
    double noise = 2;        // sigma of `card`, levels
    double paper[3] = {-1};  // the artwork's lightest tenths, RGB; below zero before they were asked for

    mutable cv::Mat halfCard, halfKnown;       // halves of `card` and `known`, made when they are asked for

    std::vector<sakk_layer> layers;            // of an artwork, a field each
    mutable std::vector<sakk_ink_share> inks;  // of an artwork
    mutable sakk_line_found line;              // the drawing that others are held against

    void sketch();
    void lay(const sakk_rect *fields, size_t count);
    cv::Mat laid(cv::Rect place, const sakk_move &move, double finer);
    const cv::Mat &level(double ratio);
    void setCard(const cv::Mat &picture);
    void setKnown(const cv::Mat &picture);
    const cv::Mat &cardHalved() const;
    const cv::Mat &knownHalved() const;
    void compose(const sakk_view &artwork, const sakk_field *fields, size_t count);
    sakk_layer layerOf(const sakk_field &field) const;

    cv::Size size() const { return cv::Size(raster.width, raster.height); }
    cv::Mat artwork(const uint8_t *rgb) const {
        return cv::Mat(raster.height, raster.width, CV_8UC3, const_cast<uint8_t *>(rgb));
    }
    double across(double x) const { return 2 * x / (raster.width - 1) - 1; }
    double down(double y) const { return 2 * y / (raster.height - 1) - 1; }
    cv::Rect cells(const sakk_rect &r, double margin = 0) const;
    cv::Rect inner(double inset) const;
    cv::Mat inside(double inset) const;
};

namespace sakk {
constexpr double perMM = 300 / 25.4;

inline cv::Mat grayOf(const cv::Mat &rgb) {
    cv::Mat gray, values;
    cv::cvtColor(rgb, gray, cv::COLOR_RGB2GRAY);
    gray.convertTo(values, CV_32F);
    return values;
}

inline cv::Mat smoothed(const cv::Mat &picture, double sigma) {
    if (sigma <= 0.05) return picture;
    cv::Mat result;
    cv::GaussianBlur(picture, result, cv::Size(), sigma, sigma, cv::BORDER_REPLICATE);
    return result;
}

/// Half the picture, each pixel the mean of four; of RGB.
cv::Mat halved(const cv::Mat &picture);

/// A picture so many times smaller, each pixel the mean of what it covers.
inline cv::Mat reduced(const cv::Mat &picture, int factor) {
    if (factor == 2 && picture.type() == CV_8UC3 && picture.cols > 1 && picture.rows > 1) return halved(picture);
    cv::Mat result;
    cv::resize(
        picture, result, cv::Size(std::max(picture.cols / factor, 1), std::max(picture.rows / factor, 1)), 0, 0,
        cv::INTER_AREA);
    return result;
}

/// The value with so many before it in order; the values come into another order. Of many, those between two of a sample decide.
template <typename Value> Value nth(std::vector<Value> &values, size_t at) {
    const size_t count = values.size(), some = 128, beside = 16;
    auto ordered = [&](std::vector<Value> &all, size_t rank) {
        std::nth_element(all.begin(), all.begin() + long(rank), all.end());
        return all[rank];
    };
    if (count < 2000) return ordered(values, at);
    std::array<Value, some> sample;
    for (size_t i = 0; i < some; i++) sample[i] = values[i * count / some];
    std::sort(sample.begin(), sample.end());
    const size_t rank = at * some / count;
    const Value low = sample[rank < beside ? 0 : rank - beside], high = sample[std::min(rank + beside, some - 1)];
    std::vector<Value> between(count);
    size_t below = 0, found = 0;
    for (const Value value : values) {
        below += value < low;
        between[found] = value;
        found += value >= low && value <= high;
    }
    if (at < below || at >= below + found) return ordered(values, at);
    between.resize(found);
    return ordered(between, at - below);
}

double median(std::vector<double> values);

/// Correlation of a part with each place of a somewhat wider picture, both of floats. Where only the `peak` is asked for, rows
/// of places that lie far from it may be left out, and are -1.
cv::Mat correlations(const cv::Mat &wide, const cv::Mat &part, bool peak = false);

/// The level that this share of a picture of floats stays under, to an eighth.
double quantile(const cv::Mat &values, double share);

/// The known picture as the seen one shows it: brightness, contrast, a slope of light, the rest of a shift, a little blur
/// and thicker or thinner strokes are taken out by least squares. Returns the coefficient of the picture itself.
double explained(const cv::Mat &known, const cv::Mat &seen, cv::Mat &fit, cv::Point2d &shift);

/// What lies in a place of a picture of floats that is moved by less than some pixels.
cv::Mat shifted(const cv::Mat &picture, cv::Rect place, double dx, double dy);

/// Correlation (-1...1) of two pictures of floats of one size, as they lie.
double correlation(const cv::Mat &one, const cv::Mat &other);

/// The stock's move made exact by all that is drawn on it, straight edges too, which place themselves only across: least
/// squares over the slopes of the artwork. Both pictures without their wide surroundings, of half the raster. `alike`: so many
/// places say no more than one.
void settle(
    const sakk_view &view, const cv::Mat &known, const cv::Mat &seen, const cv::Mat &mask, double alike, sakk_move &move);

/// Moves the artwork by what is left of its place, which changes slowly over the side and is under a pixel. Returns the
/// greatest move, in pixels. Only what the mask shows is looked at.
double localise(const cv::Mat &card, const cv::Mat &mask, double noise, cv::Mat &known);

/// Of a place in a picture: how it is seen, how meant, and how meant in the two other channels; logarithms of levels.
using Spot = std::array<double, 4>;

/// How strong each dye lies in pictures, whatever the two others do; a channel without places stays as it is.
void strengthsOf(const std::vector<Spot> *spots, double *strengths);

/// 255 in these places, grown by a margin.
cv::Mat maskOf(const sakk_view &view, const sakk_rect *places, size_t count, double margin);

/// Adds creases, of which no single place need stand out.
void folds(const sakk_view &view, const cv::Mat &usable, std::vector<sakk_mark> &marks);

/// Null when the raster cannot hold its document.
std::unique_ptr<sakk_view> opened(const sakk_frame &frame, sakk_raster raster);

/// Where the document with these corners, clockwise from its top left, lies on the raster.
void place(sakk_view &view, const std::vector<cv::Point2d> &corners);

/// Puts the document with these corners on the raster.
void layCorners(sakk_view &view, const std::vector<cv::Point2d> &corners, sakk_view_info &info);

/// Moves these corners, by which the view was laid, to where all that is drawn on the artwork is seen, and lays it again.
void nudge(sakk_view &view, const cv::Mat &artwork, std::vector<cv::Point2d> &corners, sakk_view_info &info);

template <typename Body> sakk_vision_status guarded(Body body) noexcept {
    try {
        return body();
    } catch (...) {
        return SAKK_VISION_FAILED;
    }
}
}  // namespace sakk

/// Pixels touched by a rectangle, grown by `margin`, cut to the raster.
inline cv::Rect sakk_view::cells(const sakk_rect &r, double margin) const {
    int left = cvFloor(r.x - margin), top = cvFloor(r.y - margin);
    int right = cvCeil(r.x + r.width + margin), bottom = cvCeil(r.y + r.height + margin);
    return cv::Rect(left, top, std::max(right - left, 0), std::max(bottom - top, 0)) & cv::Rect(cv::Point(), size());
}

/// The document without `inset` millimetres of its border.
inline cv::Rect sakk_view::inner(double inset) const {
    double w = (raster.width_mm - 2 * inset) * sakk::perMM, h = (raster.height_mm - 2 * inset) * sakk::perMM;
    return cells({(raster.width - w) / 2, (raster.height - h) / 2, w, h});
}

/// 255 on the document without `inset` millimetres of its border and without its round corners.
inline cv::Mat sakk_view::inside(double inset) const {
    cv::Mat mask = cv::Mat::zeros(size(), CV_8U);
    cv::Rect r = inner(inset);
    int radius = std::max(cvRound((3.3 - inset) * sakk::perMM), 1);
    cv::rectangle(mask, cv::Rect(r.x + radius, r.y, r.width - 2 * radius, r.height), 255, cv::FILLED);
    cv::rectangle(mask, cv::Rect(r.x, r.y + radius, r.width, r.height - 2 * radius), 255, cv::FILLED);
    for (int i = 0; i < 4; i++)
        cv::circle(
            mask, cv::Point(i & 1 ? r.br().x - 1 - radius : r.x + radius, i & 2 ? r.br().y - 1 - radius : r.y + radius),
            radius, 255, cv::FILLED);
    return mask;
}
