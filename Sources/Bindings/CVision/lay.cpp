// The side laid on its raster: the stock and the print, each where it lies, and the artwork as both together show it.
#include "view.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

/// The side, each field where the personal print lies.
void sakk_view::lay(const sakk_rect *fields, size_t count) {
    cv::Mat whole = laid(cv::Rect(cv::Point(), size()), stock, 1, false);
    personal = cv::Mat::zeros(size(), CV_8U);
    for (size_t i = 0; i < count; i++) {
        cv::Rect place = cells(fields[i], 0.3 * sakk::perMM);
        if (place.area() == 0) continue;
        personal(place) = 255;
        laid(place, print, 1, false).copyTo(whole(place));
    }
    setCard(whole);
}

/// A part of the raster taken from the capture, `finer` times as fine; from the whole frame, or from the smaller one.
cv::Mat sakk_view::laid(cv::Rect place, const sakk_move &move, double finer, bool whole) const {
    const cv::Mat &from = whole ? frame : source;
    double across = double(from.cols) / frame.cols, down = double(from.rows) / frame.rows;
    cv::Matx33d toSource(across, 0, across / 2 - 0.5, 0, down, down / 2 - 0.5, 0, 0, 1);
    cv::Matx33d map = toSource * fromRaster;
    int width = cvRound(place.width * finer), height = cvRound(place.height * finer);
    cv::Mat xs(height, width, CV_32F), ys(height, width, CV_32F), result;
    const double *mx = move.x, *my = move.y;
    for (int row = 0; row < height; row++) {
        double y = place.y + (row + 0.5) / finer - 0.5, v = this->down(y);
        float *toX = xs.ptr<float>(row), *toY = ys.ptr<float>(row);
        const double ax = mx[0] + mx[2] * v + mx[5] * v * v, bx = mx[1] + mx[4] * v;
        const double ay = my[0] + my[2] * v + my[5] * v * v, by = my[1] + my[4] * v;
        for (int column = 0; column < width; column++) {
            double x = place.x + (column + 0.5) / finer - 0.5, u = this->across(x);
            double px = x + ax + bx * u + mx[3] * u * u, py = y + ay + by * u + my[3] * u * u;
            double w = 1 / (map(2, 0) * px + map(2, 1) * py + map(2, 2));
            toX[column] = float((map(0, 0) * px + map(0, 1) * py + map(0, 2)) * w);
            toY[column] = float((map(1, 0) * px + map(1, 1) * py + map(1, 2)) * w);
        }
    }
    cv::remap(from, result, xs, ys, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
    return result;
}

/// The print and the stock under it move apart: in the boxes, which lie as the print does, the stock's artwork is laid where
/// the stock is seen. Writing is what is much darker than its surroundings, a picture covers its box.
void sakk_view::compose(const cv::Mat &artwork, const sakk_field *fields, size_t count) {
    meant = artwork.clone();
    beside = cv::Mat::zeros(size(), CV_8U);
    for (size_t i = 0; i < count; i++) {
        const sakk_rect &r = fields[i].place;
        double u = across(r.x + r.width / 2), v = down(r.y + r.height / 2);
        cv::Point2d apart = print.at(u, v) - stock.at(u, v);
        cv::Point2d end = print.at(across(r.x), v) - stock.at(across(r.x), v);
        if (std::max(std::hypot(apart.x, apart.y), std::hypot(end.x, end.y)) < 0.2) continue;
        cv::Rect wide = cells(r, 1.2 * sakk::perMM), box = cells(r, 0.3 * sakk::perMM);
        if (wide.width < 12 || wide.height < 12) continue;
        cv::Mat around = artwork(wide), gray, ink, paper;
        if (fields[i].coloured) {
            ink = cv::Mat::zeros(wide.size(), CV_8U);
            cv::Rect inside = cells(r) - wide.tl();
            ink(inside) = 255;
        } else {
            cv::cvtColor(around, gray, cv::COLOR_RGB2GRAY);
            cv::Mat dark, light;
            cv::dilate(gray, light, cv::Mat::ones(9, 9, CV_8U));
            cv::blur(light, light, cv::Size(15, 15));
            cv::subtract(light, gray, dark);
            double most;
            cv::minMaxLoc(dark, nullptr, &most);
            cv::threshold(dark, ink, 0.5 * most, 255, cv::THRESH_BINARY);
            // What lies beside the box is the stock's, a caption for example.
            cv::Mat labels, stats, centres;
            int found = cv::connectedComponentsWithStats(ink, labels, stats, centres);
            cv::Rect own = cells(r) - wide.tl();
            for (int k = 1; k < found; k++) {
                cv::Point middle(cvRound(centres.at<double>(k, 0)), cvRound(centres.at<double>(k, 1)));
                if (own.contains(middle)) continue;
                const int *at = stats.ptr<int>(k);
                cv::Rect part(at[cv::CC_STAT_LEFT], at[cv::CC_STAT_TOP], at[cv::CC_STAT_WIDTH], at[cv::CC_STAT_HEIGHT]);
                ink(part).setTo(0, labels(part) == k);
                // Where it is, and where it is seen among the print.
                cv::Point by(cvRound(-apart.x), cvRound(-apart.y));
                for (cv::Point move : {cv::Point(), by}) {
                    cv::Rect at(part.x + wide.x + move.x - 3, part.y + wide.y + move.y - 3, part.width + 6, part.height + 6);
                    beside(at & cv::Rect(cv::Point(), size())) = 255;
                }
            }
            cv::dilate(ink, ink, cv::Mat::ones(5, 5, CV_8U));
        }
        // Paper under the ink from what is beside it.
        cv::Mat weight, values, sums, weights;
        cv::Mat(255 - ink).convertTo(weight, CV_32F, 1 / 255.0);
        around.convertTo(values, CV_32F);
        cv::Mat weight3;
        cv::merge(std::vector<cv::Mat>{weight, weight, weight}, weight3);
        cv::blur(values.mul(weight3), sums, cv::Size(27, 27));
        cv::blur(weight3, weights, cv::Size(27, 27));
        cv::Mat filled = sums / (weights + 1e-3);
        values.copyTo(filled, cv::Mat(255 - ink));
        cv::Mat xs(filled.size(), CV_32F), ys(filled.size(), CV_32F), moved;
        // What lies between them is affine.
        double left = across(wide.x), top = down(wide.y), right = across(wide.br().x), bottom = down(wide.br().y);
        cv::Point2d corner = print.at(left, top) - stock.at(left, top);
        cv::Point2d along = (print.at(right, top) - stock.at(right, top) - corner) / wide.width;
        cv::Point2d downward = (print.at(left, bottom) - stock.at(left, bottom) - corner) / wide.height;
        for (int y = 0; y < filled.rows; y++)
            for (int x = 0; x < filled.cols; x++) {
                xs.at<float>(y, x) = float(x + corner.x + along.x * x + downward.x * y);
                ys.at<float>(y, x) = float(y + corner.y + along.y * x + downward.y * y);
            }
        cv::remap(filled, moved, xs, ys, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
        if (fields[i].coloured) {
            values.copyTo(moved, ink);
        } else {
            // Ink takes its share of the light of whatever paper it lies on.
            cv::Mat share = values / cv::max(filled, 1);
            moved = moved.mul(cv::min(share, 1.2));
        }
        cv::Mat result;
        moved.convertTo(result, CV_8U);
        result(box - wide.tl()).copyTo(meant(box));
    }
}
