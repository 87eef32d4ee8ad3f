#include "pipeline_figures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/strings.h"

namespace coderank::cli {
namespace {

// Of the picture, in its units.
constexpr double kWidth = 760;
constexpr double kLeft = 150;  // room for names
constexpr double kRight = 90;  // and for numbers
constexpr double kBar = 26;    // height
constexpr double kTop = 48;
constexpr double kRow = 44;
constexpr std::array<const char*, 6> kColours = {"#4878a8", "#6aa84f", "#e69138",
                                                 "#a64d79", "#76a5af", "#999999"};

double Median(const Stage& stage) { return Percentile(stage.milliseconds, 50); }

std::string Fixed(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string Row(std::string_view name, const Stage& stage) {
  std::array<char, 128> line{};
  std::snprintf(line.data(), line.size(), "%-20.*s %12.1f %12.1f\n", static_cast<int>(name.size()),
                name.data(), Median(stage), Percentile(stage.milliseconds, 95));
  return line.data();
}

double ShareWithin(const std::vector<double>& values, double limit) {
  const auto within =
      std::count_if(values.begin(), values.end(), [limit](double value) { return value <= limit; });
  return values.empty() ? 0 : static_cast<double>(within) / static_cast<double>(values.size());
}

Json StageJson(const Stage& stage) {
  return {{"name", stage.name},
          {"p50_ms", Median(stage)},
          {"p95_ms", Percentile(stage.milliseconds, 95)}};
}

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '<') {
      escaped += "&lt;";
    } else if (c == '&') {
      escaped += "&amp;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Rectangle(double x, double y, double width, const char* colour) {
  return StrCat("<rect x=\"", Fixed(x, 1), "\" y=\"", Fixed(y, 1), "\" width=\"", Fixed(width, 1),
                "\" height=\"", Fixed(kBar, 0), "\" fill=\"", colour, "\"/>\n");
}

std::string Words(double x, double y, std::string_view anchor, std::string_view text) {
  return StrCat("<text x=\"", Fixed(x, 1), "\" y=\"", Fixed(y, 1), "\" text-anchor=\"", anchor,
                "\">", Escaped(text), "</text>\n");
}

}  // namespace

double Percentile(std::vector<double> values, double percent) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double rank = std::ceil(percent / 100 * static_cast<double>(values.size()));
  return values[static_cast<size_t>(std::max(rank, 1.0)) - 1];
}

std::string PipelineTable(const PipelineFigures& figures) {
  std::array<char, 128> head{};
  std::snprintf(head.data(), head.size(), "%-20s %12s %12s\n", "stage", "p50 ms", "p95 ms");
  std::string table = head.data();
  for (const Stage& stage : figures.stages) table += Row(stage.name, stage);
  table += Row("total", figures.total);
  table += StrCat("\n", figures.queries, " queries, ", figures.rounds, " rounds; ",
                  Fixed(100 * ShareWithin(figures.total.milliseconds, figures.goal_ms), 1),
                  " % within the goal of ", Fixed(figures.goal_ms, 0), " ms\n");
  if (!figures.against.empty()) {
    const double now = Median(figures.total);
    table += StrCat("a query's vector by ", figures.against, " alone: p50 ",
                    Fixed(Median(figures.previous), 1), " ms, ",
                    Fixed(now > 0 ? Median(figures.previous) / now : 0, 1), " times the total\n");
  }
  return table;
}

Json PipelineJson(const PipelineFigures& figures) {
  Json stages = Json::array();
  for (const Stage& stage : figures.stages) stages.push_back(StageJson(stage));
  Json json = {{"queries", figures.queries},
               {"rounds", figures.rounds},
               {"stages", std::move(stages)},
               {"total", StageJson(figures.total)},
               {"goal_ms", figures.goal_ms},
               {"within_goal", ShareWithin(figures.total.milliseconds, figures.goal_ms)}};
  if (!figures.against.empty()) {
    json["against"] = {{"model", figures.against}, {"embed", StageJson(figures.previous)}};
  }
  return json;
}

std::string PipelineSvg(const PipelineFigures& figures) {
  double longest = std::max(figures.goal_ms, Median(figures.previous));
  double sum = 0;
  for (const Stage& stage : figures.stages) sum += Median(stage);
  longest = std::max({longest, sum, 1e-3});
  const double unit = (kWidth - kLeft - kRight) / longest;
  const double height = kTop + (figures.against.empty() ? 1 : 2) * kRow + 40;
  std::string svg =
      StrCat("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", Fixed(kWidth, 0), "\" height=\"",
             Fixed(height, 0), "\" font-family=\"sans-serif\" font-size=\"13\">\n",
             Words(kLeft, 20, "start", "p50 of a query"));
  svg += Words(kLeft - 10, kTop + 18, "end", "this search");
  double x = kLeft;
  double legend = kLeft;
  for (size_t i = 0; i < figures.stages.size(); ++i) {
    const char* colour = kColours[i % kColours.size()];
    const double width = Median(figures.stages[i]) * unit;
    svg += Rectangle(x, kTop, width, colour);
    x += width;
    svg += StrCat("<rect x=\"", Fixed(legend, 1), "\" y=\"", Fixed(height - 22, 1),
                  "\" width=\"10\" height=\"10\" fill=\"", colour, "\"/>\n");
    const std::string label =
        StrCat(figures.stages[i].name, " ", Fixed(Median(figures.stages[i]), 1));
    svg += Words(legend + 14, height - 12, "start", label);
    legend += 30 + 7.5 * static_cast<double>(label.size());
  }
  svg += Words(x + 6, kTop + 18, "start", StrCat(Fixed(sum, 0), " ms"));
  if (!figures.against.empty()) {
    const double y = kTop + kRow;
    const double width = Median(figures.previous) * unit;
    svg += Words(kLeft - 10, y + 18, "end", "embedding before");
    svg += Rectangle(kLeft, y, width, kColours.back());
    svg += Words(kLeft + width + 6, y + 18, "start",
                 StrCat(Fixed(Median(figures.previous), 0), " ms"));
  }
  const double goal = kLeft + figures.goal_ms * unit;
  svg += StrCat("<line x1=\"", Fixed(goal, 1), "\" x2=\"", Fixed(goal, 1), "\" y1=\"",
                Fixed(kTop - 10, 1), "\" y2=\"", Fixed(height - 36, 1),
                "\" stroke=\"#cc0000\" stroke-dasharray=\"4 3\"/>\n");
  svg += Words(goal, kTop - 14, "middle", StrCat("goal ", Fixed(figures.goal_ms, 0), " ms"));
  return svg + "</svg>\n";
}

}  // namespace coderank::cli
