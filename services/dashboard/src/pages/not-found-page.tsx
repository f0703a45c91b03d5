import type { ReactNode } from 'react';
import { Nothing } from '../components/messages.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { Link } from '../router/link.tsx';

export function NotFoundPage(): ReactNode {
  return (
    <>
      <PageHeader title="Not found" />
      <div className="panel">
        <Nothing title="There is no such page">
          <Link to="/" className="button">
            To the overview
          </Link>
        </Nothing>
      </div>
    </>
  );
}
