/** From times to places on a chart's axis, also between bars, before the first and after the last. */
export class Axis {
  constructor(
    readonly times: readonly number[],
    readonly step: number,
  ) {}

  /** The place of a time, with its part of a bar; straight on beyond both ends. NaN without any bar. */
  placeOf(time: number): number {
    const count = this.times.length;
    if (count === 0) return Number.NaN;
    const first = this.times[0] as number;
    const last = this.times[count - 1] as number;
    if (time <= first) return (time - first) / this.step;
    if (time >= last) return count - 1 + (time - last) / this.step;
    let low = 0;
    let high = count - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.times[middle] as number) <= time) low = middle;
      else high = middle;
    }
    const left = this.times[low] as number;
    const right = this.times[high] as number;
    return low + (time - left) / (right - left);
  }

  /** The time at a place; straight on beyond both ends. */
  timeAt(place: number): number {
    const count = this.times.length;
    if (count === 0) return Number.NaN;
    const last = count - 1;
    if (place <= 0) return (this.times[0] as number) + place * this.step;
    if (place >= last) return (this.times[last] as number) + (place - last) * this.step;
    const low = Math.floor(place);
    const left = this.times[low] as number;
    return left + (place - low) * ((this.times[low + 1] as number) - left);
  }
}
