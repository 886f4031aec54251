/** Decimals by which prices of this size differ visibly: six significant digits, at least the ticks that occur. */
export function decimalsOf(prices: readonly number[]): number {
  const largest = Math.max(...prices.map(Math.abs), 0);
  if (largest === 0) return 2;
  const whole = Math.floor(Math.log10(largest)) + 1;
  const bySize = Math.max(0, Math.min(10, 6 - whole));
  let needed = 0;
  for (const price of prices) {
    while (needed < bySize && Math.abs(price * 10 ** needed - Math.round(price * 10 ** needed)) > 1e-6) needed++;
  }
  return Math.max(needed, Math.min(bySize, 2));
}
