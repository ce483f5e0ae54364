// The strength of each dye in printed pictures.
#include "view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace {
double levelOf(double log) { return 261 * std::exp(log) - 6; }

/// The light of a place is what the dye lets through over a floor that all dyes share: a lens' veil and full dye's rest of
/// light, no ribbon's doing. A dye takes about a fiftieth of its neighbours' light; left free, that share would stand for the
/// strength itself where a picture has few colours.
class Strengths {
    static constexpr double neighbours = 0.02, gamma = 2.2;
    /// Logarithms of the light over the floor, and the seen levels, of all 256.
    std::array<double, 256> lights, levels;
    double floor = 0;

    void setFloor(double value) {
        floor = value;
        for (size_t i = 0; i < 256; i++) {
            levels[i] = std::max(double(i) / 255, 1e-3);
            lights[i] = std::log(std::clamp((std::pow(levels[i], gamma) - floor) / (1 - floor), 0.004, 1.0)) / gamma;
        }
    }

    struct Place {
        size_t seen;
        double meant, others, weight;
    };

    static std::vector<Place> placesOf(const std::vector<sakk::Spot> &spots, size_t most) {
        std::vector<Place> places;
        const size_t count = std::min(spots.size(), most);
        auto lightOf = [](double log) { return std::log(std::clamp(levelOf(log) / 255, 1e-3, 1.0)); };
        for (size_t i = 0; i < count; i++) {
            const sakk::Spot &spot = spots[i * spots.size() / count];
            const size_t seen = size_t(std::clamp(cvRound(levelOf(spot[0])), 0, 255));
            const double meant = lightOf(spot[1]);
            // As an eye weighs it: what is hardly seen in darks says least, and follows the tone of each camera most.
            places.push_back({seen, meant, neighbours * (spot[2] + spot[3]), std::exp(1.5 * meant)});
        }
        return places;
    }

    /// Seen against meant, with an offset for the light; robust. `cost`: what is left, in shares of white.
    double strengthOf(const std::vector<Place> &places, int rounds, double *cost) const {
        std::vector<double> weights(places.size(), 1), rests(places.size());
        double slope = 1, offset = 0;
        for (int round = 0; round < rounds; round++) {
            double mm = 0, m = 0, n = 0, my = 0, y = 0;
            for (size_t i = 0; i < places.size(); i++) {
                const double w = weights[i] * places[i].weight, a = places[i].meant, value = lights[places[i].seen] - places[i].others;
                mm += w * a * a, m += w * a, n += w, my += w * a * value, y += w * value;
            }
            mm += 1e-6 * n;
            const double all = 1.02 * n, det = mm * all - m * m;
            slope = (my * all - m * y) / det, offset = (mm * y - m * my) / det;
            for (size_t i = 0; i < places.size(); i++)
                rests[i] = std::abs(lights[places[i].seen] - places[i].others - slope * places[i].meant - offset);
            const double scale = std::max(4.5 * sakk::median(rests), 0.03);
            for (size_t i = 0; i < places.size(); i++) {
                const double x = rests[i] / scale;
                weights[i] = x >= 1 ? 0.0001 : (1 - x * x) * (1 - x * x);
            }
        }
        if (!cost) return slope;
        for (const Place &place : places) {
            const double light = std::min(std::exp(gamma * (slope * place.meant + offset + place.others)), 1.0);
            const double level = std::pow(light * (1 - floor) + floor, 1 / gamma);
            *cost += std::min(std::abs(level - levels[place.seen]), 0.05) / double(places.size());
        }
        return slope;
    }

public:
    /// Of the channels that have places; the others stay as they are.
    Strengths(const std::vector<sakk::Spot> *spots, double *strengths) {
        const double step = 0.01, highest = 0.12;
        std::vector<Place> few[3];
        for (int c = 0; c < 3; c++) few[c] = placesOf(spots[c], 600);
        double best = 0, least = 1e9;
        for (double trial = 0; trial < highest + step / 2; trial += step) {
            double cost = 0;
            setFloor(trial);
            for (auto &places : few)
                if (!places.empty()) strengthOf(places, 4, &cost);
            if (cost < least) least = cost, best = trial;
        }
        setFloor(best);
        for (int c = 0; c < 3; c++)
            if (!spots[c].empty()) strengths[c] = std::max(strengthOf(placesOf(spots[c], 4000), 5, nullptr), 0.0);
    }
};
}  // namespace

void sakk::strengthsOf(const std::vector<Spot> *spots, double *strengths) { Strengths(spots, strengths); }
