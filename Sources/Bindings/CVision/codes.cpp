// Characters of the machine readable zone, and QR codes.
#define ZX_USE_UTF8 1
#include "view.hpp"
#include "wide.hpp"

#include <ReadBarcode.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

struct sakk_atlas {
    int width, height;
    cv::Mat glyphs;  // a class a row: ink less its mean, of length one
};

sakk_vision_status sakk_atlas_make(const uint8_t *ink, int classes, int width, int height, sakk_atlas **result) {
    return sakk::guarded([&] {
        if (classes < 2 || width < 4 || height < 4) return SAKK_VISION_BAD_FRAME;
        const int size = width * height;
        cv::Mat rows(classes, size, CV_32F);
        for (int c = 0; c < classes; c++) {
            cv::Mat row = rows.row(c);
            cv::Mat(1, size, CV_8U, const_cast<uint8_t *>(ink) + size_t(c) * size_t(size)).convertTo(row, CV_32F, -1);
            row -= cv::mean(row)[0];
            row /= std::max(cv::norm(row), 1e-6);
        }
        auto atlas = std::make_unique<sakk_atlas>(sakk_atlas{width, height, {}});
        atlas->glyphs = rows;
        *result = atlas.release();
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_glyph(
    const sakk_view *view, const sakk_atlas *atlas, double x, double y, int expected, sakk_glyph *result) {
    return sakk::guarded([&] {
        *result = {-1, -1, -1, -1};
        constexpr int reach = 1, places = (2 * reach + 1) * (2 * reach + 1);
        const int width = atlas->width, height = atlas->height, size = width * height;
        const int classes = atlas->glyphs.rows;
        int left = cvRound(x - width / 2.0), top = cvRound(y - height / 2.0);
        cv::Rect wide(left - reach, top - reach, width + 2 * reach, height + 2 * reach);
        if ((wide & cv::Rect(cv::Point(), view->size())) != wide) return SAKK_VISION_BAD_FRAME;
        cv::Mat patches(places, size, CV_32F);
        bool inked[places];
        double norms[places] = {};
        for (int dy = 0; dy <= 2 * reach; dy++)
            for (int dx = 0; dx <= 2 * reach; dx++) {
                const int place = dy * (2 * reach + 1) + dx;
                float *patch = patches.ptr<float>(place);
                double sum = 0, squares = 0;
                for (int row = 0; row < height; row++) {
                    const float *from = view->gray.ptr<float>(wide.y + dy + row) + wide.x + dx;
                    sakk::addMoments(from, width, &sum, &squares);
                    std::copy(from, from + width, patch + row * width);
                }
                double mean = sum / size, norm = std::sqrt(std::max(squares - sum * mean, 0.0));
                // Paper without ink: under five grey levels a pixel.
                inked[place] = norm >= 5 * std::sqrt(double(size));
                norms[place] = norm;
            }
        std::vector<double> scores(size_t(classes), -1);
        auto compare = [&](int place, int c) {
            if (inked[place])
                // A glyph has no mean: the patch's does not count.
                scores[size_t(c)] = std::max(
                    scores[size_t(c)],
                    sakk::dot(patches.ptr<float>(place), atlas->glyphs.ptr<float>(c), size) / norms[place]);
        };
        // Where the cell should be every class, around it those that may win.
        for (int c = 0; c < classes; c++) compare(places / 2, c);
        std::vector<double> sorted = scores;
        std::nth_element(sorted.begin(), sorted.begin() + std::min(8, classes - 1), sorted.end(), std::greater<>());
        const double least = sorted[size_t(std::min(8, classes - 1))];
        for (int c = 0; c < classes; c++)
            if (scores[size_t(c)] > least || c == expected || !inked[places / 2])
                for (int place = 0; place < places; place++) compare(place, c);
        for (int c = 0; c < classes; c++) {
            double score = scores[size_t(c)];
            if (score > result->score) {
                result->next = result->score;
                result->score = score;
                result->best = c;
            } else {
                result->next = std::max(result->next, score);
            }
        }
        if (expected >= 0 && expected < classes) result->expected = scores[size_t(expected)];
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_code(
    sakk_view *view, sakk_rect box, sakk_symbology symbology, uint8_t *content, size_t capacity, size_t *length) {
    return sakk::guarded([&] {
        *length = 0;
        ZXing::BarcodeFormat wanted;
        switch (symbology) {
        case SAKK_CODE_QR: wanted = ZXing::BarcodeFormat::QRCode; break;
        case SAKK_CODE_39: wanted = ZXing::BarcodeFormat::Code39; break;
        case SAKK_CODE_PDF417: wanted = ZXing::BarcodeFormat::PDF417; break;
        case SAKK_CODE_DATAMATRIX: wanted = ZXing::BarcodeFormat::DataMatrix; break;
        default: return SAKK_VISION_BAD_FRAME;
        }
        cv::Rect place = view->cells(box, 8);
        if (place.area() == 0) return SAKK_VISION_BAD_FRAME;
        cv::Mat gray;
        cv::cvtColor(view->laid(place, view->print, 2), gray, cv::COLOR_RGB2GRAY);
        for (int round = 0; round < 3; round++) {
            if (round == 1) cv::GaussianBlur(gray, gray, cv::Size(5, 5), 1.2);
            if (round == 2) cv::resize(gray, gray, cv::Size(), 0.5, 0.5, cv::INTER_AREA);
            gray = gray.clone();
            ZXing::DecodeHints hints;
            hints.setFormats(wanted).setTryHarder(true).setTryRotate(true);
            auto read = ZXing::ReadBarcode(
                ZXing::ImageView(gray.data, gray.cols, gray.rows, ZXing::ImageFormat::Lum), hints);
            if (!read.isValid()) continue;
            const auto &bytes = read.bytes();
            if (bytes.size() > capacity) return SAKK_VISION_OK;
            std::memcpy(content, bytes.data(), bytes.size());
            *length = bytes.size();
            return SAKK_VISION_OK;
        }
        return SAKK_VISION_OK;
    });
}
