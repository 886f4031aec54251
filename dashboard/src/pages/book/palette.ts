/** Colours of size: viridis, whose lightness rises evenly, so that it reads without telling hues apart. Pure. */

/** Places of viridis (Smith and van der Walt 2015, CC0), from little to much. */
const PLACES: readonly (readonly [number, number, number])[] = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [109, 205, 89],
  [180, 222, 44],
  [253, 231, 37],
];

export const STEPS = 256;

/** Bytes of a canvas: red, green, blue, opacity for each of `STEPS`. */
export const VIRIDIS: Uint8ClampedArray = (() => {
  const bytes = new Uint8ClampedArray(STEPS * 4);
  for (let step = 0; step < STEPS; step += 1) {
    const at = (step / (STEPS - 1)) * (PLACES.length - 1);
    const before = PLACES[Math.floor(at)] ?? [0, 0, 0];
    const after = PLACES[Math.min(PLACES.length - 1, Math.floor(at) + 1)] ?? before;
    for (let part = 0; part < 3; part += 1) {
      bytes[step * 4 + part] = Math.round((before[part] ?? 0) + ((after[part] ?? 0) - (before[part] ?? 0)) * (at % 1));
    }
    bytes[step * 4 + 3] = 255;
  }
  return bytes;
})();

/** An empty cell that is known to be empty: darker than the least size, and no hatching. */
export const EMPTY: readonly [number, number, number] = [22, 4, 30];

/** Write the colour of a share (0 to 1) at a place of a picture's bytes; NaN: nothing, so that what is behind is seen. */
export function paint(bytes: Uint8ClampedArray, at: number, share: number | null): void {
  if (share === null) {
    bytes.fill(0, at, at + 4);
    return;
  }
  if (share <= 0) {
    bytes[at] = EMPTY[0];
    bytes[at + 1] = EMPTY[1];
    bytes[at + 2] = EMPTY[2];
    bytes[at + 3] = 255;
    return;
  }
  const step = Math.min(STEPS - 1, Math.max(0, Math.round(share * (STEPS - 1)))) * 4;
  for (let part = 0; part < 4; part += 1) bytes[at + part] = VIRIDIS[step + part] ?? 0;
}

/** The scale as a CSS gradient, for legends. */
export function gradient(): string {
  return `linear-gradient(to right, ${PLACES.map(([red, green, blue]) => `rgb(${red} ${green} ${blue})`).join(", ")})`;
}
