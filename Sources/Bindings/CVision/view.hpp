#pragma once
#include "CVision.h"

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

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

struct sakk_view {
    sakk_raster raster;      // the artwork's, 300 dpi
    cv::Mat frame;           // RGB as captured
    cv::Mat source;          // what the side is laid from: the frame, or half of it where that is fine enough
    cv::Matx33d fromRaster;  // 300 dpi raster to frame, pixel indices
    sakk_move stock, print;  // where the stock's and the personal print's artwork lie on the card
    double softness = 0.8;   // sigma in pixels that the artwork is blurred by to look like the capture
    cv::Mat card;            // 300 dpi, RGB, light evened out once asked for
    cv::Mat gray;            // of `card`, float
    cv::Mat meant;           // artwork, under the print the stock's where the stock lies; empty before the light
    cv::Mat beside;          // 255 where writing of the stock reaches into a box of the print
    cv::Mat known;           // `meant` as soft and in the tones of `card`, RGB; empty before the light was asked for
    cv::Mat rest;            // `card` less `known`, signed
    cv::Mat personal;        // 255 where a field is
    cv::Mat pictures;        // 255 where printed pictures are, which have tones of their own
    cv::Mat full;            // 255 where the sensor was full
    double noise = 2;        // sigma of `card`, levels

    void sketch();
    void lay(const sakk_rect *fields, size_t count);
    cv::Mat laid(cv::Rect place, const sakk_move &move, double finer, bool whole) const;
    void setCard(const cv::Mat &picture);
    void compose(const cv::Mat &artwork, const sakk_field *fields, size_t count);

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

/// Half the picture, each pixel the mean of four.
inline cv::Mat reduced(const cv::Mat &picture, int factor) {
    cv::Mat result;
    cv::resize(
        picture, result, cv::Size(std::max(picture.cols / factor, 1), std::max(picture.rows / factor, 1)), 0, 0,
        cv::INTER_AREA);
    return result;
}

double median(std::vector<double> values);

/// The stock's move made exact by all that is drawn on it, straight edges too, which place themselves only across: least
/// squares over the slopes of the artwork. Both pictures without their wide surroundings, of half the raster.
void settle(
    const sakk_view &view, const cv::Mat &known, const cv::Mat &seen, const cv::Mat &mask, sakk_move &move);

/// Null when the bytes do not fill the size, or the raster cannot hold its document.
std::unique_ptr<sakk_view> opened(
    const uint8_t *pixels, size_t count, int width, int height, sakk_frame_format format, sakk_raster raster);

/// Puts the document with these corners, clockwise from its top left, on the raster.
void layCorners(sakk_view &view, const std::vector<cv::Point2d> &corners, sakk_view_info &info);

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
