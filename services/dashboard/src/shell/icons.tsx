// The few line icons of the frame, drawn here so that none is fetched.
import type { ReactNode } from 'react';

function Icon({ d, size = 20 }: { d: string; size?: number }): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={d} />
    </svg>
  );
}

export const OverviewIcon = (): ReactNode => <Icon d="M3 16V9m4.7 7V4m4.6 12v-6M17 16V7" />;
export const WorkersIcon = (): ReactNode => <Icon d="M3 5h14M3 10h14M3 15h14" />;
export const AlertsIcon = (): ReactNode => (
  <Icon d="M10 3a4.5 4.5 0 0 0-4.5 4.5c0 4-1.5 5.5-1.5 5.5h12s-1.5-1.5-1.5-5.5A4.5 4.5 0 0 0 10 3ZM8.5 16a1.6 1.6 0 0 0 3 0" />
);
export const FleetIcon = (): ReactNode => <Icon d="M3 3h5v5H3ZM12 3h5v5h-5ZM3 12h5v5H3ZM12 12h5v5h-5Z" />;
export const EventsIcon = (): ReactNode => <Icon d="M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm0 3v4l2.7 2" />;
export const ConnectIcon = (): ReactNode => <Icon d="M7 3v4m6-4v4M5 7h10v3a5 5 0 0 1-10 0V7Zm5 8v3" />;
export const HashPowerIcon = (): ReactNode => <Icon d="M4 16V4m0 12h13M7.5 12.5 11 8l2.5 2.5L17 5" />;
export const ReportsIcon = (): ReactNode => <Icon d="M5.5 3h6.5l3 3v11h-9.5ZM8 10h4.5M8 13h4.5" />;
export const SettingsIcon = (): ReactNode => <Icon d="M3 6h8M15 6h2M13 4v4M3 14h2M9 14h8M7 12v4" />;
export const MoreIcon = (): ReactNode => <Icon d="M4.5 10h.01M10 10h.01M15.5 10h.01" />;
export const SunIcon = (): ReactNode => (
  <Icon
    size={17}
    d="M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1"
  />
);
export const MoonIcon = (): ReactNode => <Icon size={17} d="M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5Z" />;
export const SystemIcon = (): ReactNode => <Icon size={17} d="M3 4h14v9H3zM7 17h6M10 13v4" />;

export const PersonIcon = (): ReactNode => (
  <Icon size={17} d="M10 3.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM4 16.5c0-3 2.7-4.5 6-4.5s6 1.5 6 4.5" />
);
export const LogOutIcon = (): ReactNode => <Icon size={17} d="M8 3.5H4v13h4M12.5 6.5 16 10l-3.5 3.5M15.5 10H8" />;

export function BrandMark(): ReactNode {
  return (
    <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#1f3fb8" />
      <path
        d="M8 23 16 8l8 15"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="19.5" r="2.6" fill="#ffc53d" />
    </svg>
  );
}
