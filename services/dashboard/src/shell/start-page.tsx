// What stands at the start of the dashboard's address: the overview, or the way on to where somebody else begins.
import { useEffect, type ReactNode } from 'react';
import { SkeletonLines } from '../components/skeleton.tsx';
import { OverviewPage } from '../pages/overview/overview-page.tsx';
import { navigate } from '../router/location.ts';
import { START_OF_BUYERS } from './navigation.ts';
import { useIsBuyer } from './use-entries.ts';

export function StartPage(): ReactNode {
  const isBuyer = useIsBuyer();
  useEffect(() => {
    // In place of the start, so that the way back does not lead here again.
    if (isBuyer) navigate(START_OF_BUYERS + location.search, { replace: true });
  }, [isBuyer]);
  if (isBuyer === false) return <OverviewPage />;
  return (
    <div className="panel" role="status" aria-label="Loading">
      <SkeletonLines lines={12} />
    </div>
  );
}
