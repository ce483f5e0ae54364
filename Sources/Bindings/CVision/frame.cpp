// A picture as it came, and what all of them need.
#include "view.hpp"
#include "wide.hpp"

#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

double sakk::median(std::vector<double> values) {
    if (values.empty()) return 0;
    return nth(values, values.size() / 2);
}

double sakk::correlation(const cv::Mat &one, const cv::Mat &other) {
    double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (int y = 0; y < one.rows; y++) {
        const float *p = one.ptr<float>(y), *q = other.ptr<float>(y);
        cv::Mat first(1, one.cols, CV_32F, const_cast<float *>(p)), second(1, one.cols, CV_32F, const_cast<float *>(q));
        ab += first.dot(second), aa += first.dot(first), bb += second.dot(second);
        for (int x = 0; x < one.cols; x++) a += p[x], b += q[x];
    }
    double n = double(one.total()), variances = (aa - a * a / n) * (bb - b * b / n);
    return variances > 1e-6 * n * n ? (ab - a * b / n) / std::sqrt(variances) : 0;
}

cv::Mat sakk::halved(const cv::Mat &picture) {
    cv::Mat result(picture.rows / 2, picture.cols / 2, CV_8UC3);
    if (picture.rows % 2 || picture.cols % 2) {
        // Of 2 + 1/n rows the first and the last in part.
        const float part = picture.rows % 2 ? 1.0f / float(result.rows) : 0, scale = 1 / (2 + part);
        std::vector<float> room(size_t(3 * picture.cols + 4), 0);
        for (int y = 0; y < result.rows; y++) {
            const uint8_t *rows[3] = {
                picture.ptr(2 * y), picture.ptr(2 * y + 1), picture.ptr(std::min(2 * y + 2, picture.rows - 1))};
            const float weights[3] = {scale * (1 - part * float(y)), scale, scale * part * float(y + 1)};
            halveOddRow(rows, weights, picture.cols, room.data(), result.ptr(y));
        }
        return result;
    }
    for (int y = 0; y < result.rows; y++)
        halveRow(picture.ptr(2 * y), picture.ptr(2 * y + 1), result.cols, result.ptr(y));
    return result;
}

const cv::Mat &sakk_levels::half() {
    if (once.empty()) once = sakk::reduced(whole, 2);
    return once;
}

const cv::Mat &sakk_levels::quarter() {
    if (twice.empty()) twice = sakk::reduced(half(), 2);
    return twice;
}

sakk_vision_status sakk_frame_open(
    const uint8_t *pixels, size_t count, int width, int height, sakk_frame_format format, sakk_frame **result) {
    return sakk::guarded([&] {
        // One thread a card: cells run beside each other, and threads that wait for work cost more than they save.
        // Pictures come and go by the hundred a card: their memory is kept, or a tenth of the time goes into getting it anew.
        static const bool alone = [] {
            cv::setNumThreads(1);
            mallopt(M_MMAP_THRESHOLD, 32 << 20);
            mallopt(M_TRIM_THRESHOLD, 192 << 20);
            return true;
        }();
        (void)alone;
        if (!pixels || width < 400 || height < 240 || width > 16384 || height > 16384) return SAKK_VISION_BAD_FRAME;
        if (count != size_t(width) * size_t(height) * (format == SAKK_FRAME_RGB ? 3 : 1)) return SAKK_VISION_BAD_FRAME;
        auto frame = std::make_unique<sakk_frame>();
        cv::Mat rgb;
        auto *data = const_cast<uint8_t *>(pixels);
        switch (format) {
        // GenICam's RG is R G / G B; OpenCV's older name for the same mosaic is BG.
        case SAKK_FRAME_BAYER_RG:
            cv::cvtColor(cv::Mat(height, width, CV_8UC1, data), rgb, cv::COLOR_BayerRGGB2RGB);
            break;
        case SAKK_FRAME_RGB: cv::Mat(height, width, CV_8UC3, data).copyTo(rgb); break;
        case SAKK_FRAME_MONO:
            cv::cvtColor(cv::Mat(height, width, CV_8UC1, data), rgb, cv::COLOR_GRAY2RGB);
            break;
        default: return SAKK_VISION_BAD_FRAME;
        }
        frame->levels = std::make_shared<sakk_levels>();
        frame->levels->whole = rgb;
        *result = frame.release();
        return SAKK_VISION_OK;
    });
}

void sakk_frame_close(sakk_frame *frame) { delete frame; }

std::unique_ptr<sakk_view> sakk::opened(const sakk_frame &frame, sakk_raster raster) {
    if (raster.width < 400 || raster.height < 240 || raster.width > 4096 || raster.height > 4096) return nullptr;
    if (!(raster.width_mm > 20 && raster.height_mm > 20)) return nullptr;
    if (raster.width_mm * sakk::perMM > raster.width + 1 || raster.height_mm * sakk::perMM > raster.height + 1)
        return nullptr;
    auto view = std::make_unique<sakk_view>();
    view->raster = raster;
    view->frame = frame.levels->whole;
    view->levels = frame.levels;
    return view;
}
