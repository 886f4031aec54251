/** The few pictures of the page, drawn here: sixteen by sixteen, one line width. */
const PATHS = {
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.7-1.3L14 14",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z",
  help: "M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM6 6.2c.2-1.2 1-1.9 2.1-1.9 1.2 0 2 .8 2 1.8 0 1.5-2 1.7-2 3.2M8.1 11.6v.1",
  menu: "M2 4h12M2 8h12M2 12h12",
  empty: "M2 10l2-6h8l2 6v3H2v-3Zm0 0h3.5c0 1.4 1 2 2.5 2s2.5-.6 2.5-2H14",
  clock: "M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM8 4.5V8l2.5 1.5",
  away: "M2 2l12 12M5.5 5.7A8 8 0 0 0 3.5 7M1.5 5a10 10 0 0 1 2-1.4M6.6 3a10 10 0 0 1 7.9 2M9.5 6.2A8 8 0 0 1 12.5 7.5M6 9.7a4.5 4.5 0 0 1 3.3-.5M8 12.5v.1",
  alert: "M8 2 1.5 13.5h13L8 2Zm0 4.5v3.5M8 11.8v.1",
  key: "M5.5 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm3-4H15v2.5M12 8v2",
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  plus: "M8 3v10M3 8h10",
  star: "M8 1.8l1.9 4 4.300.6-3.1 3 .8 4.3L8 11.6l-3.9 2.100.8-4.3-3.1-3 4.3-.6L8 1.8Z",
  link: "M6.5 3.5H3v9.5h9.5V9.5M9 3h4v4M13 3 7.5 8.5",
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1.2 1.5H2.8L4 11Zm2.7 3h2.6",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16, label }: { readonly name: IconName; readonly size?: number; readonly label?: string }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width={size > 20 ? 1.1 : 1.5}
      stroke-linecap="round"
      stroke-linejoin="round"
      {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true })}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
