import { useEffect, useRef } from "preact/hooks";
import type { Resource } from "../api/asker";
import type { Channel, Wanted } from "./protocol";
import { live } from "./socket";

/** Calls that come while one was just made are put together; the last is never lost. */
export class Throttle {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private last = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly run: () => void,
    private readonly least: number,
    private readonly clock: () => number = Date.now,
  ) {}

  call(): void {
    if (this.timer !== null) return;
    const wait = Math.max(0, this.last + this.least - this.clock());
    this.timer = setTimeout(() => {
      this.timer = null;
      this.last = this.clock();
      this.run();
    }, wait);
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

/** Ask a reading again as soon as the socket tells of news, at most every `least` ms; its own pace goes on beside. */
export function useWake(channel: Channel, wanted: Wanted, of: Resource<unknown>, least = 2_000): void {
  const again = useRef(of.again);
  again.current = of.again;
  const key = JSON.stringify([channel, wanted]);
  useEffect(() => {
    const throttle = new Throttle(() => again.current(), least);
    const leave = live.subscribe(channel, wanted, (event) => {
      if (event.kind === "update") throttle.call();
    });
    return () => {
      leave();
      throttle.stop();
    };
  }, [key, least]);
}
