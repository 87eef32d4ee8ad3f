import type { Visit } from "./harborClient";

const PIXELS_PER_HOUR = 24;

/** Draws a bar for each visit, one row a berth. */
export class TimetableView {
  constructor(private readonly root: HTMLElement) {}

  render(visits: Visit[], start: Date): void {
    this.root.replaceChildren();
    for (const [berth, ofBerth] of groupByBerth(visits)) {
      const row = document.createElement("div");
      row.dataset.berth = berth;
      for (const visit of ofBerth) {
        row.append(drawBar(visit, start));
      }
      this.root.append(row);
    }
  }
}

function groupByBerth(visits: Visit[]): Map<string, Visit[]> {
  const groups = new Map<string, Visit[]>();
  for (const visit of visits) {
    groups.set(visit.berth, [...(groups.get(visit.berth) ?? []), visit]);
  }
  return groups;
}

function drawBar(visit: Visit, start: Date): HTMLElement {
  const hours = (time: Date) => (time.getTime() - start.getTime()) / 3_600_000;
  const bar = document.createElement("span");
  bar.style.left = `${hours(visit.arrives) * PIXELS_PER_HOUR}px`;
  bar.style.width = `${(hours(visit.departs) - hours(visit.arrives)) * PIXELS_PER_HOUR}px`;
  bar.textContent = visit.ship;
  return bar;
}
